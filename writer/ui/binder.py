"""The book as its author arranges it: going to scenes, adding, naming, removing and bringing them back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from writer.credits import cut, shifted
from writer.errors import ProjectError
from writer.i18n import _
from writer.store import Store
from writer.story import OutlineNode, Plan, Scene
from writer.text import said_words
from writer.ui.documents import Visit
from writer.ui.neighbours import heir

if TYPE_CHECKING:
    from writer.ui.window import Window


class Binder(QObject):
    """Holds the outline that is shown, and changes it as the author says."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self.nodes: list[OutlineNode] = []
        self.plans: dict[int, Plan] = {}
        """What is planned for each node, and under 0 for the book."""
        self.bin = QMenu(_("Bin"), window)
        self.show_bin([])
        self._unnamed: int | None = None
        self._is_stale = False
        scenes = window.scenes
        scenes.chosen.connect(self.go_to)
        scenes.renamed.connect(self._on_renamed)
        scenes.scene_wanted.connect(self.new_scene)
        scenes.chapter_wanted.connect(self.new_chapter)
        scenes.removal_wanted.connect(self.remove)
        scenes.moved.connect(lambda *place: window.arranging.move(*place))
        scenes.shifted.connect(lambda node, by: window.arranging.shift([node], by))
        scenes.promoted.connect(lambda node, up: self._lift(node, up=up))
        window.title.renamed.connect(self._on_renamed)

    # -- showing -----------------------------------------------------------------

    def _lift(self, node: int, *, up: bool) -> None:
        arranging = self._window.arranging
        (arranging.promote if up else arranging.demote)([node])

    def begin(self, nodes: list[OutlineNode], binned: list[OutlineNode]) -> None:
        """Take up another book; ``show_outline`` fills its tree."""
        self.nodes = nodes
        session = self._window.session
        self._window.scenes.begin(is_writable=session is not None and not session.read_only)
        self.show_bin(binned)

    def show_outline(self, nodes: list[OutlineNode]) -> None:
        """Show these scenes, and the one in the page among them."""
        self.nodes = nodes
        self._is_stale = self._window.is_outlined
        scenes = self._window.scenes
        at_keys = scenes.current if scenes.tree.hasFocus() else None
        if not self._is_stale:
            scenes.show_nodes(nodes, self.plans)
        if self._window.scene is not None:
            self._mark(self._window.scene)
        if at_keys is not None:  # the next key is meant for the same one
            scenes.mark(at_keys)

    def catch_up(self) -> None:
        """Show beside the page what was changed in the outline, where a long book's scenes need not be shown twice."""
        if self._is_stale:
            self.show_outline(self.nodes)

    def show_scene(self, visit: Visit) -> None:
        """Show which scene is in the page now; a new one asks for its title."""
        if visit.scene != self._unnamed:
            self._unnamed = None
        self._mark(visit.scene)

    def show_bin(self, nodes: list[OutlineNode]) -> None:
        """Fill the menu of what is in the bin; choosing something brings it back."""
        self.bin.clear()
        for node in nodes:
            title = (node.title or _("Untitled")).replace("&", "&&")
            entry = self.bin.addAction(f"{title}\t{said_words(node.words)}")
            entry.triggered.connect(partial(self._on_wanted_back, node.id))
        if not nodes:
            self.bin.addAction(_("The bin is empty")).setEnabled(False)

    def _on_wanted_back(self, node: int, _checked: bool = False) -> None:
        self.bring_back(node)

    def count(self, scene: int, words: int) -> None:
        """Show how many words a scene has."""
        self.nodes = [replace(node, words=words) if node.id == scene else node for node in self.nodes]
        self._window.scenes.show_words(scene, words)

    def node(self, id: int | None) -> OutlineNode | None:
        """The node with this id, if it is in the book."""
        return next((node for node in self.nodes if node.id == id), None)

    def _mark(self, scene: int) -> None:
        window, node = self._window, self.node(scene)
        window.scenes.mark(scene)
        if node is not None:
            parent = self.node(node.parent)
            editable = window.session is not None and not window.session.read_only
            window.title.show_title(node.id, node.title, parent.title if parent else "", editable=editable)
            if scene == self._unnamed:
                self._unnamed = None
                window.title.edit()

    # -- going -------------------------------------------------------------------

    def go_to(self, node: int) -> None:
        """Put a scene into the page, or the first one of a chapter without prose of its own."""
        session, page = self._window.session, self._window.page
        if session is None:
            return
        self._window.panels.show_page()
        target = self._prose_of(node)
        if page.visit is not None and page.visit.scene == target:
            page.setFocus()
            return
        session.save()
        session.visit(target)

    def step(self, by: int) -> None:
        """Go to the next scene (1) or the one before (-1)."""
        parents = {node.parent for node in self.nodes}
        prose = [node.id for node in self.nodes if node.id not in parents or node.words]
        if self._window.scene in prose:
            at = prose.index(self._window.scene) + by
            if 0 <= at < len(prose):
                self.go_to(prose[at])

    def _prose_of(self, node: int) -> int:
        at = next((index for index, other in enumerate(self.nodes) if other.id == node), None)
        if at is None:
            return node
        while not self.nodes[at].words and at + 1 < len(self.nodes) and self.nodes[at + 1].parent == self.nodes[at].id:
            at += 1
        return self.nodes[at].id

    # -- changing ----------------------------------------------------------------

    def new_scene(self) -> None:
        """Add a scene behind the one in the page, or into the chapter in the page, and go there."""
        if self._window.is_outlined:
            self._window.outline.add_scene()
            return
        here = self.node(self._window.scene)
        if here is not None and any(node.parent == here.id for node in self.nodes):
            self._add_scene(here.id, None)
        else:
            self._add_scene(here.parent if here else None, here.id if here else None)

    def new_chapter(self) -> None:
        """Add a chapter with a first scene behind the chapter in the page, and go there."""
        if self._window.is_outlined:
            self._window.arranging.add_chapter(self._window.outline.current)
            return
        session, here = self._window.session, self.node(self._window.scene)
        while here is not None and here.parent is not None:
            here = self.node(here.parent)
        if session is not None and not session.read_only:
            session.save()
            after = here.id if here else None
            session.add(_("New chapter"), None, after, lambda chapter: self._add_scene(chapter, None))

    def _add_scene(self, parent: int | None, after: int | None) -> None:
        session = self._window.session
        if session is None or session.read_only:
            return
        session.save()

        def show(node: int) -> None:
            self._unnamed = node
            session.visit(node)

        session.add(_("New scene"), parent, after, show)

    def rename(self) -> None:
        """Let the author type another title: in the tree where that has the keys, else above the page."""
        scenes = self._window.scenes
        if self._window.is_outlined:
            self._window.outline.rename()
        elif scenes.tree.hasFocus() and scenes.current is not None:
            scenes.rename(scenes.current)
        else:
            self._window.title.edit()

    def _on_renamed(self, node: int, title: str) -> None:
        self._window.arranging.rename(node, title)

    def remove(self, node: int | None) -> None:
        """Put a scene, or a chapter with its scenes, into the bin."""
        if self._window.is_outlined:
            self._window.arranging.remove(self._window.outline.chosen)
            return
        window, session, doomed = self._window, self._window.session, self.node(node)
        if session is None or doomed is None or session.read_only:
            return
        gone = {doomed.id}
        for other in self.nodes:
            if other.parent in gone:
                gone.add(other.id)
        next_one = heir(doomed.id, gone, self.nodes)
        if next_one is None:
            window.notice.say(_("A book keeps at least one scene; add another one before you remove this."))
            return

        def after(_result: Any) -> None:
            if window.scene in gone:
                session.visit(next_one)
            for scene in gone - {window.scene}:
                session.documents.drop(scene)
            window.notice.say(
                _("“{title}” is in the bin.").format(title=doomed.title),
                (_("Bring it back"), lambda: self.bring_back(doomed.id)),
                topic="bin",
            )

        session.remove(doomed.id, after)

    def bring_back(self, node: int) -> None:
        """Take a scene out of the bin again."""
        session = self._window.session
        if session is not None:
            session.save()
            outlined, arranged = self._window.is_outlined, self._window.arranging.arranged
            show = (lambda _result: arranged.emit([node])) if outlined else (lambda _result: session.visit(node))
            session.change_outline(lambda store: store.restore(node), show)

    # -- splitting and joining ---------------------------------------------------

    def split(self) -> None:
        """Make what is behind the caret a new scene, which asks for its title."""
        window, session = self._window, self._window.session
        if window.is_outlined:
            window.outline.verbs.do("split")
            return
        if session is None or session.read_only or window.page.visit is None:
            return
        window.page.clear_ghost()
        here = window.page.cursor_now()
        if not here.before.strip() or not here.after.strip():
            window.notice.say(_("Put the caret where the new scene is to begin, then split."), topic="bin")
            return
        title = _("New scene")

        def done(new: int) -> None:
            self._unnamed = new
            session.visit(new)
            window.notice.say(
                _("The scene is split in two."), (_("Undo"), lambda: self._join(here.scene, new)), topic="bin"
            )

        self._cut(here.scene, here.offset, lambda store: store.split(here.scene, here.offset, title), done)

    def join(self) -> None:
        """Put the text of the scene that follows behind the one in the page."""
        scene = self._window.scene
        if self._window.is_outlined:
            self._window.outline.verbs.do("merge")
        elif scene is not None:
            self._join(scene, None)

    def _cut(self, scene: int, offset: int, part: Callable[[Store], int], done: Callable[[int], None]) -> None:
        """Let ``part`` make two scenes of one, here at this offset; what is typed meanwhile goes with its side."""
        session = self._window.session
        visit = session.documents.get(scene) if session is not None else None
        if session is None or session.read_only or visit is None:
            return
        session.save()
        before, credits = visit.text, visit.credits

        def work(store: Store) -> tuple[Scene, Scene]:
            with store.transaction():
                store.save(scene, before, credits)
                rest = part(store)
                return store.scene(scene), store.scene(rest)

        def show(parts: tuple[Scene, Scene]) -> None:
            head, rest = parts
            now, credits = visit.text, visit.credits
            if now != before:
                edge = offset if now[:offset] == before[:offset] else max(0, len(now) - len(before) + offset)
                first, last = now[:edge].rstrip("\n"), now[edge:].lstrip("\n")
                head = replace(head, text=first, credits=cut(credits, 0, len(first)))
                rest = replace(rest, text=last, credits=cut(credits, len(now) - len(last), len(now)))
            # A scene that comes back from the bin may still be kept here as it was there.
            self.rewrite(session.documents.open(rest), rest, saved=now == before)
            self.rewrite(visit, head, saved=now == before)
            done(rest.id)

        session.change_outline(work, show)

    def _join(self, scene: int, expected: int | None) -> None:
        """Join a scene with the next one, if that is the one expected; what is typed meanwhile stays."""
        window, session = self._window, self._window.session
        visit = session.documents.get(scene) if session is not None else None
        if session is None or session.read_only or visit is None:
            return
        window.page.clear_ghost()
        session.save()
        live = {other.scene: (other.text, other.credits) for other in session.documents}
        before = visit.text

        def work(store: Store) -> tuple[int, Scene, tuple[Plan, Plan]]:
            with store.transaction():
                for other, (text, credits) in live.items():
                    store.save(other, text, credits)
                plan = store.plans.get(scene)
                gone = store.join(scene)
                if expected not in (None, gone):
                    raise ProjectError(_("The scenes were moved since; join them by hand."))
                return gone, store.scene(scene), (plan, store.plans.get(scene))

        def show(result: tuple[int, Scene, tuple[Plan, Plan]]) -> None:
            gone, joined, plans = result
            now, credits, tail = visit.text, visit.credits, joined.text[len(before) :]
            if now != before:
                added = shifted(cut(joined.credits, len(before), len(joined.text)), len(now))
                joined = replace(joined, text=now + tail, credits=credits + added)
            self.rewrite(visit, joined, saved=now == before)
            if window.scene == gone:
                session.visit(scene)
            other = session.documents.get(gone)
            if other is not None and window.scene != gone:
                session.documents.drop(gone)
            if expected is None:
                said = _("“{title}” was joined to this scene.")
                node = self.node(gone)
                window.notice.say(
                    said.format(title=node.title if node is not None and node.title else _("Untitled")),
                    (_("Undo"), partial(self._part, scene, gone, len(before), tail, plans)),
                    topic="bin",
                )

        session.change_outline(work, show)

    def _part(self, scene: int, gone: int, seam: int, tail: str, plans: tuple[Plan, Plan]) -> None:
        """Take apart what was joined: the tail goes back to its own scene, which comes out of the bin.

        So does what was planned, unless it is another by now.
        """
        session = self._window.session
        visit = session.documents.get(scene) if session is not None else None
        if session is None or visit is None:
            return
        now, kept = visit.text, session.documents.get(gone)
        typed = (kept.text, kept.credits) if kept is not None else None
        # If the tail itself was changed since, it begins where it began.
        edge = len(now) - len(tail) if now.endswith(tail) else min(seam, len(now))

        def part(store: Store) -> int:
            if all(node.id != gone for node in store.binned()):
                raise ProjectError(_("The scenes were moved since; split this one by hand."))
            found = store.scene(scene)
            head, rest = found.text[:edge], found.text[edge:].removeprefix("\n")
            store.restore(gone)
            if typed is not None:
                store.save(gone, *typed)
            if store.scene(gone).text != rest:
                store.revisions.keep(gone, "restore")
            store.save(gone, rest, cut(found.credits, len(found.text) - len(rest), len(found.text)))
            store.save(scene, head, cut(found.credits, 0, edge))
            if store.plans.get(scene) == plans[1]:
                store.plans.put(scene, plans[0])
            return gone

        self._cut(scene, edge, part, session.visit)

    def rewrite(self, visit: Visit, scene: Scene, *, saved: bool) -> None:
        """Give a scene another end, with the caret where it is; ``saved`` if the file has that text already."""
        session, page = self._window.session, self._window.page
        assert session is not None
        with page.changing():
            place = page.textCursor().position()
            session.documents.rewrite(visit, scene, saved=saved)
            if page.visit is visit:  # a caret at the end would have gone along with what was added there
                cursor = page.textCursor()
                cursor.setPosition(min(place, visit.document.characterCount() - 1))
                page.setTextCursor(cursor)
        if not saved:
            session.touch()
