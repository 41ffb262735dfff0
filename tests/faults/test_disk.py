"""A disk that is really full, and rows too large for any book."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from writer import backups, library
from writer.errors import FileError, ProjectError, WriterError
from writer.store import Store, copies
from writer.store.check import check
from writer.story import Project

PROSE = "The gulls rose over the harbour.\n海鸥飞起来了。\n" * 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
        )
    except OSError as error:
        pytest.skip(f"there is no mount command here: {error}")
    if done.returncode:
        pytest.skip(f"mounting a small disk is not allowed here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path, left: int = 0) -> Path:
    """A file that takes all room but this many bytes."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    os.truncate(filler, max(0, filler.stat().st_size - left))
    return filler


def random_text(size: int) -> str:
    return os.urandom(size // 2).hex()


@pytest.mark.parametrize("left", [0, 4096, 20_000, 60_000])
def test_a_full_disk_loses_nothing_and_is_written_again_when_there_is_room(small_disk: Path, left: int):
    path = small_disk / "book.writer"
    with Store.create(path, Project("The Tide", "", "en")) as store:
        scene = store.add("Gulls", text=PROSE)
        before = store.scene(scene)
        filler = fill(small_disk, left)
        large = random_text(200_000)
        with pytest.raises(ProjectError, match="disk is full"):
            store.save(scene, large)
        with pytest.raises(ProjectError, match="disk is full"):
            store.add("New", text=large)
        assert store.scene(scene) == before
        assert len(store.nodes()) == 1
        filler.unlink()
        assert store.save(scene, large).revision == 2
    assert list(check(path)) == []
    assert list(small_disk.iterdir()) == [path]


def test_a_full_disk_can_be_closed_on_and_read_from(small_disk: Path):
    path = small_disk / "book.writer"
    with Store.create(path, Project("The Tide", "", "en")) as store:
        scene = store.add("Gulls", text=PROSE)
        store.save(scene, PROSE + "More.")
        filler = fill(small_disk)
    with suppress(ProjectError):  # it depends on what is left in the last block of the disk
        Store.open(path).close()
    with Store.reader(path) as store:
        assert store.scene(scene).text.endswith("More.")
    filler.unlink()
    with Store.open(path) as store:
        assert store.scene(scene).text.endswith("More.")
    assert list(check(path)) == []


def test_what_does_not_fit_there_leaves_what_is_there(
    small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A copy, an export, and a backup."""
    path = tmp_path / "book.writer"
    with Store.create(path, Project("The Tide", "", "en")) as store:
        scene = store.add("Gulls", text=PROSE)
        copies.save_as(store, small_disk / "copy.writer")
        library.export(store, small_disk / "book.md")
        monkeypatch.setenv("WRITER_HOME", str(small_disk))
        backups.make(store)
        there = {file: file.read_bytes() for file in small_disk.rglob("*") if file.is_file()}
        filler = fill(small_disk)
        store.save(scene, random_text(300_000))
        for write in (
            lambda: copies.save_as(store, small_disk / "copy.writer"),
            lambda: library.export(store, small_disk / "book.md"),
            lambda: backups.make(store),
        ):
            with pytest.raises(FileError):
                write()
        filler.unlink()
    assert {file: file.read_bytes() for file in small_disk.rglob("*") if file.is_file()} == there


def bytes_read() -> int:
    """How many this process has read from files until now; 0 where the system doesn't say."""
    try:
        return int(Path("/proc/self/io").read_text().split()[1])
    except OSError:
        return 0


@pytest.mark.parametrize("table", ["bodies", "nodes", "state", "revisions", "project"])
def test_a_huge_row_is_refused_without_being_read(tmp_path: Path, table: str):
    path = tmp_path / "book.writer"
    with Store.create(path, Project("The Tide", "", "en")) as store:
        scene = store.add("Gulls", text="The gulls")
        other = store.add("Rain", text="It rained.")
        store.revisions.keep(scene, "snapshot")
    huge = "CAST(zeroblob(100000000) AS TEXT)"
    connection = sqlite3.connect(path)
    connection.execute(
        {
            "bodies": f"UPDATE bodies SET text = {huge} WHERE node = {scene}",
            "nodes": f"UPDATE nodes SET title = {huge} WHERE id = {scene}",
            "state": f"INSERT INTO state VALUES ('scene', {huge})",
            "revisions": "UPDATE revisions SET body = zeroblob(100000000)",
            "project": f"UPDATE project SET premise = {huge}",
        }[table]
    )
    connection.commit()
    connection.close()
    refused, already_read = [], bytes_read()
    for read in (
        lambda store: store.scene(scene),
        lambda store: store.nodes(),
        lambda store: store.get("scene"),
        lambda store: store.revisions.read(1),
        lambda store: store.project,
    ):
        try:
            with Store.reader(path) as store:
                read(store)
        except WriterError as error:
            refused.append(str(error))
    assert bytes_read() - already_read < 10_000_000
    with Store.open(path) as store:
        assert store.scene(other).text == "It rained."
    assert refused
    assert all("too large" in sentence for sentence in refused)
    assert any("too large" in problem.what for problem in check(path))
