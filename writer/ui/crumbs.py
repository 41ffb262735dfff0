"""Where the author is in the outline, from the book down, and how many of the words wanted there are."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from writer.ui.fold import empty
from writer.ui.status import draw_share
from writer.ui.theme import Theme

LONGEST = 40


class Crumbs(QWidget):
    """A line of titles that lead upwards; the first is the book's."""

    wanted = Signal(int)
    """A node, or 0 for the book."""

    def __init__(self) -> None:
        super().__init__(objectName="crumbs")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.theme: Theme | None = None
        self._words = self._target = 0
        self._path: list[tuple[int, str]] = []
        self._titles = QHBoxLayout()
        self._titles.setSpacing(4)
        self.share = QLabel("", textFormat=Qt.TextFormat.PlainText, objectName="small")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 16, 11)
        row.addLayout(self._titles)
        row.addStretch(1)
        row.addWidget(self.share)

    def show_path(
        self, path: Sequence[tuple[int, str]], said: str, words: int, target: int, *, is_chosen: bool
    ) -> None:
        """Show the way down to where the author is; ``is_chosen`` if the last of it is what the plan shows."""
        self._words, self._target = words, target
        self.share.setText(said)
        if list(path) != self._path:
            self._path = list(path)
            empty(self._titles)
            for number, (id, title) in enumerate(path):
                if number:
                    self._titles.addWidget(QLabel("›", objectName="small"))
                self._titles.addWidget(self._crumb(id, title))
        for number, button in enumerate(self.findChildren(QPushButton)):
            button.setProperty("on", is_chosen and number == len(path) - 1)
            button.style().unpolish(button)
            button.style().polish(button)
        self.update()

    def _crumb(self, id: int, title: str) -> QPushButton:
        shown = title if len(title) <= LONGEST else title[: LONGEST - 1].rstrip() + "…"
        button = QPushButton(shown.replace("&", "&&"), objectName="crumb")
        button.setToolTip(title if shown != title else "")
        button.setAccessibleName(title)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda: self.wanted.emit(id))
        return button

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.theme is not None and self._target:
            painter = QPainter(self)
            line = QRectF(16, self.height() - 4, self.width() - 32, 3)
            draw_share(painter, self._words, self._target, line, self.theme)
            painter.end()
