"""The words of a text as search knows them: English by its stem, Chinese as it stands.

The stem is the one by which the full-text index finds a word (Porter's, of 1980), so both agree on what is the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from writer.text import is_cjk, words

_TITLES = ("Mr.", "Mrs.", "Ms.", "Dr.", "St.")
_LATIN = re.compile(r"[^\W_\u3005-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_ENGLISH = """
a about above after again against ago all almost along already also although always am among an and another any anybody
anyone anything are around as asked at away back be became because become been before began behind being below between
both but by call called came can cannot come could d did do does doing done down during each either else enough even
ever every everybody everyone everything far few first for from full gave get give given go goes going gone good got
great had happen happened has have having he her here hers herself him himself his how however i if in indeed into is it
its itself just keep kept knew know known last least leave left less let like little ll long look looked lord made make
man many may me mean men might mine more most mr mrs much must my myself name named near nearly neither never next no
nobody none nor not nothing now of off often oh old on once one only onto or other others ought our ours ourselves out
over own part perhaps put quite rather re really round s said same saw say says see seemed seems seen several shall she
should since sir so some somebody someone something soon still such t take taken tell than that the their theirs them
themselves then there these they thing things think this those though thought three through thus till time to together
told too took toward towards two under until up upon us used ve very want was way we well went were what whatever when
whenever where whether which while who whoever whole whom whose why will with within without would yes yet you young
your yours yourself
"""
_CHINESE_CHARACTERS = """
的了着过是在有和与及或也都就又还再很太更最不没无未此这那哪其之乎者矣焉哉吗呢吧啊呀么们个只把被让给对向从到于为以而但却
因所且若如则乃便即已曾将要会能可应该说道曰问答想知见看来去上下里外中间前后时候什谁我你他她它您咱自己一二三两几些每各某
样般种次回天日人事
"""
_CHINESE_WORDS = """
什么 怎么 怎样 为何 为什么 哪里 哪儿 何处 何时 何人 谁的 多少 几个 一个 一些 这个 那个 这样 那样 这里
那里 这些 那些 他们 她们 它们 我们 你们 咱们 自己 没有 不是 不能 不会 不知 可以 可是 但是 因为 所以
如果 只是 只有 还是 还有 就是 已经 曾经 正在 一直 以后 之后 之前 以前 后来 时候 现在 当时 起来 出来
过来 下来 于是 然后 而且 并且 或者 虽然 知道 觉得 看见 听见 说道 问道 东西 事情 地方 名字 叫做 一样
非常 十分 有人 别人 大家 今日 如今 不可 如何 一人 一声 是否 那位 这位 那人 此人
"""


@dataclass(frozen=True, slots=True)
class Term:
    """A word as it is searched for."""

    key: str
    """Its stem, or the Chinese word."""
    word: str
    """As it stands in the text, without capitals."""
    is_name: bool
    """Whether it has a capital where no sentence begins."""
    start: int

    @property
    def is_chinese(self) -> bool:
        """Whether it has no stem."""
        return is_cjk(self.key[0])


def terms(text: str) -> Iterator[Term]:
    """The telling words of a text in order; those that stand in every text are left out."""
    for start, end in words(text):
        word = text[start:end]
        if is_cjk(word[0]):
            if word not in _common() and (len(word) > 1 or is_telling(word)):
                yield Term(word, word, False, start)
            continue
        for piece in _LATIN.finditer(word):
            plain = _plain(piece[0])
            if plain and plain not in _common():
                at = start + piece.start()
                yield Term(stem(plain), plain, piece[0][0].isupper() and not _begins(text, at), at)


def stems(text: str) -> set[str]:
    """The stems of all English words of a text."""
    return {_stemmed(word) for word in _LATIN.findall(text)}


def placed(text: str, wanted: Container[str]) -> Iterator[tuple[int, str]]:
    """Where the English words of a text that have one of these stems begin, in no order, and their stems."""
    for word in set(_LATIN.findall(text)):
        if (stem := _stemmed(word)) in wanted:
            at = text.find(word)
            while at >= 0:
                end = at + len(word)
                if not (at and _LATIN.match(text, at - 1)) and not _LATIN.match(text, end):
                    yield at, stem
                at = text.find(word, end)


@lru_cache(2**14)
def is_telling(character: str) -> bool:
    """Whether a Chinese character says something by itself."""
    return is_cjk(character) and character not in _CHINESE_CHARACTERS


@lru_cache(2**16)
def stem(word: str) -> str:
    """What a word has in common with its other forms."""
    return str(_stemmer().stemWord(word))


@lru_cache(2**16)
def _stemmed(word: str) -> str:
    return stem(_plain(word))


@lru_cache(2**16)
def _plain(word: str) -> str:
    word = word.casefold()
    if word.isascii():
        return word
    return "".join(letter for letter in unicodedata.normalize("NFKD", word) if not unicodedata.combining(letter))


def _begins(text: str, at: int) -> bool:
    """Whether a sentence may begin here."""
    before = text[max(0, at - 4) : at].rstrip(" \n\"'“‘(—-")
    return (not before or before[-1] in ".!?:;…") and not before.endswith(_TITLES)


@cache
def _common() -> frozenset[str]:
    return frozenset([*_ENGLISH.split(), *_CHINESE_WORDS.split()])


@cache
def _stemmer() -> Any:
    from Stemmer import Stemmer

    return Stemmer("porter")
