"""One passage of a draft: what happens in a beat, as prose behind the text that is there."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from writer.context import Memory, build
from writer.continuation import Continuation
from writer.engines import Engine, Piece, Sampling
from writer.errors import EngineError
from writer.i18n import _
from writer.repetition import Said
from writer.settings import Settings
from writer.store import Store
from writer.story import Cursor, Origin, Plan
from writer.text import count_words, language_of

_TRIES = 6
_NO_PLAN = Plan()
_TOKENS_A_WORD = {"en": 2, "zh": 3}


@dataclass(frozen=True, slots=True)
class Written:
    """A finished passage: ``text`` goes byte for byte behind the place, and all of it comes from the model."""

    text: str
    origin: Origin
    rewound: tuple[str, ...] = ()
    """What was taken back because the book, or the passage itself, had said it."""
    candidates: int = 1
    """How many ways of going on were tried in all."""
    missed: tuple[str, ...] = ()
    """Those of the events that still do not happen in it."""


def passage(
    place: Cursor,
    beat: str,
    store: Store | None,
    engine: Engine,
    settings: Settings,
    *,
    words: int,
    said: Said,
    events: Sequence[str] = (),
    sources: Sequence[object] = (),
    plan: Plan = _NO_PLAN,
    seed: int = 1,
) -> Generator[Piece, None, Written]:
    """Write what happens in the beat behind ``place``, about ``words`` words of it (in Chinese, characters).

    Pieces are whole sentences that stay; joined they are the text of what is returned. Empty ones say that the work
    goes on, so that whoever closes it is heard soon. It is never empty, ends with a finished sentence and repeats no
    row of words that was ``said``, which itself is not changed: that is for who keeps the passage. EngineError if the
    model comes to nothing again and again.
    """
    text = ""
    origin: Origin | None = None
    language = language_of(place.before[-2000:]) if count_words(place.before[-2000:]) >= 4 else _language(store)
    tried = 0
    while not text or count_words(text) < words * 3 // 4:
        if tried >= _TRIES:
            break
        here = replace(place, text=place.before + text + place.after, offset=place.offset + len(text))
        budget = min(settings.budget, max(1, engine.context_tokens // 2))
        prompt = build(here, store, engine, budget, language, Memory(store) if store else None, beat=beat)
        prompt = replace(prompt, role="work")
        fitting = Continuation(
            here.before, here.after, words - count_words(text), is_chinese=language == "zh", lenient=tried >= 2
        )
        sampling = Sampling(
            max_tokens=fitting.most_words * _TOKENS_A_WORD[language] + 24,
            temperature=settings.temperature,
            top_k=settings.top_k,
            top_p=settings.top_p,
            min_p=settings.min_p,
            repetition_penalty=settings.repetition_penalty,
            seed=seed + 7919 * tried,
            may_end=False,
        )
        if origin is None:
            read = hashlib.sha256(prompt.text.encode("utf-8", "surrogatepass")).hexdigest()
            origin = Origin(engine.model, engine.name, seed, read, int(time.time()))
        tried += 1
        yield Piece("", 0)
        with closing(engine.generate(prompt, sampling)) as pieces:
            new = ""
            for piece in pieces:
                new += fitting.feed(piece.text)
                if fitting.done or fitting.refused:
                    break
                yield Piece("", 0)
            else:
                new += fitting.finish()
        known = place.before[-2000:] + text
        if new and not any(end > len(known) for _start, end in said.repeats(known + new)):
            text += new
            yield Piece(new)
    if not text or origin is None:
        raise EngineError(_("The model found nothing to write here; try another model, or change the beat."))
    return Written(text, origin, candidates=tried)


def _language(store: Store | None) -> str:
    return store.project.language if store and store.project.language in _TOKENS_A_WORD else "en"
