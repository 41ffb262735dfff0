from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from writer.engines import Sampling, Usage
from writer.engines.llamacpp import LlamaCpp, next_step
from writer.errors import EngineError

from .reading import page, read

if TYPE_CHECKING:
    from writer.engines.transformers import Transformers

pytestmark = pytest.mark.model

HARBOUR = "The gulls rose over the harbour as the boat came in. Mara shaded her eyes and"
RIVER = "黄昏时分，老人独自坐在江边，望着远处的船。他想起了年轻时的事，"


def test_it_continues_english(english: LlamaCpp) -> None:
    text, usage = read(english.generate(page(HARBOUR), Sampling(max_tokens=16, seed=3)))
    assert text.strip()
    assert usage.tokens == 16
    assert usage.prompt_tokens == english.count([HARBOUR])[0] + english.bos_tokens
    assert usage.tokens_per_second > 0


def test_it_continues_chinese_in_whole_characters(chinese: LlamaCpp) -> None:
    for seed in range(3):
        pieces = list(chinese.generate(page(RIVER), Sampling(max_tokens=24, seed=seed, temperature=1.5, min_p=0)))
        assert not any("\ufffd" in piece.text for piece in pieces)
    text, usage = read(chinese.generate(page(RIVER), Sampling(max_tokens=24, seed=3)))
    assert any("\u4e00" <= character <= "\u9fff" for character in text)
    assert usage.prompt_tokens == chinese.count([RIVER])[0] + chinese.bos_tokens
    assert chinese.bos_tokens == 1


def test_the_same_seed_gives_the_same_text_and_reads_nothing_again(english: LlamaCpp) -> None:
    sampling = Sampling(max_tokens=12, seed=11)
    first, _ = read(english.generate(page(HARBOUR), sampling))
    second, usage = read(english.generate(page(HARBOUR), sampling))
    assert second == first
    assert usage.prefilled_tokens == 1


def test_only_what_changed_is_read(english: LlamaCpp) -> None:
    long = "".join(f"On day {day} the harbour was quiet and the boats stayed in.\n" for day in range(12))
    read(english.generate(page(long, HARBOUR), Sampling(max_tokens=1)))
    more = " looked out to sea again"
    _, usage = read(english.generate(page(long, HARBOUR + more), Sampling(max_tokens=1)))
    assert usage.prefilled_tokens == sum(english.count([HARBOUR + more])) - english.count([HARBOUR])[0]


def test_work_beside_the_page_leaves_what_was_read_for_it(english: LlamaCpp) -> None:
    read(english.generate(page(HARBOUR), Sampling(max_tokens=2)))
    read(english.generate(replace(page("Another text altogether."), role="work"), Sampling(max_tokens=4)))
    for role in ("page", "work"):
        text = HARBOUR if role == "page" else "Another text altogether."
        _, usage = read(english.generate(replace(page(text), role=role), Sampling(max_tokens=2)))
        assert usage.prefilled_tokens == 1


def test_what_does_not_fit_beside_a_new_text_is_forgotten_and_it_knows_that(english: LlamaCpp) -> None:
    half = "The boats stayed in. " * (english._pool // 2 // english.count(["The boats stayed in. "])[0])
    for role, text in (("work", half), ("page", "A page. " + half), ("spare", "Another. " + half)):
        read(english.generate(replace(page(text[: len(half) * 4 // 5]), role=role), Sampling(max_tokens=1)))
    assert not english.held("work")
    assert english.held("page")
    assert english.held("spare")


def test_a_kept_cache_changes_nothing_in_what_comes_next(english: LlamaCpp) -> None:
    """But for rounding: how many tokens are read at once decides in which order numbers are added up."""
    look = Sampling(max_tokens=1, temperature=0, logprobs=20)

    def next_tokens() -> tuple[dict[str, float], Usage]:
        pieces = english.generate(page(HARBOUR), look)
        likely: dict[str, float] = {}
        while True:
            try:
                likely = dict(next(pieces).alternatives) or likely
            except StopIteration as end:
                return likely, end.value

    read(english.generate(page(HARBOUR), Sampling(max_tokens=4)))
    reused, usage = next_tokens()
    assert usage.prefilled_tokens == 1
    read(english.generate(page("Something else."), Sampling(max_tokens=1)))
    fresh, usage = next_tokens()
    assert usage.prefilled_tokens > 10
    shared = fresh.keys() & reused.keys()
    assert len(shared) > 15
    assert all(abs(fresh[token] - reused[token]) < 0.2 for token in shared)
    assert max(fresh, key=fresh.__getitem__) == max(reused, key=reused.__getitem__)


@pytest.mark.parametrize("token", ["<|im_end|>", "<|im_start|>", "<bos>", "<end_of_turn>", "</s>"])
def test_control_tokens_in_a_novel_are_text(english: LlamaCpp, chinese: LlamaCpp, token: str) -> None:
    for engine in (english, chinese):
        assert engine.count([token])[0] > 1


def test_a_stop_string_is_not_written(chinese: LlamaCpp) -> None:
    text, _ = read(chinese.generate(page(RIVER), Sampling(max_tokens=64, seed=1, stop=("，", "。"))))
    assert not set(text) & set("，。")


def test_a_grammar_is_kept_to(english: LlamaCpp, small: Transformers) -> None:
    grammar = 'root ::= "1. " [A-Z] [a-z ]{4,30} "\\n2. " [A-Z] [a-z ]{4,30} "\\n"'
    sampling = Sampling(max_tokens=60, seed=3, grammar=grammar)
    text, _ = read(english.generate(page("Three titles for a book about the sea:\n"), sampling))
    assert re.fullmatch(r"1\. [A-Z][a-z ]{4,30}\n2\. [A-Z][a-z ]{4,30}\n", text)
    with pytest.raises(EngineError, match="llamacpp"):
        read(small.generate(page(HARBOUR), sampling))


@pytest.mark.parametrize("name", ["english", "chinese"])
def test_a_banned_phrase_is_never_written(request: pytest.FixtureRequest, name: str) -> None:
    engine: LlamaCpp = request.getfixturevalue(name)
    opening, start, stop = {"english": (HARBOUR, 1, 4), "chinese": (RIVER, 2, 4)}[name]
    greedy = Sampling(max_tokens=24, temperature=0)
    plain, _ = read(engine.generate(page(opening), greedy))
    phrase = plain[2:6] if name == "chinese" else " ".join(plain.split()[start:stop])
    barred, usage = read(engine.generate(page(opening), replace(greedy, banned=(phrase,))))
    assert phrase in plain
    assert phrase.casefold() not in barred.casefold()
    assert barred[:1] == plain[:1]
    assert len(barred) > 10
    assert usage.tokens >= 24


def test_no_row_of_tokens_comes_twice(english: LlamaCpp) -> None:
    prompt = page("The gulls rose. The gulls rose. The gulls")
    greedy = Sampling(max_tokens=40, temperature=0, repetition_penalty=1)
    looping, _ = read(english.generate(prompt, greedy))
    assert looping.count("The gulls rose") > 2
    text, _ = read(english.generate(prompt, replace(greedy, no_repeat_ngram=4)))
    ids = english._tokenize(prompt.text + text)
    rows = [tuple(ids[at : at + 4]) for at in range(len(ids) - 3)]
    assert len(rows) - len(set(rows)) <= 1 + 4  # those of the prompt itself
    assert "\ufffd" not in text


def test_what_was_likely_is_told_where_asked(english: LlamaCpp, english_torch: Transformers) -> None:
    sampling = Sampling(max_tokens=4, temperature=0, repetition_penalty=1, logprobs=3)
    told = []
    for engine in (english, english_torch):
        pieces = [piece for piece in engine.generate(page(HARBOUR), sampling) if piece.tokens]
        assert all(len(piece.alternatives) == 3 for piece in pieces)
        assert all(piece.logprob == pytest.approx(piece.alternatives[0][1]) for piece in pieces)
        told.append([(piece.text, round(piece.logprob)) for piece in pieces])
    assert told[0] == told[1]


@pytest.mark.parametrize("text", ["", "🙂", " ", "\n\n", "“", "A\r\nB", "。"])
def test_any_text_can_be_continued(english: LlamaCpp, text: str) -> None:
    assert read(english.generate(page(text), Sampling(max_tokens=2)))[1].prompt_tokens >= 1


def test_reading_a_long_prompt_can_be_stopped_and_is_not_lost(english: LlamaCpp) -> None:
    long = page("".join(f"Boat {number} came in with the tide. " for number in range(30)))
    pieces = english.generate(long, Sampling(max_tokens=4))
    next(pieces)
    next(pieces)
    with pytest.raises(StopIteration) as end:
        pieces.throw(GeneratorExit())
    assert 0 < end.value.value.prefilled_tokens < end.value.value.prompt_tokens
    _, usage = read(english.generate(long, Sampling(max_tokens=4)))
    assert 0 < usage.prefilled_tokens < usage.prompt_tokens


@pytest.mark.parametrize(("tokens_per_second", "settled"), [(20, 8), (120, 12), (440, 52), (100_000, 256)])
def test_the_steps_of_reading_settle_at_an_eighth_of_a_second(tokens_per_second: int, settled: int) -> None:
    for step in (8, 32, 256):
        for _ in range(10):
            step = next_step(step, step / tokens_per_second)
        assert step == settled


def test_a_text_that_is_too_long_is_one_sentence(english: LlamaCpp) -> None:
    with pytest.raises(EngineError, match="budget"):
        read(english.generate(page("word " * 3000), Sampling()))


def test_it_scores_as_torch_does(english: LlamaCpp, english_torch: Transformers) -> None:
    text = " and the old man smiled."
    scores = english.score(page(HARBOUR), text)
    assert scores == pytest.approx(english_torch.score(page(HARBOUR), text), abs=0.7)  # quantised otherwise
    assert english.score(page(HARBOUR), "") == []
    assert english.score(page(HARBOUR), text) == pytest.approx(scores, abs=0.01)


def test_it_scores_no_text_that_is_too_long(english: LlamaCpp) -> None:
    with pytest.raises(EngineError):
        english.score(page(HARBOUR), "word " * 3000)


@pytest.mark.parametrize(("may_end", "tokens"), [(True, 1), (False, 30)])
def test_it_can_be_made_to_go_on_behind_the_end(english, may_end: bool, tokens: int) -> None:
    """This model ends a text here at once, if it may."""
    end = page("And so they lived happily ever after.\n\nThe End.\n")
    _, usage = read(english.generate(end, Sampling(max_tokens=30, temperature=0, may_end=may_end)))
    assert usage.tokens == tokens
