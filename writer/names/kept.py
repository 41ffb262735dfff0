"""Which of the words that may be names have shown often enough that they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import replace

from writer.names.chinese import is_likely, is_surname, is_word
from writer.names.english import titles
from writer.names.tally import Tally
from writer.names.words import words

_SHARE = 0.2
"""So much of what a name's mentions are must be sure."""

_STUCK = 4
"""So many times as frequent is a name than the same with another word stuck to it."""

_STUCK_TO_WORD = 12
"""The same where a dictionary has both as a name: some were made of books, and have Song Jiang calls."""

_MANY = 8
_SHOWN = 0.05
"""So much of the mentions of a word that stands so often must show somebody act, or somewhere to go."""

_PAIR = 2

_CHANCE, _CHANCE_OF_PLACES, _FEW = 0.025, 0.05, 25
"""Fewer of a name's mentions than these shares, or one of more than so many, may show by chance what it is not."""

_MOSTLY = 0.5
"""So much of the mentions must be sure where nothing shows what is named."""

_SAID = 2
"""So often somebody must have spoken to be one without a sure mention."""


def english(tallies: Mapping[str, Tally]) -> dict[str, Tally]:
    """Those that are names, in order; what a sentence begins with is counted to the name behind it."""
    spelled: dict[str, str] = {}
    found: dict[str, Tally] = {}
    for name in sorted(tallies, key=lambda name: (-tallies[name].count, name)):
        known = spelled.setdefault(name.replace(".", ""), name)  # Mr Darcy is Mr. Darcy
        found[known] = found.get(known, Tally()) + tallies[name]
    for name in sorted(name for name, tally in found.items() if not tally.sure and " " in name):
        head, _, tail = name.partition(" ")
        if _is_sure(found.get(tail)) and not _is_sure(found.get(head)):
            tally = found.pop(name)
            found[tail] += replace(tally, sure=tally.unsure, unsure=0)
    found = {name: _without_chance(tally) for name, tally in found.items()}
    kept = {name: tally for name, tally in sorted(found.items()) if _is_english(name, tally, found)}
    surnames: Counter[str] = Counter()
    for name, tally in kept.items():
        surnames[name.rpartition(" ")[2]] += tally.count
    ends = {name.rpartition(" ")[2] for name, tally in kept.items() if " " in name and tally.kind == "place"}
    return {
        name: tally
        for name, tally in kept.items()
        if not (_is_plural(name, surnames) or _is_dweller(name, kept) or _is_office(name, tally))
        and not (name in ends and name.lower() in words("english", "place_last"))
    }


def _is_plural(name: str, surnames: Mapping[str, int]) -> bool:
    """Whether this is a family: the Lucases."""
    last = name.rpartition(" ")[2]
    bases = [last.removesuffix(ending) for ending in ("s", "es") if last.endswith(ending)]
    return name.startswith("Misses ") or any(surnames[base] > surnames[last] for base in bases)


def _is_dweller(name: str, kept: Mapping[str, Tally]) -> bool:
    """Whether this is whoever lives in a place: a Londoner."""
    place = kept.get(re.sub("e?rs?$", "", name)) or kept.get(re.sub("rs?$", "", name))
    is_less = place is not None and place.kind == "place" and place.count > kept[name].count
    return is_less and kept[name].people < _SAID  # where there is a park there may be a Parker


def _is_office(name: str, tally: Tally) -> bool:
    """Whether these are all who have a title: the Captains."""
    return name.endswith("s") and name[:-1].lower() in titles() and not tally.people


def _without_chance(tally: Tally) -> Tally:
    """The tally without the few mentions, among many, that show a person or a place."""
    least = 2 if tally.count > _FEW else 1
    return replace(
        tally,
        people=tally.people if tally.people >= max(least, _CHANCE * tally.count) else 0,
        places=tally.places if tally.places >= max(least, _CHANCE_OF_PLACES * tally.count) else 0,
    )


def _is_sure(tally: Tally | None) -> bool:
    return tally is not None and tally.sure > 0


def _is_english(name: str, tally: Tally, found: Mapping[str, Tally]) -> bool:
    first, _, rest = name.partition(" ")
    if rest and first.lower().rstrip(".") in titles():
        return tally.count > 0
    if rest:
        return tally.sure > 0 or all(_is_sure(found.get(part)) for part in name.split())
    if not tally.sure:
        return tally.people >= _SAID and tally.people >= _SHARE * tally.count
    shown = tally.people + tally.places
    if tally.sure < (_SHARE if shown else _MOSTLY) * tally.count:
        return False
    return tally.sure > 1 or shown > 0


def chinese(tallies: Mapping[str, Tally], told: Set[str] = frozenset()) -> dict[str, Tally]:
    """Those that are names, in order, and those ``told`` to be; what stuck to a far more frequent one counts to it."""
    found: dict[str, Tally] = dict(sorted(tallies.items()))
    for name in sorted(found, key=lambda name: (-len(name), name)):
        stem = name[:-1]
        if len(stem) > 1 and stem in found and _is_stuck(name, found[name], found[stem]):
            found[stem] += found.pop(name)
    for name in sorted(found):
        if len(name) > _PAIR and name[1:] in found and _is_led(name, found[name], found[name[1:]]):
            found[name[1:]] += found.pop(name)
    given = {name[1:] for name, tally in found.items() if len(name) > _PAIR and is_surname(name[0]) and tally.sure > 1}
    return {
        name: tally
        for name, tally in found.items()
        if name in told or _is_chinese(name, tally) or (name in given and min(tally.sure, tally.people) > 1)
    }


def _is_stuck(name: str, tally: Tally, stem: Tally) -> bool:
    is_tail = name[-1] in words("chinese", "tails") or not (is_likely(name[0]) or is_word(name))
    length = 2 if name[:2] in words("chinese", "compound") else 1
    is_full = len(name) == length + 2 and (length > 1 or is_likely(name[0]))
    if is_full and is_word(name) and not is_tail:
        return stem.count >= _STUCK_TO_WORD * tally.count
    return (is_tail or is_full) and stem.count >= _STUCK * tally.count


def _is_led(name: str, tally: Tally, rest: Tally) -> bool:
    """Whether another word stands before a name: heard of Ma Chao."""
    is_other = name[0] in words("chinese", "leads") or (is_likely(name[1]) and not is_word(name))
    if is_other and not is_surname(name[0]) and name[0] not in "小老阿":
        return rest.count >= tally.count
    return rest.count >= _STUCK * tally.count and is_other


def _is_chinese(name: str, tally: Tally) -> bool:
    if not tally.sure:
        return tally.people >= _SAID and tally.people >= _SHARE * tally.count
    shown = tally.people + tally.places
    if len(name) == _PAIR and tally.count >= _MANY and is_word(name) and shown < _SHOWN * tally.count:
        return False  # a common word that begins like a name
    share = _SHARE if shown < _SHARE / 2 * tally.count else _SHARE / 2
    return tally.sure >= share * tally.count and (tally.sure > 1 or shown > 0)
