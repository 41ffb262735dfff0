"""A field for names with commas between them, which completes each from those the book knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtWidgets import QCompleter, QLineEdit

from writer.ui.entry import SEPARATORS, listed

MOST = 200


class Cited(QLineEdit):
    """Offers, for the name the caret is in, those of ``known`` that are not in the field yet."""

    def __init__(self, known: Callable[[], Iterable[str]]) -> None:
        super().__init__()
        self._known = known
        self._model = QStringListModel(self)
        self.names = QCompleter(self._model, self)
        # Not the field's own one, which would put a name in the place of all of them.
        self.names.setWidget(self)
        self.names.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.names.setFilterMode(Qt.MatchFlag.MatchContains)
        self.names.activated.connect(self._take)
        self.textEdited.connect(self._offer)

    def _part(self) -> tuple[int, int]:
        """From where to where the name goes in which the caret is."""
        text, at = self.text(), self.cursorPosition()
        start = max((mark.end() for mark in SEPARATORS.finditer(text[:at])), default=0)
        behind = SEPARATORS.search(text, at)
        return start, behind.start() if behind else len(text)

    def _offer(self, _text: str = "") -> None:
        start, end = self._part()
        begun = self.text()[start:end].strip()
        there = set(listed(self.text()))
        names = [name for name in dict.fromkeys(self._known()) if name not in there][:MOST] if begun else []
        self._model.setStringList(names)
        self.names.setCompletionPrefix(begun)
        if begun and self.names.completionCount():
            self.names.complete()
        else:
            self._fold()

    def _take(self, name: str) -> None:
        start, end = self._part()
        text = self.text()
        lead = " " if text[:start].endswith(",") else ""
        self.setText(text[:start] + lead + name + text[end:])
        self.setCursorPosition(start + len(lead) + len(name))
        self.textEdited.emit(self.text())
        self._fold()

    def _fold(self) -> None:
        popup = self.names.popup()
        if popup is not None:
            popup.hide()
