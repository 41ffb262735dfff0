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
import re
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from writer import context
from writer.engines import Engine
from writer.errors import UsageError
from writer.i18n import _
from writer.store import Store
from writer.story import Cursor, Part, Prompt
from writer.text import OPENERS, TERMINATORS, clean, language_of, paragraphs, sentences, words

BUDGET = 1024
"""Tokens that each prompt may have."""
POSITIONS = 24
"""How many places tell an author enough in a few minutes."""
SCORED = 160
"""Tokens of the author's own text that are scored at a place."""
ROOM = SCORED + 32
"""Tokens that a model must read beyond the longest prompt."""

_SPARSE = 8  # characters a token, more than any prose has
_APART = 1000
_LEAST = 40  # characters worth scoring
_SAMPLES = 2000
_OUTSIDE = (2.5, 97.5)
_NAME_TAGS = ("nr", "ns", "nt")
_SEEN = 3  # fewer of a word tell nothing about it
_APOSTROPHE = re.compile("['’]")
_BEGINS_ANEW = frozenset(TERMINATORS + OPENERS + "\"':;—–-")
"""Behind these a capital tells nothing."""
_SHORTENED = re.compile(r"\b(?:[A-Z]|Mrs?|Ms|Mme|Mlle|Drs?|St|Messrs|Rev|Hon|Capt|Col|Gen|Lt|Maj|Sgt|Prof|Sr|Jr)\.$")


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a scene, and what the author wrote from there on."""

    scene: int
    offset: int
    at: int
    """The same place in the whole text."""
    text: str


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


class Book:
    """A project as the arms see it: its text in one piece, which each of them reads only up to a position."""

    def __init__(self, store: Store, engine: Engine, budget: int = BUDGET, other: Store | None = None) -> None:
        self.store = store
        self.engine = engine
        self.budget = budget
        self.other = other
        """Another book, whose memory is a control."""
        scenes = [store.scene(node.id, unchecked=True) for node in store.nodes()]
        self.texts = {scene.id: clean(scene.text) for scene in scenes}
        self._starts = list(accumulate((len(text) + 2 for text in self.texts.values()), initial=0))
        self._scenes = list(self.texts)
        self.text = "\n\n".join(self.texts.values())
        self.language = language_of(self.text)

    def positions(self, count: int, seed: int = 0) -> list[Position]:
        """Up to ``count`` places in the last half, in order: starts of paragraphs, else of sentences, drawn by lot."""
        found: list[Position] = []
        for starts in (self._starts_of(paragraphs), self._starts_of(sentences)):
            found = self._drawn(list(starts), count, seed)
            if len(found) >= count:
                break
        return found

    def _starts_of(self, cut: Callable[[str], Iterator[tuple[int, int]]]) -> Iterator[int]:
        half = len(self.text) // 2
        for begin, text in zip(self._starts, self.texts.values(), strict=False):
            first = max(0, half - begin)
            if first >= len(text):
                continue
            for number, (start, _end) in enumerate(cut(text[first:])):
                start = len(text[: first + start].rstrip(" \t"))
                if (number or not first) and len(text) - start >= _LEAST and (begin or start):
                    yield begin + start

    def _drawn(self, starts: list[int], count: int, seed: int) -> list[Position]:
        random.Random(seed).shuffle(starts)
        chosen: list[int] = []
        for start in starts:
            if len(chosen) == count:
                break
            if all(abs(start - other) >= _APART for other in chosen):
                chosen.append(start)
        return [self._position(at) for at in sorted(chosen)]

    def _position(self, at: int) -> Position:
        number = bisect_right(self._starts, at) - 1
        scene, offset = self._scenes[number], at - self._starts[number]
        return Position(scene, offset, at, self._next(self.texts[scene][offset : offset + SCORED * _SPARSE]))

    def _next(self, text: str) -> str:
        """As many whole sentences as ``SCORED`` tokens take, or so many tokens of the first."""
        spans = self.engine.spans(text)
        if len(spans) <= SCORED:
            return text.rstrip()
        most = spans[SCORED][0]
        whole = [end for _start, end in sentences(text[:most]) if end < most]
        return text[: whole[-1] if whole else most].rstrip()

    @cached_property
    def names(self) -> frozenset[str]:
        """Chinese words that are tagged as names most of the time."""
        import rjieba

        tagged: Counter[str] = Counter()
        seen: Counter[str] = Counter()
        for text in self.texts.values():
            for start, end in paragraphs(text):
                for word, tag in rjieba.tag(text[start:end]):
                    if len(word) > 1:
                        seen[word] += 1
                        tagged[word] += tag.startswith(_NAME_TAGS)
        return frozenset(word for word, n in seen.items() if n >= _SEEN and 2 * tagged[word] > n)

    def named(self, text: str) -> list[tuple[int, int]]:
        """Where names stand in what the author wrote next."""
        if self.language == "zh":
            return [(start, end) for start, end in words(text) if text[start:end] in self.names]
        return list(_capitalised(text))


def _capitalised(text: str) -> Iterator[tuple[int, int]]:
    """Words with a capital inside a sentence: not its first, not "I", not what opens a speech, and without their "'s"."""
    for start, end in sentences(text):
        sentence = text[start:end]
        for number, (a, b) in enumerate(words(sentence)):
            word = _APOSTROPHE.split(sentence[a:b])[0]
            if number and word != "I" and word[0].isupper() and (len(word) == 1 or not word.isupper()):
                before = sentence[:a].rstrip(" \n_*")
                if before[-1] not in _BEGINS_ANEW or _SHORTENED.search(before):
                    yield start + a, start + a + len(word)


# --- the arms


def _tail(book: Book, position: Position, tokens: int) -> Part:
    """The last ``tokens`` tokens before a position."""
    text = book.text[max(0, position.at - tokens * _SPARSE) : position.at]
    spans = book.engine.spans(text)
    for start, _end in spans[max(0, len(spans) - tokens) :]:
        (count,) = book.engine.count([text[start:]])  # cut off, the first word may take more
        if count <= tokens:
            return Part("page", text[start:], count)
    return Part("page", "", 0)


def window(book: Book, position: Position) -> Prompt:
    """Nothing but the end of the text."""
    return Prompt((_tail(book, position, book.budget - book.engine.bos_tokens),))


def wider(tokens: int) -> Arm:
    """A plain window of another size."""
    return lambda book, position: Prompt((_tail(book, position, tokens - book.engine.bos_tokens),))


def ours(book: Book, position: Position) -> Prompt:
    """What Writer lays out there."""
    cursor = Cursor(position.scene, book.texts[position.scene], position.offset)
    return context.build(cursor, book.store, book.engine, book.budget, book.language)


Arm = Callable[[Book, Position], Prompt]
"""What one way of using the budget lets the model read before a position."""

PLAIN = "window"
"""The arm that all are compared with."""
ARMS: Mapping[str, Arm] = {
    PLAIN: window,
    "ours": ours,
    "2048": wider(2048),
    "4096": wider(4096),
}


def longest(arms: Sequence[str], budget: int) -> int:
    """The most tokens that any of these arms reads."""
    return max([budget, *(int(arm) for arm in arms if arm.isdecimal())])


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
    for arm in arms:
        if arm not in ARMS:
            raise UsageError(
                _("There is no way of reading called “{name}”; choose from {names}.").format(
                    name=arm, names=", ".join(ARMS)
                )
            )
    arms = list(dict.fromkeys([PLAIN, *arms]))
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
