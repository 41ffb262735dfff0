"""What reads statements off the sentences of one language, each reader with the words it looks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from writer.facts.statement import Sentence, Statement, narrated, unique

Reading = TypeVar("Reading")
Said = tuple[str, str, str]
"""Of whom, which attribute, what."""


class Readers(Generic[Reading]):
    """The readers of a language; each sees a sentence as the language's own kind of reading."""

    def __init__(self, reading: Callable[[Sentence, str], Reading]) -> None:
        self._reading = reading
        self._readers: list[tuple[re.Pattern[str], Callable[[Reading], Iterator[Said]]]] = []

    def reads(self, words: str) -> Callable[[Callable[[Reading], Iterator[Said]]], Callable[[Reading], Iterator[Said]]]:
        """A reader of sentences that have one of these words."""

        def add(read: Callable[[Reading], Iterator[Said]]) -> Callable[[Reading], Iterator[Said]]:
            self._readers.append((re.compile(words), read))
            return read

        return add

    def stated(self, text: str, is_worth: Callable[[str], bool], asks: re.Pattern[str]) -> list[Statement]:
        """What the readers find in the narrator's sentences that are worth a look and ask nothing."""
        found: list[Statement] = []
        for sentence in narrated(text, is_worth):
            if asks.search(sentence.text):
                continue
            reading = self._reading(sentence, text)
            for needed, read in self._readers:
                if needed.search(sentence.text):
                    found += [Statement(*said, sentence.start, sentence.end) for said in read(reading)]
        return unique(found)


def matches(patterns: Sequence[re.Pattern[str]], text: str) -> Iterator[re.Match[str]]:
    """All that these find in a text, pattern by pattern."""
    for pattern in patterns:
        yield from pattern.finditer(text)
