"""What the book states of those in the scene, and where two of its sentences can't both be true."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from writer.i18n import _
from writer.story import Conflict, Entry, Fact
from writer.text import one_line
from writer.ui.fold import Beside, Fold, empty, quiet
from writer.ui.places import Places

MOST_NEAR = 8
MOST_FACTS = 120


class Contradictions(QWidget):
    """A card for each contradiction with both sentences, which lead into the book."""

    settled = Signal(object)
    """The author says that it is none."""

    def __init__(self, places: Places) -> None:
        super().__init__()
        self._places = places
        self._shown: object = None
        self._column = _column(self)

    def show_conflicts(self, conflicts: Sequence[Conflict], *, is_writable: bool) -> None:
        """Show these."""
        shown = (conflicts, is_writable, self._places.font.key())
        if shown == self._shown:
            return
        self._shown = shown
        empty(self._column)
        for conflict in conflicts:
            self._column.addWidget(self._card(conflict, is_writable=is_writable))

    def _card(self, conflict: Conflict, *, is_writable: bool) -> QWidget:
        card = QWidget(objectName="card")
        card.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        earlier, later = conflict.earlier, conflict.later
        column = QVBoxLayout(card)
        column.setContentsMargins(12, 10, 12, 8)
        column.setSpacing(6)
        said = _("{subject}, {attribute}: “{earlier}” or “{later}”?").format(
            subject=later.subject, attribute=said_attribute(later.attribute), earlier=earlier.value, later=later.value
        )
        head = QLabel(said, wordWrap=True, textFormat=Qt.TextFormat.PlainText, objectName="conflict")
        column.addWidget(head)
        column.addWidget(Beside(*(self._places.quote(fact.source) for fact in (earlier, later))))
        if is_writable:
            done = quiet(_("Not a contradiction"), _("Never say again that these two contradict each other"))
            done.clicked.connect(lambda _checked=False: self.settled.emit(conflict))
            column.addWidget(done, 0, Qt.AlignmentFlag.AlignLeft)
        return card


class Facts(QWidget):
    """A line for each fact, which leads to its sentence: those about whoever is in the scene; all others unfold."""

    def __init__(self, places: Places) -> None:
        super().__init__()
        self._places = places
        self._shown: object = None
        self.all: Fold | None = None
        self._column = _column(self)

    def show_facts(self, facts: Sequence[Fact], here: Sequence[Entry]) -> None:
        """Show these, the last of them if there are many."""
        shown = (facts, here)
        if shown == self._shown:
            return
        self._shown = shown
        empty(self._column)
        self.all = None
        names = {name for entry in here for name in (entry.name, *entry.aliases)}
        near = [fact for fact in facts if fact.subject in names][-MOST_NEAR:]
        for fact in near:
            self._column.addWidget(self._fact(fact))
        if len(near) < len(facts):
            fold = self.all = Fold(_("All facts ({n})").format(n=f"{len(facts):,}"), "subfold", is_open=False)

            def fill(on: bool) -> None:
                if on and not fold.column.count():
                    fold.put(*map(self._fact, facts[-MOST_FACTS:]))

            fold.toggled.connect(fill)
            self._column.addWidget(fold)

    def _fact(self, fact: Fact) -> QWidget:
        button = QPushButton(said_fact(fact).replace("&", "&&"), objectName="fact")
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.setToolTip(f"{one_line(fact.source.text)}\n{self._places.said(fact.source)}")
        button.clicked.connect(lambda _checked=False: self._places.go(fact.source))
        return button


def _column(widget: QWidget) -> QVBoxLayout:
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(6)
    return column


def said_fact(fact: Fact) -> str:
    """A fact in a few words."""
    if (fact.attribute, fact.value) == ("death", "dead"):
        return _("{subject} has died").format(subject=fact.subject)
    said = _("{subject}, {attribute}: {value}")
    return said.format(subject=fact.subject, attribute=said_attribute(fact.attribute), value=fact.value)


def said_attribute(attribute: str) -> str:
    """What a fact is about, in the author's words; one that has no words of its own as it is."""
    return {
        "age": _("age"),
        "age at death": _("age at death"),
        "birth": _("born"),
        "birthplace": _("birthplace"),
        "blind": _("blind"),
        "build": _("build"),
        "courtesy name": _("courtesy name"),
        "deaf": _("deaf"),
        "death": _("died"),
        "eyes": _("eyes"),
        "hair": _("hair"),
        "hair dyed": _("hair dyed"),
        "hand": _("hand"),
        "height": _("height"),
        "home": _("home"),
        "kind": _("kind"),
        "lame": _("lame"),
        "lost": _("lost"),
        "marriage": _("marriage"),
        "native place": _("native place"),
        "occupation": _("occupation"),
        "scar": _("scar"),
        "wedding": _("wedding"),
        # kin
        "adopted daughter": _("adopted daughter"),
        "adopted son": _("adopted son"),
        "adoptive father": _("adoptive father"),
        "adoptive mother": _("adoptive mother"),
        "aunt": _("aunt"),
        "brother": _("brother"),
        "cousin": _("cousin"),
        "daughter": _("daughter"),
        "daughter-in-law": _("daughter-in-law"),
        "elder brother": _("elder brother"),
        "elder sister": _("elder sister"),
        "father": _("father"),
        "father-in-law": _("father-in-law"),
        "granddaughter": _("granddaughter"),
        "grandfather": _("grandfather"),
        "grandmother": _("grandmother"),
        "grandson": _("grandson"),
        "husband": _("husband"),
        "mother": _("mother"),
        "mother-in-law": _("mother-in-law"),
        "nephew": _("nephew"),
        "niece": _("niece"),
        "sister": _("sister"),
        "son": _("son"),
        "son-in-law": _("son-in-law"),
        "spouse": _("spouse"),
        "stepfather": _("stepfather"),
        "stepmother": _("stepmother"),
        "uncle": _("uncle"),
        "wife": _("wife"),
        "younger brother": _("younger brother"),
        "younger sister": _("younger sister"),
        # what someone has
        "bird": _("bird"),
        "cat": _("cat"),
        "dog": _("dog"),
        "donkey": _("donkey"),
        "hawk": _("hawk"),
        "horse": _("horse"),
        "parrot": _("parrot"),
        "ship": _("ship"),
        "sword": _("sword"),
        "weapon": _("weapon"),
    }.get(attribute, attribute)
