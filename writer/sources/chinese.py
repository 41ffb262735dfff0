"""Numbers in Chinese, in Chinese or in Arabic figures."""

from __future__ import annotations

import re
from collections.abc import Iterator

from writer.sources.amount import Amount, exact, near, vague
from writer.sources.lists import any_of, pairs, ranges, values, words

_DIGITS = {digit: int(value) for digit, value in values("chinese", "digits").items()}
_STEPS = {"十": 10, "百": 100, "千": 1000}
_SCALES = {"万": 1e4, "亿": 1e8}
_UNITS, _NEAR, _VAGUE = pairs("chinese", "units"), pairs("chinese", "near"), ranges("chinese", "vague")
_MEASURES = "".join(words("numbers", "chinese", "measures"))
_H = "零〇○一二三四五六七八九十百千两"
_NUMBER = re.compile(
    rf"(?P<share>百分之)?(?P<parts>(?P<bottom>[{_H}\d]+)分之)?(?P<rank>第)?"
    rf"(?P<number>(?:\d[\d,]*(?:\.\d+)?|[{_H}]+(?:点[零一二三四五六七八九]+)?)(?P<many>[多余])?[百千]?[万亿]?"
    rf"(?:(?:零?\d+(?:\.\d+)?|[{_H}]+)[万亿]?)*亿?)(?P<more>[多余几])?"
    rf"(?P<tenths>成(?![为立功员本果分都长年就绩熟语群双品型交因])(?P<fifty>半)?)?"
    rf"(?P<unit>{any_of(_UNITS)})?(?P<month>月)?(?P<about>左右|上下|以上|以下)?"
    rf"(?P<measure>[{_MEASURES}])?"
)
_VAGUE_WORD = re.compile(any_of(_VAGUE))
_HALF = re.compile("一半|半数|对半")
_TIMES = re.compile("翻了?一?番|翻倍|加倍|增加?了?一倍|两倍")
_WEEKDAY = re.compile(f"(?:星期|礼拜|(?<![{_H}0-9每上下本这半])周|(?<=[上下本每这])周)([一二三四五六日天])(?![个周岁])")
_HOW = re.compile(f"(?:{any_of(_NEAR)})\\Z")
_IDIOM = re.compile("|".join(words("numbers", "chinese", "idioms")))
_AFTERNOON = re.compile("(?:下午|晚上|傍晚|晚)\\Z")
_CLOCK = 24


def amounts(text: str) -> Iterator[tuple[int, int, Amount]]:
    """The numbers of a text with their places; some may lie over others, and then the longer one is meant."""
    idioms = {match.start(): match.end() for match in _IDIOM.finditer(text)}
    for match in _NUMBER.finditer(text):
        start = match.start()
        if idioms.get(match.start("number"), 0) >= match.end("number"):
            continue
        if (amount := _amount(match, text)) is not None:
            yield start, match.end(), near(amount, _how(match, text))
    for match in _VAGUE_WORD.finditer(text):
        yield match.start(), match.end(), vague(*_VAGUE[match[0]])
    for match in _HALF.finditer(text):
        yield match.start(), match.end(), exact(50, "percent")
    for match in _TIMES.finditer(text):
        yield match.start(), match.end(), exact(2, "times")
    for match in _WEEKDAY.finditer(text):
        yield match.start(), match.end(), exact(min("一二三四五六日天".index(match[1]), 6) + 1, "weekday")


def value_of(number: str) -> tuple[float, float]:
    """What a number amounts to, and how fine it is told: the size of its last figure if it has a scale, else 0."""
    number = number.replace(",", "").replace("多", "").replace("余", "")
    if re.fullmatch("[零〇○一二三四五六七八九]{2,}", number):
        return float("".join(str(_DIGITS[digit]) for digit in number)), 0.0
    total, step = 0.0, 0.0
    for scale in ("亿", "万"):
        head, found, tail = number.rpartition(scale)
        if found:
            value, _ = value_of(head) if scale in head or "万" in head else (_small(head or "一"), 0.0)
            size = 100.0 if scale == "亿" and not head else 1.0
            decimals = len(head.partition(".")[2]) if "." in head else 0
            total += value * _SCALES[scale] * size
            step = _SCALES[scale] * 10.0**-decimals
            number = tail
            if len(tail) == 1 and tail in _DIGITS and tail not in "零〇○":  # 一万五
                return total + _DIGITS[tail] * _SCALES[scale] / 10, 0.0
    return total + (_small(number) if number else 0.0), step if not number else 0.0


def _small(number: str) -> float:
    """A number below ten thousand, or one in Arabic figures."""
    number, _point, decimals = number.partition("点")
    total, digit, last = 0.0, None, 1
    for part in re.findall(r"\d+(?:\.\d+)?|.", number):
        if part in _STEPS:
            total += (1.0 if digit is None else digit) * _STEPS[part]
            digit, last = None, _STEPS[part]
        elif part in _DIGITS:
            digit = float(_DIGITS[part])
            last = 1 if part in "零〇○" else last
        else:
            digit = float(part)
            last = 1
    if digit is not None:
        total += digit * (last / 10 if last > 10 else 1)  # 两千三
    if decimals:
        total += float("0." + "".join(str(_DIGITS[one]) for one in decimals))
    return total


def _amount(match: re.Match[str], text: str) -> Amount | None:
    number = match["number"]
    is_spelled = not number[0].isdigit()
    unit = _UNITS.get(match["unit"] or "", "")
    has_company = bool(match["share"] or match["parts"] or match["tenths"] or match["unit"] or match["measure"])
    if is_spelled and not _counts(number, has_company or bool(match["month"]), match):
        return None
    if not is_spelled and not _is_chinese(text, match):
        return None
    value, step = value_of(number)
    if match["tenths"]:
        return exact(value * 10 + (5 if match["fifty"] else 0), "percent")
    if match["share"]:
        return exact(value, "percent")
    if match["parts"]:
        bottom = value_of(match["bottom"])[0]
        return exact(100 * value / bottom, "percent") if bottom else None
    if match["month"] and not match["unit"]:
        return exact(value, "month")
    if match["rank"]:
        return exact(value, "rank")
    if unit == "year" and match["unit"] == "年" and value >= 1000:
        unit = ""
    if unit == "hour" or (match["measure"] == "点" and value <= _CLOCK):
        is_late = _AFTERNOON.search(text, 0, match.start()) and value < 12
        return exact(value + 12 if is_late else value, "hour")
    return exact(value, unit, step)


def _counts(number: str, has_company: bool, match: re.Match[str]) -> bool:
    """Whether a number in Chinese figures is one, and not a part of another word."""
    if match["rank"]:
        return len(number) > 1 or number not in "一二三"
    if len(number) > 1:
        return has_company or len(number) > 2 or number[-1] in "万亿千百十" or number[0] in "十二三四五六七八九"
    if number == "一":
        return bool(match["tenths"] or match["parts"] or match["share"] or match["month"])
    return has_company and number not in "零〇○"


def _is_chinese(text: str, match: re.Match[str]) -> bool:
    """Whether an Arabic number stands in Chinese: something Chinese belongs to it; others are read as English."""
    return bool(re.search(r"[^\d,.]", match[0]))


def _how(match: re.Match[str], text: str) -> str:
    if match["more"] or match["many"]:
        return "over"
    if match["about"]:
        return _NEAR[match["about"]]
    found = _HOW.search(text, max(0, match.start() - 3), match.start())
    return _NEAR[found[0]] if found else ""
