"""What changed between two texts, by words: those of English, and those of Chinese by a dictionary."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter
from typing import Literal

from writer import text as prose

Kind = Literal["equal", "delete", "insert", "replace"]

MOST_PAIRS = 10**8
"""Pieces times pieces that are compared each with each: 12 MB and 30 ms; above that, rare pieces divide them first."""

_PARAGRAPH = re.compile(r"[^\n]*\n+|[^\n]+")
# A sign together with what is drawn upon it: accents, skin tones, and what U+200D joins.
_DRAWN_UPON = "\u0300-\u036f\u20d0-\u20f0\ufe00-\ufe0f\U0001f3fb-\U0001f3ff"
_BETWEEN_WORDS = re.compile(rf"\n|[^\S\n]+|\S[{_DRAWN_UPON}]*(?:\u200d\S[{_DRAWN_UPON}]*)*")

_LINE_END = re.compile(r"[^\w\s]+")
_CARRIES = re.compile(r"\w|\n")

Run = tuple[int, int, int]
"""Where a stretch that both texts share begins in the old one and in the new one, and how long it is."""


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of the old text and what stands for it in the new one; ``equal`` ones are the same."""

    kind: Kind
    old: tuple[int, int]
    new: tuple[int, int]


def changes(old: str, new: str) -> list[Change]:
    """What became of the old text, in order; the spans cover both texts without gaps, and none is empty in both."""
    found: list[Change] = []
    at_old = at_new = 0
    runs = _joined(_to_line_ends(old, new, _without_islands(old, new, _joined(_shared(old, new)))))
    for start_old, start_new, length in [*runs, (len(old), len(new), 0)]:
        if at_old < start_old or at_new < start_new:
            gone, come = (at_old, start_old), (at_new, start_new)
            found.append(Change(_kind(gone, come), gone, come))
        at_old, at_new = start_old + length, start_new + length
        if length:
            found.append(Change("equal", (start_old, at_old), (start_new, at_new)))
    return found


def _shared(old: str, new: str) -> Iterator[Run]:
    """What both texts share: whole paragraphs, and words inside of those that changed."""
    if old == new:
        yield 0, 0, len(old)
        return
    at_old = at_new = 0
    paragraphs = _runs(_PARAGRAPH.findall(old), _PARAGRAPH.findall(new))
    for start_old, start_new, length in [*paragraphs, (len(old), len(new), 0)]:
        if at_old < start_old and at_new < start_new:
            for i, j, n in _runs(_words(old[at_old:start_old]), _words(new[at_new:start_new])):
                yield at_old + i, at_new + j, n
        yield start_old, start_new, length
        at_old, at_new = start_old + length, start_new + length


def _words(text: str) -> list[str]:
    """Words, signs and spaces, which joined give the text."""
    pieces: list[str] = []
    at = 0
    for start, end in [*prose.words(text), (len(text), len(text))]:
        if at < start:
            pieces += _BETWEEN_WORDS.findall(text[at:start])
        if start < end:
            pieces.append(text[start:end])
        at = end
    return pieces


def _runs(old: list[str], new: list[str]) -> Iterator[Run]:
    """What two texts in pieces share, counted in characters."""
    numbers: dict[str, int] = {}
    matches = _aligned(
        [numbers.setdefault(piece, len(numbers)) for piece in old],
        [numbers.setdefault(piece, len(numbers)) for piece in new],
    )
    starts_old, starts_new = _starts(old), _starts(new)
    for i, j, n in matches:
        yield starts_old[i], starts_new[j], starts_old[i + n] - starts_old[i]


def _starts(pieces: list[str]) -> list[int]:
    starts = [0]
    for piece in pieces:
        starts.append(starts[-1] + len(piece))
    return starts


def _aligned(old: list[int], new: list[int]) -> list[Run]:
    """A longest common subsequence; of very long and different rows, one that goes through what is rare in them."""
    from rapidfuzz.distance import LCSseq  # 20 ms

    found: list[Run] = []
    boxes = [(0, len(old), 0, len(new))]
    while boxes:
        a, b, c, d = boxes.pop()
        head = _common(old, new, a, c, min(b - a, d - c), 1)
        found.append((a, c, head))
        a, c = a + head, c + head
        tail = _common(old, new, b - 1, d - 1, min(b - a, d - c), -1)
        b, d = b - tail, d - tail
        found.append((b, d, tail))
        if a == b or c == d:
            continue
        if (b - a) * (d - c) > MOST_PAIRS:
            anchors = _anchors(old[a:b], new[c:d])
            corners = [(a, c), *((a + i, c + j) for i, j in anchors), (b, d)]
            if anchors:
                boxes += [(i, k, j, m) for (i, j), (k, m) in pairwise(corners)]
            continue
        found += [
            (a + same.src_start, c + same.dest_start, same.src_end - same.src_start)
            for same in LCSseq.opcodes(old[a:b], new[c:d])
            if same.tag == "equal"
        ]
    return sorted(run for run in found if run[2])


def _common(old: list[int], new: list[int], i: int, j: int, most: int, step: int) -> int:
    """How many pieces are the same from here on, forwards or backwards."""
    for n in range(most):
        if old[i + n * step] != new[j + n * step]:
            return n
    return most


def _anchors(old: Sequence[int], new: Sequence[int]) -> list[tuple[int, int]]:
    """Where rows of a few pieces stand that are found once in each, as many as keep their order (patience diff)."""
    for width in (8, 4, 2, 1):
        rows_old, rows_new = (list(zip(*(row[k:] for k in range(width)), strict=False)) for row in (old, new))
        once_old, once_new = ({row for row, n in Counter(rows).items() if n == 1} for rows in (rows_old, rows_new))
        place = {row: j for j, row in enumerate(rows_new) if row in once_new}
        pairs = [(i, place[row]) for i, row in enumerate(rows_old) if row in once_old and row in place]
        if pairs:
            return _longest_chain(pairs)
    return []


def _longest_chain(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """As many of the pairs, which come by their first number, as also rise in their second."""
    tops: list[tuple[int, int]] = []
    before: dict[tuple[int, int], tuple[int, int]] = {}
    for pair in pairs:
        pile = bisect_left(tops, pair[1], key=itemgetter(1))
        if pile:
            before[pair] = tops[pile - 1]
        tops[pile : pile + 1] = [pair]
    chain = tops[-1:]
    while chain and chain[-1] in before:
        chain.append(before[chain[-1]])
    return chain[::-1]


def _joined(runs: Iterable[Run]) -> list[Run]:
    """Makes one of those that touch."""
    joined: list[Run] = []
    for i, j, n in runs:
        if joined and (joined[-1][0] + joined[-1][2], joined[-1][1] + joined[-1][2]) == (i, j):
            joined[-1] = (*joined[-1][:2], joined[-1][2] + n)
        elif n:
            joined.append((i, j, n))
    return joined


def _to_line_ends(old: str, new: str, runs: Iterable[Run]) -> Iterator[Run]:
    """Takes the signs that end a paragraph from the nearer one, so that whole paragraphs are new or gone.

    Not "One{+. Two+}." but "One.{+ Two.+}", if the dots end lines.
    """
    at_old = at_new = 0
    for i, j, n in runs:
        signs = _LINE_END.match(new, j, j + n)
        k = signs.end() - j if signs else 0
        if k and (new[j + k : j + k + 1] or "\n") == (old[i + k : i + k + 1] or "\n") == "\n":
            end = new[j : j + k] + "\n"
            before_new, before_old = new.find(end, at_new, j), old.find(end, at_old, i)
            if before_new >= 0:
                yield i, before_new, k
                i, j, n = i + k, j + k, n - k
            elif before_old >= 0:
                yield before_old, j, k
                i, j, n = i + k, j + k, n - k
        yield i, j, n
        at_old, at_new = i + n, j + n


def _without_islands(old: str, new: str, runs: list[Run]) -> list[Run]:
    """Leaves out what is no word if the words on either side were replaced by others."""
    edges = [(0, 0, 0), *runs, (len(old), len(new), 0)]
    return [
        (i, j, n)
        for (before_i, before_j, before_n), (i, j, n), (after_i, after_j, _) in zip(
            edges, runs, edges[2:], strict=False
        )
        if not (before_i + before_n < i and before_j + before_n < j and i + n < after_i and j + n < after_j)
        or _CARRIES.search(old, i, i + n)
    ]


def readable(found: Sequence[Change]) -> list[Change]:
    """Changes for the eye: what stayed between two changes joins them where it is shorter than they are.

    A few common words that two rewritten sentences happen to share say nothing (Fraser's semantic cleanup).
    """
    merged: list[Change] = []
    for change in found:
        merged.append(change)
        while len(merged) > 2 and _is_lost_between(*merged[-3:]):
            before, _between, after = merged[-3:]
            old, new = (before.old[0], after.old[1]), (before.new[0], after.new[1])
            merged[-3:] = [Change(_kind(old, new), old, new)]
    return merged


def _is_lost_between(before: Change, between: Change, after: Change) -> bool:
    if between.kind != "equal" or "equal" in (before.kind, after.kind):
        return False
    sizes = [max(end - start for start, end in (change.old, change.new)) for change in (before, after)]
    return 2 * (between.old[1] - between.old[0]) < sum(sizes)


def _kind(old: tuple[int, int], new: tuple[int, int]) -> Kind:
    return "insert" if old[0] == old[1] else "delete" if new[0] == new[1] else "replace"
