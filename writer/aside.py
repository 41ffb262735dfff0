"""What is about to be written over: kept under another name, unless Writer itself wrote it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

from writer import files

_MOST = 200
"""So many files are known again."""


def keep(path: Path) -> Path | None:
    """Copy a file to a free name beside it, or raise OSError; None if there is nothing to lose.

    That is so where Writer wrote the file and nobody changed it since.
    """
    if not path.is_file() or not path.stat().st_size or _known().get(_name(path)) == _digest(path):
        return None
    aside = files.free(path.with_name(f"{path.stem} (kept {time.strftime('%Y-%m-%d')}){path.suffix}"))
    shutil.copy2(path, aside)
    return aside


def know(path: Path) -> None:
    """Note what Writer wrote here; quietly without effect where that can't be kept."""
    known = {name: digest for name, digest in _known().items() if name != _name(path)}
    with suppress(OSError):
        known[_name(path)] = _digest(path)
        _place().parent.mkdir(parents=True, exist_ok=True)
        files.replace(_place(), json.dumps(dict([*known.items()][-_MOST:])).encode())


def _place() -> Path:
    return files.state_folder() / "written.json"


def _known() -> dict[str, str]:
    try:
        known = json.loads(_place().read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _name(path: Path) -> str:
    return hashlib.sha256(os.fsencode(os.path.realpath(path))).hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
