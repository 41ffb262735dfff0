"""Which of many dated things to keep: all new ones, and fewer the older they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

HOUR = 3600
DAY = 24 * HOUR
WEEK = 7 * DAY
FOUR_WEEKS = 4 * WEEK

_MONDAY = 4 * DAY  # the first one after 1970 had begun


@dataclass(frozen=True, slots=True)
class Age:
    """Of what is younger than this, in seconds, one in each period is kept; all if that is 0."""

    younger_than: float
    period: int


REVISIONS = (Age(HOUR, 0), Age(DAY, HOUR), Age(30 * DAY, DAY), Age(math.inf, WEEK))
BACKUPS = (Age(2 * DAY, 0), Age(14 * DAY, DAY), Age(10 * WEEK, WEEK), Age(math.inf, FOUR_WEEKS))
LAST_REVISIONS, LAST_BACKUPS = 12, 20


def thin(times: Sequence[int], now: int, ages: Sequence[Age], last: int = 1) -> list[int]:
    """The indexes of the things to drop; they come in the order they were made, with times in seconds of UTC.

    Of each period the last one made is kept, and always the first and the ``last`` so many of all. Periods begin at
    fixed times and each age's are divided by those of the age before, so it is the same to thin often or once.

    Only the order says what is later, because a clock may jump: ages are counted from the last but one, so that a time
    far ahead drops nothing at once, and the last so many stay whatever is said to have passed since.
    """
    now = min([now, *times[-2:]])
    taken: set[tuple[int, int]] = set()
    dropped: list[int] = []
    for index in reversed(range(len(times))):
        period = next(age.period for age in ages if now - times[index] < age.younger_than)
        if period and 0 < index < len(times) - last and (period, (times[index] - _MONDAY) // period) in taken:
            dropped.append(index)
        taken |= {(age.period, (times[index] - _MONDAY) // age.period) for age in ages if age.period}
    return dropped[::-1]
