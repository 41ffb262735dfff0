"""Does memory help? A button, how far the measuring is, and one clear sentence in the end."""

from __future__ import annotations

from collections.abc import Callable, Generator
from threading import Lock
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QPushButton, QVBoxLayout, QWidget

from writer.engines import BackgroundEngine
from writer.errors import EngineError, WriterError
from writer.i18n import _, ngettext
from writer.settings import Settings
from writer.store import Store
from writer.ui.fold import small
from writer.ui.worker import Job, Line

if TYPE_CHECKING:
    from writer.meter import Progress, Report, Result
    from writer.ui.remembering import Remembering
    from writer.ui.session import Session


class Trial(QWidget):
    """Measures what the memory is worth on the book on the desk, with a model of its own beside everything else."""

    finished = Signal()

    def __init__(
        self,
        remembering: Remembering,
        open_engine: Callable[[Settings], BackgroundEngine],
        settings: Callable[[], Settings],
    ) -> None:
        super().__init__()
        self._remembering, self._open_engine, self._settings = remembering, open_engine, settings
        self._session: Session | None = None
        self._line: Line | None = None
        self._job: Job | None = None
        self.is_running = False
        self.positions = 0
        """At how many places it compares; 0 is as many as usual."""
        self.said = small(
            _("Writer guesses what you wrote at some places of this book, with memory and without, and compares.")
        )
        self.progress = QProgressBar(textVisible=False)
        self.progress.setAccessibleName(_("Does memory help?"))
        self.button = QPushButton(_("Try it on this book"), objectName="outlined")
        self.button.clicked.connect(self._press)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for widget in (self.said, self.progress, self.button):
            layout.addWidget(widget)
        self.progress.hide()
        remembering.progressed.connect(self._on_remembered)

    def work_on(self, session: Session | None) -> None:
        """Measure on this book from now on, or on none; what is under way for another one ends."""
        self._give_up()
        line, self._line = self._line, None
        if line is not None:
            line.close()
        self._session = session

    # -- one trial ---------------------------------------------------------------

    def _press(self) -> None:
        if self.is_running:
            self._give_up()
        else:
            self._begin()

    def _begin(self) -> None:
        """The memory is brought up to date first: what it doesn't know yet is no fault of its."""
        session = self._session
        if session is None:
            return
        self._run(on=True)
        self.progress.setMaximum(0)
        self.said.setText(_("First the rest of the book is read. You can write on."))
        session.save()
        self._remembering.resume()
        if not self._remembering.is_running:
            self._measure()

    def _on_remembered(self, progress: object) -> None:
        if progress is None and self.is_running and self._job is None:
            self._measure()

    def _measure(self) -> None:
        session, settings = self._session, self._settings()
        assert session is not None
        if self._line is None:
            path = session.path
            self._line = Line("trial", lambda: Store.reader(path))
        self.said.setText(_("This takes some minutes. You can write on; suggestions may come later than usual."))
        model = _Model(self._open_engine)
        count = self.positions
        self._job = job = self._line.submit(
            lambda store: measured(store, model, settings, count),
            yielded=lambda progress: self._show(progress) if job is self._job else None,
            returned=lambda report: self._end(job, verdict(report)),
            failed=lambda error: self._fail(job, error),
            interrupt=model.close,
        )

    def _show(self, progress: Progress) -> None:
        self.progress.setMaximum(progress.total)
        self.progress.setValue(progress.done)
        minutes = max(1, round(progress.seconds_left / 60))
        left = ngettext("About {n} minute left.", "About {n} minutes left.", minutes).format(n=minutes)
        self.said.setText(_("{first} {second}").format(first=left, second=_("You can write on.")))

    def _end(self, job: Job, said: str) -> None:
        if job is self._job:
            self._job = None
            self._run(on=False)
            self.said.setText(said)
            self.finished.emit()

    def _fail(self, job: Job, error: Exception) -> None:
        if job is not self._job:
            return
        self._end(job, str(error))
        if not isinstance(error, WriterError):
            raise error

    def _give_up(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
        if self.is_running:
            self._run(on=False)
            self.said.setText(_("Stopped."))

    def _run(self, *, on: bool) -> None:
        self.is_running = on
        self.progress.setVisible(on)
        self.button.setText(_("Stop") if on else _("Try it again"))


class _Model:
    """The model of one trial; the window's own one can't tell how likely a text is. Any thread may close it."""

    def __init__(self, open_engine: Callable[[Settings], BackgroundEngine]) -> None:
        self._open_engine = open_engine
        self._engine: BackgroundEngine | None = None
        self._is_closed = False
        self._lock = Lock()

    def open(self, settings: Settings) -> BackgroundEngine:
        """Start it; EngineError if it isn't wanted any more."""
        with self._lock:
            if self._is_closed:
                raise EngineError(_("Stopped."))
            self._engine = self._open_engine(settings)
            return self._engine

    def close(self) -> None:
        """End it, whatever it is doing."""
        with self._lock:
            self._is_closed = True
            if self._engine is not None:
                self._engine.close()


def measured(store: Store | None, model: _Model, settings: Settings, count: int) -> Generator[Progress, None, Report]:
    """Measure on this book, with a model that is there only meanwhile."""
    from writer import meter  # not before it is wanted: the window comes first

    assert store is not None
    try:
        engine = model.open(meter.scoring(settings, store.project.language))
        book = meter.Book(store, engine, meter.BUDGET)
        return (yield from meter.measure(book, count=count or meter.POSITIONS))
    finally:
        model.close()


def verdict(report: Report) -> str:
    """What came out, in one sentence or two."""
    ours = next((result for result in report.results if result.arm == "ours"), None)
    if ours is None or ours.against.ratio != ours.against.ratio:
        return _("There was too little text to compare; write on and try it again.")
    whole, names = ours.against, ours.against_names
    places = ngettext("Compared at {n} place.", "Compared at {n} places.", report.positions).format(n=report.positions)
    if whole.high < 1:
        said = _("Yes: with memory the model is {percent} % surer of what you wrote.").format(
            percent=_percent(whole.ratio)
        )
    elif whole.low > 1:
        said = _("No: with memory the model is {percent} % less sure of what you wrote.").format(
            percent=_percent(whole.ratio)
        )
    else:
        said = _("Hardly: for this book and this model it makes no clear difference.")
    if has_names(ours) and names.high < 1:
        more = _("On names it is {percent} % surer.").format(percent=_percent(names.ratio))
        said = _("{first} {second}").format(first=said, second=more)
    return _("{first} {second}").format(first=said, second=places)


def has_names(result: Result) -> bool:
    """Whether there were names to compare on."""
    return result.names == result.names


def _percent(ratio: float) -> int:
    """How much lower or higher a perplexity is, in percent."""
    return max(1, round(100 * abs(1 - ratio)))
