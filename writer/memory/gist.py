"""What is worth remembering of a stretch of the book, merged from that of its pieces and bounded whatever its size.

A gist is a function of what it covers: an edit elsewhere, before or behind it, changes nothing. Its sentences are told
by their places, in characters from where it begins, and only who reads it looks up where that is and what they say.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, chain
from operator import itemgetter
from typing import NamedTuple
from zlib import crc32

from writer.memory import worth
from writer.memory.digest import (
    Digest,
    Named,
    Place,
    Table,
    names_form,
    names_of,
    packed,
    places_of,
    table_of,
    trimmed,
    unpacked,
)
from writer.text import language_of, one_line

KIND = "summary"
"""What gists are kept as in the project."""

VERSION = 8
"""Grows with every change of what a gist says."""

MOST_LINES = 8
MOST_NAMES = 200
MOST_WHO = 3
MOST_STATEMENTS = 300
MOST_TOLD = 200

_REMEMBERED = 256  # gists, of up to some 100 KB, that are at hand without reading them again
_WEIGHED = 60  # names that make a sentence matter
_AGAIN = 0.72  # what another sentence of the same piece is worth
_OVERLAP = 0.8
_LEAD = 0.6
_SOMEBODY = 0.025  # of a name's mentions: where so many show a person, it is one
_NOBODY = 0.4  # what a name matters beside that of a person
_TOPICS, _TOPIC = 8, 4096
_START = itemgetter(1)


class Line(NamedTuple):
    """A sentence, how much it is worth, the names in it and what else it is about, as numbers."""

    place: Place
    weight: int
    names: tuple[str, ...] = ()
    topics: frozenset[int] = frozenset()


class Stated(NamedTuple):
    """What a sentence says of someone, and the sentence, also in full."""

    subject: str
    attribute: str
    value: str
    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Gist:
    """What is worth remembering of a stretch, in story order, and how much there is below it."""

    characters: int = 0
    chunks: int = 0
    nodes: int = 0
    words: int = 0
    names: Mapping[str, Named] = field(default_factory=dict)
    statements: tuple[Stated, ...] = ()
    lines: tuple[Line, ...] = ()
    told: tuple[tuple[str, str], ...] = ()
    """Names that the book says are one person's, in pairs."""


def of_chunk(digest: Digest, text: str) -> Gist:
    """The gist of one chunk."""
    return Gist(
        len(text),
        1,
        0,
        digest.words,
        digest.names,
        tuple(
            Stated(s.subject, s.attribute, s.value, trimmed(text, s.start, s.end), one_line(text[s.start : s.end]))
            for s in digest.statements
        ),
        tuple(Line(line.place, line.weight, line.names, _topics(text[slice(*line.place)])) for line in digest.lines),
        digest.told,
    )


def merged(pieces: Sequence[Gist], among: Iterable[str] = ()) -> Gist:
    """The gist of pieces that follow each other in the story; the names ``among`` these are kept however rare."""
    starts = [0, *accumulate(piece.characters for piece in pieces)]
    told = dict.fromkeys(pair for piece in pieces for pair in piece.told)
    names = _names(pieces, starts, among, told)
    return Gist(
        starts[-1],
        sum(piece.chunks for piece in pieces),
        1 + sum(piece.nodes for piece in pieces),
        sum(piece.words for piece in pieces),
        names,
        _statements(pieces, starts, names),
        _lines(pieces, starts, names),
        tuple([pair for pair in told if len(told) <= MOST_TOLD or not names.keys().isdisjoint(pair)][:MOST_TOLD]),
    )


def best(lines: Sequence[Line], most: int) -> tuple[Line, ...]:
    """Of a gist's sentences those that are worth most, in story order."""
    chosen = sorted(range(len(lines)), key=lambda i: (-lines[i].weight, i))[:most]
    return tuple(lines[i] for i in sorted(chosen))


def _names(
    pieces: Sequence[Gist], starts: Sequence[int], among: Iterable[str], told: Iterable[tuple[str, str]]
) -> dict[str, Named]:
    """Names in the order in which they come up; of too many those that stand most often, with their other names."""
    counts: dict[str, int] = {}
    for piece in pieces:
        for name, named in piece.names.items():
            counts[name] = counts.get(name, 0) + (named[0] << 32) + named[0] + named[1]  # sure ones first, then all
    often = set(counts)
    if len(counts) > MOST_NAMES:
        often = set(sorted(counts, key=counts.__getitem__, reverse=True)[:MOST_NAMES])
        often.update(name for name in among if name in counts)
        others = [name for pair in told if not often.isdisjoint(pair) for name in pair if name in counts]
        often.update(others[: 2 * MOST_TOLD])
    found: dict[str, list[tuple[int, Named]]] = {name: [] for name in counts if name in often}
    for piece, by in zip(pieces, starts, strict=False):
        for name in piece.names.keys() & often:
            found[name].append((by, piece.names[name]))
    return {name: _sum(some) for name, some in found.items()}


def _sum(found: Sequence[tuple[int, Named]]) -> Named:
    """A name in pieces that begin at these places, together."""
    (by, first), (after, last) = found[0], found[-1]
    if len(found) == 1 and not by:
        return first
    sure = unsure = people = places = 0
    told = []
    for start, (a, b, c, d, _first, _last, who) in found:
        sure += a
        unsure += b
        people += c
        places += d
        for place, weight in who:
            told.append((-weight, place[0] + start, place[1] + start))
    if len(told) > MOST_WHO:
        told = sorted(told)[:MOST_WHO]
    best = tuple([((start, end), -weight) for weight, start, end in sorted(told, key=_START)])
    return Named(sure, unsure, people, places, _moved(first.first, by), _moved(last.last, after), best)


def _moved(place: Place, by: int) -> Place:
    return place[0] + by, place[1] + by


def _statements(pieces: Sequence[Gist], starts: Sequence[int], names: Mapping[str, Named]) -> tuple[Stated, ...]:
    """What is stated for the first time; of too much what is said of those who are named most."""
    first: dict[tuple[str, str, str], Stated] = {}
    for piece, by in zip(pieces, starts, strict=False):
        for stated in piece.statements:
            what = stated[:3]
            if what not in first:
                first[what] = stated._replace(place=_moved(stated.place, by))
    every = list(first.values())
    if len(every) <= MOST_STATEMENTS:
        return tuple(every)

    def known(index: int) -> tuple[int, int]:
        named = names.get(every[index].subject)
        return (-(named.sure + named.unsure) if named else 0, index)

    return tuple(every[index] for index in sorted(sorted(range(len(every)), key=known)[:MOST_STATEMENTS]))


def _lines(pieces: Sequence[Gist], starts: Sequence[int], names: Mapping[str, Named]) -> tuple[Line, ...]:
    """The sentences that tell most together: of those who matter here, from all over the stretch, none twice."""
    offered = [
        (index, line._replace(place=_moved(line.place, starts[index])))
        for index, piece in enumerate(pieces)
        for line in piece.lines
    ]
    if len(offered) <= MOST_LINES:
        return tuple([_among(line, names) for _index, line in offered])
    matter = _matter(names)
    values = [
        line.weight * (1 + _LEAD * max([matter.get(name, 0.0) for name in line.names], default=0.0))
        for _index, line in offered
    ]
    chosen: list[int] = []
    left = set(range(len(offered)))
    while left and len(chosen) < MOST_LINES:
        next = max(left, key=lambda i: (values[i], -i))
        left.remove(next)
        chosen.append(next)
        piece, line = offered[next]
        for i in left:
            if offered[i][0] == piece:
                values[i] *= _AGAIN
            topics = offered[i][1].topics
            if shared := len(topics & line.topics):
                values[i] *= 1 - _OVERLAP * shared / min(len(topics), len(line.topics))
    return tuple([_among(offered[i][1], names) for i in sorted(chosen)])


def _among(line: Line, names: Mapping[str, Named]) -> Line:
    """The line with those of its names that are still known."""
    return line._replace(names=tuple([name for name in line.names if name in names]))


def _matter(names: Mapping[str, Named]) -> dict[str, float]:
    """The most frequent names and how much each matters, up to 1: people more than places and things."""
    counts = sorted([(-n.sure - n.unsure, name) for name, n in names.items()])[:_WEIGHED]
    most = math.log1p(-counts[0][0]) if counts else 1.0
    return {
        name: math.log1p(-count) / (most or 1.0) * (1 if _is_somebody(names[name]) else _NOBODY)
        for count, name in counts
    }


def _is_somebody(named: Named) -> bool:
    """Whether a name shows often enough that it is a person's, and not a place's."""
    return named.people >= max(1, named.places, _SOMEBODY * (named.sure + named.unsure))


def _topics(text: str) -> frozenset[int]:
    """Some of the words of a sentence, always the same ones, as numbers: enough to tell whether two say the same."""
    words = {crc32(word.encode("utf-8", "surrogatepass")) % _TOPIC for word in worth.terms(text, language_of(text))}
    return frozenset(sorted(words)[:_TOPICS])


# --- as bytes


def to_bytes(gist: Gist) -> bytes:
    """The gist in few bytes."""
    others = chain((stated.place for stated in gist.statements), (line.place for line in gist.lines))
    table = Table(chain(places_of(gist.names), others))
    numbers = {name: number for number, name in enumerate(gist.names)}
    form = [
        [gist.characters, gist.chunks, gist.nodes, gist.words],
        table.form,
        names_form(gist.names, table),
        [[s.subject, s.attribute, s.value, table.number[s.place], s.text] for s in gist.statements],
        [
            [
                table.number[line.place],
                line.weight,
                [numbers[name] for name in line.names],
                sorted(line.topics),
            ]
            for line in gist.lines
        ],
        gist.told,
    ]
    return packed(VERSION, form)


def is_current(data: bytes) -> bool:
    """Whether this is a gist of this version, by a look at its beginning."""
    return data[:1] == bytes([VERSION])


@lru_cache(maxsize=_REMEMBERED)
def from_bytes(data: bytes) -> Gist | None:
    """The gist as it was kept; None if it is of another version or no gist."""
    try:
        (characters, chunks, nodes, words), places, named, statements, lines, told = unpacked(VERSION, data)
        at = table_of(places)
        known = names_of(named, at)
        names = list(known)
        return Gist(
            characters,
            chunks,
            nodes,
            words,
            known,
            tuple([Stated(subject, what, value, at[i], text) for subject, what, value, i, text in statements]),
            tuple(
                [
                    Line(at[i], weight, tuple([names[n] for n in having]), frozenset(topics))
                    for i, weight, having, topics in lines
                ]
            ),
            tuple([(one, other) for one, other in told]),
        )
    except (ValueError, TypeError, IndexError):
        return None
