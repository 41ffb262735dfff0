"""A book on its way to the desk: it opens beside the page, and may be refused, or be open elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from writer.errors import LockedError
from writer.i18n import _
from writer.ui import instance
from writer.ui.session import Opened, Session

if TYPE_CHECKING:
    from writer.ui.window import Window


class Opening(QObject):
    """At most one book that is being opened; the last one asked for."""

    opened = Signal(object, object, object)
    """A session with what its file holds, and the session it is a copy of, or None."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self.session: Session | None = None

    def begin(self, session: Session, copied: Session | None = None) -> None:
        """Wait for a session to open, in place of any other that was on its way."""
        self.give_up()
        self.session = session
        session.opened.connect(lambda opened: self._on_opened(session, opened, copied))
        session.refused.connect(lambda error: self._on_refused(session, error))

    def finish(self) -> None:
        """The session that was opened is on the desk."""
        self.session = None

    def give_up(self) -> None:
        """Let go of what is being opened, with what was typed for it."""
        session, self.session = self.session, None
        if session is not None:
            self._window.page.early.forget()
            session.close()
            session.deleteLater()

    def _on_opened(self, session: Session, opened: Opened, copied: Session | None) -> None:
        if session is self.session:
            self.opened.emit(session, opened, copied)

    def _on_refused(self, session: Session, error: Exception) -> None:
        if session is not self.session:
            return
        window = self._window
        if isinstance(error, LockedError):
            window.in_background(
                lambda _store: instance.knock(session.path), lambda answered: self._on_knocked(session, answered)
            )
            return
        self.give_up()
        if window.session is None:
            window.show_book()
        window.rescue.offer(session.path, error)

    def _on_knocked(self, session: Session, answered: bool) -> None:
        """Another window has the project: it is in front now, or else the project is only read here."""
        if session is not self.session:
            return
        self.give_up()
        window, name = self._window, session.path.name
        if not answered:
            why = _(
                "“{name}” is being written elsewhere, by another user, computer or command, so it can only be read "
                "here; try again later, or use Save as to go on in a copy."
            )
            window.open_project(session.path, why_read_only=why.format(name=name))
        elif window.session is None:
            window.close()
        else:
            window.notice.say(_("“{name}” is open in another window, which is now in front.").format(name=name))


def is_same(one: Path, other: Path) -> bool:
    """Whether two paths lead to the same file."""
    try:
        return one.samefile(other)
    except OSError:
        return False
