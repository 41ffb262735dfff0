"""The ways on from damage: what is offered where a book, or the text of one scene, can't be read as it was written."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from writer import backups, files, library
from writer.backups import Backup
from writer.errors import DamagedError, ForeignError, ProjectError, WriterError
from writer.i18n import _
from writer.store import Store
from writer.store.salvage import Salvaged, salvage
from writer.story import Scene
from writer.text import said_time
from writer.ui.notice import Action
from writer.ui.said import said_when
from writer.ui.session import Harm, Session

if TYPE_CHECKING:
    from writer.ui.window import Window


@dataclass(frozen=True, slots=True)
class Kept:
    """A scene as it is in a backup of this time."""

    scene: Scene
    time: int


class Rescue(QObject):
    """Says what is damaged, and does what the author chooses; the damaged file is never written to."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window

    # -- a whole book ------------------------------------------------------------

    def offer(self, path: Path, error: Exception) -> None:
        """Say why a book can't be read, and offer what helps."""
        window = self._window
        if isinstance(error, ForeignError):
            self._say(error, [(_("Make a clean copy"), partial(self.save_rest, path, is_foreign=True))])
        elif isinstance(error, WriterError):
            window.backups.do(
                lambda: bool(backups.of(path)),
                lambda has_backup: self._say(error, self._ways(path, error, has_backup=has_backup)),
                lambda _error: self._say(error, self._ways(path, error, has_backup=False)),
            )
        else:
            window.show_error(error)

    def _ways(self, path: Path, error: Exception, *, has_backup: bool) -> list[Action]:
        ways: list[Action] = []
        if has_backup:
            ways.append((_("Open the newest backup"), partial(self.open_backup, path)))
        if isinstance(error, DamagedError):
            ways.append((_("Save what can be read"), partial(self.save_rest, path)))
        return ways

    def _say(self, error: Exception, ways: list[Action]) -> None:
        window = self._window
        if window.session is not None:  # else the empty desk has these two
            ways = [*ways, (_("Open another…"), window.books.open), (_("New book…"), window.books.new)][:2]
        window.show_error(error, topic="open", actions=ways)

    def open_backup(self, path: Path) -> None:
        """Make a new book of the newest backup that is whole, and open it."""
        window = self._window
        window.notice.progress(_("Making a book of the backup…"), 0, 0, "rescue")

        def done(made: tuple[Path, Backup]) -> None:
            copy, backup = made
            window.opening.open(copy)
            window.notice.say(
                _("This is the book as it was: {time}. It is a new file, “{name}”; the damaged one stays.").format(
                    time=said_when(backup.time, int(time.time())), name=copy.name
                ),
                topic="rescue",
            )

        def failed(error: Exception) -> None:
            window.show_error(
                error, topic="open", actions=[(_("Save what can be read"), partial(self.save_rest, path))]
            )

        window.backups.do(lambda: _copy_of_newest(path), done, failed)

    def save_rest(self, path: Path, *, is_foreign: bool = False) -> None:
        """Make a new book of all that can be read, open it, and say what it is."""
        window = self._window
        # Nothing but SQLite may have the file open, or its locks would be lost.
        was_open = window.project_path == path
        if was_open and not window.closing.put_away():
            return
        window.notice.progress(_("Reading what there is…"), 0, 0, "rescue")

        def done(found: Salvaged) -> None:
            window.opening.open(found.path)
            said = _("{found} The new file is “{name}”; the old one stays as it is.")
            window.notice.say(said.format(found=found.sentence, name=found.path.name), topic="rescue")

        def failed(error: Exception) -> None:
            if was_open:
                window.opening.open(path)
            window.show_error(error, topic="open")

        name = _("{name} (clean copy)") if is_foreign else _("{name} (recovered)")
        window.backups.do(lambda: salvage(path, _free(path, name.format(name=path.stem))), done, failed)

    # -- one scene ---------------------------------------------------------------

    def offer_scene(self, session: Session, harm: Harm) -> None:
        """Say that a scene's text is damaged, and offer its last good version, or else that of the newest backup."""
        if session is not self._window.session:
            return
        if self._window.scene is not None:
            self._window.scenes.mark(self._window.scene)
        if harm.version is not None and not session.read_only:
            when = said_when(harm.version.time, int(time.time()))
            said = _("“{title}” was damaged on the disk. Its last good version: {time}.")
            take = (
                _("Take the last good version"),
                partial(self._take_version, session, harm.scene.id, harm.version.id),
            )
            self._say_harm(session, harm, said.format(title=_title(harm), time=when), [take])
        else:
            self._window.backups.do(
                lambda: _in_newest(session.path, harm.scene.id),
                partial(self._offer_kept, session, harm),
                lambda _error: self._offer_kept(session, harm, None),
            )

    def _offer_kept(self, session: Session, harm: Harm, kept: Kept | None) -> None:
        if session is not self._window.session:
            return
        if kept is None or session.read_only:
            said = _(
                "“{title}” was damaged on the disk, and there is no good version of it in the book or a backup; look "
                "at it as it is, and write anew what is missing."
            )
            if session.read_only:
                said = _(
                    "“{title}” was damaged on the disk; open the book for writing to take an earlier version of it."
                )
            self._say_harm(session, harm, said.format(title=_title(harm)), [])
            return
        said = _("“{title}” was damaged on the disk. The newest backup has it as it was: {time}.")
        take = (_("Take it from the backup"), partial(self._take_kept, session, kept.scene))
        self._say_harm(
            session, harm, said.format(title=_title(harm), time=said_when(kept.time, int(time.time()))), [take]
        )

    def _say_harm(self, session: Session, harm: Harm, said: str, ways: list[Action]) -> None:
        self._window.notice.say(
            said, *ways, (_("Show it as it is"), partial(self._show, session, harm.scene)), topic="harm"
        )

    def _show(self, session: Session, scene: Scene) -> None:
        if session is self._window.session:
            session.save()
            session.show(scene)

    def _take_version(self, session: Session, scene: int, version: int) -> None:
        self._change(session, scene, lambda store: store.revisions.restore(version))

    def _take_kept(self, session: Session, kept: Scene) -> None:
        self._change(session, kept.id, lambda store: store.save(kept.id, kept.text, kept.credits))

    def _change(self, session: Session, scene: int, work: Callable[[Store], Scene]) -> None:
        """Put a good text in the place of a damaged one, of which a version is kept, and show it."""
        if session is not self._window.session:
            return

        def shown(_scene: Scene) -> None:
            session.documents.drop(scene)
            session.visit(scene)
            self._window.notice.say(_("The good text is back. The damaged one is in “Earlier versions”."), topic="harm")

        session.save()
        session.change_outline(work, shown)


def _title(harm: Harm) -> str:
    return harm.scene.title or _("Untitled")


def _copy_of_newest(path: Path) -> tuple[Path, Backup]:
    newest = backups.newest_good(path)
    if newest is None:
        raise ProjectError(
            _("None of the backups of “{name}” is whole; save what can be read of the book.").format(name=path.name)
        )
    day = said_time(newest.time, "%Y-%m-%d")
    copy = _free(path, _("{name} (backup of {day})").format(name=path.stem, day=day))
    backups.restore(newest.path, copy)
    return copy, newest


def _in_newest(path: Path, scene: int) -> Kept | None:
    """A scene as it is in the newest backup that is whole and has it."""
    newest = backups.newest_good(path)
    if newest is None:
        return None
    with tempfile.TemporaryDirectory(prefix="writer-") as folder:
        copy = Path(folder) / path.name
        backups.restore(newest.path, copy)
        with Store.reader(copy) as store:
            return Kept(store.scene(scene), newest.time)


def _free(path: Path, name: str) -> Path:
    """A name beside a book that no file has yet; in the books folder where nothing can be written beside it."""
    folder = path.parent
    if not files.is_writable(folder):
        folder = library.books_folder()
        folder.mkdir(parents=True, exist_ok=True)
    return files.free(folder / f"{name}.writer")
