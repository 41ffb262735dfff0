"""Engines that say what a test wants, and books to grow outlines in."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path

from writer import outline
from writer.engines import Piece, Sampling, Usage
from writer.engines.echo import Echo
from writer.outline import Grown, Progress
from writer.settings import Settings
from writer.store import Store
from writer.story import Project, Prompt

PREMISES = {
    "en": "A lighthouse keeper on a remote island finds letters to his dead wife, and somebody answers them.",
    "zh": "灯塔看守人发现有人给他死去的妻子写信，而且有人回信。",
}


class Says(Echo):
    """A model that answers what a function of the prompt and the number of the request says."""

    model = "says"

    def __init__(self, answer: Callable[[str, int], str]) -> None:
        super().__init__()
        self.model = "says"
        self.answer, self.asked = answer, 0

    def generate(self, prompt: Prompt, sampling: Sampling) -> Generator[Piece, None, Usage]:
        self.asked += 1
        written = 0
        for letter in self.answer(prompt.text, self.asked):
            if letter in sampling.stop:
                break
            written += 1
            yield Piece(letter, 1, -2.0)
        return Usage(1, 1, written, 0.0, 0.0)


def book(folder: Path, language: str = "en", premise: str | None = None) -> Store:
    text = PREMISES[language] if premise is None else premise
    return Store.create(folder / "Lamp 灯.writer", Project("Lamp", text, language))


def grown(store: Store, engine: Echo, **options: object) -> Grown:
    return ended(outline.grow(store, engine, Settings(), outline.directly(store), **options))[1]


def ended(work: Generator[Progress, None, object]) -> tuple[list[Progress], object]:
    """What was told on the way, and the result."""
    told = []
    while True:
        try:
            told.append(next(work))
        except StopIteration as end:
            return told, end.value
