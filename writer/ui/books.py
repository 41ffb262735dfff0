"""The author's files: new, open, recent, save as, import, export."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QMenu

from writer import files, formats, ledger, library
from writer import settings as settings_file
from writer.i18n import _
from writer.store import Store
from writer.story import Project, Section
from writer.ui import tips
from writer.ui.session import Session

if TYPE_CHECKING:
    from writer.ui.window import Window

EXTENSION = ".writer"


class Books(QObject):
    """Asks for a file and does with it what the menu says."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self.recent = QMenu(_("Open recent"), window)
        self.recent.setToolTipsVisible(True)
        self.recent.aboutToShow.connect(self._fill_recent)

    def new(self) -> None:
        """Make a new book where the author says, and open it."""
        path = self._ask_to_save(_("New book"), library.books_folder(), _("Writer projects (*.writer)"))
        if path is None:
            return
        path = _with_extension(path)
        if path.exists():
            self._window.notice.say(_("{path} is already there; choose another name.").format(path=path.name))
            return
        project = Project(path.stem, "", self._window.settings.language or "en")

        def make(_store: Store | None) -> None:
            with Store.create(path, project) as store:
                store.add(_("Scene 1"))

        self._window.in_background(make, lambda _result: self._window.opening.open(path))

    def open(self) -> None:
        """Open a book in place of this one."""
        kinds = _("Writer projects (*.writer);;All files (*)")
        path = self._ask_to_open(_("Open a book"), library.books_folder(), kinds)
        if path is not None:
            self._window.opening.open(path)

    def save_as(self) -> None:
        """Write a copy of the book and go on in the copy."""
        session = self._window.session
        if session is None:
            return
        kinds = _("Writer projects (*.writer)")
        path = self._ask_to_save(_("Save as"), files.free(session.path), kinds)
        if path is not None:
            path = _with_extension(path)
            self._window.closing.keep_place()
            session.save_as(path, lambda: self._window.opening.go_on_in(session, path))

    def import_text(self) -> None:
        """Add a text's chapters and scenes to the end of the book."""
        session = self._window.session
        if session is None or session.read_only:
            return
        path = self._ask_to_open(_("Import"), Path(), _("Texts (*.txt *.md *.markdown)"))
        if path is not None:
            # Read apart from the storage thread, so that what is typed meanwhile is saved.
            self._window.in_background(lambda _store: formats.read(path), partial(self._add, session))

    def _add(self, session: Session, sections: list[Section]) -> None:
        if session is self._window.session:
            session.save()
            session.change_outline(lambda store: library.add(sections, store), partial(self._show, session))

    def _show(self, session: Session, nodes: list[int]) -> None:
        if nodes:
            session.visit(nodes[0])
            self._window.following.proposing.offer(nodes)

    def export(self) -> None:
        """Write the whole book as Markdown or plain text."""
        session = self._window.session
        if session is None:
            return
        kinds = _("Markdown (*.md)") + ";;" + _("Text (*.txt)")
        path = self._ask_to_save(_("Export"), Path(f"{session.path.stem}.md"), kinds)
        if path is not None:
            self._export(session, path)

    def _export(self, session: Session, path: Path) -> None:
        session.read(
            lambda store: library.export(store, path),
            lambda _result: self._window.notice.say(_("The book is now also in {path}.").format(path=path)),
        )

    def record(self) -> None:
        """Write what a model wrote of the book, as a statement to be published or with all that is known."""
        session = self._window.session
        if session is None:
            return
        kinds = ";;".join([_("Markdown (*.md)"), _("Text (*.txt)"), _("All data (*.json)")])
        name = _("{book}, what the model wrote").format(book=session.path.stem)
        path = self._ask_to_save(_("What the model wrote"), Path(f"{name}.md"), kinds)
        if path is not None:
            session.read(
                lambda store: ledger.write(ledger.read(store), path),
                lambda _result: self._window.notice.say(
                    _("What the model wrote is now told in {path}.").format(path=path)
                ),
            )

    def _fill_recent(self) -> None:
        self.recent.clear()
        for path in settings_file.recent():
            action = self.recent.addAction(path.stem.replace("&", "&&"))
            action.setToolTip(tips.plain(str(path)))
            action.triggered.connect(lambda checked=False, path=path: self._window.opening.open(path))
        if self.recent.isEmpty():
            self.recent.addAction(_("No recent books")).setEnabled(False)

    def _ask_to_save(self, title: str, where: Path, kinds: str) -> Path | None:
        name, kind = QFileDialog.getSaveFileName(self._window, title, str(where), kinds)
        path = Path(name)
        ending = re.search(r"\*(\.\w+)", kind)
        if name and not path.suffix and ending:
            path = path.with_name(path.name + ending[1])
        return path if name else None

    def _ask_to_open(self, title: str, where: Path, kinds: str) -> Path | None:
        name, _kind = QFileDialog.getOpenFileName(self._window, title, str(where), kinds)
        return Path(name) if name else None


def _with_extension(path: Path) -> Path:
    return path if path.suffix == EXTENSION else path.with_name(path.name + EXTENSION)
