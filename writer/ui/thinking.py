"""Single nodes as the model thinks of them: other ideas, the same anew, the steps of a scene."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from functools import partial
from random import randrange
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from writer.engines import BackgroundEngine
from writer.errors import WriterError
from writer.i18n import _
from writer.settings import Settings
from writer.store import Store, kind
from writer.story import Plan
from writer.ui.thoughts import Thoughts
from writer.ui.underway import Underway

if TYPE_CHECKING:
    from writer.outline import Idea, Progress
    from writer.shapes import Shape
    from writer.ui.growing import Growing
    from writer.ui.session import Session
    from writer.ui.window import Window

IDEAS = 3


class Thinking(QObject):
    """Thinks of one node at a time, as what grows the outline lets it; the author takes it, and can undo that."""

    def __init__(self, window: Window, growing: Growing, underway: Underway) -> None:
        super().__init__(window)
        self._window, self._growing, self._underway = window, growing, underway
        self._session: Session | None = None
        self.thoughts: Thoughts | None = None
        self.think: Callable[..., Generator[Any, None, Any]] = ideas
        self.step: Callable[..., Generator[Any, None, Any]] = steps

    def work_on(self, session: Session | None) -> None:
        """Think of the nodes of this project from now on, or of none."""
        self._session = session
        if self.thoughts is not None:
            self.thoughts.reject()

    def ideas(self, node: int | None = None) -> None:
        """Think of other titles and synopses for a node, one below the other; the author takes one or none."""
        node = self._window.scene if node is None else node
        known = self._window.binder.node(node)
        session = self._session
        if session is None or node is None or known is None or not self._window.work.can():
            return
        session.save()
        title = known.title or _("Untitled")
        dialog = self.thoughts = Thoughts(self._window, title, known.synopsis)
        self.thoughts.more_wanted.connect(lambda: self._think(node, dialog))
        self.thoughts.chosen.connect(lambda idea: self._take(node, idea))
        self.thoughts.finished.connect(self._on_thoughts_over)
        self.thoughts.open()
        self._think(node, dialog)

    def renew(self, node: int | None = None) -> None:
        """Let the model think of one node anew; its brothers stay as they are."""
        node = self._window.scene if node is None else node
        if node is None or self._window.binder.node(node) is None:
            return

        def over(found: list[Idea] | None, error: WriterError | None) -> None:
            if error is not None:
                self._window.notice.say(str(error), topic="grow")
            elif found:
                self._take(node, found[0])

        self._growing.run(
            lambda store, engine, settings, _kept: self.think(store, engine, settings, node, 1),
            lambda progress: self._tell(_("Thinking of “{title}” anew").format(title=self._title(node)), progress),
            over,
            _("Thinking of “{title}” anew").format(title=self._title(node)),
        )

    def beats(self, node: int | None = None) -> None:
        """Let the model say what happens in a scene step by step, behind the steps it has."""
        node = self._window.scene if node is None else node
        session = self._session
        if session is None or node is None:
            return
        said = _("Thinking of the steps in “{title}”").format(title=self._title(node))

        def over(found: tuple[str, ...] | None, error: WriterError | None) -> None:
            if error is not None:
                self._window.notice.say(str(error), topic="grow")
            elif found:
                self._put(node, lambda plan, model: replace(plan, beats=found, made_by=model), "")

        self._growing.run(
            lambda store, engine, settings, _kept: self.step(store, engine, settings, node),
            lambda progress: self._tell(said, progress),
            over,
            said,
        )

    def _think(self, node: int, dialog: Thoughts) -> None:
        def over(found: list[Idea] | None, error: WriterError | None) -> None:
            if self.thoughts is dialog:
                dialog.show_ideas(found or [], str(error) if error is not None else "")

        dialog.show_thinking()
        begun = self._growing.run(
            lambda store, engine, settings, _kept: self.think(store, engine, settings, node, IDEAS),
            lambda progress: self.thoughts.show_progress(progress) if self.thoughts is dialog else None,
            over,
            _("Thinking of “{title}” anew").format(title=self._title(node)),
        )
        if not begun:
            dialog.reject()

    def _on_thoughts_over(self, _result: int) -> None:
        self.thoughts = None
        self._growing.stop()

    def _take(self, node: int, idea: Idea) -> None:
        self._put(
            node,
            lambda plan, _model: replace(plan, synopsis=idea.synopsis, made_by=idea.made_by),
            idea.title,
        )

    def _put(self, node: int, change: Callable[[Plan, str], Plan], title: str) -> None:
        """Change what a node says, and offer the way back."""
        engine = self._window.suggestions.engine
        model = engine.model if engine is not None else ""

        arranging, notice = self._window.arranging, self._window.notice

        def work(store: Store) -> None:
            store.plans.put(node, change(store.plans.get(node), model))
            if title:
                store.rename(node, title)

        def done(_nothing: None) -> None:
            taken = [step for step in arranging.steps.done[-1:] if step.nodes == (node,)]
            notice.say(
                _("“{title}” has a new plan.").format(title=title or self._title(node)),
                *[(_("Undo"), partial(arranging.take_back, step)) for step in taken],
                topic="grow",
            )

        arranging.change(work, _("Plan of “{title}”").format(title=self._title(node)), [node], done)

    def _tell(self, said: str, progress: Progress) -> None:
        self._underway.tell("grow", said, None, progress.done, progress.total, (_("Stop"), self._growing.stop))

    def _title(self, node: int) -> str:
        known = self._window.binder.node(node)
        return (known.title if known is not None else "") or _("Untitled")


def ideas(
    store: Store, engine: BackgroundEngine, settings: Settings, node: int, count: int
) -> Generator[Progress, None, list[Idea]]:
    """Other ideas for a node, by the shape of the book."""
    from writer import outline

    found = yield from outline.alternatives(
        store, engine, settings, node, count, shape=_shape(store), seed=seed(settings)
    )
    return found


def steps(
    store: Store, engine: BackgroundEngine, settings: Settings, node: int
) -> Generator[Progress, None, tuple[str, ...]]:
    """What happens in a scene."""
    from writer import outline

    return (yield from outline.beats(store, engine, settings, node, seed=seed(settings)))


def _shape(store: Store) -> Shape | None:
    from writer import shapes

    name = kind.shape(store)
    try:
        return shapes.find(name, store.project.language) if name else None
    except WriterError:  # the author's own, which is not there any more
        return None


def seed(settings: Settings) -> int:
    """Another one each time, unless the author chose one: who asks again wants something else."""
    return settings.seed or randrange(1, 2**31 - 1)
