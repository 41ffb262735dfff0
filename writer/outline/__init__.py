"""From a premise to an outline: parts, chapters and scenes, each with a title and a sentence or two.

The program knows what each node is for and where it stands, and asks the model for one node at a time; what it says is
taken only if it is well-formed, new and of this story. So an outline is whole with any model.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from writer import shapes
from writer.engines import Engine
from writer.engines.revival import revived
from writer.errors import UsageError
from writer.i18n import _
from writer.outline import ground as grounds
from writer.outline import resort, thinking
from writer.outline.ground import Ground, Idea, Place
from writer.settings import Settings
from writer.shapes import Shape
from writer.store import Store
from writer.story import Plan

__all__ = ["Grown", "Idea", "Keep", "Node", "Progress", "alternatives", "beats", "directly", "grow", "renew"]

Answer = TypeVar("Answer")
Keep = Callable[[int | None, str, Plan, int | None], int]
"""Keeps a new node in the project: its parent, title, plan, and the brother it comes after; gives its id."""

LEVELS, MOST_LEVELS = 3, 6
CHILDREN, MOST_CHILDREN = 3, 24
BEATS, MOST_BEATS = 4, 24
MOST_NODES = 2_000


@dataclass(frozen=True, slots=True)
class Node:
    """A new node of the outline, as it was kept; ``level`` is 0 at the top."""

    id: int
    parent: int | None
    level: int
    title: str
    plan: Plan


@dataclass(frozen=True, slots=True)
class Progress:
    """How many nodes are done of all, what is being worked on, and the node that was kept just now."""

    done: int
    total: int
    what: str = ""
    seconds_left: float = 0.0
    node: Node | None = None


@dataclass(frozen=True, slots=True)
class Grown:
    """The new nodes in the order in which they were kept, how many of them no model wrote, and what to tell of it."""

    nodes: tuple[Node, ...]
    spare: int = 0
    notes: tuple[str, ...] = ()


def directly(store: Store) -> Keep:
    """What keeps nodes in this store at once, as the last below their parent if the brother stands elsewhere by now."""

    def keep(parent: int | None, title: str, plan: Plan, after: int | None) -> int:
        with store.transaction():
            is_brother = any(one.id == after and one.parent == parent for one in store.nodes())
            node = store.add(title, parent, after if is_brother else None, synopsis=plan.synopsis)
            store.plans.put(node, plan)
        return node

    return keep


def grow(
    store: Store,
    engine: Engine,
    settings: Settings,
    keep: Keep,
    *,
    node: int | None = None,
    levels: int = LEVELS,
    children: int | None = None,
    shape: Shape | None = None,
    beats: int = 0,
    seed: int = 1,
) -> Generator[Progress, None, Grown]:
    """Grow an outline below a node, or of the whole book, level by level; what is there is kept and continued.

    ``beats`` is how many steps each new leaf gets. A node that has text and nothing below it stays a scene. Closing
    the generator keeps what was kept. ProjectError or UsageError if nothing can grow.
    """
    _allow(_("levels"), levels, MOST_LEVELS)
    _allow(_("children"), children or CHILDREN, MOST_CHILDREN)
    _allow(_("beats"), beats, MOST_BEATS, 0)
    ground = grounds.look(store, node, shape)
    top = 0 if node is None else ground.nodes[node].level + 1
    counts = [_count(ground, node, depth, children, shape) for depth in range(levels)]
    total = _total(ground, node, counts)
    if total > MOST_NODES:
        message = _("That would be {n} nodes; choose fewer levels or children, so that there are at most {most}.")
        raise UsageError(message.format(n=f"{total:,}", most=f"{MOST_NODES:,}"))
    thought = thinking.Thinking(engine, settings, ground, seed)
    made: list[Node] = []
    known: dict[int, tuple[Idea, ...]] = {}
    words: dict[int | None, int] = {node: ground.words(node)}
    spare, started = 0, time.monotonic()
    parents: list[int | None] = [node]
    for depth, count in enumerate(counts):
        below: list[int | None] = []
        for parent in parents:
            there = ground.children.get(parent, [])
            above = ground.above(parent) if parent is None or parent in ground.nodes else known[parent]
            brothers = [ground.idea(brother) for brother in there]
            after = there[-1] if there else None
            stages = grounds.stages(
                ground, top + depth, max(count, len(there)), shape if node is None or shape else None
            )
            wanted = words.get(parent) or (ground.words(parent) if parent in ground.nodes else 0)
            below += [brother for brother in there if ground.children.get(brother) or not ground.nodes[brother].words]
            for number in range(len(there), count):
                stage = stages[number]
                place = Place(
                    parent, top + depth, number, count, stage, above, tuple(brothers), (),
                    _share(wanted, [one.share for one in stages], number), depth == levels - 1,
                )  # fmt: skip
                left = (time.monotonic() - started) / len(made) * (total - len(made)) if made else 0.0
                progress = Progress(len(made), total, above[-1].title if above else ground.title, left)
                idea = yield from _ticking(partial(thought.idea, place), progress)
                steps: tuple[str, ...] = ()
                if beats and place.is_leaf:
                    steps = yield from _ticking(partial(thought.beats, place, idea, beats), progress)
                plan = Plan(
                    synopsis=idea.synopsis,
                    status="outline",
                    target_words=place.words,
                    beats=steps,
                    made_by=idea.made_by,
                )
                after = keep(parent, idea.title, plan, after)
                brothers.append(idea)
                known[after], words[after] = (*above, idea), place.words
                below.append(after)
                spare += idea.made_by == resort.MADE_BY
                made.append(Node(after, parent, place.level, idea.title, plan))
                yield replace(progress, done=len(made), node=made[-1])
        parents = below
    notes = [*ground.notes]
    if made and spare == len(made):
        notes.append(
            _("The model wrote nothing that fits, so this outline is made of your own words; choose a larger model.")
        )
    return Grown(tuple(made), spare, tuple(notes))


def alternatives(
    store: Store,
    engine: Engine,
    settings: Settings,
    node: int,
    n: int = 3,
    *,
    shape: Shape | None = None,
    seed: int = 1,
) -> Generator[Progress, None, list[Idea]]:
    """Other ideas for a node, none like another or like what is there; the project stays as it is."""
    _allow(_("alternatives"), n, MOST_CHILDREN)
    ground = grounds.look(store, node, shape)
    place = ground.place_of(node, shape)
    thought = thinking.Thinking(engine, settings, ground, seed)
    found: list[Idea] = []
    for number in range(n):
        now = Progress(number, n, ground.idea(node).title)
        idea = yield from _ticking(partial(thought.idea, place, number), now)
        found.append(idea)
        yield Progress(len(found), n, idea.title)
    return found


def renew(
    store: Store, engine: Engine, settings: Settings, node: int, *, shape: Shape | None = None, seed: int = 1
) -> Generator[Progress, None, Idea]:
    """Another idea for one node, which fits its brothers; the project stays as it is."""
    (idea,) = yield from alternatives(store, engine, settings, node, 1, shape=shape, seed=seed)
    return idea


def beats(
    store: Store, engine: Engine, settings: Settings, node: int, n: int = BEATS, *, seed: int = 1
) -> Generator[Progress, None, tuple[str, ...]]:
    """What happens in a scene, step by step, each a finished sentence; the project stays as it is."""
    _allow(_("beats"), n, MOST_BEATS)
    ground = grounds.look(store, node)
    place, idea = ground.place_of(node), ground.idea(node)
    thought = thinking.Thinking(engine, settings, ground, seed)
    told: tuple[str, ...] = yield from _ticking(partial(thought.beats, place, idea, n), Progress(0, n, idea.title))
    return told


def _ticking(
    begin: Callable[[], Generator[None, None, Answer]], progress: Progress
) -> Generator[Progress, None, Answer]:
    """The same work, which tells how far all is at every step, and is begun anew if the model's process dies."""
    with closing(revived(begin)) as work:
        while True:
            try:
                next(work)
            except StopIteration as end:
                answer: Answer = end.value
                return answer
            yield progress


def _count(ground: Ground, node: int | None, depth: int, children: int | None, shape: Shape | None) -> int:
    """How many children each node at this depth is to have: a shape that was asked for decides about the first."""
    if depth == 0 and shape is not None and shape.stages:
        return len(shape.stages)
    if children is not None:
        return children
    if depth == 0 and node is None and shape is None:
        return len(shapes.default(ground.language).stages)
    return CHILDREN


def _total(ground: Ground, node: int | None, counts: Sequence[int]) -> int:
    """How many nodes will be made in all."""
    total, parents, fresh = 0, [node], 0
    for count in counts:
        below = [brother for parent in parents for brother in ground.children.get(parent, [])]
        new = sum(max(0, count - len(ground.children.get(parent, []))) for parent in parents) + fresh * count
        total += new
        parents = [brother for brother in below if ground.children.get(brother) or not ground.nodes[brother].words]
        fresh = new
    return total


def _share(words: int, shares: Sequence[float], number: int) -> int:
    """The words of one of several brothers, so that theirs make those of all."""
    until, all_ = sum(shares[: number + 1]), sum(shares)
    return round(words * until / all_) - round(words * sum(shares[:number]) / all_)


def _allow(what: str, number: int, most: int, least: int = 1) -> None:
    if not least <= number <= most:
        message = _("{n} {what} can't be made; choose a number from {least} to {most}.")
        raise UsageError(message.format(n=f"{number:,}", what=what, least=least, most=most))
