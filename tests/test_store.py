from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from writer import ledger, library, text
from writer.errors import ProjectError
from writer.store import Store
from writer.story import OutlineNode, Project, Scene


def titles(store: Store) -> list[tuple[int, str]]:
    return [(node.level, node.title) for node in store.nodes()]


def test_a_new_project_is_empty_and_knows_its_title(store: Store):
    assert store.project == Project("The Tide", "A lighthouse goes dark.", "en")
    assert store.nodes() == []
    assert not store.read_only
    assert store.recovered is None


def test_a_project_does_not_replace_a_file(path: Path):
    path.write_text("my only copy")
    with pytest.raises(ProjectError, match="already a file"):
        Store.create(path, Project("The Tide", "", "en"))
    assert path.read_text() == "my only copy"


def test_a_project_in_a_missing_folder_is_a_sentence(tmp_path: Path):
    with pytest.raises(ProjectError, match="check that its folder is there"):
        Store.create(tmp_path / "gone" / "a.writer", Project("", "", "en"))
    assert list(tmp_path.iterdir()) == []


def test_what_is_saved_is_there_after_closing(store: Store, path: Path):
    scene = store.add("Gulls", text="The gulls rose.")
    store.save(scene, "潮水退了。\n灯塔黑着。😀")
    store.put("last scene", str(scene))
    store.change_project(premise="Nobody lit it.")
    store.close()
    with Store.open(path) as again:
        assert again.scene(scene) == Scene(scene, "Gulls", "潮水退了。\n灯塔黑着。😀", 2)
        assert again.get("last scene") == str(scene)
        assert again.get("nothing", "else") == "else"
        assert again.project == Project("The Tide", "Nobody lit it.", "en")


def test_closing_leaves_one_ordinary_file(store: Store, path: Path):
    store.add("Gulls", text="The gulls rose.")
    assert path.with_name(path.name + "-wal").exists()
    store.close()
    store.close()
    assert list(path.parent.iterdir()) == [path]


def test_the_revision_grows_only_with_the_text(store: Store):
    scene = store.add("Gulls", text="The gulls rose.")
    assert store.scene(scene).revision == 1
    assert store.save(scene, "The gulls rose.").revision == 1
    assert store.save(scene, "The gulls fell.").revision == 2
    assert store.scene(scene).revision == 2


def test_text_is_clean_before_it_is_kept(store: Store):
    scene = store.add(" A\nlong \r\n title ", text="one\r\ntwo\rthree\0")
    assert store.scene(scene) == Scene(scene, "A long title", "one\ntwo\nthree", 1)
    assert store.save(scene, "broken \ud800 half").text == "broken \ufffd half"
    store.rename(scene, "\udc00\n<b>bold</b>")
    assert store.scene(scene).title == "\ufffd <b>bold</b>"


def test_words_are_counted_at_every_save(store: Store):
    scene = store.add("Gulls", text="The gulls rose.")
    assert store.nodes()[0].words == 3
    store.save(scene, "海鸥飞起来了。")
    assert store.nodes()[0].words == 6


def test_the_outline_is_depth_first_in_story_order(store: Store):
    first = store.add("One")
    second = store.add("Two")
    a = store.add("a", parent=first)
    store.add("c", parent=first)
    store.add("b", after=a)
    store.add("d", parent=second)
    store.add("One and a half", after=first)
    assert titles(store) == [(0, "One"), (1, "a"), (1, "b"), (1, "c"), (0, "One and a half"), (0, "Two"), (1, "d")]


def test_a_node_moves_with_all_below_it(store: Store):
    one, two = store.add("One"), store.add("Two")
    a = store.add("a", parent=one)
    store.add("below a", parent=a)
    store.add("b", parent=two)
    store.move(a, two, None)
    assert titles(store) == [(0, "One"), (0, "Two"), (1, "a"), (2, "below a"), (1, "b")]
    store.move(a, None, one)
    assert titles(store) == [(0, "One"), (0, "a"), (1, "below a"), (0, "Two"), (1, "b")]
    store.move(two, None, None)
    assert titles(store)[0] == (0, "Two")


@pytest.mark.parametrize("place", ["itself", "below", "after itself"])
def test_a_node_does_not_move_into_itself(store: Store, place: str):
    one = store.add("One")
    below = store.add("below", parent=one)
    target = {"itself": (one, None), "below": (below, None), "after itself": (None, one)}[place]
    with pytest.raises(ProjectError, match="into itself"):
        store.move(one, *target)
    assert titles(store) == [(0, "One"), (1, "below")]


def test_the_bin_gives_back_what_was_removed(store: Store):
    one = store.add("One", text="kept")
    a = store.add("a", parent=one)
    store.add("Two")
    store.remove(one)
    assert titles(store) == [(0, "Two")]
    assert [node.title for node in store.binned()] == ["One"]
    assert store.scene(one).text == "kept"
    store.restore(one)
    assert titles(store) == [(0, "One"), (1, "a"), (0, "Two")]
    store.remove(a)
    store.remove(one)
    store.restore(a)
    assert titles(store) == [(0, "Two"), (0, "a")]


def test_the_scenes_before_come_nearest_first(store: Store):
    one, two = store.add("One"), store.add("Two")
    store.add("a", parent=one)
    gone = store.add("gone", parent=one)
    c = store.add("c", parent=two)
    store.add("after", parent=two)
    store.remove(gone)
    assert [scene.title for scene in store.before(c)] == ["Two", "a", "One"]
    assert list(store.before(one)) == []


@pytest.mark.parametrize("id", [0, -1, 99, 2**63, 10**30])
def test_a_scene_that_is_not_there_is_a_sentence(store: Store, id: int):
    for call in (
        lambda: store.scene(id),
        lambda: store.save(id, "x"),
        lambda: store.rename(id, "x"),
        lambda: store.remove(id),
        lambda: store.restore(id),
        lambda: store.add("x", parent=id),
        lambda: store.add("x", after=id),
        lambda: store.move(id, None, None),
        lambda: list(store.before(id)),
    ):
        with pytest.raises(ProjectError, match="has no scene"):
            call()
    assert store.nodes() == []


def test_a_transaction_keeps_all_or_nothing(store: Store):
    def fail_halfway() -> None:
        with store.transaction():
            store.add("One")
            store.put("key", "value")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    assert store.nodes() == []
    assert store.get("key") == ""


def test_a_reader_works_beside_the_writer(store: Store, path: Path):
    scene = store.add("Gulls", text="The gulls rose.")
    read = []

    def job() -> None:
        with Store.reader(path) as reader:
            read.append(reader.scene(scene).text)
            with pytest.raises(ProjectError, match="reading only"):
                reader.save(scene, "mine")

    thread = threading.Thread(target=job)
    thread.start()
    thread.join()
    assert read == ["The gulls rose."]
    with Store.reader(path) as reader:
        store.save(scene, "The gulls fell.")
        assert reader.scene(scene).text == "The gulls fell."


def test_a_reader_left_open_costs_no_text(store: Store, path: Path):
    scene = store.add("Gulls")
    with Store.reader(path):
        store.save(scene, "The gulls rose.")
        store.close()
    with Store.open(path) as again:
        assert again.scene(scene).text == "The gulls rose."


def test_one_writer_at_a_time(store: Store, path: Path, tmp_path: Path):
    link = tmp_path / "link.writer"
    link.symlink_to(path)
    for name in (path, link):
        with pytest.raises(ProjectError, match="already open"):
            Store.open(name)
    store.close()
    Store.open(link).close()


def test_a_store_belongs_to_its_thread(store: Store):
    errors = []

    def job() -> None:
        try:
            store.nodes()
        except sqlite3.ProgrammingError as error:
            errors.append(error)

    thread = threading.Thread(target=job)
    thread.start()
    thread.join()
    assert len(errors) == 1


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(), st.text(st.characters(codec=None, exclude_categories=[]), max_size=50))
def test_any_text_comes_back(store: Store, first: str, second: str):
    scene = store.add("any", text=first)
    assert store.scene(scene).text == text.clean(first)
    assert store.save(scene, second) == store.scene(scene)
    assert store.scene(scene).text == text.clean(second)


def test_the_outline_stays_a_tree_whatever_is_done(tmp_path: Path):
    run_state_machine_as_test(
        lambda: Tree(tmp_path), settings=settings(max_examples=25, stateful_step_count=25, deadline=None)
    )


class Tree(RuleBasedStateMachine):
    """Add, move, remove and restore at random: nothing is lost, and ``before`` agrees with the outline."""

    ids = Bundle("ids")

    def __init__(self, folder: Path) -> None:
        super().__init__()
        (folder / "tree.writer").unlink(missing_ok=True)
        self.store = Store.create(folder / "tree.writer", Project("", "", "en"))
        self.store._connection.execute("PRAGMA synchronous = OFF")
        self.added = 0

    def teardown(self) -> None:
        self.store.close()

    @rule(target=ids, parent=st.none() | ids)
    def add(self, parent: int | None) -> int:
        self.added += 1
        return self.store.add("child", parent=parent)

    @rule(target=ids, after=ids)
    def add_after(self, after: int) -> int:
        self.added += 1
        return self.store.add("sibling", after=after)

    @rule(id=ids, parent=st.none() | ids)
    def move(self, id: int, parent: int | None) -> None:
        with suppress(ProjectError):  # into itself
            self.store.move(id, parent, None)

    @rule(id=ids)
    def remove(self, id: int) -> None:
        self.store.remove(id)

    @rule(id=ids)
    def restore(self, id: int) -> None:
        self.store.restore(id)

    @invariant()
    def before_agrees_with_the_outline(self) -> None:
        order = [node.id for node in self.store.nodes()]
        assert len(order) == len(set(order))
        if order:
            assert [scene.id for scene in self.store.before(order[-1])] == order[-2::-1]

    @invariant()
    def nothing_is_lost(self) -> None:
        while binned := self.store.binned():
            self.store.restore(binned[0].id)
        assert len(self.store.nodes()) == self.added


def split_meanwhile(reader: Store, monkeypatch: pytest.MonkeyPatch, split: Callable[[], object]) -> None:
    """What another thread may do between two things that this one reads."""
    nodes = reader.nodes

    def then_split() -> list[OutlineNode]:
        found = nodes()
        split()
        return found

    monkeypatch.setattr(reader, "nodes", then_split)


@pytest.mark.parametrize("read", ["export", "ledger"])
def test_what_is_read_beside_a_writer_is_of_one_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: str):
    path, out = tmp_path / "book.writer", tmp_path / "out.txt"
    with Store.create(path, Project("The Tide", "", "en")) as store, Store.reader(path) as reader:
        scene = store.add("Gulls", text="First half.\nSecond half.")
        split_meanwhile(reader, monkeypatch, lambda: store.split(scene, 12, "Rose"))
        if read == "export":
            library.export(reader, out)
            assert "First half.\n\nSecond half." in out.read_text("utf-8")
        else:
            assert ledger.read(reader).words == 4
        assert len(reader.nodes()) == 2


def test_one_moment_is_over_afterwards_and_nothing_is_written_in_it(tmp_path: Path):
    with Store.create(tmp_path / "book.writer", Project("The Tide", "", "en")) as store:
        scene = store.add("Gulls", text="The gulls rose.")
        with store.at_one_moment(), store.at_one_moment():
            assert store.scene(scene).revision == 1
            with pytest.raises(ValueError, match="would be undone"):
                store.save(scene, "Lost.")
        with store.transaction():
            store.save(scene, "The gulls fell.")
            with store.at_one_moment():
                assert store.scene(scene).text == "The gulls fell."
            store.rename(scene, "Fall")
        assert (store.scene(scene).title, store.scene(scene).revision) == ("Fall", 2)
