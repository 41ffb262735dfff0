"""What an author looks for: found as an author means it, and replaced without a loss."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from writer.phrase import Phrase, edited, turned


def found(prose, words, **how):
    return [prose[start:end] for start, end in Phrase(words, **how).places(prose)]


def replaced(prose, words, by, **how):
    return edited(prose, Phrase(words, **how).edits(prose, by))


def test_small_letters_find_capitals_unless_case_counts():
    assert found("Gulls, gulls and GULLS.", "gulls") == ["Gulls", "gulls", "GULLS"]
    assert found("Gulls, gulls and GULLS.", "gulls", match_case=True) == ["gulls"]


def test_a_word_can_be_found_as_a_whole_one_only():
    assert found("Ann saw Anna and Ann's hat.", "ann", whole_words=True) == ["Ann", "Ann"]


def test_chinese_is_found_inside_a_sentence_also_as_a_whole_word():
    assert found("宝玉笑道，贾宝玉也笑了。", "宝玉", whole_words=True) == ["宝玉", "宝玉"]


@pytest.mark.parametrize("typed", ["don't", "don’t", "DON‘T"])
def test_any_apostrophe_finds_any_other(typed):
    assert found("I don’t, you don't.", typed) == ["don’t", "don't"]


def test_straight_quotes_find_curly_ones():
    assert found("“No,” she said.", '"no,"') == ["“No,”"]


def test_what_is_typed_is_never_taken_for_a_pattern():
    assert found("a.c abc (x)", "a.c") == ["a.c"]
    assert replaced("(x)", "(x)", r"\1") == r"\1"


def test_nothing_is_found_for_nothing():
    assert found("prose", "") == []


def test_a_capital_stays_where_it_was():
    assert replaced("Gulls and gulls. GULLS!", "gulls", "terns") == "Terns and terns. TERNS!"


def test_a_name_is_written_as_the_author_writes_it():
    assert replaced("ANNE and Anne", "Anne", "Maud") == "Maud and Maud"
    assert replaced("Mr and mr", "mr", "McCoy") == "McCoy and McCoy"


def test_what_replaces_may_hold_what_is_looked_for():
    assert replaced("Anne met Anne.", "Anne", "Anne-Marie") == "Anne-Marie met Anne-Marie."


@given(
    st.text("aAb宝玉😀’' ", max_size=40), st.text("aA宝😀' ", min_size=1, max_size=3), st.text("aAx宝😀", max_size=4)
)
def test_edits_can_be_taken_back(prose, words, by):
    edits = Phrase(words).edits(prose, by)
    new = edited(prose, edits)
    assert edited(new, turned(prose, edits)) == prose
