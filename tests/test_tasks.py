"""The queue of drafts: its order, how far each is, and prose that is kept together with that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from writer.errors import ProjectError
from writer.store import Store
from writer.store.tasks import read, written
from writer.story import Credit, Origin, Project, Task

ORIGIN = Origin("SmolLM2", "llamacpp", 7, "ab" * 32, 1_700_000_000)
TASK = Task(1, 900, "failed", ("One.", "二。"), 1, 340, 2, ("storm",), 7, "The disk is full.")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "潮.writer", Project("The Tide", "", "en")) as store:
        yield store


def test_the_queue_is_what_was_arranged_in_that_order(store: Store):
    ids = [store.add(f"Scene {n}") for n in range(3)]
    tasks = [Task(ids[2], 300), replace(TASK, node=ids[0])]
    store.tasks.arrange(tasks)
    assert store.tasks.all() == tasks
    assert [store.tasks.get(id) for id in ids] == [tasks[1], None, tasks[0]]
    store.tasks.arrange(tasks[::-1])
    assert store.tasks.all() == tasks[::-1]
    store.tasks.arrange([])
    assert store.tasks.all() == []


def test_of_two_queues_only_what_differs_is_brought_back(store: Store):
    a, b, c, d, e = (store.add(name) for name in "abcde")
    before = [Task(a, 100), Task(b, 200), Task(c, 300, beat=1)]
    after = [Task(a, 300), Task(c, 300, beat=1), Task(e, 50)]
    meanwhile = [Task(d, 10), Task(c, 300, beat=2), Task(a, 250), Task(e, 60)]
    store.tasks.arrange(meanwhile)
    store.tasks.bring(before, after)
    assert store.tasks.all() == [Task(d, 10), Task(c, 300, beat=2), Task(a, 100), Task(b, 200)]
    store.tasks.arrange(after)
    store.tasks.bring(before, after)
    assert store.tasks.all() == before
    store.tasks.bring(after, before)
    assert store.tasks.all() == after
    store.tasks.arrange([])
    store.tasks.bring(before, before)
    assert store.tasks.all() == []
    store.tasks.bring(before, before, [c, d])
    assert store.tasks.all() == [Task(c, 300, beat=1)]


def test_what_is_kept_of_a_task_is_there_after_closing(store: Store):
    scene = store.add("Gulls")
    store.tasks.arrange([Task(scene, 900)])
    store.tasks.keep(replace(TASK, node=scene))
    store.close()
    with Store.open(store.path) as again:
        assert again.tasks.all() == [replace(TASK, node=scene)]


def test_what_was_taken_out_of_the_queue_does_not_come_back(store: Store):
    scene = store.add("Gulls")
    task = Task(scene, 900)
    store.tasks.arrange([])
    store.tasks.keep(task)
    assert store.tasks.all() == []
    assert store.tasks.advance(task, "The gulls rose.").text == "The gulls rose."
    assert store.tasks.all() == []


def test_prose_and_progress_are_kept_together_or_not_at_all(store: Store):
    scene = store.add("Gulls")
    task = Task(scene, 900)
    store.tasks.arrange([task])
    further = replace(task, state="writing", beat=1, written=3)
    kept = store.tasks.advance(further, "The gulls rose.", (Credit(0, 15, ORIGIN),))
    assert (kept.text, kept.revision, kept.credits) == ("The gulls rose.", 2, (Credit(0, 15, ORIGIN),))
    assert store.tasks.all() == [further]
    pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
    store._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(ProjectError, match="disk is full"):
        store.tasks.advance(replace(further, beat=2), kept.text + "潮" * 100_000)
    store._connection.execute(f"PRAGMA max_page_count = {pages + 1000}")
    assert store.scene(scene) == kept
    assert store.tasks.all() == [further]
    with pytest.raises(ProjectError, match="has no scene 99"):
        store.tasks.advance(replace(further, node=99), "Lost.")


def test_a_queue_is_no_change_of_the_book(store: Store):
    scene = store.add("Gulls")
    before = store.digest()
    store.tasks.arrange([Task(scene, 100)])
    assert store.digest() == before


def test_a_task_goes_through_json():
    assert read(1, written(TASK)) == TASK
    assert read(5, '{"words": 100, "colour": "red"}') == Task(5, 100)


@pytest.mark.parametrize(
    "value",
    ["", "[", "[]", "7", "{}", "[" * 100_000, '{"words": "9"}', '{"words": true}', '{"words": 9, "state": "asleep"}',
     '{"words": 9, "state": 1}', '{"words": 9, "beats": "One."}', '{"words": 9, "missed": [1]}',
     '{"words": 9, "beat": 0.5}'],
)  # fmt: skip
def test_what_is_no_task_is_left_out(store: Store, value: str):
    assert read(1, value) is None
    one, other = store.add("One"), store.add("Other")
    store.tasks.arrange([Task(one, 1), Task(other, 2)])
    with store.transaction() as connection:
        connection.execute("UPDATE tasks SET value = ? WHERE node = ?", [value, one])
    assert store.tasks.all() == [Task(other, 2)]
    store.tasks.keep(Task(one, 3))
    assert store.tasks.all() == [Task(one, 3), Task(other, 2)]


def test_what_a_draft_adds_keeps_no_version_of_what_it_goes_on_from(store: Store):
    scene = store.add("Gulls", text="The gulls rose.\n")
    task = Task(scene, 900)
    store.tasks.arrange([task])
    text = "The gulls rose.\n"
    for _passage in range(4):
        text += "They flew over the harbour and came back.\n" * 30
        store.tasks.advance(task, text)
    assert len(store.revisions.of(scene)) == 1
    store.tasks.advance(task, "Nothing is left.")
    assert store.revisions.read(store.revisions.of(scene)[0].id).text == text
