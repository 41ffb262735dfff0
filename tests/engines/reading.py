"""Small readers that the engine tests share."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator

from writer.engines import Piece, Usage
from writer.story import Part, Prompt


def page(*texts: str) -> Prompt:
    """A prompt of these parts."""
    return Prompt(tuple(Part("page", text, 0) for text in texts))


def read(pieces: Generator[Piece, None, Usage]) -> tuple[str, Usage]:
    """All the text, and the cost."""
    text = ""
    while True:
        try:
            text += next(pieces).text
        except StopIteration as end:
            return text, end.value


def until(fact: Callable[[], bool]) -> None:
    """Wait for a fact."""
    end = time.monotonic() + 30
    while not fact():
        assert time.monotonic() < end
        time.sleep(0.01)
