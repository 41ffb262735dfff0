"""Stretches that a model wrote, as they go with the text that is cut, joined and rewritten around them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from writer.compare import changes
from writer.story import Credit

Credits = tuple[Credit, ...]


def ordered(credits: Iterable[Credit], length: int) -> Credits:
    """The credits in order within a text of this length; where two claim a character the earlier one has it.

    Neighbours of one origin are one.
    """
    tidy: list[Credit] = []
    for credit in sorted(credits, key=lambda credit: (credit.start, credit.end)):
        start = max(credit.start, tidy[-1].end if tidy else 0)
        end = min(credit.end, length)
        if start >= end:
            continue
        if tidy and tidy[-1].end == start and tidy[-1].origin == credit.origin:
            tidy[-1] = replace(tidy[-1], end=end)
        else:
            tidy.append(replace(credit, start=start, end=end))
    return tuple(tidy)


def shifted(credits: Iterable[Credit], by: int) -> Credits:
    """The credits of a text that now begins ``by`` characters later."""
    return tuple(replace(credit, start=credit.start + by, end=credit.end + by) for credit in credits)


def cut(credits: Iterable[Credit], start: int, end: int) -> Credits:
    """The credits of a stretch of the text, counted from its start."""
    return ordered(shifted(credits, -start), max(0, end - start))


def carried(credits: Sequence[Credit], old: str, new: str) -> Credits:
    """The credits of a text that was rewritten: words that stayed keep theirs, all others are the author's."""
    if old == new or not credits:
        return tuple(credits)
    kept: list[Credit] = []
    for change in changes(old, new):
        if change.kind == "equal":
            kept += shifted(cut(credits, *change.old), change.new[0])
    return ordered(kept, len(new))
