"""What may be recalled at a caret: the chunks before it, which of them have a word, and what they say."""

from __future__ import annotations

import math
from array import array
from collections import OrderedDict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from weakref import WeakKeyDictionary

from writer.chunks import LONGEST, cut
from writer.store import Store
from writer.story import Cursor
from writer.text import fingerprint

FREQUENT = 400
"""A word that so many chunks have is frequent: which they are is not read on."""

_WORDS, _LONGEST = 2048, 2 * FREQUENT  # remembered, and the chunks of each
_MARGIN = 2 * LONGEST
_SENTENCES = {"en": 8, "zh": 30}  # in a chunk, about
_SMALL = 6


@dataclass(frozen=True, slots=True)
class Place:
    """A chunk before the caret."""

    scene: int
    start: int
    end: int
    key: bytes = b""


class Ground:
    """The chunks before a caret, or of the whole book without one; nothing at or behind ``within`` in its scene."""

    def __init__(self, store: Store, cursor: Cursor | None, within: int | None, language: str) -> None:
        self._store, self._cursor = store, cursor
        self._texts: dict[int, str] = {}
        self.order = store.order()
        self.excluded = frozenset(plain(one.text) for one in store.choices.all() if one.kind == "exclude")
        self._earlier = _shelf(store).earlier(store, None if cursor is None else cursor.scene)
        self._own: dict[int, Place] = {}
        self.tail: list[Place] = []
        """The last chunks, which the index may cut otherwise, as what is behind the caret demands."""
        self._shift = 0
        if cursor is not None:
            self._read_own(store, cursor, min(cursor.offset, len(cursor.text) if within is None else within))
        self._rows: Mapping[int, Place] = {**self._earlier, **self._own} if self._own else self._earlier
        self._sentences = _SENTENCES[language]
        self.size = len(self._rows) + len(self.tail) + 1
        self._unit = math.log(self._sentences * max(self.size, _SMALL))

    def _read_own(self, store: Store, cursor: Cursor, bound: int) -> None:
        """The chunks of the caret's scene; those that an edit behind the caret may yet cut otherwise are cut here."""
        chunks = store.index.chunks(cursor.scene)
        self._shift = len(cursor.text) - chunks[-1].end if chunks else 0
        sure = 0
        for chunk in chunks:
            if chunk.end > bound - _MARGIN:
                break
            sure = chunk.end
            self._own[chunk.row] = Place(chunk.scene, chunk.start, chunk.end, chunk.key)
        start = max(sure, bound - 2 * _MARGIN)
        for piece in cut(cursor.text[start:bound]):
            self.tail.append(Place(cursor.scene, start + piece.start, start + piece.end))

    def place(self, row: int) -> Place:
        """Where a chunk before the caret stands."""
        return self._rows[row]

    def nearness(self, row: int) -> tuple[int, int]:
        """How chunks stand in the story, the last first."""
        place = self._rows[row]
        return -self.order.get(place.scene, 0), -place.start

    def rows(self, phrase: str, most: int = FREQUENT) -> list[int]:
        """The chunks before the caret, without the last ones, that have this word; some of them if it has so many."""
        return _shelf(self._store).having(self._store, phrase, self._rows, most)

    def rarity(self, count: int) -> float:
        """What a word tells that so many chunks have: 1 if a single sentence has it, near 0 if each has.

        How many sentences have it is not known; words that fall by chance (Poisson) into so many chunks stand in
        this many.
        """
        per_chunk = -math.log(1 - min(count or 1, self.size - 0.5) / self.size)
        return max(0.0, math.log(self._sentences / per_chunk)) / self._unit

    def read(self, places: Iterable[Place]) -> list[tuple[Place, int, str]]:
        """The chunks with where each begins now and its text; without those that are not there any more."""
        places = list(places)
        own = None if self._cursor is None else self._cursor.scene
        missing = {place.scene for place in places} - self._texts.keys() - {own}
        if missing:
            self._texts |= self._store.index.texts(missing)
        found = []
        for place in places:
            is_own = self._cursor is not None and place.scene == own
            text = self._cursor.text if is_own and self._cursor is not None else self._texts.get(place.scene, "")
            for shift in (0, self._shift) if is_own else (0,):
                words = text[place.start + shift : place.end + shift]
                if not place.key or fingerprint(words)[: len(place.key)] == place.key:
                    found.append((place, place.start + shift, words))
                    break
        return found


class _Shelf:
    """Where the chunks of a project stand and which have a word, kept between questions.

    Only scenes that changed are looked up again, and the chunks that have a word only behind those known to.
    """

    def __init__(self) -> None:
        self._having: OrderedDict[str, tuple[array[int], int]] = OrderedDict()
        self._last = 0
        self._scenes: dict[int, tuple[bytes, dict[int, Place]]] = {}
        self._moment: object = None
        self._order: Mapping[int, int] = {}
        self._until: int | None = None
        self._before: dict[int, Place] = {}

    def earlier(self, store: Store, scene: int | None) -> Mapping[int, Place]:
        """The chunks of the scenes before this one in story order, or of all; by row."""
        moment, order = store.index.moment(), store.order()
        if moment != self._moment or order is not self._order:
            self._look(store, order)
            self._moment, self._order, self._until = moment, order, None
        until = len(order) if scene is None else order.get(scene, len(order))
        if until != self._until:
            self._before = {}
            for id, (_digest, places) in self._scenes.items():
                if order[id] < until:
                    self._before |= places
            self._until = until
        return self._before

    def _look(self, store: Store, order: Mapping[int, int]) -> None:
        """See which scenes changed, and where the chunks of these stand now."""
        if store.index.first() > self._last:  # what it says of the same chunks is under other rows by now
            self._scenes, self._last = {}, 0
            self._having.clear()
        keys = store.index.keys()
        known = {id: self._scenes[id] for id, digest in keys if id in self._scenes and self._scenes[id][0] == digest}
        self._scenes = known | self._looked_up(store, {id: digest for id, digest in keys if id not in known})
        self._last = max((max(some, default=0) for _digest, some in self._scenes.values()), default=0)

    def having(self, store: Store, phrase: str, rows: Container[int], most: int) -> list[int]:
        """Those of the rows that have the phrase, at most so many."""
        having, last = self._having.pop(phrase) if phrase in self._having else (array("q"), 0)
        found = [row for row in having if row in rows]
        if len(found) < most and last < self._last:
            new = store.index.behind(last, phrase, rows, most - len(found))
            found += [row for row in new if row in rows]
            if len(having) + len(new) <= _LONGEST:
                having.extend(new)
                last = new[-1] if len(found) == most else max([self._last, *new[-1:]])
        if store.is_certain:
            self._having[phrase] = having, last
            if len(self._having) > _WORDS:
                self._having.popitem(last=False)
        return found[:most]

    @staticmethod
    def _looked_up(store: Store, digests: Mapping[int, bytes]) -> dict[int, tuple[bytes, dict[int, Place]]]:
        chunks = store.index.chunks_of(digests) if digests else {}
        return {
            id: (digest, {one.row: Place(id, one.start, one.end, one.key) for one in chunks.get(id, ())})
            for id, digest in digests.items()
        }


_SHELVES: WeakKeyDictionary[Store, _Shelf] = WeakKeyDictionary()


def _shelf(store: Store) -> _Shelf:
    return _SHELVES.setdefault(store, _Shelf())


@lru_cache(4096)
def plain(text: str) -> str:
    """A text without capitals and wide space, to tell whether two say the same."""
    return " ".join(text.split()).casefold()
