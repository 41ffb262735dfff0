"""Places in the outline: who is whose parent, in which order, and what comes before in the story."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping


def path(connection: sqlite3.Connection, id: int | None) -> list[int]:
    """The node and all above it."""
    above: list[int] = []
    while id is not None and id not in above:
        above.append(id)
        row = connection.execute("SELECT parent FROM nodes WHERE id = ?", [id]).fetchone()
        id = None if row is None else row[0]
    return above


def one_of_each_circle(parents: Mapping[int, int | None]) -> Iterator[int]:
    """A node of each circle that the nodes and their parents make; some parents may be missing."""
    seen: set[int] = set()
    for id in sorted(parents):
        path: set[int] = set()
        at: int | None = id
        while at is not None and at in parents and at not in seen:
            seen.add(at)
            path.add(at)
            at = parents[at]
        if at is not None and at in path:
            yield at


def depth_first(rows: Iterable[tuple[int, int | None]]) -> Iterator[int]:
    """The nodes in story order, of nodes and parents whose brothers are in order; not those below none of them."""
    children: dict[int | None, list[int]] = {}
    for id, parent in rows:
        children.setdefault(parent, []).append(id)
    waiting = children.get(None, [])[::-1]
    while waiting:
        id = waiting.pop()
        yield id
        waiting += reversed(children.get(id, ()))


def is_binned(connection: sqlite3.Connection, id: int) -> bool:
    """Whether this node itself was put into the bin."""
    return bool(connection.execute("SELECT binned FROM nodes WHERE id = ?", [id]).fetchone()[0])


def last_position(connection: sqlite3.Connection, parent: int | None) -> int:
    """The position of the last child, 0 if there is none."""
    row = connection.execute("SELECT coalesce(max(position), 0) FROM nodes WHERE parent IS ?", [parent]).fetchone()
    return int(row[0])


def make_room(connection: sqlite3.Connection, parent: int | None, after: int | None) -> int:
    """A free position behind a sibling, or before the first."""
    if after is None:
        sql = "SELECT coalesce(min(position), 1) FROM nodes WHERE parent IS ?"
        return int(connection.execute(sql, [parent]).fetchone()[0]) - 1
    position = int(connection.execute("SELECT position FROM nodes WHERE id = ?", [after]).fetchone()[0])
    connection.execute(
        "UPDATE nodes SET position = position + 1 WHERE parent IS ? AND position > ?", [parent, position]
    )
    return position + 1


def previous(connection: sqlite3.Connection, id: int) -> int | None:
    """The node before in story order: the last one below the sibling before, or else the parent."""
    parent, position = connection.execute("SELECT parent, position FROM nodes WHERE id = ?", [id]).fetchone()
    row = connection.execute(
        "SELECT id FROM nodes WHERE parent IS ? AND binned = 0 AND (position, id) < (?, ?)"
        " ORDER BY position DESC, id DESC LIMIT 1",
        [parent, position, id],
    ).fetchone()
    if row is None:
        return None if parent is None else int(parent)
    return _last_below(connection, row[0])


def following(connection: sqlite3.Connection, id: int) -> int | None:
    """The node behind this one at its own height: the first child of one that has children, else the next sibling."""
    children = first_children(connection, id, 1)
    return children[0] if children else next_brother(connection, id)


def next_brother(connection: sqlite3.Connection, id: int) -> int | None:
    """The next node below the same parent that is not in the bin."""
    parent, position = connection.execute("SELECT parent, position FROM nodes WHERE id = ?", [id]).fetchone()
    row = connection.execute(
        "SELECT id FROM nodes WHERE parent IS ? AND binned = 0 AND (position, id) > (?, ?)"
        " ORDER BY position, id LIMIT 1",
        [parent, position, id],
    ).fetchone()
    return None if row is None else int(row[0])


def first_children(connection: sqlite3.Connection, id: int, most: int) -> list[int]:
    """The first few children that are not in the bin."""
    sql = "SELECT id FROM nodes WHERE parent = ? AND binned = 0 ORDER BY position, id LIMIT ?"
    return [row[0] for row in connection.execute(sql, [id, most])]


def _last_below(connection: sqlite3.Connection, id: int) -> int:
    sql = "SELECT id FROM nodes WHERE parent = ? AND binned = 0 ORDER BY position DESC, id DESC LIMIT 1"
    while (row := connection.execute(sql, [id]).fetchone()) is not None:
        id = row[0]
    return id
