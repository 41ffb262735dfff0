"""Which scenes wait for a draft, in story order, how many words each is to have, and where scenes are missing still."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from writer.draft.length import A_SCENE, LEAST, MOST_A_SCENE, is_enough
from writer.errors import ProjectError, UsageError
from writer.i18n import _
from writer.store import Store
from writer.store.plans import BOOK, MOST_WORDS
from writer.story import OutlineNode, Plan, Task

A_BOOK = 8000
"""Words of a book without an outline, if nobody said how many."""
MOST_CHILDREN = 10
"""A part of the outline is divided into no more; what needs more gets another level."""
MOST_PLANNED = 1_500_000
"""Words for which scenes can be planned at once."""
_NO_PLAN = Plan()


@dataclass(frozen=True, slots=True)
class Growth:
    """A part of the outline, the whole of it under None, that must be divided before it can be written."""

    node: int | None
    levels: int
    children: int


@dataclass(frozen=True)
class Outline:
    """The outline with what is planned, as it is at one moment."""

    nodes: Mapping[int, OutlineNode]
    """In story order."""
    plans: Mapping[int, Plan]
    premise: str
    children: Mapping[int | None, Sequence[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, store: Store) -> Outline:
        """The outline of a project."""
        nodes = {node.id: node for node in store.nodes()}
        children: dict[int | None, list[int]] = {}
        for node in nodes.values():
            children.setdefault(node.parent, []).append(node.id)
        return cls(nodes, store.plans.all(), store.project.premise, children)

    def plan(self, node: int) -> Plan:
        """What is planned for a node."""
        return self.plans.get(node, _NO_PLAN)

    def is_leaf(self, node: int) -> bool:
        """Whether a node's prose is a scene."""
        return not self.children.get(node)

    def leaves(self, below: Iterable[int] | None = None) -> list[int]:
        """The leaves below some nodes, these included, or all, in story order."""
        inside: set[int] = set(self.nodes) if below is None else set()
        waiting = list(below or ())
        while waiting:
            node = waiting.pop()
            inside.add(node)
            waiting += self.children.get(node, ())
        return [node for node in self.nodes if node in inside and self.is_leaf(node)]

    @cached_property
    def _sizes(self) -> dict[int, int]:
        """How many leaves each node is or has below it."""
        sizes = dict.fromkeys(self.nodes, 0)
        for node in reversed([*self.nodes.values()]):
            sizes[node.id] += self.is_leaf(node.id)
            if node.parent is not None:
                sizes[node.parent] += sizes[node.id]
        return sizes

    def is_untouched(self, node: int) -> bool:
        """Whether this is the empty scene with which a new book begins, beside others."""
        told = self.nodes[node]
        is_blank = not told.words and self.plan(node) == _NO_PLAN and told.title in ("", "Scene 1", _("Scene 1"))
        return is_blank and told.parent is None and len(self.nodes) > 1

    def shares(self, whole: int) -> dict[int, int]:
        """How many words each leaf is to have: its own target, else its share of what is wanted above it."""
        found: dict[int, int] = {}
        waiting: list[tuple[int | None, int]] = [(None, whole)]
        while waiting:
            node, words = waiting.pop()
            if node is not None and self.is_leaf(node):
                found[node] = words or A_SCENE
                continue
            below = list(self.children.get(node, ()))
            waiting += zip(below, self._divided(below, words), strict=True)
        return found

    def _divided(self, brothers: Sequence[int], words: int) -> list[int]:
        """What each of these has of so many words; 0 where nothing says so."""
        own = [self.plan(node).target_words for node in brothers]
        sizes = [self._sizes[node] for node in brothers]
        free = sum(size for size, said in zip(sizes, own, strict=True) if not said)
        if not words:
            return own
        if not free:
            return apportioned(words, own)
        left = max(words - sum(own), LEAST * free)
        return apportioned(
            sum(own) + left, [target or left * size / free for target, size in zip(own, sizes, strict=True)]
        )


def apportioned(words: int, weights: Sequence[float]) -> list[int]:
    """So many words divided by weights, to the word."""
    total = sum(weights) or 1
    ends, at = [0], 0.0
    for weight in weights:
        at += weight
        ends.append(round(words * at / total))
    return [end - start for start, end in itertools.pairwise(ends)]


def refuse(words: int | None) -> None:
    """UsageError for a number of words that no draft can have."""
    if words is not None and not 1 <= words <= MOST_WORDS:
        message = _("A target of {n} words can't be met; choose one between 1 and {most}.")
        raise UsageError(message.format(n=f"{words:,}", most=f"{MOST_WORDS:,}"))


def refuse_blank(outline: Outline) -> None:
    """UsageError for a book of which nothing says what it is about."""
    is_planned = any(plan.synopsis or plan.beats or plan.events or plan.notes for plan in outline.plans.values())
    is_named = any(node.words or node.title not in ("", "Scene 1", _("Scene 1")) for node in outline.nodes.values())
    if not (any(map(str.isalnum, outline.premise)) or is_planned or is_named):
        raise UsageError(
            _("There is no premise yet; write in a sentence or two what the book is about, and try again.")
        )


def growing(outline: Outline, nodes: Sequence[int] | None, words: int | None) -> list[Growth]:
    """What of the outline must be divided first: it has no scenes, or one of them is to be far too long for a scene."""
    book = words or outline.plan(BOOK).target_words
    if nodes is None and not any(not outline.is_untouched(node) for node in outline.nodes):
        return [_growth(None, book or A_BOOK)]
    leaves = [leaf for leaf in outline.leaves(nodes) if not outline.is_untouched(leaf)]
    if nodes is None and len(outline.nodes) == 1 and outline.nodes[leaves[0]].words == 0:
        (only,) = leaves
        if outline.plan(only) == _NO_PLAN and (book or A_BOOK) > MOST_A_SCENE:
            growth = _growth(None, book or A_BOOK)
            return [replace(growth, children=growth.children + (growth.levels == 1))]  # this one stays empty
    shares = _scaled(outline, leaves, nodes, words)
    return [
        _growth(leaf, shares[leaf])
        for leaf in leaves
        if shares[leaf] > MOST_A_SCENE and not outline.nodes[leaf].words and not outline.plan(leaf).beats
    ]


def _growth(node: int | None, words: int) -> Growth:
    if words > MOST_PLANNED:
        message = _(
            "Scenes for {n} words can't be planned at once; ask for at most {most}, or outline the parts first."
        )
        raise UsageError(message.format(n=f"{words:,}", most=f"{MOST_PLANNED:,}"))
    scenes = max(1, round(words / A_SCENE))
    levels = max(1, math.ceil(math.log(scenes, MOST_CHILDREN) - 1e-9)) if scenes > 1 else 1
    return Growth(node, levels, max(1, round(scenes ** (1 / levels))))


def arranged(
    outline: Outline, tasks: Sequence[Task], nodes: Sequence[int] | None, words: int | None, seed: int
) -> tuple[list[Task], list[int]]:
    """The queue as it shall be, and the scenes in it that one draft writes, with those that it has written already.

    What waits is gone on with where it is; with ``nodes`` or ``words`` it may get other lengths. UsageError with the
    reason if there is nothing to write.
    """
    there = {task.node: _again(task) for task in tasks if task.node in outline.nodes and outline.is_leaf(task.node)}
    unfinished = {node: task for node, task in there.items() if task.state != "done"}
    if nodes is None and words is None and unfinished:
        return list(there.values()), list(there)  # with what is done, so that it is known how far all of it is
    known = set(outline.nodes)
    if nodes is not None and not known.issuperset(nodes):
        raise ProjectError(_("That part of the outline is not there any more; choose another one."))
    leaves = [leaf for leaf in outline.leaves(nodes) if not outline.is_untouched(leaf)]
    named = set(nodes or ())
    chosen = [leaf for leaf in leaves if leaf in unfinished or leaf in named or not outline.nodes[leaf].words]
    shares = _scaled(outline, leaves, nodes, words, chosen)
    new = []
    for leaf in chosen:
        task = unfinished.get(leaf) or Task(leaf, shares[leaf], seed=seed)
        if task.state == "waiting" or (leaf in named and words is not None):
            task = replace(task, words=shares[leaf])
        new.append(task)
    if len(chosen) == 1 and chosen[0] in named and chosen[0] not in unfinished:
        new = [_longer(outline.nodes[chosen[0]], new[0], words)]
    others = [task for node, task in unfinished.items() if node not in set(chosen)]
    return new + others, chosen


def _again(task: Task) -> Task:
    return replace(task, state="writing" if task.beats else "waiting", problem="") if task.state == "failed" else task


def _longer(node: OutlineNode, task: Task, words: int | None) -> Task:
    """A task for a scene that may have text; UsageError if it has as much as it is to have."""
    if not is_enough(task.words, node.words):
        return task
    raise UsageError(
        _("“{title}” has {words} words already, as many as it was to have; ask for more words.").format(
            title=node.title, words=f"{node.words:,}"
        )
    )


def _scaled(
    outline: Outline,
    leaves: Sequence[int],
    nodes: Sequence[int] | None,
    words: int | None,
    chosen: Collection[int] | None = None,
) -> dict[int, int]:
    """How many words each leaf is to have, so that all have ``words`` together if that is given."""
    shares = outline.shares(outline.plan(BOOK).target_words)
    chosen = [leaf for leaf in leaves if chosen is None or leaf in chosen]
    if nodes is not None and words is None and chosen:
        top = sum(outline.plan(node).target_words for node in nodes)
        words = top or None
    if words is None or not chosen:
        return shares
    written = sum(outline.nodes[leaf].words for leaf in leaves if leaf not in set(chosen))
    least = written + LEAST * len(chosen)
    if (len(chosen) > 1 and words < least) or words <= written:
        raise UsageError(
            _(
                "{n} scenes can't be told in {words} words, of which {written} are written; ask for at least {least}."
            ).format(n=f"{len(leaves):,}", words=f"{words:,}", written=f"{written:,}", least=f"{least:,}")
        )
    return shares | dict(zip(chosen, apportioned(words - written, [shares[leaf] for leaf in chosen]), strict=True))
