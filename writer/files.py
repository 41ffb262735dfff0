"""Where Writer's own files are: its assets, and its folders on this computer."""

from __future__ import annotations

import os
import secrets
import shutil
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
    return Path(home) / kind if home else Path(getattr(platformdirs, f"user_{kind}_dir")("writer", appauthor=False))


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
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, part)
        os.replace(part, target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
