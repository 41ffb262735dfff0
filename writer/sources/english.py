"""Numbers in English."""

from __future__ import annotations

import re
from collections.abc import Iterator

from writer.sources.amount import Amount, exact, near, vague
from writer.sources.lists import any_of, pairs, ranges, values

_ONES, _TENS, _SCALES = (values("english", kind) for kind in ("ones", "tens", "scales"))
_PARTS, _RANKS, _TIMES = (values("english", kind) for kind in ("parts", "ranks", "times"))
_MONTHS, _DAYS, _VAGUE = values("english", "months"), values("english", "days"), ranges("english", "vague")
_CURRENCIES, _UNITS, _NEAR = (pairs("english", kind) for kind in ("currencies", "units", "near"))

_BEFORE = r"(?<![^\W\u3005-\u9fff])(?<!\d[.,])"
_COUNT = any_of({*_ONES, *_TENS})
_SCALE = "hundred|thousand|million|billion|trillion"
_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_SPELLED = (
    rf"(?:(?:an?|half a|{_COUNT})(?:[- ](?:{_COUNT}))?(?: dozen|(?:[- ](?:{_SCALE}))+)(?:(?: and)?[- ](?:{_COUNT})\b"
    rf"(?:[- ](?:{_COUNT})\b)?(?:[- ](?:{_SCALE})\b)*)*|(?:{any_of(_TENS)})(?:[- ](?:{_COUNT}))?|(?:{_COUNT}))"
)
_MONEY = r"(?:US)?\$|[€£¥￥]"
_FIGURE = re.compile(
    rf"{_BEFORE}(?:(?P<money>{_MONEY})\s?)?(?:(?P<digits>{_DIGITS})(?:(?:[- ](?P<scale>{_SCALE}|dozen|bn|mn|tn)"
    rf"|(?P<short>bn|mn|tn|k|m)(?![a-z]))\b)?|(?P<spelled>{_SPELLED})\b)"
    rf"(?P<rank>(?:st|nd|rd|th)\b)?(?:['’]?s\b)?(?P<colon>:\d\d\b)?"
    rf"(?P<percent>\s?%|[- ]per[- ]?cent\b(?!age)|[- ](?:percentage )?points?\b|[- ]?fold\b| times\b)?"
    rf"(?:\s?(?P<noon>[ap]\.?m\b\.?))?"
    rf"(?:[- ](?:square |cubic )?(?P<unit>{any_of({*_UNITS, *_CURRENCIES} - set('$€£¥￥'))})\b)?",
    re.IGNORECASE,
)
_PART = re.compile(
    rf"\b(?P<top>a|an|one|{_COUNT}|\d+)[- ](?P<part>{any_of(_PARTS)})\b"
    r"(?P<of>,? of\b| (?:more|less|fewer|higher|lower)\b)?"
    r"|\b(?P<half>half)(?= (?:of|the|its|their|his|her|our|all)\b)|\b(?:in|by) (?P<cut>half)\b"
    r"|\b(?P<halved>halved?|halving)\b|(?<![\w./])(?P<a>\d{1,2})/(?P<b>\d{1,2})(?![\w/])",
    re.IGNORECASE,
)
_VAGUE_WORD = re.compile(rf"\b({any_of(_VAGUE)})\b(?<!\bscores)|\b(scores)(?= of\b)", re.IGNORECASE)
_TIMES_WORD = re.compile(rf"\b({any_of(_TIMES)})\b", re.IGNORECASE)
_RANK_WORD = re.compile(rf"\b({any_of(_RANKS)})\b(?!s)", re.IGNORECASE)
_SHORT_MONTHS = "Jan|Feb|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec"
_MONTH = re.compile(rf"\b({any_of(month.capitalize() for month in _MONTHS)}|{_SHORT_MONTHS})\b")
_DATED = re.compile(
    r"(?:\b(?:in|on|of|by|since|until|till|last|next|this|early|late|mid|from|to|and)[- ]|\d(?:st|nd|rd|th)?[- ,]+)\Z",
    re.IGNORECASE,
)
_DAY = re.compile(rf"\b({any_of(day.capitalize() for day in _DAYS)})s?\b")
_HOW = re.compile(rf"\b({any_of(_NEAR)})(?: an?)? ?(?:{_MONEY})?\Z", re.IGNORECASE)
_DATE = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_NAMED = re.compile(r"[^\W\d_\u3005-\u9fff][-‐‑–]\Z")


def amounts(text: str) -> Iterator[tuple[int, int, Amount]]:
    """The numbers of a text with their places; some may lie over others, and then the first and longest is meant."""
    for match in _DATE.finditer(text):
        for number, kind in ((1, ""), (2, "month"), (3, "")):
            yield *match.span(number), exact(int(match[number]), kind)
    for match in _FIGURE.finditer(text):
        amount = _amount(match)
        if amount and not _NAMED.search(text, 0, match.start()):
            yield *match.span(), near(amount, _how(text, match.start()))
    for match in _PART.finditer(text):
        share = _share(match)
        if share is not None:
            yield *match.span(), near(exact(share, "percent"), _how(text, match.start()))
    for match in _VAGUE_WORD.finditer(text):
        yield *match.span(), vague(*_VAGUE[match[0].lower()])
    for match in _TIMES_WORD.finditer(text):
        yield *match.span(), exact(_TIMES[match[1].lower()], "times")
    for match in _RANK_WORD.finditer(text):
        yield *match.span(), exact(_RANKS[match[1].lower()], "rank")
    for match in _MONTH.finditer(text):
        if _is_month(match, text):
            month = next(month for month in _MONTHS if month[:3] == match[1][:3].lower())
            yield *match.span(), exact(_MONTHS[month], "month")
    for match in _DAY.finditer(text):
        yield *match.span(), exact(_DAYS[match[1].lower()], "weekday")


def _is_month(match: re.Match[str], text: str) -> bool:
    """Whether May and March are months here."""
    is_dated = _DATED.search(text, 0, match.start()) or re.match(r" \d", text[match.end() : match.end() + 2])
    return match[1] not in ("May", "March") or bool(is_dated)


def _amount(match: re.Match[str]) -> Amount | None:
    step = 0.0
    if match["digits"]:
        digits = match["digits"].replace(",", "")
        value = float(digits)
        scale = (match["scale"] or match["short"] or "").lower()
        if scale == "m" and not match["money"]:
            return exact(value, "m")
        if scale:
            value *= _SCALES[scale]
            step = _SCALES[scale] * 10.0 ** -len(digits.partition(".")[2])
    else:
        words = match["spelled"].lower()
        is_alone = not (match["percent"] or match["unit"] or match["noon"] or match["money"])
        if words == "one" and is_alone:
            return None
        value = _spelled(words)
    if match["colon"] or match["noon"]:
        is_afternoon = (match["noon"] or "").lower().startswith("p") and value < 12
        return exact(value + 12 if is_afternoon else value, "hour")
    return exact(value, _kind(match), step)


def _kind(match: re.Match[str]) -> str:
    behind = (match["percent"] or "").lower().strip(" -")
    if behind:
        if behind.endswith(("fold", "times")):
            return "times"
        return "points" if "point" in behind else "percent"
    if match["money"]:
        return "money " + _CURRENCIES[match["money"].lower()]
    unit = (match["unit"] or "").lower()
    if unit in _CURRENCIES:
        return "money " + _CURRENCIES[unit]
    return "rank" if match["rank"] else _UNITS.get(unit, "")


def _spelled(words: str) -> float:
    """What number words amount to."""
    total = group = 0.0
    for word in re.findall("[a-z]+", words):
        if word in _ONES or word in _TENS:
            group += _ONES.get(word, 0) or _TENS.get(word, 0)
        elif word in ("a", "an"):
            group = group or 1.0
        elif word == "half":
            group = 0.5
        elif word in ("hundred", "dozen"):
            group = (group or 1.0) * _SCALES[word]
        elif word in _SCALES:
            total += (group or 1.0) * _SCALES[word]
            group = 0.0
    return total + group


def _share(match: re.Match[str]) -> float | None:
    """The share in hundredths that a fraction is; None if it is none."""
    if match["half"] or match["cut"] or match["halved"]:
        return 50.0
    if match["a"]:
        top, bottom = int(match["a"]), int(match["b"])
        return 100 * top / bottom if 0 < top < bottom else None
    first, part = match["top"].lower(), match["part"].lower()
    if not match["of"] and not part.endswith("s"):
        return None
    top = int(first) if first.isdecimal() else int(_spelled(first))
    return 100 * top / _PARTS[part] if top < _PARTS[part] else None


def _how(text: str, start: int) -> str:
    found = _HOW.search(text, max(0, start - 24), start)
    return _NEAR[found[1].lower()] if found else ""
