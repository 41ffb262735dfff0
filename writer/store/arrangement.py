"""How the whole outline stands, as one value, and the way back to it; and nodes that go one level up or down."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from writer.errors import ProjectError
from writer.i18n import _
from writer.store import revisions, tree
from writer.story import Plan, Scene

if TYPE_CHECKING:
    from writer.store import Store

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node stands, and what it is called."""

    parent: int | None
    position: int
    is_binned: bool
    title: str


@dataclass(frozen=True, slots=True)
class Arrangement:
    """All nodes, the bin included, and what is planned for them and for the whole book; none of their prose."""

    places: Mapping[int, Place] = field(default_factory=dict)
    plans: Mapping[int, Plan] = field(default_factory=dict)


def seen(store: Store, last: Arrangement) -> Arrangement:
    """How the outline stands now; what is as in ``last`` is shared with it, so that many of them need little room."""
    with store.at_one_moment():
        rows = store.ask(
            lambda now: now.execute("SELECT id, parent, position, binned, title FROM nodes ORDER BY id").fetchall()
        )
        plans = store.plans.all()
    places = {id: Place(parent, position, bool(binned), title) for id, parent, position, binned, title in rows}
    return Arrangement(_sharing(places, last.places), _sharing(plans, last.plans))


def _sharing(new: Mapping[Key, Value], old: Mapping[Key, Value]) -> dict[Key, Value]:
    return {key: found if (found := old.get(key)) == value else value for key, value in new.items()}


def bring(store: Store, wanted: Arrangement, instead_of: Arrangement, scenes: Iterable[Scene]) -> None:
    """Change what differs between the two, and give these scenes their texts back; all of it or nothing."""
    with store.transaction() as connection:
        known = {id for (id,) in connection.execute("SELECT id FROM nodes")}
        moved = {id: place for id, place in wanted.places.items() if instead_of.places.get(id) != place}
        plans = {
            node: wanted.plans.get(node, Plan())
            for node in wanted.plans.keys() | instead_of.plans.keys()
            if wanted.plans.get(node) != instead_of.plans.get(node)
            and (node in wanted.places or node not in instead_of.places)  # what is planned goes into the bin with it
        }
        if not (moved.keys() <= known and plans.keys() <= known | {0}):
            raise ProjectError(_("That part of the outline is not there any more; choose another one."))
        for id, place in moved.items():
            connection.execute(
                "UPDATE nodes SET parent = ?, position = ?, binned = ?, title = ? WHERE id = ?",
                [place.parent, place.position, int(place.is_binned), place.title, id],
            )
        for id in _new(wanted, instead_of):
            connection.execute("UPDATE nodes SET binned = 1 WHERE id = ?", [id])
        parents = dict(connection.execute("SELECT id, parent FROM nodes").fetchall())
        if next(tree.one_of_each_circle(parents), None) is not None:
            raise ProjectError(_("The outline was changed meanwhile, so this can't be undone; move the parts by hand."))
        store.plans.put_all(plans)
        for scene in scenes:
            revisions.keep(connection, store.scene(scene.id, unchecked=True), "restore")
            store.save(scene.id, scene.text, scene.credits)
        store.outline_changed(connection)


def _new(wanted: Arrangement, instead_of: Arrangement) -> list[int]:
    """Nodes that only the other has, without those that lie below such."""
    new = instead_of.places.keys() - wanted.places.keys()
    return sorted(id for id in new if instead_of.places[id].parent not in new)


def promote(store: Store, connection: sqlite3.Connection, id: int) -> None:
    """Put a node behind its parent; brothers behind it come below it, so that the story keeps its order."""
    parent, position, title = _place(connection, id)
    if parent is None:
        raise ProjectError(_("“{title}” is at the top already; it can't go higher.").format(title=_titled(title)))
    behind = connection.execute(
        "SELECT id FROM nodes WHERE parent = ? AND binned = 0 AND (position, id) > (?, ?) ORDER BY position, id",
        [parent, position, id],
    ).fetchall()
    append(connection, id, [brother for (brother,) in behind])
    store.move(id, None, parent)


def demote(store: Store, connection: sqlite3.Connection, id: int) -> None:
    """Put a node, with all below it, at the end of the brother before it."""
    parent, position, title = _place(connection, id)
    row = connection.execute(
        "SELECT id FROM nodes WHERE parent IS ? AND binned = 0 AND (position, id) < (?, ?)"
        " ORDER BY position DESC, id DESC LIMIT 1",
        [parent, position, id],
    ).fetchone()
    if row is None:
        message = _("Nothing stands before “{title}” that it could go into; move it down first.")
        raise ProjectError(message.format(title=_titled(title)))
    append(connection, row[0], [id])
    store.outline_changed(connection)


def append(connection: sqlite3.Connection, parent: int, ids: Iterable[int]) -> None:
    """Let these nodes be the last children of another, in this order."""
    for position, id in enumerate(ids, tree.last_position(connection, parent) + 1):
        connection.execute("UPDATE nodes SET parent = ?, position = ? WHERE id = ?", [parent, position, id])


def _place(connection: sqlite3.Connection, id: int) -> tuple[int | None, int, str]:
    parent, position, title = connection.execute(
        "SELECT parent, position, title FROM nodes WHERE id = ?", [id]
    ).fetchone()
    return parent, position, title


def _titled(title: str) -> str:
    return title or _("Untitled")
