from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from writer.credits import carried, cut, ordered, shifted
from writer.story import Credit, Origin

SMALL = Origin("SmolLM2", "llamacpp", 7, "ab" * 32, 1_700_000_000)
OTHER = Origin("Gemma", "llamacpp", 8, "cd" * 32, 1_700_000_001)

credits_anywhere = st.lists(
    st.builds(
        lambda start, length, origin: Credit(start, start + length, origin),
        st.integers(0, 60),
        st.integers(0, 20),
        st.sampled_from([SMALL, OTHER]),
    ),
    max_size=8,
)


def written(text: str, credits: tuple[Credit, ...]) -> str:
    return "".join(text[credit.start : credit.end] for credit in credits)


def test_neighbours_of_one_origin_are_one():
    assert ordered([Credit(3, 5, SMALL), Credit(0, 3, SMALL)], 9) == (Credit(0, 5, SMALL),)
    assert ordered([Credit(3, 5, OTHER), Credit(0, 3, SMALL)], 9) == (Credit(0, 3, SMALL), Credit(3, 5, OTHER))


def test_what_lies_outside_the_text_is_dropped():
    assert ordered([Credit(2, 99, SMALL), Credit(40, 50, SMALL), Credit(1, 1, OTHER)], 9) == (Credit(2, 9, SMALL),)


@given(credits_anywhere, st.integers(0, 50))
def test_in_order_they_are_apart_and_within(credits, length):
    tidy = ordered(credits, length)
    places = [place for credit in tidy for place in (credit.start, credit.end)]
    assert places == sorted(places)
    assert all(0 <= credit.start < credit.end <= length for credit in tidy)
    claimed = {place for credit in credits for place in range(credit.start, min(credit.end, length))}
    assert {place for credit in tidy for place in range(credit.start, credit.end)} == claimed


@given(credits_anywhere, st.integers(0, 40), st.integers(0, 40))
def test_a_text_cut_in_two_and_joined_keeps_them(credits, at, more):
    length = at + more
    whole = ordered(credits, length)
    halves = cut(whole, 0, at) + shifted(cut(whole, at, length), at)
    assert ordered(halves, length) == whole


def test_words_that_stay_keep_theirs_and_new_ones_are_the_authors():
    old = "The gulls rose over the harbour and cried."
    credit = Credit(old.index("over"), len(old), SMALL)
    new = "At dawn the gulls rose over the quiet harbour and called."
    assert written(new, carried([credit], old, new)).split() == ["over", "the", "harbour", "and", "."]


def test_chinese_words_that_stay_keep_theirs():
    old, new = "海鸥飞过港口，雾散了。", "清晨，海鸥飞过灰色的港口，雾散了。"
    credit = Credit(old.index("飞过"), old.index("，"), SMALL)
    assert written(new, carried([credit], old, new)) == "飞过港口"


def test_a_text_that_stays_keeps_all():
    assert carried([Credit(0, 2, SMALL)], "abc", "abc") == (Credit(0, 2, SMALL),)
    assert carried([Credit(0, 2, SMALL)], "abc", "") == ()
