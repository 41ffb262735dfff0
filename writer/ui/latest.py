"""The sentence that is being written, in a place that stays as high as it is: its end, as far as it finds room."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel

LINES = 3
ROOMY = 1.2
"""For Chinese, from a face whose lines are higher."""
EDGE = 14
"""Left and right of the words."""
STEP = 4
"""So many characters go at once where a sentence is too long."""


class Latest(QLabel):
    """Shows the end of a text in a few lines."""

    def __init__(self) -> None:
        super().__init__(objectName="quote", wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._said = ""

    def show_end(self, said: str) -> None:
        """Show this, without its beginning if it is too long."""
        self._said = " ".join(said.split())
        self.setFixedHeight(round(LINES * ROOMY * self.fontMetrics().lineSpacing()) + 2)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        shown, gone = self._said, 0
        while len(self._said) - gone > STEP and not self._fits(shown):
            gone += STEP
            space = self._said.find(" ", gone)
            gone = space if 0 <= space < gone + 3 * STEP else gone  # no word is cut where there are words
            shown = "…" + self._said[gone:].lstrip()
        self.setText(shown)
        if self.property("empty") != (not shown):
            self.setProperty("empty", not shown)
            self.style().unpolish(self)
            self.style().polish(self)

    def _fits(self, said: str) -> bool:
        width, height = max(1, self.width() - EDGE), self.height()
        return self.fontMetrics().boundingRect(0, 0, width, 0, Qt.TextFlag.TextWordWrap, said).height() <= height
