"""The book at the left of the page: its tree of scenes with their words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal, SignalInstance
from PySide6.QtGui import QAction, QBrush, QColor, QDropEvent, QFont, QFontMetrics, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from writer.i18n import _
from writer.story import OutlineNode
from writer.ui.theme import Theme

NODE = Qt.ItemDataRole.UserRole
ROOM_BESIDE_WORDS = 18
"""Pixels left and right of the number together."""


class Movable(QTreeWidget):
    """A tree whose rows can be dragged to another place; it only tells where, and leaves them."""

    dropped = Signal(object, object, int)
    """An item, its new parent or None, and the row there."""

    def __init__(self) -> None:
        super().__init__(objectName="scenes")
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell where it was dropped, instead of moving rows around as Qt would."""
        moving, target = self.currentItem(), self.itemAt(event.position().toPoint())
        parent, row = self._place(target)
        above = parent
        while above is not None and above is not moving:
            above = above.parent()
        if event.source() is self and moving is not None and above is None:
            self.dropped.emit(moving, parent, row)
        event.setDropAction(Qt.DropAction.CopyAction)  # or Qt would take the row away afterwards
        event.accept()

    def _place(self, target: QTreeWidgetItem | None) -> tuple[QTreeWidgetItem | None, int]:
        """Under which item and at which row something comes that is dropped on this one, or beside it."""
        where = self.dropIndicatorPosition()
        if target is None:
            return None, self.topLevelItemCount()
        if where == QAbstractItemView.DropIndicatorPosition.OnItem:
            return target, target.childCount()
        parent = target.parent()
        row = parent.indexOfChild(target) if parent is not None else self.indexOfTopLevelItem(target)
        return parent, row + (where == QAbstractItemView.DropIndicatorPosition.BelowItem)


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
        self._nodes: dict[int, OutlineNode] = {}
        self._items: dict[int, QTreeWidgetItem] = {}
        self._theme: Theme | None = None
        self._most_words = 0
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
        self.tree = Movable()
        self.tree.setAccessibleName(_("Scenes"))
        self.tree.setColumnCount(2)
        self.tree.setHeaderHidden(True)
        self.tree.setRootIsDecorated(False)
        self.tree.setIndentation(16)
        self.tree.setUniformRowHeights(True)
        self.tree.setExpandsOnDoubleClick(False)
        self.tree.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.tree.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.tree.header().setStretchLastSection(False)
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._show_menu)
        self.tree.itemClicked.connect(lambda item: self.chosen.emit(item.data(0, NODE)))
        self.tree.itemActivated.connect(lambda item: self.chosen.emit(item.data(0, NODE)))
        self.tree.itemChanged.connect(self._on_item_changed)
        self.tree.dropped.connect(self._on_dropped)
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
            f"QTreeWidget {{ background: {theme.chrome}; border: 0; }}"
            f"QTreeWidget::item {{ padding: 5px 4px 5px 6px; border: 0; }}"
            f"QTreeWidget::item:selected {{ background: {theme.tint}; color: {theme.ink}; }}"
            f"QTreeWidget::branch:selected {{ background: {theme.tint}; }}"
            f"QTreeWidget QLineEdit {{ background: {theme.paper}; border: 1px solid {theme.accent}; }}"
        )
        self.show_nodes(list(self._nodes.values()))

    def show_nodes(self, nodes: Sequence[OutlineNode]) -> None:
        """Show the whole book, in story order; folded places stay folded."""
        current = self.current
        folded = {key for key, item in self._items.items() if item.childCount() and not item.isExpanded()}
        self._nodes = {node.id: node for node in nodes}
        self._items = {}
        top = []
        parents = {node.parent for node in nodes}
        chapter, scene = self._make_item(bold=True), self._make_item(bold=False)
        for node in nodes:
            is_chapter = node.id in parents
            item = self._items[node.id] = (chapter if is_chapter else scene).clone()
            item.setData(0, NODE, node.id)
            item.setText(0, node.title or _("Untitled"))
            item.setText(1, f"{node.words:,}" if node.words else ("" if is_chapter else "—"))
            parent = self._items.get(node.parent) if node.parent is not None else None
            if parent is not None:
                parent.addChild(item)
            else:
                top.append(item)
        self.tree.blockSignals(True)
        self.tree.clear()
        self._most_words = 0
        self._make_room(max((node.words for node in nodes), default=0))
        # Whole and last: each change of an item that is in the tree walks through its siblings.
        self.tree.addTopLevelItems(top)
        for id, item in self._items.items():
            if id in parents:
                item.setExpanded(id not in folded)
        self.tree.blockSignals(False)
        if current is not None:
            self.mark(current)

    def show_words(self, node: int, words: int) -> None:
        """Show this many words for one scene."""
        if node in self._items:
            self.tree.blockSignals(True)
            self._items[node].setText(1, f"{words:,}" if words else "—")
            self.tree.blockSignals(False)
            self._make_room(words)

    def mark(self, node: int) -> None:
        """Show which scene is in the page."""
        if node in self._items:
            self.tree.setCurrentItem(self._items[node])

    def rename(self, node: int) -> None:
        """Let the author type another title in the tree."""
        if node in self._items:
            self.tree.editItem(self._items[node], 0)

    @property
    def current(self) -> int | None:
        """The marked node, if any."""
        item = self.tree.currentItem()
        return item.data(0, NODE) if item is not None else None

    def _make_room(self, words: int) -> None:
        """Make the column as wide as this number needs; Qt would measure a thousand rows each time."""
        self._most_words = max(words, self._most_words)
        needed = QFontMetrics(self._small_font()).horizontalAdvance(f"{self._most_words:,}") + ROOM_BESIDE_WORDS
        self.tree.header().resizeSection(1, needed)

    def _small_font(self) -> QFont:
        font = QFont(self.tree.font())
        font.setPointSizeF(font.pointSizeF() * 0.85)
        return font

    def _make_item(self, *, bold: bool) -> QTreeWidgetItem:
        """An item with everything but its node, to be cloned."""
        item = QTreeWidgetItem()
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        face = QFont(self.tree.font())
        face.setBold(bold)
        item.setFont(0, face)
        item.setFont(1, self._small_font())
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if self._theme is not None:
            item.setForeground(1, QBrush(QColor(self._theme.soft)))
        return item

    def _on_item_changed(self, item: QTreeWidgetItem, column: int) -> None:
        node = self._nodes.get(item.data(0, NODE))
        title = " ".join(item.text(0).split())
        if column == 0 and node is not None and title != node.title:
            if title:
                self.renamed.emit(node.id, title)
            else:
                self.tree.blockSignals(True)
                item.setText(0, node.title or _("Untitled"))
                self.tree.blockSignals(False)

    def _move(self, signal: SignalInstance, how: int | bool) -> None:
        if self.current is not None:
            signal.emit(self.current, how)

    def _on_dropped(self, moving: QTreeWidgetItem, parent: QTreeWidgetItem | None, row: int) -> None:
        above, node = parent.data(0, NODE) if parent is not None else None, moving.data(0, NODE)
        brothers = [other.id for other in self._nodes.values() if other.parent == above]
        before = [id for id in brothers[:row] if id != node]
        self.moved.emit([node], above, before[-1] if before else None)

    def _show_menu(self, place: QPoint) -> None:
        item = self.tree.itemAt(place)
        menu = QMenu(self)
        menu.addAction(_("New scene"), self.scene_wanted.emit)
        menu.addAction(_("New chapter"), self.chapter_wanted.emit)
        if item is not None:
            node = item.data(0, NODE)
            menu.addSeparator()
            rename = QAction(_("Rename"), menu)
            rename.setShortcut(QKeySequence("F2"))
            rename.triggered.connect(lambda: self.rename(node))
            menu.addAction(rename)
            menu.addAction(_("Move to bin"), lambda: self.removal_wanted.emit(node))
        menu.exec(self.tree.viewport().mapToGlobal(place))
