"""Looking for words in the whole book, in a line above the page, and putting others in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from writer.errors import ProjectError
from writer.i18n import _
from writer.phrase import Phrase
from writer.store import Store
from writer.ui import marks
from writer.ui.bars import soft
from writer.ui.replacing import Replacing
from writer.ui.theme import Theme

if TYPE_CHECKING:
    from writer.ui.session import Session
    from writer.ui.window import Window

REST_MS = 250
"""After so long without a key the whole book is counted."""
FADED = 96
"""How much of its colour lies behind what was found, of 255."""


class Finding(QWidget):
    """Always about the text as it is now: the page is read again at each step, the other scenes after each pause."""

    def __init__(self, window: Window) -> None:
        super().__init__()
        self.setObjectName("finding")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._window = window
        self.replacing = Replacing(window, self._changed)
        self._session: Session | None = None
        self._colour = QColor()
        self._counts: dict[int, int] = {}
        self._counted: Phrase | None = None
        """What ``_counts`` are of; None while they are being made."""
        self._step = 0
        """The step to make when the next scene or the counts are there."""
        self._at: QWidget | None = None
        """The field that has the keys when a step leads to another scene, and gets them back there."""
        self._read: tuple[object, list[tuple[int, int]]] = (None, [])
        self._timer = QTimer(self, singleShot=True, interval=REST_MS)
        self._timer.timeout.connect(self._count)
        self._build()
        self._connect()
        self.hide()

    def _build(self) -> None:
        self.words = QLineEdit(placeholderText=_("Find in the book"), clearButtonEnabled=False)
        self.words.setAccessibleName(_("Find in the book"))
        self.by = QLineEdit(placeholderText=_("Replace with"))
        self.by.setAccessibleName(_("Replace with"))
        for field in (self.words, self.by):
            field.setMinimumWidth(180)
            field.setMaximumWidth(340)
        self._said = soft(QLabel(textFormat=Qt.TextFormat.PlainText))
        self._said.setMinimumWidth(self._said.fontMetrics().horizontalAdvance("10,000 / 10,000") + 16)
        self._up, self._down = QPushButton("↑"), QPushButton("↓")
        for button, said in ((self._up, _("The one before (Shift+F3)")), (self._down, _("The next one (F3)"))):
            button.setToolTip(said)
            button.setAccessibleName(said)
        self._case, self._whole = QPushButton(_("Match case"), checkable=True), QPushButton(_("Whole words"))
        self._whole.setCheckable(True)
        self._close = QPushButton("✕")
        self._close.setAccessibleName(_("Close the search"))
        self._one, self._all = QPushButton(_("Replace")), QPushButton(_("Replace in the whole book"))
        for button in (self._up, self._down, self._case, self._whole, self._close, self._one, self._all):
            button.setObjectName("findButton")
        layout = QGridLayout(self)
        layout.setContentsMargins(16, 6, 10, 6)
        layout.setHorizontalSpacing(6)
        layout.setVerticalSpacing(5)
        for column, widget in enumerate((self.words, self._said, self._up, self._down, self._case, self._whole)):
            layout.addWidget(widget, 0, column)
        layout.setColumnStretch(0, 3)
        layout.setColumnStretch(6, 2)
        layout.addWidget(self._close, 0, 7)
        replacing = QHBoxLayout()
        for widget in (self._one, self._all):
            replacing.addWidget(widget)
        replacing.addStretch()
        layout.addWidget(self.by, 1, 0)
        layout.addLayout(replacing, 1, 1, 1, 6)

    def _connect(self) -> None:
        page = self._window.page
        self.words.textChanged.connect(lambda _: self._asked())
        for button in (self._case, self._whole):
            button.toggled.connect(lambda _: self._asked())
        self._up.clicked.connect(lambda: self.step(-1))
        self._down.clicked.connect(lambda: self.step(1))
        self._one.clicked.connect(self.replace)
        self._all.clicked.connect(self._replace_all)
        self._close.clicked.connect(self.close_bar)
        for signal in (page.edited, page.typed_through, page.accepted):
            signal.connect(self._changed)
        page.rested.connect(self._say)

    # -- showing -----------------------------------------------------------------

    @property
    def phrase(self) -> Phrase:
        """What is looked for."""
        return Phrase(self.words.text(), self._case.isChecked(), self._whole.isChecked())

    @property
    def said(self) -> str:
        """How many there are, and at which the author is."""
        return str(self._said.text())

    def open(self, *, replacing: bool = False) -> None:
        """Let the author look for something, first of all for what is selected."""
        if self._session is None:
            return
        self._window.panels.show_page()
        chosen = self._window.page.textCursor().selectedText()
        if chosen and "\u2029" not in chosen and "\u2028" not in chosen:
            self.words.setText(chosen)
        for widget in (self.by, self._one, self._all):
            widget.setVisible(replacing and not self._session.read_only)
        self.show()
        field = self.by if replacing and not self.by.isHidden() and self.words.text() else self.words
        field.setFocus()
        field.selectAll()
        self._changed()

    def close_bar(self) -> None:
        """Look for nothing any more; what was found last stays selected."""
        self._timer.stop()
        self._step = 0
        self.hide()
        self._window.page.tints.show_found([], self._colour)
        self._window.page.setFocus()

    def work_on(self, session: Session | None) -> None:
        """Look in this book from now on, or in none."""
        self._session = session
        self._counts, self._counted, self._step = {}, None, 0
        self._timer.stop()
        self.hide()

    def paint_in(self, theme: Theme) -> None:
        """Use this theme's colours."""
        self._colour = QColor(theme.reads[0])
        self._colour.setAlpha(FADED)
        self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, back = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key == Qt.Key.Key_Escape:
            self.close_bar()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.by.hasFocus() and not back:
                self.replace()
            else:
                self.step(-1 if back else 1)
        else:
            super().keyPressEvent(event)

    # -- going -------------------------------------------------------------------

    def step(self, by: int) -> None:
        """Go to the next one (1) or the one before (-1), behind the last one in the book to the first."""
        page, visit = self._window.page, self._window.page.visit
        if self._session is None or visit is None or not self.words.text():
            if self._session is not None:
                self.open()
            return
        self._window.panels.show_page()
        self.show()
        places = self._places()
        start, end = page.selected
        at = (start, end) in places
        if by > 0:
            ahead = [place for place in places if place[0] >= (end if at else start)]
        else:
            ahead = [place for place in reversed(places) if place[1] <= start]
        if ahead:
            self._select(*ahead[0])
        elif self._counted != self.phrase:
            self._step = by
            self._count()
        else:
            self._go_on(by, places)

    def _go_on(self, by: int, places: list[tuple[int, int]]) -> None:
        """Go to the scene where the next one is, or round to the other end of this one."""
        scenes = [node.id for node in self._window.nodes]
        here = self._window.scene
        if here not in scenes or self._session is None:
            return
        at = scenes.index(here)
        round_trip = scenes[at + 1 :] + scenes[:at] if by > 0 else scenes[:at][::-1] + scenes[at + 1 :][::-1]
        other = next((scene for scene in round_trip if self._counts.get(scene)), None)
        if other is not None:
            focus = QApplication.focusWidget()
            self._at = focus if focus is not None and self.isAncestorOf(focus) else None
            self._step = by
            self._session.save()
            self._session.visit(other)
        elif places:
            self._select(*places[0 if by > 0 else -1])

    def show_scene(self) -> None:
        """Another scene is in the page."""
        if self.isHidden():
            return
        self._show()
        step, self._step = self._step, 0
        if not step:
            return
        if self._at is not None:
            self._at.setFocus()
        places = self._places()
        if places:
            self._select(*places[0 if step > 0 else -1])
        else:
            self._go_on(step, places)

    def _select(self, start: int, end: int) -> None:
        self._window.page.select(start, end)
        self._say()

    # -- finding -----------------------------------------------------------------

    def _asked(self) -> None:
        """Something else is looked for: show the first one from the caret on, but leave the scene only when told to."""
        self._counted, self._counts, self._step = None, {}, 0
        self._changed()
        page = self._window.page
        if page.visit is not None:
            start = page.selected[0]
            place = next((place for place in self._places() if place[0] >= start), None)
            if place is not None:
                self._select(*place)

    def _changed(self, *_what: object) -> None:
        if not self.isHidden():
            self._show()
            self._timer.start()

    def _places(self) -> list[tuple[int, int]]:
        """Where in the page the words are, read anew only when there is something new."""
        visit, phrase = self._window.page.visit, self.phrase
        if visit is None:
            return []
        state = (visit.scene, id(visit.document), visit.document.revision(), phrase)
        if self._read[0] != state:
            self._read = state, list(phrase.places(visit.text))
        return self._read[1]

    def _count(self) -> None:
        """Count them in all scenes, beside everything else."""
        session, phrase = self._session, self.phrase
        self._timer.stop()
        if session is None or not phrase.words:
            return

        def show(counts: dict[int, int]) -> None:
            if phrase != self.phrase or session is not self._session:
                return
            self._counted, self._counts = phrase, counts
            self._show()
            step, self._step = self._step, 0
            if step:
                self.step(step)

        session.read(lambda store: counted(store, phrase), show)

    def _show(self) -> None:
        """Show what is found in the page as it is now."""
        page = self._window.page
        if self.isHidden():
            return
        places = self._places()
        page.tints.show_found(places, self._colour)
        if page.visit is not None:
            self._counts[page.visit.scene] = len(places)
        self._say()

    def _say(self) -> None:
        if self.isHidden():
            return
        page, visit = self._window.page, self._window.page.visit
        total = sum(self._counts.values())
        said = ""
        if visit is not None and self.words.text() and (total or self._counted == self.phrase):
            places = self._places()
            selected = page.selected
            before = 0
            for node in self._window.nodes:
                if node.id == visit.scene:
                    break
                before += self._counts.get(node.id, 0)
            if not total:
                said = _("Not in this book")
            elif selected in places and self._counted is not None:
                said = _("{n} of {total}").format(n=f"{before + places.index(selected) + 1:,}", total=f"{total:,}")
            elif self._counted is not None:
                said = _("{total} in the book").format(total=f"{total:,}")
        self._said.setText(said)
        for button in (self._up, self._down, self._one, self._all):
            button.setEnabled(bool(total))

    # -- replacing ---------------------------------------------------------------

    def replace(self) -> None:
        """Replace what is selected, if it is what is looked for, and go to the next one."""
        page, visit = self._window.page, self._window.page.visit
        if visit is None or page.isReadOnly() or not self.words.text():
            return
        start, end = page.selected
        if (start, end) in self._places():
            found = visit.text[start:end]
            cursor = page.textCursor()
            cursor.insertText(self.phrase.put(found, self.by.text()), marks.marked(None))
            page.setTextCursor(cursor)
        self.step(1)

    def _replace_all(self) -> None:
        self.replacing.everywhere(self.phrase, self.by.text())


def counted(store: Store, phrase: Phrase) -> dict[int, int]:
    """How often each scene has these words; a damaged one is left out."""
    counts = {}
    for node in store.nodes():
        try:
            counts[node.id] = sum(1 for _place in phrase.places(store.scene(node.id).text))
        except ProjectError:
            continue
    return counts
