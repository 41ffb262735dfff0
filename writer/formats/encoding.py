"""Bytes of a text file to characters, whatever program wrote them."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_SAMPLE_BYTES = 200_000
_CONTROLS = [chr(code) for code in range(32) if chr(code) not in "\t\n\f\r\x1a"]


def decode(data: bytes) -> str:
    """The text in UTF-8, UTF-16, GB18030 or cp1252, without its byte order mark; ValueError if it is none of them.

    Half characters in UTF-16, and a few broken ones in UTF-8, don't cost the rest.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace" if name == "utf-8" else "surrogatepass")
    if b"\0" in data:
        return data.decode(_utf16_without_mark(data), "surrogatepass")
    text = data.decode("utf-8", "replace")
    if not _is_mostly_broken(text):
        return text
    if _comes_in_pairs(data):
        with suppress(UnicodeDecodeError):
            return data.decode("gb18030")
    text = data.decode("cp1252")
    if 100 * sum(map(text.count, _CONTROLS)) > len(text):
        raise ValueError("control characters")
    return text


def _is_mostly_broken(text: str) -> bool:
    broken = text.count("\ufffd")
    return broken > 0 and 20 * broken > sum(character > "\x7f" for character in text)


def _utf16_without_mark(data: bytes) -> str:
    """Which half of each pair is 0 for spaces and line ends; ValueError if both or neither are."""
    sample = data[:_SAMPLE_BYTES]
    if len(data) % 2 == 0:
        pairs = [sample[i : i + 2] for i in range(0, len(sample), 2)]
        little, big = (sum(map(pairs.count, common)) for common in _COMMON_PAIRS)
        if little != big:
            return "utf-16-le" if little > big else "utf-16-be"
    raise ValueError("neither text nor UTF-16")


_COMMON = "\n ,.，。"
_COMMON_PAIRS = tuple([character.encode(name) for character in _COMMON] for name in ("utf-16-le", "utf-16-be"))


def _comes_in_pairs(data: bytes) -> bool:
    """Chinese has its high bytes in long runs, a western text has single ones among letters."""
    runs = [len(run) for run in _HIGH_RUN.findall(data[:_SAMPLE_BYTES])]
    return 2 * sum(length for length in runs if length > 1) > sum(runs)
