"""Who and what is in the book: the author's entries joined with what was found, and those that a text calls for."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache

from writer.story import Entry
from writer.text import is_cjk, words

_WORD = re.compile(r"[^\W_]+")
_SPACE = re.compile(r"\s+")
_CACHED = 1 << 16


def merged(found: Sequence[Entry], own: Sequence[Entry]) -> list[Entry]:
    """The author's entries in their order, then what else was found, in its order.

    To an entry of the author that has a name in common with what was found come its other names, counts and places;
    nothing that the author wrote is changed or taken away, and a name the author gave to another entry stays there.
    """
    owner: dict[str, int] = {}
    for names in (lambda entry: (entry.name,), lambda entry: entry.aliases):
        for i, entry in enumerate(own):
            for name in names(entry):
                owner.setdefault(_plain(name), i)
    taken: dict[int, list[Entry]] = defaultdict(list)
    left = []
    for entry in found:
        owners = [owner[name] for name in map(_plain, _names(entry)) if name in owner]
        if owners:
            taken[owners[0]].append(entry)
        else:
            left.append(entry)
    return [_joined(entry, taken[i], owner, i) for i, entry in enumerate(own)] + left


def _joined(own: Entry, found: Sequence[Entry], owner: Mapping[str, int], index: int) -> Entry:
    """An entry of the author with what was found of it; of several the most frequent says where."""
    if not found:
        return own
    most = max(found, key=lambda entry: entry.count)
    seen = {_plain(name) for name in _names(own)}
    more = []
    for name in (name for entry in found for name in _names(entry)):
        if _plain(name) not in seen and owner.get(_plain(name), index) == index:
            seen.add(_plain(name))
            more.append(name)
    return replace(
        own,
        aliases=(*own.aliases, *more),
        count=own.count + sum(entry.count for entry in found),
        first=own.first or most.first,
        last=own.last or most.last,
        sources=tuple(dict.fromkeys((*own.sources, *(source for entry in found for source in entry.sources)))),
    )


def wanted(entries: Iterable[Entry], text: str, at: int, order: Mapping[int, int] | None = None) -> list[Entry]:
    """Those to be remembered beside a text at this story rank: first what always is, then the last named first.

    One is called for where the text has one of its names or keys as a whole word, one of those in ``also`` if there
    are any, and none of those in ``never``. A word in lower case is found in any, one with capitals as it is written
    or all in capitals. ``order`` tells the rank of the scenes in ``since`` and ``until``, which are ranks without it;
    it had better know those in the bin too, since a scene that it doesn't know bounds nothing.
    """
    page = _Page(text)
    rank: Callable[[int], int | None] = order.get if order is not None else lambda scene: scene
    found: list[tuple[int, Entry]] = []
    for entry in entries:
        if entry.excluded or not _is_true(entry, at, rank):
            continue
        place = page.last(_names(entry) + entry.keys)
        if entry.always:
            found.append((len(page.text), entry))
        elif place >= 0 and (not entry.also or page.last(entry.also) >= 0) and page.last(entry.never) < 0:
            found.append((place, entry))
    return [entry for _, entry in sorted(found, key=lambda pair: -pair[0])]


def _is_true(entry: Entry, at: int, rank: Callable[[int], int | None]) -> bool:
    """Whether an entry holds at this rank."""
    since = None if entry.since is None else rank(entry.since)
    until = None if entry.until is None else rank(entry.until)
    return (since is None or since <= at) and (until is None or at <= until)


def _names(entry: Entry) -> tuple[str, ...]:
    return (entry.name, *entry.aliases)


@lru_cache(_CACHED)
def _spelled(text: str) -> str:
    """With straight apostrophes, and single spaces for any white space."""
    return _SPACE.sub(" ", text.replace("’", "'")).strip()


@lru_cache(_CACHED)
def _plain(name: str) -> str:
    """What names are compared by."""
    return _spelled(name).casefold()


@lru_cache(_CACHED)
def _begun(key: str) -> tuple[str, str]:
    """A word to look for, and its first two characters in lower case."""
    word = _spelled(key)
    return word, word[:2].lower()


class _Page:
    """A text in which many words are looked for."""

    def __init__(self, text: str) -> None:
        self.text = _SPACE.sub(" ", text.replace("’", "'"))
        self._found: dict[str, int] = {}

    def last(self, keys: Iterable[str]) -> int:
        """Where the last of these begins; -1 if the text has none of them."""
        place = -1
        for key in keys:
            word, first = _begun(key)
            if first in self._starts:
                place = max(place, self._last(word, first))
        return place

    def _last(self, word: str, first: str) -> int:
        if word not in self._found:
            self._found[word] = next(
                (
                    start
                    for start in reversed(self._starts[first])
                    if self._is_same(word, self.text[start : start + len(word)])
                    and self._stands(start, start + len(word))
                ),
                -1,
            )
        return self._found[word]

    @staticmethod
    def _is_same(key: str, text: str) -> bool:
        return text == key or (text.lower() == key if key.islower() else text == key.upper())

    def _stands(self, start: int, end: int) -> bool:
        """Whether a whole word stands here; in Chinese, unless both ends are inside of other words."""
        cuts = 0
        for edge, inside in ((start, start), (end, end - 1)):
            outside = edge - 1 if edge == start else edge
            if not 0 <= outside < len(self.text):
                continue
            if is_cjk(self.text[inside]):
                cuts += self._is_inside(edge)
            elif _is_letter(self.text[outside]) and _is_letter(self.text[inside]):
                return False
        return cuts < (2 if end - start > 1 else 1)

    def _is_inside(self, at: int) -> bool:
        """Whether a Chinese word goes over this place."""
        i = bisect_left(self._edges, at)
        return i >= len(self._edges) or self._edges[i] != at

    @cached_property
    def _edges(self) -> list[int]:
        """Where words begin and end, in order."""
        return sorted({edge for span in words(self.text) for edge in span})

    @cached_property
    def _starts(self) -> Mapping[str, Sequence[int]]:
        """Where any two characters stand together, and any one alone, in lower case."""
        starts: dict[str, list[int]] = defaultdict(list)
        low = self.text.lower() if len(self.text.lower()) == len(self.text) else self.text
        for i, character in enumerate(low):
            starts[character].append(i)
            starts[low[i : i + 2]].append(i)
        return dict(starts)


def _is_letter(character: str) -> bool:
    return character.isalnum() and not is_cjk(character)
