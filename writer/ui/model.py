"""The model in the status bar: its name and state, its menu, and the offer of one that is missing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu, QToolButton

from writer import models
from writer.engines import Usage
from writer.errors import ModelError
from writer.i18n import _
from writer.models import Model
from writer.ui.suggestions import Suggestions

if TYPE_CHECKING:
    from writer.ui.window import Window


class ModelButton(QToolButton):
    """Says what the model is doing; behind it is the choice of another one."""

    def __init__(self, window: Window, suggestions: Suggestions) -> None:
        super().__init__()
        self._window = window
        self._suggestions = suggestions
        self._menu = QMenu(window)
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setProperty("soft", True)
        suggestions.state_changed.connect(self._show_state)
        suggestions.failed.connect(self._on_failed)
        suggestions.finished.connect(self._on_finished)

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
        if self._window.models.fetching.is_running:
            return
        if model.terms:
            said = _("Suggestions here need {model} ({size} MB); it comes under terms of use.")
            label = _("Read the terms…")
        else:
            said = _("Suggestions need a model: {model} ({size} MB).")
            label = _("Get it")
        self._window.notice.say(
            said.format(model=model.title, size=round(model.size / 1e6)),
            (label, partial(self._window.models.get, model)),
            (_("Work without"), partial(self._window.set_suggestions, False)),
            topic="model",
        )

    def _fill(self) -> None:
        menu, used = self._menu, self._window.models.used
        menu.clear()
        menu.addAction(_("Models…")).triggered.connect(lambda checked=False: self._window.models.show())
        menu.addSeparator()
        for model in models.catalogue():
            if model.installed:
                self._add(model.title, model.name, used == model.name)
        listed = {model.path for model in models.catalogue()}
        for path in models.installed():
            if path not in listed:
                self._add(models.label(path), str(path), used in (str(path), path.name))
        menu.addSeparator()
        on = self._window.settings.suggestions
        switch = menu.addAction(_("Turn suggestions off") if on else _("Turn suggestions on"))
        switch.triggered.connect(self._window.toggle_suggestions)

    def _add(self, title: str, name: str, is_used: bool) -> None:
        action = self._menu.addAction(title.replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked(is_used)
        action.triggered.connect(lambda checked=False: self._window.models.use_named(name))


def _title(name: str) -> str:
    return next((model.title for model in models.catalogue() if model.name == name), name)
