import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from writer import chunks
from writer.chunks import LONGEST, REACH, cut, recut, shared

WORDS = ["the", "gulls", "rose", "over", "harbour", "and", "nobody", "saw", "the", "boy", "who", "had", "thrown"]


def english(paragraphs, seed=1):
    rng = random.Random(seed)
    return "\n\n".join(
        " ".join(
            " ".join(rng.choices(WORDS, k=rng.randint(3, 15))).capitalize() + "." for _ in range(rng.randint(1, 6))
        )
        for _ in range(paragraphs)
    )


def chinese(paragraphs, seed=1):
    rng = random.Random(seed)
    return "\n".join(
        "".join(
            "".join(rng.choices("海鸥从港口飞起没有人看见那个孩子", k=rng.randint(4, 20))) + "。"
            for _ in range(rng.randint(1, 8))
        )
        for _ in range(paragraphs)
    )


def assert_whole(text):
    chunks = cut(text)
    assert "".join(text[c.start : c.end] for c in chunks) == text
    assert all(0 < c.end - c.start <= LONGEST for c in chunks)
    return chunks


@given(
    st.lists(
        st.sampled_from(["a", "他说。", "Go. ", "\n", "\n\n", " ", "word " * 90, "。" * 700, "“", "😀"]), max_size=60
    ).map("".join)
)
def test_chunks_join_back(text):
    assert_whole(text)


def test_nothing_has_no_chunks():
    assert cut("") == []


def test_boundaries_are_at_paragraph_ends():
    for text in (english(200), chinese(200)):
        chunks = assert_whole(text)
        assert len(chunks) > 10
        assert all(text[c.end - 1] == "\n" for c in chunks[:-1])


def test_a_monster_paragraph_is_cut_at_sentence_ends():
    for text in (english(300).replace("\n\n", " "), chinese(300).replace("\n", "")):
        assert all(text[: c.end].rstrip()[-1] in ".。" for c in assert_whole(text))


def test_a_megabyte_in_one_line_and_equal_lines():
    for text in ("x" * 1_000_000, "好" * 300_000, "a b. " * 200_000, "Yes.\n" * 100_000, "“" * 300_000):
        assert_whole(text)


@given(st.integers(0, 2**32), st.sampled_from(["", "Then she wept. ", "她哭了。", "\n\n", "x" * 300]))
def test_an_edit_moves_no_boundary_beyond_its_reach(seed, typed):
    rng = random.Random(seed)
    text = rng.choice([english, chinese])(120)
    at, removed = rng.randrange(len(text)), rng.choice([0, 0, 1, 40])
    edited = text[:at] + typed + text[at + removed :]
    shift = len(typed) - removed
    old = {c.end for c in cut(text)}
    new = {c.end for c in cut(edited)}
    near = 3 * REACH  # the paragraph that was edited, and a reach on either side of it
    assert {e for e in old if e < at - near} == {e for e in new if e < at - near}
    assert {e + shift for e in old if e > at + removed + near} == {e for e in new if e > at + len(typed) + near}


PIECES = st.sampled_from(
    [
        "Mr. Smith went. ", "她哭了。", "“Go!” ", "…", ".", " ", "\n", "\n\n", "\n \n", " " * 600, "\n" * 600,
        "x" * 700, "Yes.\n" * 40, "。" * 90, "a line of some words that is as long as lines once were on paper\n" * 30,
    ]
)  # fmt: skip


@settings(deadline=None)
@given(st.integers(0, 2**32), st.lists(PIECES, max_size=4).map("".join), st.sampled_from(["\n\n", " ", ""]))
def test_to_cut_again_what_changed_is_to_cut_again(seed, typed, between):
    rng = random.Random(seed)
    text = rng.choice([english, chinese])(rng.choice([3, 200])).replace("\n\n", "\n").replace("\n", between)
    for _ in range(2):
        at, removed = rng.randrange(len(text)), rng.choice([0, 1, 40, 5000])
        edited = text[:at] + typed + text[at + removed :]
        assert recut(text, cut(text), edited) == cut(edited)
        text = edited


@pytest.mark.parametrize("between", ["\n", " ", ""])
def test_of_a_giant_only_what_changed_is_read(between, monkeypatch):
    text = (chinese(20_000) if between == "" else english(9_000)).replace("\n\n", "\n").replace("\n", between)
    whole = cut(text)
    edited = text[: len(text) // 2] + "她 wept" + text[len(text) // 2 :]
    wanted = cut(edited)
    read = []
    lowest = chunks._lowest
    monkeypatch.setattr(chunks, "_lowest", lambda text, ends: read.extend(ends) or lowest(text, ends))
    assert recut(text, whole, edited) == wanted
    assert len(set(read)) < 2_000 < 3 * len(whole)


def test_chunks_of_another_rule_are_not_built_upon():
    text = english(100)
    others = [chunks.Chunk(start, min(start + 777, len(text))) for start in range(0, len(text), 777)]
    assert recut(text, others, text + " Then she wept.") == cut(text + " Then she wept.")
    assert recut("", [], text) == cut(text)
    assert recut(text, cut(text), "") == []


@given(st.text("ab", max_size=9), st.text("ab", max_size=9), st.sampled_from([1, 70_000]))
def test_what_two_texts_share(one, other, times):
    one, other = one * times, other * times
    start, end = shared(one, other)
    rest, others = one[start : len(one) - end], other[start : len(other) - end]
    assert one[:start] == other[:start]
    assert not end or one[-end:] == other[-end:]
    assert not (rest and others and (rest[0] == others[0] or rest[-1] == others[-1]))
