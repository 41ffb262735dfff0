"""Grey text: words that are drawn in the page at the caret and are no part of its text.

They are a preedit area of the paragraph's layout: the page reflows around them while text, undo history, revision and
``textChanged`` stay untouched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtGui import QFont, QFontMetricsF, QPalette, QTextBlock, QTextCharFormat, QTextCursor, QTextLayout

from writer.ui import utf16
from writer.ui.documents import body_format

if TYPE_CHECKING:
    from writer.ui.editor import Page

PARAGRAPH = "\u2028\u00a0"
"""Begins a paragraph in the grey text: a line end, and a space as wide as the indent of a first line."""
HINT_HEIGHT = 36

Formats = list[QTextLayout.FormatRange]


class Grey:
    """The grey text of one page."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._block: QTextBlock | None = None

    @property
    def words(self) -> str:
        """What is drawn; nothing if nothing is."""
        block = self._block
        if block is None or not block.isValid():
            return ""
        return block.layout().preeditAreaText().replace(PARAGRAPH, "\n")

    def draw(self, words: str, *, at_end: bool = False) -> None:
        """Draw these words at the caret, or at the text's end, and scroll to them as far as the caret stays in view."""
        page = self._page
        cursor = page.textCursor()
        follows = cursor.atEnd() or not at_end
        if at_end:
            cursor.movePosition(QTextCursor.MoveOperation.End)
        block, at = cursor.block(), cursor.positionInBlock()
        layout = block.layout()
        shown = words.replace("\n", PARAGRAPH)
        length = utf16.units(shown)
        look = QTextCharFormat()
        look.setForeground(page.palette().color(QPalette.ColorRole.PlaceholderText))
        layout.setPreeditArea(at, shown)
        indents = [_range(at + place, at + place + 1, self._indent()) for place in _beginnings(shown)]
        layout.setFormats([*_opened(layout.formats(), at, length), *indents, _range(at, at + length, look)])
        self._block = block
        page.document().markContentsDirty(block.position(), block.length())
        if follows:
            self._scroll()
        page.viewport().update()

    def erase(self) -> None:
        """Take them off the page again."""
        block, self._block = self._block, None
        if block is None or not block.isValid():
            return
        layout = block.layout()
        at, length = layout.preeditAreaPosition(), utf16.units(layout.preeditAreaText())
        layout.setPreeditArea(-1, "")
        layout.setFormats(_closed(layout.formats(), at, length))
        self._page.document().markContentsDirty(block.position(), block.length())
        self._page.viewport().update()

    @property
    def end(self) -> QPoint | None:
        """The place just under their last line, in the viewport; None where none are drawn."""
        block = self._block
        if block is None:
            return None
        layout = block.layout()
        line = layout.lineForTextPosition(layout.preeditAreaPosition() + utf16.units(layout.preeditAreaText()))
        if not line.isValid():
            return None
        page = self._page
        top = page.document().documentLayout().blockBoundingRect(block).top() - page.verticalScrollBar().value()
        return QPoint(0, round(top + line.y() + line.height()))

    def _indent(self) -> QTextCharFormat:
        """How a space looks that is as wide as a paragraph's indent."""
        look = self._page.look
        width = body_format(look, first=False).textIndent() - QFontMetricsF(look.font).horizontalAdvance(PARAGRAPH[-1])
        indent = QTextCharFormat()
        indent.setFontLetterSpacingType(QFont.SpacingType.AbsoluteSpacing)
        indent.setFontLetterSpacing(width)
        return indent

    def _scroll(self) -> None:
        end, page = self.end, self._page
        hidden = end.y() + HINT_HEIGHT - page.viewport().height() if end is not None else 0
        if hidden > 0:
            bar = page.verticalScrollBar()
            bar.setValue(bar.value() + max(0, min(hidden, page.cursorRect().top())))


def _beginnings(shown: str) -> Iterator[int]:
    """Where paragraphs begin in what is drawn, in UTF-16 units; an empty one has no indent."""
    for found in re.finditer(rf"{PARAGRAPH}(?!{PARAGRAPH[0]})", shown):
        yield utf16.units(shown[: found.end() - 1])


def _range(start: int, end: int, look: QTextCharFormat) -> QTextLayout.FormatRange:
    made = QTextLayout.FormatRange()
    made.start, made.length, made.format = start, end - start, look
    return made


def _opened(formats: Formats, at: int, length: int) -> Formats:
    """The formats of a paragraph with room for ``length`` units at ``at``; one around it is split in two."""
    moved = []
    for old in formats:
        end = old.start + old.length
        for start, stop in ((old.start, min(end, at)), (max(old.start, at) + length, end + length)):
            if start < stop:
                moved.append(_range(start, stop, old.format))
    return moved


def _closed(formats: Formats, at: int, length: int) -> Formats:
    """The formats of a paragraph with that room taken out again; what a highlighter changed meanwhile stays."""
    moved: Formats = []
    for old in formats:
        start, end = (x if x <= at else max(at, x - length) for x in (old.start, old.start + old.length))
        if start == end:
            continue
        last = moved[-1] if moved else None
        if last is not None and last.start + last.length == start == at and last.format == old.format:
            last.length += end - start
        else:
            moved.append(_range(start, end, old.format))
    return moved
