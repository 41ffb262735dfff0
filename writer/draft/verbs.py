"""English verbs in a sentence that says what happens, and the same sentence in another tense or person."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from functools import cache, lru_cache

from writer import files
from writer.sources.quotations import quotations

_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
_STANDS_IN = "\ue000Q"
"""Stands for a quotation while the words around it are put in another tense, as a name does before or behind a verb."""
_VOWELS = "aeiou"
_MODAL = re.compile(
    r"\b(?:must|should|shall|will|has to|have to|needs? to|ought to)\s+(?:then\s+)?"
    r"(?!not\b|never\b|[a-z]+ly\b)([a-z]+)\b",
    re.I,
)
_FIRST = re.compile(r"\b(?:I|me|my|I'm|I'd|I've|I'll)\b")
_THIRD = re.compile(r"\b(?:he|she|they|his|her|their|him|them)\b", re.I)
_WERE = frozenset({"was", "were", "had", "did"})
_JOINS = re.compile(
    r"[,;:—–\ue000]|\b(?:and|but|or|nor|so|yet|then|when|while|before|after|as|because|until|till|that|who|which|what|if|where"
    r"|since|though|although|once|how|why)\b",
    re.I,
)
"""Where a clause begins, which has one verb that tells the time."""
_LIE = re.compile(r"\s+(?:that|about|to|and)\b", re.I)
_NARRATOR = re.compile(r"\b[Tt]he (?:narrator|protagonist|main character|hero(?:ine)?)\b(?:['’]s)?")


def base(word: str) -> str:
    """The form under which a dictionary has a verb, where this is an irregular form of one; else the word."""
    return _bases().get(word, word)


def around_quotations(text: str, change: Callable[[str], str]) -> str:
    """A text changed outside its quotation marks; what is inside stays as it is."""
    quoted = iter(quotations(text))
    return re.sub(
        _STANDS_IN, lambda match: quotation.text if (quotation := next(quoted, None)) else match[0], change(_told(text))
    )


def _told(text: str) -> str:
    """A text with something that stands in for what is quoted in it."""
    parts, at = [], 0
    for quotation in quotations(text):
        parts += [text[at : quotation.start], _STANDS_IN]
        at = quotation.end
    return "".join([*parts, text[at:]])


def past(clause: str) -> str:
    """A clause in the present tense, told in the past; what is quoted or no verb in the present stays as it is."""
    return around_quotations(clause, _past_of_clause)


def _past_of_clause(clause: str) -> str:
    clause = _MODAL.sub(lambda match: {"be": "was"}.get(match[1].lower(), _past(match[1].lower())), clause)
    words = list(_WORD.finditer(clause))
    parts, at = [], 0
    last, are_several = -1, False
    for number, word in enumerate(words):
        if last >= 0 and not _JOINS.search(clause, last, word.start()):
            continue
        if _is_past(words, number):
            last = word.end()
        elif new := _to_past(words, number) or (_past_of_next(words, number) if are_several else ""):
            are_several = word[0].lower() in _bare()
            if word[0].lower() == "lies" and _LIE.match(clause, word.end()):
                new = "lied"
            parts += [clause[at : word.start()], new]
            at = last = word.end()
    return "".join([*parts, clause[at:]])


def has_verb(clause: str) -> bool:
    """Whether a clause has a verb in it that says what someone does, as far as can be seen."""
    words = list(_WORD.finditer(clause))
    if _MODAL.search(clause):
        return True
    for at, word in enumerate(words):
        told = word[0].lower()
        is_regular = told.endswith("ed") and _goes_on(words, at)
        if told in _WERE or _to_past(words, at) or (at and (is_regular or told in _pasts())):
            return True
    return False


def is_order(clause: str) -> bool:
    """Whether a clause only says what is to be done, as in “Find the letter”."""
    words = list(_WORD.finditer(_told(clause)))
    first = words[0][0].lower() if words else ""
    is_noun = first in _list("behind") | _list("plural") or first.endswith(("s", "ing", "tion", "ed"))
    return first in _irregular() or (len(words) > 1 and not is_noun and words[1][0].lower() in _list("before") - {"of"})


def past_of_order(clause: str) -> str:
    """The past of a clause whose second word is its verb, whoever is first."""
    who, verb, *rest = clause.split(" ")
    return " ".join([who, _past(verb), *rest])


def is_in_past(prose: str) -> bool:
    """Whether prose tells in the past tense, as most does; what is spoken in it doesn't count."""
    told = _told(prose).replace("’", "'")
    words = [word.lower() for word in _WORD.findall(told)]
    olds = sum(word in _pasts() or word in _WERE for word in words)
    olds += sum(len(word) > len("used") and word.endswith("ed") for word in words)
    now = sum(word in ("is", "are", "am", "has", "does") or word in _thirds() for word in words)
    return bool(olds >= now)


def is_in_first_person(prose: str) -> bool:
    """Whether prose is told by one who is in it."""
    told = _told(prose)
    firsts = len(_FIRST.findall(told))
    return firsts >= 2 and 2 * firsts >= len(_THIRD.findall(told))


def as_narrator(clause: str) -> str:
    """A clause about the narrator, told by that one."""
    return _NARRATOR.sub(lambda match: "my" if match[0].endswith(("'s", "’s")) else "I", clause)


def _to_past(words: list[re.Match[str]], at: int) -> str:
    """The past of the word, if it is a verb in the present; else nothing."""
    word = words[at][0].lower().replace("’", "'")
    before = words[at - 1][0].lower() if at else ""
    if word in _helping():
        return "" if before in _list("bare") or before.endswith("n't") else _helping()[word]
    if word in _pasts():  # even where a verb of its own looks so: who "found" and "saw" has seldom founded or sawed
        return ""
    is_relative = before == "that" and _goes_on(words, at)
    if (
        not at
        or (before in _list("behind") and not is_relative)
        or before in _helping()
        or before.endswith(("'s", "’s"))
    ):
        return ""
    found = _thirds().get(word) or (_stripped(word) if _may_be_third(words, at) else "")
    if found and before not in _list("many"):
        return _past(found)
    if words[at][0][0].isupper():
        return ""
    is_plural = before in _list("plural") | _list("many") or _is_plural(words, at - 1)
    is_far = word in _irregular() and (_is_plural(words, 0) or _is_plural(words, min(1, at - 1)))
    return _past(word) if is_far or (is_plural and word in _bare()) else ""


def _past_of_next(words: list[re.Match[str]], at: int) -> str:
    """The past of a word that goes on what several do: as in “and wait”."""
    word, before = words[at][0], words[at - 1][0].lower()
    is_one = word in _bare() and word not in _list("stuff")
    return _past(word) if is_one and (before in ("and", "or", "then") or before in _bare()) else ""


def _is_past(words: list[re.Match[str]], at: int) -> bool:
    """Whether a word tells of its clause that it is in the past already."""
    word = words[at][0].lower()
    before = words[at - 1][0].lower() if at else ""
    if not at or before in _list("behind") | _list("bare") | _list("many") or before in _helping():
        return False
    return word in _WERE or word in _pasts() or (word.endswith("ed") and _stem_of_past(word) in _bare())


def _may_be_third(words: list[re.Match[str]], at: int) -> bool:
    """Whether a verb that nobody listed may stand here: behind who does it, and before what follows a verb."""
    word, who = words[at][0], words[at - 1][0]
    is_formed = word.endswith("s") and not word.endswith(("ss", "us", "is", "'s", "’s")) and word.islower()
    is_subject = who[0].isupper() or who in ("he", "she", "it", "who", "that")
    return is_formed and is_subject and len(word) > len("as ") and _goes_on(words, at)


def _goes_on(words: list[re.Match[str]], at: int) -> bool:
    """Whether what follows is what follows a verb."""
    if at + 1 == len(words):
        return True
    following = words[at + 1][0]
    if following in ("and", "but", "or") and at:
        who = words[at - 1][0]
        return who[0].isupper() or who.lower() in _list("pronouns")
    return following.lower() in _list("before") or following[0].isupper() or following.endswith("ly")


def _is_plural(words: list[re.Match[str]], at: int) -> bool:
    word = words[at][0].lower()
    is_joined = at > 1 and words[at - 1][0].lower() == "and"
    is_noun = at > 0 and words[at - 1][0].lower() in _list("behind")
    is_formed = word.endswith("s") and word != "yes" and not word.endswith(("ss", "'s", "’s"))
    return is_joined or (is_formed and (is_noun or word not in _thirds()))


@lru_cache(4096)
def _past(word: str) -> str:
    if known := _irregular().get(word) or _helping().get(word):
        return known
    if word.endswith("e"):
        return word + "d"
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return word[:-1] + "ied"
    is_short = len(re.findall("[aeiouy]+", word)) == 1 and len(word) > 2
    if is_short and word[-1] not in "aeiouwxy" and word[-2] in _VOWELS and word[-3] not in _VOWELS:
        return word + word[-1] + "ed"
    return word + "ed"


def _third(word: str) -> str:
    if word.endswith(("s", "x", "z", "ch", "sh", "o")):
        return word + "es"
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return word[:-1] + "ies"
    return word + "s"


def _stripped(word: str) -> str:
    """A verb without what makes it the third person's."""
    if word.endswith("ies") and len(word) > len("dies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zzes", "oes")):
        return word[:-2]
    return word[:-1]


def _stem_of_past(word: str) -> str:
    """The regular verb that has this past."""
    return next((verb for verb in (word[:-2], word[:-1], word[:-3], word[:-3] + "y") if _past(verb) == word), "")


@cache
def _irregular() -> dict[str, str]:
    return {parts[0]: parts[1] for parts in _forms()}


@cache
def _pasts() -> dict[str, str]:
    return {parts[1]: parts[0] for parts in _forms() if parts[1] != parts[0]}


@cache
def _bare() -> frozenset[str]:
    return frozenset(_irregular()) | _list("regular")


@cache
def _thirds() -> dict[str, str]:
    return {_third(verb): verb for verb in _bare()}


@cache
def _bases() -> dict[str, str]:
    return {form: parts[0] for parts in _forms() for form in (*parts[1:], _third(parts[0]))}


@cache
def _forms() -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(word.split(":")) for word in lists("english", "irregular").split())


@cache
def _helping() -> dict[str, str]:
    pairs = (word.split(":") for word in lists("english", "helping").split())
    return {word: other.replace("_", " ") for word, other in pairs}


@cache
def _list(kind: str) -> frozenset[str]:
    return frozenset(lists("english", kind).split())


def lists(language: str, kind: str) -> str:
    """One list of ``assets/events.toml``."""
    return _lists()[language][kind]


@cache
def _lists() -> dict[str, dict[str, str]]:
    return tomllib.loads((files.assets() / "events.toml").read_text("utf-8"))
