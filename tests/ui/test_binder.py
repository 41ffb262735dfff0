"""What an author does to scenes: the bin gives back, and splitting and joining lose nothing that is typed meanwhile."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from writer.store import Store
from writer.story import Credit, Origin, Plan

ORIGIN = Origin("model", "echo", 7, "0" * 64, 1_700_000_000)


def entries(desk):
    menu = desk.window.binder.bin
    menu.aboutToShow.emit()
    return [action.text() for action in menu.actions()]


def texts(desk):
    """Title and text of all scenes in the file, once everything is saved."""
    desk.qtbot.waitUntil(lambda: not desk.window.has_unsaved)
    assert desk.window.session.settle() is None
    with Store.reader(desk.path) as store:
        return [(node.title, store.scene(node.id).text) for node in store.nodes()]


def outline_of(desk, count):
    desk.qtbot.waitUntil(lambda: len(desk.window.nodes) == count)


def test_the_bin_lists_what_is_in_it_and_gives_it_back(open_desk):
    desk = open_desk(["First.", "Second & last one."], suggestions=False)
    assert entries(desk) == ["The bin is empty"]
    desk.window.binder.remove(desk.page.visit.scene)
    outline_of(desk, 1)
    desk.qtbot.waitUntil(lambda: entries(desk) == ["Scene 2\t3 words"])
    desk.window.binder.bin.actions()[0].trigger()
    desk.qtbot.waitUntil(lambda: desk.text == "Second & last one.")
    desk.qtbot.waitUntil(lambda: entries(desk) == ["The bin is empty"])


def test_the_page_goes_to_the_next_scene_where_only_a_heading_is_before(open_desk):
    desk = open_desk(["", "First.", "Second."], suggestions=False)
    window = desk.window
    first, second = [node.id for node in window.nodes[1:]]
    window.arranging.demote([first, second])
    desk.qtbot.waitUntil(lambda: all(node.parent == window.nodes[0].id for node in window.nodes[1:]))
    window.binder.go_to(first)
    desk.qtbot.waitUntil(lambda: desk.text == "First.")
    window.binder.remove(first)
    desk.qtbot.waitUntil(lambda: window.scene == second)


def test_the_bin_is_there_after_opening(open_desk):
    desk = open_desk(["First.", "Second."], suggestions=False)
    desk.window.binder.remove(desk.page.visit.scene)
    outline_of(desk, 1)
    desk.window.close()
    again = open_desk(path=desk.path, suggestions=False)
    assert entries(again) == ["Scene 2\t1 word"]


@pytest.mark.parametrize("prose", ["The gulls rose.\nThen they fell.", "海鸥飞起。😀\n后来又落下。"])
def test_a_scene_is_split_at_the_caret_and_asks_for_a_title(open_desk, prose):
    desk = open_desk([prose, "Last."], suggestions=False)
    desk.window.binder.step(-1)
    desk.qtbot.waitUntil(lambda: desk.text == prose)
    first, second = prose.split("\n")
    desk.page.place_caret(len(first) + 1)
    desk.window.binder.split()
    outline_of(desk, 3)
    desk.qtbot.waitUntil(lambda: desk.text == second)
    line = desk.window.title.findChild(QLineEdit)
    desk.qtbot.waitUntil(line.hasFocus)
    QTest.keyClicks(line, "The storm")
    QTest.keyClick(line, Qt.Key.Key_Return)
    desk.qtbot.waitUntil(lambda: desk.window.nodes[1].title == "The storm")
    assert texts(desk) == [("Scene 1", first), ("The storm", second), ("Scene 2", "Last.")]


def test_undoing_a_split_joins_again(open_desk):
    desk = open_desk(["One.\nTwo."], suggestions=False)
    desk.page.place_caret(5)
    desk.window.binder.split()
    outline_of(desk, 2)
    desk.qtbot.waitUntil(lambda: desk.text == "Two.")
    desk.page.setFocus()
    desk.write("New. ")
    desk.window.notice.act(0)
    outline_of(desk, 1)
    desk.qtbot.waitUntil(lambda: desk.text == "One.\nNew. Two.")
    assert texts(desk) == [("Scene 1", "One.\nNew. Two.")]


@pytest.mark.parametrize("place", [0, 2, 5, 9])
def test_what_is_typed_while_a_scene_is_split_is_on_its_side(open_desk, place):
    desk = open_desk(["One.\nTwo."], suggestions=False)
    desk.page.place_caret(5)
    desk.window.binder.split()
    desk.page.place_caret(place)
    desk.write("xy")
    outline_of(desk, 2)
    whole = "One.\nTwo."[:place] + "xy" + "One.\nTwo."[place:]
    edge = 5 if place >= 5 else 7
    assert [text for _title, text in texts(desk)] == [whole[:edge].rstrip("\n"), whole[edge:]]


def test_what_is_typed_at_once_and_then_saved_in_between_is_on_its_side(open_desk):
    desk = open_desk(["One.\nTwo."], suggestions=False)
    desk.page.place_caret(5)
    desk.window.binder.split()
    desk.write("xy")
    desk.window.session.save()
    outline_of(desk, 2)
    assert [text for _title, text in texts(desk)] == ["One.", "xyTwo."]


def test_there_must_be_something_on_both_sides(open_desk):
    desk = open_desk(["One."], suggestions=False)
    desk.window.binder.split()
    assert "Put the caret" in desk.window.notice.message
    assert texts(desk) == [("Scene 1", "One.")]


def open_first(open_desk, scenes):
    desk = open_desk(scenes, suggestions=False)
    desk.window.binder.go_to(desk.window.nodes[0].id)
    desk.qtbot.waitUntil(lambda: desk.text == scenes[0])
    desk.page.place_caret(len(scenes[0]))
    return desk


def test_scenes_are_joined_and_parted_again(open_desk):
    desk = open_first(open_desk, ["One.", "Two.", "Three."])
    desk.window.binder.join()
    outline_of(desk, 2)
    desk.qtbot.waitUntil(lambda: desk.text == "One.\nTwo.")
    assert desk.page.cursor_now().offset == 4
    assert "Scene 2" in desk.window.notice.message
    desk.write(" More.")
    assert texts(desk) == [("Scene 1", "One. More.\nTwo."), ("Scene 3", "Three.")]
    desk.window.notice.act(0)
    outline_of(desk, 3)
    desk.qtbot.waitUntil(lambda: desk.text == "Two.")
    assert texts(desk) == [("Scene 1", "One. More."), ("Scene 2", "Two."), ("Scene 3", "Three.")]


def test_what_is_planned_is_joined_and_parted_with_the_scenes(open_desk):
    desk = open_first(open_desk, ["One.", "Two."])
    first, second = Plan("It begins.", target_words=100), Plan("It ends.", target_words=200)
    with Store.reader(desk.path) as store:
        one, two = [node.id for node in store.nodes()]
    desk.window.session.change_outline(lambda store: store.plans.put_all({one: first, two: second}))
    desk.window.binder.join()
    outline_of(desk, 1)

    def plans():
        with Store.reader(desk.path) as store:
            return [store.plans.get(id) for id in (one, two)]

    assert plans() == [Plan("It begins. It ends.", target_words=300), second]
    desk.window.notice.act(0)
    outline_of(desk, 2)
    assert plans() == [first, second]


def test_parting_keeps_what_was_changed_on_both_sides(open_desk):
    desk = open_first(open_desk, ["One.", "Two."])
    desk.window.binder.join()
    desk.qtbot.waitUntil(lambda: desk.text == "One.\nTwo.")
    desk.page.place_caret(9)
    desk.write(" Three.")
    desk.window.notice.act(0)
    outline_of(desk, 2)
    assert texts(desk) == [("Scene 1", "One."), ("Scene 2", "Two. Three.")]


def test_parting_leaves_a_scene_alone_that_was_brought_back_and_changed(open_desk):
    desk = open_first(open_desk, ["One.", "Two."])
    second = desk.window.nodes[1].id
    desk.window.binder.join()
    desk.qtbot.waitUntil(lambda: entries(desk) == ["Scene 2\t1 word"])
    desk.window.binder.bin.actions()[0].trigger()
    desk.qtbot.waitUntil(lambda: desk.window.scene == second)
    desk.page.place_caret(0)
    desk.write("New. ")
    desk.window.notice.act(0)
    desk.qtbot.waitUntil(lambda: "by hand" in desk.window.notice.message)
    assert texts(desk) == [("Scene 1", "One.\nTwo."), ("Scene 2", "New. Two.")]
    assert (desk.window.scene, desk.text) == (second, "New. Two.")


def test_parting_keeps_a_version_of_what_was_typed_into_the_scene_while_it_was_joined(open_desk):
    desk = open_first(open_desk, ["One.", "Two."])
    first, second = (node.id for node in desk.window.nodes)
    desk.window.binder.step(1)
    desk.qtbot.waitUntil(lambda: desk.window.scene == second)
    desk.window.binder.step(-1)
    desk.qtbot.waitUntil(lambda: desk.window.scene == first)
    desk.window.binder.join()
    desk.window.binder.go_to(second)
    desk.page.place_caret(0)
    desk.write("New. ")
    desk.qtbot.waitUntil(lambda: desk.text == "One.\nTwo.")
    desk.window.notice.act(0)
    desk.qtbot.waitUntil(lambda: desk.window.scene == second)
    assert desk.text == "Two."
    assert texts(desk) == [("Scene 1", "One."), ("Scene 2", "Two.")]
    with Store.reader(desk.path) as store:
        assert store.revisions.read(store.revisions.of(second)[0].id).text == "New. Two."


@pytest.mark.parametrize("place", [0, 4])
def test_what_is_typed_while_scenes_are_joined_stays(open_desk, place):
    desk = open_first(open_desk, ["One.", "Two."])
    desk.window.binder.join()
    desk.page.place_caret(place)
    desk.write("xy")
    desk.window.session.save()
    desk.write("z")
    outline_of(desk, 1)
    assert texts(desk) == [("Scene 1", "One."[:place] + "xyz" + "One."[place:] + "\nTwo.")]
    desk.window.notice.act(0)
    outline_of(desk, 2)
    assert texts(desk) == [("Scene 1", "One."[:place] + "xyz" + "One."[place:]), ("Scene 2", "Two.")]


def test_what_the_next_scene_has_not_saved_yet_is_joined_too(open_desk):
    desk = open_desk(["One.", "Two."], suggestions=False)
    desk.write(" Late.")
    desk.window.binder.step(-1)
    desk.qtbot.waitUntil(lambda: desk.text == "One.")
    desk.window.binder.join()
    outline_of(desk, 1)
    assert texts(desk) == [("Scene 1", "One.\nTwo. Late.")]


def test_without_a_next_scene_nothing_is_joined(open_desk):
    desk = open_desk(["One.", "Two."], suggestions=False)
    desk.window.binder.join()
    desk.qtbot.waitUntil(lambda: "no scene right behind" in desk.window.notice.message)
    assert texts(desk) == [("Scene 1", "One."), ("Scene 2", "Two.")]


def test_what_a_model_wrote_is_known_on_both_sides_of_a_seam(open_desk):
    desk = open_desk(["One.\nTwo."], suggestions=False)
    scene = desk.page.visit.scene
    desk.window.close()
    with Store.open(desk.path) as store:
        store.save(scene, "One.\nTwo.", (Credit(0, 3, ORIGIN), Credit(5, 8, ORIGIN)))
    desk = open_desk(path=desk.path, suggestions=False)
    desk.page.place_caret(5)
    desk.window.binder.split()
    outline_of(desk, 2)
    desk.qtbot.waitUntil(lambda: desk.text == "Two.")
    assert desk.page.visit.credits == (Credit(0, 3, ORIGIN),)
    desk.window.notice.act(0)
    outline_of(desk, 1)
    desk.qtbot.waitUntil(lambda: desk.text == "One.\nTwo.")
    assert desk.page.visit.credits == (Credit(0, 3, ORIGIN), Credit(5, 8, ORIGIN))


def test_a_book_that_is_only_read_is_not_changed(open_desk, monkeypatch):
    desk = open_first(open_desk, ["One.\nTwo.", "Three."])
    desk.window.close()
    before = desk.path.read_bytes()
    monkeypatch.setattr("os.access", lambda *_: False)
    desk = open_desk(path=desk.path, suggestions=False)
    for change in (desk.window.binder.split, desk.window.binder.join, desk.window.binder.new_scene):
        change()
    desk.page.place_caret(5)
    desk.window.binder.split()
    QApplication.processEvents()
    assert not desk.window.binder.bin.menuAction().isEnabled()
    desk.window.close()
    assert desk.path.read_bytes() == before
