"""What a GGUF file says of itself in front of its vocabulary, read within bounds.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

Value = int | float | bool | str | tuple[int | float | bool, ...]

_FORMATS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_MAX_KEYS = 4096
_MAX_TEXT = 1 << 16
_MAX_LIST = 4096
_MAX_PARTS = 999
_PART = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf", re.IGNORECASE)


class GgufError(ValueError):
    """The bytes are not those of a GGUF file that can be understood."""


@dataclass(frozen=True, slots=True)
class Header:
    """How many tensors a file has, and its keys and values up to the vocabulary."""

    tensors: int
    values: Mapping[str, Value] = field(default_factory=dict)

    def text(self, key: str) -> str:
        """A value that is text, else empty."""
        value = self.values.get(key)
        return value if isinstance(value, str) else ""

    def number(self, key: str) -> int:
        """A value of the file's architecture that is a whole number, the greatest of a list, else 0."""
        value = self.values.get(f"{self.text('general.architecture')}.{key}", 0)
        if isinstance(value, tuple):
            value = max(value, default=0)
        return int(value) if isinstance(value, int) else 0


def read_header(path: Path) -> Header:
    """Read what stands in front of the vocabulary; raises GgufError or OSError, never reads far."""
    size = path.stat().st_size
    with path.open("rb") as file:
        return _read(file, size)


def _read(file: BinaryIO, size: int) -> Header:
    magic, version, tensors, keys = struct.unpack("<4sIQQ", _take(file, 24))
    if magic != b"GGUF" or version not in (2, 3) or tensors * 24 + keys * 13 > size:
        raise GgufError("no GGUF header")
    values: dict[str, Value] = {}
    for _number in range(min(keys, _MAX_KEYS)):
        key = _text(file, size)
        (kind,) = struct.unpack("<I", _take(file, 4))
        if key.startswith("tokenizer.") and kind == _ARRAY:
            break  # the vocabulary: a quarter of a million words to be read one by one
        value = _value(file, kind, size)
        if value is not None:
            values[key] = value
    return Header(tensors, values)


def _take(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise GgufError("cut off")
    return data


def _skip(file: BinaryIO, count: int, size: int) -> None:
    if count > size - file.tell():
        raise GgufError("cut off")
    file.seek(count, 1)


def _text(file: BinaryIO, size: int) -> str:
    (length,) = struct.unpack("<Q", _take(file, 8))
    if length > _MAX_TEXT:
        _skip(file, length, size)
        return ""
    return _take(file, length).decode("utf-8", "replace")


def _value(file: BinaryIO, kind: int, size: int) -> Value | None:
    if kind == _STRING:
        return _text(file, size)
    if kind == _ARRAY:
        return _list(file, size)
    if kind not in _FORMATS:
        raise GgufError("unknown type")
    form = "<" + _FORMATS[kind]
    value: Value = struct.unpack(form, _take(file, struct.calcsize(form)))[0]
    return value


def _list(file: BinaryIO, size: int) -> Value | None:
    kind, count = struct.unpack("<IQ", _take(file, 12))
    if kind == _STRING:
        if count > _MAX_LIST:
            raise GgufError("a long list in front of the vocabulary")
        for _number in range(count):
            _text(file, size)
        return None
    if kind not in _FORMATS:
        raise GgufError("unknown type")
    width = struct.calcsize("<" + _FORMATS[kind])
    if count > _MAX_LIST:
        _skip(file, count * width, size)
        return None
    return struct.unpack(f"<{count}{_FORMATS[kind]}", _take(file, count * width))


# --- files in several parts


def is_later_part(path: Path) -> bool:
    """Whether this is a part of a model that begins in another file."""
    found = _PART.fullmatch(path.name)
    return found is not None and int(found["number"]) != 1


def stem(path: Path) -> str:
    """The model's name by its file: without the ending and the count of parts."""
    found = _PART.fullmatch(path.name)
    return found["stem"] if found else path.stem if path.suffix.lower() == ".gguf" else path.name


def parts(path: Path) -> list[Path]:
    """All files of the model that this one belongs to, there or not; the file alone if it is whole."""
    found = _PART.fullmatch(path.name)
    if found is None or not 1 <= int(found["number"]) <= int(found["count"]) <= _MAX_PARTS:
        return [path]
    count = found["count"]
    return [path.with_name(f"{found['stem']}-{number:05}-of-{count}.gguf") for number in range(1, int(count) + 1)]
