"""What the author did to the outline, step by step, and the way back and forth between the steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from writer.errors import ProjectError
from writer.i18n import _
from writer.store import Store
from writer.store.arrangement import Arrangement, differing
from writer.story import Scene, Task

MOST_STEPS = 200


@dataclass(frozen=True, slots=True)
class Step:
    """A change of the outline: what of it stood otherwise before and after, with the texts that changed with it."""

    name: str
    before: Arrangement
    after: Arrangement
    nodes: tuple[int, ...] = ()
    """What was changed: it is chosen again when the step is taken back."""
    texts: tuple[tuple[Scene, Scene], ...] = ()
    queues: tuple[Sequence[Task], Sequence[Task]] = ((), ())
    """The scenes that waited for a draft before and after."""
    kind: str = ""
    """Steps of one kind that follow one another on the same nodes are one step; "" is never one with another."""

    def turned(self) -> Step:
        """The step the other way."""
        texts = tuple((after, before) for before, after in self.texts)
        return replace(self, before=self.after, after=self.before, texts=texts, queues=self.queues[::-1])


@dataclass(slots=True)
class Steps:
    """Those taken, and those taken back."""

    done: list[Step] = field(default_factory=list)
    undone: list[Step] = field(default_factory=list)

    def take(self, step: Step) -> None:
        """Remember a step that was just taken."""
        if (step.before.places, step.before.plans) == (step.after.places, step.after.plans) and not step.texts:
            return
        last = self.done[-1] if self.done else None
        if last is not None and step.kind and (last.kind, last.nodes) == (step.kind, step.nodes) and not self.undone:
            self.done[-1] = replace(last, after=step.after)
        else:
            self.done = [*self.done, step][-MOST_STEPS:]
        self.undone = []


def stepping(
    work: Callable[[Store], Any], name: str, nodes: Sequence[int], texts: Sequence[int] = (), kind: str = ""
) -> Callable[[Store], tuple[Any, Step]]:
    """A change that also gives the step it was; ``texts`` are the scenes whose prose it changes."""

    def run(store: Store) -> tuple[Any, Step]:
        with store.transaction():
            before, old, waited = store.arrangement(), [store.scene(id) for id in texts], store.tasks.all()
            result = work(store)
            changed = tuple((scene, store.scene(scene.id)) for scene in old)
            queues = waited, store.tasks.all()
            return result, Step(name, *differing(before, store.arrangement()), tuple(nodes), changed, queues, kind)

    return run


def taking_back(step: Step) -> Callable[[Store], tuple[Scene, ...]]:
    """Bring the outline back to before a step, whatever else changed since; gives the scenes that changed with it."""

    def run(store: Store) -> tuple[Scene, ...]:
        with store.transaction():
            for _before, after in step.texts:
                if store.scene(after.id).text != after.text:
                    said = _("“{title}” was written on since, so this can't be undone; its earlier versions are kept.")
                    raise ProjectError(said.format(title=after.title or _("Untitled")))
            known = _scenes(store)
            store.arrange(step.before, step.after, [before for before, _after in step.texts])
            store.tasks.bring(*step.queues, _scenes(store) - known)
            return tuple(store.scene(before.id) for before, _after in step.texts)

    return run


def _scenes(store: Store) -> set[int]:
    """The nodes of the book that have none below them, which are those that can wait for a draft."""
    nodes = store.nodes()
    return {node.id for node in nodes} - {node.parent for node in nodes if node.parent is not None}
