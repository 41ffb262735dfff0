"""What all the sources say together: the ground on which sentences stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from writer.sources.flag import Flag
from writer.sources.source import Source

ENOUGH = 0.5
"""From this strength on a sentence leans on a source."""


@dataclass(frozen=True, slots=True)
class Leaning:
    """The source that a sentence leans on, how surely from 0 to 1, and what of the sentence no source has."""

    source: Source | None
    strength: float
    flags: tuple[Flag, ...] = ()


class Ground:
    """The sources, read once."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources

    def leaning(self, sentence: str, language: str) -> Leaning:
        """What a sentence leans on, and what of it no source has."""
        return Leaning(None, 0.0, self.flags(sentence, language))

    def flags(self, text: str, language: str) -> tuple[Flag, ...]:
        """What of a text no source has, in order."""
        return ()
