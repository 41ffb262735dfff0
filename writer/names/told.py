"""What a text itself says of two names being one person's."""

from __future__ import annotations

import re

from writer.names.words import words

_H = "\u4e00-\u9fff"
_SURNAME = f"{'|'.join(sorted(words('chinese', 'compound')))}|[{''.join(sorted(words('chinese', 'surnames')))}]"
_TITLE = "|".join(sorted(words("chinese", "titles"), key=lambda title: (-len(title), title)))
_STEP = r"[，、,]?\s?"
_END = r"(?=[，。；：、！？,.;”」’』\s]|也[，。”]|者|$)"
_STYLE = rf"(?:表字|字)([{_H}]{{2}})(?:{_STEP}后改(?:字|名)?([{_H}]{{2}}))?"
_BY_NAME = (
    "(?:道号|别号|绰号|外号|诨号|江湖人称|人称|人皆呼为|人呼|小名|小字|乳名|又名|别名|[又也]叫[做作]|[又也]叫(?=[“「‘『])|本名|原名|真名|学名|"
    "(?:后来?)?(?:改|更|化)名)"
)
_CALLED = rf"{_BY_NAME}(?:叫|为|作|是)?[“「‘『]?([{_H}]{{2,4}}?)"
_OTHER = re.compile(rf"{_STEP}(?:{_STYLE}(?:{_STEP}{_CALLED})?|{_CALLED}){_END}")
_TITLED = re.compile(
    rf"(?<![{_H}])([小老阿]?({_SURNAME})(?:{_TITLE})?)(?:的?(?:名字|本名|真名|大名|全名))?(?:名叫|叫做|叫|是)(\2[{_H}]{{1,2}}){_END}"
)
_BORN = re.compile(rf"姓([{_H}]{{1,2}}?){_STEP}(?:单|双)?名(?:叫|唤|曰)?([{_H}]{{1,2}})$")
_SON = re.compile(rf"名([{_H}]{{1,2}})$")
_GIVEN = re.compile(rf"(?<![{_H}])([{_H}])$")
_HAN = re.compile(rf"[{_H}]{{2,8}}$")
_KIN = re.compile(rf"({_SURNAME})[{_H}]{{1,2}}(?:有[{_H}]{{1,2}}子|生[{_H}]{{1,2}}子|之[子侄弟孙])")
_NO_NAME = frozenset("姓名字号")
_LONGEST = 12
_NEAR, _FAR = 60, 200
_NAME = r"([A-Z][\w'’]+(?: [A-Z][\w'’]+)*)"
_CALLS = r"(?:known (?:to \w+ )?as|nicknamed|whom? (?:\w+ ){1,2}called|called)"
_KNOWN = re.compile(rf"{_NAME},? (?:also |better |formerly |otherwise )?{_CALLS} {_NAME}")


def same(text: str) -> list[tuple[str, str]]:
    """Pairs of names that the text calls one person's, in the order in which it does.

    In Chinese the first may have other words before the name that it ends with.
    """
    english = ((match[1], match[2]) for match in _KNOWN.finditer(text))
    return list(dict.fromkeys(pair for pair in (*chinese(text), *english) if pair[0] != pair[1]))


def chinese(text: str) -> list[tuple[str, str]]:
    """Those of a Chinese text: by surname and name, style, sobriquet, or another name."""
    found: dict[tuple[str, str], None] = {}
    for match in _TITLED.finditer(text):
        found[match[3], match[1]] = None
    for match in _OTHER.finditer(text):
        one = _before(text, match.start())
        for other in filter(None, match.groups() if one else ()):
            if other != one:
                found[one, other] = None
    return list(found)


def _before(text: str, end: int) -> str:
    """Whose other name stands behind this place: the full name, where a part of it is told here."""
    here = text[max(0, end - _LONGEST) : end].removesuffix("者")
    if born := _BORN.search(here):
        return born[1] + born[2]
    if son := _SON.search(here):  # of four: the eldest is named Ce
        surnames = _KIN.findall(text[max(0, end - _NEAR) : end])
        return surnames[-1] + son[1] if surnames else ""
    if given := _GIVEN.search(here):
        full = re.findall(f"(?:{_SURNAME}){given[1]}", text[max(0, end - _FAR) : end - 1])
        return full[-1] if full else ""
    said = _HAN.search(here)
    return said[0] if said and _NO_NAME.isdisjoint(said[0]) else ""
