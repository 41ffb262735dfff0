"""How words are chosen, in both languages."""

import pytest

from writer.manner import manner
from writer.settings import Settings
from writer.styles import STYLES


@pytest.mark.parametrize("style", STYLES)
def test_in_english_it_is_as_the_author_wishes(style):
    wished = Settings(**STYLES[style])
    chosen = manner(wished, "en", 7)
    assert chosen.seed == 7
    for name, value in STYLES[style].items():
        assert getattr(chosen, name) == value


@pytest.mark.parametrize("style", STYLES)
def test_in_chinese_rows_are_not_repeated_and_single_tokens_may_be(style):
    chosen = manner(Settings(**STYLES[style]), "zh", 7)
    assert chosen.repetition_penalty <= 1.05
    assert chosen.dry_multiplier >= 0.8
    assert chosen.temperature == STYLES[style]["temperature"]


def test_who_wants_more_of_it_gets_it():
    assert manner(Settings(dry_multiplier=2.0, repetition_penalty=1.0), "zh", 1).dry_multiplier == 2.0
    assert manner(Settings(repetition_penalty=1.0), "zh", 1).repetition_penalty == 1.0
