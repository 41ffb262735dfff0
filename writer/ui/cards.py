"""One level of the outline as cards on a board, to be read and put in order."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from writer.i18n import _, ngettext
from writer.ui import utf16
from writer.ui.branches import BRANCH, Branch, Branches
from writer.ui.rows import LEFT, RIGHT, smaller
from writer.ui.status import PIE, draw_share, draw_status, said_status
from writer.ui.target import said_share
from writer.ui.theme import Theme

Index = QModelIndex | QPersistentModelIndex
WIDTH, HEIGHT = 236, 158
GAP = 16
EDGE = 14


class Board(QListView):
    """The cards of one level; it scrolls downwards and shows as many beside each other as fit."""

    entered = Signal(int)
    left = Signal()

    def __init__(self, model: Branches) -> None:
        super().__init__(objectName="board")
        self.setModel(model)
        self._model = model
        self.setAccessibleName(_("Cards"))
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setDropIndicatorShown(False)  # Qt would drop a card into another where it was meant to come beside it
        self.setMouseTracking(True)
        self._gap: int | None = None
        self.faces = Faces(self)
        self.setItemDelegate(self.faces)
        self.doubleClicked.connect(lambda index: self.entered.emit(model.id_of(index) or 0))

    @property
    def level(self) -> int | None:
        """The node whose children are shown; None for the top."""
        return self._model.id_of(self.rootIndex())

    def show_level(self, id: int | None) -> None:
        """Show the cards below this node, or those at the top."""
        self.setRootIndex(self._model.index_of(id))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        current = self._model.id_of(self.currentIndex())
        is_plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        is_plain &= self.state() != QAbstractItemView.State.EditingState  # a title ends with Return too
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and is_plain and current is not None:
            self.entered.emit(current)
        elif event.key() == Qt.Key.Key_Backspace:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    # -- dragging ----------------------------------------------------------------

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        super().dragMoveEvent(event)  # it scrolls at the edges
        if event.source() is self:
            self._show_gap(self.gap_at(event.position().toPoint()))
            event.setDropAction(Qt.DropAction.MoveAction)
            event.accept()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        super().dragLeaveEvent(event)
        self._show_gap(None)

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell between which cards it was dropped."""
        row = self.gap_at(event.position().toPoint())
        self._show_gap(None)
        self.stopAutoScroll()
        self.setState(QAbstractItemView.State.NoState)
        if event.source() is self:
            self._model.dropMimeData(event.mimeData(), Qt.DropAction.MoveAction, row, 0, self.rootIndex())
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()

    def gap_at(self, place: QPoint) -> int:
        """Before which card something comes that is dropped here."""
        rects = [self._card(row) for row in range(self._model.rowCount(self.rootIndex()))]
        return sum(
            rect.bottom() < place.y() or (rect.top() <= place.y() and rect.center().x() < place.x()) for rect in rects
        )

    def _card(self, row: int) -> QRect:
        return self.visualRect(self._model.index(row, 0, self.rootIndex()))

    def _show_gap(self, row: int | None) -> None:
        if row != self._gap:
            self._gap = row
            self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        count = self._model.rowCount(self.rootIndex())
        if self._gap is None or self.faces.theme is None or not count:
            return
        is_behind = self._gap == count  # behind the last card
        rect = self._card(self._gap - 1 if is_behind else self._gap)
        x = rect.right() + GAP // 2 if is_behind else rect.left() + GAP // 2
        painter = QPainter(self.viewport())
        painter.fillRect(QRect(x - 1, rect.top() + GAP, 3, rect.height() - GAP), QColor(self.faces.theme.accent))
        painter.end()


class Faces(QStyledItemDelegate):
    """Draws a branch as a card."""

    def __init__(self, view: Board) -> None:
        super().__init__(view)
        self._view = view
        self.theme: Theme | None = None
        self.shows_credits = True

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(WIDTH + GAP, self._height(option.font) + GAP)

    @staticmethod
    def _height(font: QFont) -> int:
        return max(HEIGHT, QFontMetrics(font).height() * 9)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        branch, theme = index.data(BRANCH), self.theme
        if branch is None or theme is None:
            return
        place = QRectF(option.rect).adjusted(GAP, GAP, -0.5, -0.5)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        is_under_mouse = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if branch.leaves:  # others lie under it
            painter.setPen(QPen(QColor(theme.line), 1))
            painter.setBrush(QColor(theme.chrome))
            painter.drawRoundedRect(place.translated(4, 4).adjusted(0.5, 0.5, -4.5, -4.5), 7, 7)
        place.adjust(0, 0, -4, -4)
        edge = QColor(theme.accent if is_chosen or is_under_mouse else theme.line)
        painter.setPen(QPen(edge, 1.6 if is_chosen else 1))
        painter.setBrush(QColor(theme.paper))
        painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)
        self._draw_inside(painter, option.font, place.toRect().adjusted(EDGE, 10, -EDGE, -11), branch, theme)
        painter.restore()

    def _draw_inside(self, painter: QPainter, font: QFont, rect: QRect, branch: Branch, theme: Theme) -> None:
        face, small = QFont(font), smaller(font)
        face.setWeight(QFont.Weight.DemiBold)
        metrics, small_metrics = QFontMetrics(face), QFontMetrics(small)
        painter.setFont(face)
        painter.setPen(QColor(theme.ink if branch.node.title else theme.ghost))
        title = metrics.elidedText(branch.title, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(QRect(rect.left(), rect.top(), rect.width(), metrics.height()), LEFT, title)
        foot = rect.bottom() - small_metrics.height() - 6
        top = rect.top() + metrics.height() + 5
        self._draw_synopsis(painter, small, QRect(rect.left(), top, rect.width(), foot - top - 4), branch, theme)
        left = rect.left()
        status = said_status(branch.plan.status)
        if status:
            centre = foot + small_metrics.height() / 2
            draw_status(painter, branch.plan.status, QPointF(left + PIE / 2, centre), theme)
            left += PIE + 6
        painter.setFont(small)
        painter.setPen(QColor(theme.soft))
        line = QRect(left, foot, rect.right() - left + 1, small_metrics.height())
        words = f"{branch.words:,} / {branch.target:,}" if branch.target else said_share(branch.words, 0)
        painter.drawText(line, RIGHT, words)
        line.setRight(line.right() - small_metrics.horizontalAdvance(words) - 8)
        told = [status] if status else []
        if branch.leaves:
            told.append(ngettext("{n} scene", "{n} scenes", branch.leaves).format(n=f"{branch.leaves:,}"))
        said = small_metrics.elidedText(" · ".join(told), Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, LEFT, said)
        draw_share(painter, branch.words, branch.target, QRectF(rect.left(), rect.bottom() - 1, rect.width(), 3), theme)

    def _draw_synopsis(self, painter: QPainter, font: QFont, rect: QRect, branch: Branch, theme: Theme) -> None:
        said = " ".join(branch.plan.synopsis[:600].split())
        painter.setFont(font)
        painter.setPen(QColor(theme.soft if said else theme.ghost))
        if not said:
            painter.drawText(rect, Qt.TextFlag.TextWordWrap, _("No synopsis yet"))
            return
        metrics = QFontMetrics(font)
        leading = round(metrics.lineSpacing() * 1.15)  # for Chinese, from a face that is taller
        fitting = max(1, rect.height() // leading)
        for number, (line, rest) in enumerate(_wrapped(said, font, rect.width(), fitting)):
            y = rect.top() + number * leading
            is_last = number == fitting - 1
            shown = metrics.elidedText(rest, Qt.TextElideMode.ElideRight, rect.width()) if is_last else line.rstrip()
            if branch.plan.made_by and self.shows_credits:
                place = QRect(rect.left(), y, metrics.horizontalAdvance(shown), metrics.height())
                painter.fillRect(place, QColor(theme.credit))
            painter.drawText(QRect(rect.left(), y, rect.width(), metrics.height()), LEFT, shown)

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, _index: Index) -> QWidget:
        return QLineEdit(parent)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: Index) -> None:
        height = QFontMetrics(option.font).height() + 8
        editor.setGeometry(option.rect.left() + GAP + 9, option.rect.top() + GAP + 6, WIDTH - 28, height)


def _wrapped(text: str, font: QFont, width: int, most: int) -> list[tuple[str, str]]:
    """The first lines of a text, no longer than this many pixels, each with all that is left from there."""
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    lines: list[tuple[str, str]] = []
    while len(lines) < most and (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        start = utf16.to_points(text, line.textStart())
        end = utf16.to_points(text, line.textStart() + line.textLength())
        lines.append((text[start:end], text[start:]))
    layout.endLayout()
    return lines
