"""Whether what must happen in a scene does, told by its words, and how another try makes it come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from writer.memory.terms import terms
from writer.text import language_of, sentences

ENOUGH = 0.6
"""From this strength on an event counts as told."""
_NEAR = 3
"""It must stand within so many sentences."""


@dataclass(frozen=True, slots=True)
class Happening:
    """How surely an event is told, from 0 to 1, and where."""

    strength: float
    start: int = 0
    end: int = 0

    def __bool__(self) -> bool:
        return self.strength >= ENOUGH


@dataclass(frozen=True, slots=True)
class Steer:
    """One more try: what the passage is to tell, and the words with which it must begin, if any."""

    beat: str
    opening: str = ""
    """Goes on from the text before as it stands, white space included, and has no full stop: the model goes on."""


def happened(event: str, text: str, language: str = "") -> Happening:
    """How surely a text tells that something happens; true where that is enough."""
    wanted = {term.key for term in terms(event)}
    if not wanted:
        return Happening(0.0)
    spans = list(sentences(text))
    best = Happening(0.0)
    for first in range(len(spans)):
        start, end = spans[first][0], spans[min(first + _NEAR, len(spans)) - 1][1]
        strength = len(wanted & {term.key for term in terms(text[start:end])}) / len(wanted)
        if strength > best.strength:
            best = Happening(strength, start, end)
    return best


def wanting(events: Iterable[str], text: str, language: str = "") -> list[str]:
    """Those of the events that a text does not tell, in order."""
    language = language or language_of(text)
    return [event for event in events if event.strip() and not happened(event, text, language)]


def steer(event: str, before: str, language: str = "") -> tuple[Steer, ...]:
    """The tries that make an event come behind a text, the gentlest first: as its beat, then begun with its words."""
    beat = " ".join(event.split())
    joint = "" if not before or before[-1].isspace() else " "
    return Steer(beat), Steer(beat, joint + beat.rstrip(".!?。！？"))
