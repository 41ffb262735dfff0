"""What the memory of the book offers at a caret, and how much of it the model reads.

All of it is chosen where the paragraph begins: it depends on nothing that is being typed.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from weakref import WeakKeyDictionary

from writer.context.window import most
from writer.engines import Engine
from writer.i18n import _
from writer.store import Store
from writer.story import Choice, Cursor, Dropped, Entry, Note, Part, Passage, Span
from writer.text import clean, language_of

NEAR = 4000
"""An entry is called to mind by so many characters before the caret."""

_RECALLED = 3
_NAMES = 120
_LASTING = 0.1
_EXPECTED = math.inf
"""The presence of those who the plan says are in the scene."""
_REMEMBERED = 8

Answer = TypeVar("Answer")

_HEADS = {
    "en": {"cast": "Characters and places: {}.\n\n", "lately": "Named lately: {}.\n\n", "join": ", "},
    "zh": {"cast": "人物与地点：{}。\n\n", "lately": "近处提到：{}。\n\n", "join": "、"},
}


@dataclass(frozen=True, slots=True)
class Offer:
    """What there is to be remembered at a place, each in the order in which it is wanted."""

    entries: tuple[Entry, ...] = ()
    """Those of the author that are near."""
    cast: tuple[tuple[Entry, float], ...] = ()
    """Who and what was in the book so far, with how present they are."""
    lately: tuple[Entry, ...] = ()
    """Who and what was named in the last pages, the latest first, in the cast or not."""
    pinned: tuple[Passage, ...] = ()
    note: Note = field(default_factory=lambda: Note(""))
    wording: str = ""
    """The key of the texts from which a model may learn how the book chooses its words."""


@dataclass(frozen=True, slots=True)
class Shares:
    """What of the budget each kind may take at most."""

    entries: float = 1 / 10
    cast: float = 1 / 8
    lately: float = 1 / 16
    pinned: float = 1 / 10
    note: float = 1 / 20


SHARES = Shares()


class Memory:
    """The memory of a book as its store keeps it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def offer(self, cursor: Cursor) -> Offer:
        """What is offered where something is decided.

        The answer stays the same while the author types on there, whatever is saved meanwhile, unless it is the author
        who changes what is to be remembered.
        """
        own, choices, note = self._store.entries.all(), self._store.choices.all(), self._store.note
        planned = self._store.plans.get(cursor.scene).cast
        what = repr((cursor.scene, own, choices, note, planned)) + cursor.before
        return _remembered(
            _OFFERS.setdefault(self._store, {}), what, lambda: self._offer(cursor, own, choices, note, planned)
        )

    def reminders(self, cursor: Cursor, page: int, shown: str, cast: Sequence[Entry]) -> tuple[Passage, ...]:
        """Sentences about whom or what the page, which begins at an offset, mentions anew; as lasting as an offer."""
        from writer.memory.remind import remind

        choices = self._store.choices.all()
        what = repr((cursor.scene, page, choices)) + cursor.before
        known = _REMINDERS.setdefault(self._store, {})
        return _remembered(
            known, what, lambda: tuple(remind(self._store, cursor, shown, cast, 2 * _RECALLED, within=page))
        )

    def _offer(
        self, cursor: Cursor, own: Sequence[Entry], choices: Sequence[Choice], note: Note, planned: Sequence[str]
    ) -> Offer:
        # Only now: these take a while to load, and the window is there first.
        from writer import bible
        from writer.context.lately import lately
        from writer.memory import wording
        from writer.memory.preceding import before

        store = self._store
        learned_from = wording.source(store, cursor)
        order = store.order()
        at = order.get(cursor.scene, 0)
        so_far = before(store, cursor, tells=False)
        cast = bible.merged(so_far.cast(), own)
        written = [entry for entry in cast if entry.id is not None]
        places = store.places()
        named = "\n".join([*planned, cursor.before[-NEAR:]])
        near = bible.wanted(written, named, places.get(cursor.scene, 0), places)
        known = {name: entry for entry in cast for name in (entry.name, *entry.aliases)}
        expected = dict.fromkeys(known.get(name, Entry(name)) for name in planned)
        warm = [(entry, _EXPECTED) for entry in expected if not entry.excluded] + [
            (entry, sum(so_far.warmth.get(name, 0.0) for name in (entry.name, *entry.aliases)))
            for entry in cast
            if not entry.excluded and entry.count and entry not in expected
        ]
        return Offer(
            entries=tuple(entry for entry in near if entry.text.strip()),
            cast=tuple(warm),
            lately=tuple(lately(store, cursor, cast)),
            pinned=tuple(self._pinned(choices, cursor, at)),
            note=note,
            wording=learned_from.key if learned_from else "",
        )

    def _pinned(self, choices: Sequence[Choice], cursor: Cursor, at: int) -> list[Passage]:
        """The sentences that the author wants to be read always, those from before the caret."""
        order, passages = self._store.order(), []
        for choice in choices:
            rank = order.get(choice.scene)
            if choice.kind != "pin" or rank is None or rank > at:
                continue
            here = choice.scene == cursor.scene
            text = cursor.before if here else self._store.scene(choice.scene, unchecked=True).text
            start = text.find(choice.text)
            if start >= 0:
                span = Span(choice.scene, start, start + len(choice.text))
                passages.append(Passage(choice.text, span, why=_("You pinned it.")))
        return sorted(passages, key=lambda passage: (order[passage.span.scene], passage.span.start))


_OFFERS: WeakKeyDictionary[Store, dict[bytes, Offer]] = WeakKeyDictionary()
_REMINDERS: WeakKeyDictionary[Store, dict[bytes, tuple[Passage, ...]]] = WeakKeyDictionary()


def _remembered(known: dict[bytes, Answer], what: str, make: Callable[[], Answer]) -> Answer:
    """What was made of just this before, if that was lately."""
    key = hashlib.sha256(what.encode("utf-8", "surrogatepass")).digest()
    if key not in known:
        if len(known) >= _REMEMBERED:
            known.pop(next(iter(known)))
        known[key] = make()
    return known[key]


def reminded(
    passages: Sequence[Passage], shown: Callable[[Span], bool], room: int, engine: Engine
) -> tuple[list[Part], list[Dropped]]:
    """What the model reads in front of the paragraph that is being typed, in so much room: the best last."""
    found = [passage for passage in passages if not shown(passage.span)]
    layout = _Layout(engine, _HEADS["en"], room)
    layout.sentences(found[:_RECALLED][::-1], 1.0)
    taken = {span for part in layout.parts for span in part.sources}
    no_room = _("There was no room for more sentences.")
    layout.dropped = [Dropped("recalled", p.text.strip(), no_room, p.span) for p in found if p.span not in taken]
    return layout.parts, layout.dropped


def laid_out(
    offer: Offer, page: str, shown: Callable[[Span], bool], room: int, engine: Engine
) -> tuple[list[Part], list[Dropped]]:
    """The parts that the model reads of an offer behind the premise and before the page; ``room`` is for all it reads.

    What the ``page`` shows already, or ``shown`` says that it does, isn't said again.
    """
    language = language_of(page) if page.strip() else "en"
    layout = _Layout(engine, _HEADS[language], room)
    layout.entries(offer.entries, SHARES.entries)
    layout.cast(offer.cast, SHARES.cast)
    layout.lately(offer.lately, page, SHARES.lately)
    layout.sentences([passage for passage in offer.pinned if not shown(passage.span)], SHARES.pinned)
    return layout.parts, layout.dropped


class _Layout:
    """The parts so far, and what was left out."""

    def __init__(self, engine: Engine, heads: dict[str, str], room: int) -> None:
        self._engine, self._heads, self._room = engine, heads, room
        self.parts: list[Part] = []
        self.dropped: list[Dropped] = []
        self._told: set[str] = set()

    def _fit(self, kind: str, options: int, make: Callable[[int], str], share: float) -> tuple[str, int, int]:
        """The longest of texts made of the first few options within a share of the room: it, how many, its tokens."""
        chosen, tokens = most(range(1, options + 1), make, int(self._room * share), self._engine)
        return (make(chosen), chosen, tokens) if tokens else ("", 0, 0)

    def entries(self, entries: Sequence[Entry], share: float) -> None:
        """What the author wrote of those who are near."""
        lines = [f"{clean(entry.name)}: {' '.join(clean(entry.text).split())}" for entry in entries]
        text, chosen, tokens = self._fit("entries", len(lines), lambda n: "\n".join(lines[:n]) + "\n\n", share)
        if text:
            self.parts.append(Part("entries", text, tokens))
        self.dropped += [Dropped("entries", line, _("There was no room for more entries.")) for line in lines[chosen:]]

    def cast(self, cast: Sequence[tuple[Entry, float]], share: float) -> None:
        """Who and what may come up: those on the page too, since naming only others would make these less likely."""
        ranked = sorted(cast, key=lambda pair: (-_presence(*pair), pair[0].name))[:_NAMES]
        said = [clean(entry.name) for entry, _warmth in ranked]
        text, chosen, tokens = self._fit(
            "cast", len(said), lambda n: self._heads["cast"].format(self._heads["join"].join(said[:n])), share
        )
        if text:
            self.parts.append(Part("cast", text, tokens, tuple(e.last for e, _warmth in ranked[:chosen] if e.last)))
        self._told.update(said[:chosen])
        self.dropped += [Dropped("cast", name, _("Others were in the story more lately.")) for name in said[chosen:]]

    def lately(self, entries: Sequence[Entry], page: str, share: float) -> None:
        """Who and what else was named not long before the page, and is not on it when all this has taken its room."""
        lost = sum(part.tokens for part in self.parts) / max(1, self._room) + share
        page = page[int(lost * len(page)) :]
        left = [
            entry
            for entry in entries
            if clean(entry.name) not in self._told and not any(name in page for name in (entry.name, *entry.aliases))
        ]
        said = [clean(entry.name) for entry in left]
        text, chosen, tokens = self._fit(
            "lately", len(said), lambda n: self._heads["lately"].format(self._heads["join"].join(said[:n])), share
        )
        if text:
            self.parts.append(Part("lately", text, tokens, tuple(e.last for e in left[:chosen] if e.last)))
        known = {one.text for one in self.dropped if one.kind == "cast"}
        self.dropped = [one for one in self.dropped if one.kind != "cast" or one.text not in said[:chosen]]
        self.dropped += [
            Dropped("lately", name, _("Others were named more lately.")) for name in said[chosen:] if name not in known
        ]

    def sentences(self, passages: Sequence[Passage], share: float) -> None:
        """These sentences in this order, the last of them longest."""

        def read(n: int) -> Sequence[Passage]:
            return passages[len(passages) - n :]

        def make(n: int) -> str:
            return "\n".join(" ".join(clean(p.text).split()) for p in read(n)) + "\n\n"

        text, taken, tokens = self._fit("recalled", len(passages), make, share)
        if text:
            spans, why = tuple(p.span for p in read(taken)), tuple(p.why for p in read(taken))
            self.parts.append(Part("recalled", text, tokens, spans, why))
        no_room = _("There was no room for more sentences.")
        left = passages[: len(passages) - taken]
        self.dropped += [Dropped("recalled", p.text.strip(), no_room, p.span) for p in left]


def _presence(entry: Entry, warmth: float) -> float:
    """How likely someone comes up again: lately, or often in the book."""
    return warmth + _LASTING * math.sqrt(entry.count)
