"""What a model is writing while nobody knows yet whether it stays: for the author to see, in grey."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from writer.engines import BackgroundEngine, Piece, Sampling, Usage
from writer.story import Prompt
from writer.text import count_words, sentences

if TYPE_CHECKING:
    from writer.draft import Drafted, Progress

FEWEST = 3
"""With fewer words it may be refused at once, and would only flicker."""
NEAR = 400
"""Characters in which the last sentence is looked for."""


class Overheard:
    """An engine that does what the other one does, and keeps what it wrote last."""

    def __init__(self, engine: BackgroundEngine) -> None:
        self._engine = engine
        self.text = ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def generate(self, prompt: Prompt, sampling: Sampling) -> Generator[Piece, None, Usage]:
        """The same, overheard."""
        self.text = ""
        pieces = self._engine.generate(prompt, sampling)
        try:
            while True:
                try:
                    piece = next(pieces)
                except StopIteration as end:
                    usage: Usage = end.value
                    return usage
                self.text += piece.text
                yield piece
        except GeneratorExit:
            # Whoever stops it may want to know what it cost.
            try:
                pieces.throw(GeneratorExit())
            except StopIteration as end:
                told: Usage = end.value
                return told
            raise
        finally:
            pieces.close()


def streamed(draft: Generator[Progress, None, Drafted], engine: Overheard) -> Generator[Progress, None, Drafted]:
    """The same draft, which also tells what of a passage is being written and may yet be taken back."""
    passage = ""
    try:
        while True:
            try:
                progress = next(draft)
            except StopIteration as end:
                drafted: Drafted = end.value
                return drafted
            if progress.passage != passage:
                passage, engine.text = progress.passage, ""
            if not progress.scene or not progress.sentence or count_words(engine.text) < FEWEST:
                yield progress
                continue
            shown = passage + (engine.text if passage else engine.text.lstrip())
            near = shown[-NEAR:]
            last = list(sentences(near))[-1:]
            yield replace(progress, passage=shown, sentence=near[slice(*last[0])].strip() if last else near)
    finally:
        draft.close()
