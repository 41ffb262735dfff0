"""The page alone in the window, with all of it faded but the paragraph that is being written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from writer.i18n import _
from writer.ui.theme import Theme

if TYPE_CHECKING:
    from writer.ui.window import Window

MIDDLE = 0.45
"""Where the caret is kept while all else is faded, as a share of the page's height."""
FADED = 168
"""How much of the paper lies over the other paragraphs, of 255: they can still be read."""


class Focus(QObject):
    """Puts everything else away and brings it back just as it was."""

    switched = Signal(bool)

    def __init__(self, window: Window, bars: Sequence[QWidget]) -> None:
        super().__init__(window)
        self._window = window
        # A bar of no height keeps its menus' keys, a hidden one doesn't.
        self._bars = [(bar, bar.minimumHeight()) for bar in bars]
        self._paper = QColor()
        self.is_on = False
        window.page.cursorPositionChanged.connect(self._on_caret)
        window.page.textChanged.connect(self._keep_in_middle)

    def paint_in(self, theme: Theme) -> None:
        """Use this theme's colours."""
        self._paper = QColor(theme.paper)
        self._paper.setAlpha(FADED)
        self._fade()

    def toggle(self) -> None:
        """Leave the page alone in the window, or bring back what was there."""
        window = self._window
        if self.leave() or window.session is None:
            return
        window.finding.close_bar()
        window.panels.put_aside()
        self._switch(True)
        window.notice.say(_("F8 brings everything back."), topic="focus")
        window.page.setFocus()

    def leave(self) -> bool:
        """Bring back what was there; False if nothing was put away."""
        if not self.is_on:
            return False
        self._switch(False)
        self._window.panels.bring_back()
        self._window.notice.clear("focus")
        return True

    def _switch(self, on: bool) -> None:
        self.is_on = on
        for bar, height in self._bars:
            bar.setFixedHeight(0 if on else height)
        self._fade()
        self.switched.emit(on)

    def _fade(self) -> None:
        self._window.page.tints.fade_others(self._paper if self.is_on else None)
        self._keep_in_middle()

    def _on_caret(self) -> None:
        if self.is_on:
            self._window.page.viewport().update()

    def _keep_in_middle(self) -> None:
        """The line that is written stays where it is, and the text moves."""
        if self.is_on:
            page = self._window.page
            off = page.cursorRect().center().y() - round(MIDDLE * page.viewport().height())
            page.verticalScrollBar().setValue(page.verticalScrollBar().value() + off)
