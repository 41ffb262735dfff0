"""Which sentences of a book answer a question, and how well."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from writer.ask.ground import Ground, Piece
from writer.ask.question import Question, Slot, key
from writer.ask.vocabulary import AKIN
from writer.memory.worth import tells_who
from writer.names.chinese import is_surname
from writer.story import Passage, Span
from writer.text import is_cjk, paragraphs, sentences

ENOUGH = 0.6
"""The share of what is asked that a sentence must have to answer it."""

LEAST = 0.42
"""The score from which on a sentence is an answer."""

READ = 40
"""So many chunks are read sentence by sentence."""

_LOOKED_THROUGH = 240
_MEETINGS = 3
_SPEECH = frozenset("\"“'‘「『")
_ELSEWHERE = 0.6
_TOGETHER = 0.5
_LIGHTEST = 0.2
_NOT_HERE = 0.5
_UNSHAPED = 0.3
_FAR = {"en": 60, "zh": 16}
_HIS = re.compile(r"\b(?:he|she|they|it|his|her|him|hers|their|its|himself|herself)\b|[他她它其]", re.I)
_POSSESSIVE = re.compile(r"(?:(?:Mr|Mrs|Dr)\.\s+)?\w+[’']s\b")
_WORD = re.compile(r"[^\W_]+")
_LONGEST = 420
_UNREAL = re.compile(
    r"\b(?:if|would|could|should|might|may|wish|whether|suppose|will|hope|sure)\b|[若倘]|如果|必[须当欲]|岂|何不|愿",
    re.I,
)
_PERSON = re.compile(r"\b[A-Z][a-z]{2,}")
_NAMED = re.compile(
    r"(?<=[a-z,;“\"] )[A-Z][a-z]+|(?<=[a-z] )_[A-Z]|(?:名曰|唤作|叫做?|号曰|名为|名|号)[“「]?[\u4e00-\u9fff]"
)
_DEFINED_EN = (
    r"@,?\s+(?:who\s+)?(?:is|was|had\s+been)\s+(?!not\b)(?:\w+\s+){{0,2}}?(?:an?|the|his|her|their|my|one)\b",
    r"@,\s+(?:who|whose)\s+[^;]{{5,90}},\s+(?:is|was)\s+(?:an?|the|his|her)\b",
    r"@,\s+(?:an?|the|his|her|their|my|[A-Z]\w+[’']s|eldest|youngest|second|only|\w+\s+(?:son|daughter)\s+of)\b",
    r"(?:{kin}),?\s+@",
)
_KIN_EN = (
    r"son|daughter|wife|husband|widow|brother|sister|mother|father|uncle|aunt|cousin|friend|nephew|niece|servant|housekeeper"
    r"|steward|heir|called|named|governess|maid"
)
_DEFINED_ZH = (
    r"@(?:，)?(?:字|者|乃|本是|原是|是)(?!不)[^？。]{{1,30}}",
    r"[之的](?:子|女|弟|兄|妻|孙|侄|母|父|妹|后|妾|叔|婿|将|臣|歌伎|谋士)@|(?:太守|将军|丞相|先生|校尉|县令|名医|神医|参军|歌伎|军师|大夫|老师|医生)@|@(?:，)?[^。，]{{1,14}}(?:人也|之[子女弟兄妻孙后侄])",
    r"姓\w{{1,2}}，?名\w|[曰名乃]@也?",
)


@dataclass(frozen=True, slots=True)
class _Sentence:
    start: int
    end: int
    text: str
    paragraph: int
    words: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class _Has:
    """What a sentence has of a slot: where, and what that is worth."""

    places: tuple[tuple[int, float], ...]

    @property
    def worth(self) -> float:
        return max((worth for _at, worth in self.places), default=0.0)


def found(question: Question, ground: Ground) -> list[Passage]:
    """The sentences that answer a question, best first."""
    if not question.subjects and not question.slots:
        return []
    if any(not slot.is_known for slot in question.subjects):
        return []
    if not _is_spoken_of(question):
        return []
    scored: dict[Span, tuple[float, int, Passage]] = {}
    for piece in _pieces(question, ground):
        for score, span, text in _weighed(question, piece, ground):
            if score >= LEAST:
                scored.setdefault(span, (score, piece.rank, Passage(text, span, round(score, 4))))
    for passage, rank in _stated(question, ground):
        scored[passage.span] = (passage.score, rank, passage)
    if "who" in question.kinds and question.slots:
        _vote(scored, question, ground)
    if question.is_who and not scored and len(question.subjects) == 1:
        return _apart(list(_met(question.subjects[0], ground)))
    best = sorted(scored.values(), key=lambda one: (-one[0], one[1], one[2].span.start))
    return _apart([passage for _score, _rank, passage in best])


def _met(slot: Slot, ground: Ground) -> Iterator[Passage]:
    """Where the book first speaks of somebody whom no sentence defines: from there on a reader knows who it is."""
    assert slot.names is not None
    rows = ground.in_order(frozenset().union(*map(ground.rows, slot.forms)))
    for piece in ground.pieces(rows[:_MEETINGS]):
        having = [one for one in _sentences(piece.text) if slot.names.search(one.text)]
        if having:
            sentence = min(having, key=lambda one: one.text.lstrip()[:1] in _SPEECH)
            yield Passage(sentence.text.strip(), _span(piece, sentence, sentence), LEAST)


def _vote(scored: dict[Span, tuple[float, int, Passage]], question: Question, ground: Ground) -> None:
    """Favour the sentences that name whom most of the others name too."""
    named = {}
    votes: dict[str, float] = {}
    for span, (score, _rank, passage) in scored.items():
        text = _without_names(question, passage.text)
        named[span] = {entry.name for name, entry in ground.owners.items() if entry.kind != "place" and name in text}
        for name in named[span]:
            votes[name] = votes.get(name, 0.0) + score
    most = max(votes.values(), default=0.0)
    for span, (score, rank, passage) in list(scored.items()):
        share = max((votes[name] for name in named[span]), default=0.0) / most if most else 0.0
        better = round(score * (1 + _VOTE * share), 4)
        scored[span] = (better, rank, Passage(passage.text, span, better))


_VOTE = 0.4


def _is_spoken_of(question: Question) -> bool:
    """Whether the book may speak of what is asked: a word that it never has counts as missing."""
    whole = sum(slot.weight for slot in question.slots)
    known = sum(
        slot.weight
        for slot in question.slots
        if slot.is_known or any(w > ENOUGH for f, w in slot.forms.items() if w < 1)
    )
    return not question.slots or known >= ENOUGH * whole


def _pieces(question: Question, ground: Ground) -> Iterator[Piece]:
    """The chunks that are worth reading, in order of promise."""
    named = [frozenset().union(*map(ground.rows, slot.forms)) for slot in question.subjects]
    asked = [
        {row: worth for form, worth in sorted(slot.forms.items(), key=lambda one: one[1]) for row in ground.rows(form)}
        for slot in question.slots
    ]
    for having, slot in zip(asked, question.slots, strict=True):
        for place, worth in slot.homes.items():
            for row in ground.rows(place):
                having[row] = max(having.get(row, 0.0), worth)
    scores: dict[int, float] = {}
    for rows, slot in zip(named, question.subjects, strict=True):
        for row in rows:
            scores[row] = scores.get(row, 0.0) + 1.0 + slot.weight
    for having, slot in zip(asked, question.slots, strict=True):
        for row, worth in having.items():
            scores[row] = scores.get(row, 0.0) + 2 * worth * slot.weight
    order = {row: at for at, row in enumerate(ground.in_order(scores))}
    best = sorted(scores, key=lambda row: (-round(scores[row], 3), order[row]))[:_LOOKED_THROUGH]
    pieces = list(ground.pieces(best))
    close = [_promise(question, piece.text) for piece in pieces]
    chosen = sorted(range(len(pieces)), key=lambda i: (-close[i], pieces[i].rank, pieces[i].start))[:READ]
    yield from (pieces[i] for i in chosen)


def _promise(question: Question, text: str) -> float:
    """How near each other names and words of a question stand anywhere in a text."""
    far = _FAR[question.language]
    places = [[match.start() for match in slot.names.finditer(text)] for slot in question.subjects if slot.names]
    wanted = [(slot.weight, _loose(slot)) for slot in question.slots if not slot.is_owned]
    if question.is_who:
        return max([_definition(question, text), 0.0])
    if not question.slots:
        wanted = [(1.0, shape) for shape in question.shapes()]
    for slot in question.slots:
        if slot.homes:
            wanted.append((slot.weight, _places(tuple(slot.homes))))
    value = 2 * sum(slot.weight * _owned(slot, question, text).worth for slot in question.slots if slot.is_owned)
    for weight, pattern in wanted:
        at = [match.start() for match in pattern.finditer(text)]
        if not places:
            value += weight * bool(at)
            continue
        for own in places:
            distance = (
                min(
                    (
                        abs(own[min(max(i + d, 0), len(own) - 1)] - one)
                        for one in at
                        for i in [bisect_left(own, one)]
                        for d in (-1, 0)
                    ),
                    default=9999,
                )
                if own
                else 9999
            )
            value += weight / (1 + distance / far) if at else 0.0
    return value


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
def _pattern(forms: tuple[str, ...]) -> re.Pattern[str]:
    if is_cjk(forms[0][0]):
        return re.compile(
            "|".join(form + _PART_OF.get(form, "") for form in sorted(forms, key=lambda one: (-len(one), one)))
        )
    return re.compile(r"\b(?:" + "|".join(re.escape(key(form).removesuffix("i")) for form in forms) + r")", re.I)


def _loose(slot: Slot) -> re.Pattern[str]:
    return _pattern(tuple(slot.forms))


def _weighed(question: Question, piece: Piece, ground: Ground) -> Iterator[tuple[float, Span, str]]:
    """The sentences of a chunk with what each is worth as an answer."""
    read = _sentences(piece.text)
    names = [[_named(slot, one) for slot in question.subjects] for one in read]
    words = [[_has(slot, one, question) for slot in question.slots] for one in read]
    for at, sentence in enumerate(read):
        first = at
        here = []
        for i, slot in enumerate(question.subjects):
            own = names[at][i].worth
            if not own:
                own, back = _context(read, [row[i] for row in names], at, question.language)
                if (
                    not own
                    and at + 1 < len(read)
                    and read[at + 1].paragraph == read[at].paragraph
                    and names[at + 1][i].places
                ):
                    own = _ELSEWHERE
                if slot.is_place and not own and (len(question.subjects) > 1 or any(row[i].places for row in names)):
                    own, back = 0.6, 0
                if not own and len(question.subjects) > 1 and any(row[i].places for row in names):
                    own = _NOT_HERE
                first = min(first, at - back)
            here.append(own)
        if here and min(here) == 0:
            continue
        if question.is_who:
            worth = _definition(question, sentence.text) if first == at else 0.0
            if worth:
                yield worth * _plainness(sentence.text), _span(piece, sentence, sentence), sentence.text.strip()
            continue
        share = _share(question, words, at)
        if question.slots and share < ENOUGH - 1e-9:
            continue
        score = share if question.slots else 0.8
        for own in here:
            score *= own
        score *= _nearness(question, names[at], words[at], sentence, first == at)
        shaped, last = _shaped(question, read, at, ground, names[at], words[at])
        score *= shaped * _plainness(sentence.text)
        start, end = read[first], read[last]
        text = piece.text[start.start : end.end]
        if len(text) > _LONGEST:
            start, end = sentence, sentence
            text = sentence.text
        yield score, _span(piece, start, end), text.strip()


def _span(piece: Piece, first: _Sentence, last: _Sentence) -> Span:
    text = piece.text[first.start : last.end]
    start = piece.start + first.start + len(text) - len(text.lstrip())
    return Span(piece.scene, start, start + len(text.strip()))


def _named(slot: Slot, sentence: _Sentence) -> _Has:
    assert slot.names is not None
    return _Has(tuple((match.start(), 1.0) for match in slot.names.finditer(sentence.text)))


def _has(slot: Slot, sentence: _Sentence, question: Question) -> _Has:
    if slot.is_owned and question.subjects:
        return _owned(slot, question, sentence.text)
    if is_cjk(next(iter(slot.forms))[0]):
        places = [(match.start(), slot.forms[match[0]]) for match in _loose(slot).finditer(sentence.text)]
    else:
        keys = _keys(tuple(slot.forms.items()))
        places = [(at, keys[word]) for at, word in sentence.words if word in keys]
    if slot.homes:
        places += [
            (match.start(), slot.homes[match[0]]) for match in _places(tuple(slot.homes)).finditer(sentence.text)
        ]
    return _Has(tuple(places))


@lru_cache(256)
def _keys(forms: tuple[tuple[str, float], ...]) -> dict[str, float]:
    """Words as sentences have them, with their worth."""
    found: dict[str, float] = {}
    for form, worth in forms:
        found[key(form)] = max(found.get(key(form), 0.0), worth)
    return found


def _owned(slot: Slot, question: Question, text: str) -> _Has:
    """Where a text speaks of somebody's kin or things."""
    names = question.subjects[0].names
    assert names is not None
    if not slot.homes and not _loose(slot).search(text) and not (slot.is_kin and is_cjk(slot.word[0])):
        return _Has(())
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
        for match in _places(tuple(slot.homes)).finditer(text):
            near = text[max(0, match.start() - 50) : match.end() + 50]
            if names.search(near):
                places.append((match.start(), slot.homes[match[0]]))
    return _Has(tuple(places))


@lru_cache(16)
def _places(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(rf"\b{re.escape(name)}\b" for name in sorted(names, key=lambda one: (-len(one), one))))


_WHOSE = re.compile("谁的|whose", re.I)


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
    things = _pattern(forms).pattern + r"\w{0,4}"
    found = [
        (rf"(?:{names})[’']s?\s+(?:[\w-]+\s+){{0,3}}?{things}", 1.0),
        (rf"{things}\s+(?:of|to|belonging\s+to)\s+(?:\w+\s+)?(?:{names})", 1.0),
        (rf"\b(?:{_pronouns(names)}|whose)\s+(?:[\w-]+\s+){{0,2}}?{things}", 0.75),
    ]
    return [(re.compile(pattern), worth) for pattern, worth in found]


def _pronouns(names: str) -> str:
    """What may stand for somebody with these names."""
    if re.search(r"(?:Mr|Sir|Lord)\b", re.sub(r"\(\?<!.*?\)", "", names)):
        return "his"
    return "her" if re.search(r"(?:Mrs|Miss|Lady)\b", re.sub(r"\(\?<!.*?\)", "", names)) else "his|her|their"


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


def _context(read: Sequence[_Sentence], has: Sequence[_Has], at: int, language: str) -> tuple[float, int]:
    """What it is worth that a name stands shortly before a sentence about the same one, and how far back."""
    if language == "en" and not _HIS.search(read[at].text):
        return 0.0, 0
    for back, worth in ((1, 0.75), (2, 0.55), (3, 0.45), (4, 0.4)):
        if at - back >= 0 and has[at - back].places:
            return worth * (1.0 if read[at - back].paragraph == read[at].paragraph else 0.8), back
    return 0.0, 0


def _share(question: Question, words: Sequence[Sequence[_Has]], at: int) -> float:
    """How much of what is asked a sentence has, or those beside it."""
    whole = got = _TOGETHER if len(question.subjects) > 1 else 0.0
    most = max((slot.weight for slot in question.slots), default=0.0)
    for i, slot in enumerate(question.slots):
        own = words[at][i].worth
        if not slot.is_owned:
            beside = max((words[at + d][i].worth for d in (-1, 1) if 0 <= at + d < len(words)), default=0.0)
            own = max(own, _ELSEWHERE * beside if len(question.slots) > 1 else 0.0)
        whole += slot.weight
        got += slot.weight * own
        if own < 0.55 and slot.weight == most > _LIGHTEST:
            return 0.0
    return got / whole if whole else 1.0


def _nearness(
    question: Question, names: Sequence[_Has], words: Sequence[_Has], sentence: _Sentence, is_own: bool
) -> float:
    """How near each other the names and words stand, and whether in the order of the question."""
    far = _FAR[question.language]
    value = 1.0
    for name, subject in zip(names, question.subjects, strict=True):
        for word, slot in zip(words, question.slots, strict=True):
            if slot.is_owned:
                continue
            if not name.places or not word.places:
                continue
            distance, a, b = min((abs(a - b), a, b) for a, _ in name.places for b, _w in word.places)
            value *= 0.25 + 0.95 / (1 + distance / far)
            if (a < b) == (subject.start < slot.start):
                value *= 1.15
            if _POSSESSIVE.match(sentence.text, a) or sentence.text[a - 1 : a] == "被":
                value *= 0.6
    return value


def _shaped(
    question: Question, read: Sequence[_Sentence], at: int, ground: Ground, names: Sequence[_Has], words: Sequence[_Has]
) -> tuple[float, int]:
    """What a sentence's shape is worth, and how far on one has to read for that."""
    text = read[at].text
    value = 1.0
    last = at
    far = _FAR[question.language]
    anchors = [place for has in (*words, *names) for place, _ in has.places]
    masked = _without_names(question, text) if "where" in question.kinds and not question.slots else text
    for shape in question.shapes():
        places = [match.start() for match in shape.finditer(masked)]
        if places:
            distance = min((abs(a - b) for a in anchors for b in places), default=far)
            is_apart = "named" in question.kinds and distance > far
            value *= _UNSHAPED if is_apart else 0.75 + 0.45 / (1 + distance / far)
        elif "named" in question.kinds and any(_places(tuple(s.homes)).search(text) for s in question.slots if s.homes):
            value *= 1.1
        elif on := _further(question, read, at, shape):
            value *= 0.85 if on == 1 else 0.75
            last = at + on
        else:
            value *= _UNSHAPED if "why" not in question.kinds else 0.7
    if "where" in question.kinds:
        value *= 1.3 if any(name in masked for name, entry in ground.owners.items() if entry.kind == "place") else 0.8
        if not question.slots:
            near = [abs(match.start() - at) for match in _LIES.finditer(masked) for at in anchors]
            value *= 0.6 + 0.9 / (1 + min(near, default=4 * far) / far)
    if "many" in question.kinds and question.slots:
        value *= 1.0 if _is_counted(question, text, words) else 0.25
    if "who" in question.kinds or any(slot.is_kin for slot in question.slots):
        value *= _others(question, text, ground, names, words)
    return value, last


def _further(question: Question, read: Sequence[_Sentence], at: int, shape: re.Pattern[str]) -> int:
    """How many sentences further the shape of an answer is, if they go on about the same; 0 if nowhere."""
    if {"why", "named"} & set(question.kinds) or (not question.slots and len(read[at].text) > _SHORT):
        return 0
    for on in (1, 2):
        if at + on >= len(read) or read[at + on].paragraph != read[at].paragraph:
            return 0
        text = read[at + on].text.strip()
        if question.language == "en" and not _HIS.match(text):
            return 0
        if shape.search(text) and (question.language == "en" or len(text) < 24):
            return on
    return 0


_SHORT = 120


def _is_counted(question: Question, text: str, words: Sequence[_Has]) -> bool:
    """Whether a number stands just before what is asked for."""
    [shape] = [
        shape for kind, shape in zip(question.kinds, question.shapes(), strict=False) if kind == "many"
    ] or question.shapes()[:1]
    reach = 24 if question.language == "en" else 8
    ends = [place for has in words for place, _ in has.places]
    return any(0 <= end - match.start() <= reach for match in shape.finditer(text) for end in ends)


def _without_names(question: Question, text: str) -> str:
    """A text without the names that the question has, as long as it was."""
    for slot in question.subjects:
        if slot.names:
            text = slot.names.sub(lambda match: "\x01" * len(match[0]), text)
    return text


_LIES = re.compile(
    r"\b(?:situat\w+|miles?|within|stands?|stood|near|village|county|lies|lay|coast|town|north|south|east|west|shire)\b|位于|坐落|[里]外|之[东西南北]|[东西南北]边|在"
)


def _others(question: Question, text: str, ground: Ground, names: Sequence[_Has], words: Sequence[_Has]) -> float:
    """What it is worth that a sentence names somebody else, the nearer what is asked the more."""
    masked = _without_names(question, text)
    far = _FAR[question.language]
    word_at = [place for has in words for place, _ in has.places]
    name_at = [place for has in names for place, _ in has.places]
    for slot, has in zip(question.slots, words, strict=True):
        if slot.is_kin and any(_APPOSED.match(text, at) or is_surname(text[at : at + 1]) for at, _ in has.places):
            return 1.35
        if not slot.is_owned and any(_JOINED.match(text, at) for at, _ in has.places):
            return 1.35
    best = 0.0
    for name, entry in ground.owners.items():
        at = masked.find(name) if entry.kind != "place" else -1
        while at >= 0:
            spread = 0
            for anchors in (word_at, name_at):
                spread = max(spread, min((abs(at - anchor) for anchor in anchors), default=far // 2))
            best = max(best, 0.6 + 0.7 / (1 + spread / far))
            at = masked.find(name, at + 1)
    if best:
        return best
    return 0.9 if _SOMEBODY.search(masked) or is_surname(masked.lstrip()[:1]) or "被" in masked else 0.5


_SOMEBODY = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]+")
_JOINED = re.compile(r"\w+\s+(?:with|to|by|of)\s+(?:(?:Mr|Mrs|Miss|Dr|Sir|Lady)\.?\s+)?[A-Z][a-z]")
_APPOSED = re.compile(r",?\s+(?:(?:Mr|Mrs|Miss|Dr|Sir|Lady)\.?\s+)?[A-Z][a-z]")


def _definition(question: Question, text: str) -> float:
    """How far a text says who or what the one is who is asked for."""
    [*_, slot] = question.subjects
    assert slot.names is not None
    if not slot.names.search(text):
        return 0.0
    masked = slot.names.sub("@", text)
    whole = slot.names.sub("\x02", text)
    patterns = _DEFINED_EN if question.language == "en" else _DEFINED_ZH
    hits = sum(bool(re.search(pattern.format(kin=_KIN_EN), masked)) for pattern in patterns)
    told = tells_who(whole, "\x02", 0.0, question.language) if len(text) < 400 else 30
    return (0.35 + 0.35 * hits + min(told, 60) / 120) if hits else 0.0 if told < 20 else min(told, 60) / 150


def _plainness(text: str) -> float:
    """What it takes from a sentence that it asks, wishes, or that somebody says it."""
    plain = text.strip()
    value = 1.0
    if plain.rstrip("”\"'’」』")[-1:] in ("?", "？"):
        value *= 0.45
    if plain[:1] in '“"「『' and plain[-1:] in '”"」』':
        value *= 0.85
    if _UNREAL.search(plain):
        value *= 0.75
    if "曰：“" in plain or "道：“" in plain:
        value *= 0.85
    if len(plain) > 300:
        value *= 0.85
    return value


def _stated(question: Question, ground: Ground) -> Iterator[tuple[Passage, int]]:
    """Facts that answer the question, as sentences."""
    if len(question.subjects) != 1:
        return
    wanted = set()
    if "aged" in question.kinds:
        wanted.add("age")
    if "styled" in question.kinds:
        wanted.add("courtesy name")
    wanted |= {form for slot in question.slots for form in slot.forms if slot.is_kin and not is_cjk(form[0])}
    for slot in question.slots:
        wanted |= {"eyes"} & {"eyes" if slot.word in ("eyes", "眼睛") else ""}
        wanted |= {"hair"} & {"hair" if slot.word in ("hair", "头发") else ""}
    for fact in ground.facts:
        if fact.subject in question.subjects[0].forms and fact.attribute in wanted:
            source = fact.source
            yield Passage(source.text, source.span, 1.5), 0


def _apart(passages: Sequence[Passage]) -> list[Passage]:
    """Without those that overlap a better one or say the same."""
    kept: list[Passage] = []
    for one in passages:
        if not any(_is_same(one, other) for other in kept):
            kept.append(one)
        if len(kept) == 12:
            break
    return kept


def _is_same(one: Passage, other: Passage) -> bool:
    a, b = one.span, other.span
    return (a.scene == b.scene and a.start < b.end and b.start < a.end) or one.text == other.text


@lru_cache(2048)
def _sentences(text: str) -> tuple[_Sentence, ...]:
    ends = [end for _, end in paragraphs(text)]
    read = []
    for start, end in sentences(text):
        piece = text[start:end]
        words = (
            ()
            if any(map(is_cjk, piece[:20]))
            else tuple((match.start(), key(match[0])) for match in _WORD.finditer(piece))
        )
        read.append(_Sentence(start, end, piece, bisect_left(ends, end), words))
    return tuple(read)
