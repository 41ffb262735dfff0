from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from writer import library
from writer.errors import FileError, ProjectError
from writer.store import Store
from writer.story import Project

BOOK = """# Part One

Before the first chapter.

## The Tide

The gulls rose.

海鸥飞起来了。

### Night

# Part Two

The end.
"""


@pytest.fixture
def store(tmp_path: Path):
    with Store.create(tmp_path / "潮.writer", Project("The Tide", "", "en")) as store:
        yield store


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.md"
    path.write_text(BOOK, "utf-8")
    return path


def outline(store: Store) -> list[tuple[int, str, str]]:
    return [(node.level, node.title, store.scene(node.id).text) for node in store.nodes()]


def test_a_file_comes_in_as_an_outline_with_prose(store: Store, book: Path):
    store.add("Already here")
    ids = library.import_file(book, store)
    assert outline(store) == [
        (0, "Already here", ""),
        (0, "Part One", "Before the first chapter."),
        (1, "The Tide", "The gulls rose.\n海鸥飞起来了。"),
        (2, "Night", ""),
        (0, "Part Two", "The end."),
    ]
    assert [node.id for node in store.nodes()[1:]] == ids
    assert [node.words for node in store.nodes()] == [0, 4, 9, 0, 2]


def test_a_heading_that_skips_levels_hangs_below_the_last_one(store: Store, tmp_path: Path):
    path = tmp_path / "a.md"
    path.write_text("## deep\n\n# top\n\n### skips\n\n## back\n")
    library.import_file(path, store)
    assert [(level, title) for level, title, _ in outline(store)] == [
        (0, "deep"),
        (0, "top"),
        (1, "skips"),
        (1, "back"),
    ]


def test_a_text_without_headings_is_one_scene_named_by_its_file(store: Store, tmp_path: Path):
    path = tmp_path / "灯塔.txt"
    path.write_bytes("海鸥飞起来了。\r\n潮水退了。".encode("gb18030"))
    library.import_file(path, store)
    assert outline(store) == [(0, "灯塔", "海鸥飞起来了。\n潮水退了。")]


def test_a_file_that_cannot_be_read_adds_nothing(store: Store, tmp_path: Path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"\0\1\2")
    with pytest.raises(FileError):
        library.import_file(path, store)
    assert store.nodes() == []


def test_one_scene_goes_out_with_all_below_it(store: Store, book: Path, tmp_path: Path):
    ids = library.import_file(book, store)
    library.export(store, tmp_path / "one.txt", ids[1])
    text = (tmp_path / "one.txt").read_text("utf-8")
    assert "The gulls rose.\n\n海鸥飞起来了。\n\nNight\n-----\n" in text
    assert "Part" not in text
    store.remove(ids[3])
    library.export(store, tmp_path / "one.md", ids[3])
    assert (tmp_path / "one.md").read_text("utf-8").endswith("# Part Two\n\nThe end.\n")
    with pytest.raises(ProjectError, match="has no scene 99"):
        library.export(store, tmp_path / "none.md", 99)
    assert not (tmp_path / "none.md").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="needs resource limits")
def test_an_export_that_does_not_fit_keeps_the_old_file(store: Store, tmp_path: Path):
    import resource

    store.add("long", text="潮" * 10_000)
    path = tmp_path / "out.md"
    path.write_text("an older file")
    _soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, hard))
    try:
        with pytest.raises(FileError, match="choose another place"):
            library.export(store, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert path.read_text() == "an older file"
    assert not list(tmp_path.glob("*.part"))


titles = st.text("ab #=-1潮_\\&;", max_size=6)
texts = st.text("ab\n #=-1.潮_\\&;>*", max_size=20)


@pytest.mark.parametrize("ending", ["txt", "md"])
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(nodes=st.lists(st.tuples(st.integers(0, 4), titles, texts), max_size=6))
def test_export_then_import_gives_the_book_back(tmp_path: Path, ending: str, nodes: list[tuple[int, str, str]]):
    first, second, file = (tmp_path / name for name in ("a.writer", "b.writer", f"book.{ending}"))
    first.unlink(missing_ok=True)
    second.unlink(missing_ok=True)
    with Store.create(first, Project("The Tide", "", "en")) as one, Store.create(second, one.project) as two:
        for choice, title, text in nodes:
            ids = [None, *(node.id for node in one.nodes() if node.level < 5)]
            one.add(title, ids[choice % len(ids)], text=text)
        library.export(one, file)
        library.import_file(file, two)
        assert outline(two) == outline(one)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_sample_is_made_once(tmp_path: Path, language: str):
    path = library.sample(language, tmp_path / "books")
    with Store.open(path) as sample:
        assert sample.project.language == language
        assert sample.project.title
        node = sample.nodes()[0]
        sample.rename(node.id, "changed")
    assert library.sample(language, tmp_path / "books") == path
    with Store.open(path) as sample:
        assert sample.nodes()[0].title == "changed"


def test_a_books_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match="can't be made"):
        library.sample("en", tmp_path / "file" / "books")


def test_the_books_folder_moves_with_writers_home(home: Path):
    assert library.books_folder().is_relative_to(home)
