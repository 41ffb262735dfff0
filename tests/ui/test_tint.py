"""The tint: behind what a model wrote, wherever that is drawn, and nowhere else."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QFontMetricsF
from PySide6.QtWidgets import QApplication

from tests.ui.test_marks import FIRST, OTHER, PROSE, take
from writer.story import Credit, Scene
from writer.ui import tint

TINT = QColor("#d2e9e2")


@pytest.fixture
def page(open_page):
    return open_page(PROSE)


def tinted(page):
    """The x of all pixels in the first line's height that have the tint's colour."""
    QApplication.processEvents()
    picture = page.viewport().grab().toImage()
    y = page.document().documentLayout().blockBoundingRect(page.document().firstBlock()).top()
    rows = [int(y) + row - page.verticalScrollBar().value() for row in range(4, 20)]
    return {x for x in range(picture.width()) if any(picture.pixelColor(x, row) == TINT for row in rows)}


def test_the_tint_is_behind_what_the_model_wrote(page):
    page.setCursorWidth(0)
    page.tints.show_credits(TINT)
    assert not tinted(page)
    take(page, 3, " green 😀 and blue")
    page.place_caret(3)
    left = page.cursorRect().left()
    page.place_caret(6)
    caret = page.cursorRect().left()
    page.place_caret(3 + len(" green 😀 and blue"))
    right = page.cursorRect().left()
    before = tinted(page)
    assert left - 1 <= min(before) <= left + 2
    assert right - 3 <= max(before) <= right + 1
    page.place_caret(6)
    page.expect(page.cursor_now())
    page.grow(" wwww", OTHER)
    shifted = tinted(page)
    grey = round(QFontMetricsF(page.look.font).horizontalAdvance(" wwww"))
    assert {x for x in shifted if x < caret - 2} == {x for x in before if x < caret - 2}
    assert not {x for x in shifted if caret + 2 < x < caret + grey - 2}
    assert max(shifted) == pytest.approx(max(before) + grey, abs=2)
    page.clear_ghost()
    assert tinted(page) == before
    page.undo()
    assert not tinted(page)
    page.redo()
    page.tints.show_credits(None)
    assert not tinted(page)


def test_the_tint_follows_wrapped_lines_and_leaves_history_alone(page):
    visit = page.documents.open(Scene(5, "", "word " * 80, 0, (Credit(5, 395, FIRST),)))
    page.show_visit(visit)
    before = (visit.document.revision(), visit.document.availableUndoSteps())
    page.tints.show_credits(TINT)
    block = visit.document.firstBlock()
    rectangles = list(tint.rectangles(page, block, 5, 395))
    assert len(rectangles) == block.layout().lineCount() > 2
    assert all(one.bottom() <= other.top() for one, other in pairwise(rectangles))
    assert tinted(page)
    assert (visit.document.revision(), visit.document.availableUndoSteps()) == before


@pytest.mark.parametrize("paragraph", [0, 10, 39])
def test_a_part_that_is_painted_again_behind_grey_text_keeps_its_tint(open_page, paragraph):
    page = open_page("One two three.\n" * 40)
    page.place_caret(paragraph * len("One two three.\n"))
    page.expect(page.cursor_now())
    page.grow(" grey" * 60, OTHER)
    block = page.textCursor().block()
    end = page.grey.end.y()
    assert [found.blockNumber() for found in tint.blocks(page, QRect(0, end - 5, 10, 2))] == [block.blockNumber()]
