"""By which names the book may speak of whom a question names."""

from __future__ import annotations

import re
from collections.abc import Iterable

from writer import names
from writer.ask.ground import Ground
from writer.names.words import words
from writer.text import is_cjk

_MOST = 6
_ROUNDS = 2
_TITLES = (r"Mr\.", r"Mrs\.", r"Dr\.", "Miss", "Lady", "Sir", "Lord", "Captain", "Colonel")

_TITLED = re.compile(rf"(?:{'|'.join(_TITLES)})\s+(\w+)")


def called(name: str, ground: Ground) -> tuple[str, ...]:
    """All names of the one whom this means, the asked one first; in Chinese also those that the text explains."""
    found = dict.fromkeys([name])
    _add(found, ground)
    found.update(dict.fromkeys(_alone(found, ground)))
    if is_cjk(name[0]):
        for _ in range(_ROUNDS):
            for one, other in _told(tuple(found)[:_MOST], ground):
                # Several have the same style, so that only whom it was asked by leads from it.
                if any(one.endswith(name) for name in found):
                    found.setdefault(other)
                elif other == name and len(found) == 1:
                    found.setdefault(one)
            _add(found, ground)
        surname = _surname(found)
        if surname:
            for style in tuple(found):
                if len(style) == 2 and style[0] != surname[0] and ground.rows(surname + style):
                    found.setdefault(surname + style)
            found.update(dict.fromkeys(_given(found, ground)))
            lord = surname + "公"
            if lord in ground.owners and _is_first(surname, found, ground):
                found.setdefault(lord)
    return tuple(found)


def _alone(found: Iterable[str], ground: Ground) -> list[str]:
    """Their English surnames where nobody else of the book has them."""
    surnames = {match[1] for name in found if (match := _TITLED.fullmatch(name))}
    own = set(found)
    others = {
        name.split()[-1]
        for entry in ground.cast
        for name in (entry.name, *entry.aliases)
        if " " in name and name not in own
    }
    return sorted(surnames - others)


def _add(found: dict[str, None], ground: Ground) -> None:
    """The other names of all whose names these are."""
    for name in tuple(found):
        owner = ground.owners.get(name)
        if owner is not None:
            for other in (owner.name, *owner.aliases):
                if len(other) > 1:
                    found.setdefault(other)


def _told(known: Iterable[str], ground: Ground) -> list[tuple[str, str]]:
    """Pairs of names that the text calls one's, where it says so of these."""
    rows: set[int] = set()
    for name in known:
        parted = _parted(name)
        phrases = [f"{name}字", f"字{name}", f"改{name}"]
        if parted:
            phrases += [f"姓{parted[0]}名{parted[1]}", f"姓{parted[0]}名{parted[1]}字"]
        for phrase in phrases:
            rows |= ground.rows(phrase)
    found = []
    for piece in ground.pieces(ground.in_order(rows)[: 4 * _MOST]):
        found += names.same(piece.text)
    return found


def _parted(name: str) -> tuple[str, str] | None:
    """Surname and given name, if it has both."""
    if not is_cjk(name[0]) or not 2 <= len(name) <= 4:
        return None
    if name[:2] in words("chinese", "compound") and len(name) > 2:
        return name[:2], name[2:]
    return (name[0], name[1:]) if len(name) < 4 and names.chinese.is_surname(name[0]) else None


def _surname(found: Iterable[str]) -> str:
    """The surname that most of these begin with."""
    surnames = [parted[0] for name in found if (parted := _parted(name)) and parted[0] not in "子文公孟仲伯"]
    return max(surnames, key=lambda one: (surnames.count(one), one), default="")


def _given(found: Iterable[str], ground: Ground) -> list[str]:
    """Their given names of two characters that the book uses alone and that are nobody else's."""
    parted = [_parted(name) for name in found if len(name) == 3]
    return [one[1] for one in parted if one and len(one[1]) == 2 and one[1] not in ground.owners]


def _is_first(surname: str, found: Iterable[str], ground: Ground) -> bool:
    """Whether nobody of this surname is named as often."""
    own = {ground.owners[name].name: ground.owners[name].count for name in found if name in ground.owners}
    others = [e.count for e in ground.cast if e.name.startswith(surname) and e.name not in own and e.name[1:] != "公"]
    return sum(own.values()) >= max(others, default=0)


def pattern(forms: Iterable[str]) -> re.Pattern[str]:
    """What finds any of these names; of a Chinese one also the given name alone, where it stands as a name."""
    parts: list[str] = []
    short: dict[str, None] = {}
    forms = tuple(forms)
    surname = _surname(form for form in forms if is_cjk(form[0]))
    for form in sorted(forms, key=lambda one: (-len(one), one)):
        if is_cjk(form[0]):
            parts.append(re.escape(form))
            parted = _parted(form)
            if parted and len(parted[1]) == 1 and parted[0] == surname and parted[1] not in "公氏":
                short.setdefault(parted[1])
        else:
            spaced = r"\s+".join(map(re.escape, form.split()))
            behind = "" if " " in form else "".join(rf"(?<!{title}\s{re.escape(form)})" for title in _TITLES)
            parts.append(rf"{spaced}(?!\w)(?<!\w{spaced if ' ' not in form else ' '}){behind}")
    for given in short:
        parts.append(rf"(?:(?<=[，。；：、！？“”\s])|^){given}(?![{_NOT_BEHIND}])")
        parts.append(
            rf"(?<=[杀斩刺害诛擒擒见谓令教使与救从]){given}(?=[，。；、！？曰”])|(?<![\u4e00-\u9fff]){given}(?=曰|大怒|大喜|之[子女弟兄妻父母]|父|母)|(?<=[乃是即为]){given}(?=之)"
        )
    return re.compile("|".join(parts))


_NOT_BEHIND = "人日时年者于可不有所以"
