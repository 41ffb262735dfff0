"""Bring the memory up to date: cut scenes that are stale, digest what is new, repair the tree, nearest the caret first.

What is made is made by reading alone and handed over in slices, so that another thread may write them. Each slice is
one short transaction, nothing in it is true only if another was kept, and what was kept is found by its content: so
stopping at any moment, or losing a slice, costs nothing but that work.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from writer.chunks import Chunk, cut
from writer.errors import ProjectError
from writer.memory import digest, gist
from writer.memory.gist import Gist
from writer.memory.tree import FEWEST, Shape, digest_of, of_few, prose_key, stacked
from writer.store import Store
from writer.store.index import Placed
from writer.store.index import key_of as chunk_key

_log = logging.getLogger(__name__)

SLICE = 16
"""Chunks that are digested for one transaction."""

_LONGEST_SLICE = 64_000  # characters of scenes that are indexed in one transaction, but for the last of them
_MOST = 64  # summaries in one transaction
_ROUNDS = 8
_UNSWEPT = "unswept"
_FEWEST_UNSWEPT, _UNSWEPT_SHARE = 6, 20  # summaries that nobody needs: at least so many, and this share of the tree
_PACKED = 64  # chunks that were read, after which the index of words is packed


@dataclass(frozen=True, slots=True)
class Progress:
    """How many words are done of all, and the title of what is being read."""

    done: int
    all: int
    what: str


@dataclass(frozen=True, slots=True)
class Done:
    """What an update made, and how much of the tree was there already."""

    chunks: int
    summaries: int
    reused: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Cut:
    """A scene as it was at a revision, cut into chunks."""

    scene: int
    revision: int
    chunks: tuple[Chunk, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """Some of the work, done, to be kept in one transaction."""

    progress: Progress
    cuts: tuple[Cut, ...] = ()
    digests: Mapping[bytes, bytes] = field(default_factory=dict)
    summaries: Mapping[bytes, bytes] = field(default_factory=dict)
    wanted: Mapping[str, frozenset[bytes]] | None = None
    """If not None, notes that are none of these are swept away."""
    packs: bool = False
    """Whether the index of words is packed a little more."""


def update(store: Store, near: int | None = None) -> Generator[Progress, None, Done]:
    """Bring the memory up to date, nearest the scene ``near`` first; closing it keeps what is done.

    What tells of ``near`` and of more than it waits until the author is elsewhere: who stands there reads none of it,
    and each edit there would make it another one.
    """
    work = prepared(store, near)
    while True:
        try:
            slice = next(work)
        except StopIteration as end:
            done: Done = end.value
            return done
        kept(store, slice)
        yield slice.progress


def kept(store: Store, slice: Slice) -> None:
    """Write what was prepared; a scene that has been saved since is left for the next time."""
    with store.transaction():
        for cut in slice.cuts:
            store.index.put(cut.scene, cut.revision, cut.chunks)
        if slice.digests:
            store.index.keep(digest.KIND, slice.digests)
        if slice.summaries:
            store.index.keep(gist.KIND, slice.summaries)
            store.put(_UNSWEPT, str(_unswept(store) + len(slice.summaries)))
        if slice.wanted is not None:
            for kind, keys in slice.wanted.items():
                store.index.sweep(kind, keys)
            store.put(_UNSWEPT, "0")
        if slice.packs:
            store.index.pack()


def prepared(store: Store, near: int | None = None) -> Generator[Slice, None, Done]:
    """The work in slices, only by reading; each must be kept, in whatever thread, before the next is asked for."""
    return _Work(store, near).slices()


def _unswept(store: Store) -> int:
    """Summaries made since those that nobody needs were swept away."""
    kept = store.get(_UNSWEPT, "0")
    return int(kept) if kept.isdecimal() else 0


class _Work:
    """One update: what it has made, and what of it waits to be kept."""

    def __init__(self, store: Store, near: int | None) -> None:
        self._store, self._near = store, near
        self._chunks = self._summaries = 0
        self._words = self._all = 0
        self._what = ""
        self._cuts: list[Cut] = []
        self._digests: dict[bytes, bytes] = {}
        self._gists: dict[bytes, Gist] = {}
        self._cut_characters = 0

    def slices(self) -> Generator[Slice, None, Done]:
        """The work in slices, until nothing is left that can be done."""
        started = time.monotonic()
        shape = Shape.of(self._store)
        last: tuple[Sequence[int], list[bytes]] | None = None
        for _round in range(_ROUNDS):
            absent = self._absent(shape)
            if (not shape.stale and not absent) or last == (shape.stale, absent):
                break
            last = shape.stale, absent
            yield from self._scenes(shape, absent)
            if shape.stale:
                yield from self._slice()
                shape = Shape.of(self._store)
                absent = self._absent(shape)
            yield from self._above(shape, absent)
            shape = Shape.of(self._store)
        below = self._below(shape, shape.tops)
        if _unswept(self._store) >= max(_FEWEST_UNSWEPT, below // _UNSWEPT_SHARE) and not shape.stale:
            yield Slice(self._progress(), wanted=self._wanted(shape), packs=not self._store.index.is_packed())
        if self._chunks >= _PACKED:
            for _step in range(below):  # far more than it takes
                if self._store.index.is_packed():
                    break
                yield Slice(self._progress(), packs=True)
        reused = max(0, below - self._chunks - self._summaries)
        return Done(self._chunks, self._summaries, reused, time.monotonic() - started)

    def _absent(self, shape: Shape) -> list[bytes]:
        """The nodes that aren't made yet, those before ``near`` first, but for those over it: they wait."""
        if self._near is None:
            return list(self._missing(shape, shape.tops, ()))
        before = self._missing(shape, [stretch.key for stretch in shape.left(self._near)], ())
        return list(before | self._missing(shape, shape.tops, shape.over(self._near)))

    def _missing(self, shape: Shape, nodes: Sequence[bytes], over: Collection[bytes]) -> dict[bytes, None]:
        """Those of these nodes and of all below them that aren't made yet, from the top, without those ``over``."""
        missing: dict[bytes, None] = {}
        waiting = list(nodes)
        while waiting:
            known = self._store.index.notes(gist.KIND, waiting)
            unmade = [key for key in dict.fromkeys(waiting) if not gist.is_current(known.get(key, b""))]
            unmade = self._without_few(unmade, shape)
            missing.update(dict.fromkeys(key for key in unmade if key not in over))
            waiting = [child for key in unmade for child in shape.inner.get(key, ()) if child not in missing]
        return missing

    def _without_few(self, keys: Sequence[bytes], shape: Shape) -> list[bytes]:
        """Those of these nodes that aren't scenes of few chunks with a digest of each."""
        few = shape.few(keys)
        places = self._store.index.chunks_of(few.values())
        known = self._store.index.notes(digest.KIND, [place.key for some in places.values() for place in some])
        made = {key for key, data in known.items() if digest.is_current(data)}
        return [key for key in keys if key not in few or not made.issuperset(p.key for p in places[few[key]])]

    def _scenes(self, shape: Shape, absent: Sequence[bytes]) -> Iterator[Slice]:
        """The scenes that were saved without the index, or whose summary isn't made yet."""
        scenes = {id for id in shape.stale if id in shape.ranks}
        scenes.update(shape.prose[key] for key in absent if key in shape.prose)
        told = self._store.titles(scenes)
        self._all = self._words + sum(words for _title, words in told.values())
        for id in sorted(told, key=self._distance(shape)):
            yield from self._scene(id, *told[id])

    def _distance(self, shape: Shape) -> Callable[[int], tuple[bool, int]]:
        """How far a scene is: what is before ``near`` is nearer than what is behind, the beginning if there is none."""
        here = -1 if self._near is None else shape.ranks.get(self._near, -1)
        return lambda id: (shape.ranks[id] > here, abs(shape.ranks[id] - here))

    def _scene(self, id: int, title: str, words: int) -> Iterator[Slice]:
        """Cut a scene if it is stale, and make the nodes over its chunks."""
        self._what = title
        begun = self._words
        try:
            with self._store.at_one_moment():
                scene = self._store.scene(id, unchecked=True)
                places = self._store.index.chunks(id)
        except ProjectError as error:  # the author hears of it where the scene is shown or the book is checked
            _log.warning("the memory is without a scene: %s", error)
            places, scene = [], None
        if scene is not None and scene.text:
            prose = _Prose.of(scene.text, places)
            if not places:
                self._cuts.append(Cut(id, scene.revision, prose.chunks))
                self._cut_characters += len(scene.text)
            for position in self._read(prose):
                self._words = begun + words * position // len(scene.text)
                if len(self._digests) >= SLICE:
                    yield from self._slice()
        self._words = begun + words
        if len(self._digests) >= SLICE or len(self._gists) >= _MOST or self._cut_characters >= _LONGEST_SLICE:
            yield from self._slice()

    def _read(self, prose: _Prose) -> Iterator[int]:
        """Make what is kept of a scene; yields how far in the text it is."""
        if len(prose.chunks) > FEWEST:
            yield from self._made(prose.key, prose)
            return
        for chunk in prose.inner[prose.key]:
            yield from self._made(chunk, prose)
        self._summaries += 1

    def _made(self, key: bytes, prose: _Prose) -> Generator[int, None, Gist]:
        """The gist of a node within a scene, with all that is missing below it; yields how far in the text it is."""
        chunk = prose.at.get(key)
        if chunk is not None:
            text = prose.text[chunk.start : chunk.end]
            known = digest.kept(self._store, [key]).get(key)
            if known is None:
                known = digest.digest(text)
                self._digests[key] = digest.to_bytes(known)
                self._chunks += 1
                yield chunk.end
            return gist.of_chunk(known, text)
        kept = self._kept([key])
        if key in kept:
            return kept[key]
        children = prose.inner[key]
        parts: list[Gist] = []
        for child in children:
            part = yield from self._made(child, prose)
            parts.append(part)
        return self._merged(key, parts, is_kept=len(children) > FEWEST or children[0] not in prose.at)

    def _above(self, shape: Shape, absent: Sequence[bytes]) -> Iterator[Slice]:
        """The nodes above the scenes, those at the bottom first."""
        waiting = [key for key in absent if key in shape.inner]
        wanted = set(waiting)
        while waiting:
            below = [child for child in shape.inner[waiting[-1]] if child in wanted]
            if below:
                waiting += below
                continue
            key = waiting.pop()
            if key in wanted:
                wanted.remove(key)
                children = shape.inner[key]
                parts = self._kept(children, shape)
                if parts.keys() >= set(children):  # else one was saved meanwhile, and this is another node by now
                    self._merged(key, [parts[child] for child in children])
                if len(self._gists) >= _MOST:
                    yield from self._slice()
        yield from self._slice()

    def _kept(self, keys: Sequence[bytes], shape: Shape | None = None) -> dict[bytes, Gist]:
        """The gists of those of these nodes that are made, or of few chunks."""
        found = {key: self._gists[key] for key in keys if key in self._gists}
        known = self._store.index.notes(gist.KIND, [key for key in keys if key not in found])
        found |= {key: made for key, data in known.items() if (made := gist.from_bytes(data)) is not None}
        if shape is not None:
            found |= of_few(self._store, shape.few(key for key in keys if key not in found), self._digests)
        return found

    def _merged(self, key: bytes, parts: Sequence[Gist], *, is_kept: bool = True) -> Gist:
        made = gist.merged(parts)
        if is_kept:
            self._gists[key] = made
        self._summaries += 1
        return made

    def _below(self, shape: Shape, nodes: Sequence[bytes]) -> int:
        """How many chunks and nodes are kept under these."""
        made = self._kept(nodes, shape)
        count = sum(one.chunks + one.nodes for one in made.values())
        waiting = [child for key in nodes if key not in made for child in shape.inner.get(key, ())]
        return count + (self._below(shape, waiting) if waiting else 0)

    def _progress(self) -> Progress:
        return Progress(self._words, self._all, self._what)

    def _slice(self) -> Iterator[Slice]:
        """What waits to be kept, if anything does."""
        if self._cuts or self._digests or self._gists:
            summaries = {key: gist.to_bytes(made) for key, made in self._gists.items()}
            yield Slice(self._progress(), tuple(self._cuts), dict(self._digests), summaries)
            self._cuts.clear()
            self._digests.clear()
            self._gists.clear()
            self._cut_characters = 0

    def _wanted(self, shape: Shape) -> dict[str, frozenset[bytes]]:
        """All that is in the tree now."""
        chunks: set[bytes] = set()
        nodes = {*shape.inner, *shape.prose}
        for places in self._store.index.chunks_of(shape.ranks.keys()).values():
            keys = [place.key for place in places]
            inner: dict[bytes, tuple[bytes, ...]] = {}
            stacked(keys, inner, chunks=True)
            chunks.update(keys)
            nodes.update(inner)
        return {digest.KIND: frozenset(chunks), gist.KIND: frozenset(nodes)}


@dataclass(frozen=True, slots=True)
class _Prose:
    """A scene's text and the tree over its chunks."""

    text: str
    chunks: tuple[Chunk, ...]
    key: bytes
    inner: Mapping[bytes, tuple[bytes, ...]]
    at: Mapping[bytes, Chunk]

    @classmethod
    def of(cls, text: str, places: Sequence[Placed]) -> _Prose:
        """The tree over the chunks as they are indexed, or else as they will be."""
        chunks = tuple(Chunk(place.start, place.end) for place in places) or tuple(cut(text))
        keys = [place.key for place in places] or [chunk_key(text[chunk.start : chunk.end]) for chunk in chunks]
        inner: dict[bytes, tuple[bytes, ...]] = {}
        top = stacked(keys, inner, chunks=True)
        assert top is not None
        key = prose_key(digest_of(keys))
        inner[key] = inner[top]
        return cls(text, chunks, key, inner, dict(zip(reversed(keys), reversed(chunks), strict=True)))
