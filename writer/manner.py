"""How a model chooses its words: as the author wishes, and as far as a language allows."""

from __future__ import annotations

from writer.engines import Sampling
from writer.settings import Settings

PENALTY = {"en": 2.0, "zh": 1.05}
"""At most so much for a token that comes again: in Chinese it drives a small model out of the sentence it is in."""
DRY = {"en": 0.0, "zh": 0.8}
"""At least so much for a row of tokens that comes again: without it a small model says in Chinese what it just said."""


def manner(settings: Settings, language: str, seed: int) -> Sampling:
    """What a text in "en" or "zh" is sampled with, but for its length and what may not come."""
    return Sampling(
        temperature=settings.temperature,
        top_k=settings.top_k,
        top_p=settings.top_p,
        min_p=settings.min_p,
        repetition_penalty=min(settings.repetition_penalty, PENALTY[language]),
        dry_multiplier=max(settings.dry_multiplier, DRY[language]),
        xtc_probability=settings.xtc_probability,
        seed=seed,
    )
