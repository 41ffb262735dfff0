"""The model in the status bar: its name and state, its menu, and getting one that is missing."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QToolButton

from writer import models
from writer.engines import Usage
from writer.errors import ModelError, WriterError
from writer.i18n import _
from writer.models import Model
from writer.ui.suggestions import Suggestions
from writer.ui.worker import Job

if TYPE_CHECKING:
    from writer.ui.window import Window


class ModelButton(QToolButton):
    """Says what the model is doing; behind it is the choice of another one."""

    def __init__(self, window: Window, suggestions: Suggestions) -> None:
        super().__init__()
        self._window = window
        self._suggestions = suggestions
        self._job: Job | None = None
        self._menu = QMenu(window)
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setProperty("soft", True)
        suggestions.state_changed.connect(self._show_state)
        suggestions.failed.connect(self._on_failed)
        suggestions.finished.connect(self._on_finished)

    def fetch(self, model: Model) -> None:
        """Get a model in the background; its terms have been accepted."""
        if self._job is not None:
            return
        notice = self._window.notice
        self._job = self._window.in_background(
            lambda _store: models.get(model.name, accept_terms=True),
            self._on_fetched,
            yielded=lambda step: notice.progress(step.what, step.done, step.total, "fetch"),
            failed=partial(self._on_fetch_failed, model),
        )
        notice.progress(_("Getting {model}…").format(model=model.title), 0, 0, "fetch")

    def stop(self) -> None:
        """Give up a download that is under way."""
        if self._job is not None:
            self._job.cancel()

    def _on_fetched(self, _result: object) -> None:
        self._job = None
        self._window.notice.clear("fetch")
        self._suggestions.start()

    def _on_fetch_failed(self, model: Model, error: Exception) -> None:
        self._job = None
        self._window.show_error(error, topic="model", actions=[(_("Try again"), partial(self.fetch, model))])

    def _show_state(self, state: str) -> None:
        engine = self._suggestions.engine
        said = {
            "off": _("Suggestions off"),
            "missing": _("No model"),
            "loading": _("{model} · loading…"),
            "ready": _("{model} · ready"),
            "thinking": _("{model} · thinking…"),
            "failed": _("{model} · stopped"),
        }[state]
        self.setText(said.format(model=_title(engine.model) if engine is not None else ""))

    def _on_finished(self, usage: Usage) -> None:
        self._window.notice.clear("model")
        self.setToolTip(_("First words after {seconds:.2f} s").format(seconds=usage.first_token_ms / 1000))

    def _on_failed(self, error: Exception) -> None:
        missing = self._missing()
        if isinstance(error, ModelError) and missing is not None:
            self._offer(missing)
        else:
            self._window.show_error(error, topic="model")

    def _missing(self) -> Model | None:
        """The model the settings name if it is one that Writer can fetch and hasn't."""
        name = self._window.in_force.model
        wanted = next((m for m in models.catalogue() if m.name == name), None)
        if not name:
            wanted = models.default(self._window.language)
        return wanted if wanted is not None and not wanted.installed else None

    def _offer(self, model: Model) -> None:
        if self._job is not None:
            return
        if model.terms:
            said = _("Suggestions here need {model} ({size} MB); it comes under terms of use.")
            label = _("Read the terms…")
        else:
            said = _("Suggestions need a model: {model} ({size} MB).")
            label = _("Get it")
        self._window.notice.say(
            said.format(model=model.title, size=round(model.size / 1e6)),
            (label, partial(self._ask_terms if model.terms else self.fetch, model)),
            (_("Work without"), partial(self._window.set_suggestions, False)),
            topic="model",
        )

    def _ask_terms(self, model: Model) -> None:
        box = QMessageBox(self._window)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(_("Terms of use of {model}").format(model=model.title))
        terms = model.terms.get(self._window.settings.language) or model.terms.get("en", "")
        box.setInformativeText(f"{terms}\n\n{model.terms_url}")
        accept = box.addButton(_("Accept and get it"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(_("Not now"), QMessageBox.ButtonRole.RejectRole)
        box.exec()
        if box.clickedButton() is accept:
            self.fetch(model)

    def _fill(self) -> None:
        menu, engine = self._menu, self._suggestions.engine
        menu.clear()
        for model in models.catalogue():
            action = menu.addAction(model.title if model.installed else _("Get {model}…").format(model=model.title))
            action.setCheckable(model.installed)
            action.setChecked(engine is not None and engine.model == model.name)
            action.triggered.connect(partial(self._choose, model))
        listed = {model.path for model in models.catalogue()}
        for path in models.installed():
            if path not in listed:
                menu.addAction(path.name).triggered.connect(partial(self._use, str(path)))
        menu.addSeparator()
        menu.addAction(_("A model file…")).triggered.connect(self._choose_file)
        on = self._window.settings.suggestions
        switch = menu.addAction(_("Turn suggestions off") if on else _("Turn suggestions on"))
        switch.triggered.connect(self._window.toggle_suggestions)

    def _choose(self, model: Model, _checked: bool = False) -> None:
        self._use(model.name)
        if not model.installed:
            self._offer(model)

    def _use(self, name: str, _checked: bool = False) -> None:
        self._window.change_settings(model=name)

    def _choose_file(self) -> None:
        name, _kind = QFileDialog.getOpenFileName(self._window, _("A model on this computer"), "", _("Models (*.gguf)"))
        if not name:
            return
        try:
            models.find(str(Path(name)))
        except WriterError as error:
            self._window.show_error(error, topic="model")
        else:
            self._use(name)


def _title(name: str) -> str:
    return next((model.title for model in models.catalogue() if model.name == name), name)
