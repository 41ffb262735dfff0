from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from writer.ghost import Ghost
from writer.story import Origin

TEXT = st.text(
    st.sampled_from("ab Z.,!?。，！“”\"'(（—…\n\n 他说😀\t\u3000") | st.characters(exclude_categories=["Cs"])
)


def ghost(text):
    return Ghost(text, scene=1, revision=3, offset=10)


def test_it_grows_in_place():
    assert ghost(" and").grow(" then") == ghost(" and then")


def test_it_never_forgets_where_it_comes_from():
    origin = Origin("SmolLM2", "llamacpp", 7, "ab" * 32, 1_790_000_000)
    whole = replace(ghost(" and then"), origin=origin)
    assert whole.grow(" he").typed(" and").rest_after(" ").origin == origin


def test_typing_what_was_predicted_keeps_the_rest():
    assert ghost(" and then").typed(" an") == Ghost("d then", 1, 3, 13)
    assert ghost("好的").typed("好的") == Ghost("", 1, 3, 12)
    assert ghost(" and").typed(" a ") is None
    assert ghost(" and").typed(" and more") is None


def test_nothing_is_left_after_taking_all():
    assert ghost(" and then").rest_after(" and") == Ghost(" then", 1, 3, 14)
    assert ghost(" and").rest_after(" and") is None
    assert ghost(" and").rest_after("x") is None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (" gulls, and", " gulls,"),
        ("ing up", "ing"),
        ("“Why?” she asked", "“Why?”"),
        (' "Why?" she', ' "Why?"'),
        (" well-known man", " well-known"),
        (" sea—and sky", " sea—"),
        ("—and sky", "—"),
        (", and", ","),
        ("\n\n“He left", "\n\n"),
        (" \n\n He left", " \n\n "),
        ("他说：“你好。”然后走了。", "他说："),
        ("“你好。”然后走了。", "“你好。”"),
        ("，然后走了。", "，"),
        ("他用iPhone打电话，走了", "他用iPhone打电话，"),
        ("hello你好", "hello"),
        ("……他走了", "……"),
        ("”他走了", "”"),
        ("😀 then", "😀"),
        ("", ""),
        ("  ", "  "),
    ],
)
def test_next_word(text, word):
    assert ghost(text).next_word() == word


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (" and left. Then he", " and left."),
        ("“Go!” he said. She", "“Go!” he said."),
        ("走了。”她说。", "走了。”"),
        ("\n\nHe left. She", "\n\nHe left."),
        (" and then", " and then"),
        ("", ""),
        ("\n", "\n"),
    ],
)
def test_next_sentence(text, sentence):
    assert ghost(text).next_sentence() == sentence


@given(TEXT)
def test_word_by_word_takes_it_all(text):
    for step in (Ghost.next_word, Ghost.next_sentence):
        rest, taken = ghost(text), ""
        while rest and rest.text:
            part = step(rest)
            assert part
            taken += part
            rest = rest.rest_after(part)
        assert taken == text


@given(TEXT, st.data())
def test_any_prefix_can_be_typed_through(text, data):
    at = data.draw(st.integers(0, len(text)))
    rest = ghost(text).typed(text[:at])
    assert rest is not None
    assert (rest.text, rest.offset) == (text[at:], 10 + at)
