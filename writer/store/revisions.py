"""Scenes as they once were: full texts, compressed, only ever added, and fewer of them the older they are."""

from __future__ import annotations

import json
import sqlite3
import time
import zlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from writer.errors import ProjectError
from writer.i18n import _
from writer.store import origins
from writer.story import Revision, Scene
from writer.text import count_words, fingerprint, said_time
from writer.thinning import LAST_REVISIONS, REVISIONS, thin

if TYPE_CHECKING:
    from writer.store import Store

PAUSE_S = 600
"""Seconds between two revisions that are kept only because time passed."""
PARAGRAPH_BYTES = 300
"""From here on a change within one paragraph counts as longer than one; a Chinese character has three bytes."""
_LARGEST_TEXT = 64 * 2**20
_LEAST_BUDGET = _LARGEST_TEXT
_MOST_PACKED = 8
"""Times a text is made smaller; prose in any language by less than half of that."""
_COLUMNS = "id, node, number, reason, name, time, words"


class Revisions:
    """The revisions of one project."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, scene: int) -> list[Revision]:
        """The revisions of a scene, newest first."""
        if not self._store.has_revisions:
            return []
        sql = f"SELECT {_COLUMNS} FROM revisions WHERE node = ? ORDER BY id DESC"
        return [Revision(*row) for row in self._store.ask(lambda now: now.execute(sql, [scene]).fetchall())]

    def count(self) -> int:
        """How many there are of all scenes."""
        if not self._store.has_revisions:
            return 0
        return int(self._store.ask(lambda now: now.execute("SELECT count(*) FROM revisions").fetchone()[0]))

    def read(self, id: int) -> Scene:
        """A scene as it was, with its title of today; ProjectError if that revision is gone or damaged."""
        row = None
        if self._store.has_revisions and id < 2**63:
            sql = (
                "SELECT node, title, number, revisions.sha256, credits, body, time FROM revisions JOIN nodes"
                " ON node = nodes.id WHERE revisions.id = ?"
            )
            row = self._store.ask(lambda now: now.execute(sql, [id]).fetchone())
        if row is None:
            raise ProjectError(_("There is no version {id} any more; choose another one.").format(id=id))
        node, title, number, sha256, credits, body, when = row
        text = unpacked(body)
        if text is None or fingerprint(text) != sha256:
            raise ProjectError(
                _("The version of “{title}” of {time} was damaged on the disk; choose another one.").format(
                    title=title, time=said_time(when)
                )
            )
        return Scene(node, title, text, number, self._store.ask(lambda now: origins.named(now, credits, text)))

    def newest_good(self, scene: int) -> Revision | None:
        """The newest revision that can be read, if there is one."""
        for revision in self.of(scene):
            try:
                self.read(revision.id)
            except ProjectError:
                continue
            return revision
        return None

    def keep(self, scene: int, reason: str, name: str = "") -> Revision | None:
        """Keep a scene as it is in the file; None if the newest revision is just that and nobody named this one."""
        with self._store.transaction() as connection:
            return keep(connection, self._store.scene(scene), reason, name)

    def restore(self, id: int) -> Scene:
        """Bring a scene back to what it was; what it is now is kept before."""
        return self._store.sparing_index(lambda: self._restore(id))

    def _restore(self, id: int) -> Scene:
        old = self.read(id)
        with self._store.transaction() as connection:
            keep(connection, self._store.scene(old.id, unchecked=True), "restore")
            return self._store.save(old.id, old.text, old.credits)


def keep(connection: sqlite3.Connection, scene: Scene, reason: str, name: str = "") -> Revision | None:
    """Add a revision within a transaction, and drop those of the scene that have become too many."""
    sha256 = fingerprint(scene.text)
    newest = connection.execute(
        "SELECT sha256 FROM revisions WHERE node = ? ORDER BY id DESC LIMIT 1", [scene.id]
    ).fetchone()
    if reason != "snapshot" and newest is not None and newest[0] == sha256:
        return None
    now = int(time.time())
    words = count_words(scene.text)
    credits = json.dumps(origins.numbered(connection, scene.credits))
    body = zlib.compress(scene.text.encode())
    id = connection.execute(
        "INSERT INTO revisions (node, number, reason, name, time, words, sha256, credits, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [scene.id, scene.revision, reason, name, now, words, sha256, credits, body],
    ).lastrowid
    assert id is not None
    _drop(connection, _too_many(connection, scene.id, now))
    return Revision(id, scene.id, scene.revision, reason, name, now, words)


def why_due(connection: sqlite3.Connection, scene: Scene, text: str, *, is_draft: bool = False) -> str:
    """Why a scene should be kept before this text takes its place: "change", "earlier", or "" if it needn't.

    A draft keeps what was there before it began, and not before each passage that it adds.
    """
    if not scene.text.strip():
        return ""
    if not (is_draft and text.startswith(scene.text)) and _is_longer_than_a_paragraph(scene.text, text):
        return "change"
    newest = connection.execute(
        "SELECT time FROM revisions WHERE node = ? ORDER BY id DESC LIMIT 1", [scene.id]
    ).fetchone()
    # A clock that was set back must not stop the schedule.
    return "" if newest is not None and abs(time.time() - newest[0]) < PAUSE_S else "earlier"


def _is_longer_than_a_paragraph(old: str, new: str) -> bool:
    start = _same(old, new)
    end = _same(old[start:][::-1], new[start:][::-1])
    for text in (old, new):
        changed = text[start : len(text) - end].strip()
        if len(changed.encode()) > PARAGRAPH_BYTES or "\n" in changed:
            return True
    return False


def _same(one: str, other: str) -> int:
    """How many characters two texts share at their beginning."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _too_many(connection: sqlite3.Connection, scene: int, now: int) -> list[int]:
    """The revisions that thinning drops; those that the author named, and those before a model wrote, stay."""
    rows = connection.execute(
        "SELECT id, time FROM revisions WHERE node = ? AND reason NOT IN ('snapshot', 'generated') ORDER BY id", [scene]
    ).fetchall()
    return [rows[index][0] for index in thin([when for _id, when in rows], now, REVISIONS, LAST_REVISIONS)]


def _drop(connection: sqlite3.Connection, ids: Iterable[int]) -> None:
    connection.executemany("DELETE FROM revisions WHERE id = ?", [[id] for id in ids])


class Budget:
    """Unpacks the revisions of one file until all their texts are more than a file of its size can hold."""

    def __init__(self, size: int) -> None:
        self.left = _LEAST_BUDGET + _MOST_PACKED * size

    def unpacked(self, body: bytes) -> str | None:
        """The text of a revision; None if its bytes make none or the budget is spent."""
        unpacker = zlib.decompressobj()
        try:
            data = unpacker.decompress(body, min(_LARGEST_TEXT, self.left)) if self.left > 0 else b""
            self.left -= len(data)
            return data.decode() if unpacker.eof else None
        except (zlib.error, UnicodeDecodeError):
            return None


def unpacked(body: bytes) -> str | None:
    """The text of a single revision; None if its bytes make none."""
    return Budget(0).unpacked(body)
