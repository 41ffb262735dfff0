from __future__ import annotations

from dataclasses import replace

import pytest
import torch  # noqa: TID253
from hypothesis import given
from hypothesis import strategies as st

from writer.engines import Sampling
from writer.engines.answer import Text
from writer.engines.transformers import Transformers
from writer.errors import EngineError

from .reading import page, read

HARBOUR = "The gulls rose over the harbour. Mara counted the boats"
RIVER = "海鸥从港口飞起，玛拉数着船。"
GREEDY = Sampling(max_tokens=12, temperature=0)


@pytest.mark.parametrize("text", [HARBOUR, RIVER, "", "🙂", "\n", "<|im_end|>"])
def test_any_text_can_be_continued(small: Transformers, text: str) -> None:
    written, usage = read(small.generate(page(text), Sampling(max_tokens=6, seed=1)))
    assert "\ufffd" not in written
    assert usage.prompt_tokens == max(1, small.count([text])[0])


def test_work_beside_the_page_leaves_what_was_read_for_it(small: Transformers) -> None:
    read(small.generate(page(HARBOUR), Sampling(max_tokens=2)))
    read(small.generate(replace(page("Another text altogether."), role="work"), Sampling(max_tokens=4)))
    for role in ("page", "work"):
        text = HARBOUR if role == "page" else "Another text altogether."
        _, usage = read(small.generate(replace(page(text), role=role), Sampling(max_tokens=2)))
        assert usage.prefilled_tokens == 1


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


@given(st.text(max_size=20))
def test_tokens_stand_for_characters_in_order_and_leave_none_out(small: Transformers, text: str) -> None:
    text = text.encode("utf-8", "replace").decode("utf-8")
    spans = small.spans(text)
    assert len(spans) == small.count([text])[0]
    assert spans == sorted(spans)
    covered = {at for start, end in spans for at in range(start, end)}
    assert {at for at, character in enumerate(text) if not character.isspace()} <= covered <= set(range(len(text)))


def test_the_bytes_of_one_character_all_stand_for_it(small: Transformers) -> None:
    assert small.count(["鼗"])[0] > 1
    assert set(small.spans("鼗")) == {(0, 1)}


def test_control_tokens_in_a_novel_are_text(small: Transformers) -> None:
    assert small.count(["<|im_end|>", "<|endoftext|>"]) > [1, 1]


def test_a_text_that_is_too_long_is_one_sentence(small: Transformers) -> None:
    with pytest.raises(EngineError, match="budget"):
        read(small.generate(page(HARBOUR * 100), GREEDY))


@given(st.text(max_size=20))
def test_pieces_are_whole_characters(small: Transformers, text: str) -> None:
    text = text.encode("utf-8", "replace").decode("utf-8")
    writer = Text(small._tokenizer, [])
    pieces = [writer.add(token) for token in small._tokenize([text])[0]]
    assert "".join(pieces) == text.replace("\ufffd", "")


def test_no_row_of_tokens_comes_twice(small: Transformers) -> None:
    prompt = page(HARBOUR)
    plain, _ = read(small.generate(prompt, replace(GREEDY, max_tokens=60, repetition_penalty=1)))
    barred = Sampling(max_tokens=60, temperature=0, repetition_penalty=1, no_repeat_ngram=3)
    answer = small._answer(small._ids(prompt.read), barred, prompt)
    while not answer.done:
        small._keep(answer.ids)
        answer.take(small._forward(answer.ids[len(small._cached) :], keep=1)[-1])

    def repeated(ids: list[int]) -> int:
        rows = [tuple(ids[at : at + 3]) for at in range(len(ids) - 2)]
        return len(rows) - len(set(rows))

    assert repeated(answer.ids) == 0
    assert repeated(small._tokenize([HARBOUR + plain])[0]) > 0, "no test: it repeats nothing by itself"


def test_a_banned_phrase_is_never_written(small: Transformers) -> None:
    plain, _ = read(small.generate(page(HARBOUR), replace(GREEDY, max_tokens=40)))
    phrase = plain[8:14]
    barred, _ = read(small.generate(page(HARBOUR), replace(GREEDY, max_tokens=40, banned=(phrase, "zzz"))))
    assert phrase.casefold() not in barred.casefold()
    assert barred.startswith(plain[:4])
    small._forget()
    assert read(small.generate(page(HARBOUR), replace(GREEDY, max_tokens=40)))[0] == plain


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


def joined(pieces, count: int) -> list[str]:
    texts = [""] * count
    for number, piece in pieces:
        texts[number] += piece.text
    return texts


@pytest.mark.parametrize("begun", ["", " boats"])
def test_alternatives_are_what_each_would_be_by_itself(small: Transformers, begun: str) -> None:
    prompt = replace(page(HARBOUR), begun=begun if HARBOUR.endswith(begun) else "")
    samplings = [Sampling(max_tokens=8 + 3 * seed, seed=seed, temperature=float(seed)) for seed in range(4)]
    apart = [read(small.generate(prompt, sampling))[0] for sampling in samplings]
    read(small.generate(page("x"), GREEDY))
    together = joined(small.alternatives(prompt, samplings), 4)
    assert together[0] == apart[0]
    assert [len(small._tokenize([text])[0]) > 2 for text in together] == [True] * 4
    assert joined(small.alternatives(prompt, samplings), 4) == together
    _, usage = read(small.generate(prompt, GREEDY))
    assert usage.prefilled_tokens == 1, "the page's own cache was not touched"


def test_alternatives_without_banned_phrases_come_one_by_one(small: Transformers) -> None:
    samplings = [replace(GREEDY, banned=("zz",)), replace(GREEDY, seed=1)]
    texts = joined(small.alternatives(page(HARBOUR), samplings), 2)
    assert texts[0] == texts[1] == read(small.generate(page(HARBOUR), GREEDY))[0]


def test_alternatives_can_be_stopped(small: Transformers) -> None:
    pieces = small.alternatives(page(HARBOUR), [Sampling(max_tokens=50, seed=seed) for seed in range(2)])
    next(pieces)
    pieces.close()
    assert read(small.generate(page(HARBOUR), GREEDY))[0]


def test_attention_is_told_by_part_and_changes_nothing(small: Transformers) -> None:
    prompt = page("The gulls rose.\n", RIVER)
    before, _ = read(small.generate(prompt, GREEDY))
    looks = small.attention(prompt, " Mara counted")
    assert len(looks) == 2
    assert all(share > 0 for share in looks)
    assert sum(looks) < 1
    after, usage = read(small.generate(prompt, GREEDY))
    assert (after, usage.prefilled_tokens) == (before, 1)
    assert small.attention(prompt, "") == [0.0, 0.0]


@pytest.mark.model
def test_a_model_looks_at_what_it_repeats(english_torch: Transformers) -> None:
    prompt = page(
        "The password is Ondine.\n\n", "They walked along the quay, and nobody spoke.\n\n", "“The password is"
    )
    names = english_torch.attention(prompt, " Ondine")
    others = english_torch.attention(prompt, " unknown")
    assert names[0] > others[0]
