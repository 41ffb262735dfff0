"""How many words there are of those wanted, and how many an author says are wanted."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from writer.i18n import _
from writer.store.plans import MOST_WORDS
from writer.text import said_words
from writer.ui.fold import small
from writer.ui.status import draw_share
from writer.ui.theme import Theme


class Share(QWidget):
    """How many words there are of those wanted, with a line that fills."""

    def __init__(self) -> None:
        super().__init__()
        self.theme: Theme | None = None
        self._words = self._target = 0
        self.setSizePolicy(self.sizePolicy().horizontalPolicy(), self.sizePolicy().Policy.Fixed)
        self._label = small("")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 10)
        layout.addWidget(self._label)

    def show_share(self, words: int, target: int) -> None:
        """Show these numbers."""
        self._words, self._target = words, target
        self._label.setText(said_share(words, target))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(100, super().sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.theme is not None and self._target:
            painter = QPainter(self)
            draw_share(painter, self._words, self._target, QRectF(0, self.height() - 3, self.width(), 3), self.theme)
            painter.end()


def said_share(words: int, target: int) -> str:
    """How many words there are of those wanted, or how many there are."""
    if not target:
        return said_words(words)
    return _("{n} of {target} words").format(n=f"{words:,}", target=f"{target:,}")


def number(text: str) -> int:
    """The number of words that an author typed: 2000, 2,000, 2 000, 2k or 3万; 0 for nothing, -1 for no number."""
    plain = "".join(text.lower().split()).replace(",", "").replace("，", "").replace("'", "")
    factor = {"k": 1_000, "万": 10_000, "千": 1_000}.get(plain[-1:], 1)
    digits = plain[:-1] if factor > 1 else plain
    for unit in ("words", "word", "w", "字"):
        digits = digits.removesuffix(unit)
    if not plain:
        return 0
    try:
        wanted = round(float(digits) * factor)
    except (ValueError, OverflowError):
        return -1
    return wanted if 0 <= wanted <= MOST_WORDS else -1
