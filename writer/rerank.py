"""Choose among several ways of telling something: which one tells it, says nothing again, and fits what follows.

The model that wrote them judges them, by how likely it finds things; one that can't score judges by words alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from writer.engines import Engine
from writer.errors import DiedError, EngineError
from writer.repetition import Said, worn
from writer.story import Part, Prompt
from writer.text import count_words, ends_sentence

TOLD = 1.5
"""A passage that makes its beat likelier by so much a token tells it; one about something else gives 0.6."""

_SUMMARIES = {"en": "\n\nIn short: ", "zh": "\n\n梗概："}
_LOOKED_AT = 1500  # characters of a passage
_FOLLOWING = 200
_REPEATED = 6.0
_WORN = 0.03
_OFF = 0.3
_UNFINISHED = 1.0


@dataclass(frozen=True, slots=True)
class Judged:
    """One way of telling it, and what speaks for it: all in natural logarithms a token."""

    text: str
    fit: float
    """How much likelier it makes the beat."""
    after: float
    """How much likelier it makes the text that follows."""
    fault: float
    """What repetition, worn phrases, a length that is off and an unfinished end cost it."""

    @property
    def score(self) -> float:
        """All in all; what tells the beat well enough has nothing more to win there."""
        return min(self.fit, TOLD) + self.after - self.fault


def judge(
    text: str,
    told: float,
    engine: Engine,
    language: str,
    *,
    said: Said,
    words: int,
    before: str = "",
    after: str = "",
) -> Judged:
    """What speaks for a passage of about so many words behind ``before``, whose ``fit`` is as told."""
    return Judged(text, told, _follows(before, text, after, engine), _fault(text, said, words, language))


def best(candidates: Sequence[Judged]) -> Judged:
    """The one with the highest score, of equal ones the first."""
    return max(candidates, key=lambda one: one.score)


def fit(beat: str, text: str, engine: Engine, language: str) -> float:
    """log P(beat | text) - log P(beat), a token; 0 where nothing is to be told or the engine can't score."""
    if not beat.strip() or not text.strip():
        return 0.0
    summary = _SUMMARIES.get(language, _SUMMARIES["en"])
    with_it = likelihood(engine, text[-_LOOKED_AT:].strip() + summary, beat)
    without = likelihood(engine, summary.lstrip(), beat)
    return with_it - without if with_it is not None and without is not None else 0.0


def likelihood(engine: Engine, before: str, text: str) -> float | None:
    """Natural log-probability of a text behind another, a token; None if the engine can't tell."""
    try:
        scores = engine.score(Prompt((Part("page", before, 0),), role="work"), text)
    except DiedError:
        raise
    except EngineError:
        return None
    return sum(scores) / len(scores) if scores and all(map(math.isfinite, scores)) else None


def _follows(before: str, text: str, after: str, engine: Engine) -> float:
    following = after.lstrip()[:_FOLLOWING]
    if not following:
        return 0.0
    gap = after[: len(after) - len(after.lstrip())]
    with_it = likelihood(engine, (before + text)[-_LOOKED_AT:] + gap, following)
    without = likelihood(engine, before[-_LOOKED_AT:] + gap, following) if before.strip() else None
    return with_it - without if with_it is not None and without is not None else 0.0


def _fault(text: str, said: Said, words: int, language: str) -> float:
    there = count_words(text)
    off = abs(math.log(max(there, 1) / max(words, 1)))
    phrases = sum(one.per_thousand for one in worn(text, language))
    return _REPEATED * said.share(text) + _WORN * phrases + _OFF * off + _UNFINISHED * (not ends_sentence(text))
