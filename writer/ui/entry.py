"""One of the cast: what the book says of it, and what its author writes down about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from writer.i18n import _, ngettext
from writer.story import Entry, OutlineNode, Passage
from writer.ui.fold import Fold, Place, Quote, empty, quiet, small

LONGEST_NAME = 120
MOST_SOURCES = 4
SEPARATORS = re.compile(r"[,，、;；\n]+")


def kinds() -> dict[str, str]:
    """What something can be, in the author's words."""
    return {"person": _("Person"), "place": _("Place"), "thing": _("Thing"), "name": _("Name")}


def listed(text: str) -> tuple[str, ...]:
    """The names or words that an author listed with commas, each once."""
    words = (" ".join(word.split()) for word in SEPARATORS.split(text))
    return tuple(dict.fromkeys(word for word in words if word))


class Card(QWidget):
    """An entry as the author reads it; ``Form`` takes its place while it is edited."""

    wanted = Signal(object)
    changed = Signal(object)
    removed = Signal(object)
    closed = Signal()

    def __init__(self, entry: Entry, nodes: Callable[[], Sequence[OutlineNode]], *, is_writable: bool) -> None:
        super().__init__(objectName="card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.entry = entry
        self._nodes = nodes
        self._is_writable = is_writable
        self.form: Form | None = None
        self.places: list[Place] = []
        self.quotes: list[Quote] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 10, 12, 10)
        self._column.setSpacing(6)
        self._build()

    def _build(self) -> None:
        entry = self.entry
        empty(self._column)
        self.form = None
        self.places, self.quotes = [], []
        name = QLabel(entry.name, wordWrap=True, textFormat=Qt.TextFormat.PlainText, objectName="cardName")
        self._column.addWidget(name)
        told = [kinds().get(entry.kind, _("Name"))]
        if entry.count:
            told.append(ngettext("{n} time so far", "{n} times so far", entry.count).format(n=f"{entry.count:,}"))
        if entry.always:
            told.append(_("always read"))
        if entry.excluded:
            told.append(_("left out"))
        self._column.addWidget(small(" · ".join(told)))
        if entry.aliases:
            self._column.addWidget(small(_("Also called {names}").format(names=_(", ").join(entry.aliases))))
        if entry.text:
            text = QLabel(entry.text, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._column.addWidget(text)
        self._sources = QVBoxLayout()
        self._sources.setSpacing(4)
        self._column.addLayout(self._sources)
        row = QHBoxLayout()
        row.setSpacing(12)
        self.edit = quiet(_("Edit"), _("Edit “{name}”").format(name=entry.name))
        self.leave_out = quiet(
            _("Read it again") if entry.excluded else _("Leave out"),
            _("Let suggestions read about “{name}” again").format(name=entry.name)
            if entry.excluded
            else _("Never let a suggestion read about “{name}”").format(name=entry.name),
        )
        self.close_button = quiet(_("Close"))
        self.edit.clicked.connect(self.begin_editing)
        self.leave_out.clicked.connect(lambda: self.changed.emit(replace(entry, excluded=not entry.excluded)))
        self.close_button.clicked.connect(self.closed)
        for button in (self.edit, self.leave_out):
            if self._is_writable:
                row.addWidget(button)
        row.addStretch()
        row.addWidget(self.close_button)
        self._column.addLayout(row)

    def show_sources(self, passages: Sequence[Passage], said: Callable[[Passage], str], font: QFont) -> None:
        """Show where it appears first and last, and the sentences that say who or what it is."""
        if self.form is not None:
            return
        empty(self._sources)
        self.places, self.quotes = [], []
        spans = {passage.span: passage for passage in passages}
        ends = ((_("First"), self.entry.first), (_("Last"), self.entry.last))
        for label, span in ends:
            passage = spans.get(span) if span is not None else None
            if passage is None or (label == _("Last") and span == self.entry.first):
                continue
            place = Place(said(passage), passage)
            place.clicked.connect(lambda _checked=False, passage=passage: self.wanted.emit(passage))
            row = QHBoxLayout()
            row.setSpacing(6)
            row.addWidget(small(label))
            row.addWidget(place, 1, Qt.AlignmentFlag.AlignLeft)
            self._sources.addLayout(row)
            self.places.append(place)
        for span in self.entry.sources[:MOST_SOURCES]:
            passage = spans.get(span)
            if passage is not None and passage.text.strip():
                quote = Quote(passage, said(passage), font)
                quote.wanted.connect(self.wanted)
                self._sources.addWidget(quote)
                self.quotes.append(quote)

    def begin_editing(self) -> None:
        """Let the author write what is true of it."""
        empty(self._column)
        self.places, self.quotes = [], []
        self.form = Form(self.entry, self._nodes)
        self.form.saved.connect(self.changed)
        self.form.removed.connect(lambda: self.removed.emit(self.entry))
        self.form.cancelled.connect(self._cancel)
        self._column.addWidget(self.form)
        self.form.name.setFocus()
        self.form.name.selectAll()

    def _cancel(self) -> None:
        if self.entry.name:
            self._build()
            self.edit.setFocus()
        else:
            self.closed.emit()


class Form(QWidget):
    """What the author can say of an entry; what is seldom needed unfolds."""

    saved = Signal(object)
    removed = Signal()
    cancelled = Signal()

    def __init__(self, entry: Entry, nodes: Callable[[], Sequence[OutlineNode]]) -> None:
        super().__init__()
        self._entry = entry
        self._nodes = nodes
        self.name = _line(entry.name, _("Name"))
        self.name.setMaxLength(LONGEST_NAME)
        self.aliases = _line(_(", ").join(entry.aliases), _("Also called"), _("Other names, with commas between them"))
        self.kind = QComboBox()
        self.kind.setAccessibleName(_("What it is"))
        for kind, label in kinds().items():
            self.kind.addItem(label, kind)
        self.kind.setCurrentIndex(max(0, self.kind.findData(entry.kind)))
        self.text = QPlainTextEdit(entry.text)
        self.text.setAccessibleName(_("What is true of it"))
        self.text.setPlaceholderText(_("What a suggestion should know, in a sentence or two"))
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(84)
        self.keys = _line(_(", ").join(entry.keys), _("Words"), _("Words that bring it to mind"))
        self.also = _line(_(", ").join(entry.also), _("And one of"), _("One of these must be near as well"))
        self.never = _line(_(", ").join(entry.never), _("But none of"), _("None of these may be near"))
        self.always = QCheckBox(_("Always read it"))
        self.always.setChecked(entry.always)
        self.excluded = QCheckBox(_("Never read it"))
        self.excluded.setChecked(entry.excluded)
        self.always.toggled.connect(lambda on: self.excluded.setChecked(False) if on else None)
        self.excluded.toggled.connect(lambda on: self.always.setChecked(False) if on else None)
        self.since, self.until = QComboBox(), QComboBox()
        for box, label in ((self.since, _("From scene")), (self.until, _("Up to scene"))):
            box.setAccessibleName(label)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(8)
        special = bool(entry.keys or entry.also or entry.never or entry.always or entry.since or entry.until)
        self.more = Fold(_("More"), "subfold", is_open=False)
        self.more.toggled.connect(lambda on: self._fill_scenes() if on else None)
        self._build()
        if special:
            self.more.head.setChecked(True)

    def _build(self) -> None:
        first = _form()
        first.addRow(_("Name"), self.name)
        first.addRow(_("Also"), self.aliases)
        first.addRow(_("Kind"), self.kind)
        more = _form()
        more.addRow(_("Words"), self.keys)
        more.addRow(_("And"), self.also)
        more.addRow(_("Not"), self.never)
        more.addRow(_("From"), self.since)
        more.addRow(_("Up to"), self.until)
        self.more.put(
            small(_("It is read where its name or one of these words is near.")), more, self.always, self.excluded
        )
        self.save = QPushButton(_("Save"), objectName="primary")
        self.save.clicked.connect(self._save)
        self.cancel = quiet(_("Cancel"))
        self.cancel.clicked.connect(self.cancelled)
        self.remove = quiet(_("Forget"), _("Forget what you wrote about it; what the book says stays"))
        self.remove.clicked.connect(self.removed)
        self.name.textChanged.connect(lambda _text: self.save.setEnabled(bool(self.name.text().strip())))
        self.name.returnPressed.connect(self._save)
        self.save.setEnabled(bool(self._entry.name))
        row = QHBoxLayout()
        row.setSpacing(10)
        for thing in (self.save, self.cancel):
            row.addWidget(thing)
        row.addStretch()
        row.addWidget(self.remove)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(first)
        layout.addWidget(self.text)
        layout.addWidget(self.more)
        layout.addLayout(row)
        self.remove.setHidden(self._entry.id is None)

    def _fill_scenes(self) -> None:
        """List the scenes, of which a book may have thousands, only when they are looked at."""
        if self.since.count():
            return
        nodes = self._nodes()
        for box, none, chosen in (
            (self.since, _("The beginning"), self._entry.since),
            (self.until, _("The end"), self._entry.until),
        ):
            box.addItem(none, None)
            for node in nodes:
                box.addItem("  " * node.level + (node.title or _("Untitled")), node.id)
            if chosen is not None and box.findData(chosen) < 0:
                box.addItem(_("In the bin"), chosen)
            box.setCurrentIndex(box.findData(chosen) if chosen is not None else 0)

    def keyPressEvent(self, event: object) -> None:
        if event.key() == Qt.Key.Key_Escape:  # type: ignore[attr-defined]
            self.cancelled.emit()
        else:
            super().keyPressEvent(event)  # type: ignore[arg-type]

    def _save(self) -> None:
        name = " ".join(self.name.text().split())
        if not name:
            return
        entry = self._entry
        aliases = tuple(alias for alias in listed(self.aliases.text()) if alias != name)
        if entry.name and entry.name != name and entry.count and entry.name not in aliases:
            aliases = (*aliases, entry.name)  # the book goes on calling it so
        filled = bool(self.since.count())
        self.saved.emit(
            replace(
                entry,
                name=name,
                kind=self.kind.currentData(),
                aliases=aliases,
                text=self.text.toPlainText().strip(),
                keys=listed(self.keys.text()),
                also=listed(self.also.text()),
                never=listed(self.never.text()),
                always=self.always.isChecked(),
                excluded=self.excluded.isChecked(),
                since=self.since.currentData() if filled else entry.since,
                until=self.until.currentData() if filled else entry.until,
            )
        )


def _line(text: str, label: str, told: str = "") -> QLineEdit:
    line = QLineEdit(text)
    line.setAccessibleName(label)
    line.setPlaceholderText(told)
    line.setToolTip(told)
    return line


def _form() -> QFormLayout:
    form = QFormLayout()
    form.setContentsMargins(0, 0, 0, 0)
    form.setHorizontalSpacing(8)
    form.setVerticalSpacing(6)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
    return form
