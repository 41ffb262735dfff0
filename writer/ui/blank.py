"""What the window shows while no book is on the desk: a sentence and the two ways on."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from writer.i18n import _


class Blank(QWidget):
    """An empty desk."""

    open_wanted = Signal()
    new_wanted = Signal()

    def __init__(self) -> None:
        super().__init__(objectName="blank")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        said = QLabel(_("No book is open."), textFormat=Qt.TextFormat.PlainText)
        self.open = QPushButton(_("Open another…"), objectName="primary")
        self.new = QPushButton(_("New book…"), objectName="secondary")
        self.open.clicked.connect(self.open_wanted)
        self.new.clicked.connect(self.new_wanted)
        buttons = QHBoxLayout()
        for thing in (self.open, self.new):
            buttons.addWidget(thing)
        buttons.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column = QVBoxLayout(self)
        column.setSpacing(18)
        column.addStretch(2)
        column.addWidget(said, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addLayout(buttons)
        column.addStretch(3)
