"""Backups on the command line: lines, fields and exit codes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from writer import cli, i18n
from writer.store import Store
from writer.story import Project


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LANGUAGE", "en")
    yield
    i18n.use("en")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "潮.writer"
    with Store.create(path, Project("The Tide", "", "en")) as store:
        store.add("Gulls", text="The gulls rose. 海鸥")
    return path


class Shell:
    """Runs commands in this process and keeps what they said."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.errors = ""

    def run(self, *words: object, code: int = 0) -> str:
        found = cli.main([str(word) for word in words])
        said = self._capsys.readouterr()
        self.errors = said.err
        assert found == code, said
        return said.out

    def lines(self, *words: object, code: int = 0) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.run(*words, "--json", code=code).splitlines()]


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


def text_of(path: Path) -> str:
    with Store.reader(path) as store:
        return store.scene(1).text


def test_a_backup_is_made_listed_and_restored(shell: Shell, book: Path):
    assert shell.run("backup", book, "--list").startswith("There are no backups of")
    made = Path(shell.run("backup", book).strip())
    assert made.is_file()
    (done,) = shell.lines("backup", book)
    assert done == {"done": True, "file": done["file"], "words": 5, "bytes": done["bytes"], "kept": 2, "damaged": False}
    newest, oldest, end = shell.lines("backup", book, "--list")
    assert (newest["file"], oldest["file"], end) == (done["file"], str(made), {"done": True, "kept": 2})
    assert {"time", "words", "bytes", "title", "kind"} < newest.keys()
    assert "5 words" in shell.run("backup", book, "--list")
    with Store.open(book) as store:
        store.save(1, "Changed.")
    (done,) = shell.lines("restore", made, book)
    assert done["project"] == str(book)
    assert Path(done["kept"]).is_file()
    assert text_of(book) == "The gulls rose. 海鸥"
    assert "What was there is kept as" in shell.run("restore", done["kept"], book)
    assert text_of(book) == "Changed."


def test_a_book_open_in_a_window_is_backed_up_but_not_replaced(shell: Shell, book: Path):
    with Store.open(book) as store:
        store.save(1, "Typed.")
        (done,) = shell.lines("backup", book)
        shell.run("restore", done["file"], book, code=2)
        assert "already open" in shell.errors
        store.save(1, "Typed on.")
    assert text_of(book) == "Typed on."


def test_a_new_project_is_made_of_a_backup(shell: Shell, book: Path, tmp_path: Path):
    made = shell.run("backup", book).strip()
    assert shell.lines("restore", made, tmp_path / "new.writer")[0]["kept"] is None
    assert text_of(tmp_path / "new.writer") == "The gulls rose. 海鸥"
    shell.run("restore", made, tmp_path / "new.txt", code=2)
    assert "ends in .writer" in shell.errors
    shell.run("restore", tmp_path / "gone.zip", book, code=2)
    assert "gone.zip" in shell.errors
    shell.run("backup", tmp_path / "gone.writer", code=2)
    assert shell.errors.count("\n") == 1


def test_what_is_no_backup_changes_nothing(shell: Shell, book: Path, tmp_path: Path):
    (tmp_path / "holiday.zip").write_bytes(b"PK photographs")
    before = book.read_bytes()
    (error,) = shell.lines("restore", tmp_path / "holiday.zip", book, code=2)
    assert "is not a whole backup" in error["error"]
    assert book.read_bytes() == before


def test_what_can_be_read_of_a_damaged_book_is_a_new_one(shell: Shell, book: Path, tmp_path: Path):
    content = bytearray(book.read_bytes())
    content[content.index("海鸥".encode()) + 1] ^= 1
    book.write_bytes(content)
    new = tmp_path / "new.writer"
    (done,) = shell.lines("restore", book, new, "--salvage")
    assert done == {
        "done": True, "project": str(new), "scenes": 1, "words": done["words"],
        "from_revisions": [], "damaged": ["Gulls (damaged)"], "lost": [], "homeless": [],
    }  # fmt: skip
    assert book.read_bytes() == content
    assert text_of(new).startswith("The gulls rose. ")
    shell.run("restore", book, new, "--salvage", code=2)
    assert "is there already" in shell.errors
    assert "could read 1 scene" in shell.run("restore", book, tmp_path / "other.writer", "--salvage")


def test_a_version_of_a_time_that_is_none_is_listed_and_told(shell: Shell, book: Path):
    with Store.open(book) as store:
        store.revisions.keep(1, "snapshot", "Draft")
    connection = sqlite3.connect(book)
    connection.execute("UPDATE revisions SET time = 9000000000000000000, sha256 = x'00'")
    connection.commit()
    connection.close()
    assert "9000000000000000000  “Draft”" in shell.run("revisions", book)
    shell.run("revisions", book, "--show", 1, code=2)
    assert "The version of “Gulls” of 9000000000000000000 was damaged" in shell.errors


def test_what_somebody_else_wrote_is_kept_when_writer_writes_there(book: Path, shell: Shell, tmp_path: Path) -> None:
    novel = tmp_path / "novel.txt"
    novel.write_text("my whole novel")
    for command in ("export", "ledger"):
        shell.lines(command, book, novel)
    assert [file.read_text() for file in tmp_path.glob("novel (kept *.txt")] == ["my whole novel"]
    novel.write_text("my novel, changed since")
    shell.lines("export", book, novel)
    assert len(list(tmp_path.glob("novel (kept *.txt"))) == 2


def test_a_backup_is_found_by_its_name_alone(book: Path, shell: Shell) -> None:
    made = Path(shell.lines("backup", book)[-1]["file"])
    assert shell.lines("restore", made.name, book)[-1]["project"] == str(book)


def test_a_text_file_is_no_place_for_a_book(book: Path, shell: Shell, tmp_path: Path) -> None:
    made = shell.lines("backup", book)[-1]["file"]
    draft = tmp_path / "draft.txt"
    draft.write_text("mine")
    shell.run("restore", made, draft, code=2)
    assert draft.read_text() == "mine"


def test_damaged_texts_in_a_backup_are_told(book: Path, shell: Shell) -> None:
    connection = sqlite3.connect(book)
    connection.execute("UPDATE bodies SET text = text || '?' WHERE length(text) > 0")
    connection.commit()
    connection.close()
    assert shell.lines("backup", book)[-1]["damaged"]
    assert "with damaged texts" in shell.run("backup", book, "--list")


def test_a_version_needs_a_name(book: Path, shell: Shell) -> None:
    shell.run("revisions", book, "--keep", " ", code=2)
