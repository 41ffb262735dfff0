import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from writer import compare
from writer.compare import Change, changes, readable

PIECES = [
    "the",
    " ",
    "\n",
    "\n\n",
    "gulls",
    "rose",
    ", ",
    ". ",
    "don't",
    "海鸥",
    "飞起",
    "没有人看见",
    "，",
    "。",
    "👩‍🚀",
    "👍🏽",
    "é",
    "e\u0301",
]
texts = st.lists(st.sampled_from(PIECES)).map("".join) | st.text()


def shown(old, new):
    """The comparison as text: what is gone in [-…-], what is new in {+…+}."""
    parts = []
    for change in changes(old, new):
        gone, come = old[slice(*change.old)], new[slice(*change.new)]
        if change.kind == "equal":
            parts.append(gone)
        else:
            parts += [f"[-{gone}-]"] * bool(gone) + [f"{{+{come}+}}"] * bool(come)
    return "".join(parts)


def assert_whole(old, new):
    found = changes(old, new)
    assert "".join(old[slice(*c.old)] for c in found) == old
    assert "".join(new[slice(*c.new)] for c in found) == new
    for change in found:
        (a, b), (c, d) = change.old, change.new
        assert (old[a:b] == new[c:d]) == (change.kind == "equal")
        assert change.kind == "equal" or (a < b, c < d) == (change.kind != "insert", change.kind != "delete")
    assert all((c.kind == "equal") != (d.kind == "equal") for c, d in pairwise(found))
    return found


@given(texts, texts)
def test_the_changes_give_both_texts_back(old, new):
    assert_whole(old, new)


@given(texts, texts, texts)
def test_the_paragraphs_before_a_change_stay(head, old, new):
    found = assert_whole(head + "\n" + "I" + old, head + "\n" + "I" + new)
    assert found[0].kind == "equal"
    assert found[0].old[1] > len(head)


@given(texts)
def test_a_text_equals_itself(text):
    assert changes(text, text) == ([Change("equal", (0, len(text)), (0, len(text)))] if text else [])


def test_empty_texts():
    assert changes("", "") == []
    assert changes("", "海鸥") == [Change("insert", (0, 0), (0, 2))]
    assert changes("Gulls.", "") == [Change("delete", (0, 6), (0, 0))]


def test_whole_words_change():
    assert shown("The gull rose.", "The gulls rose.") == "The [-gull-]{+gulls+} rose."
    assert shown("I don't know.", "I do know.") == "I [-don't-]{+do+} know."
    assert shown("A big dog.", "A very big dog.") == "A {+very +}big dog."
    assert shown("One. Two. Three.", "One. Three.") == "One. [-Two. -]Three."


def test_words_replaced_in_a_row_are_one_change():
    assert shown("He saw the old man.", "He saw a young woman.") == "He saw [-the old man-]{+a young woman+}."


def test_a_sign_between_two_additions_stays():
    assert shown("“Go.”\n", "“Go now.” He ran.\n") == "“Go{+ now+}.”{+ He ran.+}\n"


def test_chinese_changes_by_words_of_the_dictionary():
    assert shown("海鸥从港口飞起。", "海鸥从码头飞起。") == "海鸥从[-港口-]{+码头+}飞起。"
    assert shown("没有人看见那个孩子。", "没有人看见，那个孩子走了。") == "没有人看见{+，+}那个孩子{+走了+}。"


def test_a_sign_of_several_characters_changes_as_one():
    assert shown("Ready 👩‍🚀!", "Ready 👩‍🚒!") == "Ready [-👩‍🚀-]{+👩‍🚒+}!"
    assert shown("👍🏽", "👍🏿") == "[-👍🏽-]{+👍🏿+}"


def test_a_new_paragraph_leaves_the_others_alone():
    assert shown("A b.\n\nC d.\n\nE f.", "A b.\n\nX y.\n\nC d.\n\nE g.") == "A b.\n\n{+X y.\n\n+}C d.\n\nE [-f-]{+g+}."
    assert shown("A b.", "A b.\n\nC d.") == "A b.{+\n\nC d.+}"


def test_a_paragraph_that_is_new_or_gone_is_so_with_its_own_end():
    short, long = "He looked long.”\n\nEnd.", "He waited.”\n\nA bell rang.”\n\nEnd."
    assert shown(short, long) == "He [-looked long-]{+waited+}.”{+\n\nA bell rang.”+}\n\nEnd."
    assert shown(long, short) == "He [-waited-]{+looked long+}.”[-\n\nA bell rang.”-]\n\nEnd."
    assert shown("他很久没说话。", "他等着。\n钟响了。") == "他[-很久没说话-]{+等着+}。{+\n钟响了。+}"


def test_paragraphs_stay_apart_when_all_their_words_changed():
    assert shown("A b.\n\nC d.", "E f.\n\nG h.") == "[-A b-]{+E f+}.\n\n[-C d-]{+G h+}."


def novel(rng, paragraphs):
    words = [f"w{n}" for n in range(3000)]
    return "\n\n".join(" ".join(rng.choices(words, k=80)) + "." for _ in range(paragraphs))


def test_an_empty_line_more_is_no_other_line():
    assert shown("A b.\nC d.", "A b.\n\nC d.") == "A b.\n{+\n+}C d."


def test_rare_words_divide_what_is_too_long_to_be_compared_each_with_each(monkeypatch):
    monkeypatch.setattr(compare, "MOST_PAIRS", 500)
    rng = random.Random(3)
    old = novel(rng, 30)
    new = old.replace("w1", "v1")
    kept = sum(c.old[1] - c.old[0] for c in assert_whole(old, new) if c.kind == "equal")
    untouched = sum(len(word) + 1 for word in old.split() if not word.startswith("w1"))
    assert kept > 0.8 * untouched


@given(texts, texts)
def test_dividing_gives_both_texts_back(old, new):
    limit = compare.MOST_PAIRS
    compare.MOST_PAIRS = 4
    try:
        assert_whole(old, new)
    finally:
        compare.MOST_PAIRS = limit


def test_long_texts_that_share_nothing():
    found = assert_whole("a b" * 20_000, "c d" * 20_000)
    assert [c.kind for c in found] == ["replace"]


def test_a_book_in_which_every_paragraph_changed():
    old = novel(random.Random(1), 1250)
    new = old.replace("w1 ", "v1 ").replace("w2 ", "")
    found = assert_whole(old, new)
    assert all(old[slice(*c.old)] in ("w1", "w2 ", " w2") for c in found if c.kind != "equal")


def test_words_that_two_rewritten_sentences_happen_to_share_are_not_kept_apart():
    old = "The gulls rose over the harbour and the men on the quay looked up."
    new = "A storm came in from the sea and all the boats turned for home."
    assert [change.kind for change in readable(changes(old, new))] == ["replace", "equal"]
    assert len(changes(old, new)) > 4


def test_what_stayed_in_a_sentence_that_was_mended_stays():
    old = "The gulls rose over the harbour and cried."
    new = "The gulls rose slowly over the grey harbour and cried."
    assert readable(changes(old, new)) == changes(old, new)


@given(st.text("ab 雾。\n", max_size=30), st.text("ab 雾。\n", max_size=30))
def test_what_is_shown_covers_both_texts(old, new):
    found = readable(changes(old, new))
    assert "".join(old[slice(*change.old)] for change in found) == old
    assert "".join(new[slice(*change.new)] for change in found) == new
    assert all(old[slice(*c.old)] == new[slice(*c.new)] for c in found if c.kind == "equal")
