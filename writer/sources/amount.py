"""What a number amounts to, whatever language it is told in."""

from __future__ import annotations

from dataclasses import dataclass

_ABOUT = 0.06
_OVER = 0.25


@dataclass(frozen=True, slots=True)
class Amount:
    """A number, or all from ``low`` to ``high`` where it is only told roughly."""

    value: float
    kind: str = ""
    """Percent, points, times, month, weekday, hour, rank, money and its currency, a unit, or nothing that is known."""
    low: float = 0.0
    high: float = 0.0
    step: float = 0.0
    """How fine it is told, where it is told with a scale as in “1.2 million”; else 0."""
    is_vague: bool = False
    """Whether only its size is told, as in “dozens”."""


def exact(value: float, kind: str = "", step: float = 0.0) -> Amount:
    """Just this."""
    value = round(value, 6)
    return Amount(value, kind, value, value, step)


def vague(low: float, high: float, kind: str = "") -> Amount:
    """Something from one to the other."""
    return Amount(low, kind, low, high, is_vague=True)


def near(amount: Amount, how: str) -> Amount:
    """The amount with what is said of it: about, over, under, or nothing."""
    value = amount.value
    if amount.is_vague or not how:
        return amount
    low, high = {
        "about": (value * (1 - _ABOUT), value * (1 + _ABOUT)),
        "over": (value, value * (1 + _OVER)),
        "under": (value * (1 - _ABOUT - _ABOUT), value),
    }[how]
    return Amount(value, amount.kind, low, high, amount.step)
