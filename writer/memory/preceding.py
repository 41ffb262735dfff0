"""What precedes a caret: names, cast, facts and the story so far, merged of the tree's gists and of the live text."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, chain

from writer import names
from writer.chunks import Chunk, cut, recut, shared
from writer.memory import digest, gist
from writer.memory.digest import Place
from writer.memory.gist import Gist, Line
from writer.memory.tree import MOST, Shape, Stretch, left_of, of_few, stacked
from writer.names import Known, Tally
from writer.store import Store
from writer.store.index import key_of as chunk_key
from writer.story import Cursor, Entry, Fact, Passage, Span, Summary
from writer.text import one_line

ON_THE_FLY = 12
"""Chunks near the caret that are digested while the author waits, at most."""

LOOKS = 200
"""Nodes that are looked below because they aren't made yet, at most."""

TOLD = 32
"""In about so many stretches the story so far is told where it is not divided into parts, if it is that long."""

LONG_WORDS = 10_000
"""Of so many words at least is each piece in which a scene is told that is longer than two of them."""

FADING_WORDS = 20_000
"""After so many words a name is a third as present as it was."""

_LETTERS = 4  # a word
_BEGINNING = 60  # characters


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


def before(store: Store, cursor: Cursor, *, tells: bool = True) -> Before:
    """What precedes the caret: a function of that alone, whatever stands behind it; of its scene the live text is read.

    It merges the left brothers along the path, so that it takes as long for a long book as for a short one. The story
    so far is not told without ``tells``.
    """
    with store.at_one_moment():
        return _Reading(store, cursor).before(tells=tells)


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is told together: scenes, or a piece of a long one."""

    gist: Gist
    first: int
    last: int
    start: int
    """Where it begins in the prose of the whole book, or in the caret's scene."""
    is_inner: bool = False


@dataclass(frozen=True, slots=True)
class _Inside:
    """The nodes within a scene, each with those or the chunks below it, and the text of each chunk."""

    inner: dict[bytes, tuple[bytes, ...]]
    texts: Mapping[bytes, str]


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
            pieces.append(_together(here))
        whole = pieces[0] if len(pieces) == 1 else gist.merged(pieces, pieces[-1].names if here else ())
        warmth = _warmth([*(part for part, _stretch in parts), *here])
        nodes = [(part, left.key) for part, left in zip(here, own, strict=True)]
        summaries = self._summaries(parts, nodes) if tells else ()
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

    def _divided(self, parts: Sequence[tuple[Gist, bytes]], inside: _Inside) -> list[Gist]:
        """What stands in one scene, told in pieces if it is long, as far as these are made."""
        all_words = sum(part.words for part, _key in parts)
        if all_words <= 2 * LONG_WORDS:
            return [_together([part for part, _key in parts])]
        most = max(LONG_WORDS, all_words // TOLD)
        pieces: list[list[Gist]] = []
        for one in [fine for part, key in parts for fine in self._below(part, key, inside, most)]:
            if pieces and sum(other.words for other in pieces[-1]) + one.words <= most:
                pieces[-1].append(one)
            else:
                pieces.append([one])
        return [_together(some) for some in pieces]

    def _below(self, part: Gist, key: bytes, inside: _Inside, most: int) -> list[Gist]:
        """What is below a node within a scene, down to so many words."""
        children = inside.inner.get(key, ())
        if part.words <= most or any(child not in inside.inner for child in children):
            return [part]
        below = self._kept(children)
        few = {child: inside.inner[child] for child in children if child not in below}
        digests = digest.kept(self._store, chain(*few.values()))
        for child, chunks in few.items():
            if all(chunk in digests for chunk in chunks):
                below[child] = gist.merged([gist.of_chunk(digests[chunk], inside.texts[chunk]) for chunk in chunks])
        if any(child not in below for child in children):
            return [part]
        return [fine for child in children for fine in self._below(below[child], child, inside, most)]

    def _pieces(self, part: Gist, stretch: Stretch) -> Iterator[_Piece]:
        """A stretch before this scene as it is told: more finely where it is long."""
        for fine, one in self._finely(part, stretch):
            first, last = one.row.nodes[one.first], one.row.nodes[one.end - 1]
            start = self._shape.start(first)
            if (
                first != last
                or fine.words <= 2 * LONG_WORDS
                or fine.characters != self._shape.sizes.get(first, (0,))[0]
            ):
                yield _Piece(fine, first, last, start)
                continue
            chunks, text = self._store.index.chunks(first), self._store.index.texts([first])[first]
            inside = _Inside({}, {chunk.key: text[chunk.start : chunk.end] for chunk in chunks})
            top = stacked([chunk.key for chunk in chunks], inside.inner, chunks=True)
            assert top is not None
            yield from _following(self._divided([(fine, top)], inside), first, start)

    def _summaries(
        self, parts: Sequence[tuple[Gist, Stretch]], here: Sequence[tuple[Gist, bytes]]
    ) -> Iterator[Summary]:
        """What each part of the story says, with its sentences in full; the last may be this scene."""
        scene = self._cursor.scene
        pieces = [piece for part in parts for piece in self._pieces(*part)]
        before = len(pieces)
        if here:
            inside = _Inside(self._inner, {key: self._text[at.start : at.end] for key, at in self._at.items()})
            pieces += _following(self._divided(here, inside), scene, 0)
        spans = [
            [self._placed(piece, line.place, is_here=number >= before) for line in _shown(piece.gist)]
            for number, piece in enumerate(pieces)
        ]
        titles = self._store.titles({node for piece in pieces for node in (piece.first, piece.last)})
        texts = self._store.index.texts({span.scene for some in spans for span in some} - {scene})
        texts[scene] = self._text
        for piece, some in zip(pieces, spans, strict=True):
            if not some:
                continue
            title = titles.get(piece.first, ("", 0))[0]
            if piece.first != piece.last:
                title += f" – {titles[piece.last][0]}"
            sentences = tuple(
                Passage(one_line(texts[span.scene][span.start : span.end]), span, line.weight / 100)
                for span, line in zip(some, _shown(piece.gist), strict=True)
            )
            begins = ""
            if piece.is_inner:
                own = texts[piece.first]
                start = piece.start - (0 if piece.first == scene else self._shape.start(piece.first))
                begins = one_line(own[start : start + _BEGINNING]).lstrip()
            yield Summary(piece.first, title, max(0, self._shape.level(piece.first)), sentences, begins=begins)

    def _placed(self, piece: _Piece, place: Place, *, is_here: bool) -> Span:
        start, end = place[0] + piece.start, place[1] + piece.start
        return Span(self._cursor.scene, start, end) if is_here else self._shape.span(start, end)

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


def _together(parts: Sequence[Gist]) -> Gist:
    return parts[0] if len(parts) == 1 else gist.merged(parts)


def _following(parts: Sequence[Gist], scene: int, start: int) -> Iterator[_Piece]:
    """Pieces of one scene that follow each other."""
    for part in parts:
        yield _Piece(part, scene, scene, start, is_inner=len(parts) > 1)
        start += part.characters


def _shown(part: Gist) -> tuple[Line, ...]:
    """The sentences that stand for a stretch: three for a short scene, up to six for a part."""
    most = 3 + sum(part.words >= words for words in (1200, 3000, 10_000))
    return gist.best(part.lines, most)
