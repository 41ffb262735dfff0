"""Proper names, told without what memory takes for one, so that it doesn't set its own examination."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from writer.text import OPENERS, TERMINATORS, paragraphs, sentences, words

_TAGS = ("nr", "ns", "nt")
_SEEN = 3  # fewer of a word tell nothing about it
_APOSTROPHE = re.compile("['’]")
_BEGINS_ANEW = frozenset(TERMINATORS + OPENERS + "\"':;—–-")
"""Behind these a capital tells nothing."""
_SHORTENED = re.compile(r"\b(?:[A-Z]|Mrs?|Ms|Mme|Mlle|Drs?|St|Messrs|Rev|Hon|Capt|Col|Gen|Lt|Maj|Sgt|Prof|Sr|Jr)\.$")


def capitalised(text: str) -> Iterator[tuple[int, int]]:
    """Words with a capital inside a sentence: not its first, not "I", not what opens a speech; without their "'s"."""
    for start, end in sentences(text):
        sentence = text[start:end]
        for number, (a, b) in enumerate(words(sentence)):
            word = _APOSTROPHE.split(sentence[a:b])[0]
            if number and word != "I" and word[0].isupper() and (len(word) == 1 or not word.isupper()):
                before = sentence[:a].rstrip(" \n_*")
                if before[-1] not in _BEGINS_ANEW or _SHORTENED.search(before):
                    yield start + a, start + a + len(word)


def tagged(texts: Iterable[str]) -> frozenset[str]:
    """Chinese words of two characters and more that are tagged as people, places or bodies most of the time."""
    import rjieba  # loads its dictionary: 0.1 s

    as_names: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for text in texts:
        for start, end in paragraphs(text):
            for word, tag in rjieba.tag(text[start:end]):
                if len(word) > 1:
                    seen[word] += 1
                    as_names[word] += tag.startswith(_TAGS)
    return frozenset(word for word, n in seen.items() if n >= _SEEN and 2 * as_names[word] > n)


def among(text: str, names: Collection[str]) -> Iterator[tuple[int, int]]:
    """Where words of a text are among these."""
    return ((start, end) for start, end in words(text) if text[start:end] in names)
