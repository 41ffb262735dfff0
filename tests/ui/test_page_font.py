"""The book's face: it stays what the author chose, whatever else is shown in the page's place."""


def test_the_page_keeps_its_face_when_the_outline_was_in_its_place(open_desk):
    desk = open_desk(["It was late."])
    window = desk.window
    face = window.page.look.font
    for _time in range(2):
        window.toggle_outline()
        desk.qtbot.waitUntil(lambda: window.outline.isVisible())
        window.toggle_outline()
        desk.qtbot.waitUntil(lambda: window.page.isVisible())
        assert window.page.font() == face
        assert window.page.document().defaultFont().pixelSize() == face.pixelSize()


def test_the_page_takes_another_face_while_the_outline_is_in_its_place(open_desk):
    desk = open_desk(["It was late."])
    window = desk.window
    window.toggle_outline()
    window.zoom(1)
    window.toggle_outline()
    desk.qtbot.waitUntil(lambda: window.page.isVisible())
    assert window.page.font() == window.page.look.font
