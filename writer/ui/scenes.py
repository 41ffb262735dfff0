"""The book at the left of the page: its tree of scenes with their words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QAction, QColor, QFont, QFontMetrics, QKeySequence, QPainter, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QMenu,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from writer.i18n import _
from writer.story import OutlineNode, Plan
from writer.ui.branches import BRANCH, Branches
from writer.ui.rows import LEFT, RIGHT, Rows, Tree
from writer.ui.theme import Theme

EDGE = 5
BESIDE_WORDS = 9
"""Pixels left and right of the number."""


class Scenes(QWidget):
    """The tree; it only shows and asks, others change the book."""

    chosen = Signal(int)
    renamed = Signal(int, str)
    scene_wanted = Signal()
    chapter_wanted = Signal()
    removal_wanted = Signal(int)
    outline_wanted = Signal()
    shifted = Signal(int, int)
    """A node, and how many places it is wanted down; up if below 0."""
    promoted = Signal(int, bool)
    """A node, and whether it is wanted a level higher or lower."""
    moved = Signal(list, object, object)
    """Nodes, their new parent or None, and the brother behind which they come or None for the first place."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sidebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme: Theme | None = None
        heading = QLabel(_("SCENES"), objectName="heading")
        self._add = QToolButton(toolTip=_("New scene (Ctrl+Return)"))
        self._add.setText("+")
        self._add.setProperty("soft", True)
        self._add.setAccessibleName(_("New scene"))
        self._add.clicked.connect(self.scene_wanted)
        self._outline = QToolButton(toolTip=_("Plan the book in its outline (Ctrl+Shift+O)"))
        self._outline.setText(_("Outline"))
        self._outline.setProperty("soft", True)
        self._outline.setAccessibleName(_("Outline"))
        self._outline.clicked.connect(self.outline_wanted)
        top = QHBoxLayout()
        top.setContentsMargins(16, 12, 10, 4)
        top.addWidget(heading)
        top.addStretch()
        top.addWidget(self._outline)
        top.addWidget(self._add)
        self.model = Branches(self)
        self.tree = Tree(self.model, "scenes")
        self.lines = Lines(self.tree)
        self.tree.use(self.lines)
        self.tree.setAccessibleName(_("Scenes"))
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.tree.setRootIsDecorated(False)
        self.tree.setIndentation(16)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._show_menu)
        self.tree.clicked.connect(lambda index: self.chosen.emit(self.model.id_of(index)))
        self.tree.entered.connect(self.chosen)
        self.model.renamed.connect(self.renamed)
        self.model.moved.connect(self.moved)
        for keys, signal, how in (
            ("Alt+Up", self.shifted, -1),
            ("Alt+Down", self.shifted, 1),
            ("Alt+Left", self.promoted, True),
            ("Alt+Right", self.promoted, False),
        ):
            shortcut = QShortcut(QKeySequence(keys), self.tree)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(partial(self._move, signal, how))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 1, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self.tree)

    def paint(self, theme: Theme) -> None:
        """Use this theme's colours."""
        if theme == self._theme:
            return
        self._theme = theme
        self.tree.setStyleSheet(
            f"QTreeView {{ background: {theme.chrome}; border: 0; }}"
            f"QTreeView QLineEdit {{ background: {theme.paper}; border: 1px solid {theme.accent}; }}"
        )
        self.lines.theme = theme
        self.tree.viewport().update()

    def begin(self, *, is_writable: bool) -> None:
        """Show nothing of the last book: another is on the desk."""
        self.model.is_writable = is_writable
        self.tree.unfold_all()
        self.show_nodes([], {})

    def show_nodes(self, nodes: Sequence[OutlineNode], plans: Mapping[int, Plan]) -> None:
        """Show the whole book, in story order; folded places stay folded."""
        self.lines.most_words = max((node.words for node in nodes), default=0)
        self.tree.show_nodes(nodes, plans)

    def show_words(self, node: int, words: int) -> None:
        """Show this many words for one scene."""
        self.lines.most_words = max(words, self.lines.most_words)
        self.model.put_words(node, words)

    def mark(self, node: int) -> None:
        """Show which scene is in the page."""
        index = self.model.index_of(node)
        if index.isValid():
            self.tree.setCurrentIndex(index)

    def rename(self, node: int) -> None:
        """Let the author type another title in the tree."""
        index = self.model.index_of(node)
        if index.isValid() and self.model.is_writable:
            self.tree.edit(index)

    @property
    def current(self) -> int | None:
        """The marked node, if any."""
        return self.model.id_of(self.tree.currentIndex())

    def _move(self, signal: SignalInstance, how: int | bool) -> None:
        if self.current is not None:
            signal.emit(self.current, how)

    def _show_menu(self, place: QPoint) -> None:
        node = self.model.id_of(self.tree.indexAt(place))
        menu = QMenu(self)
        menu.addAction(_("New scene"), self.scene_wanted.emit)
        menu.addAction(_("New chapter"), self.chapter_wanted.emit)
        if node is not None:
            menu.addSeparator()
            rename = QAction(_("Rename"), menu)
            rename.setShortcut(QKeySequence("F2"))
            rename.triggered.connect(lambda: self.rename(node))
            menu.addAction(rename)
            menu.addAction(_("Move to bin"), lambda: self.removal_wanted.emit(node))
        menu.exec(self.tree.viewport().mapToGlobal(place))


class Lines(Rows):
    """Draws a title, a chapter's in bold, and at the right how many words of its own it has."""

    def __init__(self, view: Tree) -> None:
        super().__init__(view)
        self.most_words = 0

    def sizeHint(self, option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, QFontMetrics(option.font).height() + 2 * EDGE)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        branch, theme = index.data(BRANCH), self.theme
        if branch is None or theme is None:
            return
        words = f"{branch.node.words:,}" if branch.node.words else "" if branch.leaves else "—"
        small, face = self._small(option.font), QFont(option.font)
        face.setBold(bool(branch.leaves))
        room = self._room(option.font)
        painter.save()
        painter.setFont(small)
        painter.setPen(QColor(theme.soft))
        painter.drawText(option.rect.adjusted(0, 0, -BESIDE_WORDS, 0), RIGHT, words)
        painter.setFont(face)
        painter.setPen(QColor(theme.ink))
        title = QRect(option.rect.adjusted(6, 0, -room, 0))
        said = QFontMetrics(face).elidedText(branch.title, Qt.TextElideMode.ElideRight, title.width())
        painter.drawText(title, LEFT, said)
        painter.restore()

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> None:
        editor.setGeometry(option.rect.adjusted(1, 1, -self._room(option.font), -1))

    def _room(self, font: QFont) -> int:
        """Pixels that the longest number needs."""
        return QFontMetrics(self._small(font)).horizontalAdvance(f"{self.most_words:,}") + 2 * BESIDE_WORDS

    @staticmethod
    def _small(font: QFont) -> QFont:
        face = QFont(font)
        face.setPointSizeF(font.pointSizeF() * 0.85)
        return face
