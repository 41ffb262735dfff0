"""Which of the author's notes a sentence leans on, and what of it no note has: numbers, names and quotations.

``gather`` makes sources of the notes on a scene's path, ``leaning`` reads one sentence against them, ``refused`` a
whole passage before it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from writer.sources.flag import Flag
from writer.sources.ground import ENOUGH, Ground, Leaning
from writer.sources.source import Source, cut
from writer.text import sentences

__all__ = ["ENOUGH", "Flag", "Leaning", "Source", "cut", "gather", "leaning", "read", "refused"]


def gather(path: Iterable[tuple[int, str]]) -> tuple[Source, ...]:
    """The sources on a path: of each node on it, and of the book, the notes, cut into items in that order."""
    return tuple(source for node, notes in path for source in cut(notes, node))


def leaning(sentence: str, sources: Sequence[Source]) -> Leaning:
    """The source that a sentence leans on, if one has enough of its words, and what of it no source has."""
    ground = _ground(tuple(sources))
    return ground.leaning(sentence, ground.flags(sentence))


def read(text: str, sources: Sequence[Source]) -> list[tuple[int, int, Leaning]]:
    """Each sentence of a text with what it leans on; its start and end are those without the space around it.

    What is flagged in it has its places counted from there.
    """
    ground = _ground(tuple(sources))
    flags = ground.flags(text)
    found = []
    for start, end in sentences(text):
        sentence = text[start:end]
        start += len(sentence) - len(sentence.lstrip())
        if sentence := sentence.strip():
            end = start + len(sentence)
            found.append((start, end, ground.leaning(sentence, tuple(_within(flags, text, start, end)))))
    return found


def refused(text: str, sources: Sequence[Source], start: int = 0) -> tuple[Flag, ...]:
    """What must not be written behind ``start``, since no source has it; its places are those in the text.

    What stands before tells who is being quoted: a speech may have begun there. Nothing is refused without sources.
    """
    if not sources:
        return ()
    return tuple(_within(_ground(tuple(sources)).flags(text), text, start, len(text), 0))


def _within(flags: Sequence[Flag], text: str, start: int, end: int, origin: int | None = None) -> Iterator[Flag]:
    """The parts of the flags that lie in a stretch of a text, counted from its start or another place."""
    zero = start if origin is None else origin
    for flag in flags:
        first, last = max(flag.start, start), min(flag.end, end)
        if first < last:
            yield Flag(flag.kind, first - zero, last - zero, text[first:last])


@lru_cache(8)
def _ground(sources: tuple[Source, ...]) -> Ground:
    return Ground(sources)
