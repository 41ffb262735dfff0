"""What can be read of a damaged project becomes a new one; nothing is made up, and the old file stays as it is."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import shelf
from writer import migrations
from writer.errors import ProjectError
from writer.store import Store, salvage
from writer.store.salvage import Salvaged
from writer.story import Credit, Project


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "潮.writer"


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return tmp_path / "new" / "潮 (recovered).writer"


@pytest.fixture(autouse=True)
def _folder(new: Path) -> None:
    new.parent.mkdir()


def edit(path: Path, sql: str, *values: object) -> None:
    connection = sqlite3.connect(path)
    try:
        if values:
            connection.execute(sql, values)
            connection.commit()
        else:
            connection.executescript(sql)
    finally:
        connection.close()


def flip(path: Path, text: str) -> None:
    """Change a character of a text as a failing disk would."""
    content = bytearray(path.read_bytes())
    assert content.count(text.encode()) == 1
    content[content.index(text.encode())] ^= 1
    path.write_bytes(content)


def test_a_whole_book_comes_out_as_it_is(path: Path, new: Path):
    shelf.fill(path)
    content = path.read_bytes()
    before = sorted(path.parent.iterdir())
    found = salvage.salvage(path, new)
    assert path.read_bytes() == content
    assert sorted(path.parent.iterdir()) == before
    assert list(new.parent.iterdir()) == [new]
    book = shelf.read(new)
    assert book == shelf.read(path)
    with Store.open(new) as store:
        assert (store.get("scene"), store.get("caret")) == (str(max(book.scenes)), "3")
        assert store.recovered is None
    words = sum(node.words for node in book.nodes)
    assert found == Salvaged(new, 58, words)
    assert found.sentence == (
        f"Writer could read 58 scenes, with {words:,} words. Nothing that the outline names is missing."
    )


TITLES = st.text(max_size=40)
TEXTS = st.text(max_size=300) | st.builds(lambda t, n: t * n, st.text(min_size=1, max_size=8), st.integers(0, 4000))


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(TITLES, TEXTS, st.integers(0, 3), st.booleans()), min_size=1, max_size=12), TITLES)
def test_any_book_comes_out_as_it_is(tmp_path_factory: pytest.TempPathFactory, scenes, title):
    folder = tmp_path_factory.mktemp("salvage")
    path, new = folder / "a.writer", folder / "b.writer"
    with Store.create(path, Project(title, title, "zh")) as store:
        ids: list[int] = []
        for name, text, back, is_binned in scenes:
            ids.append(store.add(name, ids[-back] if 0 < back <= len(ids) else None, text=text))
            if text:
                store.save(ids[-1], text + "!", [Credit(0, 1, shelf.ORIGIN)])
            if is_binned:
                store.remove(ids[-1])
    salvage.salvage(path, new)
    assert shelf.read(new) == shelf.read(path)


def test_a_project_of_the_first_version_comes_out_as_the_newest(path: Path, new: Path):
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA application_id = {migrations.APPLICATION_ID}")
    migrations.upgrade(connection, path, migrations.STEPS[:1])
    connection.execute("INSERT INTO project VALUES (1, 'Old', 'p', 'zh')")
    connection.execute("INSERT INTO nodes VALUES (3, NULL, 1, 'Gulls', '', 3, 0)")
    text = "海鸥飞"
    connection.execute("INSERT INTO bodies VALUES (3, 2, ?, ?)", [hashlib.sha256(text.encode()).digest(), text])
    connection.close()
    salvage.salvage(path, new)
    with Store.open(new) as store:
        assert store.project == Project("Old", "p", "zh")
        assert store.scene(3).text == text
        assert store.revisions.keep(3, "snapshot")


def test_a_damaged_scene_is_taken_from_its_newest_good_version(path: Path, new: Path):
    with Store.create(path, Project("Tide", "", "en")) as store:
        scene = store.add("Gulls", text="The gulls rose.")
        first = store.save(scene, "The gulls rose high.", [Credit(15, 19, shelf.ORIGIN)])
        store.revisions.keep(scene, "snapshot")
        store.save(scene, "The fulmars rose higher.")
    flip(path, "The fulmars")
    found = salvage.salvage(path, new)
    assert found.from_revisions == ("Gulls",)
    assert not found.damaged
    assert not found.lost
    assert "It took an earlier version of “Gulls”." in found.sentence
    with Store.open(new) as store:
        kept = store.scene(scene)
        assert (kept.text, kept.credits) == (first.text, first.credits)
        assert kept.revision > 3
        newest, *others = store.revisions.of(scene)
        assert store.revisions.read(newest.id).text == "Uhe fulmars rose higher."
        assert newest.name == "damaged"
        assert others


def test_a_damaged_scene_without_a_version_is_kept_and_marked(path: Path, new: Path):
    with Store.create(path, Project("Tide", "", "en")) as store:
        scene = store.add("Gulls", text="The gulls rose.")
        other = store.add("Fog", text="It came.")
    flip(path, "The gulls")
    found = salvage.salvage(path, new)
    assert found.damaged == ("Gulls (damaged)",)
    assert found.scenes == 2
    assert "wrong or missing in “Gulls (damaged)”." in found.sentence
    with Store.open(new) as store:
        assert store.scene(scene).text == "Uhe gulls rose."
        assert store.scene(scene).title == "Gulls (damaged)"
        assert store.scene(other).text == "It came."


def test_a_text_that_is_gone_is_named(path: Path, new: Path):
    with Store.create(path, Project("Tide", "", "en")) as store:
        chapter = store.add("One")
        for title in ("A", "B", "C", "D", "E"):
            store.add(title, chapter, text="The gulls rose.")
    edit(path, "DELETE FROM bodies")
    found = salvage.salvage(path, new)
    assert found.lost == ("A", "B", "C", "D", "E")
    assert found.scenes == found.words == 0
    assert "The text of “A”, “B”, “C” and 2 more is lost." in found.sentence
    with Store.open(new) as store:
        assert [node.title for node in store.nodes()] == ["One", "A", "B", "C", "D", "E"]
        assert store.scene(chapter).text == ""


def test_texts_without_a_place_get_a_chapter(path: Path, new: Path):
    with Store.create(path, Project("Tide", "", "en")) as store:
        chapter = store.add("One")
        inside = store.add("Inside", chapter, text="Inside it is dark.")
        lost = store.add("Lost", text="The gulls rose over the harbour, and nobody looked up.")
        old = store.add("Old", text="Once upon a time there was a tide.")
        store.revisions.keep(old, "snapshot")
        store.add("Empty")
        last = store.add("Last", text="The end.")
    edit(path, f"DELETE FROM nodes WHERE id NOT IN ({inside}, {last}); DELETE FROM bodies WHERE node = {old}")
    found = salvage.salvage(path, new)
    with Store.open(new) as store:
        outline = [(node.level, node.title) for node in store.nodes()]
        assert outline == [
            (0, "Last"),
            (0, "Recovered"),
            (1, "Recovered"),
            (2, "Inside"),
            (1, "The gulls rose over the harbour, and nob…"),
            (1, "Once upon a time there was a tide.…"),
        ]
        assert store.scene(lost).text.endswith("nobody looked up.")
        assert store.scene(old).text.startswith("Once upon")
    assert found.homeless == ("Recovered", outline[4][1], outline[5][1])
    assert "Under “Recovered”, look for" in found.sentence


def test_nodes_without_a_parent_and_circles_come_to_the_top(path: Path, new: Path):
    with Store.create(path, Project("Tide", "", "en")) as store:
        first = store.add("First")
        one = store.add("One")
        two = store.add("Two", one, text="Two.")
        three = store.add("Three", two, text="Three.")
        orphan = store.add("Orphan", text="Alone.")
    edit(path, f"UPDATE nodes SET parent = {three} WHERE id = {one}; UPDATE nodes SET parent = 999 WHERE id = {orphan}")
    edit(path, f"UPDATE nodes SET position = {2**63 - 1} WHERE id = {first}")
    salvage.salvage(path, new)
    with Store.open(new) as store:
        assert {node.title for node in store.nodes()} == {"First", "One", "Two", "Three", "Orphan"}
        assert store.nodes()[0].title == "First"
        assert store.add("Next", after=first)


def test_rows_that_make_no_sense_are_left_out_or_put_right(path: Path, new: Path):
    with Store.create(path, Project("Tide", "", "en")) as store:
        scene = store.add("Gulls", text="The gulls rose.")
        store.save(scene, "The gulls rose high.", [Credit(0, 3, shelf.ORIGIN)])
    edit(path, "INSERT INTO credits VALUES (?, 500, 900, 1), (?, 2, 8, 1), (77, 0, 1, 1), (?, 9, 12, 55)", *[scene] * 3)
    edit(path, "INSERT INTO credits VALUES (?, -5, 1, 1)", scene)
    bomb = __import__("zlib").compress(b"x" * 10_000_000)
    for credits, body in [("[" * 50_000, bomb), ("[[0, 3]]", b"not zlib"), ("{}", bomb[:100]), ("[[0, 3.5, 1]]", bomb)]:
        edit(
            path,
            "INSERT INTO revisions (node, number, reason, name, time, words, sha256, credits, body)"
            " VALUES (?, 1, 'snapshot', ?, 1, 1, ?, ?, ?)",
            *[scene, "a\nb" * 1000, hashlib.sha256(b"x" * 10_000_000).digest(), credits, body],
        )
    edit(path, "UPDATE nodes SET title = ?, synopsis = ?", "two\nlines \r\0" + "x" * 9000, "s\r\nt\0")
    edit(path, "INSERT INTO state VALUES ('evil', 'x')")
    edit(path, "INSERT OR REPLACE INTO state VALUES ('scene', 'not a number'), ('caret', '²')")
    salvage.salvage(path, new)
    with Store.open(new) as store:
        kept = store.scene(scene)
        assert [(c.start, c.end) for c in kept.credits] == [(0, 8)]
        revisions = store.revisions.of(scene)
        assert len(revisions) == 3  # the schedule's own, and two whose text is good
        assert all(store.revisions.read(revision.id).text for revision in revisions)
        assert all("\n" not in revision.name and len(revision.name) <= 500 for revision in revisions)
        node = store.nodes()[0]
        assert node.title.startswith("two lines xxx")
        assert len(node.title) <= 500
        assert node.synopsis == "s\nt"
        assert store.get("evil") == store.get("scene") == store.get("caret") == ""


def test_a_project_row_that_is_lost_is_made_up_from_the_file(path: Path, new: Path):
    with Store.create(path, Project("Tide", "", "zh")) as store:
        store.add("海鸥", text="海鸥飞起来了。")
    edit(path, "DELETE FROM project")
    salvage.salvage(path, new)
    with Store.open(new) as store:
        assert store.project == Project("潮", "", "zh")


def test_what_is_there_is_never_replaced(path: Path, new: Path):
    shelf.fill(path, 2)
    new.write_text("mine")
    with pytest.raises(ProjectError, match="already a file"):
        salvage.salvage(path, new)
    with pytest.raises(ProjectError, match="already a file"):
        salvage.salvage(path, path)
    assert new.read_text() == "mine"
    assert list(new.parent.iterdir()) == [new]


@pytest.mark.parametrize("content", [b"", b"x" * 50, b"Once upon a time. " * 1000, b"SQLite format 3\0" + bytes(9000)])
def test_where_nothing_is_found_nothing_is_made(path: Path, new: Path, content: bytes):
    path.write_bytes(content)
    with pytest.raises(ProjectError, match=r"holds nothing|is not a Writer project"):
        salvage.salvage(path, new)
    assert path.read_bytes() == content
    assert list(new.parent.iterdir()) == []


def test_what_is_no_file_is_one_sentence(tmp_path: Path, new: Path):
    for place in (tmp_path / "missing.writer", tmp_path):
        with pytest.raises(ProjectError):
            salvage.salvage(place, new)
    assert list(new.parent.iterdir()) == []


def test_a_folder_that_is_not_there_is_one_sentence(path: Path, tmp_path: Path):
    shelf.fill(path, 2)
    with pytest.raises(ProjectError, match="can't be used in"):
        salvage.salvage(path, tmp_path / "nowhere" / "new.writer")


@pytest.mark.skipif(sys.platform == "win32", reason="needs pipes of POSIX")
def test_a_pipe_beside_it_does_not_hang(path: Path, new: Path):
    shelf.fill(path, 2)
    os.mkfifo(f"{path}-wal")
    assert salvage.salvage(path, new).scenes == 2
