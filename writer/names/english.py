"""Names in English prose: capital letters, and what stands beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from writer.names.words import words
from writer.story import Mention
from writer.text import OPENERS, TERMINATORS, is_cjk

_UPPER = "".join(c for c in map(chr, range(0x530)) if c.isupper())
_LETTER = r"[^\W_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
_WORD = re.compile(rf"(?<![a-zA-Z0-9'’_])[{_UPPER}]{_LETTER}*(?:['’\-‐‑]{_LETTER}+)*")
_TAIL = re.compile(r"['’](?:s|S|ll|d|ve|re|m)$")
_PARTICLE = re.compile(r"[ \n](?:de|du|de la|des|van|van der|van den|von|di|da|del|della|le|la|bin|ibn|al)[ \n]")
_NEXT = re.compile(r",?[ \n]([a-z]+)")
_PREVIOUS = re.compile(r"(?:([A-Za-z]+)[ \n]+)?([A-Za-z]+)[ \n]\Z")
_GOES_ON = re.compile(rf"\.?[ \n][{_UPPER}]")
_LOWER = re.compile(r"(?<![a-zA-Z'’])[a-z]+")
_HEADING = re.compile(
    r"(?i)(?:chapter|part|book|volume|vol|act|scene|canto)\s+(?:\d|[ivxlc]+\b|one|two|three|four|five|six|the)|#|prologue|epilogue"
)
_SHAPE = re.compile(r"^(?:O|D)'[A-Z]|[a-z][A-Z]|\d")
_CAPITALS = re.compile(rf"[{_UPPER}]")
_CLOSING = "\"'”’」』)）]】"
_LONGEST_HEADING = 80
_LONGEST_ACRONYM = 5
_LONGEST_INITIALS = 3
_WRAPPED_LINE = range(44, 100)


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int
    end: int
    is_possessive: bool

    @property
    def low(self) -> str:
        return self.text.lower()


def find(text: str) -> list[Mention]:
    """The names of a text in order, none over another; in each, straight apostrophes and single spaces."""
    if not _CAPITALS.search(text):
        return []
    lower = frozenset(_LOWER.findall(text))
    return [mention for run in _runs(text) for mention in _mentions(text, run, lower)]


@cache
def titles() -> frozenset[str]:
    """Everything that stands before a name, in lower case."""
    return words("english", "he") | words("english", "she") | words("english", "either")


def _runs(text: str) -> Iterator[list[_Token]]:
    """Capitalised words that stand together and may be one name."""
    stops, also = words("english", "stops"), _also()
    run: list[_Token] = []
    for token in _tokens(text):
        is_stop = token.low in stops and token.low not in titles()
        if run and _is_joined(text, run, token) and (not is_stop or token.low in also):
            run.append(token)
            continue
        if run:
            yield run
        run = [] if is_stop and token.low not in also else [token]
    if run:
        yield run


def _tokens(text: str) -> Iterator[_Token]:
    """Capitalised words outside headings, without what is possessive about them."""
    line_end, is_heading = -1, False
    for match in _WORD.finditer(text):
        start = match.start()
        if start >= line_end:
            line_end = text.find("\n", start)
            line_end = len(text) if line_end < 0 else line_end
            is_heading = _is_heading(text, text.rfind("\n", 0, start) + 1, line_end)
        if is_heading:
            continue
        tail = _TAIL.search(match[0])
        word = match[0][: tail.start()] if tail else match[0]
        yield _Token(word.replace("’", "'"), start, start + len(word), tail is not None)


def _is_heading(text: str, start: int, end: int) -> bool:
    if end - start > _LONGEST_HEADING:
        return False
    line = text[start:end].strip().strip("*_")
    if _HEADING.match(line) or (line.isupper() and len(line) > _LONGEST_ACRONYM):
        return True
    is_alone = text[max(0, start - 2) : start].strip() == "" and text[end : end + 2].strip() == ""
    parts = line.split()
    return (
        is_alone
        and len(parts) > 1
        and line[-1].isalnum()
        and not line.startswith(('"', "'", *OPENERS))
        and all(part[0].isupper() or len(part) < 4 for part in parts)
    )


def _is_joined(text: str, run: list[_Token], token: _Token) -> bool:
    last = run[-1]
    if last.is_possessive or token.start - last.end > 10:
        return False
    gap = text[last.end : token.start]
    if gap.startswith("."):
        if last.low not in words("english", "abbreviated") and len(last.text) > 1:
            return False
        gap = gap[1:] or " "
    if "\n" in gap and not _is_wrapped(text, last.end + gap.index("\n")):
        return False
    if token.low in titles() and any(t.low not in titles() for t in run):
        return gap.isspace() and len(gap) == 1 and not _GOES_ON.match(text, token.end)
    if len(gap) == 1 and gap.isspace():
        return True
    if gap.strip() == "of":
        return len(run) == 1 and last.low in words("english", "noble")
    return _PARTICLE.fullmatch(gap) is not None


def _is_wrapped(text: str, newline: int) -> bool:
    """Whether the line that ends here is so long that its end only wraps."""
    return newline - text.rfind("\n", 0, newline) in _WRAPPED_LINE


def _mentions(text: str, run: list[_Token], lower: frozenset[str]) -> Iterator[Mention]:
    also, leads = _also(), words("english", "place_leads")
    opens = _opens(text, run[0].start)
    places = words("english", "place_last")
    if opens and len(run) > 1 and run[0].low in also - titles() - leads and run[1].low not in places:
        run, opens = run[1:], False
    first, last = run[0], run[-1]
    while len(run) > 1 and first.text.isupper() and len(first.text) > _LONGEST_INITIALS:
        run, first, opens = run[1:], run[1], False
    if all(t.text.isupper() and len(t.text) > 1 for t in run) and (len(run) > 1 or len(last.text) > _LONGEST_ACRONYM):
        return
    is_titled = first.low in titles()
    if is_titled and all(t.low in titles() for t in run):
        if last.low not in words("english", "kin") or len(run) > 1:
            return
        is_titled = False
    if len(last.text) == 1:
        return
    kind, is_shown = _kind(text, run)
    is_single = len(run) == 1
    if is_single and first.low in also and not is_shown:
        return
    if is_single and opens and first.low in lower and kind != "person":
        return
    is_sure = (
        (is_titled and not is_single)
        or is_shown
        or _SHAPE.search(first.text) is not None
        or (not is_single and first.low in _given())
        or not (opens or (is_single and first.text.isupper()) or _is_also_small(text, run, lower))
    )
    yield Mention(_spelled(text, run), first.start, last.end, kind, is_sure)


def _is_also_small(text: str, run: list[_Token], lower: frozenset[str]) -> bool:
    """Whether the text has the same words without capitals."""
    if any(token.low not in lower for token in run):
        return False
    return len(run) == 1 or " ".join(token.low for token in run) in text


def _spelled(text: str, run: list[_Token]) -> str:
    """A name with single spaces and straight apostrophes, and not shouted."""
    name = " ".join(text[run[0].start : run[-1].end].replace("’", "'").split())
    if len(run) > 1:
        for token in run:
            if token.text.isupper() and len(token.text) > _LONGEST_INITIALS:
                name = name.replace(token.text, token.text.capitalize())
    return name


def _kind(text: str, run: list[_Token]) -> tuple[str, bool]:
    """What the words about a name make of it, and whether they show that it is one wherever it stands."""
    first, last = run[0], run[-1]
    if len(run) > 1:
        if first.low in titles():
            return "person", True
        if last.low in words("english", "thing_last"):
            return "name", False
        if last.low in words("english", "place_last") or first.low in _place_first():
            return "place", False
    elif first.low in words("english", "kin"):
        return "person", False
    if last.low.endswith("shire"):
        return "place", False
    previous = _PREVIOUS.search(text, max(0, first.start - 40), first.start)
    farther, before = ((previous[1] or "").lower(), previous[2].lower()) if previous else ("", "")
    following = _NEXT.match(text, last.end + 2 if last.is_possessive else last.end)
    follows = following[1] if following else ""
    if last.is_possessive:
        if follows in words("english", "owned") and "the" not in (farther, before):
            return "person", False
    elif follows in ("who", "whom", "herself", "himself") or (
        follows in (_saying() if before == "the" else _active()) and not (following and following[0].startswith(","))
    ):  # a ship ran and has a head, but says nothing
        return "person", False
    if before in _saying():
        return "person", True
    if before == "the" and farther in _saying():
        return "person", False
    if last.is_possessive or before == "the" or first.low in _given():
        return "name", False
    if before in words("english", "place_before"):
        return "place", False
    if before == "at" and farther not in words("english", "aimed"):
        return "place", False
    if before in ("to", "from", "for") and farther in words("english", "place_ways"):
        return "place", False
    return "name", False


def is_given(name: str) -> bool:
    """Whether people are christened so."""
    return name.lower() in _given()


@cache
def _given() -> frozenset[str]:
    return words("english", "men") | words("english", "women")


@cache
def _also() -> frozenset[str]:
    """Words that are no names where they stand alone, and may be a part of one."""
    return words("english", "also_names") | words("english", "place_leads")


@cache
def _place_first() -> frozenset[str]:
    return words("english", "place_first") | words("english", "place_leads")


@cache
def _saying() -> frozenset[str]:
    return words("english", "said") - words("english", "weak")


@cache
def _active() -> frozenset[str]:
    return _saying() | (words("english", "does") - words("english", "weak"))


def _opens(text: str, start: int) -> bool:
    """Whether a word here may have its capital letter only because a sentence begins."""
    at = start - 1
    while at >= 0:
        character = text[at]
        if is_cjk(character) or character in "，。！？；：、":
            return False
        if character == "\n":
            if not _is_wrapped(text, at):
                return True
        elif character in _CLOSING and (character not in "\"'" or (at + 1 < start and text[at + 1].isspace())):
            if text[at - 1 : at] in ("\n", " ", ""):
                return True
        elif character in OPENERS or character in "\"'—–-:*#" or character in TERMINATORS:
            return True
        elif not character.isspace() and character != "_":
            return False
        at -= 1
    return True
