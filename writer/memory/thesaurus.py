"""Which English words may stand for which, made of WordNet by ``packaging/thesaurus.py``."""

from __future__ import annotations

import mmap
from functools import cache, lru_cache

from writer import files


@lru_cache(4096)
def related(key: str) -> tuple[tuple[str, float], ...]:
    """Words that may be meant by an English stem, best first, with the share of it that each is worth."""
    if not key.isascii():
        return ()
    lines = _lines()
    low, high = 0, len(lines)
    wanted = key.encode() + b"\t"
    while low < high:
        middle = lines.rfind(b"\n", low, (low + high) // 2) + 1 or low
        end = lines.find(b"\n", middle)
        line = lines[middle:end]
        if line.startswith(wanted):
            return tuple(_read(part) for part in line.decode().split("\t")[1:])
        if line < wanted:
            low = end + 1
        else:
            high = middle
    return ()


def _read(part: str) -> tuple[str, float]:
    word, hundredths = part.split(" ")
    return word, int(hundredths) / 100


@cache
def _lines() -> mmap.mmap:
    """The whole list, of which the system reads what is needed."""
    with (files.assets() / "thesaurus" / "en.tsv").open("rb") as list_:
        return mmap.mmap(list_.fileno(), 0, access=mmap.ACCESS_READ)
