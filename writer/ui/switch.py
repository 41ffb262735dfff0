"""A switch with its label: one glance says whether the model may speak."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from writer.ui.theme import Theme

TRACK = QSize(30, 16)
GAP = 10


class Switch(QAbstractButton):
    """On or off, by mouse or space bar."""

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(label)
        self.setCheckable(True)
        self.setAccessibleName(label)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._theme: Theme | None = None

    def paint_in(self, theme: Theme) -> None:
        """Use this theme's colours."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        words = self.fontMetrics()
        return QSize(
            words.horizontalAdvance(self.text()) + GAP + TRACK.width() + 4, max(words.height(), TRACK.height()) + 4
        )

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        if theme is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(theme.ink if self.hasFocus() else theme.soft))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        track = QRectF(self.width() - TRACK.width() - 2, (self.height() - TRACK.height()) / 2, *TRACK.toTuple())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.accent if self.isChecked() else theme.ghost))
        painter.drawRoundedRect(track, TRACK.height() / 2, TRACK.height() / 2)
        inset = TRACK.height() / 2
        x = track.right() - inset if self.isChecked() else track.left() + inset
        painter.setBrush(QColor(theme.paper))
        painter.drawEllipse(QPointF(x, track.center().y()), inset - 2, inset - 2)
