import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from writer import text

PROSE = st.text(
    st.sampled_from("abZ é.!?,;:。！？，“”‘’\"'「」()（）…—-\n\n 他说走了你好1 \u3000\u2028\t😀\u200d\u0301")
    | st.characters(exclude_categories=["Cs"])
)


def pieces(spans, whole):
    return [whole[a:b] for a, b in spans]


def test_clean_makes_one_kind_of_line_end_and_drops_what_is_no_character():
    assert text.clean("a\r\nb\rc\n\0d") == "a\nb\nc\nd"
    assert text.clean("x\ud800y\udfff") == "x\ufffdy\ufffd"
    assert text.clean("\ud83d\ude00") == "😀"


@given(st.text(st.characters()))
def test_clean_text_can_be_stored_and_is_clean(dirty):
    clean = text.clean(dirty)
    clean.encode()
    assert not set(clean) & {"\r", "\0"}
    assert text.clean(clean) == clean


@given(PROSE)
def test_sentences_and_paragraphs_cover_the_text(whole):
    for spans in (list(text.sentences(whole)), list(text.paragraphs(whole))):
        assert "".join(pieces(spans, whole)) == whole
        assert all(b > a for a, b in spans)


@given(PROSE)
def test_words_are_rising_spans_without_spaces(whole):
    end = 0
    for a, b in text.words(whole):
        assert end <= a < b
        assert not any(c.isspace() for c in whole[a:b])
        end = b


@pytest.mark.parametrize(
    ("whole", "expected"),
    [
        ("“Go away!” He left. Mr. Bingley stayed.", ["“Go away!” ", "He left. ", "Mr. Bingley stayed."]),
        ('"Why?" she asked. "Because." ', ['"Why?" she asked. ', '"Because." ']),
        ("他说：“你好。”然后走了。“什么？”", ["他说：“你好。”", "然后走了。", "“什么？”"]),
        ("「好。」他走了！真的", ["「好。」", "他走了！", "真的"]),
        ("Chapter One\n\nIt rained.\nIt poured.", ["Chapter One\n\n", "It rained.\n", "It poured."]),
        ("\n\n  A start.", ["\n\n  A start."]),
        ("😀", ["😀"]),
        ("", []),
    ],
)
def test_sentences(whole, expected):
    joined = [s for s in pieces(text.sentences(whole), whole) if not s.isspace()]
    assert [s.strip() for s in joined] == [s.strip() for s in expected]


def test_hard_wrapped_lines_stay_in_one_sentence():
    whole = (
        "It is a truth universally acknowledged, that a single man in\n"
        "possession of a good fortune must be in want of a wife. However\n"
        "little known, it is so.\n"
    )
    assert len(list(text.paragraphs(whole))) == 1
    assert len(list(text.sentences(whole))) == 2


def test_a_text_without_sentence_ends_is_still_cut():
    assert max(b - a for a, b in text.sentences("word " * 5000)) <= text.LONGEST_SENTENCE


@pytest.mark.parametrize("unit", ["“", "“好。", "a ", "。", "\n", "\n ", "好", ". "])
def test_a_long_monotonous_text_is_no_trap(unit):
    whole = unit * (200_000 // len(unit))
    assert sum(b - a for a, b in text.sentences(whole)) == len(whole)


def test_words_of_both_languages():
    whole = "Don't stop, well-known Mr. Bingley — 我们今天去天安门。"
    assert pieces(text.words(whole), whole) == [
        "Don't",
        "stop",
        "well-known",
        "Mr",
        "Bingley",
        "我们",
        "今天",
        "去",
        "天安门",
    ]


@pytest.mark.parametrize(
    ("whole", "count"),
    [("", 0), ("😀", 0), ("Don’t stop—now!", 3), ("他说：“你好。”", 4), ("他买了iPhone 15。", 5), ("…", 0)],
)
def test_count_words(whole, count):
    assert text.count_words(whole) == count
    assert len([whole[start:end] for start, end in text.counted(whole) if whole[start:end].strip()]) == count


@pytest.mark.parametrize(
    ("whole", "language"),
    [("", "en"), ("He left.", "en"), ("他走了。", "zh"), ("他说 hello。", "zh"), ("He said 好.", "en")],
)
def test_language_of(whole, language):
    assert text.language_of(whole) == language


@pytest.mark.parametrize(
    ("whole", "ends"),
    [
        ("|hello", True),
        ("hello|", True),
        ("hel|lo", False),
        ("hello| there", True),
        ("don|'t", False),
        ("don'|t", False),
        ("'|tis", True),
        ("well-|known", False),
        ("dogs|' tails", True),
        ("天|安门", True),
        ("他说|hello", True),
        ("|", True),
        ("👩|\u200d🚀", False),
        ("e|\u0301", False),
    ],
)
def test_is_word_end(whole, ends):
    before, after = whole.split("|")
    assert text.is_word_end(before, after) is ends


@pytest.mark.parametrize(
    ("whole", "ends"),
    [
        ("He left.", True),
        ("“Go!” ", True),
        ("他说：“好。”", True),
        ("He left", False),
        ("", False),
        ("…", True),
        ("he,", False),
    ],
)
def test_ends_sentence(whole, ends):
    assert text.ends_sentence(whole) is ends


def test_a_time_is_said_by_the_clock_here_and_a_number_that_is_none_as_it_is():
    assert text.said_time(1_790_000_000)[:8] == "2026-09-"
    assert text.said_time(1_790_000_000, "%Y") == "2026"
    assert text.said_time(9 * 10**18) == "9000000000000000000"


def test_each_chinese_character_is_set_apart():
    assert text.spaced("Anne看见“宝玉”了。") == "Anne 看 见 “ 宝 玉 ” 了 。"
    assert text.spaced("") == ""


@pytest.mark.parametrize(
    ("whole", "line"),
    [
        ("I\n tell  _him_ so.", "I tell him so."),
        ("_You_ are *not* **here**, __she__ said.", "You are not here, she said."),
        ("她说*真的*吗？她_真的_来了。", "她说真的吗？她真的来了。"),
        ("_In_tolerable, un*believ*able.", "Intolerable, unbelievable."),
        ("_I was gone.", "I was gone."),
        ("He came too._", "He came too."),
        ("*I was gone.", "I was gone."),
        ("Mr. ____ of ____shire, and Mr. B____.", "Mr. ____ of ____shire, and Mr. B____."),
        ("a snake_case_name, 5 * 3 * 2, 2*3*4", "a snake_case_name, 5 * 3 * 2, 2*3*4"),
        ("* * *", "* * *"),
        ("_", "_"),
    ],
)
def test_one_line_has_no_marks_of_emphasis(whole, line):
    assert text.one_line(whole) == line


@given(st.text(alphabet="ab 中_*\n2.", max_size=60))
def test_one_line_takes_nothing_but_marks_and_spaces(whole):
    plain = re.compile(r"[\s_*]+")
    assert plain.sub("", text.one_line(whole)) == plain.sub("", whole)


@pytest.mark.parametrize(
    ("whole", "few"),
    [
        ("It was the year in which the river froze over.", "It was the year in which the…"),
        ("At last, in the end of the winter, she came.", "At last, in the end of the…"),
        ("却说那年大河封冻，无人能到磨坊。", "却说那年大河封冻，无…"),
        ("却说那年大河忽然封冻，", "却说那年大河忽然封冻…"),
        ("Rain.", "Rain."),
        ("x" * 50, "x" * 32 + "…"),
        ("", ""),
    ],
)
def test_a_text_is_known_by_its_first_words(whole, few):
    assert text.first_words(whole) == few
