from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from writer import migrations
from writer.errors import ProjectError
from writer.store import Store, revisions
from writer.story import Credit, Origin, Project

ORIGIN = Origin("SmolLM2", "llamacpp", 7, "ab" * 32, 1_700_000_000)
DAY = 24 * 3600


class Clock:
    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(revisions.time, "time", clock.time)
    return clock


def texts(store: Store, scene: int) -> list[str]:
    return [store.revisions.read(revision.id).text for revision in store.revisions.of(scene)]


def test_a_scene_is_kept_before_it_changes_and_then_now_and_again(store: Store, clock: Clock):
    scene = store.add("Gulls", text="The gulls rose.")
    for number in range(10):
        store.save(scene, f"The gulls rose. {number}")
        clock.now += 60
    assert texts(store, scene) == ["The gulls rose."]
    clock.now += 300
    store.save(scene, "They were gone.")
    assert texts(store, scene) == ["The gulls rose. 9", "The gulls rose."]
    assert [revision.reason for revision in store.revisions.of(scene)] == ["earlier", "earlier"]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "",
        lambda text: text + "\nOne.\nTwo.",
        lambda text: text + "x" * 400,
        lambda text: text + "雾" * 120,
        lambda text: "雾散了。\n\n" * 5,
        lambda text: text[:5],
    ],
)
def test_a_change_longer_than_a_paragraph_keeps_what_was_there(store: Store, change):
    before = "The gulls rose over the harbour.\n" * 20
    scene = store.add("Gulls", text="x")
    store.save(scene, "xy")
    store.save(scene, before)
    assert len(texts(store, scene)) == 2
    store.save(scene, change(before))
    newest = store.revisions.of(scene)[0]
    assert (newest.reason, store.revisions.read(newest.id).text) == ("change", before)


def test_typing_within_a_paragraph_keeps_none(store: Store):
    scene = store.add("Gulls", text="The gulls")
    for word in ["rose", "over\n", "the\n\n", "harbour"]:
        store.save(scene, f"{store.scene(scene).text} {word}")
    assert len(texts(store, scene)) == 1
    store.save(scene, "")
    store.save(scene, "anew")
    assert len(texts(store, scene)) == 1 + 1, "an empty scene is nothing to keep"


def test_bringing_back_is_undone_by_bringing_back(store: Store):
    scene = store.add("Gulls", text="海鸥飞起来了。")
    kept = store.revisions.keep(scene, "snapshot", "The first night")
    assert (kept.name, kept.words, kept.scene) == ("The first night", 6, scene)
    store.save(scene, "Gone.", (Credit(0, 4, ORIGIN),))
    assert store.revisions.restore(kept.id).text == "海鸥飞起来了。"
    assert store.scene(scene).credits == ()
    newest = store.revisions.of(scene)[0]
    assert newest.reason == "restore"
    again = store.revisions.restore(newest.id)
    assert (again.text, again.credits) == ("Gone.", (Credit(0, 4, ORIGIN),))


def test_the_same_text_is_kept_once_but_always_under_a_name(store: Store):
    scene = store.add("Gulls", text="The gulls rose.")
    assert store.revisions.keep(scene, "generated") is not None
    assert store.revisions.keep(scene, "generated") is None
    assert store.revisions.keep(scene, "snapshot", "Draft") is not None
    assert len(store.revisions.of(scene)) == 2


def test_old_ones_get_fewer_but_named_ones_stay(store: Store, clock: Clock):
    scene = store.add("Gulls", text="The gulls rose.")
    named = store.revisions.keep(scene, "snapshot", "Draft")
    for day in range(60):
        for hour in range(8):
            clock.now += 3600
            store.save(scene, f"day {day} hour {hour}")
        clock.now += 16 * 3600
    found = store.revisions.of(scene)
    assert named in found
    assert 30 < len(found) < 60
    assert texts(store, scene)[0] == "day 59 hour 6"
    assert [revision.id for revision in found] == sorted((r.id for r in found), reverse=True)


@pytest.mark.parametrize("jump", [-400 * DAY, 400 * DAY])
def test_a_clock_that_jumps_reorders_and_drops_nothing_new(store: Store, clock: Clock, jump: int):
    scene = store.add("Gulls", text="0")
    for number in range(1, 6):
        clock.now += 700
        store.save(scene, str(number))
    clock.now += jump
    for number in range(6, 9):
        clock.now += 700
        store.save(scene, str(number))
    kept = texts(store, scene)
    assert kept[:3] == ["7", "6", "5"]
    assert kept == sorted(kept, reverse=True)


def test_what_was_damaged_on_the_disk_is_told_and_the_newest_good_one_found(store: Store, path: Path):
    scene = store.add("Gulls", text="one")
    good = store.revisions.keep(scene, "snapshot", "good")
    store.save(scene, "two")
    bad = store.revisions.keep(scene, "snapshot", "bad")
    with store.transaction() as connection:
        connection.execute("UPDATE revisions SET body = x'00' WHERE id = ?", [bad.id])
    with pytest.raises(ProjectError, match="was damaged on the disk"):
        store.revisions.read(bad.id)
    assert store.revisions.newest_good(scene) == good
    with pytest.raises(ProjectError, match="choose another"):
        store.revisions.read(99)
    assert store.revisions.newest_good(store.add("New")) is None


def test_a_bomb_in_a_revision_is_damage(store: Store, monkeypatch: pytest.MonkeyPatch):
    scene = store.add("Gulls", text="x" * 10_000)
    kept = store.revisions.keep(scene, "snapshot")
    monkeypatch.setattr(revisions, "_LARGEST_TEXT", 5000)
    with pytest.raises(ProjectError, match="was damaged"):
        store.revisions.read(kept.id)


def test_the_credits_go_with_the_text(store: Store, path: Path):
    scene = store.add("Gulls", text="The gulls rose.")
    credits = (Credit(4, 9, ORIGIN),)
    store.save(scene, "The gulls rose.", credits)
    assert store.scene(scene).revision == 1, "the text did not change"
    store.save(scene, "All the gulls rose, and cried.")
    assert [(c.start, c.end) for c in store.scene(scene).credits] == [(8, 13)]
    store.close()
    with Store.open(path) as again:
        assert again.scene(scene).credits == (Credit(8, 13, ORIGIN),)
        again.save(scene, "Rewritten.", ())
        assert again.scene(scene).credits == ()


def test_splitting_and_joining_carry_text_and_credits(store: Store):
    text = "The gulls rose.\n\nThe fog lifted."
    chapter = store.add("One")
    scene = store.add("Gulls", chapter, text=text)
    last = store.add("Night", chapter)
    store.save(scene, text, (Credit(4, 9, ORIGIN), Credit(10, 22, ORIGIN)))
    new = store.split(scene, 16, "Fog")
    assert [(node.id, node.title) for node in store.nodes()][1:] == [(scene, "Gulls"), (new, "Fog"), (last, "Night")]
    assert (store.scene(scene).text, store.scene(new).text) == ("The gulls rose.", "The fog lifted.")
    assert [(c.start, c.end) for c in store.scene(scene).credits] == [(4, 9), (10, 15)]
    assert [(c.start, c.end) for c in store.scene(new).credits] == [(0, 5)]
    assert store.join(scene) == new
    joined = store.scene(scene)
    assert joined.text == "The gulls rose.\nThe fog lifted."
    assert [(c.start, c.end) for c in joined.credits] == [(4, 9), (10, 15), (16, 21)]
    assert [node.id for node in store.binned()] == [new]
    assert store.scene(new).text == "The fog lifted."
    assert [revision.reason for revision in store.revisions.of(scene)] == ["join", "split"]


def test_a_chapter_is_split_into_its_first_scene(store: Store):
    chapter = store.add("One", text="The gulls rose. The fog lifted.")
    scene = store.add("Gulls", chapter)
    new = store.split(chapter, 16, "Fog")
    assert [(node.id, node.parent) for node in store.nodes()] == [(chapter, None), (new, chapter), (scene, chapter)]
    assert store.join(chapter) == new
    assert store.scene(chapter).text == "The gulls rose. \nThe fog lifted."


def test_there_may_be_nothing_to_join_with(store: Store):
    one = store.add("One", text="a")
    two = store.add("Two", text="b")
    store.add("Three", two)
    with pytest.raises(ProjectError, match="no scene right behind “One”"):
        store.join(one)
    assert store.scene(one).text == "a"
    assert store.revisions.of(one) == []


def test_a_crash_is_told_by_the_scenes_that_were_saved(path: Path):
    store = Store.create(path, Project("The Tide", "", "en"))
    gulls, night = store.add("Gulls"), store.add("Night")
    store.add("Fog")
    store.save(gulls, "The gulls rose.")
    store.save(night, "海鸥。")
    store.save(gulls, "The gulls rose again.")
    store._connection.close()  # as if the process had died
    store._lock.release()
    with Store.open(path) as again:
        assert again.recovered == ("Gulls", "Night")
    with Store.open(path) as again:
        assert again.recovered is None


def test_a_file_of_the_first_version_is_read_and_brought_up_to_date(path: Path):
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA application_id = {migrations.APPLICATION_ID}")
    migrations.upgrade(connection, path, migrations.STEPS[:1])
    connection.execute("INSERT INTO project VALUES (1, 'Old', '', 'zh')")
    connection.close()
    with Store.open(path, read_only=True) as reader:
        assert reader.revisions.of(1) == []
    with Store.open(path) as store:
        scene = store.add("Gulls", text="海鸥。")
        assert store.revisions.keep(scene, "snapshot", "first") is not None


def test_the_digest_tells_every_change(store: Store):
    seen = {store.digest()}
    scene = store.add("Gulls", text="a")
    other = store.add("Night")
    for change in (
        lambda: store.save(scene, "b"),
        lambda: store.rename(scene, "Fog"),
        lambda: store.move(other, scene, None),
        lambda: store.remove(other),
        lambda: store.change_project(title="Tides"),
    ):
        change()
        assert store.digest() == store.digest()
        seen.add(store.digest())
    assert len(seen) == 6
