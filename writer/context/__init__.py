"""Lay out what the model reads before it continues, within a token budget.

From what changes least to what changes most: ``style`` and ``premise``; the ``plan`` of this scene; what is remembered
of the book (``entries``, ``cast``, ``lately``, ``recalled``); ``earlier``, the end of the scenes before this one;
``page``, this scene up to the caret, with the author's ``note`` some paragraphs before its end, and in a draft the
``beat`` that is to be written next. Nothing behind the caret or in later scenes enters.
All but what is being typed is decided where a paragraph begins, about once a step, so that while the author types on
each prompt begins with the one before, and the model reads only what is new. The layout follows from the text and what
is remembered of it alone, so the window and the command line show the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import accumulate, islice, pairwise

from writer.context.memory import SHARES, Memory, Offer, laid_out, reminded
from writer.context.window import SPARSE, STEPS, anchors, count, longest, most
from writer.engines import Engine
from writer.i18n import _
from writer.store import Store
from writer.story import Cursor, Dropped, Note, Part, Prompt, Span
from writer.text import clean, count_words, is_cjk, paragraphs, sentences

__all__ = ["Memory", "build"]


# Behind a heading a small model writes lists and exam questions; behind a story it tells one.
_OPENINGS = {
    "en": "Not very long ago there was an old house by the sea, and this is the story of those who lived in it.\n\n",
    "zh": "很久以前，海边有一座老房子，下面讲的就是住在里面的人的故事。\n\n",
}
_HEAD_SHARE = 4  # title, premise and plan get at most this fraction of the budget
_PLAN_SHARE = 12
_BEAT_SHARE = 8
_AHEAD = 2
"""Steps for which room is kept behind the place where all is decided."""
_APART = 400  # characters
_SAMPLE = 2000
_GLIMPSE = 60
_LONGEST_WORD = 32
_WORD_AT_END = re.compile(r" ?[^\W\d_\u2e80-\uffff\U00020000-\U0003ffff]+$")


def build(
    cursor: Cursor,
    store: Store | None,
    engine: Engine,
    budget: int,
    language: str = "en",
    memory: Memory | None = None,
    back: int = 0,
    beat: str = "",
) -> Prompt:
    """What the model reads at the caret: with the engine's own first tokens never more than ``budget``.

    The ``language`` matters only where there are neither words nor a project to tell it. With ``back``, it is what was
    decided so many places earlier with what was typed since; without parts if that is too long now. ``beat`` is what
    is to happen next, in the words in which the model is to read it.
    """
    room = budget - engine.bos_tokens
    head, dropped = _head(store, cursor, engine, room)
    room -= sum(part.tokens for part in head)
    before = cursor.before.rstrip(" \t")
    desk = _Desk(cursor, before, store, engine, memory, room, _beaten(beat, engine, room // _BEAT_SHARE))
    at = next(islice(anchors(before, room, engine), back, None), None)
    laid = desk.laid(at, _AHEAD * room // STEPS) if at is not None else None
    if laid is None and back:
        return Prompt(())
    laid = laid or desk.laid(len(before), 0)
    assert laid is not None
    parts = head + laid.parts
    dropped += laid.dropped
    if all(part.kind == "page" and not count_words(part.text[:_SAMPLE]) for part in parts):
        left = room - sum(part.tokens for part in laid.parts)
        parts = _opening(store.project.language if store else language, engine, left) + parts
    begun = _begun(cursor.before)
    begun = begun if parts and parts[-1].text.endswith(begun) else ""
    return Prompt(tuple(parts), tuple(dropped), begun, wording=laid.wording)


@dataclass(frozen=True, slots=True)
class _Laid:
    """What was laid out behind the premise, and what was left out."""

    parts: list[Part]
    dropped: list[Dropped]
    wording: str = ""


@dataclass(frozen=True, slots=True)
class _Tail:
    """The end of the story: where the page begins, and what of the scenes before is read in front of it."""

    start: int
    tokens: int
    earlier: tuple[Part, ...] = ()
    dropped: tuple[Dropped, ...] = ()

    def shows(self, span: Span, scene: int) -> bool:
        """Whether a stretch of the book is in it."""
        if span.scene == scene:
            return span.end > self.start
        return any(s.scene == span.scene and span.end > s.start for part in self.earlier for s in part.sources)


class _Desk:
    """What is at hand for one prompt."""

    def __init__(
        self,
        cursor: Cursor,
        before: str,
        store: Store | None,
        engine: Engine,
        memory: Memory | None,
        room: int,
        beaten: list[Part],
    ) -> None:
        self._cursor, self._before, self._store, self._engine = cursor, before, store, engine
        self._memory, self._room, self._beaten = memory, room, beaten

    def laid(self, at: int, reserve: int) -> _Laid | None:
        """The layout as decided at an offset, with so many tokens for what follows; None if that is too little."""
        room, scene = self._room - reserve, self._cursor.scene
        parts: list[Part] = []
        dropped: list[Dropped] = []
        offer = Offer()
        if self._memory is not None:
            widest = self._tail(at, room)
            offer = self._memory.offer(replace(self._cursor, offset=at))
            page = self._shown(widest, at)
            parts, dropped = laid_out(offer, page, lambda span: widest.shows(span, scene), self._room, self._engine)
            room -= sum(part.tokens for part in parts)
        noted = self._noted(offer.note)
        room -= sum(part.tokens for part in noted + self._beaten)
        tail = self._tail(at, room)
        parts += tail.earlier
        dropped += tail.dropped
        here = max(at, self._before.rfind("\n") + 1)
        near: list[Part] = []
        if self._memory is not None:
            used = sum(part.tokens for part in parts + noted + self._beaten) + count(
                self._before[tail.start : here], self._engine
            )
            near, left_out = self._near(here, tail, offer, self._room - used - reserve // _AHEAD)
            dropped += left_out
        page_parts = self._page(tail.start, at, noted, offer.note.depth, here, near)
        if near and sum(part.tokens for part in parts + page_parts) > self._room:
            page_parts = self._page(tail.start, at, noted, offer.note.depth, here, [])
        if sum(part.tokens for part in parts + page_parts) > self._room:
            return None if reserve or at < len(self._before) else _Laid(list(tail.earlier), dropped)
        return _Laid(parts + page_parts, dropped, offer.wording)

    def _near(self, here: int, tail: _Tail, offer: Offer, room: int) -> tuple[list[Part], list[Dropped]]:
        """What is recalled in front of the paragraph that is being typed: it alone is decided anew for each."""
        assert self._memory is not None
        cast = [entry for entry, _warmth in offer.cast]
        found = self._memory.reminders(replace(self._cursor, offset=here), tail.start, self._shown(tail, here), cast)
        scene = self._cursor.scene
        return reminded(found, lambda span: tail.shows(span, scene), max(0, room), self._engine)

    def _shown(self, tail: _Tail, end: int) -> str:
        """What the model sees of the book up to an offset."""
        return "".join(part.text for part in tail.earlier) + self._before[tail.start : end]

    def _noted(self, note: Note) -> list[Part]:
        """The author's note, if it has its share of the room."""
        text = " ".join(clean(note.text).split())
        if not text:
            return []
        text = f"[{text}]\n\n"
        tokens = count(text, self._engine)
        return [Part("note", text, tokens)] if tokens <= self._room * SHARES.note else []

    def _page(self, start: int, at: int, noted: list[Part], depth: int, here: int, near: list[Part]) -> list[Part]:
        """The page from an offset to the caret, with the note so many paragraphs before the end of what is decided.

        What is ``near`` stands a paragraph or two in front of the one that is being typed, which begins ``here``.
        """
        put = []
        if noted:
            starts = [start + begin for begin, _end in paragraphs(self._before[start:at])]
            put.append((starts[-depth] if 0 < depth <= len(starts) else at if depth <= 0 else start, noted))
        if near:
            # Right in front of what is being typed it would break the prose that the model goes on from.
            put.append((max(start, self._before.rfind("\n", 0, max(0, here - _APART)) + 1), near))
        if self._beaten:
            put.append((max(start, self._before.rfind("\n", 0, len(self._before.rstrip())) + 1), self._beaten))
        put.sort(key=lambda one: one[0])
        laid = []
        for (a, parts), (b, _parts) in pairwise([(start, []), *put, (len(self._before), [])]):
            text = clean(self._before[a:b])
            tokens = count(text, self._engine)
            laid += parts
            laid += [Part("page", text, tokens, (Span(self._cursor.scene, a, b),))] if tokens else []
        return laid

    def _tail(self, at: int, room: int) -> _Tail:
        """The end of the story up to an offset, as much as fits."""
        page = longest(self._before[:at], room, self._engine)
        if page.start or not self._store:
            reason = _("This scene is longer than the model can read at once.")
            lost = (Dropped("page", _glimpse(self._before[: page.start]), reason),) if page.start else ()
            return _Tail(page.start, page.tokens, (), lost)
        earlier, dropped = self._earlier(self._store, room - page.tokens)
        return _Tail(0, page.tokens, tuple(earlier), tuple(dropped))

    def _earlier(self, store: Store, room: int) -> tuple[list[Part], list[Dropped]]:
        """The end of the scenes before this one in ``room`` tokens."""
        text, spans, complete = _preceding(self._cursor, store, max(1, self._room) * SPARSE)
        if not text:
            return [], []
        window = longest(text, room if room >= self._room // 8 else 0, self._engine, self._room)
        dropped = []
        if window.start or not complete:
            reason = _("The page comes first, and the model can't read more at once.")
            dropped.append(Dropped("earlier", _glimpse(text[: window.start]), reason))
        if not window.tokens:
            return [], dropped
        sources = tuple(
            Span(span.scene, span.start + max(0, window.start - at), span.end)
            for at, span in spans
            if at + span.end - span.start > window.start
        )
        return [Part("earlier", text[window.start :], window.tokens, sources)], dropped


def _begun(text: str) -> str:
    """The word that the text ends with, perhaps not whole yet, and the space before it; Chinese has no such thing."""
    found = _WORD_AT_END.search(text, max(0, len(text) - _LONGEST_WORD))
    return found[0] if found else ""


def _beaten(beat: str, engine: Engine, room: int) -> list[Part]:
    """What is to happen next, as much of it as fits."""
    text = clean(beat).strip()
    if not text:
        return []
    end, tokens = _longest_head(text, room, engine)
    return [Part("beat", _as_lines(text[:end]), tokens)] if end else []


def _planned(store: Store, cursor: Cursor) -> str:
    """What the author plans for this scene, without what already stands behind the caret: that is for later."""
    synopsis = store.plans.get(cursor.scene).synopsis
    after = " ".join(cursor.after.split())
    said = [" ".join(synopsis[start:end].split()) for start, end in sentences(synopsis)]
    join = "" if is_cjk(synopsis[:1]) else " "
    return join.join(sentence for sentence in said if sentence and (not after or sentence not in after))


def _head(store: Store | None, cursor: Cursor, engine: Engine, budget: int) -> tuple[list[Part], list[Dropped]]:
    """The title, the premise and the plan of the scene, as far as they fit."""
    parts: list[Part] = []
    dropped: list[Dropped] = []
    if store is None:
        return parts, dropped
    plan = _planned(store, cursor)
    for_plan = min(budget // _PLAN_SHARE, *engine.count([_as_lines(plan)])) if plan else 0
    room = budget // _HEAD_SHARE - for_plan
    for kind, text in (("style", store.project.title), ("premise", store.project.premise), ("plan", plan)):
        line = clean(text).strip()
        if not line:
            continue
        if kind == "plan":
            room = for_plan
        end, tokens = _longest_head(line, room, engine)
        if end:
            parts.append(Part(kind, _as_lines(line[:end]), tokens))
            room -= tokens
        if end < len(line):
            reason = _("It would take more than a quarter of what the model can read at once.")
            dropped.append(Dropped(kind, _glimpse(line[end:]), reason))
    return parts, dropped


def _longest_head(text: str, room: int, engine: Engine) -> tuple[int, int]:
    """How many characters of whole sentences fit as lines of their own, and their tokens."""
    return most([end for _start, end in sentences(text)], lambda end: _as_lines(text[:end]), room, engine)


def _as_lines(text: str) -> str:
    return text.rstrip() + "\n\n"


def _opening(language: str, engine: Engine, room: int) -> list[Part]:
    """A first line for the model where there is not a word to go on from."""
    text = _OPENINGS.get(language, _OPENINGS["en"])
    (tokens,) = engine.count([text])
    return [Part("style", text, tokens)] if tokens <= room else []


def _preceding(cursor: Cursor, store: Store, characters: int) -> tuple[str, list[tuple[int, Span]], bool]:
    """The end of what precedes this scene, where each scene's span begins in it, and whether it is everything."""
    texts: list[str] = []
    spans: list[Span] = []
    complete = True
    for scene in store.before(cursor.scene):
        end = len(scene.text.rstrip())
        if not end:
            continue
        if characters <= 0:
            complete = False
            break
        start = max(0, end - characters)
        complete = start == 0
        texts.insert(0, _as_lines(clean(scene.text[start:end])))
        spans.insert(0, Span(scene.id, start, end))
        characters -= end - start
    starts = [0, *accumulate(map(len, texts))]
    return "".join(texts), list(zip(starts, spans, strict=False)), complete


def _glimpse(text: str) -> str:
    """The end of a long text on one line."""
    line = " ".join(text[-2 * _GLIMPSE :].split())
    return line if len(line) <= _GLIMPSE else "…" + line[-_GLIMPSE:]
