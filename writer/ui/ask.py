"""Asking the manuscript: a line for the question, and answers that point at their sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from writer.engines import BackgroundEngine, Engine
from writer.errors import WriterError
from writer.i18n import _
from writer.store import Store
from writer.ui.fold import empty, small
from writer.ui.places import Places
from writer.ui.worker import Job

if TYPE_CHECKING:
    from writer.ask import Answer
    from writer.ui.session import Session

LONGEST_QUESTION = 300
MOST_ANSWERED = 600
"""Characters of an answering sentence that are shown: what was asked for may stand at its end."""


class Ask(QWidget):
    """The question and what the book says to it, a sentence as soon as it is there; the last question counts.

    ``engine`` is the model that may put an answer into words; without one the book answers itself.
    """

    asked = Signal()
    """Whoever keeps the book busy for less should leave off."""

    def __init__(self, places: Places, engine: Callable[[], BackgroundEngine | None]) -> None:
        super().__init__()
        self._places, self._engine = places, engine
        self._session: Session | None = None
        self._job: Job | None = None
        self._has_answer = False
        self.answer: Callable[[str, Store | None, Engine | None], Iterator[Answer]] = answered
        self.line = QLineEdit(objectName="askLine")
        self.line.setPlaceholderText(_("Ask the book, such as “Where is the key?”"))
        self.line.setAccessibleName(_("Ask the book"))
        self.line.setMaxLength(LONGEST_QUESTION)
        self.line.setClearButtonEnabled(True)
        self.line.returnPressed.connect(self._ask)
        self.line.textChanged.connect(lambda text: None if text else self._forget())
        self._answers = QVBoxLayout()
        self._answers.setSpacing(6)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.line)
        layout.addLayout(self._answers)

    def work_on(self, session: Session | None) -> None:
        """Ask this book from now on, or none."""
        self._session = session
        self.line.clear()
        self._forget()

    def _ask(self) -> None:
        question, session = " ".join(self.line.text().split()), self._session
        if not question or session is None:
            return
        self._forget()
        self._say(_("Looking it up…"))
        self.asked.emit()
        session.save()
        answer, engine = self.answer, self._engine()
        job = session.recalling.submit(
            lambda store: answer(question, store, engine),
            yielded=lambda said: self._add(job, said),
            returned=lambda _end: self._end(job),
            failed=lambda error: self._fail(job, error),
            interrupt=engine.cancel if engine is not None else None,
        )
        self._job = job

    def _forget(self) -> None:
        """Take the last answer away, and wait for no more of it."""
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
        empty(self._answers)
        self._has_answer = False

    def _say(self, message: str) -> None:
        """Say one quiet sentence in the place of an answer."""
        empty(self._answers)
        self._answers.addWidget(small(message))

    def _add(self, job: Job, answer: Answer) -> None:
        """Show one more sentence of an answer with the sentences that say so."""
        if job is not self._job:
            return
        if not self._has_answer:
            empty(self._answers)
        self._has_answer = True
        if answer.made_by != "book":
            label = QLabel(answer.text, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setToolTip(
                _("Put into words by {model}; the book’s own sentences are below.").format(model=answer.made_by)
            )
            self._answers.addWidget(label)
        for source in answer.sources:
            self._answers.addWidget(self._places.quote(source, most=MOST_ANSWERED))

    def _end(self, job: Job) -> None:
        if job is not self._job:
            return
        self._job = None
        if not self._has_answer:
            self._say(_("The book doesn’t say."))

    def _fail(self, job: Job, error: Exception) -> None:
        if job is not self._job:
            return
        self._job = None
        self._say(str(error))
        if not isinstance(error, WriterError):
            raise error


def answered(question: str, store: Store | None, engine: Engine | None) -> Iterator[Answer]:
    """What the whole book says to a question."""
    from writer.ask import ask  # not before it is asked for: the window comes first

    assert store is not None
    return ask(question, store, None, engine)
