"""Putting other words in the place of some, in the whole book at once, and taking that back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QTextCursor

from writer.credits import Credits
from writer.errors import ProjectError
from writer.i18n import _, ngettext
from writer.phrase import Edit, Phrase, edited, turned
from writer.store import Store
from writer.story import Scene
from writer.ui import marks, utf16
from writer.ui.documents import Visit

if TYPE_CHECKING:
    from writer.ui.session import Session
    from writer.ui.window import Window


@dataclass(frozen=True, slots=True)
class Change:
    """What is done to one scene: its text before, what becomes of it, and whose words it has then."""

    scene: Scene
    edits: list[Edit]
    text: str
    credits: Credits | None = None
    """What a model wrote of it; None for what stayed of it."""

    def turned(self) -> Change:
        """The change back."""
        back = turned(self.scene.text, self.edits)
        return Change(replace(self.scene, text=self.text), back, self.scene.text, self.scene.credits)


class Replacing(QObject):
    """Replaces in scenes that are kept open as an author would, in all others in the file, each after a revision."""

    def __init__(self, window: Window, done: Callable[[], None]) -> None:
        super().__init__(window)
        self._window = window
        self._done = done
        self._undoable: dict[int, int] = {}
        """Revisions of the documents that were changed last, by scene."""

    def everywhere(self, phrase: Phrase, by: str) -> None:
        """Replace in the whole book; a line in the window says how often, and takes it back if asked."""
        session = self._window.session
        if session is not None and not session.read_only and phrase.words:
            session.after_saving(lambda: self._begin(session, phrase, by), session.failed.emit)

    def _begin(self, session: Session, phrase: Phrase, by: str) -> None:
        opened = {visit.scene for visit in session.documents}

        def work(store: Store) -> list[Change]:
            changes = wanted(store, phrase, by)
            for change in changes:
                store.revisions.keep(change.scene.id, "change")
            write(store, [change for change in changes if change.scene.id not in opened])
            return changes

        session.change(lambda store: _at_once(store, work), lambda changes: self._replaced(session, opened, changes))

    def _replaced(self, session: Session, opened: Collection[int], changes: list[Change]) -> None:
        self._undoable = {}
        for change in changes:
            visit = session.documents.get(change.scene.id)
            if visit is None and change.scene.id in opened:
                visit = session.documents.open(change.scene)
            if visit is not None and visit.text == change.scene.text:
                self._edit(visit, change.edits)
                self._undoable[visit.scene] = visit.document.revision()
        self._show(session)
        times = sum(len(change.edits) for change in changes)
        if times:
            said = ngettext("Replaced once.", "Replaced {n} times.", times).format(n=f"{times:,}")
            self._window.notice.say(said, (_("Take it back"), lambda: self._take_back(session, changes)))

    def _take_back(self, session: Session, changes: list[Change]) -> None:
        if session is not self._window.session:
            return
        back = [change.turned() for change in changes]
        opened = {visit.scene: visit for visit in session.documents}
        left = 0
        for change in back:
            visit = opened.get(change.scene.id)
            if visit is None:
                continue
            if visit.document.revision() == self._undoable.get(visit.scene):
                self._window.page.clear_ghost()
                visit.document.undo()
            elif visit.text == change.scene.text:
                self._edit(visit, change.edits)
            else:
                left += 1
        others = [change for change in back if change.scene.id not in opened]

        def done(missed: int) -> None:
            for change in others:  # opened since
                visit = session.documents.get(change.scene.id)
                if visit is not None and visit.text == change.scene.text:
                    self._edit(visit, change.edits)
            self._show(session)
            if count := left + missed:
                said = ngettext(
                    "Taken back, but for one scene that was written on since; its earlier version is kept.",
                    "Taken back, but for {n} scenes that were written on since; their earlier versions are kept.",
                    count,
                )
                self._window.notice.say(said.format(n=count))

        session.change(lambda store: _at_once(store, lambda store: write(store, others)), done)

    def _edit(self, visit: Visit, edits: Sequence[Edit]) -> None:
        """Do it in a scene that is open, as one step of undo."""
        places = utf16.all_to_units(visit.text, [(edit.start, edit.end) for edit in edits])
        page = self._window.page
        page.clear_ghost()
        cursor = QTextCursor(visit.document)
        # Undo puts the caret where the cursor was that began the step.
        cursor.setPosition(page.textCursor().position() if page.visit is visit else visit.position)
        cursor.beginEditBlock()
        for edit, (start, end) in zip(reversed(edits), reversed(places), strict=True):
            cursor.setPosition(start)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            cursor.insertText(edit.new, marks.marked(None))
        cursor.endEditBlock()

    def _show(self, session: Session) -> None:
        session.touch()
        session.refresh()
        self._done()


def wanted(store: Store, phrase: Phrase, by: str) -> list[Change]:
    """What replacing changes in the book; a damaged scene stays as it is."""
    changes = []
    for node in store.nodes():
        try:
            scene = store.scene(node.id)
        except ProjectError:
            continue
        edits = [edit for edit in phrase.edits(scene.text, by) if scene.text[edit.start : edit.end] != edit.new]
        if edits:
            changes.append(Change(scene, edits, edited(scene.text, edits)))
    return changes


def write(store: Store, changes: Sequence[Change]) -> int:
    """Write changes of scenes that are still as they were, each after a revision; how many are not."""
    missed = 0
    for change in changes:
        try:
            now = store.scene(change.scene.id)
        except ProjectError:
            missed += 1
            continue
        if now.text != change.scene.text:
            missed += 1
            continue
        store.revisions.keep(now.id, "change")
        store.save(now.id, change.text, change.credits)
    return missed


def _at_once(store: Store, work: Callable[[Store], Any]) -> Any:
    """Do all of it or nothing."""

    def run() -> Any:
        with store.transaction():
            return work(store)

    return store.sparing_index(run)
