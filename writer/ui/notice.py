"""A line below the header that says what happened and what to do; never a dialog in the way."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from writer.i18n import _

Action = tuple[str, Callable[[], None]]


class Notice(QWidget):
    """One message at a time, with up to two things to do about it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._label = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._progress = QProgressBar(textVisible=False)
        self._progress.setFixedWidth(160)
        self._buttons = [QPushButton(objectName=name) for name in ("primary", "secondary")]
        self._close = QPushButton("✕", objectName="secondary")
        self._close.setAccessibleName(_("Close this message"))
        self._close.clicked.connect(self.clear)
        self._actions: list[Callable[[], None]] = []
        for index, button in enumerate(self._buttons):
            button.clicked.connect(lambda checked=False, index=index: self.act(index))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 7, 10, 7)
        layout.addWidget(self._label, 1)
        layout.addWidget(self._progress)
        for button in [*self._buttons, self._close]:
            layout.addWidget(button)
        self.topic = ""
        self.hide()

    @property
    def message(self) -> str:
        """What it says now; empty when hidden."""
        return self._label.text() if self.topic else ""

    def say(self, message: str, *actions: Action, topic: str = "message") -> None:
        """Show a message; a later one of any topic takes its place."""
        self.topic = topic
        self._label.setText(message)
        self._actions = [action for _label, action in actions]
        for index, button in enumerate(self._buttons):
            button.setVisible(index < len(actions))
            if index < len(actions):
                button.setText(actions[index][0])
        self._progress.hide()
        self._close.show()
        self.show()

    def progress(self, message: str, done: int, total: int, topic: str, *actions: Action) -> None:
        """Show how far a long step is; ``total`` 0 means nobody knows."""
        if self.topic != topic or self._progress.isHidden():
            self.say(message, *actions, topic=topic)
            self._progress.show()
        self._label.setText(message)
        self._progress.setMaximum(1000 if total else 0)
        self._progress.setValue(round(1000 * done / total) if total else 0)

    def clear(self, topic: str = "") -> None:
        """Take the message away; with a topic only if it is about that."""
        if not topic or topic == self.topic:
            self.topic = ""
            self.hide()

    def act(self, index: int) -> None:
        """Do what the button of this index offers."""
        action = self._actions[index]
        self.clear()
        action()
