"""Trying a model beside the one in use, which steps aside only where the memory is too small for both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Signal

from writer import models
from writer.models import Trial, Trying
from writer.settings import Settings
from writer.ui.worker import Job, Line

if TYPE_CHECKING:
    from writer.ui.suggestions import Suggestions


@dataclass(frozen=True, slots=True)
class Attempt:
    """How far the trial of a model is; ``name`` is the setting's for it."""

    name: str
    state: Literal["running", "done", "failed"] = "running"
    note: str = ""
    text: str = ""
    trial: Trial | None = None
    problem: str = ""


class Tryout(QObject):
    """Lets one model write a little of the author's page, and keeps what came of it."""

    changed = Signal()
    failed = Signal(object)

    def __init__(self, suggestions: Suggestions) -> None:
        super().__init__(suggestions)
        self._suggestions = suggestions
        self._line: Line | None = None
        self._job: Job | None = None
        self._unfinished = 0
        self._rests = False
        self._is_closed = False
        self.now: Attempt | None = None

    @property
    def is_running(self) -> bool:
        """Whether a model is being tried."""
        return self._job is not None

    def of(self, name: str) -> Attempt | None:
        """What is known of a trial of this model."""
        return self.now if self.now is not None and self.now.name == name else None

    def start(self, settings: Settings, before: str, *, alone: bool) -> None:
        """Try the model of these settings behind this text, with the model in use out of memory if ``alone``."""
        self.stop()
        if alone and self._suggestions.engine is not None:
            self._rests = True
            self._suggestions.close()
        if self._line is None:
            self._line = Line("trying", lambda: None)

        def mine(slot: Callable[[object], None]) -> Callable[[object], None]:
            return lambda value: slot(value) if job is self._job else None

        name = settings.model
        job = self._line.submit(
            lambda _store: models.try_out(settings, before),
            yielded=mine(lambda step: self._on_step(name, step)),
            returned=mine(lambda trial: self._on_returned(name, trial)),
            failed=mine(lambda error: self._on_failed(name, error)),
        )
        self._unfinished += 1
        self._line.submit(lambda _store: None, returned=lambda _: self._on_over())
        self._job = job
        self._set(Attempt(name))

    def stop(self) -> None:
        """End a trial that is under way; harmless if there is none."""
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
            self._set(None)

    def close(self) -> None:
        """End it for good, with its thread and the model's process."""
        self._is_closed = True
        self.stop()
        if self._line is not None:
            self._line.close()

    def _set(self, attempt: Attempt | None) -> None:
        self.now = attempt
        self.changed.emit()

    def _on_step(self, name: str, step: object) -> None:
        assert isinstance(step, Trying)
        self._set(Attempt(name, note=step.note, text=step.text))

    def _on_returned(self, name: str, trial: object) -> None:
        assert isinstance(trial, Trial)
        self._job = None
        self._set(Attempt(name, "done", text=trial.text, trial=trial))

    def _on_failed(self, name: str, error: object) -> None:
        self._job = None
        self._set(Attempt(name, "failed", problem=str(error)))
        self.failed.emit(error)

    def _on_over(self) -> None:
        """The process of a trial has ended: its memory is free again for the model in use."""
        self._unfinished -= 1
        if self._rests and not self._unfinished and not self._is_closed:
            self._rests = False
            self._suggestions.start()
