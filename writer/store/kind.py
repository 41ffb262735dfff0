"""What a book is, a story or an article, and which notes an article has to lean on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from writer.store.plans import BOOK

if TYPE_CHECKING:
    from writer.shapes import Shape
    from writer.sources import Source
    from writer.store import Store

STORY, ARTICLE = "story", "article"
_KIND, _SHAPE = "kind", "shape"


def is_article(store: Store) -> bool:
    """Whether the sentences of this book are held against the author's notes; not before the author chose so."""
    return store.get(_KIND, STORY) == ARTICLE


def put(store: Store, kind: str) -> None:
    """Let the book be a story or an article from now on."""
    store.put(_KIND, kind)


def put_shape(store: Store, shape: Shape) -> None:
    """Remember by which shape the book is made; that says what it is, too."""
    with store.transaction():
        store.put(_SHAPE, shape.name)
        store.put(_KIND, shape.kind)


def shape(store: Store) -> str:
    """The name of the shape that was chosen for the book; empty if none was."""
    return store.get(_SHAPE)


def sources(store: Store, node: int) -> tuple[Source, ...]:
    """The notes on an article's path down to a node, the nearest first; none for a story."""
    from writer import sources  # not before the book is an article: the window comes first

    if not is_article(store):
        return ()
    plans, parents = store.plans.all(), {one.id: one.parent for one in store.nodes()}
    path: list[int] = []
    at: int | None = node
    while at is not None:
        path.append(at)
        at = parents.get(at)
    return sources.gather([(one, plans[one].notes) for one in (*path, BOOK) if one in plans])
