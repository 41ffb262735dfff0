"""What the author is shown of the memory at a caret, gathered in one value."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from writer.store import Store
from writer.story import Choice, Conflict, Cursor, Entry, Fact, Note, Passage, Prompt, Span, Summary

SETTLED = "settled"
"""The kind of choice by which the author says that two sentences don't contradict each other."""
MOST_RECALLED = 6
_NEAR = 8_000


@dataclass(frozen=True, slots=True)
class Remembered:
    """All that is remembered for one caret, and what the model would read there."""

    story: tuple[Summary, ...] = ()
    cast: tuple[Entry, ...] = ()
    here: tuple[Entry, ...] = ()
    """Those of the cast that are in the scene, up to the caret."""
    facts: tuple[Fact, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    """Those that the author has not settled."""
    read: tuple[Passage, ...] = ()
    """The recalled sentences that the prompt has, as the model reads them."""
    recalled: tuple[Passage, ...] = ()
    """Others that matter here; where there is a prompt, ``why`` says why it does without them."""
    choices: tuple[Choice, ...] = ()
    note: Note = field(default_factory=lambda: Note(""))
    prompt: Prompt | None = None
    complete: float = 1.0
    """The share of the scenes that the memory knows as they are now."""


def report(cursor: Cursor, store: Store) -> Remembered:
    """What is remembered for this caret where no model reads it."""
    steps = reported(cursor, store)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            remembered: Remembered = end.value
            return replace(remembered, recalled=recalled(cursor, store, remembered.cast))


def reported(cursor: Cursor, store: Store) -> Generator[None, None, Remembered]:
    """All but what is recalled, in steps of a few hundredths of a second, between which it can be dropped."""
    # Not before they are needed: the window uses these values, and is there first.
    from writer import bible
    from writer.facts import conflicts
    from writer.memory.preceding import before
    from writer.memory.retell import retold

    yield
    known = before(store, cursor)
    yield
    story = tuple(retold(store, known.story()))
    yield
    cast = tuple(bible.merged(known.cast(), store.entries.all()))
    yield
    places = store.places()
    here = tuple(bible.wanted(cast, cursor.before[-_NEAR:], places.get(cursor.scene, 0), places))
    yield
    facts = tuple(known.facts())
    yield
    choices = tuple(store.choices.all())
    doubtful = tuple(unsettled(conflicts(facts), choices))
    yield
    return Remembered(
        story=story,
        cast=cast,
        here=here,
        facts=facts,
        conflicts=doubtful,
        choices=choices,
        note=store.note,
        complete=known.complete,
    )


def recalled(cursor: Cursor, store: Store, cast: Sequence[Entry]) -> tuple[Passage, ...]:
    """The sentences from earlier that matter at this caret, where no prompt tells which are read."""
    from writer.memory.remind import remind

    page = max(0, cursor.offset - _NEAR)
    return tuple(remind(store, cursor, cursor.text[page : cursor.offset], cast, MOST_RECALLED, within=page))


def with_prompt(remembered: Remembered, prompt: Prompt, store: Store, cursor: Cursor) -> Remembered:
    """The same with what the model would read at this caret, and what of the recalled sentences is in it."""
    read, others = as_read(prompt, store, cursor), left_out(prompt, store, cursor)
    return replace(remembered, prompt=prompt, read=tuple(read), recalled=tuple(others))


def settled(conflict: Conflict) -> Choice:
    """The choice that says that there is no contradiction between these two sentences."""
    later, earlier = conflict.later.source, conflict.earlier.source
    return Choice(SETTLED, later.span.scene, f"{earlier.text}\n{later.text}")


def unsettled(found: Sequence[Conflict], choices: Sequence[Choice]) -> list[Conflict]:
    """The conflicts that the author did not settle."""
    done = set(choices)
    return [conflict for conflict in found if settled(conflict) not in done]


def quoted(spans: Sequence[Span], store: Store, cursor: Cursor | None = None) -> list[Passage]:
    """The texts of these spans; the caret's scene as it is now, saved or not."""
    texts: dict[int, str] = {cursor.scene: cursor.text} if cursor is not None else {}
    passages = []
    for span in spans:
        if span.scene not in texts:
            texts[span.scene] = store.scene(span.scene, unchecked=True).text
        passages.append(Passage(texts[span.scene][span.start : span.end], span))
    return passages


def as_read(prompt: Prompt, store: Store, cursor: Cursor) -> list[Passage]:
    """The recalled sentences that a prompt has, with where they stand and what speaks for them."""
    told = {
        span: why
        for part in prompt.parts
        if part.kind == "recalled"
        for span, why in zip(part.sources, part.why or ("",) * len(part.sources), strict=True)
    }
    return _explained(told, store, cursor)


def left_out(prompt: Prompt, store: Store, cursor: Cursor) -> list[Passage]:
    """The sentences that a prompt does without, with the reason."""
    return _explained({item.source: item.reason for item in prompt.dropped if item.source is not None}, store, cursor)


def _explained(why: Mapping[Span, str], store: Store, cursor: Cursor) -> list[Passage]:
    return [replace(passage, why=why[passage.span]) for passage in quoted(list(why), store, cursor)]
