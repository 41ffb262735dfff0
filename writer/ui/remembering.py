"""Keeps the memory of the book on the desk up to date, at idle: a process of its own reads, the storage line writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from writer.errors import WriterError
from writer.store import Store
from writer.ui.retelling import Retelling
from writer.ui.worker import Job, Line

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
        self._line: Line | None = None
        self._job: Job | None = None
        self.is_paused = False
        self.retelling = Retelling(window)
        """What follows once the book is read."""
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._begin)

    @property
    def is_running(self) -> bool:
        """Whether the book is being read now."""
        return self._job is not None

    def work_on(self, session: Session | None) -> None:
        """Keep the memory of this project from now on, or of none."""
        self._stop()
        self.is_paused = False
        self._session = session
        self.retelling.work_on(session)
        if session is not None and not session.read_only:
            session.saved.connect(self._on_saved)
            session.outline_changed.connect(self._on_saved)
            self._timer.start(BEGIN_MS)

    def close(self) -> None:
        """Stop, and end the thread."""
        self.work_on(None)
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def pause(self) -> None:
        """Stop until the author wants to go on."""
        self.is_paused = True
        self._stop()

    def resume(self) -> None:
        """Go on where it was."""
        self.is_paused = False
        self._begin()

    def _on_saved(self, _nodes: object = None) -> None:
        if not self.is_running and not self.is_paused:
            self._timer.start(REST_MS)

    def _stop(self) -> None:
        self._timer.stop()
        job, self._job = self._job, None
        if job is not None:
            job.cancel()

    def _begin(self) -> None:
        session = self._session
        if session is None or session.read_only or self.is_paused or self.is_running:
            return
        if self._line is None:
            self._line = Line("remembering", lambda: None)
        self.retelling.give_way()
        # The window is there before what reads books is loaded.
        from writer.memory.apart import Apart

        apart = Apart(session.path, self._window.scene)
        self._job = job = self._line.submit(
            lambda _store: apart.slices(),
            yielded=lambda slice: self._keep(job, apart, slice),
            returned=lambda _done: self._on_over(job),
            failed=lambda error: self._on_failed(job, error),
            interrupt=apart.close,
        )

    def _keep(self, job: Job, apart: Apart, slice: Slice) -> None:
        """Let the storage line write a slice, then ask for the next: there is never more than one on its way."""
        session = self._session
        if job is not self._job or session is None:
            return

        def work(store: Store) -> WriterError | None:
            from writer.memory.update import kept

            try:
                kept(store, slice)
            except WriterError as error:  # not the author's text, so not worth a word
                return error
            return None

        def written(error: WriterError | None) -> None:
            if job is not self._job:
                return
            if error is not None:
                job.cancel()
                self._on_failed(job, error)
                return
            self.progressed.emit(slice.progress)
            apart.go_on()

        session.change(work, written)

    def _on_over(self, job: Job) -> None:
        if job is self._job:
            self._job = None
            self.progressed.emit(None)
            self.retelling.want()

    def _on_failed(self, job: Job, error: Exception) -> None:
        """The memory can be made at any time: what went wrong now may go well after the next save."""
        if job is not self._job:
            return
        self._job = None
        self.progressed.emit(None)
        if not isinstance(error, WriterError):
            raise error
