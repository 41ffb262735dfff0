from __future__ import annotations

from itertools import product

import pytest
import torch  # noqa: TID253

from writer.engines import Sampling
from writer.engines.beams import Search
from writer.engines.transformers import Transformers
from writer.errors import EngineError

from .reading import page, read

HARBOUR = "The gulls rose over the harbour. Mara counted the boats"
END = 0


def next_logits(tokens: tuple[int, ...]) -> torch.Tensor:
    return torch.randn(4, generator=torch.Generator().manual_seed(hash(tokens) % 1000))


def mean(tokens: tuple[int, ...], length: int) -> float:
    total = 0.0
    for at in range(length):
        total += float(torch.log_softmax(next_logits(tokens[:at]), -1)[(*tokens, END)[at]])
    return total / length


def test_a_wide_search_finds_the_likeliest_text() -> None:
    search = Search(64, {END})
    for _ in range(3):
        search.widen(torch.stack([next_logits(beam.tokens) for beam in search.beams]))
    whole = {tokens: mean(tokens, 3) for tokens in product((1, 2, 3), repeat=3)}
    short = {tokens: mean(tokens, n + 1) for n in range(3) for tokens in product((1, 2, 3), repeat=n)}
    likeliest = max((whole | short).items(), key=lambda pair: pair[1])
    assert search.found.tokens == likeliest[0]
    assert search.found.mean == pytest.approx(likeliest[1], abs=1e-5)


def test_one_beam_is_the_greedy_text(small: Transformers) -> None:
    greedy = Sampling(max_tokens=12, temperature=0, repetition_penalty=1)
    answer = small._answer(small._ids(page(HARBOUR).read), greedy, page(HARBOUR))
    small._keep(answer.ids)
    small._forward(answer.ids[:-1], keep=1)
    alone = "".join(piece.text for piece in small._search(answer, greedy))
    assert alone == read(small.generate(page(HARBOUR), greedy))[0]


@pytest.mark.model
def test_more_beams_find_a_likelier_text(english_torch: Transformers) -> None:
    greedy = Sampling(max_tokens=10, temperature=0, repetition_penalty=1, may_end=False)

    def likelihood(beams: int) -> float:
        sampling = Sampling(max_tokens=10, repetition_penalty=1, beams=beams) if beams > 1 else greedy
        text, usage = read(english_torch.generate(page(HARBOUR), sampling))
        assert usage.tokens <= 10
        scores = english_torch.score(page(HARBOUR), text)
        return sum(scores) / len(scores)

    assert likelihood(4) >= likelihood(1) - 0.01


@pytest.mark.model
def test_llama_cpp_says_that_it_can_not(english) -> None:
    with pytest.raises(EngineError, match="transformers"):
        read(english.generate(page(HARBOUR), Sampling(beams=3)))


def test_what_is_begun_is_ended_by_the_search_too(small: Transformers) -> None:
    from dataclasses import replace

    prompt = replace(page(HARBOUR), begun=" boats")
    text, _ = read(small.generate(prompt, Sampling(max_tokens=8, beams=3, stop=("\n",))))
    assert "\ufffd" not in text
    _, usage = read(small.generate(page(HARBOUR), Sampling(max_tokens=1, temperature=0)))
    assert usage.prompt_tokens > 0
