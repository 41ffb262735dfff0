"""What can be done with what is chosen in the outline: the keys and the menu for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from writer.i18n import _
from writer.story import STATUSES
from writer.ui.arranging import Arranging
from writer.ui.status import status_icon
from writer.ui.statuses import said_or_not

if TYPE_CHECKING:
    from writer.ui.outline import Outline

Keys = str | QKeySequence.StandardKey


class Verbs(QObject):
    """The actions by name; their keys work wherever the outline has them."""

    def __init__(self, outline: Outline, arranging: Arranging) -> None:
        super().__init__(outline)
        self._outline, self._arranging = outline, arranging
        standard, chosen = QKeySequence.StandardKey, self._of_chosen
        wanted: dict[str, tuple[str, Keys, Callable[[], object]]] = {
            "undo": (_("Undo"), standard.Undo, arranging.undo),
            "redo": (_("Redo"), standard.Redo, arranging.redo),
            "up": (_("Move up"), "Alt+Up", chosen(lambda ids: arranging.shift(ids, -1))),
            "down": (_("Move down"), "Alt+Down", chosen(lambda ids: arranging.shift(ids, 1))),
            "promote": (_("Promote"), "Alt+Left", chosen(arranging.promote)),
            "demote": (_("Demote"), "Alt+Right", chosen(arranging.demote)),
            "remove": (_("Move to bin"), standard.Delete, chosen(arranging.remove)),
            "split": (_("Split in two"), "", chosen(lambda ids: arranging.split(ids[0]))),
            "chapter": (_("Begin a new chapter here"), "", chosen(lambda ids: arranging.split_chapter(ids[0]))),
            "merge": (_("Merge with the next"), "", chosen(lambda ids: arranging.merge(ids[0]))),
            "fold": (_("Fold all"), "", outline.tree.fold_all),
            "unfold": (_("Unfold all"), "", outline.tree.expandAll),
        }
        self._actions = {name: self._action(*action) for name, action in wanted.items()}

    def do(self, name: str) -> None:
        """Do one of them now."""
        self._actions[name].trigger()

    def _action(self, label: str, keys: Keys, slot: Callable[[], object]) -> QAction:
        action = QAction(label, self)
        if isinstance(keys, str):
            action.setShortcut(QKeySequence(keys))
        else:
            action.setShortcuts(QKeySequence.keyBindings(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(lambda _checked=False: slot())
        self._outline.views.addAction(action)
        return action

    def _of_chosen(self, work: Callable[[list[int]], None]) -> Callable[[], None]:
        def run() -> None:
            if ids := self._outline.chosen:
                work(ids)

        return run

    def make_menu(self) -> QMenu:
        """What can be done with what is chosen now."""
        outline, named, arranging = self._outline, self._actions, self._arranging
        menu, ids = QMenu(outline), outline.chosen
        is_writable, is_one = outline.model.is_writable, len(ids) == 1
        if is_one:
            menu.addAction(_("Open in the page"), lambda: outline.opened.emit(ids[0]))
            menu.addSeparator()
        new = [menu.addAction(_("New scene"), outline.add_scene)]
        if is_one:
            new.append(menu.addAction(_("New scene inside"), lambda: arranging.add_below(ids[0])))
        new.append(menu.addAction(_("New chapter"), lambda: arranging.add_chapter(outline.current)))
        for action in new:
            action.setEnabled(is_writable)
        if ids and is_writable:
            rename = menu.addAction(_("Rename"), outline.rename)
            rename.setShortcut(QKeySequence("F2"))
            menu.addMenu(self._status_menu(menu, ids))
            outline.menu_wanted.emit(menu, ids)
            menu.addSeparator()
            menu.addActions([named[name] for name in ("up", "down", "promote", "demote")])
            menu.addSeparator()
            if is_one:
                menu.addActions([named["split"], named["merge"]])
                branch = outline.model.branch(ids[0])
                if branch is not None and branch.node.parent is not None:
                    menu.addAction(named["chapter"])
                menu.addSeparator()
            menu.addAction(named["remove"])
        if outline.view is outline.tree:
            menu.addSeparator()
            menu.addActions([named["fold"], named["unfold"]])
        return menu

    def _status_menu(self, parent: QMenu, ids: list[int]) -> QMenu:
        menu = QMenu(_("Status"), parent)
        for status in (*STATUSES, ""):
            action = menu.addAction(said_or_not(status))
            if self._outline.theme is not None and status:
                action.setIcon(status_icon(status, self._outline.theme))
            action.triggered.connect(lambda _on=False, status=status: self._arranging.set_status(ids, status))
        return menu
