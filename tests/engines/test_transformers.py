from __future__ import annotations

import math

import pytest
import torch  # noqa: TID253
from hypothesis import given
from hypothesis import strategies as st

from writer.engines import Sampling
from writer.engines.transformers import Transformers, _Writer, logits_to_probs, penalize, sample
from writer.errors import EngineError

from .reading import page, read

HARBOUR = "The gulls rose over the harbour. Mara counted the boats"
RIVER = "海鸥从港口飞起，玛拉数着船。"
GREEDY = Sampling(max_tokens=12, temperature=0)
OPEN = Sampling(temperature=1, top_k=0, top_p=1, min_p=0, repetition_penalty=1)


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
    sampling = Sampling(top_k=top_k, top_p=top_p, min_p=min_p, temperature=temperature)
    probs, ids = logits_to_probs(torch.tensor(logits, dtype=torch.float64), sampling)
    got = {int(token): float(p) for token, p in zip(ids, probs, strict=True) if p > 0}
    assert got == pytest.approx(by_hand(logits, top_k, top_p, min_p, temperature))


def test_a_penalty_counts_once_and_pushes_down() -> None:
    logits = torch.tensor([2.0, -2.0, 1.0])
    assert penalize(logits, torch.tensor([0, 1, 0]), 2.0).tolist() == [1.0, -4.0, 1.0]


def test_no_temperature_takes_the_likeliest() -> None:
    random = torch.Generator().manual_seed(0)
    logits = torch.tensor([0.1, 3.0, 0.2])
    assert sample(logits, torch.tensor([], dtype=torch.long), Sampling(temperature=0), random) == 1


def test_a_seed_decides() -> None:
    logits = torch.randn(50, generator=torch.Generator().manual_seed(1))
    none = torch.tensor([], dtype=torch.long)

    def draw(seed: int) -> list[int]:
        random = torch.Generator().manual_seed(seed)
        return [sample(logits, none, OPEN, random) for _ in range(8)]

    assert draw(5) == draw(5)
    assert draw(5) != draw(6)


@pytest.mark.parametrize("text", [HARBOUR, RIVER, "", "🙂", "\n", "<|im_end|>"])
def test_any_text_can_be_continued(small: Transformers, text: str) -> None:
    written, usage = read(small.generate(page(text), Sampling(max_tokens=6, seed=1)))
    assert "\ufffd" not in written
    assert usage.prompt_tokens == max(1, small.count([text])[0])


def test_a_kept_cache_changes_nothing_in_what_is_written(small: Transformers) -> None:
    read(small.generate(page(HARBOUR, RIVER), Sampling(max_tokens=4)))
    reused, usage = read(small.generate(page(HARBOUR, RIVER), GREEDY))
    assert usage.prefilled_tokens == 1
    small._forget()
    fresh, usage = read(small.generate(page(HARBOUR, RIVER), GREEDY))
    assert usage.prefilled_tokens == usage.prompt_tokens
    assert fresh == reused


def test_only_what_changed_is_read(small: Transformers) -> None:
    read(small.generate(page(HARBOUR, RIVER), Sampling(max_tokens=1)))
    _, usage = read(small.generate(page(HARBOUR, "海"), Sampling(max_tokens=1)))
    assert usage.prefilled_tokens <= small.count(["海"])[0] + 1


def test_reading_can_be_stopped_and_is_not_lost(small: Transformers) -> None:
    small._forget()
    small._chunk = 16
    long = page((HARBOUR + "\n") * 8)
    pieces = small.generate(long, GREEDY)
    assert next(pieces).text == ""
    pieces.close()
    _, usage = read(small.generate(long, GREEDY))
    assert usage.prefilled_tokens == usage.prompt_tokens - 16


def test_scores_are_those_of_the_whole_text_read_at_once(small: Transformers) -> None:
    scores = small.score(page(HARBOUR), RIVER)
    before, after = small._tokenize([HARBOUR, RIVER])
    small._forget()
    logits = torch.log_softmax(small._forward(before + after, keep=0), -1)
    whole = [float(logits[len(before) + at - 1, token]) for at, token in enumerate(after)]
    assert scores == pytest.approx(whole, abs=0.15)  # bf16
    assert len(scores) == small.count([RIVER])[0]


def test_control_tokens_in_a_novel_are_text(small: Transformers) -> None:
    assert small.count(["<|im_end|>", "<|endoftext|>"]) > [1, 1]


def test_a_text_that_is_too_long_is_one_sentence(small: Transformers) -> None:
    with pytest.raises(EngineError, match="budget"):
        read(small.generate(page(HARBOUR * 100), GREEDY))


@given(st.text("abc。", max_size=30))
def test_stop_strings_cut_wherever_tokens_end(small: Transformers, text: str) -> None:
    stop = ("ab。", "cc")
    writer = _Writer(small._tokenizer, [], stop)
    out = ""
    for token in small._tokenize([text])[0]:
        out += writer.write(token)
        if writer.stopped:
            break
    out += writer.finish()
    assert out == text[: min([at for one in stop if (at := text.find(one)) >= 0] or [len(text)])]


@given(st.text(max_size=20))
def test_pieces_are_whole_characters(small: Transformers, text: str) -> None:
    text = text.encode("utf-8", "replace").decode("utf-8")
    writer = _Writer(small._tokenizer, [], ())
    pieces = [writer.write(token) for token in small._tokenize([text])[0]]
    assert "".join(pieces) == text.replace("\ufffd", "")


@pytest.mark.model
def test_it_continues_english_with_the_default_model(english_torch: Transformers) -> None:
    text, usage = read(english_torch.generate(page(HARBOUR), Sampling(max_tokens=12, seed=3)))
    assert text.strip()
    assert usage.tokens == 12
    (first, second) = (english_torch.score(page("The cat sat on the"), word)[0] for word in (" mat", " xylophone"))
    assert first > second


@pytest.mark.model
def test_both_engines_read_the_same_tokens(english_torch: Transformers, english: object) -> None:
    texts = [HARBOUR, RIVER, "<|im_end|>", "“Well,” she said—“no…”\n", "🙂 e\u0301"]
    assert english_torch.count(texts) == english.count(texts)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("may_end", "tokens"), [(True, 1), (False, 30)])
def test_it_can_be_made_to_go_on_behind_the_end(english, may_end: bool, tokens: int) -> None:
    """This model ends a text here at once, if it may."""
    end = page("And so they lived happily ever after.\n\nThe End.\n")
    _, usage = read(english.generate(end, Sampling(max_tokens=30, temperature=0, may_end=may_end)))
    assert usage.tokens == tokens
