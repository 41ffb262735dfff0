"""How the whole outline stands, as one value, and the way back to it; and nodes that go one level up or down."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from writer.errors import ProjectError
from writer.i18n import _
from writer.store import revisions, tree
from writer.story import Plan, Scene

if TYPE_CHECKING:
    from writer.store import Store

Key = TypeVar("Key")
Value = TypeVar("Value")
_REMEMBERED = 16384


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


def seen(store: Store) -> Arrangement:
    """How the outline stands now."""
    with store.at_one_moment():
        rows = store.ask(
            lambda now: now.execute("SELECT id, parent, position, binned, title FROM nodes ORDER BY id").fetchall()
        )
        plans = store.plans.all()
    return Arrangement({row[0]: _place_of(*row[1:]) for row in rows}, plans)


@lru_cache(_REMEMBERED)
def _place_of(parent: int | None, position: int, binned: int, title: str) -> Place:
    return Place(parent, position, bool(binned), title)


def differing(one: Arrangement, other: Arrangement) -> tuple[Arrangement, Arrangement]:
    """Both of them without what is the same in both, which is all that ``bring`` needs to go from one to the other."""
    places, plans = _differing(one.places, other.places), _differing(one.plans, other.plans)
    return Arrangement(places[0], plans[0]), Arrangement(places[1], plans[1])


def _differing(one: Mapping[Key, Value], other: Mapping[Key, Value]) -> tuple[dict[Key, Value], dict[Key, Value]]:
    only_one = {key: value for key, value in one.items() if other.get(key) is not value and other.get(key) != value}
    only_other = {key: value for key, value in other.items() if key in only_one or key not in one}
    return only_one, only_other


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
