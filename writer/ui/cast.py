"""Who and what is in the scene, as chips; a click opens one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from writer.i18n import _
from writer.story import Entry, OutlineNode
from writer.ui.entry import Card
from writer.ui.fold import Flow, Fold, Kept, small

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
        self._entries: dict[str, Entry] = {}
        self._rest: list[Entry] = []
        self._here, others = QWidget(), QWidget()
        self._chips, self._other_chips = Kept(Flow(self._here)), Kept(Flow(others))
        self._more = small("")
        self.others = Fold("", "subfold", is_open=False)
        self.others.put(others, self._more)
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
        people_first = sorted(here, key=lambda entry: entry.kind == "place")
        here, more = tuple(people_first[:MOST_HERE]), people_first[MOST_HERE:]
        names = {entry.name for entry in (*here, *more)}
        self._rest = more + [entry for entry in cast if entry.name not in names]
        self._entries = {entry.name: entry for entry in (*here, *self._rest)}
        chips = {(entry.name, entry.excluded): partial(self._chip, entry) for entry in here}
        self._chips.show(chips | ({("+", False): self._plus} if is_writable else {}))
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

    def _plus(self) -> QPushButton:
        self.add = QPushButton("+", objectName="chip")
        self.add.setProperty("quiet", True)
        self.add.setToolTip(_("Add someone or something"))
        self.add.setAccessibleName(_("Add someone or something"))
        self.add.setCursor(Qt.CursorShape.PointingHandCursor)
        self.add.clicked.connect(self.begin_adding)
        return self.add

    def _chip(self, entry: Entry) -> QPushButton:
        chip = QPushButton(entry.name.replace("&", "&&"), objectName="chip")
        chip.setCheckable(True)
        chip.setProperty("out", entry.excluded)
        chip.setCursor(Qt.CursorShape.PointingHandCursor)
        chip.setAccessibleName(entry.name)
        chip.setAccessibleDescription(_("left out") if entry.excluded else "")
        name = entry.name
        chip.clicked.connect(lambda _checked=False: self.toggle(self._entries[name]))
        return chip

    def _fill_others(self) -> None:
        rest = self._rest[:MOST_CHIPS]
        self._other_chips.show({(entry.name, entry.excluded): partial(self._chip, entry) for entry in rest})
        more = len(self._rest) - MOST_CHIPS
        self._more.setText(_("and {n} more").format(n=f"{more:,}"))
        self._more.setVisible(more > 0)
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

    @property
    def chips(self) -> dict[str, QPushButton]:
        """The chips that are there, by name."""
        there = [*self._chips.widgets.items(), *self._other_chips.widgets.items()]
        return {name: chip for (name, _is_out), chip in there if isinstance(chip, QPushButton) and chip.isCheckable()}

    def _mark(self) -> None:
        """Show whose card is open."""
        for name, chip in self.chips.items():
            chip.setChecked(self.card is not None and self.card.entry.name == name)


def _is_same(one: Entry, other: Entry) -> bool:
    return one.id == other.id if one.id is not None and other.id is not None else one.name == other.name
