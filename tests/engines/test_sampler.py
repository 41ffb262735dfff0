from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import torch  # noqa: TID253
from hypothesis import given
from hypothesis import strategies as st

from writer.engines import Sampling
from writer.engines.sampler import Sampler, distribution, penalize, penalize_repetition
from writer.engines.wire import completion

if TYPE_CHECKING:
    from writer.engines.llamacpp import LlamaCpp

OPEN = Sampling(temperature=1, top_k=0, top_p=1, min_p=0, repetition_penalty=1)


def probabilities(logits: list[float], ids: list[int], sampling: Sampling) -> dict[int, float]:
    probs, tokens = distribution(torch.tensor(logits, dtype=torch.float64), ids, sampling)
    return {int(token): float(p) for token, p in zip(tokens, probs, strict=True) if p > 0}


def by_hand(logits: list[float], top_k: int, top_p: float, min_p: float, temperature: float) -> dict[int, float]:
    """llama.cpp's chain, a step at a time."""
    left = sorted(enumerate(logits), key=lambda pair: -pair[1])[: top_k or None]

    def softmax(pairs: list[tuple[int, float]], heat: float = 1.0) -> list[tuple[int, float]]:
        raised = [(token, math.exp((logit - pairs[0][1]) / heat)) for token, logit in pairs]
        total = sum(value for _, value in raised)
        return [(token, value / total) for token, value in raised]

    total = 0.0
    for count, (_, probability) in enumerate(softmax(left), 1):
        total += probability
        if total >= top_p:
            left = left[:count]
            break
    left = [pair for pair in left if pair[1] >= left[0][1] + (math.log(min_p) if min_p else -math.inf)]
    return dict(softmax(left, temperature))


@given(
    st.lists(st.integers(-400, 400), min_size=2, max_size=12, unique=True),
    st.integers(0, 6),
    st.sampled_from([0.301, 0.711, 0.953]),
    st.sampled_from([0.0, 0.0511, 0.3013]),
    st.sampled_from([0.5, 1.0, 1.7]),
)
def test_the_chain_means_what_llama_cpp_means(
    hundredths: list[int], top_k: int, top_p: float, min_p: float, temperature: float
) -> None:
    logits = [value / 100 for value in hundredths]
    sampling = replace(OPEN, top_k=top_k, top_p=top_p, min_p=min_p, temperature=temperature)
    assert probabilities(logits, [], sampling) == pytest.approx(by_hand(logits, top_k, top_p, min_p, temperature))


PROMPT = "The gulls rose over the harbour. The gulls rose over the boats. The gulls rose"


@pytest.mark.model
@pytest.mark.parametrize(
    "choices",
    [
        {"top_k": 40, "top_p": 0.9, "min_p": 0.02, "temperature": 0.8},
        {"typical_p": 0.4},
        {"top_k": 60, "typical_p": 0.7, "min_p": 0.05, "temperature": 1.4},
        {"frequency_penalty": 0.4, "presence_penalty": 0.7, "penalty_window": 12},
        {"dry_multiplier": 0.8, "dry_base": 1.6, "dry_allowed_length": 2},
        {"dry_multiplier": 0.8, "dry_range": 8, "dry_breakers": ("boats",)},
        {"dry_multiplier": 0.8, "dry_breakers": (".",), "temperature": 0.7},
        {"xtc_probability": 1.0, "xtc_threshold": 0.05},
        {"top_k": 30, "top_p": 0.98, "xtc_probability": 1.0, "xtc_threshold": 0.02, "dry_multiplier": 1.0},
    ],
    ids=lambda choices: " ".join(choices),
)
def test_llama_cpp_itself_gives_the_same_probabilities(english: LlamaCpp, choices: dict[str, Any]) -> None:
    """From the server's own logits, what its chain makes of them and what ours does.

    It tells them only up to a constant, so the repetition penalty, which asks for their sign, can't be compared.
    """
    ids = english._tokenize(PROMPT)
    sampling = replace(OPEN, max_tokens=1, seed=1, **choices)

    def told(after: bool) -> dict[int, float]:
        body = completion(ids, replace(sampling, logprobs=49_152)) | {"post_sampling_probs": after}
        entries = [
            entry
            for chunk in english._server.stream(body, lambda: False)
            for content in ((chunk["choices"][0].get("logprobs") or {}).get("content") or [])
            for entry in content["top_probs" if after else "top_logprobs"]
        ]
        return {entry["id"]: entry["prob" if after else "logprob"] for entry in entries}

    before = told(after=False)
    logits = torch.full((max(before) + 1,), -1e9, dtype=torch.float64)
    logits[list(before)] = torch.tensor(list(before.values()), dtype=torch.float64)
    breakers = {token for token in ids if any(text in text_of(english, token) for text in sampling.dry_breakers)}
    probs, tokens = distribution(logits, ids, sampling, breakers, torch.Generator().manual_seed(1))
    ours = {int(token): float(p) for token, p in zip(tokens, probs, strict=True) if p > 1e-4}
    theirs = {token: p for token, p in told(after=True).items() if p > 1e-4}
    assert ours == pytest.approx(theirs, abs=2e-3)


def text_of(english: LlamaCpp, token: int) -> str:
    return str(english._server.post("/detokenize", {"tokens": [token]})["content"])


def test_penalties_push_down_once_and_by_count() -> None:
    logits = torch.tensor([2.0, -2.0, 1.0])
    assert penalize(logits, [0, 1, 0], replace(OPEN, repetition_penalty=2.0)).tolist() == [1.0, -4.0, 1.0]
    sampling = replace(OPEN, frequency_penalty=0.5, presence_penalty=0.25)
    assert penalize(logits, [0, 1, 0], sampling).tolist() == [0.75, -2.75, 1.0]
    assert penalize(logits, [0, 1, 2], replace(sampling, penalty_window=1)).tolist() == [2.0, -2.0, 0.25]


def test_a_longer_repetition_is_pushed_down_more() -> None:
    logits = torch.zeros(10)
    sampling = replace(OPEN, dry_multiplier=1.0, dry_base=2.0, dry_allowed_length=2)
    assert penalize_repetition(logits, [1, 2, 3, 9, 1, 2], sampling, ())[3] == -1.0
    assert penalize_repetition(logits, [0, 1, 2, 3, 9, 0, 1, 2], sampling, ())[3] == -2.0
    assert penalize_repetition(logits, [0, 1, 2, 3, 9, 0, 1, 2], sampling, {0})[3] == -1.0
    assert penalize_repetition(logits, [0, 1, 2, 3, 9, 0, 1, 2], sampling, {1}).count_nonzero() == 0
    assert penalize_repetition(logits, [1, 2, 3, 4], sampling, ()).count_nonzero() == 0


def test_a_repetition_without_end_fits_a_float() -> None:
    sampling = replace(OPEN, dry_multiplier=1.0, dry_base=4.0)
    assert penalize_repetition(torch.zeros(3), [1] * 500, sampling, ()).isfinite().all()


def test_no_temperature_takes_the_likeliest() -> None:
    logits = torch.tensor([0.1, 3.0, 0.2])
    for mirostat in (0, 2):
        sampler = Sampler(replace(OPEN, temperature=0, mirostat=mirostat))
        assert sampler.draw(logits, []).token == 1
        assert sampler.draw(logits, [], banned=[1]).token == 2


@pytest.mark.parametrize("mirostat", [0, 2])
def test_a_seed_decides(mirostat: int) -> None:
    logits = torch.randn(50, generator=torch.Generator().manual_seed(1))

    def draw(seed: int) -> list[int]:
        sampler = Sampler(replace(OPEN, seed=seed, mirostat=mirostat))
        return [sampler.draw(logits, []).token for _ in range(8)]

    assert draw(5) == draw(5)
    assert draw(5) != draw(6)


@pytest.mark.parametrize("tau", [2.0, 4.0])
def test_mirostat_comes_to_the_surprise_it_aims_at(tau: float) -> None:
    logits = torch.log_softmax(2 * torch.randn(1000, generator=torch.Generator().manual_seed(2)), -1)
    sampler = Sampler(replace(OPEN, mirostat=2, mirostat_tau=tau, seed=3))
    drawn = [sampler.draw(logits, []).token for _ in range(600)][100:]
    kept = torch.tensor(sorted(set(drawn)))
    share = torch.log2(torch.softmax(logits[kept], -1))
    counted = Counter(drawn)
    surprise = -sum(float(s) * counted[int(t)] for t, s in zip(kept, share, strict=True)) / len(drawn)
    assert surprise == pytest.approx(tau, abs=0.5)


def test_log_probabilities_are_those_before_the_chain() -> None:
    logits = torch.tensor([1.0, 3.0, 2.0])
    choice = Sampler(replace(OPEN, temperature=0, logprobs=2)).draw(logits, [], banned=[1])
    expected = torch.log_softmax(logits, -1).tolist()
    assert choice.token == 2
    assert choice.logprob == pytest.approx(expected[2])
    assert [token for token, _ in choice.alternatives] == [1, 2]
