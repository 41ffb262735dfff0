"""The summary tree: gists over chunks, scenes, chapters and parts, in story order.

A row of brothers is cut into groups where their keys say so, from left to right, so that an edit re-makes one path, a
move no digest, and what stands behind a place never changes how what is before it is grouped. A node's key is the hash
of its children's, and its gist is kept under that. Scenes are told by the digest of their chunk keys, so that one
walk over the outline, and none over the chunks, tells the whole tree.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from weakref import WeakKeyDictionary

from writer.memory import digest, gist
from writer.memory.gist import Gist
from writer.store import Store
from writer.story import Span

FEWEST, MOST = 4, 16
"""Children of a node that groups a row, except for the last of the row, which may have fewer.

The gist of no more than ``FEWEST`` chunks isn't kept: it is as long as their digests, and quickly made of them.
"""

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

    def over(self, at: int) -> set[bytes]:
        """The nodes over one of the row."""
        found = set()
        keys = list(self.keys)
        while len(keys) > 1:
            cuts = list(groups(keys))
            at = bisect_right(cuts, (at, len(keys))) - 1
            start, end = cuts[at]
            keys = [key_of(tuple(keys[start:end])) if end - start > 1 else keys[start] for start, end in cuts]
            if end - start > 1:
                found.add(keys[at])
        return found

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

    def over(self, node: int) -> set[bytes]:
        """The nodes above a node's prose: an edit of it makes others of them, and nobody before it reads any."""
        found = set()
        path = self._path(node)
        for parent, id in zip([None, *path], [*path, node], strict=True):
            row = self._rows.get(parent)
            if row is not None and id in row.nodes:
                found |= row.over(row.nodes.index(id))
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
