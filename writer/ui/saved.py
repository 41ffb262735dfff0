"""The word in the header that says whether everything is in the file."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QToolButton

from writer.i18n import _
from writer.ui import tips

if TYPE_CHECKING:
    from writer.ui.window import Window


class Saved(QToolButton):
    """Says whether the project is saved, when it last was, and behind a click why it isn't."""

    def __init__(self, window: Window) -> None:
        super().__init__()
        self.setProperty("soft", True)
        self._window = window
        self._last = ""
        self._problem = ""
        self.clicked.connect(self.explain)

    def begin(self, why_read_only: str) -> None:
        """A project was opened, and nothing in it has changed yet, or can be."""
        self._last = self._problem = ""
        if why_read_only:
            self._say(_("Read-only"), why_read_only)
        else:
            self._say(_("Saved"), self._when())

    def show_saving(self) -> None:
        """Something was typed that is not in the file yet."""
        self._say(_("Saving…"), self._when())

    def show_saved(self) -> None:
        """Everything is in the file."""
        self._problem = ""
        self._last = time.strftime("%H:%M:%S")
        self._say(_("Saved"), self._when())
        for topic in ("save", "change"):
            self._window.notice.clear(topic)

    def show_failed(self, error: Exception) -> None:
        """Something can't be saved."""
        said = _("{reason} Your text is safe in this window; saving is tried again every few seconds.")
        problem = said.format(reason=_sentence(error))
        self._say(_("Not saved"), f"{problem}\n{self._when()}")
        # Another message may not hide this one; but what the author has closed is said again only when asked.
        if problem != self._problem or self._window.notice.topic not in ("", "save"):
            self._problem = problem
            self.explain()

    def explain(self) -> None:
        """Say why something isn't saved, or can't be, and offer what helps; without a reason, save."""
        window, session = self._window, self._window.session
        if session is None:
            return
        save_as = (_("Save as…"), window.books.save_as)
        if session.why_read_only:
            again = (_("Try again"), window.opening.open_again)
            window.notice.say(session.why_read_only, save_as, *([again] if session.is_locked else []), topic="open")
        elif self._problem:
            window.notice.say(self._problem, save_as, (_("Try again"), self.save_now), topic="save")
        else:
            session.save()

    def save_now(self) -> None:
        """Hand what changed to the file at once; if that fails, say so again."""
        self._problem = ""
        if self._window.session is not None:
            self._window.session.save()

    def _when(self) -> str:
        return _("Last saved at {time}").format(time=self._last) if self._last else _("Nothing has changed yet")

    def _say(self, state: str, more: str) -> None:
        self.setText(state)
        self.setToolTip(tips.plain(more))
        self.setAccessibleName(_("{state}. {more}").format(state=state, more=more))


def _sentence(error: Exception) -> str:
    said = str(error).rstrip()
    return said if said.endswith((".", "。", "!", "?", "！", "？")) else said + "."
