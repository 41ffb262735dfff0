"""Names in Chinese prose: a tagger's opinion, surnames, titles, and who speaks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial

from writer.names.words import words
from writer.story import Mention

_CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_ANY = re.compile(f"[{_CJK}]")
_HAN = re.compile(f"[{_CJK}]+")
_DOTS = ("·", "•", "・", "‧")
_LONGEST = 4
_LONGEST_PLACE = 6
_LONGEST_FOREIGN = 7
_TWICE = 2
_OFTEN = 3
_HARD = "曰问笑道说叹引谓乃遂亦皆俱却"
_IN_NAMES = frozenset("云军兵正中和言喜先心知")  # of the tails those that given names often end with
_EARTH = frozenset("半那这大小后前深高两入出山水江河海湖村镇城路街巷门谷岭桥关虎天火远近")
_GROUND = frozenset("山水口海湖路河桥坡洞")
_MATERIAL = frozenset("金白黄高石马方温江林夏田梅钱熊关苗安楚梁")  # surnames that stand before what is made of them
_COLOURS = frozenset("金白黄石")
_IN_NO_NAME = frozenset("的了着们吗呢吧这那他她它我你您")
_AT_NO_END = frozenset("其乎矣哉耶")
_OF = re.compile("汝|吾之|.之[徒辈流众兵军言计过罪势策]$")  # somebody's, and no Zhang Zhidong
_TROOPS = frozenset("兵军")
_REINS = frozenset("拍飞骤催勒跃拨骑纵")  # in front of a horse, which is no Ma
_NOW = frozenset("今当")
_ASKS = frozenset("？?！!乎哉耶")
_NUMBERS = frozenset("一二三四五六七八九十两几数诸各")
_COUNTED = frozenset("门州郡县寨营镇村城乡")
_SIDES = frozenset("东西南北")
_WAYS = frozenset("登拒围攻守弃隔沿塞绕爬翻越")
_OFFICES = frozenset(("司徒", "司空", "司马", "司寇", "太史"))
_SEATS = frozenset("寺岭洲观庙庵州县镇村庄寨府湾港岛")
_GIVEN = 3  # a surname and a given name of two
_NAMED = ("ns", "nr", "nz", "nrt", "nrfg")
_SPOKEN_TAGS = ("n", "x", "a", "v", "i", "j", "z", "t", "q", "s", "g", "b")


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    tag: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


_words = partial(words, "chinese")
_NOTHING = _Word("", "x", 0)


def find(text: str) -> list[Mention]:
    """The names of a text in order, none over another."""
    if not _ANY.search(text):
        return []
    found: list[Mention] = []
    for mention in sorted(_seen(text, _tagged(text)), key=lambda m: (m.start, -m.end)):
        if _is_told(text, mention):
            continue
        mention = _grown(text, mention)
        while found and mention.start < found[-1].end and mention.end - mention.start > len(found[-1].name):
            found.pop()
        if not found or mention.start >= found[-1].end:
            found.append(mention)
    return _again(text, found)


def _is_told(text: str, mention: Mention) -> bool:
    """Whether this is part of what tells a name and no name in itself: surnamed Yang, named Zhi."""
    before = text[max(0, mention.start - 3) : mention.start]
    return "名" in mention.name[:2] and "姓" in before


def _grown(text: str, mention: Mention) -> Mention:
    """The name with what always stands before or behind it, if that may be a part of a foreign one cut in two."""
    name = mention.name
    if not _is_spelled(name) or text.count(name) < (_OFTEN if is_word(name) else _TWICE):
        return mention
    start, end = mention.start, mention.end
    while (
        end - start < _LONGEST_FOREIGN and text[end : end + 1] in _sounds() and _is_always(text, name, name + text[end])
    ):
        end += 1
        name = text[start:end]
    while end - start < _LONGEST_FOREIGN and start and text[start - 1] in _sounds():
        if not _is_always(text, name, text[start - 1] + name):
            break
        start -= 1
        name = text[start:end]
    return Mention(name, start, end, mention.kind, True) if name != mention.name else mention


def _is_always(text: str, name: str, longer: str) -> bool:
    return text.count(name) == text.count(longer)


def _tagged(text: str) -> list[_Word]:
    import rjieba

    tagged, at = [], 0
    for word, tag in rjieba.tag(text):
        tagged.append(_Word(word, tag, at))
        at += len(word)
    return tagged


def _again(text: str, found: list[Mention]) -> list[Mention]:
    """With every other place where one of the sure names stands, or what somebody of three characters is for short."""
    sure = {mention.name for mention in found if mention.is_sure and len(mention.name) > 1}
    if not sure:
        return found
    short = {name[1:] for name in sure if len(name) == _GIVEN and name[0] in _likely() and _is_called(text, name[1:])}
    pattern = re.compile("|".join(map(re.escape, sorted(sure | short, key=lambda name: (-len(name), name)))))
    whole = {match.start(): match for match in pattern.finditer(text)}
    taken = [False] * len(text)
    known: list[Mention] = []
    for mention in found:
        if (match := whole.get(mention.start)) and _is_longer(text, match[0], mention.name):
            mention = Mention(match[0], *match.span(), mention.kind, True)
        elif (stem := mention.name[:-1]) in sure and _is_stuck(text, mention.name, stem):
            mention = Mention(stem, mention.start, mention.end - 1, mention.kind, True)
        if known and known[-1].end > mention.start:
            continue
        known.append(replace(mention, kind="person", is_sure=True) if mention.name in short else mention)
        taken[mention.start : mention.end] = [True] * (mention.end - mention.start)
    others = [
        Mention(match[0], *match.span(), "person" if match[0] in short else "name", True)
        for match in whole.values()
        if not any(taken[match.start() : match.end()])
    ]
    return sorted([*known, *others], key=lambda mention: mention.start)


def _is_longer(text: str, name: str, said: str) -> bool:
    """Whether what was found is but the beginning of this name wherever it stands."""
    return len(name) > len(said) and text.count(name) == text.count(said)


def _is_stuck(text: str, name: str, stem: str) -> bool:
    """Whether a word stuck, once, to a name that comes again without it."""
    return stem not in _words("compound") and text.count(name) == 1 and text.count(stem) >= _OFTEN


def _is_called(text: str, given: str) -> bool:
    """Whether somebody is called by the given name alone: spoken to, or speaking."""
    if given in _words("stops") or given in _words("titles") or _is_ground(given):
        return False
    if is_rare(given):
        return True
    for start, end in _places(text, given):
        behind = text[end : end + 5]
        if start and text[start - 1] in "“「『，" and behind[:1] in "，！…":
            return True
        if not _ANY.match(text[start - 1 : start]) and re.match("[^，。]{0,3}[说道问曰][：:，]", behind):
            return True
    return False


def _places(text: str, name: str) -> Iterator[tuple[int, int]]:
    """Where a name begins and ends, from the first to the last."""
    start = text.find(name)
    while start >= 0:
        yield start, start + len(name)
        start = text.find(name, start + len(name))


def _seen(text: str, tagged: list[_Word]) -> Iterator[Mention]:
    stops, surnames = _words("stops"), _heads()
    padded = [_NOTHING, _NOTHING, *tagged, _NOTHING, _NOTHING, _NOTHING]
    for i in range(2, len(padded) - 3):
        word = padded[i]
        if word.text in _DOTS:
            if mention := _foreign(padded, i):
                yield mention
        elif _is_han(word) and word.text not in stops:
            if word.text in surnames and (mention := _cut(text, padded[i - 1 : i + 4])):
                yield mention
            else:
                yield from _at(text, padded[i - 1], word, padded[i + 1], padded[i + 2])


def _cut(text: str, tagged: Sequence[_Word]) -> Mention | None:
    """A surname and a given name that the tagger took for words, by what the whole does or how often it comes again."""
    before, word, *rest = tagged
    is_compound = len(word.text) > 1
    for parts in (1, 2):
        given, after = rest[:parts], rest[parts]
        said = "".join(part.text for part in given)
        if not all(map(_is_han, given)) or len(said) > 2 or not _may_be_given(given):
            return None
        name = word.text + said
        if len(name) < _GIVEN or (not is_compound and _times(text, name[:-1]) > _times(text, name)):
            continue
        acts = _begins(before) and (after.text in _words("speech") or _acts(after))
        is_led = is_compound or before.tag == "p" or before.text in _words("titles")
        if _times(text, name) >= (_TWICE if acts or is_led else _OFTEN) and (acts or _comes_again(text, name, said)):
            return Mention(name, word.start, word.start + len(name), "person", True)
    return None


@lru_cache(maxsize=1024)
def _times(text: str, name: str) -> int:
    """How often a text has a name; in a long one the same is asked again and again."""
    return text.count(name)


@lru_cache(maxsize=1024)
def _comes_again(text: str, name: str, given: str) -> bool:
    """Whether a text has the given name nowhere else, and the whole among different words."""
    if name[0] in _MATERIAL or _times(text, given) > _times(text, name) + 1:
        return False
    sides = [(text[max(0, start - 1) : start], text[end : end + 1]) for start, end in _places(text, name)]
    return all(len(set(side)) > 1 for side in zip(*sides, strict=True))


def _may_be_given(given: list[_Word]) -> bool:
    """Whether these may be a given name, and are neither what somebody does nor a place, time or number."""
    return all(part.text not in _never_given() and part.tag[:1] not in "pcurmfty" for part in given)


@cache
def _never_given() -> frozenset[str]:
    return frozenset().union(*map(_words, ("speech", "does", "stops", "place_ends", "titles")))


@cache
def _heads() -> frozenset[str]:
    return _likely() | _words("compound")


def _at(text: str, before: _Word, word: _Word, after: _Word, behind: _Word) -> Iterator[Mention]:
    mention = _addressed(before, word, after, behind) or _spelled(word, after, behind)
    if mention is None and word.tag[:1] in _SPOKEN_TAGS:
        mention = _located(before, word, after, behind) or _person(text, before, word, after, behind)
    if mention:
        yield mention


def _is_han(word: _Word) -> bool:
    return word.text > "\u33ff" and (word.tag != "x" or _HAN.fullmatch(word.text) is not None)


def _addressed(before: _Word, word: _Word, after: _Word, behind: _Word) -> Mention | None:
    """A surname and a title, or a surname behind "little" or "old"."""
    text = word.text
    if len(text) > 2 and text not in _words("compound"):
        return None
    if after.text in _words("titles") and is_surname(text) and (len(after.text) > 1 or word.tag[:2] == "nr"):
        return Mention(text + after.text, word.start, after.end, "person", True)
    if (
        text in ("小", "老", "阿")
        and len(after.text) == 1
        and after.text in _likely()
        and before.text[-1:] not in "一最"
    ):
        return Mention(text + after.text, word.start, after.end, "person", _acts(behind))
    if len(text) == 2 and text[0] in "小老" and text[1] in _likely():
        return Mention(text, word.start, word.end, "person", True)
    if (
        len(text) == 2
        and text[1] in "妈嫂婶姨哥姐叔伯"
        and word.tag[:2] == "nr"
        and is_surname(text[0])
        and not is_word(text)
    ):
        return Mention(text, word.start, word.end, "person", True)
    if len(text) == 2 and text[0] == "阿" and (word.tag[:2] == "nr" or _acts(after)):
        return Mention(text, word.start, word.end, "person", True)
    if text in _OFFICES and _is_full_name(after):
        return Mention(after.text, after.start, after.end, "person", True)
    is_given = _is_han(after) and after.tag[:1] not in "pcuydr" and not _acts(after)
    name = without_tail(text + after.text) if is_given and text in _words("compound") else ""
    if len(text) < len(name) <= _LONGEST and name[len(text) :] not in _words("tails"):
        return Mention(name, word.start, word.start + len(name), "person", True)
    return None


def _is_full_name(word: _Word) -> bool:
    """Whether this is a surname and a given name, and what stands before it an office."""
    head = word.text[:1]
    return word.tag[:2] == "nr" and len(word.text) > 1 and head in _likely() and head not in _MATERIAL


def _spelled(word: _Word, after: _Word, behind: _Word) -> Mention | None:
    """A foreign name that the tagger cut in two or three."""
    if word.tag[:2] != "nr" or not _is_spelled(word.text):
        return None
    text = word.text
    for part in (after, behind):
        if part.tag[:2] not in ("nr", "ns", "nz") or not _is_spelled(part.text):
            break
        text += part.text
    return Mention(text, word.start, word.start + len(text), "person", True) if len(text) > len(word.text) else None


def _foreign(padded: list[_Word], dot: int) -> Mention | None:
    """The name whose first dot stands here: its parts are what the tagger takes for words."""
    if padded[dot - 2].text in _DOTS or not _HAN.fullmatch(padded[dot - 1].text):
        return None
    first, last = dot - 1, dot
    if _is_spelled(padded[first].text) and _is_spelled(padded[first - 1].text) and padded[first - 1].tag[:1] == "n":
        first -= 1
    while last + 1 < len(padded) and padded[last].text in _DOTS and _HAN.fullmatch(padded[last + 1].text):
        last += 1
        while last + 1 < len(padded) and padded[last + 1].tag[:1] == "n" and _is_spelled(padded[last + 1].text):
            last += 1
        if last + 1 < len(padded) and padded[last + 1].text in _DOTS:
            last += 1
    if padded[last].text in _DOTS:
        return None
    name = "".join(word.text for word in padded[first : last + 1])
    return Mention(re.sub("[•・‧]", "·", name), padded[first].start, padded[last].end, "person", True)


def _is_ground(text: str) -> bool:
    """Whether this is any hillside, river or bend of a road."""
    return len(text) == 2 and text[0] in _EARTH and text[1] in _GROUND


def _is_any(text: str) -> bool:
    """Whether this is a gate of any town, so many districts, that thing, or the way up a hill."""
    first, last = text[0], text[-1]
    if first in _IN_NO_NAME or (first in _NUMBERS and last in _COUNTED) or (first in _SIDES and last == "门"):
        return True
    return first in _WAYS and last in "山城江河关寨"


def _located(before: _Word, word: _Word, after: _Word, behind: _Word) -> Mention | None:
    """A place, by what it ends with and what stands before it."""
    text = word.text
    is_behind = before.text in _words("place_before")
    is_named = word.tag in _NAMED or (is_behind and len(text) > 1)
    if is_named and after.text in _words("place_ends") and text not in _words("place_never") | _words("stops"):
        return Mention(text + after.text, word.start, after.end, "place", True) if without_tail(text) == text else None
    if word.tag[:2] != "ns" or not 2 <= len(text) <= _LONGEST_PLACE or _is_ground(text):
        return None
    if text[0] in "入出渡下上过进回" and text not in _words("places"):
        return None
    if len(text) == 2 and _is_any(text) and text not in _words("places"):
        return None
    has_end = text[-1] in _words("place_ends")
    if _acts(after) and not has_end:
        is_someone = not is_word(text) or text[0] in _likely() or _speaks(after, behind)
        return Mention(text, word.start, word.end, "person" if is_someone else "name", is_someone)
    is_place = has_end or is_behind or (is_word(text) and not is_surname(text[0]))
    return Mention(text, word.start, word.end, "place" if is_place else "name", is_place or is_word(text))


def _person(around: str, before: _Word, word: _Word, after: _Word, behind: _Word) -> Mention | None:
    """Someone, by the tagger's opinion or by speaking."""
    is_tagged = word.tag[:2] == "nr"
    speaks = _speaks(after, behind)
    text, start = word.text, word.start
    may_be_clause = speaks and not is_tagged and (text[0] in "忽一" or word.tag[0] == "v")
    if may_be_clause and not is_word(text) and without_tail(text) != text:
        return None  # he laughed
    if is_tagged and _is_end_of_office(around, start, text):
        text, start = text[1:], start + 1
    if is_tagged:
        speaks = speaks or text[-1] in "曰道说问"
        text = text if _is_whole(around, text) else without_tail(text)
        start = word.start + (len(word.text) if not text else word.text.index(text))
    if not 2 <= len(text) <= _LONGEST or text in _words("stops"):
        return None
    if is_tagged and _IN_NO_NAME.isdisjoint(text[1:]):
        if _is_clause(around, text, start):
            return None
        acts = speaks or _acts(after)
        is_full = text[0] in _likely() or text[:2] in _words("compound") or _is_spelled(text)
        if len(text) > 2 and text[-1] in _SEATS and not speaks:
            return Mention(text, start, start + len(text), "place", True)
        if is_word(text) and not is_full and (_is_ground(text) or before.tag[:2] == "nr"):
            return None  # two names together are a name and a word
        kind = "person" if acts or (is_full and len(text) > 2 and text[0] not in _COLOURS) else "name"
        return Mention(text, start, start + len(text), kind, acts or is_full)
    if text[-1] in "道曰" and _is_spoken(word, after) and _begins(before):
        return Mention(text[:-1], start, start + len(text) - 1, "person", not is_word(text[:-1]))
    if not speaks or word.tag[:1] not in _SPOKEN_TAGS or not _begins(before) or text in _words("speech"):
        return None
    return Mention(text, start, start + len(text), "person", not is_word(text))


def _is_end_of_office(text: str, start: int, name: str) -> bool:
    """Whether the first character belongs to the office before a full name."""
    if len(name) <= 2 or not start or is_surname(name[0]) or name[1] not in _likely():
        return False
    return is_word(text[start - 1 : start + 1])


def _is_clause(text: str, name: str, start: int) -> bool:
    """Whether what the tagger takes for a name is a piece of a clause: what is whose, troops, a horse, a question."""
    if name[-1] in _AT_NO_END or _OF.match(name):
        return True
    before, behind = text[max(0, start - 1) : start], text[start + len(name) : start + len(name) + 1]
    if name[0] == "马" and before in _REINS:
        return True
    if len(name) == _GIVEN - 1:
        return name[0] in _NOW and not is_word(name)
    if len(name) != _GIVEN:
        return False
    if name[1] in _TROOPS:
        return _times(text, name[:2]) > _times(text, name) or (name[1] == "兵" and _times(text, name) == 1)
    is_asked = before in ("有", "无") or behind in _ASKS
    return name[0] == "何" and is_asked and _times(text, name) == 1


def _is_whole(text: str, name: str) -> bool:
    """Whether a full name ends like a clause and is, again and again, never without that end: Liu Xiaojun's."""
    is_full = len(name) == _GIVEN and name[0] in _likely() and name[-1] in _IN_NAMES
    return is_full and _TWICE <= _times(text, name) == _times(text, name[:-1])


def without_tail(text: str) -> str:
    """What the tagger takes for a name without the words that stuck to it; nothing if nothing is left."""
    tails, heads = _words("tails"), _words("heads")
    if len(text) == _LONGEST and text[2] == "之" and not is_word(text[:3]):
        text = text[:2]
    while len(text) > 2 and text[-1] in tails and (text[-1] in _HARD or not is_word(text) or is_word(text[:-1])):
        text = text[:-1]
    while len(text) > 2 and text[0] in heads and (not is_word(text) or text[1:] in _words("stops")):
        if text[:2] in _words("compound") or (is_surname(text[0]) and len(text) == _GIVEN):
            break
        text = text[1:]
    rest = text[1:]
    is_clause = rest in _words("does") or rest in _words("speech") or rest in tails
    return "" if is_clause and (len(rest) > 1 or not is_word(text)) else text


def _begins(before: _Word) -> bool:
    return not _is_han(before)


def _is_spoken(word: _Word, after: _Word) -> bool:
    """Whether the tagger made one word of who says something and that it is said."""
    who = word.text[:-1]
    is_other = who in _words("stops") or who in _words("speech") or not 2 <= len(who) < _LONGEST
    return after.text in ("：", ":") and not is_other and not is_word(word.text)


def _speaks(after: _Word, behind: _Word) -> bool:
    """Whether words are said by whom stands before this."""
    text = after.text
    if text in _words("speech"):
        return len(text) > 1 or not _is_han(behind) or behind.text in ("着", "了", "道", "曰")
    return behind.text in ("道", "曰", "说") and len(text) < 3


def _acts(after: _Word) -> bool:
    return after.text in _words("speech") or after.text in _words("does")


@cache
def is_word(text: str) -> bool:
    """Whether a dictionary has this word."""
    import rjieba

    return bool(rjieba.has_word(text))


def is_rare(text: str) -> bool:
    """Whether a dictionary has this as nothing but a name, if at all."""
    import rjieba

    return not is_word(text) or all(tag.startswith("nr") for _word, tag in rjieba.tag(text))


def has_surname(name: str) -> bool:
    """Whether this begins with a surname."""
    return is_surname(name[:2]) or is_surname(name[:1])


def is_surname(text: str) -> bool:
    """Whether this alone is a surname, of one character or two."""
    return text in _surnames() or text in _words("compound")


@cache
def _surnames() -> frozenset[str]:
    return frozenset("".join(_words("surnames")))


def is_likely(character: str) -> bool:
    """Whether this is a surname and hardly ever another word."""
    return character in _likely()


@cache
def _likely() -> frozenset[str]:
    return frozenset("".join(_words("sure_surnames")))


@cache
def _sounds() -> frozenset[str]:
    return frozenset("".join(_words("sounds")))


def _is_spelled(text: str) -> bool:
    return bool(text) and all(character in _sounds() for character in text)
