"""The outline in the page's place: the whole book as a tree or as cards, to be planned and put in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSettings, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from writer.i18n import _
from writer.story import OutlineNode, Plan
from writer.ui.branches import Branches
from writer.ui.cards import Board
from writer.ui.crumbs import Crumbs
from writer.ui.rows import Tree
from writer.ui.statuses import Statuses
from writer.ui.target import said_share
from writer.ui.theme import Theme
from writer.ui.verbs import Verbs

if TYPE_CHECKING:
    from writer.ui.window import Window


FEW = 5
"""Whoever has fewer nodes may not know the outline yet."""


class Outline(QWidget):
    """Shows the nodes and what is chosen of them; ``Arranging`` changes them."""

    chosen_changed = Signal()
    menu_wanted = Signal(QMenu, list)
    """A menu for these nodes is about to be shown, for others to add to."""
    opened = Signal(int)

    def __init__(self, window: Window, settings: QSettings) -> None:
        super().__init__(objectName="outline")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(_("Outline"))
        self._window = window
        self._settings = settings
        self.theme: Theme | None = None
        self._is_filling = False
        self._wanted: list[int] | None = None
        self._unnamed: int | None = None
        self._is_stale = True
        self.stays_at: int | None = None
        """A scene that comes to the page without the author having asked for it: then the outline stays."""
        self._nodes: Sequence[OutlineNode] = []
        self._plans: dict[int, Plan] = {}
        self.model = Branches(self)
        self._build()
        self._connect()
        self.verbs = Verbs(self, window.arranging)
        self.show_cards(settings.value("outline_view", "tree") == "cards")

    # -- building ----------------------------------------------------------------

    def _build(self) -> None:
        self.tree = Tree(self.model)
        self.board = Board(self.model)
        # One choice for both: what is chosen in the tree is chosen among the cards.
        self.board.setSelectionModel(self.tree.selectionModel())
        self.views = QStackedWidget()
        self.views.addWidget(self.tree)
        self.views.addWidget(self.board)
        self.crumbs = Crumbs()
        self._tabs = [QPushButton(said, objectName="tab", checkable=True) for said in (_("Outline"), _("Cards"))]
        for tab in self._tabs:
            tab.setAutoExclusive(True)
            tab.setMinimumWidth(bold_width(tab) + 20)
            tab.setCursor(Qt.CursorShape.PointingHandCursor)
        self._tabs[1].toggled.connect(self.show_cards)
        self.statuses = Statuses()
        self.synopses = self._tool(_("Synopses"), _("Show the synopses under the titles"))
        self.synopses.setCheckable(True)
        self.synopses.setChecked(self._settings.value("outline_synopses", "true") != "false")
        self.add = self._tool("+", _("New scene (Ctrl+Return)"))
        self.plan = self._tool(_("Plan"), _("Show the plan of what is chosen (Ctrl+Shift+L)"))
        self.back = self._tool("✕", _("Back to the page (Esc)"))
        self.tools = QHBoxLayout()
        """Where others put their own buttons, left of those that are there."""
        self.tools.setSpacing(2)
        top = QWidget(objectName="outlineBar")
        top.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(top)
        row.setContentsMargins(10, 0, 8, 0)
        row.setSpacing(2)
        for tab in self._tabs:
            row.addWidget(tab)
        row.addStretch(1)
        row.addLayout(self.tools)
        for tool in (self.statuses, self.synopses, self.plan, self.add, self.back):
            row.addWidget(tool)
        self.empty = QLabel("", alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True, objectName="empty")
        self.empty.hide()
        self.hint = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText, objectName="small")
        self.hint.setText(
            _("Ctrl+Return adds a scene, the mouse or Alt and an arrow moves it. The book’s title shows its premise.")
        )
        self.hint.setContentsMargins(20, 8, 20, 14)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for widget in (top, self.crumbs, self.views, self.empty, self.hint):
            layout.addWidget(widget, 1 if widget in (self.views, self.empty) else 0)

    @staticmethod
    def _tool(said: str, told: str) -> QToolButton:
        tool = QToolButton(toolTip=told)
        tool.setText(said)
        tool.setProperty("soft", True)
        tool.setAccessibleName(told.partition(" (")[0])
        return tool

    def _connect(self) -> None:
        arranging = self._window.arranging
        self.model.moved.connect(arranging.move)
        self.model.renamed.connect(arranging.rename)
        arranging.arranged.connect(self._choose_next)
        arranging.added.connect(self._name_next)
        self.tree.entered.connect(self.enter)
        self.board.entered.connect(self.enter)
        self.board.left.connect(self.leave_level)
        self.crumbs.wanted.connect(self._go_to_level)
        self.tree.selectionModel().selectionChanged.connect(self._on_selection)
        self.chosen_changed.connect(self._show_crumbs)
        for view in (self.tree, self.board):
            view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            view.customContextMenuRequested.connect(self._show_menu)
        self.statuses.wanted.connect(self.filter)
        self.synopses.toggled.connect(self._show_synopses)
        self.add.clicked.connect(self.add_scene)

    # -- look --------------------------------------------------------------------

    def paint_in(self, theme: Theme, *, shows_credits: bool) -> None:
        """Use this theme's colours, and tint what a model wrote if that is wished."""
        for face in (self.tree.rows, self.board.faces):
            face.theme, face.shows_credits = theme, shows_credits
        self.crumbs.theme = theme
        self.theme = theme
        for view in (self.tree, self.board):
            view.viewport().update()

    def _show_synopses(self, on: bool) -> None:
        self._settings.setValue("outline_synopses", "true" if on else "false")
        self._make_room()

    def _make_room(self) -> None:
        """Rows have a second line only if there is a synopsis to be shown in one."""
        wanted = self.synopses.isChecked() and any(plan.synopsis for plan in self._plans.values())
        if wanted != self.tree.rows.with_synopsis:
            self.tree.rows.with_synopsis = wanted
            self.tree.scheduleDelayedItemsLayout()

    def show_cards(self, on: bool) -> None:
        """Show the cards of one level, or the whole tree."""
        self._settings.setValue("outline_view", "cards" if on else "tree")
        self._tabs[int(on)].setChecked(True)
        current = self.current
        self.views.setCurrentIndex(int(on))
        self.synopses.setVisible(not on)
        if on:
            branch = self.model.branch(current)
            self._show_level(branch.node.parent if branch is not None else None)
        self._show_crumbs()
        if current is not None:
            self.choose([current])
        if self.isVisible():
            self.view.setFocus()

    @property
    def view(self) -> QAbstractItemView:
        """The tree or the cards, whichever is shown."""
        return self.board if self.views.currentIndex() else self.tree

    # -- showing -----------------------------------------------------------------

    def begin(self) -> None:
        """Another book is on the desk."""
        self._wanted, self._unnamed = None, None
        self.tree.unfold_all()
        self.statuses.choose(frozenset())
        self.show_nodes([], {})

    def show_nodes(self, nodes: Sequence[OutlineNode], plans: dict[int, Plan]) -> None:
        """Show this outline; what was chosen and folded stays so."""
        self._nodes, self._plans = nodes, plans
        self._is_stale = True
        if self.isVisible():
            self._fill()

    def show_words(self) -> None:
        """Words were written somewhere; what is shown here is counted anew when it is seen again."""
        self._is_stale = True
        if self.isVisible():
            self._fill()

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        if self._is_stale:
            self._fill()

    def _fill(self) -> None:
        self._is_stale = False
        model, session = self.model, self._window.session
        model.is_writable = session is not None and not session.read_only
        self._nodes = self._window.nodes or self._nodes
        if model.branch(self._unnamed) is None and any(node.id == self._unnamed for node in self._nodes):
            self.statuses.choose(frozenset())  # the author would look for what is new in vain
        self._make_room()
        level, place = self.board.level, self.board.verticalScrollBar().value()
        self._is_filling = True  # what is chosen while rows come and go is nobody's choice
        try:
            self.tree.show_nodes(self._nodes, self._plans, self.statuses.chosen)
            if self.board.level != level:  # it was shown anew
                self._show_level(level if model.branch(level) is not None else None)
                self.board.verticalScrollBar().setValue(place)
        finally:
            self._is_filling = False
        self._show_empty()
        self._show_crumbs()
        if self._wanted is not None:
            wanted, self._wanted = self._wanted, None
            self.choose(wanted)
        if self._unnamed is not None and model.branch(self._unnamed) is not None:
            unnamed, self._unnamed = self._unnamed, None
            self.choose([unnamed])
            self.rename()
        self.chosen_changed.emit()

    def _show_empty(self) -> None:
        is_empty = self.model.is_filtered and not self.model.children(None)
        self.empty.setText(_("Nothing has this status. Choose “Any status” above to see everything."))
        self.empty.setVisible(is_empty)
        self.views.setVisible(not is_empty)
        self.hint.setVisible(self.model.is_writable and len(self._nodes) < FEW)

    def _show_crumbs(self) -> None:
        nodes, plans = self._nodes, self._plans
        path = []
        id = self.board.level if self.view is self.board else None
        while (branch := self.model.branch(id)) is not None:
            path.append((branch.node.id, branch.title))
            id = branch.node.parent
        below = self.board.level if self.view is self.board else None
        branch = self.model.branch(below)
        if branch is not None:
            words, target = branch.words, branch.target
        else:
            words = sum(node.words for node in nodes)
            tops = [self.model.branch(node.id) for node in nodes if node.parent is None]
            target = plans.get(0, Plan()).target_words or sum(top.target for top in tops if top is not None)
        self.total = words, target
        crumbs = [(0, self._window.book_title), *reversed(path)]
        self.crumbs.show_path(crumbs, said_share(words, target), words, target, is_chosen=not self.chosen)

    # -- choosing ----------------------------------------------------------------

    @property
    def chosen(self) -> list[int]:
        """The nodes that are chosen, in story order."""
        return self.tree.chosen

    def _on_selection(self) -> None:
        if not self._is_filling:
            self.chosen_changed.emit()

    @property
    def current(self) -> int | None:
        """The one that the keys are at, if it is chosen."""
        id = self.model.id_of(self.tree.selectionModel().currentIndex())
        chosen = self.chosen
        return id if id in chosen else chosen[0] if chosen else None

    def choose(self, ids: Sequence[int], *, scroll: bool = True) -> None:
        """Choose these nodes, as far as they are shown; none of them chooses the book."""
        branch = next((branch for id in ids if (branch := self.model.branch(id)) is not None), None)
        if self.view is self.board and branch is not None and branch.node.parent != self.board.level:
            self._show_level(branch.node.parent)
        self.tree.choose(ids)
        if scroll and self.chosen:
            self.view.scrollTo(self.tree.currentIndex())

    def _choose_next(self, ids: list[int]) -> None:
        self._wanted = [id for id in ids if id]

    def _name_next(self, id: int) -> None:
        self._unnamed = id

    def rename(self) -> None:
        """Let the author type another title."""
        index = self.model.index_of(self.current)
        if index.isValid() and self.model.is_writable:
            self.view.setFocus()
            self.view.edit(index)

    def add_scene(self) -> None:
        """Add a scene behind what is chosen; on a level of cards that is empty, into it."""
        here = self.current
        if here is None and self.view is self.board and self.board.level is not None:
            self._window.arranging.add_below(self.board.level)
        else:
            self._window.arranging.add_scene(here)

    # -- going -------------------------------------------------------------------

    def enter(self, id: int) -> None:
        """Go to a scene in the page; a chapter folds and unfolds, or shows its cards."""
        index = self.model.index_of(id)
        if not self.model.rowCount(index):
            self.opened.emit(id)
        elif self.view is self.board:
            self._show_level(id)
            self.choose(self.model.children(id)[:1])
            self._show_crumbs()
        else:
            self.tree.setExpanded(index, not self.tree.isExpanded(index))

    def leave_level(self) -> None:
        """Go from a level of cards to the one it lies in."""
        level = self.board.level
        branch = self.model.branch(level)
        if branch is not None:
            self._show_level(branch.node.parent)
            self.choose([branch.node.id])
            self._show_crumbs()

    def _go_to_level(self, id: int) -> None:
        if self.view is self.board:
            self._show_level(id or None)
        self.choose([])
        self._show_crumbs()
        self.chosen_changed.emit()

    def _show_level(self, id: int | None) -> None:
        if id != self.board.level:
            self.board.show_level(id)
        self._show_crumbs()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.back.click()
        else:
            super().keyPressEvent(event)

    def filter(self, statuses: frozenset[str]) -> None:
        """Show only nodes of these statuses, and what they lie in; all if there are none."""
        self.statuses.choose(statuses)
        self._fill()

    def _show_menu(self, place: QPoint) -> None:
        menu = self.verbs.make_menu()
        menu.exec(self.view.viewport().mapToGlobal(place))
        menu.deleteLater()


def bold_width(button: QPushButton) -> int:
    """How wide a button's text is when it is chosen."""
    face = QFont(button.font())
    face.setBold(True)
    return QFontMetrics(face).horizontalAdvance(button.text())
