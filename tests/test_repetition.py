from hypothesis import given
from hypothesis import strategies as st

from writer.repetition import ROW, TURN, Said, phrases, worn

ENGLISH = "She went down to the harbour before the others were awake, and looked for the boat."
CHINESE = "她在别人醒来之前走到港口，去找那条船。"


def test_a_row_of_eight_words_that_the_book_has_is_found():
    said = Said([ENGLISH])
    text = "Later she remembered. SHE WENT down to the harbour before the storm came."
    assert [text[start:end] for start, end in said.repeats(text)] == ["SHE WENT down to the harbour before the"]


def test_seven_are_none():
    text = "She went down to the harbour before anyone could stop her."
    assert Said([ENGLISH]).repeats(text) == []
    assert Said([ENGLISH]).share(text) == 0


def test_chinese_is_counted_by_characters():
    said = Said([CHINESE])
    text = "后来，他在别人醒来之前走到港口。"
    assert [text[start:end] for start, end in said.repeats(text)] == ["在别人醒来之前走到港口"]


def test_a_text_that_repeats_itself_is_caught_the_second_time():
    text = f"{ENGLISH} {ENGLISH}"
    assert Said().repeats(text) == [(len(ENGLISH) + 1, len(text) - 1)]
    assert Said().share(text) == 0.5


def test_what_is_added_counts_from_then_on():
    said = Said()
    assert said.share(CHINESE) == 0
    said.add(CHINESE)
    assert said.share(CHINESE) == 1


def test_a_sentence_made_of_turns_that_the_book_has_is_a_formula():
    said = Said([ENGLISH, "She could feel the weight of the lamp in her hand."])
    assert said.is_formula("He could feel the weight of it.")
    assert said.is_formula("Before the others were awake, he could feel the weight of his coat.")
    assert not said.is_formula("He could feel the rain that had been waiting all day for him, and turned back.")
    assert not said.is_formula("She looked for her brother in the yard.")
    assert not said.is_formula("")


def test_a_chinese_formula_has_longer_turns():
    said = Said([CHINESE], turn=TURN["zh"])
    assert said.is_formula("她在别人醒来之前笑了。")
    assert not said.is_formula("她走到港口，买了两斤鱼。")
    assert not said.is_formula("那天傍晚，他和老船长站在别人醒来之前的那条小巷里说话，谁也没有笑。")


def test_an_apostrophe_is_an_apostrophe():
    assert Said(["He didn't know what to say to the old man."]).share("He didn’t know what to say to the old man.") == 1


@given(st.text(alphabet="ab 好\n.", max_size=200), st.text(alphabet="ab 好\n.", max_size=200))
def test_repeats_are_in_order_and_lie_in_the_text(book, text):
    found = Said([book]).repeats(text)
    edges = [edge for span in found for edge in span]
    assert edges == sorted(edges)
    assert all(0 <= start < end <= len(text) for start, end in found)
    assert 0 <= Said([book]).share(text) <= 1
    assert ROW == 8


def test_worn_phrases_are_counted_whatever_their_case_and_line():
    text = "A shiver ran\ndown his back. Her heart pounding, she ran. A shiver ran down hers."
    found = worn(text, "en")
    assert [(one.phrase, one.count) for one in found] == [("a shiver ran down", 2), ("heart pounding", 1)]
    assert found[0].per_thousand == 2000 / 16
    assert [one.phrase for one in worn("他深吸一口气，恍然大悟。", "zh")] == ["深吸一口气", "恍然大悟"]
    assert worn("Rien.", "fr") == []


def test_no_phrase_is_listed_twice():
    for language in ("en", "zh"):
        assert len(phrases(language)) == len(set(phrases(language))) > 40
