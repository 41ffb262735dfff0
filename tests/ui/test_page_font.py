"""The book's face: it stays what the author chose, whatever else is shown in the page's place."""

from PySide6.QtWidgets import QApplication

from tests.ui.test_editor import make_page
from writer.ui.theme import THEMES
from writer.ui.title import Title


def test_the_page_keeps_its_face_when_the_outline_was_in_its_place(open_desk):
    desk = open_desk(["It was late."])
    window = desk.window
    face = window.page.look.font
    for _time in range(2):
        window.panels.toggle_outline()
        desk.qtbot.waitUntil(lambda: window.outline.isVisible())
        window.panels.toggle_outline()
        desk.qtbot.waitUntil(lambda: window.page.isVisible())
        assert window.page.font() == face
        assert window.page.document().defaultFont().pixelSize() == face.pixelSize()


def test_the_page_takes_another_face_while_the_outline_is_in_its_place(open_desk):
    desk = open_desk(["It was late."])
    window = desk.window
    window.panels.toggle_outline()
    window.painting.zoom(1)
    window.panels.toggle_outline()
    desk.qtbot.waitUntil(lambda: window.page.isVisible())
    assert window.page.font() == window.page.look.font


def test_the_chapter_above_the_page_is_in_the_face_of_the_window(qtbot):
    app = QApplication.instance()
    app.setStyleSheet("")  # as at the start of the program
    page = make_page()
    qtbot.addWidget(page)
    title = Title(page)
    page.setFont(page.look.font)
    title.paint_in(THEMES["light"], page.look)
    page.show()
    assert title._place.font().family() == QApplication.font().family()
    assert title._place.font().pointSize() == QApplication.font().pointSize()
