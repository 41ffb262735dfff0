import pytest
from hypothesis import given
from hypothesis import strategies as st

from writer.continuation import Continuation
from writer.text import count_words, language_of

TEXT = st.lists(
    st.sampled_from(
        [
            *"ab Z.,!?;:。，！？“”\"'’‘「」()…—\n他说好😀\t\u3000\x07\ufffd#",
            "\n\n",
            "He left. ",
            "“Go!” ",
            "他走了。",
            "Mr. ",
            "<|",
            "Chapter 2",
        ]
    ),
    max_size=40,
).map("".join)


def fit(before, raw, after="", words=24, size=1, lenient=False):
    """What a continuation gives out of raw text that comes ``size`` characters at a time."""
    one = Continuation(before, after, words, is_chinese=language_of(before + raw) == "zh", lenient=lenient)
    out = ""
    for at in range(0, len(raw), size):
        if one.done or one.refused:
            break
        out += one.feed(raw[at : at + size])
    if not (one.done or one.refused):
        out += one.finish()
    assert one.refused == (out == "")
    return out


@pytest.mark.parametrize(
    ("before", "raw", "expected"),
    [
        # One space where one belongs, none where none does.
        ("The gulls rose", " over the sea.", " over the sea."),
        ("The gulls rose ", " over the sea.", "over the sea."),
        ("The gulls rose ", "  over  the sea.", "over the sea."),
        ("The gulls", "-eye view.", "-eye view."),
        ("The gu", "lls rose.", "lls rose."),
        ("She left.", "Then he came.", " Then he came."),
        ("She left,", "then he came.", " then he came."),
        ("It cost 3.", "14 in all.", "14 in all."),
        ("She rose ", ", then left.", "then left."),
        ("She rose", " , then left.", ", then left."),
        ("Don’", "t go.", "t go."),
        ("She said, “", " I am here.", "I am here."),
        ('She said, "', " I am here.", "I am here."),
        ('"Go!"', "she said.", " she said."),
        ("“Go!”", "she said.", " she said."),
        ("She said,", '"I am here."', ' "I am here."'),
        ("One.\n\n", "\n\nTwo is here now.", "Two is here now."),
        ("One.\n\n    ", "Two is here now.", "Two is here now."),
        ("他走", " 了。", "了。"),
        ("他说：", "“你好。”", "“你好。”"),
        ("他说：“", "你好。”", "你好。”"),
        ("", "\n\n He left it there.", "He left it there."),
        ("", "  他走了。", "他走了。"),
        ("😀", " He left.", " He left."),
        # A line that only wraps.
        ("He went to the", "\nsea.", " sea."),
        ("One.\n\nHe went", " to the\nsea.", " to the sea."),
        # The author's sentence may simply end.
        ("The road began where the town ended", ". It ended at the old river. He", ". It ended at the old river."),
        ("路从镇子的尽头那里开始", "。它在河边结束了。他", "。它在河边结束了。"),
        # The quotes and the signs of this book.
        ("“Yes,” he said. ", ' "No," she said.', "“No,” she said."),
        ('"Yes," he said. ', " “No,” she said.", '"No," she said.'),
        ("“I don’t,” he said.", " She didn't.", " She didn’t."),
        ("“好。”他说。", '"走吧,"她说.', "“走吧，”她说。"),
        ("「好。」他说。", "“走吧。”她说。", "「走吧。」她说。"),
        ("He left.", " She stayed.”", " She stayed."),
        # Junk.
        ("She rose", " at\x07 once\ufffd.", " at once."),
        ("She rose", " at once.<|im_end|>\nuser", " at once."),
        ("She rose. ", "He did too.\n\nChapter 2\n\nIt rained.", "He did too."),
        # Quotations are not cut in half, abbreviations end nothing.
        (
            "She rose.",
            " “I am here. I am. Are you there? Come!” she said. Then",
            " “I am here. I am. Are you there? Come!” she said.",
        ),
        (
            "She rose.",
            " Mr. Bingley and Mrs. Long were both there. Then he",
            " Mr. Bingley and Mrs. Long were both there.",
        ),
    ],
)
def test_what_an_author_sees(before, raw, expected):
    for size in (1, 3, len(raw)):
        assert fit(before, raw, words=8, size=size, lenient=True).rstrip() == expected


@pytest.mark.parametrize(
    ("before", "raw"),
    [
        ("The gulls rose ", "velt was there."),  # inside a word, but the author typed a space
        ("The gulls rose ", ". Then they fell."),
        ("She left.", "\n\nHe came."),
        ("One.\n\n", "# The Storm"),
        ("One.\n\n", "CHAPTER II\n\nIt rained."),
        ("One.\n\n", "Chapter 3: The Sea"),
        ("One.\n\n", "The Storm\n\nIt rained."),
        ("一。\n", "第二章 海\n下雨了。"),
        ("One.\n\n", "***\n\nIt rained."),
        ("One.\n\n", "User: go on"),
        ("One.\n\n", "1. He left."),
        ("", "350, 124 characters"),
        ("Nobody saw the boy at all. He wept.", " Nobody saw the boy at all. He"),
        ("Nobody saw the boy at all. Nobody", " saw the boy at all. He"),
        ("没有人看见那个小孩子。他哭了。", "没有人看见那个小孩子。他"),
        ("She left.", ""),
        ("She left.", " \n\n "),
        ("", "\u3000\n" * 100 + "He left."),
    ],
)
def test_what_is_tried_again(before, raw):
    assert fit(before, raw) == ""


def test_it_ends_at_a_sentence_when_there_is_enough():
    raw = " and the sea was calm that day. They sang of it for a long time. " + "It went on. " * 50
    assert fit("The gulls rose", raw, words=8) == " and the sea was calm that day."
    assert fit("The gulls rose", raw, words=16) == " and the sea was calm that day. They sang of it for a long time."
    assert 180 <= count_words(fit("A", "".join(f" Then {n} of us left." for n in range(100)), words=200)) <= 205


def test_a_later_sentence_that_does_not_end_is_left_out():
    assert fit("The gulls rose", " at once. And then " + "they flew and " * 40, words=8) == " at once."


def test_a_sentence_that_does_not_end_stops_at_a_clause_or_a_word():
    raw = (
        " over the old harbour wall and out to sea, crying, while the " + "big grey clouds came nearer by the hour " * 9
    )
    assert fit("The gulls rose", raw, words=8) == " over the old harbour wall and out to sea, crying,"
    assert fit("The gulls rose", " and " * 100, words=8) != ""
    assert fit("海鸥飞起", "越过港口的旧墙，飞向大海" + "大片的云彩来了又去" * 20, words=8).endswith("，")


def test_a_quotation_that_does_not_end_is_closed_behind_a_sentence():
    raw = " “I am here. " + "I have always been here and so have you, " * 9
    assert fit("She rose.", raw, words=8) == " “I am here.”"


def test_the_first_sentence_streams():
    one = Continuation("The gulls rose", "", 24)
    assert [one.feed(piece) for piece in (" over", " the", " sea", ",")] == [" over", " the", " sea", ","]


def test_loops_end():
    assert fit("She rose", " and the rain and the rain and the rain and the rain and the rain").count("rain") <= 3
    assert fit("他走了。", "她妈的，她妈的，她妈的，她妈的，她妈的，她走了。").count("她妈的") <= 2
    assert fit("他走了。", "她慢慢地，慢慢地走了。") == "她慢慢地，慢慢地走了。"


def test_what_follows_the_caret_is_not_said_again():
    assert (
        fit("She rose.", " Then she went home. The sea was calm. He", after=" The sea was calm.")
        == " Then she went home."
    )
    assert fit("“I am ", ' here," she said.', after="”") == "here,"
    assert fit("他走了。", "她也走了。海很平静。", after="海很平静。") == "她也走了。"
    assert fit("Eliza", "beth went home.", after="beth went home.") == ""


def test_inside_a_sentence_a_few_words_and_a_space():
    assert fit("She saw the ", " grey and lonely gull. It flew", after="sea that day.") == "grey and lonely gull "
    assert fit("他", "慢慢地走了。天黑了", after="看见海。") == "慢慢地走了"


@given(TEXT, TEXT, TEXT, st.integers(1, 60), st.integers(1, 9), st.booleans())
def test_whatever_a_model_writes(before, raw, after, words, size, lenient):
    out = fit(before, raw, after, words, size, lenient)
    assert not out.startswith("\n")
    assert not (out.startswith(" ") and before[-1:].isspace())
    assert "  " not in out
    assert not set(out) & {"\x07", "\ufffd", "\t"}
    assert count_words(out) <= 2 * words + 30
