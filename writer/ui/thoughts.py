"""Other ideas for one node of the outline, one below the other, of which the author takes one or none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from writer.i18n import _
from writer.ui.fold import empty, small

if TYPE_CHECKING:
    from writer.outline import Idea, Progress
    from writer.ui.window import Window


class Thoughts(QDialog):
    """Shows what there is, and ideas as they come; closing it stops the model."""

    chosen = Signal(object)
    more_wanted = Signal()

    def __init__(self, window: Window, title: str, synopsis: str) -> None:
        super().__init__(window, objectName="sheet")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(_("Other ideas for “{title}”").format(title=title))
        self.found: list[Idea] = []
        self.buttons: list[QPushButton] = []
        head = QLabel(title, objectName="sheetTitle", wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        now = small(synopsis or _("It has no synopsis yet."))
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName(_("Thinking"))
        self.said = small("")
        inside = QWidget(objectName="sheetPage")
        self._ideas = QVBoxLayout(inside)
        self._ideas.setContentsMargins(0, 0, 8, 0)
        self._ideas.setSpacing(10)
        self._area = QScrollArea(objectName="sheetPage")
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(inside)
        self.more = QPushButton(_("More ideas"), objectName="outlined")
        self.more.clicked.connect(self.more_wanted)
        close = QPushButton(_("Keep it as it is"), objectName="secondary")
        close.clicked.connect(self.reject)
        for button in (self.more, close):
            button.setAutoDefault(False)
        ends = QHBoxLayout()
        ends.addWidget(self.more)
        ends.addStretch(1)
        ends.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(26, 22, 18, 18)
        column.setSpacing(12)
        for widget in (head, now, self.bar, self.said):
            column.addWidget(widget)
        column.addWidget(self._area, 1)
        column.addLayout(ends)
        self.resize(min(600, window.width() - 60), min(560, window.height() - 60))

    def show_thinking(self) -> None:
        """The model is asked."""
        self.bar.setMaximum(0)
        self.bar.show()
        self.more.setEnabled(False)
        self.said.setText(_("The model is thinking; close this to stop it."))
        self.said.show()

    def show_progress(self, progress: Progress) -> None:
        """Show how many of the ideas are there."""
        self.bar.setMaximum(progress.total)
        self.bar.setValue(progress.done)

    def show_ideas(self, ideas: Sequence[Idea], problem: str = "") -> None:
        """Show these behind those that are there, or what went wrong."""
        self.bar.hide()
        self.more.setEnabled(True)
        self.found += [idea for idea in ideas if idea not in self.found]
        self.said.setText(problem)
        self.said.setVisible(bool(problem))
        empty(self._ideas)
        self.buttons = []
        for idea in self.found:
            self._ideas.addWidget(self._card(idea))
        self._ideas.addStretch(1)

    def _card(self, idea: Idea) -> QWidget:
        card = QWidget(objectName="card")
        card.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        title = QLabel(idea.title, objectName="cardName", wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        synopsis = QLabel(idea.synopsis, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        take = QPushButton(_("Use this"), objectName="outlined")
        take.setAccessibleName(_("Use “{title}”").format(title=idea.title))
        take.setAutoDefault(False)
        take.clicked.connect(lambda: self._choose(idea))
        self.buttons.append(take)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(title)
        words.addWidget(synopsis)
        row = QHBoxLayout(card)
        row.setContentsMargins(14, 10, 12, 10)
        row.setSpacing(12)
        row.addLayout(words, 1)
        row.addWidget(take, 0, Qt.AlignmentFlag.AlignVCenter)
        return card

    def _choose(self, idea: Idea) -> None:
        self.accept()
        self.chosen.emit(idea)
