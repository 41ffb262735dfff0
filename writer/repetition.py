"""What a book has said already: rows of words that come again, and phrases that are worn out everywhere.

Words are those that authors count: in English without regard to case, in Chinese each character.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from writer.files import assets
from writer.text import count_words, counted

ROW = 8
"""So many words in a row that were there before are no accident."""
TURN = {"en": 4, "zh": 6}
"""So many words in a row that were there before may be one, but a sentence made of such rows is a formula."""
_FORMULA = 0.25


class Said:
    """All rows of ``row`` words that a book has; a row is known by its hash alone, so a whole book takes little."""

    def __init__(self, texts: Iterable[str] = (), row: int = ROW, turn: int = TURN["en"]) -> None:
        self._row, self._turn = row, turn
        self._rows: set[int] = set()
        self._turns: set[int] = set()
        for text in texts:
            self.add(text)

    def add(self, text: str) -> None:
        """Take in a text that now belongs to the book."""
        words = _words(text)[0]
        self._rows.update(map(hash, _rows(words, self._row)))
        self._turns.update(map(hash, _rows(words, self._turn)))

    def repeats(self, text: str) -> list[tuple[int, int]]:
        """The stretches of a text, in order, whose words stand in a row that the book or the text had before."""
        words, spans = _words(text)
        found: list[tuple[int, int]] = []
        new: set[int] = set()
        for at, row in enumerate(_rows(words, self._row)):
            key = hash(row)
            if key in self._rows or key in new:
                start, end = spans[at][0], spans[at + self._row - 1][1]
                if found and start <= found[-1][1]:
                    found[-1] = (found[-1][0], end)
                else:
                    found.append((start, end))
            new.add(key)
        return found

    def is_formula(self, sentence: str) -> bool:
        """Whether a quarter of a sentence's words, or more, stand in turns of phrase that the book has."""
        words = _words(sentence)[0]
        again = {
            at + number
            for at, turn in enumerate(_rows(words, self._turn))
            if hash(turn) in self._turns
            for number in range(self._turn)
        }
        return len(again) >= max(1, _FORMULA * len(words))

    def share(self, text: str) -> float:
        """Which part of a text's words is repeated, from 0 to 1."""
        again = sum(count_words(text[start:end]) for start, end in self.repeats(text))
        return again / max(1, count_words(text))


@dataclass(frozen=True, slots=True)
class Worn:
    """A worn phrase, how often a text has it, and how often that is in 1,000 words."""

    phrase: str
    count: int
    per_thousand: float


def worn(text: str, language: str) -> list[Worn]:
    """The worn phrases of a text, the most frequent first."""
    pattern = _pattern(language)
    if pattern is None:
        return []
    counts = Counter(_plain(found[0]) for found in pattern.finditer(_plain(text)))
    words = max(1, count_words(text))
    return [Worn(phrase, count, 1000 * count / words) for phrase, count in counts.most_common()]


@cache
def phrases(language: str) -> tuple[str, ...]:
    """The phrases that count as worn in a language."""
    with (assets() / "worn.toml").open("rb") as file:
        return tuple(tomllib.load(file).get(language, {}).get("phrases", ()))


@cache
def _pattern(language: str) -> re.Pattern[str] | None:
    found = sorted(map(_plain, phrases(language)), key=len, reverse=True)
    if not found:
        return None
    either = "|".join(map(re.escape, found))
    return re.compile(either if language == "zh" else rf"\b(?:{either})\b")


def _plain(text: str) -> str:
    """A text as phrases are compared: one apostrophe, one case, one space."""
    return " ".join(text.replace("’", "'").lower().split())


def _words(text: str) -> tuple[list[str], list[tuple[int, int]]]:
    spans = list(counted(text))
    return [text[start:end].replace("’", "'").casefold() for start, end in spans], spans


def _rows(words: list[str], length: int) -> Iterable[tuple[str, ...]]:
    return zip(*(words[at:] for at in range(length)), strict=False)
