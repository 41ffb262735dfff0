"""One passage of a draft: what happens in a beat, as prose behind the text that is there.

A model that can is left to tell the beat in its own way. Where its first sentences don't, they are taken back, and the
passage begins with the beat's own words, from which even the smallest model goes on.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from writer import rerank
from writer import sources as notes
from writer.draft.events import ENOUGH, happened, steer, wanting
from writer.draft.fresh import LEAST, SEEN, Fresh, finished
from writer.draft.namesakes import Names
from writer.draft.request import is_taught
from writer.engines import Engine, Piece
from writer.errors import EngineError
from writer.i18n import _
from writer.repetition import Said
from writer.settings import Settings
from writer.store import Store
from writer.story import Cursor, Origin
from writer.text import count_words, language_of

_LANGUAGES = ("en", "zh")
_SHORT = 45
"""A passage of so few words is judged as a whole, of a longer one the first sentences."""
_FIRST = 30  # words
_ROOMY, _SETTING = 80, 45
"""A scene's first passage of so many words begins with so many that are the model's own, before its beat is told."""
_LOST = 0.25
"""A passage that has so little of its beat need not be read by the model to know that it doesn't tell it."""


@dataclass(frozen=True, slots=True)
class Written:
    """A finished passage: ``text`` goes byte for byte behind the place, and all of it comes from the model."""

    text: str
    origin: Origin
    rewound: tuple[str, ...] = ()
    """The first words of what was taken back because the book, or the passage itself, had said it."""
    candidates: int = 1
    """How often the model was asked in all."""
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
    names: Names | None = None,
    events: Sequence[str] = (),
    sources: Sequence[notes.Source] = (),
    seed: int = 1,
    leads: bool = False,
) -> Generator[Piece, None, Written]:
    """Write what happens in the beat behind ``place``, about ``words`` words of it (in Chinese, characters).

    With ``leads`` the passage begins with the beat's own words at once, as one of a model that was taught no answering
    always does. Pieces are whole sentences that stay; joined they are the text of what is returned. Empty ones say that
    the work goes on, so that whoever closes it is heard soon. It is never empty, ends with a finished sentence and
    repeats no row of words that was ``said``, which itself is not changed: that is for who keeps the passage.
    EngineError if the model comes to nothing again and again.
    """
    language = _language(place, store)
    wish = " ".join([beat.strip(), *(event for event in events if not happened(event, beat, language))]).strip()
    known = names or Names()
    fresh = Fresh(
        place, wish, store, engine, settings, said=said, names=known, sources=sources, language=language, seed=seed
    )
    text = ""
    if not beat.strip() or happened(beat, place.before[-SEEN:], language):
        text = yield from fresh.write("", words)
    else:
        taught = is_taught(engine)
        first = words if words <= _SHORT else _FIRST
        told = 0.0
        setting = ""
        if taught and words >= _ROOMY and not sources and not place.before.strip():
            text = yield from fresh.write("", _SETTING, 2)
            told = _told(beat, place.before, text, engine, language)
            setting = text + paragraph_break(text) if text and told < rerank.TOLD else ""
        elif taught and not leads:
            text = yield from fresh.write("", first, 1)
            told = _told(beat, place.before, text, engine, language)
        if told < rerank.TOLD:
            led = yield from _led(beat, place.before, setting, fresh, first, language)
            if said.repeats(led) or (sources and notes.refused(led, sources)):
                led = ""
            kinds = [
                rerank.judge(one, fit, engine, language, said=said, words=first, before=place.before, after=place.after)
                for one, fit in ((text, told), (setting + led if led else "", rerank.TOLD))
                if one.strip()
            ]
            text = rerank.best(kinds).text if kinds else (yield from fresh.write("", words))
    if text:
        yield Piece(text, 0)
    left = words - count_words(text)
    if left >= max(LEAST, words // 4) or not fresh.tries:
        more = yield from fresh.write(text, max(LEAST, left))
        if more:
            yield Piece(more, 0)
        text += more
    if not text.strip() or not fresh.is_answered or fresh.first is None:
        raise EngineError(_("The model found nothing to write here; try another model, or change the beat."))
    prompt, first_seed = fresh.first
    read = hashlib.sha256(prompt.text.encode("utf-8", "surrogatepass")).hexdigest()
    origin = Origin(engine.model, engine.name, first_seed, read, int(time.time()))
    missed = tuple(wanting(events, place.before[-SEEN:] + text, language))
    return Written(text, origin, tuple(fresh.rewound), fresh.tries, missed)


def _led(beat: str, before: str, setting: str, fresh: Fresh, words: int, language: str) -> Generator[Piece, None, str]:
    """What begins with the beat's own words behind the text before, and what sets the scene."""
    _gently, opening, sentence = steer(beat, before + setting, language)
    if language == "zh":  # no space tells the model where the beat ends
        return sentence.opening
    led = opening.opening
    led += yield from fresh.write(setting + led, max(LEAST, words - count_words(led)))
    return led if finished(led) else sentence.opening


def paragraph_break(text: str) -> str:
    """What this text has between two paragraphs."""
    return "\n\n" if "\n\n" in text.strip() else "\n"


def _told(beat: str, before: str, text: str, engine: Engine, language: str) -> float:
    """How well a passage tells its beat, ``rerank.TOLD`` or more where it does."""
    strength = happened(beat, before[-SEEN:] + text, language).strength if text else 0.0
    if strength >= ENOUGH:
        return rerank.TOLD
    return rerank.fit(beat, text, engine, language) if strength >= _LOST else 0.0


def _language(place: Cursor, store: Store | None) -> str:
    near = place.before[-2000:]
    if count_words(near) >= 4:
        return language_of(near)
    return store.project.language if store and store.project.language in _LANGUAGES else "en"
