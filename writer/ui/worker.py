"""Lines of work beside the GUI: a thread that owns a project connection and runs one job after another.

A job is a function of the store. What it yields and returns comes back as Qt signals in
the receiver's thread; closing its generator is how it is cancelled.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from writer.store import Store

Work = Callable[[Store | None], Any]
_STOP = object()


class Job(QObject):
    """One piece of work on its way; after any ``yielded`` at most one of ``returned`` and ``failed`` comes."""

    yielded = Signal(object)
    returned = Signal(object)
    failed = Signal(object)
    over = Signal()

    def __init__(self, work: Work, interrupt: Callable[[], None] | None = None) -> None:
        super().__init__()
        self.work = work
        self._interrupt = interrupt
        self._cancel = threading.Event()
        self._running = False

    def cancel(self) -> None:
        """Ask it to stop at its next piece; harmless when it is over."""
        self._cancel.set()
        if self._running and self._interrupt is not None:
            self._interrupt()

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody asked it to stop."""
        return self._cancel.is_set()

    def run(self, store: Store | None) -> None:
        """Do the work here and now; what it raises is emitted, never raised."""
        self._running = True
        try:
            result = None if self.is_cancelled else self.work(store)
            if isinstance(result, Generator):
                result = self._drain(result)
            if not self.is_cancelled:
                self.returned.emit(result)
        except Exception as error:
            if not self.is_cancelled:
                self.failed.emit(error)
        finally:
            self._running = False
            self.over.emit()

    def _drain(self, pieces: Generator[Any, None, Any]) -> Any:
        try:
            while not self.is_cancelled:
                try:
                    piece = next(pieces)
                except StopIteration as end:
                    return end.value
                if not self.is_cancelled:
                    self.yielded.emit(piece)
            return None
        finally:
            pieces.close()


@dataclass(frozen=True, slots=True)
class _Marker:
    """Queued behind other jobs to learn when they are done."""

    done: threading.Event


def _ignore(_: object) -> None:
    pass


class Line:
    """A thread that opens a store for itself and works through its jobs in order."""

    def __init__(self, name: str, open_store: Callable[[], Store | None]) -> None:
        self._open = open_store
        self._jobs: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._under_way: set[Job] = set()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def submit(
        self,
        work: Work,
        *,
        yielded: Callable[[Any], None] = _ignore,
        returned: Callable[[Any], None] = _ignore,
        failed: Callable[[Exception], None] = _ignore,
        interrupt: Callable[[], None] | None = None,
    ) -> Job:
        """Queue a function of the store; the callbacks run in this thread, never before this returns.

        ``interrupt`` is called on cancelling while the job waits for something that only it can stop.
        """
        job = Job(work, interrupt)
        for signal, slot in ((job.yielded, yielded), (job.returned, returned), (job.failed, failed)):
            signal.connect(slot, Qt.ConnectionType.QueuedConnection)
        # Freed in a worker thread, a job would take the signals with it that are still on their way.
        self._under_way.add(job)
        job.over.connect(lambda: self._under_way.discard(job), Qt.ConnectionType.QueuedConnection)
        self._jobs.put(job)
        return job

    def wait(self, timeout: float) -> bool:
        """Wait until everything queued so far is done; False if that takes longer than ``timeout`` seconds."""
        done = threading.Event()
        self._jobs.put(_Marker(done))
        return done.wait(timeout)

    def close(self, timeout: float = 10.0) -> bool:
        """Finish what is queued, close the store and end the thread; False if it is still busy."""
        self._jobs.put(_STOP)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _work(self) -> None:
        store: Store | None = None
        refused: Exception | None = None
        try:
            store = self._open()
        except Exception as error:
            refused = error
        while (job := self._jobs.get()) is not _STOP:
            if isinstance(job, _Marker):
                job.done.set()
            elif refused is None:
                job.run(store)
            else:
                job.failed.emit(refused)
                job.over.emit()
        if store is not None:
            store.close()
