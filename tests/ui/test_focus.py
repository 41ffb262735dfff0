"""Focus: the page alone, with all of it faded but the paragraph at the caret, and everything back just as it was."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from writer.ui.focus import MIDDLE

PROSE = "\n".join(f"Paragraph {n} of a long evening at the harbour, and nobody spoke." for n in range(60))


@pytest.fixture
def desk(open_desk):
    desk = open_desk([PROSE, "Last."], suggestions=False)
    window = desk.window
    window.resize(1280, 800)
    window.binder.go_to(window.nodes[0].id)
    desk.qtbot.waitUntil(lambda: window.scene == window.nodes[0].id)
    desk.page.place_caret(PROSE.index("Paragraph 30"))
    return desk


def shown(desk):
    window = desk.window
    return [not thing.isHidden() for thing in (window.scenes, window.memory, window.plan, window.drafting)]


def press(desk, key, how=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(desk.window, key, how)


def darkest(desk, number):
    """The darkest pixel where a paragraph is drawn."""
    page = desk.page
    block = page.document().findBlockByNumber(number)
    place = page.document().documentLayout().blockBoundingRect(block).toRect()
    place.translate(0, -page.verticalScrollBar().value())
    image = page.viewport().grab(place).toImage()
    points = (QPoint(x, y) for x in range(0, image.width(), 2) for y in range(image.height()))
    return min(QColor(image.pixel(point)).lightness() for point in points)


def test_the_page_is_alone_and_all_comes_back(desk):
    before = shown(desk)
    assert before[0]
    header = desk.window.saved.parentWidget()
    press(desk, Qt.Key.Key_F8)
    assert shown(desk) == [False] * 4
    assert header.height() == 0
    assert desk.page.hasFocus()
    desk.window.resize(700, 700)
    desk.window.resize(1280, 800)
    assert shown(desk) == [False] * 4
    press(desk, Qt.Key.Key_F8)  # the keys of the menus still work
    assert shown(desk) == before
    assert header.height() > 30


def test_only_the_paragraph_at_the_caret_is_in_full_ink(desk):
    press(desk, Qt.Key.Key_F8)
    desk.qtbot.waitUntil(lambda: darkest(desk, 30) + 60 < darkest(desk, 29))
    press(desk, Qt.Key.Key_Up)
    desk.page.place_caret(PROSE.index("Paragraph 29"))
    desk.qtbot.waitUntil(lambda: darkest(desk, 29) + 60 < darkest(desk, 30))
    press(desk, Qt.Key.Key_F8)
    assert abs(darkest(desk, 29) - darkest(desk, 30)) < 30


def test_the_line_that_is_written_stays_in_the_middle(desk):
    press(desk, Qt.Key.Key_F8)
    page = desk.page

    def is_in_middle():
        return abs(page.cursorRect().center().y() - MIDDLE * page.viewport().height()) < page.cursorRect().height()

    page.place_caret(PROSE.index("Paragraph 33"))
    desk.write("Now. ")
    assert is_in_middle()
    desk.press(Qt.Key.Key_Return)
    desk.write("And then.")
    assert is_in_middle()


@pytest.mark.parametrize(
    ("key", "how", "index"),
    [(Qt.Key.Key_F9, Qt.KeyboardModifier.NoModifier, 0), (Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier, 1)],
)
def test_who_asks_for_a_panel_gets_it(desk, key, how, index):
    desk.window.memory.is_wanted = True
    desk.window.panels.fit()
    press(desk, Qt.Key.Key_F8)
    press(desk, key, how)
    assert not desk.window.focus.is_on
    assert shown(desk)[index]


def test_the_outline_and_another_book_end_it(desk):
    press(desk, Qt.Key.Key_F8)
    desk.window.panels.toggle_outline()
    assert not desk.window.focus.is_on
    desk.window.panels.show_page()
    press(desk, Qt.Key.Key_F8)
    assert desk.window.closing.put_away()
    assert not desk.window.focus.is_on
