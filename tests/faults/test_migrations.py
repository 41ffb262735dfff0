"""kill -9 while an older file is brought up to date: it is one version or the other, whole, with a copy of the old."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks and SIGKILL are of POSIX")

KILL_AT_EACH_CALL = """
import os, signal, sqlite3, sys
from pathlib import Path
from writer import migrations
from writer.settings import backups_folder
from writer.store import Store
from writer.store.check import check
import sqlite_utils

folder = Path(sys.argv[1])
path = folder / "book.writer"
connect = sqlite3.connect

def make_old():
    for file in folder.iterdir():
        file.unlink()
    connection = connect(path, isolation_level=None)
    connection.execute(f"PRAGMA application_id = {migrations.APPLICATION_ID}")
    migrations.upgrade(connection, path, migrations.STEPS[:1])
    connection.execute("INSERT INTO project VALUES (1, 'Old', '', 'en')")
    connection.close()

def open_and_die(at):
    calls = 0
    class Connection(sqlite3.Connection):
        def execute(self, *values):
            nonlocal calls
            calls += 1
            if calls == at:
                os.kill(os.getpid(), signal.SIGKILL)
            return super().execute(*values)
    sqlite3.connect = lambda *values, **options: connect(*values, factory=Connection, **options)
    Store.open(path)
    os._exit(0)

def version_of(file):
    reader = connect(file)
    version = migrations.version(reader)
    assert migrations.fingerprint(reader) == migrations.FINGERPRINTS[version]
    assert reader.execute("SELECT title FROM project").fetchall() == [("Old",)]
    reader.close()
    return version

make_old()
old = path.read_bytes()
seen = dict.fromkeys(range(1, migrations.VERSION + 1), 0)
at = 0
while True:
    at += 1
    path.write_bytes(old)
    for copy in backups_folder(path).glob("*"):
        copy.unlink()
    child = os.fork()
    if not child:
        open_and_die(at)
    if os.waitpid(child, 0)[1] == 0:
        break
    version = version_of(path)
    seen[version] += 1
    copies = {version_of(copy) for copy in backups_folder(path).glob("*.writer")}
    assert copies >= set(range(1, version))
    with Store.open(path) as store:
        assert store.project.title == "Old"
    assert list(check(path)) == []
    assert list(folder.iterdir()) == [path]
print(*seen.values())
"""


def test_killed_at_each_call_of_bringing_a_file_up_to_date(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-c", KILL_AT_EACH_CALL, str(tmp_path)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    before, *between, after = map(int, done.stdout.split())
    assert before > 10
    assert all(number > 10 for number in between)
    assert after > 3
