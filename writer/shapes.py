"""Shapes that an outline can start from: named stages, each with its purpose and its share of the words.

A shape is a TOML file, Writer's own or the author's, with ``kind`` ("story" or "article") and a title, a line about it
and its stages, either once or in a table for each language.
"""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from writer import files
from writer.errors import FileError, UsageError
from writer.i18n import _

_log = logging.getLogger(__name__)

KINDS = ("story", "article")
_LANGUAGES = ("en", "zh")
_MOST_STAGES = 40
_LARGEST_FILE = 64 * 2**10
_ORDER = (
    "three-acts",
    "seven-points",
    "heros-journey",
    "qi-cheng-zhuan-he",
    "inverted-pyramid",
    "feature",
    "interview",
    "report",
    "blank",
)
_FIRST = {"en": "three-acts", "zh": "qi-cheng-zhuan-he"}


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of a shape, what it is for, and its share of the words; the shares of a shape make 1."""

    title: str
    purpose: str
    share: float


@dataclass(frozen=True, slots=True)
class Shape:
    """What a story or an article can be built like; a blank one has no stages."""

    name: str
    title: str
    about: str
    kind: str
    stages: tuple[Stage, ...] = ()

    def spread(self, count: int) -> tuple[Stage, ...]:
        """So many stages with the same course: some are left out if there are too many, or told in several steps."""
        if not self.stages:
            return tuple(Stage("", "", 1 / count) for _number in range(count))
        if count == len(self.stages):
            return self.stages
        places = [min(int((number + 0.5) * len(self.stages) / count), len(self.stages) - 1) for number in range(count)]
        if count > 1:
            places[0], places[-1] = 0, len(self.stages) - 1
        shares = [self.stages[place].share / places.count(place) for place in places]
        return tuple(
            replace(self.stages[place], share=share / sum(shares)) for place, share in zip(places, shares, strict=True)
        )


def shapes(language: str, notice: Callable[[str], None] = _log.warning) -> list[Shape]:
    """Writer's shapes and the author's own, which take the place of one of the same name.

    What is wrong with a file of the author's is told to ``notice`` in one sentence, and the file left out.
    """
    found = {name: _read(files.assets() / "shapes" / f"{name}.toml", language) for name in _ORDER}
    for path in _own():
        try:
            found[path.stem] = _read(path, language)
        except FileError as error:
            notice(str(error))
    return list(found.values())


def find(name: str, language: str) -> Shape:
    """The shape of this name or title; UsageError with those there are, FileError if its file is no good."""
    wanted = " ".join(name.split()).casefold()
    for path in _own():
        if path.stem.casefold() == wanted:
            return _read(path, language)
    for spoken in dict.fromkeys([language, *_LANGUAGES]):
        for shape in shapes(spoken, lambda sentence: None):
            if wanted in (shape.name.casefold(), shape.title.casefold()):
                return next(one for one in shapes(language, lambda sentence: None) if one.name == shape.name)
    names = ", ".join(shape.name for shape in shapes(language, lambda sentence: None))
    raise UsageError(_("There is no shape called “{name}”; choose one of {names}.").format(name=name, names=names))


def default(language: str) -> Shape:
    """What a story is built like where nobody says."""
    return _read(files.assets() / "shapes" / f"{_FIRST.get(language, _FIRST['en'])}.toml", language)


def folder() -> Path:
    """Where the author's own shapes are; not necessarily there yet."""
    return files.config_folder() / "shapes"


def _own() -> list[Path]:
    try:
        return sorted(path for path in folder().glob("*.toml") if path.is_file())
    except OSError:
        return []


def _read(path: Path, language: str) -> Shape:
    try:
        status = path.stat()
        if status.st_size > _LARGEST_FILE:
            raise ValueError("too large")
        told = _parsed(path, status.st_mtime_ns, status.st_size)
        return _shape(path.stem, told, language)
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise FileError(
            _("The shape in {path} can't be used: {reason}. Put it right, or take it out of that folder.").format(
                path=path, reason=" ".join(str(error).split())
            )
        ) from error


@cache
def _parsed(path: Path, _changed: int, _size: int) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8-sig"))


def _shape(name: str, told: dict[str, Any], language: str) -> Shape:
    tables = [told[spoken] for spoken in dict.fromkeys([language, *_LANGUAGES]) if isinstance(told.get(spoken), dict)]
    text = tables[0] if tables else told
    kind = told.get("kind", "story")
    if kind not in KINDS:
        raise ValueError(_("its kind is neither “story” nor “article”"))
    stages = text.get("stages", [])
    if not isinstance(stages, list) or not all(isinstance(stage, dict) for stage in stages):
        raise ValueError(_("its stages are no list of tables"))
    if len(stages) > _MOST_STAGES:
        raise ValueError(_("it has more than {most} stages").format(most=_MOST_STAGES))
    shares = [_share(stage.get("share", 1)) for stage in stages]
    return Shape(
        name,
        _line(text.get("title", name)) or name,
        _line(text.get("about", "")),
        kind,
        tuple(
            Stage(_line(stage.get("title", "")), _line(stage.get("purpose", "")), share / sum(shares))
            for stage, share in zip(stages, shares, strict=True)
        ),
    )


def _line(text: object) -> str:
    if not isinstance(text, str):
        raise ValueError(_("a title or purpose is no text"))
    return " ".join(text.split())


def _share(share: object) -> float:
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share < 1e6:
        raise ValueError(_("a share is no number above 0"))
    return float(share)
