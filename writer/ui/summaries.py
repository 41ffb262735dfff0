"""The story so far: what precedes the caret by part, chapter and scene, the nearest of them open."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from writer.i18n import _
from writer.story import Summary
from writer.ui.fold import Fold, Told, empty, small
from writer.ui.theme import Theme

NEAREST = 4
"""So many are listed at once; what is earlier unfolds."""
INDENT = 10


class Summaries(QWidget):
    """Foldable summaries in story order; each of their sentences leads to its place."""

    wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[tuple[Summary, ...], int | None, Theme, bool] | None = None
        self._here: int | None = None
        self._open: dict[int, bool] = {}
        self.folds: dict[int, Fold] = {}
        self.earlier: Fold | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)

    def show_story(self, story: tuple[Summary, ...], here: int | None, theme: Theme, *, is_whole: bool) -> None:
        """Show this; what the author unfolded stays so.

        ``here`` is the scene in the page, ``is_whole`` whether the book has been read to the end.
        """
        if self._shown == (story, here, theme, is_whole):
            return
        self._shown, self._here = (story, here, theme, is_whole), here
        told = [summary for summary in story if summary.sentences]
        was_open = self.earlier is not None and self.earlier.is_open
        empty(self._column)
        self.folds, self.earlier = {}, None
        if not told:
            said = _("Nothing comes before this place yet.") if is_whole else _("The book is still being read.")
            self._column.addWidget(small(said))
            return
        before, near = told[:-NEAREST], told[-NEAREST:]
        if len(before) == 1:
            before, near = [], told
        if before:
            self.earlier = Fold(_("Earlier ({n})").format(n=f"{len(before):,}"), "subfold", is_open=False)
            self.earlier.toggled.connect(lambda on: self._fill_earlier(before, theme) if on else None)
            self._column.addWidget(self.earlier)
            if was_open:
                self.earlier.head.setChecked(True)
        for summary in near:
            self._column.addWidget(self._fold(summary, near, theme, nearest=summary is near[-1]))

    def _fill_earlier(self, before: Sequence[Summary], theme: Theme) -> None:
        if self.earlier is not None and not self.earlier.column.count():
            self.earlier.put(*(self._fold(summary, before, theme) for summary in before))

    def _fold(self, summary: Summary, beside: Sequence[Summary], theme: Theme, *, nearest: bool = False) -> Fold:
        title = _("This scene so far") if summary.node == self._here else summary.title or _("Untitled")
        fold = Fold(title, "subfold", is_open=self._open.get(summary.node, False) or nearest)
        indent = summary.level - min(other.level for other in beside)
        fold.setContentsMargins(INDENT * indent, 0, 0, 0)
        fold.body.setContentsMargins(14, 0, 0, 6)
        self.folds[summary.node] = fold

        def fill(on: bool) -> None:
            if on and not fold.column.count():
                label = Told(summary.sentences, theme)
                label.wanted.connect(self.wanted)
                fold.put(label)

        def note(on: bool) -> None:
            fill(on)
            self._open[summary.node] = on

        fill(fold.is_open)
        fold.toggled.connect(note)
        return fold
