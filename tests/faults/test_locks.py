"""SQLite's own locks on a book, which this process loses if anything but SQLite closes the file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from writer import backups
from writer.errors import DamagedError
from writer.store import Store, copies
from writer.store.check import check
from writer.story import Project

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX locks")

READ_BY_ANOTHER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
connection.close()
"""


@pytest.mark.parametrize("what", ["restored from", "damaged"])
def test_nothing_drops_the_locks_of_an_open_book(tmp_path: Path, what: str):
    """Without them, the next program that reads the book deletes its log, and what is saved then is gone."""
    path = tmp_path / "book.writer"
    with Store.create(path, Project("The Tide", "", "en")) as store:
        scene = store.add("Gulls", text="In the log.")
        if what == "damaged":
            store.ask(lambda connection: connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
            subprocess.run(
                [sys.executable, "-c", "import sys; f = open(sys.argv[1], 'r+b'); f.seek(68); f.write(b'XXXX')", path],
                check=True,
            )
            with pytest.raises(DamagedError):
                Store.reader(path)
            assert [problem.where for problem in check(path)] == [path.name]
            store.save(scene, "In the log again.")
        else:
            backups.restore(path, tmp_path / "copy.writer")
        subprocess.run([sys.executable, "-c", READ_BY_ANOTHER, path], check=True)
        assert path.with_name(f"{path.name}-wal").exists()


OPEN_AND_SAVE = """
import sys
from pathlib import Path
from writer.errors import ProjectError
from writer.store import Store

with Store.open(Path(sys.argv[1])) as store:
    try:
        store.save(1, "From the other window.")
    except ProjectError as error:
        print(error)
"""


def test_a_book_with_two_names_has_no_two_writers(tmp_path: Path):
    path, alias = tmp_path / "book.writer", tmp_path / "alias.writer"
    with Store.create(path, Project("The Tide", "", "en")) as store:
        scene = store.add("Gulls", text="The gulls rose.")
        store.ask(lambda connection: connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
        os.link(path, alias)
        other = subprocess.run(
            [sys.executable, "-c", OPEN_AND_SAVE, alias], capture_output=True, text=True, encoding="utf-8", check=True
        )
        assert "second name on this disk" in other.stdout
        assert store.save(scene, "Still the only writer.").revision == 2
    with Store.open(alias) as store:
        assert store.read_only
        copies.save_as(store, tmp_path / "copy.writer")
    alias.unlink()
    for whole in (path, tmp_path / "copy.writer"):
        with Store.open(whole) as store:
            assert not store.read_only
            assert store.scene(scene).text == "Still the only writer."
