"""All about one model on a page, with what can be done about it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from writer import models
from writer.i18n import _
from writer.models import Trial
from writer.ui import tips
from writer.ui.fetching import Fetch
from writer.ui.offers import Offer, said_size
from writer.ui.tryout import Attempt


class Sheet(QScrollArea):
    """Shows an offer, how far its fetching is, and what a trial of it gave."""

    wanted = Signal(str)
    """What the author wants: use, get, pause, go_on, cancel, remove, try or stop."""

    def __init__(self) -> None:
        super().__init__(objectName="sheet")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.title = plain("", "sheetTitle")
        self.verdict = plain("", "verdict")
        self.summary = plain()
        self._facts = QFormLayout()
        self._facts.setHorizontalSpacing(18)
        self._facts.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._rows = {
            name: _row(self._facts, label)
            for name, label in (
                ("size", _("On the disk")),
                ("memory", _("In memory")),
                ("writes", _("Writes")),
                ("kind", _("Made to")),
                ("licence", _("Licence")),
                ("where", _("Where")),
            )
        }
        self.use = self._button(_("&Use"), "use", "primary")
        self.get = self._button(_("&Get"), "get", "primary")
        self.try_it = self._button(_("&Try it"), "try")
        self.remove = self._button(_("&Remove…"), "remove")
        self.pause = self._button(_("&Pause"), "pause")
        self.go_on = self._button(_("&Go on"), "go_on", "primary")
        self.cancel = self._button(_("&Cancel"), "cancel")
        self.stop = self._button(_("&Stop"), "stop")
        self.how_far = plain()
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName(_("How far it is"))
        self.trial_heading = plain()
        self.trial_text = plain("", "trialText")
        self.trial_text.setAccessibleName(_("What the model wrote"))
        self.trial_facts = plain()
        for label in (self.summary, self.how_far, self.trial_heading, self.trial_facts):
            label.setProperty("soft", True)
        self._lay_out()

    def _button(self, label: str, what: str, name: str = "secondary") -> QPushButton:
        button = QPushButton(label, objectName=name, autoDefault=False)
        button.clicked.connect(lambda checked=False: self.wanted.emit(what))
        return button

    def _lay_out(self) -> None:
        inner = QWidget(objectName="sheetPage")
        inner.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(inner)
        column.setContentsMargins(26, 20, 26, 20)
        column.setSpacing(9)
        self._coming = QWidget()
        coming = QVBoxLayout(self._coming)
        coming.setContentsMargins(0, 6, 0, 0)
        coming.addWidget(self.how_far)
        coming.addWidget(self.bar)
        coming.addLayout(_buttons(self.go_on, self.pause, self.cancel))
        self._trial = QWidget()
        trial = QVBoxLayout(self._trial)
        trial.setContentsMargins(0, 12, 0, 0)
        trial.addWidget(self.trial_heading)
        trial.addWidget(self.trial_text)
        trial.addWidget(self.trial_facts)
        trial.addLayout(_buttons(self.stop))
        for thing in (self.title, self.verdict, self.summary):
            column.addWidget(thing)
        column.addLayout(self._facts)
        column.addLayout(_buttons(self.use, self.get, self.try_it, self.remove))
        column.addWidget(self._coming)
        column.addWidget(self._trial)
        column.addStretch()
        self.setWidget(inner)

    # -- showing -----------------------------------------------------------------

    def show_offer(self, offer: Offer, *, is_used: bool, fetch: Fetch | None, is_busy: bool) -> None:
        """Show a model; ``is_busy`` if another one is being fetched."""
        self.title.setText(offer.title)
        self.verdict.setText(offer.verdict)
        self.verdict.setProperty("fit", offer.fit)
        self.verdict.style().polish(self.verdict)
        self.summary.setText(offer.summary)
        self.summary.setVisible(bool(offer.summary))
        facts = {
            "size": said_size(offer.size),
            "memory": _("{n} GB").format(n=models.gigabytes(offer.memory)),
            "writes": offer.writes,
            "kind": {
                "base": _("continue a text"),
                "instruct": _("follow instructions; it continues a text, too"),
            }.get(offer.kind, ""),
            "licence": _licence(offer),
            "where": _where(offer),
        }
        for name, said in facts.items():
            self._rows[name].setText(said)
            self._facts.setRowVisible(self._rows[name], bool(said))
        self._rows["where"].setToolTip(tips.plain(str(offer.path)) if offer.is_here else "")
        fetched = offer.is_here and not offer.owner
        self.use.setVisible(offer.is_here)
        self.use.setEnabled(not is_used)
        self.use.setText(_("In use") if is_used else _("&Use"))
        self.get.setVisible(not offer.is_here and fetch is None)
        self.get.setEnabled(not is_busy)
        self.get.setText(_("&Go on getting it") if offer.part else _("&Get"))
        self.try_it.setVisible(offer.is_here)
        self.remove.setVisible(fetch is None and (fetched or bool(offer.part)))
        self.show_fetch(offer, fetch, is_busy=is_busy)

    def show_fetch(self, offer: Offer, fetch: Fetch | None, *, is_busy: bool = False) -> None:
        """Show how far the fetching of the model on the page is."""
        said = fetch.message if fetch is not None else ""
        if fetch is None and not offer.is_here:
            if is_busy:
                said = _("Another model is on its way; get this one when that is done.")
            elif offer.is_harmed:
                said = _("Its file is damaged; get it again.")
            elif offer.part:
                said = _("{done} of {total} are here already.").format(
                    done=said_size(offer.part), total=said_size(offer.size)
                )
        self._coming.setVisible(bool(said))
        self.how_far.setText(said)
        self.bar.setVisible(fetch is not None and fetch.state != "failed")
        if fetch is not None:
            self.bar.setMaximum(1000 if fetch.step.total else 0)
            self.bar.setValue(round(1000 * fetch.step.done / fetch.step.total) if fetch.step.total else 0)
        running = fetch is not None and fetch.state == "running"
        self.pause.setVisible(running and fetch is not None and fetch.can_pause)
        self.go_on.setVisible(fetch is not None and not running)
        self.go_on.setText(_("&Try again") if fetch is not None and fetch.state == "failed" else _("&Go on"))
        self.cancel.setVisible(fetch is not None)

    def show_attempt(self, attempt: Attempt | None, page: bool) -> None:
        """Show a trial of the model on the page; ``page`` says whether it goes on from the author's own."""
        self._trial.setVisible(attempt is not None)
        self.try_it.setEnabled(attempt is None or attempt.state != "running")
        if attempt is None:
            return
        written = attempt.text.strip()
        self.trial_heading.setText((_("It goes on from your page:") if page else _("It writes:")) if written else "")
        self.trial_heading.setVisible(bool(written))
        self.trial_text.setText(written)
        self.trial_text.setVisible(bool(written))
        self.trial_facts.setText(_told(attempt))
        self.stop.setVisible(attempt.state == "running")


def _told(attempt: Attempt) -> str:
    """What a trial found, or what it is at."""
    if attempt.trial is not None:
        return said_trial(attempt.trial)
    if attempt.state == "failed":
        return attempt.problem
    return "" if attempt.text else attempt.note or _("The model is loading…")


def said_trial(trial: Trial) -> str:
    """What was measured, for people."""
    return _(
        "Ready after {load} s. First word after {first} s, then {speed} words a second. It takes {memory} GB of memory."
    ).format(
        load=f"{trial.load_seconds:.1f}",
        first=f"{trial.first_token_seconds:.1f}",
        speed=f"{trial.words_per_second:.0f}" if trial.words_per_second >= 2 else f"{trial.words_per_second:.1f}",
        memory=models.gigabytes(trial.memory),
    )


def _licence(offer: Offer) -> str:
    if offer.model is None or not offer.model.terms_url:
        return offer.licence
    return _("{licence}; terms of use: {url}").format(licence=offer.licence, url=offer.model.terms_url)


def _where(offer: Offer) -> str:
    if offer.owner:
        return _("{owner}; remove it there").format(owner=offer.owner)
    if offer.linked_to:
        return _("{path} (only linked)").format(path=offer.linked_to)
    if offer.model is not None and not offer.is_here:
        return offer.model.source
    return _("Writer's models folder")


def plain(words: str = "", name: str = "") -> QLabel:
    """A label of plain text that wraps, and that the author can copy from."""
    label = QLabel(words, objectName=name, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return label


def _row(form: QFormLayout, name: str) -> QLabel:
    label, value = QLabel(name), plain()
    label.setProperty("soft", True)
    label.setBuddy(value)
    value.setAccessibleName(name)
    form.addRow(label, value)
    return value


def _buttons(*buttons: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(0, 6, 0, 0)
    row.setSpacing(6)
    for button in buttons:
        row.addWidget(button)
    row.addStretch()
    return row
