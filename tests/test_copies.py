from __future__ import annotations

from pathlib import Path

import pytest

from writer.errors import ProjectError
from writer.store import Store, copies
from writer.story import Project


def test_save_as_is_a_complete_copy(store: Store, tmp_path: Path):
    scene = store.add("Gulls", text="海鸥飞起来了。")
    copy = tmp_path / "copy.writer"
    copy.write_text("an older file")
    copies.save_as(store, copy)
    store.save(scene, "changed later")
    with Store.open(copy) as other:
        assert other.scene(scene).text == "海鸥飞起来了。"
        assert other.project == store.project
    copies.save_as(store, store.path)
    assert store.scene(scene).text == "changed later"


def test_save_as_works_from_a_reader_and_not_over_an_open_project(store: Store, path: Path, tmp_path: Path):
    store.add("Gulls")
    other = tmp_path / "other.writer"
    with Store.reader(path) as reader:
        copies.save_as(reader, other)
    with Store.open(other) as open_elsewhere:
        with pytest.raises(ProjectError, match="already open"):
            copies.save_as(store, other)
        assert open_elsewhere.nodes() == store.nodes()


def test_a_copy_is_complete_as_if_closed_and_made_by_a_reader_too(store: Store, path: Path, tmp_path: Path):
    scene = store.add("Gulls", text="The gulls rose.")
    store.save(scene, "潮水退了。")
    with Store.reader(path) as reader:
        copies.copy_to(reader, tmp_path / "copy.writer")
    store.save(scene, "Later.")
    with Store.open(tmp_path / "copy.writer") as copy:
        assert copy.recovered is None
        assert copy.scene(scene).text == "潮水退了。"


def test_saving_under_its_own_name_does_what_is_to_be_done(path: Path):
    with Store.create(path, Project("The Tide", "", "en")) as store:
        scene = store.add("One", text="Text.")
        copies.save_as(store, path, lambda same: same.rename(scene, "Another"))
        assert store.nodes()[0].title == "Another"
