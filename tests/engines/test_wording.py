from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from writer import models
from writer.engines import EngineSpec, Sampling
from writer.engines.host import Host
from writer.engines.llamacpp import LlamaCpp
from writer.engines.transformers import Transformers
from writer.engines.wire import pack_prompt, unpack_prompt
from writer.engines.wording import (
    HALF_LIFE,
    LEAD,
    LESS_LIKELY,
    LIKELIER,
    MOST_TOKENS,
    Expected,
    Used,
    Wordings,
    leaning,
)

from .reading import page, read

HARBOUR = "The gulls rose over the harbour. Mara counted the boats"
OPENING = "The gulls rose over the harbour, and Mara counted the boats that the storm had left behind the wall. " * 8
MODEL = models.find("smollm2-135m")
GREEDY = Sampling(max_tokens=12, temperature=0, repetition_penalty=1)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WRITER_HOME", str(tmp_path))


class Fake:
    """Has a token for each letter and expects "a" and "b" everywhere."""

    def __init__(self) -> None:
        self.looked = 0

    def ids(self, text: str) -> list[int]:
        return [ord(letter) for letter in text]

    def expected(self, ids: list[int]) -> Iterator[dict[int, float]]:
        for _place in range(LEAD, len(ids)):
            self.looked += 1
            yield {ord("a"): 0.6, ord("b"): 0.3}


def expecting(**places: float) -> Expected:
    expected = Expected()
    expected.add({ord(token): probability for token, probability in places.items()})
    return expected


def used(*texts: Sequence[int]) -> Used:
    """What a book of these texts, in story order, uses."""
    made = Used()
    for text in reversed(texts):
        made.precede(text)
    return made


def letters(text: str) -> list[int]:
    return [ord(letter) for letter in text]


def test_words_that_the_book_uses_more_than_the_model_expects_become_likelier() -> None:
    bent = dict(leaning(used(letters("aaaaaaaaab" * 1000)), expecting(a=0.5, b=0.5)))
    assert bent[ord("a")] > 0 > bent[ord("b")]


def test_words_that_the_book_used_of_late_become_likelier_than_those_of_long_ago() -> None:
    early, late = letters("a" * 8 * HALF_LIFE), letters("b" * 3 * HALF_LIFE)
    bent = dict(leaning(used(early, late), expecting(a=0.5, b=0.5)))
    assert bent[ord("b")] > 0 > bent[ord("a")]


def test_a_use_counts_half_as_much_as_one_a_half_life_later() -> None:
    at_once = used(letters("a" * 3 + "b" * HALF_LIFE + "c" * 3))
    in_texts = used(letters("aaa"), letters("b" * HALF_LIFE), letters("ccc"))
    for made in (at_once, in_texts):
        assert made.lately[ord("a")] == pytest.approx(made.lately[ord("c")] / 2, rel=0.01)
        assert made.whole[ord("a")] == made.whole[ord("c")] == 3
        assert made.tokens == HALF_LIFE + 6
    assert at_once == in_texts


def test_of_a_long_text_only_the_end_is_of_late() -> None:
    made = used(letters("a" * 20 * HALF_LIFE), letters("b" * 6 * HALF_LIFE))
    assert sum(made.lately.values()) == pytest.approx(HALF_LIFE / math.log(2), rel=0.01)
    assert made.lately[ord("a")] < made.lately[ord("b")] / 50


def test_no_word_is_bent_too_far_and_not_too_many_are() -> None:
    many = [token for token in range(3 * MOST_TOKENS) for _time in range(1 + token % 3)]
    bent = dict(leaning(used(many, [10**6] * 30_000), expecting(a=0.9, b=1e-9)))
    assert len(bent) <= MOST_TOKENS
    assert min(bent.values()) >= -LESS_LIKELY
    assert max(bent.values()) <= LIKELIER
    assert bent[10**6] == LIKELIER


def test_nothing_is_bent_where_nothing_was_learned() -> None:
    assert leaning(used([1] * 5), Expected()) == ()
    assert leaning(Used(), expecting(a=1.0)) == ()
    assert Wordings(EngineSpec("echo", "", "echo")).leaning("") == ()


def test_what_was_measured_once_is_kept_on_this_computer(tmp_path: Path) -> None:
    model = tmp_path / "model.gguf"
    model.write_bytes(b"GGUF")
    spec, first, second = EngineSpec("echo", str(model), "echo"), Fake(), Fake()
    for fake in (first, second):
        wordings = Wordings(spec)
        assert all(step is None for step in wordings.learn(fake, "key", ["abba" * 50], ["a" * 80, "b" * 90]))
        assert wordings.leaning("key")
    assert first.looked == 80 + 90 - 2 * LEAD
    assert second.looked == 0


def test_until_the_latest_is_learned_what_was_learned_of_the_same_book_holds() -> None:
    wordings = Wordings(EngineSpec("echo", "nowhere", "echo"))
    for key, text in (("one-1", "ab" * 50), ("two-1", "ac" * 50), ("one-2", "ad" * 50)):
        list(wordings.learn(Fake(), key, [text], ["a" * 80]))
    assert wordings.leaning("one-1") != wordings.leaning("one-2")
    assert wordings.leaning("one-3") == wordings.leaning("one-2")
    assert wordings.leaning("two-3") == wordings.leaning("two-1")
    assert wordings.leaning("three-1") == wordings.leaning("") == ()


def test_learning_goes_on_where_it_was_stopped() -> None:
    fake, wordings = Fake(), Wordings(EngineSpec("echo", "nowhere", "echo"))
    for _attempt in range(20):
        steps = wordings.learn(fake, "key", ["ab" * 40], ["a" * (LEAD + 5)] * 4)
        for _step in zip(range(7), steps, strict=False):
            pass
        steps.close()
    assert wordings.leaning("key")
    assert fake.looked <= 4 * 5 + 20 * 7


def test_a_garbled_file_is_measured_again(tmp_path: Path) -> None:
    spec = EngineSpec("echo", "nowhere", "echo")
    list(Wordings(spec).learn(Fake(), "key", ["ab"], ["a" * 80]))
    (kept,) = (tmp_path / "cache").rglob("wording/*.json")
    for garbage in ("", "{", '{"sums": 3}', "[]"):
        kept.write_text(garbage)
        wordings, fake = Wordings(spec), Fake()
        list(wordings.learn(fake, "key", ["ab"], ["a" * 80]))
        assert fake.looked == 80 - LEAD


def test_the_key_goes_over_the_wire() -> None:
    prompt = replace(page(HARBOUR), wording="key")
    assert unpack_prompt(pack_prompt(prompt)).wording == "key"


def test_torch_scores_and_writes_with_it(small: Transformers) -> None:
    prompt = page(HARBOUR)
    leant = replace(prompt, wording="key")
    plain = small.score(prompt, " boats boats")
    assert small.score(leant, " boats boats") == plain
    list(small.learn("key", ["boats " * 500], [OPENING]))
    assert sum(small.score(leant, " boats boats")) > sum(plain)
    assert small.score(prompt, " boats boats") == plain
    logits = small.score(leant, " boats")
    assert all(math.isfinite(score) and score <= 0 for score in logits)
    read(small.generate(leant, GREEDY))
    read(small.generate(leant, replace(GREEDY, beams=2)))


@pytest.mark.model
def test_llamacpp_leans_as_torch_does(english: LlamaCpp, english_torch: Transformers) -> None:
    texts = ["Mara counted the boats of the harbour, and the gulls counted Mara. " * 40]
    bent = []
    for engine in (english, english_torch):
        list(engine.learn("same", texts, [OPENING[:420]]))
        bent.append(dict(engine._wordings.leaning("same")))
    shared = bent[0].keys() & bent[1].keys()
    assert len(shared) > 100
    clear = [token for token in shared if abs(bent[1][token]) > 0.5]
    same = [token for token in clear if bent[0][token] * bent[1][token] > 0]
    assert len(same) > 0.95 * len(clear)


@pytest.mark.model
@pytest.mark.parametrize("banned", [(), ("nothing of it",)])
def test_both_engines_write_with_it(english: LlamaCpp, english_torch: Transformers, banned: tuple[str, ...]) -> None:
    for engine in (english, english_torch):
        (token,) = engine.ids(" zebra")
        engine._wordings._known["zebra"] = ((token, 60.0),)
        one = replace(GREEDY, max_tokens=1, banned=banned)
        assert read(engine.generate(replace(page(HARBOUR), wording="zebra"), one))[0] == " zebra"
        assert read(engine.generate(page(HARBOUR), one))[0] != " zebra"


@pytest.mark.model
def test_the_page_interrupts_learning_and_closing_keeps_what_was_learned() -> None:
    spec = EngineSpec("llamacpp", str(MODEL), "smollm2-135m", 2048, 1)
    with Host(spec) as host:
        host.wait()
        beside = host.beside()
        learning = beside.learn("key", ["boats " * 300], [OPENING[:600]])
        next(learning)
        written, _usage = read(host.generate(page(HARBOUR), GREEDY))
        assert written
        learning.close()
        for _step in beside.learn("key", ["boats " * 300], [OPENING[:400]]):
            pass
        read(host.generate(replace(page(HARBOUR), wording="key"), GREEDY))
