"""Asking the manuscript: a line for the question, and answers that point at their sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from writer.i18n import _
from writer.story import Passage
from writer.ui.fold import Quote, empty, small

LONGEST_QUESTION = 300


@dataclass(frozen=True, slots=True)
class Reply:
    """What the book says to a question; ``text`` is empty where its sentences say it themselves."""

    text: str
    sources: tuple[Passage, ...] = ()


class Ask(QWidget):
    """The question and what the book says to it."""

    asked = Signal(str)
    wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.line = QLineEdit(objectName="askLine")
        self.line.setPlaceholderText(_("Ask the book, such as “Where is the key?”"))
        self.line.setAccessibleName(_("Ask the book"))
        self.line.setMaxLength(LONGEST_QUESTION)
        self.line.setClearButtonEnabled(True)
        self.line.returnPressed.connect(self._ask)
        self.line.textChanged.connect(lambda text: None if text else self.clear())
        self._answers = QVBoxLayout()
        self._answers.setSpacing(6)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.line)
        layout.addLayout(self._answers)

    def _ask(self) -> None:
        question = " ".join(self.line.text().split())
        if question:
            self.say(_("Looking it up…"))
            self.asked.emit(question)

    def clear(self) -> None:
        """Take the last answer away."""
        empty(self._answers)

    def say(self, message: str) -> None:
        """Say one quiet sentence in the place of an answer."""
        self.clear()
        self._answers.addWidget(small(message))

    def show_replies(self, replies: Sequence[Reply], said: Callable[[Passage], str], font: QFont) -> None:
        """Show what the book says, each answer with the sentences it comes from."""
        self.clear()
        if not replies:
            self.say(_("The book doesn’t say."))
            return
        for reply in replies:
            if reply.text:
                label = QLabel(reply.text, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                self._answers.addWidget(label)
            for source in reply.sources:
                quote = Quote(source, said(source), font)
                quote.wanted.connect(self.wanted)
                self._answers.addWidget(quote)
