"""What an author looks for in prose, and what takes its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from writer.text import is_cjk

_ALIKE = ("'’‘", '"“”', " \u00a0\u3000")
"""Characters that stand for each other: no keyboard has them all."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What takes the place of a stretch of prose."""

    start: int
    end: int
    new: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words to look for: straight quotation marks find curly ones, small letters find capitals unless case counts."""

    words: str
    match_case: bool = False
    whole_words: bool = False

    def places(self, prose: str) -> Iterator[tuple[int, int]]:
        """Start and end wherever the prose has these words, from left to right, never overlapping."""
        if self.words:
            for found in self._pattern.finditer(prose):
                yield found.span()

    def edits(self, prose: str, by: str) -> list[Edit]:
        """What puts ``by`` everywhere in the place of these words, with a capital where they had one."""
        return [Edit(start, end, self.put(prose[start:end], by)) for start, end in self.places(prose)]

    def put(self, found: str, by: str) -> str:
        """What takes the place of these words: ``by``, with their capitals if all was asked for in small letters."""
        if self.match_case or self.words != self.words.lower() or by != by.lower():
            return by
        if len(found) > 1 and found.isupper():
            return by.upper()
        return by[:1].upper() + by[1:] if found[:1].isupper() else by

    @property
    def _pattern(self) -> re.Pattern[str]:
        written = "".join(_any_of(character) for character in self.words)
        before = r"(?<!\w)" if self.whole_words and _is_letter(self.words[0]) else ""
        behind = r"(?!\w)" if self.whole_words and _is_letter(self.words[-1]) else ""
        return re.compile(before + written + behind, re.NOFLAG if self.match_case else re.IGNORECASE)


def edited(prose: str, edits: Sequence[Edit]) -> str:
    """The prose after these edits, which are in order."""
    parts, done = [], 0
    for edit in edits:
        parts += [prose[done : edit.start], edit.new]
        done = edit.end
    return "".join([*parts, prose[done:]])


def turned(prose: str, edits: Sequence[Edit]) -> list[Edit]:
    """The edits that bring the prose back from after ``edits``."""
    back, by = [], 0
    for edit in edits:
        start = edit.start + by
        back.append(Edit(start, start + len(edit.new), prose[edit.start : edit.end]))
        by += len(edit.new) - (edit.end - edit.start)
    return back


def _any_of(character: str) -> str:
    alike = next((group for group in _ALIKE if character in group), "")
    return f"[{alike}]" if alike else re.escape(character)


def _is_letter(character: str) -> bool:
    """Whether a word can go on beside it; Chinese has no words apart."""
    return character.isalnum() and not is_cjk(character)
