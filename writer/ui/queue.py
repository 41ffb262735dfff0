"""The list of scenes that wait to be written, which the author may drag into another order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QDropEvent, QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from writer.i18n import _
from writer.story import Task
from writer.ui.theme import Theme

if TYPE_CHECKING:
    from writer.draft import Progress

TASK = Qt.ItemDataRole.UserRole
SHARE = Qt.ItemDataRole.UserRole + 1
TOLD = Qt.ItemDataRole.UserRole + 2
SIDE, GAP = 8, 4


class Queue(QListWidget):
    """One scene a row: its title, its words, how far it is, and what is wrong with it."""

    arranged = Signal(list)
    """The nodes in their new order."""
    removal_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__(objectName="queue")
        self.setAccessibleName(_("Scenes that wait to be written"))
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self._rows = Rows(self)
        self.setItemDelegate(self._rows)

    @property
    def current(self) -> int | None:
        """The node of the chosen row."""
        item = self.currentItem()
        return self.node_of(item) if item is not None else None

    def node_of(self, item: QListWidgetItem) -> int:
        """The node of a row."""
        task: Task = item.data(TASK)
        return task.node

    def paint_in(self, theme: Theme) -> None:
        """Use this theme's colours."""
        self._rows.theme = theme
        self.setStyleSheet(f"QListWidget {{ background: {theme.chrome}; border: 0; outline: 0; }}")
        self.viewport().update()

    def show_tasks(self, tasks: Sequence[Task], titles: Mapping[int, str], words: Mapping[int, int]) -> None:
        """Show this queue; the chosen row stays chosen, and rows stay where only their contents change."""
        shown = [task for task in tasks if task.node in titles]
        nodes = [self.node_of(self.item(row)) for row in range(self.count())]
        if nodes != [task.node for task in shown]:
            chosen, place = self.current, self.verticalScrollBar().value()
            self.blockSignals(True)
            self.clear()
            for task in shown:
                item = QListWidgetItem()
                item.setData(TASK, task)
                self.addItem(item)
                if task.node == chosen:
                    self.setCurrentItem(item)
            self.blockSignals(False)
            self.verticalScrollBar().setValue(place)
        # No higher than its rows, so that what can be done with the chosen one is right below.
        self.setMaximumHeight(max(1, len(shown)) * self._rows.height(self) + 4)
        for row, task in enumerate(shown):
            item = self.item(row)
            item.setData(TASK, task)
            item.setText(titles[task.node])
            item.setData(SHARE, min(1.0, task.written / max(1, task.words)))
            told = said(task)
            item.setData(TOLD, told)
            item.setToolTip(task.problem)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{titles[task.node]}, {told}")

    def show_progress(self, progress: Progress) -> None:
        """Show which scene is being written and how far it is."""
        for row in range(self.count()):
            item = self.item(row)
            if self.node_of(item) == progress.scene:
                item.setData(TOLD, said_count(progress.words, progress.target_words))
                item.setData(SHARE, min(1.0, progress.words / max(1, progress.target_words)))

    def shift(self, by: int) -> None:
        """Move the chosen row up (-1) or down (1)."""
        row = self.currentRow()
        if row >= 0 and 0 <= row + by < self.count():
            self.blockSignals(True)
            item = self.takeItem(row)
            self.insertItem(row + by, item)
            self.setCurrentItem(item)
            self.blockSignals(False)
            self._tell()

    def dropEvent(self, event: QDropEvent) -> None:
        super().dropEvent(event)
        self._tell()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        alt = event.modifiers() & Qt.KeyboardModifier.AltModifier
        if alt and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.shift(-1 if event.key() == Qt.Key.Key_Up else 1)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.current is not None:
            self.removal_wanted.emit(self.current)
        else:
            super().keyPressEvent(event)

    def _tell(self) -> None:
        self.arranged.emit([self.node_of(self.item(row)) for row in range(self.count())])


class Rows(QStyledItemDelegate):
    """Draws a row: the title, below it how far it is, and a thin bar."""

    def __init__(self, queue: QWidget) -> None:
        super().__init__(queue)
        self.queue = queue
        self.theme: Theme | None = None

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, self.height(self.queue))

    @staticmethod
    def height(widget: QWidget) -> int:
        """Pixels of one row."""
        return 2 * widget.fontMetrics().height() + 3 * GAP + 4

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme = self.theme
        if theme is None:
            return
        painter.save()
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        font: QFont = option.font
        line = painter.fontMetrics().height()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(theme.tint))
        task: Task = index.data(TASK)
        inner = rect.adjusted(SIDE, GAP, -SIDE, -GAP)
        painter.setPen(QColor(theme.soft if task.state == "done" else theme.ink))
        title = painter.fontMetrics().elidedText(index.data(), Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(QRect(inner.left(), inner.top(), inner.width(), line), Qt.AlignmentFlag.AlignVCenter, title)
        smaller = QFont(font)
        smaller.setPixelSize(12)
        painter.setFont(smaller)
        painter.setPen(QColor(theme.deleted if task.state == "failed" else theme.soft))
        below = QRect(inner.left(), inner.top() + line + 1, inner.width(), line)
        told = painter.fontMetrics().elidedText(index.data(TOLD), Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, told)
        share = float(index.data(SHARE) or 0)
        if share > 0 and task.state != "done":
            track = QRect(inner.left(), inner.bottom() - 1, inner.width(), 2)
            painter.fillRect(track, QColor(theme.line))
            painter.fillRect(QRect(track.left(), track.top(), round(track.width() * share), 2), QColor(theme.accent))
        painter.restore()


def said(task: Task) -> str:
    """How far a scene is, in words."""
    if task.state == "failed":
        return task.problem or _("Could not be written")
    if task.state == "done":
        return _("Written: {words} words").format(words=f"{task.written:,}")
    if task.written:
        return said_count(task.written, task.words)
    return _("Waits for {words} words").format(words=f"{task.words:,}")


def said_count(words: int, wanted: int) -> str:
    """So many words of so many."""
    return _("{words} of {all} words").format(words=f"{words:,}", all=f"{wanted:,}")
