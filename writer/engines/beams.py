"""Beam search: the likeliest text instead of a drawn one."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable
from dataclasses import dataclass

import torch


@dataclass(frozen=True, slots=True)
class Beam:
    """Tokens behind a prompt and the sum of their natural log-probabilities."""

    total: float = 0.0
    tokens: tuple[int, ...] = ()
    ended: bool = False

    @property
    def mean(self) -> float:
        """Log-probability a token, so that long and short texts can be compared."""
        return self.total / max(1, len(self.tokens) + self.ended)


class Search:
    """Keeps the ``width`` best beginnings, and the best texts that came to an end."""

    def __init__(self, width: int, ends: Container[int]) -> None:
        self.beams = [Beam()]
        self._width = width
        self._ends = ends
        self._over: list[Beam] = []

    def widen(self, logits: torch.Tensor) -> list[int]:
        """Take logits behind each beam, shape (beams, vocabulary); gives which beam each new one goes on from."""
        log_probs = torch.log_softmax(logits, -1)
        totals = log_probs + torch.tensor([[beam.total] for beam in self.beams], device=logits.device)
        values, places = torch.topk(totals.flatten(), min(2 * self._width, totals.numel()))
        beams: list[Beam] = []
        sources: list[int] = []
        for total, place in zip(values.tolist(), places.tolist(), strict=True):
            source, token = divmod(place, logits.shape[-1])
            tokens = self.beams[source].tokens
            if total == -math.inf or len(beams) == self._width:
                break
            if token in self._ends:
                self._over.append(Beam(total, tokens, ended=True))
            else:
                beams.append(Beam(total, (*tokens, token)))
                sources.append(source)
        self.beams = beams
        return sources

    @property
    def is_over(self) -> bool:
        """Whether nothing that is still open can be expected to become better than what has ended."""
        if not self.beams:
            return True
        return len(self._over) >= self._width and best(self._over).mean >= best(self.beams).mean

    @property
    def found(self) -> Beam:
        """The best text so far."""
        return best([*self._over, *self.beams])


def best(beams: Iterable[Beam]) -> Beam:
    """The one with the highest log-probability a token."""
    return max(beams, key=lambda beam: beam.mean)
