"""Which statuses the outline shows: a button with all of them to tick."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QToolButton

from writer.i18n import _
from writer.story import STATUSES
from writer.ui.status import said_status


class Statuses(QToolButton):
    """Says what is shown, and lets the author choose."""

    wanted = Signal(frozenset)

    def __init__(self) -> None:
        super().__init__(toolTip=_("Show only some statuses"))
        self.setAccessibleName(_("Show only some statuses"))
        self.setProperty("soft", True)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setMenu(QMenu(self))
        self.chosen: frozenset[str] = frozenset()
        """None of them stands for all."""
        self.menu().aboutToShow.connect(self._fill)
        self.choose(frozenset())

    def choose(self, statuses: frozenset[str]) -> None:
        """Say that only these are shown, or all."""
        self.chosen = statuses
        said = [said_or_not(status) for status in (*STATUSES, "") if status in statuses]
        self.setText(_(", ").join(said) or _("Any status"))
        self.setProperty("on", bool(said))
        self.style().unpolish(self)
        self.style().polish(self)

    def _fill(self) -> None:
        menu = self.menu()
        menu.clear()
        every = menu.addAction(_("Any status"), lambda: self.wanted.emit(frozenset()))
        every.setCheckable(True)
        every.setChecked(not self.chosen)
        menu.addSeparator()
        for status in (*STATUSES, ""):
            action = menu.addAction(said_or_not(status))
            action.setCheckable(True)
            action.setChecked(status in self.chosen)
            action.triggered.connect(lambda _on=False, status=status: self.wanted.emit(self.chosen ^ {status}))


def said_or_not(status: str) -> str:
    """A status in the author's words, or that nobody said one."""
    return said_status(status) or _("Not said")
