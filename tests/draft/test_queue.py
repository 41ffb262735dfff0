"""Which scenes wait, and how many words each is to have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from writer import outline
from writer.draft import queue
from writer.draft.queue import Growth, Outline, apportioned
from writer.errors import ProjectError, UsageError
from writer.store import Store
from writer.store.plans import BOOK
from writer.story import Plan, Project, Task

PREMISE = "A keeper finds a letter that was never sent."


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "潮.writer", Project("The Tide", PREMISE, "en")) as store:
        yield store


def book(store: Store) -> list[int]:
    """Two chapters of three scenes; the second scene is written."""
    scenes = []
    for chapter in ("One", "Two"):
        parent = store.add(chapter)
        scenes += [store.add(f"{chapter} {number}", parent) for number in range(3)]
    store.save(scenes[1], "The gulls rose. " * 100)
    return scenes


def arranged(store: Store, nodes: list[int] | None = None, words: int | None = None) -> tuple[list[Task], list[int]]:
    return queue.arranged(Outline.of(store), store.tasks.all(), nodes, words, 1)


def test_the_scenes_without_text_wait_in_story_order(store: Store):
    scenes = book(store)
    tasks, chosen = arranged(store)
    assert chosen == [task.node for task in tasks] == [scene for scene in scenes if scene != scenes[1]]
    assert {task.words for task in tasks} == {1000}


def test_what_all_are_to_have_counts_what_is_written(store: Store):
    book(store)
    tasks, _chosen = arranged(store, words=5300)
    assert [task.words for task in tasks] == [1000] * 5


def test_a_target_of_a_scene_or_a_chapter_is_kept_in_proportion(store: Store):
    scenes = book(store)
    store.plans.put(scenes[0], Plan(target_words=400))
    store.plans.put(store.nodes()[4].id, Plan(target_words=6000))
    tasks, _chosen = arranged(store)
    assert [task.words for task in tasks] == [400, 1000, 2000, 2000, 2000]
    tasks, _chosen = arranged(store, words=300 + 3700)
    assert [task.words for task in tasks] == [200, 500, 1000, 1000, 1000]


def test_the_target_of_the_book_is_shared(store: Store):
    book(store)
    store.plans.put(BOOK, Plan(target_words=12_000))
    assert {task.words for task in arranged(store)[0]} == {2000}


def test_a_chapter_can_be_drafted_alone(store: Store):
    scenes = book(store)
    tasks, chosen = arranged(store, [store.nodes()[4].id], 900)
    assert chosen == scenes[3:]
    assert [task.words for task in tasks] == [300] * 3


def test_what_waits_is_gone_on_with_whatever_is_asked(store: Store):
    scenes = book(store)
    half = Task(scenes[3], 700, "writing", ("a", "b"), 1, 300, seed=9)
    store.tasks.arrange([half, Task(scenes[0], 500, "failed", problem="no")])
    assert arranged(store) == ([half, Task(scenes[0], 500)], [scenes[3], scenes[0]])
    tasks, chosen = arranged(store, [scenes[5]], 800)
    assert chosen == [scenes[5]]
    assert tasks == [Task(scenes[5], 800), half, Task(scenes[0], 500)]
    again, _chosen = arranged(store, words=5300)
    assert next(task for task in again if task.node == scenes[3]) == half


def test_what_is_done_stays_until_the_rest_is_and_what_is_gone_leaves_the_queue(store: Store):
    scenes = book(store)
    done, half = Task(scenes[1], 300, "done"), Task(scenes[0], 500)
    store.tasks.arrange([done, half, Task(999, 500)])
    assert arranged(store) == ([done, half], [scenes[1], scenes[0]])
    store.tasks.arrange([done, replace(half, state="done")])
    assert done not in arranged(store)[0]
    store.remove(scenes[0])
    assert scenes[0] not in arranged(store)[1]


def test_a_scene_that_has_its_words_is_refused(store: Store):
    scenes = book(store)
    with pytest.raises(UsageError, match="“One 1” has 300 words already"):
        arranged(store, [scenes[1]], 300)
    tasks, _chosen = arranged(store, [scenes[1]], 900)
    assert tasks == [Task(scenes[1], 900)]


@pytest.mark.parametrize("words", [0, -1, 10_000_000])
def test_no_draft_has_no_words_or_ten_million(words: int):
    with pytest.raises(UsageError, match="can't be met"):
        queue.refuse(words)


def test_too_few_words_for_so_many_scenes_are_refused(store: Store):
    book(store)
    with pytest.raises(UsageError, match="ask for at least 475"):
        arranged(store, words=310)


def test_a_node_that_is_gone_is_refused(store: Store):
    with pytest.raises(ProjectError, match="not there any more"):
        arranged(store, [12])


def test_a_book_without_an_outline_must_grow_one(store: Store):
    def found(words: int | None = None) -> list[Growth]:
        return queue.growing(Outline.of(store), None, words)

    assert found(300) == [Growth(None, 1, 1)]
    assert found(4000) == [Growth(None, 1, 4)]
    assert found(20_000) == [Growth(None, 2, 4)]
    assert found(100_000) == [Growth(None, 2, 10)]
    assert found(400_000) == [Growth(None, 3, 7)]
    longest = found(queue.MOST_PLANNED)[0]
    assert longest.levels <= outline.MOST_LEVELS
    assert sum(longest.children**level for level in range(1, longest.levels + 1)) <= outline.MOST_NODES
    with pytest.raises(UsageError, match="planned at once"):
        found(queue.MOST_PLANNED + 1)
    store.add("Scene 1")
    assert found(300) == []
    assert found(4000) == [Growth(None, 1, 5)]


def test_a_scene_that_is_to_be_far_too_long_is_divided(store: Store):
    scenes = book(store)
    store.plans.put(scenes[0], Plan(target_words=9000))
    store.plans.put(scenes[3], Plan(target_words=9000, beats=("She rows out.",)))
    assert queue.growing(Outline.of(store), None, None) == [Growth(scenes[0], 1, 9)]
    assert queue.growing(Outline.of(store), [scenes[4]], 300) == []


def test_the_empty_scene_of_a_new_book_is_left_alone_beside_others(store: Store):
    store.add("Scene 1")
    other = store.add("The letter")
    assert arranged(store)[1] == [other]


def test_a_book_about_nothing_is_refused(tmp_path: Path):
    with Store.create(tmp_path / "empty.writer", Project("Empty", " ", "en")) as store:
        store.add("Scene 1")
        with pytest.raises(UsageError, match="no premise yet"):
            queue.refuse_blank(Outline.of(store))
        store.rename(1, "The letter")
        queue.refuse_blank(Outline.of(store))


@given(st.integers(0, 100_000), st.lists(st.integers(1, 5000), min_size=1, max_size=50))
def test_words_are_divided_to_the_word(words: int, weights: list[int]):
    parts = apportioned(words, weights)
    assert sum(parts) == words
    assert all(abs(part - words * weight / sum(weights)) < 1.01 for part, weight in zip(parts, weights, strict=True))


def test_a_failed_scene_goes_on_at_its_step(store: Store):
    scenes = book(store)
    failed = Task(scenes[0], 500, "failed", ("a", "b"), 1, 200, problem="The model stopped.")
    store.tasks.arrange([failed])
    assert arranged(store)[0] == [replace(failed, state="writing", problem="")]
