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
from writer.outline import reported, resort, thinking
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
    material = {node: _material(ground, node)}
    is_reported = bool(material[node])
    total = _total(ground, node, counts, material[node])
    if total > MOST_NODES:
        message = _("That would be {n} nodes; choose fewer levels or children, so that there are at most {most}.")
        raise UsageError(message.format(n=f"{total:,}", most=f"{MOST_NODES:,}"))
    thought = thinking.Thinking(engine, settings, ground, seed)
    made: list[Node] = []
    known: dict[int, tuple[Idea, ...]] = {}
    words: dict[int | None, int] = {node: ground.words(node)}
    said = ground.ideas()
    spare, started = 0, time.monotonic()
    parents: list[int | None] = [node]
    for depth, count in enumerate(counts):
        below: list[int | None] = []
        for parent in parents:
            there = ground.children.get(parent, [])
            above = ground.above(parent) if parent is None or parent in ground.nodes else known[parent]
            brothers = [ground.idea(brother) for brother in there]
            after = there[-1] if there else None
            notes = material[parent]
            is_told = is_reported or bool(notes)
            until = reported.count(count, len(there), notes, is_part=parent is not None) if is_told else count
            stages = grounds.stages(
                ground, top + depth, max(until, len(there)), shape if node is None or shape else None
            )
            for number, brother in enumerate(there):
                material[brother] = (*ground.own(brother), *reported.share(notes, number, until))
            wanted = words.get(parent) or (ground.words(parent) if parent in ground.nodes else 0)
            below += [brother for brother in there if ground.children.get(brother) or not ground.nodes[brother].words]
            for number in range(len(there), until):
                stage, ours = stages[number], reported.share(notes, number, until)
                place = Place(
                    parent, top + depth, number, until, stage, above, tuple(brothers), (),
                    _share(wanted, [one.share for one in stages], number),
                    depth == levels - 1 or (is_told and len(ours) < 2),
                )  # fmt: skip
                left = (time.monotonic() - started) / len(made) * (total - len(made)) if made else 0.0
                progress = Progress(len(made), total, above[-1].title if above else ground.title, left)
                steps: tuple[str, ...] = ()
                if is_told:
                    yield progress
                    idea = reported.section(ground, place, ours, said)
                else:
                    idea = yield from _ticking(partial(thought.idea, place), progress)
                if beats and place.is_leaf and is_told:
                    steps = reported.steps(ours, beats)
                elif beats and place.is_leaf:
                    steps = yield from _ticking(partial(thought.beats, place, idea, beats), progress)
                plan = Plan(
                    synopsis=idea.synopsis,
                    status="outline",
                    target_words=place.words,
                    cast=reported.cast(ours) if is_told else (),
                    beats=steps,
                    made_by=idea.made_by,
                )
                after = keep(parent, idea.title, plan, after)
                brothers.append(idea)
                said.append(idea)
                material[after] = ours
                known[after], words[after] = (*above, idea), place.words
                below.append(after)
                spare += idea.made_by == resort.MADE_BY and not is_told
                made.append(Node(after, parent, place.level, idea.title, plan))
                yield replace(progress, done=len(made), node=made[-1])
        parents = below
    messages = [*ground.notes]
    if is_reported and len(made) < _total(ground, node, counts, ()):
        messages.append(_("Each section comes from your notes; write more of them, and grow again, for more."))
    if made and spare == len(made):
        messages.append(
            _("The model wrote nothing that fits, so this outline is made of your own words; choose a larger model.")
        )
    return Grown(tuple(made), spare, tuple(messages))


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
    """Other ideas for a node, none like another or like what is there; the project stays as it is.

    Of an article they are what the notes on this section say, if there are any: fewer where these say no more, and a
    UsageError if nothing else can be made of them.
    """
    _allow(_("alternatives"), n, MOST_CHILDREN)
    ground = grounds.look(store, node, shape)
    place = ground.place_of(node, shape)
    if notes := _material(ground, node):
        there = ground.idea(node)
        yield Progress(0, n, there.title)
        said = [one for one in ground.ideas() if one != there]  # its own title may stay the plainest
        if not (ideas := reported.others(ground, place, notes, there, said, n, seed)):
            raise UsageError(_("The notes say nothing else for this section; write more of them, and ask again."))
        return ideas
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
    """What happens in a scene, step by step, each a finished sentence; the project stays as it is.

    Of an article it is what the notes say that this scene is to tell, if there are any.
    """
    _allow(_("beats"), n, MOST_BEATS)
    ground = grounds.look(store, node)
    if notes := _material(ground, node):
        yield Progress(0, n, ground.idea(node).title)
        return reported.steps(notes, n)
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


def _material(ground: Ground, node: int | None) -> tuple[str, ...]:
    """What of the notes on an article a part of it tells: its own, and its share of those above."""
    if node is None:
        return ground.own(None)
    parent = ground.nodes[node].parent
    brothers = ground.children.get(parent, [])
    at = brothers.index(node) if node in brothers else 0
    return (*ground.own(node), *reported.share(_material(ground, parent), at, len(brothers)))


def _total(ground: Ground, node: int | None, counts: Sequence[int], notes: Sequence[str]) -> int:
    """How many nodes will be made in all; with notes, no more than these tell."""
    total = 0
    # Which nodes are below it, what it tells, whether it is a part, and how many are like it.
    parents = [(ground.children.get(node, []), tuple(notes), node is not None, 1)]
    for count in counts:
        below = []
        for there, told, is_part, times in parents:
            is_told = bool(notes or told)
            until = reported.count(count, len(there), told, is_part=is_part) if is_told else max(count, len(there))
            total += times * (until - len(there))
            for number, brother in enumerate(there):
                if ground.children.get(brother) or not ground.nodes[brother].words:
                    ours = (*ground.own(brother), *reported.share(told, number, until))
                    below.append((ground.children.get(brother, []), ours, True, 1))
            if is_told:
                below += [([], reported.share(told, number, until), True, 1) for number in range(len(there), until)]
            elif until > len(there):
                below.append(([], (), True, times * (until - len(there))))
        parents = below
    return total


def _share(words: int, shares: Sequence[float], number: int) -> int:
    """The words of one of several brothers, so that theirs make those of all."""
    until, all_ = sum(shares[: number + 1]), sum(shares)
    return round(words * until / all_) - round(words * sum(shares[:number]) / all_)


def _allow(what: str, number: int, most: int, least: int = 1) -> None:
    if not least <= number <= most:
        message = _("{n} {what} can't be made; choose a number from {least} to {most}.")
        raise UsageError(message.format(n=f"{number:,}", what=what, least=least, most=most))
