"""SQLite's own locks on a book, which this process loses if anything but SQLite closes the file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from writer import backups
from writer.errors import DamagedError, ProjectError
from writer.store import Store
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


def test_a_book_with_two_names_has_no_two_writers(tmp_path: Path):
    path, alias = tmp_path / "book.writer", tmp_path / "alias.writer"
    with Store.create(path, Project("The Tide", "", "en")) as store:
        scene = store.add("Gulls", text="The gulls rose.")
        os.link(path, alias)
        with Store.open(alias) as other:
            assert "second name on this disk" in other.why_read_only
            with pytest.raises(ProjectError, match="Save as"):
                other.save(scene, "From the other window.")
            other.save_as(tmp_path / "copy.writer")
        assert store.save(scene, "Still the only writer.").revision == 2
    alias.unlink()
    for whole in (path, tmp_path / "copy.writer"):
        with Store.open(whole) as store:
            assert not store.read_only
