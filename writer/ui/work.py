"""What the model does beside the page because the author asked for it: one thing at a time, stopped at any moment."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from writer import address
from writer.engines import BackgroundEngine
from writer.errors import EngineError, WriterError
from writer.i18n import _
from writer.settings import Settings
from writer.store import Store
from writer.ui.kept import Kept
from writer.ui.worker import Job, Line

if TYPE_CHECKING:
    from writer.ui.session import Session
    from writer.ui.window import Window

POLL_MS = 200
"""So often it is looked whether the model is loaded."""


@dataclass(frozen=True, slots=True)
class Order:
    """Something to be done, and who hears of it; after ``over`` with an error or a result nothing more comes."""

    begin: Callable[[Store, BackgroundEngine, Settings, Kept], Generator[Any, None, Any]]
    yielded: Callable[[Any], None]
    over: Callable[[Any, WriterError | None], None]
    displaced: Callable[[], None]
    """It was stopped: by the author, for another order, or with the book."""


class Work(QObject):
    """The one place from which such work is begun and stopped; the page comes first all the while."""

    changed = Signal()
    """Something began or is over."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._session: Session | None = None
        self._line: Line | None = None
        self._kept: Kept | None = None
        self._job: Job | None = None
        self._engine: BackgroundEngine | None = None
        self._order: Order | None = None
        self._behind: Order | None = None
        """What begins as soon as all that the author changed is in the file."""
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._go)
        window.suggestions.state_changed.connect(self._on_model)

    @property
    def order(self) -> Order | None:
        """What is being done, or waits for the model."""
        return self._order

    @property
    def is_waiting(self) -> bool:
        """Whether the model is still being loaded for it."""
        return self._order is not None and self._job is None and self._behind is None

    @property
    def elsewhere(self) -> str:
        """The computer to which the work's text would go, if that is another one."""
        settings = self._window.in_force
        place = address.read(settings.server_url) if settings.engine == "server" else None
        return place.host if place is not None and not place.is_here else ""

    def work_on(self, session: Session | None) -> None:
        """Work for this project from now on, or for none; what is under way ends."""
        self.stop()
        line, self._line = self._line, None
        if line is not None:
            line.close()
        self._session = session

    def can(self, *, quietly: bool = False) -> bool:
        """Whether the model may be asked for anything in this book; if not, the author is told why."""
        session, why = self._session, ""
        if not self._window.settings.suggestions:
            why = _("Everything a model does is switched off; turn on “Suggestions” above first.")
        elif session is None or session.read_only:
            why = session.why_read_only if session is not None else _("Open a book first.")
        if why and not quietly:
            self._window.notice.say(why)
        return not why

    def begin(self, order: Order) -> bool:
        """Do this now, in place of what is under way; False if it can't be, which the author is told."""
        if not self.can():
            return False
        self.stop()
        self._order = order
        suggestions = self._window.suggestions
        if suggestions.engine is None or suggestions.state == "failed":
            suggestions.start()  # which says what is missing
            if suggestions.engine is None:
                self._order = None
                return False
        self.changed.emit()
        self._poll.start()
        self._go()
        return True

    def stop(self, order: Order | None = None) -> None:
        """End what is under way, or only this order; what it has written is kept."""
        if self._order is None or (order is not None and order is not self._order):
            return
        stopped = self._let_go()
        if stopped is not None:
            stopped.displaced()
        self.changed.emit()

    def _let_go(self) -> Order | None:
        self._poll.stop()
        order, self._order, self._behind = self._order, None, None
        job, self._job = self._job, None
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.close()
        if job is not None:
            job.cancel()
        return order

    def _go(self) -> None:
        session, order, suggestions = self._session, self._order, self._window.suggestions
        if order is None or session is None or self._job is not None or self._behind is order:
            self._poll.stop()
            return
        if suggestions.engine is None:
            self._end(order, None, EngineError(_("The model stopped; choose another one in “Models”, or try again.")))
            return
        if suggestions.state == "loading":
            return
        self._poll.stop()
        self._behind = order
        self._window.plan.keep()
        session.after_saving(
            lambda: self._start(session, order, self._window.plan.problem),
            lambda error: self._start(session, order, error),
        )

    def _start(self, session: Session, order: Order, problem: Exception | None) -> None:
        """Begin, unless something that the author changed is not in the file: the work would not know of it."""
        suggestions = self._window.suggestions
        if order is not self._order:
            return
        self._behind = None
        if isinstance(problem, WriterError):
            self._end(order, None, problem)
            return
        if suggestions.engine is None:
            self._go()  # which says so
            return
        if self._line is None:
            path = session.path
            self._line = Line("work", lambda: Store.reader(path))
        self._engine, settings = suggestions.engine, self._window.in_force
        beside, kept = self._engine.beside(), Kept(session)
        self._kept = kept
        self._job = job = self._line.submit(
            lambda store: _begun(order, store, beside, settings, kept),
            yielded=lambda value: order.yielded(value) if job is self._job else None,
            returned=lambda value: self._on_over(job, order, value, None),
            failed=lambda error: self._on_over(job, order, None, error),
            interrupt=beside.cancel,
        )
        self.changed.emit()

    def _on_over(self, job: Job, order: Order, value: Any, error: Exception | None) -> None:
        if job is not self._job:
            return
        if isinstance(error, EngineError) and self._window.suggestions.engine is not self._engine:
            self._job, self._kept = None, None  # another model was chosen: it goes on with that
            self._poll.start()
            return
        self._end(order, value, error if isinstance(error, WriterError) else None)
        if error is not None and not isinstance(error, WriterError):
            raise error

    def _end(self, order: Order, value: Any, error: WriterError | None) -> None:
        self._let_go()
        order.over(value, error)
        self.changed.emit()

    def _on_model(self, state: str) -> None:
        if state == "off":
            self.stop()
        else:
            self._go()


def _begun(
    order: Order, store: Store | None, engine: BackgroundEngine, settings: Settings, kept: Kept
) -> Generator[Any, None, Any]:
    assert store is not None
    yield None  # so that whoever stops it now need not wait for a model
    return (yield from order.begin(store, engine, settings, kept))
