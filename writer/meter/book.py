"""The book that is measured: its text in one piece, and the places where it is."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from writer import context
from writer.engines import Engine
from writer.memory import wording
from writer.meter import proper
from writer.meter.rivals import Flat, Passages
from writer.store import Store
from writer.story import Cursor, Part, Prompt
from writer.text import clean, language_of, paragraphs, sentences

SCORED = 160
"""Tokens of the author's own text that are scored at a place."""

_SPARSE = 8  # characters a token, more than any prose has
_APART = 1000
_LEAST = 40  # characters worth scoring


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a scene, and what the author wrote from there on."""

    scene: int
    offset: int
    at: int
    """The same place in the whole text."""
    text: str


class Book:
    """A project as the arms see it; each of them reads only up to a position."""

    def __init__(self, store: Store, engine: Engine, budget: int, other: Book | None = None) -> None:
        self.engine = engine
        self.budget = budget
        self.other = other
        """Another book, whose memory is a control."""
        self._store = store
        self._texts = {node.id: clean(store.scene(node.id, unchecked=True).text) for node in store.nodes()}
        self._starts = list(accumulate((len(text) + 2 for text in self._texts.values()), initial=0))
        self._scenes = list(self._texts)
        self._laid_out: dict[int, Prompt] = {}
        self.text = "\n\n".join(self._texts.values())
        self.language = language_of(self.text)
        self.flat = Flat(self.text)
        self.passages = Passages(self.text)

    def positions(self, count: int, seed: int = 0) -> list[Position]:
        """Up to ``count`` places in the last half, in order: starts of paragraphs, else of sentences, drawn by lot."""
        found: list[int] = []
        for cut in (paragraphs, sentences):
            if len(found) < count:
                found = _drawn(found, list(self._starts_of(cut)), count, seed)
        return [self.position(at) for at in sorted(found)]

    def position(self, at: int) -> Position:
        """The place so many characters behind the start of the book."""
        number = min(bisect_right(self._starts, at), len(self._scenes)) - 1
        scene, offset = self._scenes[number], at - self._starts[number]
        return Position(scene, offset, at, self._next(self._texts[scene][offset : offset + SCORED * _SPARSE]))

    def named(self, text: str) -> list[tuple[int, int]]:
        """Where names stand in what the author wrote next."""
        return list(proper.among(text, self._names) if self.language == "zh" else proper.capitalised(text))

    def laid_out(self, position: Position) -> Prompt:
        """What Writer itself lets the model read there."""
        if position.at not in self._laid_out:
            cursor = Cursor(position.scene, self._texts[position.scene], position.offset)
            memory = context.Memory(self._store)
            prompt = context.build(cursor, self._store, self.engine, self.budget, self.language, memory)
            self._learn(cursor)
            self._laid_out = {position.at: prompt}  # several arms ask for it, one after another
        return self._laid_out[position.at]

    def _learn(self, cursor: Cursor) -> None:
        """Let the model learn how the book chooses its words up to here, as it does while the author rests."""
        source = wording.source(self._store, cursor)
        if source is not None:
            texts = wording.texts(self._store, source)
            for _step in self.engine.learn(source.key, texts, wording.passages(texts, self.language)):
                pass

    def tail(self, position: Position, tokens: int) -> Part:
        """The last ``tokens`` tokens before a position."""
        text = self.text[max(0, position.at - tokens * _SPARSE) : position.at]
        spans = self.engine.spans(text)
        for start, _end in spans[max(0, len(spans) - tokens) :]:
            (count,) = self.engine.count([text[start:]])  # cut off, the first word may take more
            if count <= tokens:
                return Part("page", text[start:], count)
        return Part("page", "", 0)

    @cached_property
    def _names(self) -> frozenset[str]:
        return proper.tagged(self._texts.values())

    def _starts_of(self, cut: Callable[[str], Iterator[tuple[int, int]]]) -> Iterator[int]:
        half = len(self.text) // 2
        for begin, text in zip(self._starts, self._texts.values(), strict=False):
            first = max(0, half - begin)
            for number, (start, _end) in enumerate(cut(text[first:])):
                start = len(text[: first + start].rstrip(" \t"))
                is_whole = number > 0 or not first  # else it begins in the middle
                if is_whole and begin + start and len(text) - start >= _LEAST:
                    yield begin + start

    def _next(self, text: str) -> str:
        """As many whole sentences as ``SCORED`` tokens take, or so many tokens of the first."""
        spans = self.engine.spans(text)
        if len(spans) <= SCORED:
            return text.rstrip()
        most = spans[SCORED][0]
        whole = [end for _start, end in sentences(text) if end <= most]
        return text[: whole[-1] if whole else most].rstrip()


def _drawn(chosen: list[int], starts: list[int], count: int, seed: int) -> list[int]:
    """Up to ``count`` places, those chosen and then some of these, none too near to another."""
    random.Random(seed).shuffle(starts)
    for start in starts:
        if len(chosen) == count:
            break
        if all(abs(start - other) >= _APART for other in chosen):
            chosen = [*chosen, start]
    return chosen
