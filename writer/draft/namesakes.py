"""Names that a model makes up although the book has nearly the same: who was Elara is no Elena a scene later."""

from __future__ import annotations

import re
from collections.abc import Iterable

from writer import names

_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]{2,}\b")
"""A word that no sentence begins with and that has a capital all the same."""
_CAPITAL = re.compile(r"\b[A-Z][a-z]{2,}\b(?=.)", re.DOTALL)
_EDITS, _SHARE = 2, 0.4
"""Names that differ in so many letters, and in no greater share of them, are taken for each other."""


class Names:
    """The names in Latin letters that a book has. Chinese ones are no more alike than surnames make them."""

    def __init__(self, texts: Iterable[str] = (), *, told: str = "") -> None:
        self._planned = set(_CAPITAL.findall(told + " "))  # names or not: what an author plans may be written
        self._known = {word for one in names.find(told, "en") for word in _CAPITAL.findall(one.name + " ")}
        self._near: dict[str, bool] = {}
        for text in texts:
            self.add(text)

    def add(self, text: str) -> None:
        """Take in a text that now belongs to the book."""
        new = set(_NAME.findall(text)) - self._known
        if new:
            self._known |= new
            self._near.clear()

    def nearly(self, text: str, before: str = "") -> list[tuple[int, int]]:
        """Where a text has a name that neither the book nor the text ``before`` has, but nearly the same."""
        lately = set(_NAME.findall(before)) - self._known
        known = self._known | self._planned | lately
        unknown = [one for one in _CAPITAL.finditer(text) if one[0] not in known]
        unknown = [one for one in unknown if self._is_near(one[0]) or any(_is_near(one[0], name) for name in lately)]
        if not unknown:
            return []
        spans = [(mention.start, mention.end) for mention in names.find(text, "en") if mention.kind != "place"]
        return [one.span() for one in unknown if any(start <= one.start() < end for start, end in spans)]

    def _is_near(self, name: str) -> bool:
        """Whether the book has nearly this name; while a passage comes, that is asked of each word again and again."""
        if name not in self._near:
            self._near[name] = any(_is_near(name, known) for known in self._known)
        return self._near[name]


def _is_near(name: str, other: str) -> bool:
    from rapidfuzz.distance import Levenshtein  # 20 ms

    if name[0] != other[0] or name + "s" == other or other + "s" == name:
        return False
    edits = Levenshtein.distance(name, other, score_cutoff=_EDITS)
    return edits <= _EDITS and edits <= _SHARE * max(len(name), len(other))
