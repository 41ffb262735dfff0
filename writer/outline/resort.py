"""The last resort where a model has nothing to say: an idea made of the shape's purpose and the author's own words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from writer.outline.ground import Ground, Idea, Place, stages
from writer.text import is_cjk, language_of

MADE_BY = "Writer"
_END = re.compile(r"[.!?…。！？；;]+[\"'”’」』)）】》]*$")
_NUMBER = re.compile(r"\s?[(（]\d+[)）]$")
_CLAUSE = re.compile(r"(?<=[,;:—。，；：！？!?.])\s*")


def idea(ground: Ground, place: Place, said: Sequence[Idea] = ()) -> Idea:
    """Always the same for a place, and like none of what was said."""
    is_chinese = ground.language == "zh"
    colon, end = ("：", "。") if is_chinese else (": ", ".")
    step = _unended(place.stage.title) or ("第{}步" if is_chinese else "Step {}").format(place.number + 1)
    purpose = _unended(place.stage.purpose) or step
    parent = next((_unended(one.title) for one in reversed(place.above) if one.title), "")
    about = _unended(_first(ground.premise))
    titles = {one.title.casefold() for one in said}
    synopses = {one.synopsis for one in said}
    names = [step, *([f"{parent.split(colon)[-1]}{colon}{step}", f"{parent}{colon}{step}"] if parent else [])]
    tells = [about, *([f"{parent}{'，' if is_chinese else ', '}{about}"] if parent else [])]
    for number in range(1, 10_000):
        mark = "" if number == 1 else f"（{number}）" if is_chinese else f" ({number})"
        title = next((name + mark for name in names if (name + mark).casefold() not in titles), "")
        synopsis = next((told for one in tells if (told := f"{purpose}{mark}{colon}{one}{end}") not in synopses), "")
        if title and synopsis:
            break
    return Idea(title, synopsis, MADE_BY)


def beats(ground: Ground, place: Place, idea: Idea, count: int) -> tuple[str, ...]:
    """So many steps of a scene, made of its steps and its own title."""
    is_chinese = ground.language == "zh"
    colon, end = ("：", "。") if is_chinese else (": ", ".")
    chosen = stages(ground, max(place.level, 1) + 1, count, None)
    told = [f"{_unended(stage.purpose)}{colon}{_unended(idea.title)}{end}" for stage in chosen]
    return tuple(
        one
        if told.index(one) == number
        else f"{one[:-1]}{f'（{number + 1}）' if is_chinese else f' ({number + 1})'}{end}"
        for number, one in enumerate(told)
    )


def is_placeholder(beat: str, title: str) -> bool:
    """Whether a beat of a scene with this title says no more than what such a step is for."""
    told = _NUMBER.sub("", _unended(beat))
    return any(told.endswith(colon + _unended(title)) for colon in (": ", "：")) if _unended(title) else False


def _first(text: str) -> str:
    """The beginning of a text up to the end of a clause, not over a line or so."""
    most = 60 if language_of(text) == "zh" else 160
    kept = ""
    for clause in _CLAUSE.split(text):
        if kept and len(kept) + len(clause) > most:
            break
        kept += clause if not kept or is_cjk(clause[:1] or " ") else f" {clause}"
    return kept[: 2 * most].rstrip(",;:—，；： ")


def _unended(text: str) -> str:
    return _END.sub("", text.strip())
