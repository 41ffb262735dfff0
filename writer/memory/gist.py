"""What is worth remembering of a stretch of the book, merged from that of its pieces and bounded whatever its size.

A gist is a function of what it covers: an edit elsewhere, before or behind it, changes nothing.
"""

from __future__ import annotations

import math
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from writer.memory import worth
from writer.memory.digest import Digest, packed, tally_form, trimmed, unpacked
from writer.names import Tally
from writer.text import language_of

KIND = "summary"
"""What gists are kept as in the project."""

VERSION = 1
"""Grows with every change of what a gist says."""

MOST_LINES = 8
MOST_NAMES = 300
MOST_WHO = 3
MOST_STATEMENTS = 300

_KEY = 16
_REMEMBERED = 64  # gists, of up to a few hundred KB, that are at hand without reading them again
_WEIGHED = 60  # names that make a sentence matter
_AGAIN = 0.72  # what another sentence of the same piece is worth
_OVERLAP = 0.8
_LEAD = 0.6


class Place(NamedTuple):
    """A sentence, by the chunk it is in: from ``start`` up to but not including ``end``; thousands are read at once."""

    key: bytes
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence in full, and how much it is worth."""

    place: Place
    weight: int
    text: str


@dataclass(frozen=True, slots=True)
class Stated:
    """What a sentence says of someone, and the sentence."""

    subject: str
    attribute: str
    value: str
    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Named:
    """A name: how often it stands, its first and last sentence, and those that say who it is with their weights."""

    tally: Tally
    first: Place
    last: Place
    who: tuple[tuple[Place, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Gist:
    """What is worth remembering of a stretch, in story order, and how much there is below it."""

    chunks: int = 0
    nodes: int = 0
    words: int = 0
    names: Mapping[str, Named] = field(default_factory=dict)
    statements: tuple[Stated, ...] = ()
    lines: tuple[Line, ...] = ()

    @property
    def places(self) -> Iterator[Place]:
        """All sentences that it points at."""
        for named in self.names.values():
            yield named.first
            yield named.last
            yield from (place for place, _weight in named.who)
        yield from (stated.place for stated in self.statements)
        yield from (line.place for line in self.lines)


def of_chunk(key: bytes, digest: Digest, text: str) -> Gist:
    """The gist of one chunk."""

    def place(start: int, end: int) -> Place:
        return Place(key, start, end)

    return Gist(
        1,
        0,
        digest.words,
        {
            name: Named(
                named.tally,
                place(*named.first),
                place(*named.last),
                tuple((place(line.start, line.end), line.weight) for line in named.who),
            )
            for name, named in digest.names.items()
        },
        tuple(
            Stated(s.subject, s.attribute, s.value, place(*trimmed(text, s.start, s.end)), _said(text[s.start : s.end]))
            for s in digest.statements
        ),
        tuple(
            Line(place(line.start, line.end), line.weight, _said(text[line.start : line.end])) for line in digest.lines
        ),
    )


def merged(pieces: Sequence[Gist]) -> Gist:
    """The gist of pieces that follow each other in the story."""
    names = _names(pieces)
    return Gist(
        sum(piece.chunks for piece in pieces),
        1 + sum(piece.nodes for piece in pieces),
        sum(piece.words for piece in pieces),
        names,
        _statements(pieces, names),
        _lines(pieces, names),
    )


def best(lines: Sequence[Line], most: int) -> tuple[Line, ...]:
    """Of a gist's sentences those that are worth most, in story order."""
    chosen = sorted(range(len(lines)), key=lambda i: (-lines[i].weight, i))[:most]
    return tuple(lines[i] for i in sorted(chosen))


def _names(pieces: Sequence[Gist]) -> dict[str, Named]:
    """Names in the order in which they come up; of too many those that stand most often."""
    tallies: dict[str, Tally] = {}
    places: dict[str, tuple[Place, Place]] = {}
    who: dict[str, list[tuple[Place, int]]] = {}
    for piece in pieces:
        for name, named in piece.names.items():
            if name in tallies:
                tallies[name] = tallies[name] + named.tally
                places[name] = places[name][0], named.last
            else:
                tallies[name] = named.tally
                places[name] = named.first, named.last
            if named.who:
                who.setdefault(name, []).extend(named.who)
    rank = {name: index for index, name in enumerate(tallies)}
    kept = sorted(tallies, key=lambda name: (-tallies[name].sure, -tallies[name].count, rank[name]))[:MOST_NAMES]
    return {
        name: Named(tallies[name], *places[name], _who(who.get(name, ())))
        for name in sorted(kept, key=rank.__getitem__)
    }


def _who(told: Sequence[tuple[Place, int]]) -> tuple[tuple[Place, int], ...]:
    if len(told) <= MOST_WHO:
        return tuple(told)
    chosen = sorted(range(len(told)), key=lambda i: (-told[i][1], i))[:MOST_WHO]
    return tuple(told[i] for i in sorted(chosen))


def _statements(pieces: Sequence[Gist], names: Mapping[str, Named]) -> tuple[Stated, ...]:
    """What is stated for the first time; of too much what is said of those who are named most."""
    first: dict[tuple[str, str, str], Stated] = {}
    for piece in pieces:
        for stated in piece.statements:
            first.setdefault((stated.subject, stated.attribute, stated.value), stated)
    every = list(first.values())
    if len(every) <= MOST_STATEMENTS:
        return tuple(every)

    def known(index: int) -> tuple[int, int]:
        named = names.get(every[index].subject)
        return (-named.tally.count if named else 0, index)

    return tuple(every[index] for index in sorted(sorted(range(len(every)), key=known)[:MOST_STATEMENTS]))


def _lines(pieces: Sequence[Gist], names: Mapping[str, Named]) -> tuple[Line, ...]:
    """The sentences that tell most together: of those who matter here, from all over the stretch, none twice."""
    offered = [(index, line) for index, piece in enumerate(pieces) for line in piece.lines]
    if len(offered) <= MOST_LINES:
        return tuple(line for _index, line in offered)
    matter = _matter(names)
    words = [set(worth.terms(line.text, language_of(line.text))) for _index, line in offered]
    values = [
        line.weight * (1 + _LEAD * max((much for name, much in matter if name in line.text), default=0.0))
        for _index, line in offered
    ]
    chosen: list[int] = []
    left = set(range(len(offered)))
    while left and len(chosen) < MOST_LINES:
        next = max(left, key=lambda i: (values[i], -i))
        left.remove(next)
        chosen.append(next)
        for i in left:
            if offered[i][0] == offered[next][0]:
                values[i] *= _AGAIN
            shared = len(words[i] & words[next])
            if shared:
                values[i] *= 1 - _OVERLAP * shared / min(len(words[i]), len(words[next]))
    return tuple(offered[i][1] for i in sorted(chosen))


def _matter(names: Mapping[str, Named]) -> list[tuple[str, float]]:
    """The most frequent names and how much each matters, up to 1."""
    counts = sorted(((-n.tally.count, name) for name, n in names.items()))[:_WEIGHED]
    most = math.log1p(-counts[0][0]) if counts else 1.0
    return [(name, math.log1p(-count) / (most or 1.0)) for count, name in counts]


def _said(text: str) -> str:
    return " ".join(text.split())


def to_bytes(gist: Gist) -> bytes:
    """The gist in few bytes; each chunk's key stands there once."""
    numbers: dict[bytes, int] = {}

    def place(place: Place) -> tuple[int, int, int]:
        return numbers.setdefault(place.key, len(numbers)), place.start, place.end - place.start

    form = [
        gist.chunks,
        gist.nodes,
        gist.words,
        [
            [name, *tally_form(n.tally), *place(n.first), *place(n.last), [(*place(p), weight) for p, weight in n.who]]
            for name, n in gist.names.items()
        ],
        [[s.subject, s.attribute, s.value, *place(s.place), s.text] for s in gist.statements],
        [[*place(line.place), line.weight, line.text] for line in gist.lines],
    ]
    return packed(VERSION, [b64encode(b"".join(numbers)).decode(), *form])


def is_current(data: bytes) -> bool:
    """Whether this is a gist of this version, by a look at its beginning."""
    return data[:1] == bytes([VERSION])


@lru_cache(maxsize=_REMEMBERED)
def from_bytes(data: bytes) -> Gist | None:
    """The gist as it was kept; None if it is of another version or no gist."""
    try:
        joined, chunks, nodes, words, names, statements, lines = unpacked(VERSION, data)
        keys = b64decode(joined)
        key = [keys[at : at + _KEY] for at in range(0, len(keys), _KEY)]
        return Gist(
            chunks,
            nodes,
            words,
            {
                name: Named(
                    Tally(sure, unsure, people, places),
                    Place(key[a], b, b + c),
                    Place(key[d], e, e + f),
                    tuple([(Place(key[k], start, start + length), weight) for k, start, length, weight in who]),
                )
                for name, sure, unsure, people, places, a, b, c, d, e, f, who in names
            },
            tuple(
                Stated(subject, attribute, value, Place(key[k], start, start + length), text)
                for subject, attribute, value, k, start, length, text in statements
            ),
            tuple(Line(Place(key[k], start, start + length), weight, text) for k, start, length, weight, text in lines),
        )
    except (ValueError, TypeError, IndexError):
        return None
