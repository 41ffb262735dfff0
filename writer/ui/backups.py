"""Backups in the window: made from time to time and at closing, listed, and put back."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QEvent, QLocale, QObject, QSettings, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
)

from writer import backups, library
from writer import settings as settings_file
from writer.backups import Backup
from writer.errors import WriterError
from writer.i18n import _, ngettext
from writer.store import Store
from writer.text import said_time, said_words
from writer.ui import theme as themes
from writer.ui.notice import Notice
from writer.ui.said import more_or_fewer, said_when
from writer.ui.session import Session
from writer.ui.versions import Versions
from writer.ui.worker import Job, Line

if TYPE_CHECKING:
    from writer.ui.window import Window

TICK_MS = 10_000
"""For each minute between two backups: so often is looked whether one is due."""
PATIENCE_S = 60.0
_FAILURE = "backup_failed"

_log = logging.getLogger(__name__)


class Backups(QObject):
    """Makes backups of the book on the desk beside everything else, and does with them what the author says."""

    def __init__(self, window: Window, places: QSettings) -> None:
        super().__init__(window)
        self._window = window
        self._places = places
        self._line: Line | None = None
        self._read: dict[Job, Path] = {}
        self._told = ""
        self._is_closing = False
        self._clock = QTimer(self)
        self._clock.timeout.connect(self.look)
        self.dialog: BackupsDialog | None = None

    # -- from time to time ---------------------------------------------------------

    def watch(self, session: Session) -> None:
        """Back up this book as often as the settings say; tell what went wrong at the last closing."""
        minutes = self._window.settings.backup_minutes
        self._clock.stop()
        if minutes and not session.read_only:
            self._clock.start(minutes * TICK_MS)
        failure = str(self._places.value(_FAILURE) or "")
        self._places.remove(_FAILURE)
        if failure:
            self._window.notice.say(failure, (_("Backups…"), self.show), topic="backup")

    def look(self) -> None:
        """Make a backup if one is due."""
        session, minutes = self._window.session, self._window.settings.backup_minutes
        if session is not None and not session.read_only:
            self.do(lambda: _make_if_due(session.path, minutes), self._on_made, reads=session.path)

    def finish(self, path: Path) -> None:
        """Wait for what reads a project that is about to be closed, so that its log can be folded in."""
        self._clock.stop()
        if self._line is not None and path in self._read.values():
            self._line.wait(PATIENCE_S)

    def put_away(self, session: Session) -> None:
        """Back up a book that was just closed, if it changed; nobody waits for it."""
        if not session.read_only:
            self.do(lambda: _make_if_changed(session.path), self._on_made, reads=session.path)

    def close(self) -> None:
        """Make what is still to be made; what goes wrong now is told at the next start."""
        self._is_closing = True
        if self._line is not None:
            self._line.close(PATIENCE_S)
            QCoreApplication.sendPostedEvents(None, QEvent.Type.MetaCall.value)

    def do(
        self,
        work: Callable[[], Any],
        returned: Callable[[Any], None],
        failed: Callable[[Exception], None] | None = None,
        *,
        reads: Path | None = None,
    ) -> None:
        """Run something on backups behind all others of its kind, and beside everything else.

        ``reads`` is the project that it reads, which then waits for it before it is closed.
        """
        if self._line is None:
            self._line = Line("backups", lambda: None)
        job = self._line.submit(lambda _store: work(), returned=returned, failed=failed or self._on_failed)
        if reads is not None:
            self._read[job] = reads
            job.over.connect(lambda: self._read.pop(job, None), Qt.ConnectionType.QueuedConnection)

    def _on_made(self, made: Backup | None) -> None:
        if made is not None:
            self._told = ""
            self._places.remove(_FAILURE)

    def _on_failed(self, error: Exception) -> None:
        """Tell it once, and never in the place of a message about text that can't be saved."""
        if self._is_closing:
            _log.warning("no backup at closing", exc_info=error)
            self._places.setValue(_FAILURE, str(error))
        elif str(error) != self._told and self._window.notice.topic != "save":
            self._told = str(error)
            self._window.show_error(error, topic="backup", actions=[(_("Backups…"), self.show)])

    # -- what the author does --------------------------------------------------------

    def show(self, path: Path | None = None) -> None:
        """List the backups of a project: of the one on the desk, or of one that can't be opened."""
        window = self._window
        path = path or window.project_path
        window.page.clear_ghost()
        window.title.finish()
        self.dialog = BackupsDialog(window, self, path)
        self.dialog.open()

    def put_in_place(self, file: Path, path: Path, when: str) -> None:
        """Close the book, put a backup in its place, and open it again; what was there is kept before."""
        window = self._window
        was_open = window.project_path == path
        if was_open and not window.closing.put_away():
            return
        window.notice.progress(_("Putting the backup in the place of the book…"), 0, 0, "backup")

        def done(kept: Path | None) -> None:
            window.opening.open(path)
            said = _("The book is as it was: {time}. What was in it before is kept as “{name}”.")
            if kept is None:
                window.notice.say(_("The book is as it was: {time}.").format(time=when), topic="backup")
            else:
                now = int(time.time())
                back = partial(self.put_in_place, kept, path, said_when(now, now))
                actions = [(_("Take that back"), back)] if kept.suffix == ".zip" else []
                window.notice.say(said.format(time=when, name=kept.name), *actions, topic="backup")

        def failed(error: Exception) -> None:
            if was_open:
                window.opening.open(path)
            window.show_error(error, topic="backup")

        self.do(lambda: backups.restore(file, path), done, failed)

    def open_as_copy(self, file: Path, path: Path) -> None:
        """Make a new file of a backup, and open that."""
        window = self._window
        window.notice.progress(_("Making a book of the backup…"), 0, 0, "backup")

        def done(_kept: Path | None) -> None:
            window.notice.clear("backup")
            window.opening.open(path)

        self.do(lambda: backups.restore(file, path), done, lambda error: window.show_error(error, topic="backup"))


class BackupsDialog(QDialog):
    """The backups of one book, newest first."""

    def __init__(self, window: Window, owner: Backups, path: Path | None) -> None:
        super().__init__(window)
        self._window, self._owner, self._path = window, owner, path
        self._words = sum(node.words for node in window.binder.nodes) if path == window.project_path else None
        name = path.stem if path is not None else ""
        self.setWindowTitle(_("Backups of “{title}”").format(title=name) if name else _("Backups"))
        self.resize(min(680, window.width() - 60), min(560, window.height() - 60))
        self._build()
        self._list()

    def _build(self) -> None:
        self.notice = Notice()
        self.list = Versions(themes.choose(self._window.settings.theme), _("Backups"))
        self.list.currentItemChanged.connect(lambda _now, _before: self._enable())
        self.empty = QLabel(
            _none_yet(self._window.settings.backup_minutes)
            if self._path is not None
            else _("No book is open. “From a file…” makes a book of a backup that you have."),
            wordWrap=True,
            alignment=Qt.AlignmentFlag.AlignCenter,
            objectName="empty",
            textFormat=Qt.TextFormat.PlainText,
        )
        self.empty.setContentsMargins(60, 0, 60, 0)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.list)
        self.pages.addWidget(self.empty)
        self.make = QPushButton(_("Back up &now"), objectName="secondary")
        self.folder = QPushButton(_("Open the &folder"), objectName="secondary")
        self.from_file = QPushButton(_("From a fi&le…"), objectName="secondary")
        self.copy = QPushButton(_("Open as a &copy…"), objectName="secondary")
        self.place = QPushButton(_("&Put in the place of the book…"), objectName="primary")
        close = QPushButton(_("Close"), objectName="secondary")
        for button, slot in (
            (self.make, self._make),
            (self.folder, self._open_folder),
            (self.from_file, self._from_file),
            (self.copy, self._open_as_copy),
            (self.place, self._put_in_place),
            (close, self.reject),
        ):
            button.clicked.connect(lambda checked=False, slot=slot: slot())
            button.setAutoDefault(False)
        upper, lower = QHBoxLayout(), QHBoxLayout()
        upper.setContentsMargins(14, 10, 14, 10)
        lower.setContentsMargins(14, 10, 14, 10)
        for thing in (self.make, self.folder, self.from_file):
            upper.addWidget(thing)
        upper.addStretch()
        lower.addWidget(close)
        lower.addStretch()
        for thing in (self.copy, self.place):
            lower.addWidget(thing)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(upper)
        layout.addWidget(self.notice)
        layout.addWidget(self.pages, 1)
        layout.addLayout(lower)
        self._enable()

    # -- the list --------------------------------------------------------------------

    def _list(self) -> None:
        path = self._path
        if path is None:
            self._fill([])
        else:
            self._owner.do(lambda: backups.of(path), self._fill)

    def _fill(self, found: list[Backup]) -> None:
        now = int(time.time())
        self.list.clear()
        for backup in found:
            words = "" if backup.words is None else said_words(backup.words)
            size = QLocale().formattedDataSize(backup.size, 1, QLocale.DataSizeFormat.DataSizeTraditionalFormat)
            why = {
                "migration": _("{size}, before the file was updated"),
                "damaged": _("{size}, with damaged texts"),
            }.get(backup.kind, "{size}")
            change = ""
            if backup.words is not None and self._words is not None:
                change = more_or_fewer(backup.words - self._words)
            lines = (said_when(backup.time, now), words, why.format(size=size), change)
            self.list.add(backup, lines, backup.path.name)
        self.list.setCurrentRow(0)
        self.pages.setCurrentIndex(0 if found else 1)
        (self.list if found else self.make if self.make.isEnabled() else self.from_file).setFocus()
        self._enable()

    @property
    def chosen(self) -> Backup | None:
        """The backup that is chosen in the list."""
        chosen: Backup | None = self.list.chosen
        return chosen

    def _enable(self) -> None:
        is_chosen = self.chosen is not None
        self.copy.setEnabled(is_chosen)
        self.place.setEnabled(is_chosen)
        self.folder.setEnabled(bool(self.list.count()))
        self.make.setEnabled(self._path is not None and self._path == self._window.project_path)

    # -- the buttons -----------------------------------------------------------------

    def _make(self) -> None:
        session = self._window.session
        if session is None:
            return
        if not session.read_only and (error := session.settle()):
            self._refused(error)
            return
        self.make.setEnabled(False)
        self.notice.progress(_("Making a backup and checking it…"), 0, 0, "backup")
        self._owner.do(lambda: _make(session.path), self._made, self._refused, reads=session.path)

    def _made(self, made: Backup) -> None:
        if made.kind == "damaged":
            self.notice.say(_("The backup is made; texts that are damaged in the book are damaged in it, too."))
        else:
            self.notice.say(_("The backup is made and checked."))
        self._list()

    def _refused(self, error: Exception) -> None:
        if not isinstance(error, WriterError):
            raise error
        self.notice.say(str(error))
        self._enable()

    def _open_folder(self) -> None:
        chosen = self.chosen
        folder = chosen.path.parent if chosen is not None else None
        if folder is not None and not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self.notice.say(_("The backups are in {folder}.").format(folder=folder))

    def _open_as_copy(self) -> None:
        chosen, path = self.chosen, self._path
        if chosen is not None and path is not None:
            day = said_time(chosen.time, "%Y-%m-%d")
            name = _("{name} (backup of {day})").format(name=path.stem, day=day)
            self._ask_and_open(chosen.path, path.with_name(f"{name}.writer"))

    def _from_file(self) -> None:
        kinds = _("Backups and copies (*.zip *.writer);;All files (*)")
        start = settings_file.backups_folder(self._path).parent if self._path is not None else Path()
        name, _kind = QFileDialog.getOpenFileName(self, _("A backup, or a copy of a book"), str(start), kinds)
        if name:
            file = Path(name)
            self._ask_and_open(file, library.books_folder() / f"{file.stem}.writer")

    def _ask_and_open(self, file: Path, proposed: Path) -> None:
        kinds = _("Writer projects (*.writer)")
        name, _kind = QFileDialog.getSaveFileName(self, _("Where the copy goes"), str(proposed), kinds)
        if name:
            path = Path(name)
            self.accept()
            self._owner.open_as_copy(file, path if path.suffix == ".writer" else path.with_name(f"{path.name}.writer"))

    def _put_in_place(self) -> None:
        chosen, path = self.chosen, self._path
        if chosen is None or path is None:
            return
        when = said_when(chosen.time, int(time.time()))
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(_("Make “{title}” again what it was? ({time})").format(title=path.stem, time=when))
        box.setInformativeText(_("What is in the book now is kept before, as a backup, so you can take this back."))
        put = box.addButton(_("Put in the place of the book"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(_("Cancel"), QMessageBox.ButtonRole.RejectRole)
        box.exec()
        if box.clickedButton() is put:
            self.accept()
            self._owner.put_in_place(chosen.path, path, when)

    def done(self, result: int) -> None:
        super().done(result)
        self.deleteLater()


def _none_yet(minutes: int) -> str:
    """What a list says that is still empty, with so many minutes between two backups, or 0 for only at closing."""
    if not minutes:
        return _(
            "No backups of this book yet. Writer makes one when you close the book: a whole copy, in a folder of its "
            "own, that any computer can open."
        )
    return ngettext(
        "No backups of this book yet. Writer makes one every minute while you write, and one when you close the book: "
        "a whole copy, in a folder of its own, that any computer can open.",
        "No backups of this book yet. Writer makes one every {n} minutes while you write, and one when you close the "
        "book: a whole copy, in a folder of its own, that any computer can open.",
        minutes,
    ).format(n=minutes)


def _make(path: Path) -> Backup:
    with Store.reader(path) as store:
        return backups.make(store)


def _make_if_due(path: Path, minutes: int) -> Backup | None:
    with Store.reader(path) as store:
        return backups.make(store) if backups.is_due(store, time.time(), minutes) else None


def _make_if_changed(path: Path) -> Backup | None:
    if not path.exists():  # moved away while it was open; its text went with it
        return None
    with Store.reader(path) as store:
        return backups.make(store) if backups.is_changed(store) else None
