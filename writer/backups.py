"""Backups: whole copies of a project outside its folder, each one zip file that any computer opens.

In it are the project, the book as Markdown, its outline if anything is planned, and a few words about them, which also
stand in the zip's comment, so that a list of backups reads nothing else. A backup counts only after it was read back
and checked.
"""

from __future__ import annotations

import errno
import filecmp
import json
import os
import re
import shutil
import struct
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from filelock import FileLock, Timeout

from writer import __version__, files, library, migrations, settings
from writer.errors import DamagedError, FileError, ProjectError, WriterError
from writer.i18n import _
from writer.store import Store, copies, disk
from writer.store.check import check as examine
from writer.text import clean, said_time
from writer.thinning import BACKUPS, LAST_BACKUPS, thin

PROJECT, TEXT, OUTLINE, ABOUT = "book.writer", "book.md", "outline.md", "backup.json"

_CONTENTS = sorted((PROJECT, TEXT, ABOUT))
_LARGEST_BYTES = 2 * 2**30
_LARGEST_DIRECTORY = 4096
_LARGEST_COMMENT = 0xFFFF
_LONGEST_TITLE = 500
_LATEST, _MOST = 2**33, 2**53
_LONGEST_WAIT = 60
_STALE_S = 24 * 3600
_END = struct.Struct("<4s4H2LH")
_PLAIN_NAME = re.compile(r"(?P<title>.*)\.v\d+\.(?P<time>\d{8}-\d{6})\.\w+\.writer", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy of a whole project."""

    path: Path
    time: int
    """UTC seconds, by the clock of its day; ``number`` tells the order."""
    size: int
    words: int | None
    """None if only opening it would tell."""
    title: str
    kind: str
    """"backup"; "damaged" if the book had damaged texts by then; or "migration" for a plain project file, copied before
    it was brought up to date.
    """
    number: int = 0
    digest: str = ""


def make(store: Store) -> Backup:
    """Back up the project and check the copy; WriterError says why that is impossible, and then all others stay.

    A scene that was damaged on the disk is no reason to leave the others without a backup.
    """
    folder = _folder_for(store.path)
    lock = FileLock(folder / ".lock")
    try:
        with lock.acquire(timeout=_LONGEST_WAIT), _scratch(folder) as scratch:
            backup = _made(store, folder, scratch)
            _thin(store.path, backup)
            return backup
    except Timeout as error:
        raise FileError(
            _("Another backup of “{name}” is being made; wait for it.").format(name=store.path.name)
        ) from error
    except OSError as error:
        raise _not_made(store.path, folder, error.strerror or str(error)) from error


def of(project: Path) -> list[Backup]:
    """The backups of a project, newest first; read from names and zip directories alone."""
    paths: list[Path] = []
    with suppress(OSError):
        paths += settings.backups_folder(project).iterdir()
    listed = [backup for backup in map(_listed, paths) if backup is not None]
    found = sorted((zip for zip in listed if zip.kind != "migration"), key=lambda zip: (zip.number, zip.time))
    for copy in sorted((copy for copy in listed if copy.kind == "migration"), key=lambda copy: copy.time):
        # Zips know their order whatever the clock said; a plain copy only knows the time.
        place = next((at for at in range(len(found), 0, -1) if found[at - 1].time <= copy.time), 0)
        found.insert(place, copy)
    return found[::-1]


def check(backup: Backup) -> None:
    """Read all of a backup; WriterError if it is not whole."""
    with disk.explained(backup.path), _explained(backup.path), tempfile.TemporaryDirectory(prefix="writer-") as scratch:
        _unpack_checked(backup.path, Path(scratch) / backup.path.name)


def is_damaged(file: Path) -> bool:
    """Whether a backup says that texts of the book were damaged when it was made."""
    listed = _listed(file)
    return listed is not None and listed.kind == "damaged"


def newest_good(project: Path) -> Backup | None:
    """The newest backup that is whole, if there is one."""
    for backup in of(project):
        with suppress(WriterError):
            check(backup)
            return backup
    return None


def is_changed(store: Store) -> bool:
    """Whether the book is another than in the newest backup."""
    newest = _newest(store.path)
    return newest is None or newest.digest != store.digest()


def is_due(store: Store, now: float, minutes: int) -> bool:
    """Whether the book changed and its newest backup is older than this; a clock that was set back makes it due."""
    newest = _newest(store.path)
    return newest is None or (not 0 <= now - newest.time < 60 * minutes and newest.digest != store.digest())


def _newest(project: Path) -> Backup | None:
    """The newest backup, leaving aside copies from before an update."""
    return next((backup for backup in of(project) if backup.digest), None)


def restore(file: Path, project: Path) -> Path | None:
    """Put the project of a backup, or a plain copy of one, in a place as a whole.

    What is there is kept first, as a backup or under another name beside it; gives where. WriterError if the backup is
    not whole or the project is open, in particular LockedError, and then nothing is changed.
    """
    file, project = disk.real_path(file), disk.real_path(project)
    if disk.place(file) is not None and disk.place(file) == disk.place(project):
        raise FileError(_("A book can't be restored from itself; choose a backup or another copy."))
    if project.is_dir() or not project.parent.is_dir():
        raise FileError(_("There is no place for a file at {path}; choose another.").format(path=project))
    folder = disk.part_beside(project)
    part = folder / file.name  # what is wrong with it is told under this name
    lock = disk.take_lock(project)
    try:
        with disk.explained(project):
            folder.mkdir()
            with _explained(file):
                if is_damaged(file):  # told when it was made, and in the list
                    _unpack(file, part)
                    Store.reader(part).close()
                else:
                    _unpack_checked(file, part)
            disk.flush(part)
            kept = _keep(project) if project.exists() else None
            disk.remove_sidecars(project)
            os.replace(part, project)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        disk.release(lock, project, disk.place(project))
    return kept


# -- making one --------------------------------------------------------------------


def _folder_for(project: Path) -> Path:
    """The folder of the project's backups, made if it is absent; FileError if it is no good."""
    folder = settings.backups_folder(project)
    if settings.load().backups_folder and disk.real_path(folder).is_relative_to(disk.real_path(project).parent):
        raise FileError(
            _(
                "The backups would be in the folder of the book itself, {folder}, and be lost with it; "
                "choose another with “writer settings set backups_folder”."
            ).format(folder=folder)
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _not_made(project, folder, error.strerror or str(error)) from error
    if not files.is_writable(folder):
        raise _not_made(project, folder, _("it can't be written"))
    return folder


def _not_made(project: Path, folder: Path, reason: str) -> FileError:
    return FileError(
        _(
            "No backup of “{name}” could be made in {folder} ({reason}); the earlier ones are kept. "
            "Make room there, or choose another folder in the settings."
        ).format(name=project.name, folder=folder, reason=reason)
    )


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """A folder for parts, away again afterwards, like those that a killed process left."""
    for left in folder.glob(".writer-*.part"):
        with suppress(OSError):
            if abs(time.time() - left.stat().st_mtime) > _STALE_S:
                left.unlink() if left.is_file() else shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=".writer-", suffix=".part", dir=folder, ignore_cleanup_errors=True) as name:
        yield Path(name)


def _made(store: Store, folder: Path, scratch: Path) -> Backup:
    copy, text, outline = (scratch / name for name in (PROJECT, TEXT, OUTLINE))
    part, again = scratch / "backup.zip", scratch / "again.writer"
    try:
        copies.copy_to(store, copy)
    except ProjectError as error:
        raise _not_made(store.path, folder, str(error.__cause__ or error)) from error
    with _read_back(store.path):
        is_damaged = any(not problem.spares_text for problem in examine(copy))
        with Store.reader(copy) as frozen:
            about = _about(frozen, store.path, _next_number(store.path))
            about["damaged"] = is_damaged
            library.export(frozen, text, unchecked=is_damaged)
            if frozen.plans.all():
                library.export_outline(frozen, outline)
    if disk.size(copy) + disk.size(text) + disk.size(outline) > _LARGEST_BYTES:
        raise FileError(
            _(
                "“{name}” is larger than a backup can be, which is 2 GiB; copy the file to another disk yourself."
            ).format(name=store.path.name)
        )
    with _read_back(store.path):
        _write_zip(part, [copy, text, *([outline] if outline.exists() else [])], about)
        _unpack(part, again)
        if not filecmp.cmp(copy, again, shallow=False):
            raise zipfile.BadZipFile("the disk gave back something else")
    when = said_time(about["time"], "%Y-%m-%d %H.%M.%S")
    path = files.free(folder / (f"{when} {files.file_name(about['title'])}".strip() + ".zip"))
    os.replace(part, path)
    return _from(about, path)


@contextmanager
def _read_back(project: Path) -> Iterator[None]:
    try:
        yield
    except (WriterError, *_NOT_WHOLE) as error:
        raise DamagedError(
            _(
                "No backup of “{name}” was made, because its copy can't be read back whole; the earlier ones are kept. "
                "Try again, or choose another folder in the settings."
            ).format(name=project.name)
        ) from error


def _next_number(project: Path) -> int:
    return min(_MOST - 1, 1 + max((backup.number for backup in of(project)), default=0))


def _about(frozen: Store, project: Path, number: int) -> dict[str, Any]:
    nodes = frozen.nodes()
    return {
        "title": frozen.project.title[:_LONGEST_TITLE],
        "words": sum(node.words for node in nodes),
        "scenes": len(nodes),
        "digest": frozen.digest(),
        "time": int(time.time()),
        "number": number,
        "project": clean(str(project)),  # a name that is not UTF-8 holds what JSON can't
        "writer": __version__,
    }


def _write_zip(path: Path, contents: Iterable[Path], about: dict[str, Any]) -> None:
    said = json.dumps(about, ensure_ascii=False, indent=1)
    with path.open("xb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for content in contents:
                archive.write(content, content.name)
            archive.writestr(ABOUT, said)
            archive.comment = json.dumps(about).encode()
        file.flush()
        files.flush(file.fileno())


def _thin(project: Path, newest: Backup) -> None:
    """Drop those that have become too many; never the newest, which was checked just now, nor one of another kind."""
    zips = [backup for backup in reversed(of(project)) if backup.kind == newest.kind]
    for index in thin([backup.time for backup in zips], int(time.time()), BACKUPS, LAST_BACKUPS):
        if zips[index].path != newest.path:
            with suppress(OSError):
                zips[index].path.unlink()


# -- reading one -------------------------------------------------------------------

_NOT_WHOLE = (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError, RuntimeError, ValueError)
"""What ``zipfile`` raises for files that are damaged or meant to deceive."""


@contextmanager
def _explained(file: Path) -> Iterator[None]:
    try:
        yield
    except WriterError:
        raise
    except _NOT_WHOLE as error:
        raise _not_whole(file) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):  # it is the copy that has no place
            raise
        raise FileError(
            _("“{name}” can't be read ({reason}); choose another backup.").format(
                name=file.name, reason=error.strerror or error
            )
        ) from error


def _not_whole(file: Path) -> DamagedError:
    return DamagedError(_("“{name}” is not a whole backup made by Writer; choose another one.").format(name=file.name))


def _listed(file: Path) -> Backup | None:
    """What a zip, or the name of a plain copy, says of itself; None if it is none of Writer's.

    Nothing but a zip is opened: closing a project that is open in this process would drop SQLite's locks on it.
    """
    try:
        if _is_zip(file):
            with file.open("rb") as opened:
                return _from(json.loads(_comment(opened)), file)
        if match := _PLAIN_NAME.fullmatch(file.name):
            when = int(time.mktime(time.strptime(match["time"], "%Y%m%d-%H%M%S")))
            if 0 <= when < _LATEST:
                return Backup(file, when, file.stat().st_size, None, match["title"], "migration")
    except (OSError, zipfile.BadZipFile, ValueError, ArithmeticError, KeyError, TypeError, RecursionError):
        pass  # it may say anything
    return None


def _is_zip(file: Path) -> bool:
    return file.suffix.lower() == ".zip"


def _from(about: dict[str, Any], path: Path) -> Backup:
    """ValueError for numbers that no backup has, and others that ``about`` may be good for."""
    when, words, number = (int(about[key]) for key in ("time", "words", "number"))
    if not (0 <= when < _LATEST and 0 <= words < _MOST and 0 <= number < _MOST):
        raise ValueError("no such backup")
    return Backup(
        path,
        when,
        path.stat().st_size,
        words,
        str(about["title"]),
        "damaged" if about.get("damaged") else "backup",
        number,
        str(about["digest"]),
    )


def _comment(file: IO[bytes]) -> bytes:
    """The comment of a zip that claims to have three files or four, and a short directory; BadZipFile for any other.

    Looked at first, because ``zipfile`` would read a directory of any length.
    """
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - _END.size - _LARGEST_COMMENT - 20))
    tail = file.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < _END.size or tail[max(0, at - 20) : at][:4] == b"PK\6\7":
        raise zipfile.BadZipFile("no end of a short zip")
    _mark, disk_number, start_disk, here, entries, directory, _offset, comment = _END.unpack_from(tail, at)
    if (disk_number, start_disk, here) != (0, 0, entries) or entries not in (3, 4) or directory > _LARGEST_DIRECTORY:
        raise zipfile.BadZipFile("not three files or four")
    if len(tail) != at + _END.size + comment:
        raise zipfile.BadZipFile("something behind the comment")
    return tail[at + _END.size :]


def _unpack_checked(file: Path, target: Path) -> None:
    """Write the project of a zip, or of a plain copy, to a new file, and read all of it."""
    if _is_zip(file):
        _unpack(file, target)
    else:  # only SQLite may open it: it could be open in this process
        with Store.reader(file) as store:
            copies.copy_to(store, target)
    _read_all(target)


def _unpack(file: Path, target: Path) -> None:
    with file.open("rb") as opened:
        _comment(opened)
        with zipfile.ZipFile(opened) as archive:
            infos = archive.infolist()
            if sorted(info.filename for info in infos) not in (_CONTENTS, sorted([*_CONTENTS, OUTLINE])):
                raise zipfile.BadZipFile("other names")
            if sum(info.file_size for info in infos) > _LARGEST_BYTES:
                raise zipfile.BadZipFile("too large")
            with archive.open(PROJECT) as source, target.open("xb") as copy:
                _copy_project(source, copy)
            for info in infos:
                if info.filename != PROJECT:
                    with archive.open(info) as source:
                        while source.read(2**20):
                            pass


def _copy_project(source: IO[bytes], copy: IO[bytes]) -> None:
    """A stream that begins as a project does, to the end, where its checksum is compared."""
    piece = source.read(2**16)
    if piece[:16] != b"SQLite format 3\0" or int.from_bytes(piece[68:72]) != migrations.APPLICATION_ID:
        raise zipfile.BadZipFile("not a project")
    written = 0
    while piece:
        written += copy.write(piece)
        if written > _LARGEST_BYTES:
            raise zipfile.BadZipFile("too large")
        piece = source.read(2**20)


def _read_all(path: Path) -> None:
    """DamagedError if a text in a project is not as it was written."""
    for problem in examine(path):
        if not problem.spares_text:
            raise DamagedError(problem.what)


# -- keeping what is there ---------------------------------------------------------


def _keep(project: Path) -> Path:
    """Keep what is about to be replaced: as a backup, or else, with all that is beside it, under another name."""
    try:
        with Store.reader(project) as store:
            return make(store).path
    except DamagedError:
        word = _("damaged")
    except WriterError:
        word = _("kept")
    return _put_aside(project, word)


def _put_aside(project: Path, word: str) -> Path:
    name = f"{project.stem} ({word} {time.strftime('%Y-%m-%d')}){project.suffix}"
    aside = files.free(project.with_name(name))
    os.rename(project, aside)
    for ending in ("-wal", "-journal"):
        with suppress(FileNotFoundError):
            os.rename(disk.sidecar(project, ending), disk.sidecar(aside, ending))
    return aside
