"""Cut a text into pieces that stay put under edits.

A paragraph end is a boundary when its hash is the lowest of all within ``REACH`` characters
either way, so that boundaries depend on nothing farther off and an edit moves no other.
What is still too long is cut at its sentence ends by the same rule, and in the end by size.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from zlib import crc32

from writer.text import paragraphs, sentences

REACH = 500
"""Boundaries of one kind are at least this many characters apart."""

LONGEST = 4000
"""No chunk is longer than this many characters."""

_HASHED = 48
_COMPARED = 2**16


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of a text, from ``start`` up to but not including ``end``."""

    start: int
    end: int


def cut(text: str) -> list[Chunk]:
    """The chunks of a text, none empty and none over ``LONGEST``; joined they give the text back."""
    edges = [0]
    for end in [*_lowest(text, [b for _, b in paragraphs(text)]), len(text)]:
        if end - edges[-1] > LONGEST:
            edges.extend(_inside(text, edges[-1], end))
        if end > edges[-1]:
            edges.append(end)
    return [Chunk(a, b) for a, b in pairwise(edges)]


def _inside(text: str, start: int, end: int) -> Iterator[int]:
    """Boundaries inside a stretch that is too long: sentence ends where there are any."""
    ends = [start + b for _, b in sentences(text[start:end])]
    edge = start
    for boundary in [*_lowest(text, ends), end]:
        while boundary - edge > LONGEST:
            last = ends[bisect_right(ends, edge + LONGEST) - 1]
            edge = last if last > edge else edge + LONGEST
            yield edge
        if edge < boundary < end:
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


def recut(old: str, chunks: Sequence[Chunk], new: str) -> list[Chunk]:
    """What ``cut`` gives for the new text, from how the old one was cut."""
    return cut(new)


def shared(one: str, other: str) -> tuple[int, int]:
    """How many characters two texts share at their beginning, and how many of the others at their end."""
    most = min(len(one), len(other))
    start = _same(lambda low, high: one[low:high] == other[low:high], most)
    end = _same(
        lambda low, high: one[len(one) - high : len(one) - low] == other[len(other) - high : len(other) - low],
        most - start,
    )
    return start, end


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
