"""How often each name was found, and what it seems to name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from writer.story import Mention


@dataclass(frozen=True, slots=True)
class Tally:
    """How often a name stands where it can only be one, where it may be another word, and what it seems to name."""

    sure: int = 0
    unsure: int = 0
    people: int = 0
    places: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.sure + other.sure,
            self.unsure + other.unsure,
            self.people + other.people,
            self.places + other.places,
        )

    @property
    def count(self) -> int:
        """All its mentions."""
        return self.sure + self.unsure

    @property
    def kind(self) -> str:
        """Person, place, or name if nothing tells which."""
        if self.people == self.places == 0:
            return "name"
        return "place" if self.places > self.people else "person"


def counted(mentions: Iterable[Mention]) -> dict[str, Tally]:
    """What the mentions of each name add up to."""
    tallies: dict[str, Tally] = {}
    for mention in mentions:
        one = Tally(mention.is_sure, not mention.is_sure, mention.kind == "person", mention.kind == "place")
        tallies[mention.name] = tallies[mention.name] + one if mention.name in tallies else one
    return tallies
