"""Words that are sought in a book, and the sentences of its chunks with what they have of them."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from writer.i18n import _
from writer.memory.ground import Ground, Place, plain
from writer.memory.terms import Term, is_telling, placed, stems
from writer.story import Passage, Span
from writer.text import count_words, is_cjk, paragraphs, sentences

_PIECE = 15  # letters, more than chance has in common
_LETTERS = 3  # that a Chinese character counts for
_SIMILAR = 0.7

LOOKED_AT = 8
"""For each sentence that is wanted so many of the best are compared."""


class _Rated(NamedTuple):
    """A paragraph with what it has of all that is sought, and where."""

    worth: float
    order: int
    scene: int
    begin: int
    text: str
    hits: list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Sought:
    """A word that is sought, and what may stand for it: keys with the share of what it tells that they are worth.

    A key is a stem, or what stands so in the text: Chinese, and names.
    """

    term: Term
    weight: float
    keys: dict[str, float]
    rows: dict[int, float]
    """The chunks that have it, with the most that they can have of it."""


class Sentence(NamedTuple):
    """A sentence of a chunk; thousands are made at once."""

    start: int
    end: int
    text: str
    own: Mapping[int, float]
    """What it has of each word that is sought, by number."""
    worth: float
    """All of that together."""

    @property
    def length(self) -> int:
        """Its words."""
        return _length(self.text)

    @property
    def plain(self) -> str:
        """It without capitals."""
        return plain(self.text)

    @property
    def stems(self) -> frozenset[str]:
        """What it is made of."""
        return _stems(self.text)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """The sentences of a paragraph of a chunk, which begins at this offset of its scene, and what they have in all."""

    worth: float
    scene: int
    begin: int
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A sentence, with the one before it if it needs that."""

    score: float
    rank: int
    begin: int
    scene: int
    read: tuple[Sentence, ...]

    @property
    def sentence(self) -> Sentence:
        """The last one."""
        return self.read[-1]

    @property
    def span(self) -> Span:
        """Where it stands."""
        start = self.begin + self.read[0].start
        return Span(self.scene, start, start + len(self.text))

    @property
    def text(self) -> str:
        """What it says."""
        return "".join(one.text for one in self.read).strip()


class Words:
    """All the words that are sought, as chunks are asked for them."""

    def __init__(self, sought: Sequence[Sought]) -> None:
        self.all = sought
        self.weights = [one.weight for one in sought]
        self._having: dict[str, list[tuple[int, float]]] = {}
        for number, one in enumerate(sought):
            for key, worth in one.keys.items():
                self._having.setdefault(key, []).append((number, worth))
        self._exact = [key for key in self._having if is_cjk(key[0]) or key[0].isupper()]
        self._stems = self._having.keys() - set(self._exact)
        self._characters = {key for key in self._exact if len(key) == 1 and is_cjk(key)}
        self._owned: dict[frozenset[str], tuple[dict[int, float], float]] = {}

    def paragraphs(self, ground: Ground, places: Iterable[Place], most: int) -> Iterator[Paragraph]:
        """So many paragraphs of these chunks that have the most of what is sought, best first, sentence by sentence."""
        rated: list[_Rated] = []
        for place, begin, text in ground.read(places):
            hits = self._hits(text)
            at = 0
            for start, end in paragraphs(text) if hits else ():
                until = bisect_left(hits, (end, ""), at)
                if until > at:
                    some = [(where - start, key) for where, key in hits[at:until]]
                    _, worth = self._own(key for _, key in some)
                    rated.append(_Rated(worth, -len(rated), place.scene, begin + start, text[start:end], some))
                at = until
        for one in heapq.nlargest(most, rated, key=lambda one: (one.worth, one.order)):
            yield Paragraph(one.worth, one.scene, one.begin, tuple(self._sentences(one.text, one.hits)))

    def _sentences(self, text: str, hits: Sequence[tuple[int, str]]) -> Iterator[Sentence]:
        at = 0
        for start, end in _cut(text):
            until = bisect_left(hits, (end, ""), at)
            yield Sentence(start, end, text[start:end], *self._own(key for _, key in hits[at:until]))
            at = until

    def _hits(self, text: str) -> list[tuple[int, str]]:
        """Where a text has anything that is sought."""
        hits = list(placed(text, self._stems)) if self._stems else []
        for key in self._exact:
            at = text.find(key)
            while at >= 0:
                end = at + len(key)
                if not (key[-1].isascii() and text[end : end + 1].isalpha()):
                    hits.append((at, key))
                at = text.find(key, end)
        hits.sort()
        return hits

    def _own(self, keys: Iterable[str]) -> tuple[dict[int, float], float]:
        """What these keys are worth of each word, 1 if it is this very word and the only one, and of all together."""
        some = frozenset(keys)
        if (known := self._owned.get(some)) is not None:
            return known
        found: dict[int, float] = {}
        characters: dict[int, float] = {}
        for key in sorted(some):  # sets have another order each time, and sums another end
            is_character = key in self._characters
            for number, worth in self._having[key]:
                if is_character:
                    characters[number] = characters.get(number, 0.0) + worth
                elif worth > found.get(number, 0.0):
                    found[number] = worth
        for number, worth in characters.items():
            if worth > found.get(number, 0.0):
                found[number] = worth
        self._owned[some] = found, sum([self.weights[number] * worth for number, worth in found.items()])
        return self._owned[some]

    def passage(self, found: Found) -> Passage:
        """What the author gets to see of it."""
        own = found.sentence.own
        best = sorted(own, key=lambda i: (-self.weights[i] * own[i], i))[:2]
        return Passage(found.text, found.span, found.score, _why([self.all[i].term for i in best]))


def chosen(found: list[Found], said: str, ground: Ground, most: int) -> list[Found]:
    """The best, each unlike the others, and none that ``said`` says, or that the author excluded."""
    found.sort(key=lambda one: (-one.score, one.rank, one.begin + one.sentence.start))
    said = plain(said)
    best: list[Found] = []
    for one in found[: LOOKED_AT * most]:
        if len(best) == most:
            break
        if one.sentence.plain in ground.excluded or _is_said(one.sentence.plain, said):
            continue
        begun = next((at for at, other in enumerate(best) if _goes_on(other, one)), None)
        if begun is not None:
            best[begun] = replace(one, score=best[begun].score)
        elif not any(_alike(one, other) for other in best):
            best.append(one)
    return best


def _why(found: Sequence[Term]) -> str:
    """What speaks for a sentence."""
    names = [term.word.title() for term in found if term.is_name]
    if names:
        return _("names {names}").format(names=_(", ").join(f"“{name}”" for name in names))
    return _("shares {words}").format(words=_(", ").join(f"“{term.word}”" for term in found))


def _goes_on(one: Found, other: Found) -> bool:
    """Whether what was found is a sentence, and then the same with the next."""
    return (
        len(one.read) == 1
        and len(other.read) == 2
        and one.span.scene == other.span.scene
        and (one.span.start == other.span.start)
    )


def _alike(one: Found, other: Found) -> bool:
    """Whether one says little that the other doesn't."""
    a, b = one.span, other.span
    if a.scene == b.scene and a.start < b.end and b.start < a.end:
        return True
    mine, theirs = one.sentence.stems, other.sentence.stems
    shared = len(mine & theirs)
    return shared > _SIMILAR * max(1, min(len(mine), len(theirs)))


def _is_said(sentence: str, said: str) -> bool:
    """Whether most of a sentence stands in this text, word for word."""
    size = _PIECE // _LETTERS if is_cjk(sentence[:1] or " ") else _PIECE
    pieces = [sentence[at : at + size] for at in range(0, max(1, len(sentence) - size + 1), size)]
    return sum(piece in said for piece in pieces) > len(pieces) / 2


@lru_cache(4096)
def _cut(paragraph: str) -> tuple[tuple[int, int], ...]:
    return tuple(sentences(paragraph))


@lru_cache(4096)
def _length(sentence: str) -> int:
    return count_words(sentence)


@lru_cache(4096)
def _stems(sentence: str) -> frozenset[str]:
    return frozenset(stems(sentence)).union(filter(is_telling, () if sentence.isascii() else set(sentence)))
