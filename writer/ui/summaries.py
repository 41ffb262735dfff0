"""The story so far: what precedes the caret by part, chapter and scene, the nearest of them open."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from writer.i18n import _
from writer.story import Summary
from writer.text import first_words
from writer.ui.fold import Fold, Kept, Told, small
from writer.ui.said import said_when
from writer.ui.theme import Theme

NEAREST = 4
"""So many are listed at once; what is earlier unfolds."""


class Summaries(QWidget):
    """Foldable summaries in story order; each of their sentences leads to its place."""

    wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._here: int | None = None
        self._theme: Theme | None = None
        self._open: dict[tuple[int, str], bool] = {}
        self._before: list[Summary] = []
        self._said = small("")
        self.earlier = Fold("", "subfold", is_open=False)
        self.earlier.toggled.connect(lambda on: self._fill_earlier() if on else None)
        near = QVBoxLayout()
        near.setSpacing(4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._said)
        column.addWidget(self.earlier)
        column.addLayout(near)
        self._near, self._earlier = Kept(near), Kept(self.earlier.column)

    def show_story(self, story: tuple[Summary, ...], here: int | None, theme: Theme, *, is_whole: bool) -> None:
        """Show this; what the author unfolded stays so.

        ``here`` is the scene in the page, ``is_whole`` whether the book has been read to the end.
        """
        self._here, self._theme = here, theme
        told = [summary for summary in story if summary.sentences]
        self._said.setText(
            _("Nothing comes before this place yet.") if is_whole else _("The book is still being read.")
        )
        self._said.setVisible(not told)
        before, near = told[:-NEAREST], told[-NEAREST:]
        if len(before) == 1:
            before, near = [], told
        self._before = before
        self.earlier.setVisible(bool(before))
        self.earlier.set_title(_("Earlier ({n})").format(n=f"{len(before):,}"))
        if not before or self.earlier.is_open:
            self._fill_earlier()
        self._near.show(self._made(near, nearest=near[-1] if near else None))

    @property
    def folds(self) -> dict[int, QWidget]:
        """What is shown of each node."""
        return {key[0].node: fold for kept in (self._earlier, self._near) for key, fold in kept.widgets.items()}

    def _fill_earlier(self) -> None:
        self._earlier.show(self._made(self._before))

    def _made(
        self, summaries: Sequence[Summary], *, nearest: Summary | None = None
    ) -> dict[object, Callable[[], QWidget]]:
        """How each of these is shown, by all that matters for it."""
        made: dict[object, Callable[[], QWidget]] = {}
        for summary in summaries:
            is_here, is_nearest = summary.node == self._here, summary is nearest
            key = (summary, is_here, is_nearest, self._theme)
            made[key] = partial(self._fold, summary, nearest=is_nearest)
        return made

    def _fold(self, summary: Summary, *, nearest: bool = False) -> Fold:
        key = summary.node, summary.begins
        fold = Fold(self._title(summary), "subfold", is_open=self._open.get(key, False) or nearest)
        theme = self._theme
        assert theme is not None
        fold.body.setContentsMargins(14, 0, 0, 6)

        def fill(on: bool) -> None:
            if on and not fold.column.count():
                label = Told(summary.sentences, theme)
                label.wanted.connect(self.wanted)
                fold.put(*(_retold(summary) if summary.retelling else ()), label)

        def note(on: bool) -> None:
            fill(on)
            self._open[key] = on

        fill(fold.is_open)
        fold.toggled.connect(note)
        return fold

    def _title(self, summary: Summary) -> str:
        if summary.begins:
            return _("From “{words}”").format(words=first_words(summary.begins))
        return _("This scene so far") if summary.node == self._here else summary.title or _("Untitled")


def _retold(summary: Summary) -> tuple[QWidget, QWidget]:
    """What a model says of it, and which model, when."""
    said = QLabel(summary.retelling, wordWrap=True, textFormat=Qt.TextFormat.PlainText, objectName="told")
    said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    when = said_when(summary.time, int(time.time()))
    return said, small(_("Retold by {model}, {date}").format(model=summary.made_by, date=when))
