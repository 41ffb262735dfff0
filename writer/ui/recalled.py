"""Sentences from earlier that matter here: those that the next suggestion reads, and those it does without."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from writer.i18n import _
from writer.story import Choice, Passage
from writer.ui.fold import Fold, Kept, Quote, quiet, small
from writer.ui.places import Places


class Recalled(QWidget):
    """The sentences with what speaks for each; the author may pin one, or leave it out for good."""

    chosen = Signal(object, object)
    """What the author decides about a sentence, and what was decided before; None is nothing."""

    def __init__(self, places: Places) -> None:
        super().__init__()
        self._places = places
        self._left: dict[object, Callable[[], QWidget]] = {}
        self._nothing = small(_("Nothing from earlier is worth reading again here."))
        self.others = Fold("", "subfold", is_open=False)
        self.others.toggled.connect(self._fill)
        quotes = QVBoxLayout()
        quotes.setSpacing(6)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(quotes)
        column.addWidget(self._nothing)
        column.addWidget(self.others)
        self._quotes, self._left_quotes = Kept(quotes), Kept(self.others.column)

    def show_recalled(
        self,
        read: Sequence[Passage],
        others: Sequence[Passage],
        choices: Sequence[Choice],
        *,
        has_prompt: bool,
        is_writable: bool,
    ) -> None:
        """Show what a suggestion reads, then the others, folded away if there is a prompt that they are not in."""
        decided = {(choice.scene, choice.text): choice for choice in choices if choice.kind in ("pin", "exclude")}
        font = self._places.font

        def quotes(passages: Sequence[Passage], *, is_read: bool) -> dict[object, Callable[[], QWidget]]:
            made: dict[object, Callable[[], QWidget]] = {}
            for passage in passages:
                choice = decided.get((passage.span.scene, passage.text))
                key = (passage, choice, is_read, is_writable, font.key())
                made[key] = partial(self._quote, passage, choice, is_read=is_read, is_writable=is_writable)
            return made

        here = quotes(read, is_read=has_prompt) | ({} if has_prompt else quotes(others, is_read=False))
        self._quotes.show(here)
        self._nothing.setVisible(has_prompt and not read)
        left = others if has_prompt else ()
        self._left = quotes(left, is_read=False)
        self.others.set_title(_("Not read here ({n})").format(n=len(left)))
        self.others.setVisible(bool(left))
        self._fill(self.others.is_open)

    def _fill(self, on: bool) -> None:
        if on:
            self._left_quotes.show(self._left)

    def _quote(self, passage: Passage, decided: Choice | None, *, is_read: bool, is_writable: bool) -> Quote:
        quote = self._places.quote(passage, self._buttons(passage, decided) if is_writable else (), passage.why)
        if is_read:
            quote.mark_as_read()
        return quote

    def _buttons(self, passage: Passage, decided: Choice | None) -> tuple[QWidget, QWidget]:
        is_pinned = decided is not None and decided.kind == "pin"
        is_out = decided is not None and decided.kind == "exclude"
        pin = quiet(
            _("Unpin") if is_pinned else _("Pin"),
            _("Read this sentence only when it fits") if is_pinned else _("Always read this sentence"),
        )
        out = quiet(
            _("Read again") if is_out else _("Leave out"),
            _("Let suggestions read this sentence again") if is_out else _("Never read this sentence"),
        )
        for button, kind, is_so in ((pin, "pin", is_pinned), (out, "exclude", is_out)):
            choice = None if is_so else Choice(kind, passage.span.scene, passage.text)
            button.clicked.connect(partial(self._choose, choice, decided))
        return pin, out

    def _choose(self, choice: Choice | None, before: Choice | None, _checked: bool = False) -> None:
        self.chosen.emit(choice, before)
