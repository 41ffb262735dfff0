"""What a model has read of a book, kept on this computer so that the book opens warm.

It holds the author's text as numbers, so only the author may read it. It is bounded,
the least recently used goes first, and it is dropped rather than trusted: a file that
is not byte for byte what was written never reaches a library, and the engine compares
the tokens with those of the next prompt by itself.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol, runtime_checkable

from writer import files
from writer.engines import EngineSpec
from writer.errors import WriterError
from writer.story import Prompt

_FORMAT = 1
_WORTH = 64
"""Fewer tokens than this are read anew in no time."""
_ABANDONED = 3600.0
_PACKAGES = {"llamacpp": ("xllamacpp",), "transformers": ("transformers", "torch")}


@runtime_checkable
class Keeping(Protocol):
    """An engine whose cache can be written to a file and read back."""

    def tokens(self, prompt: Prompt) -> list[int]:
        """What the model reads for a prompt before it writes."""
        ...

    def held(self, role: str) -> list[int]:
        """The tokens of which it is sure that they are in the cache for a role."""
        ...

    def keep(self, path: Path, role: str) -> None:
        """Write the cache of a role to a file directly in :func:`folder`; OSError or WriterError if it can't."""
        ...

    def take_up(self, path: Path, tokens: Sequence[int], role: str) -> None:
        """Put a file that holds these tokens in the place of a role's cache; OSError or WriterError if it can't."""
        ...


def folder() -> Path:
    """Where it is kept; not necessarily there yet."""
    return files.cache_folder() / "warm"


@dataclass(frozen=True, slots=True)
class Place:
    """Where what one model has read of one book is kept."""

    state: Path
    """The engine's own file."""
    mark: Path
    """What it holds, and the checksum by which it is known to be whole; written last."""

    def drop(self) -> None:
        """Forget it."""
        self.mark.unlink(missing_ok=True)
        self.state.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _Mark:
    """What a state must be to be taken up."""

    tokens: list[int]
    size: int
    sum: int


def place(book: str, spec: EngineSpec) -> Place:
    """The place for a book and a model: another file of the model, engine, library or context has another one."""
    packages = {name: _version(name) for name in _PACKAGES.get(spec.engine, ())}
    identity = [_FORMAT, os.path.realpath(book), asdict(spec), _model_files(Path(spec.path)), packages]
    key = hashlib.sha256(json.dumps(identity).encode("ascii")).hexdigest()[:32]
    return Place(folder() / f"{key}.state", folder() / f"{key}.json")


def keep(engine: Keeping, book: str, spec: EngineSpec, megabytes: int, role: str = "page") -> bool:
    """Write what was read for the page of this book; False, and nothing is there, where that can't be."""
    clear(megabytes)
    tokens = engine.held(role)
    if megabytes <= 0 or len(tokens) < _WORTH:
        return False
    here = place(book, spec)
    part = here.state.with_suffix(f".{os.getpid()}.part")
    try:
        _make_folder()
        if shutil.disk_usage(folder()).free < megabytes << 20:
            return False
        engine.keep(part, role)
        part.chmod(0o600)
        if (size := part.stat().st_size) > megabytes << 20:
            return False
        mark = _Mark(tokens, size, _sum(part, tokens))
        here.mark.unlink(missing_ok=True)
        os.replace(part, here.state)
        _write_mark(here, mark)
        clear(megabytes)
    except (OSError, WriterError):
        _quietly(here.drop)
        return False
    finally:
        _quietly(lambda: part.unlink(missing_ok=True))
    return True


def take_up(engine: Keeping, book: str, spec: EngineSpec, prompt: Prompt) -> int:
    """Take up what was kept if that saves reading; how many tokens of the prompt need not be read any more."""
    wanted = engine.tokens(prompt)
    here = place(book, spec)
    try:
        mark = _read_mark(here)
        kept = shared(mark.tokens, wanted) if mark else 0
        if mark is None or kept < _WORTH or not _is_whole(here, mark):
            here.drop()
        elif kept >= shared(engine.held(prompt.role), wanted) + _WORTH:
            here.mark.unlink()  # should the library die of it, it is not tried again
            engine.take_up(here.state, mark.tokens, prompt.role)
            _write_mark(here, mark)
    except (OSError, ValueError, TypeError, KeyError, WriterError):
        _quietly(here.drop)
    return shared(engine.held(prompt.role), wanted)


def clear(megabytes: int) -> None:
    """Remove what was used least recently until the rest is at most this large, and what was never finished."""
    left = megabytes << 20
    marks = {mark.stem: mark for mark in folder().glob("*.json")}
    for mark in sorted(marks.values(), key=_age):
        here = Place(mark.with_suffix(".state"), mark)
        left -= _size(here.state)
        if left < 0:
            _quietly(here.drop)
    for path in [*folder().glob("*.part"), *folder().glob("*.state")]:
        if path.stem.partition(".")[0] not in marks and (megabytes <= 0 or _age(path) > _ABANDONED):
            _quietly(path.unlink)


def shared(a: Sequence[int], b: Sequence[int]) -> int:
    """With how many tokens both begin."""
    return next((at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _model_files(path: Path) -> list[tuple[str, int, int]]:
    """Names, sizes and times of a model's files."""
    found = sorted(file for file in path.iterdir() if file.is_file()) if path.is_dir() else [path]
    status = [(file.name, file.stat()) for file in found if file.exists()]
    return [(name, stat.st_size, stat.st_mtime_ns) for name, stat in status]


def _make_folder() -> None:
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix":
        folder().chmod(0o700)


def _write_mark(here: Place, mark: _Mark) -> None:
    part = here.mark.with_suffix(f".mark.{os.getpid()}.part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        json.dump(asdict(mark), file)
    os.replace(part, here.mark)


def _read_mark(here: Place) -> _Mark | None:
    """What is said of the state; None if nothing is, ValueError or TypeError if that makes no sense."""
    return _Mark(**json.loads(here.mark.read_text("ascii"))) if here.mark.is_file() else None


def _is_whole(here: Place, mark: _Mark) -> bool:
    return _size(here.state) == mark.size and _sum(here.state, mark.tokens) == mark.sum


def _sum(path: Path, tokens: Sequence[int]) -> int:
    """A checksum against damage; nobody but the author can write here."""
    total = zlib.crc32(json.dumps(list(tokens)).encode("ascii"))
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            total = zlib.crc32(block, total)
    return total


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _age(path: Path) -> float:
    """Seconds since it was written; a mark is written anew when it is used."""
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0


def _quietly(act: Callable[[], None]) -> None:
    with suppress(OSError):
        act()
