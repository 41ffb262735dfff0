"""Does memory help on this book? The author's own next sentences, scored behind prompts of the same size.

At some paragraphs in the last half of a book the model is asked how likely it finds what the author really wrote
there, once behind each of several prompts (``ARMS``). What counts is the difference to ``window``, the plain end of the
text: overall, and on names, which nobody can know who hasn't read what came before. Names are told here by
themselves, without what memory takes for one, so that it doesn't set its own examination.

Surprise is -log p in nats; perplexity is e to its mean over tokens. Intervals are percentile bootstrap over
positions (Efron 1979), paired: each sample takes the same positions for both prompts.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, replace

from writer import models
from writer.errors import UsageError
from writer.i18n import _
from writer.meter.arms import ARMS, PLAIN, Arm, longest
from writer.meter.book import SCORED, Book, Position
from writer.settings import Settings

__all__ = [
    "ARMS",
    "BUDGET",
    "PLAIN",
    "POSITIONS",
    "ROOM",
    "Book",
    "Interval",
    "Progress",
    "Report",
    "Result",
    "known",
    "longest",
    "measure",
    "scoring",
]

BUDGET = 1024
"""Tokens that each prompt may have."""
POSITIONS = 24
"""How many places tell an author enough in a few minutes."""
ROOM = SCORED + 32
"""Tokens that a model must read beyond the longest prompt."""

_SAMPLES = 2000
_OUTSIDE = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Sum:
    """The surprise of some tokens, added up."""

    surprise: float = 0.0
    tokens: int = 0

    def __add__(self, other: Sum) -> Sum:
        return Sum(self.surprise + other.surprise, self.tokens + other.tokens)

    @property
    def perplexity(self) -> float:
        """e to the mean surprise; NaN of nothing."""
        return math.exp(self.surprise / self.tokens) if self.tokens else math.nan


@dataclass(frozen=True, slots=True)
class Interval:
    """A ratio of perplexities to that of the plain window, and between what it lies in 95 of 100 samples."""

    ratio: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Result:
    """What one arm reached."""

    arm: str
    perplexity: float
    names: float
    """Perplexity on the tokens of names alone; NaN if there were none."""
    against: Interval
    against_names: Interval
    tokens: float
    """How much it read at a place, on average."""
    seconds: float
    """How long the model took for one place."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is."""

    done: int
    total: int
    seconds_left: float


@dataclass(frozen=True, slots=True)
class Report:
    """What all arms reached, on how much."""

    results: tuple[Result, ...]
    positions: int
    scored: int
    names: int
    budget: int
    seconds: float


def scoring(chosen: Settings, language: str, arms: Iterable[str] = ()) -> Settings:
    """These settings for an engine that tells how likely a text is, which neither llama.cpp nor most servers do.

    Without a chosen model it is the small one for the book's language.
    """
    if chosen.engine != "echo":
        chosen = replace(chosen, engine="transformers")
    if not chosen.model and language not in models.default(chosen.language).languages:
        chosen = replace(chosen, language=language)
    return replace(chosen, budget=longest(arms, BUDGET))


# --- measuring


@dataclass(frozen=True, slots=True)
class _Reading:
    """One arm at one position."""

    whole: Sum
    names: Sum
    tokens: int
    seconds: float


def measure(
    book: Book, arms: Sequence[str] = (PLAIN, "ours"), count: int = POSITIONS, seed: int = 0
) -> Generator[Progress, None, Report]:
    """Score every arm once at every position; a progress after each, and the report at the end."""
    arms = known(arms)
    if "another" in arms and book.other is None:
        raise UsageError(_("To compare with the memory of another book, name that book."))
    started = time.perf_counter()
    positions = book.positions(count, seed)
    if not positions:
        raise UsageError(_("The book is too short for this; it needs a few pages at least."))
    readings: dict[str, list[_Reading]] = {arm: [] for arm in arms}
    total = len(arms) * len(positions)
    for number, position in enumerate(positions):
        for place, arm in enumerate(arms, start=number * len(arms) + 1):
            readings[arm].append(_read(book, position, ARMS[arm]))
            spent = time.perf_counter() - started
            yield Progress(place, total, spent / place * (total - place))
    plain = readings[PLAIN]
    whole, names = _added(plain)
    return Report(
        tuple(_result(arm, readings[arm], plain, seed) for arm in arms),
        len(positions),
        whole.tokens,
        names.tokens,
        book.budget,
        time.perf_counter() - started,
    )


def known(arms: Iterable[str]) -> list[str]:
    """These arms behind the plain window, each once; UsageError if there is none of a name."""
    wanted = list(dict.fromkeys([PLAIN, *arms]))
    for arm in wanted:
        if arm not in ARMS:
            raise UsageError(
                _("There is no way of reading called “{name}”; choose from {names}.").format(
                    name=arm, names=", ".join(ARMS)
                )
            )
    return wanted


def _read(book: Book, position: Position, arm: Arm) -> _Reading:
    prompt = arm(book, position)
    started = time.perf_counter()
    scores = book.engine.score(prompt, position.text)
    seconds = time.perf_counter() - started
    inside = [False] * len(position.text)
    for start, end in book.named(position.text):
        inside[start:end] = [True] * (end - start)
    spans = book.engine.spans(position.text)
    on_names = [score for score, (start, end) in zip(scores, spans, strict=True) if any(inside[start:end])]
    tokens = prompt.tokens + book.engine.bos_tokens
    return _Reading(Sum(-sum(scores), len(scores)), Sum(-sum(on_names), len(on_names)), tokens, seconds)


def _added(readings: Sequence[_Reading]) -> tuple[Sum, Sum]:
    """The surprise of everything, and of the names."""
    return sum((reading.whole for reading in readings), Sum()), sum((reading.names for reading in readings), Sum())


def _result(arm: str, readings: Sequence[_Reading], plain: Sequence[_Reading], seed: int) -> Result:
    whole, names = _added(readings)
    return Result(
        arm,
        whole.perplexity,
        names.perplexity,
        compared([reading.whole for reading in readings], [reading.whole for reading in plain], seed),
        compared([reading.names for reading in readings], [reading.names for reading in plain], seed),
        sum(reading.tokens for reading in readings) / len(readings),
        sum(reading.seconds for reading in readings) / len(readings),
    )


def compared(arm: Sequence[Sum], plain: Sequence[Sum], seed: int = 0) -> Interval:
    """The ratio of two perplexities on the same tokens, with its interval over positions."""
    pairs = [(one.surprise - other.surprise, one.tokens) for one, other in zip(arm, plain, strict=True)]
    lot = random.Random(seed)
    ratios = sorted(_ratio(lot.choices(pairs, k=len(pairs))) for _sample in range(_SAMPLES))
    ratios = [ratio for ratio in ratios if not math.isnan(ratio)] or [math.nan]
    low, high = (ratios[round(percent / 100 * (len(ratios) - 1))] for percent in _OUTSIDE)
    return Interval(_ratio(pairs), low, high)


def _ratio(pairs: Sequence[tuple[float, int]]) -> float:
    tokens = sum(count for _difference, count in pairs)
    return math.exp(sum(difference for difference, _count in pairs) / tokens) if tokens else math.nan
