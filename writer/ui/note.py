"""The author's note: a few words to the model, and how far before the caret they stand."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QSpinBox, QVBoxLayout, QWidget

from writer.i18n import _
from writer.story import Note
from writer.ui.fold import small

KEEP_AFTER_MS = 800
DEEPEST = 50


class NoteEdit(QWidget):
    """Edits the note; ``changed`` comes when the author pauses or goes elsewhere."""

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._kept = Note("")
        self.text = QPlainTextEdit(objectName="noteText")
        self.text.setAccessibleName(_("Author’s note"))
        self.text.setPlaceholderText(_("Such as: “Slow and tender. It is still raining.”"))
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(66)
        self.distance = QSpinBox()
        self.distance.setRange(0, DEEPEST)
        self.distance.setAccessibleName(_("Paragraphs before the caret"))
        self.distance.setFixedWidth(44)
        self.distance.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._timer = QTimer(self, singleShot=True, interval=KEEP_AFTER_MS)
        self._timer.timeout.connect(self.keep)
        self.text.textChanged.connect(self._timer.start)
        self.distance.valueChanged.connect(lambda _value: self._timer.start())
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.distance)
        row.addWidget(small(_("paragraphs before the caret")), 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.text)
        layout.addLayout(row)

    def show_note(self, note: Note, *, is_writable: bool) -> None:
        """Show the note, unless the author is writing it just now."""
        self.text.setReadOnly(not is_writable)
        self.distance.setEnabled(is_writable)
        if self._timer.isActive() or self.text.hasFocus() or self.distance.hasFocus():
            return
        self._kept = note
        for widget in (self.text, self.distance):
            widget.blockSignals(True)
        if self.text.toPlainText() != note.text:
            self.text.setPlainText(note.text)
        self.distance.setValue(note.depth)
        for widget in (self.text, self.distance):
            widget.blockSignals(False)

    def keep(self) -> None:
        """Hand over what was written, if it is another note."""
        self._timer.stop()
        note = Note(self.text.toPlainText().strip(), self.distance.value())
        if note != self._kept:
            self._kept = note
            self.changed.emit(note)
