"""Killed while backing up or restoring: the book is one or the other, whole, and the old backups stay."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from writer import backups
from writer.store import Store
from writer.story import Project

RESTORE = """
import sys
from pathlib import Path
from writer import backups
print(flush=True)
while True:
    for file in sys.argv[2:]:
        backups.restore(Path(file), Path(sys.argv[1]))
"""
MAKE = """
import sys
from pathlib import Path
from writer import backups
from writer.store import Store
print(flush=True)
while True:
    with Store.reader(Path(sys.argv[1])) as store:
        backups.make(store)
"""


def kill_after(seconds: float, script: str, *words: object) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", script, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        child.stdout.readline()
        time.sleep(seconds)
        assert child.poll() is None, child.stderr.read()
        child.kill()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "潮.writer"
    with Store.create(path, Project("The Tide", "", "en")) as store:
        store.add("Gulls", text="The gulls rose.\n" * 2000)
    return path


def test_killed_while_restoring(path: Path):
    with Store.open(path) as store:
        old = backups.make(store)
        store.save(1, "海鸥飞起来了。\n" * 2000)
        new = backups.make(store)
        texts = {"The gulls rose.\n" * 2000, "海鸥飞起来了。\n" * 2000}
    seed = random.Random(3)
    for _round in range(8):
        kill_after(seed.random() / 4, RESTORE, path, old.path, new.path)
        with Store.open(path) as store:
            assert store.scene(1).text in texts
        for backup in backups.of(path):
            backups.check(backup)


def test_killed_while_backing_up(path: Path):
    with Store.open(path) as store:
        first = backups.make(store)
        seed = random.Random(4)
        for number in range(8):
            kill_after(seed.random() / 4, MAKE, path)
            store.save(1, f"{number}")
        found = backups.of(path)
        assert found[-1] == first
        for backup in found:
            backups.check(backup)
        assert backups.make(store) == backups.of(path)[0]
