"""Small readers that the engine tests share."""

from __future__ import annotations

from collections.abc import Generator

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
