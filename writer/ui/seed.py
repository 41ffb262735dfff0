"""What an outline grows from: the premise, a shape, how deep and how long; one sheet before it begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from writer import shapes
from writer.i18n import _, ngettext
from writer.shapes import Shape
from writer.text import count_words, language_of, said_words
from writer.ui.choice import Choice
from writer.ui.fold import small
from writer.ui.length import goes_to, word_box
from writer.ui.sourced import has_notes

if TYPE_CHECKING:
    from writer.ui.window import Window

BOOK_WORDS, ARTICLE_WORDS, PART_WORDS = 20_000, 1_500, 1_000
MANY = 90
"""Words of a premise that are read."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the author decided."""

    premise: str
    shape: Shape | None
    levels: int
    children: int
    """In each part; 0 is as many as suit."""
    words: int
    beats: bool


class Seed(QDialog):
    """Asks for all of it at once; what was said before is filled in."""

    accepted_as = Signal(object)

    def __init__(self, window: Window, premise: str, words: int, shape: str, kept: int, title: str) -> None:
        super().__init__(window, objectName="sheet")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(_("Grow an outline"))
        self._is_part = bool(title)
        self._has_notes = has_notes(window.binder.plans)
        self._language = window.language
        self._notices: list[str] = []
        self._usual_levels, self._usual_words = 0, 0 if words else BOOK_WORDS
        self._shapes: list[Shape] = []
        head = _("Grow what lies in “{title}”").format(title=title) if title else _("Grow an outline")
        self.head = QLabel(head, objectName="sheetTitle", wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.premise = QPlainTextEdit(premise)
        self.premise.setAccessibleName(_("Premise"))
        self.premise.setPlaceholderText(_("In a sentence or two: who wants what, where, and what stands in the way?"))
        self.premise.setTabChangesFocus(True)
        self.premise.setReadOnly(self._is_part)
        self.premise.setFixedHeight(4 * self.premise.fontMetrics().lineSpacing() + 18)
        self.premise.textChanged.connect(self._look)
        self.shape = Choice(_("Shape"))
        self.about = small("")
        self.levels = Choice(_("How deep"))
        self.many = Choice(_("How many in each"))
        self.many.addItem(_("as many as suit"), 0)
        for number in (2, 3, 4, 5, 6, 8, 10, 12):
            self.many.addItem(str(number), number)
        self.words = word_box(words or (PART_WORDS if title else BOOK_WORDS))
        self.words.setAccessibleName(_("Words in all"))
        self.beats = QCheckBox(_("Say step by step what happens in each scene"))
        self.told = small("")
        self.grow = QPushButton(_("Grow"), objectName="primary")
        cancel = QPushButton(_("Cancel"), objectName="secondary")
        self.grow.setDefault(True)
        self.grow.clicked.connect(self._accept)
        cancel.clicked.connect(self.reject)
        cancel.setAutoDefault(False)
        self._fill(shape)
        self.shape.currentIndexChanged.connect(self._look)

        about = _("What it is about") if self._is_part else _("Premise")
        shaped = QWidget()
        below = QVBoxLayout(shaped)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(4)
        below.addWidget(self.shape)
        below.addWidget(self.about)
        deep = QHBoxLayout()
        deep.setSpacing(8)
        deep.addWidget(self.levels)
        deep.addSpacing(10)
        deep.addWidget(QLabel(_("in each")))
        deep.addWidget(self.many)
        deep.addStretch(1)
        long = QHBoxLayout()
        long.setSpacing(8)
        long.addWidget(self.words)
        long.addWidget(QLabel(_("words in all, shared among the parts")))
        long.addStretch(1)
        rows = (
            (about, self.premise),
            (_("Shape"), shaped),
            (_("How deep"), _holding(deep)),
            (_("Length"), _holding(long)),
        )
        form = QGridLayout()  # a form layout gives a sheet with lines that wrap too little height
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(10)
        form.setColumnStretch(1, 1)
        for row, (said, field) in enumerate(rows):
            form.addWidget(_label(said), row, 0, Qt.AlignmentFlag.AlignTop)
            form.addWidget(field, row, 1)
        form.addWidget(self.beats, len(rows), 1)
        form.setRowStretch(len(rows) + 1, 1)  # what is too much room goes below all of them
        ends = QHBoxLayout()
        ends.addStretch(1)
        ends.addWidget(cancel)
        ends.addWidget(self.grow)
        column = QVBoxLayout(self)
        column.setContentsMargins(26, 22, 26, 18)
        column.setSpacing(14)
        column.addWidget(self.head)
        column.addLayout(form)
        if kept:
            said = ngettext(
                "{n} part of the outline is there already: it stays as it is, and what grows goes on from it.",
                "{n} parts of the outline are there already: they stay as they are, and what grows goes on from them.",
                kept,
            )
            column.addWidget(small(said.format(n=kept)))
        column.addWidget(self.told)
        if window.work.elsewhere:
            column.addWidget(small(goes_to(window.work.elsewhere)))
        column.addLayout(ends)
        self.setMinimumWidth(min(620, max(480, window.width() - 60)))
        self._look()

    def _fill(self, chosen: str) -> None:
        self._shapes = shapes.shapes(self._language, self._notices.append)
        default = chosen or shapes.default(self._language).name
        for kind in shapes.KINDS:
            if self.shape.count():
                self.shape.insertSeparator(self.shape.count())
            for shape in self._shapes:
                if shape.kind == kind and not (self._is_part and shape.stages):
                    self.shape.addItem(shape.title, shape.name)
        if self._is_part:
            self.shape.clear()
            self.shape.addItem(_("whatever suits its place"), "")
            for shape in self._shapes:
                if shape.stages:
                    self.shape.addItem(shape.title, shape.name)
        else:
            self.shape.setCurrentIndex(max(0, self.shape.findData(default)))

    @property
    def chosen(self) -> Shape | None:
        """The shape that is chosen."""
        name = self.shape.currentData()
        return next((shape for shape in self._shapes if shape.name == name), None)

    def _look(self) -> None:
        """Say what follows from what is chosen."""
        shape = self.chosen
        self.about.setText(shape.about if shape is not None else _("Steps that fit any story."))
        article = shape is not None and shape.kind == "article"
        if article:
            names = [_("passages"), _("sections and passages")]
        else:
            names = [_("chapters"), _("chapters and scenes"), _("parts, chapters and scenes")]
        if self._is_part:
            names = [_("one level"), _("two levels"), _("three levels")]
        known = self.levels.currentData()
        if [self.levels.itemText(row) for row in range(self.levels.count())] != names:
            self.levels.clear()
            for number, name in enumerate(names, 1):
                self.levels.addItem(name, number)
            self._suggest(1 if article or self._is_part else 2, ARTICLE_WORDS if article else BOOK_WORDS, known)
        premise = self.premise.toPlainText()
        count = count_words(premise)
        told = [*self._notices]
        if count > MANY:
            told.append(
                _("The premise has {words}; the outline grows from its first sentences.").format(
                    words=said_words(count)
                )
            )
        if article and not self._has_notes:
            told.append(_("There are no notes yet; an article grows from them, a fact or a quotation a line."))
        if count >= 4 and language_of(premise) != self._language and not self._is_part:
            spoken = {"zh": _("Chinese"), "en": _("English")}[language_of(premise)]
            told.append(_("The premise is in {language}, so the outline will be, too.").format(language=spoken))
        self.told.setText("\n".join(told))
        self.told.setVisible(bool(told))
        self.grow.setEnabled(bool(premise.strip()))
        self.grow.setToolTip("" if premise.strip() else _("Write in a sentence or two what the book is about."))
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Be as high as all of it, with the lines that wrap."""
        layout = self.layout()
        if layout is not None and self.isVisible():
            self.setMinimumHeight(layout.totalHeightForWidth(self.width()))

    def _suggest(self, levels: int, words: int, known: int | None) -> None:
        """How deep and how long such a thing usually is, unless the author said otherwise."""
        said = levels if known is None or known == self._usual_levels else known
        self.levels.setCurrentIndex(min(said, self.levels.count()) - 1)
        self._usual_levels = levels
        if not self._is_part and self.words.value() == self._usual_words:
            self.words.setValue(words)
            self._usual_words = words

    def _accept(self) -> None:
        wanted = Wanted(
            self.premise.toPlainText().strip(),
            self.chosen,
            self.levels.currentData() or 1,
            self.many.currentData() or 0,
            self.words.value(),
            self.beats.isChecked(),
        )
        self.accept()
        self.accepted_as.emit(wanted)


def _label(said: str) -> QLabel:
    """In line with the words in the field beside it."""
    label = QLabel(said)
    label.setContentsMargins(0, 6, 0, 0)
    return label


def _holding(row: QHBoxLayout) -> QWidget:
    holder = QWidget()
    row.setContentsMargins(0, 0, 0, 0)
    holder.setLayout(row)
    return holder
