"""A project as a file on the disk: its header, its lock, the connection to it, and what can go wrong with them."""

from __future__ import annotations

import errno
import logging
import os
import secrets
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from writer import files, migrations
from writer.errors import DamagedError, LockedError, ProjectError
from writer.i18n import _
from writer.store import pages
from writer.text import fingerprint

_log = logging.getLogger(__name__)

_HEADER_BYTES = 100
_BUSY_MS = 3000
_OPENING_SECONDS = 2.0
_LARGEST_VALUE_BYTES = 64 * 2**20
_SAMPLED_PAGES = 1000
_WASTED = 0.1  # of the pages
_LARGEST_SHRUNK_BYTES = 32 * 2**20

_written: set[tuple[int, int]] = set()
"""The places of the projects that are open for writing in this process; only SQLite may open these."""


def real_path(path: Path) -> Path:
    """Through links, so that every way to a file meets the same lock."""
    return Path(os.path.realpath(path))


def place(path: Path) -> tuple[int, int] | None:
    """Device and inode: the same as long as it is the same file."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def sidecar(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def remove_sidecars(path: Path) -> None:
    """SQLite would take a log left beside the name for that of the new file."""
    for ending in ("-wal", "-shm", "-journal"):
        sidecar(path, ending).unlink(missing_ok=True)


def part_beside(path: Path) -> Path:
    return path.with_name(f".writer-{secrets.token_hex(8)}.part")


def flush(path: Path) -> None:
    with path.open("rb+") as file:
        files.flush(file.fileno())


def check_file(path: Path) -> None:
    """ProjectError if there is no file, or it can't be a project, without opening it.

    Nothing but SQLite may open a project: closing it would drop the locks of every connection in this process.
    """
    try:
        found = path.stat()
    except FileNotFoundError as error:
        raise ProjectError(
            _("There is no file {path}; check its name, or make a new project there.").format(path=path)
        ) from error
    except OSError as error:
        raise _unusable(path, error) from error
    if not stat.S_ISREG(found.st_mode) or found.st_size < _HEADER_BYTES:
        raise _not_a_project(path)


def version(path: Path) -> int:
    """The version of a project, read without changing anything; ProjectError if it is none."""
    with explained(path):
        try:
            connection = connect_for_reading(path)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_READONLY_ROLLBACK:
                return 0  # a commit was cut short without a log; only a writer may undo it
            raise
        try:
            return migrations.version(connection)
        finally:
            connection.close()


def why_read_only(path: Path, seen: int) -> str:
    if seen > migrations.VERSION:
        return newer(path)
    if not os.access(path, os.W_OK) or not files.is_writable(path.parent):
        return _(
            "“{name}” can't be written here, so it is open for reading only; use Save as to go on in a copy."
        ).format(name=path.name)
    if _has_other_names(path):
        return _(
            "“{name}” has a second name on this disk, under which another window could write to it at once, so it is "
            "open for reading only; remove the other name, or use Save as to go on in a copy."
        ).format(name=path.name)
    return ""


def _has_other_names(path: Path) -> bool:
    """Whether hard links lead to the file, each with a lock of its own; only local disks count them reliably."""
    return path.stat().st_nlink > 1 and files.is_local(path)


def newer(path: Path) -> str:
    return _(
        "“{name}” was made by a newer version of Writer, so it can only be read here; "
        "install that version to go on writing."
    ).format(name=path.name)


def take_lock(path: Path) -> FileLock:
    """The lock of the one writer, which the system frees if Writer dies."""
    lock = FileLock(path.with_name(f".{path.name}.lock"), thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise LockedError(
            _("“{name}” is already open in another window; go on there, or close it first.").format(name=path.name)
        ) from error
    except OSError as error:
        raise _unusable(path, error) from error
    except NotImplementedError as error:
        raise ProjectError(_no_locks().format(name=path.name)) from error
    return lock


def release(lock: FileLock, path: Path, own: tuple[int, int] | None) -> None:
    """Free the lock, and remove its file while it is still ours to remove."""
    if own is None or place(path) == own:
        with suppress(OSError):
            Path(lock.lock_file).unlink(missing_ok=True)
    if own is not None:
        _written.discard(own)
    lock.release()


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """A connection to a project that trusts nothing in the file; ProjectError if it is no project."""
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=_BUSY_MS / 1000
    )
    try:
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST_VALUE_BYTES)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA fullfsync = ON")  # on a Mac, fsync leaves it in the disk's cache
        connection.execute("PRAGMA checkpoint_fullfsync = ON")
        if _application(connection) != migrations.APPLICATION_ID:
            raise damaged(path) if _was_a_project(path) else _not_a_project(path)
        if _is_cut_off(connection, path):
            raise damaged(path)
        if mode == "rw" and (own := place(path)) is not None:
            _written.add(own)
    except sqlite3.OperationalError as error:
        connection.close()
        if error.sqlite_errorcode == sqlite3.SQLITE_ERROR:  # such as a schema format that there is not
            raise damaged(path) from error
        raise
    except BaseException:
        connection.close()
        raise
    return connection


def _is_cut_off(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the last page is not whole, which SQLite doesn't mind; with a log beside it the size says nothing."""
    if size(sidecar(path, "-wal")):
        return False
    pages = int(connection.execute("PRAGMA page_count").fetchone()[0])
    return size(path) < pages * int(connection.execute("PRAGMA page_size").fetchone()[0])


def _application(connection: sqlite3.Connection) -> int | None:
    """What the header says whose file this is; None if it is no database."""
    try:
        return int(connection.execute("PRAGMA application_id").fetchone()[0])
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_NOTADB:
            return None
        raise


def _was_a_project(path: Path) -> bool:
    """Whether a file whose header is none of Writer's holds a project all the same.

    This reads the file beside SQLite, which may have no lock on it in this process: closing it would drop that lock.
    """
    if place(path) in _written:
        return True
    with suppress(OSError), pages.opened(path) as found:
        if {name for name, _root in found.tables()} >= {"project", "state", "nodes", "bodies"}:
            return True
        return any(_is_prose(values) for _id, values in found.strays(_SAMPLED_PAGES))
    return False


def _is_prose(values: tuple[pages.Value, ...]) -> bool:
    """Whether these are the values of a scene's text."""
    match values:
        case (None, int(), bytes(sha256), str(text)):
            return fingerprint(text) == sha256
    return False


def connect_for_reading(path: Path) -> sqlite3.Connection:
    """A read-only connection; where the folder can't be written either, one that takes the file for unchanging."""
    try:
        return connect(path, "ro")
    except sqlite3.OperationalError as error:
        needs_folder = error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
        if not needs_folder or files.is_writable(path.parent):
            raise
        if size(sidecar(path, "-wal")) or size(sidecar(path, "-journal")):
            raise ProjectError(
                _(
                    "“{name}” was not closed properly, and its folder can't be written; "
                    "copy it, with the files beside it, to a folder that can."
                ).format(name=path.name)
            ) from error
        return connect(path, "ro&immutable=1")


@contextmanager
def within_time(connection: sqlite3.Connection) -> Iterator[None]:
    """SQLITE_INTERRUPT if what the file makes SQLite do takes longer than opening may."""
    end = time.monotonic() + _OPENING_SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > end, 10_000)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)


def refuse_damaged(connection: sqlite3.Connection, path: Path) -> None:
    """DamagedError if a page of the file is not what SQLite makes: nothing must be written then."""
    finding = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if finding != "ok" and not is_about_words(finding):
        raise damaged(path)


def is_about_words(finding: str) -> bool:
    """Whether SQLite, which since 3.44 looks into it last of all, finds fault only with the index of words."""
    return "inverted index for FTS5 table" in finding


def is_full(error: BaseException | None) -> bool:
    """Whether a full disk is behind an error."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL:
            return True
        error = error.__cause__
    return False


def full(path: Path) -> str:
    return _("The disk is full, so “{name}” is open for reading only; make room there and open it again.").format(
        name=path.name
    )


def fold_log(connection: sqlite3.Connection) -> None:
    """Make it one ordinary file, unless someone still reads it; then the log stays and nothing is lost."""
    try:
        connection.execute("PRAGMA busy_timeout = 500")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        _log.warning("the log stays beside the project: %s", error)


def shrink(connection: sqlite3.Connection) -> None:
    """Give the disk back what is free in a project folded into one file, if that is a good part and quickly done."""
    try:
        size, pages, free, mode = (
            connection.execute(f"PRAGMA {what}").fetchone()[0]
            for what in ("page_size", "page_count", "freelist_count", "journal_mode")
        )
        if mode == "delete" and free > pages * _WASTED and pages * size <= _LARGEST_SHRUNK_BYTES:
            connection.execute("PRAGMA temp_store = MEMORY")  # no copy of the text elsewhere on the disk
            connection.execute("VACUUM")
    except sqlite3.Error as error:
        _log.warning("the project stays larger than it could be: %s", error)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what the disk, the system or the file is to blame for into one sentence."""
    try:
        yield
    except OSError as error:
        raise _unusable(path, error) from error
    except UnicodeDecodeError as error:  # from SQLite's own message about a garbled name
        raise damaged(path) from error
    except sqlite3.Error as error:
        sentence = _explain(path, error)
        if sentence is None:
            raise
        raise sentence from error


def _explain(path: Path, error: sqlite3.Error) -> ProjectError | None:
    """What to say of an error that is not Writer's own fault."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # without the extension that tells kinds apart
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return damaged(path)
    if code == sqlite3.SQLITE_FULL:
        return ProjectError(_disk_full(path))
    busy = _("Another program is using “{name}”, so nothing was changed; try again when it is done.")
    sentences = {
        sqlite3.SQLITE_BUSY: busy,
        sqlite3.SQLITE_LOCKED: busy,
        sqlite3.SQLITE_READONLY: _("“{name}” can't be written any more; use Save as to keep your work."),
        sqlite3.SQLITE_PERM: _("“{name}” can't be opened without permission; change its permissions or copy it."),
        sqlite3.SQLITE_CANTOPEN: _("“{name}” can't be opened; check that its folder is there and can be written."),
        sqlite3.SQLITE_IOERR: _("The disk reports an error with “{name}”; use Save as to keep your work elsewhere."),
        sqlite3.SQLITE_PROTOCOL: _no_locks(),
        sqlite3.SQLITE_TOOBIG: _("This text is too large to be kept in “{name}”; split it into several scenes."),
        sqlite3.SQLITE_INTERRUPT: _("“{name}” is refused because opening it takes far too long; use a backup."),
    }
    return ProjectError(sentences[code].format(name=path.name)) if code in sentences else None


def _no_locks() -> str:
    return _("“{name}” is in a place where files can't be locked; copy it to a disk of this computer first.")


def _disk_full(path: Path) -> str:
    return _("The disk is full, so “{name}” was not changed; make room there, then save again.").format(name=path.name)


def _unusable(path: Path, error: OSError) -> ProjectError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ProjectError(_disk_full(path))
    return ProjectError(
        _("“{name}” can't be used in {folder} ({reason}); choose another place.").format(
            name=path.name, folder=path.parent, reason=error.strerror or error
        )
    )


def _not_a_project(path: Path) -> ProjectError:
    return ProjectError(
        _("“{name}” is not a Writer project; import it if it is a text, or choose another file.").format(name=path.name)
    )


def damaged(path: Path) -> DamagedError:
    return DamagedError(
        _(
            "“{name}” is damaged, and Writer leaves it as it is; "
            "go on with its newest backup, or save what can be read of it."
        ).format(name=path.name)
    )
