"""The pending suggestion as a value: how it grows, is typed through and is taken in parts."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from writer.story import Origin
from writer.text import CLOSERS, OPENERS, is_cjk, sentences

_LEAD = re.compile(r"[^\S\n]*")
_NEWLINES = re.compile(r"[^\S\n]*\n\s*")
_WORD = re.compile(r"—+|…+|[^\s—]+—*")


@dataclass(frozen=True, slots=True)
class Ghost:
    """Grey text at ``offset`` of a scene at a revision; what is drawn is what will be accepted."""

    text: str
    scene: int
    revision: int
    offset: int
    origin: Origin | None = None
    """Where the text comes from."""

    def grow(self, text: str, origin: Origin | None = None) -> Ghost:
        """The ghost with another piece at its end, which may tell where it all comes from."""
        return replace(self, text=self.text + text, origin=origin or self.origin)

    def typed(self, text: str) -> Ghost | None:
        """What is left (perhaps nothing yet) after the author typed what was predicted; None for anything else."""
        if not self.text.startswith(text):
            return None
        return replace(self, text=self.text[len(text) :], offset=self.offset + len(text))

    def next_word(self) -> str:
        """The next word with its spaces and punctuation; Chinese up to its punctuation; or a run of line ends."""
        if newlines := _NEWLINES.match(self.text):
            return newlines[0]
        start = _LEAD.match(self.text).end()  # type: ignore[union-attr]  # matches the empty string too
        body = start
        while body < len(self.text) and self.text[body] in OPENERS:
            body += 1
        if is_cjk(self.text[body : body + 1]) or _is_closing(self.text[body : body + 1]):
            return self.text[: _end_of_phrase(self.text, body)]
        word = _WORD.match(self.text, start)
        return self.text[: _before_chinese(word[0], start) if word else start]

    def next_sentence(self) -> str:
        """The text up to the end of the next sentence, without the space behind it."""
        for start, end in sentences(self.text):
            if not self.text[start:end].isspace():
                return self.text[:end].rstrip()
        return self.text

    def rest_after(self, taken: str) -> Ghost | None:
        """What is left after the author accepted ``taken``; None if nothing is."""
        rest = self.typed(taken)
        return rest if rest and rest.text else None


def _is_closing(character: str) -> bool:
    """Whether this is punctuation of the full-width kind (or a curly closing quote) that ends a phrase."""
    return bool(character) and (
        character in "，。！？；：、…—～·" or (character in CLOSERS and not character.isascii())
    )


def _end_of_phrase(text: str, at: int) -> int:
    """The end of a run of Chinese and of the punctuation that closes it."""
    while at < len(text) and not text[at].isspace() and not _is_closing(text[at]) and text[at] not in OPENERS:
        at += 1
    while at < len(text) and _is_closing(text[at]):
        at += 1
    return at


def _before_chinese(word: str, start: int) -> int:
    """Where a word that began in another script meets Chinese, as an offset."""
    return start + next((i for i, c in enumerate(word) if i and is_cjk(c)), len(word))
