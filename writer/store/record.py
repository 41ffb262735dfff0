"""A row's value as JSON, which anybody may have written: read only as far as it is what it should be."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any


def read(value: str, names: Collection[str]) -> dict[str, Any] | None:
    """What a value says under these names; None if it is no record."""
    try:
        told = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return {name: told[name] for name in names if name in told} if isinstance(told, dict) else None


def is_words(words: object) -> bool:
    """Whether this is a list of texts."""
    return isinstance(words, list) and all(isinstance(word, str) for word in words)
