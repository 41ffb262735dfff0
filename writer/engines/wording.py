"""How a model's choice of words is bent towards those of the book, at no cost in tokens.

A word is made likelier by ``(q / m) ** STRENGTH``: ``q`` is how often the book uses it, of late above all, ``m`` how
often the model expects it where the book goes on ("unigram rescaling": Kneser, Peters and Klakow 1997; words used of
late come again: Kuhn and De Mori 1990). What the model has read stays as it is, so the cache is untouched. What it
expects is measured once for a book and a model, at a few hundred places of the book's beginning, and kept on this
computer.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from array import array
from collections import Counter, OrderedDict
from collections.abc import Generator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from writer import files
from writer.engines import EngineSpec

STRENGTH = 0.35
LIKELIER, LESS_LIKELY = 2.0, 1.0
"""No word becomes likelier or less likely than by this, in natural logarithms."""
HALF_LIFE = 4000
"""A use of a word so many tokens ago counts half of one just now."""
MOST_TOKENS = 8000
LIKELIEST = 300
"""So many tokens are asked for at each place."""
LEAD = 64
"""Tokens of a passage that are read before it is looked at what comes next."""

_PRIOR = 2000.0
_WHOLE = 2000.0
"""What the book as a whole counts beside what it used of late, in tokens."""
_LATELY = 8 * HALF_LIFE
_KEPT = 8
_TEXTS = 512
_FILES = 64

Leaning = tuple[tuple[int, float], ...]
"""What is added to the logits of some tokens."""


class Learner(Protocol):
    """An engine that can tell what its wording is learned from."""

    def ids(self, text: str) -> list[int]:
        """The tokens of a text by itself."""
        ...

    def expected(self, ids: Sequence[int]) -> Generator[dict[int, float], None, None]:
        """The likeliest tokens and their probabilities at each place of a passage behind its lead."""
        ...


@dataclass(slots=True)
class Expected:
    """What a model expects on average at the places that were looked at so far."""

    passages: int = 0
    places: int = 0
    sums: dict[int, float] = field(default_factory=dict)

    def add(self, likeliest: Mapping[int, float]) -> None:
        """Take one more place, if anything was told of it."""
        if not likeliest:
            return
        self.places += 1
        for token, probability in likeliest.items():
            self.sums[token] = self.sums.get(token, 0.0) + probability


@dataclass(slots=True)
class Used:
    """How often a book uses each token: in all, and of late, where a use weighs the less the longer ago it was."""

    whole: Counter[int] = field(default_factory=Counter)
    lately: dict[int, float] = field(default_factory=dict)
    tokens: int = 0

    def precede(self, ids: Sequence[int]) -> None:
        """Take one more text, which stands before all that were taken."""
        self.whole.update(ids)
        for age, token in enumerate(ids[: -max(0, _LATELY - self.tokens) - 1 : -1], start=self.tokens):
            self.lately[token] = self.lately.get(token, 0.0) + 0.5 ** (age / HALF_LIFE)
        self.tokens += len(ids)


def leaning(used: Used, expected: Expected) -> Leaning:
    """What is added to logits, for the tokens for which it matters most."""
    if not expected.places or not used.tokens:
        return ()
    late = sum(used.lately.values())
    mean = {token: much / expected.places for token, much in expected.sums.items()}
    # A token that is never among the likeliest is taken for one of the least likely that were seen.
    least = min(mean.values())
    bent: list[tuple[float, int, float]] = []
    for token in used.whole.keys() | mean.keys():
        model = mean.get(token, least)
        whole = (used.whole[token] + _PRIOR * model) / (used.tokens + _PRIOR)
        book = (used.lately.get(token, 0.0) + _WHOLE * whole) / (late + _WHOLE)
        much = max(-LESS_LIKELY, min(LIKELIER, STRENGTH * math.log(book / model)))
        bent.append((-max(book, model) * abs(much), token, round(much, 3)))
    bent.sort()
    return tuple((token, much) for _weight, token, much in bent[:MOST_TOKENS] if much)


class Wordings:
    """What one engine has learned, by key; what was begun is gone on with."""

    def __init__(self, spec: EngineSpec) -> None:
        self._spec = spec
        self._known: OrderedDict[str, Leaning] = OrderedDict()
        self._ids: OrderedDict[bytes, array[int]] = OrderedDict()
        self._expected: dict[str, Expected] = {}

    def leaning(self, key: str) -> Leaning:
        """What was learned under a key, or last of its book, which is named in front of a hyphen; else nothing."""
        if key not in self._known:
            book = key.partition("-")[0]
            key = next((known for known in reversed(self._known) if known.partition("-")[0] == book), key)
        return self._known.get(key, ())

    def learn(
        self, engine: Learner, key: str, texts: Sequence[str], opening: Sequence[str]
    ) -> Generator[None, None, None]:
        """Learn from the texts of a book, and passages of its beginning; yields between short steps."""
        if key in self._known:
            self._known.move_to_end(key)
            return
        expected = yield from self._expecting(engine, opening)
        used = Used()
        for text in reversed(texts):
            used.precede(self._tokens(engine, text))
            yield
        self._known[key] = leaning(used, expected)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)

    def _tokens(self, engine: Learner, text: str) -> array[int]:
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        if digest not in self._ids:
            self._ids[digest] = array("I", engine.ids(text))
            while len(self._ids) > _TEXTS:
                self._ids.popitem(last=False)
        return self._ids[digest]

    def _expecting(self, engine: Learner, opening: Sequence[str]) -> Generator[None, None, Expected]:
        """What the model expects in these passages, as it was measured once."""
        path = _place(self._spec, opening)
        name = path.name
        if name not in self._expected:
            self._expected[name] = _read(path) or Expected()
        expected = self._expected[name]
        while expected.passages < len(opening):
            places = []
            for likeliest in engine.expected(engine.ids(opening[expected.passages])):
                places.append(likeliest)
                yield
            for likeliest in places:
                expected.add(likeliest)
            expected.passages += 1
            if expected.passages == len(opening):
                _write(path, expected)
        return expected


def _place(spec: EngineSpec, opening: Sequence[str]) -> Path:
    """Where is kept what this model expects in these passages."""
    with suppress(OSError):
        stat = os.stat(spec.path)
        identity = [spec.engine, os.path.realpath(spec.path), stat.st_size, stat.st_mtime_ns, *opening]
        return _folder() / (hashlib.sha256(json.dumps(identity).encode("ascii")).hexdigest()[:32] + ".json")
    return _folder() / "unknown.json"


def _folder() -> Path:
    return files.cache_folder() / "wording"


def _read(path: Path) -> Expected | None:
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        form = json.loads(path.read_text("ascii"))
        sums = {int(token): float(much) for token, much in form["sums"].items()}
        return Expected(int(form["passages"]), int(form["places"]), sums)
    return None


def _write(path: Path, expected: Expected) -> None:
    """Keep it on this computer, where the newest few are; without it, it is measured again."""
    form = {"passages": expected.passages, "places": expected.places, "sums": expected.sums}
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = path.with_suffix(f".{os.getpid()}.part")
        part.write_text(json.dumps(form), "ascii")
        os.replace(part, path)
        kept = sorted(path.parent.glob("*.json"), key=lambda one: one.stat().st_mtime)
        for old in kept[:-_FILES]:
            old.unlink(missing_ok=True)
