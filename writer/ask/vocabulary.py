"""The words that questions are asked and answered with, out of ``assets/questions.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache

from writer import files
from writer.memory.terms import stem
from writer.memory.thesaurus import related
from writer.text import is_cjk

SAME = 0.9
KIND = 0.85
AKIN = 0.6
"""What another word is worth for the one that was asked for: one that says the same, a kind of it, a related one."""

MARRIED = ("married", "marries")
"""With these a wife or a husband is told of, too."""
_CHARACTER = 0.5
_NEAR_ENOUGH = {"en": 0.7, "zh": 0.3}


@cache
def asking(language: str) -> frozenset[str]:
    """Words that only ask."""
    return frozenset(_lists()[language]["asking"].split())


@cache
def light(language: str) -> frozenset[str]:
    """Words that weigh little."""
    return frozenset(_lists()[language]["light"].split())


@lru_cache(4096)
def forms(word: str, language: str) -> Mapping[str, float]:
    """What may stand for a word, in any inflection, with its worth; first the word itself."""
    key = _key(word)
    found = {word: 1.0}
    for other in _kinds(language).get(key, ()):
        found.setdefault(other, KIND)
    for other in _groups(language).get(key, ()):
        found[other] = max(found.get(other, 0.0), SAME)
    for other, share in related(key):
        if share >= _NEAR_ENOUGH[language] and (language == "en" or set(other) & set(key)):
            found.setdefault(other, AKIN)
    if language == "zh" and len(key) > 1:
        for character in key:
            if character not in asking("zh"):
                found.setdefault(character, _CHARACTER)
    return found


@lru_cache(256)
def kin(word: str, language: str) -> Mapping[str, float]:
    """What may stand for a word of kin; nothing if it is none."""
    return dict.fromkeys(_kin(language).get(_key(word), ()), 1.0)


@cache
def reverse(word: str) -> tuple[str, ...]:
    """What an English text may call the other one of two who are kin by this word."""
    return _keyed(_lists()["en"]["reverse"]).get(_key(word), ())


@cache
def deaths(language: str) -> tuple[str, ...]:
    """What tells how somebody died."""
    return tuple(_lists()[language]["deaths"].split())


@cache
def kin_words() -> tuple[str, ...]:
    """The Chinese words of kin that may be asked for, the longest first."""
    return tuple(sorted(_kin("zh"), key=lambda word: (-len(word), word)))


@cache
def _groups(language: str) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for line in _lists()[language]["groups"].strip().splitlines():
        for word in line.split():
            found.setdefault(_key(word), {}).update(dict.fromkeys(line.split()))
    return {key: tuple(others) for key, others in found.items()}


@cache
def _kinds(language: str) -> Mapping[str, tuple[str, ...]]:
    return _keyed(_lists()[language]["kinds"])


@cache
def _kin(language: str) -> Mapping[str, tuple[str, ...]]:
    return _keyed(_lists()[language]["kin"])


def _keyed(lines: str) -> dict[str, tuple[str, ...]]:
    """Lists that each stand behind a word and a colon."""
    split = (line.split(":") for line in lines.strip().splitlines())
    return {_key(word): tuple(others.split()) for word, others in split}


def _key(word: str) -> str:
    return word if is_cjk(word[0]) else stem(word)


@cache
def _lists() -> dict[str, dict[str, str]]:
    return tomllib.loads((files.assets() / "questions.toml").read_text("utf-8"))
