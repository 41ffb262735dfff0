"""From a pause to grey text: asks the model for the latest place only, and keeps its alternatives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import randrange

from PySide6.QtCore import QObject, QTimer, Signal

from writer import text
from writer.engines import BackgroundEngine, Piece, Usage
from writer.errors import EngineError
from writer.settings import Settings
from writer.story import Cursor, Origin
from writer.suggest import suggest, warm
from writer.ui.editor import Page
from writer.ui.worker import Job, Line

POLL_MS = 60
SERVER = ("server_url", "server_model", "server_context")
FAILURES_BEFORE_REST = 3
COLD_BUDGET = 320
"""Tokens the model reads for its very first suggestion: the full budget takes it several seconds on a laptop."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of the alternatives at a place, as far as it is written, and where it comes from."""

    text: str
    origin: Origin | None


class Suggestions(QObject):
    """The one who decides when the page gets a suggestion, and from where."""

    state_changed = Signal(str)
    """"off", "missing", "loading", "ready", "thinking" or "failed"."""
    failed = Signal(object)
    finished = Signal(object)
    shown = Signal(int, int)
    """Which alternative is on the page, from 1, and how many there are."""

    def __init__(self, page: Page, settings: Settings, open_engine: Callable[[], BackgroundEngine]) -> None:
        super().__init__(page)
        self._page = page
        self._open_engine = open_engine
        self._engine: BackgroundEngine | None = None
        self._line: Line | None = None
        self._settings = settings
        self._cursor: Cursor | None = None
        self._candidates: list[Candidate] = []
        self._index = 0
        self._streaming = 0
        self._origin: Origin | None = None
        self._seed = 0
        self._job: Job | None = None
        self._failures = 0
        self._refused = False
        self._is_warm = False
        self._warming: Job | None = None
        self._state = ""
        self._pause = QTimer(self, singleShot=True)
        self._pause.timeout.connect(self._on_pause)
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._report)
        page.edited.connect(self._on_edit)
        page.rested.connect(self._on_rest)
        page.dismissed.connect(self._stop)
        page.accepted.connect(self._on_taken)
        page.typed_through.connect(self._on_taken)
        page.wanted.connect(self._on_wanted)

    # -- what it works with ------------------------------------------------------

    @property
    def state(self) -> str:
        """What the status bar says of the model."""
        if not self._settings.suggestions:
            return "off"
        if self._engine is None:
            return "missing"
        loading = self._engine.state
        if loading != "ready":
            return loading
        return "thinking" if self._job is not None else "ready"

    @property
    def engine(self) -> BackgroundEngine | None:
        """The engine in use, if one is."""
        return self._engine

    @property
    def candidates(self) -> list[str]:
        """The alternatives at this place so far."""
        return [candidate.text for candidate in self._candidates]

    def use(self, settings: Settings) -> None:
        """Follow changed settings; the engine is exchanged only when they name another."""
        old, self._settings = self._settings, settings
        of_engine = ("suggestions", "model", "engine", "threads", "language", *SERVER)
        if self._engine is not None and any(getattr(old, name) != getattr(settings, name) for name in of_engine):
            self.close()
        self._page.clear_ghost()
        self.start()

    def work_on(self, line: Line | None) -> None:
        """Run from now on beside this project."""
        self._stop()
        self._line = line

    def start(self) -> None:
        """Start the model in the background if suggestions are on and it is not running."""
        if self._settings.suggestions and self._engine is None:
            try:
                self._engine = self._open_engine()
                self._is_warm = False
            except Exception as error:
                self._report()
                self.failed.emit(error)
                return
        self._failures, self._refused = 0, False
        self._poll.start()
        self._report()
        self._on_rest()

    def close(self) -> None:
        """Stop everything and end the model's process."""
        self._stop()
        self._pause.stop()
        self._poll.stop()
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()
        self._report()

    # -- when to ask -------------------------------------------------------------

    def _on_edit(self) -> None:
        self._failures = 0
        self._wait()

    def _on_rest(self) -> None:
        """Grey text wherever an arrow key goes would be in the way: only at the scene's end."""
        visit = self._page.visit
        if visit is not None and not visit.document.characterCount() - 1 > self._page.textCursor().position():
            self._wait()

    def _on_taken(self, _: str) -> None:
        ghost = self._page.ghost
        if ghost is not None and (ghost.text or self._job is not None):
            # What is left is the one candidate here; a stream that goes on adds to it.
            self._candidates = [Candidate(ghost.text, ghost.origin)]
            self._index = self._streaming = 0
            self._cursor = None
        else:
            self._page.clear_ghost()
            self._stop()
            self._wait()

    def _wait(self) -> None:
        if self._settings.suggestions and self._engine is not None and not self._refused:
            self._pause.start(self._settings.pause_ms)

    def _on_pause(self) -> None:
        if not self._page.can_suggest or self._page.has_ghost or self._failures >= FAILURES_BEFORE_REST:
            return
        if self.state == "loading":
            self._pause.start(POLL_MS)
            return
        cursor = self._page.cursor_now()
        if text.is_word_end(cursor.before[-64:], cursor.after[:64]):
            self._ask(cursor)

    def _on_wanted(self, what: str) -> None:
        if not self._settings.suggestions or not self._page.can_suggest:
            return
        self._failures, self._refused = 0, False
        if self._engine is None:
            self.start()
            if self._engine is None:
                return
        if what == "ask" or not self._page.has_ghost or self._cursor is None:
            self._ask(self._page.cursor_now())
        elif what == "next" and self._index + 1 == len(self._candidates):
            if self._job is None:
                self._rest_warming()
                self._generate(self._index + 1)
        else:
            step = 1 if what == "next" else -1
            self._show((self._index + step) % len(self._candidates))

    # -- asking ------------------------------------------------------------------

    def _ask(self, cursor: Cursor) -> None:
        if self._line is None or self._engine is None:
            return
        self._stop()
        self._page.expect(cursor)
        self._cursor = cursor
        self._candidates = []
        self._seed = self._settings.seed or randrange(1, 2**31 - 1000)
        self._generate(0)

    def _generate(self, index: int) -> None:
        cursor, engine, line = self._cursor, self._engine, self._line
        assert cursor is not None
        assert engine is not None
        assert line is not None
        settings, seed = self._settings, self._seed + index
        if not self._is_warm:
            settings = replace(settings, budget=min(settings.budget, COLD_BUDGET))

        def mine(slot: Callable[[Job, object], None]) -> Callable[[object], None]:
            return lambda value: slot(job, value) if job is self._job else None

        job = line.submit(
            lambda store: suggest(cursor, store, engine, settings, seed=seed),
            yielded=mine(lambda _, piece: self._on_piece(piece)),
            returned=mine(lambda _, usage: self._on_returned(usage)),
            failed=mine(lambda _, error: self._on_failed(error)),
            interrupt=engine.cancel,
        )
        self._job = job
        self._streaming = index
        self._origin = None
        self._report()

    def _on_piece(self, piece: object) -> None:
        assert isinstance(piece, Piece)
        self._origin = piece.origin or self._origin
        if not piece.text:
            return
        if self._streaming == len(self._candidates):
            self._candidates.append(Candidate("", self._origin))
            if self._streaming:
                self._page.show_text("", self._origin)
        known = self._candidates[self._streaming]
        if self._index != self._streaming:
            self._index = self._streaming
            self._page.show_text(known.text, known.origin)
        self._candidates[self._streaming] = replace(known, text=known.text + piece.text)
        self._page.grow(piece.text, known.origin)
        self.shown.emit(self._index + 1, len(self._candidates))

    def _on_returned(self, usage: object) -> None:
        self._job = None
        self._failures = 0
        if not self._page.has_ghost:
            self._page.clear_ghost()
        if isinstance(usage, Usage):
            self.finished.emit(usage)
        if not self._is_warm:
            self._is_warm = True
            self._warm(self._page.cursor_now())
        self._report()

    def _warm(self, cursor: Cursor) -> None:
        """Let the model read the rest of the budget while the author reads the first suggestion."""
        engine, line, settings = self._engine, self._line, self._settings
        if engine is not None and line is not None and settings.budget > COLD_BUDGET:
            self._warming = line.submit(lambda store: warm(cursor, store, engine, settings), interrupt=engine.cancel)

    def _on_failed(self, error: object) -> None:
        self._job = None
        self._page.clear_ghost()
        self._failures += 1
        self._poll.start()
        self._refused = not isinstance(error, EngineError)
        self._report()
        self.failed.emit(error)
        if not self._refused:
            self._wait()

    def _show(self, index: int) -> None:
        if index < len(self._candidates):
            self._index = index
            self._page.show_text(self._candidates[index].text, self._candidates[index].origin)
            self.shown.emit(index + 1, len(self._candidates))

    def _stop(self) -> None:
        self._pause.stop()
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
        self._rest_warming()
        self._candidates = []
        self._cursor = None
        self._report()

    def _rest_warming(self) -> None:
        job, self._warming = self._warming, None
        if job is not None:
            job.cancel()

    def _report(self) -> None:
        state = self.state
        if state in ("ready", "off", "missing"):
            self._poll.stop()
        if state != self._state:
            self._state = state
            self.state_changed.emit(state)
