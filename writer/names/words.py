"""The words that tell names from others, out of ``assets/names.toml``."""

from __future__ import annotations

import tomllib
from functools import cache

from writer import files


@cache
def words(language: str, kind: str) -> frozenset[str]:
    """One list of the file."""
    return frozenset(_lists()[language][kind].split())


@cache
def pairs(language: str, kind: str) -> dict[str, str]:
    """One list of the file whose words are two, with a colon between."""
    return dict(word.split(":") for word in _lists()[language][kind].split())


@cache
def _lists() -> dict[str, dict[str, str]]:
    return tomllib.loads((files.assets() / "names.toml").read_text("utf-8"))
