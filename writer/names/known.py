"""Who is who: which of the names that were found belong to one person or place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from writer.names import alike, english, kept
from writer.names.chinese import is_rare
from writer.names.tally import Tally
from writer.text import is_cjk

Place = tuple[int, int]
_NOWHERE: Mapping[str, Place] = {}


@dataclass(frozen=True, slots=True)
class Known:
    """Someone or somewhere, called by ``name`` most often and by ``aliases`` too, ``count`` times in all."""

    name: str
    aliases: tuple[str, ...]
    kind: str
    count: int


def group(
    tallies: Mapping[str, Tally], same: Iterable[tuple[str, str]] = (), first: Mapping[str, Place] = _NOWHERE
) -> list[Known]:
    """The people and places of a text, most frequent first.

    ``same`` are names that the text says are one's, of which it need not use the second again; ``first`` is where each
    name stands first.
    """
    same = [(_ending(one, tallies), other) for one, other in sorted(same)]
    same = [pair for pair in same if pair[0]]
    western = kept.english({n: t for n, t in tallies.items() if n and not is_cjk(n[0])})
    chinese = kept.chinese(
        {n: t for n, t in tallies.items() if n and is_cjk(n[0])}, {name for two in same for name in two}
    )
    chinese |= {other: Tally() for one, other in same if one in chinese and other not in tallies and is_rare(other)}
    names = western | chinese
    leader = {name: name for name in names}

    def lead(name: str) -> str:
        while leader[name] != name:
            leader[name] = leader[leader[name]]
            name = leader[name]
        return name

    def circles() -> list[list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for name in names:
            found[lead(name)].append(name)
        return list(found.values())

    for one, other in (*alike.english(western), *alike.chinese(chinese), *alike.told(names, same)):
        leader[lead(one)] = lead(other)
    for one, other in alike.lords(circles(), names, first):
        leader[lead(one)] = lead(other)
    found = (
        _known({name: names[name] for name in circle})
        for circle in circles()
        if not tallies.keys().isdisjoint(circle)  # what was only told, of two alike, is nobody's
    )
    return sorted(found, key=lambda known: (-known.count, known.name))


def _ending(text: str, names: Container[str]) -> str:
    """The name that this is or, in Chinese, ends with; nothing if none."""
    ends = range(len(text) - 1) if text and is_cjk(text[0]) else range(1)
    return next((text[start:] for start in ends if text[start:] in names), "")


def _known(circle: Mapping[str, Tally]) -> Known:
    names = sorted(circle, key=lambda name: (-circle[name].count, -len(name), name))
    total = sum(circle.values(), Tally())
    kind = total.kind
    if kind == "name" and any(english.is_given(name.split()[0]) for name in names):
        kind = "person"
    return Known(names[0], tuple(names[1:]), kind, total.count)
