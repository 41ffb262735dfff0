"""Whom an English sentence names as somebody's kin: his sister Jane; Jane, his eldest sister; Tom married Jane."""

from __future__ import annotations

import re
from functools import lru_cache

from writer.ask.mention import ADJECTIVES, CLOSED, without_names
from writer.ask.question import Question
from writer.ask.vocabulary import MARRIED, reverse

_TITLE = r"(?:(?:Mr|Mrs|Miss|Ms|Dr|Sir|Lady|Lord|Captain|Colonel|Aunt|Uncle)\b\.?)"
_NAME = rf"(?P<name>(?:{_TITLE}\s+)?[A-Z][a-z]+(?:[\s-](?:de\s+)?[A-Z][a-z]+)*)"
_WHOSE = r"(?:\x01+(?:[’']s?)?|his|her|their)"
_IS = r"(?:is|was|being|had\s+been|has\s+been)"
_HIS = re.compile(r"\s*(?:His|Her|Their|He|She|They)\b")
_NO_NAME = re.compile(r"(?:I|He|She|They|It|We|You|The|And|But|So|My|His|Her|Their|Our|Your|If|Oh|Yes|No|What)\b")


def asks_who(question: Question) -> bool:
    """Whether the question is who somebody's kin is, and nothing else."""
    return question.language == "en" and "who" in question.kinds and [slot.is_kin for slot in question.slots] == [True]


def relatives(question: Question, text: str) -> frozenset[str]:
    """The names that a text gives to the kin who is asked for; in it stands ``\\x01`` for a letter of whose kin."""
    [slot] = question.slots
    found = {match["name"] for pattern in _namings(tuple(slot.forms), slot.word) for match in pattern.finditer(text)}
    return frozenset(name for name in found if not _NO_NAME.match(name))


def leans_back(question: Question, text: str) -> bool:
    """Whether a sentence says of the one before whose kin somebody is: Gregor came in. His daughter Lena was ill."""
    return asks_who(question) and bool(_HIS.match(text)) and not relatives(question, without_names(question, text))


@lru_cache(64)
def _namings(forms: tuple[str, ...], word: str) -> list[re.Pattern[str]]:
    kin = rf"(?:{'|'.join(map(re.escape, forms))})\b"
    own = rf"\b{_WHOSE}\s+{ADJECTIVES}{kin}"
    of = rf"{kin}\s+(?:of|to)\s+(?:\w+\s+){{0,2}}(?:\x01+|him\b|her\b)"
    is_kin = rf"(?:{own}|(?:the\s+|an?\s+)?{ADJECTIVES}{of})"
    patterns = [
        rf"{own}\s+{_NAME}",
        rf"{own},\s+{_NAME}{CLOSED}",
        rf"{of},?\s+{_NAME}{CLOSED}",
        rf"{own}\s+{_IS}\s+(?:called\s+|named\s+)?{_NAME}",
        rf"{_NAME},\s+{is_kin}",
        rf"{_NAME}\s+{_IS}\s+{is_kin}",
    ]
    others = reverse(word)
    if others:
        of_others = rf"(?:{'|'.join(others)})\b"
        patterns += [
            rf"{_NAME}[’']s?\s+{ADJECTIVES}{of_others}\s+\x01",
            rf"{_NAME}[’']s?\s+{ADJECTIVES}{of_others},\s+\x01+{CLOSED}",
            rf"\x01(?:,|\s+{_IS})\s+{_NAME}[’']s?\s+{ADJECTIVES}{of_others}",
            rf"\x01(?:,|\s+{_IS})\s+(?:the\s+|an?\s+)?{ADJECTIVES}{of_others}\s+(?:of|to)\s+{_NAME}",
        ]
    if others[-2:] == MARRIED:
        married = r"(?:had\s+|was\s+|is\s+)?marri(?:ed|es)(?:\s+to)?"
        patterns += [rf"(?:\x01|\b[Hh]e|\b[Ss]he)\s+{married}\s+{_NAME}", rf"{_NAME}\s+{married}\s+\x01"]
    return [re.compile(pattern) for pattern in patterns]
