"""As much of the end of a text as fits, moving on in steps while the author types."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from writer.engines import Engine
from writer.text import LONGEST_SENTENCE, clean, ends_sentence, paragraphs, sentences

STEPS = 16
"""The window moves on by about so many parts of its room at a time; as much is kept free for what is being typed."""

SPARSE = 8
"""Characters a token, more than any prose has."""

_SAMPLE = 2000
_CELLS = 3 * STEPS
_SMALLEST_CELL = 16
_SEAM = 600
_TELLING = 200


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch of a text from ``start`` up to a given end, and its tokens."""

    start: int
    tokens: int


def anchors(text: str, room: int, engine: Engine, steps: int = STEPS) -> Iterator[int]:
    """Where what the model reads may be decided, the last place first: about one a step, where a paragraph begins.

    A step of a paragraph that is long is one, too, when the next begins. From any place on until the next but one,
    typing only adds to what was decided there, and so it does for the one before if there is room.
    """
    step = _cell(text, room, engine, steps)
    last = len(text) // step
    for number in range(last, 0, -1):
        start = number * step
        begins = text.find("\n", start - 1, start + step - 1) + 1
        if begins:
            yield begins
        elif number < last:
            yield start
    yield 0


def longest(text: str, room: int, engine: Engine, whole: int = 0) -> Window:
    """As much of the end of a text as fits, from a seam behind a multiple of a step; only what is near is counted.

    Steps are parts of the ``whole`` room, of which ``room`` may be what is left.
    """
    if not text or room <= 0:
        return Window(len(text), 0)
    cell = _cell(text, whole or room, engine)
    best = Window(len(text), 0)
    while cell >= _SMALLEST_CELL or best.tokens == 0:
        best = max(best, _stepped(text, cell, room, engine), key=lambda window: window.tokens)
        if best.start == 0 or best.tokens >= room // 2:
            return best
        if cell < _SMALLEST_CELL:
            break
        cell //= 2
    return best if best.tokens else _tail(text, room, engine)


def _cell(text: str, room: int, engine: Engine, steps: int = STEPS) -> int:
    """How many characters a step has, by how many its tokens take at the beginning of the text."""
    size = _TELLING
    while 2 * size <= min(len(text), _SAMPLE):  # seldom another, so that steps stay where they are
        size *= 2
    sample = text[:size]
    taken = len(sample) / max(1, count(sample, engine)) if len(sample) >= _TELLING else 1
    return max(1, int(room / steps * min(SPARSE, taken)))


def _stepped(text: str, cell: int, room: int, engine: Engine) -> Window:
    """The longest tail that fits among those that start behind a multiple of ``cell`` characters."""
    last = (len(text) - 1) // cell
    first = max(0, last + 1 - _CELLS)
    cells = range(first, last + 1)
    counts = engine.count([clean(text[k * cell : (k + 1) * cell]) for k in cells])
    tails = list(accumulate(reversed(counts)))[::-1]
    for k, estimate in zip(cells, tails, strict=True):
        if estimate > room and k < last:
            continue
        start = _seam(text, k * cell, cell)
        tokens = count(text[start:], engine)
        if tokens <= room:
            return Window(start, tokens)
    return Window(len(text), 0)


def _seam(text: str, offset: int, reach: int) -> int:
    """The first start of a paragraph within ``reach`` characters, else of a sentence near; else the offset itself."""
    if offset == 0:
        return 0
    near = text[offset : offset + _SEAM]
    ends = [end for _start, end in paragraphs(near) if end < min(reach, len(near))]
    ends += [end for _start, end in sentences(near) if end < len(near)]
    return offset + next((end for end in ends if ends_sentence(near[:end])), 0)


def _tail(text: str, room: int, engine: Engine) -> Window:
    """The longest end of the text that fits, from a sentence's start where one fits at all."""
    first = max(0, len(text) - max(0, room) * SPARSE)
    starts = [first + start for start, _end in sentences(text[first:])]
    if first:
        starts = starts[1:]  # the first begins in the middle
    starts.append(len(text))
    start, tokens = most(starts[::-1], lambda start: clean(text[start:]), room, engine)
    if tokens == 0:
        nearest = range(len(text) - 1, max(first, len(text) - LONGEST_SENTENCE) - 1, -1)
        start, tokens = most(nearest, lambda start: clean(text[start:]), room, engine)
    return Window(start, tokens) if tokens else Window(len(text), 0)


def most(options: Sequence[int], make: Callable[[int], str], room: int, engine: Engine) -> tuple[int, int]:
    """Of options that make ever longer texts the last that fits, with its tokens; (0, 0) if none does."""
    best, tokens = 0, 0
    low, high = 0, len(options) if room > 0 else 0
    while low < high:
        middle = (low + high) // 2
        counted = count(make(options[middle]), engine)
        if counted <= room:
            best, tokens, low = options[middle], counted, middle + 1
        else:
            high = middle
    return best, tokens


def count(text: str, engine: Engine) -> int:
    """Tokens of a text as it is read."""
    return engine.count([clean(text)])[0] if text else 0
