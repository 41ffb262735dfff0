"""What the author does with nodes of the outline: each a step that can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from writer.errors import ProjectError
from writer.i18n import _, ngettext
from writer.store import Store
from writer.store.arrangement import Arrangement
from writer.story import OutlineNode, Plan, Scene
from writer.ui.branches import topmost
from writer.ui.neighbours import children, heir, is_there, middle, place_beside
from writer.ui.steps import Step, Steps, stepping, taking_back

if TYPE_CHECKING:
    from writer.ui.session import Session
    from writer.ui.window import Window

OFFERING_UNDO = ("grow", "proposed")
"""Messages that offer to take a step back, which may be back already once the author goes back and forth."""


class Arranging(QObject):
    """Changes the outline of the book on the desk, and remembers the steps."""

    arranged = Signal(list)
    """What to choose when the outline is shown again."""
    added = Signal(int)
    """A new node, whose title is still to be given."""
    stepped = Signal()

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self.steps = Steps()

    def begin(self) -> None:
        """Forget the steps: another book is on the desk."""
        self.steps = Steps()
        self.stepped.emit()

    @property
    def _nodes(self) -> list[OutlineNode]:
        return self._window.nodes

    @property
    def _writable(self) -> Session | None:
        session = self._window.session
        return session if session is not None and not session.read_only else None

    # -- where nodes stand -------------------------------------------------------

    def move(self, ids: Sequence[int], parent: int | None, after: int | None) -> None:
        """Put nodes, in story order, behind a brother, or first under a parent."""

        def work(store: Store) -> None:
            place = after
            for id in ids:
                store.move(id, parent, place)
                place = id

        if not is_there(ids, parent, after, self._nodes):
            self._do(work, self._named(_("Move “{title}”"), ids), ids)

    def shift(self, ids: Sequence[int], by: int) -> None:
        """Move nodes one place up (-1) or down (1), at the end of their chapter into the next."""
        ids = topmost(ids, self._nodes)
        place = place_beside(ids, by, self._nodes) if ids else None
        if place is not None:
            self.move(ids, *place)

    def promote(self, ids: Sequence[int]) -> None:
        """Put nodes behind what they lie in."""
        ids = topmost(ids, self._nodes)

        def work(store: Store) -> None:
            for id in reversed(ids):  # the first would take the others along
                store.promote(id)

        self._do(work, self._named(_("Promote “{title}”"), ids), ids)

    def demote(self, ids: Sequence[int]) -> None:
        """Put nodes into the brother before them."""
        ids = topmost(ids, self._nodes)

        def work(store: Store) -> None:
            for id in ids:
                store.demote(id)

        self._do(work, self._named(_("Demote “{title}”"), ids), ids)

    # -- more of them and fewer --------------------------------------------------

    def add_scene(self, here: int | None) -> None:
        """Add a node behind this one, or into it if it has others below it."""
        node = self._node(here)
        inside = node is not None and bool(self._below(node.id))
        parent = node.id if node is not None and inside else node.parent if node is not None else None
        after = node.id if node is not None and not inside else None
        self._add(_("New scene"), parent, after)

    def add_chapter(self, here: int | None) -> None:
        """Add a node behind what this one lies in."""
        node = self._node(here)
        if node is not None and not self._below(node.id) and node.parent is not None:
            node = self._node(node.parent)
        parent, after = (node.parent, node.id) if node is not None else (None, None)

        def work(store: Store) -> int:
            new = store.add(_("New chapter"), parent, after)
            store.add(_("New scene"), new)
            return new

        self._do(work, _("New chapter"), [], self.added.emit)

    def add_below(self, here: int) -> None:
        """Add a node into this one."""
        self._add(_("New scene"), here, None)

    def _add(self, title: str, parent: int | None, after: int | None) -> None:
        self._do(lambda store: store.add(title, parent, after), title, [], self.added.emit)

    def remove(self, ids: Sequence[int]) -> None:
        """Put nodes with all below them into the bin."""
        window, session, ids = self._window, self._writable, topmost(ids, self._nodes)
        if session is None or not ids:
            return
        gone = set(ids)
        for node in self._nodes:
            if node.parent in gone:
                gone.add(node.id)
        left = [node for node in self._nodes if node.id not in gone]
        if not left:
            window.notice.say(_("A book keeps at least one scene; add another one before you remove this."))
            return
        at = next(index for index, node in enumerate(self._nodes) if node.id == ids[0])
        before = [node for node in self._nodes[:at] if node.id not in gone]
        neighbour = (before[-1] if before else left[0]).id

        def work(store: Store) -> None:
            for id in ids:
                store.remove(id)

        def done(_result: Any) -> None:
            self._leave(gone)
            self.arranged.emit([neighbour])

        self._do(work, self._named(_("Remove “{title}”"), ids), ids, done)

    def _leave(self, gone: set[int], back: Sequence[int] = ()) -> None:
        """Have the page show another scene if its own is not in the book any more, or else one that came back."""
        window, session = self._window, self._window.session
        if session is None:
            return
        if window.scene in gone:
            next_one = heir(window.scene, gone, self._nodes)
            next_one = next(iter(back), None) if next_one is None else next_one
            if next_one is not None:
                window.outline.stays_at = next_one
                session.visit(next_one)
        for scene in gone - {window.scene}:
            session.documents.drop(scene)

    def rename(self, id: int, title: str) -> None:
        """Give a node another title."""
        if title and not self._has_title(id, title):
            self._do(lambda store: store.rename(id, title), _("Rename “{title}”").format(title=title), [id])

    # -- cutting and joining -----------------------------------------------------

    def split(self, id: int) -> None:
        """Make two of a node: its text between the two paragraphs nearest its middle, and its plan with it."""

        def work(store: Store) -> int:
            text = store.scene(id).text
            edge = middle(text)
            if edge is None:
                plan = store.plans.get(id)
                if text.strip() or len(plan.beats) < 2:
                    said = _("“{title}” is too short to be split; write a second paragraph or plan two beats first.")
                    raise ProjectError(said.format(title=self._title(id)))
                edge = len(text)
            return store.split(id, edge, self._title(id))

        self._do(work, self._named(_("Split “{title}”"), [id]), [id], self.added.emit, texts=[id])

    def split_chapter(self, id: int) -> None:
        """Let a new chapter begin with this node: it and its brothers behind it go there."""
        node = self._node(id)
        if node is None or node.parent is None:
            return
        brothers, parent = self._below(node.parent), node.parent
        moving = brothers[brothers.index(id) :]

        def work(store: Store) -> int:
            new = store.add(_("New chapter"), after=parent)
            place = None
            for brother in moving:
                store.move(brother, new, place)
                place = brother
            return new

        self._do(work, _("New chapter"), [id], self.added.emit)

    def merge(self, id: int) -> None:
        """Make a node and its brother behind it one."""
        node = self._node(id)
        if node is None:
            return
        brothers = self._below(node.parent)
        behind = brothers[brothers.index(id) + 1 :][:1]

        def done(gone: int) -> None:
            self._leave({gone} - {other.id for other in self._nodes if other.parent == id})
            self.arranged.emit([id])

        self._do(lambda store: store.merge(id), self._named(_("Merge “{title}”"), [id]), [id], done, [id, *behind])

    # -- what is planned ---------------------------------------------------------

    def set_status(self, ids: Sequence[int], status: str) -> None:
        """Say how far these nodes are."""

        def work(store: Store) -> None:
            store.plans.put_all({id: replace(store.plans.get(id), status=status) for id in ids})

        self._do(work, self._named(_("Status of “{title}”"), ids), ids)

    def put_plan(
        self,
        id: int,
        change: Callable[[Plan], Plan],
        field: str,
        then: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Change a field of what is planned for a node, or for the whole book under 0."""

        name = self._named(_("Plan of “{title}”"), [id])

        def work(store: Store) -> Step:
            old = store.plans.get(id)
            new = change(old)
            store.plans.put(id, new)
            return Step(name, Arrangement(plans={id: old}), Arrangement(plans={id: new}), (id,), kind=field)

        def done(step: Step) -> None:
            self.remember(step)
            then()
            self._window.show_plans({**self._window.binder.plans, **step.after.plans})

        session = self._writable
        if session is not None:
            session.hand(work, done, failed)

    # -- back and forth ----------------------------------------------------------

    def undo(self) -> None:
        """Take back the last step."""
        if self.steps.done:
            self.take_back(self.steps.done[-1])

    def take_back(self, step: Step) -> None:
        """Take back this step, whatever was done since."""
        if step in self.steps.done:
            self.steps.done.remove(step)
            self.steps.undone.append(step)
            self._bring(step, lambda: self.steps.undone.remove(step))

    def redo(self) -> None:
        """Take the last step that was taken back again."""
        if self.steps.undone:
            step = self.steps.undone.pop()
            self.steps.done.append(step)
            self._bring(step.turned(), lambda: self.steps.done.remove(step))

    def _bring(self, step: Step, forget: Callable[[], None]) -> None:
        session = self._writable
        if session is None:
            return
        session.save()
        for topic in OFFERING_UNDO:
            self._window.notice.clear(topic)

        def done(scenes: tuple[Scene, ...]) -> None:
            before, after = (_in_book(stood) for stood in (step.before, step.after))
            headings = {place.parent for place in step.before.places.values()}
            self._show_texts(scenes)
            self._leave(after - before, sorted(before - after - headings))
            self.arranged.emit(list(step.nodes))

        def failed(error: Exception) -> None:
            forget()
            self.stepped.emit()
            session.failed.emit(error)

        session.hand(taking_back(step), done, failed)
        session.refresh()
        self.stepped.emit()

    # -- doing -------------------------------------------------------------------

    def change(
        self,
        work: Callable[[Store], Any],
        name: str,
        ids: Sequence[int],
        then: Callable[[Any], None] | None = None,
        texts: Sequence[int] = (),
    ) -> None:
        """Do anything else with the outline as one step; ``texts`` are the scenes whose prose it changes."""
        self._do(work, name, ids, then, texts)

    def _do(
        self,
        work: Callable[[Store], Any],
        name: str,
        ids: Sequence[int],
        then: Callable[[Any], None] | None = None,
        texts: Sequence[int] = (),
    ) -> None:
        session = self._writable
        if session is None:
            return
        session.save()

        def done(result: tuple[Any, Step]) -> None:
            value, step = result
            self.remember(step)
            self._show_texts(tuple(after for _before, after in step.texts))
            if then is None:
                self.arranged.emit(list(ids))
            else:
                then(value)

        session.change_outline(stepping(work, name, ids, texts), done)

    def remember(self, step: Step) -> None:
        """Let a step that was just taken be taken back."""
        self.steps.take(step)
        self.stepped.emit()

    def _show_texts(self, scenes: Sequence[Scene]) -> None:
        session = self._window.session
        for scene in scenes:
            visit = session.documents.get(scene.id) if session is not None else None
            if visit is not None and visit.is_saved and visit.text != scene.text:
                self._window.binder.rewrite(visit, scene, saved=True)

    # -- asking ------------------------------------------------------------------

    def _node(self, id: int | None) -> OutlineNode | None:
        return self._window.binder.node(id)

    def _below(self, parent: int | None) -> list[int]:
        return children(parent, self._nodes)

    def _title(self, id: int) -> str:
        node = self._node(id)
        return (node.title if node is not None else "") or _("Untitled")

    def _has_title(self, id: int, title: str) -> bool:
        node = self._node(id)
        return node is None or node.title == title

    def _named(self, template: str, ids: Sequence[int]) -> str:
        """What a step did, for the menu: with the title, or how many others there were."""
        said = partial(template.format)
        if len(ids) == 1:
            return said(title=self._title(ids[0]) if ids[0] else self._window.book_title)
        return said(title=ngettext("{n} scene", "{n} scenes", len(ids)).format(n=len(ids)))


def _in_book(stood: Arrangement) -> set[int]:
    return {id for id, place in stood.places.items() if not place.is_binned}
