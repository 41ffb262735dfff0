from __future__ import annotations

import pytest

from writer.meter.proper import among, capitalised, tagged


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Then Old Tom met Marta.", ["Old", "Tom", "Marta"]),
        ("Marta rose. Nobody saw Jonas.", ["Jonas"]),
        ("He and I'm sure I met Anne’s aunt.", ["Anne"]),
        ("“Well,” said Anne, “You know Mr. Hale.”", ["Anne", "Mr", "Hale"]),
        ('"It is so. You must go to Kent. But no!" He said: Come.', ["Kent"]),
        ("My dear SIR, he wrote to J. Brandt, _Ada_ and Ash-Hill--But then", ["J", "Brandt", "Ada", "Ash-Hill"]),
        ("", []),
        ("…“”", []),
    ],
)
def test_a_capital_inside_a_sentence_is_a_name(text: str, names: list[str]) -> None:
    assert [text[start:end] for start, end in capitalised(text)] == names


def test_chinese_names_are_words_that_are_tagged_so_most_of_the_time() -> None:
    text = "贾宝玉去了北京，后来又离开。\n贾宝玉说，北京的雨很大。\n贾宝玉没有回北京，门外只有雨。\n王熙凤来过一次。"
    names = tagged([text])
    assert {"贾宝玉", "北京"} <= names
    assert not names & {"没有", "后来", "王熙凤"}
    assert [text[start:end] for start, end in among(text, names)] == ["贾宝玉", "北京"] * 3
