"""What a sentence says of someone, and the sentences as the readers of both languages see them: without dialogue."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from writer.text import paragraphs, sentences


@dataclass(frozen=True, slots=True)
class Statement:
    """What the sentence from ``start`` up to but not including ``end`` says; ``attribute`` is one of a fixed set."""

    subject: str
    attribute: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as the narrator says it: what people say is ``MASK``s, every white space one space; as long as it is.

    ``before`` are the last few sentences in front of it in the same paragraph, the nearest first.
    """

    text: str
    before: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence and the text it stands in, asked who its words are about and whether it means what it says."""

    sentence: Sentence
    around: str

    @property
    def text(self) -> str:
        """The words of the sentence."""
        return self.sentence.text


MASK = "\x01"
"""Stands for each character that somebody in the book says: a character may lie."""

_BEFORE = 4
_SHORT_TERM = 12
_QUOTED = re.compile(
    r"“[^“”]*(?:”|\Z)|「[^「」]*(?:」|\Z)|『[^『』]*(?:』|\Z)|\"[^\"]*(?:\"|\Z)"
    r"|(?<![^\W_])['‘](?=[A-Z“\"\u4e00-\u9fff]).{0,2000}?(?:[.,!?…—–\-。！？，][’'](?![^\W_])|\Z)",
    re.DOTALL,
)
_LATE_CLOSER = re.compile(r"\A[^“”]*”")
_SPACE = re.compile(r"\s")


def narrated(text: str, is_worth: Callable[[str], bool]) -> Iterator[Sentence]:
    """The sentences outside dialogue that are worth a closer look."""
    for first, last in paragraphs(text):
        paragraph = text[first:last]
        if not is_worth(paragraph):
            continue
        masked = _SPACE.sub(" ", without_dialogue(paragraph))
        before: tuple[str, ...] = ()
        for start, end in sentences(paragraph):
            sentence = masked[start:end]
            if is_worth(sentence):
                begin = start + len(sentence) - len(sentence.lstrip())
                stripped = start + len(sentence.rstrip())
                yield Sentence(masked[begin:stripped], before, first + begin, first + stripped)
            before = (sentence, *before[: _BEFORE - 1])


def without_dialogue(paragraph: str) -> str:
    """A paragraph, as long as it was, with what is said masked; a short term in quotes ("a dog called “Rex”") stays."""
    masked = _LATE_CLOSER.sub(lambda said: MASK * len(said[0]), paragraph)
    return _QUOTED.sub(_mask, masked)


def _mask(said: re.Match[str]) -> str:
    inside = said[0][1:-1]
    if len(said[0]) > 2 and len(inside) <= _SHORT_TERM and inside.replace(" ", "").isalpha():
        before = said.string[: said.start()].rstrip()
        if before and before[-1] not in ",:：，。.!?！？" + MASK:
            return said[0]
    return MASK * len(said[0])


def unique(found: Sequence[Statement]) -> list[Statement]:
    """The statements in the order of their sentences, none twice."""
    return sorted(dict.fromkeys(found), key=lambda statement: (statement.start, statement.attribute, statement.value))
