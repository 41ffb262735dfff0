"""What can be said of a long text by counting: its length against what was asked, and how much of it is said again.

Apart from what the draft itself goes by (``writer.repetition``), so that it is measured with another yardstick.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from writer.text import counted


def length_score(asked: int, written: int) -> float:
    """LongWriter's score of a length, 0 to 100 (Bai et al. 2024)."""
    if written <= 0:
        return 0.0
    if written > asked:
        return 100 * max(0.0, 1 - (written / asked - 1) / 3)
    return 100 * max(0.0, 1 - (asked / written - 1) / 2)


def words_of(text: str) -> list[str]:
    """English words in small letters and Chinese characters, as authors count them."""
    return [text[start:end].casefold() for start, end in counted(text)]


def rows(words: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    """Each row of so many words."""
    return (tuple(words[at : at + size]) for at in range(len(words) - size + 1))


def repeated(texts: Iterable[str], size: int = 8) -> float:
    """The share of the words that stand in a row of so many that came before, in the same text or an earlier one."""
    seen: set[tuple[str, ...]] = set()
    all_words = again = 0
    for text in texts:
        words = words_of(text)
        covered = 0
        for at, row in enumerate(rows(words, size)):
            if row in seen:
                again += at + size - max(covered, at)
                covered = at + size
            seen.add(row)
        all_words += len(words)
    return again / all_words if all_words else 0.0


def distinct(text: str, size: int = 4) -> float:
    """The share of rows of so many words that are different from each other."""
    found = list(rows(words_of(text), size))
    return len(set(found)) / len(found) if found else 0.0


def new(text: str, before: Iterable[str], size: int = 4) -> float:
    """The share of different rows of so many words that none of the texts before has."""
    known = {row for earlier in before for row in rows(words_of(earlier), size)}
    found = set(rows(words_of(text), size))
    return len(found - known) / len(found) if found else 0.0
