"""What is said to be on the disk is there."""

from __future__ import annotations

import os
import sys
import types
from pathlib import Path

import pytest

from writer import backups, files
from writer.errors import FileError
from writer.store import Store, copies
from writer.story import Project

FULL = 51


@pytest.fixture
def flushed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What a Mac's disk was asked to do."""
    asked: list[int] = []
    monkeypatch.setattr(sys, "platform", "darwin")
    mac = types.SimpleNamespace(F_FULLFSYNC=FULL, fcntl=lambda _descriptor, command: asked.append(command))
    monkeypatch.setitem(sys.modules, "fcntl", mac)
    monkeypatch.setattr(os, "fsync", lambda _descriptor: asked.append(0))
    return asked


def test_a_mac_is_asked_for_more_than_fsync(tmp_path: Path, flushed: list[int]):
    files.replace(tmp_path / "out.txt", b"The gulls rose.")
    assert flushed == [FULL]


def test_a_disk_that_can_do_no_more_is_asked_for_fsync(
    tmp_path: Path, flushed: list[int], monkeypatch: pytest.MonkeyPatch
):
    def refuse(_descriptor: int, _command: int) -> None:
        raise OSError(45, "Operation not supported")

    monkeypatch.setattr(sys.modules["fcntl"], "fcntl", refuse)
    files.replace(tmp_path / "out.txt", b"The gulls rose.")
    assert flushed == [0]


def test_books_and_backups_ask_for_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    flushed: list[int] = []
    monkeypatch.setattr(files, "flush", flushed.append)
    with Store.create(tmp_path / "book.writer", Project("The Tide", "", "en")) as store:
        store.add("Gulls", text="The gulls rose.")
        for pragma in ("fullfsync", "checkpoint_fullfsync", "synchronous"):
            sql = f"PRAGMA {pragma}"
            assert store.ask(lambda connection, sql=sql: connection.execute(sql).fetchone()[0]), pragma
        backups.make(store)
        assert len(flushed) == 3  # the copy, the text and the zip
        copies.save_as(store, tmp_path / "copy.writer")
    assert len(flushed) == 4


def test_on_windows_only_trying_tells_whether_a_folder_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """There an unwritable folder would look like one whose lock somebody else holds."""
    monkeypatch.setattr(os, "access", lambda _path, _mode: True)
    monkeypatch.setattr(sys, "platform", "win32")
    assert files.is_writable(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert not files.is_writable(tmp_path / "gone")


def test_a_folder_that_can_not_be_written_is_not_told_as_open_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    Store.create(tmp_path / "book.writer", Project("The Tide", "", "en")).close()
    monkeypatch.setattr(files, "is_writable", lambda _folder: False)
    with Store.open(tmp_path / "book.writer") as store:
        assert "can't be written here" in store.why_read_only
        with pytest.raises(FileError, match="it can't be written"):
            backups.make(store)
