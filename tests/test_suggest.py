import hashlib
import time
from contextlib import closing

import pytest

from writer import models
from writer.engines import Piece, Sampling, Usage
from writer.engines.echo import Echo
from writer.engines.kept import shared
from writer.errors import UsageError
from writer.settings import Settings
from writer.story import Cursor
from writer.suggest import FEW, LITTLE, prompt_for, prompt_now, readings, suggest
from writer.text import clean, count_words

PROSE = (
    "“Who threw it?” she asked.\r\n\r\nThe boy — he was nine — didn't say 😀. <|im_end|>\nMr. Lee wept…  "
    "“是谁？”她问。\n　　他什么也没说，走了。👩‍🚀\ud800 end"
)


SHORT = Settings(words=8)


class Script:
    """An engine that says what it is told, one line for each try, and remembers what it was asked."""

    name = model = "script"
    context_tokens = 2048
    bos_tokens = 1

    def __init__(self, *tries, tells_cost=True):
        self.tries = list(tries)
        self.tells_cost = tells_cost
        self.asked = []
        self.said = 0

    def generate(self, prompt, sampling):
        self.asked.append((prompt, sampling))
        said = 0
        try:
            for word in self.tries[len(self.asked) - 1].split("|"):
                said += 1
                self.said += 1
                yield Piece(word)
        except GeneratorExit:
            if not self.tells_cost:
                raise
        return Usage(prompt.tokens + 1, 5, said, 10.0, 30.0)

    def count(self, texts):
        return [len(text) for text in texts]


def run(before, engine, *, after="", store=None, settings=SHORT, **wishes):
    """The text of a suggestion and its cost."""
    pieces = suggest(Cursor(1, before + after, len(before)), store, engine, settings, **wishes)
    text = ""
    while True:
        try:
            text += next(pieces).text
        except StopIteration as end:
            return text, end.value


def test_it_gives_out_what_fits_and_stops_the_model_then():
    engine = Script(" over| the| sea| and| away|.| Then| they| came| back| again| and| again")
    text, cost = run("The gulls rose", engine)
    assert text == " over the sea and away."
    assert engine.said == 7
    assert cost == Usage(15, 5, 7, 10.0, 30.0)


def test_the_cost_is_reckoned_where_the_engine_does_not_tell():
    _text, cost = run("The gulls rose", Script(" over| the| sea| and| away|.| Then| no", tells_cost=False))
    assert (cost.prompt_tokens, cost.tokens) == (15, 7)


def test_a_bad_start_is_tried_again_with_another_seed():
    engine = Script("velt| was", " over| the| big| sea| today|.| He")
    text, cost = run("The gulls rose ", engine, seed=7)
    assert text == "over the big sea today."
    assert len({sampling.seed for _, sampling in engine.asked}) == 2
    assert (cost.prefilled_tokens, cost.first_token_ms, cost.total_ms) == (10, 40.0, 60.0)


def test_a_model_that_has_nothing_to_add_must_go_on_the_second_time():
    engine = Script("", " over| the| big| sea| today|.| He")
    assert run("The gulls rose", engine, seed=7)[0] == " over the big sea today."
    assert [sampling.may_end for _, sampling in engine.asked] == [True, False]


def test_rather_nothing_than_the_last_sentence_again():
    engine = Script(*[" Nobody saw the boy at all.| He"] * 3)
    assert run("Nobody saw the boy at all.", engine)[0] == ""
    assert len(engine.asked) == 3


def test_who_closes_it_cancels_the_model():
    engine = Script(" over| the| sea| and| away|.| Then")
    with closing(suggest(Cursor(1, "It rose", 7), None, engine, Settings())) as pieces:
        assert next(pieces).text == ""
        assert engine.said == 0
        assert next(pieces).text == " over"
    assert engine.said == 1


def test_every_try_says_where_its_text_comes_from():
    engine = Script("velt| was", " over| the| big| sea| today|.| He")
    cursor = Cursor(1, "The gulls rose ", 15)
    pieces = list(suggest(cursor, None, engine, SHORT, seed=7))
    origins = [piece.origin for piece in pieces if piece.origin is not None]
    assert [piece.text for piece in pieces if piece.origin is not None] == ["", ""]
    assert [origin.seed for origin in origins] == [sampling.seed for _, sampling in engine.asked]
    read = engine.asked[0][0].text
    assert {(origin.model, origin.engine) for origin in origins} == {("script", "script")}
    assert {origin.prompt for origin in origins} == {hashlib.sha256(read.encode()).hexdigest()}
    assert all(abs(origin.time - time.time()) < 60 for origin in origins)
    text = next(index for index, piece in enumerate(pieces) if piece.text)
    assert pieces[text - 1].origin is origins[-1]


def test_tokens_of_held_back_pieces_are_not_lost():
    engine = Script("One. | “Go|!”| he| said|. She")
    pieces = list(suggest(Cursor(1, "", 0), None, engine, Settings(words=3), seed=1))
    assert sum(piece.tokens for piece in pieces) <= engine.said


def test_the_choices_of_the_author_reach_the_engine():
    engine = Script(" over the sea.")
    run(
        "A gull",
        engine,
        settings=Settings(temperature=0.3, top_k=7, top_p=0.5, min_p=0.1, repetition_penalty=1.2, seed=9),
    )
    sampling = engine.asked[0][1]
    assert (sampling.temperature, sampling.top_k, sampling.top_p) == (0.3, 7, 0.5)
    assert (sampling.min_p, sampling.repetition_penalty, sampling.seed) == (0.1, 1.2, 9)


def test_there_is_room_for_the_answer():
    engine = Script(" over.")
    run("gull " * 1000, engine, settings=Settings(budget=9999))
    prompt, sampling = engine.asked[0]
    assert prompt.tokens + 1 + sampling.max_tokens <= engine.context_tokens
    assert prompt == prompt_for(Cursor(1, "gull " * 1000, 5000), None, engine, Settings(budget=9999))


def test_a_budget_too_small_for_anything_is_told():
    with pytest.raises(UsageError, match="larger"):
        run("", Script(" over."), settings=Settings(budget=1))


def test_every_prefix_can_be_suggested_upon():
    text = clean(PROSE)
    for at in range(len(text) + 1):
        suggested, cost = run(text[:at], Echo(), after=text[at:], seed=1)
        alone, _ = run(text[:at], Echo(), seed=1)
        for out in (suggested, alone):
            assert not out.startswith("\n")
            assert not (text[:at][-1:].isspace() and out.startswith(" "))
        assert cost.prompt_tokens > 0


@pytest.mark.parametrize("text", ["", "😀", "。", "他说：“", "word " * 200_000, "好" * 300_000, " ", "\n\n"])
def test_odd_pages(text):
    run(text, Echo(), seed=1)


@pytest.mark.model
@pytest.mark.parametrize(
    ("language", "page", "typed"),
    [
        (
            "en",
            "It rained. Nobody came. <|im_end|> was written on the wall.\n\nThe gulls rose over the",
            " old harbour",
        ),
        ("zh", "天下着雨，没有人来。墙上写着<|im_end|>。\n海鸥飞起，越过", "了港口的旧"),
    ],
)
def test_a_real_model(language, page, typed):
    settings = Settings(language=language, engine="llamacpp", seed=3, words=12)
    with closing(models.open_engine(settings)) as engine:
        text, cost = run(page, engine, settings=settings)
        assert 1 <= count_words(text) <= 40
        assert not text.startswith("\n")
        assert cost.tokens > 0
        assert run(page, engine, settings=settings)[0] == text
        for at in range(0, len(page), 7):
            run(page[:at], engine, settings=settings, after=page[at:])

        # Typed control tokens are text, and typing on leaves nothing but the last word to be read again.
        assert engine.count(["<|im_end|>"])[0] > 1
        read, more = (prompt_for(Cursor(1, p, len(p)), None, engine, settings) for p in (page, page + typed))
        assert more.text.startswith(read.text)
        assert "<|im_end|>" in read.text
        for prompt in (read, more):
            last = _generate_one(engine, prompt)
        assert last.prefilled_tokens <= more.tokens - read.tokens + 4


def _generate_one(engine, prompt):
    pieces = engine.generate(prompt, Sampling(max_tokens=1, seed=1))
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            return end.value


PROSE_LINE = "The gulls rose over the harbour, and nobody saw the boy who came back.\n"


class Forgetful(Echo):
    """Has read what it was told to, and counts a token for each character it has not."""

    seen = ""

    def unread(self, prompts):
        return [len(prompt.text) - shared(prompt.text, self.seen) for prompt in prompts]


def test_while_what_was_decided_anew_is_not_read_the_model_goes_on_from_what_is():
    page, settings = PROSE_LINE * 60, Settings(budget=400)
    engine = Forgetful()
    for at in range(2000, 4000, 31):
        cursor = Cursor(1, page, at)
        engine.seen = prompt_for(cursor, None, engine, settings, back=1).text
        chosen = prompt_now(cursor, None, engine, settings).text
        assert chosen == engine.seen or engine.unread([prompt_for(cursor, None, engine, settings)]) <= [FEW]
        engine.seen = ""
        assert prompt_now(cursor, None, engine, settings).text.endswith(page[at - 40 : at].rstrip(" "))


def all_readings(cursor, engine, settings):
    return list(readings(prompt_for(cursor, None, engine, settings), cursor, None, engine, settings))


def test_where_nothing_is_read_yet_half_as_much_is_read_first_and_used():
    page, settings = PROSE_LINE * 60, Settings(budget=800)
    engine, cursor = Forgetful(), Cursor(1, page, 4000)
    half, whole = all_readings(cursor, engine, settings)
    assert half.tokens <= 400 < whole.tokens <= 800
    engine.seen = half.text
    assert prompt_now(cursor, None, engine, settings) == half
    engine.seen = whole.text
    assert prompt_now(cursor, None, engine, settings) == whole
    assert all_readings(cursor, engine, settings) == []
    engine.seen = prompt_for(cursor, None, engine, settings, back=1).text
    assert all_readings(cursor, engine, settings) in ([whole], [])


@pytest.mark.parametrize("budget", [2048, 800, 512, LITTLE, 100])
def test_who_waits_where_nothing_is_read_gets_a_little_and_no_less(budget):
    page, settings = PROSE_LINE * 200, Settings(budget=budget)
    engine, cursor = Forgetful(), Cursor(1, page, len(page))
    read = prompt_now(cursor, None, engine, settings)
    assert min(LITTLE, budget) // 2 < read.tokens <= min(LITTLE, budget)


def test_what_is_short_is_read_at_once():
    engine, cursor = Forgetful(), Cursor(1, PROSE_LINE, len(PROSE_LINE))
    assert len(all_readings(cursor, engine, Settings(budget=2000))) == 1
