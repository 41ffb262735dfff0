"""What is on its way to this computer: one model at a time, beside everything else."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from PySide6.QtCore import QObject, Signal

from writer.i18n import _, ngettext
from writer.models import Progress
from writer.ui.worker import Job, Line

BEAT_S = 0.1
WINDOW_S = 10.0
"""The pace of these last seconds tells how long the rest takes."""
SURE_S = 1.5
PATIENCE_S = 10.0

Begin = Callable[[], Iterable[Progress]]


@dataclass(frozen=True, slots=True)
class Fetch:
    """A model on its way: ``name`` is the setting's for it."""

    name: str
    title: str
    begin: Begin
    can_pause: bool
    state: Literal["running", "paused", "failed"] = "running"
    step: Progress = field(default_factory=lambda: Progress(0, 0, ""))
    seconds_left: float | None = None
    problem: str = ""

    @property
    def message(self) -> str:
        """How far it is, in one line."""
        done, total = self.step.done / 1e6, self.step.total / 1e6
        if self.state == "failed":
            return self.problem
        if not total:
            return self.step.what
        said = _("{what}: {done} of {total} MB").format(what=self.step.what, done=f"{done:,.0f}", total=f"{total:,.0f}")
        if self.state == "paused":
            return _("{progress}, paused").format(progress=said)
        if self.seconds_left is None:
            return said
        return _("{progress}, {time} left").format(progress=said, time=said_time(self.seconds_left))


class Fetching(QObject):
    """Fetches or copies a model; what was fetched stays when it is paused, cancelled or fails."""

    changed = Signal()
    arrived = Signal(object, str)
    """The fetch, and what its last step said."""
    failed = Signal(object, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._line: Line | None = None
        self._job: Job | None = None
        self.now: Fetch | None = None

    @property
    def is_running(self) -> bool:
        """Whether something is coming in now."""
        return self.now is not None and self.now.state == "running"

    def of(self, name: str) -> Fetch | None:
        """What is under way of this model."""
        return self.now if self.now is not None and self.now.name == name else None

    def start(self, name: str, title: str, begin: Begin, *, can_pause: bool = True) -> bool:
        """Begin, in a thread of its own; False if another one is coming in."""
        if self.is_running:
            return False
        what = _("Getting {model}…").format(model=title)
        self._run(Fetch(name, title, begin, can_pause, step=Progress(0, 0, what)))
        return True

    def pause(self) -> None:
        """Stop for now; :meth:`go_on` fetches the rest."""
        if self.now is not None and self.now.can_pause and self.is_running:
            self._let_go()
            self._set(replace(self.now, state="paused", seconds_left=None))

    def go_on(self) -> None:
        """Fetch the rest of what was paused or failed."""
        if self.now is not None and not self.is_running:
            self._run(replace(self.now, state="running", seconds_left=None, problem=""))

    def cancel(self) -> None:
        """Give it up; what has come is kept for another time."""
        self._let_go()
        self._set(None)

    def behind(self, work: Callable[[], Any], then: Callable[[Any], None], failed: Callable[[Exception], None]) -> None:
        """Do something as soon as what was cancelled has let go of its files."""
        if self._line is None:
            self._line = Line("fetching", lambda: None)
        self._line.submit(lambda _store: work(), returned=then, failed=failed)

    def close(self) -> None:
        """Give up whatever is under way and end the thread."""
        self._let_go()
        self.now = None
        if self._line is not None:
            self._line.close(PATIENCE_S)

    def _let_go(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.cancel()

    def _run(self, fetch: Fetch) -> None:
        self._let_go()
        if self._line is None:
            self._line = Line("fetching", lambda: None)

        def mine(slot: Callable[[Fetch, object], None]) -> Callable[[object], None]:
            return lambda value: slot(self.now, value) if job is self._job and self.now is not None else None

        job = self._line.submit(
            lambda _store: paced(fetch.begin()),
            yielded=mine(self._on_step),
            returned=mine(self._on_arrived),
            failed=mine(self._on_failed),
        )
        self._job = job
        self._set(fetch)

    def _set(self, fetch: Fetch | None) -> None:
        self.now = fetch
        self.changed.emit()

    def _on_step(self, fetch: Fetch, told: object) -> None:
        assert isinstance(told, tuple)
        step, seconds_left = told
        self._set(replace(fetch, step=step, seconds_left=seconds_left))

    def _on_arrived(self, fetch: Fetch, what: object) -> None:
        self._job = None
        self._set(None)
        self.arrived.emit(fetch, str(what))

    def _on_failed(self, fetch: Fetch, error: object) -> None:
        self._job = None
        failed = replace(fetch, state="failed", problem=str(error))
        self._set(failed)
        self.failed.emit(failed, error)


def paced(
    steps: Iterable[Progress], clock: Callable[[], float] = time.monotonic
) -> Generator[tuple[Progress, float | None], None, str]:
    """Some of the steps, ten a second at most, each with the seconds left where that can be told; returns the last."""
    seen: deque[tuple[float, int]] = deque()
    said, what = -BEAT_S, ""
    with closing(_closable(steps)) as steps:
        for step in steps:
            now = clock()
            if step.what != what:
                seen.clear()
            seen.append((now, step.done))
            while now - seen[0][0] > WINDOW_S:
                seen.popleft()
            if step.what != what or now - said >= BEAT_S:
                said, what = now, step.what
                yield step, _left(seen, step)
    return what


def _closable(steps: Iterable[Progress]) -> Generator[Progress]:
    yield from steps


def _left(seen: deque[tuple[float, int]], step: Progress) -> float | None:
    (start, before), (now, done) = seen[0], seen[-1]
    if now - start < SURE_S or done <= before or not step.total:
        return None
    return (step.total - done) * (now - start) / (done - before)


def said_time(seconds: float) -> str:
    """A time that is left, rounded as people do."""
    if seconds < 55:
        n = max(5, 5 * round(seconds / 5))
        return ngettext("{n} second", "{n} seconds", n).format(n=n)
    minutes = max(1, round(seconds / 60))
    if minutes < 100:
        return ngettext("{n} minute", "{n} minutes", minutes).format(n=minutes)
    hours = round(minutes / 60)
    return ngettext("{n} hour", "{n} hours", hours).format(n=hours)
