"""What is worth remembering of one chunk of text: who is in it, what is stated, and the sentences that tell most.

A function of the chunk's text alone, so it is kept under the chunk's key and found again wherever the text goes.
"""

from __future__ import annotations

import json
import re
import zlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Any

from writer import facts, names
from writer.facts import Statement
from writer.memory import worth
from writer.names import Tally
from writer.store import Store
from writer.story import Mention
from writer.text import count_words, language_of, sentences

KIND = "digest"
"""What digests are kept as in the project."""

VERSION = 1
"""Grows with every change of what a digest says, also by ``names`` and ``facts``; what is older is made again."""

MOST_LINES = 4
MOST_NAMES = 80
MOST_WHO = 2
MOST_STATEMENTS = 40
_SURROGATE = re.compile("[\ud800-\udfff]")  # in live text only, and Chinese dictionaries take none
_LOOKED_AT = 6  # sentences of each name

Place = tuple[int, int]
"""A sentence of the chunk, from a start up to but not including an end."""


_Found = Mapping[int, Sequence[Mention]]
"""The names in each sentence that has any, by its number."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence and how much it is worth, higher is better."""

    start: int
    end: int
    weight: int


@dataclass(frozen=True, slots=True)
class Named:
    """A name in the chunk: how often, the sentences where it stands first and last, and those that say who it is."""

    tally: Tally
    first: Place
    last: Place
    who: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Digest:
    """What is worth remembering of a chunk; ``sentences`` cover it, everything else is in the order of the text."""

    words: int
    sentences: tuple[Place, ...]
    names: Mapping[str, Named]
    statements: tuple[Statement, ...]
    lines: tuple[Line, ...]


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
    return Digest(
        count_words(text),
        spans,
        _named(text, spans, found, said, language),
        tuple(facts.stated(text, language)[:MOST_STATEMENTS]),
        _lines(text, spans, found, said, language),
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
                who.append(Line(start, end, weight))
        best = sorted(who, key=lambda line: (-line.weight, line.start))[:MOST_WHO]
        kept[name] = Named(tallies[name], first, last, tuple(sorted(best, key=lambda line: line.start)))
    return kept


def _lines(
    text: str,
    spans: Sequence[Place],
    found: _Found,
    said: Sequence[float],
    language: str,
) -> tuple[Line, ...]:
    """The sentences that tell most, in the order of the text."""
    common = Counter(worth.terms(text, language))
    sure = {mention.name for mention in chain(*found.values()) if mention.is_sure}
    lines = []
    for index, span in enumerate(spans):
        start, end = trimmed(text, *span)
        named = len(sure & {mention.name for mention in found.get(index, ())})
        if weight := worth.worth(" ".join(text[start:end].split()), said[index], named, common, language):
            lines.append(Line(start, end, weight))
    best = sorted(lines, key=lambda line: (-line.weight, line.start))[:MOST_LINES]
    return tuple(sorted(best, key=lambda line: line.start))


def to_bytes(digest: Digest) -> bytes:
    """The digest in few bytes."""
    ends = [end for _start, end in digest.sentences]
    form = [
        digest.words,
        [end - before for before, end in zip([0, *ends], ends, strict=False)],
        [
            [name, *tally_form(named.tally), *named.first, *named.last, [_line_form(w) for w in named.who]]
            for name, named in digest.names.items()
        ],
        [[s.subject, s.attribute, s.value, s.start, s.end] for s in digest.statements],
        [_line_form(line) for line in digest.lines],
    ]
    return packed(VERSION, form)


def from_bytes(data: bytes) -> Digest | None:
    """The digest as it was kept; None if it is of another version or no digest."""
    try:
        words, lengths, named, statements, lines = unpacked(VERSION, data)
        ends = list(accumulate(lengths))
        return Digest(
            int(words),
            tuple(zip([0, *ends], ends, strict=False)),
            {
                name: Named(Tally(*tally), (a, b), (c, d), tuple(Line(*line) for line in who))
                for name, *tally, a, b, c, d, who in named
            },
            tuple(Statement(*statement) for statement in statements),
            tuple(Line(*line) for line in lines),
        )
    except (ValueError, TypeError):
        return None


def kept(store: Store, keys: Iterable[bytes]) -> dict[bytes, Digest]:
    """The digests of chunks, by key, as far as they are kept in the project."""
    found = store.index.notes(KIND, list(keys))
    return {key: digest for key, data in found.items() if (digest := from_bytes(data)) is not None}


def tally_form(tally: Tally) -> tuple[int, int, int, int]:
    """The counts of a tally, in the order in which it takes them."""
    return tally.sure, tally.unsure, tally.people, tally.places


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


def _line_form(line: Line) -> tuple[int, int, int]:
    return line.start, line.end, line.weight


def trimmed(text: str, start: int, end: int) -> Place:
    """The span without white space at its ends."""
    stretch = text[start:end]
    return start + len(stretch) - len(stretch.lstrip()), start + len(stretch.rstrip())
