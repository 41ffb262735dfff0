"""What the author says of the book: entries of its bible, decisions about sentences, and a note to the model.

These are the author's own words, kept as safe as the text is.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from writer.errors import ProjectError
from writer.i18n import _
from writer.store import record
from writer.story import Choice, Entry, Note
from writer.text import clean, fingerprint

if TYPE_CHECKING:
    from writer.store import Store

_TEXTS = ("name", "kind", "text")
_LISTS = ("aliases", "keys", "also", "never")
_SWITCHES = ("always", "excluded")
_SCENES = ("since", "until")
KINDS = ("pin", "exclude", "settled")
"""What the author may decide about a sentence, or "settled" of two that do not contradict each other."""
DEEPEST = 1000
"""Paragraphs before the caret at which a note to the model may stand."""


class Entries:
    """The author's entries in one project."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> list[Entry]:
        """All of them in the order in which they were made; one that was damaged on the disk as far as it is whole."""
        if not self._store.has_memory:
            return []
        rows = self._store.ask(lambda now: now.execute("SELECT id, value FROM entries ORDER BY id").fetchall())
        return [read(id, value) or Entry(_("(damaged)"), id=id, excluded=True) for id, value in rows]

    def put(self, entry: Entry) -> Entry:
        """Keep an entry under its id, or as a new one if it has none; gives it with its id."""
        if not entry.name.strip():
            raise ProjectError(_("An entry needs a name; give it one."))
        value = written(entry)
        with self._store.transaction() as connection:
            id = connection.execute(
                "INSERT OR REPLACE INTO entries (id, sha256, value) VALUES (?, ?, ?)",
                [entry.id, fingerprint(value), value],
            ).lastrowid
        assert id is not None
        return replace(entry, id=id)

    def remove(self, id: int) -> None:
        """Take an entry away, if it is there; ``put`` brings it back."""
        with self._store.transaction() as connection:
            connection.execute("DELETE FROM entries WHERE id = ?", [id])


class Choices:
    """What the author decided about sentences of one project."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> list[Choice]:
        """All of them in the order in which they were made."""
        if not self._store.has_memory:
            return []
        sql = "SELECT kind, scene, text FROM choices ORDER BY id"
        return [Choice(*row) for row in self._store.ask(lambda now: now.execute(sql).fetchall())]

    def put(self, choice: Choice) -> None:
        """Decide about a sentence, in place of what was decided about it before."""
        if choice.kind not in KINDS:
            raise ValueError(f"{choice.kind} is no choice")
        sentence = [choice.scene, clean(choice.text)]
        with self._store.transaction() as connection:
            connection.execute("DELETE FROM choices WHERE scene = ? AND text = ?", sentence)
            connection.execute("INSERT INTO choices (kind, scene, text) VALUES (?, ?, ?)", [choice.kind, *sentence])

    def remove(self, choice: Choice) -> None:
        """Decide nothing about a sentence any more."""
        with self._store.transaction() as connection:
            connection.execute(
                "DELETE FROM choices WHERE kind = ? AND scene = ? AND text = ?",
                [choice.kind, choice.scene, clean(choice.text)],
            )


def note(connection: sqlite3.Connection) -> Note:
    """The author's note to the model, empty if there is none."""
    row = connection.execute("SELECT text, depth FROM guidance ORDER BY id LIMIT 1").fetchone()
    return Note("") if row is None else Note(*row)


def put_note(connection: sqlite3.Connection, note: Note) -> None:
    """Keep this note and no other."""
    connection.execute("DELETE FROM guidance")
    if note != Note(""):
        depth = max(0, min(note.depth, DEEPEST))
        connection.execute("INSERT INTO guidance (id, text, depth) VALUES (1, ?, ?)", [clean(note.text), depth])


def written(entry: Entry) -> str:
    """What the author says in an entry, as JSON; what was found in the text isn't kept."""
    value: dict[str, Any] = {name: clean(getattr(entry, name)) for name in _TEXTS}
    value |= {name: [clean(word) for word in getattr(entry, name)] for name in _LISTS}
    value |= {name: getattr(entry, name) for name in (*_SWITCHES, *_SCENES)}
    return json.dumps(value, ensure_ascii=False)


def read(id: int, value: str) -> Entry | None:
    """The entry that was written so; None if it is none."""
    told = record.read(value, (*_TEXTS, *_LISTS, *_SWITCHES, *_SCENES))
    if told is None:
        return None
    is_fitting = (
        bool(told.get("name"))
        and all(isinstance(told.get(name, ""), str) for name in _TEXTS)
        and all(record.is_words(told.get(name, [])) for name in _LISTS)
        and all(isinstance(told.get(name, False), bool) for name in _SWITCHES)
        and all(type(told.get(name)) in (int, type(None)) for name in _SCENES)
    )
    return Entry(**told | {name: tuple(told.get(name, ())) for name in _LISTS}, id=id) if is_fitting else None
