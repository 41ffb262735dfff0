"""What of a model's answer can stand in an outline: whole sentences, in the right language, new, and of this story."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import pairwise

from writer import names
from writer.outline import steps
from writer.text import CLOSERS, count_words, ends_sentence, is_cjk, language_of, sentences, words

MOST_WORDS = {"en": 45, "zh": 80}
_FEWEST_WORDS = {"en": 6, "zh": 8}
_NEW = 0.6
"""If as much as this of what is said was said before, it is not new."""
_ROW = {"en": 6, "zh": 10}
"""So many words in a row are taken from elsewhere."""
_REMEMBERED = 8192  # texts: each candidate is compared with all of an outline
TALK = re.compile(
    r"\b(?:stor(?:y|ies)|narrative|premise|plot|protagonist|characters?|scenes?|reader|author|chapter|novel|themes?|"
    r"sentence|example|explor(?:es?|ation)|what happens|title|outline|so far|as an ai|language model|i'm sorry)\b|"
    r"https?:|www\.|故事|主角|主人公|主人翁|情节|剧情|结局|人物|读者|作者|小说|场景|标题|第.幕|句话|作品|描写|讲述",
    re.IGNORECASE,
)
_BAD_BEGINNING = re.compile(r"[\W\d_]*\d|[-*#>|=•]|\(?[a-zA-Z]\)|[a-z]+:")
ODD = re.compile(r"[<>{}|\\^~_=#*@\ufffd\[\]]|\.\.|…|———")
_FIGURE = re.compile(r"\d+")
_SHORT_FORM = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|Prof|Capt|No|vs|etc)\.$")


def is_whole(text: str, language: str) -> bool:
    """Whether enough is written for a synopsis and a sentence just ended."""
    return (
        ends_sentence(text) and not _SHORT_FORM.search(text) and count_words(text) >= _FEWEST_WORDS[_key(language)]
    )  # fmt: skip


def tidied(text: str, language: str, most_sentences: int = 2) -> str:
    """The first whole sentences of what was written, "" if there is none of a fit length."""
    line = " ".join(text.split())
    if language == "zh":
        line = re.sub(r"(?<=[\u3400-\u9fff，。！？；：])\s+|\s+(?=[\u3400-\u9fff，。！？；：])", "", line)
    kept = ""
    for number, (start, end) in enumerate(sentences(line)):
        sentence = line[start:end]
        is_enough = number >= most_sentences or count_words(kept + sentence) > MOST_WORDS[_key(language)]
        if is_enough or not ends_sentence(sentence):
            break
        kept += sentence
    kept = kept.strip()
    if kept and kept[0] in "\"“‘「『'" and kept[-1] in CLOSERS and not any(mark in kept[1:-1] for mark in '"“”'):
        kept = kept[1:-1].strip()
    return kept[:1].upper() + kept[1:]


def refuses(text: str, language: str, known: str, others: Iterable[str], examples: Sequence[str]) -> str:
    """Why this can't be said in an outline, "" if it can; ``known`` is all that the author and the outline said."""
    key = _key(language)
    if count_words(text) < _FEWEST_WORDS[key]:
        return "short"
    if _BAD_BEGINNING.match(text) or ODD.search(text) or language_of(text) != language:
        return "form"
    if language == "zh" and any(found not in known for found in re.findall(r"[A-Za-z]{2,}", text)):
        return "form"
    if any(found[0].casefold() not in known.casefold() for found in TALK.finditer(text)):
        return "talk"
    if any(figure not in known for figure in _FIGURE.findall(text)):
        return "figure"
    if text.count("“") != text.count("”") or text.count('"') % 2:
        return "quote"
    if _loops(text, language):
        return "loop"
    shown = " ".join(examples)
    if any(_shares_row(text, one, language) for one in examples):
        return "example"
    foreign = {one.name for one in names.find(text, language)} if language == "en" else set()
    if any(name in shown and name not in known for name in foreign):
        return "example"
    low, familiar = text.casefold(), known.casefold()
    if any(mark in low and mark not in familiar for mark in steps.marks(language)):
        return "example"
    stems = content(text, language)
    if not stems:
        return "empty"
    for other in others:
        there = content(other, language)
        if len(stems & there) >= _NEW * min(len(stems), max(len(there), 3)) or _shares_row(text, other, language):
            return "said"
    return ""


@lru_cache(_REMEMBERED)
def content(text: str, language: str) -> frozenset[str]:
    """The words of a text that say something, by their beginnings; in Chinese pairs of characters."""
    if language == "zh":
        runs = re.findall(r"[\u3400-\u9fff]{2,}", text)
        return frozenset(a + b for run in runs for a, b in pairwise(run))
    found = (word.casefold() for word in re.findall(r"[^\W\d_]{3,}", text))
    return frozenset(word[:5] for word in found if word not in _stop())


@cache
def _stop() -> frozenset[str]:
    return steps.stop("en")


def _loops(text: str, language: str) -> bool:
    """Whether it says the same twice."""
    if language == "zh":
        runs = "".join(character for character in text if is_cjk(character))
        rows = [runs[at : at + 4] for at in range(len(runs) - 3)]
        return len(set(rows)) < len(rows) or bool(re.search(r"(.{1,3})\1\1", runs))
    said = _said(text)
    threes = list(zip(said, said[1:], said[2:], strict=False))
    return len(set(threes)) < len(threes) or any(a == b and len(a) > 3 for a, b in pairwise(said))


def _shares_row(text: str, other: str, language: str) -> bool:
    size = _ROW[_key(language)]
    if language == "zh":
        return any(text[at : at + size] in other for at in range(len(text) - size + 1))
    return not _rows(text, size).isdisjoint(_rows(other, size))


@lru_cache(_REMEMBERED)
def _rows(text: str, size: int) -> frozenset[tuple[str, ...]]:
    said = _said(text)
    return frozenset(tuple(said[at : at + size]) for at in range(len(said) - size + 1))


def _said(text: str) -> list[str]:
    return [text[start:end].casefold() for start, end in words(text)]


def _key(language: str) -> str:
    return "zh" if language == "zh" else "en"
