"""Where Writer's own files are: its assets, and its folders on this computer."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

import platformdirs


@cache
def assets() -> Path:
    """The folder of icons, translations and samples: inside the package when installed, beside it in a checkout."""
    here = Path(__file__).resolve().parent
    inside = here / "assets"
    return inside if inside.is_dir() else here.parent / "assets"


def _folder(kind: str) -> Path:
    home = os.environ.get("WRITER_HOME")
    return (
        Path(home).absolute() / kind
        if home
        else Path(getattr(platformdirs, f"user_{kind}_dir")("writer", appauthor=False))
    )


def config_folder() -> Path:
    """Where the settings are; not necessarily there yet."""
    return _folder("config")


def data_folder() -> Path:
    """Where models and backups are; not necessarily there yet."""
    return _folder("data")


def cache_folder() -> Path:
    """What can be made again; not necessarily there yet."""
    return _folder("cache")


def state_folder() -> Path:
    """Window places, recent projects and the log; not necessarily there yet."""
    return _folder("state")


def documents_folder() -> Path:
    """Where the author's own books are kept by default; not necessarily there yet."""
    home = os.environ.get("WRITER_HOME")
    return Path(home).absolute() / "documents" if home else Path(platformdirs.user_documents_dir()) / "Writer"


def backups_folder(project: Path, root: Path) -> Path:
    """A folder below ``root`` that no project but this one has, whatever way leads to it."""
    real = os.path.realpath(project)
    return root / f"{file_name(Path(real).stem)}-{hashlib.sha256(os.fsencode(real)).hexdigest()[:8]}"


def file_name(title: str) -> str:
    """The title as a name that every file system takes, without an ending; empty if nothing is left of it."""
    name = " ".join(_UNSAFE.sub(" ", title).split())
    while len(name.encode()) > _LONGEST_NAME_BYTES:
        name = name[:-1]
    name = name.strip(" .")
    return f"{name}_" if _DEVICE.fullmatch(name) else name


_LONGEST_NAME_BYTES = 120
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff<>:"/\\|?*]')
_DEVICE = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")


def replace(path: Path, data: bytes) -> None:
    """Put ``data`` in the place of a file as a whole, or raise OSError and leave what was there."""
    target = Path(os.path.realpath(path))
    part = target.with_name(f".writer-{secrets.token_hex(8)}.part")
    try:
        with open(
            os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666), "wb"
        ) as file:
            file.write(data)
            file.flush()
            flush(file.fileno())
        if target.exists():
            shutil.copymode(target, part)
        os.replace(part, target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def free(path: Path) -> Path:
    """This path or, if there is something already, the first with a number that is free."""
    found, number = path, 2
    while os.path.lexists(found):
        found, number = path.with_name(f"{path.stem} {number}{path.suffix}"), number + 1
    return found


def is_writable(folder: Path) -> bool:
    """Whether files can be made in a folder."""
    if sys.platform == "win32":  # whose answer is about the read-only mark, which means nothing for a folder
        probe = folder / f".writer-{secrets.token_hex(8)}.part"
        try:
            os.close(os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
            probe.unlink()
        except OSError:
            return False
    return os.access(folder, os.W_OK)


def flush(descriptor: int) -> None:
    """Wait until what was written to an open file is on the disk itself, and not only in its cache."""
    if sys.platform == "darwin":
        import fcntl

        with suppress(OSError):  # not every file system can
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


def is_local(path: Path) -> bool:
    """Whether a file is on a disk of this computer, as far as can be told; others may share it over a network."""
    if sys.platform == "win32":
        import ctypes

        drive = os.path.splitdrive(os.path.realpath(path))[0]
        remote_drive = 4
        return not drive.startswith("\\\\") and ctypes.windll.kernel32.GetDriveTypeW(drive + "\\") != remote_drive
    if sys.platform == "darwin":
        return not os.path.realpath(path).startswith(("/Volumes/", "/Network/", "/net/"))
    return not _REMOTE.match(_file_system(path))


_REMOTE = re.compile(r"nfs|cifs|smb|afs|9p|ncpfs|ceph|glusterfs|lustre|fuse\.(?!fuseblk)|virtiofs|vboxsf|davfs")


def _file_system(path: Path) -> str:
    """The kind of the Linux mount that a file is on; empty if unknown."""
    try:
        lines = Path("/proc/self/mountinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    device = os.stat(path).st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    kinds = [line.rpartition(" - ")[2].split()[0] for line in lines if line.split()[2] == wanted]
    return kinds[-1] if kinds else ""
