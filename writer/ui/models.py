"""The models: a window that lists them, and what the author does with them from anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from writer import i18n, models
from writer.errors import WriterError
from writer.i18n import _
from writer.models import Hardware, Model, Progress, Removal
from writer.ui import offers
from writer.ui.fetching import Fetch, Fetching
from writer.ui.notice import Notice
from writer.ui.offers import Offer, Survey, said_size
from writer.ui.shelf import Shelf
from writer.ui.tryout import Tryout
from writer.ui.worker import Line

if TYPE_CHECKING:
    from writer.ui.window import Window


class Models(QObject):
    """Gets, adds, tries, uses and removes models for one window; the shelf is the window that shows them."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._line: Line | None = None
        self._progress_hidden = False
        self.detect: Callable[[], Hardware] = models.detect
        self.survey: Survey | None = None
        self.fetching = Fetching(self)
        self.fetching.changed.connect(self._show_progress)
        self.fetching.arrived.connect(self._on_arrived)
        self.fetching.failed.connect(self._on_fetch_failed)
        self.tryout = Tryout(window.suggestions)
        self.tryout.failed.connect(self._on_try_failed)
        self.shelf: Shelf | None = None

    # -- the window --------------------------------------------------------------

    def show(self) -> None:
        """Open the window of the models, or bring it to the front."""
        if self.shelf is None:
            self.shelf = Shelf(self._window, self)
        if self.shelf.isVisible():
            self.shelf.raise_()
        else:
            self.look()
            self.shelf.show()
        self.shelf.activateWindow()

    def look(self, then: Callable[[Survey], None] = lambda _: None) -> None:
        """Look at this computer and the models on it anew."""
        language, engine, detect = self._window.language or i18n.spoken(), self._window.in_force.engine, self.detect

        def looked(survey: Survey) -> None:
            self.survey = survey
            if self.shelf is not None:
                self.shelf.show_survey(survey)
            then(survey)

        self.ask(lambda: offers.survey(language, engine, detect), looked)

    def follow(self) -> None:
        """Follow changed settings; with the suggestions goes a trial."""
        if not self._window.settings.suggestions:
            self.tryout.stop()
        if self.shelf is not None:
            self.shelf.follow()

    def ask(
        self,
        work: Callable[[], Any],
        then: Callable[[Any], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Do something about models beside the window, one after the other."""
        if self._line is None:
            self._line = Line("models", lambda: None)
        self._line.submit(lambda _store: work(), returned=then, failed=failed or self.show_error)

    def close(self) -> None:
        """Stop everything, with its threads; what was fetched stays for the next time."""
        if self.shelf is not None:
            self.shelf.close()
        self.tryout.close()
        self.fetching.close()
        if self._line is not None:
            self._line.close()

    @property
    def _notice(self) -> Notice:
        shelf = self.shelf
        return shelf.notice if shelf is not None and shelf.isVisible() else self._window.notice

    @property
    def _parent(self) -> QWidget:
        return self.shelf if self.shelf is not None and self.shelf.isVisible() else self._window

    def show_error(self, error: Exception) -> None:
        """Say what went wrong where the author is looking."""
        if not isinstance(error, WriterError):
            raise error
        self._notice.say(str(error), topic="models")

    # -- using -------------------------------------------------------------------

    @property
    def used(self) -> str:
        """The setting of the model that writes now, whether it is here or not; empty with the author's server."""
        chosen = self._window.in_force
        if chosen.engine not in ("auto", "llamacpp", "transformers"):
            return ""
        return chosen.model or models.default(self._window.language).name

    def use_named(self, name: str) -> None:
        """Write with a model that is here, once it is known that it fits."""
        engine, detect = self._window.in_force.engine, self.detect
        self.ask(lambda: offers.weigh(name, engine, detect), self.use)

    def use(self, offer: Offer) -> None:
        """Write with a model from now on; one that hardly fits only if the author insists."""
        if self._dares(offer, _("Use it anyway")):
            self._window.change_settings(model=offer.name, engine=self._engine_for(offer))

    def _engine_for(self, offer: Offer) -> str:
        chosen = self._window.in_force.engine
        local = chosen in ("auto", "llamacpp", "transformers")
        return chosen if local and not (chosen == "llamacpp" and offer.path.is_dir()) else "auto"

    def _dares(self, offer: Offer, label: str) -> bool:
        """Whether a model may be loaded that other programs would have to make room for."""
        if offer.fit == "fits":
            return True
        said = {
            "tight": _(
                "“{title}” needs {need} GB of memory and {free} GB are free. It can be loaded if other programs make "
                "room, and the computer may become slow. Close what you don't need first."
            ),
            "too large": _(
                "“{title}” needs {need} GB of memory and {free} GB are free, so it will hardly load here. "
                "A smaller model writes sooner."
            ),
        }[offer.fit]
        words = said.format(title=offer.title, need=models.gigabytes(offer.memory), free=models.gigabytes(offer.free))
        return _asked(self._parent, words, label)

    # -- getting -----------------------------------------------------------------

    def get(self, model: Model) -> None:
        """Fetch a model, once its terms are accepted."""
        if not model.terms or self._accepts(model):
            self.fetch(model)

    def fetch(self, model: Model) -> None:
        """Fetch a model whose terms have been accepted, beside everything else."""
        self._progress_hidden = False
        self.fetching.start(model.name, model.title, partial(models.get, model.name, accept_terms=True))

    def _accepts(self, model: Model) -> bool:
        terms = (model.terms.get(i18n.spoken()) or model.terms.get("en", "")).strip()
        title = _("Terms of use of {model}").format(model=model.title)
        return _asked(self._parent, title, _("Accept and get it"), f"{terms}\n\n{model.terms_url}", _("Not now"))

    def _show_progress(self) -> None:
        """In the line below the header, unless something else is said there or the author has closed it."""
        notice, fetch = self._window.notice, self.fetching.now
        if self.shelf is not None:
            self.shelf.show_fetch()
        if fetch is None or fetch.state != "running":
            notice.clear("fetch")
            return
        begins = not fetch.step.total
        if notice.topic == "fetch" or (not notice.topic and (begins or self._progress_hidden)):
            self._progress_hidden = False
            more = (_("Models…"), self.show)
            notice.progress(fetch.message, fetch.step.done, fetch.step.total, "fetch", more)
        elif notice.topic:
            self._progress_hidden = True

    def _on_arrived(self, fetch: Fetch, what: str) -> None:
        window = self._window
        if window.suggestions.engine is None:
            window.suggestions.start()  # it may be the one that was missing
        copied = not fetch.can_pause
        if self.survey is not None and not copied:  # to look at this computer may take seconds
            self.survey = self.survey.with_here(fetch.name)
            if self.shelf is not None:
                self.shelf.show_survey(self.survey)

        def looked(survey: Survey) -> None:
            offer = next((o for o in survey.offers if o.title == what), None) if copied else survey.find(fetch.name)
            if offer is None:
                return
            if self.shelf is not None:
                self.shelf.choose(offer.name)
            if offer.is_meant_by(self.used):
                self._notice.say(_("{title} is here.").format(title=offer.title), topic="models")
            else:
                use = (_("Use it"), partial(self.use, offer))
                self._notice.say(_("{title} is here.").format(title=offer.title), use, topic="models")

        self.look(looked)

    def _on_fetch_failed(self, fetch: Fetch, error: Exception) -> None:
        if not fetch.can_pause:  # no line of the list stands for it
            self.fetching.cancel()
            self.show_error(error)
        elif self._notice is self._window.notice:
            again = [(_("Try again"), self.fetching.go_on), (_("Models…"), self.show)]
            self._window.show_error(error, topic="model", actions=again)
        elif not isinstance(error, WriterError):
            raise error
        self.look()

    # -- adding and removing -----------------------------------------------------

    def add_file(self) -> None:
        """Ask for a model file, and add it."""
        kinds = _("Models (*.gguf);;All files (*)")
        name, _kind = QFileDialog.getOpenFileName(self._parent, _("A model on this computer"), "", kinds)
        if name:
            self.add(Path(name))

    def add_folder(self) -> None:
        """Ask for the folder of a model, and add it."""
        name = QFileDialog.getExistingDirectory(self._parent, _("The folder of a model, with its safetensors files"))
        if name:
            self.add(Path(name))

    def add(self, path: Path) -> None:
        """Put a model under its name into the models folder, as a link or as a copy."""
        box = QMessageBox(self._parent)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(_("Where shall “{name}” be kept?").format(name=path.name))
        box.setInformativeText(
            _("Writer can use it where it is, or keep a copy of its own that stays when the other is moved or deleted.")
        )
        leave = box.addButton(_("Leave it where it is"), QMessageBox.ButtonRole.AcceptRole)
        copy = box.addButton(_("Copy it"), QMessageBox.ButtonRole.ActionRole)
        box.addButton(_("Cancel"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(leave)
        box.exec()
        if box.clickedButton() in (leave, copy):
            is_copy = box.clickedButton() is copy
            if not self.fetching.start(str(path), path.name, partial(_add, path, is_copy), can_pause=False):
                self._notice.say(_("Another model is on its way; add this one when that is done."), topic="models")

    def remove(self, offer: Offer) -> None:
        """Take a model out of the models folder after asking once."""
        name = offer.name if offer.model is not None else offer.path.name
        self.ask(lambda: models.removal(name), partial(self._ask_and_remove, offer))

    def _ask_and_remove(self, offer: Offer, going: Removal) -> None:
        if going.linked:
            words = _("Remove the link to “{title}”?").format(title=offer.title)
            more, label = _("The model itself stays where it is."), _("Remove the link")
        else:
            words = _("Delete “{title}”?").format(title=offer.title)
            more, label = _("{size} become free on the disk.").format(size=said_size(going.size)), _("Delete")
            if offer.model is not None:
                more = _("{freed} It can be fetched again.").format(freed=more)
        if not _asked(self._parent, words, label, more):
            return
        window, is_used = self._window, offer.is_meant_by(self.used)
        if is_used:
            window.suggestions.close()  # no system lets go of a file that is in use, some don't even delete it

        def removed(_gone: Removal) -> None:
            self._notice.say(_("{title} is removed.").format(title=offer.title), topic="models")
            if offer.is_meant_by(window.settings.model):
                window.change_settings(model="")
            if is_used:
                window.suggestions.start()
            self.look()

        def failed(error: Exception) -> None:
            if is_used:
                window.suggestions.start()
            self.show_error(error)

        remove = partial(models.remove, going.name)
        if self.fetching.is_running:
            self.ask(remove, removed, failed)
        else:
            self.fetching.behind(remove, removed, failed)

    # -- trying ------------------------------------------------------------------

    @property
    def page_before(self) -> str:
        """What a trial goes on from: the author's page up to the caret."""
        page = self._window.page
        return page.cursor_now().before if page.visit is not None else ""

    def try_out(self, offer: Offer) -> None:
        """Let a model write a little, without disturbing the one in use where there is memory for both."""
        window = self._window
        if not window.settings.suggestions:
            self._notice.say(
                _("Suggestions are off, and all models with them. Turn them on to try one."),
                (_("Turn suggestions on"), partial(window.set_suggestions, True)),
                topic="models",
            )
        elif self._dares(offer, _("Try it anyway")):
            chosen = replace(window.in_force, model=offer.name, engine=self._engine_for(offer))
            engine, detect = window.suggestions.engine, self.detect
            pid = getattr(engine, "pid", None)
            self.ask(
                lambda: _is_room_for_both(offer, pid, detect()),
                lambda both: self.tryout.start(chosen, self.page_before, alone=not both),
            )

    def _on_try_failed(self, error: Exception) -> None:
        if not isinstance(error, WriterError):
            raise error


def _add(path: Path, copy: bool) -> Iterator[Progress]:
    """Adding as a generator from its first step on: even to look at a large model takes a while."""
    yield from models.add(str(path), copy)


def _is_room_for_both(offer: Offer, pid: int | None, hardware: Hardware) -> bool:
    """Whether a model can be loaded while the one in that process stays; two share no graphics card."""
    import psutil

    if pid is None or hardware.gpu:
        return pid is None
    try:
        taken = psutil.Process(pid).memory_info().rss
    except psutil.Error:
        return True
    return models.fit(offer.memory + taken, hardware) == "fits"


def _asked(parent: QWidget, words: str, label: str, more: str = "", otherwise: str = "") -> bool:
    """Ask one question with a button that says what is done; anything else leaves all as it is."""
    box = QMessageBox(parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(words)
    box.setInformativeText(more)
    yes = box.addButton(label, QMessageBox.ButtonRole.AcceptRole)
    no = box.addButton(otherwise or _("Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(no)
    box.exec()
    return box.clickedButton() is yes
