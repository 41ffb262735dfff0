"""Cut a text into pieces that stay put under edits.

A paragraph end is a boundary when its hash is the lowest of all within ``REACH`` characters
either way, so that boundaries depend on nothing farther off and an edit moves no other.
What is still too long is cut at its sentence ends by the same rule, and in the end by size.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from zlib import crc32

from writer.text import CLOSERS, paragraphs

REACH = 500
"""Boundaries of one kind are at least this many characters apart."""

LONGEST = 4000
"""No chunk is longer than this many characters."""

_HASHED = 48
_NEAR = 150
"""Nothing about a paragraph or sentence end, its hash included, depends on letters farther off than this."""
_FAR = 4 * REACH
"""No boundary depends on an end farther off than this."""
_COMPARED = 2**16

# Told by what is near, so that a sentence end is one wherever the reading of a paragraph begins: a dot behind a short
# word may be that of an abbreviation.
_CLOSED = f"[{re.escape(CLOSERS)}]*"
_SENTENCE_END = re.compile(
    rf"[。！？][。！？.!?…]*{_CLOSED}\s*|(?:[!?…][.!?…。！？]*|(?<=[^\W\d_]{{4}})\.[.!?…]*){_CLOSED}\s+"
)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of a text, from ``start`` up to but not including ``end``."""

    start: int
    end: int


def cut(text: str) -> list[Chunk]:
    """The chunks of a text, none empty and none over ``LONGEST``; joined they give the text back."""
    ends = _paragraph_ends(text, 0, len(text))
    return _chunks(_between(text, _Mark(0, 0), _Mark(len(text), len(text)), _lowest(text, ends)))


def recut(old: str, chunks: Sequence[Chunk], new: str) -> list[Chunk]:
    """What ``cut`` gives for the new text, of which only what the change may reach is looked at.

    ``chunks`` are those that ``cut`` gave for the old text.
    """
    start, end = shared(old, new)
    if start == len(old) == len(new):
        return list(chunks)
    shift = len(new) - len(old)
    left = _mark_before(new, _calm_before(new, start) - _NEAR - _FAR)
    right = _mark_behind(new, _calm_behind(new, _calm_behind(new, len(new) - end) + _NEAR) + _FAR)
    first = bisect_left(chunks, left.at, key=lambda chunk: chunk.start)
    last = bisect_left(chunks, right.at - shift, key=lambda chunk: chunk.start)
    is_there = [left.at, right.at - shift] == [
        chunks[index].start if index < len(chunks) else len(old) for index in (first, last)
    ]
    if not is_there or first > last:  # they were cut by another rule
        return cut(new)
    ends = _ends_within(new, left.at - _FAR, right.at + _FAR)
    middle = _chunks(_between(new, left, right, _lowest(new, ends)))
    return [*chunks[:first], *middle, *(Chunk(chunk.start + shift, chunk.end + shift) for chunk in chunks[last:])]


def shared(one: str, other: str) -> tuple[int, int]:
    """How many characters two texts share at their beginning, and how many of the others at their end."""
    most = min(len(one), len(other))
    start = _same(lambda low, high: one[low:high] == other[low:high], most)
    end = _same(
        lambda low, high: one[len(one) - high : len(one) - low] == other[len(other) - high : len(other) - low],
        most - start,
    )
    return start, end


@dataclass(frozen=True, slots=True)
class _Mark:
    """A boundary, and the next one at a paragraph end on the far side of it, or itself if it is at one."""

    at: int
    paragraph: int


def _chunks(edges: Sequence[int]) -> list[Chunk]:
    return [Chunk(a, b) for a, b in pairwise(edges)]


def _between(text: str, left: _Mark, right: _Mark, boundaries: Sequence[int]) -> list[int]:
    """All edges from one mark to another; of the paragraph boundaries those that lie there count."""
    edges = [left.at]
    start = left.paragraph
    inner = boundaries[bisect_right(boundaries, left.at) : bisect_left(boundaries, right.at)]
    for stop, end in [*((b, b) for b in inner), (right.at, right.paragraph)]:
        if end - start > LONGEST:
            edges.extend(_inside(text, edges[-1], stop, start, end))
        if stop > edges[-1]:
            edges.append(stop)
        start = end
    return edges


def _inside(text: str, at: int, stop: int, start: int, end: int) -> Iterator[int]:
    """The edges between two places of a stretch, ``start`` to ``end``, that is too long for a chunk."""
    ends = _sentence_ends(text, at - 2 * REACH, stop + 2 * REACH, start, end)
    low = _lowest(text, ends)
    edge = at
    for boundary in [*low[bisect_right(low, at) : bisect_left(low, stop)], stop]:
        while boundary - edge > LONGEST:
            found = bisect_right(ends, edge + LONGEST) - 1
            edge = ends[found] if found >= 0 and ends[found] > edge else edge + LONGEST
            yield edge
        if edge < boundary < stop:
            edge = boundary
            yield edge


def _lowest(text: str, ends: Sequence[int]) -> list[int]:
    """Those of the rising ``ends`` whose hash is the lowest within ``REACH``; of equal ones the first."""
    hashes = [crc32(text[max(0, end - _HASHED) : end].encode("utf-8", "surrogatepass")) for end in ends]
    low: list[int] = []  # indexes of ends with rising hashes, each a rival of those behind it
    beaten = [False] * len(ends)
    for i, end in enumerate(ends):
        while low and hashes[low[-1]] > hashes[i]:
            rival = low.pop()
            beaten[rival] |= end - ends[rival] < REACH
        beaten[i] = bool(low) and end - ends[low[-1]] < REACH
        low.append(i)
    return [end for end, is_beaten in zip(ends, beaten, strict=True) if not is_beaten]


# --- a part of a text, read as it is within the whole


def _ends_within(text: str, low: int, high: int) -> list[int]:
    """The paragraph ends of a text from one place to another."""
    begin = text.rfind("\n", 0, _calm_before(text, low)) + 1  # the end of a paragraph, or of a line within one
    ends = _paragraph_ends(text, begin, min(len(text), _calm_behind(text, high) + 1))
    return ends[bisect_left(ends, low) : bisect_right(ends, high)]


def _paragraph_ends(text: str, start: int, stop: int) -> list[int]:
    ends = [start + end for _start, end in paragraphs(text[start:stop])]
    if stop < len(text) and ends:
        ends.pop()  # where the reading stopped
    return ends


def _sentence_ends(text: str, low: int, high: int, start: int, end: int) -> list[int]:
    """The sentence ends from one place to another of a stretch, but for those too near to its own ends."""
    matches = _SENTENCE_END.finditer(text, max(start, _calm_before(text, low)), min(end, _calm_behind(text, high)))
    low, high = max(low, start + REACH), min(high, end - REACH)
    return [match.end() for match in matches if low <= match.end() <= high]


def _mark_before(text: str, at: int) -> _Mark:
    """The last boundary up to a place that is a paragraph's, or in a paragraph far too long a sentence's."""
    paragraph = _last(lambda low: _boundaries(text, low, at), at)
    if at - paragraph <= 4 * LONGEST:
        return _Mark(paragraph, paragraph)
    sentence = _last(lambda low: _boundaries_inside(text, low, at, paragraph, len(text)), at)
    return _Mark(max(sentence, paragraph), paragraph)


def _mark_behind(text: str, at: int) -> _Mark:
    """The first boundary from a place on, of the same kinds."""
    paragraph = _first(lambda high: _boundaries(text, at, high), at, len(text))
    if paragraph - at <= 4 * LONGEST:
        return _Mark(paragraph, paragraph)
    sentence = _first(lambda high: _boundaries_inside(text, at, high, 0, paragraph), at, paragraph)
    return _Mark(sentence, paragraph)


def _boundaries(text: str, low: int, high: int) -> list[int]:
    found = _lowest(text, _ends_within(text, low - REACH, high + REACH))
    return [boundary for boundary in found if low <= boundary <= high]


def _boundaries_inside(text: str, low: int, high: int, start: int, end: int) -> list[int]:
    found = _lowest(text, _sentence_ends(text, low - REACH, high + REACH, start, end))
    return [boundary for boundary in found if low <= boundary <= high]


def _last(boundaries: Callable[[int], list[int]], at: int) -> int:
    """The last boundary that is found when looking back ever farther; 0 if there is none."""
    step = LONGEST
    while at > 0:
        if found := boundaries(max(0, at - step)):
            return found[-1]
        if step >= at:
            break
        step *= 4
    return 0


def _first(boundaries: Callable[[int], list[int]], at: int, end: int) -> int:
    """The first boundary that is found when looking ever farther ahead; ``end`` if there is none."""
    step = LONGEST
    while at < end:
        if found := boundaries(min(end, at + step)):
            return found[0]
        if at + step >= end:
            break
        step *= 4
    return end


def _calm_before(text: str, at: int) -> int:
    """The last place up to this one with a letter before it, so that no line or sentence end lies across it."""
    at = max(0, min(at, len(text)))
    while at > 0 and not text[at - 1].isalnum():
        at -= 1
    return at


def _calm_behind(text: str, at: int) -> int:
    """The first place from this one on with a letter behind it."""
    at = max(0, min(at, len(text)))
    while at < len(text) and not text[at].isalnum():
        at += 1
    return at


def _same(is_same: Callable[[int, int], bool], most: int) -> int:
    """Up to which number, but not over ``most``, all is the same; asked in stretches."""
    low, step = 0, _COMPARED
    while low < most:
        if is_same(low, min(low + step, most)):
            low = min(low + step, most)
        elif step == 1:
            break
        else:
            step = max(1, step // 16)
    return low
