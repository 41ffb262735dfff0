"""Whom an English sentence speaks of, and whether it means what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from writer.facts.statement import MASK, Reading
from writer.facts.words import any_of, words
from writer.names.words import words as name_words

_TITLE = (
    r"(?:(?:Mr|Mrs|Ms|Miss|Mister|Dr|Doctor|Sir|Dame|Lady|Lord|Captain|Capt|Colonel|Col|Major|General|Lieutenant|Lt|"
    r"Sergeant|Corporal|Inspector|Detective|Constable|Father|Sister|Brother|Aunt|Uncle|Grandma|Grandpa|Professor|King|"
    r"Queen|Prince|Princess|Duke|Duchess|Count|Countess|Baron|Baroness|Madame|Monsieur|Mademoiselle|Saint|St|"
    r"Reverend|Rev|Master|Mistress)\.?)"
)
WORD = r"[A-ZÀ-ÖØ-Þ][^\W\d_]+(?:['’\-][A-ZÀ-ÖØ-Þ][^\W\d_]+)*"
NAME = rf"(?:{_TITLE} )*(?:{WORD})(?: (?:(?:de|du|van|von|der|la|le) )?{WORD}| [A-Z]\.(?= [A-Z])){{0,3}}"
A_NAME = re.compile(rf"(?<![\w'’\-]){NAME}")
WHO = rf"(?P<who>{NAME}|[Hh]e|[Ss]he)"
WHOSE = rf"(?P<whose>(?:{NAME})(?:['’]s|(?<=s)['’])|[Hh]is|[Hh]er)"
ASIDE = r"(?:, [^,;:.\x01]{1,50},|, who)?"

_STOPS = name_words("english", "stops")
_TITLES = frozenset(re.findall(r"[A-Z]\w+", _TITLE))

_MALE = name_words("english", "men") | name_words("english", "he")
_FEMALE = name_words("english", "women") | name_words("english", "she")

PERSON = any_of(words("english", "persons"))
_A_PERSON = re.compile(rf"\b{PERSON}s?\b")
_PREDICATE = re.compile(r"\b(?:was|is|,|as) (?:an?|the) (?:[a-z-]+,? ){0,5}$")
_REACH = 40  # characters before a statement within which a "not" or "if" may mean it
_HEARSAY = re.compile(rf"\b{any_of(words('english', 'hearsay'))}\b", re.IGNORECASE)
_UNREAL = re.compile(
    rf"\b{any_of(words('english', 'unreal'))}\b|n['’]t\b|\b(?:as though|rather than|about to|anything but|far from|"
    rf"by the time)\b",
    re.IGNORECASE,
)
_SUPPOSED = re.compile(r"\b(?:if|whether|would|could|might|as though|unless|perhaps)\b", re.IGNORECASE)
_GENDERS = dict.fromkeys(("he", "him", "his", "himself"), "he") | dict.fromkeys(
    ("she", "her", "hers", "herself"), "she"
)
_CLAUSE = re.compile(
    rf"(?:^|[,;:—–(){MASK}]|--|\b(?:and|but|for|that|because|so|while|though|although|where|yet|as|then|now|old|young|"
    r"little|poor|today|who|By now)) ?$"
)
_PRONOUN = re.compile(
    r"\b(?:he|him|his|himself|she|her|hers|herself|they|them|their|we|us|our|I|my|me|you|your)\b", re.I
)


class EnglishReading(Reading):
    """An English one."""

    def is_meant(self, start: int, end: int) -> bool:
        """Whether what is between these is told as a fact: not denied, supposed, or somebody's word."""
        return not _UNREAL.search(self.text, max(0, start - _REACH), end) and self.is_told(start)

    def is_told(self, start: int) -> bool:
        """Whether the sentence up to here is the narrator's own and no mere condition."""
        return not (_HEARSAY.search(self.text, 0, start) or _SUPPOSED.search(self.text, 0, start))

    def about(self, match: re.Match[str], *, loosely: bool = False) -> str | None:
        """Whom a match is about, if it is meant; ``loosely``: it is taken for granted ("her grey eyes never left him").

        It has a group ``who`` (before a verb) or ``whose`` (a genitive).
        """
        if match.groupdict().get("whose"):
            at = match.start("whose")
            is_meant = self.is_told(at) if loosely else self.is_meant(at, match.end())
            return self.owner(match) if is_meant else None
        return self.subject(match) if self.is_meant(match.start("who"), match.end()) else None

    def opens_clause(self, at: int) -> bool:
        """Whether what stands here may be what the verb behind it is about."""
        return _CLAUSE.search(self.text, max(0, at - 12), at) is not None

    def subject(self, match: re.Match[str], group: str = "who") -> str | None:
        """The name before a verb, or whom a pronoun there means; None if it may be anybody else."""
        if not self.opens_clause(match.start(group)):
            return None
        return self.named(match[group], match.start(group))

    def owner(self, match: re.Match[str], group: str = "whose") -> str | None:
        """The name in a genitive, or whom "his" or "her" there means."""
        said = match[group]
        return self.named(re.sub(r"(?:['’]s|(?<=s)['’])$", "", said), match.start(group))

    def named(self, said: str, at: int) -> str | None:
        """The name that is said there, or whom the pronoun there can only mean."""
        if said.lower() in _GENDERS:
            return self._meant(_GENDERS[said.lower()], at)
        return name_of(said, self.around, self.text[:at])

    def _meant(self, gender: str, at: int) -> str | None:
        here = self.text[:at]
        names = list(names_in(here, self.around))
        if names:
            return _only(here, names, gender)
        if any(_GENDERS.get(found[0].lower(), "?") != gender for found in _PRONOUN.finditer(here)):
            return None
        if has_a_person(here):
            return None
        said = ""
        for number, before in enumerate(self.sentence.before):
            if number and MASK in before:
                return None
            said = before + said
            if found := list(names_in(before, self.around)):
                return _only(said, found, gender)
        return None


def names_in(text: str, around: str) -> Iterator[tuple[str, int]]:
    """The names of people in a part of the text ``around``, and where each begins."""
    for match in A_NAME.finditer(text):
        name = name_of(match[0], around, text[: match.start()])
        if name is not None and not _is_place(name, text[: match.start()]):
            yield name, match.start()


def _is_place(name: str, before: str) -> bool:
    """Whether somebody comes from there, or is in it."""
    return re.search(r"\b(?:in|into|from|near) $", before) is not None and not _gender(name)


def name_of(said: str, around: str, before: str) -> str | None:
    """The name without words that only stand in front of it; None if it is none."""
    words = said.split()
    while words and is_stop(words[0]):
        del words[0]
    if not words or words[-1].rstrip(".") in _TITLES or any(map(is_stop, words)):
        return None
    begins = not before.rstrip() or before.rstrip()[-1] in f'.!?{MASK}“"‘:'
    if begins and len(words) == 1 and not _is_name_elsewhere(words[0], around):
        return None
    return " ".join(words)


def is_stop(word: str) -> bool:
    """Whether a word is no name though it has a capital letter."""
    return word.lower() in _STOPS and word.rstrip(".") not in _TITLES


@lru_cache(maxsize=4096)
def _is_name_elsewhere(word: str, around: str) -> bool:
    """Whether a word that begins a sentence is no ordinary one: the text has it nowhere in small letters, or inside."""
    if re.search(rf"(?<=[a-z,;] ){word}\b", around):
        return True
    return word.lower() in _MALE | _FEMALE or not re.search(rf"\b{word.lower()}\b", around)


def _only(text: str, names: list[tuple[str, int]], gender: str) -> str | None:
    """The one person that a text speaks of; None if there may be another whom the pronoun means."""
    name, at = names[0]
    if any(other != name and other not in name.split() for other, _ in names):
        return None
    known = _gender(name)
    if known not in ("", gender) or has_a_person(text):
        return None
    for found in _PRONOUN.finditer(text):
        meant = _GENDERS.get(found[0].lower(), "?")
        if meant == "?" or (meant != gender and known == ""):
            return None
        if meant == gender and (found.start() < at or (found[0].lower() in ("him", "her") and _is_object(text, found))):
            return None
    return name


def _is_object(text: str, pronoun: re.Match[str]) -> bool:
    return not re.match(r" [a-z]", text[pronoun.end() :]) or bool(
        re.match(r" (?:and|but|with|to|in|on|at|as|for|from|that|of|was|had|by)\b", text[pronoun.end() :])
    )


def has_a_person(text: str) -> bool:
    """Whether somebody without a name is spoken of; "Anne was a tall woman" speaks of Anne."""
    return any(not _PREDICATE.search(text[: found.start()]) for found in _A_PERSON.finditer(text))


def _gender(name: str) -> str:
    words = [word.rstrip(".").lower() for word in name.split()]
    if any(word in _FEMALE for word in words[:1]):
        return "she"
    if any(word in _MALE for word in words[:1]):
        return "he"
    return ""
