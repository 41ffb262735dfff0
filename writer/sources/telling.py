"""The words by which a sentence is compared with its source: English by their stems, Chinese by pairs of characters."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

from writer.sources.lists import words

_LATIN = re.compile(r"[^\W\d_\u3005-\u9fff]+")
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_EMPTY = frozenset(words("sources", "english", "empty"))
_LEFT_OUT = str.maketrans(dict.fromkeys(words("sources", "chinese", "empty"), " "))


def keys(text: str) -> frozenset[str]:
    """What tells a text from others; what stands in every text is left out."""
    found = {
        stem(word)
        for word in (match[0].casefold() for match in _LATIN.finditer(text))
        if word not in _EMPTY and len(word) > 1
    }
    for run in _CHINESE.findall(text.translate(_LEFT_OUT)):
        found |= {run[at : at + 2] for at in range(len(run) - 1)} if len(run) > 1 else {run}
    return frozenset(found)


@lru_cache(2**14)
def stem(word: str) -> str:
    """What an English word has in common with its other forms."""
    return str(_stemmer().stemWord(word))


@cache
def _stemmer() -> Any:
    from Stemmer import Stemmer

    return Stemmer("porter")
