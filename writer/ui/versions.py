"""A list of versions, of a scene or of a whole book, each in two lines."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from writer.i18n import _
from writer.ui import tips
from writer.ui.theme import Theme

VERSION = Qt.ItemDataRole.UserRole
LINES = Qt.ItemDataRole.UserRole + 1

Lines = tuple[str, str, str, str]
"""When and how long; why and how much longer than now."""


class Versions(QListWidget):
    """The list; what it holds is what was added to it."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__(objectName="versions")
        self.setAccessibleName(name)
        self.setItemDelegate(VersionDelegate(theme, self))
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def add(self, version: object, lines: Lines, tip: str) -> None:
        """Add a version below the others."""
        item = QListWidgetItem(self)
        item.setData(VERSION, version)
        item.setData(LINES, lines)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, _(", ").join(filter(None, lines)))
        item.setToolTip(tips.plain(tip))

    @property
    def chosen(self) -> Any:
        """The version that is chosen, or None."""
        item = self.currentItem()
        return item.data(VERSION) if item is not None else None


class VersionDelegate(QStyledItemDelegate):
    """Draws a version in two lines."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(200, 2 * QFontMetrics(option.font).height() + 22)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme, chosen = self._theme, bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.fillRect(option.rect, QColor(theme.tint if chosen else theme.chrome))
        if chosen and option.state & QStyle.StateFlag.State_HasFocus:
            painter.fillRect(QRect(option.rect.topLeft(), QSize(3, option.rect.height())), QColor(theme.accent))
        height = QFontMetrics(option.font).height()
        room = option.rect.adjusted(16, 9, -14, -9)
        when, words, why, difference = index.data(LINES)
        bold = QFont(option.font)
        bold.setWeight(QFont.Weight.DemiBold)
        upper = QRect(room.left(), room.top(), room.width(), height)
        lower = QRect(room.left(), room.bottom() - height + 1, room.width(), height)
        _line(painter, upper, (when, bold, theme.ink), (words, option.font, theme.soft))
        _line(painter, lower, (why, option.font, theme.soft), (difference, option.font, theme.soft))
        painter.restore()


def _line(painter: QPainter, room: QRect, left: tuple[str, QFont, str], right: tuple[str, QFont, str]) -> None:
    """Write one text to the left and one to the right; the left one gives way."""
    said, font, ink = right
    taken = QFontMetrics(font).horizontalAdvance(said) + 12
    painter.setFont(font)
    painter.setPen(QColor(ink))
    painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, said)
    said, font, ink = left
    painter.setFont(font)
    painter.setPen(QColor(ink))
    fitting = QFontMetrics(font).elidedText(said, Qt.TextElideMode.ElideRight, room.width() - taken)
    painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, fitting)
