"""How long a scene is to become: one question before a model writes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QSpinBox, QVBoxLayout

from writer.i18n import _
from writer.store.plans import MOST_WORDS
from writer.text import said_words
from writer.ui.fold import small

if TYPE_CHECKING:
    from writer.ui.window import Window

USUAL = 600
STEP = 100


class Length(QDialog):
    """Asks for the words of one scene; what is planned for it is the proposal."""

    def __init__(self, window: Window, title: str, there: int, wanted: int, elsewhere: str) -> None:
        super().__init__(window, objectName="sheet")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(_("Write this scene"))
        self.words = word_box(max(wanted, there + USUAL // 2) if there else wanted or USUAL)
        self.words.setAccessibleName(_("Words the scene is to have"))
        head = QLabel(title, objectName="sheetTitle", textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        if there:
            told = _("{words} are there already; the model writes on behind them.").format(words=said_words(there))
        else:
            told = _("The model follows the synopsis and the steps in the plan, and what came before in the book.")
        stays = _("It comes into the page as you watch. Esc stops it at any time, and Ctrl+Z takes it back.")
        line = QHBoxLayout()
        line.addWidget(QLabel(_("The scene is to have")))
        line.addWidget(self.words)
        line.addWidget(QLabel(_("words")))
        line.addStretch(1)
        write = QPushButton(_("Write"), objectName="primary")
        cancel = QPushButton(_("Cancel"), objectName="secondary")
        write.setDefault(True)
        write.clicked.connect(self.accept)
        cancel.clicked.connect(self.reject)
        ends = QHBoxLayout()
        ends.addStretch(1)
        ends.addWidget(cancel)
        ends.addWidget(write)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(12)
        column.addWidget(head)
        column.addWidget(small(told))
        column.addLayout(line)
        column.addWidget(small(stays))
        if elsewhere:
            column.addWidget(small(goes_to(elsewhere)))
        column.addSpacing(4)
        column.addLayout(ends)
        self.setMinimumWidth(440)


def word_box(words: int) -> QSpinBox:
    """A field for a number of words."""
    box = QSpinBox()
    box.setRange(1, MOST_WORDS)
    box.setSingleStep(STEP)
    box.setGroupSeparatorShown(True)
    box.lineEdit().setTextMargins(6, 0, 6, 0)  # the style sheet takes the buttons away, and their room
    box.setFixedWidth(96)
    box.setAlignment(Qt.AlignmentFlag.AlignRight)
    box.setValue(words)
    return box


def goes_to(host: str) -> str:
    """What an author must know before a model on another computer writes."""
    return _("The plan and what is written so far go to {host}, where the model is.").format(host=host)


def ask_for_length(window: Window, title: str, there: int, wanted: int, then: Callable[[int], None]) -> Length:
    """Ask; the answer comes to ``then``, no answer if the author thinks better of it."""
    dialog = Length(window, title, there, wanted, window.work.elsewhere)
    dialog.accepted.connect(lambda: then(dialog.words.value()))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
    dialog.words.setFocus()
    dialog.words.selectAll()
    return dialog
