"""The ways of using the same number of tokens that are measured against each other: one table, each a function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import islice

from writer.meter.book import Book, Position
from writer.story import Part, Prompt

Arm = Callable[[Book, Position], Prompt]
"""What one way lets the model read before a position."""

_NO_MEMORY = ("style", "premise", "earlier", "note", "page")
_TRIED = 40
_SHARE = 0.3
"""What rivals get of the budget, as chat programs give it."""


def window(book: Book, position: Position) -> Prompt:
    """Nothing but the end of the text."""
    return Prompt((book.tail(position, _room(book)),))


def wider(tokens: int) -> Arm:
    """A plain window of another size."""
    return lambda book, position: Prompt((book.tail(position, tokens - book.engine.bos_tokens),))


def ours(book: Book, position: Position) -> Prompt:
    """What Writer lays out there."""
    return book.laid_out(position)


def told(book: Book, position: Position) -> Prompt:
    """What Writer lays out there, without leaning to the book's words."""
    return replace(book.laid_out(position), wording="")


def words(book: Book, position: Position) -> Prompt:
    """The plain window, leaning to the book's words."""
    return replace(window(book, position), wording=book.laid_out(position).wording)


def another(book: Book, position: Position) -> Prompt:
    """What Writer remembers of another book at the same share of it: the style of a memory without its worth."""
    assert book.other is not None
    at = position.at * len(book.other.text) // len(book.text)
    return _behind(book, position, _memory(book.other.laid_out(book.other.position(at))))


def summary(book: Book, position: Position) -> Prompt:
    """One flat summary of what is before the page, of three tenths of the room."""
    size = _size(book)
    page = book.tail(position, _room(book) - size)
    characters = size * len(page.text) // max(1, page.tokens)
    return _behind(book, position, _block(book, book.flat.upto(position.at - len(page.text), characters), size))


def passages(book: Book, position: Position) -> Prompt:
    """Passages from before the page that are like its end, of three tenths of the room."""
    size = _size(book)
    page = book.tail(position, _room(book) - size)
    return _behind(book, position, _block(book, book.passages.upto(position.at - len(page.text), position.at), size))


PLAIN = "window"
"""The arm that all are compared with."""
ARMS: Mapping[str, Arm] = {
    PLAIN: window,
    "ours": ours,
    "told": told,
    "words": words,
    "summary": summary,
    "passages": passages,
    "another": another,
    "2048": wider(2048),
    "4096": wider(4096),
}


def longest(arms: Iterable[str], budget: int) -> int:
    """The most tokens that any of these arms reads."""
    return max([budget, *(int(arm) for arm in arms if arm.isdecimal())])


def _room(book: Book) -> int:
    return book.budget - book.engine.bos_tokens


def _memory(prompt: Prompt) -> list[Part]:
    """The parts that are neither the page nor the same all the time."""
    return [part for part in prompt.parts if part.kind not in _NO_MEMORY]


def _size(book: Book) -> int:
    return int(_SHARE * book.budget)


def _block(book: Book, ranked: Iterable[tuple[int, str]], size: int) -> list[Part]:
    """The best of these that fit, in story order."""
    chosen: list[tuple[int, str]] = []
    best: list[Part] = []
    for one in islice(ranked, _TRIED):
        text = "\n".join(text for _start, text in sorted([*chosen, one])) + "\n\n"
        (tokens,) = book.engine.count([text])
        if tokens > size:
            continue
        chosen.append(one)
        best = [Part("memory", text, tokens)]
    return best


def _behind(book: Book, position: Position, memory: list[Part]) -> Prompt:
    """The end of the text behind a memory, as much as then fits."""
    return Prompt((*memory, book.tail(position, _room(book) - sum(part.tokens for part in memory))))
