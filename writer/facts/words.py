"""The words that facts are told by, out of ``assets/facts.toml``."""

from __future__ import annotations

import tomllib
from functools import cache

from writer import files


def words(language: str, kind: str) -> frozenset[str]:
    """One list of the file."""
    return frozenset(_lists()[language][kind].split())


def pairs(language: str, kind: str) -> dict[str, str]:
    """One list of the file whose words are two, with a colon between; an underline is a space."""
    split = (word.split(":") for word in _lists()[language][kind].split())
    return {word: meaning.replace("_", " ") for word, meaning in split}


def any_of(words: frozenset[str]) -> str:
    """A pattern for any of these words, the longest first."""
    return "(?:" + "|".join(sorted(words, key=lambda word: (-len(word), word))) + ")"


@cache
def _lists() -> dict[str, dict[str, str]]:
    return tomllib.loads((files.assets() / "facts.toml").read_text("utf-8"))
