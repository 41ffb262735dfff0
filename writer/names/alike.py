"""Pairs of names that can only be one person's, or one place's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from writer.names.chinese import is_surname
from writer.names.english import is_given, titles
from writer.names.tally import Tally
from writer.names.words import pairs, words


@dataclass(frozen=True, slots=True)
class _Name:
    text: str
    title: str
    """In lower case; of several the last."""
    given: str
    """The first of two names or more."""
    last: str
    """The surname, or the only name."""
    count: int


@dataclass(slots=True)
class _Person:
    """Who has a full name, or a title and a surname."""

    names: list[_Name]
    gender: str = ""
    titles: set[str] = field(default_factory=set)
    is_wife: bool = False
    """Whether she goes by her husband's name: Mrs. John Dashwood."""
    is_somebody: bool = True
    """Whether anything shows a person: the Black Swan is nobody, and no Swan."""

    @property
    def text(self) -> str:
        return self.names[0].text

    @property
    def count(self) -> int:
        return sum(name.count for name in self.names)

    def take(self, name: _Name) -> tuple[str, str]:
        """Have one name more; gives the pair."""
        self.names.append(name)
        self.gender = self.gender or _gender(name.title)
        if name.title:
            self.titles.add(name.title)
        return self.text, name.text


def english(tallies: Mapping[str, Tally]) -> Iterator[tuple[str, str]]:
    """Pairs of names in English; where more than one could be meant, none."""
    names = [_parsed(name, tally.count) for name, tally in tallies.items() if tally.kind != "place"]
    by_given: dict[str, list[_Person]] = defaultdict(list)
    by_last: dict[str, list[_Person]] = defaultdict(list)
    for person, joined in _full([name for name in names if name.given]):
        person.is_somebody = any(n.title or tallies[n.text].kind == "person" for n in person.names) or is_given(
            person.names[0].given
        )
        if not person.is_wife:
            by_given[person.names[0].given].append(person)
        by_last[person.names[0].last].append(person)
        yield from joined
    seen: set[tuple[str, bool]] = set()
    for name in sorted((n for n in names if n.title and not n.given), key=lambda n: (-n.count, n.text)):
        given = by_given.get(name.last) or by_given.get(_formal(name.last), [])
        owner = _titled(name, given, by_last.get(name.last, []))
        is_first = (name.last, _gender(name.title) == "she") not in seen
        if owner and (is_first or name.title in owner.titles):
            yield owner.take(name)
        else:
            by_last[name.last].append(_Person([name], _gender(name.title), {name.title}))
        if name.title not in words("english", "given_titles") or not owner:
            seen.add((name.last, _gender(name.title) == "she"))
    bare = {name.last: name for name in names if not name.title and not name.given}
    for last, name in bare.items():
        owner = _bare(name, by_given.get(last, []), by_last.get(last, []))
        formal = _formal(last)
        if owner is None and last not in by_given and last not in by_last and formal:
            owner = _bare(name, by_given.get(formal, []), [])
            if not owner and formal in bare and formal not in by_given:
                yield formal, name.text
        if owner and (owner.is_somebody or tallies[name.text].kind == "person"):
            yield owner.text, name.text
    yield from _places(tallies)


def _parsed(text: str, count: int) -> _Name:
    parts = text.replace(".", "").split()
    title = ""
    while len(parts) > 1 and parts[0].lower() in titles():
        title = parts.pop(0).lower()
    if parts[-1].lower() in ("jr", "sr", "junior", "senior", "ii", "iii", "iv", "esq") and len(parts) > 1:
        parts.pop()
    if parts[0] == "of":  # a Duke of Wellington is not a Wellington
        return _Name(text, "", "", text, count)
    return _Name(text, title, parts[0] if len(parts) > 1 else "", parts[-1], count)


def _formal(given: str) -> str:
    """What a given name is short for, or nothing."""
    return pairs("english", "short").get(given.lower(), "").capitalize()


def _gender(title: str, given: str = "") -> str:
    """He, she, or nothing where neither word tells."""
    if title in words("english", "he"):
        return "he"
    if title in words("english", "she"):
        return "she"
    is_he, is_she = given.lower() in words("english", "men"), given.lower() in words("english", "women")
    return "" if is_he == is_she else "he" if is_he else "she"


def _full(names: Iterable[_Name]) -> Iterator[tuple[_Person, list[tuple[str, str]]]]:
    """Those who have a given name and a surname, each with the forms of it that the text has."""
    forms: dict[tuple[str, str, bool], list[_Name]] = defaultdict(list)
    for name in names:
        is_wife = name.title == "mrs" and name.given.lower() in words("english", "men")
        forms[name.given, name.last, is_wife].append(name)
    for given, last, is_wife in sorted(forms):
        formal = (_formal(given), last, is_wife)
        if formal in forms:
            forms[formal] += forms.pop((given, last, is_wife))
    for (given, _, is_wife), same in forms.items():
        person = _Person(
            [same[0]], "she" if is_wife else _gender(same[0].title, given), {same[0].title} - {""}, is_wife
        )
        yield person, [person.take(name) for name in same[1:]]


def _titled(name: _Name, given: list[_Person], last: list[_Person]) -> _Person | None:
    """Whose title and name this is."""
    gender = _gender(name.title)
    if name.title in words("english", "given_titles"):
        entitled = [person for person in given if name.title in person.titles]
        if len(entitled) == 1:
            return entitled[0]
        if len(given) == 1 and not last and given[0].gender in ("", gender):
            return given[0]
    elif name.title == "mr" and len(given) == 1 and not last and given[0].gender == "he":
        return given[0]
    if name.title == "mrs":
        wives = [person for person in last if "mrs" in person.titles]
        return wives[0] if len(wives) == 1 else None
    full = [person for person in last if person.names[0].given]
    if name.title == "miss":  # Miss Steele is the eldest, Miss Lucy a sister of hers
        full = [person for person in full if "miss" not in person.titles]
    fitting = [person for person in full if not gender or person.gender == gender]
    if len(fitting) == 1:
        return fitting[0]
    return full[0] if len(full) == len(last) == 1 and not full[0].gender else None


def _bare(name: _Name, given: list[_Person], last: list[_Person]) -> _Person | None:
    """Whose name this is, without a title."""
    if given and last:
        return None
    if given:  # Lady Anne is nobody's Anne
        return given[0] if len(given) == 1 and not given[0].titles & {"lady", "sir", "lord"} else None
    if len(last) == 1:
        return last[0]
    gentlemen = [person for person in last if any(_gender(title) != "she" for title in person.titles)]
    if len(gentlemen) != 1:
        return None
    others = sum(person.count for person in last if person.names[0].given and person is not gentlemen[0])
    return gentlemen[0] if gentlemen[0].count >= others else None


def _places(tallies: Mapping[str, Tally]) -> Iterator[tuple[str, str]]:
    """A house and its name without "Hall" or "Park"; what is written with a hyphen and without."""
    for name in tallies:
        base, _, last = name.rpartition(" ")
        if base in tallies and tallies[base].kind != "person" and last.lower() in words("english", "place_houses"):
            yield base, name
        apart = name.replace("-", " ").title()
        if apart != name and apart in tallies:
            yield apart, name


def chinese(tallies: Mapping[str, Tally]) -> Iterator[tuple[str, str]]:
    """Pairs of names in Chinese; where more than one could be meant, none."""
    people = [name for name, tally in tallies.items() if tally.kind != "place"]
    owners: dict[str, list[str]] = defaultdict(list)
    for name in people:
        for part in _parts(name):
            owners[part].append(name)
    for name in people:
        if owner := _meant({one: tallies[one].count for one in owners.get(name, ())}):
            yield owner, name
        stem = _without_title(name)
        if stem and stem in tallies:
            yield stem, name
    yield from _called(people)


def _called(people: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Teacher Ouyang and the only Ouyang whose full name is told, if that is all that any Ouyang is called."""
    bearers: dict[str, list[str]] = defaultdict(list)
    titled: dict[str, list[str]] = defaultdict(list)
    for name in sorted(people):
        surname = _surname(name)
        if surname and not (bearers[surname] and name.startswith(bearers[surname][-1])):
            bearers[surname].append(name)
        elif not surname:
            length = 2 if name[:2] in words("chinese", "compound") else 1
            titled[name[:length]].append(name)
    familiar = {name[1:] for name in people if name[0] in "小老阿"}
    for surname, forms in titled.items():
        is_only = len(bearers[surname]) == len(forms) == 1 and surname not in familiar
        if is_only and forms[0][len(surname) :] in words("chinese", "own_titles"):
            yield bearers[surname][0], forms[0]


def _parts(name: str) -> set[str]:
    """What someone is called for short: the given name, of a foreign name any part."""
    if "·" in name:
        return set(name.split("·"))
    if len(name) > _GIVEN_NAME and name[:2] in words("chinese", "compound"):
        return {name[2:]} if len(name) > _GIVEN_NAME + 1 else set()
    is_full = len(name) == 1 + _GIVEN_NAME and is_surname(name[0]) and not _without_title(name)
    return {name[1:]} if is_full else set()


def _without_title(name: str) -> str:
    """The name in front of a title, if it is more than a surname."""
    for length in (3, 2, 1):
        stem = name[:-length]
        if name[-length:] in words("chinese", "titles") and len(stem) > 1 and not is_surname(stem):
            return stem
    return name[:-1] if name.endswith("儿") and len(name) > _GIVEN_NAME else ""


def told(tallies: Mapping[str, Tally], same: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Pairs of names that the text says are one's; where it says so of more than one, his who is meant."""
    owners: dict[str, set[str]] = defaultdict(set)
    for one, other in same:
        if one in tallies and other in tallies:
            owners[other].add(one)
    for name, owned in owners.items():
        if owner := _meant({one: tallies[one].count for one in owned}):
            yield owner, name


def lords(
    circles: Iterable[Sequence[str]], tallies: Mapping[str, Tally], first: Mapping[str, tuple[int, int]]
) -> Iterator[tuple[str, str]]:
    """Those whom a Chinese text often calls by their surname and 公: of those it had named before, one is meant."""
    by_surname: dict[str, list[Sequence[str]]] = defaultdict(list)
    for circle in circles:
        for surname in {_surname(name) for name in circle} - {""}:
            by_surname[surname].append(circle)
    for name, tally in tallies.items():
        surname = name[:-1]
        if not is_surname(surname) or name[-1:] != _LORD or surname in words("chinese", "peerages"):
            continue
        if tally.count < _LORDS or tally.people < _SPEAKS or name not in first:
            continue
        before = {
            one[0]: sum(tallies[other].count for other in one)
            for one in by_surname[surname]
            if min((first[other] for other in one if other in first), default=first[name]) < first[name]
        }
        if owner := _meant(before):
            yield owner, name


def _surname(name: str) -> str:
    """Of a full name the surname."""
    if name[:2] in words("chinese", "compound"):
        is_full = 2 < len(name) <= 2 + _GIVEN_NAME and name[2:] not in words("chinese", "titles")
        return name[:2] if is_full else ""
    is_full = 1 < len(name) <= 1 + _GIVEN_NAME and is_surname(name[0]) and name[1:] not in words("chinese", "titles")
    return name[0] if is_full else ""


def _meant(counts: Mapping[str, int]) -> str:
    """Who stands far more often than all others, or nobody."""
    best = max(counts, key=lambda name: (counts[name], name), default="")
    return best if best and counts[best] >= _FAR_MORE * (sum(counts.values()) - counts[best]) else ""


_LORD = "公"
_LORDS, _SPEAKS = 20, 2
_GIVEN_NAME = 2
_FAR_MORE = 4
"""So many times as frequent as all others is the one who is meant."""
