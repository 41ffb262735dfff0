"""Lets the model in use retell the story while the author rests, if it is large enough; gives way to anything else."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from writer import address
from writer.errors import WriterError
from writer.settings import Settings
from writer.store import Store
from writer.story import Cursor
from writer.ui.worker import Job, Line

if TYPE_CHECKING:
    from writer.engines import BackgroundEngine
    from writer.memory.retell import Slice
    from writer.ui.session import Session
    from writer.ui.window import Window

REST_MS = 10_000
"""So long nothing else happens before the model is asked."""


class Retelling(QObject):
    """Waits for a rest after the book was read, and goes on at the next one if it was disturbed."""

    retold = Signal()
    """More is retold than was shown."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._session: Session | None = None
        self._line: Line | None = None
        self._job: Job | None = None
        self._is_wanted = self._has_new = False
        self._timer = QTimer(self, singleShot=True, interval=REST_MS)
        self._timer.timeout.connect(self._begin)
        for signal in (window.page.edited, window.page.cursorPositionChanged, window.suggestions.state_changed):
            signal.connect(self.give_way)

    @property
    def is_running(self) -> bool:
        """Whether the model is asked now."""
        return self._job is not None

    def work_on(self, session: Session | None) -> None:
        """Retell this book from now on, once it is read, or none."""
        self._is_wanted = self._has_new = False
        self._stop()
        line, self._line = self._line, None
        if line is not None:
            line.close()
        self._session = session

    def want(self) -> None:
        """Retell at the next rest what is new in the book."""
        self._is_wanted = True
        self.give_way()

    def give_way(self, _: object = None) -> None:
        """Stop at once; what is left waits for the next rest."""
        self._stop()
        if self._is_wanted:
            self._timer.start()

    def _stop(self) -> None:
        self._timer.stop()
        job, self._job = self._job, None
        if job is not None:
            job.cancel()

    def _begin(self) -> None:
        session, suggestions, settings = self._session, self._window.suggestions, self._window.in_force
        engine, scene = suggestions.engine, self._window.scene
        if session is None or session.read_only or scene is None or engine is None or suggestions.state != "ready":
            return
        server = address.read(settings.server_url) if settings.engine == "server" else None
        if server is not None and not server.is_here:
            return  # nobody was told that more than the text around the caret goes elsewhere
        if self._line is None:
            path = session.path
            self._line = Line("retelling", lambda: Store.reader(path))
        beside, language = engine.beside(), self._window.language
        self._job = job = self._line.submit(
            lambda store: retelling(store, beside, settings, scene, language),
            yielded=lambda slice: self._keep(job, slice),
            returned=lambda _made: self._on_over(job),
            failed=lambda error: self._on_failed(job, error),
            interrupt=beside.cancel,
        )

    def _keep(self, job: Job, slice: Slice) -> None:
        if job is not self._job or self._session is None or not slice.abstracts:
            return
        self._has_new = True

        def work(store: Store) -> None:
            from writer.memory.retell import keep

            with suppress(WriterError):  # not the author's text, so not worth a word
                keep(store, slice)

        self._session.change(work, lambda _kept: None)

    def _on_over(self, job: Job) -> None:
        if job is not self._job:
            return
        self._job = None
        self._is_wanted = False
        has_new, self._has_new = self._has_new, False
        if has_new and self._session is not None:  # behind what is still to be kept
            self._session.change(lambda _store: None, lambda _: self.retold.emit())

    def _on_failed(self, job: Job, error: Exception) -> None:
        """Nobody waits for it: it is tried again when the book has been read again."""
        if job is not self._job:
            return
        self._on_over(job)
        if not isinstance(error, WriterError):
            raise error


def retelling(
    store: Store | None, engine: BackgroundEngine, settings: Settings, scene: int, language: str
) -> Generator[Slice, None, int]:
    """Retell what precedes this scene, nearest first, if the model is able to; the scene itself is still written."""
    # Not before they are needed: the window is there first.
    from writer.memory.preceding import before
    from writer.memory.retell import is_able, retell

    assert store is not None
    if not is_able(settings, engine):
        return 0
    story = before(store, Cursor(scene, "", 0)).story()
    return (yield from retell(store, engine, language, story))
