"""What the book states, and where two of its sentences can't both be true."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from writer.i18n import _
from writer.story import Conflict, Fact
from writer.ui.fold import Beside, Fold, empty, quiet
from writer.ui.places import Places
from writer.ui.said import said_attribute

MOST_FACTS = 40


class Facts(QWidget):
    """Contradictions, each with both sentences, and behind them what is stated; all of it leads into the book."""

    settled = Signal(object)
    """The author says that a conflict is none."""

    def __init__(self, places: Places) -> None:
        super().__init__()
        self._places = places
        self._shown: object = None
        self.all: Fold | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)

    def show_facts(self, facts: Sequence[Fact], conflicts: Sequence[Conflict], *, is_writable: bool) -> None:
        """Show these, the last of the facts if there are many."""
        shown = (facts, conflicts, is_writable, self._places.font.key())
        if shown == self._shown:
            return
        self._shown = shown
        empty(self._column)
        self.all = None
        for conflict in conflicts:
            self._column.addWidget(self._conflict(conflict, is_writable=is_writable))
        if not conflicts:
            self._fill(self._column, facts)
            return
        fold = self.all = Fold(_("All facts ({n})").format(n=f"{len(facts):,}"), "subfold", is_open=False)
        fold.toggled.connect(lambda on: self._fill(fold.column, facts) if on and not fold.column.count() else None)
        self._column.addWidget(fold)

    def _fill(self, column: QVBoxLayout, facts: Sequence[Fact]) -> None:
        for fact in facts[-MOST_FACTS:]:
            column.addWidget(self._fact(fact))

    def _conflict(self, conflict: Conflict, *, is_writable: bool) -> QWidget:
        card = QWidget(objectName="card")
        card.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        earlier, later = conflict.earlier, conflict.later
        column = QVBoxLayout(card)
        column.setContentsMargins(12, 10, 12, 8)
        column.setSpacing(6)
        said = _("{subject}, {attribute}: “{earlier}” or “{later}”?").format(
            subject=later.subject, attribute=said_attribute(later.attribute), earlier=earlier.value, later=later.value
        )
        head = QLabel(said, wordWrap=True, textFormat=Qt.TextFormat.PlainText, objectName="conflict")
        column.addWidget(head)
        column.addWidget(Beside(*(self._places.quote(fact.source) for fact in (earlier, later))))
        if is_writable:
            done = quiet(_("Not a contradiction"), _("Never say again that these two contradict each other"))
            done.clicked.connect(lambda _checked=False: self.settled.emit(conflict))
            column.addWidget(done, 0, Qt.AlignmentFlag.AlignLeft)
        return card

    def _fact(self, fact: Fact) -> QWidget:
        said = _("{subject}, {attribute}: {value}").format(
            subject=fact.subject, attribute=said_attribute(fact.attribute), value=fact.value
        )
        button = QPushButton(said.replace("&", "&&"), objectName="fact")
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.setToolTip(f"{fact.source.text}\n{self._places.said(fact.source)}")
        button.clicked.connect(lambda _checked=False: self._places.go(fact.source))
        return button
