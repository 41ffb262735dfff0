"""The legend in the footer: how much of the scene a model wrote, on the colour that is behind it in the page."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel

from writer import ledger
from writer.i18n import _, ngettext
from writer.text import count_words
from writer.ui.editor import Page
from writer.ui.theme import Theme


class Legend(QLabel):
    """Tints what a model wrote in the page, and says how much that is, while the author wants to see it."""

    def __init__(self, page: Page) -> None:
        super().__init__(textFormat=Qt.TextFormat.PlainText, objectName="legend")
        self._page = page
        self.hide()

    def paint_in(self, theme: Theme, *, shown: bool) -> None:
        """Show or hide it all, in this theme."""
        self._page.tints.show_credits(QColor(theme.credit) if shown else None)
        self.setStyleSheet(f"background: {theme.credit}; color: {theme.ink}; border-radius: 3px; padding: 1px 6px;")
        self.setVisible(shown)
        self.count()

    def count(self) -> None:
        """Count the words of the scene again."""
        visit = self._page.visit
        if self.isHidden() or visit is None:
            return
        prose = visit.text
        words, by_model = count_words(prose), ledger.words_by_origin(prose, visit.credits).total()
        self.setText(_("By a model: {percent}").format(percent=ledger.percent(by_model / words if words else 0.0)))
        said = ngettext(
            "On this colour: {model} of the {n} word in this scene, from a model. A word you write anew is yours.",
            "On this colour: {model} of the {n} words in this scene, from a model. A word you write anew is yours.",
            words,
        )
        self.setToolTip(said.format(model=f"{by_model:,}", n=f"{words:,}"))
