"""Which words may stand for which, made of WordNet and CC-CEDICT by ``packaging/thesaurus.py`` and ``_zh.py``."""

from __future__ import annotations

import mmap
from functools import cache, lru_cache

from writer import files
from writer.text import is_cjk


@lru_cache(4096)
def related(key: str) -> tuple[tuple[str, float], ...]:
    """Words that may be meant by an English stem or a Chinese word, best first, with the share that each is worth."""
    lines = _lines("zh" if is_cjk(key[0]) else "en")
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
def _lines(language: str) -> mmap.mmap:
    """The whole list, of which the system reads what is needed."""
    with (files.assets() / "thesaurus" / f"{language}.tsv").open("rb") as list_:
        return mmap.mmap(list_.fileno(), 0, access=mmap.ACCESS_READ)
