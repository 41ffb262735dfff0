"""The scenes that were saved since the project was opened: noted in the file until it is closed, told after a crash."""

from __future__ import annotations

import json
import logging
import sqlite3
from typing import TYPE_CHECKING

from writer.errors import ProjectError

if TYPE_CHECKING:
    from writer.store import Store

_log = logging.getLogger(__name__)

KEY = "unclosed"


def titles(store: Store) -> tuple[str, ...] | None:
    """The titles of what was saved in a session that never closed, told once; None if the last one did."""
    noted = store.get(KEY)
    if not noted:
        return () if store.left_open else None
    saved = _read(noted)
    found = store.titles(saved)
    try:
        with store.transaction() as connection:
            connection.execute("DELETE FROM state WHERE key = ?", [KEY])
    except ProjectError as error:  # such as a full disk; then the next start tells of it again
        _log.warning("the project is still marked as not closed: %s", error)
    return tuple(found[id][0] for id in saved if id in found)


def note(connection: sqlite3.Connection, id: int) -> None:
    """Note within the save itself that this scene changed."""
    row = connection.execute("SELECT value FROM state WHERE key = ?", [KEY]).fetchone()
    noted = _read(row[0]) if row else []
    if id not in noted:
        connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", [KEY, json.dumps(sorted([*noted, id]))])


def forget(connection: sqlite3.Connection) -> None:
    """The project is being closed."""
    try:
        if connection.execute("SELECT 1 FROM state WHERE key = ?", [KEY]).fetchone():
            connection.execute("DELETE FROM state WHERE key = ?", [KEY])
    except sqlite3.Error as error:  # then the next start tells of a crash that there was not
        _log.warning("the project is not marked as closed: %s", error)


def _read(noted: str) -> list[int]:
    """The scenes in what was noted, which may be anything."""
    try:
        return [id for id in json.loads(noted) if isinstance(id, int)]
    except (ValueError, TypeError, RecursionError):
        return []
