"""What an outline grows from: the premise, and what of the outline is there already."""

from __future__ import annotations

from dataclasses import dataclass, replace

from writer import shapes, sources
from writer.errors import ProjectError, UsageError
from writer.i18n import _
from writer.outline import steps
from writer.shapes import Shape, Stage
from writer.store import Store, kind
from writer.store.plans import BOOK
from writer.story import OutlineNode, Plan
from writer.text import count_words, language_of, sentences

MOST_READ = 90
"""Words of a premise, or of a synopsis, that are read; more would drown what a small model is asked."""
_LONGEST_WORD = 12
"""Characters that a word has on the average, at most, in a text that is read."""
_BARE = (
    "scene",
    "new scene",
    "new chapter",
    "chapter",
    "场景",
    "新场景",
    "新章节",
    "新的场景",
    "新的一章",
    "第一场",
    "第一章",
)


@dataclass(frozen=True, slots=True)
class Idea:
    """A node that could be: a short title, one or two finished sentences, and what made them."""

    title: str
    synopsis: str
    made_by: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node is wanted, and what is known there."""

    parent: int | None
    level: int
    number: int
    """How many brothers come before it, and below, of how many it is one."""
    count: int
    stage: Stage
    above: tuple[Idea, ...] = ()
    """From the top down to the parent, without the premise."""
    before: tuple[Idea, ...] = ()
    """The brothers that come before, in their order."""
    behind: tuple[Idea, ...] = ()
    words: int = 0
    is_leaf: bool = True


@dataclass(frozen=True, slots=True)
class Ground:
    """The book as it is: what it is about, and its tree."""

    title: str
    premise: str
    """Of a long one the first sentences."""
    language: str
    kind: str
    nodes: dict[int, OutlineNode]
    plans: dict[int, Plan]
    children: dict[int | None, list[int]]
    """Those that say something; an untitled empty scene doesn't."""
    notes: tuple[str, ...] = ()
    """What the author should know, a sentence each."""

    def idea(self, node: int) -> Idea:
        """What a node says."""
        return Idea(self.nodes[node].title, self.nodes[node].synopsis, self.plans.get(node, Plan()).made_by)

    def above(self, node: int | None) -> tuple[Idea, ...]:
        """What this node and those above it say, from the top."""
        path: list[Idea] = []
        while node is not None:
            path.append(self.idea(node))
            node = self.nodes[node].parent
        return tuple(reversed(path))

    def own(self, node: int | None) -> tuple[str, ...]:
        """The notes on a node of an article, or on the whole of it, item by item; none for a story."""
        plan = self.plans.get(BOOK if node is None else node)
        items = sources.cut(plan.notes) if plan is not None and self.kind == kind.ARTICLE else ()
        return tuple(dict.fromkeys(item.text for item in items))

    def words(self, node: int | None) -> int:
        """How many words are wanted of a node, or of the whole book; 0 if nobody said."""
        return self.plans.get(BOOK if node is None else node, Plan()).target_words

    def ideas(self) -> list[Idea]:
        """Everything that is there."""
        return [self.idea(node) for siblings in self.children.values() for node in siblings]

    def place_of(self, node: int, shape: Shape | None = None) -> Place:
        """Where this node is, as if it were still to be written."""
        parent = self.nodes[node].parent
        brothers = self.children.get(parent, [])
        number = brothers.index(node) if node in brothers else len(brothers)
        count = max(len(brothers), number + 1)
        level = self.nodes[node].level
        before = tuple(map(self.idea, brothers[:number]))
        return Place(
            parent,
            level,
            number,
            count,
            stages(self, level, count, shape)[number],
            self.above(parent),
            before,
            tuple(map(self.idea, brothers[number + 1 :])),
            self.words(node),
            not self.children.get(node),
        )


def look(store: Store, node: int | None = None, shape: Shape | None = None) -> Ground:
    """The ground below a node, or of the whole book; ProjectError or UsageError if nothing can grow there."""
    outline = store.nodes()
    nodes = {one.id: one for one in outline}
    plans = store.plans.all()
    if node is not None and node not in nodes:
        raise UsageError(_("There is no scene {scene} in the outline; choose one that is there.").format(scene=node))
    project = store.project
    parents = {one.parent for one in outline}
    children: dict[int | None, list[int]] = {}
    for one in outline:
        if one.id in parents or not _is_bare(one, plans.get(one.id, Plan())):
            children.setdefault(one.parent, []).append(one.id)
    premise = " ".join(project.premise.split())
    if not any(map(str.isalnum, premise)):
        if node is None:
            message = _("There is no premise yet; write in a sentence or two what the book is about, and try again.")
            raise ProjectError(message)
        premise = nodes[node].synopsis or nodes[node].title
        if not any(map(str.isalnum, premise)):
            message = _("Nothing says what this part is about; write a title, a synopsis or a premise, and try again.")
            raise ProjectError(message)
    read, notes = shortened(premise), []
    if len(read) < len(premise):
        message = _("The premise has {n} words; only its first {read} are read for the outline.")
        notes.append(message.format(n=f"{count_words(premise):,}", read=count_words(read)))
    language = language_of(premise)
    if language != (project.language or language):
        spoken = {"en": _("English"), "zh": _("Chinese")}[language]
        notes.append(_("The premise is in {language}, so the outline is, too.").format(language=spoken))
    made_as = shape.kind if shape is not None else kind.ARTICLE if kind.is_article(store) else kind.STORY
    plain = {id: replace(one, synopsis=" ".join(one.synopsis.split())) for id, one in nodes.items()}
    return Ground(project.title, read, language, made_as, plain, plans, children, tuple(notes))


def stages(ground: Ground, level: int, count: int, shape: Shape | None) -> tuple[Stage, ...]:
    """What so many brothers at a level are for, by a shape or else by steps that fit everywhere."""
    if shape is None and level == 0 and ground.kind == "story":
        shape = shapes.default(ground.language)
    chosen = shape if shape is not None and shape.stages else steps.shape(ground.language, ground.kind, level)
    return chosen.spread(count)


def shortened(text: str, most: int = MOST_READ) -> str:
    """The first sentences, in all not over so many words, but at least a piece of the first."""
    kept = ""
    for start, end in sentences(text):
        if kept and count_words(kept + text[start:end]) > most:
            break
        kept += text[start:end]
        if count_words(kept) > most:
            words = kept.split() if " " in kept[: 8 * most] else list(kept)
            kept = (" " if " " in kept[: 8 * most] else "").join(words[:most])
            break
    return kept[: most * _LONGEST_WORD].strip()


def _is_bare(node: OutlineNode, plan: Plan) -> bool:
    """Whether nobody said anything of this node yet."""
    title = node.title.casefold().strip().rstrip("0123456789 ").strip()
    return not node.words and replace(plan, status="") == Plan() and title in _BARE
