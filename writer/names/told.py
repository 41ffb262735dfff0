"""What a text itself says of two names being one person's."""

from __future__ import annotations

import re

_H = "\u4e00-\u9fff"
_STEP = r"[，、,]?\s?"
_BORN = re.compile(rf"(?:复姓|姓)([{_H}]{{1,2}}){_STEP}名([{_H}]{{1,2}})(?:{_STEP}(?:表)?字([{_H}]{{2}}))?")
_STYLED = re.compile(rf"(?<![{_H}])([{_H}]{{2,4}})(?:者)?{_STEP}(?:表字|字)([{_H}]{{2}})(?=[，。；、：,.;]|$)")
_CALLED = re.compile(
    rf"(?<![{_H}])([{_H}]{{2,4}}){_STEP}(?:人称|绰号|外号|小名|乳名|又名|别名|又叫|也叫|本名|原名)叫?[“「]?([{_H}]{{2,4}})[”」]?(?=[，。；、,.;]|$)"
)
_NAME = r"([A-Z][\w'’]+(?: [A-Z][\w'’]+)*)"
_CALLS = r"(?:known (?:to \w+ )?as|nicknamed|whom? (?:\w+ ){1,2}called|called)"
_KNOWN = re.compile(rf"{_NAME},? (?:also |better |formerly |otherwise )?{_CALLS} {_NAME}")


def same(text: str) -> list[tuple[str, str]]:
    """Pairs of names that the text calls one person's, in the order in which it does."""
    found: dict[tuple[str, str], None] = {}
    for match in _BORN.finditer(text):
        surname, given, style = match.groups()
        if style:
            found[surname + given, style] = None
    for pattern in (_STYLED, _CALLED, _KNOWN):
        for match in pattern.finditer(text):
            if match[1] != match[2] and not match[1].startswith("姓") and "姓" not in match[1] and "名" not in match[1]:
                found[match[1], match[2]] = None
    return list(found)
