"""The window: scenes, saving, the switch, and every fault as one line that loses nothing."""

import threading
import time
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit

from writer import models
from writer.engines import Piece, Usage
from writer.engines.echo import Echo
from writer.errors import ProjectError
from writer.settings import Settings, load, save
from writer.store import Store
from writer.story import Project
from writer.ui import session, unsaved
from writer.ui.window import Window

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


def test_a_new_scene_is_added_behind_and_asks_for_its_title(open_desk):
    desk = open_desk(["First."], suggestions=False)
    first = desk.page.visit.scene
    desk.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    line = desk.window.title.findChild(QLineEdit)
    desk.qtbot.waitUntil(lambda: desk.page.visit.scene != first and line.hasFocus())
    QTest.keyClicks(line, "The storm")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert desk.page.hasFocus()
    desk.qtbot.waitUntil(lambda: [node.title for node in desk.window.nodes] == ["Scene 1", "The storm"])
    desk.write("It came.")
    assert desk.wait_saved() == "It came."


def test_the_bin_gives_back(open_desk):
    desk = open_desk(["First.", "Second."], suggestions=False)
    doomed = desk.page.visit.scene
    desk.window.binder.remove(doomed)
    desk.qtbot.waitUntil(lambda: len(desk.window.nodes) == 1 and desk.text == "First.")
    assert "bin" in desk.window.notice.message
    desk.window.binder.bring_back(doomed)
    desk.qtbot.waitUntil(lambda: len(desk.window.nodes) == 2 and desk.text == "Second.")


def test_the_last_scene_stays(open_desk):
    desk = open_desk(["Only."], suggestions=False)
    desk.window.binder.remove(desk.page.visit.scene)
    assert "at least one scene; add" in desk.window.notice.message


def test_text_that_cannot_be_put_where_the_author_said_can_go_elsewhere(open_desk, monkeypatch, tmp_path):
    desk = open_desk(["The gulls rose."], suggestions=False)
    place = tmp_path / "gone" / "text.txt"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(place), ""))
    assert not unsaved.save_text(desk.window, desk.window.session)
    said = desk.window.notice.message
    assert said.startswith(f"“text.txt” can't be written in {place.parent} (")
    assert said.endswith("choose another place.")


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
    desk.window.opening.open(other)
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
    desk.window.title.renamed.emit(desk.page.visit.scene, "<img src=file:///etc/passwd> <b>x</b>")
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


def make_book(path, prose):
    with Store.create(path, Project(path.stem, "", "en")) as store:
        return store.add("One", text=prose)


def read(path, scene):
    with Store.reader(path) as store:
        return store.scene(scene).text


def test_two_openings_in_a_row_show_the_last_and_mix_nothing(open_desk, tmp_path):
    desk = open_desk(["Here."], suggestions=False)
    first, second = tmp_path / "first.writer", tmp_path / "second.writer"
    scene = make_book(first, "First.")
    make_book(second, "Second.")
    desk.window.opening.open(first)
    desk.window.opening.open(second)
    desk.qtbot.waitUntil(lambda: desk.window.project_path == second and desk.text == "Second.")
    desk.write("!")
    desk.qtbot.waitUntil(lambda: not desk.window.has_unsaved)
    assert (read(first, scene), read(second, scene)) == ("First.", "Second.!")


def test_what_is_typed_while_another_book_opens_is_kept(open_desk, tmp_path):
    desk = open_desk(["Here."], suggestions=False)
    other = tmp_path / "other.writer"
    make_book(other, "Other.")
    scene = desk.page.visit.scene
    desk.window.opening.open(other)
    desk.write(" Late words.")
    desk.qtbot.waitUntil(lambda: desk.window.project_path == other)
    assert read(desk.path, scene) == "Here. Late words."


@pytest.fixture
def slow_opening(monkeypatch):
    """Books open only once this is set."""
    may_open, survey = threading.Event(), session._survey
    monkeypatch.setattr(session, "_survey", lambda *given: (may_open.wait(10), survey(*given))[1])
    yield may_open
    may_open.set()


def opening(qtbot, path):
    """A window that is opening its first book."""
    window = Window(Settings(suggestions=False), models.open_engine)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    window.opening.open(path)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is window.page)
    return window


def test_what_is_typed_before_the_page_is_there_comes_behind_the_caret(qtbot, tmp_path, slow_opening):
    path = tmp_path / "book.writer"
    make_book(path, "It rained.")
    window = opening(qtbot, path)
    QTest.keyClicks(window.page, " The ")
    QTest.keyClick(window.page, Qt.Key.Key_Backspace)
    QApplication.sendEvent(window.page, QInputMethodEvent("ni", []))
    composed = QInputMethodEvent()
    composed.setCommitString("你")
    QApplication.sendEvent(window.page, composed)
    QTest.keyClick(window.page, Qt.Key.Key_Return)
    assert window.page.toPlainText() == ""
    slow_opening.set()
    qtbot.waitUntil(lambda: window.page.visit is not None and window.page.visit.text == "It rained. The你\n")
    QTest.keyClicks(window.page, "End.")
    assert window.page.visit.text == "It rained. The你\nEnd."
    window.close()
    assert read(path, 1) == "It rained. The你\nEnd."


def test_what_was_typed_for_a_book_that_is_not_opened_goes_into_no_other(qtbot, tmp_path, slow_opening):
    other = tmp_path / "other.writer"
    make_book(other, "Other.")
    refused = tmp_path / "refused.writer"
    make_book(refused, "Refused.")
    window = opening(qtbot, refused)
    QTest.keyClicks(window.page, "abc")
    window.opening.session.refused.emit(ProjectError("It can't be opened."))
    assert window.blank.isVisible()
    slow_opening.set()
    window.opening.open(other)
    qtbot.waitUntil(lambda: window.project_path == other)
    QTest.keyClicks(window.page, "!")  # behind whatever waited
    qtbot.waitUntil(lambda: window.page.visit.text == "Other.!")
    window.close()


def test_what_was_being_composed_behind_early_words_is_not_there_once_it_was_given_up(qtbot, tmp_path, slow_opening):
    path = tmp_path / "book.writer"
    make_book(path, "It rained.")
    window = opening(qtbot, path)
    committed = QInputMethodEvent("hao", [])
    committed.setCommitString("你")
    QApplication.sendEvent(window.page, committed)
    assert window.page.is_composing
    QApplication.sendEvent(window.page, QInputMethodEvent())
    slow_opening.set()
    qtbot.waitUntil(lambda: window.page.visit is not None and window.page.visit.text == "It rained.你")
    assert not window.page.is_composing
    window.close()


def test_closing_while_a_book_opens_starts_nothing(open_desk, tmp_path):
    started = []

    def engines(settings):
        started.append(settings)
        return models.open_engine(settings)

    desk = open_desk(["Here."], engines=engines, **ECHO)
    other = tmp_path / "other.writer"
    make_book(other, "Other.")
    desk.window.opening.open(other)
    desk.window.close()
    QApplication.processEvents()
    assert len(started) == 1
    assert desk.window.project_path is None


def test_save_as_keeps_what_could_not_be_saved_here(open_desk, tmp_path):
    desk = open_desk(["Here."], suggestions=False)
    scene, copy, done = desk.page.visit.scene, tmp_path / "copy.writer", []
    moved = desk.path.with_name("moved.writer")
    desk.path.rename(moved)
    desk.write(" Unsaved.")
    desk.window.session.save_as(copy, lambda: done.append(True))
    desk.write(" Later.")
    desk.qtbot.waitUntil(lambda: bool(done), timeout=15_000)
    assert read(copy, scene) == "Here. Unsaved. Later."
    moved.rename(desk.path)


def test_a_title_stays_with_its_scene(open_desk):
    desk = open_desk(["First.", "Second."], suggestions=False)
    line = desk.window.title.findChild(QLineEdit)
    desk.window.title.edit()
    desk.window.binder.step(-1)
    desk.qtbot.waitUntil(lambda: desk.text == "First.")
    assert [node.title for node in desk.window.nodes] == ["Scene 1", "Scene 2"]
    desk.window.title.edit()
    line.setText("The storm")
    desk.window.binder.step(1)
    desk.qtbot.waitUntil(lambda: [node.title for node in desk.window.nodes] == ["The storm", "Scene 2"])
    desk.window.title.edit()
    line.setText("After it")
    desk.window.close()
    with Store.reader(desk.path) as store:
        assert [node.title for node in store.nodes()] == ["The storm", "After it"]


def test_taking_a_part_while_it_streams_leaves_no_hole(open_desk):
    class Slow(Echo):
        """Writes word after word until it is told to stop."""

        def generate(self, prompt, sampling):
            for number in range(60):
                time.sleep(0.02)
                yield Piece(f" word{number}")
            return Usage(1, 1, 60, 1.0, 2.0)

    desk = open_desk(["The gulls rose and"], engines=lambda _: Slow(), words=60)
    desk.qtbot.waitUntil(lambda: bool(desk.grey))
    desk.qtbot.waitUntil(lambda: desk.window.suggestions.state == "ready", timeout=15_000)
    desk.press(Qt.Key.Key_BracketRight, Qt.KeyboardModifier.AltModifier)
    desk.qtbot.waitUntil(lambda: len(desk.window.suggestions.candidates) == 2 and desk.grey.count(" ") > 3)
    desk.press(Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    desk.wait_for_suggestion()
    desk.press(Qt.Key.Key_Tab)
    said = [word.strip(".")[4:] for word in desk.text.removeprefix("The gulls rose and").split()]
    assert len(said) > 4
    assert said == [str(number) for number in range(len(said))]


def test_settings_changed_elsewhere_are_not_undone(open_desk):
    desk = open_desk(["Here."], suggestions=False)
    save(replace(load(), words=99))
    desk.window.change_settings(zoom=125)
    assert (load().words, load().zoom) == (99, 125)


def test_a_new_chapter_comes_with_a_scene_and_takes_more(open_desk):
    desk = open_desk(["First."], suggestions=False)
    first = desk.page.visit.scene
    desk.window.binder.new_chapter()
    desk.qtbot.waitUntil(lambda: desk.page.visit.scene != first)
    second = desk.page.visit.scene
    desk.window.binder.new_scene()
    desk.qtbot.waitUntil(lambda: desk.page.visit.scene != second)
    desk.qtbot.waitUntil(lambda: len(desk.window.nodes) == 4)
    assert [node.level for node in desk.window.nodes] == [0, 0, 1, 1]


def test_the_key_for_renaming_means_what_has_the_focus(open_desk):
    desk = open_desk(["First.", "Second."], suggestions=False)
    tree = desk.window.scenes.tree
    desk.window.scenes.mark(desk.window.nodes[0].id)
    tree.setFocus()
    desk.window.binder.rename()
    field = tree.findChild(QLineEdit)
    assert field is not None
    QTest.keyClicks(field, "The storm")
    QTest.keyClick(field, Qt.Key.Key_Return)
    desk.qtbot.waitUntil(lambda: [node.title for node in desk.window.nodes] == ["The storm", "Scene 2"])


def test_the_caret_stays_in_view_when_the_window_becomes_smaller(open_desk):
    desk = open_desk(["It rained all day on the harbour and nobody came to the door. " * 60], suggestions=False)
    desk.window.resize(1280, 800)
    desk.page.place_caret(len(desk.text))
    desk.page.ensureCursorVisible()
    for width, height in ((900, 640), (1280, 800), (900, 500)):
        desk.window.resize(width, height)
        desk.qtbot.waitUntil(lambda: desk.page.viewport().rect().contains(desk.page.cursorRect()))
    desk.page.verticalScrollBar().setValue(0)
    desk.window.resize(1000, 700)
    desk.qtbot.wait(50)
    assert desk.page.verticalScrollBar().value() == 0
