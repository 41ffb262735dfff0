"""Numbers as a text tells them, in figures or in words, English or Chinese: what they amount to, and of what.

“30 %”, “thirty per cent” and “三成” are the same figure; “about 300” is any number near it, “dozens” a whole range.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from writer.sources import chinese, english
from writer.sources.amount import Amount

_WIDE = str.maketrans("０１２３４５６７８９．，％：－", "0123456789.,%:-")
_OF_ITS_OWN = ("percent", "points", "times", "month", "weekday", "money")
_YEARS = range(1500, 2101)
_FAR_OFF = 0.1
"""A number with a scale, as in “1.2 million”, may be rounded by so much of itself."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number from ``start`` up to but not including ``end``."""

    start: int
    end: int
    amount: Amount

    def has(self, other: Figure) -> bool:
        """Whether a source with this figure bears a sentence with the other."""
        own, told = self.amount, other.amount
        if not _is_same_kind(own.kind, told.kind):
            return False
        if "hour" in (own.kind, told.kind):
            return own.value % 12 == told.value % 12
        if own.is_vague:
            return told.is_vague and own.low <= told.high and told.low <= own.high
        if own.value == told.value and not told.is_vague:
            return True
        if told.low < told.high:
            if self._is_year and not told.kind:
                return False
            return own.low <= told.high and told.low <= own.high
        step = told.step
        is_rounded = 0 < step <= _FAR_OFF * abs(told.value) and own.value >= told.value - step
        return is_rounded and abs(own.value - told.value) <= step / 2

    @property
    def _is_year(self) -> bool:
        """Whether it looks like a year, which is no amount of anything."""
        is_plain = not self.amount.kind and self.amount.value in _YEARS
        return is_plain and self.end - self.start == len("2026")


def figures(text: str) -> list[Figure]:
    """The figures of a text in order, none over another; “one” and “first” are none, nor is what is part of a name."""
    text = text.translate(_WIDE)
    found: list[Figure] = []
    for start, end, amount in sorted(_all(text), key=lambda one: (one[0], -one[1])):
        if not found or start >= found[-1].end:
            found.append(Figure(start, end, amount))
    return found


def _all(text: str) -> Iterator[tuple[int, int, Amount]]:
    yield from english.amounts(text)
    yield from chinese.amounts(text)


def _is_same_kind(own: str, told: str) -> bool:
    """Whether a source's kind of figure bears a sentence's; one without a unit may be of any but a few kinds."""
    if own == told:
        return True
    if any(kind.startswith(_OF_ITS_OWN) for kind in (own, told)):
        return False
    return not own or not told or "rank" in (own, told)
