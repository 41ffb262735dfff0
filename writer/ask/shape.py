"""How much a sentence looks like an answer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from writer.ask.ground import Ground
from writer.ask.kinship import asks_who, relatives
from writer.ask.mention import FAR, HIS, Has, Sentence, any_place, is_another_since, loose, without_names
from writer.ask.question import Question
from writer.names.chinese import is_surname

_UNSHAPED = 0.3
_ASKS, _TOLD_BEFORE = 0.45, 0.8
_TELLS = re.compile(r"[^“\"「『]{40,}[“\"]|[^“「『]{16,}[“「『]")
"""What is told before somebody is heard."""
_UNREAL = re.compile(
    r"\b(?:if|would|could|should|might|may|wish|whether|suppose|will|hope|sure)\b|[若倘]|如果|必[须当欲]|岂|何不|愿",
    re.I,
)


def likeness(
    question: Question, read: Sequence[Sentence], at: int, ground: Ground, names: Sequence[Has], words: Sequence[Has]
) -> tuple[float, int]:
    """What a sentence's shape is worth, and how far on one has to read for that."""
    text = read[at].text
    value = 1.0
    last = at
    far = FAR[question.language]
    anchors = [place for has in (*words, *names) for place, _ in has.places]
    masked = without_names(question, text) if {"where", "from"} & set(question.kinds) and not question.slots else text
    for shape in question.shapes():
        places = [match.start() for match in shape.finditer(masked)]
        if places:
            distance = min((abs(a - b) for a in anchors for b in places), default=far)
            is_apart = "named" in question.kinds and distance > far
            value *= _UNSHAPED if is_apart else 0.75 + 0.45 / (1 + distance / far)
        elif "why" in question.kinds:
            on = _reasoned(question, read, at)
            value *= 0.9 if on else 0.7
            last = at + on
        elif "named" in question.kinds and any(
            any_place(tuple(s.homes)).search(text) for s in question.slots if s.homes
        ):
            value *= 1.1
        elif on := _further(question, read, at, shape):
            value *= 0.85 if on == 1 else 0.75
            last = at + on
        elif "named" not in question.kinds or not _is_apposed(without_names(question, text), question):
            value *= _UNSHAPED
    if "where" in question.kinds:
        value *= 1.3 if any(name in masked for name, entry in ground.owners.items() if entry.kind == "place") else 0.8
        if not question.slots:
            near = [abs(match.start() - at) for match in _LIES.finditer(masked) for at in anchors]
            value *= 0.6 + 0.9 / (1 + min(near, default=4 * far) / far)
    for kind in {"coloured", "made"} & set(question.kinds) if question.language == "en" else ():
        value *= 1.3 if _is_of(kind, question, text, words) else 0.6
    if "said" in question.kinds and question.subjects:
        value *= _told_by(question, text)
    if "many" in question.kinds and question.slots:
        value *= 1.0 if _is_counted(question, text, words) else 0.25
    if "who" in question.kinds or any(slot.is_kin for slot in question.slots):
        value *= _others(question, text, ground, names, words)
    return value, last


def _is_apposed(masked: str, question: Question) -> bool:
    """Whether a name stands beside what is asked for: his dog Rex; Rex, the old dog of hers."""
    return any(
        _APPOSED.match(masked, match.end()) or _NAMED_BEFORE.search(masked, 0, match.start())
        for slot in question.slots
        for match in loose(slot).finditer(masked)
    )


_NAMED_BEFORE = re.compile(r"\b[A-Z][a-z]+,\s+(?:an?|the|his|her|their|its|my|our|your)\s+(?:[\w-]+\s+){0,3}$")


def _is_of(kind: str, question: Question, text: str, words: Sequence[Has]) -> bool:
    """Whether a colour, or what a thing is made of, is said of what is asked for, not only near it."""
    places = [place for has in words for place, _ in has.places]
    return any(
        (match.end() <= place and _BEFORE.fullmatch(text, match.end(), place))
        or (place <= match.start() and _IS.fullmatch(text, place, match.start()))
        for match in question.shape(kind).finditer(text)
        for place in places
    )


_BEFORE = re.compile(r"(?:[\s-]+\w+){0,3}[\s-]*")
_IS = re.compile(r"\w*(?:,[^,;.]{1,40})?,?\s+(?:(?:which|that)\s+)?(?:is|are|was|were)\s+(?:\w+\s+){0,2}")


def _told_by(question: Question, text: str) -> float:
    """What it is worth that the one who is asked for first speaks here, and of the others."""
    _speaker, *others = question.subjects
    if not speaking(question).search(text):
        return _UNSHAPED
    quoted = "".join(_QUOTED.findall(text)) or text
    return 1.6 if all(other.names and other.names.search(quoted) for other in others) else 1.25


def speaking(question: Question) -> re.Pattern[str]:
    """What tells that the one who is asked for first speaks."""
    names = question.subjects[0].names
    assert names is not None
    name = f"(?:{names.pattern})"
    speaks = (
        rf"[”\"’]\s*(?:{_SAYS})\s+(?:\w+\s+)?{name}|[”\"’]\s*{name}\s+(?:{_SAYS})|{name}\s+(?:\w+\s+)?(?:{_SAYS})[^.;]{{0,60}}[,:]\s*[“\"‘]"
        if question.language == "en"
        else rf"{name}[^。；！？“”]{{0,12}}[曰道说：]：?[“「]"
    )
    return re.compile(speaks)


_SAYS = "said|says|cried|replied|answered|exclaimed|added|whispered|muttered|returned|remarked|observed|declared|told"
_QUOTED = re.compile(r"[“「][^”」]*|\"[^\"]*(?:\"|$)")


def _further(question: Question, read: Sequence[Sentence], at: int, shape: re.Pattern[str]) -> int:
    """How many sentences further the shape of an answer is, if they go on about the same; 0 if nowhere."""
    if "named" in question.kinds or (not question.slots and len(read[at].text) > _SHORT):
        return 0
    for on in (1, 2):
        if at + on >= len(read) or read[at + on].paragraph != read[at].paragraph:
            return 0
        text = read[at + on].text.strip()
        if question.language == "en" and not HIS.match(text):
            return 0
        if question.language == "en" and is_another_since(
            without_names(question, "".join(one.text for one in read[at : at + on]))
        ):
            return 0
        if shape.search(text) and (question.language == "en" or len(text) < 24):
            return on
    return 0


def _reasoned(question: Question, read: Sequence[Sentence], at: int) -> int:
    """1 if the next sentence tells the reason, else 0."""
    follows = at + 1 < len(read) and read[at + 1].paragraph == read[at].paragraph
    return int(follows and bool(_REASON.search(read[at + 1].text)))


_REASON = re.compile(
    r"\b(?:because|reasons?|owing\s+to|on\s+account\s+of|in\s+order)\b|^\W*for\b|因|所以|原来|之故", re.I
)


_SHORT = 120


def _is_counted(question: Question, text: str, words: Sequence[Has]) -> bool:
    """Whether a number stands just before what is asked for."""
    reach = 24 if question.language == "en" else 8
    ends = [place for has in words for place, _ in has.places]
    return any(0 <= end - match.start() <= reach for match in question.shape("many").finditer(text) for end in ends)


_LIES = re.compile(
    r"\b(?:situat\w+|miles?|within|stands?|stood|near|village|county|lies|lay|hung|hangs?|kept|laid|placed|put|hidden|buried|locked|nailed|fixed|fastened|coast|town|north|south|east|west|shire)\b|位于|坐落|[藏放挂置埋锁留]|[里]外|之[东西南北]|[东西南北]边|在"
)


def _others(question: Question, text: str, ground: Ground, names: Sequence[Has], words: Sequence[Has]) -> float:
    """What it is worth that a sentence names somebody else, the nearer what is asked the more."""
    masked = without_names(question, text)
    if asks_who(question) and relatives(question, masked):
        return _AS_KIN
    far = FAR[question.language]
    word_at = [place for has in words for place, _ in has.places]
    name_at = [place for has in names for place, _ in has.places]
    for slot, has in zip(question.slots, words, strict=True):
        if slot.is_kin and any(is_surname(text[at : at + 1]) for at, _ in has.places):
            return 1.35
        if not slot.is_owned and any(_JOINED.match(text, at) for at, _ in has.places):
            return 1.35
    best = 0.0
    for name, entry in ground.owners.items():
        at = masked.find(name) if entry.kind != "place" else -1
        while at >= 0:
            spread = 0
            for anchors in (word_at, name_at):
                spread = max(spread, min((abs(at - anchor) for anchor in anchors), default=far // 2))
            best = max(best, 0.6 + 0.7 / (1 + spread / far))
            at = masked.find(name, at + 1)
    if best:
        return best
    return 0.9 if _SOMEBODY.search(masked) or is_surname(masked.lstrip()[:1]) or "被" in masked else 0.5


_AS_KIN = 1.6
_SOMEBODY = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]+")
_JOINED = re.compile(r"\w+\s+(?:with|to|by|of)\s+(?:(?:Mr|Mrs|Miss|Dr|Sir|Lady)\.?\s+)?[A-Z][a-z]")
_APPOSED = re.compile(r",?\s+(?:(?:Mr|Mrs|Miss|Dr|Sir|Lady)\.?\s+)?[A-Z][a-z]")


def plainness(text: str) -> float:
    """What it takes from a sentence that it asks, wishes, or that somebody says it."""
    plain = text.strip()
    value = 1.0
    if plain.rstrip("”\"'’」』")[-1:] in ("?", "？"):
        value *= _TOLD_BEFORE if _TELLS.match(plain) else _ASKS
    if plain[:1] in '“"「『' and plain[-1:] in '”"」』':
        value *= 0.85
    if _UNREAL.search(plain):
        value *= 0.75
    if "曰：“" in plain or "道：“" in plain:
        value *= 0.85
    if len(plain) > 300:
        value *= 0.85
    return value
