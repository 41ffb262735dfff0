"""The quiet line above the page: the menus, the book, how saving stands, and the look, the focus and the switch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from writer.i18n import _
from writer.ui.bars import row, soft
from writer.ui.menus import Menus
from writer.ui.switch import Switch
from writer.ui.theme import Theme

if TYPE_CHECKING:
    from writer.ui.window import Window


class Header:
    """Fills the bar above the page; without a book, only the menus are left in it."""

    def __init__(self, window: Window, bar: QWidget, menus: Menus) -> None:
        self._window = window
        self._name = QLabel(textFormat=Qt.TextFormat.PlainText, objectName="project")
        focus = soft(QToolButton(toolTip=_("Leave only the page (F8)")))
        focus.setText(_("Focus"))
        focus.clicked.connect(window.focus.toggle)
        look = soft(QToolButton(popupMode=QToolButton.ToolButtonPopupMode.InstantPopup))
        look.setText("Aa")
        look.setAccessibleName(_("Look of the page"))
        look.setMenu(menus.look)
        self.switch = Switch(_("Suggestions"))
        row(bar, [menus, 8, self._name, 6, window.saved, None, look, 4, focus, 6, self.switch, 4])
        self._of_book = [window.saved, look, focus, self.switch]

    def show_book(self, title: str | None) -> None:
        """Name the book, here and as the window's title, and offer what can be done with it; None if none is open."""
        self._name.setText(title or "")
        self._window.setWindowTitle("Writer" if title is None else f"{title} — Writer")
        for widget in self._of_book:
            widget.setVisible(title is not None)

    def paint_in(self, theme: Theme) -> None:
        """Use this theme's colours."""
        self.switch.paint_in(theme)
        self._name.setStyleSheet(f"font-weight: 600; color: {theme.ink};")
