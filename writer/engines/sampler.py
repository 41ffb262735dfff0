"""How the next token is drawn from a model's logits, on torch; names, order and meaning are those of llama.cpp.

The chain: penalties, DRY, top-k, typical, top-p, min-p, XTC, temperature; mirostat 2 behind temperature takes the place
of all of them. Each step works on what the one before left, with probabilities that add up to one again.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from writer.engines import Sampling

_LOG_2 = math.log(2)
_LARGEST_EXPONENT = 88.0
"""Powers of DRY's base beyond this would not fit a float, in llama.cpp too."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A drawn token, its natural log-probability before the chain, and the likeliest tokens with theirs."""

    token: int
    logprob: float = 0.0
    alternatives: tuple[tuple[int, float], ...] = ()


class Sampler:
    """Draws one token after another; remembers its random numbers and what mirostat learned."""

    def __init__(self, sampling: Sampling, breakers: Container[int] = (), device: torch.device | str = "cpu") -> None:
        self._sampling = sampling
        self._breakers = breakers
        self._random = torch.Generator(device).manual_seed(sampling.seed)
        self._surprise = 2 * sampling.mirostat_tau

    @torch.inference_mode()
    def draw(
        self, logits: Tensor, ids: Sequence[int], banned: Sequence[int] = (), fitting: Sequence[int] = ()
    ) -> Choice:
        """The next token from logits of shape (vocabulary,) behind ``ids``: never one that is banned, and one of the
        ``fitting`` if there are any.
        """
        sampling = self._sampling
        plain = logits
        if fitting:
            places = torch.tensor(list(fitting), device=logits.device)
            logits = torch.full_like(logits, -torch.inf).index_put((places,), logits[places])
        if banned:
            logits = logits.index_fill(0, torch.tensor(list(banned), device=logits.device), -torch.inf)
        if sampling.mirostat:
            token = self._draw_with_mirostat(logits)
        else:
            probs, tokens = distribution(logits, ids, sampling, self._breakers, self._random)
            place = 0 if sampling.temperature <= 0 else int(torch.multinomial(probs, 1, generator=self._random))
            token = int(tokens[place])
        return _told(plain, token, sampling.logprobs) if sampling.logprobs else Choice(token)

    def _draw_with_mirostat(self, logits: Tensor) -> int:
        """Mirostat 2 (Basu et al. 2020): cut off what surprises more than is wanted, and learn from what came."""
        sampling = self._sampling
        if sampling.temperature <= 0:
            return int(logits.argmax())
        logits, tokens = torch.sort(logits / sampling.temperature, descending=True, stable=True)
        probs = torch.softmax(logits, -1)
        keep = -torch.log2(probs) <= self._surprise
        keep[0] = True
        probs = torch.softmax(logits.masked_fill(~keep, -torch.inf), -1)
        place = int(torch.multinomial(probs, 1, generator=self._random))
        seen = -math.log(float(probs[place])) / _LOG_2
        self._surprise -= sampling.mirostat_eta * (seen - sampling.mirostat_tau)
        return int(tokens[place])


def distribution(
    logits: Tensor,
    ids: Sequence[int],
    sampling: Sampling,
    breakers: Container[int] = (),
    random: torch.Generator | None = None,
) -> tuple[Tensor, Tensor]:
    """Probabilities, likeliest first, and their tokens, behind ``ids``; at temperature 0 all of it is on the first."""
    logits = penalize(logits, ids, sampling)
    if sampling.dry_multiplier > 0:
        logits = penalize_repetition(logits, ids, sampling, breakers)
    if sampling.temperature <= 0:
        token = logits.argmax().unsqueeze(0)
        return torch.ones_like(token, dtype=logits.dtype), token
    count = min(sampling.top_k, logits.numel()) if sampling.top_k > 0 else logits.numel()
    logits, tokens = torch.topk(logits, count)
    for keep in (_typical, _top_p, _min_p):
        logits = logits.masked_fill(~keep(logits, sampling), -torch.inf)
    if sampling.xtc_probability > 0:
        logits = exclude_top_choices(logits, sampling, random)
    probs = torch.softmax(logits / sampling.temperature, -1)
    order = torch.argsort(probs, descending=True, stable=True)
    return probs[order], tokens[order]


def penalize(logits: Tensor, ids: Sequence[int], sampling: Sampling) -> Tensor:
    """Make recent tokens less likely: positive logits divided and others multiplied, once each (Keskar et al. 2019);
    then lowered by each time they came, and once for having come at all.
    """
    recent = ids[-sampling.penalty_window :] if sampling.penalty_window > 0 else ()
    once = (sampling.repetition_penalty, sampling.frequency_penalty, sampling.presence_penalty)
    if not recent or once == (1.0, 0.0, 0.0):
        return logits
    counts = Counter(recent)
    tokens = torch.tensor(list(counts), device=logits.device)
    times = torch.tensor(list(counts.values()), device=logits.device, dtype=logits.dtype)
    some = logits[tokens]
    some = torch.where(some > 0, some / sampling.repetition_penalty, some * sampling.repetition_penalty)
    some = some - times * sampling.frequency_penalty - sampling.presence_penalty
    return logits.index_put((tokens,), some)


def penalize_repetition(logits: Tensor, ids: Sequence[int], sampling: Sampling, breakers: Container[int]) -> Tensor:
    """DRY (p-e-w 2024): the longer a row of tokens that would be repeated, the less likely the token that goes on.

    A row never reaches over a breaker, such as a line end.
    """
    seen = list(ids[-sampling.dry_range :]) if sampling.dry_range > 0 else list(ids)
    longest = next((back for back, token in enumerate(reversed(seen)) if token in breakers), len(seen))
    if longest < sampling.dry_allowed_length:
        return logits
    repeated: dict[int, int] = {}
    for end in range(len(seen) - 1):
        length = 0
        while length < min(longest, end + 1) and seen[end - length] == seen[-1 - length]:
            length += 1
        if length >= sampling.dry_allowed_length:
            following = seen[end + 1]
            repeated[following] = max(length, repeated.get(following, 0))
    if not repeated:
        return logits
    most = _LARGEST_EXPONENT / math.log(sampling.dry_base) if sampling.dry_base > 1 else math.inf
    lowered = [
        sampling.dry_multiplier * sampling.dry_base ** min(length - sampling.dry_allowed_length, most)
        for length in repeated.values()
    ]
    tokens = torch.tensor(list(repeated), device=logits.device)
    return logits.index_put(
        (tokens,), -torch.tensor(lowered, device=logits.device, dtype=logits.dtype), accumulate=True
    )


def exclude_top_choices(logits: Tensor, sampling: Sampling, random: torch.Generator | None) -> Tensor:
    """XTC (p-e-w 2024): now and then take away all likely tokens but the least likely of them; likeliest come first."""
    if sampling.xtc_threshold > 0.5:
        return logits
    if float(torch.rand((), generator=random, device=logits.device)) > sampling.xtc_probability:
        return logits
    probs = torch.softmax(logits, -1)
    place = torch.argsort(probs, descending=True, stable=True)
    likely = int((probs >= sampling.xtc_threshold).sum())
    return logits.index_fill(0, place[: likely - 1], -torch.inf) if likely > 1 else logits


def _typical(logits: Tensor, sampling: Sampling) -> Tensor:
    """Locally typical (Meister et al. 2022): what surprises about as much as is to be expected."""
    if sampling.typical_p >= 1:
        return torch.ones_like(logits, dtype=torch.bool)
    log_probs = torch.log_softmax(logits, -1)
    probs = log_probs.exp()
    entropy = -(probs * log_probs).nan_to_num().sum()
    order = torch.argsort((-log_probs - entropy).abs(), stable=True)
    before = torch.cumsum(probs[order], -1) - probs[order]
    return torch.zeros_like(logits, dtype=torch.bool).index_put((order,), before <= sampling.typical_p)


def _top_p(logits: Tensor, sampling: Sampling) -> Tensor:
    """Nucleus (Holtzman et al. 2019): the likeliest that together reach this probability."""
    if sampling.top_p >= 1:
        return torch.ones_like(logits, dtype=torch.bool)
    probs = torch.softmax(logits, -1)
    order = torch.argsort(probs, descending=True, stable=True)
    before = torch.cumsum(probs[order], -1) - probs[order]
    keep = before < sampling.top_p
    keep[0] = True
    return torch.zeros_like(logits, dtype=torch.bool).index_put((order,), keep)


def _min_p(logits: Tensor, sampling: Sampling) -> Tensor:
    """What is at least this share as likely as the likeliest."""
    if sampling.min_p <= 0:
        return torch.ones_like(logits, dtype=torch.bool)
    return logits >= logits.max() + math.log(sampling.min_p)


def _told(logits: Tensor, token: int, count: int) -> Choice:
    log_probs = torch.log_softmax(logits, -1)
    values, tokens = torch.topk(log_probs, min(count, log_probs.numel()))
    return Choice(token, float(log_probs[token]), tuple(zip(tokens.tolist(), values.tolist(), strict=True)))
