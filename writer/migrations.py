"""The history of the project file's tables, and the allow-list of what may be in one.

Steps are appended, never edited. The file's ``user_version`` is the number of steps it has seen.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from writer import files, settings
from writer.errors import ForeignError, ProjectError
from writer.i18n import _

if TYPE_CHECKING:
    from sqlite_utils import Database

Step = Callable[["Database"], None]

APPLICATION_ID = 0x57524954  # "WRIT"
SEARCH = (
    "CREATE VIRTUAL TABLE search USING fts5"
    "(text, content='', columnsize=0, tokenize='porter unicode61 remove_diacritics 2')"
)
"""The words of each chunk under its id, without the text itself; the only virtual table that is not refused."""

_OWN_TABLE = "_sqlite_migrations"  # kept by sqlite-utils, whose wording of it may change


def outline_and_prose(db: Database) -> None:
    """The project, the outline as a tree, and each node's prose; ``binned`` takes a node and all below it away."""
    db.execute("""
        CREATE TABLE project (
            id INTEGER PRIMARY KEY, title TEXT NOT NULL, premise TEXT NOT NULL, language TEXT NOT NULL
        ) STRICT""")
    db.execute("""
        CREATE TABLE state (
            key TEXT PRIMARY KEY, value TEXT NOT NULL
        ) STRICT""")
    db.execute("""
        CREATE TABLE nodes (
            id INTEGER PRIMARY KEY, parent INTEGER REFERENCES nodes, position INTEGER NOT NULL,
            title TEXT NOT NULL, synopsis TEXT NOT NULL, words INTEGER NOT NULL, binned INTEGER NOT NULL
        ) STRICT""")
    db.execute("CREATE INDEX nodes_in_order ON nodes (parent, position)")
    db.execute("""
        CREATE TABLE bodies (
            node INTEGER PRIMARY KEY REFERENCES nodes, revision INTEGER NOT NULL, sha256 BLOB NOT NULL,
            text TEXT NOT NULL
        ) STRICT""")


def revisions_and_credits(db: Database) -> None:
    """Scenes as they once were, and which stretches a model wrote; ``body`` is zlib of UTF-8."""
    db.execute("""
        CREATE TABLE revisions (
            id INTEGER PRIMARY KEY, node INTEGER NOT NULL REFERENCES nodes, number INTEGER NOT NULL,
            reason TEXT NOT NULL, name TEXT NOT NULL, time INTEGER NOT NULL, words INTEGER NOT NULL,
            sha256 BLOB NOT NULL, credits TEXT NOT NULL, body BLOB NOT NULL
        ) STRICT""")
    db.execute("CREATE INDEX revisions_of_node ON revisions (node, id)")
    db.execute("""
        CREATE TABLE origins (
            id INTEGER PRIMARY KEY, model TEXT NOT NULL, engine TEXT NOT NULL, seed INTEGER NOT NULL,
            prompt TEXT NOT NULL, time INTEGER NOT NULL
        ) STRICT""")
    db.execute("CREATE INDEX origins_by_time ON origins (time, seed)")
    db.execute("""
        CREATE TABLE credits (
            node INTEGER NOT NULL REFERENCES nodes, start INTEGER NOT NULL, stop INTEGER NOT NULL,
            origin INTEGER NOT NULL REFERENCES origins
        ) STRICT""")
    db.execute("CREATE INDEX credits_of_node ON credits (node, start)")


def memory_and_entries(db: Database) -> None:
    """What the book's memory is made of, all of it derived from the prose; and what the author says of the book.

    ``indexed.layout`` is row, length and key of each chunk of a scene; ``entries.value`` is JSON.
    """
    db.execute("""
        CREATE TABLE indexed (
            node INTEGER PRIMARY KEY, revision INTEGER NOT NULL, digest BLOB NOT NULL, layout BLOB NOT NULL
        ) STRICT""")
    db.execute("""
        CREATE TABLE chunks (
            id INTEGER PRIMARY KEY AUTOINCREMENT, node INTEGER NOT NULL, key BLOB NOT NULL
        ) STRICT""")
    db.execute("CREATE INDEX chunks_by_key ON chunks (key)")
    db.execute(SEARCH)
    db.execute("""
        CREATE TABLE notes (
            id INTEGER PRIMARY KEY, kind TEXT NOT NULL, key BLOB NOT NULL, time INTEGER NOT NULL, value BLOB NOT NULL
        ) STRICT""")
    db.execute("CREATE UNIQUE INDEX notes_by_key ON notes (kind, key)")
    db.execute("""
        CREATE TABLE entries (
            id INTEGER PRIMARY KEY, sha256 BLOB NOT NULL, value TEXT NOT NULL
        ) STRICT""")
    db.execute("""
        CREATE TABLE choices (
            id INTEGER PRIMARY KEY, kind TEXT NOT NULL, scene INTEGER NOT NULL, text TEXT NOT NULL
        ) STRICT""")
    db.execute("""
        CREATE TABLE guidance (
            id INTEGER PRIMARY KEY, text TEXT NOT NULL, depth INTEGER NOT NULL
        ) STRICT""")


def plans_and_tasks(db: Database) -> None:
    """What is to become of each node (of the whole book under 0), and the scenes that wait for a draft, as JSON."""
    db.execute("""
        CREATE TABLE plans (
            node INTEGER PRIMARY KEY, sha256 BLOB NOT NULL, value TEXT NOT NULL
        ) STRICT""")
    db.execute("""
        CREATE TABLE tasks (
            node INTEGER PRIMARY KEY, position INTEGER NOT NULL, value TEXT NOT NULL
        ) STRICT""")


STEPS: tuple[Step, ...] = (outline_and_prose, revisions_and_credits, memory_and_entries, plans_and_tasks)
VERSION = len(STEPS)

FINGERPRINTS = (
    "",
    "769b1f1c18168685a5748596570c285732166ca1b0b86cb757209b6e3a8dec4a",
    "858ce8c153313bfb4d5d074f8b3fcbdb879dc1010adec79d27bd57240fab6ba0",
    "653f73702201b1bc588e4c4fd2a1085066897ae045c57c41d364a0640d2967bb",
    "9d68f184909f6ff2aacd85a0190b368ffb316b1a6df2e386ea9169994433542f",
)
"""What ``fingerprint`` gives after each number of steps."""

_READ_COLUMNS = {
    "project": {"id", "title", "premise", "language"},
    "state": {"key", "value"},
    "nodes": {"id", "parent", "position", "title", "synopsis", "words", "binned"},
    "bodies": {"node", "revision", "sha256", "text"},
    "revisions": {"id", "node", "number", "reason", "name", "time", "words", "sha256", "credits", "body"},
    "origins": {"id", "model", "engine", "seed", "prompt", "time"},
    "credits": {"node", "start", "stop", "origin"},
    "indexed": {"node", "revision", "digest", "layout"},
    "chunks": {"id", "node", "key"},
    "notes": {"id", "kind", "key", "time", "value"},
    "entries": {"id", "sha256", "value"},
    "choices": {"id", "kind", "scene", "text"},
    "guidance": {"id", "text", "depth"},
    "plans": {"node", "sha256", "value"},
    "tasks": {"node", "position", "value"},
}


def version(connection: sqlite3.Connection) -> int:
    """How many steps the file has seen."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def upgrade(connection: sqlite3.Connection, path: Path, steps: Sequence[Step] = STEPS) -> list[Path]:
    """Take the steps that the file hasn't seen, each in one transaction behind a backup copy, and give the copies.

    A new file (version 0) has nothing to copy. ProjectError if a copy can't be made, then nothing is changed.
    """
    from sqlite_utils import Database, Migrations  # slow (0.4 s), and only needed here

    history = Migrations("writer")
    names = [f"{number:03}_{step.__name__}" for number, step in enumerate(steps, 1)]
    for number, (name, step) in enumerate(zip(names, steps, strict=True), 1):
        history(name=name)(_numbered(step, number))
    db = Database(connection, execute_plugins=False)
    copies = []
    is_new = not version(connection)
    for pending in history.pending(db):
        if not is_new:
            copies.append(_copy(connection, path, version(connection)))
        history.apply(db, stop_before=names[names.index(pending.name) + 1 :])
    return copies


def _numbered(step: Step, number: int) -> Step:
    """The step and its number in ``user_version``, which share a transaction."""

    def run(db: Database) -> None:
        step(db)
        db.execute(f"PRAGMA user_version = {number}")

    return run


def _copy(connection: sqlite3.Connection, path: Path, seen: int) -> Path:
    """A complete copy in the project's backups folder, named by project, version and time."""
    folder = settings.backups_folder(path)
    when = time.strftime("%Y%m%d-%H%M%S")
    copy = folder / f"{files.file_name(path.stem)}.v{seen}.{when}.{secrets.token_hex(2)}.writer"
    part = folder / f".writer-{secrets.token_hex(8)}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target = sqlite3.connect(part)
        try:
            connection.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")
        finally:
            target.close()
        os.replace(part, copy)
    except (OSError, sqlite3.Error) as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise ProjectError(
            _(
                "“{name}” must be brought up to date, but no backup copy of it can be made in {folder} ({reason}); "
                "make room there and open it again."
            ).format(name=path.name, folder=folder, reason=error)
        ) from error
    return copy


def fingerprint(connection: sqlite3.Connection) -> str:
    """A digest of every table and index that is Writer's own, word for word."""
    rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchall()
    lines = sorted(
        " ".join(f"{kind} {name} {table} {sql}".split()) for kind, name, table, sql in rows if _is_own(table, name)
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def refuse_foreign(connection: sqlite3.Connection, name: str) -> None:
    """ProjectError with the reason if the file has anything that Writer of that version didn't make.

    A trigger would run even with ``trusted_schema`` off. Of a newer file only the tables that are read are checked.
    """
    seen = version(connection)
    reason = _foreign_object(connection) or _unreadable(connection, seen)
    if reason is None and 0 < seen <= VERSION and fingerprint(connection) != FINGERPRINTS[seen]:
        reason = _("its tables are not those that Writer makes")
    if reason is not None:
        raise ForeignError(
            _("“{name}” is refused because {reason}; make a clean copy of its text.").format(name=name, reason=reason)
        )


def _foreign_object(connection: sqlite3.Connection) -> str | None:
    reasons = {
        "trigger": _("it contains the trigger “{object}”, which could change your text"),
        "view": _("it contains the view “{object}”, which could run code of others"),
    }
    for kind, name, table, sql in connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema"):
        if kind in reasons:
            return reasons[kind].format(object=name)
        if kind == "table" and re.match(r"\s*CREATE\s+VIRTUAL", sql or "", re.IGNORECASE):
            if (name, sql) == (
                "search",
                SEARCH,
            ):  # whose columns are known; asking for them fails if what it keeps is damaged
                continue
            return _("it contains the virtual table “{object}”").format(object=name)
        if kind == "table" and any(
            row[6] in (2, 3) for row in connection.execute("SELECT * FROM pragma_table_xinfo(?)", [name])
        ):
            return _("its table “{object}” has a generated column").format(object=name)
        # Checks, defaults and indexes that compute something need brackets within brackets.
        if table == _OWN_TABLE and sql and not re.fullmatch(r"[^()]*\([^()]*\)\s*", sql):
            return _("its table “{object}” is not one that Writer makes").format(object=name)
    return None


def _unreadable(connection: sqlite3.Connection, seen: int) -> str | None:
    """Why even reading makes no sense: the columns that a newer file must still have."""
    if seen <= 0:
        return _("it is not finished")
    for table, needed in _READ_COLUMNS.items():
        columns = {row[1] for row in connection.execute("SELECT * FROM pragma_table_xinfo(?)", [table])}
        if seen > VERSION and not needed <= columns:
            return _("it comes from a newer version of Writer")
    return None


def _is_own(table: str, name: str) -> bool:
    return table != _OWN_TABLE and name not in ("sqlite_sequence", "sqlite_stat1", "sqlite_stat4")
