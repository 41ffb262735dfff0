"""Where a text that nobody cut yet falls into chapters and scenes: headings, breaks, leaps in time, other subjects."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from writer.formats import txt
from writer.outline import cohesion
from writer.text import count_words, paragraphs

LONG = 4000
"""Words from which on a stretch without any break is cut where its subject changes."""

SCENE, CHAPTER = 1200, 3200
"""Words that a scene and a chapter have if nothing speaks for another length."""

SHORTEST = 250
"""No scene that the text itself doesn't mark has fewer words."""

_FEWEST_FOR_CHAPTERS = 2 * CHAPTER
_CHAPTER_LIKE = 1500  # words that are more than scenes have where an author marks them
_FEWEST = 20  # words of a scene that the text marks; a motto or "The end" is none
_RARE = 4  # a wide gap before more than one paragraph of so many is no break
_LONGEST_ORNAMENT = 24
_ORNAMENT = re.compile(
    r"[^\w\s“”‘’\"'「」『』…。！？!?,，.、]+(?:\s+[^\w\s“”‘’\"'「」『』…。！？!?,，.、]+)*|[·•.．。](?:\s+[·•.．。])+|[xXoO](?:\s*[xXoO]){2,}"
)
_NUMBER = re.compile(
    r"[\[(（【]?(?:(?P<figure>\d{1,3})|(?P<roman>[IVXLC]{1,7})|(?P<chinese>[〇零一二三四五六七八九十百]{1,5}))[\])）】]?[.、:：]?"
)
_DIGITS = {character: value for value, character in enumerate("〇一二三四五六七八九")} | {"零": 0}
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_COUNTS = r"(?:an?|one|another|two|three|four|five|six|seven|eight|nine|ten|several|some|a few|many|twenty|thirty|\d+)"
_SEASONS = "spring|summer|autumn|winter"
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_TIMES = f"day|morning|afternoon|evening|night|week|month|year|{_SEASONS}"
_AGO = "later|after|passed|went by|had passed|before|earlier"
_LEAP = re.compile(
    "[“\"'‘「]?(?:"
    rf"(?:early |late |on )?(?:the )?(?:next|following|same|previous) (?:\w+ )?(?:{_TIMES})\b"
    rf"|{_COUNTS} (?:minute|hour|{_TIMES})s? (?:{_AGO})\b"
    rf"|(?:after|for|within|in) {_COUNTS} (?:minute|hour|{_TIMES})s?\b"
    rf"|(?:that|this|one) (?:same )?(?:{_TIMES})\b|(?:on )?(?:the )?(?:morning|evening|night|day) (?:of|after)\b"
    r"|on (?:mon|tues|wednes|thurs|fri|satur|sun)day\b"
    rf"|(?:in|by|at) (?:the )?(?:dawn|dusk|noon|midnight|{_TIMES}|{_MONTHS})\b"
    r"|(?:meanwhile|elsewhere|years (?:later|before|ago)|by the time|at last the day)\b"
    "|次日|翌日|翌晨|第二天|第三天|隔天|当[天晚夜]|是夜|那[天晚年]|这[天年]|这一[天年日晚夜]|一日|有?一天|有一年|某[日天]|同一时|与此同时"
    "|[过又]了?.{0,2}[一二三四五六七八九十数几半两].{0,2}[天日月年周夜]"
    "|[一二三四五六七八九十数几半两]{1,3}个?(?:天|日|月|年|星期|礼拜|小时|时辰|钟头)(?:之?后|以后|过去|来)"
    "|不久|后来|多年|转眼|转过年|到了.{1,4}[天日月年春夏秋冬晚]|[春夏秋冬][天日季]|清晨|黎明|黄昏|傍晚|半夜|深夜"
    "|却说|且说|话说|再说|话分两头)",
    re.IGNORECASE,
)
_OPENS = re.compile(
    r"(?:when|as soon as|after|before|during|in consequence|the whole|there (?:was|were|is))\b", re.IGNORECASE
)
_NAMES = re.compile(
    r"(?:The (?:\w+ ){0,2})?(?:(?:Mr|Mrs|Dr)\. |Miss |Lady |Sir |Captain |Colonel )?[A-Z][a-z’']+ [a-zA-Z]"
)
_ENDED = re.compile(
    r"(?:下[回文章]分解|且[看听]下[回文]|\bto be continued\b|\bthe end of (?:chapter|part)\b)", re.IGNORECASE
)
_SPEECH = ("“", '"', "「", "『", "‘")
_LEANS = re.compile(
    r"(?:he|she|it|they|this|these|but|and|so|then)\b|[他她它这那其此]|但|于是|然后|所以", re.IGNORECASE
)


# What speaks for and against a beginning, in standard deviations of a change of subject. Weighed on one novel, "Sense
# and Sensibility", and tried on others.
_MARKED, _LEAPS, _ENDS, _OPENING, _NAMED, _ROOMY = 3.0, 1.5, 6.0, 0.6, 0.8, 0.5
_SPOKEN, _ANSWERED, _LEANING, _ODD = 1.0, 0.5, 0.6, 1.2
_MANY = 80  # words, in a paragraph that takes its time


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of the text from ``start`` up to but not including ``end``, without the marks around it."""

    start: int
    end: int
    words: int
    title: str = ""
    """What the text itself calls it."""
    strength: float = 0.0
    """How clearly something else begins with it."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """Scenes that belong together; none for a part that only has chapters."""

    title: str
    level: int
    scenes: tuple[Stretch, ...]


@dataclass(slots=True)
class _Unit:
    """A paragraph with prose, and what stands in front of it."""

    start: int
    end: int
    words: int
    headings: tuple[tuple[int, str], ...] = ()
    is_marked: bool = False
    """Whether an ornament, or a wider gap than usual, stands before it."""
    strength: float = 0.0


def chapters(text: str) -> list[Chapter]:
    """The chapters of a text with their scenes, in order; one without a title where it has no chapters."""
    units = _units(text)
    found: list[Chapter] = []
    runs = _at_headings(units)
    for run, heading in runs:
        marked = _marked(run)
        if heading is not None or len(runs) > 1:
            level, title = heading or (0, "")
            found.append(Chapter(title, level, tuple(_scenes(text, marked))))
        elif _are_chapters(marked):
            groups = [group for one in marked for group in _grouped(_scenes(text, [one]))]
            found += [Chapter("", 0, tuple(group)) for group in groups]
        else:
            found += [Chapter("", 0, tuple(group)) for group in _grouped(_scenes(text, marked))]
    return found


def _units(text: str) -> list[_Unit]:
    """The paragraphs with prose, and what stands before each."""
    spans = [(start, end) for start, end in paragraphs(text) if text[start:end].strip()]
    gaps = [text.count("\n", _stripped(text, *one)[1], other[0]) - 1 for one, other in pairwise(spans)]
    usual = Counter(gaps).most_common(1)[0][0] if gaps else 0
    wide = [gap > usual for gap in gaps]
    counts = sum(wide) * _RARE <= len(wide)
    headings = _headings(text, spans)
    units: list[_Unit] = []
    waiting: list[tuple[int, str]] = []
    is_marked = False
    for index, span in enumerate(spans):
        start, end = _stripped(text, *span)
        if index in headings:
            waiting.append(headings[index])
            is_marked = True
            continue
        if end - start <= _LONGEST_ORNAMENT and _ORNAMENT.fullmatch(text[start:end]):
            is_marked = True
            continue
        is_marked |= bool(index and counts and wide[index - 1])
        units.append(_Unit(start, end, count_words(text[start:end]), tuple(waiting), is_marked and bool(units)))
        waiting, is_marked = [], False
    return units


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


def _headings(text: str, spans: Sequence[tuple[int, int]]) -> dict[int, tuple[int, str]]:
    """The paragraphs that are headings, by their wording, or else as numbers that count up."""
    lines = [text[slice(*_stripped(text, *span))] for span in spans]
    worded = {index: (level, title) for index, level, title in txt.headings(lines)}
    if worded:
        return worded
    found: list[int] = []
    for index, line in enumerate(lines):
        if len(line) <= 8 and _value(line) == len(found) + 1:
            found.append(index)
    return {index: (0, lines[index].strip(" .、:：")) for index in found} if len(found) > 1 else {}


def _value(line: str) -> int:
    """The number that a line is, 0 if it is none."""
    match = _NUMBER.fullmatch(line)
    if match is None:
        return 0
    if match["figure"]:
        return int(match["figure"])
    if match["roman"]:
        values = [_ROMAN[letter] for letter in match["roman"]]
        return sum(-one if one < other else one for one, other in pairwise([*values, 0]))
    value = tens = 0
    for character in match["chinese"]:
        if character == "百":
            value, tens = value + 100 * (tens or 1), 0
        elif character == "十":
            value, tens = value + 10 * (tens or 1), 0
        else:
            tens = _DIGITS[character]
    return value + tens


def _at_headings(units: Sequence[_Unit]) -> list[tuple[list[_Unit], tuple[int, str] | None]]:
    """The paragraphs below each heading; a part that begins with a chapter has none of its own."""
    runs: list[tuple[list[_Unit], tuple[int, str] | None]] = []
    for unit in units:
        runs += [([], heading) for heading in unit.headings] or ([([], None)] if not runs else [])
        runs[-1][0].append(unit)
    return runs


def _marked(units: Sequence[_Unit]) -> list[list[_Unit]]:
    """The paragraphs from one mark to the next."""
    runs: list[list[_Unit]] = []
    for unit in units:
        if not runs or (unit.is_marked and sum(one.words for one in runs[-1]) >= _FEWEST):
            runs.append([])
            unit.strength = _MARKED
        runs[-1].append(unit)
    if len(runs) > 1 and sum(one.words for one in runs[-1]) < _FEWEST:
        runs[-2] += runs.pop()
    return runs


def _are_chapters(runs: Sequence[Sequence[_Unit]]) -> bool:
    """Whether so much stands between marks that they can only part chapters."""
    return len(runs) > 1 and median(sum(unit.words for unit in run) for run in runs) >= _CHAPTER_LIKE


def _scenes(text: str, runs: Sequence[Sequence[_Unit]]) -> list[Stretch]:
    """The scenes of runs of paragraphs: these, and where one is long, what it falls into by its subjects."""
    pieces: list[Sequence[_Unit]] = []
    for run in runs:
        pieces += _by_subject(text, run) if sum(unit.words for unit in run) >= LONG else [run]
    return [
        Stretch(piece[0].start, piece[-1].end, sum(unit.words for unit in piece), strength=piece[0].strength)
        for piece in pieces
    ]


def _by_subject(text: str, units: Sequence[_Unit]) -> list[list[_Unit]]:
    """The paragraphs in groups, cut where the subject changes most, none far from the usual length of a scene."""
    for unit, strength in zip(units, _strengths(text, units), strict=True):
        unit.strength = strength if unit is not units[0] else unit.strength
    starts = best_cuts([unit.words for unit in units], [unit.strength for unit in units], SCENE, SHORTEST)
    return [list(units[a:b]) for a, b in pairwise([*starts, len(units)])]


def _strengths(text: str, units: Sequence[_Unit]) -> list[float]:
    """How clearly something else begins with each paragraph."""
    said = [text[unit.start : unit.end] for unit in units]
    found = cohesion.depths(said)
    for index, (before, here) in enumerate(pairwise(said), 1):
        found[index] += (
            (_LEAPS if _LEAP.match(here) else _OPENING if _OPENS.match(here) else 0.0)
            + _ENDS * bool(_ENDED.search(before[-60:]))
            - _SPOKEN * any(mark in here for mark in _SPEECH)
            - _ANSWERED * before.startswith(_SPEECH)
            - _LEANING * bool(_LEANS.match(here))
            + _NAMED * bool(_NAMES.match(here) and not _LEANS.match(here))
            + _ROOMY * (units[index].words >= _MANY)
        )
    return found


def best_cuts(sizes: Sequence[int], strengths: Sequence[float], usual: int, shortest: int) -> list[int]:
    """Where pieces begin so that the strengths of their beginnings are most, less what odd lengths cost."""
    places = [0]
    for size in sizes:
        places.append(places[-1] + size)
    best: list[float] = [0.0] + [float("-inf")] * len(sizes)
    came = [0] * (len(sizes) + 1)
    for end in range(1, len(sizes) + 1):
        for start in range(end - 1, -1, -1):
            length = places[end] - places[start]
            if length > 4 * usual and start < end - 1:
                break
            if best[start] == float("-inf") or (length < shortest and (start or end < len(sizes))):
                continue
            value = best[start] + (strengths[start] if start else 0.0) - _odd(length, usual)
            if value > best[end]:
                best[end], came[end] = value, start
    if best[-1] == float("-inf"):
        return [0]
    starts, at = list[int](), len(sizes)
    while at:
        at = came[at]
        starts.append(at)
    return starts[::-1]


def _odd(length: int, usual: int) -> float:
    """What it costs to be longer or shorter than usual, in strengths."""
    share = max(length, 1) / usual
    return _ODD * (share - 1) ** 2 if share > 1 else _ODD * (1 / share - 1) ** 2


def _grouped(scenes: Sequence[Stretch]) -> list[Sequence[Stretch]]:
    """The scenes of a text without headings in chapters, if it is long enough for some."""
    if sum(scene.words for scene in scenes) < _FEWEST_FOR_CHAPTERS:
        return [scenes]
    starts = best_cuts([scene.words for scene in scenes], [scene.strength for scene in scenes], CHAPTER, SHORTEST)
    return [scenes[a:b] for a, b in pairwise([*starts, len(scenes)])]
