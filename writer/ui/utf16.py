"""Offsets at Qt's edge: Qt counts UTF-16 units, the core counts code points."""

from __future__ import annotations

from collections.abc import Sequence


def units(text: str) -> int:
    """UTF-16 units of the text; an emoji is 2."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def to_units(text: str, offset: int) -> int:
    """Qt's position of a code-point offset into ``text``."""
    return units(text[:offset])


def to_points(text: str, position: int) -> int:
    """Code-point offset of Qt's position in ``text``; inside a pair it is the pair's start."""
    if text.isascii():
        return min(position, len(text))
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * position].decode("utf-16-le", "ignore"))


def all_to_units(text: str, places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Qt's positions of stretches in order, in one way through ``text``."""
    if units(text) == len(text):
        return list(places)
    found, done, at = [], 0, 0
    for start, end in places:
        first = at + units(text[done:start])
        done, at = end, first + units(text[start:end])
        found.append((first, at))
    return found
