"""What is planned for each node is kept, word for word, as safely as the text."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from writer import migrations
from writer.errors import ProjectError
from writer.store import Store, copies
from writer.store.plans import BOOK, MOST_WORDS, read, written
from writer.story import STATUSES, Plan
from writer.text import clean

PLAN = Plan(
    "She waits.", "See 地图.\nTwo lines.", "draft", 900, ("Mara", "陈默"), ("One.", "二。"), ("storm",), "SmolLM2"
)
LISTS = st.lists(st.text(max_size=30), max_size=4).map(tuple)
PLANS = st.builds(
    Plan, st.text(max_size=50), st.text(max_size=50), st.sampled_from(["", *STATUSES]), st.integers(0, MOST_WORDS),
    LISTS, LISTS, LISTS, st.text(max_size=9),
)  # fmt: skip


def test_what_is_planned_is_there_after_closing(store: Store, path: Path):
    scene = store.add("Gulls", text="The gulls rose.", synopsis="Before.")
    bare = store.add("Bare", synopsis="Only this.")
    assert store.plans.all() == {scene: Plan("Before."), bare: Plan("Only this.")}
    store.plans.put_all({scene: PLAN, BOOK: replace(PLAN, status="", target_words=80_000)})
    store.close()
    with Store.open(path) as again:
        assert again.plans.get(scene) == PLAN
        assert again.plans.get(BOOK).target_words == 80_000
        assert again.plans.get(BOOK).synopsis == PLAN.synopsis
        assert again.plans.all() == {BOOK: again.plans.get(BOOK), scene: PLAN, bare: Plan("Only this.")}
        assert again.nodes()[0].synopsis == "She waits."
        assert again.scene(scene).revision == 1
        assert again.plans.get(bare + 1) == Plan()


def test_an_empty_plan_takes_no_room(store: Store):
    scene = store.add("Gulls")
    store.plans.put(scene, PLAN)
    store.plans.put(scene, Plan("Only a synopsis."))
    assert store.ask(lambda now: now.execute("SELECT count(*) FROM plans").fetchone()) == (0,)
    store.plans.put(scene, Plan())
    assert store.plans.all() == {}


def test_what_cannot_be_planned_is_a_sentence_and_changes_nothing(store: Store):
    scene = store.add("Gulls")
    store.plans.put(scene, PLAN)
    for target in (-1, MOST_WORDS + 1, 10_000_000):
        with pytest.raises(ProjectError, match="can't be met; choose one between 1 and 5,000,000"):
            store.plans.put_all({scene: Plan(), BOOK: Plan(target_words=target)})
    with pytest.raises(ProjectError, match="not there any more"):
        store.plans.put_all({scene: Plan(), 99: PLAN})
    with pytest.raises(ValueError, match="no status"):
        store.plans.put(scene, Plan(status="finished"))
    assert store.plans.all() == {scene: PLAN}


def test_the_bin_gives_a_plan_back(store: Store):
    scene = store.add("Gulls")
    store.plans.put(scene, PLAN)
    store.remove(scene)
    assert store.plans.all() == {scene: PLAN}
    store.restore(scene)
    assert store.plans.get(scene) == PLAN


@settings(max_examples=60)
@given(PLANS)
def test_any_plan_comes_back(plan: Plan):
    cleaned = replace(
        plan,
        **{name: clean(getattr(plan, name)) for name in ("synopsis", "notes", "made_by")},
        **{name: tuple(map(clean, getattr(plan, name))) for name in ("cast", "beats", "events")},
    )
    assert read(written(plan)) == cleaned


@pytest.mark.parametrize(
    "value",
    ["", "[", "[]", "7", "null", '"a"', "[" * 100_000, '{"notes": 7}', '{"cast": "Mara"}', '{"beats": [1]}',
     '{"target_words": "9"}', '{"target_words": true}', '{"target_words": 1.5}'],
)  # fmt: skip
def test_what_is_no_plan_is_none(store: Store, value: str):
    assert read(value) is None
    scene = store.add("Gulls", synopsis="Kept.")
    with store.transaction() as connection:
        connection.execute("INSERT INTO plans VALUES (?, x'00', ?), (0, x'00', ?)", [scene, value, value])
    assert store.plans.get(scene) == store.plans.all()[scene] == Plan("Kept.")
    assert store.plans.get(BOOK) == Plan()
    store.plans.put(scene, PLAN)
    assert store.plans.get(scene) == PLAN


def test_what_another_version_says_more_or_too_much_is_put_right():
    assert read('{"notes": "n", "colour": "red", "status": "final", "target_words": -5}') == Plan(notes="n")
    assert read(json.dumps({"target_words": 10**30})) == Plan(target_words=MOST_WORDS)


def test_the_digest_tells_a_plan_but_not_a_queue(store: Store):
    scene = store.add("Gulls")
    seen = {store.digest()}
    for change in ({scene: Plan(notes="a")}, {scene: Plan(events=("b",))}, {BOOK: Plan(target_words=5)}):
        store.plans.put_all(change)
        seen.add(store.digest())
    assert len(seen) == 4


def test_a_copy_has_all_plans(store: Store, path: Path):
    scene = store.add("Gulls")
    store.plans.put_all({scene: PLAN, BOOK: PLAN})
    copy, other = path.with_name("copy.writer"), path.with_name("other.writer")
    copies.copy_to(store, copy)
    copies.save_as(store, other)
    for file in (copy, other):
        with Store.open(file) as again:
            assert again.plans.all() == store.plans.all()


def test_a_reader_sees_plans_beside_the_writer(store: Store, path: Path):
    scene = store.add("Gulls")
    with Store.reader(path) as reader:
        assert reader.plans.get(scene) == Plan()
        store.plans.put(scene, PLAN)
        assert reader.plans.get(scene) == PLAN
        with pytest.raises(ProjectError):
            reader.plans.put(scene, Plan())


def test_a_file_from_before_there_were_plans_is_read_and_brought_up_to_date(path: Path):
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA application_id = {migrations.APPLICATION_ID}")
    migrations.upgrade(connection, path, migrations.STEPS[:3])
    connection.execute("INSERT INTO project VALUES (1, 'Old', '', 'zh')")
    connection.execute("INSERT INTO nodes VALUES (1, NULL, 0, '海鸥', '海鸥飞起来。', 0, 0)")
    connection.execute("INSERT INTO bodies VALUES (1, 1, ?, '')", [b"\0"])
    connection.close()
    with Store.open(path, read_only=True) as reader:
        assert reader.plans.all() == {1: Plan("海鸥飞起来。")}
        assert reader.plans.get(1) == Plan("海鸥飞起来。")
        assert (reader.plans.get(BOOK), reader.tasks.all()) == (Plan(), [])
        assert reader.arrangement().plans == {1: Plan("海鸥飞起来。")}
    with Store.open(path) as store:
        store.plans.put(1, PLAN)
        assert store.plans.all() == {1: PLAN}
