"""The summary tree: gists over chunks, scenes, chapters and parts, in story order.

A row of brothers is cut into groups where their keys say so, from left to right, so that an edit re-makes one path, a
move no digest, and what stands behind a place never changes how what is before it is grouped. A node's key is the hash
of its children's, and its gist is kept under that. Scenes are told by the digest of their chunk keys, so that one
walk over the outline, and none over the chunks, tells the whole tree.
"""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from weakref import WeakKeyDictionary

from writer import names
from writer.chunks import Chunk, cut, recut, shared
from writer.memory import digest, gist
from writer.memory.digest import Place
from writer.memory.gist import Gist, Line
from writer.names import Known, Tally
from writer.store import Store
from writer.store.index import key_of as chunk_key
from writer.story import Cursor, Entry, Fact, Passage, Span, Summary

FEWEST, MOST = 4, 16
"""Children of a node that groups a row, except for the last of the row, which may have fewer.

The gist of no more than ``FEWEST`` chunks isn't kept: it is as long as their digests, and quickly made of them.
"""

ON_THE_FLY = 12
"""Chunks near the caret that are digested while the author waits, at most."""

LOOKS = 200
"""Nodes that are looked below because they aren't made yet, at most."""

TOLD = 32
"""In about so many stretches the story so far is told where it is not divided into parts, if it is that long."""

FADING_WORDS = 20_000
"""After so many words a name is a third as present as it was."""

_LETTERS = 4  # a word
_CHANCE = 32  # of 256, that a key ends a group
_VERSION = bytes([digest.VERSION, gist.VERSION])
_SIZE = 16
_REMEMBERED = 256  # scenes of few chunks
_NOTHING: Mapping[bytes, bytes] = {}
_NO_TEXT = hashlib.sha256(b"").digest()[:_SIZE]


@dataclass(frozen=True, slots=True)
class Left:
    """A node of the tree that lies before a place, over those of its row from ``first`` up to ``end``, without that."""

    key: bytes
    first: int
    end: int


@lru_cache(maxsize=4096)
def key_of(children: tuple[bytes, ...]) -> bytes:
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
                children = tuple(row[start:end])
                key = key_of(children)
                inner[key] = children
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
        keys = [key_of(tuple(keys[a:b])) for a, b in cuts]
    return found


def _is_cut(keys: Sequence[bytes], start: int, end: int) -> bool:
    """Whether the group ends there whatever follows."""
    return end - start == MOST or (end - start >= FEWEST and keys[end - 1][0] < _CHANCE)


@dataclass(frozen=True, slots=True)
class Row:
    """Brothers with prose in or below them; their parent's own prose is in front, as if it were one of them."""

    nodes: tuple[int, ...]
    keys: tuple[bytes, ...]
    inner: Mapping[bytes, tuple[bytes, ...]]
    """The nodes over them, with their children."""
    top: bytes | None

    @classmethod
    def of(cls, items: Iterable[tuple[int, bytes | None]]) -> Row:
        """The row of nodes with their keys, of which those without a key are left out."""
        having = [item for item in items if item[1]]
        keys = tuple([key for _node, key in having if key])
        inner: dict[bytes, tuple[bytes, ...]] = {}
        top = stacked(keys, inner)
        return cls(tuple([node for node, _key in having]), keys, inner, top)

    def width(self, key: bytes, end: int) -> int:
        """How many of the row, up to ``end``, a node covers."""
        if key == self.keys[end - 1]:
            return 1
        width = 0
        for child in reversed(self.inner[key]):
            width += self.width(child, end - width)
        return width


@dataclass(frozen=True, slots=True)
class Stretch:
    """A node of the tree, over those of a row from ``first`` up to but not including ``end``."""

    key: bytes
    row: Row
    first: int
    end: int


class Shape:
    """The tree as the outline and the keys of the scenes make it now, without what it says."""

    def __init__(self, parents: Mapping[int, int | None], chunks: Mapping[int, bytes]) -> None:
        """``parents`` are those of all nodes in story order, ``chunks`` the digests of the scenes' chunk keys."""
        self.parents = parents
        self.ranks = {id: rank for rank, id in enumerate(parents)}
        """Where each node of the outline stands in the story."""
        self.sizes: Mapping[int, tuple[int, int]] = {}
        """The characters and the chunks of each scene."""
        self.stale: Sequence[int] = ()
        """The scenes with text that isn't indexed, so that it is not in the tree."""
        self._below: dict[int | None, list[int]] = {None: []}
        for id, parent in parents.items():
            self._below.setdefault(parent, []).append(id)
        self._own: dict[int, bytes] = {}
        self._rows: dict[int | None, Row] = {}
        self._chunks: Mapping[int, bytes] = {}
        self._take(chunks, [*reversed(parents), None])

    @classmethod
    def of(cls, store: Store) -> Shape:
        """The tree of the book as it is kept now; what didn't change since it was last told isn't made again."""
        with store.at_one_moment():
            moment, order = store.index.moment(), store.order()
            last = _LAST.get(store)
            if last is not None and last.moment == moment and last.order is order:
                return last.shape
            chunks, stale = store.index.state()
            for scene in [scene for scene, key in chunks.items() if key == _NO_TEXT]:
                del chunks[scene]
            if last is not None and last.order is order:
                shape, known = last.shape._after(chunks), last.shape.sizes
                same = {scene for scene in known if last.shape._chunks[scene] == chunks.get(scene)}
            else:
                shape, known, same = cls({node.id: node.parent for node in store.nodes()}, chunks), {}, set()
            new = store.index.chunks_of(chunks.keys() - same)
            shape.sizes = {scene: known[scene] for scene in same} | {
                scene: (places[-1].end, len(places)) for scene, places in new.items() if places
            }
            shape.stale = stale
            _LAST[store] = _Last(moment, order, shape)
            return shape

    @cached_property
    def tops(self) -> list[bytes]:
        """The nodes that are whole at the end of the book: all that is ever read is one of them, or below one."""
        return [left.key for left in left_of(self._rows[None].keys)]

    @cached_property
    def inner(self) -> dict[bytes, tuple[bytes, ...]]:
        """The nodes above the scenes, with their children, as far as they are whole."""
        found = {key: nodes for id, row in self._rows.items() if id is not None for key, nodes in row.inner.items()}
        waiting, top = list(self.tops), self._rows[None].inner
        while waiting:
            if (nodes := top.get(key := waiting.pop())) is not None:
                found[key] = nodes
                waiting += nodes
        return found

    @cached_property
    def prose(self) -> dict[bytes, int]:
        """The scenes' own prose, and a scene that has it."""
        return {key: id for id, key in self._own.items()}

    def few(self, keys: Iterable[bytes]) -> dict[bytes, int]:
        """Those of these that are prose of few chunks, each with a scene that has it."""
        found = {key: self.prose[key] for key in keys if key in self.prose}
        return {key: id for key, id in found.items() if 0 < self.sizes.get(id, (0, 0))[1] <= FEWEST}

    def row(self, node: int | None) -> Row:
        """What there is below a node, its own prose in front, or at the top."""
        return self._rows[node]

    def level(self, node: int) -> int:
        """How many nodes are above this one."""
        return len(self._path(node)) - 1

    def left(self, node: int) -> list[Stretch]:
        """The nodes that are whole before a node of the outline, in story order."""
        found = []
        parent = None
        for id in self._path(node):
            row, rank = self._rows[parent], self.ranks[id]
            count = bisect_left(row.nodes, rank, key=self.ranks.__getitem__)
            found += [Stretch(left.key, row, left.first, left.end) for left in left_of(row.keys[:count])]
            parent = id
        return found

    def start(self, node: int) -> int:
        """Where the prose of a node, or of the first one below it that has any, begins in that of the whole book."""
        ranks, _scenes, starts = self._places
        return starts[bisect_left(ranks, self.ranks[node])]

    def span(self, start: int, end: int) -> Span:
        """The place in a scene of what is found there in the prose of the whole book."""
        _ranks, scenes, starts = self._places
        at = bisect_right(starts, start) - 1
        return Span(scenes[at], start - starts[at], end - starts[at])

    @cached_property
    def _places(self) -> tuple[list[int], list[int], list[int]]:
        """The ranks of all scenes with prose, these, and where each begins."""
        scenes = sorted(self._own, key=self.ranks.__getitem__)
        return (
            [self.ranks[scene] for scene in scenes],
            scenes,
            list(accumulate([self.sizes.get(scene, (0, 0))[0] for scene in scenes], initial=0))[: len(scenes)],
        )

    def _path(self, node: int) -> list[int]:
        """A node of the outline behind all above it, from the top."""
        above: list[int] = []
        at: int | None = node
        while at is not None and at in self.parents:
            above.insert(0, at)
            at = self.parents[at]
        return above

    def _after(self, chunks: Mapping[int, bytes]) -> Shape:
        """The tree of the same outline with other prose."""
        shape = Shape.__new__(Shape)
        shape.parents, shape.ranks, shape._below = self.parents, self.ranks, self._below
        shape._own, shape._rows, shape._chunks = dict(self._own), dict(self._rows), self._chunks
        changed = {id for id, _key in self._chunks.items() ^ chunks.items() if id in self.parents}
        above = {id for node in changed for id in self._path(node)}
        shape._take(chunks, [*sorted(above, key=self.ranks.__getitem__, reverse=True), None])
        return shape

    def _take(self, chunks: Mapping[int, bytes], nodes: Iterable[int | None]) -> None:
        """Make what is above the prose of these nodes, of which those below come first."""
        for id in nodes:
            if id is not None and self._chunks.get(id) != chunks.get(id):
                if id in chunks:
                    self._own[id] = prose_key(chunks[id])
                else:
                    del self._own[id]
            if id in self._below:
                first = [] if id is None else [(id, self._own.get(id))]
                self._rows[id] = Row.of(first + [(child, self._top(child)) for child in self._below[id]])
        self._chunks = chunks

    def _top(self, node: int) -> bytes | None:
        return self._rows[node].top if node in self._rows else self._own.get(node)


@dataclass(frozen=True, slots=True)
class _Last:
    """The tree as it was told last."""

    moment: object
    order: Mapping[int, int]
    shape: Shape


_LAST: WeakKeyDictionary[Store, _Last] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Before:
    """What precedes a caret: names, cast, facts and the story so far, each with where it stands."""

    complete: float
    """How much of it is known yet, up to 1; the rest waits for ``update``."""
    gist: Gist
    summaries: tuple[Summary, ...]
    warmth: Mapping[str, float]
    """How often each name stands, each time counting less the farther back it is."""
    ground: Ground
    """Where what is in the gist stands now."""

    @property
    def names(self) -> dict[str, Tally]:
        """How often each name stands."""
        return {name: named.tally for name, named in self.gist.names.items()}

    def cast(self) -> list[Entry]:
        """Who and what is in the book, most frequent first, with where they are named and described."""
        first = {name: named.first for name, named in self.gist.names.items()}
        return [self._entry(known) for known in names.group(self.names, self.gist.told, first)]

    def facts(self) -> list[Fact]:
        """What was stated, in story order."""
        return [
            Fact(stated.subject, stated.attribute, stated.value, Passage(stated.text, self.ground.span(stated.place)))
            for stated in sorted(self.gist.statements, key=lambda stated: stated.place)
        ]

    def story(self) -> list[Summary]:
        """What happened: earlier parts, chapters and scenes, coarser the farther back, and this scene so far."""
        return list(self.summaries)

    def _entry(self, known: Known) -> Entry:
        named = [self.gist.names[name] for name in (known.name, *known.aliases) if name in self.gist.names]
        told = {place: weight for n in named for place, weight in n.who}
        best = sorted(told, key=lambda place: (-told[place], place))[: gist.MOST_WHO]
        return Entry(
            known.name,
            known.kind,
            known.aliases,
            count=known.count,
            first=self.ground.span(min(n.first for n in named)),
            last=self.ground.span(max(n.last for n in named)),
            sources=tuple(self.ground.span(place) for place in sorted(best)),
        )


@dataclass(frozen=True, slots=True)
class Ground:
    """What lies one behind the other before a caret: where each piece begins, and where that is in the book."""

    shape: Shape
    scene: int
    starts: tuple[int, ...]
    """Where each piece begins behind the others; the last one is the caret's own scene."""
    places: tuple[int, ...]
    """Where it begins in the prose of the whole book, and the last one in its scene."""

    def span(self, place: Place) -> Span:
        """Where a sentence stands."""
        piece = bisect_right(self.starts, place[0]) - 1
        by = self.places[piece] - self.starts[piece]
        start, end = place[0] + by, place[1] + by
        return Span(self.scene, start, end) if piece == len(self.starts) - 1 else self.shape.span(start, end)


def of_few(store: Store, scenes: Mapping[bytes, int], more: Mapping[bytes, bytes] = _NOTHING) -> dict[bytes, Gist]:
    """The gists of prose of few chunks: they aren't kept, but made of the digests, where all of these are.

    ``more`` are digests that wait to be kept.
    """
    if not scenes:
        return {}
    places = store.index.chunks_of(scenes.values())
    texts = store.index.texts(places)
    digests = {**store.index.notes(digest.KIND, [p.key for some in places.values() for p in some]), **more}
    made = {}
    for key, scene in scenes.items():
        of = [(digests.get(p.key, b""), texts[scene][p.start : p.end]) for p in places.get(scene, ())]
        if of and (one := _of_few(tuple(of))) is not None:
            made[key] = one
    return made


@lru_cache(maxsize=_REMEMBERED)
def _of_few(chunks: Sequence[tuple[bytes, str]]) -> Gist | None:
    parts = [gist.of_chunk(known, text) for data, text in chunks if (known := digest.from_bytes(data)) is not None]
    return gist.merged(parts) if len(parts) == len(chunks) else None


def before(store: Store, cursor: Cursor, *, tells: bool = True) -> Before:
    """What precedes the caret: a function of that alone, whatever stands behind it; of its scene the live text is read.

    It merges the left brothers along the path, so that it takes as long for a long book as for a short one. The story
    so far is not told without ``tells``.
    """
    with store.at_one_moment():
        return _Reading(store, cursor).before(tells=tells)


class _Reading:
    """One reading of what precedes a caret, nearest first, so that what is near is known where not all is."""

    def __init__(self, store: Store, cursor: Cursor) -> None:
        self._store, self._cursor = store, cursor
        self._shape = Shape.of(store)
        self._text = cursor.before
        self._chunks, self._keys = self._cut()
        self._at = dict(zip(reversed(self._keys), reversed(self._chunks), strict=True))
        self._inner: dict[bytes, tuple[bytes, ...]] = {}
        stacked(self._keys, self._inner, chunks=True)
        self._room, self._looks = ON_THE_FLY, LOOKS
        self._missing = 0  # words, roughly

    def before(self, *, tells: bool) -> Before:
        """What precedes the caret."""
        own = left_of(self._keys)
        earlier = self._shape.left(self._cursor.scene)
        kept = self._kept([stretch.key for stretch in earlier] + [left.key for left in own])
        here = [self._made(left.key, kept) for left in reversed(own)][::-1]
        parts: list[tuple[Gist, Stretch]] = []
        for stretch in reversed(earlier):
            parts += self._known(stretch, kept)
        parts.reverse()
        pieces = [part for part, _stretch in parts]
        if here:
            pieces.append(here[0] if len(here) == 1 else gist.merged(here))
        whole = pieces[0] if len(pieces) == 1 else gist.merged(pieces, pieces[-1].names if here else ())
        warmth = _warmth([*(part for part, _stretch in parts), *here])
        summaries = self._summaries(parts, pieces[len(parts) :]) if tells else ()
        return Before(self._complete(parts, whole), whole, tuple(summaries), warmth, self._ground(parts))

    def _ground(self, parts: Sequence[tuple[Gist, Stretch]]) -> Ground:
        starts = accumulate([part.characters for part, _stretch in parts], initial=0)
        places = [self._shape.start(stretch.row.nodes[stretch.first]) for _part, stretch in parts]
        return Ground(self._shape, self._cursor.scene, tuple(starts), (*places, 0))

    def _cut(self) -> tuple[list[Chunk], list[bytes]]:
        """The chunks of the live text up to the caret with their keys; what was saved of it isn't cut again."""
        text = self._text
        places = self._store.index.chunks(self._cursor.scene) if self._cursor.scene in self._shape.parents else []
        if places:
            saved = self._store.index.texts([self._cursor.scene])[self._cursor.scene]
            chunks = recut(saved, [Chunk(place.start, place.end) for place in places], text)
            end, _ = shared(saved, text)
        else:
            chunks, end = cut(text), 0
        same = 0
        while same < min(len(places), len(chunks)) and chunks[same].end == places[same].end <= end:
            same += 1
        keys = [place.key for place in places[:same]]
        return chunks, keys + [chunk_key(text[chunk.start : chunk.end]) for chunk in chunks[same:]]

    def _kept(self, keys: Sequence[bytes]) -> dict[bytes, Gist]:
        found = self._store.index.notes(gist.KIND, keys)
        kept = {key: known for key, data in found.items() if (known := gist.from_bytes(data)) is not None}
        return kept | of_few(self._store, self._shape.few(key for key in keys if key not in kept))

    def _made(self, key: bytes, kept: Mapping[bytes, Gist]) -> Gist:
        """The gist of a node within this scene, made here if it is of few chunks that are new; else it says nothing."""
        if key in kept:
            return kept[key]
        if key in self._at:
            return self._digested(key)
        if self._looks <= 0:
            leaves = list(self._leaves(key))
            self._missing += sum(self._size(leaf) // _LETTERS + 1 for leaf in leaves)
            return Gist(sum(map(self._size, leaves)))
        self._looks -= 1
        children = self._inner[key]
        below = {} if children[0] in self._at else self._kept(children)
        return gist.merged([self._made(child, below) for child in reversed(children)][::-1])

    def _digested(self, key: bytes) -> Gist:
        chunk = self._at[key]
        text = self._text[chunk.start : chunk.end]
        known = digest.kept(self._store, [key]).get(key)
        if known is None and self._room:
            self._room -= 1
            known = _digest(text)
        if known is None:
            self._missing += len(text) // _LETTERS + 1
            return Gist(len(text))
        return gist.of_chunk(known, text)

    def _leaves(self, key: bytes) -> Iterator[bytes]:
        waiting = [key]
        while waiting:
            key = waiting.pop()
            if key in self._at:
                yield key
            else:
                waiting += self._inner[key]

    def _size(self, chunk: bytes) -> int:
        return self._at[chunk].end - self._at[chunk].start

    def _known(self, stretch: Stretch, kept: Mapping[bytes, Gist]) -> Iterator[tuple[Gist, Stretch]]:
        """The gist of a node before this scene, or if it isn't made yet, of those below it that are; last first."""
        key, row, first, end = stretch.key, stretch.row, stretch.first, stretch.end
        if key in kept:
            yield kept[key], stretch
            return
        while end - first == 1 and key not in self._shape.prose:
            row = self._shape.row(row.nodes[first])
            first, end = 0, len(row.nodes)
        if end - first == 1 or self._looks <= 0:
            self._missing += 1
            return
        self._looks -= 1
        children = row.inner[key]
        below = self._kept(children)
        for child in reversed(children):
            width = row.width(child, end)
            yield from self._known(Stretch(child, row, end - width, end), below)
            end -= width

    def _finely(self, part: Gist, stretch: Stretch) -> list[tuple[Gist, Stretch]]:
        """A stretch as those below it that tell of few nodes each, as far as these are made."""
        children = stretch.row.inner.get(stretch.key, ())
        if stretch.end - stretch.first <= max(MOST, len(stretch.row.nodes) // TOLD) or not children:
            return [(part, stretch)]
        below = self._kept(children)
        if any(child not in below for child in children):
            return [(part, stretch)]
        found: list[tuple[Gist, Stretch]] = []
        end = stretch.end
        for child in reversed(children):
            width = stretch.row.width(child, end)
            found[:0] = self._finely(below[child], Stretch(child, stretch.row, end - width, end))
            end -= width
        return found

    def _summaries(self, parts: Sequence[tuple[Gist, Stretch]], here: Sequence[Gist]) -> Iterator[Summary]:
        """What each part of the story says, with its sentences in full; the last may be this scene."""
        parts = [fine for part in parts for fine in self._finely(*part)]
        ground = self._ground(parts)
        told = [_shown(piece) for piece in (*(part for part, _stretch in parts), *here)]
        ends = [(s.row.nodes[s.first], s.row.nodes[s.end - 1]) for _part, s in parts]
        if here:
            ends.append((self._cursor.scene, self._cursor.scene))
        spans = [[self._moved(ground, number, line.place) for line in lines] for number, lines in enumerate(told)]
        titles = self._store.titles({node for two in ends for node in two})
        texts = self._store.index.texts({span.scene for some in spans for span in some} - {self._cursor.scene})
        texts[self._cursor.scene] = self._text
        for (first, last), some, lines in zip(ends, spans, told, strict=True):
            if lines:
                title = titles.get(first, ("", 0))[0]
                if first != last:
                    title += f" – {titles[last][0]}"
                sentences = tuple(
                    Passage(gist.said(texts[span.scene][span.start : span.end]), span, line.weight / 100)
                    for span, line in zip(some, lines, strict=True)
                )
                yield Summary(first, title, max(0, self._shape.level(first)), sentences)

    @staticmethod
    def _moved(ground: Ground, piece: int, place: Place) -> Span:
        start = ground.starts[piece]
        return ground.span((place[0] + start, place[1] + start))

    def _complete(self, parts: Sequence[tuple[Gist, Stretch]], whole: Gist) -> float:
        """How much of what precedes is known; what isn't indexed yet doesn't count as known."""
        ranks = self._shape.ranks
        rank = ranks.get(self._cursor.scene, 0)
        if not self._missing and not any(ranks.get(scene, rank) < rank for scene in self._shape.stale):
            return 1.0
        words = sum(node.words for node in self._store.nodes()[:rank])
        unknown = max(0, words - sum(part.words for part, _stretch in parts)) + self._missing
        return min(0.999, whole.words / max(1, whole.words + unknown))


def _warmth(parts: Sequence[Gist]) -> dict[str, float]:
    """How present each name is at the end of parts that follow each other."""
    found: dict[str, float] = {}
    back = 0
    for part in reversed(parts):
        weight = math.exp(-(back + part.words / 2) / FADING_WORDS)
        for name, named in part.names.items():
            found[name] = found.get(name, 0.0) + weight * (named[0] + named[1])
        back += part.words
    return found


@lru_cache(maxsize=4 * ON_THE_FLY)
def _digest(text: str) -> digest.Digest:
    return digest.digest(text)


def _shown(part: Gist) -> tuple[Line, ...]:
    """The sentences that stand for a stretch: three for a short scene, up to six for a part."""
    most = 3 + sum(part.words >= words for words in (1200, 3000, 10_000))
    return gist.best(part.lines, most)
