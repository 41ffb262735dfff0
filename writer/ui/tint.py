"""The tint: a colour behind what a model wrote in the page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QTextBlock, QTextLayout, QTextLine
from PySide6.QtWidgets import QTextEdit

from writer.ui import marks, utf16

RADIUS = 3


def paint(page: QTextEdit, colour: QColor, where: QRect) -> None:
    """Paint it in this part of the viewport, before the text is painted over it."""
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
