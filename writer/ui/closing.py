"""A book on its way from the desk: all of it is saved first, or the author says what is to become of the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from writer.ui import unsaved

if TYPE_CHECKING:
    from writer.ui.window import Window


class Closing:
    """Clears the desk, for another book, for a backup in this one's place, or for good."""

    def __init__(self, window: Window) -> None:
        self._window = window

    def keep_place(self) -> None:
        """Remember where the author is for the next time."""
        window = self._window
        if window.session is not None and window.page.visit is not None:
            window.session.keep_place(window.page.visit, window.page.textCursor().position())

    def settle(self) -> bool:
        """Save everything; ask what to do if that is impossible. True if the project may be put away."""
        window, session = self._window, self._window.session
        if session is None:
            return True
        window.title.finish()
        window.plan.keep()
        window.page.clear_ghost()
        self.keep_place()
        error = session.settle() or window.plan.problem
        return error is None or unsaved.may_go(window, session, error)

    def put_away(self) -> bool:
        """Save and close the book, such as for another to take its place; False if the author keeps it open."""
        if not self.settle():
            return False
        self.clear(back_up=False)
        self._window.show_book()
        return True

    def clear(self, *, back_up: bool = True) -> None:
        """Take the current project off the desk; it is already saved."""
        window, session = self._window, self._window.session
        window.session = None
        window.focus.leave()
        window.panels.show_page()
        window.plan.begin()
        window.door.close()
        window.work_on(None)
        window.suggestions.work_on(None)
        window.memory.work_on(None)
        window.page.leave()
        if session is not None:
            window.backups.finish(session.path)
            session.close()
            if back_up:
                window.backups.put_away(session)
            session.deleteLater()
