"""The outline follows the prose: synopses that no longer fit what was written, each with what would fit.

For each synopsis it is kept with which prose it was right last. Only what has changed since is looked at, and nothing
is changed before the author says so.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial

from writer.engines import Engine
from writer.errors import ProjectError
from writer.i18n import _
from writer.memory import abstract
from writer.memory.update import Progress
from writer.outline.drift import Fit, fitting
from writer.store import Store
from writer.story import OutlineNode, Plan

KIND = "followed"
"""What prose is kept as with which a synopsis was right."""

_MARKS = "followed"
"""The key of what was right when."""
_FINISHED = ("revised", "done")
_MOST_REVISIONS = 12  # that are looked through for prose from before there were marks


@dataclass(frozen=True, slots=True)
class Mark:
    """With which prose a synopsis was right last: the keys of both."""

    synopsis: str
    scenes: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Drift:
    """A synopsis that prose no longer fits, and what would."""

    node: int
    title: str
    synopsis: str
    proposal: str
    why: tuple[str, ...]
    """A sentence for each thing that changed."""
    mark: Mark
    """The prose as it was read."""
    made_by: str = ""
    """The model that had a hand in it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How far the reading is, and what of it is to be kept in one transaction."""

    progress: Progress
    marks: Mapping[int, Mark] = field(default_factory=dict)
    texts: Mapping[bytes, bytes] = field(default_factory=dict)
    wanted: frozenset[bytes] | None = None
    """If not None, other prose needn't be kept any more."""


def drifts(
    store: Store, nodes: Collection[int] | None = None, engine: Engine | None = None
) -> Generator[Seen, None, list[Drift]]:
    """The synopses that prose no longer fits, in story order, or of these nodes only.

    Only reads; what it yields is for ``keep``, in whatever thread. ``engine`` says in its own words what is new, so it
    should be large enough (``memory.retell.is_able``).
    """
    with store.at_one_moment():
        reading = _Reading(store)
    found = []
    waiting = [node for node in reading.nodes if node.synopsis.strip() and (nodes is None or node.id in nodes)]
    for done, node in enumerate(waiting):
        yield Seen(Progress(done, len(waiting), node.title))
        drift = yield from reading.drift(node, engine)
        if drift is not None:
            found.append(drift)
    wanted = reading.wanted(found) if nodes is None else None
    yield Seen(Progress(len(waiting), len(waiting), ""), reading.marks, reading.packed(found), wanted)
    return found


def keep(store: Store, seen: Seen) -> None:
    """Write what was seen."""
    if not seen.marks and not seen.texts and seen.wanted is None:
        return
    with store.transaction():
        if seen.texts:
            store.index.keep(KIND, seen.texts)
        if seen.marks:
            _put(store, seen.marks)
        if seen.wanted is not None:
            store.index.sweep(
                KIND, seen.wanted | {bytes.fromhex(key) for m in _marks(store).values() for key in _keys(m)}
            )


def accept(store: Store, drift: Drift) -> Plan:
    """Let the synopsis be what is proposed, and give the plan as it was; ProjectError if it was changed meanwhile."""
    with store.transaction():
        plan = store.plans.get(drift.node)
        if plan.synopsis != drift.synopsis:
            raise ProjectError(
                _("The synopsis of “{title}” was changed meanwhile, so it stays as it is.").format(title=drift.title)
            )
        store.plans.put(drift.node, replace(plan, synopsis=drift.proposal, made_by=drift.made_by or plan.made_by))
        _put(store, {drift.node: replace(drift.mark, synopsis=_key(drift.proposal))})
    return plan


def dismiss(store: Store, drift: Drift) -> None:
    """Leave a synopsis as it is: it counts as right for this prose, and is offered again only if that changes."""
    _put(store, {drift.node: drift.mark})


def take_back(store: Store, drift: Drift, plan: Plan) -> None:
    """Let the synopsis be again what it was before this was accepted, if nobody changed it since."""
    with store.transaction():
        now = store.plans.get(drift.node)
        if now.synopsis != drift.proposal:
            raise ProjectError(
                _("The synopsis of “{title}” was changed meanwhile, so it stays as it is.").format(title=drift.title)
            )
        store.plans.put(drift.node, replace(now, synopsis=plan.synopsis, made_by=plan.made_by))
        _put(store, {drift.node: drift.mark})


class _Reading:
    """The book at one moment, with what was right before."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.nodes = store.nodes()
        self._language = "zh" if store.project.language == "zh" else "en"
        self._plans = store.plans.all()
        self._texts = {node.id: store.scene(node.id, unchecked=True).text for node in self.nodes if node.words}
        self._now = {id: _key(text) for id, text in self._texts.items()}
        self._by_key = {key: id for id, key in self._now.items()}
        self._old = _marks(store)
        self._below = _below(self.nodes)
        self.marks: dict[int, Mark] = {}
        """Those that are new."""

    def wanted(self, found: Sequence[Drift]) -> frozenset[bytes]:
        """The keys of all prose that may be asked for."""
        known = {**self._old, **self.marks}
        marks = [known[node.id] for node in self.nodes if node.id in known] + [drift.mark for drift in found]
        return frozenset(bytes.fromhex(key) for mark in marks for key in _keys(mark))

    def packed(self, found: Sequence[Drift]) -> dict[bytes, bytes]:
        """The prose of the new marks, and of those that wait for the author's answer."""
        keys = {key for mark in (*self.marks.values(), *(drift.mark for drift in found)) for key in _keys(mark)}
        known = self._store.index.notes(KIND, map(bytes.fromhex, keys))
        return {
            bytes.fromhex(key): zlib.compress(self._texts[self._by_key[key]].encode("utf-8", "surrogatepass"))
            for key in sorted(keys)
            if key in self._by_key and bytes.fromhex(key) not in known
        }

    def drift(self, node: OutlineNode, engine: Engine | None) -> Generator[Seen, None, Drift | None]:
        """What became of one synopsis; where nothing did, or nobody knows, it counts as right."""
        scenes = {id: self._now[id] for id in self._below[node.id] if id in self._now}
        mark, old = Mark(_key(node.synopsis), scenes), self._old.get(node.id)
        if old == mark:
            return None
        before = self._before(node, old) if old is None or old.synopsis == mark.synopsis else None
        if before is None:
            self.marks[node.id] = mark
            return None
        changed = [
            (before.get(id, ""), self._texts.get(id, "") if id in scenes else "")
            for id in dict.fromkeys([*before, *scenes])
            if before.get(id, "") != (self._texts.get(id, "") if id in scenes else "")
        ]
        same = [self._texts[id] for id in scenes if before.get(id) == self._texts[id]]
        status = self._plans.get(node.id, Plan()).status
        tell = partial(_in_other_words, engine, self._language) if engine is not None else None
        work = fitting(node.synopsis, changed, same, self._language, tell, is_finished=status in _FINISHED)
        fit: Fit | None = None
        while True:
            try:
                next(work)
            except StopIteration as end:
                fit = end.value
                break
            yield Seen(Progress(0, 0, node.title))
        if fit is None:
            return None
        made_by = engine.model if engine is not None else ""
        return Drift(node.id, node.title, node.synopsis, fit.proposal, fit.why, mark, made_by)

    def _before(self, node: OutlineNode, mark: Mark | None) -> dict[int, str] | None:
        """The prose with which a synopsis was right; None if nobody knows."""
        if mark is None:
            return self._earlier(node)
        gone = [bytes.fromhex(key) for key in _keys(mark) if key not in self._by_key]
        found = self._store.index.notes(KIND, gone)
        known = {
            id: self._texts[self._by_key[key]] if key in self._by_key else _unpacked(found.get(bytes.fromhex(key)))
            for id, key in mark.scenes.items()
        }
        whole = {id: text for id, text in known.items() if text is not None}
        return whole if len(whole) == len(known) else None

    def _earlier(self, node: OutlineNode) -> dict[int, str] | None:
        """The earlier version of a scene that its synopsis fits best, if it fits that better than today's."""
        if node.id not in self._texts or len([id for id in self._below[node.id] if id in self._now]) > 1:
            return None
        now = self._texts[node.id]
        best, most = None, _support(node.synopsis, now)
        for revision in self._store.revisions.of(node.id)[:_MOST_REVISIONS]:
            try:
                text = self._store.revisions.read(revision.id).text
            except ProjectError:  # damaged on the disk
                continue
            if (support := _support(node.synopsis, text)) > most:
                best, most = text, support
        return None if best is None else {node.id: best}


def _support(synopsis: str, text: str) -> int:
    """How many of a synopsis's telling words a text has."""
    from writer.memory.terms import stems, terms

    known = stems(text)
    return len({term.key for term in terms(synopsis) if term.key in known or (term.is_chinese and term.key in text)})


def _in_other_words(engine: Engine, language: str, said: Sequence[str]) -> Generator[None, None, str]:
    with closing(abstract.summarise(said, engine, language)) as written:
        while True:
            try:
                next(written)
            except StopIteration as end:
                return str(end.value)
            yield


def _below(nodes: Sequence[OutlineNode]) -> dict[int, list[int]]:
    """Each node with all below it, in story order."""
    below: dict[int, list[int]] = {node.id: [node.id] for node in nodes}
    for node in reversed(nodes):
        if node.parent is not None:
            below[node.parent][1:1] = below[node.id]
    return below


def _key(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _keys(mark: Mark) -> list[str]:
    return list(mark.scenes.values())


def _unpacked(data: bytes | None) -> str | None:
    try:
        return None if data is None else zlib.decompress(data).decode("utf-8", "surrogatepass")
    except (zlib.error, UnicodeDecodeError):
        return None


def _marks(store: Store) -> dict[int, Mark]:
    """The marks of all nodes; what can't be read isn't there."""
    try:
        told = json.loads(store.get(_MARKS, "{}"))
        return {
            int(id): Mark(str(synopsis), {int(scene): bytes.fromhex(key).hex() for scene, key in scenes.items()})
            for id, (synopsis, scenes) in told.items()
        }
    except (ValueError, TypeError, AttributeError, RecursionError):
        return {}


def _put(store: Store, marks: Mapping[int, Mark]) -> None:
    """Keep these marks with the others, of which those of nodes that are gone go."""
    with store.transaction():
        order = store.order()
        known = {id: mark for id, mark in _marks(store).items() if id in order} | dict(marks)
        told = {id: [mark.synopsis, mark.scenes] for id, mark in sorted(known.items())}
        store.put(_MARKS, json.dumps(told))
