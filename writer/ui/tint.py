"""What is painted in the page besides its text: a colour behind what a model wrote or what is looked for, lines
under what needs a source."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QTextBlock, QTextLayout, QTextLine
from PySide6.QtWidgets import QTextEdit

from writer.ui import marks, utf16

if TYPE_CHECKING:
    from writer.ui.editor import Page

RADIUS = 3
WAVE = 2.0
"""Pixels from one side of a wavy line to the other; a wave is four times as long."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line under a stretch of the document, in Qt's units from its start: dotted, or wavy."""

    start: int
    end: int
    colour: QColor
    is_wavy: bool = False


class Tints:
    """What is painted in one page until something else is asked for."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._credits: QColor | None = None
        self._found: list[tuple[int, int]] = []
        self._found_colour = QColor()
        self._veil: QColor | None = None
        self.lines: list[Line] = []

    def show_credits(self, colour: QColor | None) -> None:
        """Tint what the model wrote with this colour, or with None no more."""
        self._credits = colour
        self._page.viewport().update()

    def show_found(self, places: list[tuple[int, int]], colour: QColor) -> None:
        """Paint this colour behind these stretches of the text, in code points and in order."""
        prose = self._page.visit.text if self._page.visit is not None else ""
        self._found, self._found_colour = utf16.all_to_units(prose, places), colour
        self._page.viewport().update()

    def underline(self, lines: list[Line]) -> None:
        """Draw these lines under the text."""
        self.lines = lines
        self._page.viewport().update()

    def fade_others(self, veil: QColor | None) -> None:
        """Lay this colour over all paragraphs but the one at the caret, or with None no more."""
        self._veil = veil
        self._page.viewport().update()

    def paint_behind(self, where: QRect) -> None:
        """Paint in this part of the viewport what the text is painted over."""
        if self._credits is not None:
            _paint(self._page, self._credits, where)
        if self._found:
            _wash(self._page, self._found, self._found_colour, where)

    def paint_over(self, where: QRect) -> None:
        """Paint in this part of the viewport what comes over the text."""
        if self.lines:
            _underline(self._page, self.lines, where)
        if self._veil is not None and not self._page.textCursor().hasSelection():
            _lay_veil(self._page, self._veil, where)


def _paint(page: QTextEdit, colour: QColor, where: QRect) -> None:
    """Paint a colour behind what a model wrote."""
    # From the text's layout: a format would enter the undo history, an extra selection would be misplaced behind grey
    # text.
    painter = QPainter(page.viewport())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for block in blocks(page, where):
        for start, end, _origin in marks.stretches(block):
            for tinted in rectangles(page, block, start, end):
                painter.drawRoundedRect(tinted, RADIUS, RADIUS)
    painter.end()


def _wash(page: QTextEdit, places: Sequence[tuple[int, int]], colour: QColor, where: QRect) -> None:
    """Paint a colour behind these stretches of the document, which are in order."""
    painter = QPainter(page.viewport())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for block in blocks(page, where):
        first, last = block.position(), block.position() + block.length() - 1
        for start, end in places[bisect_right(places, first, key=itemgetter(1)) :]:
            if start >= last:
                break
            for place in rectangles(page, block, max(first, start) - first, min(last, end) - first):
                painter.drawRoundedRect(place, RADIUS, RADIUS)
    painter.end()


def _lay_veil(page: QTextEdit, colour: QColor, where: QRect) -> None:
    """Lay a colour over all paragraphs but the caret's."""
    painter = QPainter(page.viewport())
    layout, here = page.document().documentLayout(), page.textCursor().block()
    for block in blocks(page, where):
        if block != here:
            place = layout.blockBoundingRect(block).translated(0, -page.verticalScrollBar().value())
            painter.fillRect(QRectF(0, place.top(), page.viewport().width(), place.height()), colour)
    painter.end()


def _underline(page: QTextEdit, lines: Sequence[Line], where: QRect) -> None:
    """Draw these lines."""
    painter = QPainter(page.viewport())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for block in blocks(page, where):
        first, last = block.position(), block.position() + block.length() - 1
        for line in lines:
            start, end = max(first, line.start), min(last, line.end)
            if start < end:
                pen = QPen(line.colour, 1.2 if line.is_wavy else 1.6)
                if not line.is_wavy:
                    pen.setStyle(Qt.PenStyle.DotLine)
                painter.setPen(pen)
                for place in rectangles(page, block, start - first, end - first):
                    painter.drawPath(_path(place, is_wavy=line.is_wavy))
    painter.end()


def _path(place: QRectF, *, is_wavy: bool) -> QPainterPath:
    """A line under a rectangle."""
    height = place.bottom() + 1
    path = QPainterPath(QPointF(place.left(), height))
    if not is_wavy:
        path.lineTo(place.right(), height)
        return path
    x, up = place.left(), True
    while x < place.right():
        path.quadTo(x + WAVE, height + (-WAVE if up else WAVE), min(x + 2 * WAVE, place.right()), height)
        x, up = x + 2 * WAVE, not up
    return path


def blocks(page: QTextEdit, where: QRect) -> Iterator[QTextBlock]:
    """The paragraphs that are drawn in this part of the viewport."""
    document, scrolled = page.document(), page.verticalScrollBar().value()
    layout = document.documentLayout()
    # Behind grey text a place in the layout is too far on in the text.
    place = layout.hitTest(QPointF(0, where.top() + scrolled), Qt.HitTestAccuracy.FuzzyHit)
    block = document.findBlock(max(0, min(place, document.characterCount() - 1)))
    while block.previous().isValid() and layout.blockBoundingRect(block).top() > where.top() + scrolled:
        block = block.previous()
    while block.isValid() and layout.blockBoundingRect(block).top() <= where.bottom() + scrolled:
        yield block
        block = block.next()


def rectangles(page: QTextEdit, block: QTextBlock, start: int, end: int) -> Iterator[QRectF]:
    """Where a stretch of a paragraph's text is drawn in the viewport, line by line, leaving out grey text."""
    layout = block.layout()
    corner = page.document().documentLayout().blockBoundingRect(block).topLeft()
    corner -= QPointF(page.horizontalScrollBar().value(), page.verticalScrollBar().value())
    for first, last in _around_preedit(layout, start, end):
        for number in range(layout.lineCount()):
            line = layout.lineAt(number)
            begin, stop = max(first, line.textStart()), min(last, line.textStart() + line.textLength())
            if begin < stop:
                left, right = _x(line, begin), min(_x(line, stop), line.naturalTextRect().right())
                height = line.ascent() + line.descent()
                yield QRectF(left, line.y(), right - left, height).translated(corner)


def _around_preedit(layout: QTextLayout, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A stretch of a paragraph's text as stretches of its layout, which has grey text in it."""
    at, length = layout.preeditAreaPosition(), utf16.units(layout.preeditAreaText())
    if not length or end <= at:
        yield start, end
    elif at <= start:
        yield start + length, end + length
    else:
        yield start, at
        yield at + length, end + length


def _x(line: QTextLine, position: int) -> float:
    answer: Any = line.cursorToX(position)  # with the position beside it, which the stubs don't know
    return float(answer[0])
