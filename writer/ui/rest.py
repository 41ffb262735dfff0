"""Work for when the author rests: one run at a time in a process of its own, and another for what changed meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from writer.ui.worker import Job, Line

if TYPE_CHECKING:
    from writer.memory.apart import Apart


class Rest(QObject):
    """Says when a run is due, and runs it."""

    due = Signal()

    def __init__(self, parent: QObject, name: str, rest_ms: Callable[[], int]) -> None:
        super().__init__(parent)
        self._name = name
        self._rest_ms = rest_ms
        self._line: Line | None = None
        self._job: Job | None = None
        self.process: Apart | None = None
        """That of the run under way."""
        self._is_behind = False
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.due)

    @property
    def is_running(self) -> bool:
        """Whether a run is under way."""
        return self._job is not None

    def wait(self, milliseconds: int) -> None:
        """Let a run be due then, and not before."""
        self._timer.start(milliseconds)

    def put_off(self) -> None:
        """Something changed: a run is due a rest after it, or after the one under way, which may not have read it."""
        if self.is_running:
            self._is_behind = True
        else:
            self._timer.start(self._rest_ms())

    def run(
        self,
        process: Apart,
        *,
        keep: Callable[[Any], None],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Begin a run; of what one that was stopped had still to say nothing comes."""
        if self._line is None:
            self._line = Line(self._name, lambda: None)

        def of_this(tell: Callable[[Any], None], *, is_end: bool) -> Callable[[Any], None]:
            def told(value: Any) -> None:
                if self._job is job:
                    if is_end:
                        self._end()
                    tell(value)

            return told

        self.process = process
        self._job = job = self._line.submit(
            lambda _store: process.slices(),
            yielded=of_this(keep, is_end=False),
            returned=of_this(done, is_end=True),
            failed=of_this(failed, is_end=True),
            interrupt=process.close,
        )

    def _end(self) -> None:
        self._job = self.process = None
        if self._is_behind:
            self._is_behind = False
            self._timer.start(self._rest_ms())

    def stop(self) -> None:
        """End the run, and let none be due."""
        self._timer.stop()
        self._is_behind = False
        job, self._job, self.process = self._job, None, None
        if job is not None:
            job.cancel()

    def close(self) -> None:
        """Stop, and end the thread."""
        self.stop()
        line, self._line = self._line, None
        if line is not None:
            line.close()
