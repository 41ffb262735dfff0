"""Sentences from before the caret that matter now, found by their words: exact, rare and related ones.

Chunks are found by the words of the query, rare ones first, and a few dozen of them are read sentence by sentence, so
the cost hardly grows with the book. Every count is taken of what lies before the caret alone: nothing that comes later
in the story moves a score.

A ``score`` says how much a sentence of usual length shares with the query, in units of a word that a single sentence of
the book has: 1 is one such word, or two or three less rare ones, as chance brings them about. So it means the same for
every query and every book: of what a question finds below ``WORTH``, most is chance.
"""

from __future__ import annotations

import heapq
import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from weakref import WeakKeyDictionary

from writer.chunks import LONGEST, cut
from writer.i18n import _
from writer.memory.terms import Term, is_telling, stem, stems, terms
from writer.memory.thesaurus import related
from writer.store import Store
from writer.story import Cursor, Passage, Span
from writer.text import count_words, fingerprint, is_cjk, language_of, paragraphs, sentences

WORTH = 1.0
"""The score from which on a sentence is worth reading again."""

LONGEST_QUERY = 2000
"""Only so many characters at the end of a query are looked at."""

MOST_TERMS = 32
EXPANDED = 8
RELATED = 12
CANDIDATES = 48
"""So many chunks are read sentence by sentence; half as many of Chinese, where each has more of them."""
LATELY = 100
"""The end of a query, in letters, that counts in full; what is farther off counts less and less."""

_MARGIN = 2 * LONGEST
_BEFORE, _AFTER = 0.5, 0.3
_LEANING = 0.25
_FLOOR = 0.2
_LOOKED_AT = 8
_LEAST = 0.08
_CHARACTER = 0.7
_NAME = 1.3
_LETTERS = 3  # that a Chinese character counts for
_PIECE = 15  # letters, more than chance has in common
_SENTENCES, _SENTENCES_CHINESE = 8, 30  # in a chunk, about
_LONG_AGO = 0.1
_OTHER = 1.0
_SHARP = 2.0
_COMMON = 0.2
_SIMILAR = 0.7
_LENGTH = 0.25
_AVERAGE = 22
_SMALL = 6
_LONGEST_PASSAGE = 400


@dataclass(frozen=True, slots=True)
class _Place:
    """A chunk before the caret."""

    scene: int
    start: int
    end: int
    key: bytes = b""


@dataclass(frozen=True, slots=True)
class _Sought:
    """A word of the query, what it tells, and what may stand for it: keys with the share of it that they are worth."""

    term: Term
    weight: float
    keys: dict[str, float]
    rows: dict[int, float]
    """The chunks that have it, with the most that they can have of it."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence of a chunk as search sees it."""

    start: int
    end: int
    text: str
    plain: str
    stems: frozenset[str]
    length: int
    paragraph: int


@dataclass(frozen=True, slots=True)
class _Found:
    """A sentence, with the one before it if it needs that, and what it has of each word that is sought."""

    score: float
    rank: int
    begin: int
    scene: int
    read: tuple[_Sentence, ...]
    own: dict[int, float]

    @property
    def sentence(self) -> _Sentence:
        return self.read[-1]

    @property
    def span(self) -> Span:
        start = self.begin + self.read[0].start
        return Span(self.scene, start, start + len(self.text))

    @property
    def text(self) -> str:
        return "".join(one.text for one in self.read).strip()

    def passage(self, sought: _Query) -> Passage:
        """What the author gets to see of it."""
        best = sorted(self.own, key=lambda i: (-sought.weights[i] * self.own[i], i))[:2]
        return Passage(self.text, self.span, self.score, _why([sought.all[i].term for i in best]))


def recall(store: Store, cursor: Cursor | None, query: str, most: int, *, within: int | None = None) -> list[Passage]:
    """At most so many sentences that matter to the query, best first; without a cursor from the whole book.

    ``within`` is where the page's window begins in the cursor's scene: nothing at or behind it is recalled.
    """
    query = query[-LONGEST_QUERY:]
    is_chinese = language_of(query) == "zh"
    ground = _Ground(store, cursor, within, _SENTENCES_CHINESE if is_chinese else _SENTENCES)
    sought = _Query(_sought(query, ground))
    if not sought.all or most <= 0:
        return []
    window = "" if cursor is None or within is None else cursor.text[within : cursor.offset]
    said = _plain(f"{window} {query}")
    found = [one for place in _candidates(sought.all, ground) for one in _in_chunk(place, ground, sought)]
    found.sort(key=lambda one: (-one.score, one.rank, one.begin + one.sentence.start))
    chosen: list[_Found] = []
    for one in found[: _LOOKED_AT * most]:
        if len(chosen) == most:
            break
        if one.sentence.plain in ground.excluded or _is_said(one.sentence.plain, said):
            continue
        begun = next((at for at, other in enumerate(chosen) if _goes_on(other, one)), None)
        if begun is not None:
            chosen[begun] = replace(one, score=chosen[begun].score)
        elif not any(_alike(one, other) for other in chosen):
            chosen.append(one)
    return [one.passage(sought) for one in chosen]


class _Ground:
    """What may be recalled: the chunks before the caret, and which of them have a word."""

    def __init__(self, store: Store, cursor: Cursor | None, within: int | None, sentences_in_chunk: int) -> None:
        self._store, self._cursor = store, cursor
        self._texts: dict[int, str] = {}
        self.most = CANDIDATES if sentences_in_chunk == _SENTENCES else CANDIDATES // 2
        self.order = store.order()
        self.excluded = frozenset(_plain(one.text) for one in store.choices.all() if one.kind == "exclude")
        self._earlier = _shelf(store).earlier(store, None if cursor is None else cursor.scene)
        self._own: dict[int, _Place] = {}
        self.tail: list[_Place] = []
        self._shift = 0
        if cursor is not None:
            self._read_own(store, cursor, min(cursor.offset, len(cursor.text) if within is None else within))
        size = len(self._earlier) + len(self._own) + len(self.tail) + 1
        self._size, self._sentences = size, sentences_in_chunk
        self._unit = math.log(sentences_in_chunk * max(size, _SMALL))

    def _read_own(self, store: Store, cursor: Cursor, bound: int) -> None:
        """The chunks of the caret's scene; those that an edit behind the caret may yet cut otherwise are cut here."""
        chunks = store.index.chunks(cursor.scene)
        self._shift = len(cursor.text) - chunks[-1].end if chunks else 0
        sure = 0
        for chunk in chunks:
            if chunk.end > bound - _MARGIN:
                break
            sure = chunk.end
            self._own[chunk.row] = _Place(chunk.scene, chunk.start, chunk.end, chunk.key)
        start = max(sure, bound - 2 * _MARGIN)
        for piece in cut(cursor.text[start:bound]):
            self.tail.append(_Place(cursor.scene, start + piece.start, start + piece.end))

    def place(self, row: int) -> _Place:
        """Where a chunk before the caret stands."""
        return self._own.get(row) or self._earlier[row]

    def nearness(self, row: int) -> tuple[int, int]:
        """How chunks stand in the story, the last first."""
        place = self.place(row)
        return -self.order.get(place.scene, 0), -place.start

    def rows(self, phrase: str) -> list[int]:
        """The chunks before the caret, without the last ones, that have this word."""
        earlier, own = self._earlier, self._own
        return [row for row in self._store.index.rows(phrase) if row in earlier or row in own]

    def rarity(self, count: int) -> float:
        """What a word tells that so many chunks have: 1 if a single sentence has it, near 0 if each has.

        How many sentences have it is not known; words that fall by chance (Poisson) into so many chunks stand in
        this many.
        """
        per_chunk = -math.log(1 - min(count or 1, self._size - 0.5) / self._size)
        return max(0.0, math.log(self._sentences / per_chunk)) / self._unit

    def read(self, place: _Place) -> tuple[int, tuple[_Sentence, ...]]:
        """Where a chunk begins now, and its sentences; none if it isn't there any more."""
        if self._cursor is not None and place.scene == self._cursor.scene:
            text, shifts = self._cursor.text, [0, self._shift]
        else:
            if place.scene not in self._texts:
                self._texts[place.scene] = self._store.scene(place.scene, unchecked=True).text
            text, shifts = self._texts[place.scene], [0]
        for shift in shifts:
            words = text[place.start + shift : place.end + shift]
            if not place.key or fingerprint(words)[: len(place.key)] == place.key:
                return place.start + shift, _sentences(words)
        return place.start, ()


class _Shelf:
    """Where the chunks of a project stand, kept between questions; only scenes that changed are looked up again."""

    def __init__(self) -> None:
        self._scenes: dict[int, tuple[bytes, dict[int, _Place]]] = {}
        self._stamp: object = None
        self._before: dict[int, _Place] = {}

    def earlier(self, store: Store, scene: int | None) -> Mapping[int, _Place]:
        """The chunks of the scenes before this one in story order, or of all; by row."""
        order = store.order()
        keys = store.index.keys()
        stamp = (scene, tuple(keys))
        if stamp == self._stamp:
            return self._before
        last = len(order) if scene is None else order.get(scene, len(order))
        known, self._scenes = self._scenes, {}
        self._before = {}
        for id, digest in keys:
            if id not in known or known[id][0] != digest:
                known[id] = (
                    digest,
                    {one.row: _Place(id, one.start, one.end, one.key) for one in store.index.chunks(id)},
                )
            self._scenes[id] = known[id]
            if order[id] < last:
                self._before.update(known[id][1])
        self._stamp = stamp
        return self._before


_SHELVES: WeakKeyDictionary[Store, _Shelf] = WeakKeyDictionary()


def _shelf(store: Store) -> _Shelf:
    return _SHELVES.setdefault(store, _Shelf())


def _sought(query: str, ground: _Ground) -> list[_Sought]:
    """The telling words of the query, most telling first."""
    letters = _LETTERS if language_of(query) == "zh" else 1
    last: dict[str, Term] = {}
    for term in terms(query):
        known = last.pop(term.key, None)
        last[term.key] = Term(term.key, term.word, term.is_name or (known is not None and known.is_name), term.start)
    sought = []
    for term in list(last.values())[-MOST_TERMS:]:
        ago = (len(query) - term.start) * letters
        weight = (_NAME if term.is_name else 1.0) * max(_LONG_AGO, min(1.0, LATELY / ago))
        one = _Sought(term, weight, {}, {})
        for key, share in _itself(term):
            _look_up(one, key, key if is_cjk(key[0]) else term.word, share, ground)
        sought.append(one)
    sought.sort(key=lambda one: (-one.weight * max(one.keys.values()), one.term.start))
    for one in [one for one in sought if not one.term.is_name][:EXPANDED]:
        for word, share in related(one.term.key)[:RELATED]:
            _look_up(one, word if is_cjk(word[0]) else stem(word), word, _OTHER * share, ground)
    return sought


def _look_up(one: _Sought, key: str, phrase: str, share: float, ground: _Ground) -> None:
    """Add a key that may stand for a word, with the chunks that have it."""
    having = ground.rows(phrase)
    worth = share * ground.rarity(len(having))
    if worth > one.keys.get(key, _LEAST if one.keys else -1.0):
        one.keys[key] = worth
        for row in having:
            one.rows[row] = max(one.rows.get(row, 0.0), worth)


def _itself(term: Term) -> Iterator[tuple[str, float]]:
    """The word and, in Chinese, its characters, of which words that say much the same often share one."""
    yield term.key, 1.0
    if is_cjk(term.key[0]) and len(term.key) > 1:
        for character in dict.fromkeys(term.key):
            if is_telling(character):
                yield character, _CHARACTER


def _candidates(sought: Sequence[_Sought], ground: _Ground) -> list[_Place]:
    """The chunks that have the most of what is sought, and the last ones before the caret."""
    scores: dict[int, float] = {}
    for one in sought:
        if max(one.keys.values()) < _COMMON and not one.term.is_name:
            continue
        for row, worth in one.rows.items():
            scores[row] = scores.get(row, 0.0) + (one.weight * worth) ** _SHARP
    least = min(heapq.nlargest(ground.most, scores.values()), default=0.0)
    rivals = [row for row, score in scores.items() if score >= least]
    best = sorted(rivals, key=lambda row: (-scores[row], *ground.nearness(row)))[: ground.most]
    return [*(ground.place(row) for row in best), *ground.tail]


def _in_chunk(place: _Place, ground: _Ground, sought: _Query) -> Iterator[_Found]:
    """The sentences of a chunk that have something of what is sought."""
    begin, read = ground.read(place)
    worths = sought.worths(read)
    sums = [sum(sought.weights[i] * worth for i, worth in own.items()) for own in worths]
    rank = ground.order.get(place.scene, 0)
    for at, (sentence, own, total) in enumerate(zip(read, worths, sums, strict=True)):
        if total < _FLOOR:
            continue
        leans = 0.0
        if at:
            for i, worth in worths[at - 1].items():
                leans += sought.weights[i] * max(0.0, _BEFORE * worth - own.get(i, 0.0))
        total += leans
        if at + 1 < len(read):
            known = worths[at - 1] if at else own
            for i, worth in worths[at + 1].items():
                has = max(own.get(i, 0.0), _BEFORE * known.get(i, 0.0))
                total += sought.weights[i] * max(0.0, _AFTER * worth - has)
        first = at
        if leans > _LEANING * total and sentence.paragraph == read[at - 1].paragraph:
            first -= sentence.end - read[at - 1].start <= _LONGEST_PASSAGE
        score = total / (1 - _LENGTH + _LENGTH * max(sentence.length, 8) / _AVERAGE)
        yield _Found(round(score, 4), rank, begin, place.scene, read[first : at + 1], own)


class _Query:
    """All that is sought, as sentences are asked for it."""

    def __init__(self, sought: Sequence[_Sought]) -> None:
        self.all = sought
        self.weights = [one.weight for one in sought]
        self._having: dict[str, list[tuple[int, float]]] = {}
        for number, one in enumerate(sought):
            for key, worth in one.keys.items():
                self._having.setdefault(key, []).append((number, worth))
        self._keys = frozenset(self._having)
        self._phrases = [key for key in self._having if len(key) > 1 and is_cjk(key[0])]

    def worths(self, read: Sequence[_Sentence]) -> list[dict[int, float]]:
        """What each sentence of a chunk has of each word, by number: 1 if it is this very word and the only one."""
        whole = "".join(sentence.text for sentence in read) if self._phrases else ""
        phrases = [key for key in self._phrases if key in whole]
        return [self._worths(sentence, phrases) for sentence in read]

    def _worths(self, sentence: _Sentence, phrases: Sequence[str]) -> dict[int, float]:
        found: dict[int, float] = {}
        for key in sentence.stems & self._keys:
            for number, worth in self._having[key]:
                if is_cjk(key):
                    found[number] = found.get(number, 0.0) + worth
                else:
                    found[number] = max(found.get(number, 0.0), worth)
        for key in phrases:
            if key in sentence.text:
                for number, worth in self._having[key]:
                    found[number] = max(found.get(number, 0.0), worth)
        return found


def _why(found: Sequence[Term]) -> str:
    """What speaks for a sentence."""
    names = [term.word.title() for term in found if term.is_name]
    if names:
        return _("names {names}").format(names=", ".join(f"“{name}”" for name in names))
    return _("shares {words}").format(words=", ".join(f"“{term.word}”" for term in found))


def _goes_on(one: _Found, other: _Found) -> bool:
    """Whether what was found is a sentence, and then the same with the next."""
    return (
        len(one.read) == 1
        and len(other.read) == 2
        and one.span.scene == other.span.scene
        and (one.span.start == other.span.start)
    )


def _alike(one: _Found, other: _Found) -> bool:
    """Whether one says little that the other doesn't."""
    a, b = one.span, other.span
    if a.scene == b.scene and a.start < b.end and b.start < a.end:
        return True
    mine, theirs = one.sentence.stems, other.sentence.stems
    shared = len(mine & theirs)
    return shared > _SIMILAR * max(1, min(len(mine), len(theirs)))


@lru_cache(4096)
def _sentences(text: str) -> tuple[_Sentence, ...]:
    found = []
    ends = [end for _, end in paragraphs(text)]
    for start, end in sentences(text):
        piece = text[start:end]
        known = frozenset(stems(piece)).union(filter(is_telling, () if piece.isascii() else set(piece)))
        found.append(_Sentence(start, end, piece, _plain(piece), known, count_words(piece), bisect_left(ends, end)))
    return tuple(found)


def _is_said(sentence: str, said: str) -> bool:
    """Whether most of a sentence stands in this text, word for word."""
    size = _PIECE // _LETTERS if is_cjk(sentence[:1] or " ") else _PIECE
    pieces = [sentence[at : at + size] for at in range(0, max(1, len(sentence) - size + 1), size)]
    return sum(piece in said for piece in pieces) > len(pieces) / 2


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
