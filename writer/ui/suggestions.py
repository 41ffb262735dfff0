"""From a pause to grey text: asks the model for the latest place only, and keeps its alternatives."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from random import randrange

from PySide6.QtCore import QObject, QTimer, Signal

from writer import text
from writer.engines import BackgroundEngine, Piece, Usage
from writer.errors import EngineError
from writer.settings import Settings
from writer.store import Store
from writer.story import Cursor, Origin
from writer.suggest import LITTLE, ahead, begin, learn, suggest, tells, warm
from writer.ui.editor import Page
from writer.ui.worker import Job, Line

POLL_MS = 60
SERVER = ("server_url", "server_model", "server_context")
FAILURES_BEFORE_REST = 3
IDLE_MS = 1500
"""After so long at a place where nothing is suggested, the model reads the page up to there."""
READERS = ("writer.bible", "writer.memory.recall", "writer.memory.preceding")
KEEP_MS = 120_000
"""After so long without a suggestion, what the model read is kept on disk."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of the alternatives at a place, as far as it is written, and where it comes from."""

    text: str
    origin: Origin | None


@dataclass(frozen=True, slots=True)
class Ahead:
    """The suggestion behind the one that is shown, as far as it is written."""

    place: Cursor
    """Where the author is if the one that is shown is taken."""
    job: Job
    text: str = ""
    origin: Origin | None = None
    is_complete: bool = False

    def is_for(self, cursor: Cursor) -> bool:
        """Whether it continues exactly this text."""
        place = self.place
        return (place.scene, place.offset, place.text) == (cursor.scene, cursor.offset, cursor.text)


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
        """Whether the model has read all of the budget once; before that, who waits gets what can be had at once."""
        self._warming: Job | None = None
        self._is_behind = False
        self._learning: Job | None = None
        self._ahead: Ahead | None = None
        self._book = Path()
        self._has_read = self._has_readers = False
        self._state = ""
        self._pause = QTimer(self, singleShot=True)
        self._pause.timeout.connect(self._on_pause)
        self._idle = QTimer(self, singleShot=True, interval=IDLE_MS)
        self._idle.timeout.connect(self._on_idle)
        self._paragraph = QTimer(self, singleShot=True, interval=0)
        self._paragraph.timeout.connect(self._on_paragraph)
        self._rest = QTimer(self, singleShot=True, interval=KEEP_MS)
        self._rest.timeout.connect(self._keep)
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
            self._has_read = False  # keeping it would hold up the window
            self.close()
        self._page.clear_ghost()
        self.start()

    def work_on(self, line: Line | None, book: Path = Path()) -> None:
        """Run from now on beside this project; what the model read of the one before is kept."""
        self._stop()
        self._keep()
        self._line, self._book = line, book
        self._is_warm = False

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
        self._keep()
        self._poll.stop()
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()
        self._report()

    # -- when to ask -------------------------------------------------------------

    def _on_edit(self) -> None:
        self._failures = 0
        self._wait()
        if self._is_behind or self._page.textCursor().atBlockStart():
            self._paragraph.start()

    def _on_rest(self) -> None:
        """Grey text wherever an arrow key goes would be in the way: only at the scene's end."""
        visit = self._page.visit
        if visit is not None and not visit.document.characterCount() - 1 > self._page.textCursor().position():
            self._wait()
        elif visit is not None and self._can_read_ahead:
            self._idle.start()

    def _on_taken(self, _: str) -> None:
        ghost = self._page.ghost
        if ghost is not None and (ghost.text or self._job is not None):
            # What is left is the one candidate here; a stream that goes on adds to it.
            self._candidates = [Candidate(ghost.text, ghost.origin)]
            self._index = self._streaming = 0
            self._cursor = None
            return
        ahead, self._ahead = self._ahead, None
        self._page.clear_ghost()
        self._stop()
        # What is written ahead reads all of the budget: where that has hardly begun, something else is there sooner.
        is_near = ahead is not None and (self._is_warm or bool(ahead.text))
        if ahead is not None and is_near and self._page.can_suggest and ahead.is_for(self._page.cursor_now()):
            self._adopt(ahead)
        else:
            if ahead is not None:
                ahead.job.cancel()
            self._wait()

    def _wait(self) -> None:
        if self._settings.suggestions and self._engine is not None and not self._refused:
            self._pause.start(self._settings.pause_ms)

    def _on_pause(self) -> None:
        if not self._page.can_suggest or self._page.has_ghost or self._failures >= FAILURES_BEFORE_REST:
            return
        if self.state == "loading":
            self._load_readers()
            self._pause.start(POLL_MS)
            return
        cursor = self._page.cursor_now()
        if text.is_word_end(cursor.before[-64:], cursor.after[:64]):
            self._ask(cursor)

    def _load_readers(self) -> None:
        """Load what reads the book for its memory while the model loads too, rather than behind that."""
        if self._line is not None and not self._has_readers:
            self._has_readers = True
            self._line.submit(lambda _store: list(map(import_module, READERS)) and None)

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
                self._rest_reading()
                self._generate(self._index + 1)
        else:
            step = 1 if what == "next" else -1
            self._rest_reading()
            self._show((self._index + step) % len(self._candidates))
            self._go_ahead()

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
        settings, seed, book, is_warm = self._settings, self._seed + index, self._book, self._is_warm

        def work(store: Store | None) -> Generator[Piece, None, Usage]:
            if is_warm:
                return suggest(cursor, store, engine, settings, seed=seed)
            return begin(cursor, store, engine, settings, book, seed=seed)

        def mine(slot: Callable[[Job, object], None]) -> Callable[[object], None]:
            return lambda value: slot(job, value) if job is self._job else None

        job = line.submit(
            work,
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
        self._has_read = True
        self._rest.start()
        if not self._is_warm:
            self._warm(self._page.cursor_now())
        self._go_ahead()
        self._learn()
        self._report()

    # -- while the author rests --------------------------------------------------

    @property
    def _can_read_ahead(self) -> bool:
        """Whether the model may work unasked: on this computer, but not on a server that others may need."""
        return self._engine is not None and self._line is not None and self._engine.name != "server"

    def _on_idle(self) -> None:
        """The author may write on here: let the model read the page up to here."""
        if self.state == "loading":
            self._idle.start()
        elif self.state == "ready" and self._page.can_suggest and not self._page.has_ghost:
            self._rest_reading()
            self._warm(self._page.cursor_now())
            self._learn()

    def _on_paragraph(self) -> None:
        """What the model reads changes most where a paragraph begins: it reads that while the author writes on."""
        page = self._page
        if self._is_warm and self.state == "ready" and self._can_read_ahead and page.can_suggest and not page.has_ghost:
            self._rest_reading()
            self._warm(page.cursor_now())

    def _learn(self) -> None:
        """Let the model learn how the book chooses its words, behind all else that it does unasked."""
        engine, line, settings, cursor = self._engine, self._line, self._settings, self._page.cursor_now()
        if engine is not None and line is not None and settings.book_words and self._can_read_ahead:
            work = engine.beside()
            self._learning = line.submit(lambda store: learn(cursor, store, work, settings), interrupt=work.cancel)

    def _read_on(self) -> None:
        """Let the model read what is decided anew by now, beside what the author goes on from."""
        engine = self._engine if self._can_read_ahead and self._is_warm and self._warming is None else None
        if engine is not None and tells(engine) and self._page.can_suggest:
            self._warm(self._page.cursor_now())

    def _warm(self, cursor: Cursor) -> None:
        """Let the model read all of the budget, such as while the author reads the first suggestion."""
        engine, line, settings, book = self._engine, self._line, self._settings, self._book
        self._is_warm = self._is_warm or settings.budget <= LITTLE
        self._is_behind = False

        def ended(read: object) -> None:
            if self._warming is job:
                self._warming = None
                self._is_warm = self._is_warm or isinstance(read, Usage)

        if engine is not None and line is not None and settings.budget > LITTLE:
            self._has_read = True
            job = self._warming = line.submit(
                lambda store: warm(cursor, store, engine, settings, book),
                returned=ended,
                failed=ended,
                interrupt=engine.cancel,
            )

    def _go_ahead(self) -> None:
        """Let the model write what follows the suggestion that is shown, while the author reads that."""
        ghost, engine, line, settings = self._page.ghost, self._engine, self._line, self._settings
        if ghost is None or not ghost.text or not settings.ahead or not self._can_read_ahead:
            self._read_on()
            return
        assert engine is not None
        assert line is not None
        cursor, taken = self._page.cursor_now(), ghost.text
        seed = settings.seed or randrange(1, 2**31 - 1000)
        place = replace(cursor, text=cursor.before + taken + cursor.after, offset=cursor.offset + len(taken))

        def is_still(job: Job) -> bool:
            return self._ahead is not None and self._ahead.job is job

        def yielded(piece: Piece) -> None:
            if self._ahead is not None and is_still(job):
                origin = piece.origin or self._ahead.origin
                self._ahead = replace(self._ahead, text=self._ahead.text + piece.text, origin=origin)
            elif job is self._job:
                self._on_piece(piece)

        def returned(usage: object) -> None:
            if self._ahead is not None and is_still(job):
                self._ahead = replace(self._ahead, is_complete=True)
            elif job is self._job:
                self._on_returned(usage)

        def failed(error: Exception) -> None:
            if is_still(job):
                self._ahead = None  # the next real question says what is wrong
            elif job is self._job:
                self._on_failed(error)

        job = line.submit(
            lambda store: ahead(cursor, taken, store, engine, settings, seed=seed),
            yielded=yielded,
            returned=returned,
            failed=failed,
            interrupt=engine.cancel,
        )
        self._ahead = Ahead(place, job)
        self._read_on()

    def _adopt(self, ahead: Ahead) -> None:
        """The author came to where the model went ahead: show what it wrote, and what it still writes."""
        if ahead.is_complete and not ahead.text:
            self._wait()
            return
        cursor = self._page.cursor_now()
        self._page.expect(cursor)
        self._cursor = cursor
        self._candidates = []
        self._index = self._streaming = 0
        self._seed = ahead.origin.seed if ahead.origin is not None else self._seed
        self._origin = ahead.origin
        self._job = None if ahead.is_complete else ahead.job
        if ahead.text:
            self._on_piece(Piece(ahead.text, 0))
        if ahead.is_complete:
            self._go_ahead()
        self._report()

    def _keep(self) -> None:
        """Have what the model read of this book kept for the next time it is opened."""
        self._rest.stop()
        if self._has_read and self._engine is not None and self._settings.suggestions:
            self._engine.keep(self._book, self._settings.warm_mb)
        self._has_read = False

    def _on_failed(self, error: object) -> None:
        self._job = None
        self._page.clear_ghost()
        self._failures += 1
        self._is_warm = False  # another process may answer next
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
        for timer in (self._pause, self._idle, self._paragraph):
            timer.stop()
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
        self._rest_reading()
        self._candidates = []
        self._cursor = None
        self._report()

    def _rest_reading(self) -> None:
        """Stop what the model does unasked: anything else comes first."""
        self._is_behind = self._is_behind or self._warming is not None
        jobs = [self._learning, self._warming, self._ahead.job if self._ahead is not None else None]
        self._learning = self._warming = self._ahead = None
        for job in jobs:
            if job is not None:
                job.cancel()

    def _report(self) -> None:
        state = self.state
        if state in ("ready", "off", "missing"):
            self._poll.stop()
        if state != self._state:
            self._state = state
            self.state_changed.emit(state)
