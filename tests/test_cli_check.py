"""``writer check`` and ``writer revisions`` as scripts see them."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.test_cli import Shell
from writer.store import Store
from writer.story import Project

OLD = "The gulls rose.\n海鸥飞起来了。"
NEW = "Nothing is left of it.\n\nTwo paragraphs more."


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("LANGUAGE", "en")
    return Shell(capsys)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A project with a scene that was rewritten, and one that wasn't."""
    path = tmp_path / "潮.writer"
    with Store.create(path, Project("The Tide", "", "en")) as store:
        gulls = store.add("Gulls", text=OLD)
        store.add("Rain", text="It rained.")
        store.save(gulls, NEW)
    return path


def break_file(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("UPDATE bodies SET text = 'other' WHERE node = 2")
    connection.execute("UPDATE nodes SET words = 99 WHERE id = 1")
    connection.commit()
    connection.close()


def test_a_book_that_is_well(shell: Shell, path: Path):
    assert "All is well with “潮.writer”: 2 scenes, 10 words, 1 earlier version." in shell.run("check", path)
    assert shell.errors == ""
    assert shell.lines("check", path) == [{"done": True, "ok": True, "scenes": 2, "words": 10, "revisions": 1}]


def test_what_is_wrong_is_told_with_its_place(shell: Shell, path: Path):
    break_file(path)
    said = shell.run("check", path, code=2).splitlines()
    assert said[0].startswith("Gulls: Its words are counted wrong")
    assert said[1].startswith("Rain: Its text was damaged on the disk")
    assert shell.errors == "2 problems were found in “潮.writer”.\n"
    *problems, done = shell.lines("check", path, code=2)
    assert [problem["where"] for problem in problems] == ["Gulls", "Rain"]
    assert all(set(problem) == {"problem", "where"} for problem in problems)
    assert (done["done"], done["ok"], done["scenes"]) == (True, False, 2)
    assert done["error"] == "2 problems were found in “潮.writer”."


@pytest.mark.parametrize("content", [None, b"", b"a text", b"SQLite format 3\0" + b"\7" * 5000])
def test_a_file_that_cannot_be_opened_is_a_problem_too(shell: Shell, tmp_path: Path, content: bytes | None):
    path = tmp_path / "x.writer"
    if content is not None:
        path.write_bytes(content)
    problem, done = shell.lines("check", path, code=2)
    assert problem["where"] == "x.writer"
    assert problem["problem"].endswith(".")
    assert (done["ok"], done["scenes"], done["words"], done["revisions"]) == (False, 0, 0, 0)


def test_a_project_that_is_open_is_checked_with_its_log(shell: Shell, path: Path):
    with Store.open(path) as store:
        store.save(2, "It rained and rained.")
        assert "12 words" in shell.run("check", path)
        assert "“潮.writer” is open, or was not closed" in shell.errors
        store.save(2, "It rained.")


def test_versions_are_listed_newest_first(shell: Shell, path: Path):
    assert shell.lines("revisions", path, "--scene", 2) == [{"done": True, "revisions": 0}]
    kept = shell.lines("revisions", path, "--scene", 1, "--keep", "第二稿")[0]
    assert (kept["done"], kept["name"], kept["reason"], kept["words"]) == (True, "第二稿", "snapshot", 8)
    newest, oldest, done = shell.lines("revisions", path)
    assert done == {"done": True, "revisions": 2}
    assert (newest["revision"], newest["name"]) == (kept["revision"], "第二稿")
    assert set(oldest) == {"revision", "scene", "number", "reason", "name", "time", "words"}
    assert (oldest["scene"], oldest["number"], oldest["reason"], oldest["words"]) == (1, 1, "change", 9)
    said = shell.run("revisions", path).splitlines()
    assert said[0] == "Gulls"
    assert "“第二稿”" in said[1]
    assert "before a large change" in said[2]


def test_without_versions_it_says_so(shell: Shell, path: Path):
    assert shell.run("revisions", path, "--scene", 2) == "No earlier versions are kept yet.\n"


def test_a_version_is_shown_and_brought_back(shell: Shell, path: Path):
    version = shell.lines("revisions", path)[0]["revision"]
    assert shell.run("revisions", path, "--show", version) == OLD + "\n"
    shown = shell.lines("revisions", path, "--show", version)[-1]
    assert (shown["text"], shown["scene"], shown["title"]) == (OLD, 1, "Gulls")
    assert "“Gulls” is again what it was" in shell.run("revisions", path, "--restore", version)
    with Store.reader(path) as store:
        assert store.scene(1).text == OLD
        newest = store.revisions.of(1)[0]
        assert newest.reason == "restore"
        assert store.revisions.read(newest.id).text == NEW


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--show", "99"], "There is no version 99"),
        (["--restore", "-1"], "There is no version -1"),
        (["--show", "9" * 30], "There is no version 999"),
        (["--scene", "99"], "There is no scene 99"),
        (["--keep", "x", "--scene", "99"], "There is no scene 99"),
        (["--show", "1", "--keep", "x"], "not allowed with argument"),
        (["--show", "x"], "is not a whole number"),
    ],
)
def test_what_is_not_there_is_one_sentence(shell: Shell, path: Path, words: list[str], sentence: str):
    shell.run("revisions", path, *words, code=2)
    assert sentence in shell.errors
    assert len(shell.errors.splitlines()) == 1


def test_a_damaged_version_is_told_not_shown(shell: Shell, path: Path):
    connection = sqlite3.connect(path)
    connection.execute("UPDATE revisions SET body = x'00'")
    connection.commit()
    connection.close()
    shell.run("revisions", path, "--restore", 1, code=2)
    assert "was damaged on the disk" in shell.errors
    with Store.reader(path) as store:
        assert store.scene(1).text == NEW


def test_nothing_is_kept_in_a_project_that_is_open(shell: Shell, path: Path):
    with Store.open(path):
        error = json.loads(shell.run("revisions", path, "--keep", "x", "--json", code=2))
    assert "already open in another window" in error["error"]
