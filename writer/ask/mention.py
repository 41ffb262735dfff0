"""Where a text has the names and words that a question asks for, and what that is worth."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from writer.ask.ground import Piece
from writer.ask.question import Question, Slot, key
from writer.ask.vocabulary import AKIN, MARRIED, reverse
from writer.story import Span
from writer.text import is_cjk, paragraphs, sentences

FAR = {"en": 60, "zh": 16}
HIS = re.compile(r"\b(?:he|she|they|it|his|her|him|hers|their|its|himself|herself)\b|[他她它其]", re.I)
_SURELY = 0.85
_ANYBODY = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]+")
_ANOTHER = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]+(?:\s[A-Z][a-z]+)*")
_AT = re.compile(r"\b(?:at|in|of|to|on|from|near)\s+$")
_SPOKEN_TO = 0.5
_ANOTHERS = 0.5
"""What is left of that where somebody else is named last."""
_RARE = 0.55
_HARDLY_ANOTHERS = 0.65
"""What a thing is worth that few have, beside the name of the one whose it should be."""
_COMMA = re.compile(r"(?:[,;—-]|\b(?:oh|my dear),?)\s*$", re.I)
_STOP = re.compile(r"[;.!?,”\"—]")
_YOU = re.compile(r"\b(?:I|me|my|you|your|thou|thee|thy|ye)\b")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Sentence:
    start: int
    end: int
    text: str
    paragraph: int
    words: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Has:
    """What a sentence has of a slot: where, and what that is worth."""

    places: tuple[tuple[int, float], ...]

    @property
    def worth(self) -> float:
        return max((worth for _at, worth in self.places), default=0.0)


_PART_OF = {
    "死": "(?![战力罪守士敌地者人])",
    "亡": "(?!命)",
    "家": "(?![眷奴])",
    "马": "(?![超岱谡腾良休忠遵上前后军步])",
    "城": "(?![上下])",
    "住": "(?![了手])",
    "好": "(?![生汉])",
    "将": "(?!军)",
}
"""What a Chinese character is not followed by where it means itself."""


@lru_cache(512)
def any_of(forms: tuple[str, ...]) -> re.Pattern[str]:
    if is_cjk(forms[0][0]):
        return re.compile(
            "|".join(form + _PART_OF.get(form, "") for form in sorted(forms, key=lambda one: (-len(one), one)))
        )
    return re.compile(r"\b(?:" + "|".join(re.escape(key(form).removesuffix("i")) for form in forms) + r")", re.I)


def loose(slot: Slot) -> re.Pattern[str]:
    return any_of(tuple(slot.forms))


def place_of(piece: Piece, first: Sentence, last: Sentence) -> Span:
    text = piece.text[first.start : last.end]
    start = piece.start + first.start + len(text) - len(text.lstrip())
    return Span(piece.scene, start, start + len(text.strip()))


def named(slot: Slot, sentence: Sentence) -> Has:
    assert slot.names is not None
    return Has(
        tuple(
            (match.start(), _SPOKEN_TO if _is_spoken_to(match, sentence.text) else 1.0)
            for match in slot.names.finditer(sentence.text)
        )
    )


def _is_spoken_to(match: re.Match[str], text: str) -> bool:
    """Whether this is whom somebody speaks to, of whom the sentence need not tell."""
    return bool(_COMMA.search(text[: match.start()]) and _STOP.match(text[match.end() :]) and _YOU.search(text))


def worded(slot: Slot, sentence: Sentence, question: Question) -> Has:
    if slot.is_owned and question.subjects:
        return owned(slot, question, sentence.text)
    if is_cjk(next(iter(slot.forms))[0]):
        places = [(match.start(), slot.forms[match[0]]) for match in loose(slot).finditer(sentence.text)]
    else:
        keys = _keys(tuple(slot.forms.items()))
        places = [(at, keys[word]) for at, word in sentence.words if word in keys]
    if slot.homes:
        places += [
            (match.start(), slot.homes[match[0]]) for match in any_place(tuple(slot.homes)).finditer(sentence.text)
        ]
    return Has(tuple(places))


@lru_cache(256)
def _keys(forms: tuple[tuple[str, float], ...]) -> dict[str, float]:
    """Words as sentences have them, with their worth."""
    found: dict[str, float] = {}
    for form, worth in forms:
        found[key(form)] = max(found.get(key(form), 0.0), worth)
    return found


def owned(slot: Slot, question: Question, text: str) -> Has:
    """Where a text speaks of somebody's kin or things."""
    names = question.subjects[0].names
    assert names is not None
    if not slot.homes and not slot.is_kin and not loose(slot).search(text):
        return Has(())
    is_reverse = slot.start > question.subjects[0].start and bool(_WHOSE.search(question.text))
    places = [
        (match.end(), worth)
        for pattern, worth in _ownings(
            tuple(form for form, worth in slot.forms.items() if worth >= AKIN),
            slot.word,
            names.pattern,
            slot.is_kin,
            is_reverse,
        )
        for match in pattern.finditer(text)
    ]
    if slot.homes:
        for match in any_place(tuple(slot.homes)).finditer(text):
            near = text[max(0, match.start() - 50) : match.end() + 50]
            if names.search(near):
                places.append((match.start(), slot.homes[match[0]]))
    if not places and slot.weight >= _RARE and not slot.is_kin and names.search(text):
        places = [(match.start(), _HARDLY_ANOTHERS) for match in loose(slot).finditer(text)]
    return Has(tuple(places))


@lru_cache(16)
def any_place(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(rf"\b{re.escape(name)}\b" for name in sorted(names, key=lambda one: (-len(one), one))))


_WHOSE = re.compile("谁的|whose", re.I)
ADJECTIVES = r"(?:(?!(?:and|but|to|of|in|at|on|with|for|from|by|that|who|was|is|had)\b)[\w-]+\s+){0,3}?"
"""What may stand between somebody's and what is theirs."""
CLOSED = r"(?=\s*(?:[,;:.!?”\"—)]|--|$|and\b))"
"""Behind a name in apposition."""


@lru_cache(256)
def _ownings(
    forms: tuple[str, ...], word: str, names: str, is_kin: bool, is_reverse: bool
) -> list[tuple[re.Pattern[str], float]]:
    """What tells of somebody's kin or things, with its worth."""
    if is_cjk(forms[0][0]):
        things = "|".join(form + _APART.get(form, "") for form in sorted(forms, key=lambda one: (-len(one), one)))
        if is_reverse:
            found = [(rf"(?:{things}){_GAP}(?:{names})", 1.0), (rf"(?:{names})[^。；曰]{{0,14}}之(?:{things})", 1.0)]
            return [(re.compile(pattern), worth) for pattern, worth in found]
        found = [
            (rf"(?:{names})(?:之|的|有|亲|家)?(?:[长次幼少二三四五大小义养亲嫡])?(?:{things})", 1.0),
            (rf"其(?:[长次幼少二三四五大小义养亲嫡])?(?:{things})", 0.75),
        ]
        if is_kin:
            found += [(other.format(names=rf"(?:{names})"), 0.95) for other in _COUNTER.get(word, ())]
        else:
            found.append((rf"(?:{names})[^。；！？：曰]{{0,10}}?(?:{things})", 0.85))
            found.append((rf"(?:{names})[^。；！？：曰]{{0,20}}?[养有骑造][^。；，曰]{{0,6}}?(?:{things})", 0.85))
        return [(re.compile(pattern), worth) for pattern, worth in found]
    things = any_of(forms).pattern + r"\w{0,4}"
    found = [
        (rf"(?:{names})[’']s?\s+{ADJECTIVES}{things}", 1.0),
        (rf"{things}\s+(?:of|to|belonging\s+to)\s+(?:\w+\s+){{0,2}}(?:{names})", 1.0),
        (rf"\b(?i:{_pronouns(names)}|whose)\s+(?:[\w-]+\s+){{0,2}}?{things}", 0.75),
    ]
    others = reverse(word) if is_kin else ()
    if others:
        of_others = rf"(?:{'|'.join(others)})\b"
        found += [
            (rf"\b{of_others}\s+(?:{names})", 0.95),
            (rf"\b{of_others},\s+(?:{names}){CLOSED}", 0.95),
            (rf"(?:{names})(?:,|\s+(?:is|was|had\s+been))\s+(?:[\w’'-]+\s+){{1,4}}?{of_others}", 0.95),
        ]
    if others[-2:] == MARRIED:
        found += [
            (rf"(?:{names})\s+(?:\w+\s+)?marri(?:ed|es)", 0.95),
            (rf"marri(?:ed|es)\s+(?:to\s+)?(?:{names})", 0.95),
            (rf"\b(?i:{_pronouns(names, 'he', 'she', 'he|she')})\s+(?:\w+\s+)?marri(?:ed|es)", 0.75),
        ]
    return [(re.compile(pattern), worth) for pattern, worth in found]


def _pronouns(names: str, his: str = "his", her: str = "her", both: str = "his|her|their") -> str:
    """What may stand for somebody with these names."""
    if re.search(r"(?:Mr|Sir|Lord)\b", re.sub(r"\(\?<!.*?\)", "", names)):
        return his
    return her if re.search(r"(?:Mrs|Miss|Lady)\b", re.sub(r"\(\?<!.*?\)", "", names)) else both


_GAP = "[，“]?"
_APART = {
    "子": "(?![龙敬建布父孙弟侄母人书明义将午衿丹])",
    "夫": "(?![人差])",
    "父": "(?!子|老)",
    "母": "(?!亲舅)",
    "兄": "(?!弟)",
    "弟": "(?!兄|子)",
    "女": "(?!婿|子|将|直)",
    "师": "(?!爷)",
    "友": "",
    "妻": "(?!子)",
}
_UP = ("之[子女]{names}", "生{names}", "{names}[^。；！？曰]{{0,14}}之[子女]", "[子女]{names}")


_COUNTER = {
    **dict.fromkeys(("父亲", "父", "爸爸", "母亲", "母", "妈妈"), _UP),
    **dict.fromkeys(("儿子", "子"), ("{names}(?:长|次|三|四)?生(?!擒|死)", "{names}[有生].{{0,4}}子")),
    **dict.fromkeys(("女儿",), ("{names}[有生].{{0,4}}女",)),
    **dict.fromkeys(
        ("妻子", "妻", "夫人", "老婆"), ("{names}(?:先)?[娶纳]", "嫁(?:与|给)?{names}", "{names}[^。；]{{0,6}}娶")
    ),
    **dict.fromkeys(("丈夫",), ("{names}[^。；]{{0,4}}嫁", "娶{names}")),
    **dict.fromkeys(("哥哥", "哥", "兄长"), ("弟{names}", "{names}[^。；曰]{{0,10}}之弟")),
    **dict.fromkeys(("弟弟", "弟"), ("兄{names}", "{names}[^。；曰]{{0,10}}[之弟]弟", "弟{names}")),
    **dict.fromkeys(("妹妹", "妹"), ("兄{names}",)),
    **dict.fromkeys(("侄子", "侄儿"), ("[叔伯舅]父?{names}",)),
}
"""The same told from the other side, with a place for the names."""


def context(read: Sequence[Sentence], has: Sequence[Has], at: int, question: Question, slot: Slot) -> tuple[float, int]:
    """What it is worth that a name stands shortly before a sentence about the same one, and how far back."""
    is_english = question.language == "en"
    if is_english and not HIS.search(read[at].text):
        return 0.0, 0
    for back, worth in ((1, 0.75), (2, 0.55), (3, 0.45), (4, 0.4)):
        if at - back >= 0 and has[at - back].places:
            if read[at - back].paragraph != read[at].paragraph:
                return worth * 0.8, back
            since = without_names(question, " ".join(one.text for one in read[at - back : at + 1]))
            is_sure = is_english and not slot.is_place and not _ANYBODY.search(since)
            if is_english and is_another_since(since[: len(since) - len(read[at].text)]):
                worth *= _ANOTHERS
            return max(worth, _SURELY - 0.05 * back) if is_sure else worth, back
    return 0.0, 0


def is_another_since(masked: str) -> bool:
    """Whether somebody else is named, other than as a place, behind the last of the names that a question has."""
    text = masked[masked.rfind("\x01") :]
    return any(not _AT.search(text, 0, match.start()) for match in _ANOTHER.finditer(text))


def without_names(question: Question, text: str) -> str:
    """A text without the names that the question has, as long as it was."""
    for slot in question.subjects:
        if slot.names:
            text = slot.names.sub(lambda match: "\x01" * len(match[0]), text)
    return text


@lru_cache(2048)
def split(text: str) -> tuple[Sentence, ...]:
    ends = [end for _, end in paragraphs(text)]
    read = []
    for start, end in sentences(text):
        piece = text[start:end]
        words = (
            ()
            if any(map(is_cjk, piece[:20]))
            else tuple((match.start(), key(match[0])) for match in _WORD.finditer(piece))
        )
        read.append(Sentence(start, end, piece, bisect_left(ends, end), words))
    return tuple(read)
