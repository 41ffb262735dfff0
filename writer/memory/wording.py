"""From which of a book's texts a model learns how the book chooses its words: from what precedes a place, in bounds."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain

from writer.store import Store
from writer.story import Cursor, OutlineNode
from writer.text import count_words

LEAST = 5_000
"""So many words must precede a place, else there is too little to learn from."""

MOST = 150_000
"""Of a longer book every second scene is taken, or every third, and so on, so that there are about so many words."""
EARLY, LATELY = 6_000, 30_000
"""Of so many words at the beginning, and before a place, all is taken."""

_STEP = 3_000  # characters of the caret's own scene
_BLOCK = 30_000  # characters that are always cut at the same places, so that what was counted of them is still known
_LONGEST = 400_000  # characters of one scene, its end
_OPENING = {"en": 20_000, "zh": 5_000}
_PASSAGE = {"en": 560, "zh": 200}
_PASSAGES = 12


@dataclass(frozen=True, slots=True)
class Source:
    """What is learned from at a place: the scenes before, and what precedes it in its own."""

    key: str
    """The book, a hyphen, and what is learned from."""
    scenes: tuple[int, ...]
    own: tuple[str, ...]


def source(store: Store, cursor: Cursor) -> Source | None:
    """What there is to learn from in front of the caret; None if that is too little.

    It depends on nothing behind the caret, and stays the same while the author types on, for some pages.
    """
    own = tuple(_blocks(cursor))
    with store.at_one_moment():
        order, nodes = store.order(), store.nodes()
    here = order.get(cursor.scene, 0)
    before = [node for node in nodes if node.words and order[node.id] < here]
    words = sum(node.words for node in before)
    if words + (sum(map(count_words, own[-2:])) if words < LEAST else 0) < LEAST:
        return None
    early = _reaching(before, EARLY)
    late = _reaching(before[: early - 1 : -1], LATELY)
    between = before[early : len(before) - late : 1 + words // MOST]
    scenes = tuple(node.id for node in [*before[:early], *between, *before[len(before) - late :]])
    known = dict(store.index.keys())
    digest = hashlib.sha256()
    for block in own:
        digest.update(block.encode("utf-8", "surrogatepass"))
    for scene in scenes:
        digest.update(known.get(scene, b"?"))
    book = hashlib.sha256(os.fsencode(store.path)).hexdigest()[:16]
    return Source(f"{book}-{digest.hexdigest()[:32]}", scenes, own)


def _reaching(nodes: Sequence[OutlineNode], words: int) -> int:
    """How many of these have so many words together."""
    behind = accumulate((node.words for node in nodes), initial=0)
    return sum(before < words for before, _node in zip(behind, nodes, strict=False))


def _blocks(cursor: Cursor) -> Iterator[str]:
    """What precedes the caret in its scene, a step at a time: of a very long one the beginning and the end."""
    end = cursor.offset // _STEP * _STEP
    first = max(0, end - _LONGEST) // _BLOCK * _BLOCK
    for at in [*([0] if first else []), *range(first, end, _BLOCK)]:
        yield cursor.text[at : min(at + _BLOCK, end)]


def texts(store: Store, source: Source) -> list[str]:
    """The texts that are learned from, in story order."""
    found = store.index.texts(source.scenes)
    read = [text for scene in source.scenes if (text := found.get(scene))]
    cut = [[text] if len(text) <= _LONGEST else [text[:_BLOCK], text[-_LONGEST:]] for text in read]
    return [*chain.from_iterable(cut), *source.own]


def passages(texts: Sequence[str], language: str) -> list[str]:
    """A few evenly spread passages of the beginning, in which it is measured what the model expects."""
    opening = ""
    for text in texts:
        opening += text + "\n"
        if len(opening) >= _OPENING.get(language, _OPENING["en"]):
            break
    long = _PASSAGE.get(language, _PASSAGE["en"])
    opening = opening[: _OPENING.get(language, _OPENING["en"])]
    step = max(long, (len(opening) - long) // max(1, _PASSAGES - 1))
    return [opening[at : at + long] for at in range(0, len(opening) - long + 1, step)][:_PASSAGES]
