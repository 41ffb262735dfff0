"""Drafts as they are written: each passage goes through the page where its scene is open, and never behind its back."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from random import randrange
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QObject, QTimer, Signal

from writer.credits import shifted
from writer.engines import BackgroundEngine
from writer.errors import WriterError
from writer.i18n import _
from writer.settings import Settings
from writer.store import Store
from writer.story import Credit, Scene, Task
from writer.ui.documents import Visit
from writer.ui.kept import Answer, Kept
from writer.ui.overheard import Overheard, streamed
from writer.ui.work import Order, Work

if TYPE_CHECKING:
    from writer.draft import Addition, Drafted, Progress
    from writer.ui.session import Session
    from writer.ui.window import Window

EDGE = 20
"""So many characters at either end of a passage tell whether it is still there."""
LOOK_MS = 100
"""While the author types where a passage is to go, it waits so long and looks again."""
TYPING_S = 1.5
"""After so long without a key, no author is in the middle of a sentence."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the author wants drafted: what waits already or else all that has no text, or what is below these nodes."""

    nodes: tuple[int, ...] | None = None
    words: int | None = None
    """How many all of it is to have."""


def drafted(
    store: Store, engine: BackgroundEngine, settings: Settings, kept: Kept, wish: Wish, put: Callable[[Addition], Any]
) -> Generator[Progress, None, Drafted]:
    """Draft what is wished for; ``put`` brings each passage into its scene."""
    from writer.draft import draft  # not before it is wanted: the window comes first

    seed = settings.seed or randrange(1, 2**31 - 1)
    heard = Overheard(engine)
    work = draft(
        store,
        cast(BackgroundEngine, heard),
        settings,
        kept.write,
        nodes=wish.nodes,
        words=wish.words,
        seed=seed,
        put=put,
    )
    return (yield from streamed(work, heard))


class Writing(QObject):
    """Begins, pauses and goes on; knows the queue, and what is being written now."""

    progressed = Signal(object)
    """A ``Progress``."""
    came = Signal(int, str)
    """A passage is in the scene of this node now."""
    queue_changed = Signal()
    over = Signal(object, object)
    """It came to an end: what was drafted and the wish, or an error and the wish."""
    halted = Signal()
    """It began, was paused or is over."""

    def __init__(self, window: Window, work: Work) -> None:
        super().__init__(window)
        self._window, self._work = window, work
        self._session: Session | None = None
        self._order: Order | None = None
        self._wish = Wish()
        self._resumes = False
        self.draft: Callable[..., Generator[Any, None, Any]] = drafted
        self.queue: list[Task] = []
        self.progress: Progress | None = None
        self._last: dict[int, tuple[int, str]] = {}
        """The revision of a scene's document behind the last passage, and the passage."""
        self._came: dict[int, list[Addition]] = {}
        """The passages that came into a scene, as far as none of them was taken back."""
        self._empty: set[int] = set()
        """The scenes in which there was nothing before they were drafted."""
        self._typed = 0.0
        for typed in (window.page.edited, window.page.typed_through, window.page.accepted):
            typed.connect(self._on_typed)
        work.changed.connect(self._on_work)
        window.arranging.stepped.connect(self.refresh)

    @property
    def is_running(self) -> bool:
        """Whether a draft is under way, or waits for the model."""
        return self._order is not None

    @property
    def wish(self) -> Wish:
        """What is being drafted."""
        return self._wish

    @property
    def has_more(self) -> bool:
        """Whether something waits that could be gone on with."""
        return any(task.state in ("waiting", "writing") for task in self.queue)

    def work_on(self, session: Session | None) -> None:
        """Draft in this project from now on, or in none."""
        self._resumes = False
        self._session, self.queue, self.progress = session, [], None
        self._last.clear()
        self._came.clear()
        self._empty.clear()
        if session is not None:
            self.refresh()

    # -- begin and stop ----------------------------------------------------------

    def begin(self, wish: Wish) -> bool:
        """Draft this from now on; False if it can't be, which the author is told."""
        self._resumes = False
        order = Order(
            lambda store, engine, settings, kept: self.draft(
                store, engine, settings, kept, wish, lambda addition: self._put(kept, addition)
            ),
            self._on_progress,
            lambda value, error: self._on_over(order, value, error),
            lambda: self._on_displaced(order),
        )
        if self._order is not None:
            self._work.stop(self._order)
        self._order, self._wish = order, wish
        if not self._work.begin(order):
            self._order = None
            return False
        self.halted.emit()
        return True

    def pause(self) -> None:
        """Stop at once; what is written so far is kept, what is being written is not."""
        self._resumes = False
        if self._order is not None:
            self._work.stop(self._order)

    def _on_progress(self, progress: Progress | None) -> None:
        if progress is None:
            return
        session = self._session
        if session is not None and progress.scene and self._window.binder.node(progress.scene) is None:
            session.refresh()  # the draft made scenes of it first
        is_new = self.progress is None or self.progress.scene != progress.scene
        self.progress = progress
        if is_new:
            self.refresh()
        self.progressed.emit(progress)

    def _on_over(self, order: Order, value: Drafted | None, error: WriterError | None) -> None:
        if order is not self._order:
            return
        self._order, self.progress = None, None
        self.refresh()
        self.halted.emit()
        self.over.emit(error or value, self._wish)

    def _on_displaced(self, order: Order) -> None:
        if order is self._order:
            self._order, self.progress = None, None
            self.refresh()
            self.halted.emit()

    def give_way(self) -> None:
        """Stop for something shorter that the author wants from the model, and go on by itself behind it."""
        if self._order is not None:
            self._work.stop(self._order)
            self._resumes = True

    def _on_work(self) -> None:
        if self._resumes and self._work.order is None and self._session is not None:
            self.begin(replace(self._wish, words=None))

    def _on_typed(self, _text: str = "") -> None:
        self._typed = time.monotonic()

    # -- the queue ---------------------------------------------------------------

    def refresh(self) -> None:
        """Read the queue again."""
        if self._session is not None:
            self._session.change(lambda store: store.tasks.all(), self._on_queue)

    def arrange(self, change: Callable[[list[Task]], list[Task]]) -> None:
        """Change the queue as it is in the file by then."""

        def work(store: Store) -> list[Task]:
            store.tasks.arrange(change(store.tasks.all()))
            return store.tasks.all()

        if self._session is not None:
            self._session.change(work, self._on_queue)

    def _on_queue(self, queue: list[Task]) -> None:
        self.queue = queue
        self.queue_changed.emit()

    # -- passages ----------------------------------------------------------------

    def _put(self, kept: Kept, addition: Addition) -> Scene | None:
        """Bring a passage into its scene, and wait for that; called in the thread of the work."""
        scene: Scene | None = kept.ask(lambda answer: self._bring(kept, addition, answer))
        return scene

    def _bring(self, kept: Kept, addition: Addition, answer: Answer) -> None:
        session, node = self._session, addition.task.node
        if session is None or kept.is_closed:
            return
        if self._is_typing(node):
            QTimer.singleShot(LOOK_MS, session, lambda: self._bring(kept, addition, answer))
            return
        visit = session.documents.get(node)
        if visit is None:
            session.hand(addition.into, lambda scene: self._on_written(addition, scene, answer), answer.fail)
            return
        if not visit.is_saved:
            session.save()

        def look(store: Store) -> bool:
            if not addition.wanted(store):
                return False
            if not addition.before.written and store.scene(node).text.strip():
                store.revisions.keep(node, "generated")
            return True

        def insert(is_wanted: bool) -> None:
            if not is_wanted or kept.is_closed:
                answer.give(None)
            elif self._is_typing(node):
                QTimer.singleShot(LOOK_MS, session, lambda: insert(True))
            else:
                self._insert(session, visit, addition)
                session.advance(visit, addition.task, answer.give)
                self._tell(addition)

        session.hand(look, insert, answer.fail)

    def _is_typing(self, node: int) -> bool:
        """Whether the author is in the middle of something at the end of this scene."""
        page = self._window.page
        if page.visit is None or page.visit.scene != node:
            return False
        is_recent = time.monotonic() - self._typed < TYPING_S
        return page.is_composing or (is_recent and page.textCursor().atEnd())

    def _insert(self, session: Session, visit: Visit, addition: Addition) -> None:
        node, before = visit.scene, visit.text
        joint = addition.joint(before)
        if not addition.before.written:
            self._empty.discard(node) if before.strip() else self._empty.add(node)
        new = joint + addition.text
        credits = (Credit(0, len(addition.text), addition.origin),) if addition.origin is not None else ()
        last = self._last.get(node)
        is_next = last is not None and last[0] == visit.document.revision()
        self._window.page.add_at_end(
            visit, new, shifted(credits, len(joint)), joined=is_next, follows=is_next or self._wish.nodes == (node,)
        )
        self._last[node] = visit.document.revision(), new
        self._came[node] = [*(self._came.get(node, []) if addition.before.written else []), addition]

    def _on_written(self, addition: Addition, scene: Scene | None, answer: Answer) -> None:
        """It is in the file; the author may have opened the scene meanwhile as it was before."""
        session = self._session
        visit = session.documents.get(addition.task.node) if session is not None else None
        missing = visit is not None and scene is not None and not visit.text.endswith(addition.text)
        if session is not None and visit is not None and scene is not None and missing:
            if not visit.is_saved or not scene.text.startswith(visit.text):
                self._insert(session, visit, addition)  # with what the author wrote in between
                session.touch()
            else:
                rest = scene.text[len(visit.text) :]
                start = len(rest) - len(addition.text)
                origin = addition.origin
                credits = (Credit(start, len(rest), origin),) if origin is not None else ()
                self._window.page.add_at_end(visit, rest, credits)
                visit.settle(saved=True)
        answer.give(scene)
        self._tell(addition)
        if scene is not None and session is not None:
            session.count(scene)

    def _tell(self, addition: Addition) -> None:
        self.queue = [addition.task if task.node == addition.task.node else task for task in self.queue]
        self.came.emit(addition.task.node, addition.text)
        self.queue_changed.emit()

    # -- taking back -------------------------------------------------------------

    def was_taken_back(self, visit: Visit) -> bool:
        """Whether the passage that came last is not in the scene any more."""
        came = self._came.get(visit.scene, [])
        return bool(came) and _is_gone(came[-1].text, visit.text)

    def go_back(self, visit: Visit) -> None:
        """Let the draft of a scene be as far as the text is from which passages were taken back."""
        came, text = self._came.get(visit.scene, []), visit.text
        before = None
        while came and _is_gone(came[-1].text, text):
            before = came.pop().before
        if before is None:
            return
        back = {name: getattr(before, name) for name in ("state", "beat", "written", "tries", "missed")}
        self.arrange(lambda tasks: [replace(one, **back) if one.node == visit.scene else one for one in tasks])

    def take_back(self, scene: int) -> None:
        """Let a scene be as it was before it was drafted; as it is now is kept among its earlier versions."""
        session, page = self._session, self._window.page
        if session is None:
            return
        was_empty = scene in self._empty
        if self._order is not None and self.progress is not None and self.progress.scene == scene:
            self.pause()
        session.save()

        def find(store: Store) -> Scene | None:
            drafted = [kept for kept in store.revisions.of(scene) if kept.reason == "generated"]
            before = store.revisions.read(drafted[0].id) if drafted and not was_empty else None
            store.revisions.keep(scene, "restore")
            store.tasks.arrange([task for task in store.tasks.all() if task.node != scene])
            return before

        def bring(before: Scene | None) -> None:
            text, credits = (before.text, before.credits) if before is not None else ("", ())
            visit = session.documents.get(scene)
            self._last.pop(scene, None)
            self._came.pop(scene, None)
            self.refresh()
            if visit is None:
                session.change(lambda store: store.save(scene, text, credits), session.count)
            elif page.visit is visit:
                page.replace_text(text, credits)
            else:
                session.documents.rewrite(visit, Scene(scene, "", text, 0, credits), saved=False)
                session.touch()
            self._window.notice.say(
                _("The scene is as it was before; what was written is among its earlier versions."),
                (_("Earlier versions…"), self._window.revisions.show),
                topic="versions",
            )

        session.change(find, bring)


def _is_gone(passage: str, text: str) -> bool:
    """Whether nothing of a passage is in a text any more; one that the author only changed is still there."""
    words = passage.strip()
    edge = min(EDGE, (len(words) + 1) // 2)
    return words[:edge] not in text and words[-edge:] not in text
