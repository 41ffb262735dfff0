"""What a stretch of finished prose tells, in its own sentences and words: a synopsis and a title, without a model."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from writer import chunks
from writer.memory import digest, gist
from writer.memory.gist import Gist
from writer.text import count_words, is_cjk, one_line

MOST_WORDS = {"en": 60, "zh": 110}
"""No synopsis is longer, but for a single sentence that is."""

_MOST_LINES = 3
_LONG = 2500  # words that are worth a sentence more
_NAMED = 2  # in a title
_FORM = 4  # so much rarer may a longer form of a name be
_OPENING = {"en": 6, "zh": 12}  # words of a title that is just how the prose begins
_SMALL = (
    "of|in|on|at|to|from|for|with|by|and|or|was|were|had|has|is|that|which|who|as|but|would|could|should|he|she|they|it|"
    "into|upon|when|before|after|again"
)
# A noun, most likely: behind an article and before a word that no adjective stands before.
_THING = re.compile(rf"\b(?:the|a|an|his|her|their|my|our) ([a-z]{{4,}})(?=[,.;:!?”]| (?:{_SMALL})\b)")
_ABSTRACT = re.compile(r".*(?:ness|tion|sion|ity|ence|ance|ment|ings?|ure|our|ship|dom|ism|ly|ous|ful)")
_ENGLISH_VAGUE = """
affair affairs answer assurance aunt author beginning boy brother business case chance change child children
circumstance conduct course cousin daughter daughters day days dear degree delight difference difficulty distress door
effect end event evening exertion eyes face family father favour fear few first force former friend friends general
gentleman gentlemen girl good great hand hands head heart help hope hour house hurry husband idea interest kind ladies
lady last latter least life little longer look loss love man manner matter means middle mind minutes moment moments
month months more morning most mother name nature need next night object opinion other others parlour part party
people person place point present probable question reason regard rest right room rooms same second sense side sight
sister sisters sort state subject sudden support surprise temper thing things thought thoughts time times town truth
turn uncle view voice want way ways week weeks while whole wife wish wishes woman women word words work world year
years young
"""
_CHINESE_VAGUE = """
时候 东西 事情 地方 声音 样子 眼睛 自己 大家 先生 太太 女人 男人 孩子 母亲 父亲 妈妈 爸爸 哥哥 姐姐 弟弟 妹妹 儿子 女儿
手里 心里 家里 屋里 门口 时间 身上 脸上 眼前 问题 办法 感觉 意思 生活 世界 众人 二人 三人 军士 左右 主公 将军 大军 军马
人马 次日 当日 一军 丞相 天下 兵马 何人 此人 其人 使者 士兵 百姓 大将 都督 先锋 三军 朝廷 太守 叔父
司徒 姓名 老人 老师 朋友 人们
"""
_VAGUE = frozenset([*_ENGLISH_VAGUE.split(), *_CHINESE_VAGUE.split()])


@dataclass(frozen=True, slots=True)
class Told:
    """A stretch of prose with what is worth remembering of it, and what it speaks of, most often first."""

    text: str
    language: str
    gist: Gist
    things: Mapping[str, int]

    @property
    def said(self) -> list[str]:
        """The sentences that tell most, in order, few enough for a synopsis."""
        most = MOST_WORDS[self.language]
        wanted = _MOST_LINES - (self.gist.words < _LONG)
        chosen: list[tuple[int, int]] = []
        room = most
        for line in sorted(self.gist.lines, key=lambda line: (-line.weight, line.place)):
            length = count_words(self.text[slice(*line.place)])
            if len(chosen) < wanted and (not chosen or length <= room):
                chosen.append(line.place)
                room -= length
        return [one_line(self.text[start:end]) for start, end in sorted(chosen)]

    @property
    def synopsis(self) -> str:
        """The same as one text; empty if no sentence tells anything."""
        return joined(self.said, self.language)


def told(text: str, language: str) -> Told:
    """What a stretch of prose tells."""
    language = "zh" if language == "zh" else "en"
    pieces = []
    for chunk in chunks.cut(text):
        piece = text[chunk.start : chunk.end]
        pieces.append(gist.of_chunk(digest.digest(piece, language), piece))
    return Told(text, language, _whole(pieces), _things(text, language))


def across(scenes: Sequence[Told]) -> list[str]:
    """The sentences that tell most of several stretches that follow each other, none of the same."""
    if len(scenes) == 1:
        return scenes[0].said
    best = [(scene, max(scene.gist.lines, key=lambda line: line.weight)) for scene in scenes if scene.gist.lines]
    chosen: dict[int, str] = {}
    room = MOST_WORDS[scenes[0].language]
    for index in sorted(range(len(best)), key=lambda index: -best[index][1].weight):
        scene, line = best[index]
        sentence = one_line(scene.text[slice(*line.place)])
        if len(chosen) < _MOST_LINES and (not chosen or count_words(sentence) <= room):
            chosen[index] = sentence
            room -= count_words(sentence)
    return [chosen[index] for index in sorted(chosen)]


def joined(sentences: Sequence[str], language: str) -> str:
    """Sentences one behind the other."""
    return ("" if language == "zh" else " ").join(sentences)


def _whole(pieces: Sequence[Gist]) -> Gist:
    return pieces[0] if len(pieces) == 1 else gist.merged(pieces)


def _things(text: str, language: str) -> dict[str, int]:
    if language == "zh":
        import rjieba

        counts = Counter(
            word
            for word, tag in rjieba.tag(text)
            if tag == "n" and len(word) > 1 and all(map(is_cjk, word)) and word not in _VAGUE
        )
    else:
        counts = Counter(word for word in _THING.findall(text) if word not in _VAGUE and not _ABSTRACT.fullmatch(word))
    return dict(counts.most_common())


class Titles:
    """Titles for the scenes of one book: who is in each and what it is about, as far as that tells it from others."""

    def __init__(self, scenes: Sequence[Told]) -> None:
        self._count = max(1, len(scenes))
        self._names = Counter(name for scene in scenes for name in _people(scene))
        self._things = Counter(thing for scene in scenes for thing in scene.things)
        self._taken: set[str] = set()

    def title(self, scene: Told) -> str:
        """A title that no other scene has."""
        people = self._ranked(_people(scene), self._names)
        names = [name for index, name in enumerate(people) if not _is_within(name, people[:index])][:_NAMED]
        things = self._ranked(
            {t: n for t, n in scene.things.items() if n > 1 and not _is_within(t, names)}, self._things
        )
        for made in [*(_made(names, thing, scene.language) for thing in [*things[:4], ""]), opening(scene)]:
            if made and made not in self._taken:
                self._taken.add(made)
                return made
        return self._numbered(_made(names, "", scene.language) or opening(scene))

    def _ranked(self, counts: Mapping[str, int], of: Mapping[str, int]) -> list[str]:
        def weight(word: str) -> float:
            return counts[word] * (0.4 + math.log(self._count / of[word])) if self._count > 1 else counts[word]

        return sorted(counts, key=lambda word: (-weight(word), word))

    def _numbered(self, title: str) -> str:
        number = 2
        while f"{title} ({number})" in self._taken:
            number += 1
        self._taken.add(f"{title} ({number})")
        return f"{title} ({number})"


def _people(scene: Told) -> dict[str, int]:
    """Who and what is named for certain, more than once if anybody is, and by the longest of several forms."""
    counts = {name: named.sure + named.unsure for name, named in scene.gist.names.items() if named.sure}
    often = {name: count for name, count in counts.items() if count > 1} or counts
    return {
        name: count
        for name, count in often.items()
        if not any(name in other and name != other and _FORM * times >= count for other, times in often.items())
    }


def _is_within(name: str, others: Sequence[str]) -> bool:
    last = name.rpartition(" ")[2]
    return any(name in other or other in name or last == other.rpartition(" ")[2] for other in others)


def _made(names: Sequence[str], thing: str, language: str) -> str:
    if language == "zh":
        who = "、".join(names)
        return f"{who}：{thing}" if who and thing else who or thing
    who = " and ".join(names)
    return f"{who}: the {thing}" if who and thing else who or (f"The {thing}" if thing else "")


def opening(scene: Told) -> str:
    """How a stretch begins, cut at a word."""
    line = " ".join(scene.text.split("\n", 1)[0].split()).lstrip("“\"「『‘'")
    if scene.language == "zh":
        short = re.split("[，。！？；：、”」]", line)[0][: _OPENING["zh"]]
        return short + "…" if short else ""
    words = line.split()
    short = " ".join(words[: _OPENING["en"]]).rstrip(',.;:!?”"—–-')
    return short + "…" if short else ""
