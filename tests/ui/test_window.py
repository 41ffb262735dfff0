"""The window: scenes, saving, the switch, and every fault as one line that loses nothing."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from writer.settings import load
from writer.store import Store

ECHO = {"engine": "echo"}


def test_what_is_typed_is_in_the_file_soon_after(open_desk):
    desk = open_desk(["The gulls rose."], **ECHO)
    desk.write(" Then they fell.")
    assert desk.wait_saved() == "The gulls rose. Then they fell."


def test_a_pause_brings_grey_text_and_tab_takes_it(open_desk):
    desk = open_desk(["The gulls rose."], **ECHO)
    grey = desk.wait_for_suggestion()
    assert desk.text == "The gulls rose."
    desk.press(Qt.Key.Key_Tab)
    assert desk.text == "The gulls rose." + grey
    desk.page.undo()
    assert desk.text == "The gulls rose."


def test_the_switch_turns_everything_off(open_desk):
    desk = open_desk(["The gulls rose."], **ECHO)
    desk.wait_for_suggestion()
    desk.window.set_suggestions(False)
    assert desk.grey == ""
    assert desk.window.suggestions.engine is None
    desk.press(Qt.Key.Key_Backslash, Qt.KeyboardModifier.AltModifier)
    assert desk.page.ghost is None
    assert not load().suggestions
    desk.window.set_suggestions(True)
    assert desk.wait_for_suggestion()


def test_off_from_the_start_never_starts_a_model(open_desk):
    def no_engine(_settings):
        raise AssertionError("a model was started")

    desk = open_desk(["The gulls rose."], suggestions=False, engines=no_engine)
    desk.write(" More.")
    assert desk.wait_saved().endswith(" More.")
    assert desk.window.suggestions.state == "off"


def test_scenes_are_switched_with_caret_and_text_kept(open_desk):
    desk = open_desk(["First.", "Second."], suggestions=False)
    desk.write(" More.")
    desk.press(Qt.Key.Key_PageUp, Qt.KeyboardModifier.ControlModifier)
    desk.qtbot.waitUntil(lambda: desk.text == "First.")
    desk.press(Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    desk.qtbot.waitUntil(lambda: desk.text == "Second. More.")
    assert desk.page.cursor_now().offset == len("Second. More.")


def test_a_new_scene_is_added_behind_and_named(open_desk):
    desk = open_desk(["First."], suggestions=False)
    first = desk.page.visit.scene
    desk.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    desk.qtbot.waitUntil(lambda: desk.page.visit.scene != first)
    desk.window.title.renamed.emit("The storm")
    desk.qtbot.waitUntil(lambda: "The storm" in [node.title for node in desk.window.nodes])
    assert [node.title for node in desk.window.nodes] == ["Scene 1", "The storm"]


def test_the_bin_gives_back(open_desk):
    desk = open_desk(["First.", "Second."], suggestions=False)
    doomed = desk.page.visit.scene
    desk.window.remove_scene(doomed)
    desk.qtbot.waitUntil(lambda: len(desk.window.nodes) == 1 and desk.text == "First.")
    assert "bin" in desk.window.notice.message
    desk.window.bring_back(doomed)
    desk.qtbot.waitUntil(lambda: len(desk.window.nodes) == 2 and desk.text == "Second.")


def test_the_last_scene_stays(open_desk):
    desk = open_desk(["Only."], suggestions=False)
    desk.window.remove_scene(desk.page.visit.scene)
    assert "at least one scene" in desk.window.notice.message


def test_window_and_caret_come_back(open_desk):
    desk = open_desk(["First.", "Second one."], suggestions=False)
    desk.page.place_caret(6)
    desk.window.resize(777, 555)
    desk.window.close()
    again = open_desk(path=desk.path, suggestions=False)
    assert again.page.cursor_now().offset == 6
    assert again.window.width() == 777


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "no"), (b"just some text, not a project", "not a Writer project"), (b"", "not a Writer project")],
)
def test_what_cannot_be_opened_is_named_and_the_desk_stays(open_desk, tmp_path, content, words):
    desk = open_desk(["Here."], suggestions=False)
    other = tmp_path / "other.writer"
    if content is not None:
        other.write_bytes(content)
    desk.window.open_project(other)
    desk.qtbot.waitUntil(lambda: bool(desk.window.notice.message))
    assert words.lower() in desk.window.notice.message.lower()
    assert desk.text == "Here."
    desk.write("!")
    assert desk.wait_saved() == "Here.!"


def test_a_missing_model_is_offered_in_a_line(open_desk):
    desk = open_desk(["Here."], model="no-such-model")
    desk.qtbot.waitUntil(lambda: bool(desk.window.notice.message))
    assert "no-such-model" in desk.window.notice.message
    assert desk.window.suggestions.state == "missing"
    desk.write(" Still writing.")
    assert desk.wait_saved() == "Here. Still writing."


def test_a_failed_save_keeps_the_text_and_says_so(open_desk):
    desk = open_desk(["Here."], suggestions=False)
    moved = desk.path.with_name("moved.writer")
    desk.path.rename(moved)
    desk.write("!")
    desk.qtbot.waitUntil(lambda: "safe in this window" in desk.window.notice.message)
    assert desk.text == "Here.!"
    moved.rename(desk.path)
    assert desk.wait_saved() == "Here.!"
    desk.qtbot.waitUntil(lambda: not desk.window.notice.message)


@pytest.mark.parametrize("prose", ["", "😀", "，。！？", "half a wor", " \t ", "l" * 5000])
def test_odd_pages_can_be_suggested_upon(open_desk, prose):
    desk = open_desk([prose], **ECHO)
    grey = desk.wait_for_answer()
    assert desk.window.notice.message == ""
    desk.page.accept(grey)
    assert desk.text == prose + grey


def test_a_megabyte_in_one_line_is_kept(open_desk):
    desk = open_desk(["Start. "], suggestions=False)
    line = "The ferry had not come. " * 42_000
    QApplication.clipboard().setText(line)
    desk.page.paste()
    assert desk.wait_saved() == "Start. " + line
    desk.page.undo()
    assert desk.text == "Start. "


def test_alternatives_go_round(open_desk):
    desk = open_desk(["The gulls rose."], **ECHO)
    desk.wait_for_suggestion()
    desk.press(Qt.Key.Key_BracketRight, Qt.KeyboardModifier.AltModifier)
    desk.qtbot.waitUntil(lambda: len(desk.window.suggestions.candidates) == 2)
    second = desk.wait_for_suggestion()
    desk.press(Qt.Key.Key_BracketLeft, Qt.KeyboardModifier.AltModifier)
    first = desk.grey
    desk.press(Qt.Key.Key_BracketRight, Qt.KeyboardModifier.AltModifier)
    assert desk.grey == second
    assert desk.window.suggestions.candidates == [first, second]


def test_titles_are_shown_literally(open_desk, tmp_path):
    desk = open_desk(["Here."], suggestions=False)
    desk.window.title.renamed.emit("<img src=file:///etc/passwd> <b>x</b>")
    desk.qtbot.waitUntil(lambda: desk.window.nodes[0].title.startswith("<img"))
    with Store.reader(desk.path) as store:
        assert store.nodes()[0].title == "<img src=file:///etc/passwd> <b>x</b>"


@pytest.mark.parametrize("theme", ["light", "sepia", "dark"])
@pytest.mark.parametrize("zoom", [75, 100, 200])
def test_looks_change_without_touching_the_text(open_desk, theme, zoom):
    desk = open_desk(["One.\nTwo."], suggestions=False)
    desk.write("!")
    desk.window.change_settings(theme=theme, zoom=zoom)
    assert desk.text == "One.\nTwo.!"
    desk.page.undo()
    assert desk.text == "One.\nTwo."
    assert load().zoom == zoom
