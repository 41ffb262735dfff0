"""The sections of an article as the author's notes have them: what each tells is their own words, its title plain."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from writer import names
from writer.outline import judgement, resort, titles
from writer.outline.ground import Ground, Idea, Place, shortened
from writer.text import count_words, ends_sentence, language_of, sentences

T = TypeVar("T")

_SENTENCES = 2
_LABEL = re.compile(r"([^\d\W][^:：.。!?！？,，;；“”\"]*)(?<!\d)[:：](?!//)")
_CLAUSE = re.compile(r"[.,;:!?](?=\s|$)|[。，；：！？—“”「」\"()（）]|\s[-–]\s")
_WHO_SAYS = re.compile(r"(?:据|根据|按照?|according to )[^，,]*[，,]\s*", re.IGNORECASE)
_MOST_IN_TITLE = 7
_LEAST = {"en": 2, "zh": 4}
"""A clause of fewer words is a name, or a time."""
_BREAK = re.compile(
    r"\s+(?=(?:by|in|on|at|to|from|for|with|of|and|but|or|that|which|who|because|since|until|after|before|when|while)\b)"
)


def share(items: Sequence[T], at: int, places: int) -> tuple[T, ...]:
    """What one of several places has of some items, in their order; the first places are served first."""
    return tuple(items[_until(len(items), at, places) : _until(len(items), at + 1, places)])


def count(wanted: int, there: int, items: Sequence[str], *, is_part: bool) -> int:
    """How many sections so many notes make: none without a note; a part that has but one is not divided."""
    return max(there, 0 if is_part and len(items) < 2 else min(wanted, len(items)))


def section(ground: Ground, place: Place, items: Sequence[str], said: Sequence[Idea]) -> Idea:
    """A section that tells these notes, with a title unlike all that were ``said``."""
    told = [_ended(sentence) for sentence in _first(items)]
    synopsis = ("" if ground.language == "zh" else " ").join(told)
    taken = {one.title.casefold() for one in said}
    # What is divided further is called by its stage, else it would have the title of its own first part.
    titles = (one for item in items for one in _titles(item)) if place.is_leaf else iter([place.stage.title])
    title = next((one for one in titles if one and one.casefold() not in taken), "")
    return Idea(title or resort.idea(ground, place, said).title, synopsis, resort.MADE_BY)


def others(
    ground: Ground, place: Place, items: Sequence[str], now: Idea, said: Sequence[Idea], n: int, turn: int
) -> list[Idea]:
    """Up to ``n`` other ways to begin a section, each with other sentences of its notes and another title."""
    told = [item[start:end].strip() for item in items for start, end in sentences(item) if item[start:end].strip()]
    found: list[Idea] = []
    parts = [told[at : at + size] for size in (_SENTENCES, 1) for at in range(len(told) - size + 1)]
    for part in parts:
        idea = section(ground, replace(place, is_leaf=True), part, [*said, *found])
        if idea.synopsis not in {one.synopsis for one in (now, *found)}:
            found.append(idea)
    at = turn * n % len(found) if found else 0
    return [*found[at:], *found[:at]][:n]


def cast(items: Sequence[str]) -> tuple[str, ...]:
    """The people whom these notes name, in their order."""
    found = (one for item in items for one in names.find(item, _key(item)) if one.kind == "person")
    return tuple(dict.fromkeys(one.name for one in found))


def steps(items: Sequence[str], most: int) -> tuple[str, ...]:
    """What a section tells, step by step: every sentence of its notes, in so many steps at most."""
    told = [
        _ended(item[start:end].strip()) for item in items for start, end in sentences(item) if item[start:end].strip()
    ]
    number = min(most, len(told))
    return tuple(" ".join(share(told, at, number)) for at in range(number))


def _until(items: int, at: int, places: int) -> int:
    return -(-at * items // max(1, places))


def _first(items: Sequence[str]) -> Iterator[str]:
    """The first sentences of the notes, of more than one note the first of each."""
    words, number = 0, 0
    for item in items:
        most = judgement.MOST_WORDS[_key(item)]
        for start, end in list(sentences(item))[: _SENTENCES if len(items) == 1 else 1]:
            sentence = shortened(item[start:end].strip(), most)
            words += count_words(sentence)
            if number and (words > most or number == _SENTENCES):
                return
            yield sentence
            number += 1


def _titles(note: str) -> Iterator[str]:
    """What a note can be called, the plainest first."""
    key, line = _key(note), " ".join(note.split())
    label = _LABEL.match(line)
    clause = _CLAUSE.split(_WHO_SAYS.sub("", line, count=1) if _WHO_SAYS.match(line) else line)[0].strip()
    if label is not None:
        yield from _fitting(label[1].strip(), key, 1)
    yield from _fitting(clause, key, _LEAST[key])
    if key == "en":
        ends = [end.start() for end in _BREAK.finditer(clause)]
        for end in reversed(ends):
            yield from _fitting(clause[:end], key, _LEAST[key])
    else:
        yield from titles.made(line, key, ())


def _fitting(title: str, key: str, least: int) -> Iterator[str]:
    words = count_words(title)
    is_long = len(title) > titles.LONGEST[key] or (key == "en" and words > _MOST_IN_TITLE)
    if words >= least and not is_long:
        yield title[:1].upper() + title[1:]


def _ended(sentence: str) -> str:
    return (
        sentence
        if ends_sentence(sentence)
        else sentence.rstrip(" ,，;；:：、") + ("。" if _key(sentence) == "zh" else ".")
    )


def _key(text: str) -> str:
    return "zh" if language_of(text) == "zh" else "en"
