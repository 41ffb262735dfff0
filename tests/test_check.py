"""What ``check`` finds: nothing in a book as Writer leaves it, and everything that was done to one behind its back."""

from __future__ import annotations

import sqlite3
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from writer.chunks import cut
from writer.store import Store, revisions, tree
from writer.store.check import Problem, check
from writer.store.plans import BOOK
from writer.story import Credit, Origin, Plan, Project, Task

ORIGIN = Origin("smollm2", "llamacpp", 7, "0" * 64, 1_790_000_000)
TEXT = "The gulls rose over the harbour.\n海鸥飞起来了。"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A closed project with a chapter, two scenes, a scene in the bin, revisions and credits."""
    path = tmp_path / "潮.writer"
    with Store.create(path, Project("The Tide", "A boy waits.", "en")) as store:
        chapter = store.add("One", synopsis="He waits.")
        first = store.add("Gulls", chapter, text=TEXT)
        store.save(first, TEXT + " More.", (Credit(4, 9, ORIGIN), Credit(10, 14, ORIGIN)))
        store.revisions.keep(first, "snapshot", "Draft")
        second = store.split(first, 10, "Rose")
        store.remove(store.add("Old", text="gone"))
        store.plans.put_all({BOOK: Plan(notes="sources"), first: Plan("He rows.", notes="地图", status="draft")})
        store.tasks.arrange([Task(first, 500), Task(chapter, 100, "failed", problem="No room.")])
        store.revisions.keep(second, "snapshot")
    return path


def edit(path: Path, sql: str, *values: object) -> None:
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(sql, values)
        connection.commit()
    finally:
        connection.close()


def found(path: Path) -> list[tuple[str, str]]:
    before = path.read_bytes()
    problems = [(problem.where, problem.what) for problem in check(path)]
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]
    return problems


def test_a_book_as_writer_leaves_it_is_well(path: Path):
    assert found(path) == []


@pytest.mark.parametrize(
    ("sql", "where", "sentence"),
    [
        ("UPDATE bodies SET text = replace(text, 'harbour', 'harbor')", "Rose", "Its text was damaged"),
        ("UPDATE bodies SET sha256 = x'00' WHERE node = 1", "One", "Its text was damaged"),
        ("UPDATE nodes SET words = 7 WHERE title = 'Gulls'", "Gulls", "counted wrong"),
        ("UPDATE nodes SET title = CAST(x'ff6f6b' AS TEXT) WHERE id = 1", "\ufffdok", "title or synopsis is damaged"),
        ("UPDATE nodes SET parent = 2 WHERE id = 1", "One", "lies within itself"),
        ("UPDATE nodes SET parent = 1 WHERE id = 1", "One", "lies within itself"),
        ("UPDATE nodes SET parent = 99 WHERE title = 'Rose'", "潮.writer", "below one that is not there"),
        ("DELETE FROM bodies WHERE node = 2", "Gulls", "Its text is not there"),
        ("INSERT INTO bodies VALUES (99, 1, x'00', '')", "潮.writer", "belongs to no scene"),
        ("UPDATE credits SET stop = 9999", "Gulls", "marks of what a model wrote"),
        ("UPDATE credits SET start = -1", "Gulls", "marks of what a model wrote"),
        ("INSERT INTO credits SELECT * FROM credits", "Gulls", "marks of what a model wrote"),
        ("UPDATE credits SET origin = 99", "潮.writer", "belongs to no scene or to no model"),
        ("DELETE FROM project", "潮.writer", "which book it is"),
        ("INSERT INTO project VALUES (2, 'Other', '', 'en')", "潮.writer", "which book it is"),
        ("UPDATE revisions SET sha256 = x'00' WHERE id = 1", "Gulls", "damaged on the disk"),
        ("UPDATE revisions SET body = x'00' WHERE id = 1", "Gulls", "damaged on the disk"),
        ("UPDATE revisions SET body = substr(body, 1, 20) WHERE id = 1", "Gulls", "damaged on the disk"),
        ("UPDATE revisions SET words = 1 WHERE id = 1", "Gulls", "doesn't fit"),
        ("UPDATE revisions SET credits = '[[0, 5, 99]]' WHERE id = 1", "Gulls", "doesn't fit"),
        ("UPDATE revisions SET credits = '[[0, 5]]' WHERE id = 1", "Gulls", "doesn't fit"),
        ("UPDATE revisions SET credits = '7' WHERE id = 1", "Gulls", "doesn't fit"),
        ("UPDATE revisions SET credits = '{' WHERE id = 1", "Gulls", "doesn't fit"),
        ("UPDATE revisions SET time = 9223372036854775807, words = 1 WHERE id = 1", "Gulls", "9223372036854775807"),
        ("UPDATE revisions SET node = 99 WHERE id = 1", "潮.writer", "earlier version belongs to no scene"),
        ("UPDATE plans SET value = replace(value, '地', '天') WHERE node > 0", "Gulls", "planned for it was damaged"),
        ("UPDATE plans SET value = '[' WHERE node = 0", "潮.writer", "planned for it was damaged"),
        ("UPDATE plans SET value = CAST(x'ff' AS TEXT) WHERE node = 0", "潮.writer", "planned for it was damaged"),
        ("UPDATE plans SET node = 99 WHERE node > 0", "潮.writer", "planned belongs to no part"),
        ("UPDATE tasks SET value = '{}' WHERE node > 1", "Gulls", "noted about its draft is damaged"),
        ("UPDATE tasks SET node = 99 WHERE node > 1", "Scene 99", "noted about its draft is damaged"),
        ("PRAGMA user_version = 99", "潮.writer", "newer version of Writer"),
        ("CREATE TRIGGER evil AFTER UPDATE ON bodies BEGIN DELETE FROM bodies; END", "潮.writer", "trigger “evil”"),
        ("CREATE VIEW evil AS SELECT 1", "潮.writer", "view “evil”"),
        ("CREATE TABLE evil (a)", "潮.writer", "not those that Writer makes"),
        ("DROP INDEX nodes_in_order", "潮.writer", "not those that Writer makes"),
        ("PRAGMA application_id = 1", "潮.writer", "is damaged"),
    ],
)
def test_each_thing_that_is_wrong_is_named_with_its_place(path: Path, sql: str, where: str, sentence: str):
    edit(path, sql)
    assert any(place == where and sentence in what for place, what in found(path)), found(path)


def test_one_thing_that_is_wrong_is_one_problem(path: Path):
    edit(path, "UPDATE nodes SET words = 7 WHERE title = 'Gulls'")
    assert list(check(path)) == [
        Problem("Its words are counted wrong; change it, and they are counted again.", "Gulls", spares_text=True)
    ]


def test_a_queue_that_is_damaged_costs_no_words(path: Path):
    edit(path, "UPDATE tasks SET value = '{}'")
    assert {problem.spares_text for problem in check(path)} == {True}
    with Store.open(path) as store:
        assert store.tasks.all() == []
    edit(path, "UPDATE plans SET value = '{}'")
    assert False in {problem.spares_text for problem in check(path)}


def test_everything_is_told_not_only_the_first(path: Path):
    edit(path, "UPDATE bodies SET sha256 = x'00'")
    edit(path, "UPDATE revisions SET sha256 = x'00'")
    assert {where for where, _ in found(path)} == {"One", "Gulls", "Rose", "Old"}


def test_a_bomb_in_a_revision_is_refused_in_bounded_memory(path: Path):
    bomb = zlib.compress(b"\0" * 200 * 2**20, 9)
    edit(path, "UPDATE revisions SET body = ? WHERE id = 1", bomb)
    assert ["damaged on the disk" in what for _, what in found(path)] == [True]


def test_a_pile_of_bombs_is_not_unpacked_without_end(path: Path, monkeypatch: pytest.MonkeyPatch):
    bomb = zlib.compress(b"a " * 2**20, 9)
    connection = sqlite3.connect(path)
    connection.executemany(
        "INSERT INTO revisions VALUES (NULL, 2, 1, 'earlier', '', 0, 1, zeroblob(32), '[]', ?)", [[bomb]] * 200
    )
    connection.commit()
    connection.close()
    monkeypatch.setattr(revisions, "_LEAST_BUDGET", 2**24)
    *others, (where, what) = found(path)
    assert "more text than a file of this size can hold" in what
    assert where == path.name
    assert len(others) * 2**21 <= 2**24 + 8 * path.stat().st_size


def test_nested_brackets_without_end_are_no_note(path: Path):
    edit(path, "UPDATE revisions SET credits = ? WHERE id = 1", "[" * 100_000)
    assert ["doesn't fit" in what for _, what in found(path)] == [True]
    with Store.reader(path) as store:
        assert store.revisions.read(1).credits == ()


def test_an_outline_that_is_one_long_circle_ends(path: Path):
    connection = sqlite3.connect(path)
    rows = [(number, number - 1, 0, "", "", 0, 0) for number in range(1000, 41_000)]
    connection.executemany("INSERT INTO nodes VALUES (?, ?, ?, ?, ?, ?, ?)", [(999, None, 0, "", "", 0, 0), *rows])
    connection.execute("UPDATE nodes SET parent = 40999 WHERE id = 999")
    connection.commit()
    connection.close()
    assert any("lies within itself" in problem.what for problem in check(path))


def test_a_long_chain_is_walked_once():
    class Chain(dict[int, int | None]):
        steps = 0

        def __getitem__(self, id: int) -> int | None:
            self.steps += 1
            return super().__getitem__(id)

    chain = Chain({number: number - 1 for number in range(40_000)} | {0: 39_999})
    assert len(list(tree.one_of_each_circle(chain))) == 1
    assert chain.steps == len(chain)


@pytest.mark.parametrize("content", [b"", b"Once upon a time", b"SQLite format 3\0" + b"\0" * 500])
def test_what_is_no_project_is_a_problem_too(tmp_path: Path, content: bytes):
    file = tmp_path / "x.writer"
    file.write_bytes(content)
    assert [where for where, _ in found(file)] == ["x.writer"]
    file.unlink()
    assert [problem.where for problem in check(file)] == ["x.writer"]
    assert [problem.where for problem in check(tmp_path)] == [tmp_path.name]


def test_a_project_of_the_first_version_is_checked_as_it_is(tmp_path: Path):
    from writer import migrations

    path = tmp_path / "old.writer"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA application_id = {migrations.APPLICATION_ID}")
    migrations.upgrade(connection, path, migrations.STEPS[:1])
    connection.execute("INSERT INTO project VALUES (1, 'Old', '', 'en')")
    connection.execute("INSERT INTO nodes VALUES (1, NULL, 0, 'Gulls', '', 9, 0)")
    connection.execute("INSERT INTO bodies VALUES (1, 1, x'00', 'The gulls')")
    connection.close()
    assert [where for where, _ in found(path)] == ["Gulls"]


def test_it_works_beside_an_open_window_and_sees_one_moment(path: Path):
    with Store.open(path) as store:
        store.save(2, "Written just now.")
        problems = check(path)
        assert next(problems, None) is None
        edit_while_checking = check(path)
        store.save(2, "Written later.")
        assert list(edit_while_checking) == []
        assert store.scene(2).text == "Written later."
    assert list(path.parent.iterdir()) == [path]


def test_a_change_while_it_is_checked_is_no_problem(path: Path):
    edit(path, "UPDATE nodes SET words = 7 WHERE id IN (1, 2)")
    with Store.open(path) as store:
        problems = check(path)
        assert next(problems).where == "One"
        store.save(2, "Other words.")
        assert [problem.where for problem in problems] == ["Gulls"]


def test_what_a_crash_left_is_checked_with_its_log(path: Path, tmp_path: Path):
    crashed = tmp_path / "crashed" / "book.writer"
    crashed.parent.mkdir()
    with Store.open(path) as store:
        store.save(2, "Only in the log.")
        for ending in ("", "-wal"):
            Path(f"{crashed}{ending}").write_bytes(Path(f"{path}{ending}").read_bytes())
    main, log = crashed.read_bytes(), Path(f"{crashed}-wal").read_bytes()
    assert list(check(crashed)) == []
    assert (crashed.read_bytes(), Path(f"{crashed}-wal").read_bytes()) == (main, log)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), mask=st.integers(1, 255))
def test_a_flipped_byte_anywhere_never_raises(path: Path, tmp_path: Path, place: float, mask: int):
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= mask
    other = tmp_path / "flipped.writer"
    other.write_bytes(content)
    for problem in check(other):
        assert problem.what.endswith("."), problem
        assert problem.where
    assert other.read_bytes() == content


def test_memory_that_does_not_fit_its_text_is_told(path: Path):
    with Store.open(path) as store:
        for scene in store.index.stale():
            saved = store.scene(scene)
            store.index.put(scene, saved.revision, cut(saved.text))
    assert found(path) == []
    edit(path, "UPDATE indexed SET layout = zeroblob(length(layout)) WHERE node = 2")
    assert [where for where, what in found(path) if "remembers" in what] == ["Gulls"]
    assert all(problem.spares_text for problem in check(path))
