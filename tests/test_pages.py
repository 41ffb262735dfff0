"""Rows read from a database's bytes are those that SQLite reads, and no bytes make it fail or linger."""

from __future__ import annotations

import random
import shutil
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from writer.store import pages

TEXTS = ["", "The gulls rose.", "海鸥飞起来了。", "long " * 3000, "潮" * 9000, "x" * 4061, "y" * 4062]


def make(path: Path, *, page: int = 4096, encoding: str = "UTF-8", rows: int = 400) -> dict[int, tuple]:
    """A database with one table that needs many pages; its rows."""
    connection = sqlite3.connect(path)
    connection.executescript(f"PRAGMA page_size = {page}; PRAGMA encoding = '{encoding}';")
    connection.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, whole, part, name TEXT, data BLOB)")
    generator = random.Random(page)
    for id in range(1, rows + 1):
        values = [generator.choice([0, 1, -1, 127, -32768, 2**23, 2**31, -(2**47), 2**63 - 1, None]), 0.5 * id]
        text = generator.choice(TEXTS[:3]) if id % 40 else generator.choice(TEXTS)
        connection.execute("INSERT INTO things VALUES (?, ?, ?, ?, ?)", [id, *values, text, generator.randbytes(id)])
    connection.execute("INSERT INTO things VALUES (-5, 1, 2.5, 'minus', x'00')")
    connection.commit()
    kept = {row[0]: (None, *row[1:]) for row in connection.execute("SELECT * FROM things")}
    connection.close()
    return kept


def read(path: Path) -> dict[int, tuple]:
    with pages.opened(path) as found:
        tables = dict(found.tables())
        return dict(found.rows(tables["things"])) if "things" in tables else {}


def scan(path: Path) -> dict[int, tuple]:
    with pages.opened(path) as found:
        return {id: values for id, values in found.strays() if len(values) == 5 and values[0] is None}


@pytest.mark.parametrize("page", [512, 1024, 4096, 65536])
def test_rows_are_those_that_sqlite_reads(tmp_path: Path, page: int):
    path = tmp_path / "a.db"
    rows = make(path, page=page)
    assert read(path) == rows
    assert list(read(path)) == sorted(rows)
    assert scan(path) == rows


@pytest.mark.parametrize("encoding", ["UTF-16le", "UTF-16be"])
def test_other_encodings_are_read(tmp_path: Path, encoding: str):
    path = tmp_path / "a.db"
    assert make(path, encoding=encoding, rows=80) == read(path)


def test_deleted_rows_stay_deleted(tmp_path: Path):
    path = tmp_path / "a.db"
    rows = make(path)
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM things WHERE id > 100")
    connection.commit()
    connection.close()
    left = {id: values for id, values in rows.items() if id <= 100}
    assert read(path) == left
    assert scan(path) == left


def test_the_log_lies_over_the_pages_up_to_its_last_whole_commit(tmp_path: Path):
    path, crashed = tmp_path / "a.db", tmp_path / "b.db"
    log = tmp_path / "b.db-wal"
    make(path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    versions = []
    for number in range(6):
        connection.execute("UPDATE things SET name = ? WHERE id % 7 = ?", [f"name {number} " * 300, number])
        versions.append({row[0]: (None, *row[1:]) for row in connection.execute("SELECT * FROM things")})
    shutil.copy(path, crashed)
    whole = Path(f"{path}-wal").read_bytes()
    connection.close()
    log.write_bytes(whole)
    assert read(crashed) == versions[-1]
    generator = random.Random(4)
    seen = set()
    for _ in range(16):
        cut = bytearray(whole[: generator.randrange(len(whole))])
        if cut and generator.random() < 0.5:
            cut[generator.randrange(len(cut))] ^= 1
        log.write_bytes(cut)
        found = read(crashed)
        trial = tmp_path / "c.db"
        shutil.copy(crashed, trial)
        (tmp_path / "c.db-wal").write_bytes(cut)
        other = sqlite3.connect(trial)
        assert found == {row[0]: (None, *row[1:]) for row in other.execute("SELECT * FROM things")}
        other.close()
        seen.add(len(str(found)))
    assert len(seen) > 2


def test_a_log_without_commits_changes_nothing(tmp_path: Path):
    path = tmp_path / "a.db"
    rows = make(path)
    for content in (b"", b"x" * 10, bytes(5000), random.Random(1).randbytes(9000)):
        (tmp_path / "a.db-wal").write_bytes(content)
        assert read(path) == rows


def test_without_a_header_rows_are_found_all_the_same(tmp_path: Path):
    path = tmp_path / "a.db"
    rows = make(path)
    content = bytearray(path.read_bytes())
    content[:100] = random.Random(2).randbytes(100)
    path.write_bytes(content)
    assert read(path) == rows  # the schema itself is behind the header
    content[:4096] = random.Random(2).randbytes(4096)
    path.write_bytes(content)
    assert read(path) == {}
    assert scan(path) == rows


def test_one_bad_page_costs_the_rows_on_it_and_no_others(tmp_path: Path):
    path = tmp_path / "a.db"
    rows = make(path)
    whole = path.read_bytes()
    for number in range(1, len(whole) // 4096):
        garbled = bytearray(whole)
        garbled[number * 4096 : (number + 1) * 4096] = random.Random(number).randbytes(4096)
        path.write_bytes(garbled)
        with pages.opened(path) as found:
            root = dict(found.tables())["things"]
            read = {id: values for id, values in [*found.rows(root), *found.strays()] if len(values) == 5}
        wrong = [id for id, values in rows.items() if read.get(id) != values]
        assert len(wrong) <= 60, (number, wrong)
        assert not wrong or max(wrong) - min(w for w in wrong if w > 0) <= 60


def test_circles_end(tmp_path: Path):
    path = tmp_path / "a.db"
    make(path)
    content = bytearray(path.read_bytes())
    connection = sqlite3.connect(path)
    root = connection.execute("SELECT rootpage FROM sqlite_schema").fetchone()[0]
    connection.close()
    start = (root - 1) * 4096
    assert content[start] == 5
    for at in range(start + 12, start + 4000, 2):  # every pointer to the page itself
        content[at : at + 2] = (2000).to_bytes(2)
    content[start + 2000 : start + 2004] = root.to_bytes(4)
    content[start + 8 : start + 12] = root.to_bytes(4)
    path.write_bytes(content)
    assert read(path) == {}
    assert len(scan(path)) == 401
    for number in range(root, len(content) // 4096):  # overflow chains that return to themselves
        at = number * 4096
        if content[at] == 0:
            content[at : at + 4] = (number + 1).to_bytes(4)
    path.write_bytes(content)
    assert len(scan(path)) > 300


def leaf(cells: list[bytes], repeat: int = 1) -> bytes:
    """A leaf page of a table, with each pointer several times."""
    body = b"".join(cells)
    ends = 4096 - len(body)
    pointers, at = [], ends
    for cell in cells:
        pointers += [at] * repeat
        at += len(cell)
    head = bytes([13, 0, 0]) + len(pointers).to_bytes(2) + ends.to_bytes(2) + bytes(1)
    return (head + b"".join(p.to_bytes(2) for p in pointers)).ljust(ends, b"\0") + body


def test_claims_of_great_size_cost_no_memory(tmp_path: Path):
    path = tmp_path / "a.db"
    huge = bytes([0xFF] * 9)  # a varint of 2**64 - 1
    payload = b"\x84\x80\x80\x80\x00"  # 1 GB
    many = leaf([huge + huge + b"\0" * 40, payload + b"\1" + b"\2" + b"\x82\x80\x80\x80\x0d" + b"x" * 800], repeat=200)
    path.write_bytes(bytes(4096) + many * 50)
    with pages.opened(path) as found:
        assert list(found.strays()) == []


def test_many_rows_that_share_one_chain_are_given_only_a_few_times(tmp_path: Path):
    path = tmp_path / "a.db"
    chain = 200
    length = 489 + (chain - 1) * 4092
    size = 2 * (length - 7) + 13
    record = b"\x05\x00" + (size & 0x7F).to_bytes(1)  # replaced below
    serial = b"\x80\x80" + bytes([0x80 | size >> 14 & 0x7F, 0x80 | size >> 7 & 0x7F, size & 0x7F])
    record = bytes([1 + len(serial)]) + serial
    claim = bytes([0x80 | length >> 14, 0x80 | length >> 7 & 0x7F, length & 0x7F])
    cells = [claim + bytes([id]) + record.ljust(489, b"x") + (3).to_bytes(4) for id in range(1, 8)]
    overflow = b"".join((n + 1 if n < chain + 2 else 0).to_bytes(4) + b"x" * 4092 for n in range(3, chain + 3))
    path.write_bytes(bytes(4096) + leaf(cells) + overflow)
    with pages.opened(path) as found:
        rows = list(found.strays())
    whole = sum(len(values[0]) for _id, values in rows if values)
    assert 0 < whole <= 4 * path.stat().st_size


def test_a_file_that_is_nothing_gives_nothing(tmp_path: Path):
    path = tmp_path / "a.db"
    for content in (b"", b"x", b"SQLite format 3\0", bytes(100_000), b"\x0d" * 50_000, b"\x05" * 50_000):
        path.write_bytes(content)
        with pages.opened(path) as found:
            assert found.tables() == []
            list(found.strays())


@settings(deadline=None, max_examples=60)
@given(st.randoms(use_true_random=False), st.sampled_from([512, 4096]), st.integers(1, 30))
def test_no_bytes_raise(tmp_path_factory: pytest.TempPathFactory, generator: random.Random, page: int, edits: int):
    path = tmp_path_factory.mktemp("pages") / "a.db"
    make(path, page=page, rows=60)
    content = bytearray(path.read_bytes())
    for _ in range(edits):
        start = generator.randrange(len(content))
        content[start : start + generator.choice([1, 2, 16, 600])] = generator.randbytes(generator.choice([1, 2, 16]))
    path.write_bytes(content)
    with pages.opened(path) as found:
        for _name, root in found.tables():
            list(found.rows(root))
        list(found.strays())
