"""Moments and amounts are said as an author says them, in both languages."""

import time

import pytest

from writer import i18n
from writer.ui.said import more_or_fewer, said_when, than_now

NOON = int(time.mktime((2026, 3, 4, 12, 5, 0, 0, 0, -1)))
DAY = 86400


@pytest.mark.parametrize(
    ("then", "now", "said"),
    [
        (NOON, NOON + 60, "Today, 12:05"),
        (NOON, NOON + DAY, "Yesterday, 12:05"),
        (NOON, NOON + 9 * DAY, "4 March 2026, 12:05"),
        (NOON + 9 * DAY, NOON, "13 March 2026, 12:05"),
        (9 * 10**18, NOON, "9000000000000000000"),
    ],
)
def test_when_in_words(then, now, said):
    assert said_when(then, now) == said


@pytest.mark.parametrize(("days", "said"), [(0, "今天 12:05"), (1, "昨天 12:05"), (9, "2026年3月4日 12:05")])
def test_when_in_chinese(days, said):
    i18n.use("zh")
    try:
        assert said_when(NOON, NOON + days * DAY) == said
    finally:
        i18n.use("en")


@pytest.mark.parametrize(
    ("words", "short", "long"),
    [
        (1, "1 more", "1 word more than now"),
        (1200, "1,200 more", "1,200 words more than now"),
        (-1, "1 fewer", "1 word fewer than now"),
        (-2, "2 fewer", "2 words fewer than now"),
        (0, "", "As many words as now"),
    ],
)
def test_more_or_fewer(words, short, long):
    assert (more_or_fewer(words), than_now(words)) == (short, long)
