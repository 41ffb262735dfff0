"""Grey text: drawn at the caret, never in the text."""

import pytest
from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCharFormat, QTextFormat
from PySide6.QtWidgets import QApplication

from tests.ui.test_editor import ENGLISH, GREY, MIDDLE, PROSE, drawn, show
from writer.ui import utf16
from writer.ui.grey import PARAGRAPH


@pytest.fixture
def page(open_page):
    return open_page(PROSE)


class Spelling(QSyntaxHighlighter):
    def highlightBlock(self, text: str) -> None:
        red = QTextCharFormat()
        red.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SpellCheckUnderline)
        red.setUnderlineColor(QColor("red"))
        for word in ("herons", "slip"):
            at = text.find(word)
            if at >= 0:
                self.setFormat(at, len(word), red)


def test_grey_text_leaves_the_text_alone(page, qtbot):
    document = page.document()
    page.place_caret(MIDDLE)
    steps, revision, place = document.availableUndoSteps(), document.revision(), page.cursorRect()
    height = document.size().height()
    changes = []
    document.contentsChanged.connect(lambda: changes.append("contents"))
    page.textChanged.connect(lambda: changes.append("text"))
    document.modificationChanged.connect(lambda _: changes.append("modified"))
    show(page, MIDDLE)
    assert drawn(page) == GREY
    assert page.visit.text == PROSE
    assert (document.availableUndoSteps(), document.revision()) == (steps, revision)
    assert document.size().height() > height
    assert page.cursorRect() == place
    assert changes == []
    assert "climbed" not in document.toHtml()
    page.clear_ghost()
    assert drawn(page) == ""
    assert document.size().height() == height
    assert changes == []


def test_it_survives_resizing_and_highlighting(page):
    highlighter = Spelling(page.document())
    show(page, MIDDLE)
    page.resize(480, 520)
    QApplication.processEvents()
    assert drawn(page) == GREY
    highlighter.rehighlight()
    QApplication.processEvents()
    assert drawn(page) == GREY
    page.clear_ghost()
    marked = [f.start for f in page.document().firstBlock().layout().formats()]
    assert marked == [ENGLISH.index("herons"), ENGLISH.index("slip")]


def test_formats_move_with_it_and_back(page):
    Spelling(page.document()).rehighlight()
    layout = page.document().firstBlock().layout()
    before = [(f.start, f.length) for f in layout.formats()]
    show(page, ENGLISH.index("slip") + 2, "XYZ")
    inside = [(f.start, f.length) for f in layout.formats()]
    slip = ENGLISH.index("slip")
    assert inside == [before[0], (slip, 2), (slip + 5, 2), (slip + 2, 3)]
    page.clear_ghost()
    assert [(f.start, f.length) for f in layout.formats()] == before


def test_the_page_scrolls_with_it(page):
    page.resize(720, 260)
    page.place_caret(len(PROSE))
    before = page.verticalScrollBar().maximum()
    show(page, len(PROSE), GREY * 3)
    assert page.verticalScrollBar().maximum() > before
    page.clear_ghost()
    QApplication.processEvents()
    assert page.verticalScrollBar().maximum() == before


def test_grey_text_is_grey(page):
    show(page, MIDDLE)
    grey = page.document().firstBlock().layout().formats()[-1]
    assert grey.format.foreground().color() == page.palette().placeholderText().color()
    assert not grey.format.hasProperty(QTextFormat.Property.FontItalic)


@pytest.mark.parametrize("words", ["\nAt the top he stopped.", " 😀 He rose.\n第二天清晨，雾升起来。\n\nHe stopped."])
@pytest.mark.parametrize("place", [MIDDLE, len(ENGLISH), len(PROSE)])
def test_a_paragraph_in_it_begins_where_it_will_stand(page, words, place):
    show(page, place, words)
    assert drawn(page) == words
    layout = page.textCursor().block().layout()
    before = layout.preeditAreaText().split(PARAGRAPH)
    starts = [utf16.units(PARAGRAPH.join([*before[:number], ""])) for number in range(1, len(before)) if before[number]]
    places = [layout.preeditAreaPosition() + start for start in starts]
    told = [layout.lineForTextPosition(at).cursorToX(at)[0] for at in places]
    first = page.textCursor().blockNumber() + 1
    page.accept(words)
    blocks = [page.document().findBlockByNumber(first + number) for number in range(words.count("\n"))]
    stands = [block.layout().lineAt(0).cursorToX(0)[0] for block in blocks if block.text()]
    assert told == pytest.approx(stands, abs=1)
    assert min(stands) > 10
