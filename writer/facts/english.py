"""What English sentences say of people; patterns that would rather miss a fact than make one up."""

from __future__ import annotations

import re
from collections.abc import Iterator

from writer.facts.readers import Readers, Said, matches
from writer.facts.reading import (
    A_NAME,
    ASIDE,
    NAME,
    PERSON,
    WHO,
    WHOSE,
    WORD,
    EnglishReading,
    has_a_person,
    is_stop,
    name_of,
    names_in,
)
from writer.facts.statement import MASK, Statement
from writer.facts.words import any_of, words

_PLACE = rf"(?:the )?{WORD}(?:[ -](?:upon|on|of|the|under|le|la|de|du|{WORD})){{0,3}}"
_QUOTE = r"[\"“”'‘’_*]?"
_COLOUR = any_of(words("english", "eye_colours"))
_HAIR_COLOUR = any_of(words("english", "hair_colours"))
_SHADE = rf"(?:{any_of(words('english', 'shades'))}[ -])"
_EYES = rf"(?:{_SHADE}?{_COLOUR}(?:(?:-| and |-and-){_COLOUR})?)"
_HAIR = rf"(?:{_SHADE}?{_HAIR_COLOUR}(?:-{_HAIR_COLOUR})?)"
_HAIR_NOUN = r"(?:hair|curls|locks|ringlets|braids|plaits|tresses|ponytail)"
_FILL = (
    r"(?:(?!(?:in|on|at|to|of|by|as|like|with|from|upon|fixed|turned|not|no|never|than|nor|the|his|her|neither|"
    r"almost|nearly|about|red|becoming|growing)\b)[a-z]+(?:-[a-z]+)*,? )"
)
_END = r"(?=[,.;:!?)—–\x01]|-(?!\w)| (?:and|but|eyes|behind|under|beneath|in the|though|while|when|now|today)\b|$)"

_UNITS = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_DECADES = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ONES = {word: number for number, word in enumerate(_UNITS)}
_TENS = {word: 10 * number for number, word in enumerate(_DECADES, 2)}
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
_JOBS = words("english", "jobs")
_JOB = rf"(?:(?:first|second|third|chief) mate|{any_of(_JOBS)})"
_THING = any_of(words("english", "pets") | words("english", "things"))
_SIDED = (
    "(?:eye|ear|hand|arm|leg|foot|knee|cheek|eyebrow|brow|temple|shoulder|wrist|thumb|thigh|hip|forearm|ankle|palm|jaw)"
)
_PART = rf"(?:(?:left|right) {_SIDED}|forehead|chin|nose|throat|neck|lip|upper lip|lower lip|back|chest|{_SIDED})"
_TALL = {"tall": "tall", "short": "short", "diminutive": "short", "lanky": "tall", "towering": "tall"}
_BUILT = "|".join(sorted(words("english", "builds")))

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


def _is_worth(text: str) -> bool:
    words = _A_WORD.findall(text.lower())
    return not _WORTH.isdisjoint(words) or any(word[0] < "a" for word in words)


_READERS = Readers(EnglishReading)
_ASKS = re.compile(rf"\?[{MASK}\"'”’) ]*\Z")


def stated(text: str) -> list[Statement]:
    """What the narrator says of people by name, or by a pronoun that can only mean one."""
    return _READERS.stated(text, _is_worth, _ASKS)


# Each of the following: patterns with a group ``who`` (before a verb) or ``whose`` (a genitive).


def _compiled(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(rf"(?<![\w'’\-]){pattern}") for pattern in patterns)


_COLOURED = _compiled(
    rf"{WHOSE} (?:{_FILL}{{0,3}}?)(?P<eyes>{_EYES}),? (?:{_FILL}{{0,2}}?)eyes\b(?! of)",
    rf"{WHOSE} (?:{_FILL}{{0,3}}?)(?P<hair>{_HAIR}),? (?:{_FILL}{{0,2}}?){_HAIR_NOUN}\b",
)
_ARE_COLOURED = _compiled(
    rf"{WHOSE} (?:{_FILL}{{0,2}}?)eyes (?:were|are) (?:(?:a|an|the) )?(?:{_FILL}{{0,3}}?)(?P<eyes>{_EYES}){_END}",
    rf"{WHOSE} (?:{_FILL}{{0,2}}?){_HAIR_NOUN} (?:was|is|were) (?:(?:a|an|the) )?(?:{_FILL}{{0,3}}?)"
    rf"(?P<hair>{_HAIR}){_END}",
    rf"{WHOSE} eyes,? (?:(?:a|the) )?(?:{_FILL}{{0,2}}?)(?P<eyes>{_EYES}),",
    rf"{WHO}{ASIDE} (?:had|has|possessed)(?: [a-z]+ly)?(?: [a-z]+['’]s)?(?: a pair of)? (?:{_FILL}{{0,4}}?)"
    rf"(?P<eyes>{_EYES}),? (?:{_FILL}{{0,2}}?)eyes\b",
    rf"{WHO}{ASIDE} (?:had|has) (?:{_FILL}{{0,4}}?)(?P<hair>{_HAIR}),? (?:{_FILL}{{0,2}}?){_HAIR_NOUN}\b",
    rf"{WHO}{ASIDE} (?:had|has)[^;.:{MASK}]{{3,60}}? and (?:{_FILL}{{0,3}}?)(?P<eyes>{_EYES}),? (?:{_FILL}{{0,1}}?)"
    rf"eyes\b",
    rf"{WHO}{ASIDE} (?:had|has)[^;.:{MASK}]{{3,60}}? and (?:{_FILL}{{0,3}}?)(?P<hair>{_HAIR}),? "
    rf"(?:{_FILL}{{0,1}}?){_HAIR_NOUN}\b",
    rf"{WHO}{ASIDE} {_BE} (?:{_FILL}{{0,4}}?)(?P<eyes>{_EYES})-eyed\b",
    rf"{WHO}{ASIDE} {_BE} (?:{_FILL}{{0,4}}?)(?P<hair>{_HAIR})-haired\b",
    rf"{WHO}{ASIDE} {_BE} (?:an? )?(?:{_FILL}{{0,2}}?)(?P<hair>blonde?|redhead|brunette){_END}",
)
_IS_COLOURED = _compiled(
    rf"(?P<eyes>(?i:{_EYES}))-eyed (?P<name>{NAME})",
    rf"(?P<hair>(?i:{_HAIR}))-haired (?P<name>{NAME})",
)
_APART = _compiled(
    rf"(?P<name>{NAME})\b[^;.:{MASK}]*, an? (?:{_FILL}{{0,4}}?)(?:man|woman|girl|boy|lad|lady|gentleman),? with "
    rf"(?:[a-z, -]*? )?(?P<eyes>{_EYES}),? (?:{_FILL}{{0,1}}?)eyes\b",
    rf"(?P<name>{NAME})\b[^;.:{MASK}]*, an? (?:{_FILL}{{0,4}}?)(?:man|woman|girl|boy|lad|lady|gentleman),? with "
    rf"(?:[a-z, -]*? )?(?P<hair>{_HAIR}),? (?:{_FILL}{{0,1}}?){_HAIR_NOUN}\b",
)
_WITH = _compiled(
    rf"{WHO}{ASIDE} {_BE} (?:(?:an?|the) [^;.:{MASK}]{{3,70}}?|[^;.:{MASK}]{{3,40}}?,) with "
    rf"[^;.:{MASK}]{{0,50}}?(?P<eyes>\b{_EYES}) "
    rf"(?:{_FILL}{{0,1}}?)eyes\b",
    rf"{WHO}{ASIDE} {_BE} (?:(?:an?|the) [^;.:{MASK}]{{3,70}}?|[^;.:{MASK}]{{3,40}}?,) with "
    rf"[^;.:{MASK}]{{0,50}}?(?P<hair>\b{_HAIR}) "
    rf"(?:{_FILL}{{0,1}}?){_HAIR_NOUN}\b",
)


@_READERS.reads(r"\b(?:eyes|eyed|haired|blonde?|redhead|brunette|" + _HAIR_NOUN + r")\b")
def _colours(reading: EnglishReading) -> Iterator[Said]:
    for patterns, loosely in ((_COLOURED, True), (_ARE_COLOURED, False), (_WITH, False)):
        for match in matches(patterns, reading.text):
            attribute = "eyes" if "eyes" in match.groupdict() else "hair"
            if subject := reading.about(match, loosely=loosely):
                yield subject, attribute, _colour(match[attribute])
    for match in matches(_APART, reading.text):
        attribute = "eyes" if "eyes" in match.groupdict() else "hair"
        before = reading.text[: match.start(attribute)]
        names = {name for name, _ in names_in(before, reading.around)}
        if len(names) == 1 and not has_a_person(before) and reading.is_meant(match.start(), match.end()):
            yield names.pop(), attribute, _colour(match[attribute])
    for match in matches(_IS_COLOURED, reading.text):
        attribute = "eyes" if "eyes" in match.groupdict() else "hair"
        name = name_of(match["name"], reading.around, "x ")
        is_any = re.search(r"\b[Aa]n? $", reading.text[: match.start()])  # a golden-haired Venus
        if name and not is_any and reading.is_told(match.start()):
            yield name, attribute, _colour(match[attribute])
    if dyed := _DYED.search(reading.text):  # it only keeps a conflict from being offered, so anybody near may be meant
        for name, _ in names_in(f"{reading.sentence.before} {reading.text}", reading.around):
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
    rf"{WHO}{ASIDE} (?:was|is|(?:has |had )?(?:just |now )?turned){_STILL} (?P<age>{_NUMBER})(?: (?:years old|"
    rf"years of age))?"
    rf"(?=[,.;:!)—–{MASK}]|--| (?:and|but|years old|years of age|when|that|at the time|now|this|in)\b|$)",
    rf"(?P<who>{NAME}),? (?:who {_BE}{_STILL} |aged |a (?:man|woman|boy|girl) of )(?P<age>{_NUMBER})(?: years "
    rf"old)?(?=[,.;]| and\b|$)",
    rf"(?P<who>{NAME}), (?P<age>{_NUMBER}),",
    rf"{WHO}{ASIDE} {_BE}{_STILL} an? (?:{_FILL}{{0,4}}?)(?:man|woman|boy|girl|lad|youth|gentleman|lady|widow|"
    rf"widower|"
    rf"bachelor|child) of (?P<age>{_NUMBER})(?: years)?(?=[,.;:]| and\b| with\b|$)",
    rf"{WHO}{ASIDE} {_BE} an? (?P<age>{_NUMBER})-year-old\b",
)
_AGED_BEFORE = _compiled(rf"(?P<age>(?i:{_NUMBER}))-year-old (?P<name>{NAME})")


@_READERS.reads(rf"(?i:\b{_NUMBER}\b)")
def _ages(reading: EnglishReading) -> Iterator[Said]:
    if _AGO.search(reading.text):
        return
    for match in matches(_AGED, reading.text):
        if subject := reading.about(match):
            yield subject, "age", _number(match["age"])
    for match in matches(_AGED_BEFORE, reading.text):
        name = name_of(match["name"], reading.around, "x ")
        if name and reading.is_told(match.start()):
            yield name, "age", _number(match["age"])


_AGO = re.compile(r"\b(?:ago|earlier|at the age|had been|the year|in those days|back then|in \d{4})\b", re.I)


def _number(said: str) -> str:
    if said.isdigit():
        return said
    return str(sum(_ONES.get(word, 0) + _TENS.get(word, 0) for word in re.split(r"[ -]", said.lower())))


_TALLER = _compiled(
    rf"{WHO}{ASIDE} {_BE}{_STILL} (?:an? )?(?:very |quite |rather |remarkably |unusually |exceptionally |extremely "
    rf"|so )?"
    rf"(?P<height>{'|'.join(_TALL)})(?=[,.;:)]| (?:and|but|for (?:his|her) age|(?:{_FILL}{{0,3}}?)(?:man|woman|girl|"
    rf"boy|lad|"
    r"lady|gentleman|fellow|figure|person))\b|$)",
    rf"{WHO}{ASIDE} {_BE}{_STILL} an? (?:{_FILL}{{1,2}}?)(?P<height>tall|short),? (?:{_FILL}{{0,3}}?)"
    r"(?:man|woman|girl|boy|lad|lady|gentleman|fellow)\b",
    rf"{WHO}{ASIDE} (?:was|is|stood) (?:over |well over )?(?P<feet>{_NUMBER}) (?:feet|foot)(?: "
    rf"(?P<inches>{_NUMBER})(?: inches)?)?"
    r"(?: (?:tall|high|in height)| in (?:his|her) (?:socks|stockings|boots))",
)
_BUILD = _compiled(
    rf"{WHO}{ASIDE} {_BE}{_STILL} (?:an? )?(?:(?:very|quite|rather|tall|short|so),? (?:and )?)?(?P<build>{_BUILT})"
    rf"(?=[,.;:)]| (?:and|but|(?:{_FILL}{{0,3}}?)(?:man|woman|girl|boy|lad|lady|gentleman|fellow))\b|$)",
)


@_READERS.reads(rf"\b(?:{'|'.join(_TALL)}|feet|foot|{_BUILT})\b")
def _height(reading: EnglishReading) -> Iterator[Said]:
    for match in matches(_TALLER, reading.text):
        if subject := reading.about(match):
            groups = match.groupdict()
            if groups.get("feet"):
                inches = f" {_number(groups['inches'])} in" if groups.get("inches") else ""
                yield subject, "height", f"{_number(groups['feet'])} ft{inches}"
            else:
                yield subject, "height", _TALL[groups["height"] or ""]
    for match in matches(_BUILD, reading.text):
        if subject := reading.about(match):
            yield subject, "build", match["build"]


_MARKED = _compiled(
    rf"{WHO}{ASIDE} (?:had|has|bore|carried) (?:an? |the )(?:{_FILL}{{0,3}}?)(?P<scar>scar)(?: [a-z]+){{0,3}}? "
    rf"(?:across|"
    rf"on|over|above|below|under|down|through|along|beneath) (?:his|her|the) (?P<part>{_PART})",
    rf"(?:[Tt]he|[Aa]) (?:{_FILL}{{0,2}}?)(?P<scar>scar)(?: [a-z]+){{0,2}}? (?:across|on|over|above|below|under|down|"
    rf"through|along|"
    rf"beneath) {WHOSE} (?P<part>{_PART})",
    rf"(?:[Tt]he|[Aa]) (?:{_FILL}{{0,2}}?)(?P<scar>scar) (?:ran|went|crossed|cut|stretched) (?:[a-z]+ "
    rf"){{0,2}}?{WHOSE} "
    rf"(?P<part>{_PART})",
    rf"{WHO}{ASIDE} (?:had )?(?P<lost>lost) (?:his|her|the) (?P<part>(?:left|right) {_SIDED})",
    rf"{WHOSE} (?P<part>(?:left|right) {_SIDED}) was (?P<lost>missing|gone|wooden|false|glass)",
    rf"{WHO}{ASIDE} {_BE}{_STILL} (?P<lost>missing) (?:his|her|the) (?P<part>(?:left|right) {_SIDED})",
    rf"{WHO}{ASIDE} {_BE}{_STILL} (?:[^;,.:{MASK}]{{1,40}} and )?(?P<blind>blind|deaf|lame) (?:in|of) (?:his|her|"
    rf"the|one|one's) (?P<part>(?:left|"
    rf"right) {_SIDED})",
    rf"{WHO}{ASIDE} (?P<lame>limped|limps) (?:[a-z]+ )?(?:on|with) (?:his|her) (?P<part>(?:left|right) {_SIDED})",
)
_HANDED = _compiled(
    rf"{WHO}{ASIDE} {_BE}{_STILL} (?:an? )?(?P<hand>left|right)-hand(?:ed|er)\b",
    rf"{WHO}{ASIDE} (?:wrote|writes|always wrote|painted) with (?:his|her) (?P<hand>left|right) hand",
)


@_READERS.reads(r"\b(?:scar|left|right)\b")
def _marks(reading: EnglishReading) -> Iterator[Said]:
    for match in matches(_MARKED, reading.text):
        if subject := reading.about(match):
            (attribute,) = (key for key in ("scar", "lost", "blind", "lame") if match.groupdict().get(key))
            yield subject, match["blind"] if attribute == "blind" else attribute, match["part"]
    for match in matches(_HANDED, reading.text):
        if subject := reading.about(match):
            yield subject, "hand", match["hand"]


_WORKS = _compiled(
    rf"{WHO}{ASIDE} (?:was|is|became|had become)(?: (?:still|now|also))? (?:an?|the) (?:{_FILL}{{0,2}}?)"
    rf"(?P<job>{_JOB})(?![\w'’-])(?! of (?:his|her)\b)",
    rf"(?P<who>{NAME}), (?:an?|the) (?:{_FILL}{{0,3}}?)(?P<job>{_JOB})(?=[,.;]| (?:who|of|from|in)\b)",
    rf"{WHO}{ASIDE} worked as an? (?:{_FILL}{{0,2}}?)(?P<job>{_JOB})\b",
)
_IS_THE = re.compile(
    rf"\b[Tt]he (?P<job>{_JOB})(?: of (?:the )?{NAME})? {_BE} (?:named |called )?(?P<who>{NAME})(?=[,.;:]| and\b|$)"
)


@_READERS.reads(rf"\b{_JOB}\b")
def _jobs(reading: EnglishReading) -> Iterator[Said]:
    for match in matches(_WORKS, reading.text):
        if subject := reading.about(match):
            yield subject, "occupation", match["job"]
    for match in _IS_THE.finditer(reading.text):
        subject = reading.named(match["who"], match.start("who"))
        is_known = subject and reading.around.count(subject) > 1  # else "The cook was Jamaican", too
        if subject and is_known and reading.is_meant(match.start(), match.end()):
            yield subject, "occupation", match["job"]


_WED = _compiled(
    rf"{WHO}{ASIDE} {_BE}{_STILL} (?P<state>married|unmarried|a widow|a widower|a bachelor|a spinster|divorced)"
    rf"(?=[,.;:]| (?:and|but)\b|$)",
)
_MARRIED = _compiled(rf"{WHO}{ASIDE} (?:had )?married (?P<other>{NAME})(?! and\b)")


@_READERS.reads(r"\b(?:married|unmarried|widow|widower|bachelor|spinster|divorced)\b")
def _marriage(reading: EnglishReading) -> Iterator[Said]:
    for match in matches(_WED, reading.text):
        if subject := reading.about(match):
            yield subject, "marriage", re.sub("^a ", "", match["state"])
    for match in matches(_MARRIED, reading.text):
        other = name_of(match["other"], reading.around, "x ")
        if other and (subject := reading.about(match)) and subject != other:
            yield subject, "spouse", other


_RELATED = _compiled(
    # Anne's elder sister Mary; his sister, Mary Elliot,
    rf"{WHOSE} {_RANK_OF_KIN}(?P<kin>{_KIN}),? (?P<other>{NAME})(?!['’]s)",
    # Mary, Anne's elder sister,
    rf"(?P<other>{NAME}), {WHOSE} {_RANK_OF_KIN}(?P<kin>{_KIN})(?=[,.;]|$)",
    # Mary was Anne's elder sister
    rf"(?P<other>{NAME}){ASIDE} {_BE} {WHOSE} {_RANK_OF_KIN}(?P<kin>{_KIN})(?=[,.;:]| (?:and|by|who|but)\b|$)",
    # Anne's sister was Mary; Anne's sister was called Mary
    rf"{WHOSE} {_RANK_OF_KIN}(?P<kin>{_KIN}) {_BE} (?:named |called )?(?P<other>{NAME})(?=[,.;]| and\b|$)",
)
_RELATED_TO = _compiled(
    # Mary was the younger daughter of Sir Walter; Mary, daughter of Sir Walter,
    rf"(?P<other>{NAME})(?:{ASIDE} {_BE} (?:the |an? )|, (?:the |an? )?){_RANK_OF_KIN}(?P<kin>{_KIN}) (?:of|to) "
    rf"(?P<whose>{NAME})(?!['’]s)",
)


@_READERS.reads(rf"\b{_KIN}\b")
def _kinship(reading: EnglishReading) -> Iterator[Said]:
    for patterns in (_RELATED, _RELATED_TO):
        for match in matches(patterns, reading.text):
            text = reading.text
            first = min(match.start("whose"), match.start("other"))
            if not reading.is_meant(first, match.end()) or _LISTED.match(text, match.end()):
                continue
            after_kin = match.start("other") > match.start("kin")
            other = name_of(match["other"], reading.around, "x " if first < match.start("other") else text[:first])
            if not after_kin and not reading.opens_clause(first):
                continue
            subject = reading.owner(match)
            if other and subject and not _same(subject, other):
                rank = _RANKS.get(match["elder"] or "", "")
                yield subject, f"{rank} {match['kin']}".strip(), other


_RANKS = dict.fromkeys(("elder", "older", "big"), "elder") | dict.fromkeys(
    ("younger", "little", "kid", "baby"), "younger"
)
_LISTED = re.compile(rf",? (?:and|or) (?:(?:his|her|their) )?(?:{NAME}|{_KIN})|, {NAME},? and ")


def _same(one: str, other: str) -> bool:
    return bool(set(one.split()) & set(other.split()) - {"Mr.", "Mrs.", "Miss", "Mr", "Mrs", "Sir", "Lady"})


_COMES = _compiled(
    rf"{WHO}{ASIDE} (?:was|is|had been) (?P<born>born) (?:and (?:raised|bred) )?(?:in|at) (?P<place>{_PLACE})",
    rf"{WHO}{ASIDE} (?:had )?(?P<home>grew up|grown up|lives|lived) (?:in|at) (?P<place>{_PLACE})",
    rf"{WHO}{ASIDE} (?:(?P<from>came|comes|hailed|hails) (?:originally )?from|(?:was|is) (?P<native>a native of|"
    rf"from)) (?P<place>{_PLACE})(?=[,.;]| and\b|$)",
)
_NATIVE = re.compile(
    rf"(?P<who>{A_NAME.pattern}), (?:a native of|an? (?:{_FILL}{{0,3}}?)(?:{PERSON}|{_JOB}|{WORD}) from) "
    rf"(?P<place>{_PLACE})(?=[,.;]| and\b|$)"
)
_DATED = _compiled(
    rf"{WHO}{ASIDE} (?:was|had been) (?P<what>born)[^.;{MASK}]{{0,40}}? (?:in|of) (?:the (?:year|spring|summer|"
    rf"autumn|winter) (?:of )?)?(?:[A-Z][a-z]+ )?(?P<year>{_YEAR})\b",
    rf"{WHO}{ASIDE} (?:had )?(?P<what>died|married)[^.;{MASK}]{{0,40}}? (?:in|of) (?:the (?:year|spring|summer|"
    rf"autumn|winter) (?:of )?)?(?:[A-Z][a-z]+ )?(?P<year>{_YEAR})\b",
)


@_READERS.reads(r"\b(?:born|grew up|grown up|lives|lived|came|comes|hailed|hails|native|from|died|married)\b")
def _origins(reading: EnglishReading) -> Iterator[Said]:
    for match in matches(_COMES, reading.text):
        place = re.sub("^the ", "", match["place"])
        if not is_stop(place.split()[0]) and (subject := reading.about(match)):
            groups = match.groupdict()
            yield subject, "birthplace" if groups.get("born") else "home", place
    for match in _NATIVE.finditer(reading.text):
        subject = reading.named(match["who"], match.start("who"))
        is_his = not re.search(r"\b(?:of|and|or|['’]s) $", reading.text[: match.start()])
        if subject and is_his and reading.is_meant(match.start(), match.end()):
            yield subject, "home", re.sub("^the ", "", match["place"])
    for match in matches(_DATED, reading.text):
        if subject := reading.about(match):
            yield subject, {"born": "birth", "died": "death", "married": "wedding"}[match["what"]], match["year"]


_DIED = _compiled(
    rf"{WHO}{ASIDE} (?:had |has )?(?P<dead>died)\b(?! (?:in \d|away|down|to|laughing|for|of laugh))",
    rf"{WHO}{ASIDE} (?:was|is|had been)(?: already| now| long)? (?P<dead>dead)\b(?! (?:tired|drunk|asleep|to|set|"
    rf"against|certain|sure|calm|white|pale|silent|still|on))",
)


@_READERS.reads(r"\b(?:died|dead)\b")
def _deaths(reading: EnglishReading) -> Iterator[Said]:
    for match in matches(_DIED, reading.text):
        if subject := reading.about(match):
            yield subject, "death", "dead"


_OWNED = _compiled(
    rf"{WHOSE} (?:{_FILL}{{0,2}}?)(?P<thing>{_THING}),? (?:(?:was |is )?(?:called|named),? )?(?:the "
    rf")?{_QUOTE}(?P<name>{WORD}(?: {WORD})?){_QUOTE}(?!['’]s)(?=[,.;]| (?:was|had|is|and|ran|who|which|at|in|lay|"
    rf"came)\b|$)",
    rf"{WHO}{ASIDE} (?:had|has|owned|kept|rode|sailed|bought|carried) an? (?:{_FILL}{{0,3}}?)(?P<thing>{_THING})"
    rf"(?: [a-z]+)? (?:called|named) (?:the )?{_QUOTE}(?P<name>{WORD}(?: {WORD})?)",
)
_NAMED = _compiled(
    rf"[Aa]n? (?:{_FILL}{{0,3}}?)(?P<thing>{_THING}) (?:called|named) (?:the )?{_QUOTE}(?P<name>{WORD}(?: {WORD})?)",
)


@_READERS.reads(rf"\b{_THING}\b")
def _belongings(reading: EnglishReading) -> Iterator[Said]:
    for match in matches(_OWNED, reading.text):
        subject = reading.about(match)
        if subject and not any(map(is_stop, match["name"].split())):
            yield subject, match["thing"], match["name"]
    for match in matches(_NAMED, reading.text):
        if reading.is_told(match.start()) and not any(map(is_stop, match["name"].split())):
            yield match["name"], "kind", match["thing"]
