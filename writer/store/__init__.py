"""One project in one SQLite file: its outline, its prose, and what belongs to them."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from writer import migrations
from writer.credits import Credits, carried, ordered
from writer.errors import ProjectError
from writer.i18n import _
from writer.store import arrangement, disk, entries, origins, revisions, seams, tree, unclosed
from writer.store.arrangement import Arrangement
from writer.store.entries import Choices, Entries
from writer.store.file import Answer, Opened, OpenFile
from writer.store.index import Index
from writer.store.plans import Plans
from writer.store.revisions import Revisions
from writer.store.tasks import Tasks
from writer.story import Note, OutlineNode, Project, Scene
from writer.text import clean, count_words, fingerprint

_log = logging.getLogger(__name__)

_LARGEST_ID = 2**63 - 1
_FIRST_WITH_REVISIONS = 2
_FIRST_WITH_MEMORY = 3
_FIRST_WITH_PLANS = 4
_REMEMBERED = 16384
_OUTLINE = "outline"
"""The key of a number that grows whenever a node is added, moved, or put into the bin or taken out of it."""


class Store(OpenFile):
    """An open project; make one with ``create``, ``open`` or ``reader``."""

    def __init__(self, opened: Opened) -> None:
        super().__init__(opened)
        self.revisions = Revisions(self)
        self.index = Index(self)
        self.entries = Entries(self)
        self.choices = Choices(self)
        self.plans = Plans(self)
        self.tasks = Tasks(self)
        self._ranked: dict[str, tuple[str, dict[int, int]]] = {}
        self._arranged: tuple[tuple[int, int, int], Arrangement] | None = None
        self.has_revisions = migrations.version(opened.connection) >= _FIRST_WITH_REVISIONS
        """Whether the file is new enough to hold revisions and credits; one that is only read may be older."""
        self.has_memory = migrations.version(opened.connection) >= _FIRST_WITH_MEMORY
        """The same of what is remembered of the book, and of the author's entries, choices and note."""
        self.has_plans = migrations.version(opened.connection) >= _FIRST_WITH_PLANS
        """The same of what is planned, and of the scenes that wait for a draft."""
        self.recovered = None if self.read_only else unclosed.titles(self)
        """The titles of the scenes that were saved in the last session, if that ended without closing."""

    @classmethod
    def create(cls, path: Path, project: Project) -> Store:
        """A new, empty project, opened; ProjectError if there is a file already."""
        path = disk.real_path(path)
        if os.path.lexists(path):
            raise ProjectError(
                _("There is already a file called {path}; open it, or choose another name.").format(path=path)
            )
        part = disk.part_beside(path)
        try:
            with disk.explained(path):
                _write_empty_project(part, project)
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
                try:
                    disk.remove_sidecars(path)
                    os.replace(part, path)
                except BaseException:
                    path.unlink(missing_ok=True)
                    raise
        finally:
            part.unlink(missing_ok=True)
        return cls.open(path)

    def close(self) -> None:
        """Leave one ordinary file and give up the lock; safe to call twice."""
        if self._connection is not None and not self.read_only:
            unclosed.forget(self._connection)
        super().close()

    @property
    def project(self) -> Project:
        """What is true of the whole book."""
        row = self._row("SELECT title, premise, language FROM project")
        if row is None:
            raise disk.damaged(self.path)
        return Project(*row)

    def change_project(
        self, *, title: str | None = None, premise: str | None = None, language: str | None = None
    ) -> Project:
        """Change what is given, and give the whole."""
        with self.transaction() as connection:
            connection.execute(
                "UPDATE project SET title = coalesce(?, title), premise = coalesce(?, premise),"
                " language = coalesce(?, language)",
                [_one_line(title), None if premise is None else clean(premise), language],
            )
        return self.project

    def nodes(self) -> list[OutlineNode]:
        """The outline depth first in story order, with the words of each node's own prose; without the bin."""
        rows = self._rows(
            "SELECT id, parent, title, synopsis, words FROM nodes WHERE binned = 0 ORDER BY position DESC, id DESC"
        )
        children: dict[int | None, list[tuple[int, int | None, str, str, int]]] = {}
        for row in rows:
            children.setdefault(row[1], []).append(row)
        outline = []
        waiting = [(row, 0) for row in children.get(None, [])]
        while waiting:
            (id, parent, title, synopsis, words), level = waiting.pop()
            outline.append(_node(id, parent, level, title, synopsis, words))
            if id in children:
                waiting += [(row, level + 1) for row in children[id]]
        return outline

    def order(self) -> dict[int, int]:
        """The rank in story order of each node that is neither in the bin nor below one that is."""
        return self._ranks("WHERE binned = 0")

    def places(self) -> dict[int, int]:
        """The same of all nodes, in the bin or not, where what is in the bin stands as if it were not."""
        return self._ranks("")

    def _ranks(self, which: str) -> dict[int, int]:
        stamp = self.get(_OUTLINE)
        if which in self._ranked and self._ranked[which][0] == stamp:
            return self._ranked[which][1]
        rows = self._rows(f"SELECT id, parent FROM nodes {which} ORDER BY position, id")
        ranks = {id: rank for rank, id in enumerate(tree.depth_first(rows))}
        if self.has_memory and self.is_certain:
            self._ranked[which] = stamp, ranks
        return ranks

    def outline_changed(self, connection: sqlite3.Connection) -> None:
        """Note within the change itself that the outline is another; for the modules of this folder."""
        connection.execute(
            "INSERT INTO state VALUES (?, '1') ON CONFLICT DO UPDATE SET value = CAST(value AS INTEGER) + 1", [_OUTLINE]
        )

    def titles(self, ids: Iterable[int]) -> dict[int, tuple[str, int]]:
        """The title of each of these nodes, and the words of its own prose."""
        sql = "SELECT id, title, words FROM nodes WHERE id IN (SELECT value FROM json_each(?))"
        return {id: (title, words) for id, title, words in self._rows(sql, [json.dumps(list(ids))])}

    @property
    def note(self) -> Note:
        """What the author tells the model on every page; an empty one if nothing."""
        return self.ask(entries.note) if self.has_memory else Note("")

    @note.setter
    def note(self, note: Note) -> None:
        with self.transaction() as connection:
            entries.put_note(connection, note)

    def scene(self, id: int, *, unchecked: bool = False) -> Scene:
        """A node's prose; ProjectError if its bytes changed on the disk, unless ``unchecked``."""
        self._known(id)

        def read(connection: sqlite3.Connection) -> Scene:
            row = connection.execute(
                "SELECT title, text, revision, sha256 FROM nodes JOIN bodies ON node = id WHERE id = ?", [id]
            ).fetchone()
            if row is None:
                raise disk.damaged(self.path)
            title, text, revision, sha256 = row
            if not unchecked and fingerprint(text) != sha256:
                raise ProjectError(
                    _(
                        "The text of “{title}” was damaged on the disk since it was saved; Writer leaves it as it is, "
                        "so take this scene from a backup."
                    ).format(title=title)
                )
            credits = origins.of_scene(connection, id, text) if self.has_revisions else ()
            return Scene(id, title, text, revision, credits)

        return self.ask(read)

    def before(self, id: int) -> Iterator[Scene]:
        """The nodes before this one in story order, nearest first, each read only when asked for, damaged or not."""
        self._known(id)
        seen = {id}
        while (previous := self._previous(id)) is not None and previous not in seen:
            yield self.scene(previous, unchecked=True)
            seen.add(previous)
            id = previous

    def _previous(self, id: int) -> int | None:
        return self.ask(lambda connection: tree.previous(connection, id))

    def save(self, id: int, text: str, credits: Credits | None = None, *, is_draft: bool = False) -> Scene:
        """Keep a node's prose; the revision grows only if the text changed.

        ``credits`` say what of it a model wrote; without them, words that stayed keep theirs. What was there before is
        kept as a revision if that is due, or if more than a paragraph changed; what a draft adds changes nothing.
        """
        given, text = text, clean(text)
        if credits is not None:
            credits = ordered(carried(credits, given, text), len(text))
        return self.sparing_index(lambda: self._save(id, text, credits, is_draft=is_draft))

    def _save(self, id: int, text: str, credits: Credits | None, *, is_draft: bool) -> Scene:
        with self.transaction() as connection:
            old = self.scene(id, unchecked=True)
            sha256 = fingerprint(text)
            is_whole = self._row("SELECT sha256 FROM bodies WHERE node = ?", [id])[0] == fingerprint(old.text)
            now_credited = carried(old.credits, old.text, text) if credits is None else credits
            revision = old.revision
            if old.text != text or not is_whole:
                if reason := revisions.why_due(connection, old, text, is_draft=is_draft) if is_whole else "change":
                    revisions.keep(connection, old, reason)
                revision += 1
                connection.execute(
                    "UPDATE bodies SET text = ?, sha256 = ?, revision = ? WHERE node = ?", [text, sha256, revision, id]
                )
                connection.execute("UPDATE nodes SET words = ? WHERE id = ?", [count_words(text), id])
                unclosed.note(connection, id)
                self.index.follow(connection, old, text, revision, is_whole=is_whole)
            if now_credited != old.credits:
                origins.put(connection, id, now_credited)
        return Scene(id, old.title, text, revision, now_credited)

    def add(
        self, title: str, parent: int | None = None, after: int | None = None, text: str = "", synopsis: str = ""
    ) -> int:
        """A new node behind its sibling ``after``, or else as the last child of ``parent``; gives its id."""
        text = clean(text)
        with self.transaction() as connection:
            if after is None:
                if parent is not None:
                    self._known(parent)
                position = tree.last_position(connection, parent) + 1
            else:
                parent = self._parent_of_sibling(after, parent)
                position = tree.make_room(connection, parent, after)
            id = connection.execute(
                "INSERT INTO nodes (parent, position, title, synopsis, words, binned) VALUES (?, ?, ?, ?, ?, 0)",
                [parent, position, _one_line(title), clean(synopsis), count_words(text)],
            ).lastrowid
            connection.execute("INSERT INTO bodies VALUES (?, 1, ?, ?)", [id, fingerprint(text), text])
            self.outline_changed(connection)
        assert id is not None
        return id

    def rename(self, id: int, title: str) -> None:
        """Give a node another title."""
        with self.transaction() as connection:
            connection.execute("UPDATE nodes SET title = ? WHERE id = ?", [_one_line(title), self._known(id)])

    def move(self, id: int, parent: int | None, after: int | None) -> None:
        """Put a node, with all below it, behind its new sibling ``after``, or else first under ``parent``."""
        with self.transaction() as connection:
            self._known(id)
            if parent is not None:
                self._known(parent)
            if id in (after, *tree.path(connection, parent)):
                raise ProjectError(_("A scene can't be moved into itself; choose another place."))
            if after is not None:
                parent = self._parent_of_sibling(after, parent)
            position = tree.make_room(connection, parent, after)
            connection.execute("UPDATE nodes SET parent = ?, position = ? WHERE id = ?", [parent, position, id])
            self.outline_changed(connection)

    def remove(self, id: int) -> None:
        """Put a node, with all below it, into the bin."""
        with self.transaction() as connection:
            connection.execute("UPDATE nodes SET binned = 1 WHERE id = ?", [self._known(id)])
            self.outline_changed(connection)

    def restore(self, id: int) -> None:
        """Take a node, with all below it, out of the bin to where it was, or to the end if that place is gone."""
        with self.transaction() as connection:
            self._known(id)
            connection.execute("UPDATE nodes SET binned = 0 WHERE id = ?", [id])
            if any(tree.is_binned(connection, above) for above in tree.path(connection, id)):
                connection.execute(
                    "UPDATE nodes SET parent = NULL, position = ? WHERE id = ?",
                    [tree.last_position(connection, None) + 1, id],
                )
            self.outline_changed(connection)

    def split(self, id: int, offset: int, title: str) -> int:
        """Make the text from ``offset`` on a new scene right behind, and give its id; line ends at the cut go."""
        return self.sparing_index(lambda: seams.split(self, id, offset, title))

    def join(self, id: int) -> int:
        """Append the text of the scene that follows, which goes to the bin as it is; gives its id.

        ProjectError if none follows in this chapter, or if what follows has scenes of its own.
        """
        return self.sparing_index(lambda: seams.join(self, id))

    def merge(self, id: int) -> int:
        """Make a node and its next brother one, whatever they hold, and give the brother's id.

        The brother goes to the bin, or becomes a scene below if both its prose and scenes of this one would come first.
        ProjectError if nothing stands behind.
        """
        self._known(id)
        return self.sparing_index(lambda: seams.merge(self, id))

    def promote(self, id: int) -> None:
        """Put a node right behind its parent; brothers behind it come below it, so that the story keeps its order."""
        with self.transaction() as connection:
            arrangement.promote(self, connection, self._known(id))

    def demote(self, id: int) -> None:
        """Put a node, with all below it, at the end of the brother before it."""
        with self.transaction() as connection:
            arrangement.demote(self, connection, self._known(id))

    def arrangement(self) -> Arrangement:
        """How the whole outline stands; two are equal if places, titles and plans are."""
        stamp = self.stamp
        if self._arranged is None or self._arranged[0] != stamp:
            self._arranged = stamp, arrangement.seen(self)
        return self._arranged[1]

    def arrange(self, wanted: Arrangement, instead_of: Arrangement | None = None, scenes: Iterable[Scene] = ()) -> None:
        """Bring the outline back to what it was, and these scenes to their texts; nodes that came later go to the bin.

        With ``instead_of`` only what differs between the two is changed, so that one step is undone and what others
        did meanwhile stays. ProjectError if that can't be, then nothing is changed.
        """
        instead_of = self.arrangement() if instead_of is None else instead_of
        self.sparing_index(lambda: arrangement.bring(self, wanted, instead_of, tuple(scenes)))

    def binned(self) -> list[OutlineNode]:
        """What was put into the bin, without what lies below it."""
        rows = self._rows("SELECT id, parent, title, synopsis, words FROM nodes WHERE binned = 1 ORDER BY id")
        return [OutlineNode(id, parent, 0, title, synopsis, words) for id, parent, title, synopsis, words in rows]

    def digest(self) -> str:
        """A short text that changes whenever the outline, the prose or what the author says of the book does."""
        summary = hashlib.sha256()
        with self.at_one_moment():
            for row in self._rows(
                "SELECT id, parent, position, title, synopsis, binned, sha256 FROM nodes LEFT JOIN bodies ON node = id"
                " ORDER BY id"
            ):
                summary.update(repr(row).encode())
            summary.update(repr(self.project).encode())
            own = (self.entries.all(), self.choices.all(), self.note)
            if own != ([], [], Note("")):  # else it is what it was before there were any
                summary.update(repr(own).encode())
            if plans := self.plans.all():
                summary.update(repr(sorted(plans.items())).encode())
        return summary.hexdigest()[:32]

    def get(self, key: str, default: str = "") -> str:
        """A value kept with the project, such as the last scene."""
        row = self._row("SELECT value FROM state WHERE key = ?", [key])
        return default if row is None else str(row[0])

    def put(self, key: str, value: str) -> None:
        """Keep a value with the project."""
        with self.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", [key, value])

    def sparing_index(self, work: Callable[[], Answer]) -> Answer:
        """Change texts; if that fails with the index taking part, such as on a full disk, do it again without.

        For the modules of this folder.
        """
        if self.connection.in_transaction:
            return work()
        self.index.took_part = False
        try:
            return work()
        except (ProjectError, sqlite3.Error) as error:
            if not self.index.took_part:
                raise
            _log.warning("saved without the index: %s", error)
            with self.index.left_out():
                return work()

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        return self.ask(lambda connection: connection.execute(sql, values).fetchall())

    def _row(self, sql: str, values: Sequence[Any] = ()) -> Any:
        return self.ask(lambda connection: connection.execute(sql, values).fetchone())

    def _known(self, id: int) -> int:
        self._parent(id)
        return id

    def _parent(self, id: int) -> int | None:
        row = self._row("SELECT parent FROM nodes WHERE id = ?", [id]) if 0 < id <= _LARGEST_ID else None
        if row is None:
            raise ProjectError(
                _("“{name}” has no scene {id}; choose one of its list of scenes.").format(name=self.path.name, id=id)
            )
        parent: int | None = row[0]
        return parent

    def _parent_of_sibling(self, sibling: int, parent: int | None) -> int | None:
        actual = self._parent(sibling)
        if parent is not None and parent != actual:
            raise ValueError(f"{sibling} is not below {parent}")
        return actual


def _one_line(title: str | None) -> str | None:
    return None if title is None else " ".join(clean(title).split())


def _write_empty_project(path: Path, project: Project) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute(f"PRAGMA application_id = {migrations.APPLICATION_ID}")
        migrations.upgrade(connection, path)
        connection.execute(
            "INSERT INTO project VALUES (1, ?, ?, ?)",
            [_one_line(project.title), clean(project.premise), project.language],
        )
    finally:
        connection.close()


_node = lru_cache(_REMEMBERED)(OutlineNode)
"""Most of an outline is what it was when it was read last: then it need not be made anew, and compares quickly."""
