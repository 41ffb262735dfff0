"""What other programs put in the place of memory, to be measured beside it: one flat summary, and found passages."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from writer.text import language_of, paragraphs, sentences, words

_PASSAGE = {"en": 400, "zh": 150}
"""Characters of a passage at least: those of a message, which is what the front ends store."""
_QUERIED = 2
"""Messages that are asked with."""
_BLOCK = 100
"""Sentences after which the summary is written again."""
_WORDS = range(8, 61)
_USUAL = 8
_ALIKE = 0.5
_K1, _B = 1.2, 0.75


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence or passage, and the words in it."""

    start: int
    end: int
    terms: tuple[str, ...]


class Flat:
    """One summary of everything so far, written again from itself and what is new: the rolling one of chat front ends.

    Extractive, so that no model is to blame: sentences whose words matter most by tf-idf (Luhn 1958).
    """

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _lines(self) -> list[Line]:
        return [line for line in _lines(self._text, sentences(self._text)) if len(line.terms) in _WORDS]

    def upto(self, end: int, characters: int) -> Iterator[tuple[int, str]]:
        """The sentences of the summary where the text ends at ``end``, the weightiest first, and where each began."""
        lines = self._lines[: bisect_right(self._lines, end, key=lambda line: line.end)]
        seen: Counter[str] = Counter()
        kept: list[Line] = []
        for at in range(0, len(lines), _BLOCK):
            block = lines[at : at + _BLOCK]
            for line in block:
                seen.update(set(line.terms))
            ranked = sorted([*kept, *block], key=lambda line: (-_weight(line, seen, at + len(block)), line.start))
            kept = _within(ranked, characters)
        return ((line.start, self._text[line.start : line.end].strip()) for line in kept)


def _weight(line: Line, seen: Counter[str], lines: int) -> float:
    terms = sorted(set(line.terms))
    return sum(math.log1p(seen[term]) * math.log((lines + 1) / seen[term]) for term in terms) / (len(terms) + _USUAL)


def _within(ranked: Sequence[Line], characters: int) -> list[Line]:
    """The first that fit, none saying what another does."""
    kept: list[Line] = []
    for line in ranked:
        if characters <= 0:
            break
        if not any(_alike(line, other) for other in kept):
            kept.append(line)
            characters -= line.end - line.start
    return kept


def _alike(one: Line, other: Line) -> bool:
    same = len({*one.terms} & {*other.terms})
    return same > _ALIKE * min(len({*one.terms}), len({*other.terms}))


class Passages:
    """Earlier passages that are like what was said last, by BM25 (Robertson and Zaragoza 2009)."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._size = _PASSAGE[language_of(text)]

    @cached_property
    def _lines(self) -> list[Line]:
        return list(_lines(self._text, _passages(self._text, self._size)))

    @cached_property
    def _rows(self) -> dict[str, list[tuple[int, int]]]:
        """For each word the passages it is in, and how often."""
        rows: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for number, line in enumerate(self._lines):
            for term, count in Counter(line.terms).items():
                rows[term].append((number, count))
        return rows

    def upto(self, end: int, at: int) -> Iterator[tuple[int, str]]:
        """Passages that end before ``end``, the likest first, for a question that is the text before ``at``."""
        lines = self._lines[: bisect_right(self._lines, end, key=lambda line: line.end)]
        if not lines:
            return
        usual = sum(len(line.terms) for line in lines) / len(lines)
        scores: defaultdict[int, float] = defaultdict(float)
        for term in sorted(set(terms(self._text[max(0, at - _QUERIED * self._size) : at]))):
            rows = self._rows.get(term, [])
            rows = rows[: bisect_right(rows, len(lines) - 1, key=lambda row: row[0])]
            rarity = math.log1p((len(lines) - len(rows) + 0.5) / (len(rows) + 0.5))
            for number, count in rows:
                norm = _K1 * (1 - _B + _B * len(lines[number].terms) / usual)
                scores[number] += rarity * count * (_K1 + 1) / (count + norm)
        for number in sorted(scores, key=lambda number: (-scores[number], number)):
            yield lines[number].start, self._text[lines[number].start : lines[number].end].strip()


def terms(text: str) -> list[str]:
    """The words of a text, case aside."""
    return [text[start:end].casefold() for start, end in words(text)]


def _lines(text: str, spans: Iterator[tuple[int, int]]) -> Iterator[Line]:
    return (Line(start, end, tuple(terms(text[start:end]))) for start, end in spans)


def _passages(text: str, size: int) -> Iterator[tuple[int, int]]:
    """Paragraphs, short ones together; a long one is cut between sentences."""
    begin = 0
    for start, end in paragraphs(text):
        ends = [end] if end - start <= 2 * size else [start + stop for _at, stop in sentences(text[start:end])]
        for stop in ends:
            if stop - begin >= size:
                yield begin, stop
                begin = stop
    if begin < len(text):
        yield begin, len(text)
