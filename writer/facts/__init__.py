"""What the sentences of a book say of its people and things, and which of them can't both be true."""

from __future__ import annotations

from writer.facts import chinese, english
from writer.facts.contradictions import conflicts
from writer.facts.statement import Statement

__all__ = ["Statement", "conflicts", "stated"]


def stated(text: str, language: str) -> list[Statement]:
    """What the narrator says of people and things by name; a sentence that may mean somebody else says nothing."""
    return chinese.stated(text) if language == "zh" else english.stated(text)
