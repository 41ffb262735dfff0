"""From which of a book's texts a model learns how the book chooses its words: from what precedes a place, in bounds."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from writer.store import Store
from writer.story import Cursor
from writer.text import count_words

LEAST = 5_000
"""So many words must precede a place, else there is too little to learn from."""

MOST = 150_000
"""Of a longer book every second scene is taken, or every third, and so on, so that there are about so many words."""

_STEP = 20_000  # characters of the caret's own scene
_LONGEST = 400_000  # characters of one scene
_OPENING = {"en": 20_000, "zh": 5_000}
_PASSAGE = {"en": 560, "zh": 200}
_PASSAGES = 12


@dataclass(frozen=True, slots=True)
class Source:
    """What is learned from at a place: the scenes before, and the beginning of its own."""

    key: str
    scenes: tuple[int, ...]
    own: str


def source(store: Store, cursor: Cursor) -> Source | None:
    """What there is to learn from in front of the caret; None if that is too little.

    It depends on nothing behind the caret, and stays the same while the author types on, for some pages.
    """
    own = cursor.text[: cursor.offset // _STEP * _STEP][:_LONGEST]
    order = store.order()
    here = order.get(cursor.scene, 0)
    before = [node for node in store.nodes() if node.words and order[node.id] < here]
    words = sum(node.words for node in before)
    if words + (count_words(own[: 8 * LEAST]) if words < LEAST else 0) < LEAST:
        return None
    scenes = tuple(node.id for node in before[:: 1 + words // MOST])
    known = dict(store.index.keys())
    digest = hashlib.sha256(own.encode("utf-8", "surrogatepass"))
    for scene in scenes:
        digest.update(known.get(scene, b"?"))
    return Source(digest.hexdigest()[:32], scenes, own)


def texts(store: Store, source: Source) -> list[str]:
    """The texts that are learned from, in story order."""
    found = store.index.texts(source.scenes)
    return [text[:_LONGEST] for scene in source.scenes if (text := found.get(scene))] + [source.own] * bool(source.own)


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
