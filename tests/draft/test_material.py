"""An article is made of the author's notes: each is told once, where it belongs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.draft.teller import Teller
from writer.draft import material
from writer.draft.scene import Desk, expand
from writer.repetition import Said
from writer.settings import Settings
from writer.store import Store, kind
from writer.story import Plan, Project, Task


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "古树.writer", Project("古树", "少了四十一棵古树。", "zh")) as store:
        lead = store.add("导语")  # 1
        numbers = store.add("数字")  # 2
        store.add("枯死", numbers)  # 3
        store.add("被盗", numbers)  # 4
        store.plans.put(0, Plan(notes="- 甲一。\n- 甲二。\n- 甲三。\n- 甲四。"))
        store.plans.put(numbers, Plan(notes="乙一。\n乙二。"))
        store.plans.put(lead, Plan(notes="丙一。"))
        kind.put(store, kind.ARTICLE)
        yield store


def test_each_note_is_told_once_the_nearest_first(store: Store) -> None:
    assert material.due(store, 1) == ("丙一。", "甲一。", "甲二。")
    assert material.due(store, 3) == ("乙一。", "甲三。")
    assert material.due(store, 4) == ("乙二。", "甲四。")


def test_where_there_are_few_notes_the_first_scenes_have_them(store: Store) -> None:
    store.plans.put(0, Plan(notes="甲一。"))
    store.plans.put(2, Plan())
    assert [material.due(store, scene) for scene in (1, 3, 4)] == [("丙一。", "甲一。"), (), ()]


def test_the_empty_scene_of_a_new_book_takes_no_note(store: Store) -> None:
    store.add("Scene 1")
    assert material.due(store, 4) == ("乙二。", "甲四。")


def test_a_story_is_not_made_of_notes(store: Store) -> None:
    kind.put(store, kind.STORY)
    assert material.due(store, 1) == ()


def test_a_scene_of_an_article_is_written_note_by_note(store: Store) -> None:
    desk = Desk(
        store, Teller(), Settings(), lambda change: change(store), lambda one: one.into(store), Said()
    )  # fmt: skip
    task = Task(3, 120)
    store.tasks.arrange([task])
    work = expand(task, desk)
    while not store.tasks.all()[0].beats:
        next(work)
    work.close()
    assert store.tasks.all()[0].beats == ("乙一。", "甲三。")


@pytest.mark.parametrize(("made_by", "beats"), [("", ("先写树。", "再写人。")), ("Gemma 3 270M", ("乙一。", "甲三。"))])
def test_only_the_authors_own_steps_come_before_notes(store: Store, made_by: str, beats: tuple[str, ...]) -> None:
    store.plans.put(3, Plan(beats=("先写树。", "再写人。"), made_by=made_by))
    desk = Desk(
        store, Teller(), Settings(), lambda change: change(store), lambda one: one.into(store), Said()
    )  # fmt: skip
    task = Task(3, 120)
    store.tasks.arrange([task])
    work = expand(task, desk)
    while not store.tasks.all()[0].beats:
        next(work)
    work.close()
    assert store.tasks.all()[0].beats == beats
