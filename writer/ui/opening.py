"""A book on its way to the desk: it opens beside the page, and may be refused, or be open elsewhere."""

from __future__ import annotations

from dataclasses import replace
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

    opened = Signal(object, object)
    """A session with what its file holds, which has its place on the desk now."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self.session: Session | None = None

    def open(self, path: Path, *, why_read_only: str = "") -> None:
        """Open a project in place of the one on the desk, which stays if this can't be opened."""
        window = self._window
        if window.session is not None and is_same(window.session.path, path):
            return
        if window.closing.settle():
            self._begin(Session(path, window.painting.look, window, why_read_only=why_read_only))

    def open_again(self) -> None:
        """Open the project on the desk anew."""
        path = self._window.project_path
        if path is not None and self._window.closing.put_away():
            self.open(path)

    def go_on_in(self, session: Session, copy: Path) -> None:
        """Open the copy just written of the project on the desk, whatever has become of that one's own file."""
        window = self._window
        if session is not window.session:
            return
        if is_same(session.path, copy):
            session.look_again()
            window.suggestions.work_on(session.jobs, session.path)
            return
        self._begin(Session(copy, window.painting.look, window), session)

    def say_how(self, session: Session, opened: Opened) -> None:
        """Tell the author what is out of the ordinary about the book that was opened, if anything is."""
        window = self._window
        if opened.why_read_only:
            window.saved.explain()
        elif opened.recovered is not None:
            window.notice.say(_recovery(opened.recovered))
        if opened.harm is not None:
            window.rescue.offer_scene(session, opened.harm)

    def _begin(self, session: Session, copied: Session | None = None) -> None:
        """Wait for a session to open, in place of any other that was on its way."""
        self.give_up()
        self.session = session
        session.opened.connect(lambda opened: self._on_opened(session, opened, copied))
        session.refused.connect(lambda error: self._on_refused(session, error))
        if self._window.session is None:
            self._window.page.setFocus()  # which keeps what is typed from now on

    def give_up(self) -> None:
        """Let go of what is being opened, with what was typed for it."""
        session, self.session = self.session, None
        if session is not None:
            self._window.page.early.forget()
            session.close()
            session.deleteLater()

    def _on_opened(self, session: Session, opened: Opened, copied: Session | None) -> None:
        if session is not self.session:
            return
        window = self._window
        if copied is not None and copied is window.session:
            session.inherit(copied)
            if window.scene == opened.scene.id:
                opened = replace(opened, caret=window.page.cursor_now().offset)
        elif not window.closing.settle():
            # What was typed while this one opened belongs to the other, and is saved before it goes.
            self.give_up()
            return
        self.session = None
        self.opened.emit(session, opened)

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
            self.open(session.path, why_read_only=why.format(name=name))
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


def _recovery(titles: tuple[str, ...]) -> str:
    """What to say of a session that never closed, with up to three of the scenes it wrote."""
    if not titles:
        return _("Writer did not close properly last time. Nothing that had been saved is missing.")
    named = [_("“{title}”").format(title=title or _("Untitled")) for title in titles[-3:]]
    listed = _("{titles} and {last}").format(titles=_(", ").join(named[:-1]), last=named[-1]) if named[1:] else named[0]
    return _(
        "Writer did not close properly last time. Everything up to the last second is here, last in {scenes}."
    ).format(scenes=listed)
