"""Whether a project file is whole: every text in it is read and compared with what Writer wrote down about it.

Nothing is ever written, and a project that is open in a window is checked as it is at one moment.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from writer import migrations
from writer.errors import ProjectError
from writer.i18n import _
from writer.store import disk, entries, index, origins, plans, tasks, tree
from writer.store.revisions import Budget
from writer.text import count_words, fingerprint, said_time

_MOST_FINDINGS = 20
"""Of SQLite's own in one file."""

Stretch = Sequence[int]
"""Where something that a model wrote starts and ends, and the id of its origin."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, in one sentence, and where: a scene's title or the file's name."""

    what: str
    where: str
    spares_text: bool = False
    """Whether every word of the book is there all the same."""


def check(path: Path) -> Iterator[Problem]:
    """All that is wrong with a project file; nothing if all is well."""
    path = disk.real_path(path)
    try:
        disk.check_file(path)
        with disk.explained(path):
            connection = disk.connect_for_reading(path)
    except ProjectError as error:
        yield Problem(str(error), path.name)
        return
    with closing(connection):
        yield from _Examination(path, connection).problems()


class _Examination:
    """One file, and what is known of it so far."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection
        self._titles: dict[int, str] = {}
        self._origins: set[int] = set()
        self._version = 0

    def problems(self) -> Iterator[Problem]:
        """Part after part; a file that may do harm is not read further."""
        refused = list(self._told(self._head))
        yield from refused
        if refused:
            yield from self._told(self._pages)
            return
        if self._version > migrations.VERSION:
            yield Problem(disk.newer(self._path), self._path.name, spares_text=True)
        parts = [self._pages, self._references, self._project, self._outline]
        parts += [self._bodies] if self._version < 2 else [self._credited_bodies, self._revisions]
        parts += [] if self._version < 3 else [self._author, self._index]
        parts += [] if self._version < 4 else [self._plans, self._tasks]
        for part in parts:
            yield from self._told(part)

    def _told(self, part: Callable[[], Iterator[Problem]]) -> Iterator[Problem]:
        """What a part finds; what keeps it from looking further is a problem too."""
        try:
            with disk.explained(self._path):
                yield from part()
        except ProjectError as error:
            yield self._of_file(str(error))

    def _of_file(self, what: str) -> Problem:
        return Problem(what, self._path.name)

    def _of_scene(self, id: int, what: str, *, spares_text: bool = False) -> Problem:
        return Problem(what, self._titles.get(id) or _("Scene {id}").format(id=id), spares_text)

    # --- the parts

    def _head(self) -> Iterator[Problem]:
        self._connection.execute("BEGIN")  # all that follows sees the same moment
        with disk.within_time(self._connection):
            migrations.refuse_foreign(self._connection, self._path.name)
        self._version = migrations.version(self._connection)
        yield from ()

    def _pages(self) -> Iterator[Problem]:
        for (finding,) in self._connection.execute(f"PRAGMA integrity_check({_MOST_FINDINGS})"):
            if finding != "ok" and not disk.is_about_words(finding):  # which are made again
                yield self._of_file(
                    _("The file is damaged inside ({finding}); go on with a backup of it.").format(finding=finding)
                )

    def _references(self) -> Iterator[Problem]:
        missing = {
            "nodes": _("A part of the outline lies below one that is not there; go on with a backup."),
            "bodies": _("A text belongs to no scene; go on with a backup."),
            "revisions": _("An earlier version belongs to no scene; go on with a backup."),
            "credits": _("A mark of what a model wrote belongs to no scene or to no model; go on with a backup."),
        }
        for table in {row[0] for row in self._connection.execute("PRAGMA foreign_key_check")}:
            if table in missing:
                yield self._of_file(missing[table])

    def _project(self) -> Iterator[Problem]:
        if len(self._connection.execute("SELECT title, premise, language FROM project").fetchall()) != 1:
            yield self._of_file(_("The file doesn't say which book it is; go on with a backup."))
        self._connection.execute("SELECT key, value FROM state").fetchall()

    def _outline(self) -> Iterator[Problem]:
        parents: dict[int, int | None] = {}
        rows = self._connection.execute("SELECT id, parent, CAST(title AS BLOB), CAST(synopsis AS BLOB) FROM nodes")
        for id, parent, *words in rows:
            parents[id], self._titles[id] = parent, words[0].decode("utf-8", "replace")
            if not all(_is_utf8(text) for text in words):
                yield self._of_scene(id, _("Its title or synopsis is damaged; type it again."))
        for id in tree.one_of_each_circle(parents):
            yield self._of_scene(id, _("It lies within itself, so the outline can't show it; go on with a backup."))
        for (id,) in self._connection.execute("SELECT id FROM nodes WHERE id NOT IN (SELECT node FROM bodies)"):
            yield self._of_scene(id, _("Its text is not there; take it from an earlier version or from a backup."))

    def _bodies(self) -> Iterator[Problem]:
        for id, text, sha256, words in self._texts():
            yield from self._about_text(id, text, sha256, words)

    def _credited_bodies(self) -> Iterator[Problem]:
        self._origins = {id for (id,) in self._connection.execute("SELECT id FROM origins")}
        credits: dict[int, list[Stretch]] = {}
        for id, *stretch in self._connection.execute(
            "SELECT node, start, stop, origin FROM credits ORDER BY node, start, stop"
        ):
            credits.setdefault(id, []).append(stretch)
        for id, text, sha256, words in self._texts():
            yield from self._about_text(id, text, sha256, words)
            if not self._is_marking(credits.get(id, ()), text):
                what = _("The marks of what a model wrote in it don't fit its text; the text itself is whole.")
                yield self._of_scene(id, what, spares_text=True)

    def _texts(self) -> sqlite3.Cursor:
        return self._connection.execute(
            "SELECT id, text, sha256, words FROM bodies JOIN nodes ON id = node ORDER BY id"
        )

    def _about_text(self, id: int, text: str, sha256: bytes, words: int) -> Iterator[Problem]:
        if fingerprint(text) != sha256:
            yield self._of_scene(
                id, _("Its text was damaged on the disk; take it from an earlier version or from a backup.")
            )
        elif count_words(text) != words:
            what = _("Its words are counted wrong; change it, and they are counted again.")
            yield self._of_scene(id, what, spares_text=True)

    def _revisions(self) -> Iterator[Problem]:
        budget = Budget(disk.size(self._path) + disk.size(disk.sidecar(self._path, "-wal")))
        rows = self._connection.execute("SELECT node, time, words, sha256, credits, body FROM revisions ORDER BY id")
        for id, when, words, sha256, credits, body in rows:
            text = budget.unpacked(body)
            if budget.left <= 0:
                yield self._of_file(
                    _(
                        "The earlier versions unpack to more text than a file of this size can hold, so the rest of "
                        "them was not checked; if the file comes from somebody else, don't trust it."
                    )
                )
                return
            is_whole = text is not None and fingerprint(text) == sha256
            if text is None or not is_whole:
                what = _("Its version of {time} was damaged on the disk; go on with another version.")
            elif count_words(text) != words or not self._is_marking(origins.stretches(credits), text):
                what = _("What is noted about its version of {time} doesn't fit; the version itself is whole.")
            else:
                continue
            yield self._of_scene(id, what.format(time=said_time(when)), spares_text=is_whole)

    def _author(self) -> Iterator[Problem]:
        for id, sha256, value in self._connection.execute("SELECT id, sha256, value FROM entries ORDER BY id"):
            entry = entries.read(id, value)
            if entry is None or fingerprint(value) != sha256:
                what = _(
                    "What you noted about “{name}” was damaged on the disk; write it again, or go on with a backup."
                )
                yield self._of_file(what.format(name=entry.name if entry else _("Entry {id}").format(id=id)))
        for table in ("choices", "guidance"):
            for (text,) in self._connection.execute(f"SELECT CAST(text AS BLOB) FROM {table}"):
                if not _is_utf8(text):
                    yield self._of_file(_("A note of yours was damaged on the disk; write it again."))

    def _index(self) -> Iterator[Problem]:
        """Only of scenes that nobody would read anew: what is stale needs no problem to be put right."""
        rows = self._connection.execute(
            "SELECT id, text, layout, digest FROM indexed JOIN bodies USING (node, revision) JOIN nodes ON id = node"
            " ORDER BY id"
        )
        for id, text, layout, digest in rows:
            if not index.is_fitting(layout, digest, text):
                what = _("What Writer remembers of it doesn't fit its text; change it, and it is read again.")
                yield self._of_scene(id, what, spares_text=True)

    def _plans(self) -> Iterator[Problem]:
        for id, sha256, value in self._connection.execute("SELECT node, sha256, value FROM plans ORDER BY node"):
            if id not in self._titles and id != plans.BOOK:
                yield self._of_file(_("What is planned belongs to no part of the outline; go on with a backup."))
            elif plans.read(value) is None or fingerprint(value) != sha256:
                what = _("What is planned for it was damaged on the disk; write it again, or go on with a backup.")
                yield self._of_file(what) if id == plans.BOOK else self._of_scene(id, what)

    def _tasks(self) -> Iterator[Problem]:
        for id, value in self._connection.execute("SELECT node, value FROM tasks ORDER BY position, node"):
            if id not in self._titles or tasks.read(id, value) is None:
                what = _("What is noted about its draft is damaged, so it waits for none; ask for its draft again.")
                yield self._of_scene(id, what, spares_text=True)

    def _is_marking(self, stretches: Iterable[Stretch] | None, text: str) -> bool:
        """Whether they are in order, apart from each other, inside the text, and from somewhere."""
        if stretches is None:
            return False
        last = 0
        for start, end, origin in stretches:
            if not last <= start < end <= len(text) or origin not in self._origins:
                return False
            last = end
        return True


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
