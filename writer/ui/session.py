"""An open project: its two lines of work, the scenes that are being edited, and when they are saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Signal

from writer.errors import ProjectError
from writer.i18n import _
from writer.store import Store, copies
from writer.story import OutlineNode, Plan, Project, Revision, Scene, Task
from writer.text import count_words
from writer.ui import utf16
from writer.ui.documents import Documents, Look, Visit
from writer.ui.worker import Line

SAVE_AFTER_MS = 400
RETRY_AFTER_MS = 3000
REST_MS = 5000
"""After so long without a save, what was saved goes from the log into the file itself."""
SETTLE_S = 10.0


@dataclass(frozen=True, slots=True)
class Harm:
    """A scene whose text changed on the disk since it was saved."""

    scene: Scene
    """As it is now."""
    version: Revision | None
    """The newest that is good."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What the window needs to show a project that was just opened."""

    project: Project
    nodes: list[OutlineNode]
    scene: Scene
    caret: int
    why_read_only: str
    recovered: tuple[str, ...] | None
    """The titles of the scenes that were written last if the last session was never closed."""
    harm: Harm | None = None
    """What happened to the scene that should have been shown."""
    binned: tuple[OutlineNode, ...] = ()
    plans: dict[int, Plan] = field(default_factory=dict)


class Session(QObject):
    """One project on the desk, from opening to closing."""

    opened = Signal(object)
    refused = Signal(object)
    outline_changed = Signal(list)
    bin_changed = Signal(list)
    plans_changed = Signal(object)
    """What is planned for each node, and under 0 for the book; ``outline_changed`` follows."""
    scene_ready = Signal(object)
    harmed = Signal(object)
    counted = Signal(int, int)
    """A scene's words after a save."""
    saving = Signal()
    saved = Signal()
    save_failed = Signal(object)
    failed = Signal(object)

    def __init__(self, path: Path, look: Look, parent: QObject | None = None, *, why_read_only: str = "") -> None:
        """Open a project for writing, or for reading only with the reason why."""
        super().__init__(parent)
        self.path = path
        self.why_read_only = why_read_only
        self.is_locked = bool(why_read_only)
        """Whether it is only read because somebody else writes it."""
        self.documents = Documents(self, look)
        self._unsaved: dict[int, Exception] = {}
        self._advancing: dict[int, tuple[Task, Callable[[Scene], None]]] = {}
        self._place: tuple[int, int] | None = None
        self._closed = False
        self._pending = 0
        self._is_late = False
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._on_timer)
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self.fold)
        self._storage = Line("storage", lambda: Store.open(path, read_only=bool(why_read_only)))
        self._storage.submit(
            lambda store: _survey(store, why_read_only),
            returned=self._while_open(self._on_opened),
            failed=self._while_open(self.refused.emit),
        )
        self._jobs: Line | None = None
        self._reading: Line | None = None
        self._recalling: Line | None = None

    @property
    def read_only(self) -> bool:
        """Whether nothing can be changed."""
        return bool(self.why_read_only)

    @property
    def jobs(self) -> Line:
        """The line of work that reads the project beside its writer: suggestions and all that is slow."""
        if self._jobs is None:
            self._jobs = Line("jobs", lambda: Store.reader(self.path))
        return self._jobs

    @property
    def recalling(self) -> Line:
        """The line of work that reads what is remembered of the book, beside suggestions."""
        if self._recalling is None:
            self._recalling = Line("recalling", lambda: Store.reader(self.path))
        return self._recalling

    @property
    def is_dirty(self) -> bool:
        """Whether something in the page is not in the file yet."""
        return any(not visit.is_saved for visit in self.documents)

    def visit(self, scene: int) -> None:
        """Fetch a scene for the page; ``scene_ready`` brings it, or ``harmed`` says why not."""
        kept = self.documents.get(scene)
        if kept is not None:
            self.scene_ready.emit(kept)
            return
        self._submit(lambda store: _look(store, scene), self._on_looked)

    def show(self, scene: Scene) -> None:
        """Bring a scene to the page just as it is given here."""
        self.scene_ready.emit(self.documents.open(scene))

    def _on_looked(self, found: Scene | Harm) -> None:
        if isinstance(found, Harm):
            self.harmed.emit(found)
        else:
            self.show(found)

    # -- saving ------------------------------------------------------------------

    def touch(self) -> None:
        """Something was typed: it will be in the file within half a second."""
        if self.read_only:
            return
        if not self._timer.isActive():
            self._timer.start(SAVE_AFTER_MS)
        if not self._unsaved:
            self.saving.emit()

    def _on_timer(self) -> None:
        """Save, but behind no save that still waits, perhaps for another program's lock: they would pile up."""
        if self._pending:
            self._is_late = True
        else:
            self.save()

    def save(self) -> None:
        """Hand all changed scenes to the storage line now."""
        self._timer.stop()
        if self.read_only:
            return
        for visit in self.documents:
            if not visit.is_saved and not visit.is_handed_over:
                self._save(visit)
        if not self.is_dirty:
            self.saved.emit()

    def count(self, scene: Scene) -> None:
        """A scene was saved elsewhere than here: tell how many words it has."""
        self.counted.emit(scene.id, count_words(scene.text))

    def fold(self) -> None:
        """Put what was saved into the project file itself, so that a copy made of that alone is complete."""
        if not self.read_only and not self._closed:
            self._storage.submit(_with_store(lambda store: store.fold()))

    def advance(self, visit: Visit, task: Task, then: Callable[[Scene], None]) -> None:
        """Save a scene now together with how far its draft is, in the same save however often it has to be tried."""
        self._advancing[visit.scene] = task, then
        self._save(visit)

    def _save(self, visit: Visit) -> None:
        prose, credits, scene = visit.text, visit.credits, visit.scene
        advancing = self._advancing.get(scene)
        handing = visit.hand_over()
        self._pending += 1

        def work(store: Store) -> tuple[Scene, int]:
            if advancing is None:
                return store.save(scene, prose, credits), count_words(prose)
            return store.tasks.advance(advancing[0], prose, credits), count_words(prose)

        def done(result: tuple[Scene, int]) -> None:
            self._pending -= 1
            visit.keep(handing)
            self._unsaved.pop(scene, None)
            if advancing is not None and self._advancing.get(scene) == advancing:
                del self._advancing[scene]
                advancing[1](result[0])
            self.counted.emit(scene, result[1])
            self._rest.start()
            if not self.is_dirty:
                self.saved.emit()
            elif self._is_late and not self._pending:
                self._is_late = False
                self.save()

        def failed(error: Exception) -> None:
            self._pending -= 1
            self._is_late = False
            visit.lose(handing)
            self._unsaved[scene] = error
            self.save_failed.emit(error)
            self._timer.start(RETRY_AFTER_MS)

        self._storage.submit(_with_store(work), returned=self._while_open(done), failed=self._while_open(failed))

    def keep_place(self, visit: Visit, position: int) -> None:
        """Remember scene and caret for the next time the project is opened."""
        if self.read_only:
            return
        place = self._place = (visit.scene, utf16.to_points(visit.text, position))
        # Where a project can't be written, its text is what the author hears of.
        self._storage.submit(_with_store(lambda store: _put_place(store, place)))

    def save_as(self, path: Path, done: Callable[[], None]) -> None:
        """Write a complete copy of the project with what is on the page, saved here or not, then call ``done``."""
        self.save()
        live = {visit.scene: (visit.text, visit.credits) for visit in self.documents if not visit.is_saved}
        place = self._place

        def finish(copy: Store) -> None:
            for scene, (prose, credits) in live.items():
                copy.save(scene, prose, credits)
            if place is not None:
                _put_place(copy, place)

        def finished(_result: None) -> None:
            unsaved = [visit for visit in self.documents if not visit.is_saved]
            if any((visit.text, visit.credits) != live.get(visit.scene) for visit in unsaved):
                self.save_as(path, done)  # typed while the copy was made
                return
            self._unsaved.clear()
            for visit in unsaved:
                visit.settle(saved=True)
            done()

        self._submit(lambda store: copies.save_as(store, path, finish), finished)

    def look_again(self) -> None:
        """The project is another file now, under the same name: whoever reads it has to open it anew."""
        for line in (self._jobs, self._reading, self._recalling):
            if line is not None:
                line.close()
        self._jobs = self._reading = self._recalling = None
        self.saved.emit()

    def inherit(self, other: Session) -> None:
        """Go on with what was typed into another file of this project since this one was copied from it."""
        for visit in other.documents:
            if not visit.is_saved:
                mine = self.documents.open(Scene(visit.scene, "", visit.text, 0, visit.credits))
                mine.settle(saved=False)
                self.touch()

    def settle(self) -> Exception | None:
        """Save now and wait for it; what could not be saved is the answer, and stays in the page."""
        self.save()
        idle = self._storage.wait(SETTLE_S)
        # The answers of the last saves are still on their way through the event queue.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.MetaCall.value)
        if idle and not self.is_dirty:
            return None
        busy = ProjectError(_("The project file is still busy; try again in a moment."))
        return next(iter(self._unsaved.values()), busy)

    def close(self) -> None:
        """Close the file and end both lines; call ``settle`` first. Nothing is heard of it afterwards."""
        self._closed = True
        self._timer.stop()
        self._rest.stop()
        lines = (self._jobs, self._reading, self._recalling)
        self._jobs = self._reading = self._recalling = None
        for line in lines:
            if line is not None:
                line.close()
        self._storage.close()

    # -- reading -----------------------------------------------------------------

    def read(self, work: Callable[[Store], Any], then: Callable[[Any], None] = lambda _: None) -> None:
        """Run something long on all that was typed so far, beside saving, and pass on what it returned."""

        def begin() -> None:
            if self._reading is None:
                self._reading = Line("reading", lambda: Store.reader(self.path))
            self._reading.submit(
                _with_store(work), returned=self._while_open(then), failed=self._while_open(self.failed.emit)
            )

        self.after_saving(begin, self.failed.emit)

    def after_saving(self, then: Callable[[], None], failed: Callable[[Exception], None]) -> None:
        """Save, and call ``then`` once all that waited is in the file, or ``failed`` with why it isn't."""
        self.save()

        def reached(_result: None) -> None:
            if self._unsaved:
                failed(next(iter(self._unsaved.values())))
            else:
                then()

        self._submit(lambda _store: None, reached)

    # -- earlier versions --------------------------------------------------------

    def keep(self, scene: int, reason: str, name: str, then: Callable[[Revision | None], None]) -> None:
        """Save, then keep a scene as it is; pass on the revision, or None if the newest one is just that."""
        self.save()

        def kept(revision: Revision | None) -> None:
            if scene in self._unsaved:  # then it is not the page that was kept
                self.failed.emit(self._unsaved[scene])
            else:
                then(revision)

        self._submit(lambda store: store.revisions.keep(scene, reason, name), kept)

    # -- the outline -------------------------------------------------------------

    def add(self, title: str, parent: int | None, after: int | None, then: Callable[[int], None]) -> None:
        """Add a node behind a sibling, show the outline again, and pass on the new node's id."""
        self.change_outline(lambda store: store.add(title, parent, after), then)

    def rename(self, node: int, title: str) -> None:
        """Give a node another title."""
        self.change_outline(lambda store: store.rename(node, title))

    def remove(self, node: int, then: Callable[[Any], None]) -> None:
        """Put a node and what is below it into the bin."""
        self.save()
        self.change_outline(lambda store: store.remove(node), then)

    def change_outline(self, work: Callable[[Store], Any], then: Callable[[Any], None] = lambda _: None) -> None:
        """Run a change of the outline, show the outline again, and pass on what the change returned."""
        self._submit(work, then)
        self.refresh()

    def change(self, work: Callable[[Store], Any], then: Callable[[Any], None] = lambda _: None) -> None:
        """Run a change that leaves the outline as it is, and pass on what it returned."""
        self._submit(work, then)

    def hand(
        self, work: Callable[[Store], Any], then: Callable[[Any], None], failed: Callable[[Exception], None]
    ) -> None:
        """Run a change for somebody who also wants to hear if it failed."""
        self._storage.submit(_with_store(work), returned=self._while_open(then), failed=self._while_open(failed))

    def refresh(self) -> None:
        """Read the outline again."""

        def show(found: tuple[dict[int, Plan], list[OutlineNode]]) -> None:
            self.plans_changed.emit(found[0])
            self.outline_changed.emit(found[1])

        # With the places, which are known already then when a change looks how the outline stood before it.
        self._submit(lambda store: (dict(store.arrangement().plans), store.nodes()), show)
        self._submit(lambda store: store.binned(), self.bin_changed.emit)

    def _submit(self, work: Callable[[Store], Any], then: Callable[[Any], None] = lambda _: None) -> None:
        self._storage.submit(
            _with_store(work), returned=self._while_open(then), failed=self._while_open(self.failed.emit)
        )

    def _while_open(self, slot: Callable[[Any], Any]) -> Callable[[Any], None]:
        """The slot, deaf once the project is closed: its answers are still on their way then."""

        def call(value: Any) -> None:
            if not self._closed:
                slot(value)

        return call

    def _on_opened(self, opened: Opened) -> None:
        self.why_read_only = opened.why_read_only
        self.opened.emit(opened)


def _with_store(work: Callable[[Store], Any]) -> Callable[[Store | None], Any]:
    def run(store: Store | None) -> Any:
        assert store is not None
        return work(store)

    return run


def _put_place(store: Store, place: tuple[int, int]) -> None:
    scene, caret = place
    store.put("scene", str(scene))
    store.put("caret", str(caret))


def _number(text: str) -> int | None:
    """A number that was kept as text; None for anything else that a file may hold there."""
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _survey(store: Store | None, why_read_only: str) -> Opened:
    assert store is not None
    nodes = store.nodes()
    if not nodes and not store.read_only:
        store.add(_("Scene 1"))
        nodes = store.nodes()
    if not nodes:
        raise ProjectError(_("{path} holds no scene; open another book.").format(path=store.path.name))
    ids = {node.id for node in nodes}
    wanted = _number(store.get("scene"))
    first = wanted if wanted is not None and wanted in ids else nodes[-1].id
    found = _look(store, first)
    scene = found if isinstance(found, Scene) else _another(store, [node.id for node in nodes]) or found.scene
    caret = _number(store.get("caret")) if scene.id == wanted else None
    return Opened(
        store.project,
        nodes,
        scene,
        len(scene.text) if caret is None else caret,
        why_read_only or store.why_read_only,
        store.recovered,
        found if isinstance(found, Harm) else None,
        tuple(store.binned()),
        store.plans.all(),
    )


def _look(store: Store, id: int) -> Scene | Harm:
    """A scene; if its text was damaged, what there is of it. ProjectError if there is nothing."""
    try:
        return store.scene(id)
    except ProjectError:
        return Harm(store.scene(id, unchecked=True), store.revisions.newest_good(id))


def _another(store: Store, ids: list[int]) -> Scene | None:
    """The last of these scenes that is whole."""
    for id in reversed(ids):
        found = _look(store, id)
        if isinstance(found, Scene):
            return found
    return None
