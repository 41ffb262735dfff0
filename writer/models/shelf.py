"""The models folder, and what Writer itself put into it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from writer import files


def folder() -> Path:
    """Where models are kept; not necessarily there yet."""
    return files.data_folder() / "models"


def installed() -> list[Path]:
    """The models in Writer's own folder: GGUF files, the first of several parts, and Hugging Face folders."""
    if not folder().is_dir():
        return []
    return sorted(path for path in folder().iterdir() if not path.name.startswith(".") and _looks_whole(path))


def _looks_whole(path: Path) -> bool:
    from writer.models.gguf import is_later_part

    if path.suffix.lower() == ".gguf":
        return path.is_file() and not is_later_part(path)
    return (path / "config.json").is_file()


@dataclass(frozen=True, slots=True)
class Record:
    """What Writer put into the models folder under a name, and how it came there."""

    how: Literal["fetched", "copied", "linked"]
    size: int
    sha256: str = ""
    source: str = ""


def record(file: str) -> Record | None:
    """What is remembered of the file or folder of that name; None if Writer did not put it there."""
    try:
        return Record(**json.loads(_path(file).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def remember(file: str, what: Record) -> None:
    """Keep a record beside the model."""
    files.replace(_path(file), json.dumps(asdict(what)).encode())


def forget(file: str) -> None:
    """Drop the record of a model that is gone."""
    _path(file).unlink(missing_ok=True)


def _path(file: str) -> Path:
    return folder() / f".{file}.json"
