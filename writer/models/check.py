"""Refusing what is no model, or could do harm, before a child process is started for it."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

from writer.errors import ModelError
from writer.i18n import _
from writer.models import gguf

PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
_MAX_HEADER = 64 << 20


def check(path: Path) -> None:
    """Raise a ModelError unless this looks like a whole GGUF file or Hugging Face folder without code in it."""
    try:
        if path.is_dir():
            _check_folder(path)
        elif path.suffix.lower() in PICKLES:
            _refuse_pickle(path)
        elif path.suffix.lower() == ".safetensors":
            raise ModelError(_("{name} is a part of a model; choose the folder it is in.").format(name=path.name))
        else:
            for part in _all_parts(path):
                _check_gguf(part)
    except OSError as error:
        raise ModelError(
            _("The model {name} can't be read ({reason}); choose another in Models.").format(
                name=path.name, reason=error.strerror
            )
        ) from error


def _all_parts(path: Path) -> list[Path]:
    parts = gguf.parts(path)
    for part in parts:
        if not part.is_file():
            raise ModelError(
                _("{name} is one of {count} parts of a model, and {missing} is not there; fetch all of them.").format(
                    name=path.name, count=len(parts), missing=part.name
                )
            )
    return parts


def _refuse_pickle(path: Path) -> None:
    raise ModelError(
        _("{name} is a pickle file, which can run code; choose a GGUF or safetensors version of this model.").format(
            name=path.name
        )
    )


def _damaged(path: Path) -> ModelError:
    return ModelError(
        _("The model file {name} is damaged or incomplete; fetch it again or choose another.").format(name=path.name)
    )


def _check_gguf(path: Path) -> None:
    with path.open("rb") as file:
        header = file.read(24)
    if header[:4] != b"GGUF":
        raise ModelError(
            _("{name} is not a model; choose a GGUF file or a Hugging Face folder.").format(name=path.name)
        )
    if len(header) < 24:
        raise _damaged(path)
    version, tensors, keys = struct.unpack("<IQQ", header[4:])
    # Each tensor and key takes at least 24 and 13 bytes of the file.
    if version not in (2, 3) or tensors == 0 or tensors * 24 + keys * 13 > path.stat().st_size:
        raise _damaged(path)


def _check_folder(path: Path) -> None:
    weights = sorted(path.glob("*.safetensors"))
    pickles = sorted(file for file in path.iterdir() if file.suffix.lower() in PICKLES)
    if not weights and pickles:
        _refuse_pickle(pickles[0])
    if not weights or not (path / "config.json").is_file():
        raise ModelError(
            _("The folder {name} is not a model; choose a GGUF file or a Hugging Face folder.").format(name=path.name)
        )
    for name in ("config.json", "tokenizer_config.json"):
        if (path / name).is_file() and "auto_map" in _read_object(path / name):
            raise ModelError(
                _("The model {name} wants to run code of its own; choose one that needs none.").format(name=path.name)
            )
    for file in weights:
        _check_safetensors(file)


def _read_object(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MAX_HEADER:
            raise ValueError("too large")
        value = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise _damaged(path) from error
    if not isinstance(value, dict):
        raise _damaged(path)
    return value


def _check_safetensors(path: Path) -> None:
    """Compare the file's size with the end of its last tensor."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > min(_MAX_HEADER, path.stat().st_size):
                raise ValueError("header too long")
            header = json.loads(file.read(length))
        header.pop("__metadata__", None)
        end = max(int(tensor["data_offsets"][1]) for tensor in header.values())
    except (struct.error, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise _damaged(path) from error
    if path.stat().st_size != 8 + length + end:
        raise _damaged(path)
