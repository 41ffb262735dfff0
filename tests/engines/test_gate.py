from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from writer.engines.gate import Gate, Ngrams, Rewind


def run(gate: Gate, tokens: list[str]) -> str:
    """Feed tokens (numbered by themselves) without ever going back; what comes out."""
    out = ""
    for number, text in enumerate(tokens):
        gate.add(number, text)
        out += gate.release()
        if gate.stopped:
            break
    rest = gate.finish()
    assert isinstance(rest, str)
    return out + rest


@given(st.lists(st.text("abc。", max_size=3), max_size=12))
def test_stop_strings_cut_wherever_tokens_end(tokens: list[str]) -> None:
    stop = ("ab。", "cc")
    text = "".join(tokens)
    assert run(Gate(stop), tokens) == text[: min([at for one in stop if (at := text.find(one)) >= 0] or [len(text)])]


@given(st.lists(st.text("abc dé。", max_size=3), max_size=12))
def test_nothing_is_lost_where_nothing_is_banned(tokens: list[str]) -> None:
    assert run(Gate(("xyz",), ("zebra", "斑马")), tokens) == "".join(tokens)


@pytest.mark.parametrize(
    ("phrase", "tokens", "index"),
    [
        ("shiver down", [" A", " shi", "ver", " down", " her"], 1),
        ("Shiver Down", ["A SHIVER", " DOWN", "."], 0),
        ("心跳加速", ["她的", "心", "跳加", "速了"], 1),
        ("tapestry", [" a", " tapestry"], None),
        ("tapestry", [" a", " tapestry", "\n"], 1),
    ],
)
def test_a_banned_phrase_goes_back_to_the_token_it_begins_in(phrase: str, tokens: list[str], index: int | None) -> None:
    gate = Gate(banned=(phrase,))
    found = None
    out = ""
    for number, text in enumerate(tokens):
        found = gate.add(number, text)
        if found:
            break
        out += gate.release()
    assert (found and found.index) == index
    assert phrase.casefold() not in out.casefold()


@pytest.mark.parametrize(
    ("phrase", "tokens"), [("art", [" heart", " and", " party", "."]), ("the end", [" the endless", " sea"])]
)
def test_a_phrase_inside_other_words_is_none(phrase: str, tokens: list[str]) -> None:
    assert run(Gate(banned=(phrase,)), tokens) == "".join(tokens)


def test_a_phrase_at_the_very_end_is_found_when_the_text_is_over() -> None:
    gate = Gate(banned=("the end",))
    assert gate.add(1, " This is") is None
    assert gate.add(2, " the end") is None
    assert gate.release() == " This is"
    assert gate.finish() == Rewind(1, 2)


def test_what_is_refused_is_refused_in_its_place_only() -> None:
    gate = Gate(banned=("red", "blue"))
    gate.add(1, "A")
    assert gate.refused == ()
    gate.refuse(gate.add(2, " red.") or Rewind(0, 0))
    assert gate.refused == (2,)
    gate.refuse(gate.add(3, " blue.") or Rewind(0, 0))
    assert set(gate.refused) == {2, 3}
    assert gate.add(4, " green") is None
    assert gate.refused == ()
    assert (gate.release(), gate.tokens) == ("A green", [1, 4])


@given(st.lists(st.integers(0, 3), max_size=30), st.integers(1, 4))
def test_rows_that_came_before_are_known(ids: list[int], length: int) -> None:
    tail = tuple(ids[len(ids) - length + 1 :]) if length > 1 else ()
    rows = {tuple(ids[at : at + length]) for at in range(len(ids) - length + 1)}
    expected = {token for token in range(4) if (*tail, token) in rows} if len(ids) >= length - 1 else set()
    assert set(Ngrams(ids, length).repeating) == expected


def test_nothing_is_watched_at_length_zero() -> None:
    assert Ngrams([1, 1, 1, 1], 0).repeating == ()
