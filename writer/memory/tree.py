"""The summary tree: gists over chunks, scenes, chapters and parts, in story order.

A row of brothers is cut into groups where their keys say so, from left to right, so that an edit re-makes one path, a
move no digest, and what stands behind a place never changes how what is before it is grouped. A node's key is the hash
of its children's, and its gist is kept under that. Scenes are told by the digest of their chunk keys, so that one
walk over the outline, and none over the chunks, tells the whole tree.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from writer import names
from writer.chunks import Chunk, cut, recut, shared
from writer.memory import digest, gist
from writer.memory.gist import Gist, Line, Place
from writer.names import Known, Tally
from writer.store import Store
from writer.store.index import key_of as chunk_key
from writer.story import Cursor, Entry, Fact, OutlineNode, Passage, Span, Summary

FEWEST, MOST = 4, 16
"""Children of a node that groups a row, except for the last of the row, which may have fewer."""

ON_THE_FLY = 12
"""Chunks near the caret that are digested while the author waits, at most."""

LOOKS = 200
"""Nodes that are looked below because they aren't made yet, at most."""

FADING_WORDS = 20_000
"""After so many words a name is a third as present as it was."""

_LETTERS = 4  # a word
_CHANCE = 32  # of 256, that a key ends a group
_VERSION = bytes([digest.VERSION, gist.VERSION])
_SIZE = 16


@dataclass(frozen=True, slots=True)
class Item:
    """One of a row: a node with all below it, or a node's own prose in front of its children."""

    node: int
    key: bytes


@dataclass(frozen=True, slots=True)
class Left:
    """A node of the tree that lies before a place, over the items ``first`` up to but not including ``end``."""

    key: bytes
    first: int
    end: int


def key_of(children: Iterable[bytes]) -> bytes:
    """The key of the node that has these children."""
    return hashlib.blake2b(_VERSION + b"".join(children), digest_size=_SIZE).digest()


def prose_key(chunks: bytes) -> bytes:
    """The key of a scene's own prose, given the digest of its chunk keys."""
    return hashlib.blake2b(_VERSION + b"prose" + chunks, digest_size=_SIZE).digest()


def digest_of(chunks: Iterable[bytes]) -> bytes:
    """The digest of a scene's chunk keys, as ``store.index.keys`` gives it."""
    return hashlib.sha256(b"".join(chunks)).digest()[:_SIZE]


def groups(keys: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    """Where a row is cut, from left to right."""
    start = 0
    for at, key in enumerate(keys, 1):
        if at - start == MOST or (at - start >= FEWEST and key[0] < _CHANCE):
            yield start, at
            start = at
    if start < len(keys):
        yield start, len(keys)


def stacked(row: Sequence[bytes], inner: dict[bytes, tuple[bytes, ...]], *, chunks: bool = False) -> bytes | None:
    """The key of the node over a whole row, None if that is empty; ``inner`` takes what is below, with its children.

    One that is alone at the end of its row needs no node, except that ``chunks`` are never brothers of nodes.
    """
    while len(row) > 1 or (chunks and row):
        above = []
        for start, end in groups(row):
            key = row[start]
            if chunks or end - start > 1:
                key = key_of(row[start:end])
                inner[key] = tuple(row[start:end])
            above.append(key)
        row, chunks = above, False
    return row[0] if row else None


def left_of(row: Sequence[bytes]) -> list[Left]:
    """The nodes over a row that are whole before what follows it, in story order: what the future can't change."""
    found: list[Left] = []
    spans = [(index, index + 1) for index in range(len(row))]
    keys = list(row)
    while keys:
        cuts = list(groups(keys))
        if not _is_cut(keys, *cuts[-1]):
            start, end = cuts.pop()
            found[:0] = [Left(keys[i], *spans[i]) for i in range(start, end)]
        spans = [(spans[a][0], spans[b - 1][1]) for a, b in cuts]
        keys = [key_of(keys[a:b]) for a, b in cuts]
    return found


def _is_cut(keys: Sequence[bytes], start: int, end: int) -> bool:
    """Whether the group ends there whatever follows."""
    return end - start == MOST or (end - start >= FEWEST and keys[end - 1][0] < _CHANCE)


class Shape:
    """The tree as the outline and the keys of the scenes make it now, without what it says."""

    def __init__(self, outline: Sequence[OutlineNode], chunks: Mapping[int, bytes]) -> None:
        self.nodes = {node.id: node for node in outline}
        """In story order."""
        self.stale = [node.id for node in outline if node.words and node.id not in chunks]
        """The nodes whose prose isn't indexed, so that it is not in the tree."""
        self.inner: dict[bytes, tuple[bytes, ...]] = {}
        """The nodes above the scenes, with their children."""
        self.prose: dict[bytes, int] = {}
        """The scenes' own prose, and a scene that has it."""
        self.rows: dict[int | None, list[Item]] = {None: []}
        """Below each node, what there is in story order."""
        below: dict[int | None, list[OutlineNode]] = {}
        for child in outline:
            below.setdefault(child.parent, []).append(child)
        keys: dict[int, bytes | None] = {}
        node: OutlineNode | None
        for node in [*reversed(outline), None]:
            id = node.id if node else None
            row = []
            if node and node.words and node.id in chunks:
                row.append(Item(node.id, prose_key(chunks[node.id])))
                self.prose.setdefault(row[0].key, node.id)
            row += [Item(child.id, key) for child in below.get(id, ()) if (key := keys[child.id])]
            top = stacked([item.key for item in row], self.inner)
            self.rows[id] = row
            if node:
                keys[node.id] = top
        self.root = top

    @classmethod
    def of(cls, store: Store) -> Shape:
        """The tree of the book as it is kept now."""
        return cls(store.nodes(), dict(store.index.keys()))

    def path(self, node: int) -> list[int]:
        """A node of the outline behind all above it, from the top."""
        above: list[int] = []
        at: int | None = node
        while at is not None and at in self.nodes:
            above.insert(0, at)
            at = self.nodes[at].parent
        return above

    def left(self, node: int) -> list[tuple[Left, list[Item]]]:
        """The nodes that are whole before a node of the outline, in story order, with the items that they cover."""
        found = []
        parent = None
        for id in self.path(node):
            row = self.rows[parent]
            before = row[: self._place(row, parent, id)]
            found += [(left, before[left.first : left.end]) for left in left_of([item.key for item in before])]
            parent = id
        return found

    def width(self, key: bytes, items: Sequence[Item]) -> int:
        """How many of a row's items, at its end, a node covers."""
        if key == items[-1].key:
            return 1
        width = 0
        for child in reversed(self.inner[key]):
            width += self.width(child, items[: len(items) - width])
        return width

    def _place(self, row: Sequence[Item], parent: int | None, id: int) -> int:
        """How many of a row are before one of its nodes, which may be empty and so not among them."""
        ranks = self.ranks
        return sum(1 for item in row if item.node == parent or ranks[item.node] < ranks[id])

    @cached_property
    def ranks(self) -> dict[int, int]:
        """Where each node of the outline stands in the story."""
        return {id: rank for rank, id in enumerate(self.nodes)}


@dataclass(frozen=True, slots=True)
class Before:
    """What precedes a caret: names, cast, facts and the story so far, each with where it stands."""

    complete: float
    """How much of it is known yet, up to 1; the rest waits for ``update``."""
    gist: Gist
    told: tuple[tuple[Summary, tuple[Line, ...]], ...]
    """The summaries without their sentences, and these."""
    places: Mapping[bytes, tuple[int, int]]
    """The chunks that are pointed at: the scene, and where in it they begin."""
    ranks: Mapping[int, int]
    """Where these scenes stand in the story."""
    warmth: Mapping[str, float]
    """How often each name stands, each time counting less the farther back it is."""

    @property
    def names(self) -> dict[str, Tally]:
        """How often each name stands."""
        return {name: named.tally for name, named in self.gist.names.items()}

    def cast(self) -> list[Entry]:
        """Who and what is in the book, most frequent first, with where they are named and described."""
        same = [(s.subject, s.value) for s in self.gist.statements if s.attribute == "courtesy name"]
        return [entry for known in names.group(self.names, same) if (entry := self._entry(known)) is not None]

    def facts(self) -> list[Fact]:
        """What was stated, in story order."""
        found = []
        for stated in self.gist.statements:
            span = self.span(stated.place)
            if span is not None:
                found.append(Fact(stated.subject, stated.attribute, stated.value, Passage(stated.text, span)))
        return sorted(found, key=lambda fact: self._order(fact.source.span))

    def story(self) -> list[Summary]:
        """What happened: earlier parts, chapters and scenes, coarser the farther back, and this scene so far."""
        story = []
        for summary, lines in self.told:
            spans = [(line, span) for line in lines if (span := self.span(line.place)) is not None]
            if spans:
                sentences = tuple(Passage(line.text, span, line.weight / 100) for line, span in spans)
                story.append(replace(summary, sentences=sentences))
        return story

    def span(self, place: Place) -> Span | None:
        """Where a sentence stands now."""
        found = self.places.get(place.key)
        return None if found is None else Span(found[0], found[1] + place.start, found[1] + place.end)

    def _entry(self, known: Known) -> Entry | None:
        named = [self.gist.names[name] for name in (known.name, *known.aliases) if name in self.gist.names]
        ends = sorted(filter(None, (self.span(place) for n in named for place in (n.first, n.last))), key=self._order)
        if not ends:
            return None
        told = {span: weight for n in named for place, weight in n.who if (span := self.span(place)) is not None}
        best = sorted(told, key=lambda span: (-told[span], self._order(span)))[: gist.MOST_WHO]
        return Entry(
            known.name,
            known.kind,
            known.aliases,
            count=known.count,
            first=ends[0],
            last=ends[-1],
            sources=tuple(sorted(best, key=self._order)),
        )

    def _order(self, span: Span) -> tuple[int, int]:
        return self.ranks[span.scene], span.start


def before(store: Store, cursor: Cursor) -> Before:
    """What precedes the caret: a function of that alone, whatever stands behind it; of its scene the live text is read.

    It merges the left brothers along the path, so that it takes as long for a long book as for a short one.
    """
    with store.at_one_moment():
        return _Reading(store, cursor).before()


class _Reading:
    """One reading of what precedes a caret, nearest first, so that what is near is known where not all is."""

    def __init__(self, store: Store, cursor: Cursor) -> None:
        self._store, self._cursor = store, cursor
        self._shape = Shape.of(store)
        self._text = cursor.before
        self._rank = self._shape.ranks.get(cursor.scene, 0)
        self._chunks, self._keys = self._cut()
        self._at = dict(zip(reversed(self._keys), reversed(self._chunks), strict=True))
        self._inner: dict[bytes, tuple[bytes, ...]] = {}
        stacked(self._keys, self._inner, chunks=True)
        self._room, self._looks = ON_THE_FLY, LOOKS
        self._missing = 0  # words, roughly

    def before(self) -> Before:
        """What precedes the caret."""
        own = left_of(self._keys)
        earlier = self._shape.left(self._cursor.scene)
        kept = self._kept([left.key for left, _items in earlier] + [left.key for left in own])
        here = [made for left in reversed(own) if (made := self._made(left.key, kept))][::-1]
        parts: list[tuple[Gist, Sequence[Item]]] = []
        for left, items in reversed(earlier):
            parts += self._known(left.key, items, kept)
        parts.reverse()
        told = [(self._summary(items), _shown(part)) for part, items in parts]
        pieces = [part for part, _items in parts]
        if here:
            node = self._shape.nodes.get(self._cursor.scene)
            summary = Summary(self._cursor.scene, node.title if node else "", node.level if node else 0, ())
            pieces.append(gist.merged(here))
            told.append((summary, _shown(pieces[-1])))
        whole = pieces[0] if len(pieces) == 1 else gist.merged(pieces)
        wanted = {place.key for place in whole.places} | {line.place.key for _summary, lines in told for line in lines}
        places = self._placed(wanted)
        ranks = {scene: self._shape.ranks.get(scene, 0) for scene, _start in places.values()}
        warmth = _warmth([*(part for part, _items in parts), *here])
        return Before(self._complete(parts, whole), whole, tuple(told), places, ranks, warmth)

    def _cut(self) -> tuple[list[Chunk], list[bytes]]:
        """The chunks of the live text up to the caret with their keys; what was saved of it isn't cut again."""
        text = self._text
        places = self._store.index.chunks(self._cursor.scene) if self._cursor.scene in self._shape.nodes else []
        if places:
            saved = self._store.scene(self._cursor.scene, unchecked=True).text
            chunks = recut(saved, [Chunk(place.start, place.end) for place in places], text)
            end, _ = shared(saved, text)
        else:
            chunks, end = cut(text), 0
        same = 0
        while same < min(len(places), len(chunks)) and chunks[same].end == places[same].end <= end:
            same += 1
        keys = [place.key for place in places[:same]]
        return chunks, keys + [chunk_key(text[chunk.start : chunk.end]) for chunk in chunks[same:]]

    def _kept(self, keys: Iterable[bytes]) -> dict[bytes, Gist]:
        found = self._store.index.notes(gist.KIND, keys)
        return {key: known for key, data in found.items() if (known := gist.from_bytes(data)) is not None}

    def _made(self, key: bytes, kept: Mapping[bytes, Gist]) -> Gist | None:
        """The gist of a node within this scene, made here if it is of few chunks that are new."""
        if key in kept:
            return kept[key]
        if key in self._at:
            return self._digested(key)
        if self._looks <= 0:
            self._missing += sum(self._size(child) for child in self._leaves(key))
            return None
        self._looks -= 1
        children = self._inner[key]
        below = {} if children[0] in self._at else self._kept(children)
        made = [part for child in reversed(children) if (part := self._made(child, below))]
        return gist.merged(made[::-1]) if made else None

    def _digested(self, key: bytes) -> Gist | None:
        chunk = self._at[key]
        text = self._text[chunk.start : chunk.end]
        known = digest.kept(self._store, [key]).get(key)
        if known is None and self._room:
            self._room -= 1
            known = _digest(text)
        if known is None:
            self._missing += self._size(key)
            return None
        return gist.of_chunk(key, known, text)

    def _leaves(self, key: bytes) -> Iterator[bytes]:
        waiting = [key]
        while waiting:
            key = waiting.pop()
            if key in self._at:
                yield key
            else:
                waiting += self._inner[key]

    def _size(self, chunk: bytes) -> int:
        return (self._at[chunk].end - self._at[chunk].start) // _LETTERS + 1

    def _known(
        self, key: bytes, items: Sequence[Item], kept: Mapping[bytes, Gist]
    ) -> Iterator[tuple[Gist, Sequence[Item]]]:
        """The gist of a node before this scene, or if it isn't made yet, of those below it that are; last first."""
        if key in kept:
            yield kept[key], items
            return
        if len(items) == 1 and items[0].key not in self._shape.prose:
            items = self._shape.rows[items[0].node]
            while len(items) == 1 and items[0].key not in self._shape.prose:
                items = self._shape.rows[items[0].node]
        if len(items) == 1 or self._looks <= 0:
            self._missing += 1
            return
        self._looks -= 1
        children = self._shape.inner[key]
        below = self._kept(children)
        end = len(items)
        for child in reversed(children):
            first = end - self._shape.width(child, items[:end])
            yield from self._known(child, items[first:end], below)
            end = first

    def _summary(self, items: Sequence[Item]) -> Summary:
        first, last = self._shape.nodes[items[0].node], self._shape.nodes[items[-1].node]
        title = first.title if first == last else f"{first.title} – {last.title}"
        return Summary(first.id, title, first.level, ())

    def _complete(self, parts: Sequence[tuple[Gist, Sequence[Item]]], whole: Gist) -> float:
        """How much of what precedes is known; what isn't indexed yet doesn't count as known."""
        words = [node.words for node in list(self._shape.nodes.values())[: self._rank]]
        is_stale = any(rank < self._rank for rank in map(self._shape.ranks.__getitem__, self._shape.stale))
        if not self._missing and not is_stale:
            return 1.0
        unknown = max(0, sum(words) - sum(part.words for part, _items in parts)) + self._missing
        return min(0.999, whole.words / max(1, whole.words + unknown))

    def _placed(self, wanted: set[bytes]) -> dict[bytes, tuple[int, int]]:
        """Where chunks stand before the caret, of several places in an early one, but in this scene if they do."""
        ranks = self._shape.ranks
        found = {key: (self._cursor.scene, self._at[key].start) for key in wanted if key in self._at}
        for key, place in self._store.index.first(wanted - found.keys()).items():
            if ranks.get(place.scene, self._rank) < self._rank:
                found[key] = place.scene, place.start
        return found


def _warmth(parts: Sequence[Gist]) -> dict[str, float]:
    """How present each name is at the end of parts that follow each other."""
    found: dict[str, float] = {}
    back = 0
    for part in reversed(parts):
        weight = math.exp(-(back + part.words / 2) / FADING_WORDS)
        for name, named in part.names.items():
            found[name] = found.get(name, 0.0) + weight * named.tally.count
        back += part.words
    return found


@lru_cache(maxsize=4 * ON_THE_FLY)
def _digest(text: str) -> digest.Digest:
    return digest.digest(text)


def _shown(part: Gist) -> tuple[Line, ...]:
    """The sentences that stand for a stretch: three for a short scene, up to six for a part."""
    most = 3 + sum(part.words >= words for words in (1200, 3000, 10_000))
    return gist.best(part.lines, most)
