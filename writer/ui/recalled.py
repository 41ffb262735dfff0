"""Sentences from earlier that matter here: those that the next suggestion reads, and those it does without."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from writer.i18n import _
from writer.story import Choice, Passage
from writer.ui.fold import Fold, Quote, empty, quiet, small
from writer.ui.places import Places


class Recalled(QWidget):
    """The sentences with what speaks for each; the author may pin one, or leave it out for good."""

    chosen = Signal(object, object)
    """What the author decides about a sentence, and what was decided before; None is nothing."""

    def __init__(self, places: Places) -> None:
        super().__init__()
        self._places = places
        self._shown: object = None
        self._is_writable = False
        self.others: Fold | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)

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
        shown = (read, others, choices, has_prompt, is_writable, self._places.font.key())
        if shown == self._shown:
            return
        self._shown, self._is_writable = shown, is_writable
        was_open = self.others is not None and self.others.is_open
        empty(self._column)
        self.others = None
        decided = {(choice.scene, choice.text): choice for choice in choices if choice.kind in ("pin", "exclude")}

        def quote(passage: Passage) -> Quote:
            return self._quote(passage, decided.get((passage.span.scene, passage.text)))

        for passage in read:
            shown_quote = quote(passage)
            shown_quote.mark_as_read()
            self._column.addWidget(shown_quote)
        if not has_prompt:
            for passage in others:
                self._column.addWidget(quote(passage))
            return
        if not read:
            self._column.addWidget(small(_("Nothing from earlier is worth reading again here.")))
        if others:
            fold = self.others = Fold(_("Not read here ({n})").format(n=len(others)), "subfold", is_open=was_open)

            def fill(on: bool) -> None:
                if on and not fold.column.count():
                    fold.put(*map(quote, others))

            fill(was_open)
            fold.toggled.connect(fill)
            self._column.addWidget(fold)

    def _quote(self, passage: Passage, decided: Choice | None) -> Quote:
        if not self._is_writable:
            return self._places.quote(passage, (), passage.why)
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
        return self._places.quote(passage, (pin, out), passage.why)

    def _choose(self, choice: Choice | None, before: Choice | None, _checked: bool = False) -> None:
        self.chosen.emit(choice, before)
