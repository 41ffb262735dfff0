"""Who tells a story, and to whom: where no I tells it to a you, a sentence of the narrator's has neither."""

from __future__ import annotations

import re
from collections.abc import Iterator

from writer.facts.statement import MASK, without_dialogue
from writer.text import paragraphs, sentences

_PERSONS = {
    "en": {
        "first": re.compile(r"\b(?:I|[Mm]e|[Mm]y|[Mm]yself)\b(?=.)", re.DOTALL),
        "second": re.compile(r"\b(?:you|yours?|yourself|yourselves)\b(?=.)", re.DOTALL | re.IGNORECASE),
    },
    "zh": {"first": re.compile("(?<!自)我(?!国)"), "second": re.compile("[你您]")},
}
"""Words of somebody who tells, or is told to, but mine, which is a pit; the last of an unfinished text may yet grow."""
_INSIDE = {"en": re.compile(r":\s|[—–]\s?[A-Z“\"]"), "zh": re.compile("[：:]|[想问答叫喊说道]，")}
"""With these a sentence has what somebody says or thinks without quotation marks."""
_WISHED = {
    "first": re.compile(r"\bfirst[- ]person\b|第一人称", re.IGNORECASE),
    "second": re.compile(r"\bsecond[- ]person\b|第二人称", re.IGNORECASE),
}
_USUAL = 20
"""What one sentence in so many does is the narrator's way."""
_TAIL = 2000  # characters of a paragraph that goes on


class Narrator:
    """In which persons a book is told: those of its author's ``wish``, and those that its prose has often."""

    def __init__(self, wish: str, prose: str, language: str) -> None:
        self._persons = _PERSONS[language]
        self._inside = _INSIDE[language]
        wished = [found for _start, _end, found in self._narrated(wish)]
        told = [found for _start, _end, found in self._narrated(prose)]
        self.usual = {
            person
            for person in self._persons
            if not (wished or told)
            or _WISHED[person].search(wish)
            or any(person in found for found in wished)
            or _USUAL * sum(person in found for found in told) >= max(1, len(told))
        }

    def strays(self, before: str, new: str) -> list[tuple[int, int]]:
        """The sentences of ``new``, behind ``before``, in which another narrator speaks than in the book."""
        if len(self.usual) == len(self._persons):
            return []
        tail = before[max(before.rfind("\n") + 1, len(before) - _TAIL) :]
        found = self._narrated(tail + new)
        spans = [(start - len(tail), end - len(tail)) for start, end, persons in found if persons - self.usual]
        return [(max(0, start), end) for start, end in spans if end > 0]

    def _narrated(self, text: str) -> Iterator[tuple[int, int, set[str]]]:
        """Each sentence with the persons in it, without what is said by others than the narrator."""
        for first, last in paragraphs(text):
            masked = without_dialogue(text[first:last])
            for start, end in sentences(masked):
                told = masked[start:end]
                if told.strip(MASK + " \n") and not self._inside.search(told):
                    found = {person for person, words in self._persons.items() if words.search(told)}
                    yield first + start, first + end, found
