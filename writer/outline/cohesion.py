"""How much a text changes its subject between two paragraphs, told by its words alone (TextTiling, Hearst 1997)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean, pstdev

from writer.memory.terms import terms

_WINDOW = 120  # telling words on either side, which are some 300 words of prose
_NAME = 2.0  # what a name counts for


def depths(paragraphs: Sequence[str]) -> list[float]:
    """For each paragraph how much of another subject begins with it, in standard deviations; 0.0 for the first."""
    counts = [_counted(paragraph) for paragraph in paragraphs]
    alike = [_alike(counts, at) for at in range(1, len(counts))]
    found = [_depth(alike, at) for at in range(len(alike))]
    if not found:
        return [0.0] * len(counts)
    mean, spread = fmean(found), pstdev(found) or 1.0
    return [0.0, *((depth - mean) / spread for depth in found)]


def _counted(paragraph: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for term in terms(paragraph):
        counts[term.key] += 1
        if term.is_name:
            counts[term.key] += int(_NAME - 1)
    return counts


def _alike(counts: Sequence[Counter[str]], at: int) -> float:
    """The cosine of what stands before a paragraph and what begins with it."""
    before = _gathered(counts[index] for index in range(at - 1, -1, -1))
    behind = _gathered(counts[index] for index in range(at, len(counts)))
    if len(behind) < len(before):
        before, behind = behind, before
    shared = sum(n * behind[term] for term, n in before.items() if term in behind)
    return shared / (_length(before) * _length(behind) or 1.0)


def _gathered(counts: Iterable[Counter[str]]) -> Mapping[str, int]:
    gathered: Counter[str] = Counter()
    size = 0
    for count in counts:
        gathered.update(count)
        size += count.total()
        if size >= _WINDOW:
            break
    return gathered


def _length(counts: Mapping[str, int]) -> float:
    return math.sqrt(sum(n * n for n in counts.values()))


def _depth(alike: Sequence[float], at: int) -> float:
    """How far it is down from the peaks on both sides."""
    low = alike[at]
    left = right = low
    for index in range(at - 1, -1, -1):
        if alike[index] < left:
            break
        left = alike[index]
    for index in range(at + 1, len(alike)):
        if alike[index] < right:
            break
        right = alike[index]
    return (left - low) + (right - low)
