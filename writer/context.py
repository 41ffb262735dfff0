"""Lay out what the model reads before it continues, within a token budget.

From what changes least to what changes most: ``style`` and ``premise``; ``earlier``, the end of
the scenes before this one; ``page``, this scene up to the caret. Nothing behind the caret or in
later scenes ever enters. While the author types on, each prompt begins with the one before, so
that the model reads only what is new; when the page is full its older half is dropped at once.
The layout follows from the text alone, so the window and the command line show the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from writer.engines import Engine
from writer.i18n import _
from writer.store import Store
from writer.story import Cursor, Dropped, Part, Prompt, Span
from writer.text import LONGEST_SENTENCE, clean, count_words, ends_sentence, paragraphs, sentences

# Behind a heading a small model writes lists and exam questions; behind a story it tells one.
_OPENINGS = {
    "en": "Not very long ago there was an old house by the sea, and this is the story of those who lived in it.\n\n",
    "zh": "很久以前，海边有一座老房子，下面讲的就是住在里面的人的故事。\n\n",
}
_HEAD_SHARE = 4  # title and premise get at most this fraction of the budget
_SAMPLE = 2000
_CELLS = 8
_SMALLEST_CELL = 16
_SPARSE = 8  # characters a token, more than any prose has
_SEAM = 600
_GLIMPSE = 60
_LONGEST_WORD = 32
_WORD_AT_END = re.compile(r" ?[^\W\d_\u2e80-\uffff\U00020000-\U0003ffff]+$")


@dataclass(frozen=True, slots=True)
class _Window:
    """The end of a text from ``start`` on, and its tokens."""

    start: int
    tokens: int


def build(cursor: Cursor, store: Store | None, engine: Engine, budget: int, language: str = "en") -> Prompt:
    """What the model reads at the caret: with the engine's own first tokens never more than ``budget``.

    The ``language`` matters only where there are neither words nor a project to tell it.
    """
    room = budget - engine.bos_tokens
    parts, dropped = _head(store, engine, room // _HEAD_SHARE)
    room -= sum(part.tokens for part in parts)
    before = cursor.before.rstrip(" \t")
    window = _page_window(before, room, engine)
    if window.start == 0 and store:
        earlier, left_out = _earlier(cursor, store, engine, room // 2 if window.tokens <= room // 2 else 0)
        parts += earlier
        dropped += left_out
    if window.start:
        reason = _("This scene is longer than the model can read at once.")
        dropped.append(Dropped("page", _glimpse(before[: window.start]), reason))
    if window.tokens:
        text = clean(before[window.start :])
        parts.append(Part("page", text, window.tokens, (Span(cursor.scene, window.start, len(before)),)))
    if all(part.kind == "page" and not count_words(part.text[:_SAMPLE]) for part in parts):
        parts = _opening(store.project.language if store else language, engine, room - window.tokens) + parts
    begun = _begun(cursor.before)
    return Prompt(tuple(parts), tuple(dropped), begun if parts and parts[-1].text.endswith(begun) else "")


def _begun(text: str) -> str:
    """The word that the text ends with, perhaps not whole yet, and the space before it; Chinese has no such thing."""
    found = _WORD_AT_END.search(text, max(0, len(text) - _LONGEST_WORD))
    return found[0] if found else ""


def _head(store: Store | None, engine: Engine, room: int) -> tuple[list[Part], list[Dropped]]:
    """The title and the premise, as far as they fit."""
    parts: list[Part] = []
    dropped: list[Dropped] = []
    if store is None:
        return parts, dropped
    for kind, text in (("style", store.project.title), ("premise", store.project.premise)):
        line = clean(text).strip()
        if not line:
            continue
        end, tokens = _longest_head(line, room, engine)
        if end:
            parts.append(Part(kind, _as_lines(line[:end]), tokens))
            room -= tokens
        if end < len(line):
            reason = _("It would take more than a quarter of what the model can read at once.")
            dropped.append(Dropped(kind, _glimpse(line[end:]), reason))
    return parts, dropped


def _longest_head(text: str, room: int, engine: Engine) -> tuple[int, int]:
    """How many characters of whole sentences fit as lines of their own, and their tokens."""
    return _most([end for _start, end in sentences(text)], lambda end: _as_lines(text[:end]), room, engine)


def _as_lines(text: str) -> str:
    return text.rstrip() + "\n\n"


def _opening(language: str, engine: Engine, room: int) -> list[Part]:
    """A first line for the model where there is not a word to go on from."""
    text = _OPENINGS.get(language, _OPENINGS["en"])
    (tokens,) = engine.count([text])
    return [Part("style", text, tokens)] if tokens <= room else []


def _earlier(cursor: Cursor, store: Store, engine: Engine, room: int) -> tuple[list[Part], list[Dropped]]:
    """The end of the scenes before this one in ``room`` tokens, from a sentence's start."""
    text, spans, complete = _preceding(cursor, store, max(1, room) * _SPARSE)
    if not text:
        return [], []
    window = _longest_tail(text, room, engine)
    dropped = []
    if window.start or not complete:
        reason = _("The page comes first, and the model can't read more at once.")
        dropped.append(Dropped("earlier", _glimpse(text[: window.start]), reason))
    if not window.tokens:
        return [], dropped
    sources = tuple(
        Span(span.scene, span.start + max(0, window.start - at), span.end)
        for at, span in spans
        if at + span.end - span.start > window.start
    )
    return [Part("earlier", text[window.start :], window.tokens, sources)], dropped


def _preceding(cursor: Cursor, store: Store, characters: int) -> tuple[str, list[tuple[int, Span]], bool]:
    """The end of what precedes this scene, where each scene's span begins in it, and whether it is everything."""
    texts: list[str] = []
    spans: list[Span] = []
    complete = True
    for scene in store.before(cursor.scene):
        end = len(scene.text.rstrip())
        if not end:
            continue
        if characters <= 0:
            complete = False
            break
        start = max(0, end - characters)
        complete = start == 0
        texts.insert(0, _as_lines(clean(scene.text[start:end])))
        spans.insert(0, Span(scene.id, start, end))
        characters -= end - start
    starts = [0, *accumulate(map(len, texts))]
    return "".join(texts), list(zip(starts, spans, strict=False)), complete


def _page_window(text: str, room: int, engine: Engine) -> _Window:
    """As much of the end of the page as fits, moving on by about half of ``room`` at a time.

    It starts at the first sentence behind a multiple of so many characters as half of ``room`` takes
    at the beginning of the page; only what is near the caret is ever counted.
    """
    if not text or room <= 0:
        return _Window(len(text), 0)
    sample = text[: min(_SAMPLE, room)]
    cell = max(1, int(room / 2 * min(_SPARSE, len(sample) / max(1, _count(sample, engine)))))
    best = _Window(len(text), 0)
    while cell >= _SMALLEST_CELL or best.tokens == 0:
        window = _stepped_tail(text, cell, room, engine)
        best = max(best, window, key=lambda w: w.tokens)
        if best.start == 0 or best.tokens >= room // 4:
            return best
        if cell < _SMALLEST_CELL:
            break
        cell //= 2
    return best if best.tokens else _longest_tail(text, room, engine)


def _stepped_tail(text: str, cell: int, room: int, engine: Engine) -> _Window:
    """The longest tail that fits among those that start behind a multiple of ``cell`` characters."""
    last = (len(text) - 1) // cell
    first = max(0, last + 1 - _CELLS)
    cells = range(first, last + 1)
    counts = engine.count([clean(text[k * cell : (k + 1) * cell]) for k in cells])
    tails = list(accumulate(reversed(counts)))[::-1]
    for k, estimate in zip(cells, tails, strict=True):
        if estimate > room and k < last:
            continue
        start = _seam(text, k * cell, min(_SEAM, cell))
        tokens = _count(text[start:], engine)
        if tokens <= room:
            return _Window(start, tokens)
    return _Window(len(text), 0)


def _seam(text: str, offset: int, reach: int) -> int:
    """The first start of a paragraph, else of a sentence, within ``reach`` characters; else the offset itself."""
    if offset == 0:
        return 0
    near = text[offset : offset + reach]
    ends = [end for spans in (paragraphs(near), sentences(near)) for _start, end in spans if end < len(near)]
    return offset + next((end for end in ends if ends_sentence(near[:end])), 0)


def _longest_tail(text: str, room: int, engine: Engine) -> _Window:
    """The longest end of the text that fits, from a sentence's start where one fits at all."""
    first = max(0, len(text) - max(0, room) * _SPARSE)
    starts = [first + start for start, _end in sentences(text[first:])]
    if first:
        starts = starts[1:]  # the first begins in the middle
    starts.append(len(text))
    start, tokens = _most(starts[::-1], lambda start: clean(text[start:]), room, engine)
    if tokens == 0:
        nearest = range(len(text) - 1, max(first, len(text) - LONGEST_SENTENCE) - 1, -1)
        start, tokens = _most(nearest, lambda start: clean(text[start:]), room, engine)
    return _Window(start, tokens) if tokens else _Window(len(text), 0)


def _most(options: Sequence[int], make: Callable[[int], str], room: int, engine: Engine) -> tuple[int, int]:
    """Of options that make ever longer texts the last that fits, with its tokens; (0, 0) if none does."""
    best, tokens = 0, 0
    low, high = 0, len(options) if room > 0 else 0
    while low < high:
        middle = (low + high) // 2
        count = _count(make(options[middle]), engine)
        if count <= room:
            best, tokens, low = options[middle], count, middle + 1
        else:
            high = middle
    return best, tokens


def _count(text: str, engine: Engine) -> int:
    return engine.count([clean(text)])[0] if text else 0


def _glimpse(text: str) -> str:
    """The end of a long text on one line."""
    line = " ".join(text[-2 * _GLIMPSE :].split())
    return line if len(line) <= _GLIMPSE else "…" + line[-_GLIMPSE:]
