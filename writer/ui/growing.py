"""The outline as the model grows it, from the premise or below a node: stopped at any time, taken back as a whole."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from writer.engines import BackgroundEngine
from writer.errors import WriterError
from writer.i18n import _, ngettext
from writer.settings import Settings
from writer.store import Store, kind
from writer.store.arrangement import Arrangement
from writer.store.plans import BOOK
from writer.story import OutlineNode, Plan
from writer.ui.kept import Kept
from writer.ui.neighbours import heir
from writer.ui.said import said_left
from writer.ui.seed import Seed, Wanted
from writer.ui.steps import Step
from writer.ui.thinking import Thinking, seed
from writer.ui.underway import Underway
from writer.ui.work import Order, Work
from writer.ui.writing import Writing

if TYPE_CHECKING:
    from writer.outline import Grown, Progress
    from writer.ui.session import Session
    from writer.ui.window import Window


@dataclass(frozen=True, slots=True)
class Start:
    """What the author sees before an outline grows."""

    premise: str
    words: int
    shape: str
    kept: int
    """How many nodes there are already that say something, where it is to grow."""
    arrangement: Arrangement
    blank: int | None
    """The empty scene with which a new book begins, if there is nothing else."""


class Growing(QObject):
    """Grows outlines; what it makes is told below the page, and can be taken back."""

    def __init__(self, window: Window, work: Work, writing: Writing, underway: Underway) -> None:
        super().__init__(window)
        self._window, self._work, self._writing, self._underway = window, work, writing, underway
        self._session: Session | None = None
        self._order: Order | None = None
        self._before: Arrangement | None = None
        self._made = 0
        self._blank: int | None = None
        self.dialog: Seed | None = None
        self.grow: Callable[..., Generator[Any, None, Any]] = grown
        self.thinking = Thinking(window, self, underway)
        window.outline.menu_wanted.connect(self._fill_menu)

    @property
    def is_running(self) -> bool:
        """Whether an outline grows, or the model thinks of a node."""
        return self._order is not None

    def work_on(self, session: Session | None) -> None:
        """Grow the outline of this project from now on, or of none."""
        self._session, self._before = session, None
        self.thinking.work_on(session)
        if self.dialog is not None:
            self.dialog.reject()

    def stop(self) -> None:
        """Stop at once; what has grown stays until it is taken back."""
        if self._order is not None:
            self._work.stop(self._order)

    # -- growing -----------------------------------------------------------------

    def ask(self, node: int | None = None) -> None:
        """Ask what the outline is to grow from and how far, then grow it: of the book, or below a node."""
        session = self._session
        if session is None or not self._work.can():
            return
        self._window.plan.keep()
        session.save()

        def show(start: Start) -> None:
            known = self._window.binder.node(node)
            title = (known.title or _("Untitled")) if known is not None else ""
            self.dialog = Seed(self._window, start.premise, start.words, start.shape, start.kept, title)
            self.dialog.accepted_as.connect(lambda wanted: self._begin(node, wanted, start))
            self.dialog.finished.connect(lambda _result: setattr(self, "dialog", None))
            self.dialog.open()

        session.change(lambda store: _start(store, node), show)

    def _begin(self, node: int | None, wanted: Wanted, start: Start) -> None:
        session = self._session
        if session is None:
            return
        self._before, self._made, self._blank = start.arrangement, 0, start.blank
        self._window.notice.clear("grow")  # what it takes back is what grew before
        if node is None and wanted.premise != start.premise.strip():
            self._window.change_project(premise=wanted.premise)

        def put(store: Store) -> None:
            with store.transaction():
                plan = store.plans.get(BOOK if node is None else node)
                if wanted.words != plan.target_words:
                    store.plans.put(BOOK if node is None else node, replace(plan, target_words=wanted.words))
                if node is None and wanted.shape is not None:
                    kind.put_shape(store, wanted.shape)

        session.change(put, lambda _done: self._grow(node, wanted))
        if node is None and wanted.shape is not None:
            self._window.sourced.switched.emit(wanted.shape.kind == kind.ARTICLE)

    def _grow(self, node: int | None, wanted: Wanted) -> None:
        self.run(
            lambda store, engine, settings, kept: self.grow(store, engine, settings, kept, node, wanted),
            self._on_grown,
            self._on_all_grown,
            _("Growing the outline"),
        )

    def _on_grown(self, progress: Progress) -> None:
        node, total = progress.node, progress.total
        said = _("Growing the outline: {done} of {total}").format(done=progress.done, total=total)
        if node is not None:
            self._made += 1
            if self._session is not None:
                self._session.refresh()
        now = _("{first} · {second}").format(first=node.title, second=node.plan.synopsis) if node is not None else None
        if progress.done and progress.seconds_left:
            said = _("{first} · {second}").format(first=said, second=said_left(progress.seconds_left))
        # Until something is there, the bar only says that the model is at work.
        self._underway.tell("grow", said, now, progress.done, total if progress.done else 0, (_("Stop"), self.stop))

    def _on_all_grown(self, result: Grown | None, error: WriterError | None) -> None:
        if self._session is not None:
            self._session.refresh()
        said = str(error) if error is not None else ""
        if self._made:
            self._make_a_step()
            new = ngettext("{n} part of the outline is new.", "{n} parts of the outline are new.", self._made)
            said = " ".join(one for one in (new.format(n=self._made), said) if one)
        elif error is None and result is not None:
            said = _("The outline has all of that already; ask for more levels, or more in each part.")
        notes = result.notes if result is not None else ()
        for note in notes:
            said = _("{first} {second}").format(first=said, second=note)
        if not said:
            return
        actions = [(_("Take back"), self.take_back)] if self._made else []
        if self._made and not self._window.is_outlined:
            actions.append((_("Show the outline"), self._show_outline))
        self._window.notice.say(said, *actions, topic="grow")

    def _show_outline(self) -> None:
        if not self._window.is_outlined:
            self._window.panels.toggle_outline()

    def _make_a_step(self) -> None:
        """Let what has grown be one step for undo; the book begins with it, not with the empty scene of a new book."""
        session, before, blank = self._session, self._before, self._blank
        if session is None or before is None:
            return
        session.save()

        def work(store: Store) -> tuple[Step, int | None]:
            with store.transaction():
                return _step(store, before, blank)

        def done(made: tuple[Step, int | None]) -> None:
            step, first = made
            self._window.arranging.remember(step)
            if first is not None and self._window.scene == blank:
                self._window.outline.stays_at = first
                session.visit(first)

        session.change_outline(work, done)

    def take_back(self) -> None:
        """Let the outline be as it was before it grew, with what the author changed since."""
        session, before, blank = self._session, self._before, self._blank
        if session is None or before is None:
            return
        self.stop()
        self._before = None
        window = self._window

        def work(store: Store) -> set[int]:
            gone = _grown_since(store, before)
            places = store.arrangement().places
            if blank is not None and places[blank].is_binned:
                store.restore(blank)
            for id in gone:
                if places[id].parent not in gone:
                    store.remove(id)
            return gone

        def done(gone: set[int]) -> None:
            if window.scene in gone:
                left = heir(window.scene, gone, window.nodes)
                left = blank if left is None else left
                if left is not None:
                    window.outline.stays_at = left
                    session.visit(left)
            if gone:
                said = ngettext("{n} part is in the bin now.", "{n} parts are in the bin now.", len(gone))
                window.notice.say(said.format(n=len(gone)), topic="grow")

        window.arranging.change(work, _("Take back what grew"), [], done)

    # -- the menu of the outline ---------------------------------------------------

    def _fill_menu(self, menu: QMenu, ids: list[int]) -> None:
        """What the model can do for the nodes chosen in the outline."""
        window = self._window
        session = self._session
        if not ids or not window.settings.suggestions or session is None or session.read_only:
            return
        menu.addSeparator()
        entries: list[tuple[str, Callable[[], None]]] = []
        if len(ids) == 1:
            node = ids[0]
            is_leaf = all(other.parent != node for other in window.nodes)
            entries += [
                (_("Grow what lies in this…"), lambda: self.ask(node)),
                (_("Other ideas for this…"), lambda: self.thinking.ideas(node)),
                (_("Think of this anew"), lambda: self.thinking.renew(node)),
            ]
            if is_leaf:
                entries.append((_("Say step by step what happens"), lambda: self.thinking.beats(node)))
        entries.append((_("Draft this"), lambda: window.drafting.draft(tuple(ids))))
        for label, slot in entries:
            menu.addAction(label).triggered.connect(lambda _checked=False, slot=slot: slot())

    # -- the work ----------------------------------------------------------------

    def run(
        self,
        begin: Callable[[Store, BackgroundEngine, Settings, Kept], Generator[Any, None, Any]],
        yielded: Callable[[Any], None],
        over: Callable[[Any, WriterError | None], None],
        said: str,
    ) -> bool:
        """Let the model do this beside the page, in place of what else grows; False if it can't be."""

        def end() -> bool:
            if self._order is not order:
                return False
            self._order = None
            self._underway.end("grow")
            return True

        order = Order(
            begin,
            lambda value: yielded(value) if value is not None else None,
            lambda value, error: over(value, error) if end() else None,
            lambda: over(None, None) if end() else None,
        )
        self.stop()
        self._writing.give_way()
        self._order = order
        if not self._work.begin(order):
            self._order = None
            return False
        self._underway.tell("grow", said, None, 0, 0, (_("Stop"), self.stop))
        return True


def grown(
    store: Store, engine: BackgroundEngine, settings: Settings, kept: Kept, node: int | None, wanted: Wanted
) -> Generator[Progress, None, Grown]:
    """Grow what is wanted; each node is kept as soon as it is decided."""
    from writer import outline  # not before it is wanted: the window comes first

    def keep(parent: int | None, title: str, plan: Plan, after: int | None) -> int:
        return kept.write(lambda store: outline.directly(store)(parent, title, plan, after))

    return (
        yield from outline.grow(
            store,
            engine,
            settings,
            keep,
            node=node,
            levels=wanted.levels,
            children=wanted.children or None,
            shape=wanted.shape,
            beats=outline.BEATS if wanted.beats else 0,
            seed=seed(settings),
        )
    )


def is_blank(node: OutlineNode, plan: Plan) -> bool:
    """Whether this is a scene as a new book begins with, of which nobody said anything."""
    return not node.words and plan == Plan() and node.title in ("", "Scene 1", _("Scene 1"))


def _start(store: Store, node: int | None) -> Start:
    project, plan = store.project, store.plans.get(BOOK if node is None else node)
    known = store.nodes()
    plans = store.plans.all()
    inside = {node}
    for one in known:
        if one.parent in inside:
            inside.add(one.id)
    told = [one for one in known if one.id in inside - {node} and (one.words or one.id in plans)]
    premise = project.premise
    if node is not None:
        found = next((one for one in known if one.id == node), None)
        premise = (found.synopsis or found.title) if found is not None else ""
    blank = (
        known[0].id if node is None and len(known) == 1 and is_blank(known[0], plans.get(known[0].id, Plan())) else None
    )
    return Start(premise, plan.target_words, kind.shape(store), len(told), store.arrangement(), blank)


def _step(store: Store, before: Arrangement, blank: int | None) -> tuple[Step, int | None]:
    """The step that has grown since, and the first scene of the book now if its empty one was put away."""
    nodes, places = store.nodes(), store.arrangement().places
    new, parents = _grown_since(store, before), {node.parent for node in nodes}
    others = [node.id for node in nodes if node.id != blank and node.id not in parents]
    old = {node.id: places[node.id] for node in nodes if node.id == blank and is_blank(node, store.plans.get(node.id))}
    if not others:  # the author threw away what has grown
        old = {}
    for id in old:
        store.remove(id)
    now = store.arrangement()
    after = Arrangement(
        {id: now.places[id] for id in new | old.keys()}, {id: now.plans[id] for id in new if id in now.plans}
    )
    tops = [node.id for node in nodes if node.id in new and node.parent not in new]
    return Step(_("Grow the outline"), Arrangement(old), after, tuple(tops)), others[0] if old else None


def _grown_since(store: Store, before: Arrangement) -> set[int]:
    """What is new in the outline, without what the author wrote in and all above that."""
    places = store.arrangement().places
    words = {node.id: node.words for node in store.nodes()}
    gone = {id for id in words if id not in before.places}
    for id in words:
        if id not in gone or words[id]:
            above = places[id].parent if id not in gone else id
            while above is not None:
                gone.discard(above)
                above = places[above].parent
    return gone
