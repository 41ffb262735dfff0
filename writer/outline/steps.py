"""What is common to all outlines, by language: steps for where no shape says any, and examples (``assets/outline``)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

from writer import files
from writer.shapes import Shape, Stage


@dataclass(frozen=True, slots=True)
class Example:
    """A node of an outline that somebody wrote, for the model to see how one looks."""

    premise: str
    above: str
    before: str
    purpose: str
    synopsis: str
    title: str
    beats: tuple[str, ...] = ()


def shape(language: str, kind: str, level: int) -> Shape:
    """Steps that fit any story or article at this level."""
    lists = _told(language)["steps"][kind]
    chosen = lists[min(level, len(lists)) - 1 if level else 0]
    return Shape("", "", "", kind, tuple(Stage(title, purpose, 1 / len(chosen)) for title, purpose in chosen))


def examples(language: str, kind: str) -> tuple[Example, ...]:
    """All examples, each of another world."""
    return tuple(Example(**one | {"beats": tuple(one["beats"])}) for one in _told(language)["examples"][kind])


def openings(language: str, number: int, count: int) -> list[str]:
    """How a sentence may begin at this place among so many brothers."""
    first, middle, last = _told(language)["openings"]
    chosen = first if number == 0 else last if number == count - 1 else middle
    return list(chosen)


@cache
def all_openings(language: str) -> tuple[str, ...]:
    """How sentences may begin anywhere, the longest first."""
    told = {opening for openings in _told(language)["openings"] for opening in openings}
    return tuple(sorted(told, key=lambda opening: (-len(opening), opening)))


def somebody(language: str) -> str:
    """Words for anybody and anything."""
    return str(_told(language)["somebody"])


def stop(language: str) -> frozenset[str]:
    """Words that say nothing by themselves."""
    return frozenset(_told(language)["stop"].split())


def marks(language: str) -> tuple[str, ...]:
    """The words by which the examples' people and things are known again."""
    return tuple(_told(language)["marks"].split())


@cache
def _told(language: str) -> dict[str, Any]:
    path = files.assets() / "outline" / f"{language if language in ('en', 'zh') else 'en'}.toml"
    return tomllib.loads(path.read_text("utf-8"))
