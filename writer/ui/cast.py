"""Who and what is in the scene, as chips; a click opens one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from writer.i18n import _
from writer.story import Entry, OutlineNode
from writer.ui.entry import Card
from writer.ui.fold import Flow, Fold, empty, small

MOST_CHIPS = 60
MOST_HERE = 12


class Cast(QWidget):
    """Chips of those in the scene, folded away all the others, and the card of the one that is open."""

    opened = Signal(object)
    """An entry was opened: its sentences are wanted."""
    wanted = Signal(object)
    changed = Signal(object)
    removed = Signal(object)

    def __init__(self, nodes: Callable[[], Sequence[OutlineNode]]) -> None:
        super().__init__()
        self._nodes = nodes
        self._shown: tuple[tuple[Entry, ...], tuple[Entry, ...], bool] | None = None
        self._is_writable = False
        self.card: Card | None = None
        self.chips: dict[str, QPushButton] = {}
        self._here = QWidget()
        self._here_flow = Flow(self._here)
        self.others = Fold("", "subfold", is_open=False)
        self.others.toggled.connect(lambda on: self._fill_others() if on else None)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        self._nobody = small("")
        for thing in (self._nobody, self._here, self.others):
            self._layout.addWidget(thing)

    def show_cast(self, here: tuple[Entry, ...], cast: tuple[Entry, ...], *, is_writable: bool) -> None:
        """Show who is here; whoever's card is open stays open with what is known now."""
        if self._shown == (here, cast, is_writable):
            return
        self._shown, self._is_writable = (here, cast, is_writable), is_writable
        empty(self._here_flow)
        self.chips = {}
        names = {entry.name for entry in here}
        for entry in here[:MOST_HERE]:
            self._here_flow.addWidget(self._chip(entry))
        if is_writable:
            self.add = QPushButton("+", objectName="chip")
            self.add.setProperty("quiet", True)
            self.add.setToolTip(_("Add someone or something"))
            self.add.setAccessibleName(_("Add someone or something"))
            self.add.setCursor(Qt.CursorShape.PointingHandCursor)
            self.add.clicked.connect(self.begin_adding)
            self._here_flow.addWidget(self.add)
        self._rest = [entry for entry in cast if entry.name not in names] + list(here[MOST_HERE:])
        self._nobody.setText(
            _("Nobody is named in this scene yet.") if cast else _("Names appear here as the book names them.")
        )
        self._nobody.setVisible(not here)
        self.others.set_title(_("All others ({n})").format(n=f"{len(self._rest):,}"))
        self.others.setVisible(bool(self._rest))
        if self.others.is_open:
            self._fill_others()
        card = self.card
        if card is not None and card.form is None:
            again = next((entry for entry in cast if _is_same(entry, card.entry)), None)
            if again is None:
                self.close_card()
            elif again != card.entry:
                self.open(again)
        self._mark()

    def _chip(self, entry: Entry) -> QPushButton:
        chip = QPushButton(entry.name.replace("&", "&&"), objectName="chip")
        chip.setCheckable(True)
        chip.setProperty("out", entry.excluded)
        chip.setCursor(Qt.CursorShape.PointingHandCursor)
        chip.setAccessibleName(entry.name)
        chip.setAccessibleDescription(_("left out") if entry.excluded else "")
        chip.clicked.connect(lambda _checked=False, entry=entry: self.toggle(entry))
        self.chips[entry.name] = chip
        return chip

    def _fill_others(self) -> None:
        holder = QWidget()
        flow = Flow(holder)
        for entry in self._rest[:MOST_CHIPS]:
            flow.addWidget(self._chip(entry))
        self.others.put(holder)
        if len(self._rest) > MOST_CHIPS:
            more = _("and {n} more").format(n=f"{len(self._rest) - MOST_CHIPS:,}")
            self.others.column.addWidget(small(more))
        self._mark()

    # -- the card ----------------------------------------------------------------

    def toggle(self, entry: Entry) -> None:
        """Open an entry's card, or close it if it is open."""
        if self.card is not None and self.card.entry == entry:
            self.close_card()
        else:
            self.open(entry)

    def open(self, entry: Entry) -> None:
        """Show what is known of an entry, and ask for its sentences."""
        self._put(Card(entry, self._nodes, is_writable=self._is_writable))
        self.opened.emit(entry)

    def begin_adding(self) -> None:
        """Let the author add someone or something."""
        card = Card(Entry(""), self._nodes, is_writable=True)
        self._put(card)
        card.begin_editing()

    def close_card(self) -> None:
        """Put the open card away."""
        card, self.card = self.card, None
        if card is not None:
            had_focus = card.isAncestorOf(card.window().focusWidget()) if card.window().focusWidget() else False
            self._layout.removeWidget(card)
            card.hide()
            card.deleteLater()
            chip = self.chips.get(card.entry.name)
            if had_focus and chip is not None:
                chip.setFocus()
        self._mark()

    def _put(self, card: Card) -> None:
        self.close_card()
        self.card = card
        for signal, slot in ((card.wanted, self.wanted), (card.changed, self.changed), (card.removed, self.removed)):
            signal.connect(slot)
        card.closed.connect(self.close_card)
        self._layout.insertWidget(2, card)
        self._mark()

    def _mark(self) -> None:
        """Show whose card is open."""
        for name, chip in self.chips.items():
            chip.setChecked(self.card is not None and self.card.entry.name == name)


def _is_same(one: Entry, other: Entry) -> bool:
    return one.id == other.id if one.id is not None and other.id is not None else one.name == other.name
