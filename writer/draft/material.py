"""What of the author's notes an article tells where: each note once, in the order in which they stand."""

from __future__ import annotations

from itertools import groupby

from writer.draft.queue import Outline
from writer.outline.reported import share
from writer.store import Store, kind


def due(store: Store, scene: int) -> tuple[str, ...]:
    """The notes that a scene of an article is to tell: its own, and of those above it its share; none for a story."""
    found: list[str] = []
    outline = Outline.of(store)
    for node, sources in groupby(kind.sources(store, scene), key=lambda source: source.node):
        items = [source.text for source in sources]
        below = [leaf for leaf in outline.leaves([node] if node else None) if not outline.is_untouched(leaf)]
        at = below.index(scene) if scene in below else 0
        found += share(items, at, len(below))
    return tuple(found)
