"""One storage call after the other fails, whichever it is: the file stays whole, and the author can go on.

A script does with a project all that can be done with one. It is run again for each of its calls to SQLite and to the
disk, and that call fails. What the failing step left must be all of what was there before it or all of what it does.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QTextCursor

from tests.ui.test_editor import make_look
from writer import backups, files
from writer.chunks import cut
from writer.errors import ProjectError, WriterError
from writer.store import Store, copies
from writer.store.check import check
from writer.story import Choice, Credit, Entry, Note, Origin, Project
from writer.ui import session as session_module
from writer.ui.session import Session

ORIGIN = Origin("smollm2", "llamacpp", 7, "0" * 64, 1_790_000_000)
LONG = "The gulls rose over the harbour. " * 20 + "\n海鸥飞起来了。"

SQLITE_ERRORS = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY)


NEVER = 2**62


@dataclass
class Fault:
    """Lets the storage call number ``at`` fail; with ``lasts`` also all after it, until the step is over."""

    at: int = NEVER
    lasts: bool = False
    code: int = sqlite3.SQLITE_IOERR
    calls: int = 0
    struck: list[str] = field(default_factory=list)

    def next_call(self, what: str, error: Callable[[int], Exception]) -> None:
        self.calls += 1
        if self.calls == self.at or (self.lasts and self.calls > self.at):
            self.struck.append(what)
            raise error(self.code)


def sqlite_error(code: int) -> Exception:
    error = sqlite3.OperationalError("injected")
    error.sqlite_errorcode = code
    return error


def disk_error(code: int) -> Exception:
    return OSError(errno.ENOSPC if code == sqlite3.SQLITE_FULL else errno.EIO, "injected")


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch) -> Fault:
    """The fault that all connections, and the disk, obey."""
    fault = Fault()

    class Connection(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            if sql == "ROLLBACK":  # SQLite ends the transaction even if the disk refuses everything
                super().execute(sql)
            fault.next_call(sql, sqlite_error)
            return super().execute("SELECT 1" if sql == "ROLLBACK" else sql, *values)

        def executemany(self, sql: str, *values: Any) -> sqlite3.Cursor:
            fault.next_call(sql, sqlite_error)
            return super().executemany(sql, *values)

        def commit(self) -> None:
            fault.next_call("commit", sqlite_error)
            super().commit()

        def backup(self, *values: Any, **options: Any) -> None:
            fault.next_call("backup", sqlite_error)
            super().backup(*values, **options)

    connect, replace, fsync = sqlite3.connect, os.replace, os.fsync

    def failing_connect(*values: Any, **options: Any) -> sqlite3.Connection:
        fault.next_call("connect", sqlite_error)
        return connect(*values, factory=Connection, **options)

    def failing_replace(source: Any, target: Any) -> None:
        fault.next_call("replace", disk_error)
        replace(source, target)

    def failing_fsync(descriptor: int) -> None:
        fault.next_call("fsync", disk_error)
        fsync(descriptor)

    monkeypatch.setattr(sqlite3, "connect", failing_connect)
    monkeypatch.setattr(os, "replace", failing_replace)
    monkeypatch.setattr(os, "fsync", failing_fsync)
    return fault


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: ten thousand flushes to a disk would take a minute."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as name:
        yield Path(name)


class Author:
    """Someone with a project, who does one thing after another."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.path, self.copy = folder / "潮.writer", folder / "copy.writer"
        self.folder = folder
        self.store: Store | None = None

    @property
    def desk(self) -> Store:
        if self.store is None:
            self.store = Store.open(self.path)
        return self.store

    def put_away(self) -> None:
        store, self.store = self.store, None
        if store is not None:
            store.close()


def _create(author: Author) -> None:
    author.store = Store.create(author.path, Project("The Tide", "A boy waits.", "en"))


def _keep(author: Author) -> None:
    author.desk.revisions.keep(2, "snapshot", "Draft")


def _bring_back(author: Author) -> None:
    oldest = author.desk.revisions.of(2)[-1]
    author.desk.revisions.restore(oldest.id)


def _take_in(author: Author) -> None:
    for scene in author.desk.index.stale():
        saved = author.desk.scene(scene)
        author.desk.index.put(scene, saved.revision, cut(saved.text))


def _in_one(author: Author) -> None:
    with author.desk.transaction():
        author.desk.add("Both", text="or neither")
        author.desk.rename(1, "Both or neither")


STEPS: tuple[Callable[[Author], object], ...] = (
    _create,
    lambda author: author.desk.add("One", synopsis="He waits."),
    lambda author: author.desk.add("Gulls", 1, text=LONG),
    lambda author: author.desk.add("Rain", 1, after=2, text="It rained."),
    _take_in,
    lambda author: author.desk.save(2, LONG + " More.", (Credit(4, 9, ORIGIN), Credit(10, 14, ORIGIN))),
    lambda author: author.desk.save(2, "Nothing is left.\n\nOf all that."),
    _keep,
    _bring_back,
    lambda author: author.desk.split(2, 300, "Harbour"),
    lambda author: author.desk.join(2),
    lambda author: author.desk.move(3, None, None),
    lambda author: author.desk.remove(3),
    lambda author: author.desk.restore(3),
    lambda author: author.desk.change_project(title="The Ebb"),
    _in_one,
    lambda author: author.desk.entries.put(Entry("宝玉", id=1)),
    lambda author: author.desk.choices.put(Choice("pin", 2, "It rained.")),
    lambda author: setattr(author.desk, "note", Note("Slowly.")),
    lambda author: author.desk.put("caret", "7"),
    lambda author: copies.save_as(author.desk, author.copy),
    lambda author: backups.make(author.desk),
    lambda author: author.put_away(),
    lambda author: author.desk.save(3, "It rained and rained."),
    lambda author: author.put_away(),
)


def state(author: Author) -> list[Any]:
    """All that the author can see, apart from times."""
    found: list[Any] = [len(backups.of(author.path))]
    for path in (author.path, author.copy):
        if not os.path.lexists(path):
            continue
        with Store.reader(path) as store:
            found.append((store.project, store.get("caret"), store.binned()))
            found.append((store.entries.all(), store.choices.all(), store.note))
            for node in [*store.nodes(), *store.binned()]:
                found.append((node, store.scene(node.id)))
                found += [
                    (kept.reason, kept.name, store.revisions.read(kept.id)) for kept in store.revisions.of(node.id)
                ]
    return found


def left_behind(author: Author) -> list[str]:
    """What has no business beside a closed project, or among its backups."""
    backup_folders = [path for path in (files.data_folder() / "backups").rglob("*") if path.is_file()]
    others = [path for path in author.folder.iterdir() if path not in (author.path, author.copy)]
    parts = [path for path in backup_folders if path.suffix not in (".zip", ".lock") and path.name != ".lock"]
    return [path.name for path in [*others, *parts]]


def live(author: Author, fault: Fault, expected: list[list[Any]]) -> None:
    """Go through all steps; one that fails is tried again once the fault is over, unless it was done all the same."""
    for step, before, after in zip(STEPS, expected, expected[1:], strict=False):
        refusal = None
        try:
            step(author)
        except WriterError as error:
            refusal = error
        if fault.struck and fault.at != NEVER:
            fault.at = NEVER
            if author.store is not None and author.store.read_only:  # there was no room to write when it opened
                author.put_away()
            now = state(author)
            assert now == after or (refusal is not None and now == before), fault.struck
            if now != after:
                step(author)
        else:
            assert refusal is None


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[list[Any]]:
    """What the author sees before the first step and after each, when nothing fails."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WRITER_HOME", str(tmp_path_factory.mktemp("home")))
        author = Author(tmp_path_factory.mktemp("expected") / "book")
        states = [state(author)]
        for step in STEPS:
            step(author)
            states.append(state(author))
        author.put_away()
    assert len(states[-1]) > 10
    return states


def count_calls(fault: Fault, folder: Path) -> int:
    author = Author(folder)
    for step in STEPS:
        step(author)
    return fault.calls


@pytest.mark.parametrize("lasts", [False, True])
@pytest.mark.parametrize("kind", range(len(SQLITE_ERRORS)))
def test_whichever_call_fails_nothing_is_lost(
    folder: Path, monkeypatch: pytest.MonkeyPatch, fault: Fault, expected: list[list[Any]], lasts: bool, kind: int
):
    """Each call fails in one of three ways, so that three runs are one over all calls."""
    calls = count_calls(fault, folder / "counted")
    assert calls > 200
    for at in range(1 + kind, calls + 1, len(SQLITE_ERRORS)):
        monkeypatch.setenv("WRITER_HOME", str(folder / "home"))
        author = Author(folder / "book")
        fault.at, fault.lasts, fault.code, fault.calls = at, lasts, SQLITE_ERRORS[kind], 0
        fault.struck.clear()
        live(author, fault, expected)
        assert fault.struck
        assert state(author) == expected[-1], fault.struck
        assert list(check(author.path)) == []
        Store.open(author.path).close()
        assert left_behind(author) == [], fault.struck
        shutil.rmtree(folder / "book")
        shutil.rmtree(folder / "home")


@pytest.mark.parametrize("at", range(1, 6))
@pytest.mark.parametrize("times", [1, 3])
def test_whichever_save_fails_the_page_keeps_the_text_until_it_is_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot, at: int, times: int
):
    """As ``Session`` sees it: each word is typed and saved, the save number ``at`` fails, and so do its repetitions."""
    monkeypatch.setattr(session_module, "SAVE_AFTER_MS", 0)
    monkeypatch.setattr(session_module, "RETRY_AFTER_MS", 1)
    path = tmp_path / "book.writer"
    with Store.create(path, Project("A Book", "", "en")) as store:
        scene = store.add("One", text="The gulls")
    calls = 0
    save = Store.save

    def failing_save(store: Store, *values: Any) -> Any:
        nonlocal calls
        calls += 1
        if at <= calls < at + times:
            raise ProjectError("The disk is away.")
        return save(store, *values)

    monkeypatch.setattr(Store, "save", failing_save)
    session = Session(path, make_look())
    said: list[str] = []
    session.saved.connect(lambda: said.append("saved"))
    session.save_failed.connect(lambda error: said.append(str(error)))
    with qtbot.waitSignal(session.opened) as opened:
        pass
    visit = session.documents.open(opened.args[0].scene)
    for word in (" rose", " over", " the", " harbour.", "\n海鸥"):
        cursor = QTextCursor(visit.document)
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(word)
        session.touch()
        said.clear()
        qtbot.waitUntil(lambda: bool(said))
        assert visit.text.endswith(word)
        assert session.is_dirty == (said[-1] != "saved")
        qtbot.waitUntil(lambda: said[-1] == "saved")
        assert not session.is_dirty
        with Store.reader(path) as reader:
            assert reader.scene(scene).text == visit.text
    assert visit.text == "The gulls rose over the harbour.\n海鸥"
    assert calls == 5 + times
    session.close()
