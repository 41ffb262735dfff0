"""The items that an author's notes consist of."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE = re.compile(r"[^\n]+")
_MARK = re.compile(r"\s*(?:(?:[-*+•·–—]|\(?\d{1,3}[.)、](?!\d)|[（(][一二三四五六七八九十]+[）)]|#{1,6}(?= ))\s*)?")
_TELLING = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class Source:
    """One item of a node's notes, from ``start`` up to but not including ``end``; node 0 is the whole book."""

    node: int
    start: int
    end: int
    text: str


def cut(notes: str, node: int = 0) -> tuple[Source, ...]:
    """The items of some notes, a line each, without the marks of a list."""
    found = []
    for line in _LINE.finditer(notes):
        mark = _MARK.match(line[0])
        start = line.start() + (mark.end() if mark else 0)
        text = notes[start : line.end()].rstrip()
        if _TELLING.search(text):
            found.append(Source(node, start, start + len(text), text))
    return tuple(found)
