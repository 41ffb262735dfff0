"""Keeps the memory of the book on the desk up to date, at idle: a process of its own reads, the storage line writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from writer.errors import WriterError
from writer.store import Store
from writer.ui.rest import Rest
from writer.ui.retelling import Retelling

if TYPE_CHECKING:
    from writer.memory.apart import Apart
    from writer.memory.update import Slice
    from writer.ui.session import Session
    from writer.ui.window import Window

BEGIN_MS = 3000
"""After a book was opened."""
REST_MS = 15_000
"""After the last save: reading what was just written would be in vain while the author writes on."""


class Remembering(QObject):
    """Begins after opening and after saves, nearest the page first; can be paused, and stops at once."""

    progressed = Signal(object)
    """A ``Progress``, or None when nothing is left to do."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._session: Session | None = None
        self.is_paused = False
        self.retelling = Retelling(window)
        """What follows once the book is read."""
        self._rest = Rest(self, "remembering", lambda: REST_MS)
        self._rest.due.connect(self._begin)

    @property
    def is_running(self) -> bool:
        """Whether the book is being read now."""
        return self._rest.is_running

    def work_on(self, session: Session | None) -> None:
        """Keep the memory of this project from now on, or of none."""
        self._rest.stop()
        self.is_paused = False
        self._session = session
        self.retelling.work_on(session)
        if session is not None and not session.read_only:
            session.saved.connect(self._on_saved)
            session.outline_changed.connect(self._on_saved)
            self._rest.wait(BEGIN_MS)

    def close(self) -> None:
        """Stop, and end the thread."""
        self.work_on(None)
        self._rest.close()

    def pause(self) -> None:
        """Stop until the author wants to go on."""
        self.is_paused = True
        self._rest.stop()

    def resume(self) -> None:
        """Go on where it was."""
        self.is_paused = False
        self._begin()

    def _on_saved(self, _nodes: object = None) -> None:
        if not self.is_paused:
            self._rest.put_off()

    def _begin(self) -> None:
        session = self._session
        if session is None or session.read_only or self.is_paused or self.is_running:
            return
        self.retelling.give_way()
        # The window is there before what reads books is loaded.
        from writer.memory.apart import Apart

        apart = Apart(session.path, self._window.scene)
        self._rest.run(
            apart,
            keep=lambda slice: self._keep(apart, slice),
            done=lambda _done: self._on_over(),
            failed=self._on_failed,
        )

    def _keep(self, apart: Apart, slice: Slice) -> None:
        """Let the storage line write a slice, then ask for the next: there is never more than one on its way."""
        session = self._session
        if session is None:
            return

        def work(store: Store) -> WriterError | None:
            from writer.memory.update import kept

            try:
                kept(store, slice)
            except WriterError as error:  # not the author's text, so not worth a word
                return error
            return None

        def written(error: WriterError | None) -> None:
            if apart is not self._rest.process:
                return
            if error is not None:
                self._rest.stop()
                self._on_failed(error)
                return
            self.progressed.emit(slice.progress)
            apart.go_on()

        session.change(work, written)

    def _on_over(self) -> None:
        self.progressed.emit(None)
        self.retelling.want()

    def _on_failed(self, error: Exception) -> None:
        """The memory can be made at any time: what went wrong now may go well after the next save."""
        self.progressed.emit(None)
        if not isinstance(error, WriterError):
            raise error
