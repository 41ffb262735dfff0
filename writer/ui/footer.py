"""The quiet line below the page: words of the scene and of the book, the language, the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLabel, QWidget

from writer.i18n import _
from writer.story import Plan
from writer.ui.bars import bar, row, soft
from writer.ui.legend import Legend
from writer.ui.target import said_share

if TYPE_CHECKING:
    from writer.ui.window import Window


class Footer:
    """Says how much there is, and in which language."""

    def __init__(self, window: Window, legend: Legend, model: QWidget) -> None:
        self._window, self._legend = window, legend
        self.words, self._book, self._language = soft(QLabel()), soft(QLabel()), soft(QLabel())
        self.bar = bar("footer", 30)
        row(self.bar, [16, self.words, 14, self._book, 14, legend, None, self._language, 14, model, 10])

    def count(self) -> None:
        """Say how many words the scene and the book have, of how many they are to have."""
        binder = self._window.binder
        here, plans = binder.node(self._window.scene), binder.plans
        wanted = plans.get(here.id, Plan()).target_words if here else 0
        self.words.setText(said_share(here.words if here else 0, wanted))
        wanted = plans.get(0, Plan()).target_words
        said = _("Book {n} of {target}") if wanted else _("Book {n}")
        self._book.setText(said.format(n=f"{sum(node.words for node in binder.nodes):,}", target=f"{wanted:,}"))
        self._legend.count()

    def name_language(self, language: str) -> None:
        """Say in which language the book is."""
        self._language.setText({"zh": "中文"}.get(language, "English"))
