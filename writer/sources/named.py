"""Who and what a sentence names, and whether a source names it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from writer import files, names
from writer.names.chinese import is_surname
from writer.names.english import is_given, titles
from writer.names.words import words
from writer.sources.lists import words as words_of
from writer.sources.telling import stem
from writer.text import is_cjk
from writer.text import words as words_in

_COURTESY, _PARTICLES = (frozenset(words_of("sources", "english", kind)) for kind in ("courtesy", "particles"))
_WORD = re.compile(r"[^\W_\u3005-\u9fff]+")
_RUN = re.compile(r"[A-Z][^\W_]*(?:[ -](?:(?:of|the|and|for|on|in) ){0,2}[A-Z][^\W_]*)+")
_SAME_STEM = 4
"""So many letters a country and its people's name share."""
_PEOPLE = re.compile(r"(?:ans?|ish|ese|is?|men|man|ers?|s)$")
_CHINESE_COURTESY, _TITLES = words_of("sources", "chinese", "courtesy"), words("chinese", "titles")
_BODIES, _NOBODY = words_of("sources", "chinese", "bodies"), frozenset(words_of("sources", "chinese", "nobody"))
_ACRONYM = re.compile(r"(?<![\w-])(?!(?:OK|TV|AM|PM|AD|BC|ID|CV|[IVXL]+)\b)[A-Z]{2,6}(?:-\d+)?(?![\w-]| [A-Z]{2})")


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a text, from ``start`` up to but not including ``end``."""

    start: int
    end: int
    text: str


def named(text: str) -> list[Name]:
    """The names of a text in order, none over another: those that are surely names."""
    found = [Name(m.start, m.end, m.name) for m in names.find(text, "") if m.is_sure or _is_no_word(m.name)]
    taken = [(name.start, name.end) for name in found]
    for start, end in (*_bodies(text), *(match.span() for match in _ACRONYM.finditer(text))):
        if not any(a < end and start < b for a, b in taken):
            found.append(Name(start, end, text[start:end]))
    return sorted(found, key=lambda name: name.start)


class Known:
    """The names that some texts have."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._words = [{match[0].casefold() for match in _WORD.finditer(text)} for text in texts]
        self._initials = {initials for text in texts for initials in _initials(text)}
        self._acronyms = {match[0] for text in texts for match in _ACRONYM.finditer(text)}
        self._capitals = {
            match[0].casefold() for text in texts for match in _WORD.finditer(text) if match[0][0].isupper()
        }
        self._surnames = {
            mention.name[0] for text in texts for mention in names.find(text, "") if is_cjk(mention.name[0])
        }

    def has(self, name: Name) -> bool:
        """Whether one of the texts has it: all its words together, or another form of it."""
        if is_cjk(name.text[0]):
            return self._has_chinese(name.text)
        parts = [match[0].casefold() for match in _WORD.finditer(name.text)]
        parts = [part for part in parts if part not in _COURTESY | _PARTICLES and len(part) > 1]
        if any(all(self._is_one(part, own) for part in parts) for own in self._words):
            return True
        if len(parts) != 1:
            return not self._acronyms.isdisjoint(_initials(name.text))
        return name.text.rstrip("s") in self._initials or self._is_people(parts[0])

    def touches(self, name: Name) -> bool:
        """Whether one of the texts has the name or a part of it."""
        if is_cjk(name.text[0]):
            return self.has(name) or any(name.text[1:] in text for text in self._texts if len(name.text) > len("张三"))
        parts = {match[0].casefold() for match in _WORD.finditer(name.text)} - _COURTESY - _PARTICLES
        return self.has(name) or any(not parts.isdisjoint(own) for own in self._words)

    def _has_chinese(self, name: str) -> bool:
        if any(name in text for text in self._texts):
            return True
        title = name[1:]
        if len(title) == 1 or not is_surname(name[0]) or name[0] not in self._surnames:
            return False
        return title in _CHINESE_COURTESY or (title in _TITLES and any(title in text for text in self._texts))

    @staticmethod
    def _is_one(part: str, own: set[str]) -> bool:
        return part in own or (part.endswith("s") and part[:-1] in own) or part + "s" in own

    def _is_people(self, word: str) -> bool:
        """Whether it is what the people of a place are called that a text names, or the other way round."""
        if len(word) <= _SAME_STEM:
            return False
        start = word[:_SAME_STEM]
        return any(
            own.startswith(start) and (_PEOPLE.search(own) or _PEOPLE.search(word)) and len(own) > _SAME_STEM
            for own in self._capitals
        )


def _initials(text: str) -> Iterator[str]:
    for run in _RUN.finditer(text):
        parts = _WORD.findall(run[0])
        yield "".join(part[0] for part in parts if part[0].isupper())
        yield "".join(part[0].upper() for part in parts)


def _is_no_word(name: str) -> bool:
    """Whether a capitalised word at the beginning of a sentence can only be a name."""
    if is_cjk(name[0]):
        return False
    parts = name.split()
    if len(parts) > 1:
        return any(is_given(part) or not _is_word(part) for part in parts if part.casefold() not in titles())
    return is_given(name) or not _is_word(name)


def _bodies(text: str) -> Iterator[tuple[int, int]]:
    """Companies, schools, offices: Chinese words that end so, with the word before."""
    if not any(end in text for end in _BODIES):
        return
    tokens = list(words_in(text))
    for at, (start, end) in enumerate(tokens):
        word = text[start:end]
        ending = next((one for one in _BODIES if word.endswith(one)), "")
        if not ending:
            continue
        if word == ending:
            if not at or tokens[at - 1][1] != start or not is_cjk(text[start - 1]):
                continue
            before = text[slice(*tokens[at - 1])]
            if before in _NOBODY or len(before) < len("某某"):
                continue
            start = tokens[at - 1][0]
        yield start, end


@lru_cache(2**12)
def _is_word(word: str) -> bool:
    """Whether English has the word; told by the stems of the thesaurus."""
    plain = stem(word.casefold().replace("’", "'").removesuffix("'s"))
    return _thesaurus().find(f"\n{plain}\t".encode()) >= 0


@cache
def _thesaurus() -> bytes:
    return (files.assets() / "thesaurus" / "en.tsv").read_bytes()
