from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from writer.store import Store
from writer.story import Project


def test_saving_within_other_changes_is_no_crash(path: Path):
    with Store.create(path, Project("The Tide", "", "en")) as store:
        scene = store.add("One", text="First.\nSecond.")
    with Store.open(path) as store:
        store.split(scene, 7, "Two")
    with Store.open(path) as store:
        assert store.recovered is None
        store.revisions.restore(store.revisions.of(scene)[0].id)
    with Store.open(path) as store:
        assert store.recovered is None


def test_all_that_was_saved_at_once_is_told_after_a_crash(path: Path):
    store = Store.create(path, Project("The Tide", "", "en"))
    scenes = [store.add(name, text="x") for name in ("One", "Two", "Three")]
    with store.transaction():
        for scene in scenes[:2]:
            store.save(scene, "y")
    with suppress(ZeroDivisionError), store.transaction():
        store.save(scenes[2], "z")
        raise ZeroDivisionError
    store._connection.close()
    store._lock.release()
    with Store.open(path) as again:
        assert again.recovered == ("One", "Two")
