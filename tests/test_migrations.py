from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlite_utils import Database

from writer import files, migrations
from writer.errors import ProjectError


@pytest.fixture
def connection(path: Path):
    connection = sqlite3.connect(path, isolation_level=None)
    migrations.upgrade(connection, path)
    yield connection
    connection.close()


def add_mood(db: Database) -> None:
    db.execute("ALTER TABLE project ADD COLUMN mood TEXT NOT NULL DEFAULT ''")


def fail_halfway(db: Database) -> None:
    add_mood(db)
    raise ZeroDivisionError


def backups() -> list[Path]:
    return sorted((files.data_folder() / "backups").glob("*/*"))


def insert_project(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO project VALUES (1, '潮', '', 'zh')")


def rows(path: Path) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute("SELECT * FROM project").fetchall()
    finally:
        connection.close()


def test_every_version_has_its_fingerprint(tmp_path: Path):
    assert len(migrations.FINGERPRINTS) == migrations.VERSION + 1
    for number in range(1, migrations.VERSION + 1):
        connection = sqlite3.connect(":memory:", isolation_level=None)
        for _ in range(2):
            migrations.upgrade(connection, tmp_path / "x.writer", migrations.STEPS[:number])
            assert migrations.version(connection) == number
            assert migrations.fingerprint(connection) == migrations.FINGERPRINTS[number]
        migrations.refuse_foreign(connection, "x.writer")
        connection.close()


def test_a_new_file_needs_no_backup(connection: sqlite3.Connection):
    assert backups() == []


def test_a_step_runs_once_behind_a_backup(connection: sqlite3.Connection, path: Path):
    insert_project(connection)
    steps = (*migrations.STEPS, add_mood)
    copies = migrations.upgrade(connection, path, steps)
    assert copies == backups()
    assert rows(copies[0]) == [(1, "潮", "", "zh")]
    assert connection.execute("SELECT * FROM project").fetchall() == [(1, "潮", "", "zh", "")]
    assert migrations.version(connection) == migrations.VERSION + 1
    assert migrations.upgrade(connection, path, steps) == []


def test_a_step_that_fails_leaves_the_old_version_and_the_backup(connection: sqlite3.Connection, path: Path):
    insert_project(connection)
    with pytest.raises(ZeroDivisionError):
        migrations.upgrade(connection, path, (*migrations.STEPS, fail_halfway))
    assert migrations.version(connection) == migrations.VERSION
    assert migrations.fingerprint(connection) == migrations.FINGERPRINTS[-1]
    assert rows(path) == rows(backups()[0]) == [(1, "潮", "", "zh")]


KILLED_IN_A_STEP = """
import os, signal, sqlite3, sys
from pathlib import Path
from writer import migrations

def die_halfway(db):
    db.execute("DELETE FROM project")
    db.execute("ALTER TABLE project ADD COLUMN mood TEXT")
    os.kill(os.getpid(), signal.SIGKILL)

connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode = WAL")
connection.execute("PRAGMA cache_size = 1")
migrations.upgrade(connection, Path(sys.argv[1]), (*migrations.STEPS, die_halfway))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_being_killed_in_a_step_leaves_the_old_version_and_the_backup(connection: sqlite3.Connection, path: Path):
    insert_project(connection)
    connection.close()
    done = subprocess.run([sys.executable, "-c", KILLED_IN_A_STEP, str(path)], capture_output=True)
    assert done.returncode == -9, done.stderr
    assert rows(path) == rows(backups()[0]) == [(1, "潮", "", "zh")]


def test_without_a_backup_nothing_is_changed(connection: sqlite3.Connection, path: Path):
    insert_project(connection)
    files.data_folder().mkdir(parents=True, exist_ok=True)
    (files.data_folder() / "backups").write_text("in the way")
    with pytest.raises(ProjectError, match="no backup copy"):
        migrations.upgrade(connection, path, (*migrations.STEPS, add_mood))
    assert migrations.fingerprint(connection) == migrations.FINGERPRINTS[-1]


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("CREATE TRIGGER evil AFTER UPDATE ON bodies BEGIN DELETE FROM bodies; END", "the trigger “evil”"),
        ("CREATE VIEW evil AS SELECT 1", "the view “evil”"),
        ("CREATE TABLE evil (a)", "not those that Writer makes"),
        ("CREATE TABLE evil (a, b AS (a + 1))", "a generated column"),
        ("CREATE VIRTUAL TABLE evil USING fts5(a)", "the virtual table “evil”"),
        ("CREATE INDEX evil ON nodes (abs(words))", "not those that Writer makes"),
        ("ALTER TABLE nodes ADD COLUMN evil TEXT", "not those that Writer makes"),
        ("DROP INDEX nodes_in_order", "not those that Writer makes"),
        ("ALTER TABLE _sqlite_migrations ADD COLUMN evil CHECK (abs(evil) > 1)", "not one that Writer makes"),
        ("CREATE INDEX evil ON _sqlite_migrations (abs(id))", "not one that Writer makes"),
        ("PRAGMA user_version = 0", "not finished"),
    ],
)
def test_what_writer_did_not_make_is_refused_with_the_reason(connection: sqlite3.Connection, sql: str, reason: str):
    connection.execute(sql)
    with pytest.raises(ProjectError, match="is refused because") as error:
        migrations.refuse_foreign(connection, "a.writer")
    assert reason in str(error.value)


def test_statistics_are_no_reason(connection: sqlite3.Connection):
    insert_project(connection)
    connection.execute("INSERT INTO nodes VALUES (1, NULL, 1, '', '', 0, 0)")
    connection.execute("ANALYZE")
    migrations.refuse_foreign(connection, "a.writer")


def test_a_newer_file_is_read_as_long_as_it_has_what_is_read(connection: sqlite3.Connection):
    connection.execute("CREATE TABLE moods (id INTEGER PRIMARY KEY)")
    connection.execute("PRAGMA user_version = 99")
    migrations.refuse_foreign(connection, "a.writer")
    connection.execute("ALTER TABLE nodes RENAME COLUMN title TO name")
    with pytest.raises(ProjectError, match="newer version"):
        migrations.refuse_foreign(connection, "a.writer")
