"""A field for a few lines of prose that is as high as what is in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QResizeEvent
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy

MOST_LINES = 14
_MARK = re.compile(r"^\s*(?:[-–—•*·]|\(?\d{1,3}[.)、．])\s*")


class Lines(QPlainTextEdit):
    """Text that grows downwards; it scrolls only where it would be very high."""

    left = Signal()

    def __init__(self, told: str = "", least: int = 2) -> None:
        super().__init__()
        self._least = least
        self.setPlaceholderText(told)
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().documentLayout().documentSizeChanged.connect(lambda _size: self._fit())
        self._fit()

    def show_text(self, text: str) -> None:
        """Show a text, with the caret where it is if it is the same."""
        if text != self.toPlainText():
            self.setPlainText(text)

    def mark(self, made_by: str) -> None:
        """Mark it as written by a model, or by nobody but the author."""
        if self.property("made") != bool(made_by):
            self.setProperty("made", bool(made_by))
            self.style().unpolish(self)
            self.style().polish(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()

    def _fit(self) -> None:
        """Be as high as the text, whose lines are higher in Chinese than the field's own face says."""
        line, text, block = self.fontMetrics().lineSpacing(), 0.0, self.document().firstBlock()
        while block.isValid() and text < MOST_LINES * line:
            text += self.blockBoundingRect(block).height()
            block = block.next()
        beside = 2 * round(self.document().documentMargin()) + 10
        height = min(MOST_LINES * line, max(self._least * line, ceil(text))) + beside
        if height != self.height():
            self.setFixedHeight(height)


def items(text: str) -> tuple[str, ...]:
    """What an author wrote one a line, without numbers and dashes before it."""
    return tuple(said for line in text.splitlines() if (said := " ".join(_MARK.sub("", line).split())))


def numbered(said: Sequence[str]) -> str:
    """Items one a line, with numbers where there are several: a long one takes several lines itself."""
    return "\n".join(f"{number}. {one}" for number, one in enumerate(said, 1)) if len(said) > 1 else "".join(said)
