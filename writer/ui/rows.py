"""The outline as a tree: in each row title and synopsis, how far it is, and its words against those wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QCursor, QFont, QFontMetrics, QKeyEvent, QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from writer.i18n import _
from writer.story import OutlineNode, Plan
from writer.ui.branches import BRANCH, Branch, Branches
from writer.ui.status import PIE, draw_share, draw_status, said_status
from writer.ui.theme import Theme

Index = QModelIndex | QPersistentModelIndex
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip
EDGE = 6
NUMBERS = 118
STATUS = 92
ROOMY = 520
"""Pixels from which on a row also says its status in words."""


class Tree(QTreeView):
    """The whole outline; what the author wants of its rows is told to others."""

    entered = Signal(int)

    def __init__(self, model: Branches, name: str = "outlineTree") -> None:
        super().__init__(objectName=name)
        self.setModel(model)
        self._model = model
        self.setAccessibleName(_("Outline"))
        self.setHeaderHidden(True)
        self.setIndentation(20)
        self.setUniformRowHeights(True)
        self.setExpandsOnDoubleClick(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setMouseTracking(True)
        self.use(Rows(self))
        self.doubleClicked.connect(lambda index: self.entered.emit(model.id_of(index) or 0))
        self._folded: set[int] = set()
        self.collapsed.connect(lambda index: self._folded.add(model.id_of(index) or 0))
        self.expanded.connect(lambda index: self._folded.discard(model.id_of(index) or 0))

    def show_nodes(
        self, nodes: Sequence[OutlineNode], plans: Mapping[int, Plan], statuses: frozenset[str] = frozenset()
    ) -> None:
        """Show this outline, or of it only nodes of these statuses; what the author folded stays so."""
        chosen, place = self.chosen, self.verticalScrollBar().value()
        current = self._model.id_of(self.currentIndex())
        for id in self._model.show(nodes, plans, statuses):
            if id not in self._folded:
                self.expand(self._model.index_of(id))
        if self.chosen != chosen:
            self.choose(chosen, current)
        self.verticalScrollBar().setValue(place)

    def use(self, rows: Rows) -> None:
        """Draw the rows so."""
        self.rows = rows
        self.setItemDelegate(rows)

    def fold_all(self) -> None:
        """Fold everything but the top level."""
        self.collapseAll()
        self._folded = set(self._model.with_children())

    def unfold_all(self) -> None:
        """Forget what was folded: another book is to be shown."""
        self._folded = set()

    @property
    def chosen(self) -> list[int]:
        """The nodes that are chosen, in story order."""
        ids = {self._model.id_of(index) for index in self.selectionModel().selectedIndexes()}
        return [node.id for node in self._model.nodes if node.id in ids] if ids else []

    def choose(self, ids: Sequence[int], current: int | None = None) -> None:
        """Choose these nodes, as far as they are shown, with the keys at one of them, else at the first."""
        model, selection, flag = self._model, self.selectionModel(), QItemSelectionModel.SelectionFlag
        shown = [id for id in ids if model.index_of(id).isValid()]
        if not shown:
            selection.clear()
            return
        chosen = QItemSelection()
        for id in shown:
            chosen.select(model.index_of(id), model.index_of(id))
        selection.setCurrentIndex(model.index_of(current if current in shown else shown[0]), flag.NoUpdate)
        selection.select(chosen, flag.ClearAndSelect)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        current = self._model.id_of(self.currentIndex())
        is_plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        is_plain &= self.state() != QAbstractItemView.State.EditingState  # a title ends with Return too
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and is_plain and current is not None:
            self.entered.emit(current)
        else:
            super().keyPressEvent(event)

    def drawRow(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The row, tinted from edge to edge, since its marks stand outside of what the delegate draws."""
        theme = self.rows.theme
        if theme is not None:
            under_mouse = self.indexAt(self.viewport().mapFromGlobal(QCursor.pos())) == index
            is_chosen = self.selectionModel().isSelected(index)
            tint = QColor(theme.tint)
            tint.setAlphaF(1 if is_chosen else 0.5)
            if is_chosen or (under_mouse and self.viewport().underMouse()):
                painter.fillRect(option.rect, tint)
        plain = QStyleOptionViewItem(option)  # or Qt would draw its own band before the row
        plain.palette.setColor(QPalette.ColorRole.Highlight, QColor(Qt.GlobalColor.transparent))
        super().drawRow(painter, plain, index)

    def drawBranches(self, painter: QPainter, rect: QRect, index: Index) -> None:
        """A chevron before a row with others below it."""
        theme = self.rows.theme
        if theme is None or not self._model.rowCount(index):
            return
        middle = QPointF(rect.right() - self.indentation() / 2 + 2, rect.top() + EDGE + self.fontMetrics().height() / 2)
        across, down = (3.6, 2.0) if self.isExpanded(index) else (2.0, 3.6)
        points = [QPointF(-across, -down), QPointF(0, down) if across > down else QPointF(across, 0)]
        points.append(QPointF(across, -down) if across > down else QPointF(-across, down))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.soft), 1.4))
        painter.drawPolyline([middle + point for point in points])
        painter.restore()


class Rows(QStyledItemDelegate):
    """Draws a branch in one or two lines; the title can be typed over."""

    def __init__(self, view: QTreeView) -> None:
        super().__init__(view)
        self._view = view
        self.theme: Theme | None = None
        self.with_synopsis = True
        self.shows_credits = True

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        height = QFontMetrics(option.font).height() + 2 * EDGE
        if self.with_synopsis:
            height += QFontMetrics(smaller(option.font)).height() + 2
        return QSize(200, height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        branch, theme = index.data(BRANCH), self.theme
        if branch is None or theme is None:
            return
        rect = QRect(option.rect)
        painter.save()
        is_roomy = self._view.viewport().width() >= ROOMY
        right = rect.right() - 14
        numbers = QRect(right - NUMBERS, rect.top(), NUMBERS, rect.height())
        self._draw_numbers(painter, option.font, numbers, branch, theme)
        status = QRect(numbers.left() - (STATUS if is_roomy else 2 * PIE), rect.top(), STATUS, rect.height())
        self._draw_status(painter, option.font, status, branch, theme, is_roomy=is_roomy)
        text = QRect(rect.left() + 2, rect.top() + EDGE, status.left() - rect.left() - 16, rect.height() - 2 * EDGE)
        below = text.width() if branch.target else right - text.left()  # no bar stands beside the second line
        self._draw_text(painter, option.font, text, below, branch, theme)
        painter.restore()

    def _draw_text(self, painter: QPainter, font: QFont, rect: QRect, below: int, branch: Branch, theme: Theme) -> None:
        face = QFont(font)
        face.setWeight(QFont.Weight.DemiBold if branch.leaves else QFont.Weight.Normal)
        metrics = QFontMetrics(face)
        painter.setFont(face)
        painter.setPen(QColor(theme.ink if branch.node.title else theme.ghost))
        title = metrics.elidedText(branch.title, Qt.TextElideMode.ElideRight, rect.width())
        line = QRect(rect.left(), rect.top(), rect.width(), metrics.height())
        painter.drawText(line, LEFT, title)
        said = " ".join(branch.plan.synopsis[:400].split())
        if not self.with_synopsis or not said:
            return
        small = smaller(font)
        metrics = QFontMetrics(small)
        painter.setFont(small)
        line = QRect(rect.left(), line.bottom() + 3, below, metrics.height())
        said = metrics.elidedText(said, Qt.TextElideMode.ElideRight, below)
        if branch.plan.made_by and self.shows_credits:
            painter.fillRect(
                QRect(line.left(), line.top(), metrics.horizontalAdvance(said), line.height()), QColor(theme.credit)
            )
        painter.setPen(QColor(theme.soft))
        painter.drawText(line, LEFT, said)

    def _draw_status(
        self, painter: QPainter, font: QFont, rect: QRect, branch: Branch, theme: Theme, *, is_roomy: bool
    ) -> None:
        status = branch.plan.status
        middle = rect.top() + EDGE + QFontMetrics(font).height() / 2
        draw_status(painter, status, QPointF(rect.left() + PIE / 2 + 1, middle), theme)
        if status and is_roomy:
            painter.setFont(smaller(font))
            painter.setPen(QColor(theme.soft))
            word = QRect(rect.left() + PIE + 8, round(middle) - 10, rect.width() - PIE - 8, 20)
            painter.drawText(word, LEFT, said_status(status))

    def _draw_numbers(self, painter: QPainter, font: QFont, rect: QRect, branch: Branch, theme: Theme) -> None:
        small = smaller(font)
        metrics = QFontMetrics(small)
        painter.setFont(small)
        line = QRect(rect.left(), rect.top() + EDGE, rect.width(), QFontMetrics(font).height())
        side = RIGHT
        said = f"{branch.words:,}" if branch.words or branch.target else "—"
        painter.setPen(QColor(theme.soft))
        if branch.target:
            wanted = f" / {branch.target:,}"
            painter.setPen(QColor(theme.ghost))
            painter.drawText(line, side, wanted)
            line.setRight(line.right() - metrics.horizontalAdvance(wanted))
            painter.setPen(QColor(theme.ink if branch.words >= branch.target else theme.soft))
        painter.drawText(line, side, said)
        bar = QRectF(rect.left() + 22, line.bottom() + 5, rect.width() - 21, 3)
        draw_share(painter, branch.words, branch.target, bar, theme)

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, _index: Index) -> QWidget:
        return QLineEdit(parent)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: Index) -> None:
        height = QFontMetrics(option.font).height() + 6
        width = min(option.rect.width() - NUMBERS - 40, 420)
        editor.setGeometry(option.rect.left() - 3, option.rect.top() + EDGE - 3, width, height)


def smaller(font: QFont) -> QFont:
    """The face for what is said beside the title."""
    face = QFont(font)
    if font.pixelSize() > 0:
        face.setPixelSize(max(9, round(font.pixelSize() * 0.88)))
    else:
        face.setPointSizeF(font.pointSizeF() * 0.88)
    return face
