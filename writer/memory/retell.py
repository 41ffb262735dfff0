"""The story so far in the words of a large enough model: for the author to read, never for a suggestion.

A retelling is kept by the sentences that it is made of, so that it is there wherever just these are shown, and gone
as soon as the book says something else.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from writer import models
from writer.engines import Engine, Piece
from writer.errors import WriterError
from writer.memory import abstract
from writer.memory.abstract import Abstract
from writer.memory.update import Progress
from writer.settings import Settings
from writer.store import Store
from writer.story import Summary

_FEWEST = 2
"""Sentences that are worth retelling; a single one says it better itself."""


@dataclass(frozen=True, slots=True)
class Slice:
    """How many summaries are done of all, and what was made since the last slice, to be kept in one transaction."""

    progress: Progress
    abstracts: Mapping[bytes, bytes] = field(default_factory=dict)


def is_able(settings: Settings, engine: Engine) -> bool:
    """Whether the model in use is large enough, as its file shows, or its name where there is none."""
    known = None
    if engine.name not in ("echo", "server"):
        try:
            known = models.facts(models.find(settings.model or models.default(settings.language).name))
        except WriterError:  # gone since it was loaded
            return False
    return abstract.worth(known, engine.model)


def retold(store: Store, summaries: Sequence[Summary]) -> list[Summary]:
    """The same summaries, with a retelling where one is kept of exactly these sentences."""
    kept = _kept(store, summaries)
    told = []
    for summary in summaries:
        known = kept.get(_key(summary))
        if known is not None and known.text:
            summary = replace(summary, retelling=known.text, made_by=known.made_by, time=known.time)
        told.append(summary)
    return told


def retell(
    store: Store, engine: Engine, language: str, summaries: Sequence[Summary], *, again: bool = False
) -> Generator[Slice, None, int]:
    """Let the model retell what nobody has retold, the last first; gives the number of new retellings.

    Only reads; each slice may be kept in whatever thread, and most, one for every token, have nothing to keep. What
    this model failed at is kept too and isn't tried again by it. With ``again`` it replaces what others told.
    """
    kept = _kept(store, summaries)
    waiting = {}
    for summary in reversed(summaries):
        key = _key(summary)
        known = kept.get(key)
        is_done = known is not None and (known.made_by == engine.model or (bool(known.text) and not again))
        if len(summary.sentences) >= _FEWEST and not is_done:
            waiting[key] = summary
    made = 0
    for done, (key, summary) in enumerate(waiting.items()):
        progress = Progress(done, len(waiting), summary.title)
        written, tokens = "", 0
        with closing(abstract.summarise(_said(summary), engine, language)) as pieces:
            while True:
                try:
                    piece: Piece = next(pieces)
                except StopIteration as end:
                    text: str = end.value
                    break
                written += piece.text
                tokens += piece.tokens
                yield Slice(progress)
        told: dict[bytes, bytes] = {}
        is_refused = not text and (tokens >= abstract.MOST_TOKENS or not _is_cut(written))
        if text or (is_refused and not (key in kept and kept[key].text)):
            told[key] = abstract.to_bytes(Abstract(text, engine.model, int(time.time())))
        yield Slice(replace(progress, done=done + 1), told)
        made += bool(text)
    return made


def keep(store: Store, slice: Slice) -> None:
    """Write what was retold."""
    if slice.abstracts:
        store.index.keep(abstract.KIND, slice.abstracts)


def _kept(store: Store, summaries: Sequence[Summary]) -> dict[bytes, Abstract]:
    found = store.index.notes(abstract.KIND, [_key(summary) for summary in summaries])
    return {key: known for key, data in found.items() if (known := abstract.from_bytes(data)) is not None}


def _is_cut(written: str) -> bool:
    """Whether it stops within a sentence, as where the model was wanted for something else: that is no refusal."""
    end = written.rstrip()[-1:]
    return not end or end.isalnum() or end in ",，、"


def _key(summary: Summary) -> bytes:
    return abstract.key_of(_said(summary))


def _said(summary: Summary) -> list[str]:
    return [passage.text for passage in summary.sentences]
