from __future__ import annotations

import pytest

from writer.engines.tokens import Density


@pytest.mark.parametrize("text", ["", "a", "海", "123456", "🙂🙂", "Привет", "\u200d"])
def test_an_estimate_is_at_least_as_much_as_bytes_would_need(text: str) -> None:
    assert Density(0.25, 3).estimate(text) >= len(text.encode()) / 4


def test_a_server_that_does_not_tell_what_samples_cost_is_estimated_all_the_same() -> None:
    assert Density.measured(lambda text: 0) == Density()


def test_a_density_is_a_little_more_than_what_samples_cost_without_what_every_prompt_costs() -> None:
    density = Density.measured(lambda text: 30 + len(text))
    assert (density.latin, density.chinese) == (pytest.approx(1.15, 0.02), pytest.approx(1.15, 0.02))
