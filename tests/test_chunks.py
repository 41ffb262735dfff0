import random

from hypothesis import given
from hypothesis import strategies as st

from writer.chunks import LONGEST, REACH, cut

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
