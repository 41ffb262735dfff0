import pytest

from tests.prose import distinct, length_score, new, repeated

EIGHT = "one two three four five six seven eight"


@pytest.mark.parametrize(
    ("asked", "written", "score"), [(100, 100, 100), (100, 130, 90), (100, 50, 50), (100, 0, 0), (100, 900, 0)]
)
def test_length_is_scored_as_longwriter_does(asked, written, score):
    assert length_score(asked, written) == pytest.approx(score)


def test_words_in_a_row_that_came_before_count_once_each():
    assert repeated([f"{EIGHT}.", f"Then {EIGHT} nine ten."]) == pytest.approx(8 / 19)
    assert repeated([f"{EIGHT} {EIGHT}"]) == pytest.approx(0.5)
    assert repeated(["春天来了花都开了。", "他说：春天来了花都开了。"]) == pytest.approx(8 / 18)
    assert repeated(["one two three", "one two three"]) == 0


def test_what_is_new_is_told_from_what_was_there():
    assert distinct("a b c d a b c d") == pytest.approx(4 / 5)
    assert new("a b c d e", ["x a b c d"]) == pytest.approx(1 / 2)
    assert new("", ["a b c d"]) == 0
