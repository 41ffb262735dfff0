import math
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from writer.thinning import BACKUPS, DAY, HOUR, REVISIONS, Age, thin

NOW = int(datetime(2026, 3, 4, 12, 30, tzinfo=UTC).timestamp())
times = st.lists(st.integers(NOW - 400 * DAY, NOW), max_size=60).map(sorted)
some_ages = st.sampled_from([REVISIONS, BACKUPS])


def kept(times, ages, now=NOW, last=1):
    dropped = set(thin(times, now, ages, last))
    return [time for index, time in enumerate(times) if index not in dropped]


def test_nothing_and_one():
    assert thin([], NOW, REVISIONS) == []
    assert thin([5], NOW, REVISIONS) == []


def test_all_of_the_last_hour_stay():
    assert thin(list(range(NOW - HOUR + 1, NOW, 60)), NOW, REVISIONS) == []


def test_the_last_of_each_hour_stays_for_a_day():
    ten = NOW - NOW % HOUR - 2 * HOUR
    made = [ten - 3 * HOUR, ten, ten + 60, ten + 3599, ten + HOUR, NOW, NOW]
    assert kept(made, REVISIONS) == [ten - 3 * HOUR, ten + 3599, ten + HOUR, NOW, NOW]


def test_a_year_of_revisions():
    made = [*range(NOW - 365 * DAY, NOW, HOUR // 4), NOW, NOW]
    left = kept(made, REVISIONS)
    assert sum(time > NOW - HOUR for time in left) == 4 - 1 + 2
    assert sum(NOW - DAY < time <= NOW - HOUR for time in left) in (23, 24)
    assert sum(NOW - 30 * DAY < time <= NOW - DAY for time in left) in (29, 30)
    assert sum(time <= NOW - 30 * DAY for time in left) in (48, 49, 50)


def test_a_year_of_backups():
    made = [*range(NOW - 364 * DAY, NOW, DAY // 2), NOW, NOW]
    left = kept(made, BACKUPS)
    assert sum(time > NOW - 2 * DAY for time in left) == 3 + 2
    assert sum(NOW - 14 * DAY < time <= NOW - 2 * DAY for time in left) in (12, 13)
    assert sum(NOW - 70 * DAY < time <= NOW - 14 * DAY for time in left) in (8, 9)
    assert sum(time <= NOW - 70 * DAY for time in left) in (10, 11, 12, 13)


def test_a_week_begins_on_monday():
    sunday, monday = (int(datetime(2025, 6, day, tzinfo=UTC).timestamp()) for day in (8, 9))
    made = [sunday - 30 * DAY, sunday - 6 * DAY, sunday, monday, monday + DAY, NOW, NOW]
    assert kept(made, REVISIONS) == [sunday - 30 * DAY, sunday, monday + DAY, NOW, NOW]


@given(times, some_ages)
def test_the_first_and_the_last_stay(made, ages):
    assert not {0, len(made) - 1} & set(thin(made, NOW, ages))


@pytest.mark.parametrize("ages", [REVISIONS, BACKUPS])
def test_a_time_far_ahead_drops_nothing_at_once(ages):
    made = list(range(NOW - HOUR // 2, NOW, 60))
    assert thin([*made, NOW + 365 * DAY], NOW + 365 * DAY, ages) == []


@given(st.lists(st.integers(0, 2 * NOW)), some_ages, st.integers(1, 30))
def test_the_last_so_many_stay_whatever_the_clock_says(made, ages, last):
    assert not set(range(len(made) - last, len(made))) & set(thin(made, 2 * NOW, ages, last))


@given(st.lists(st.integers(0, 2 * NOW), min_size=1), some_ages)
def test_a_clock_that_jumps_neither_reorders_nor_drops_the_newest(made, ages):
    dropped = thin(made, NOW, ages)
    assert dropped == sorted(set(dropped))
    assert not {0, len(made) - 1} & set(dropped)


@given(times.filter(bool), some_ages, st.integers(1, 30))
def test_thinning_often_is_thinning_once(made, ages, last):
    left = []
    for time in made:
        left = kept([*left, time], ages, time, last)
    assert left == kept(made, ages, made[-1], last)


@given(times, some_ages)
def test_each_period_that_had_one_keeps_one(made, ages):
    left = kept(made, ages)
    age_of = [next(age for age in ages if NOW - time < age.younger_than) for time in made]
    for time, age in zip(made, age_of, strict=True):
        if age.period:
            same = [t for t in made if (t - 4 * DAY) // age.period == (time - 4 * DAY) // age.period]
            assert set(same) & set(left)
        else:
            assert time in left


@given(times, some_ages)
def test_thinning_again_changes_nothing(made, ages):
    left = kept(made, ages)
    assert kept(left, ages) == left


@pytest.mark.parametrize("ages", [REVISIONS, BACKUPS])
def test_ages_grow_and_their_periods_divide_each_other(ages):
    periods = [age.period for age in ages if age.period]
    assert all(long % short == 0 for short, long in pairwise(periods))
    assert ages[-1].younger_than == math.inf
    assert sorted(ages, key=lambda age: age.younger_than) == list(ages)


def test_other_ages():
    assert thin([1, 2, 3, 4], 4, [Age(math.inf, HOUR)]) == [1, 2]
