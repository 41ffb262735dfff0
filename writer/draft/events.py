"""Whether what must happen in a scene does, told by its words, and how another try makes it come.

No model is asked: a small one can't tell, and not every engine can score. An event counts as told where most of its
words, or others that mean the same, stand within a few sentences, nobody only fears, plans or denies it, and where it
names someone, the name or a pronoun does, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache, partial

from writer import names
from writer.draft import verbs
from writer.memory.terms import stem, terms
from writer.memory.thesaurus import related
from writer.text import ends_sentence, is_cjk, language_of, sentences

ENOUGH = 0.6
"""From this strength on an event counts as told."""
_BESIDE = 0.75
"""What only the sentence before or behind has counts for so much."""
_AKIN = 0.75
"""What a word counts for that stands for another in a story."""
_RELATED = 0.5
"""What a word counts for that the thesaurus gives."""
_PRONOUN = 0.8
_UNREAL = 0.25
"""So much is left of a verb of which it is said that it does not happen."""
_DENIED = 0.4
"""And no event of that verb is told more surely than this."""
_THINGS = 0.4
"""A text that has less than this of what an event is about, beside who and what they do, does not tell it:"""
_LACKING = 0.5
"""it tells it no more surely than this."""
_LOOKED_BACK = 2000
_VERB = 1.5
_REACH = 5
"""So many words before a verb may say that it does not happen; twice as many Chinese characters."""
_LATIN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


@dataclass(frozen=True, slots=True)
class Happening:
    """How surely an event is told, from 0 to 1, and where."""

    strength: float
    start: int = 0
    end: int = 0

    def __bool__(self) -> bool:
        return self.strength >= ENOUGH


@dataclass(frozen=True, slots=True)
class Steer:
    """One more try: what the passage is to tell, and the words with which it must begin, if any."""

    beat: str
    opening: str = ""
    """Goes on from the text before as it stands, white space included."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A word of an event."""

    word: str
    weight: float
    is_name: bool
    is_verb: bool


@dataclass(frozen=True, slots=True)
class _Told:
    """A sentence as events are looked for in it."""

    start: int
    end: int
    text: str
    words: frozenset[str]
    """Stems of all its English words."""
    unreal: frozenset[str]
    """Those that don't happen."""


def happened(event: str, text: str, language: str = "") -> Happening:
    """How surely a text tells that something happens; true where that is enough."""
    wanted = _wanted(event, language or language_of(event))
    if not wanted or not text.strip():
        return Happening(0.0)
    told = [_told(text[start:end], start) for start, end in sentences(text)]
    rows = [[_worth(word, one) for one in told] for word in wanted]
    whole = sum(word.weight for word in wanted)
    things = [number for number, word in enumerate(wanted) if not (word.is_name or word.is_verb)]
    best = Happening(0.0)
    for at, one in enumerate(told):
        worths = [
            max(row[at], _BESIDE * max((row[i] for i in (at - 1, at + 1) if 0 <= i < len(row)), default=0.0))
            for row in rows
        ]
        strength = sum(word.weight * worth for word, worth in zip(wanted, worths, strict=True)) / whole
        if any(word.is_verb and 0 < worth <= _UNREAL for word, worth in zip(wanted, worths, strict=True)):
            strength = min(_DENIED, strength)
        if sum(worths[number] for number in things) < _THINGS * len(things):
            strength = min(_LACKING, strength)
        if strength > best.strength:
            best = Happening(round(strength, 3), one.start, one.end)
    return best


def wanting(events: Iterable[str], text: str, language: str = "") -> list[str]:
    """Those of the events that a text does not tell, in order."""
    return [event for event in events if event.strip() and not happened(event, text, language)]


def steer(event: str, before: str, language: str = "") -> tuple[Steer, ...]:
    """The tries that make an event come behind a text, the gentlest first.

    The event is the passage's beat; then the passage begins with its words, in the tense and person of the text
    before; at last these are a sentence of their own, so that nothing can come of it but that it happened.
    """
    beat = " ".join(event.split())
    is_chinese = (language or language_of(event)) == "zh"
    if not any(letter.isalnum() for letter in beat):
        return (Steer(beat),)
    plain = beat.rstrip(" .!?。！？…")
    told = partial(_chinese_clause if is_chinese else _english_clause, before=before)
    clause = verbs.around_quotations(plain, told)  # what somebody said is never put in other words
    joint = _joint(before, is_chinese)
    stop = "" if ends_sentence(clause) else "。" if is_chinese else "."  # a quotation may have its own
    return Steer(beat), Steer(beat, joint + clause), Steer(beat, joint + clause + stop)


def _joint(before: str, is_chinese: bool) -> str:
    """What stands between a text and the sentence that goes on from it."""
    if not before.strip() or before.endswith("\n"):
        return ""
    if not ends_sentence(before):
        return "\n\n"
    return "" if is_chinese or before[-1].isspace() else " "


def _english_clause(event: str, before: str) -> str:
    is_past = not before.strip() or verbs.is_in_past(before)
    if verbs.is_in_first_person(before):
        event = verbs.as_narrator(event)
    if not verbs.has_verb(event):
        if not verbs.is_order(event):
            lead = "Then it came" if is_past else "Then it comes"
            return f"{lead}: {_begun_low(event)}"
        event = f"{_who(before)} {event[:1].lower()}{event[1:]}"
        return verbs.past_of_order(event) if is_past else event
    clause = verbs.past(event) if is_past else event
    return clause[:1].upper() + clause[1:]


def _begun_low(event: str) -> str:
    """What goes on a sentence, with a capital only if it begins with a name."""
    return event[:1].lower() + event[1:] if event.split()[0].lower() in _listed("behind") else event


def _who(before: str) -> str:
    """Whom an event is about that names nobody: who was named last."""
    if verbs.is_in_first_person(before):
        return "I"
    people = [mention.name for mention in names.find(before[-_LOOKED_BACK:], "en") if mention.kind == "person"]
    return people[-1] if people else "They"


def _chinese_clause(event: str, before: str) -> str:
    told = re.sub("“[^”]*”", "", before)
    if told.count("我") > 2 * len(re.findall("[他她]", told)):
        event = _narrators().sub("我", event)
    return event


@cache
def _narrators() -> re.Pattern[str]:
    return re.compile("|".join(verbs.lists("chinese", "first").split()))


# --- what an event is made of


@lru_cache(512)
def _wanted(event: str, language: str) -> tuple[_Wanted, ...]:
    if language == "zh":
        return tuple(_wanted_chinese(event))
    found: dict[str, _Wanted] = {}
    named = {term.word for term in terms(event) if term.is_name} | _names_at_start(event)
    for match in _LATIN.finditer(event):
        plain = match[0].lower().replace("’", "'").removesuffix("'s")
        root = stem(verbs.base(plain))
        if not root or plain in _listed("empty"):
            continue
        is_verb = root not in found and _is_verb(event, match)
        is_name = plain in named
        found.setdefault(root, _Wanted(root, _VERB if is_verb else 1.0, is_name, is_verb))
    return tuple(found.values())


def _names_at_start(event: str) -> set[str]:
    first = _LATIN.search(event)
    if not first or not first[0][0].isupper() or first[0].lower() in _listed("empty"):
        return set()
    return {first[0].lower().replace("’", "'").removesuffix("'s")}


def _is_verb(event: str, match: re.Match[str]) -> bool:
    """Whether a word of an event says what is done."""
    return (
        verbs.past(event)[: match.end()] != event[: match.end()]
        and verbs.past(event[: match.start()]) == event[: match.start()]
    )


def _wanted_chinese(event: str) -> Iterator[_Wanted]:
    seen = set()
    for term in terms(event):
        if term.key in seen:
            continue
        seen.add(term.key)
        yield _Wanted(term.key, _VERB if term.key in _same("chinese") else 1.0, False, term.key in _same("chinese"))


# --- what a sentence has of it


@lru_cache(4096)
def _told_of(text: str) -> tuple[frozenset[str], frozenset[str]]:
    words, unreal = set(), set()
    since = _REACH + 1
    for match in _LATIN.finditer(text):
        plain = match[0].lower().replace("’", "'")
        root = stem(verbs.base(plain.removesuffix("'s")))
        words.add(root)
        if since <= _REACH:
            unreal.add(root)
        since = 1 if plain in _listed("unreal") or plain.endswith("n't") else since + 1
    return frozenset(words), frozenset(unreal)


def _told(text: str, start: int) -> _Told:
    words, unreal = _told_of(text)
    return _Told(start, start + len(text), text, words, unreal)


def _worth(wanted: _Wanted, told: _Told) -> float:
    """How much a sentence has of a word."""
    if is_cjk(wanted.word[0]):
        return _worth_chinese(wanted, told.text)
    words = told.words
    if wanted.is_name:
        return 1.0 if wanted.word in words else _PRONOUN if words & _pronouns() else 0.0
    best, by = 0.0, wanted.word
    for word, worth in _meant(wanted.word):
        if worth > best and word in words:
            best, by = worth, word
    return best * _UNREAL if wanted.is_verb and by in told.unreal else best


def _worth_chinese(wanted: _Wanted, text: str) -> float:
    best = 0.0
    for word, worth in _meant_chinese(wanted.word):
        at = text.find(word)
        while at >= 0 and worth > best:
            is_unreal = wanted.is_verb and _chinese_unreal().search(text, max(0, at - 2 * _REACH), at)
            best = max(best, worth * _UNREAL if is_unreal else worth)
            at = text.find(word, at + 1)
    if not best and len(wanted.word) > 1:
        best = 0.5 * (sum(letter in text for letter in wanted.word) / len(wanted.word)) ** 2
    return best


@lru_cache(4096)
def _meant(root: str) -> tuple[tuple[str, float], ...]:
    """The stems that may stand for one, each with its worth."""
    found = {root: 1.0}
    for other in _same("english").get(root, ()):
        found.setdefault(other, _AKIN)
    for word, _share in related(root):
        found.setdefault(stem(word), _RELATED)
    return tuple(found.items())


@lru_cache(4096)
def _meant_chinese(word: str) -> tuple[tuple[str, float], ...]:
    found = {word: 1.0}
    for other in _same("chinese").get(word, ()):
        found.setdefault(other, _AKIN)
    return tuple(found.items())


@cache
def _same(language: str) -> dict[str, tuple[str, ...]]:
    """Which words may stand for which in a story."""
    found: dict[str, tuple[str, ...]] = {}
    for group in verbs.lists(language, "same").split("|"):
        words = [stem(word) if language == "english" else word for word in group.split()]
        for word in words:
            found[word] = (*found.get(word, ()), *(other for other in words if other != word))
    return found


@cache
def _listed(kind: str) -> frozenset[str]:
    return frozenset(verbs.lists("english", kind).split())


@cache
def _pronouns() -> frozenset[str]:
    return frozenset(map(stem, _listed("pronouns")))


@cache
def _chinese_unreal() -> re.Pattern[str]:
    words = sorted(verbs.lists("chinese", "unreal").split(), key=len, reverse=True)
    return re.compile("(?:" + "|".join(words) + ")[^，。！？；]{0,6}\\Z")
