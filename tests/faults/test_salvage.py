"""What may happen to the bytes of a project: what can be read of it is read, and no more is lost."""

from __future__ import annotations

import random
import sqlite3
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import shelf
from writer import migrations
from writer.errors import DamagedError, ForeignError, ProjectError
from writer.store import Store, pages, revisions, salvage
from writer.store.salvage import Salvaged
from writer.story import Project

PAGE = 4096


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book of 60 scenes, closed; nobody changes it."""
    path = tmp_path_factory.mktemp("whole") / "book.writer"
    shelf.fill(path)
    return path


@pytest.fixture(scope="module")
def book(whole: Path) -> shelf.Book:
    return shelf.read(whole)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "book.writer"


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return tmp_path / "new.writer"


def rescue(path: Path, new: Path, content: bytes) -> tuple[Salvaged, shelf.Book]:
    path.write_bytes(content)
    new.unlink(missing_ok=True)
    found = salvage.salvage(path, new)
    assert path.read_bytes() == content
    return found, shelf.read(new)


def wrong(found: shelf.Book, book: shelf.Book) -> set[int]:
    """The scenes of a book that are not as they were, byte for byte."""
    texts = {id: scene.text for id, scene in found.scenes.items()}
    return {id for id, scene in book.scenes.items() if texts.get(id, "") != scene.text}


def scenes_on(page: int, path: Path) -> set[int]:
    """The nodes of which something lies on a page: their row, their text, or a part of it."""
    content = path.read_bytes()
    on: set[int] = set()
    connection = sqlite3.connect(path)
    try:
        roots = dict(connection.execute("SELECT name, rootpage FROM sqlite_schema WHERE type = 'table'"))
    finally:
        connection.close()
    garbled = bytearray(content)
    garbled[(page - 1) * PAGE : page * PAGE] = bytes(PAGE)
    other = path.with_name("probe.writer")
    for name in ("nodes", "bodies"):
        rows = []
        for data in (content, garbled):
            other.write_bytes(data)
            with pages.opened(other) as found:
                rows.append(dict(found.rows(roots[name])))
        on |= {id for id in rows[0] if rows[1].get(id) != rows[0][id]}
    other.unlink()
    return on


@pytest.mark.parametrize("kind", ["random", "zeros", "0xff", "sector"])
def test_any_page_garbled_costs_the_scenes_on_it_at_most(
    whole: Path, book: shelf.Book, path: Path, new: Path, kind: str
):
    content = whole.read_bytes()
    for page in range(1, len(content) // PAGE + 1):
        generator = random.Random(page)
        garbled = bytearray(content)
        start, length = (page - 1) * PAGE, PAGE
        if kind == "sector":
            start, length = start + 512 * generator.randrange(8), 512
        garbled[start : start + length] = {
            "random": generator.randbytes(length), "sector": generator.randbytes(length), "zeros": bytes(length),
            "0xff": b"\xff" * length,
        }[kind]  # fmt: skip
        found, rescued = rescue(path, new, bytes(garbled))
        lost = wrong(rescued, book)
        if lost:
            path.write_bytes(content)
            # An interior page loses nothing: its leaves are found without it.
            interior = content[(page - 1) * PAGE] in (2, 5)
            assert not interior
            assert lost <= scenes_on(page, path), page
            for id in lost:
                told = {*found.damaged, *found.lost, *found.from_revisions}
                assert rescued.scenes[id].title in told, (page, rescued.scenes[id].title)


def test_a_damaged_header_costs_nothing(whole: Path, book: shelf.Book, path: Path, new: Path):
    content = whole.read_bytes()
    for seed in range(60):
        generator = random.Random(seed)
        garbled = bytearray(content)
        start = generator.randrange(100)
        length = generator.choice([1, 2, 4, 16, 100])
        garbled[start : min(100, start + length)] = generator.randbytes(min(100, start + length) - start)
        _found, rescued = rescue(path, new, bytes(garbled))
        assert rescued.scenes == book.scenes, seed
        assert [node.title for node in rescued.nodes] == [node.title for node in book.nodes]
        assert rescued.revisions == book.revisions


def test_without_the_schema_everything_is_told_by_its_shape(whole: Path, book: shelf.Book, path: Path, new: Path):
    content = whole.read_bytes()
    for first in (random.Random(5).randbytes(PAGE), bytes(PAGE)):
        _found, rescued = rescue(path, new, first + content[PAGE:])
        assert rescued == book


def test_an_old_text_on_a_free_page_is_not_taken_for_the_new_one(path: Path, new: Path, tmp_path: Path):
    source = tmp_path / "edited.writer"
    shelf.fill(source)
    with Store.open(source) as store:
        scenes = [node.id for node in store.nodes() if node.words]
        for number, id in enumerate(scenes):
            store.save(id, shelf.prose(number, 3, "zh"))
            store.rename(id, f"Renamed {number}")
        for id in scenes[::2]:
            store.save(id, "short")
    book = shelf.read(source)
    content = source.read_bytes()
    assert struct.unpack(">I", content[36:40])[0] > 0  # there are free pages
    for header in (content[:100], bytes(100)):
        _found, rescued = rescue(path, new, header + content[100:])
        assert wrong(rescued, book) == set()
        assert [node.title for node in rescued.nodes] == [node.title for node in book.nodes]
    _found, rescued = rescue(path, new, bytes(PAGE) + content[PAGE:])
    assert wrong(rescued, book) == set()


def test_a_file_that_is_cut_off_gives_all_that_is_left(whole: Path, book: shelf.Book, path: Path, new: Path):
    content = whole.read_bytes()
    lengths = [*range(0, len(content), 7 * 1024 + 13), len(content) - 1, len(content) - PAGE]
    saved = []
    for length in sorted(lengths):
        try:
            _found, rescued = rescue(path, new, content[:length])
        except ProjectError:
            assert length < 8 * PAGE
            assert not new.exists()
            continue
        saved.append(len(book.scenes) - len(wrong(rescued, book)))
        for id, scene in rescued.scenes.items():
            old = [kept.text for kept in book.old.values() if kept.id == id]
            if "damaged" not in scene.title and scene.text and id in book.scenes:
                assert scene.text in (book.scenes[id].text, *old)
    assert saved[-1] > 60
    assert saved[0] < 20


def test_the_newest_commits_are_taken_from_the_log(path: Path, new: Path, tmp_path: Path):
    source = tmp_path / "open.writer"
    log = path.with_name("book.writer-wal")
    shelf.fill(source)
    with Store.open(source) as store:
        scenes = [node.id for node in store.nodes() if node.words]
        for id in scenes:
            store.save(id, f"{id} 新的 " * 200)
        main, whole_log = source.read_bytes(), Path(f"{source}-wal").read_bytes()
    book = shelf.read(source)
    log.write_bytes(whole_log)
    _found, rescued = rescue(path, new, main)
    assert wrong(rescued, book) == set()
    for seed in range(8):
        generator = random.Random(seed)
        garbled = bytearray(main)
        page = generator.randrange(len(main) // PAGE)
        garbled[page * PAGE : page * PAGE + PAGE] = generator.randbytes(PAGE)
        _found, rescued = rescue(path, new, bytes(garbled))
        assert len(wrong(rescued, book)) <= 30
        assert sum(rescued.scenes[id].text == f"{id} 新的 " * 200 for id in scenes if id in rescued.scenes) >= 30
    assert log.read_bytes() == whole_log


def test_random_bytes_anywhere_never_raise_or_make_anything_up(whole: Path, book: shelf.Book, path: Path, new: Path):
    content = whole.read_bytes()
    for seed in range(40):
        generator = random.Random(seed)
        garbled = bytearray(content)
        for _ in range(generator.choice([1, 5, 40])):
            start = generator.randrange(len(content))
            garbled[start : start + 16] = generator.randbytes(min(16, len(content) - start))
        _found, rescued = rescue(path, new, bytes(garbled))
        good = {scene.text for scene in (*book.scenes.values(), *book.old.values())}
        for scene in rescued.scenes.values():
            if "damaged" not in scene.title:
                assert scene.text in good or scene.text == ""
    for seed in range(10):
        noise = random.Random(seed).randbytes(200_000)
        path.write_bytes(noise)
        new.unlink(missing_ok=True)
        with pytest.raises(ProjectError, match="holds nothing"):
            salvage.salvage(path, new)
        assert not new.exists()


# -- foreign ---------------------------------------------------------------------

ENDLESS = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT"
FOREIGN = {
    "trigger": "CREATE TRIGGER evil AFTER UPDATE ON bodies BEGIN DELETE FROM bodies; END;"
    "CREATE TRIGGER worse AFTER INSERT ON nodes BEGIN UPDATE bodies SET text = 'evil'; END;",
    "view": f"ALTER TABLE bodies RENAME TO b; CREATE VIEW bodies AS {ENDLESS} n AS node, 1 AS revision,"
    " x'' AS sha256, 'evil' AS text FROM r;",
    "view of nodes": f"ALTER TABLE nodes RENAME TO n; CREATE VIEW nodes AS {ENDLESS} n AS id, 'evil' FROM r;",
    "generated column": "ALTER TABLE nodes ADD COLUMN evil TEXT GENERATED ALWAYS AS (title || 'evil') VIRTUAL;",
    "more columns": "ALTER TABLE bodies ADD COLUMN evil TEXT DEFAULT 'evil'; UPDATE bodies SET evil = 'worse';",
    "extra table": "CREATE TABLE evil (id INTEGER PRIMARY KEY, revision, sha256, text);"
    "INSERT INTO evil SELECT node, 99, sha256, 'evil' FROM bodies;"
    "CREATE TABLE e AS SELECT NULL AS id, parent, position, 'evil', synopsis, words, binned FROM nodes;",
    "index": "CREATE INDEX evil ON nodes (title || 'evil');",
    "virtual table": "CREATE VIRTUAL TABLE evil USING fts5(text); INSERT INTO evil SELECT text FROM bodies;",
    "endless index": "CREATE TABLE t (a, CHECK (a > 0)); CREATE VIEW v AS SELECT * FROM v2;"
    "CREATE VIEW v2 AS SELECT * FROM v;",
}


@pytest.mark.parametrize("what", FOREIGN)
def test_a_foreign_project_is_rebuilt_without_its_code(whole: Path, book: shelf.Book, path: Path, new: Path, what: str):
    path.write_bytes(whole.read_bytes())
    connection = sqlite3.connect(path)
    connection.executescript(FOREIGN[what])
    connection.close()
    with pytest.raises(ProjectError):
        Store.open(path)
    _found, rescued = rescue(path, new, path.read_bytes())
    assert rescued == book
    connection = sqlite3.connect(new)
    assert migrations.fingerprint(connection) == migrations.FINGERPRINTS[-1]
    connection.close()
    assert b"evil" not in new.read_bytes()


def test_a_newer_project_is_copied_without_what_is_new(whole: Path, book: shelf.Book, path: Path, new: Path):
    path.write_bytes(whole.read_bytes())
    connection = sqlite3.connect(path)
    connection.executescript("CREATE TABLE facts (a); INSERT INTO facts VALUES (1); PRAGMA user_version = 99;")
    connection.close()
    assert rescue(path, new, path.read_bytes())[1] == book


def hostile(path: Path) -> sqlite3.Connection:
    with Store.create(path, Project("Tide", "", "en")) as store:
        store.add("Gulls", text="The gulls rose.")
    return sqlite3.connect(path)


def test_a_huge_row_is_refused_and_the_others_are_kept(path: Path, new: Path):
    connection = hostile(path)
    connection.execute("INSERT INTO nodes VALUES (2, NULL, 2, 'Huge', '', 9, 0), (3, NULL, 3, 'Next', '', 9, 0)")
    connection.execute("INSERT INTO bodies VALUES (2, 1, zeroblob(32), CAST(zeroblob(70000000) AS TEXT))")
    connection.execute("INSERT INTO bodies VALUES (3, 1, zeroblob(32), 'after it')")
    connection.commit()
    connection.close()
    found = salvage.salvage(path, new)
    assert found.lost == ("Huge",)
    with Store.open(new) as store:
        assert store.scene(3).text == "after it"
        assert store.scene(1).text == "The gulls rose."
    assert new.stat().st_size < 1_000_000


def test_a_pile_of_bombs_ends(path: Path, new: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(revisions, "_LEAST_BUDGET", 2**20)
    connection = hostile(path)
    bomb = zlib.compress(bytes(4_000_000))
    connection.executemany(
        "INSERT INTO revisions VALUES (?, 1, 1, 'snapshot', '', 1, 1, zeroblob(32), '[]', ?)",
        [(id, bomb) for id in range(1, 3000)],
    )
    connection.commit()
    connection.close()
    assert salvage.salvage(path, new).scenes == 1


def test_more_rows_than_any_book_has_are_left(path: Path, new: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(salvage, "MOST_ROWS", 500)
    connection = hostile(path)
    connection.execute(
        "WITH RECURSIVE r(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM r LIMIT 3000)"
        " INSERT INTO nodes SELECT n, n - 1, 0, 'deep', '', 0, 0 FROM r"
    )
    connection.commit()
    connection.close()
    found = salvage.salvage(path, new)
    assert "only the first 500 were read" in found.sentence
    assert "Nothing that the outline names is missing" not in found.sentence
    with Store.open(new) as store:
        assert len(store.nodes()) <= 500


def test_no_file_is_read_more_than_a_few_times(path: Path, new: Path):
    """Interior pages that all point to each other, and rows that all claim the same chain."""
    count = 300
    interior = bytearray(PAGE)
    interior[0] = 5
    pointers = range(PAGE - 7 * 250, PAGE - 6, 7)
    interior[3:5] = len(pointers).to_bytes(2)
    for index, at in enumerate(pointers):
        interior[12 + 2 * index : 14 + 2 * index] = at.to_bytes(2)
        interior[at : at + 4] = (index + 2).to_bytes(4)
    connection = hostile(path)
    connection.close()
    content = path.read_bytes() + bytes(interior) * count
    path.write_bytes(content)
    reads = 0
    with pages.opened(path) as found:
        read_page: Callable[[int], bytes] = found._page

        def counted(number: int) -> bytes:
            nonlocal reads
            reads += 1
            return read_page(number)

        found._page = counted  # type: ignore[method-assign]
        for root in range(1, found.count + 1):
            list(found.rows(root))
        list(found.strays())
        assert reads <= 4 * found.count


# -- what opening says -----------------------------------------------------------


def test_a_project_whose_header_is_gone_is_called_damaged(whole: Path, path: Path):
    content = whole.read_bytes()
    for start, length in [(0, 16), (0, 100), (16, 2), (68, 4), (20, 4), (0, PAGE)]:
        garbled = bytearray(content)
        garbled[start : start + length] = random.Random(start).randbytes(length)
        path.write_bytes(garbled)
        for read_only in (False, True):
            with pytest.raises(DamagedError, match="save what can be read"):
                Store.open(path, read_only=read_only)
        assert path.read_bytes() == garbled


def test_a_project_that_is_cut_off_is_called_damaged(whole: Path, path: Path):
    content = whole.read_bytes()
    for length in range(PAGE, len(content), 11 * PAGE + 77):
        path.write_bytes(content[:length])
        with pytest.raises(DamagedError):
            Store.open(path)
        assert path.read_bytes() == content[:length]


@pytest.mark.parametrize("what", FOREIGN)
def test_a_foreign_project_is_called_foreign(whole: Path, path: Path, what: str):
    path.write_bytes(whole.read_bytes())
    connection = sqlite3.connect(path)
    connection.executescript(FOREIGN[what])
    connection.close()
    with pytest.raises(ForeignError, match="make a clean copy"):
        Store.open(path)
