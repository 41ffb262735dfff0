"""An outline as a nested list, and back; lists that authors type are read as they are meant."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from writer.formats.plan import Item, Outline, lay_out, parse
from writer.story import STATUSES, Plan

TIDE = Outline(
    "The Tide",
    "A lighthouse goes dark.",
    (
        Item(0, "Part One", Plan("It begins.", status="outline", target_words=30_000)),
        Item(
            1,
            "Gulls",
            Plan(
                "She waits.\n\n1. is no step here.",
                "See the map.\n\n> quoted\n- and more",
                "draft",
                900,
                ("Mara", "陈默"),
                ("She waits.", "He comes."),
                ("the lamp goes out", "a boat is found"),
                "SmolLM2-135M",
            ),
        ),
        Item(1, "**", Plan()),
        Item(0, "[Two] [draft]", Plan("Cast: none.")),
    ),
    Plan(notes="All sources.", target_words=80_000),
)


def test_an_outline_comes_back_in_either_language():
    for language in ("en", "zh", "zh-TW", "de"):
        assert parse(lay_out(TIDE, language)) == TIDE
    assert "- **Gulls** [draft, 900 words, by SmolLM2-135M]\n\n    She waits." in lay_out(TIDE)
    assert "人物：Mara、陈默" in lay_out(TIDE, "zh")


WORD = st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters=",;，；、"), min_size=1, max_size=9)
LINE = st.lists(WORD, min_size=1, max_size=5).map(" ".join)
TEXT = st.lists(LINE, max_size=3).map("\n".join) | st.lists(LINE, max_size=3).map("\n\n".join)
LINES = st.lists(LINE, max_size=3).map(tuple)
PLANS = st.builds(
    Plan, TEXT, TEXT, st.sampled_from(["", *STATUSES]), st.integers(0, 5_000_000), LINES, LINES, LINES,
    st.sampled_from(["", "SmolLM2-135M (Q4_1)"]),
)  # fmt: skip
ITEMS = st.lists(st.builds(Item, st.integers(0, 3), LINE, PLANS), max_size=6).map(
    lambda items: tuple(Item(min(item.level, number), item.title, item.plan) for number, item in enumerate(items))
)


@settings(max_examples=150, deadline=None)
@given(ITEMS, st.sampled_from(["en", "zh"]))
def test_any_outline_comes_back(items: tuple[Item, ...], language: str):
    levels = [0]
    stepped = []
    for item in items:  # no level is left out
        levels.append(min(item.level, levels[-1] + 1 if stepped else 0))
        stepped.append(Item(levels[-1], item.title, item.plan))
    outline = Outline("The Tide", "", tuple(stepped))
    assert parse(lay_out(outline, language)) == outline


def test_lists_that_authors_type():
    typed = """
Some premise, typed
over two lines.

* Part One: It begins with rain. Nobody sees it.
\t* Chapter 1: The Storm
\t\tMara rows out.
\t\t1. She takes the boat.
\t\t2) The wind turns.
* Part Two - The end.
"""
    assert parse(typed) == Outline(
        "",
        "Some premise, typed\nover two lines.",
        (
            Item(0, "Part One", Plan("It begins with rain. Nobody sees it.")),
            Item(1, "Chapter 1: The Storm", Plan("Mara rows out.", beats=("She takes the boat.", "The wind turns."))),
            Item(0, "Part Two", Plan("The end.")),
        ),
    )


def test_headings_and_numbers_are_nodes_too():
    typed = (
        "# 潮\n\n灯塔黑了。\n\n## 第一部\n\n开始。\n\n1. 海鸥\n   1、飞起\n2. 雾\n\n## 第二部 [草稿，三千字] [3000字]\n"
    )
    outline = parse(typed)
    assert (outline.title, outline.premise) == ("潮", "灯塔黑了。")
    assert [(item.level, item.title) for item in outline.items] == [
        (0, "第一部"), (1, "海鸥"), (2, "飞起"), (1, "雾"), (0, "第二部 [草稿，三千字]"),
    ]  # fmt: skip
    assert outline.items[0].plan.synopsis == "开始。"
    assert outline.items[-1].plan.target_words == 3000


@settings(max_examples=150, deadline=None)
@given(st.text("-*#>1. \n\t[]:ab一。\\", max_size=80) | st.text(max_size=60))
def test_any_text_is_read(text: str):
    outline = parse(text)
    levels = [item.level for item in outline.items]
    assert all(later <= earlier + 1 for earlier, later in zip([-1, *levels], levels, strict=False))
