"""The page: what keys, mouse and input methods do to the text and to the suggestion in it."""

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QInputMethodEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from writer.story import Scene
from writer.ui import theme, utf16
from writer.ui.documents import Documents, Look
from writer.ui.editor import Page
from writer.ui.grey import PARAGRAPH
from writer.ui.keys import Keys

ENGLISH = (
    "The ferryman had not spoken to anyone in eleven days, and the herons had begun to sound like people. "
    "Down by the slip a boat knocked against the stones."
)
CHINESE = "第二天清晨，雾从河面上升起来，对岸的灯已经看不见了。老人坐在窗边，听着远处的汽笛声。"
PROSE = f"{ENGLISH}\n{CHINESE}\nThe last paragraph."
GREY = (
    " He climbed the stairs slowly, counting each one aloud, as though the numbers could keep the dark away.\n"
    "At the top he stopped."
)
MIDDLE = ENGLISH.index(" Down by")


def make_look() -> Look:
    return Look(theme.page_font("", 100), 1.4, False, 100, 100)


def make_page() -> Page:
    page = Page(make_look())
    page.documents = Documents(page, page.look)
    page.resize(720, 520)
    return page


@pytest.fixture
def page(open_page):
    return open_page(PROSE)


def show(page: Page, at: int, grey: str = GREY) -> None:
    page.place_caret(at)
    page.expect(page.cursor_now())
    page.grow(grey)
    QApplication.processEvents()


def drawn(page: Page) -> str:
    """Everything that is drawn as grey text, in any paragraph."""
    document = page.document()
    areas = [document.findBlockByNumber(n).layout().preeditAreaText() for n in range(document.blockCount())]
    return "".join(areas).replace(PARAGRAPH, "\n")


def compose(page: Page, preedit: str, commit: str = "") -> None:
    event = QInputMethodEvent(preedit, [])
    if commit:
        event.setCommitString(commit)
    QApplication.sendEvent(page, event)
    QApplication.processEvents()


def test_it_grows_piece_by_piece(page):
    show(page, MIDDLE, " He climbed")
    page.grow(" the stairs.")
    assert drawn(page) == page.ghost.text == " He climbed the stairs."


def test_tab_takes_all_and_one_undo_takes_it_back(page):
    show(page, MIDDLE)
    QTest.keyClick(page, Qt.Key.Key_Tab)
    assert page.visit.text == PROSE[:MIDDLE] + GREY + PROSE[MIDDLE:]
    assert drawn(page) == ""
    QTest.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert page.visit.text == PROSE


def test_typing_on_is_undone_apart_from_what_was_taken(page):
    show(page, MIDDLE, " He climbed.")
    QTest.keyClick(page, Qt.Key.Key_Tab)
    QTest.keyClicks(page, " xyz")
    assert page.visit.text[MIDDLE:].startswith(" He climbed. xyz")
    QTest.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert page.visit.text == PROSE[:MIDDLE] + " He climbed." + PROSE[MIDDLE:]
    QTest.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert page.visit.text == PROSE


def test_a_paragraph_taken_from_grey_is_set_like_any_other(page):
    show(page, MIDDLE)
    QTest.keyClick(page, Qt.Key.Key_Tab)
    taken, other = page.document().findBlockByNumber(1), page.document().findBlockByNumber(2)
    assert taken.blockFormat().textIndent() == other.blockFormat().textIndent() > 0


def test_ctrl_right_takes_a_word(page):
    show(page, MIDDLE)
    QTest.keyClick(page, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert page.visit.text[MIDDLE : MIDDLE + 4] == " He "[:3] + PROSE[MIDDLE]
    assert drawn(page) == GREY[3:]


def test_alt_right_takes_a_sentence(page):
    show(page, MIDDLE, " He stopped. Then he went on.")
    QTest.keyClick(page, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert page.visit.text[MIDDLE:].startswith(" He stopped. Down by")
    assert drawn(page) == " Then he went on."


def test_chinese_is_taken_up_to_the_next_punctuation(page):
    at = PROSE.index("对岸")
    show(page, at, "渔船一只接一只地回到港口，没有人说话。")
    QTest.keyClick(page, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert page.visit.text[at:].startswith("渔船一只接一只地回到港口，对岸")
    assert drawn(page) == "没有人说话。"


def test_typing_what_was_predicted_keeps_the_rest(page):
    show(page, MIDDLE)
    QTest.keyClicks(page, " He")
    assert page.visit.text[MIDDLE : MIDDLE + 3] == " He"
    assert drawn(page) == GREY[3:]
    page.grow(" More.")
    assert drawn(page) == GREY[3:] + " More."


def test_another_key_dismisses(page):
    show(page, MIDDLE)
    QTest.keyClicks(page, "x")
    assert drawn(page) == ""
    assert page.ghost is None
    assert page.visit.text[MIDDLE] == "x"


@pytest.mark.parametrize("key", [Qt.Key.Key_Left, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_Escape])
def test_moving_or_escape_dismisses(page, key):
    show(page, MIDDLE)
    QTest.keyClick(page, key)
    assert drawn(page) == ""
    assert page.visit.text == PROSE


def test_down_goes_where_it_would_without_grey_text(page):
    show(page, MIDDLE)
    QTest.keyClick(page, Qt.Key.Key_Down)
    there = page.textCursor().position()
    page.place_caret(MIDDLE)
    QTest.keyClick(page, Qt.Key.Key_Down)
    assert page.textCursor().position() == there


def test_a_click_dismisses_and_lands_in_the_real_text(page):
    show(page, MIDDLE)
    where = page.cursorRect().bottomRight() + QPoint(40, 30)
    QTest.mouseClick(page.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where)
    assert drawn(page) == ""


def test_modifier_keys_alone_keep_it(page):
    show(page, MIDDLE)
    for key in (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt):
        QTest.keyClick(page, key)
    assert drawn(page) == GREY


def test_select_all_dismisses_and_a_selection_refuses(page):
    show(page, MIDDLE)
    QTest.keyClick(page, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert drawn(page) == ""
    assert page.textCursor().hasSelection()
    assert not page.can_suggest


def test_an_edit_elsewhere_makes_it_stale(page):
    show(page, MIDDLE)
    cursor = QTextCursor(page.document())
    cursor.movePosition(QTextCursor.MoveOperation.End)
    cursor.insertText("!")
    assert page.ghost is None
    assert drawn(page) == ""


def test_a_late_piece_draws_nothing(page):
    show(page, MIDDLE, "")
    QTest.keyClicks(page, "x")
    page.grow(" too late")
    assert drawn(page) == ""


def test_undo_dismisses(page):
    page.place_caret(MIDDLE)
    QTest.keyClicks(page, "q")
    show(page, MIDDLE + 1)
    page.undo()
    assert drawn(page) == ""
    assert page.visit.text == PROSE


def test_tab_is_a_tab_when_nothing_is_shown(page):
    page.place_caret(MIDDLE)
    QTest.keyClick(page, Qt.Key.Key_Tab)
    assert page.visit.text[MIDDLE] == "\t"


def test_enter_never_takes_it(page):
    show(page, MIDDLE)
    QTest.keyClick(page, Qt.Key.Key_Return)
    assert page.visit.text == PROSE[:MIDDLE] + "\n" + PROSE[MIDDLE:]
    page.undo()
    assert page.visit.text == PROSE


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_X, Qt.Key.Key_Backspace])
def test_no_key_changes_what_can_only_be_read(page, key):
    page.setReadOnly(True)
    page.place_caret(MIDDLE)
    QTest.keyClick(page, key)
    assert page.visit.text == PROSE


def test_composing_pinyin_wins_over_grey_text(page):
    at = PROSE.index("对岸")
    show(page, at, "渔船一只接一只地回到港口，")
    compose(page, "yu")
    assert drawn(page) == "yu"
    assert page.ghost is None
    assert not page.can_suggest
    compose(page, "yu'chuan")
    compose(page, "", "汽笛")
    assert page.visit.text == PROSE[:at] + "汽笛" + PROSE[at:]
    assert drawn(page) == ""
    assert page.can_suggest


def test_composing_what_was_predicted_keeps_the_rest(page):
    at = PROSE.index("对岸")
    show(page, at, "渔船一只接一只地回到港口，")
    compose(page, "yu'chuan")
    compose(page, "", "渔船")
    assert page.visit.text == PROSE[:at] + "渔船" + PROSE[at:]
    assert drawn(page) == "一只接一只地回到港口，"


def test_what_the_input_method_sees_is_clean(page):
    show(page, MIDDLE)
    assert page.inputMethodQuery(Qt.InputMethodQuery.ImSurroundingText) == ENGLISH
    assert page.inputMethodQuery(Qt.InputMethodQuery.ImCursorPosition) == MIDDLE


def test_the_candidate_window_opens_at_the_caret(page):
    page.place_caret(MIDDLE)
    rectangle = page.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle)
    corner = page.viewport().mapTo(page, page.cursorRect().topLeft())
    assert rectangle.topLeft().toPoint() == corner


def test_emoji_count_as_one_character(page):
    grey = " 😀 smile 😀 end"
    show(page, MIDDLE, grey)
    QTest.keyClick(page, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert page.visit.text[MIDDLE : MIDDLE + 2] == " 😀"
    QTest.keyClick(page, Qt.Key.Key_Tab)
    assert page.visit.text == PROSE[:MIDDLE] + grey + PROSE[MIDDLE:]
    assert page.cursor_now().offset == MIDDLE + len(grey)


def test_losing_focus_dismisses(page, qtbot):
    show(page, MIDDLE)
    page.clearFocus()
    assert drawn(page) == ""
    assert not page.can_suggest


def test_the_keys_can_be_changed(page):
    page.keys = Keys({"accept": "Ctrl+J", "unknown": "Ctrl+K"})
    show(page, MIDDLE)
    QTest.keyClick(page, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    assert GREY in page.visit.text


def test_alternatives_are_asked_for_by_key(page):
    asked = []
    page.wanted.connect(asked.append)
    for key in (Qt.Key.Key_Backslash, Qt.Key.Key_BracketRight, Qt.Key.Key_BracketLeft):
        QTest.keyClick(page, key, Qt.KeyboardModifier.AltModifier)
    assert asked == ["ask", "next", "previous"]


def test_paste_brings_plain_clean_text(page):
    data = QMimeData()
    data.setHtml("<b>bold</b>")
    data.setText("one\r\ntwo\x00 three")
    page.place_caret(0)
    page.insertFromMimeData(data)
    assert page.visit.text == "one\ntwo three" + PROSE
    page.undo()
    assert page.visit.text == PROSE


def test_no_break_spaces_survive(page):
    page.place_caret(0)
    page.insertFromMimeData(_mime("10\u00a0km "))
    assert page.visit.text.startswith("10\u00a0km ")
    page.selectAll()
    assert "10\u00a0km" in page.createMimeDataFromSelection().text()


def _mime(text: str) -> QMimeData:
    data = QMimeData()
    data.setText(text)
    return data


def test_caret_and_undo_outlive_a_visit_to_another_scene(page):
    page.place_caret(MIDDLE)
    QTest.keyClicks(page, "abc")
    here = page.visit
    page.show_visit(page.documents.open(Scene(2, "", CHINESE, 0)))
    assert page.visit.text == CHINESE
    page.show_visit(here)
    assert page.textCursor().position() == MIDDLE + 3
    page.undo()
    assert page.visit.text == PROSE


@pytest.mark.parametrize("text", ["", "plain", "a😀b", "灯塔😀。", "e\u0301"])
def test_offsets_agree_with_qt(text):
    for offset in range(len(text) + 1):
        assert utf16.to_points(text, utf16.to_units(text, offset)) == offset
    assert utf16.units(text) == utf16.to_units(text, len(text))
