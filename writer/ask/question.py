"""What a question asks: of whom, which words an answer must have, and what shape."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from writer.ask import vocabulary, who
from writer.ask.ground import Ground
from writer.ask.kinds import KINDS, SHAPES, asked_for
from writer.memory.terms import stem
from writer.names.chinese import is_surname
from writer.text import is_cjk, language_of, words

_LESS = 0.5
_DYING = ("die", "死", "去世", "死亡")
_HOMES = ("live", "resid", "dwell", "home", "hous", "estat", "seat", "mansion")
_HOUSE = re.compile(r"\b(?:House|Park|Hall|Cottage|Lodge|Court|Abbey|Castle|Manor|Parsonage|Farm|Street|Square)\b")
_ALONE = re.compile(
    r"([\u4e00-\u9fff]{2,4}?)(?:是谁|是什么|是何|是哪|是怎|是被|怎么|怎样|如何|为什么|为何|现?在哪|住在|死[在于]|几岁|多大|字什么|的)"
)
_LIGHT = 0.2
_COLOUR = ("colour", "color", "颜色", "什么颜色")
_MAKING = ("made", "material", "做", "做成", "制", "制成", "造", "造成", "材料", "东西")
_WEALTH = ("money", "income", "fortune", "salary", "钱", "收入", "财产", "家产")
_SAYING = ("say", "said", "tell", "told")
_FEW = 3
_TELLING = 0.35
_LATEST = re.compile(
    r"\b(?:now|still|currently|nowadays|today|in the end|finally|eventually)\b|\bwhere (?:is|are|does|do)\b"
    r"|^\s*(?:is|are|has|have|does|do)\b|现在|如今|目前|眼下|当前|至今|还[在是有活]|最后|了吗",
    re.I,
)
_DOING = re.compile(r"\bwhat (?:did|does|do|has|had|is|was)\b.*\b(?:do|done|doing)\b|[做干]了?(?:什么|啥)", re.I)
"""With this a question of two, such as a man and a day, asks what happened, and not who they are."""
_EARLIEST = re.compile(r"\bfirst\b|第一次|首次|初次|最初", re.I)


@dataclass(frozen=True, slots=True)
class Slot:
    """A word, a word of kin or a name that an answer must have, in one form or another."""

    word: str
    start: int
    forms: Mapping[str, float]
    """Words in any inflection, or Chinese phrases, with their worth; all names are worth 1."""
    names: re.Pattern[str] | None = None
    is_kin: bool = False
    is_owned: bool = False
    """Whether it is somebody's: a sister of hers, his horse."""
    is_known: bool = True
    """Whether the book has this very word."""
    weight: float = 1.0
    is_place: bool = False
    homes: Mapping[str, float] = field(default_factory=dict)
    """The places of the book, if it asks for where one lives, with their worth."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question as evidence is weighed for it."""

    text: str
    language: str
    kinds: tuple[str, ...]
    subjects: tuple[Slot, ...]
    slots: tuple[Slot, ...]
    """What is asked of them, besides their names."""
    tends: int = 0
    """Which state it means: 1 the latest, -1 the first, 0 either."""

    @property
    def is_who(self) -> bool:
        """Whether it only asks who or what somebody or something is."""
        if len(self.subjects) > 1 and _DOING.search(self.text):
            return False
        return bool(self.subjects) and not self.slots and not set(self.kinds) & {*SHAPES, "said"}

    def shapes(self) -> list[re.Pattern[str]]:
        """What an answer has to have."""
        return [SHAPES[kind] for kind in self.kinds if kind in SHAPES]

    @staticmethod
    def shape(kind: str) -> re.Pattern[str]:
        """What an answer of one kind has to have."""
        return SHAPES[kind]


def read(text: str, ground: Ground) -> Question:
    """What a question asks of this book."""
    language = language_of(text)
    kinds = asked_for(text)
    subjects, rest = _subjects(text, language, ground)
    subjects, again = _once(subjects)
    slots = sorted([*_slots(rest, text, language, ground, subjects), *again], key=lambda slot: slot.start)
    if "rich" in kinds and re.search(r"how much", text, re.I) and slots and not subjects:
        kinds = tuple("many" if kind == "rich" else kind for kind in kinds)
    if any(slot.is_kin for slot in slots):
        kinds = tuple(kind for kind in kinds if kind != "named")
    if "coloured" in kinds:
        slots = [slot for slot in slots if slot.word not in _COLOUR]
    for kind, only in (("made", _MAKING), ("rich", _WEALTH)):
        if kind in kinds and (subjects or len(slots) > 1):
            slots = [slot for slot in slots if slot.word not in only]
    if "said" in kinds and not _is_speaker(text, language, subjects):
        kinds = tuple(kind for kind in kinds if kind != "said")
    if "said" in kinds:
        slots = [replace(slot, weight=_LIGHT * slot.weight) for slot in slots if slot.word not in _SAYING]
    tends = -1 if _EARLIEST.search(text) else 1 if _LATEST.search(text) else 0
    return Question(text, language, kinds, tuple(subjects), tuple(slots), tends)


def _once(subjects: Sequence[Slot]) -> tuple[list[Slot], list[Slot]]:
    """Each one who is named, and the names that it has besides: why is he called so?"""
    found: list[Slot] = []
    again: list[Slot] = []
    for slot in subjects:
        if any(slot.word in other.forms and slot.word != other.word for other in found):
            again.append(replace(slot, forms={slot.word: 1.0}, names=None))
        else:
            found.append(slot)
    return found, again


def _is_speaker(text: str, language: str, subjects: Sequence[Slot]) -> bool:
    """Whether the one who is named first is the one who speaks."""
    if not subjects or language == "zh":
        return bool(subjects)
    name = re.escape(subjects[0].word)
    return bool(re.search(rf"\b(?:did|does|do|has|had)\s+{name}\s+(?:\w+\s+)?(?:say|said|tell|told)\b", text, re.I))


def _subjects(text: str, language: str, ground: Ground) -> tuple[list[Slot], str]:
    """Whom and what a question names, and the question without that."""
    found: list[tuple[int, int]] = []
    taken = [False] * len(text)
    for name in sorted(ground.owners, key=lambda one: (-len(one), one)):
        if (language == "zh") != is_cjk(name[0]):
            continue
        for start, end in _stands(name, text):
            if not any(taken[start:end]):
                taken[start:end] = [True] * (end - start)
                found.append((start, end))
    found += [span for span in _strangers(text, language, ground) if not any(taken[slice(*span)])]
    rest = list(text)
    slots = []
    for start, end in sorted(found):
        rest[start:end] = "\x00" * (end - start)
        name = text[start:end]
        owner = next((one for one in ground.owners if one.casefold() == name.casefold()), name)
        names = who.called(owner, ground)
        rows = frozenset().union(*map(ground.rows, names))
        known = ground.owners.get(owner)
        slots.append(
            Slot(
                name,
                start,
                dict.fromkeys(names, 1.0),
                who.pattern(names),
                is_known=bool(rows),
                weight=ground.rarity(len(rows)),
                is_place=known is not None and known.kind == "place",
            )
        )
    return slots, "".join(rest)


def _stands(name: str, text: str) -> list[tuple[int, int]]:
    if is_cjk(name[0]):
        return [match.span() for match in re.finditer(re.escape(name), text)]
    flags = re.I if text == text.lower() else 0
    return [match.span() for match in re.finditer(rf"(?<![\w]){re.escape(name)}(?![\w])", text, flags)]


def _strangers(text: str, language: str, ground: Ground) -> list[tuple[int, int]]:
    """Names that are nobody's in the cast."""
    if language == "zh":
        import rjieba

        found, at = [], 0
        for word, tag in rjieba.tag(text):
            if tag in ("nr", "nrt", "nrfg", "ns", "nz") and len(word) > 1 and word not in vocabulary.kin_words():
                known = [n for n in range(len(word), 1, -1) if ground.rows(word[:n])] if is_surname(word[0]) else []
                found.append((at, at + (known[0] if known else len(word))))
            at += len(word)
        alone = _ALONE.match(text)
        if alone and not found and alone[1] not in vocabulary.asking("zh") and ground.rows(alone[1]):
            found.append(alone.span(1))
        if not found and is_surname(text[0]):
            lengths = [n for n in (3, 2) if len(text) > n and text[n - 1] not in vocabulary.asking("zh")]
            found += [(0, length) for length in lengths if ground.rows(text[:length])][:1]
        return found
    names = re.finditer(r"(?<=[a-z,] )(?:(?:Mr|Mrs|Dr)\. )?[A-Z][\w’'-]*?(?:[ ][A-Z][\w-]*)*(?=[’']s\b|\W|$)", text)
    return [match.span() for match in names if match[0] != "I"]


def _slots(rest: str, text: str, language: str, ground: Ground, subjects: Sequence[Slot]) -> list[Slot]:
    """The words of a question that an answer must have."""
    asking = vocabulary.asking(language)
    has_subject = bool(subjects)
    spans: list[tuple[int, int, str]] = []
    owned: set[int] = set()
    if language == "zh":
        for word in vocabulary.kin_words():
            for match in re.finditer(rf"(?<=的){word}|(?<=\x00){word}|(?<=谁){word}", rest):
                spans.append((*match.span(), word))
                if match.start() and rest[match.start() - 1] == "\x00":
                    owned.add(match.start())
                rest = rest[: match.start()] + "\x00" * len(word) + rest[match.end() :]
    kin_spans = {span[0] for span in spans}
    for start, end in words(rest.replace("\x00", " ")):
        word = text[start:end].casefold()
        word = re.sub(
            r"[’']s$|(?<=[\u4e00-\u9fff])[时了着过后前]$|^几(?=[\u4e00-\u9fff])|^[叫称]为?(?=[\u4e00-\u9fff]{2})",
            "",
            word,
        )
        if word in asking or (is_cjk(word[0]) and all(character in asking for character in word)):
            continue
        parts = re.split(r"[-‐‑]", word) if language == "en" else [word]
        spans += [(start, end, part) for part in parts if part and part not in asking]
    slots = []
    for start, _end, word in sorted(set(spans)):
        kin = vocabulary.kin(word, language) if language == "en" or start in kin_spans else {}
        forms = dict(kin or vocabulary.forms(word, language))
        if not kin and stem(word) in _DYING and re.search(KINDS["how"], text, re.I):
            for form in vocabulary.deaths(language):
                forms.setdefault(form, vocabulary.SAME)
        for form in [form for form, worth in forms.items() if worth == vocabulary.AKIN]:
            if form in asking or ground.rarity(len(ground.rows(form))) < _TELLING:
                del forms[form]
        rows = frozenset().union(*(ground.rows(form) for form, worth in forms.items() if worth >= vocabulary.KIND))
        weight = max(ground.rarity(len(rows)), 0.3)
        if word in vocabulary.light(language):
            weight *= _LIGHT
        elif not kin and len(spans) > 1 and _is_done(start, rest):
            weight *= _LESS
        is_owned = has_subject and (
            start in owned or _is_owned(rest, start, language) or (bool(kin) and _is_whose(rest, start))
        )
        is_known = bool(rows) or (bool(kin) and any(map(ground.rows, vocabulary.reverse(word))))
        homes = _homes(ground, subjects) if stem(word) in _HOMES else {}
        slots.append(Slot(word, start, forms, None, bool(kin) and is_owned, is_owned, is_known, weight, homes=homes))
    return slots


def _is_done(start: int, rest: str) -> bool:
    """Whether this is what somebody does, which can be told in more ways than of whom or what it is done."""
    return bool(_DONE.search(rest[:start]))


_DONE = re.compile(r"^\s*who\s+$|\b(?:did|does|do)\s+[^?]*\x00\s+(?:first\s+|ever\s+)?$|谁$|\x00了?$", re.I)


def _homes(ground: Ground, subjects: Sequence[Slot]) -> dict[str, float]:
    """Places where one may live, with their worth: most those that are seldom named without the one who may."""
    people = [slot for slot in subjects if not slot.is_place]
    own = frozenset().union(*(ground.rows(name) for slot in people[:1] for name in slot.forms))
    shares: dict[str, float] = {}
    for entry in ground.cast:
        names = (entry.name, *entry.aliases)
        if entry.kind == "place" and not any(name in slot.forms for slot in subjects for name in names):
            rows = frozenset().union(*map(ground.rows, names))
            share = len(rows & own) / (len(rows) + _FEW)
            shares.update(dict.fromkeys(names, share if any(map(_HOUSE.search, names)) else share / 2))
    most = max(shares.values(), default=0.0)
    return {name: 0.5 + 0.4 * share / most for name, share in shares.items() if share} if most else {}


def _is_owned(rest: str, start: int, language: str) -> bool:
    """Whether this is somebody's, as the question has it."""
    if language == "zh":
        return rest[:start].endswith("\x00的")
    return bool(
        re.search(r"\x00[’']s?\s+(?:[a-z]+\s+)?$", rest[:start]) or re.match(r"\w+ of (?:the )?\x00", rest[start:])
    )


def _is_whose(rest: str, start: int) -> bool:
    """Whether it asks whose brother somebody is."""
    return bool(
        re.search(r"\x00(?:是|乃)谁的?$", rest[:start]) or re.search(r"\bwhose\s+(?:\w+\s+)?$", rest[:start], re.I)
    )


def key(word: str) -> str:
    """An English word as slots know it; a clergyman's living is not where he lives."""
    word = word.casefold()
    return word if word in ("living", "livings") else stem(word)
