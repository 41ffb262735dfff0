"""The last resort where a model has nothing to say: an idea made of the shape's purpose and the author's own words."""

from __future__ import annotations

import re

from writer.outline.ground import Ground, Idea, Place
from writer.text import is_cjk, language_of

MADE_BY = "Writer"
_END = re.compile(r"[.!?…。！？；;]+[\"'”’」』)）】》]*$")
_CLAUSE = re.compile(r"(?<=[,;:—。，；：！？!?.])\s*")


def idea(ground: Ground, place: Place) -> Idea:
    """Always the same for a place, never the same for two of one outline: it has the way to the place in it."""
    is_chinese = ground.language == "zh"
    colon = "：" if is_chinese else ": "
    step = _unended(place.stage.title) or ("第{}步" if is_chinese else "Step {}").format(place.number + 1)
    purpose = _unended(place.stage.purpose) or step
    parent = place.above[-1] if place.above else None
    title = f"{step}{colon}{_unended(parent.title)}" if parent and parent.title else step
    about = _unended(parent.synopsis or parent.title) if parent else _unended(_first(ground.premise))
    if about.startswith(purpose):  # the parent is a last resort, too
        about = _unended(parent.title) if parent else about
    synopsis = f"{purpose}{colon}{about}{'。' if is_chinese else '.'}"
    taken = {(one.title, one.synopsis) for one in (*place.before, *place.behind)}
    titles, synopses = {title for title, _synopsis in taken}, {synopsis for _title, synopsis in taken}
    number = place.number + 1
    while title in titles or synopsis in synopses:
        mark = f"（{number}）" if is_chinese else f" ({number})"
        title = f"{step}{mark}" + (f"{colon}{_unended(parent.title)}" if parent and parent.title else "")
        synopsis = f"{purpose}{mark}{colon}{about}{'。' if is_chinese else '.'}"
        number += 1
    return Idea(title, synopsis, MADE_BY)


def beats(ground: Ground, place: Place, idea: Idea, count: int) -> tuple[str, ...]:
    """So many steps of a scene, made of its steps and its own title."""
    from writer.outline.ground import stages

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
