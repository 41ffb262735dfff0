"""Where a sentence tells in other words what somebody said, thought or denied, and what that is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from writer.sources.lists import any_of, words
from writer.text import is_cjk
from writer.text import words as words_of

_GAP = r"(?:\s+(?:\w+ly|(?:on|in) \w+|to (?:the |an? )?\w+|later|again|today|yesterday))?"
_BOUNDARY = re.compile(r"[,;:—–，；：。]|[.!?。！？]\s")
_JOINT = re.compile(r"\s*(?:(?:and|but|while|who|which)\s+)?")
_UNSAID = re.compile(r"(?:\b(?:I|we|not|never|nobody|cannot|to|hardly|no one)|n['’]t)\s(?:\w+\s)?$", re.IGNORECASE)
"""Before a verb: nobody says so, or whoever writes does."""
_THAT = re.compile(rf"{_GAP}\s+(?:that|to have|how|why|whether)\s+(?=\w)")
_CLAUSE = re.compile(
    r"\s+(?=(?:he|she|it|they|we|I|you|there|the|an?|this|these|those|his|her|its|their|our|no|nobody|some|many|most|all"
    r"|[A-Z0-9][\w'’-]*)\s+\S+\s+\S)"
)
_WHOM = re.compile(r"\s+(?:the |an? |his |her |their )?[\w'’-]+(?=\s)")
_SPEAKER = re.compile(r"\s+[^,;:—–.!?]{1,60}(?=[,.!?]|$)")
_ACCORDING = re.compile(r"\baccording to [^,;:—–.!?]+", re.IGNORECASE)
_CHINESE_GAP = " ，,：:“「『"
_OPENED, _CLOSED = ("“", '"', "「", "『", "‘"), ("”", '"', "」", "』", "’")
_NO_SPEECH = re.compile(r"[了过完着起到出毕一两几]")
_LET_IN = re.compile(r"\s+(?:them|him|her|us|me|you|into|in|to)\b")


@dataclass(frozen=True, slots=True)
class Report:
    """Who said or thought something, from ``start`` up to but not including ``end``, and what that was."""

    start: int
    end: int
    said: str


def reports(sentence: str) -> Iterator[Report]:
    """What a sentence reports, in order; what it quotes in so many words is left to those who read quotations."""
    if any(map(is_cjk, sentence)):
        yield from _chinese(sentence)
    else:
        yield from _english(sentence)


def _english(sentence: str) -> Iterator[Report]:
    at = 0
    for verb in _verbs().finditer(sentence):
        before, after = sentence[: verb.start()], sentence[verb.end() :]
        if verb.start() < at or not before.strip() or before.rstrip().endswith(_CLOSED) or _UNSAID.search(before):
            continue
        start = _begin(before)
        low = verb[0].casefold()
        is_told = low in words("sources", "english", "telling")
        whom = _WHOM.match(after) if is_told else None
        rest = after[whom.end() :] if whom is not None else after
        if before.rstrip().endswith(","):
            told = _behind(sentence, before, verb)
        elif that := _THAT.match(rest):
            told = Report(start, verb.end(), rest[that.end() :])
        elif is_told and whom is None:
            continue
        elif low not in words("sources", "english", "leading") and _CLAUSE.match(rest):
            told = Report(start, verb.end(), rest)
        elif low in words("sources", "english", "denying") and re.match(r"\s+\w", after) and not _LET_IN.match(after):
            told = Report(start, verb.end(), before[:start] + after)
        else:
            told = _behind(sentence, before, verb)
        if told is not None:
            yield told
            at = len(sentence)
    for found in _ACCORDING.finditer(sentence):
        yield Report(*found.span(), sentence[: found.start()] + sentence[found.end() :])


def _begin(before: str) -> int:
    """Where the one who speaks is named first, in what stands before the verb."""
    edges = [edge.end() for edge in _BOUNDARY.finditer(before)]
    start = max((edge for edge in edges if before[edge:].strip()), default=0)
    if edges and not before[edges[-1] :].strip():
        start = 0
    joint = _JOINT.match(before, start)
    return joint.end() if joint is not None else start


def _behind(sentence: str, before: str, verb: re.Match[str]) -> Report | None:
    """What stands around its speaker: “It will hold, she said.”, “The bridge, said Ada Holm, will hold.”"""
    if any(mark in sentence for mark in _OPENED):
        return None
    comma = before.rfind(",")
    if comma < 0:
        return None
    after = sentence[verb.end() :]
    if before[comma + 1 :].strip():
        ends = re.match(r"\s*(?:[,.!?]|$)", after) is not None and before[comma + 1 :].count(" ") <= 6
        return Report(_begin(before), verb.end(), before[:comma] + after.lstrip(",")) if ends else None
    speaker = _SPEAKER.match(after)
    if speaker is None:
        return None
    end = verb.end() + speaker.end()
    return Report(verb.start(), end, before[:comma] + sentence[end:].lstrip(","))


@cache
def _verbs() -> re.Pattern[str]:
    kinds = ("saying", "leading", "denying", "telling")
    return re.compile(rf"\b(?:{any_of(word for kind in kinds for word in words('sources', 'english', kind))})\b")


def _chinese(sentence: str) -> Iterator[Report]:
    last = ""
    for first, end in words_of(sentence):
        word, before, after = sentence[first:end], last, sentence[end:]
        last = word
        if word not in words("sources", "chinese", "saying") or before in words("sources", "chinese", "unsaid"):
            continue
        start = _begin(sentence[:first])
        said = after.lstrip(_CHINESE_GAP)
        if word in words("sources", "chinese", "telling"):
            said = re.sub(r"^[^，。：]{1,8}[，：]", "", said).lstrip(_CHINESE_GAP)
        if after.lstrip("，,：: ").startswith(_OPENED) or _NO_SPEECH.match(after):
            return
        if not any(map(str.isalnum, said)):
            said = sentence[:start]
            if said.rstrip(" ，").endswith(_CLOSED):
                return
        if any(map(str.isalnum, said)):
            yield Report(start, end, said)
            return
