"""What is typed before there is a scene to type it in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QInputMethodEvent, QKeyEvent

if TYPE_CHECKING:
    from writer.ui.editor import Page


class Early:
    """Keeps it in order, and types it into the first scene that comes."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._kept: list[QKeyEvent | QInputMethodEvent] = []

    @property
    def must_wait(self) -> bool:
        """Whether a key must wait: for a scene, or for those that were typed before it."""
        return self._page.visit is None or bool(self._kept)

    def keep(self, event: QKeyEvent) -> None:
        """A key for later."""
        self._kept.append(event.clone())

    def keep_committed(self, event: QInputMethodEvent) -> QInputMethodEvent:
        """Words for later; what is being composed behind them, which will have become something else by then."""
        late = QInputMethodEvent()
        late.setCommitString(event.commitString(), event.replacementStart(), event.replacementLength())
        self._kept.append(late)
        return QInputMethodEvent(event.preeditString(), event.attributes())

    def type_soon(self) -> None:
        """A scene is there: type what was kept, behind whoever shows the scene, and may still move the caret."""
        if self._kept:
            QTimer.singleShot(0, self._page, self._type)

    def forget(self) -> None:
        """What was kept is for no scene: the book wasn't opened."""
        self._kept.clear()

    def _type(self) -> None:
        kept, self._kept = self._kept, []
        for event in kept:
            self._page.keyPressEvent(event) if isinstance(event, QKeyEvent) else self._page.inputMethodEvent(event)
