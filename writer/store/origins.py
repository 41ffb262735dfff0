"""Which stretches of a scene a model wrote, as rows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from writer.credits import Credits, ordered
from writer.story import Credit, Origin

Numbered = list[list[int]]
"""Start, end and the origin's id of each stretch."""

_LONGEST_NOTE = 2**20


def of_scene(connection: sqlite3.Connection, scene: int, text: str) -> Credits:
    """The stretches of a scene's text that a model wrote."""
    rows = connection.execute(
        "SELECT start, stop, model, engine, seed, prompt, time FROM credits JOIN origins ON origins.id = origin"
        " WHERE node = ?",
        [scene],
    ).fetchall()
    return ordered((Credit(row[0], row[1], Origin(*row[2:])) for row in rows), len(text)) if rows else ()


def put(connection: sqlite3.Connection, scene: int, credits: Iterable[Credit]) -> None:
    """Keep these stretches of a scene, and no others."""
    connection.execute("DELETE FROM credits WHERE node = ?", [scene])
    connection.executemany(
        "INSERT INTO credits (node, start, stop, origin) VALUES (?, ?, ?, ?)",
        [[scene, *row] for row in numbered(connection, credits)],
    )


def numbered(connection: sqlite3.Connection, credits: Iterable[Credit]) -> Numbered:
    """The stretches with their origins by id; origins that are new get one."""
    ids: dict[Origin, int] = {}
    rows = []
    for credit in credits:
        origin = credit.origin
        if origin not in ids:
            ids[origin] = _id(connection, origin)
        rows.append([credit.start, credit.end, ids[origin]])
    return rows


def stretches(noted: str) -> Numbered | None:
    """What was noted with a revision; None if that is no such note."""
    try:
        rows = json.loads(noted) if len(noted) < _LONGEST_NOTE else None
    except (ValueError, RecursionError):
        return None
    if isinstance(rows, list) and all(
        isinstance(row, list) and len(row) == 3 and all(type(n) is int and abs(n) < 2**63 for n in row) for row in rows
    ):
        return rows
    return None


def named(connection: sqlite3.Connection, noted: str, text: str) -> Credits:
    """The stretches of a text that were kept with their origins by id; none if that is not well-formed."""
    rows = stretches(noted) or []
    found: dict[int, Origin] = {}
    for id in {row[2] for row in rows}:
        row = connection.execute("SELECT model, engine, seed, prompt, time FROM origins WHERE id = ?", [id]).fetchone()
        if row is not None:
            found[id] = Origin(*row)
    return ordered((Credit(start, end, found[id]) for start, end, id in rows if id in found), len(text))


def _id(connection: sqlite3.Connection, origin: Origin) -> int:
    values = [origin.time, origin.seed, origin.model, origin.engine, origin.prompt]
    row = connection.execute(
        "SELECT id FROM origins WHERE time = ? AND seed = ? AND model = ? AND engine = ? AND prompt = ?", values
    ).fetchone()
    if row is not None:
        return int(row[0])
    id = connection.execute(
        "INSERT INTO origins (time, seed, model, engine, prompt) VALUES (?, ?, ?, ?, ?)", values
    ).lastrowid
    assert id is not None
    return id
