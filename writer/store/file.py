"""A project's file while it is open: who may write it, and changes that are made as a whole or not at all.

While it is open for writing, it holds the project's lock, and commits go through a write-ahead log on the disk;
closing leaves one ordinary file. It belongs to the thread that opened it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from filelock import FileLock

from writer import files, migrations
from writer.errors import ProjectError
from writer.i18n import _
from writer.store import disk

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Opened:
    """What opening a file gave."""

    path: Path
    connection: sqlite3.Connection
    lock: FileLock | None
    why_read_only: str
    left_open: bool = False


class OpenFile:
    """One connection to a project, with its lock if it may write; make one with ``open`` or ``reader``."""

    def __init__(self, opened: Opened) -> None:
        self.path = opened.path
        self.why_read_only = opened.why_read_only
        """One sentence for the author; empty if the project can be written."""
        self.left_open = opened.left_open
        """Whether there was a log beside it, which closing would have folded in."""
        self.place = disk.place(opened.path)
        """Device and inode of the file that is open, whatever its name has come to mean."""
        self._connection: sqlite3.Connection | None = opened.connection
        self._lock = opened.lock
        self._undone = 0
        self._is_still = False

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False) -> Self:
        """The project in a file, brought up to date.

        Where it can't be written, or is from a newer version, the store is read-only and ``why_read_only`` says why.
        ProjectError if it is no project; in particular DamagedError, ForeignError, and LockedError if it is open
        elsewhere.
        """
        path = disk.real_path(path)
        disk.check_file(path)
        if read_only:
            return cls._open_for_reading(path, _("“{name}” was opened for reading only.").format(name=path.name))
        if why := disk.why_read_only(path, disk.version(path)):
            return cls._open_for_reading(path, why)
        try:
            lock = disk.take_lock(path)
            try:
                return cls._open_for_writing(path, lock)
            except BaseException:
                disk.release(lock, path, disk.place(path))
                raise
        except ProjectError as error:
            if not disk.is_full(error):
                raise
            return cls._open_for_reading(path, disk.full(path))

    @classmethod
    def reader(cls, path: Path) -> Self:
        """A second, read-only one for another thread; it takes no lock and works beside a writer."""
        return cls.open(path, read_only=True)

    @classmethod
    def _open_for_reading(cls, path: Path, why: str) -> Self:
        with disk.explained(path):
            connection = disk.connect_for_reading(path)
            try:
                with disk.within_time(connection):
                    migrations.refuse_foreign(connection, path.name)
                return cls(Opened(path, connection, None, why))
            except BaseException:
                connection.close()
                raise

    @classmethod
    def _open_for_writing(cls, path: Path, lock: FileLock) -> Self:
        left_open = disk.size(disk.sidecar(path, "-wal")) > 0
        with disk.explained(path):
            connection = _ready(path)
            try:
                return cls(Opened(path, connection, lock, "", left_open))
            except BaseException:
                connection.close()
                raise

    @property
    def read_only(self) -> bool:
        """Whether every change is refused."""
        return bool(self.why_read_only)

    @property
    def is_in_place(self) -> bool:
        """Whether its name still means the file that is open."""
        return disk.place(self.path) == self.place

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave one ordinary file and give up the lock; safe to call twice."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            if not self.read_only:
                disk.fold_log(connection)
                if connection.total_changes and self.is_in_place:
                    disk.shrink(connection)
        finally:
            connection.close()
            if self._lock is not None:
                disk.release(self._lock, self.path, self.place)

    @property
    def connection(self) -> sqlite3.Connection:
        """The one connection, whose errors are SQLite's own; for the modules of this folder."""
        if self._connection is None:
            raise ValueError("the store is closed")
        return self._connection

    def ask(self, question: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """The answer of the file; for the modules of this folder."""
        with disk.explained(self.path):
            return question(self.connection)

    @property
    def stamp(self) -> tuple[int, int, int]:
        """Another one whenever the file was changed, from here or from elsewhere, or what was changed was undone."""
        return self.ask(lambda now: (now.execute("PRAGMA data_version").fetchone()[0], now.total_changes, self._undone))

    @property
    def is_certain(self) -> bool:
        """Whether what is read now can't be rolled back."""
        return self._is_still or not self.connection.in_transaction

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All changes inside are kept together or not at all; one inside another is part of it."""
        connection = self.connection
        if self._is_still:
            raise ValueError("what is written inside at_one_moment would be undone")
        if connection.in_transaction:
            yield connection
            return
        self._check_writable()
        with disk.explained(self.path):
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                self._undone += 1
                _roll_back(connection)
                raise

    @contextmanager
    def at_one_moment(self) -> Iterator[None]:
        """All that is read inside is from the same moment, whatever others write; nothing can be written inside."""
        connection = self.connection
        if connection.in_transaction:
            yield
            return
        with disk.explained(self.path):
            connection.execute("BEGIN")
            self._is_still = True
            try:
                yield
            finally:
                self._is_still = False
                _roll_back(connection)

    def fold(self) -> None:
        """Put what was committed into the file itself, as far as nobody reads it, so that a copy of it is complete."""
        if not self.read_only:
            with disk.explained(self.path):
                self.connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def _check_writable(self) -> None:
        """A file that was renamed or replaced would swallow what is written, so look before."""
        if self.read_only:
            raise ProjectError(self.why_read_only)
        if not self.is_in_place:
            with suppress(sqlite3.Error):  # what was committed belongs to the file, wherever that is now
                self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            raise ProjectError(
                _(
                    "“{name}” was moved, deleted or replaced while it was open; choose Save as to keep your work."
                ).format(name=self.path.name)
            )

    def go_on_in(self, copy: Path) -> None:
        """Let a copy take this project's name, and go on there; if that fails, all is kept in memory for the next try.

        The old connection is closed first: closing it later would delete the new log, which has the same name.
        """
        spare = sqlite3.connect(":memory:", isolation_level=None)
        with closing(sqlite3.connect(f"{copy.as_uri()}?mode=ro", uri=True)) as source:
            source.backup(spare)
        self.connection.close()
        self._connection = spare
        disk.remove_sidecars(self.path)
        os.replace(copy, self.path)
        self._connection = _ready(self.path)
        self.place = disk.place(self.path)
        spare.close()


def _ready(path: Path) -> sqlite3.Connection:
    """A connection that can write, to a project that is checked and brought up to date."""
    connection = disk.connect(path, "rw")
    try:
        with disk.within_time(connection):
            migrations.refuse_foreign(connection, path.name)
        disk.refuse_damaged(connection, path)
        if migrations.version(connection) > migrations.VERSION:  # seen only now if a commit was cut short
            raise ProjectError(disk.newer(path))
        if migrations.version(connection) < migrations.VERSION:
            migrations.upgrade(connection, path)
        connection.execute(f"PRAGMA journal_mode = {'WAL' if files.is_local(path) else 'DELETE'}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("SELECT id FROM project").fetchall()  # opens the log while the name is certain
    except BaseException:
        connection.close()
        raise
    return connection


def _roll_back(connection: sqlite3.Connection) -> None:
    """Undo the transaction, which a full disk may have undone already."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")
