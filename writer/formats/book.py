"""What every format reads into and writes from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from writer.story import Section


@dataclass(frozen=True, slots=True)
class Book:
    """A whole text: its title, its sections in story order, and its premise where the format has a place for it."""

    title: str
    sections: tuple[Section, ...]
    premise: str = ""


def paragraphs(text: str) -> list[str]:
    """The lines of a scene, each a paragraph; an empty text has none."""
    return text.split("\n") if text else []


def trimmed(lines: Iterable[str]) -> list[str]:
    """Without empty paragraphs at the start and the end."""
    lines = list(lines)
    while lines and not lines[-1].strip():
        lines.pop()
    first = next((index for index, line in enumerate(lines) if line.strip()), 0)
    return lines[first:]


def levelled(sections: Iterable[Section]) -> tuple[Section, ...]:
    """The same sections with the levels that are used counted from 0 without gaps."""
    sections = list(sections)
    ranks = {level: rank for rank, level in enumerate(sorted({section.level for section in sections}))}
    return tuple(Section(ranks[section.level], section.title, section.text) for section in sections)
