"""What a model reads before it writes a passage: little of it is new for the next one."""

from __future__ import annotations

from itertools import takewhile

import pytest

from tests.draft.test_passage import Taught
from writer.draft.request import request
from writer.engines.echo import Echo
from writer.settings import Settings
from writer.story import Cursor, Prompt

BUDGET = Settings().budget // 2
PARAGRAPH = {
    "en": "On day {n} Mara rowed out to buoy {n}, and the wind had turned again before she was home. ",
    "zh": "第{n}天，林霞划船去了第{n}个浮标，回家之前风又转了向。",
}
BEATS = {"en": ["Mara finds a boat.", "The fog comes."], "zh": ["林霞找到一条船。", "起雾了。"]}


def story(language: str, paragraphs: int) -> str:
    return "".join(PARAGRAPH[language].format(n=n) * 3 + "\n" for n in range(paragraphs))


def asked(before: str, beat: str, language: str, text: str = "", engine: Echo | None = None) -> Prompt:
    whole = before + text
    cursor = Cursor(1, whole, len(whole))
    return request(cursor, len(before), beat, None, engine or Taught("x"), Settings(), language, 120)


def shared(one: Prompt, other: Prompt) -> float:
    """The share of the second that need not be read behind the first."""
    same = takewhile(lambda pair: pair[0] == pair[1], zip(one.text, other.text, strict=False))
    return sum(1 for _pair in same) / len(other.text)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_of_the_next_passage_only_what_is_near_is_new(language: str) -> None:
    first, second = BEATS[language]
    new = 0
    for number in range(12, 40):
        before = story(language, number)
        grown = before + story(language, 1)
        now, then = asked(before, first, language), asked(grown, second, language)
        assert now.text.endswith(before[-50:])
        assert now.text.index(first) < now.text.rindex(before[-50:])
        new += shared(now, then) < 0.6
    assert new <= 28 // 3


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_begun_of_the_passage_is_the_beginning_of_the_answer(language: str) -> None:
    before, beat = story(language, 30), BEATS[language][0]
    begun = asked(before, beat, language, "And so it was. " if language == "en" else "就这样。")
    assert begun.text.endswith("And so it was. " if language == "en" else "就这样。")
    assert shared(asked(before, beat, language), begun) > 0.95


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("paragraphs", [0, 1, 5, 60])
def test_it_keeps_to_its_budget_and_reads_the_story_once(language: str, paragraphs: int) -> None:
    before, beat = story(language, paragraphs), BEATS[language][0]
    prompt = asked(before, beat, language)
    assert sum(part.tokens for part in prompt.parts) <= BUDGET
    assert prompt.text.count(beat) == 1
    for number in range(paragraphs):
        assert prompt.text.count(story(language, number + 1)[len(story(language, number)) :].strip()) <= 1
    if paragraphs >= 60:
        read = sum(part.tokens for part in prompt.parts)
        assert read > BUDGET // 3


@pytest.mark.parametrize("language", ["en", "zh"])
def test_one_paragraph_longer_than_all_that_is_read_is_cut_at_a_sentence(language: str) -> None:
    before = PARAGRAPH[language].format(n=1) * 400
    prompt = asked(before, BEATS[language][0], language)
    assert sum(part.tokens for part in prompt.parts) <= BUDGET
    assert prompt.parts[-1].text.startswith(PARAGRAPH[language].format(n=1)[:8])
