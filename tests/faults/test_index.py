"""Whatever is wrong with what is remembered of a book: its text is saved, and the rest is made again."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.test_disk import fill, random_text, small_disk  # noqa: F401
from tests.test_chunks import english
from tests.test_index import GULLS, STONE, assert_true, found, take_in
from writer import migrations
from writer.chunks import cut
from writer.errors import ProjectError
from writer.store import Store
from writer.store.check import check
from writer.story import Project


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A closed project of two scenes that is wholly indexed."""
    path = tmp_path / "潮.writer"
    with Store.create(path, Project("The Tide", "", "en")) as store:
        store.add("One", text=english(60) + GULLS)
        store.add("Two", text=STONE)
        take_in(store)
    return path


def edit(path: Path, sql: str) -> None:
    connection = sqlite3.connect(path)
    try:
        connection.executescript(sql)
    finally:
        connection.close()


GARBLED = [
    "UPDATE search_data SET block = x'ff00ff00ff00ff00ff'",
    "UPDATE search_data SET block = x'ff00ff00ff00ff00ff' WHERE id > 10",
    "UPDATE search_data SET block = x'ffffffffffffffffffffffffff' WHERE id = 10",
    "UPDATE search_data SET block = randomblob(length(block)) WHERE id > 10",
    "DELETE FROM search_data",
    "DELETE FROM search_data WHERE id = 10",
    "DELETE FROM search_data WHERE id > 10",
    "DELETE FROM search_idx",
    "UPDATE search_idx SET pgno = 99",
    "DELETE FROM search_config",
    "UPDATE search_config SET v = 99",
    "INSERT INTO search_config VALUES ('pgsz', 'x'), ('rank', 'evil(1)')",
    "DELETE FROM chunks",
    "UPDATE chunks SET node = 99, key = x''",
    "UPDATE chunks SET node = 3 - node",
    "UPDATE indexed SET layout = x'00'",
    "UPDATE indexed SET layout = zeroblob(2800)",
    "UPDATE indexed SET layout = randomblob(length(layout))",
    "UPDATE indexed SET layout = x'', digest = x''",
    "UPDATE indexed SET revision = 77",
    "DELETE FROM indexed",
    "UPDATE sqlite_sequence SET seq = 9223372036854775807 WHERE name = 'chunks'",
]


@pytest.mark.parametrize("garble", GARBLED)
def test_garbled_memory_never_stops_a_save_and_is_made_again(path: Path, garble: str):
    edit(path, garble)
    edited = english(60) + GULLS + "She wept. " + STONE
    with Store.reader(path) as reader:
        list(reader.index.placed(reader.index.rows("gulls")))
        for scene in (1, 2):
            reader.index.chunks(scene)
        reader.index.keys()
    with Store.open(path) as store:
        assert store.save(1, edited).text == edited
        assert store.save(2, GULLS).text == GULLS
        for number in range(20):
            assert store.save(2, f"{GULLS} {number} {english(3, seed=number)}").revision == 3 + number
    with Store.open(path) as store:
        assert store.scene(1).text == edited
        list(store.index.rows("gulls"))
        for scene in store.index.stale():
            saved = store.scene(scene)
            with suppress(ProjectError):  # the last number that there is was given to a chunk
                store.index.put(scene, saved.revision, cut(saved.text))
        store.index.empty()
        take_in(store)
        assert_true(store)
        assert found(store, "wept") == {1}
    assert list(check(path)) == []


def test_what_fails_at_the_commit_fails_without_the_text(path: Path, caplog: pytest.LogCaptureFixture):
    """Words that were not yet on their way to the disk when all else was done."""
    with Store.open(path) as store:
        index = store.index
        follow = index._follow

        def break_it(connection: sqlite3.Connection, *values: object) -> bool:
            follow(connection, *values)
            connection.execute("ROLLBACK")
            raise sqlite3.OperationalError("injected")

        index._follow = break_it
        with caplog.at_level(logging.WARNING):
            assert store.save(1, STONE).revision == 2
        del index._follow
        assert "without the index" in caplog.text
        assert index.stale() == [1]
        take_in(store)
        assert_true(store)


@pytest.mark.parametrize("left", [0, 4096, 8192, 16_384, 24_576, 32_768, 40_960, 65_536])
def test_a_disk_too_full_for_the_words_has_room_for_the_text(small_disk: Path, left: int):  # noqa: F811
    path = small_disk / "book.writer"
    with Store.create(path, Project("The Tide", "", "en")) as store:
        one = store.add("One", text=random_text(2000))
        take_in(store)
        store.index._is_left_out = True
        room = _bytes_of_a_save(store, one, small_disk)
        store.index._is_left_out = False
        take_in(store)
        text = " ".join(random_text(1000) for _ in range(20))
        filler = fill(small_disk, room + left)
        try:
            store.save(one, text)
        except ProjectError:
            assert left < 40_960
            filler.unlink()
            store.save(one, text)
        else:
            filler.unlink()
        assert store.scene(one).text == text
        take_in(store)
        assert_true(store)
    assert list(check(path)) == []


def _bytes_of_a_save(store: Store, scene: int, folder: Path) -> int:
    before = sum(file.stat().st_size for file in folder.iterdir())
    store.save(scene, random_text(2000))
    return sum(file.stat().st_size for file in folder.iterdir()) - before


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE VIRTUAL TABLE evil USING fts5(text, content='', columnsize=0)",
        "DROP TABLE search; CREATE VIRTUAL TABLE search USING fts5(text)",
        "DROP TABLE search; CREATE VIRTUAL TABLE search USING fts5(text, content='bodies')",
        "DROP TABLE search; CREATE VIRTUAL TABLE search USING rtree(id, a, b)",
        "DROP TABLE search",
        "DROP TABLE search; CREATE TABLE search (text)",
        "DROP TABLE search; CREATE VIEW search AS SELECT text FROM bodies",
        "CREATE TABLE search_content (id INTEGER PRIMARY KEY, c0)",
        "CREATE TABLE search_docsize (id INTEGER PRIMARY KEY, sz BLOB)",
        "CREATE INDEX evil ON search_data (abs(block))",
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = sql || ' ' WHERE name = 'search'",
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET name = 'other' WHERE name = 'search'",
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE VIRTUAL TABLE search USING fts5"
        "(text, content='''', columnsize=0, tokenize=''evil'')' WHERE name = 'search'",
    ],
)
@pytest.mark.parametrize("version", [migrations.VERSION, 99])
def test_another_table_of_words_is_refused(path: Path, sql: str, version: int):
    connection = sqlite3.connect(path)
    try:
        connection.executescript(sql)
    except sqlite3.Error:
        pytest.skip("SQLite itself won't have it")
    finally:
        connection.close()
    edit(path, f"PRAGMA user_version = {version}")
    if version == 99 and "VIRTUAL" not in sql and "VIEW" not in sql and "writable" not in sql:
        with Store.open(path) as store:  # only read, so that it may have tables that are not known yet
            assert store.read_only
            list(store.index.rows("gulls"))
    else:
        for read_only in (False, True):
            with pytest.raises(ProjectError):
                Store.open(path, read_only=read_only)
