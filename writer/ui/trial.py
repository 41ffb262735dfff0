"""Does memory help? A button, how far the measuring is, and one clear sentence in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QPushButton, QVBoxLayout, QWidget

from writer.i18n import _, ngettext
from writer.ui.fold import small

if TYPE_CHECKING:
    from writer.meter import Progress, Report, Result


class Trial(QWidget):
    """Starts, stops and shows the measuring; another runs it."""

    wanted = Signal()
    given_up = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.said = small(
            _("Writer guesses what you wrote at some places of this book, with memory and without, and compares.")
        )
        self.progress = QProgressBar(textVisible=False)
        self.progress.setAccessibleName(_("Does memory help?"))
        self.button = QPushButton(_("Try it on this book"), objectName="outlined")
        self.button.clicked.connect(self._press)
        self.is_running = False
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for widget in (self.said, self.progress, self.button):
            layout.addWidget(widget)
        self.progress.hide()

    def _press(self) -> None:
        if self.is_running:
            self.given_up.emit()
        else:
            self.wanted.emit()

    def begin(self) -> None:
        """Show that it runs."""
        self._run(on=True)
        self.progress.setMaximum(0)
        self.said.setText(_("This takes some minutes; you can write on, without suggestions."))

    def show_progress(self, progress: Progress) -> None:
        """Show how far it is."""
        self.progress.setMaximum(progress.total)
        self.progress.setValue(progress.done)
        minutes = max(1, round(progress.seconds_left / 60))
        self.said.setText(ngettext("About {n} minute left.", "About {n} minutes left.", minutes).format(n=minutes))

    def say(self, message: str) -> None:
        """It is over, with this to say."""
        self._run(on=False)
        self.said.setText(message)

    def _run(self, *, on: bool) -> None:
        self.is_running = on
        self.progress.setVisible(on)
        self.button.setText(_("Stop") if on else _("Try it again"))


def verdict(report: Report) -> str:
    """What came out, in one sentence or two."""
    ours = next((result for result in report.results if result.arm == "ours"), None)
    if ours is None or ours.against.ratio != ours.against.ratio:
        return _("There was too little text to compare; write on and try it again.")
    whole, names = ours.against, ours.against_names
    places = ngettext("Compared at {n} place.", "Compared at {n} places.", report.positions).format(n=report.positions)
    if whole.high < 1:
        said = _("Yes: with memory the model is {percent} % surer of what you wrote.").format(
            percent=_percent(whole.ratio)
        )
    elif whole.low > 1:
        said = _("No: with memory the model is {percent} % less sure of what you wrote.").format(
            percent=_percent(whole.ratio)
        )
    else:
        said = _("Hardly: for this book and this model it makes no clear difference.")
    if has_names(ours) and names.high < 1:
        more = _("On names it is {percent} % surer.").format(percent=_percent(names.ratio))
        said = _("{first} {second}").format(first=said, second=more)
    return _("{first} {second}").format(first=said, second=places)


def has_names(result: Result) -> bool:
    """Whether there were names to compare on."""
    return result.names == result.names


def _percent(ratio: float) -> int:
    """How much lower or higher a perplexity is, in percent."""
    return max(1, round(100 * abs(1 - ratio)))
