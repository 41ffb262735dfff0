"""Articles: lines under what a model wrote and no note has, which go with the words."""

import pytest

from writer.store import Store
from writer.story import Credit, Origin, Plan, Project
from writer.ui.sourced import marks

ORIGIN = Origin("m", "echo", 1, "0" * 64, 1)
NOTES = "The ferry to Alnes runs every two hours, says captain Ida Berg.\nThe fare was raised to 45 crowns in May."
SOURCED = "The ferry to Alnes runs every two hours."
BARE = "Nobody on the pier remembers such a summer."
WRONG = "The fare was raised to 90 crowns in May."
CHINESE_NOTES = "轮渡每两小时一班，船长李大海说。\n五月票价涨到四十五元。"
CHINESE = "五月票价涨到九十元。"


def make(path, text, notes=NOTES, kind="article", language="en", mine=0):
    with Store.create(path, Project("Ferries", "", language)) as store:
        node = store.add("Scene", text=text)
        store.save(node, text, (Credit(mine, len(text), ORIGIN),) if mine < len(text) else ())
        store.plans.put(0, Plan(notes=notes))
        if kind:
            store.put("kind", kind)
    return path, node


def found(path, node):
    with Store.reader(path) as store:
        scene = store.scene(node)
        return [
            (mark.kind, scene.text[mark.start : mark.end])
            for mark in marks(store, node, scene.text, scene.credits) or []
        ]


def test_each_sentence_of_a_model_has_its_note_or_a_line(tmp_path):
    place = make(tmp_path / "a.writer", f"{SOURCED} {BARE}")
    assert found(*place) == [("sourced", SOURCED), ("bare", BARE)]


def test_a_wrong_number_is_flagged(tmp_path):
    assert ("flag", "90") in found(*make(tmp_path / "a.writer", WRONG))


def test_chinese_too(tmp_path):
    place = make(tmp_path / "a.writer", CHINESE, CHINESE_NOTES, language="zh")
    assert any(kind == "flag" and "九十" in text for kind, text in found(*place))


def test_the_authors_own_sentences_are_left_alone(tmp_path):
    assert found(*make(tmp_path / "a.writer", BARE, mine=len(BARE))) == []


@pytest.mark.parametrize("kind", ["", "story"])
def test_a_story_is_left_alone(tmp_path, kind):
    assert found(*make(tmp_path / "a.writer", BARE, kind=kind)) == []


def test_the_page_shows_lines_that_go_with_their_words(open_desk, tmp_path):
    path, _node = make(tmp_path / "a.writer", f"{SOURCED} {WRONG}")
    desk = open_desk(path=path, engine="echo", pause_ms=10_000)
    sourced = desk.window.sourced
    desk.qtbot.waitUntil(lambda: any(mark.kind == "flag" for mark in sourced.marks), timeout=10_000)
    flag = next(mark for mark in sourced.marks if mark.kind == "flag")
    assert "90" in sourced.at(flag.start)
    assert "Leans on" in sourced.at(3)
    desk.page.place_caret(0)
    desk.write("Now: ")
    moved = [mark for mark in sourced.marks if mark.kind == "flag"]
    assert [mark.start for mark in moved] == [flag.start + 5]
    assert any(line.is_wavy for line in desk.page.tints.lines)
    desk.page.grab()  # draws them


def test_lines_go_with_their_words_in_a_scene_that_was_left_and_opened_again(open_desk, tmp_path):
    path, node = make(tmp_path / "a.writer", WRONG)
    with Store.open(path) as store:
        other = store.add("Another", text="Nothing.")
    desk = open_desk(path=path, engine="echo", pause_ms=10_000)
    sourced = desk.window.sourced
    for scene in (node, other, node):
        desk.window.binder.go_to(scene)
        desk.qtbot.waitUntil(lambda scene=scene: desk.page.visit is not None and desk.page.visit.scene == scene)
        desk.page.place_caret(0)
        desk.write("So ")
    desk.qtbot.waitUntil(lambda: any(mark.kind == "flag" for mark in sourced.marks), timeout=10_000)
    flag = next(mark for mark in sourced.marks if mark.kind == "flag")
    desk.write("now ")
    assert [mark.start for mark in sourced.marks if mark.kind == "flag"] == [flag.start + 4]


def test_it_is_switched_in_the_menu_and_gone_without_suggestions(open_desk, tmp_path):
    path, _node = make(tmp_path / "a.writer", WRONG, kind="")
    desk = open_desk(path=path, engine="echo", pause_ms=10_000)
    sourced = desk.window.sourced
    sourced.look()
    desk.qtbot.wait(200)
    assert sourced.marks == []
    sourced.toggle(True)
    desk.qtbot.waitUntil(lambda: bool(sourced.marks), timeout=10_000)
    desk.window.set_suggestions(False)
    sourced.look()
    assert sourced.marks == []
    assert desk.page.tints.lines == []


def test_without_notes_the_way_to_them_is_shown(open_desk, tmp_path):
    path, _node = make(tmp_path / "a.writer", WRONG, notes="", kind="")
    desk = open_desk(path=path, engine="echo", pause_ms=10_000)
    window = desk.window
    window.sourced.toggle(True)
    assert "no notes yet" in window.notice.message
    window.notice.act(0)
    assert window.is_outlined
    assert window.plan.node == 0
    window.plan.notes.setPlainText(NOTES)
    window.plan.keep()
    desk.qtbot.waitUntil(lambda: window.binder.plans.get(0, Plan()).notes == NOTES)
    window.sourced.toggle(True)
    assert not window.notice.message
