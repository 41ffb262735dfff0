"""What is worth remembering of one chunk of text: who is in it, what is stated, and the sentences that tell most.

A function of the chunk's text alone, so it is kept under the chunk's key and found again wherever the text goes.
"""

from __future__ import annotations

import json
import re
import zlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, islice
from typing import Any, NamedTuple

from writer import facts, names
from writer.facts import Statement
from writer.memory import worth
from writer.names import Tally
from writer.store import Store
from writer.story import Mention
from writer.text import count_words, language_of, sentences

KIND = "digest"
"""What digests are kept as in the project."""

VERSION = 11
"""Grows with every change of what a digest says, also by ``names`` and ``facts``; what is older is made again."""

MOST_LINES = 4
MOST_NAMES = 80
MOST_WHO = 2
MOST_STATEMENTS = 40
MOST_TOLD = 40
_SURROGATE = re.compile("[\ud800-\udfff]")  # in live text only, and Chinese dictionaries take none
_LOOKED_AT = 6  # sentences of each name
_LONGEST_NAME = 5  # in Chinese

Place = tuple[int, int]
"""A sentence, from a start up to but not including an end, counted from where the stretch begins that it is in."""

_Found = Mapping[int, Sequence[Mention]]
"""The names in each sentence that has any, by its number."""


class Line(NamedTuple):
    """A sentence, how much it is worth, higher is better, and the names in it."""

    place: Place
    weight: int
    names: tuple[str, ...] = ()


class Named(NamedTuple):
    """A name: what its tally counts, the sentences where it stands first and last, and those that say who it is.

    These have weights. It is a tuple because thousands are read and added up while the author waits.
    """

    sure: int
    unsure: int
    people: int
    places: int
    first: Place
    last: Place
    who: tuple[tuple[Place, int], ...] = ()

    @property
    def tally(self) -> Tally:
        """How often it stands, and as what."""
        return Tally(self.sure, self.unsure, self.people, self.places)


@dataclass(frozen=True, slots=True)
class Digest:
    """What is worth remembering of a chunk, in the order of its text."""

    words: int
    names: Mapping[str, Named]
    statements: tuple[Statement, ...]
    lines: tuple[Line, ...]
    told: tuple[tuple[str, str], ...] = ()
    """Names that it says are one person's, in pairs."""


def digest(text: str, language: str | None = None) -> Digest:
    """What is worth remembering of a chunk, by default in the language that most of it is in."""
    text = _SURROGATE.sub("\ufffd", text)
    language = language or language_of(text)
    spans = tuple(sentences(text))
    mentions = sorted(names.find(text, language), key=lambda mention: (mention.start, mention.end, mention.name))
    starts = [start for start, _end in spans]
    found: dict[int, list[Mention]] = {}
    for mention in mentions:
        found.setdefault(max(0, bisect_right(starts, mention.start) - 1), []).append(mention)
    speech = worth.spoken(text)
    said = [worth.share(start, end, speech) for start, end in spans]
    known = _named(text, spans, found, said, language)
    return Digest(
        count_words(text),
        known,
        tuple(facts.stated(text, language)[:MOST_STATEMENTS]),
        _lines(text, spans, found, said, language, known),
        tuple(_told(text, {mention.name for mention in mentions})),
    )


def _named(
    text: str,
    spans: Sequence[Place],
    found: _Found,
    said: Sequence[float],
    language: str,
) -> dict[str, Named]:
    """The names in the order of their first sentences; of too many those that stand most often."""
    tallies = names.counted(chain(*found.values()))
    places: dict[str, list[int]] = {}
    for index, mentions in found.items():
        for mention in mentions:
            here = places.setdefault(mention.name, [])
            if here[-1:] != [index]:
                here.append(index)
    most = sorted(places, key=lambda name: (-tallies[name].sure, -tallies[name].count, places[name][0], name))
    kept = {}
    for name in sorted(most[:MOST_NAMES], key=lambda name: (places[name][0], name)):
        first, last = (trimmed(text, *spans[index]) for index in (places[name][0], places[name][-1]))
        who = []
        for index in places[name][:_LOOKED_AT]:
            start, end = trimmed(text, *spans[index])
            if weight := worth.tells_who(text[start:end], name, said[index], language):
                who.append(((start, end), weight))
        best = sorted(who, key=lambda told: (-told[1], told[0]))[:MOST_WHO]
        tally = tallies[name]
        kept[name] = Named(
            int(tally.sure), int(tally.unsure), int(tally.people), int(tally.places), first, last, tuple(sorted(best))
        )
    return kept


def _lines(
    text: str,
    spans: Sequence[Place],
    found: _Found,
    said: Sequence[float],
    language: str,
    known: Container[str],
) -> tuple[Line, ...]:
    """The sentences that tell most, in the order of the text."""
    common = Counter(worth.terms(text, language))
    sure = {mention.name for mention in chain(*found.values()) if mention.is_sure}
    lines = []
    for index, span in enumerate(spans):
        start, end = trimmed(text, *span)
        named = dict.fromkeys(mention.name for mention in found.get(index, ()))
        sentence = " ".join(text[start:end].split())
        if weight := worth.worth(sentence, said[index], len(sure & set(named)), common, language):
            lines.append(Line((start, end), weight, tuple(name for name in named if name in known)))
    best = sorted(lines, key=lambda line: (-line.weight, line.place))[:MOST_LINES]
    return tuple(sorted(best, key=lambda line: line.place))


def _told(text: str, found: Container[str]) -> Iterator[tuple[str, str]]:
    """Names that the text says are one person's, without the words before them where they are found alone, too."""
    for one, other in names.told.chinese(text)[:MOST_TOLD]:
        name = next((one[start:] for start in range(len(one) - 1) if one[start:] in found), one)
        if len(name) <= _LONGEST_NAME and (name in found or names.chinese.has_surname(name)):
            yield name, other


# --- as bytes: every sentence and every name stands there once, and what is alike stands together


def to_bytes(digest: Digest) -> bytes:
    """The digest in few bytes."""
    table = Table(chain(places_of(digest.names), (line.place for line in digest.lines)))
    numbers = {name: number for number, name in enumerate(digest.names)}
    form = [
        digest.words,
        table.form,
        names_form(digest.names, table),
        [[s.subject, s.attribute, s.value, s.start, s.end] for s in digest.statements],
        [[table.number[line.place], line.weight, *(numbers[name] for name in line.names)] for line in digest.lines],
        digest.told,
    ]
    return packed(VERSION, form)


def from_bytes(data: bytes) -> Digest | None:
    """The digest as it was kept; None if it is of another version or no digest."""
    try:
        words, places, named, statements, lines, told = unpacked(VERSION, data)
        at = table_of(places)
        known = names_of(named, at)
        names = list(known)
        return Digest(
            int(words),
            known,
            tuple(Statement(*statement) for statement in statements),
            tuple(Line(at[i], weight, tuple([names[n] for n in having])) for i, weight, *having in lines),
            tuple((one, other) for one, other in told),
        )
    except (ValueError, TypeError, IndexError):
        return None


class Table:
    """The sentences that are pointed at, numbered in the order of the text."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._places = sorted(set(places))
        self.number = {place: number for number, place in enumerate(self._places)}

    @property
    def form(self) -> list[list[int]]:
        """How far each begins behind the one before, and their lengths."""
        starts = [start for start, _end in self._places]
        return [
            [start - before for before, start in zip([0, *starts], starts, strict=False)],
            [end - start for start, end in self._places],
        ]


def table_of(form: Sequence[Sequence[int]]) -> list[Place]:
    """The sentences of a table, by their numbers."""
    steps, lengths = form
    return [(start, start + length) for start, length in zip(accumulate(steps), lengths, strict=True)]


def places_of(names: Mapping[str, Named]) -> Iterator[Place]:
    """All sentences that names point at."""
    for named in names.values():
        yield named.first
        yield named.last
        for place, _weight in named.who:
            yield place


def names_form(names: Mapping[str, Named], table: Table) -> list[list[Any]]:
    """Names by columns; the sentences of each are counted from its first."""
    number = table.number
    values = list(names.values())
    firsts = [number[named.first] for named in values]
    told = [(number[place] - first, w) for named, first in zip(values, firsts, strict=True) for place, w in named.who]
    return [
        list(names),
        *([*column] for column in list(zip(*values, strict=True))[:4] or [()] * 4),
        [first - before for before, first in zip([0, *firsts], firsts, strict=False)],
        [number[named.last] - first for named, first in zip(values, firsts, strict=True)],
        [len(named.who) for named in values],
        [place for place, _weight in told],
        [weight for _place, weight in told],
    ]


def names_of(form: Sequence[Sequence[Any]], at: Sequence[Place]) -> dict[str, Named]:
    """The names whose columns these are."""
    names, sure, unsure, people, places, steps, ways, counts, whos, weights = form
    told = zip(whos, weights, strict=True)
    rows = zip(names, sure, unsure, people, places, accumulate(steps), ways, counts, strict=True)
    return {
        name: Named(a, b, c, d, at[first], at[first + way], tuple([(at[first + i], w) for i, w in islice(told, count)]))
        for name, a, b, c, d, first, way, count in rows
    }


def is_current(data: bytes) -> bool:
    """Whether this is a digest of this version, by a look at its beginning."""
    return data[:1] == bytes([VERSION])


def kept(store: Store, keys: Iterable[bytes]) -> dict[bytes, Digest]:
    """The digests of chunks, by key, as far as they are kept in the project."""
    found = store.index.notes(KIND, list(keys))
    return {key: digest for key, data in found.items() if (digest := from_bytes(data)) is not None}


def packed(version: int, form: object) -> bytes:
    """A JSON value in few bytes, behind its version."""
    text = json.dumps(form, ensure_ascii=False, separators=(",", ":"))
    return bytes([version]) + zlib.compress(text.encode("utf-8", "surrogatepass"), 6)


def unpacked(version: int, data: bytes) -> list[Any]:
    """What was packed; ValueError if it is of another version or damaged."""
    if data[:1] != bytes([version]):
        raise ValueError("another version")
    try:
        form = json.loads(zlib.decompress(data[1:]).decode("utf-8", "surrogatepass"))
    except (zlib.error, RecursionError) as error:
        raise ValueError(error) from error
    if not isinstance(form, list):
        raise ValueError("not a list")
    return form


def trimmed(text: str, start: int, end: int) -> Place:
    """The span without white space at its ends."""
    stretch = text[start:end]
    return start + len(stretch) - len(stretch.lstrip()), start + len(stretch.rstrip())
