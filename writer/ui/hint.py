"""The keys for a suggestion, shown under it only while they are new to the author."""

from __future__ import annotations

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QLabel

from writer.i18n import _
from writer.ui.editor import Page

NEW_FOR = 10


class Hint(QLabel):
    """A small card below the grey text; gone for good once the author has taken a few suggestions."""

    def __init__(self, page: Page, places: QSettings) -> None:
        super().__init__(page.viewport(), objectName="hint", textFormat=Qt.TextFormat.RichText)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._page = page
        self._places = places
        self._taken = int(str(places.value("suggestions_taken", 0)))
        self._count = ""
        self.hide()
        page.drawn.connect(self._follow)
        page.accepted.connect(self._on_accepted)
        page.verticalScrollBar().valueChanged.connect(self._follow)

    @property
    def is_new(self) -> bool:
        """Whether the author has still to learn the keys."""
        return self._taken < NEW_FOR

    def count(self, index: int, total: int) -> None:
        """Say which alternative is shown."""
        self._count = _("{index} of {total}").format(index=index, total=total) if total > 1 else ""
        self._follow()

    def _on_accepted(self, _part: str) -> None:
        if self.is_new:
            self._taken += 1
            self._places.setValue("suggestions_taken", self._taken)

    def _follow(self) -> None:
        place = self._page.grey.end if self._page.has_ghost and (self.is_new or self._count) else None
        if place is None:
            self._count = self._count if self._page.has_ghost else ""
            self.hide()
            return
        keys = (
            ("accept", _("take it")),
            ("accept_sentence", _("a sentence")),
            ("accept_word", _("a word")),
            ("next", _("another")),
        )
        words = [f"<b>{_escape(self._page.keys.shown(name))}</b> {label}" for name, label in keys if self.is_new]
        self.setText("&nbsp;&nbsp;&nbsp; ".join([*words, self._count] if self._count else words))
        self.adjustSize()
        x = max(0, min(place.x(), self._page.viewport().width() - self.width()))
        self.move(x, place.y() + 8)
        self.show()
        self.raise_()


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
