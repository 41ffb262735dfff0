from __future__ import annotations

import pytest

from writer.engines import Sampling
from writer.engines.echo import Echo

from .reading import page, read


@pytest.mark.parametrize("text", ["The gulls rose.", "海鸥从港口飞起。", "🙂", "", " \n"])
def test_it_says_what_it_read(text: str) -> None:
    said, usage = read(Echo().generate(page(text), Sampling(max_tokens=4)))
    assert said
    assert said[0] in (text.strip() or "…")
    assert usage.tokens == 4


def test_it_stops_before_a_stop_string() -> None:
    said, _ = read(Echo().generate(page("one two. three"), Sampling(stop=(".",))))
    assert said == "one two"


def test_counts_are_one_a_text() -> None:
    assert Echo().count(["", "The gulls", "海鸥。"]) == [0, 2, 3]


@pytest.mark.parametrize("text", ["", "The gulls", "海鸥。 x\n"])
def test_the_places_of_its_tokens_are_told(text: str) -> None:
    spans = Echo().spans(text)
    assert len(spans) == Echo().count([text])[0]
    assert "".join(text[start:end] for start, end in spans) == text
