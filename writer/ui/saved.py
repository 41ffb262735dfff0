"""The word in the header that says whether everything is in the file."""

from __future__ import annotations

import time

from PySide6.QtWidgets import QToolButton

from writer.i18n import _
from writer.ui import tips


class Saved(QToolButton):
    """Says whether the project is saved, when it last was, and behind a click why it isn't."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("soft", True)
        self._last = ""

    def begin(self, why_read_only: str) -> None:
        """A project was opened, and nothing in it has changed yet, or can be."""
        self._last = ""
        if why_read_only:
            self._say(_("Read-only"), why_read_only)
        else:
            self._say(_("Saved"), self._when())

    def show_saving(self) -> None:
        """Something was typed that is not in the file yet."""
        self._say(_("Saving…"), self._when())

    def show_saved(self) -> None:
        """Everything is in the file."""
        self._last = time.strftime("%H:%M:%S")
        self._say(_("Saved"), self._when())

    def show_failed(self, why: str) -> None:
        """Something can't be saved."""
        self._say(_("Not saved"), f"{why}\n{self._when()}")

    def _when(self) -> str:
        return _("Last saved at {time}").format(time=self._last) if self._last else _("Nothing has changed yet")

    def _say(self, state: str, more: str) -> None:
        self.setText(state)
        self.setToolTip(tips.plain(more))
        self.setAccessibleName(_("{state}. {more}").format(state=state, more=more))
