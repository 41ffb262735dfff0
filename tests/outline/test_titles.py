"""What a part of an outline is called: a whole phrase, and what only this part tells."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.outline.says import Says, book, grown
from writer.outline import titles
from writer.outline.titles import fitting, made, tells

KEEPER = "Finally the lighthouse keeper looks at one of the binoculars, and the old man stops him with a torn map."
FIRE = "终于，林小禾在火里找到一个神秘男子的旧账本，想出了一个办法。"


@pytest.mark.parametrize(
    ("said", "synopsis", "title"),
    [
        ("Finally the lighthouse keeper", KEEPER, ""),
        ("The lighthouse keeper's map", KEEPER, "The lighthouse keeper's map"),
        ("When the keeper looked", KEEPER, ""),
        ("She takes the map", KEEPER, ""),
        ("The keeper didn't look at the map", KEEPER, ""),
        ("The map is a great idea", KEEPER, ""),
        ("The keeper's keeper", KEEPER, ""),
        ("The torn map", KEEPER, "The torn map"),
        ("In this moment", "In this moment, someone opens a window.", ""),
        ("Someone opens", "One morning someone opens a window.", ""),
        ("终于，林小禾想出了一个办法", "终于，林小禾想出了一个办法。", ""),
        ("最后", "最后，林小禾逃了出去。", ""),
        ("起初", FIRE, ""),
        ("火里", FIRE, ""),
        ("悲伤的神秘的男子", FIRE, ""),
        ("一个神秘男子", FIRE, "神秘男子"),
        ("找到旧账本", FIRE, "找到旧账本"),
        ("她找到旧账本", FIRE, ""),
        ("他们在火里", FIRE, ""),
        ("有人找到账本", FIRE, ""),
        ("她的旧账本", FIRE, "她的旧账本"),
        ("他们的旧账本", FIRE, "他们的旧账本"),
        ("那年夏天", "那年夏天的海边，" + FIRE, "那年夏天"),
    ],
)
def test_no_piece_of_a_sentence_is_a_title(said: str, synopsis: str, title: str):
    language = "en" if said.isascii() else "zh"
    assert fitting(said, language, (), (), synopsis) == title


@pytest.mark.parametrize(
    ("title", "own"),
    [
        ("The torn map", True),
        ("The lighthouse keeper", False),
        ("The old man", False),
        ("The lighthouse keeper looks", False),
        ("The keeper of the map", True),
        ("The island", False),
    ],
)
def test_a_title_has_a_word_of_its_own(title: str, own: bool):
    known = "A lighthouse keeper on a remote island finds letters."
    assert tells(title, "en", KEEPER, known, ("the lighthouse keeper",)) == own


@pytest.mark.parametrize(
    ("title", "own"), [("旧账本", True), ("林小禾", False), ("办法", False), ("林小禾的旧账本", True), ("大火", False)]
)
def test_a_chinese_one_too(title: str, own: bool):
    assert tells(title, "zh", FIRE + "大火。", "林小禾发现一场大火。", ("林小禾",)) == own


def test_titles_are_made_of_things_and_not_of_what_somebody_does():
    found = made(KEEPER, "en", (), ("the lighthouse keeper",))
    assert found[0] == "The torn map"
    assert not any("keeper" in one or "stops" in one or "looks" in one for one in found)
    assert made("The lady responds by the lake.", "en", ()) == ["The lake", "The lady and the lake"]
    chinese = made(FIRE, "zh", (), ("林小禾",))
    assert "神秘男子" in chinese
    assert not any("林小禾" in one for one in chinese)


def test_what_says_only_who_is_in_it_gives_way_to_what_is_there(tmp_path: Path):
    def says(prompt: str, number: int) -> str:
        told = ["finds a torn map in the cellar.", "sells a copper kettle to the widow.", "hears a bell under the ice."]
        return "The lighthouse keeper" if prompt.rstrip().endswith("Title:") else f" {told[number % 3]}"

    with book(tmp_path) as store:
        grown(store, Says(says), levels=1, children=3)
        names = [node.title for node in store.nodes()]
    things = ("map", "cellar", "kettle", "widow", "bell", "ice")
    assert not any(name.casefold() == "the lighthouse keeper" for name in names)
    assert any(thing in name for name in names for thing in things)


@settings(max_examples=150, deadline=None)
@given(
    st.text("The keeper's map,.，。 looks at 终于林小禾在火里的一个了", max_size=40),
    st.text("The keeper takes a torn map. 终于，林小禾在火里。", max_size=60),
)
def test_any_answer_is_a_title_or_none(said: str, synopsis: str):
    for language in ("en", "zh"):
        found = [fitting(said, language, (), (), synopsis), *made(synopsis, language, ())]
        for title in found:
            assert title == title.strip()
            assert len(title) <= titles.LONGEST[language] or title in found[1:]
