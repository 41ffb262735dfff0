"""What may happen to plans and to the queue of drafts: no word is lost, none is written twice, damage is told."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.test_disk import fill, small_disk  # noqa: F401
from writer.errors import ProjectError
from writer.store import Store
from writer.store.check import check
from writer.store.plans import BOOK
from writer.store.salvage import salvage
from writer.story import Entry, Plan, Project, Task

NOTES = "The witness said: “The light was out at nine.” 证人说：“九点灯就灭了。”"
PLAN = Plan("She waits.", NOTES, "draft", 900, ("Mara",), ("She waits.", "He comes."), ("storm",), "SmolLM2")

ADVANCE = """
import sys
from dataclasses import replace
from pathlib import Path
from writer.store import Store

with Store.open(Path(sys.argv[1])) as store:
    for _ in range(10_000):
        task = store.tasks.all()[0]
        text = store.scene(task.node).text
        further = replace(task, state="writing", beat=task.beat + 1, written=task.written + 2)
        store.tasks.advance(further, text + f"Step {task.beat}.\\n")
        print(task.beat + 1, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is of POSIX")
def test_killed_while_drafting_no_step_is_lost_and_none_comes_twice(tmp_path: Path):
    path = tmp_path / "潮.writer"
    with Store.create(path, Project("The Tide", "", "en")) as store:
        scene = store.add("Gulls")
        store.plans.put_all({scene: PLAN, BOOK: PLAN})
        store.tasks.arrange([Task(scene, 900)])
    generator = random.Random(7)
    for _ in range(10):
        with subprocess.Popen([sys.executable, "-c", ADVANCE, str(path)], stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            told = [int(child.stdout.readline()) for _ in range(generator.randint(1, 6))]
            child.send_signal(signal.SIGKILL)
            told += [int(line) for line in child.stdout.read().splitlines()]
        with Store.open(path) as store:
            task = store.tasks.all()[0]
            assert task.beat >= told[-1]
            assert store.scene(scene).text == "".join(f"Step {n}.\n" for n in range(task.beat))
            assert task.written == 2 * task.beat
            assert store.plans.get(scene) == PLAN
            assert store.plans.get(BOOK).notes == NOTES
    assert list(check(path)) == []


def test_a_full_disk_keeps_the_plans_and_the_step(small_disk: Path):  # noqa: F811
    path = small_disk / "book.writer"
    with Store.create(path, Project("The Tide", "", "en")) as store:
        scene = store.add("Gulls", text="The gulls rose.")
        store.plans.put(scene, PLAN)
        store.tasks.arrange([Task(scene, 900)])
        before = store.scene(scene), store.arrangement(), store.tasks.all()
        filler = fill(small_disk)
        longer = "".join(chr(random.Random(3).randrange(0x4E00, 0x9000)) for _ in range(200_000))
        for write in (
            lambda: store.plans.put(scene, replace(PLAN, notes=longer)),
            lambda: store.tasks.advance(Task(scene, 900, beat=1), longer),
            lambda: store.tasks.arrange([Task(scene, 900, beats=(longer,))]),
        ):
            with pytest.raises(ProjectError, match="disk is full"):
                write()
        assert (store.scene(scene), store.arrangement(), store.tasks.all()) == before
        filler.unlink()
        store.plans.put(scene, replace(PLAN, notes=longer[:1000]))
    assert list(check(path)) == []


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A closed project with plans, an entry and a queue."""
    path = tmp_path / "潮.writer"
    with Store.create(path, Project("The Tide", "", "en")) as store:
        scene = store.add("Gulls", text="The gulls rose over the harbour.")
        other = store.add("Fog", text="The fog came.")
        store.plans.put_all({scene: PLAN, other: replace(PLAN, notes="海图在抽屉里。"), BOOK: Plan(notes="sources")})
        store.entries.put(Entry("Mara", text="She lies."))
        store.tasks.arrange([Task(other, 300), Task(scene, 500, beats=("She waits.",))])
    return path


def test_a_flipped_bit_in_a_plan_is_told_and_costs_that_plan_alone(path: Path, tmp_path: Path):
    content = bytearray(path.read_bytes())
    content[content.index("海图".encode()) + 1] ^= 1
    path.write_bytes(content)
    assert [(problem.where, problem.spares_text) for problem in check(path)] == [("Fog", False)]
    with Store.open(path) as store:
        assert store.plans.get(1) == PLAN
        assert store.scene(2).text == "The fog came."
    salvage(path, tmp_path / "new.writer")
    with Store.open(tmp_path / "new.writer") as store:
        assert store.plans.get(1) == PLAN
        assert store.plans.get(2) == Plan("She waits.")
        assert store.plans.get(BOOK).notes == "sources"
        assert [task.node for task in store.tasks.all()] == [2, 1]


def test_without_the_schema_plans_and_entries_are_told_apart(path: Path, tmp_path: Path):
    with Store.reader(path) as store:
        plans, entries, tasks = store.plans.all(), store.entries.all(), store.tasks.all()
    content = path.read_bytes()
    path.write_bytes(bytes(4096) + content[4096:])
    salvage(path, tmp_path / "new.writer")
    with Store.open(tmp_path / "new.writer") as store:
        assert (store.plans.all(), store.entries.all(), store.tasks.all()) == (plans, entries, tasks)


def test_notes_whose_scene_is_lost_get_a_place(path: Path, tmp_path: Path):
    import sqlite3

    connection = sqlite3.connect(path)
    connection.executescript("DELETE FROM bodies WHERE node = 1; DELETE FROM nodes WHERE id = 1")
    connection.close()
    found = salvage(path, tmp_path / "new.writer")
    assert found.homeless == ("The witness said: “The light was out at…",)
    with Store.open(tmp_path / "new.writer") as store:
        assert store.plans.get(1) == replace(PLAN, synopsis="")
        assert [node.title for node in store.nodes()] == ["Fog", "Recovered", found.homeless[0]]


def test_any_garbled_bytes_are_no_crash(path: Path, tmp_path: Path):
    whole = path.read_bytes()
    for seed in range(60):
        generator = random.Random(seed)
        garbled = bytearray(whole)
        start = generator.randrange(len(whole))
        garbled[start : start + 16] = generator.randbytes(16)[: len(whole) - start]
        path.write_bytes(garbled)
        list(check(path))
        try:
            with Store.open(path) as store:
                store.plans.all()
                store.tasks.all()
                now = store.arrangement()
                store.arrange(now)
                assert store.arrangement() == now
        except ProjectError:
            continue
