"""What may be quoted: the chunks of the book, or of what is before a caret, and which of them have a word."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from writer import bible
from writer.chunks import cut
from writer.memory.preceding import before
from writer.store import Store
from writer.store.index import Placed
from writer.story import Cursor, Entry, Fact, Span
from writer.text import fingerprint, is_cjk


@dataclass(frozen=True, slots=True)
class Piece:
    """A chunk with its text; ``rank`` and ``start`` tell how pieces stand in the story."""

    rank: int
    scene: int
    start: int
    text: str


class Ground:
    """Everything before a caret, or the whole book without one."""

    def __init__(self, store: Store, cursor: Cursor | None) -> None:
        self._store, self._cursor = store, cursor
        self._order = store.order()
        self._having: dict[str, frozenset[int]] = {}
        last = len(self._order) if cursor is None else self._order.get(cursor.scene, len(self._order))
        earlier = [scene for scene in self._order if self._order[scene] < last]
        self._placed = {place.row: place for places in store.index.chunks_of(earlier).values() for place in places}
        self._tail: dict[int, tuple[int, int]] = {}
        if cursor is not None:
            self._read_own(cursor)

    def _read_own(self, cursor: Cursor) -> None:
        """The chunks of the caret's scene that stand there still, and what behind them is before the caret."""
        sure = 0
        for place in self._store.index.chunks(cursor.scene):
            words = cursor.text[place.start : place.end]
            if place.end > cursor.offset or fingerprint(words)[: len(place.key)] != place.key:
                break
            self._placed[place.row] = place
            sure = place.end
        for number, chunk in enumerate(cut(cursor.text[sure : cursor.offset]), 1):
            self._tail[-number] = (sure + chunk.start, sure + chunk.end)

    @cached_property
    def size(self) -> int:
        """How many chunks there are."""
        return len(self._placed) + len(self._tail)

    def rows(self, phrase: str) -> frozenset[int]:
        """The chunks that have a word, in any inflection, or a phrase."""
        if phrase not in self._having:
            found = {row for row in self._store.index.rows(phrase) if row in self._placed}
            if self._tail and self._cursor is not None:
                plain = phrase.casefold()
                for row, (start, end) in self._tail.items():
                    if plain in self._cursor.text[start:end].casefold():
                        found.add(row)
            self._having[phrase] = frozenset(found)
        return self._having[phrase]

    def rarity(self, count: int) -> float:
        """What a word tells that so many chunks have, from 1 for none or one to a little for all."""
        if count <= 1 or self.size <= 1:
            return 1.0
        return max(0.15, 1 - math.log(count) / math.log(self.size + 1))

    def in_order(self, rows: Iterable[int]) -> list[int]:
        """Rows as they stand in the story."""
        return sorted(rows, key=self._at)

    def _at(self, row: int) -> tuple[int, int]:
        place = self._placed.get(row)
        if place is not None:
            return self._order.get(place.scene, 0), place.start
        return len(self._order), self._tail[row][0]

    def progress(self, piece: Piece, offset: int) -> float:
        """How far on in what may be quoted a place in a chunk is, from 0 to 1."""
        before = bisect_left(self._starts, (piece.rank, piece.start))
        return (before + offset / max(len(piece.text), 1)) / max(len(self._starts), 1)

    @cached_property
    def _starts(self) -> list[tuple[int, int]]:
        return sorted(self._at(row) for row in (*self._placed, *self._tail))

    def pieces(self, rows: Iterable[int]) -> Iterator[Piece]:
        """The chunks with their texts, in the order of the rows."""
        wanted = list(rows)
        own = None if self._cursor is None else self._cursor.scene
        scenes = {self._placed[row].scene for row in wanted if row in self._placed}
        texts = self._store.index.texts(scenes - {own})
        if self._cursor is not None:
            texts[self._cursor.scene] = self._cursor.text
        for row in wanted:
            place: Placed | None = self._placed.get(row)
            if place is not None:
                yield Piece(
                    self._order[place.scene], place.scene, place.start, texts[place.scene][place.start : place.end]
                )
            elif self._cursor is not None:
                start, end = self._tail[row]
                yield Piece(
                    self._order.get(self._cursor.scene, 0), self._cursor.scene, start, self._cursor.text[start:end]
                )

    def around(self, span: Span) -> frozenset[int]:
        """The chunk that a place is in."""
        for row, place in self._placed.items():
            if place.scene == span.scene and place.start <= span.start < place.end:
                return frozenset([row])
        return frozenset(row for row, (start, end) in self._tail.items() if start <= span.start < end)

    @cached_property
    def _known(self) -> tuple[list[Entry], list[Fact]]:
        cursor = self._cursor
        if cursor is None and self._order:
            last = max(self._order, key=self._order.__getitem__)
            text = self._store.scene(last, unchecked=True).text
            cursor = Cursor(last, text, len(text))
        if cursor is None:
            return [], []
        known = before(self._store, cursor, tells=False)
        return bible.merged(known.cast(), self._store.entries.all()), known.facts()

    @property
    def cast(self) -> list[Entry]:
        """Who and what is in it, with all their names."""
        return self._known[0]

    @property
    def facts(self) -> list[Fact]:
        """What was stated of them."""
        return self._known[1]

    @cached_property
    def owners(self) -> Mapping[str, Entry]:
        """Whose each name is, the more frequent one's if it is several."""
        found: dict[str, Entry] = {}
        for entry in self.cast:
            for name in (entry.name, *entry.aliases):
                if len(name) > 1 or not is_cjk(name):
                    found.setdefault(name, entry)
        return found
