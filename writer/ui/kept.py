"""What slow work wants to write: it waits in its own thread while the window lets the storage line do it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition
from typing import Any, TypeVar, cast

from PySide6.QtCore import QObject, Qt, Signal

from writer.store import Store
from writer.ui.session import Session

T = TypeVar("T")


class StoppedError(Exception):
    """Nobody wants the rest of the work any more; not a WriterError, so that no work takes it for its own failure."""


class Answer:
    """What somebody in another thread waits for: a value, an error, or that it is stopped; the first one counts."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._value: Any = None
        self._error: BaseException | None = None
        self._is_there = False

    def give(self, value: Any) -> None:
        """Let whoever waits go on with this."""
        self._settle(value, None)

    def fail(self, error: BaseException) -> None:
        """Let whoever waits hear of an error."""
        self._settle(None, error)

    def wait(self) -> Any:
        """What was given; raises what went wrong."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_there)
            if self._error is not None:
                raise self._error
            return self._value

    def _settle(self, value: Any, error: BaseException | None) -> None:
        with self._changed:
            if not self._is_there:
                self._value, self._error, self._is_there = value, error, True
                self._changed.notify_all()


class Kept(QObject):
    """The way from work in another thread to the page and the project's file, open until it is closed.

    The GUI thread never waits here, and who closes this first may join the thread of the work afterwards.
    """

    _asked = Signal(object, object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._waiting: set[Answer] = set()
        self._changed = Condition()
        self._is_closed = False
        self._asked.connect(self._do, Qt.ConnectionType.QueuedConnection)

    @property
    def is_closed(self) -> bool:
        """Whether nobody waits any longer."""
        return self._is_closed

    def write(self, work: Callable[[Store], T]) -> T:
        """Let the storage line run a change and wait for it; raises what the change raised, or StoppedError.

        Called in the thread of the work. What was under way when this is stopped is written or not, as a whole.
        """
        return cast(T, self.ask(lambda answer: self._session.hand(work, answer.give, answer.fail)))

    def ask(self, question: Callable[[Answer], None]) -> Any:
        """Let the GUI thread do something, which settles the answer then or later, and wait for that."""
        answer = Answer()
        with self._changed:
            if self._is_closed:
                raise StoppedError
            self._waiting.add(answer)
        try:
            self._asked.emit(question, answer)
            return answer.wait()
        finally:
            with self._changed:
                self._waiting.discard(answer)

    def close(self) -> None:
        """Let nobody wait any longer, nor ask again; safe to call twice."""
        with self._changed:
            self._is_closed = True
            waiting = list(self._waiting)
        for answer in waiting:
            answer.fail(StoppedError())

    def _do(self, question: Callable[[Answer], None], answer: Answer) -> None:
        if self._is_closed:
            return
        try:
            question(answer)
        except Exception as error:  # it is the work that must hear of it
            answer.fail(error)
