"""The words by which numbers, names and sentences are read, out of ``assets/numbers.toml`` and ``sources.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache

from writer import files


@cache
def words(file: str, language: str, kind: str) -> tuple[str, ...]:
    """One list of a file."""
    return tuple(_lists(file)[language][kind].split())


@cache
def pairs(language: str, kind: str) -> dict[str, str]:
    """One list of the numbers, whose words amount to something."""
    split = (word.split(":") for word in words("numbers", language, kind))
    return {word.replace("_", " "): meaning.replace("_", " ") for word, meaning in split}


@cache
def values(language: str, kind: str) -> dict[str, float]:
    """The same where each amounts to a number."""
    return {word: float(value) for word, value in pairs(language, kind).items()}


@cache
def ranges(language: str, kind: str) -> dict[str, tuple[float, float]]:
    """The same where each amounts to all from one number to another."""
    split = {word: value.split("-") for word, value in pairs(language, kind).items()}
    return {word: (float(low), float(high)) for word, (low, high) in split.items()}


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of these words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


@cache
def _lists(file: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((files.assets() / f"{file}.toml").read_text("utf-8"))
