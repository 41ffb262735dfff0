from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from writer.bible import merged, wanted
from writer.story import Entry, Span

NAMES = st.sampled_from(["Anne", "anne", "Anne Elliot", "Will", "O'Brien", "宝玉", "贾宝玉", "林晓", "阿Q", "", "."])
TUPLES = st.lists(NAMES, max_size=3).map(tuple)
FOUND = st.builds(
    Entry, name=NAMES, aliases=TUPLES, count=st.integers(0, 9), first=st.just(Span(1, 0, 4)), sources=st.just(())
)
OWN = st.builds(
    Entry,
    name=NAMES,
    aliases=TUPLES,
    text=st.text(max_size=5),
    keys=TUPLES,
    also=TUPLES,
    never=TUPLES,
    always=st.booleans(),
    excluded=st.booleans(),
    since=st.none() | st.integers(0, 5),
    until=st.none() | st.integers(0, 5),
    id=st.integers(1, 99),
)
TEXTS = st.lists(
    st.sampled_from(["Anne", "ANNE", " ", "will", "Elliot", "宝玉", "贾", "林晓", "。", "阿Q", "'s", "\n"])
).map("".join)


def calls(text, **fields):
    return bool(wanted([Entry(**({"name": "Nobody"} | fields))], text, 0))


def test_what_is_found_joins_the_authors_entry_by_name_or_alias():
    own = Entry("Elizabeth", aliases=("Eliza",), text="Proud.", id=1)
    found = [
        Entry("Lizzy", aliases=("eliza",), count=9, first=Span(1, 0, 5), last=Span(3, 0, 5), sources=(Span(1, 0, 9),)),
        Entry("Jane", count=5),
    ]
    elizabeth, jane = merged(found, [own])
    assert elizabeth == replace(
        own,
        aliases=("Eliza", "Lizzy"),
        count=9,
        first=Span(1, 0, 5),
        last=Span(3, 0, 5),
        sources=(Span(1, 0, 9),),
    )
    assert jane == found[1]


def test_a_name_that_the_author_gave_to_another_stays_there():
    tom, father = merged(
        [Entry("Tom", aliases=("Tom Hale",), count=3)],
        [Entry("Tom", id=1), Entry("Tom Hale", text="His father.", id=2)],
    )
    assert (tom.aliases, tom.count, father.aliases, father.count) == ((), 3, (), 0)


def test_what_the_author_excluded_stays_excluded():
    own = [Entry("宝玉", excluded=True, id=1)]
    assert [entry.excluded for entry in merged([Entry("贾宝玉", aliases=("宝玉",), count=4)], own)] == [True]
    assert wanted(merged([Entry("贾宝玉", aliases=("宝玉",), count=4)], own), "贾宝玉来了。", 0) == []


@given(st.lists(FOUND, max_size=5), st.lists(OWN, max_size=5))
def test_the_authors_words_are_never_changed(found, own):
    result = merged(found, own)
    for before, after in zip(own, result, strict=False):
        assert after.aliases[: len(before.aliases)] == before.aliases
        assert replace(after, aliases=before.aliases, count=0, first=None, last=None, sources=()) == before
    assert sum(entry.count for entry in result) == sum(entry.count for entry in found)
    assert merged(found, []) == found
    assert merged([], own) == own


def test_names_are_whole_words():
    assert calls("Then Anne came.", name="Anne")
    assert calls("“Anne’s hat”", name="Anne")
    assert calls("O’Brien", name="O'Brien")
    assert calls("Anne\nElliot", name="Anne Elliot")
    assert calls("(Anne)", aliases=("Anne",))
    assert calls("他对Anne说", name="Anne")
    assert not calls("Annette came.", name="Anne")
    assert not calls("Roseanne came.", name="anne")
    assert not calls("", name="Anne")
    assert not calls("Anne", name="")


def test_a_word_with_capitals_is_found_as_written_or_shouted():
    assert not calls("He will come.", name="Will")
    assert calls("WILL! Come here!", name="Will")
    assert calls("The Gulls rose.", keys=("gulls",))


def test_chinese_words_are_not_cut_at_both_ends():
    assert calls("宝玉笑了。", name="宝玉")
    assert calls("贾宝玉来了。", name="宝玉")
    assert calls("玄德曰：“然。”", name="玄德")
    assert not calls("国王平静地说。", name="王平")
    assert calls("王平出马。", name="王平")
    assert calls("阿Q说。", name="阿Q")


def test_other_keys_must_or_must_not_be_near():
    assert calls("Anne saw the sea.", name="Anne", also=("sea", "ship"))
    assert not calls("Anne saw the hills.", name="Anne", also=("sea", "ship"))
    assert not calls("Anne dreamt of the sea.", name="Anne", never=("dreamt",))
    assert calls("林晓在海边。", keys=("林晓",), also=("海边",))
    assert not calls("林晓梦见了海。", keys=("林晓",), never=("梦见",))


def test_always_needs_no_word_and_excluded_never_comes():
    assert calls("", always=True)
    assert not calls("", always=True, excluded=True)
    assert not calls("Anne", name="Anne", excluded=True)


def test_an_entry_holds_from_a_scene_to_a_scene():
    young = Entry("Anne", since=10, until=30)
    order = {10: 0, 20: 1, 30: 2, 40: 3}
    assert [bool(wanted([young], "Anne", rank, order)) for rank in range(4)] == [True, True, True, False]
    assert wanted([young], "Anne", 3, {10: 0}) == [young]
    assert [bool(wanted([young], "Anne", rank)) for rank in (9, 10, 30, 31)] == [False, True, True, False]


def test_the_last_named_comes_first_behind_what_always_does():
    entries = [Entry("Anne"), Entry("Rules", always=True), Entry("Tom"), Entry("Jane")]
    assert [entry.name for entry in wanted(entries, "Tom met Anne.", 0)] == ["Rules", "Anne", "Tom"]


@given(st.lists(OWN, max_size=6), TEXTS, st.integers(0, 5))
def test_wanted_is_a_part_of_what_is_there(entries, text, at):
    result = wanted(entries, text, at)
    assert all(entry in entries and not entry.excluded for entry in result)
    assert [e for e in entries if e.always and e in result] == [e for e in result if e.always]
    assert wanted(entries, text, at) == result


@pytest.mark.timeout(60)
def test_five_thousand_entries_are_bounded():
    for text, names in (
        ("Ivan Petrov met Anne. " * 180, [f"Ivan Petrov{i}" for i in range(5000)] + ["Ivan"] * 5000),
        ("林晓走进燕山城，宝玉说道。" * 300, [f"林晓{chr(0x4E00 + i)}" for i in range(5000)] + ["林晓"] * 5000),
    ):
        entries = [Entry(name, keys=(f"key {name}",)) for name in names]
        wanted(entries, text, 0)
        assert len(wanted(entries, text, 0)) == 5000
