"""What the model does beside the page, in one line below it, with the ways to stop it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from writer.i18n import _
from writer.ui.fold import quiet

Action = tuple[str, Callable[[], None]]


class Underway(QWidget):
    """One line while something is under way; hidden otherwise."""

    def __init__(self) -> None:
        super().__init__(objectName="underway")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName(_("What the model does now"))
        self.bar.setFixedHeight(2)
        self.what = QLabel(textFormat=Qt.TextFormat.PlainText, objectName="underwayWhat")
        self.now = QLabel(textFormat=Qt.TextFormat.PlainText, objectName="small")
        self.now.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.topic = self._now = ""
        self._actions: list[Callable[[], None]] = []
        self.buttons = [quiet(""), quiet("")]
        row = QHBoxLayout()
        row.setContentsMargins(16, 5, 14, 5)
        row.setSpacing(14)
        row.addWidget(self.what)
        row.addWidget(self.now, 1)
        for index, button in enumerate(self.buttons):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the caret where it is
            button.clicked.connect(lambda _checked=False, index=index: self._actions[index]())
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addLayout(row)
        self.hide()

    def end(self, topic: str) -> None:
        """That is over."""
        if topic == self.topic:
            self.topic = ""
            self.hide()

    def tell(self, topic: str, what: str, now: str | None, done: int, total: int, *actions: Action) -> None:
        """Say what is being done, how far it is (``total`` 0: nobody knows) and what came last; None is as before."""
        if now is not None or topic != self.topic:
            self._now = " ".join((now or "").split())
        self.topic = topic
        self.what.setText(what)
        self.bar.setMaximum(max(0, total))
        self.bar.setValue(min(done, total))
        self._actions = [action for _label, action in actions]
        for index, button in enumerate(self.buttons):
            button.setVisible(index < len(actions))
            if index < len(actions):
                button.setText(actions[index][0])
                button.setAccessibleName(actions[index][0])
        self.show()
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        shown = self.now.fontMetrics().elidedText(self._now, Qt.TextElideMode.ElideRight, self.now.width())
        self.now.setText(shown)
        self.now.setToolTip(self._now if shown != self._now else "")
