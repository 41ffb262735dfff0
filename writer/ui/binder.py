"""The book as its author arranges it: going to scenes, adding, naming, removing and bringing them back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from writer.i18n import _
from writer.story import OutlineNode
from writer.ui.documents import Visit

if TYPE_CHECKING:
    from writer.ui.window import Window


class Binder(QObject):
    """Holds the outline that is shown, and changes it as the author says."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self.nodes: list[OutlineNode] = []
        self._unnamed: int | None = None
        scenes = window.scenes
        scenes.chosen.connect(self.go_to)
        scenes.renamed.connect(self._on_renamed)
        scenes.scene_wanted.connect(self.new_scene)
        scenes.chapter_wanted.connect(self.new_chapter)
        scenes.removal_wanted.connect(self.remove)
        window.title.renamed.connect(self._on_renamed)

    # -- showing -----------------------------------------------------------------

    def show_outline(self, nodes: list[OutlineNode]) -> None:
        """Show these scenes, and the one in the page among them."""
        self.nodes = nodes
        self._window.scenes.show_nodes(nodes)
        if self._window.scene is not None:
            self._mark(self._window.scene)

    def show_scene(self, visit: Visit) -> None:
        """Show which scene is in the page now; a new one asks for its title."""
        self._mark(visit.scene)
        if visit.scene == self._unnamed:
            self._window.title.edit()
        self._unnamed = None

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

    # -- going -------------------------------------------------------------------

    def go_to(self, node: int) -> None:
        """Put a scene into the page, or the first one of a chapter without prose of its own."""
        session, page = self._window.session, self._window.page
        if session is None:
            return
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
        here = self.node(self._window.scene)
        if here is not None and any(node.parent == here.id for node in self.nodes):
            self._add_scene(here.id, None)
        else:
            self._add_scene(here.parent if here else None, here.id if here else None)

    def new_chapter(self) -> None:
        """Add a chapter with a first scene behind the chapter in the page, and go there."""
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
        if scenes.tree.hasFocus() and scenes.current is not None:
            scenes.rename(scenes.current)
        else:
            self._window.title.edit()

    def _on_renamed(self, node: int, title: str) -> None:
        if self._window.session is not None:
            self._window.session.rename(node, title)

    def remove(self, node: int | None) -> None:
        """Put a scene, or a chapter with its scenes, into the bin."""
        window, session, doomed = self._window, self._window.session, self.node(node)
        if session is None or doomed is None or session.read_only:
            return
        gone = {doomed.id}
        for other in self.nodes:
            if other.parent in gone:
                gone.add(other.id)
        left = [other for other in self.nodes if other.id not in gone]
        if not left:
            window.notice.say(_("A book keeps at least one scene."))
            return
        before = [other for other in self.nodes[: self.nodes.index(doomed)] if other.id not in gone]

        def after(_result: Any) -> None:
            if window.scene in gone:
                session.visit(self._prose_of((before or left)[-1 if before else 0].id))
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
            session.change_outline(lambda store: store.restore(node), lambda _result: session.visit(node))
