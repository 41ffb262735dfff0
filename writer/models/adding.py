"""Putting a model of the author's own into the models folder, and taking models out of it."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from writer import files
from writer.errors import ModelError
from writer.i18n import _
from writer.models import gguf
from writer.models.catalogue import catalogue
from writer.models.check import PICKLES, check
from writer.models.choice import find
from writer.models.fetch import Progress, lock_of, part_of
from writer.models.found import found
from writer.models.hardware import disk_free
from writer.models.shelf import Record, folder, forget, installed, record, remember

_BLOCK = 1 << 22


def add(name_or_path: str, copy: bool = False) -> Iterator[Progress]:
    """Link a model into the models folder, or copy it; the last step's ``what`` is the name it has there."""
    source = find(name_or_path)
    target = folder() / _free_name(name_or_path, source)
    return _add(source, target, copy)


def _free_name(name_or_path: str, source: Path) -> str:
    """The model's file name, made from what the author calls it where the file has no name of its own."""
    if folder().resolve() in source.parents:
        raise ModelError(_("{name} is in the models folder already; use it.").format(name=gguf.stem(source)))
    name = source.name
    if source.is_file() and source.suffix.lower() != ".gguf":
        name = f"{files.file_name(Path(name_or_path).name or source.name)}.gguf"
    elif source.parent.name == "snapshots":
        name = files.file_name(Path(name_or_path).name or source.name)
    taken = {model.file for model in catalogue()} | {model.name for model in catalogue()}
    if name in taken or os.path.lexists(folder() / name):
        raise ModelError(
            _("The models folder holds a model called {name} already; rename yours, then add it.").format(name=name)
        )
    return name


def _add(source: Path, target: Path, copy: bool) -> Generator[Progress]:
    sources = gguf.parts(source) if source.is_file() else [source]
    targets = [target] if len(sources) == 1 else [target.with_name(part.name) for part in sources]
    size = sum(_size(part) for part in sources)
    try:
        folder().mkdir(parents=True, exist_ok=True)
        if copy:
            yield from _copy(sources, targets, size)
        else:
            for part, place in zip(sources, targets, strict=True):
                _link(part, place)
        remember(target.name, Record("copied" if copy else "linked", size, source=str(source)))
    except OSError as error:
        raise ModelError(
            _("{title} could not be stored ({reason}); make room and try again.").format(
                title=source.name, reason=error.strerror
            )
        ) from error
    yield Progress(size, size, gguf.stem(target))


def _link(source: Path, target: Path) -> None:
    try:
        target.symlink_to(source, target_is_directory=source.is_dir())
    except OSError:  # Windows allows this only to some
        try:
            os.link(source, target)
        except OSError as error:
            raise ModelError(
                _("This computer does not allow links to {name}; add it with --copy.").format(name=source.name)
            ) from error


def _copy(sources: list[Path], targets: list[Path], size: int) -> Generator[Progress]:
    """Copy all parts beside their places, then put all in place; closing leaves nothing behind."""
    if (free := disk_free()) < size:
        raise ModelError(
            _("{title} needs {need} MB on disk and {free} MB are free; make room and try again.").format(
                title=sources[0].name, need=size // 1_000_000, free=free // 1_000_000
            )
        )
    what = _("Copying {title}").format(title=sources[0].name)
    part = folder() / f".{secrets.token_hex(8)}.part"
    part.mkdir(mode=0o700)
    try:
        done = 0
        for source, target in zip(sources, targets, strict=True):
            for count in _copy_one(source, part / target.name):
                done += count
                yield Progress(done, size, what)
        check(part / targets[0].name)
        for target in targets:
            os.replace(part / target.name, target)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _copy_one(source: Path, target: Path) -> Iterator[int]:
    if source.is_dir():
        target.mkdir()
        for path in sorted(source.iterdir()):
            if path.is_file() and path.suffix.lower() not in PICKLES:
                yield from _copy_one(path, target / path.name)
        return
    with source.open("rb") as file, target.open("wb") as out:
        while block := file.read(_BLOCK):
            out.write(block)
            yield len(block)
        out.flush()
        os.fsync(out.fileno())


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(file.stat().st_size for file in path.iterdir() if file.is_file())
    return path.stat().st_size


# --- taking one out


@dataclass(frozen=True, slots=True)
class Removal:
    """What removing a model does: these entries of the models folder go; ``linked`` if the model itself stays."""

    name: str
    paths: tuple[Path, ...]
    size: int
    linked: bool


def removal(name: str) -> Removal:
    """What ``remove`` would do; a ModelError for a model that Writer did not bring, which it never deletes."""
    for model in catalogue():
        if model.name == name:
            part = part_of(model)
            paths = tuple(path for path in (model.path, part) if os.path.lexists(path))
            if not paths:
                raise ModelError(_("{title} is not on this computer.").format(title=model.title))
            return Removal(name, paths, sum(_all_bytes(path) for path in paths), model.path.is_symlink())
    for path in installed():
        if name in (path.name, gguf.stem(path)):
            return _removal_of_own(name, path)
    for path in folder().glob("*"):  # a link whose model is gone
        if name in (path.name, gguf.stem(path)) and path.is_symlink():
            return Removal(name, (path,), 0, True)
    for other in found():
        if name in (other.name, str(other.path)):
            raise ModelError(
                _("{name} belongs to {owner}, so Writer leaves it alone; remove it there.").format(
                    name=name, owner=other.source
                )
            )
    raise ModelError(
        _("There is no model called “{name}” in the models folder; nothing was removed.").format(name=name)
    )


def _removal_of_own(name: str, path: Path) -> Removal:
    paths = tuple(gguf.parts(path)) if path.is_file() else (path,)
    kept = record(path.name)
    linked = path.is_symlink() or (kept is not None and kept.how == "linked")
    if not linked and kept is None:
        raise ModelError(
            _("Writer did not put {path} there, so it leaves it alone; delete it yourself.").format(path=path)
        )
    return Removal(name, paths, 0 if linked else sum(_all_bytes(part) for part in paths), linked)


def remove(name: str) -> Removal:
    """Take a model out of the models folder: delete what was fetched or copied, of what was linked only the link."""
    going = removal(name)
    locks = [lock_of(model) for model in catalogue() if model.name == name]
    try:
        for path in going.paths:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        forget(going.paths[0].name)
    except OSError as error:
        raise ModelError(
            _("{name} can't be removed ({reason}); choose another model first, then try again.").format(
                name=name, reason=error.strerror
            )
        ) from error
    finally:
        for lock in locks:
            lock.release()
    return going


def _all_bytes(path: Path) -> int:
    if path.is_dir() and not path.is_symlink():
        return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return 0 if path.is_symlink() else path.stat().st_size
