"""How far the book is read, where that takes longer than a moment, with a way to pause it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from writer.i18n import _
from writer.ui.fold import quiet, small
from writer.ui.remembering import Remembering

if TYPE_CHECKING:
    from writer.memory import update

PATIENCE_S = 1.0
"""Reading that takes no longer than this is not worth a word."""
LOOK_S = 4.0
"""While the book is read, what is known by then is shown so often."""


class Progress(QWidget):
    """A bar, a few words and a button over the panel; hidden when nothing is read."""

    learned = Signal()
    """More is known by now than was shown."""

    def __init__(self, remembering: Remembering) -> None:
        super().__init__()
        self._remembering = remembering
        self._progress: update.Progress | None = None
        self._began = self._looked = 0.0
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName(_("Reading the book"))
        self.said = small("")
        self.pause = quiet(_("Pause"))
        self.pause.clicked.connect(self._pause)
        words = QHBoxLayout()
        words.addWidget(self.said, 1)
        words.addWidget(self.pause)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 8, 12, 0)
        layout.setSpacing(3)
        layout.addWidget(self.bar)
        layout.addLayout(words)
        self.hide()
        remembering.progressed.connect(self.show_progress)

    def show_progress(self, progress: update.Progress | None) -> None:
        """Show how far it is; None is the end."""
        now = time.monotonic()
        if progress is None:
            had, self._progress = self._progress, None
            self.hide()
            if had is not None:
                self.learned.emit()
            return
        if self._progress is None:
            self._began = self._looked = now
        self._progress = progress
        if now - self._began > PATIENCE_S:
            self._say()
        if now - self._looked > LOOK_S:
            self._looked = now
            self.learned.emit()

    def _say(self) -> None:
        progress, paused = self._progress, self._remembering.is_paused
        if progress is None:
            return
        self.bar.setMaximum(max(1, progress.all))
        self.bar.setValue(progress.done)
        said = _("Paused: {percent} % of the book is read.") if paused else _("Reading the book: {percent} %")
        self.said.setText(said.format(percent=100 * progress.done // max(1, progress.all)))
        self.said.setToolTip(progress.what)
        self.pause.setText(_("Go on") if paused else _("Pause"))
        self.pause.setAccessibleName(_("Go on reading the book") if paused else _("Pause reading the book"))
        self.show()

    def _pause(self) -> None:
        if self._remembering.is_paused:
            self._remembering.resume()
        else:
            self._remembering.pause()
        self._say()
