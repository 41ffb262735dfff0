"""An outline for a text that is written already: its chapters and scenes, and what each of them tells.

It is only offered. Whoever takes it has every text back by ``undo``.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from writer.credits import cut, shifted
from writer.engines import Engine
from writer.errors import ProjectError
from writer.i18n import _, ngettext
from writer.memory import abstract
from writer.memory.update import Progress
from writer.outline import breaks
from writer.outline.told import Titles, Told, across, joined, told
from writer.store import Store
from writer.story import Credit, OutlineNode, Plan
from writer.text import count_words, fingerprint

FEWEST_WORDS = 800
"""A scene with fewer is not cut, whatever marks it has."""

_FEWEST_TOLD = 40  # words that are worth a synopsis


@dataclass(frozen=True, slots=True)
class Piece:
    """A part, chapter or scene as it is proposed, below the one before it that has a lower ``level``."""

    level: int
    title: str
    synopsis: str
    start: int
    end: int
    """The stretch of the text that is its own prose; empty if it only has scenes."""
    words: int
    made_by: str = ""
    is_chapter: bool = False
    """Whether it is a chapter or a part, with scenes or with prose of its own."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What is proposed for a node: a synopsis if it has none, and pieces if its prose is to be cut."""

    node: int
    level: int
    title: str
    synopsis: str
    pieces: tuple[Piece, ...] = ()
    text: bytes = b""
    """What proves that the prose is still what the pieces were cut from."""
    made_by: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """All that is proposed, in story order."""

    offers: tuple[Offer, ...]

    @property
    def scenes(self) -> int:
        """How many scenes there will be where prose is cut, but for chapters of a single one."""
        return sum(not piece.is_chapter for offer in self.offers for piece in offer.pieces)

    @property
    def chapters(self) -> int:
        """How many chapters and parts there will be."""
        return sum(piece.is_chapter for offer in self.offers for piece in offer.pieces)

    @property
    def synopses(self) -> int:
        """How many synopses are new."""
        return sum(map(_synopses, self.offers))

    @property
    def said(self) -> str:
        """How much it is, in words."""
        chapters, scenes, synopses = self.chapters, self.scenes, self.synopses
        told = [
            ngettext("{n} chapter", "{n} chapters", chapters).format(n=chapters) if chapters else "",
            ngettext("{n} scene", "{n} scenes", scenes).format(n=scenes) if scenes else "",
            ngettext("{n} synopsis", "{n} synopses", synopses).format(n=synopses) if synopses else "",
        ]
        return _(", ").join(filter(None, told))


def _synopses(offer: Offer) -> int:
    return bool(offer.synopsis) + sum(bool(piece.synopsis) for piece in offer.pieces)


@dataclass(frozen=True, slots=True)
class Cutting:
    """How a node's prose was cut: what is below it now, and what stood between the pieces."""

    node: int
    made: tuple[int, ...]
    """All new nodes in story order."""
    pieces: tuple[int, ...]
    """Those with prose."""
    between: tuple[str, ...]
    """What stood before each of these, and behind the last."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was done with a proposal, enough to undo it."""

    cuttings: tuple[Cutting, ...] = ()
    synopses: Mapping[int, str] = field(default_factory=dict)
    """Those that nodes were given which had none."""


def propose(
    store: Store, nodes: Collection[int] | None = None, engine: Engine | None = None
) -> Generator[Progress, None, Proposal]:
    """What an outline of the book could be, or of these nodes with all below them; only reads.

    ``engine`` tells the synopses in its own words, so it should be large enough (``memory.retell.is_able``).
    """
    with store.at_one_moment():
        outline = _branches(store.nodes(), nodes)
        language = "zh" if store.project.language == "zh" else "en"
        texts = {node.id: store.scene(node.id, unchecked=True).text for node in outline if node.words}
        planned = {id for id, plan in store.plans.all().items() if plan.synopsis.strip()}
    parents = {node.parent for node in outline}
    total = sum(node.words for node in outline)
    done = 0
    drafts: dict[int, list[_Draft]] = {}
    for node in outline:
        drafts[node.id] = []
        yield Progress(done, total, node.title)
        for draft in _drafts(texts.get(node.id, ""), language, is_leaf=node.id not in parents):
            drafts[node.id].append(draft)
            done += draft.told.gist.words if draft.told is not None else 0
            yield Progress(min(done, total), total, node.title)
    scenes = [draft.told for some in drafts.values() for draft in some if draft.told is not None]
    titles = Titles(scenes)
    below = _told_below(outline, drafts)
    offers = []
    for node in outline:
        pieces = tuple(_pieces(drafts[node.id], titles, language)) if len(drafts[node.id]) > 1 else ()
        whole = below.get(node.id, [])
        is_wanted = node.id not in planned and sum(one.gist.words for one in whole) >= _FEWEST_TOLD
        synopsis = joined(across(whole), language) if is_wanted else ""
        if synopsis or pieces:
            text = fingerprint(texts.get(node.id, ""))
            offers.append(Offer(node.id, node.level, node.title, synopsis, pieces, text))
    if engine is not None:
        offers = yield from _retold(offers, below, texts, engine, language)
    return Proposal(tuple(offers))


def take(store: Store, proposal: Proposal, chosen: Collection[int] | None = None) -> Taken:
    """Do what is proposed, or only for these nodes, all of it or nothing; a synopsis that is there by now stays.

    ProjectError if a text was changed since.
    """
    return store.sparing_index(lambda: _take(store, proposal, chosen))


def undo(store: Store, taken: Taken) -> None:
    """Put the pieces together again, as they are now, and take the synopses back that nobody changed since.

    ProjectError if scenes were added or moved since, or are gone.
    """
    store.sparing_index(lambda: _undo(store, taken))


@dataclass(frozen=True, slots=True)
class _Draft:
    """A piece before it has a title."""

    level: int
    title: str
    start: int
    end: int
    told: Told | None
    """None for what only has scenes."""
    is_chapter: bool = False


def _branches(outline: Sequence[OutlineNode], nodes: Collection[int] | None) -> list[OutlineNode]:
    """These nodes and all below them; all, if none are named."""
    if nodes is None:
        return list(outline)
    found = set(nodes)
    for node in outline:
        if node.parent in found:
            found.add(node.id)
    return [node for node in outline if node.id in found]


def _drafts(text: str, language: str, *, is_leaf: bool) -> Iterator[_Draft]:
    """The pieces of a text, of which a single one is the text as it is."""
    words = count_words(text)
    if not words:
        return
    chapters = breaks.chapters(text) if is_leaf and words >= FEWEST_WORDS else []
    if sum(len(chapter.scenes) for chapter in chapters) < 2:
        yield _Draft(0, "", 0, len(text), told(text, language))
        return
    levels = {level: rank for rank, level in enumerate(sorted({chapter.level for chapter in chapters}))}
    is_flat = len(chapters) == 1
    at = 0
    for chapter in chapters:
        level, title = levels[chapter.level], chapter.title
        if len(chapter.scenes) != 1 and not is_flat:
            yield _Draft(level, title, at, at, None, is_chapter=True)
            level, title = level + 1, ""
        is_chapter = len(chapter.scenes) == 1 and not is_flat
        for scene in chapter.scenes:
            tells = told(text[scene.start : scene.end], language)
            yield _Draft(level, title, scene.start, scene.end, tells, is_chapter=is_chapter)
            at = scene.end


def _told_below(outline: Sequence[OutlineNode], drafts: Mapping[int, Sequence[_Draft]]) -> dict[int, list[Told]]:
    """What each node tells, with all that is below it."""
    below: dict[int, list[Told]] = {}
    children: dict[int | None, list[int]] = {}
    for node in outline:
        children.setdefault(node.parent, []).append(node.id)
    for node in reversed(outline):
        own = [draft.told for draft in drafts[node.id] if draft.told is not None]
        below[node.id] = own + [one for child in children.get(node.id, ()) for one in below[child]]
    return {id: some for id, some in below.items() if some}


def _pieces(drafts: Sequence[_Draft], titles: Titles, language: str) -> Generator[Piece, None, None]:
    number = 0
    for index, draft in enumerate(drafts):
        title, tells = draft.title, draft.told
        if draft.is_chapter:
            number += 1
            title = title or (f"第{number}章" if language == "zh" else f"Chapter {number}")
        if tells is None:
            inside = []
            for other in drafts[index + 1 :]:
                if other.level <= draft.level:
                    break
                inside += [other.told] if other.told is not None else []
            synopsis = joined(across(inside), language) if inside else ""
        else:
            title = title or titles.title(tells)
            synopsis = tells.synopsis if tells.gist.words >= _FEWEST_TOLD else ""
        words = tells.gist.words if tells is not None else 0
        yield Piece(draft.level, title, synopsis, draft.start, draft.end, words, is_chapter=draft.is_chapter)


def _retold(
    offers: Sequence[Offer],
    below: Mapping[int, Sequence[Told]],
    texts: Mapping[int, str],
    engine: Engine,
    language: str,
) -> Generator[Progress, None, list[Offer]]:
    """The same with the synopses in the words of a model, where what it says of the sentences can be kept."""
    total = sum(map(_synopses, offers))
    done = 0
    retold = []
    for offer in offers:
        if offer.synopsis:
            synopsis = yield from _in_other_words(
                across(below[offer.node]), engine, language, Progress(done, total, offer.title)
            )
            done += 1
            if synopsis:
                offer = replace(offer, synopsis=synopsis, made_by=engine.model)
        pieces = []
        for piece in offer.pieces:
            if piece.synopsis and piece.end > piece.start:
                said = told(texts[offer.node][piece.start : piece.end], language).said
                synopsis = yield from _in_other_words(said, engine, language, Progress(done, total, piece.title))
                done += 1
                piece = replace(piece, synopsis=synopsis, made_by=engine.model) if synopsis else piece
            pieces.append(piece)
        retold.append(replace(offer, pieces=tuple(pieces)))
    return retold


def _in_other_words(
    said: Sequence[str], engine: Engine, language: str, progress: Progress
) -> Generator[Progress, None, str]:
    with closing(abstract.summarise(said, engine, language)) as written:
        while True:
            try:
                next(written)
            except StopIteration as end:
                return str(end.value)
            yield progress


def _take(store: Store, proposal: Proposal, chosen: Collection[int] | None) -> Taken:
    cuttings: list[Cutting] = []
    synopses: dict[int, str] = {}
    with store.transaction():
        for offer in proposal.offers:
            if chosen is not None and offer.node not in chosen:
                continue
            if offer.synopsis and _tell(store, offer.node, offer.synopsis, offer.made_by):
                synopses[offer.node] = offer.synopsis
            if offer.pieces:
                cuttings.append(_cut(store, offer))
    return Taken(tuple(cuttings), synopses)


def _tell(store: Store, node: int, synopsis: str, made_by: str) -> bool:
    """Give a node this synopsis if it has none."""
    plan = store.plans.get(node)
    if plan.synopsis.strip():
        return False
    store.plans.put(node, replace(plan, synopsis=synopsis, made_by=made_by or plan.made_by))
    return True


def _cut(store: Store, offer: Offer) -> Cutting:
    """Put the prose of a node into new ones below it; it is kept as an earlier version too."""
    scene = store.scene(offer.node)
    if fingerprint(scene.text) != offer.text:
        raise ProjectError(
            _("“{title}” was changed since its outline was proposed; have it proposed again.").format(title=scene.title)
        )
    store.revisions.keep(offer.node, "split")
    made: list[int] = []
    pieces: list[int] = []
    between: list[str] = []
    above: list[tuple[int, int]] = []
    at = 0
    for piece in offer.pieces:
        while above and above[-1][0] >= piece.level:
            above.pop()
        id = store.add(piece.title, above[-1][1] if above else offer.node)
        above.append((piece.level, id))
        made.append(id)
        if piece.synopsis:
            store.plans.put(id, Plan(piece.synopsis, made_by=piece.made_by))
        if piece.end > piece.start:
            store.save(id, scene.text[piece.start : piece.end], cut(scene.credits, piece.start, piece.end))
            pieces.append(id)
            between.append(scene.text[at : piece.start])
            at = piece.end
    store.save(offer.node, "")
    return Cutting(offer.node, tuple(made), tuple(pieces), (*between, scene.text[at:]))


def _undo(store: Store, taken: Taken) -> None:
    with store.transaction():
        outline = store.nodes()
        for cutting in taken.cuttings:
            below = [node.id for node in _branches(outline, [cutting.node])]
            if below != [cutting.node, *cutting.made] or store.scene(cutting.node).text:
                raise ProjectError(_("The scenes were moved since; join them by hand."))
            text, credits = "", tuple[Credit, ...]()
            for id, before in zip(cutting.pieces, cutting.between, strict=False):
                scene = store.scene(id)
                text += before
                credits += shifted(scene.credits, len(text))
                text += scene.text
            store.save(cutting.node, text + cutting.between[-1], credits)
            for node in outline:
                if node.parent == cutting.node:
                    store.remove(node.id)
        for id, synopsis in taken.synopses.items():
            plan = store.plans.get(id)
            if plan.synopsis == synopsis:
                store.plans.put(id, replace(plan, synopsis="", made_by=""))
