"""Which of a book's facts can't both be true."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from writer.facts.words import words
from writer.names import words as names
from writer.story import Conflict, Fact

MOST = 200
"""No more conflicts than this are listed: an author who has more has another book in the file."""

MOST_OF_ONE = 3
"""No more than this many of one attribute of one subject."""


_REMEMBERED = 8  # different values of one attribute that a new one is compared with
_NEAR = 3000  # characters within which nobody grows older by two years

_ALIKE = (
    {"black", "brown", "hazel", "amber", "gold", "yellow"},
    {"hazel", "green", "amber"},
    {"grey", "silver"},
    {"turquoise", "blue"},
    {"turquoise", "green"},
    set("黑棕褐茶"),
    {"棕", "褐", "茶", "琥珀", "金"},
    set("碧绿"),
    set("碧蓝"),
    set("灰银"),
)
_HAIR = {
    word: family
    for family, words in {
        "dark": "black dark raven brown chestnut 黑 乌 棕 褐 栗",
        "fair": "blond gold sandy honey strawberry 金 亚麻",
        "red": "red auburn ginger copper chestnut strawberry 红",
    }.items()
    for word in words.split()
}
_BETWEEN = frozenset({"chestnut", "auburn", "strawberry", "sandy", "honey", "light", "栗"})
_FIXED = frozenset({"birth", "hand", "courtesy name", "age at death", "death", "wedding"})
_PLACES = frozenset({"birthplace", "native place"})
_SIDED = frozenset({"scar", "lost", "blind", "deaf", "lame"})
_PETS = {
    word: kind
    for kind, words in {
        "dog": "dog hound puppy terrier spaniel",
        "cat": "cat kitten",
        "horse": "horse mare stallion pony gelding",
        "bird": "bird parrot canary falcon hawk owl raven",
        "donkey": "donkey mule",
        "ferret": "ferret",
        "goat": "goat",
        "rabbit": "rabbit",
        "tortoise": "tortoise",
    }.items()
    for word in words.split()
}
_VESSELS = words("english", "things") & {
    "ship",
    "boat",
    "schooner",
    "brig",
    "frigate",
    "sloop",
    "yacht",
    "trawler",
    "cutter",
    "barge",
}
_LARGE_PLACES = words("places", "large")
_TITLES = names.words("english", "he") | names.words("english", "she") | names.words("english", "either")
_RANKS = names.words("english", "either")


@dataclass(frozen=True, slots=True)
class _Kin:
    """What somebody is to another: ``line`` is the kind, ``up`` the generations above."""

    line: str
    up: int
    gender: str
    rank: str = ""


_KIN = {
    "mother": _Kin("parent", 1, "f"), "father": _Kin("parent", 1, "m"), "son": _Kin("parent", -1, "m"),
    "daughter": _Kin("parent", -1, "f"), "child": _Kin("parent", -1, ""), "brother": _Kin("sibling", 0, "m"),
    "sister": _Kin("sibling", 0, "f"), "twin": _Kin("sibling", 0, ""), "aunt": _Kin("aunt", 1, "f"),
    "uncle": _Kin("aunt", 1, "m"), "niece": _Kin("aunt", -1, "f"), "nephew": _Kin("aunt", -1, "m"),
    "cousin": _Kin("cousin", 0, ""), "wife": _Kin("spouse", 0, "f"), "husband": _Kin("spouse", 0, "m"),
    "widow": _Kin("spouse", 0, "f"), "widower": _Kin("spouse", 0, "m"), "spouse": _Kin("spouse", 0, ""),
    "grandmother": _Kin("grandparent", 1, "f"), "grandfather": _Kin("grandparent", 1, "m"),
    "grandson": _Kin("grandparent", -1, "m"), "granddaughter": _Kin("grandparent", -1, "f"),
}  # fmt: skip
_ONLY_ONE = frozenset({"mother", "father", "wife", "husband"})
_MAY_BE_BOTH = ({"cousin", "spouse"}, {"cousin", "aunt"}, {"aunt", "grandparent"})


def conflicts(facts: Sequence[Fact]) -> list[Conflict]:
    """The contradictions among facts in story order, each as its nearest two sentences; few, and at most ``MOST``.

    Only what does not change by itself is compared: not where people live or what they do. A name that is part of one
    other ("Anne", "Anne Elliot") is the same; who knows more of names gives them one form before.
    """
    called = _aliases(facts)
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for rank, fact in enumerate(facts):
        for group in _groups(fact, called):
            groups[group].append(rank)
    found: list[tuple[int, int]] = []
    for (kind, *_), ranks in groups.items():
        found += _nearest(kind, ranks, facts, called)
    dyed = {
        called(fact.subject): rank for rank, fact in reversed(list(enumerate(facts))) if fact.attribute == "hair dyed"
    }
    return [
        Conflict(facts[earlier], facts[later])
        for later, earlier in sorted({(later, earlier) for earlier, later in found})
        if not (facts[later].attribute == "hair" and dyed.get(called(facts[later].subject), later) < later)
    ][:MOST]


def _groups(fact: Fact, called: Callable[[str], str]) -> Iterator[tuple[str, ...]]:
    """The groups within which a fact is compared: a kind of comparison, and whom it is about."""
    subject, attribute = called(fact.subject), fact.attribute
    if attribute in _FIXED | _SIDED | _PLACES | {"eyes", "hair", "age", "height", "kind"}:
        yield attribute, subject
    elif attribute in _PETS or attribute in _VESSELS:
        yield "pet", _PETS.get(attribute, "ship"), subject
    elif base := _kin(attribute):
        yield "kin", *sorted((subject, called(fact.value)))
        role = attribute.split()[-1]
        if role in _ONLY_ONE and base.line in ("parent", "spouse"):
            yield "only", role, subject


def _nearest(
    kind: str, ranks: Sequence[int], facts: Sequence[Fact], called: Callable[[str], str]
) -> Iterator[tuple[int, int]]:
    """The nearest two of each pair of values that can't both be true."""
    last: dict[str, int] = {}
    nearest: dict[tuple[str, str], tuple[int, int]] = {}
    for later in ranks:
        value = _value(kind, facts[later], called)
        for other, earlier in last.items():
            pair = (min(value, other), max(value, other))
            if pair in nearest and nearest[pair][1] - nearest[pair][0] <= later - earlier:
                continue
            if value != other and _disagree(kind, facts[earlier], facts[later], called):
                nearest[pair] = earlier, later
        last.pop(value, None)
        last[value] = later
        if len(last) > _REMEMBERED:
            del last[next(iter(last))]
    yield from sorted(nearest.values(), key=lambda pair: (pair[1], pair[0]))[:MOST_OF_ONE]


def _value(kind: str, fact: Fact, called: Callable[[str], str]) -> str:
    if kind == "kin":
        return f"{fact.attribute} {called(fact.subject)}"
    return called(fact.value) if kind == "only" else fact.value.casefold()


def _disagree(kind: str, earlier: Fact, later: Fact, called: Callable[[str], str]) -> bool:
    one, other = earlier.value.casefold(), later.value.casefold()
    if kind == "eyes":
        return not _are_alike(_colours(one), _colours(other))
    if kind == "hair":
        return _hair_differs(_colours(one), _colours(other))
    if kind == "age":
        return _ages_differ(earlier, later)
    if kind == "height":
        return _heights_differ(one, other)
    if kind in _PLACES:
        large = (one in _LARGE_PLACES) + (other in _LARGE_PLACES)
        return large != 1 and not set(one.split()) & set(other.split()) and one not in other and other not in one
    if kind in _SIDED:
        return one != other and _SIDE.sub("", one) == _SIDE.sub("", other)
    if kind == "kind":
        return _PETS.get(one, other) != _PETS.get(other, one)
    if kind == "death":
        return one != other and one.isdecimal() and other.isdecimal()
    if kind == "kin":
        return _kin_differ(earlier, later, called)
    if kind == "only":
        return _are_two(called(earlier.value), called(later.value))
    return one not in other and other not in one


_SIDE = re.compile("left|right|[左右]")


def _colours(said: str) -> frozenset[str]:
    if said.isascii():
        return frozenset(said.split())
    said = said.removesuffix("色")
    return frozenset({"琥珀"} if "琥珀" in said else {"亚麻"} if "亚麻" in said else said)


_SHADES = words("english", "shades") - {"dark"} | set("深浅淡暗浓亮冰湛墨天海乌漆石宝火酒")


def _are_alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two sets of colour words may be said of the same eyes."""
    if "dark" in one | other:
        return True
    one, other = one - _SHADES, other - _SHADES
    return bool(one & other) or any(one & family and other & family for family in _ALIKE)


def _hair_differs(one: frozenset[str], other: frozenset[str]) -> bool:
    families = [{_HAIR[word] for word in words if word in _HAIR} for words in (one, other)]
    return all(len(family) == 1 for family in families) and families[0] != families[1] and not (one | other) & _BETWEEN


def _ages_differ(earlier: Fact, later: Fact) -> bool:
    """Whether somebody grew younger, or older within a few lines; a child in a look back is no contradiction."""
    before, after = int(earlier.value), int(later.value)
    one, other = earlier.source.span, later.source.span
    if one.scene == other.scene and 0 <= other.start - one.end < _NEAR:
        return after < before or after > before + 1
    return after < before and before - after <= (10 if after >= 18 else 4)


def _heights_differ(one: str, other: str) -> bool:
    if {one, other} in ({"tall", "short"}, {"高", "矮"}):
        return True
    feet = [_FEET.fullmatch(said) for said in (one, other)]
    if feet[0] and feet[1]:
        inches = [12 * int(match[1]) + int(match[2] or 0) for match in feet if match]
        return abs(inches[0] - inches[1]) > 1
    return one != other and any(unit in one and unit in other for unit in ("尺", "米", "公分"))


_FEET = re.compile(r"(\d+) ft(?: (\d+) in)?")


def _kin(attribute: str) -> _Kin | None:
    """What the word for a relation says; None if it is none, or one by marriage or custom."""
    *ranks, word = attribute.split()
    kin = _KIN.get(word)
    if kin is None or any(rank not in ("elder", "younger", "twin") for rank in ranks):
        return None
    return _Kin(kin.line, kin.up, kin.gender, ranks[0] if ranks and ranks[0] != "twin" else "")


def _kin_differ(earlier: Fact, later: Fact, called: Callable[[str], str]) -> bool:
    one, other = _kin(earlier.attribute), _kin(later.attribute)
    if one is None or other is None:
        return False
    if one.line != other.line:
        return {one.line, other.line} not in _MAY_BE_BOTH
    if called(earlier.subject) == called(later.subject):
        turned = {one.rank, other.rank} == {"elder", "younger"}
        return one.up != other.up or turned or {one.gender, other.gender} == {"f", "m"}
    return one.up != -other.up or (one.rank == other.rank != "")


def _are_two(one: str, other: str) -> bool:
    """Whether two names can't mean the same: "Mr. Bennet" may well be "John"."""
    words = [name.split() for name in (one, other)]
    titled = [bool(name and name[0] in _TITLES) for name in words]
    return (
        titled[0] == titled[1] and not set(words[0]) - _TITLES & set(words[1]) and one not in other and other not in one
    )


def _aliases(facts: Sequence[Fact]) -> Callable[[str], str]:
    """What turns a name into the one form it is compared by."""
    plain = {fact.subject: _plain(fact.subject) for fact in facts}
    known = set(plain.values())
    full: dict[str, set[str]] = defaultdict(set)
    for name in known:
        words = name.split()
        if len(words) > 1 and words[0] not in _TITLES:
            full[words[0]].add(name)
            full[words[-1]].add(name)
        if len(words) == 1 and len(name) == 3 and not name.isascii():
            full[name[1:]].add(name)
    for fact in facts:
        if fact.attribute == "courtesy name":
            full[fact.value].add(plain[fact.subject])
    same = {name: next(iter(names)) for name, names in full.items() if len(names) == 1}

    def called(name: str) -> str:
        plainly = plain.get(name) or _plain(name)
        return same.get(plainly, plainly)

    return called


def _plain(name: str) -> str:
    words = [word.rstrip(".") for word in name.casefold().replace("’", "'").split()]
    while len(words) > 1 and words[0] in _RANKS:
        del words[0]
    return " ".join(words)
