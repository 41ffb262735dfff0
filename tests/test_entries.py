"""What the author says of the book is the author's: kept, copied, checked and rescued like the text."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from writer import backups
from writer.errors import ProjectError
from writer.store import Store, copies, entries, salvage
from writer.store.check import check
from writer.story import Choice, Entry, Note, Span

ANNE = Entry(
    "Anne Elliot", "person", ("Anne", "Miss Elliot"), "She is twenty-seven.", ("Kellynch",), ("harbour",), ("Bath",),
    always=True, excluded=True, since=1, until=2,
)  # fmt: skip
BAOYU = Entry("贾宝玉", aliases=("宝玉",), text="衔玉而生。")


@pytest.fixture
def store(store: Store) -> Store:
    store.add("One", text="The gulls rose.")
    store.add("Two", text="海鸥飞起来了。")
    return store


def edit(path: Path, sql: str) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(sql)
    connection.close()


def say(store: Store) -> None:
    store.entries.put(ANNE)
    store.entries.put(BAOYU)
    store.choices.put(Choice("pin", 1, "The gulls rose."))
    store.choices.put(Choice("exclude", 2, "海鸥飞起来了。"))
    store.note = Note("Slowly. 慢一点。", 5)


def said(store: Store) -> tuple[list[Entry], list[Choice], Note]:
    return store.entries.all(), store.choices.all(), store.note


def test_entries_come_back_as_they_were_put(store: Store):
    anne, baoyu = store.entries.put(ANNE), store.entries.put(BAOYU)
    assert store.entries.all() == [anne, baoyu] == [replace(ANNE, id=anne.id), replace(BAOYU, id=baoyu.id)]
    older = store.entries.put(replace(anne, text="She is twenty-eight."))
    assert store.entries.all() == [older, baoyu]
    assert anne.id is not None
    store.entries.remove(anne.id)
    store.entries.remove(anne.id)
    assert store.entries.all() == [baoyu]
    store.entries.put(anne)
    assert store.entries.all() == [anne, baoyu]


def test_what_was_found_in_the_text_is_not_kept(store: Store):
    entry = store.entries.put(replace(BAOYU, count=7, first=Span(1, 0, 3), sources=(Span(1, 0, 9),)))
    assert store.entries.all() == [replace(BAOYU, id=entry.id)]


def test_an_entry_has_a_name(store: Store):
    with pytest.raises(ProjectError, match="name"):
        store.entries.put(Entry("  "))


@given(
    st.builds(
        Entry,
        name=st.text("aé海\"'\n", min_size=1).filter(str.strip),
        kind=st.sampled_from(["person", "place", "thing", "name"]),
        aliases=st.lists(st.text("a海\"'"), max_size=3).map(tuple),
        text=st.text('a海\n"\\'),
        since=st.none() | st.integers(1, 2**40),
    )
)
def test_an_entry_is_written_and_read(entry: Entry):
    assert entries.read(3, entries.written(entry)) == replace(entry, id=3)


@pytest.mark.parametrize(
    "value",
    ["", "x", "[]", "{}", '{"name": 1}', '{"name": ""}', '{"name": "a", "keys": "b"}', '{"name": "a", "since": "b"}'],
)
def test_what_is_no_entry_is_none(value: str):
    assert entries.read(1, value) is None


def test_a_sentence_is_pinned_or_left_out_but_not_both(store: Store):
    pin, exclude = Choice("pin", 1, "The gulls rose."), Choice("exclude", 1, "The gulls rose.")
    other = Choice("pin", 2, "The gulls rose.")
    store.choices.put(pin)
    store.choices.put(other)
    store.choices.put(exclude)
    assert store.choices.all() == [other, exclude]
    store.choices.remove(pin)
    store.choices.remove(exclude)
    assert store.choices.all() == [other]
    with pytest.raises(ValueError, match="no choice"):
        store.choices.put(Choice("love", 1, "x"))


def test_the_note_is_one(store: Store):
    assert store.note == Note("")
    store.note = Note("Slowly.", 4)
    store.note = Note("慢一点。", 5000)
    assert store.note == Note("慢一点。", entries.DEEPEST)
    store.note = Note("")
    assert store.note == Note("")


def test_all_of_it_makes_another_book(store: Store):
    digests = [store.digest()]
    say(store)
    for change in (
        lambda: store.entries.remove(2),
        lambda: store.choices.remove(Choice("pin", 1, "The gulls rose.")),
        lambda: setattr(store, "note", Note("Fast.")),
    ):
        digests.append(store.digest())
        change()
    assert len({*digests, store.digest()}) == 5


def test_all_of_it_is_in_copies_backups_and_what_is_salvaged(store: Store, path: Path, tmp_path: Path):
    say(store)
    told = said(store)
    copies.copy_to(store, tmp_path / "copy.writer")
    copies.save_as(store, tmp_path / "other.writer")
    backup = backups.make(store)
    assert not backups.is_changed(store)
    store.close()
    backups.restore(backup.path, tmp_path / "restored.writer")
    salvage.salvage(path, tmp_path / "salvaged.writer")
    for name in ("copy", "other", "restored", "salvaged"):
        with Store.reader(tmp_path / f"{name}.writer") as copy:
            assert said(copy) == told, name
        assert list(check(tmp_path / f"{name}.writer")) == []


def test_what_of_it_can_be_read_is_salvaged_without_the_schema(store: Store, path: Path, tmp_path: Path):
    say(store)
    told = said(store)
    store.close()
    content = path.read_bytes()
    path.write_bytes(bytes(4096) + content[4096:])
    salvage.salvage(path, tmp_path / "salvaged.writer")
    with Store.reader(tmp_path / "salvaged.writer") as copy:
        assert said(copy) == told


def test_of_what_was_garbled_only_what_is_whole_is_salvaged(store: Store, path: Path, tmp_path: Path):
    say(store)
    told = said(store)
    store.close()
    edit(path, "UPDATE entries SET value = replace(value, 'twenty', 'thirty') WHERE id = 1")
    edit(path, "INSERT INTO choices (kind, scene, text) VALUES ('love', 1, 'x'), ('pin', 77, 'y')")
    salvage.salvage(path, tmp_path / "salvaged.writer")
    with Store.reader(tmp_path / "salvaged.writer") as copy:
        assert said(copy) == (told[0][1:], *told[1:])


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("UPDATE entries SET value = replace(value, 'twenty', 'thirty')", "noted about “Anne Elliot” was damaged"),
        ("UPDATE entries SET value = '{}' WHERE id = 2", "noted about “Entry 2” was damaged"),
        ("UPDATE choices SET text = CAST(x'ff' AS TEXT)", "note of yours was damaged"),
        ("UPDATE guidance SET text = CAST(x'ff' AS TEXT)", "note of yours was damaged"),
    ],
)
def test_what_was_damaged_is_told_and_stops_nothing(store: Store, path: Path, sql: str, sentence: str):
    say(store)
    store.close()
    assert list(check(path)) == []
    edit(path, sql)
    problems = list(check(path))
    assert problems
    assert all(sentence in problem.what for problem in problems)
    with Store.open(path) as store:
        assert len(store.entries.all()) == 2
        assert len(store.choices.all()) == 2
        assert store.note.depth == 5
