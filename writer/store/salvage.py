"""A new project from the rows that can still be read of a damaged or foreign one.

Rows are copied, never schema, so that nothing of a foreign file's code comes along. Which table a row belongs to is
said by the schema or, where that is lost, by the row's own shape; a SHA-256 proves a text.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import Any

from writer.errors import ProjectError
from writer.i18n import _, ngettext, together
from writer.store import Store, disk, entries, origins, pages, plans, tasks, tree
from writer.store.pages import Pages, Row
from writer.store.revisions import Budget
from writer.story import Plan, Project
from writer.text import clean, count_words, fingerprint, language_of, said_words

MOST_ROWS = 250_000
_LARGEST_TEXT = 63 * 2**20
_MOST_CHARACTERS = _LARGEST_TEXT // 4
_LONGEST_TITLE = 500
_LONGEST_SYNOPSIS = 1_000_000
_REASONS = {"earlier", "change", "generated", "restore", "split", "join", "snapshot"}
_STATE = {"scene", "caret"}
_NAMED_TITLES = 3

_SHAPES: dict[str, tuple[type | tuple[type, ...], ...]] = {
    "project": (NoneType, str, str, str),
    "nodes": (NoneType, (NoneType, int), int, str, str, int, int),
    "bodies": (NoneType, int, bytes, str),
    "origins": (NoneType, str, str, int, str, int),
    "credits": (int, int, int, int),
    "revisions": (NoneType, int, int, str, str, int, int, bytes, str, bytes),
    "state": (str, str),
    "entries": (NoneType, bytes, str),
    "choices": (NoneType, str, int, str),
    "guidance": (NoneType, str, int),
    "plans": (NoneType, bytes, str),
    "tasks": (NoneType, int, str),
}
"""What the values of each table's rows are, as they are stored; of two that are alike the first is tried first."""
_OF_BOOK = ("entries", "plans")
"""What a row under 0, the plan of the whole book, may be taken for."""


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What was found; titles are those of scenes that are not as they were."""

    path: Path
    scenes: int
    """Scenes and chapters with text, without the bin."""
    words: int
    from_revisions: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    homeless: tuple[str, ...] = ()
    """Texts whose place in the outline is lost: they are under the chapter “Recovered”."""
    is_cut: bool = False
    """Whether the file holds more rows than were read."""

    @property
    def sentence(self) -> str:
        """All of it in the author's words."""
        said = [
            ngettext(
                "Writer could read {n} scene, with {words}.", "Writer could read {n} scenes, with {words}.", self.scenes
            ).format(n=f"{self.scenes:,}", words=said_words(self.words))
        ]  # fmt: skip
        if self.from_revisions:
            said.append(_("It took an earlier version of {titles}.").format(titles=_listed(self.from_revisions)))
        if self.damaged:
            said.append(_("Characters are wrong or missing in {titles}.").format(titles=_listed(self.damaged)))
        if self.lost:
            said.append(_("The text of {titles} is lost.").format(titles=_listed(self.lost)))
        if self.homeless:
            said.append(_("Under “Recovered”, look for {titles}.").format(titles=_listed(self.homeless)))
        if self.is_cut:
            said.append(
                _("The file holds more rows than any book has; only the first {n} were read.").format(
                    n=f"{MOST_ROWS:,}"
                )
            )
        if len(said) == 1:
            said.append(_("Nothing that the outline names is missing."))
        return together(said)


def salvage(path: Path, target: Path) -> Salvaged:
    """Make a new project of what can be read of the one at ``path``, which is not written to and needs no lock.

    No connection to ``path`` may be open in this process. ProjectError if ``target`` is there already, can't be
    written, or if nothing was found.
    """
    path, target = disk.real_path(path), disk.real_path(target)
    disk.check_file(path)
    if os.path.lexists(target):
        raise ProjectError(_("There is already a file called {path}; choose another name.").format(path=target))
    folder = disk.part_beside(target)
    part = folder / target.name
    try:
        with disk.explained(target):
            folder.mkdir()
        with disk.explained(path), pages.opened(path) as found, Store.create(part, Project("", "", "en")) as store:
            salvaged = _copy(found, store, path.stem, target, disk.size(path))
        with disk.explained(target):
            disk.flush(part)
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
            disk.remove_sidecars(target)
            os.replace(part, target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return salvaged


def _copy(found: Pages, store: Store, name: str, target: Path, size: int) -> Salvaged:
    with store.transaction() as connection:
        connection.execute("PRAGMA defer_foreign_keys = ON")  # rows come in the order of pages
        rows = _Rows(connection, size)
        rows.take(found)
        if not rows.bodies and not connection.execute("SELECT 1 FROM nodes UNION SELECT 1 FROM revisions").fetchone():
            raise ProjectError(
                _("“{name}” holds nothing that Writer can read; go on with a backup of it.").format(name=name)
            )
        book = _Book(connection, rows)
        book.mend()
        _write_project(connection, rows.project, name)
        return book.report(target)


class _Rows:
    """Puts the rows that make sense into the tables of a new project; the first of several with one id stays."""

    def __init__(self, connection: sqlite3.Connection, size: int) -> None:
        self._connection = connection
        self._budget = Budget(size)
        self.is_cut = False
        self.project: Project | None = None
        self.bodies: dict[int, tuple[bool, int]] = {}
        """Of each node's text, whether its SHA-256 is right, and its revision."""

    def take(self, found: Pages) -> None:
        """All that can be told, up to a number that no book has."""
        for count, (kind, id, values) in enumerate(_told(found)):
            if count == MOST_ROWS:
                self.is_cut = True
                break
            if kind == "credits" or id > 0 or (id == plans.BOOK and kind in _OF_BOOK):
                getattr(self, f"_take_{kind}")(id, values)

    def _take_project(self, id: int, values: Sequence[Any]) -> None:
        title, premise, language = values[1:]
        is_migration = language[:1].isdigit()  # rows of the same shape, with a time at their end
        if id == 1 and self.project is None and not is_migration:
            self.project = Project(_one_line(title), clean(premise)[:_LONGEST_SYNOPSIS], language)

    def _take_nodes(self, id: int, values: Sequence[Any]) -> None:
        parent, position, title, synopsis, words, binned = values[1:]
        self._insert(
            "nodes", id, parent, position, _one_line(title), clean(synopsis)[:_LONGEST_SYNOPSIS], words, int(binned > 0)
        )

    def _take_bodies(self, node: int, values: Sequence[Any]) -> None:
        revision, sha256, text = values[1:]
        kept = text if len(text) < _MOST_CHARACTERS else text[:_MOST_CHARACTERS]
        is_good = kept is text and fingerprint(text) == sha256
        if node in self.bodies and self.bodies[node] >= (is_good, revision):
            return
        self.bodies[node] = (is_good, revision)
        text = clean(kept)
        self._connection.execute(
            "INSERT OR REPLACE INTO bodies (node, revision, sha256, text) VALUES (?, ?, ?, ?)",
            [node, max(1, revision), fingerprint(text), text],
        )

    def _take_origins(self, id: int, values: Sequence[Any]) -> None:
        model, engine, seed, prompt, when = values[1:]
        self._insert("origins", id, _one_line(model), _one_line(engine), seed, _one_line(prompt), when)

    def _take_credits(self, _id: int, values: Sequence[Any]) -> None:
        self._connection.execute("INSERT INTO credits (node, start, stop, origin) VALUES (?, ?, ?, ?)", values)

    def _take_revisions(self, id: int, values: Sequence[Any]) -> None:
        node, number, reason, name, when, words, sha256, credits, body = values[1:]
        text = self._budget.unpacked(body)
        if reason in _REASONS and text is not None and fingerprint(text) == sha256 and text == clean(text):
            numbers = [
                node,
                number,
                reason,
                _one_line(name),
                when,
                max(0, words),
                sha256,
                json.dumps(origins.stretches(credits) or []),
                body,
            ]
            self._insert("revisions", id, *numbers)

    def _take_state(self, _id: int, values: Sequence[Any]) -> None:
        key, value = values
        if key in _STATE and value.isascii() and value.isdigit() and len(value) < 19:
            self._insert("state", key, value)

    def _take_entries(self, id: int, values: Sequence[Any]) -> None:
        _none, sha256, value = values
        entry = entries.read(id, value) if len(value) < _MOST_CHARACTERS and fingerprint(value) == sha256 else None
        if entry is None:
            self._take_plans(id, values)  # which look alike where the schema is lost
        elif id > 0:
            told = entries.written(entry)
            self._insert("entries", id, fingerprint(told), told)

    def _take_plans(self, node: int, values: Sequence[Any]) -> None:
        _none, sha256, value = values
        plan = plans.read(value) if len(value) < _MOST_CHARACTERS and fingerprint(value) == sha256 else None
        if plan is not None and plan != Plan():
            told = plans.written(plan)
            self._insert("plans", node, fingerprint(told), told)

    def _take_tasks(self, node: int, values: Sequence[Any]) -> None:
        _none, position, value = values
        task = tasks.read(node, value) if len(value) < _MOST_CHARACTERS else None
        if task is not None:
            self._insert("tasks", node, position, tasks.written(task))

    def _take_choices(self, id: int, values: Sequence[Any]) -> None:
        _none, kind, scene, text = values
        if kind in entries.KINDS:
            self._insert("choices", id, kind, scene, clean(text)[:_LONGEST_SYNOPSIS])

    def _take_guidance(self, id: int, values: Sequence[Any]) -> None:
        _none, text, depth = values
        if id == 1:
            self._insert("guidance", id, clean(text)[:_LONGEST_SYNOPSIS], max(0, min(depth, entries.DEEPEST)))

    def _insert(self, table: str, *values: Any) -> None:
        places = ", ".join("?" * len(values))
        self._connection.execute(f"INSERT OR IGNORE INTO {table} VALUES ({places})", values)


def _told(found: Pages) -> Iterator[tuple[str, int, tuple[Any, ...]]]:
    """All rows with the table they belong to; those of tables that can be walked come first."""
    own: dict[str, int] = {}
    others = []
    for name, root in found.tables():
        if name in _SHAPES and name not in own:
            own[name] = root
        else:
            others.append(root)
    for name, root in own.items():
        for id, values in found.rows(root):
            if (kind := name if _fits(values, name) else _kind(values)) is not None:
                yield kind, id, values[: len(_SHAPES[kind])]
    for root in others:  # the rows of a table that is there under its own name are known already
        yield from (told for told in _by_shape(found.rows(root)) if told[0] not in own)
    yield from _by_shape(found.strays())


def _by_shape(rows: Iterator[Row]) -> Iterator[tuple[str, int, tuple[Any, ...]]]:
    for id, values in rows:
        if (kind := _kind(values)) is not None:
            yield kind, id, values


def _kind(values: tuple[Any, ...]) -> str | None:
    return next((name for name, shape in _SHAPES.items() if len(values) == len(shape) and _fits(values, name)), None)


def _fits(values: tuple[Any, ...], table: str) -> bool:
    """Whether a row begins with the values of a table; a newer version may have put more behind them."""
    shape = _SHAPES[table]
    return len(values) >= len(shape) and all(isinstance(v, t) for v, t in zip(values, shape, strict=False))


class _Book:
    """Makes a whole book of the rows: every text has a place, every place a text, and what is said of them is true."""

    def __init__(self, connection: sqlite3.Connection, rows: _Rows) -> None:
        self._connection = connection
        self._bodies = rows.bodies
        self._is_cut = rows.is_cut
        self._from_revisions: list[int] = []
        self._damaged: list[int] = []
        self._lost: list[int] = []
        self._homeless: list[int] = []

    def mend(self) -> None:
        execute = self._connection.execute
        self._replant(self._give_places())
        execute("DELETE FROM revisions WHERE node NOT IN (SELECT id FROM nodes)")
        execute("DELETE FROM credits WHERE node NOT IN (SELECT id FROM nodes)")
        execute("DELETE FROM credits WHERE origin NOT IN (SELECT id FROM origins)")
        execute("DELETE FROM choices WHERE scene NOT IN (SELECT id FROM nodes)")
        execute("DELETE FROM tasks WHERE node NOT IN (SELECT id FROM nodes)")
        for id, words in execute("SELECT id, words FROM nodes").fetchall():
            self._give_text(id, words)
        for (id,) in execute("SELECT DISTINCT node FROM credits").fetchall():
            text = self._text(id)
            origins.put(self._connection, id, origins.of_scene(self._connection, id, text))
        for (id,) in execute("SELECT id FROM nodes").fetchall():
            execute("UPDATE nodes SET words = ? WHERE id = ?", [count_words(self._text(id)), id])

    def report(self, path: Path) -> Salvaged:
        counted = self._connection.execute(
            "WITH RECURSIVE book(id) AS (SELECT id FROM nodes WHERE parent IS NULL AND binned = 0 UNION"
            " SELECT nodes.id FROM nodes JOIN book ON parent = book.id WHERE binned = 0)"
            " SELECT words FROM nodes JOIN book USING (id) WHERE words > 0"
        ).fetchall()
        lists = (self._from_revisions, self._damaged, self._lost, self._homeless)
        taken, damaged, lost, homeless = (tuple(self._title(id) for id in ids) for ids in lists)
        words = sum(words for (words,) in counted)
        return Salvaged(path, len(counted), words, taken, damaged, lost, homeless, self._is_cut)

    def _give_places(self) -> int:
        """A chapter for the texts whose node is lost, and its id; 0 if there are none."""
        execute = self._connection.execute
        parents = {row[0] for row in execute("SELECT parent FROM nodes")}
        homeless: list[tuple[int, str]] = []
        for id, text in execute("SELECT node, text FROM bodies WHERE node NOT IN (SELECT id FROM nodes)"):
            if text or id in parents or not self._bodies[id][0]:
                homeless.append((id, _opening(text)))
        for id, body in execute(
            "SELECT node, body FROM revisions WHERE id IN (SELECT max(id) FROM revisions GROUP BY node) AND node > 0"
            " AND node NOT IN (SELECT id FROM nodes) AND node NOT IN (SELECT node FROM bodies)"
        ):
            homeless.append((id, _opening(zlib.decompress(body).decode())))
        placed = {id for id, _opening in homeless} | {plans.BOOK}
        for id, value in execute("SELECT node, value FROM plans WHERE node NOT IN (SELECT id FROM nodes)"):
            if id not in placed and (plan := plans.read(value)) is not None:
                homeless.append((id, _opening(next(filter(None, (plan.notes, *plan.beats, *plan.events)), ""))))
        insert = (
            "INSERT INTO nodes (id, parent, position, title, synopsis, words, binned) VALUES (?, ?, ?, ?, '', ?, 0)"
        )
        for id, opening in homeless:
            execute(insert, [id, None, id, opening or _("Recovered"), 1])
        self._homeless = sorted(id for id, _opening in homeless)
        chapter = execute(insert, [None, None, 0, _("Recovered"), 0]).lastrowid if homeless else 0
        execute("DELETE FROM bodies WHERE node NOT IN (SELECT id FROM nodes)")
        self._connection.executemany(
            "UPDATE nodes SET parent = ? WHERE id = ?", [(chapter, id) for id in self._homeless]
        )
        return chapter or 0

    def _replant(self, last: int) -> None:
        """Put nodes without a parent, and one of each circle, at the end of the top but for ``last``."""
        execute = self._connection.execute
        rows = execute("SELECT id, parent, position FROM nodes").fetchall()
        parents = {id: parent for id, parent, _position in rows}
        order = {last: 2}
        for id, parent in parents.items():
            if parent is not None and parent not in parents:
                parents[id] = None
                order[id] = 1
        for id in tree.one_of_each_circle(parents):
            parents[id] = None
            order[id] = 1
        siblings: dict[int | None, list[tuple[int, int, int]]] = {}
        for id, _parent, position in rows:
            siblings.setdefault(parents[id], []).append((order.get(id, 0), position, id))
        for parent, group in siblings.items():
            for number, (_order, _position, id) in enumerate(sorted(group), 1):
                execute("UPDATE nodes SET parent = ?, position = ? WHERE id = ?", [parent, number, id])

    def _give_text(self, id: int, words: int) -> None:
        is_good, revision = self._bodies.get(id, (False, 0))
        if is_good or (id not in self._bodies and words <= 0):
            if id not in self._bodies:
                self._put(id, 1, "")
            return
        newest = self._connection.execute(
            "SELECT number, body, credits FROM revisions WHERE node = ? ORDER BY id DESC LIMIT 1", [id]
        ).fetchone()
        if newest is not None:
            number, body, credits = newest
            if id in self._bodies:
                self._keep_damaged(id, revision)
            text = zlib.decompress(body).decode()
            self._put(id, max(revision, number) + 1, text)
            origins.put(self._connection, id, origins.named(self._connection, credits, text))
            self._from_revisions.append(id)
        elif id in self._bodies:
            self._damaged.append(id)
            title = _("{title} (damaged)").format(title=self._title(id))
            self._connection.execute("UPDATE nodes SET title = ? WHERE id = ?", [title, id])
        else:
            self._put(id, 1, "")
            self._lost.append(id)

    def _keep_damaged(self, id: int, revision: int) -> None:
        """What there is of the newer text, for the author to compare with."""
        text = self._text(id)
        self._connection.execute(
            "INSERT INTO revisions (node, number, reason, name, time, words, sha256, credits, body)"
            " VALUES (?, ?, 'restore', ?, ?, ?, ?, '[]', ?)",
            [
                id, max(1, revision), _("damaged"), int(time.time()), count_words(text), fingerprint(text),
                zlib.compress(text.encode()),
            ],
        )  # fmt: skip

    def _put(self, id: int, revision: int, text: str) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO bodies (node, revision, sha256, text) VALUES (?, ?, ?, ?)",
            [id, max(1, revision), fingerprint(text), text],
        )

    def _text(self, id: int) -> str:
        return str(self._connection.execute("SELECT text FROM bodies WHERE node = ?", [id]).fetchone()[0])

    def _title(self, id: int) -> str:
        return str(self._connection.execute("SELECT title FROM nodes WHERE id = ?", [id]).fetchone()[0])


def _write_project(connection: sqlite3.Connection, project: Project | None, name: str) -> None:
    """The book's own title, or the name of its file; the language of its texts where that is lost."""
    title, premise, language = (project.title, project.premise, project.language) if project else (name, "", "")
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", language):
        sample = connection.execute("SELECT group_concat(substr(text, 1, 500)) FROM (SELECT text FROM bodies LIMIT 40)")
        language = language_of(sample.fetchone()[0] or "")
    connection.execute("UPDATE project SET title = ?, premise = ?, language = ?", [title, premise, language])


def _listed(titles: Sequence[str]) -> str:
    named = _(", ").join(_("“{title}”").format(title=title) for title in titles[:_NAMED_TITLES])
    more = len(titles) - _NAMED_TITLES
    if more <= 0:
        return named
    return ngettext("{titles} and {n} more", "{titles} and {n} more", more).format(titles=named, n=more)


def _opening(text: str) -> str:
    """The first words of a text, to know it by."""
    words = text[:200].split("\n\n")[0].split()
    title = " ".join(words)[:40].rstrip()
    return title and title + "…"


def _one_line(text: str) -> str:
    return " ".join(clean(text[: 4 * _LONGEST_TITLE]).split())[:_LONGEST_TITLE]
