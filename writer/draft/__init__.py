"""A draft of the whole book, or of some of it, scene after scene: unattended, resumable, each step kept as it is made.

    queue    which scenes wait, in story order, and how many words each is to have
    length   how many words a passage may have so that its scene ends where it should
    scene    one scene, beat by beat
    passage  one passage

What is to be written is in ``store.tasks``, so whoever stops a draft, in whatever way, goes on with it by asking for
another one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import astuple, dataclass, replace
from functools import partial

from writer import outline
from writer.draft import queue
from writer.draft.namesakes import Names
from writer.draft.queue import Growth, Outline
from writer.draft.scene import Addition, Desk, Keep, Progress, expand
from writer.engines import Engine
from writer.errors import EngineError, ProjectError, WriterError
from writer.memory import update
from writer.repetition import TURN, Said
from writer.settings import Settings
from writer.store import Store
from writer.store.plans import BOOK
from writer.story import Plan, Scene, Task

__all__ = ["Addition", "Drafted", "Keep", "Progress", "draft"]

_GROWING = "growing"
"""The key of the growth that is under way, so that one that was stopped goes on the same way."""
_ROUNDS = 4
_SLICE = 50  # scenes that are read before whoever stops a draft is heard


@dataclass(frozen=True, slots=True)
class Drafted:
    """What a draft came to."""

    words: int
    """Written this time."""
    scenes: int
    """Finished this time."""
    tries: int = 0
    """How often something was written anew because what must happen did not."""
    missed: int = 0
    """Of what must happen, how much doesn't."""
    problems: tuple[tuple[int, str], ...] = ()
    """The scenes that could not be written, each with a sentence for the author."""


def draft(
    store: Store,
    engine: Engine,
    settings: Settings,
    keep: Keep,
    *,
    nodes: Sequence[int] | None = None,
    words: int | None = None,
    seed: int = 1,
    put: Callable[[Addition], Scene | None] | None = None,
) -> Generator[Progress, None, Drafted]:
    """Write the scenes that wait: those below ``nodes``, or all of the book that have no text yet.

    ``words`` is how many all of these are to have together. What waits already is gone on with. ``store`` is only read;
    each change goes through ``keep``, and each passage through ``put``, by default ``keep(addition.into)``: another one
    may put it into the page instead. Closing it stops at once; what was kept stays, and the next draft goes on there.
    WriterError if nothing can be written or kept.
    """
    queue.refuse(words)
    queue.refuse_blank(Outline.of(store))
    yield from _grown(store, engine, settings, keep, nodes, words, seed)
    tasks, chosen = queue.arranged(Outline.of(store), store.tasks.all(), nodes, words, seed)
    if not chosen:
        return Drafted(0, 0)
    if tasks != store.tasks.all():
        keep(lambda store: store.tasks.arrange(tasks))
    yield from _remembered(store, keep, None)
    said, names = yield from _read(store)
    desk = Desk(store, engine, settings, keep, put or (lambda addition: keep(addition.into)), said, names)
    run = _Run(desk, frozenset(chosen))
    while (task := run.next()) is not None:
        yield from run.write(task)
    return run.drafted


class _Run:
    """One draft: what it wrote so far, and the scenes it could not write."""

    def __init__(self, desk: Desk, chosen: frozenset[int]) -> None:
        self._desk, self._chosen = desk, chosen
        self._failed: dict[int, str] = {}
        self._is_second = False
        self.drafted = Drafted(0, 0)

    def next(self) -> Task | None:
        """The first of the scenes that wait now; the author may have arranged them anew."""
        order = self._desk.store.order()
        waiting = (task for task in self._desk.store.tasks.all() if task.state in ("waiting", "writing"))
        ours = (task for task in waiting if task.node in self._chosen and task.node not in self._failed)
        return next((task for task in ours if task.node in order), None)

    def write(self, task: Task) -> Generator[Progress, None, None]:
        """Write one scene, and remember it."""
        store = self._desk.store
        queued = [other for other in store.tasks.all() if other.node in self._chosen]
        words = {node: words for node, (_title, words) in store.titles([other.node for other in queued]).items()}
        self._desk.pace.left = sum(
            max(0, other.words - words.get(other.node, 0)) for other in queued if other.state != "done"
        )
        here = words.pop(task.node, 0)
        try:
            store.scene(task.node)
        except ProjectError as error:  # damaged; the others can be written all the same
            self._fail(task, error)
            return
        try:
            done = yield from expand(task, self._desk, sum(words.values()))
        except EngineError as error:
            self._fail(task, error)
            return
        finally:
            now = store.titles([task.node]).get(task.node, ("", here))[1]
            self.drafted = replace(self.drafted, words=self.drafted.words + max(0, now - here))
        self._is_second = False
        if done is None:
            return
        drafted = self.drafted
        self.drafted = replace(
            drafted,
            scenes=drafted.scenes + 1,
            tries=drafted.tries + done.tries,
            missed=drafted.missed + len(done.missed),
        )
        yield from _remembered(store, self._desk.keep, task.node)

    def _fail(self, task: Task, error: WriterError) -> None:
        """Leave a scene that can't be written for the next draft; the second in a row ends this one."""
        self._failed[task.node] = str(error)
        self.drafted = replace(self.drafted, problems=tuple(self._failed.items()))

        def fail(store: Store) -> None:
            now = store.tasks.get(task.node)
            if now is not None:
                store.tasks.keep(replace(now, state="failed", problem=str(error)))

        self._desk.keep(fail)
        if self._is_second:
            raise error
        self._is_second = True


def _grown(
    store: Store,
    engine: Engine,
    settings: Settings,
    keep: Keep,
    nodes: Sequence[int] | None,
    words: int | None,
    seed: int,
) -> Generator[Progress, None, None]:
    """Divide what of the outline is too long for a scene; goes on where an earlier draft was stopped while it did."""
    if any(task.state != "done" for task in store.tasks.all()) and nodes is None and words is None:
        return

    def put(parent: int | None, title: str, plan: Plan, after: int | None) -> int:
        return keep(lambda store: outline.directly(store)(parent, title, plan, after))

    for _round in range(_ROUNDS):
        now = Outline.of(store)
        begun = _begun_growth(store, now)
        found = queue.growing(now, nodes, words) if begun is None else [begun]
        if not found:
            return
        for growth in found:
            keep(partial(_note_growth, growth, words))
            work = outline.grow(
                store,
                engine,
                settings,
                put,
                node=growth.node,
                levels=growth.levels,
                children=growth.children,
                seed=seed,
            )
            with closing(work):
                for step in work:
                    yield Progress(0, step.what, 0, 0, 0, None, step.node.title if step.node else "")
            keep(lambda store: store.put(_GROWING, ""))


def _begun_growth(store: Store, now: Outline) -> Growth | None:
    """The growth that was stopped under way; None if there is none, or its part of the outline is gone by now."""
    noted = store.get(_GROWING)
    growth = Growth(*json.loads(noted)) if noted else None
    return growth if growth is not None and (growth.node is None or growth.node in now.nodes) else None


def _remembered(store: Store, keep: Keep, near: int | None) -> Generator[Progress, None, None]:
    """Read what is new in the book for its memory."""
    for slice in update.prepared(store, near):
        keep(partial(_keep_slice, slice))
        yield Progress(0, slice.progress.what, 0, 0, 0, None)


def _keep_slice(slice: update.Slice, store: Store) -> None:
    update.kept(store, slice)


def _note_growth(growth: Growth, words: int | None, store: Store) -> None:
    """Keep what is about to grow; what the book is to have in all becomes its target, so that each part has a share."""
    with store.transaction():
        store.put(_GROWING, json.dumps(astuple(growth)))
        plan = store.plans.get(BOOK)
        if growth.node is None and words and not plan.target_words:
            store.plans.put(BOOK, replace(plan, target_words=words))


def _read(store: Store) -> Generator[Progress, None, tuple[Said, Names]]:
    """What the book says already, and whom it names, read once, even what is damaged of it."""
    planned = [*(plan.synopsis for plan in store.plans.all().values()), *(entry.name for entry in store.entries.all())]
    turn = TURN.get(store.project.language, TURN["en"])
    said, names = Said(turn=turn), Names(told="\n".join([store.project.premise, *planned]))
    for rank, node in enumerate(store.order()):
        text = store.scene(node, unchecked=True).text
        said.add(text)
        names.add(text)
        if rank % _SLICE == 0:
            yield Progress(0, "", 0, 0, 0, None)
    return said, names
