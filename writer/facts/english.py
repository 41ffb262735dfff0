"""What English sentences say of people; patterns that would rather miss a fact than make one up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from writer.facts.readers import Readers, Said, matches
from writer.facts.statement import MASK, Sentence, Statement
from writer.facts.words import any_of, words
from writer.names.words import words as name_words

_TITLE = (
    r"(?:(?:Mr|Mrs|Ms|Miss|Mister|Dr|Doctor|Sir|Dame|Lady|Lord|Captain|Capt|Colonel|Col|Major|General|Lieutenant|Lt|"
    r"Sergeant|Corporal|Inspector|Detective|Constable|Father|Sister|Brother|Aunt|Uncle|Grandma|Grandpa|Professor|King|"
    r"Queen|Prince|Princess|Duke|Duchess|Count|Countess|Baron|Baroness|Madame|Monsieur|Mademoiselle|Saint|St|"
    r"Reverend|Rev|Master|Mistress)\.?)"
)
_WORD = r"[A-ZÀ-ÖØ-Þ][^\W\d_]+(?:['’\-][A-ZÀ-ÖØ-Þ][^\W\d_]+)*"
_NAME = rf"(?:{_TITLE} )*(?:{_WORD})(?: (?:(?:de|du|van|von|der|la|le) )?{_WORD}| [A-Z]\.(?= [A-Z])){{0,3}}"
_PLACE = rf"(?:the )?{_WORD}(?:[ -](?:upon|on|of|the|under|le|la|de|du|{_WORD})){{0,3}}"
_QUOTE = r"[\"“”'‘’_*]?"
_A_NAME = re.compile(rf"(?<![\w'’\-]){_NAME}")

_STOPS = name_words("english", "stops")
_TITLES = frozenset(re.findall(r"[A-Z]\w+", _TITLE))

_MALE = name_words("english", "men") | name_words("english", "he")
_FEMALE = name_words("english", "women") | name_words("english", "she")

_BASE = {
    "blue": "blue", "grey": "grey", "gray": "grey", "green": "green", "brown": "brown", "hazel": "hazel",
    "black": "black", "amber": "amber", "violet": "violet", "golden": "gold", "gold": "gold", "silver": "silver",
    "yellow": "yellow", "dark": "dark", "turquoise": "turquoise",
}  # fmt: skip
_HAIR_BASE = {
    "black": "black", "brown": "brown", "blond": "blond", "blonde": "blond", "fair": "blond", "flaxen": "blond",
    "golden": "blond", "sandy": "sandy", "red": "red", "ginger": "red", "auburn": "auburn", "copper": "red",
    "chestnut": "brown", "grey": "grey", "gray": "grey", "white": "white", "silver": "silver", "dark": "dark",
    "raven": "black",
}  # fmt: skip
_SHADE = rf"(?:{any_of(words('english', 'shades'))}[ -])"
_EYES = rf"(?:{_SHADE}?(?:{'|'.join(_BASE)})(?:(?:-| and |-and-)(?:{'|'.join(_BASE)}))?)"
_HAIR = rf"(?:{_SHADE}?(?:{'|'.join(_HAIR_BASE)})(?:-(?:{'|'.join(_HAIR_BASE)}))?)"
_HAIR_NOUN = r"(?:hair|curls|locks|ringlets|braids|plaits|tresses|ponytail)"
_FILL = (
    r"(?:(?!(?:in|on|at|to|of|by|as|like|with|from|upon|fixed|turned|not|no|never|than|nor|the|his|her|neither|"
    r"almost|nearly|about|red|becoming|growing)\b)[a-z]+(?:-[a-z]+)*,? )"
)
_END = r"(?=[,.;:!?)—–\x01]|-(?!\w)| (?:and|but|eyes|behind|under|beneath|in the|though|while|when|now|today)\b|$)"

_ONES = {
    word: number
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS = {
    word: 10 * number
    for number, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
}
_NUMBER = (
    rf"(?:(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(list(_ONES)[1:10])}))?"
    rf"|(?:{'|'.join(sorted(list(_ONES)[1:], key=len, reverse=True))})|\d{{1,3}})"
)
_YEAR = r"(?:1\d{3}|20\d{2})"

_KIN = (
    r"(?:(?:step|half-|foster |adoptive |adopted |god|grand|great-grand)?(?:mother|father|son|daughter|brother|sister|"
    r"child)(?:-in-law)?|(?:great-)?(?:aunt|uncle|niece|nephew)|cousin|wife|husband|widow|widower|twin(?: (?:brother|"
    r"sister))?|fiancée?|stepbrother|stepsister)"
)
_RANK_OF_KIN = (
    r"(?:(?P<elder>elder|older|eldest|oldest|big|younger|youngest|little|kid|baby) |(?:only|dear|late|first|second|"
    r"own|beloved|poor|dead|favourite|favorite|maternal|paternal) )?"
)
_PERSON = any_of(words("english", "persons"))
_A_PERSON = re.compile(rf"\b{_PERSON}s?\b")
_PREDICATE = re.compile(r"\b(?:was|is|,|as) (?:an?|the) (?:[a-z-]+,? ){0,5}$")
_JOBS = words("english", "jobs")
_JOB = rf"(?:(?:first|second|third|chief) mate|{any_of(_JOBS)})"
_PET = any_of(words("english", "pets"))
_THING = any_of(words("english", "pets") | words("english", "things"))
_SIDED = (
    "(?:eye|ear|hand|arm|leg|foot|knee|cheek|eyebrow|brow|temple|shoulder|wrist|thumb|thigh|hip|forearm|ankle|palm|jaw)"
)
_PART = rf"(?:(?:left|right) {_SIDED}|forehead|chin|nose|throat|neck|lip|upper lip|lower lip|back|chest|{_SIDED})"
_TALL = {"tall": "tall", "short": "short", "diminutive": "short", "lanky": "tall", "towering": "tall"}
_BUILT = "|".join(sorted(words("english", "builds")))

_WHO = rf"(?P<who>{_NAME}|[Hh]e|[Ss]he)"
_WHOSE = rf"(?P<whose>(?:{_NAME})(?:['’]s|(?<=s)['’])|[Hh]is|[Hh]er)"
_ASIDE = r"(?:, [^,;:.\x01]{1,50},|, who)?"
_REACH = 40  # characters before a statement within which a "not" or "if" may mean it
_BE = r"(?:was|is)"
_STILL = r"(?: (?:still|now|only|just|also|already|barely|scarcely|herself|himself))?"

_WORTH = frozenset(
    re.findall(
        "[a-z]+",
        "eyes eyed hair haired blond blonde redhead brunette curls locks ringlets braids plaits tresses ponytail aged "
        "born died dead scar left right tall short diminutive lanky towering feet foot named called married unmarried "
        "bachelor spinster widow widower divorced came comes hailed hails native lived lives grew grown from dyed "
        f"bleached tinted year mate {_BUILT} {' '.join(_JOBS)} {_KIN} {_THING} {' '.join(_TENS)} {' '.join(_ONES)}",
    )
) - {"step", "half", "great", "keeper", "lighthouse", "set", "in", "law", "one", "zero", "heavy", "god"}
_A_WORD = re.compile("[a-z]+|[0-9]+")

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


@dataclass(frozen=True, slots=True)
class _Reading:
    """A sentence and the text it stands in, asked who its words are about and whether it means what it says."""

    sentence: Sentence
    around: str

    @property
    def text(self) -> str:
        return self.sentence.text

    def is_meant(self, start: int, end: int) -> bool:
        """Whether what is between these is told as a fact: not denied, supposed, or somebody's word."""
        return not _UNREAL.search(self.text, max(0, start - _REACH), end) and self.is_told(start)

    def is_told(self, start: int) -> bool:
        """Whether the sentence up to here is the narrator's own and no mere condition."""
        return not (_HEARSAY.search(self.text, 0, start) or _SUPPOSED.search(self.text, 0, start))

    def subject(self, match: re.Match[str], group: str = "who") -> str | None:
        """The name before a verb, or whom a pronoun there means; None if it may be anybody else."""
        if not _CLAUSE.search(self.text, max(0, match.start(group) - 12), match.start(group)):
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
        return _name(said, self.around, self.text[:at])

    def _meant(self, gender: str, at: int) -> str | None:
        here = self.text[:at]
        names = list(_names(here, self.around))
        if names:
            return _only(here, names, gender)
        if any(_GENDERS.get(found[0].lower(), "?") != gender for found in _PRONOUN.finditer(here)):
            return None
        if _a_person(here):
            return None
        said = ""
        for number, before in enumerate(self.sentence.before):
            if number and MASK in before:
                return None
            said = before + said
            if found := list(_names(before, self.around)):
                return _only(said, found, gender)
        return None


def _names(text: str, around: str) -> Iterator[tuple[str, int]]:
    for match in _A_NAME.finditer(text):
        name = _name(match[0], around, text[: match.start()])
        if name is not None and not _is_place(name, text[: match.start()]):
            yield name, match.start()


def _is_place(name: str, before: str) -> bool:
    """Whether somebody comes from there, or is in it."""
    return re.search(r"\b(?:in|into|from|near) $", before) is not None and not _gender(name)


def _name(said: str, around: str, before: str) -> str | None:
    """The name without words that only stand in front of it; None if it is none."""
    words = said.split()
    while words and _is_stop(words[0]):
        del words[0]
    if not words or words[-1].rstrip(".") in _TITLES or any(map(_is_stop, words)):
        return None
    begins = not before.rstrip() or before.rstrip()[-1] in f'.!?{MASK}“"‘:'
    if begins and len(words) == 1 and not _is_name_elsewhere(words[0], around):
        return None
    return " ".join(words)


def _is_stop(word: str) -> bool:
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
    if known not in ("", gender) or _a_person(text):
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


def _a_person(text: str) -> bool:
    """Whether somebody without a name is spoken of; "Anne was a tall woman" speaks of Anne."""
    return any(not _PREDICATE.search(text[: found.start()]) for found in _A_PERSON.finditer(text))


def _gender(name: str) -> str:
    words = [word.rstrip(".").lower() for word in name.split()]
    if any(word in _FEMALE for word in words[:1]):
        return "she"
    if any(word in _MALE for word in words[:1]):
        return "he"
    return ""


def _is_worth(text: str) -> bool:
    words = _A_WORD.findall(text.lower())
    return not _WORTH.isdisjoint(words) or any(word[0] < "a" for word in words)


_READERS = Readers(_Reading)
_ASKS = re.compile(rf"\?[{MASK}\"'”’) ]*\Z")


def stated(text: str) -> list[Statement]:
    """What the narrator says of people by name, or by a pronoun that can only mean one."""
    return _READERS.stated(text, _is_worth, _ASKS)


# Each of the following: patterns with a group ``who`` (before a verb) or ``whose`` (a genitive).


def _compiled(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(rf"(?<![\w'’\-]){pattern}") for pattern in patterns)


def _about(reading: _Reading, match: re.Match[str], *, loosely: bool = False) -> str | None:
    """Whom a match is about, if it is meant; ``loosely``: it is taken for granted ("her grey eyes never left him")."""
    groups = match.groupdict()
    if groups.get("whose"):
        at, subject = match.start("whose"), reading.owner
        if not (reading.is_told(at) if loosely else reading.is_meant(at, match.end())):
            return None
        return subject(match)
    if not reading.is_meant(match.start("who"), match.end()):
        return None
    return reading.subject(match)


_COLOURED = _compiled(
    rf"{_WHOSE} (?:{_FILL}{{0,3}}?)(?P<eyes>{_EYES}),? (?:{_FILL}{{0,2}}?)eyes\b(?! of)",
    rf"{_WHOSE} (?:{_FILL}{{0,3}}?)(?P<hair>{_HAIR}),? (?:{_FILL}{{0,2}}?){_HAIR_NOUN}\b",
)
_ARE_COLOURED = _compiled(
    rf"{_WHOSE} (?:{_FILL}{{0,2}}?)eyes (?:were|are) (?:(?:a|an|the) )?(?:{_FILL}{{0,3}}?)(?P<eyes>{_EYES}){_END}",
    rf"{_WHOSE} (?:{_FILL}{{0,2}}?){_HAIR_NOUN} (?:was|is|were) (?:(?:a|an|the) )?(?:{_FILL}{{0,3}}?)"
    rf"(?P<hair>{_HAIR}){_END}",
    rf"{_WHOSE} eyes,? (?:(?:a|the) )?(?:{_FILL}{{0,2}}?)(?P<eyes>{_EYES}),",
    rf"{_WHO}{_ASIDE} (?:had|has|possessed)(?: [a-z]+ly)?(?: [a-z]+['’]s)?(?: a pair of)? (?:{_FILL}{{0,4}}?)"
    rf"(?P<eyes>{_EYES}),? (?:{_FILL}{{0,2}}?)eyes\b",
    rf"{_WHO}{_ASIDE} (?:had|has) (?:{_FILL}{{0,4}}?)(?P<hair>{_HAIR}),? (?:{_FILL}{{0,2}}?){_HAIR_NOUN}\b",
    rf"{_WHO}{_ASIDE} (?:had|has)[^;.:{MASK}]{{3,60}}? and (?:{_FILL}{{0,3}}?)(?P<eyes>{_EYES}),? (?:{_FILL}{{0,1}}?)"
    rf"eyes\b",
    rf"{_WHO}{_ASIDE} (?:had|has)[^;.:{MASK}]{{3,60}}? and (?:{_FILL}{{0,3}}?)(?P<hair>{_HAIR}),? "
    rf"(?:{_FILL}{{0,1}}?){_HAIR_NOUN}\b",
    rf"{_WHO}{_ASIDE} {_BE} (?:{_FILL}{{0,4}}?)(?P<eyes>{_EYES})-eyed\b",
    rf"{_WHO}{_ASIDE} {_BE} (?:{_FILL}{{0,4}}?)(?P<hair>{_HAIR})-haired\b",
    rf"{_WHO}{_ASIDE} {_BE} (?:an? )?(?:{_FILL}{{0,2}}?)(?P<hair>blonde?|redhead|brunette){_END}",
)
_IS_COLOURED = _compiled(
    rf"(?P<eyes>(?i:{_EYES}))-eyed (?P<name>{_NAME})",
    rf"(?P<hair>(?i:{_HAIR}))-haired (?P<name>{_NAME})",
)
_APART = _compiled(
    rf"(?P<name>{_NAME})\b[^;.:{MASK}]*, an? (?:{_FILL}{{0,4}}?)(?:man|woman|girl|boy|lad|lady|gentleman),? with "
    rf"(?:[a-z, -]*? )?(?P<eyes>{_EYES}),? (?:{_FILL}{{0,1}}?)eyes\b",
    rf"(?P<name>{_NAME})\b[^;.:{MASK}]*, an? (?:{_FILL}{{0,4}}?)(?:man|woman|girl|boy|lad|lady|gentleman),? with "
    rf"(?:[a-z, -]*? )?(?P<hair>{_HAIR}),? (?:{_FILL}{{0,1}}?){_HAIR_NOUN}\b",
)
_WITH = _compiled(
    rf"{_WHO}{_ASIDE} {_BE} (?:(?:an?|the) [^;.:{MASK}]{{3,70}}?|[^;.:{MASK}]{{3,40}}?,) with "
    rf"[^;.:{MASK}]{{0,50}}?(?P<eyes>\b{_EYES}) "
    rf"(?:{_FILL}{{0,1}}?)eyes\b",
    rf"{_WHO}{_ASIDE} {_BE} (?:(?:an?|the) [^;.:{MASK}]{{3,70}}?|[^;.:{MASK}]{{3,40}}?,) with "
    rf"[^;.:{MASK}]{{0,50}}?(?P<hair>\b{_HAIR}) "
    rf"(?:{_FILL}{{0,1}}?){_HAIR_NOUN}\b",
)


@_READERS.reads(r"\b(?:eyes|eyed|haired|blonde?|redhead|brunette|" + _HAIR_NOUN + r")\b")
def _colours(reading: _Reading) -> Iterator[Said]:
    for patterns, loosely in ((_COLOURED, True), (_ARE_COLOURED, False), (_WITH, False)):
        for match in matches(patterns, reading.text):
            attribute = "eyes" if "eyes" in match.groupdict() else "hair"
            if subject := _about(reading, match, loosely=loosely):
                yield subject, attribute, _colour(match[attribute])
    for match in matches(_APART, reading.text):
        attribute = "eyes" if "eyes" in match.groupdict() else "hair"
        before = reading.text[: match.start(attribute)]
        names = {name for name, _ in _names(before, reading.around)}
        if len(names) == 1 and not _a_person(before) and reading.is_meant(match.start(), match.end()):
            yield names.pop(), attribute, _colour(match[attribute])
    for match in matches(_IS_COLOURED, reading.text):
        attribute = "eyes" if "eyes" in match.groupdict() else "hair"
        name = _name(match["name"], reading.around, "x ")
        is_any = re.search(r"\b[Aa]n? $", reading.text[: match.start()])  # a golden-haired Venus
        if name and not is_any and reading.is_told(match.start()):
            yield name, attribute, _colour(match[attribute])
    if dyed := _DYED.search(reading.text):  # it only keeps a conflict from being offered, so anybody near may be meant
        for name, _ in _names(f"{reading.sentence.before} {reading.text}", reading.around):
            yield name, "hair dyed", dyed[0]


_DYED = re.compile(r"\b(?:dyed|dye|bleached|tinted|wig)\b")
_SYNONYMS = {
    "gray": "grey",
    "blonde": "blond",
    "golden": "gold",
    "redhead": "red",
    "brunette": "brown",
    "grayish": "greyish",
}


def _colour(said: str) -> str:
    return " ".join(_SYNONYMS.get(word, word) for word in re.split(r"[ -]", said.lower()) if word != "and")


_AGED = _compiled(
    rf"{_WHO}{_ASIDE} (?:was|is|(?:has |had )?(?:just |now )?turned){_STILL} (?P<age>{_NUMBER})(?: (?:years old|"
    rf"years of age))?"
    rf"(?=[,.;:!)—–{MASK}]|--| (?:and|but|years old|years of age|when|that|at the time|now|this|in)\b|$)",
    rf"(?P<who>{_NAME}),? (?:who {_BE}{_STILL} |aged |a (?:man|woman|boy|girl) of )(?P<age>{_NUMBER})(?: years "
    rf"old)?(?=[,.;]| and\b|$)",
    rf"(?P<who>{_NAME}), (?P<age>{_NUMBER}),",
    rf"{_WHO}{_ASIDE} {_BE}{_STILL} an? (?:{_FILL}{{0,4}}?)(?:man|woman|boy|girl|lad|youth|gentleman|lady|widow|"
    rf"widower|"
    rf"bachelor|child) of (?P<age>{_NUMBER})(?: years)?(?=[,.;:]| and\b| with\b|$)",
    rf"{_WHO}{_ASIDE} {_BE} an? (?P<age>{_NUMBER})-year-old\b",
)
_AGED_BEFORE = _compiled(rf"(?P<age>(?i:{_NUMBER}))-year-old (?P<name>{_NAME})")


@_READERS.reads(rf"(?i:\b{_NUMBER}\b)")
def _ages(reading: _Reading) -> Iterator[Said]:
    if _AGO.search(reading.text):
        return
    for match in matches(_AGED, reading.text):
        if subject := _about(reading, match):
            yield subject, "age", _number(match["age"])
    for match in matches(_AGED_BEFORE, reading.text):
        name = _name(match["name"], reading.around, "x ")
        if name and reading.is_told(match.start()):
            yield name, "age", _number(match["age"])


_AGO = re.compile(r"\b(?:ago|earlier|at the age|had been|the year|in those days|back then|in \d{4})\b", re.I)


def _number(said: str) -> str:
    if said.isdigit():
        return said
    return str(sum(_ONES.get(word, 0) + _TENS.get(word, 0) for word in re.split(r"[ -]", said.lower())))


_TALLER = _compiled(
    rf"{_WHO}{_ASIDE} {_BE}{_STILL} (?:an? )?(?:very |quite |rather |remarkably |unusually |exceptionally |extremely "
    rf"|so )?"
    rf"(?P<height>{'|'.join(_TALL)})(?=[,.;:)]| (?:and|but|for (?:his|her) age|(?:{_FILL}{{0,3}}?)(?:man|woman|girl|"
    rf"boy|lad|"
    r"lady|gentleman|fellow|figure|person))\b|$)",
    rf"{_WHO}{_ASIDE} {_BE}{_STILL} an? (?:{_FILL}{{1,2}}?)(?P<height>tall|short),? (?:{_FILL}{{0,3}}?)"
    r"(?:man|woman|girl|boy|lad|lady|gentleman|fellow)\b",
    rf"{_WHO}{_ASIDE} (?:was|is|stood) (?:over |well over )?(?P<feet>{_NUMBER}) (?:feet|foot)(?: "
    rf"(?P<inches>{_NUMBER})(?: inches)?)?"
    r"(?: (?:tall|high|in height)| in (?:his|her) (?:socks|stockings|boots))",
)
_BUILD = _compiled(
    rf"{_WHO}{_ASIDE} {_BE}{_STILL} (?:an? )?(?:(?:very|quite|rather|tall|short|so),? (?:and )?)?(?P<build>{_BUILT})"
    rf"(?=[,.;:)]| (?:and|but|(?:{_FILL}{{0,3}}?)(?:man|woman|girl|boy|lad|lady|gentleman|fellow))\b|$)",
)


@_READERS.reads(rf"\b(?:{'|'.join(_TALL)}|feet|foot|{_BUILT})\b")
def _height(reading: _Reading) -> Iterator[Said]:
    for match in matches(_TALLER, reading.text):
        if subject := _about(reading, match):
            groups = match.groupdict()
            if groups.get("feet"):
                inches = f" {_number(groups['inches'])} in" if groups.get("inches") else ""
                yield subject, "height", f"{_number(groups['feet'])} ft{inches}"
            else:
                yield subject, "height", _TALL[groups["height"] or ""]
    for match in matches(_BUILD, reading.text):
        if subject := _about(reading, match):
            yield subject, "build", match["build"]


_MARKED = _compiled(
    rf"{_WHO}{_ASIDE} (?:had|has|bore|carried) (?:an? |the )(?:{_FILL}{{0,3}}?)(?P<scar>scar)(?: [a-z]+){{0,3}}? "
    rf"(?:across|"
    rf"on|over|above|below|under|down|through|along|beneath) (?:his|her|the) (?P<part>{_PART})",
    rf"(?:[Tt]he|[Aa]) (?:{_FILL}{{0,2}}?)(?P<scar>scar)(?: [a-z]+){{0,2}}? (?:across|on|over|above|below|under|down|"
    rf"through|along|"
    rf"beneath) {_WHOSE} (?P<part>{_PART})",
    rf"(?:[Tt]he|[Aa]) (?:{_FILL}{{0,2}}?)(?P<scar>scar) (?:ran|went|crossed|cut|stretched) (?:[a-z]+ "
    rf"){{0,2}}?{_WHOSE} "
    rf"(?P<part>{_PART})",
    rf"{_WHO}{_ASIDE} (?:had )?(?P<lost>lost) (?:his|her|the) (?P<part>(?:left|right) {_SIDED})",
    rf"{_WHOSE} (?P<part>(?:left|right) {_SIDED}) was (?P<lost>missing|gone|wooden|false|glass)",
    rf"{_WHO}{_ASIDE} {_BE}{_STILL} (?P<lost>missing) (?:his|her|the) (?P<part>(?:left|right) {_SIDED})",
    rf"{_WHO}{_ASIDE} {_BE}{_STILL} (?:[^;,.:{MASK}]{{1,40}} and )?(?P<blind>blind|deaf|lame) (?:in|of) (?:his|her|"
    rf"the|one|one's) (?P<part>(?:left|"
    rf"right) {_SIDED})",
    rf"{_WHO}{_ASIDE} (?P<lame>limped|limps) (?:[a-z]+ )?(?:on|with) (?:his|her) (?P<part>(?:left|right) {_SIDED})",
)
_HANDED = _compiled(
    rf"{_WHO}{_ASIDE} {_BE}{_STILL} (?:an? )?(?P<hand>left|right)-hand(?:ed|er)\b",
    rf"{_WHO}{_ASIDE} (?:wrote|writes|always wrote|painted) with (?:his|her) (?P<hand>left|right) hand",
)


@_READERS.reads(r"\b(?:scar|left|right)\b")
def _marks(reading: _Reading) -> Iterator[Said]:
    for match in matches(_MARKED, reading.text):
        if subject := _about(reading, match):
            (attribute,) = (key for key in ("scar", "lost", "blind", "lame") if match.groupdict().get(key))
            yield subject, match["blind"] if attribute == "blind" else attribute, match["part"]
    for match in matches(_HANDED, reading.text):
        if subject := _about(reading, match):
            yield subject, "hand", match["hand"]


_WORKS = _compiled(
    rf"{_WHO}{_ASIDE} (?:was|is|became|had become)(?: (?:still|now|also))? (?:an?|the) (?:{_FILL}{{0,2}}?)"
    rf"(?P<job>{_JOB})(?![\w'’-])(?! of (?:his|her)\b)",
    rf"(?P<who>{_NAME}), (?:an?|the) (?:{_FILL}{{0,3}}?)(?P<job>{_JOB})(?=[,.;]| (?:who|of|from|in)\b)",
    rf"{_WHO}{_ASIDE} worked as an? (?:{_FILL}{{0,2}}?)(?P<job>{_JOB})\b",
)
_IS_THE = re.compile(
    rf"\b[Tt]he (?P<job>{_JOB})(?: of (?:the )?{_NAME})? {_BE} (?:named |called )?(?P<who>{_NAME})(?=[,.;:]| and\b|$)"
)


@_READERS.reads(rf"\b{_JOB}\b")
def _jobs(reading: _Reading) -> Iterator[Said]:
    for match in matches(_WORKS, reading.text):
        if subject := _about(reading, match):
            yield subject, "occupation", match["job"]
    for match in _IS_THE.finditer(reading.text):
        subject = reading.named(match["who"], match.start("who"))
        is_known = subject and reading.around.count(subject) > 1  # else "The cook was Jamaican", too
        if subject and is_known and reading.is_meant(match.start(), match.end()):
            yield subject, "occupation", match["job"]


_WED = _compiled(
    rf"{_WHO}{_ASIDE} {_BE}{_STILL} (?P<state>married|unmarried|a widow|a widower|a bachelor|a spinster|divorced)"
    rf"(?=[,.;:]| (?:and|but)\b|$)",
)
_MARRIED = _compiled(rf"{_WHO}{_ASIDE} (?:had )?married (?P<other>{_NAME})(?! and\b)")


@_READERS.reads(r"\b(?:married|unmarried|widow|widower|bachelor|spinster|divorced)\b")
def _marriage(reading: _Reading) -> Iterator[Said]:
    for match in matches(_WED, reading.text):
        if subject := _about(reading, match):
            yield subject, "marriage", re.sub("^a ", "", match["state"])
    for match in matches(_MARRIED, reading.text):
        other = _name(match["other"], reading.around, "x ")
        if other and (subject := _about(reading, match)) and subject != other:
            yield subject, "spouse", other


_RELATED = _compiled(
    # Anne's elder sister Mary; his sister, Mary Elliot,
    rf"{_WHOSE} {_RANK_OF_KIN}(?P<kin>{_KIN}),? (?P<other>{_NAME})(?!['’]s)",
    # Mary, Anne's elder sister,
    rf"(?P<other>{_NAME}), {_WHOSE} {_RANK_OF_KIN}(?P<kin>{_KIN})(?=[,.;]|$)",
    # Mary was Anne's elder sister
    rf"(?P<other>{_NAME}){_ASIDE} {_BE} {_WHOSE} {_RANK_OF_KIN}(?P<kin>{_KIN})(?=[,.;:]| (?:and|by|who|but)\b|$)",
    # Anne's sister was Mary; Anne's sister was called Mary
    rf"{_WHOSE} {_RANK_OF_KIN}(?P<kin>{_KIN}) {_BE} (?:named |called )?(?P<other>{_NAME})(?=[,.;]| and\b|$)",
)
_RELATED_TO = _compiled(
    # Mary was the younger daughter of Sir Walter; Mary, daughter of Sir Walter,
    rf"(?P<other>{_NAME})(?:{_ASIDE} {_BE} (?:the |an? )|, (?:the |an? )?){_RANK_OF_KIN}(?P<kin>{_KIN}) (?:of|to) "
    rf"(?P<whose>{_NAME})(?!['’]s)",
)


@_READERS.reads(rf"\b{_KIN}\b")
def _kinship(reading: _Reading) -> Iterator[Said]:
    for patterns in (_RELATED, _RELATED_TO):
        for match in matches(patterns, reading.text):
            text = reading.text
            first = min(match.start("whose"), match.start("other"))
            if not reading.is_meant(first, match.end()) or _LISTED.match(text, match.end()):
                continue
            after_kin = match.start("other") > match.start("kin")
            other = _name(match["other"], reading.around, "x " if first < match.start("other") else text[:first])
            if not after_kin and not _CLAUSE.search(text, max(0, first - 12), first):
                continue
            subject = reading.owner(match)
            if other and subject and not _same(subject, other):
                rank = _RANKS.get(match["elder"] or "", "")
                yield subject, f"{rank} {match['kin']}".strip(), other


_RANKS = dict.fromkeys(("elder", "older", "big"), "elder") | dict.fromkeys(
    ("younger", "little", "kid", "baby"), "younger"
)
_LISTED = re.compile(rf",? (?:and|or) (?:(?:his|her|their) )?(?:{_NAME}|{_KIN})|, {_NAME},? and ")


def _same(one: str, other: str) -> bool:
    return bool(set(one.split()) & set(other.split()) - {"Mr.", "Mrs.", "Miss", "Mr", "Mrs", "Sir", "Lady"})


_COMES = _compiled(
    rf"{_WHO}{_ASIDE} (?:was|is|had been) (?P<born>born) (?:and (?:raised|bred) )?(?:in|at) (?P<place>{_PLACE})",
    rf"{_WHO}{_ASIDE} (?:had )?(?P<home>grew up|grown up|lives|lived) (?:in|at) (?P<place>{_PLACE})",
    rf"{_WHO}{_ASIDE} (?:(?P<from>came|comes|hailed|hails) (?:originally )?from|(?:was|is) (?P<native>a native of|"
    rf"from)) (?P<place>{_PLACE})(?=[,.;]| and\b|$)",
)
_NATIVE = re.compile(
    rf"(?P<who>{_A_NAME.pattern}), (?:a native of|an? (?:{_FILL}{{0,3}}?)(?:{_PERSON}|{_JOB}|{_WORD}) from) "
    rf"(?P<place>{_PLACE})(?=[,.;]| and\b|$)"
)
_DATED = _compiled(
    rf"{_WHO}{_ASIDE} (?:was|had been) (?P<what>born)[^.;{MASK}]{{0,40}}? (?:in|of) (?:the (?:year|spring|summer|"
    rf"autumn|winter) (?:of )?)?(?:[A-Z][a-z]+ )?(?P<year>{_YEAR})\b",
    rf"{_WHO}{_ASIDE} (?:had )?(?P<what>died|married)[^.;{MASK}]{{0,40}}? (?:in|of) (?:the (?:year|spring|summer|"
    rf"autumn|winter) (?:of )?)?(?:[A-Z][a-z]+ )?(?P<year>{_YEAR})\b",
)


@_READERS.reads(r"\b(?:born|grew up|grown up|lives|lived|came|comes|hailed|hails|native|from|died|married)\b")
def _origins(reading: _Reading) -> Iterator[Said]:
    for match in matches(_COMES, reading.text):
        place = re.sub("^the ", "", match["place"])
        if place.split()[0].lower() not in _STOPS and (subject := _about(reading, match)):
            groups = match.groupdict()
            yield subject, "birthplace" if groups.get("born") else "home", place
    for match in _NATIVE.finditer(reading.text):
        subject = reading.named(match["who"], match.start("who"))
        is_his = not re.search(r"\b(?:of|and|or|['’]s) $", reading.text[: match.start()])
        if subject and is_his and reading.is_meant(match.start(), match.end()):
            yield subject, "home", re.sub("^the ", "", match["place"])
    for match in matches(_DATED, reading.text):
        if subject := _about(reading, match):
            yield subject, {"born": "birth", "died": "death", "married": "wedding"}[match["what"]], match["year"]


_DIED = _compiled(
    rf"{_WHO}{_ASIDE} (?:had |has )?(?P<dead>died)\b(?! (?:in \d|away|down|to|laughing|for|of laugh))",
    rf"{_WHO}{_ASIDE} (?:was|is|had been)(?: already| now| long)? (?P<dead>dead)\b(?! (?:tired|drunk|asleep|to|set|"
    rf"against|certain|sure|calm|white|pale|silent|still|on))",
)


@_READERS.reads(r"\b(?:died|dead)\b")
def _deaths(reading: _Reading) -> Iterator[Said]:
    for match in matches(_DIED, reading.text):
        if subject := _about(reading, match):
            yield subject, "death", "dead"


_OWNED = _compiled(
    rf"{_WHOSE} (?:{_FILL}{{0,2}}?)(?P<thing>{_THING}),? (?:(?:was |is )?(?:called|named),? )?(?:the "
    rf")?{_QUOTE}(?P<name>{_WORD}(?: {_WORD})?){_QUOTE}(?!['’]s)(?=[,.;]| (?:was|had|is|and|ran|who|which|at|in|lay|"
    rf"came)\b|$)",
    rf"{_WHO}{_ASIDE} (?:had|has|owned|kept|rode|sailed|bought|carried) an? (?:{_FILL}{{0,3}}?)(?P<thing>{_THING})"
    rf"(?: [a-z]+)? (?:called|named) (?:the )?{_QUOTE}(?P<name>{_WORD}(?: {_WORD})?)",
)
_NAMED = _compiled(
    rf"[Aa]n? (?:{_FILL}{{0,3}}?)(?P<thing>{_THING}) (?:called|named) (?:the )?{_QUOTE}(?P<name>{_WORD}(?: {_WORD})?)",
)


@_READERS.reads(rf"\b{_THING}\b")
def _belongings(reading: _Reading) -> Iterator[Said]:
    for match in matches(_OWNED, reading.text):
        subject = _about(reading, match)
        if subject and not any(map(_is_stop, match["name"].split())):
            yield subject, match["thing"], match["name"]
    for match in matches(_NAMED, reading.text):
        if reading.is_told(match.start()) and not any(map(_is_stop, match["name"].split())):
            yield match["name"], "kind", match["thing"]
