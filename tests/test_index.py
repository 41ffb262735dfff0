"""What the project file remembers of the prose is true of the prose, whatever happens to either."""

from __future__ import annotations

import re
import sqlite3
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.test_chunks import chinese, english
from writer import migrations
from writer.chunks import Chunk, cut
from writer.errors import ProjectError
from writer.store import Store, copies
from writer.store.check import check
from writer.store.index import key_of
from writer.story import Project

GULLS = "The gulls rose over Anne’s harbour. "
PHRASES = {"gulls": re.compile("(?<![a-z])gulls?(?![a-z])", re.IGNORECASE), "宝玉": re.compile(r"宝\W*玉")}
"""Words are found in any inflection, and phrases across what stands between words."""
STONE = "那时贾宝玉正在看书，林黛玉来了。"


def take_in(store: Store) -> None:
    """Index what is stale, as is done when the author rests."""
    for scene in store.index.stale():
        saved = store.scene(scene)
        assert store.index.put(scene, saved.revision, cut(saved.text))
    assert store.index.stale() == []


def found(store: Store, phrase: str) -> set[int]:
    """The scenes in which a phrase is found."""
    return {place.scene for place in store.index.placed(store.index.rows(phrase)).values()}


def assert_true(store: Store) -> None:
    """What is not stale is remembered as it is, and nothing is found that is not there."""
    stale = store.index.stale()
    for scene in store.order():
        text = store.scene(scene).text
        places = store.index.chunks(scene)
        if scene in stale:
            assert places == []
            continue
        assert [Chunk(place.start, place.end) for place in places] == cut(text)
        assert all(place.scene == scene and place.key == key_of(text[place.start : place.end]) for place in places)
        assert all(place in store.index.at(place.key) for place in places)
        assert store.index.placed(place.row for place in places) == {place.row: place for place in places}
    for phrase, form in PHRASES.items():
        places = [place for scene in store.order() for place in store.index.chunks(scene)]
        has = {place.scene for place in places if form.search(store.scene(place.scene).text, place.start, place.end)}
        assert found(store, phrase) == has
    keys = store.index.keys()
    assert [scene for scene, _key in keys] == [
        scene for scene in store.order() if scene in dict(keys) and scene not in stale
    ]
    assert {scene for scene in store.order() if store.index.chunks(scene)} <= set(dict(keys))


def test_rows_are_read_on_from_where_they_were_read_to(tmp_path):
    with Store.create(tmp_path / "book.writer", Project("A book", "", "en")) as store:
        for number in range(6):
            store.add(str(number), text=f"The gulls rose. {number}")
        take_in(store)
        every = list(store.index.rows("gulls"))
        assert len(every) == 6
        assert store.index.behind(0, "gulls", every, 9) == every
        assert store.index.behind(0, "gulls", every[3:5], 1) == every[:4]
        assert store.index.behind(every[3], "gulls", every, 9) == every[4:]
        assert store.index.behind(every[-1], "gulls", every, 9) == []


def test_what_is_imported_is_stale_until_it_is_taken_in(store: Store):
    one, two = store.add("One", text=GULLS), store.add("Two", text=STONE)
    store.add("A chapter")
    assert store.index.stale() == [one, two]
    assert store.index.chunks(one) == [] == store.index.keys()
    assert found(store, "gulls") == set()
    take_in(store)
    assert found(store, "gulls") == {one}
    assert_true(store)


def test_a_scene_that_was_saved_since_is_not_taken_in(store: Store):
    one = store.add("One", text=GULLS)
    store.save(one, GULLS + "Again.")
    assert not store.index.put(one, 1, cut(GULLS))
    assert not store.index.put(99, 1, cut(GULLS))
    assert store.index.stale() == [one]
    with pytest.raises(ValueError, match="cover"):
        store.index.put(one, 2, cut(GULLS))


def test_what_is_written_is_found_at_once(store: Store):
    one = store.add("One")
    store.save(one, GULLS)
    assert store.index.stale() == []
    store.save(one, GULLS + STONE)
    assert found(store, "宝玉") == found(store, "gull") == {one}
    store.save(one, STONE)
    assert found(store, "gulls") == set()
    assert_true(store)


def test_a_chunk_that_stays_keeps_its_row(store: Store):
    text = english(120)
    one = store.add("One", text=text)
    take_in(store)
    before = store.index.chunks(one)
    assert len(before) > 8
    store.save(one, "Then she wept. " + text)
    after = store.index.chunks(one)
    assert {place.row for place in before[3:]} < {place.row for place in after}
    assert len({place.row for place in after} - {place.row for place in before}) <= 3
    store.save(one, text)
    assert store.index.keys() == [(one, dict(store.index.keys())[one])]
    assert [place.key for place in store.index.chunks(one)] == [place.key for place in before]
    assert_true(store)


@pytest.mark.parametrize(
    ("phrase", "is_found"),
    [
        ("gulls", True),
        ("GULL", True),
        ("Anne's", True),
        ("Anne’s harbour", True),
        ("harbour Anne", False),
        ("宝玉", True),
        ("贾宝玉正在看书", True),
        ("玉宝", False),
        ("“宝玉”", True),
        ('gulls" OR "x', False),
        ("gulls NEAR rose", False),
        ("gulls*", True),
        ("text:gulls", False),
        ("", False),
        ("…", False),
        ("\0gulls\ud800", True),
        ("gulls\0", True),
    ],
)
def test_words_and_phrases_are_found_and_are_no_syntax(store: Store, phrase: str, is_found: bool):
    one = store.add("One", text=GULLS + STONE)
    take_in(store)
    assert found(store, phrase) == ({one} if is_found else set())


def test_the_bin_is_neither_stale_nor_found(store: Store):
    chapter = store.add("Chapter")
    one = store.add("One", chapter, text=GULLS)
    two = store.add("Two", chapter, text=GULLS)
    take_in(store)
    [key] = [place.key for place in store.index.chunks(one)]
    store.remove(one)
    assert found(store, "gulls") == {two}
    assert [place.scene for place in store.index.at(key)] == [two]
    store.remove(chapter)
    store.save(two, GULLS + STONE)
    assert found(store, "gulls") == set() == found(store, "宝玉")
    assert store.index.stale() == [] == store.index.keys()
    store.restore(chapter)
    store.restore(one)
    assert found(store, "gulls") == {one, two}
    assert_true(store)


def test_splitting_joining_moving_and_going_back_are_followed(store: Store):
    text = english(60) + "\n\n" + GULLS + "\n\n" + chinese(60) + STONE
    one, two = store.add("One", text=text), store.add("Two", text=STONE)
    take_in(store)
    new = store.split(one, text.index(GULLS), "New")
    assert store.index.stale() == []
    assert found(store, "宝玉") == {new, two}
    assert_true(store)
    store.move(new, None, None)
    assert list(store.order()) == [new, one, two]
    assert_true(store)
    store.move(new, None, one)
    store.join(one)
    assert store.index.stale() == []
    assert_true(store)
    kept = store.revisions.keep(one, "snapshot")
    assert kept is not None
    store.save(one, "Nothing.")
    assert found(store, "宝玉") == {two}
    store.revisions.restore(kept.id)
    assert found(store, "宝玉") == {one, two}
    assert store.index.stale() == []
    assert_true(store)


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["type", "cut", "split", "join", "remove", "restore", "move", "take in", "add", "undo"]),
        st.integers(0, 2**16),
        st.sampled_from([GULLS, STONE, "\n\n", " ", GULLS * 200, english(30), chinese(30)]),
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(EDITS)
def test_whatever_the_author_does_what_is_remembered_is_true(edits):
    with tempfile.TemporaryDirectory() as name, Store.create(Path(name, "b.writer"), Project("", "", "en")) as store:
        store.add("One", text=GULLS + "\n\n" + english(40))
        store.add("Two", text=STONE + chinese(40))
        take_in(store)
        for what, number, typed in edits:
            _do(store, what, number, typed)
        assert_true(store)
        take_in(store)
        assert_true(store)


def _do(store: Store, what: str, number: int, typed: str) -> None:
    scenes = [*store.order(), *(node.id for node in store.binned())]
    scene = scenes[number % len(scenes)]
    text = store.scene(scene).text
    at = number % (len(text) + 1)
    try:
        match what:
            case "type":
                store.save(scene, text[:at] + typed + text[at:])
            case "cut":
                store.save(scene, text[:at] + text[at + len(typed) :])
            case "split":
                store.split(scene, at, "New")
            case "join":
                store.join(scene)
            case "remove":
                store.remove(scene)
            case "restore":
                store.restore(scene)
            case "move":
                store.move(scene, None, None)
            case "take in":
                take_in(store)
            case "add":
                store.add("New", scene if number % 2 else None, text=typed)
            case "undo":
                for kept in store.revisions.of(scene)[:1]:
                    store.revisions.restore(kept.id)
    except ProjectError:
        pass  # there is nothing to join


def test_the_order_is_that_of_the_outline_and_follows_it(store: Store, path: Path):
    one, two = store.add("One", text=GULLS), store.add("Two")
    three = store.add("Three", one)
    with Store.reader(path) as reader:
        assert list(reader.order().items()) == [(one, 0), (three, 1), (two, 2)]
        assert reader.order() is reader.order()
        store.save(one, STONE)
        store.rename(one, "Else")
        before = reader.order()
        assert before is reader.order()
        store.move(two, None, None)
        assert list(reader.order()) == list(store.order()) == [two, one, three]
        store.remove(one)
        assert list(reader.order()) == [two]
        store.restore(one)
        assert list(reader.order()) == [two, one, three]


def test_an_order_that_was_undone_is_not_kept(store: Store):
    one, two = store.add("One"), store.add("Two")
    with suppress(ZeroDivisionError), store.transaction():
        store.move(two, None, None)
        assert list(store.order()) == [two, one]
        raise ZeroDivisionError
    assert list(store.order()) == [one, two]
    store.remove(one)
    assert list(store.order()) == [two]


def test_a_second_connection_reads_all_of_it(store: Store, path: Path):
    one = store.add("One", text=GULLS)
    with Store.reader(path) as reader:
        assert reader.index.stale() == [one]
        take_in(store)
        store.index.keep("digest", {b"k": b"value"})
        assert reader.index.stale() == []
        assert found(reader, "gulls") == {one}
        assert reader.index.keys() == store.index.keys()
        assert reader.index.notes("digest", [b"k"]) == {b"k": b"value"}
        with pytest.raises(ProjectError):
            reader.index.put(one, 1, cut(GULLS))
        with pytest.raises(ProjectError):
            reader.index.keep("digest", {})


def test_notes_are_kept_by_kind_and_key_until_they_are_swept(store: Store):
    store.index.keep("digest", {b"a": b"1", b"b": b"2"})
    store.index.keep("summary", {b"a": b"3"})
    store.index.keep("digest", {b"a": b"4"})
    assert store.index.notes("digest", [b"a", b"b", b"c"]) == {b"a": b"4", b"b": b"2"}
    assert store.index.sweep("digest", [b"b", b"x"]) == 1
    assert store.index.notes("digest", [b"a", b"b"]) == {b"b": b"2"}
    assert store.index.notes("summary", [b"a"]) == {b"a": b"3"}


def test_an_older_file_that_is_only_read_remembers_nothing(path: Path):
    for number in range(1, migrations.VERSION):
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute(f"PRAGMA application_id = {migrations.APPLICATION_ID}")
        migrations.upgrade(connection, path, migrations.STEPS[:number])
        connection.execute("INSERT INTO project VALUES (1, 'Old', '', 'en')")
        connection.execute("INSERT INTO nodes VALUES (1, NULL, 1, 'One', '', 2, 0)")
        connection.execute("INSERT INTO bodies VALUES (1, 1, ?, 'The gulls')", [key_of("")])
        connection.close()
        with Store.reader(path) as store:
            assert store.index.stale() == [1] == list(store.order())
            assert store.index.chunks(1) == store.index.keys() == store.index.at(b"") == []
            assert list(store.index.rows("gulls")) == []
            assert store.index.placed([1]) == store.index.notes("digest", [b"a"]) == {}
            assert store.entries.all() == store.choices.all() == []
            assert store.note.text == ""
            with pytest.raises(ProjectError):
                store.index.keep("digest", {b"a": b"1"})
        path.unlink()


def test_what_is_derived_makes_no_other_book(store: Store):
    store.add("One", text=GULLS)
    digest = store.digest()
    take_in(store)
    store.index.keep("digest", {b"a": b"1"})
    assert store.digest() == digest


def test_copies_take_it_along(store: Store, tmp_path: Path):
    one = store.add("One", text=GULLS)
    take_in(store)
    copies.copy_to(store, tmp_path / "copy.writer")
    copies.save_as(store, tmp_path / "other.writer")
    for name in ("copy.writer", "other.writer"):
        with Store.open(tmp_path / name) as copy:
            assert copy.index.stale() == []
            copy.save(one, STONE)
            assert found(copy, "宝玉") == {one}
            assert found(copy, "gulls") == set()
            assert_true(copy)
        assert list(check(tmp_path / name)) == []


def test_words_are_packed_step_by_step_and_stay_where_they_are(store: Store):
    scenes = [store.add(f"S{number}", text=GULLS + english(10 + number) + STONE) for number in range(30)]
    take_in(store)
    store.save(scenes[3], STONE)
    assert not store.index.is_packed()
    for _step in range(1000):
        if store.index.is_packed():
            break
        store.index.pack()
    assert store.index.is_packed()
    assert found(store, "gulls") == {*scenes} - {scenes[3]}
    assert_true(store)


def test_pages_that_are_free_are_given_back_at_the_end(path: Path):
    with Store.create(path, Project("The Tide", "", "en")) as store:
        one = store.add("One", text=GULLS)
        take_in(store)
        store.index.keep("digest", {bytes([number]): bytes(100_000) for number in range(20)})
    full = path.stat().st_size
    store = Store.open(path)
    with Store.reader(path) as reader, reader.at_one_moment():
        assert reader.index.stale() == []
        store.index.sweep("digest", [])
        store.close()
    assert path.stat().st_size >= full
    with Store.open(path):
        pass
    with Store.open(path) as store:
        store.index.keep("digest", {b"a": b"1"})
    assert path.stat().st_size < full / 10
    with Store.open(path) as store:
        assert store.scene(one).text == GULLS
        assert found(store, "gulls") == {one}
