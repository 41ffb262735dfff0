"""What may happen to a project file; the author's text must survive, or the damage be told."""

from __future__ import annotations

import errno
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from writer.errors import DamagedError, ProjectError
from writer.store import Store, copies, unclosed
from writer.story import Project

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs signals and permissions of POSIX")


@pytest.fixture
def scene(path: Path) -> int:
    """A closed project with one scene; its id."""
    with Store.create(path, Project("The Tide", "", "en")) as store:
        return store.add("Gulls", text="The gulls rose over the harbour.\n" * 50 + "海鸥飞起来了。")


def edit(path: Path, sql: str) -> None:
    connection = sqlite3.connect(path)
    try:
        connection.executescript(sql)
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is not a Writer project"),
        (b"Once upon a time", "is not a Writer project"),
        (b"Once upon a time" * 1000, "is not a Writer project"),
        (b"SQLite format 3\0" + b"\0" * 84, "is not a Writer project"),
        (b"SQLite format 3\0" + random.Random(1).randbytes(5000), "is not a Writer project"),
    ],
)
def test_what_is_no_project_is_one_sentence_and_stays_as_it_is(path: Path, content: bytes, sentence: str):
    path.write_bytes(content)
    for read_only in (False, True):
        with pytest.raises(ProjectError, match=sentence):
            Store.open(path, read_only=read_only)
    assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


def test_a_database_of_another_program_is_left_alone(path: Path):
    edit(path, "CREATE TABLE contacts (name); PRAGMA user_version = 99;")
    content = path.read_bytes()
    with pytest.raises(ProjectError, match="is not a Writer project"):
        Store.open(path)
    assert path.read_bytes() == content


def test_a_file_or_folder_in_the_wrong_place_is_one_sentence(path: Path):
    with pytest.raises(ProjectError, match="There is no file"):
        Store.open(path)
    with pytest.raises(ProjectError, match="is not a Writer project"):
        Store.open(path.parent)
    with pytest.raises(ProjectError, match="can't be used"):
        Store.open(path.parent / ("x" * 300))
    assert list(path.parent.iterdir()) == []


@posix
def test_a_pipe_does_not_hang(path: Path):
    os.mkfifo(path)
    with pytest.raises(ProjectError, match="is not a Writer project"):
        Store.open(path)


def test_a_file_cut_off_anywhere_is_never_written(path: Path, scene: int):
    whole = path.read_bytes()
    for length in range(0, len(whole), 1000):
        path.write_bytes(whole[:length])
        with pytest.raises(ProjectError):
            Store.open(path).close()
        assert path.read_bytes() == whole[:length]


def test_garbled_bytes_are_told_and_never_lose_other_scenes_silently(path: Path, scene: int):
    whole = path.read_bytes()
    for seed in range(60):
        generator = random.Random(seed)
        garbled = bytearray(whole)
        start = generator.randrange(len(whole))
        garbled[start : start + 16] = generator.randbytes(16)[: len(whole) - start]
        path.write_bytes(garbled)
        try:
            with Store.open(path) as store:
                assert store.project.language
                assert store.nodes()
                assert store.scene(scene).text.endswith("海鸥飞起来了。")
        except ProjectError:
            assert len(path.read_bytes()) == len(whole)


def test_a_flipped_bit_in_the_text_is_told(path: Path, scene: int):
    content = bytearray(path.read_bytes())
    content[content.index("海鸥".encode()) + 1] ^= 1
    path.write_bytes(content)
    with Store.open(path) as store:
        with pytest.raises(ProjectError, match="“Gulls” was damaged on the disk"):
            store.scene(scene)
        assert store.scene(scene, unchecked=True).text.startswith("The gulls rose")
        assert store.nodes()[0].title == "Gulls"
        store.save(scene, "written anew")
        assert store.scene(scene).text == "written anew"


def test_the_same_text_repairs_a_flipped_bit(path: Path, scene: int):
    with Store.open(path) as store:
        text = store.scene(scene).text
    content = bytearray(path.read_bytes())
    content[content.index(b"harbour")] ^= 1
    path.write_bytes(content)
    with Store.open(path) as store:
        store.save(scene, text)
        assert store.scene(scene).text == text


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("CREATE TRIGGER evil AFTER UPDATE ON bodies BEGIN DELETE FROM bodies; END;", "trigger"),
        (
            "ALTER TABLE bodies RENAME TO b; CREATE VIEW bodies AS WITH RECURSIVE r(n) AS "
            "(SELECT 1 UNION ALL SELECT n FROM r) SELECT n AS node, 1 AS revision, '' AS sha256, '' AS text FROM r;",
            "view",
        ),
        ("CREATE TABLE evil (a);", "not those that Writer makes"),
    ],
)
@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("version", [1, 99])
def test_a_hostile_project_is_refused_with_the_reason(
    path: Path, scene: int, sql: str, reason: str, read_only: bool, version: int
):
    edit(path, f"{sql} PRAGMA user_version = {version};")
    content = path.read_bytes()
    if version == 99 and "evil (a)" in sql:
        Store.open(path).close()  # a newer version may have more tables
    else:
        with pytest.raises(ProjectError, match=reason):
            Store.open(path, read_only=read_only)
    assert path.read_bytes() == content


def test_text_that_is_not_text_is_damage(path: Path, scene: int):
    edit(path, "UPDATE nodes SET title = CAST(x'ff6f6b' AS TEXT);")
    with Store.open(path) as store:
        assert store.nodes()[0].title == "\ufffdok"


def test_a_circle_in_the_outline_ends(path: Path, scene: int):
    with Store.open(path) as store:
        child = store.add("child", parent=scene)
    edit(path, f"UPDATE nodes SET parent = {child} WHERE id = {scene};")
    with Store.open(path) as store:
        assert store.nodes() == []
        assert len(list(store.before(child))) < 3
        store.move(child, None, None)
        assert len(store.nodes()) == 2


def test_a_project_from_a_newer_version_is_only_read(path: Path, scene: int):
    edit(path, "PRAGMA user_version = 99;")
    content = path.read_bytes()
    with Store.open(path) as store:
        assert store.read_only
        assert "newer version" in store.why_read_only
        assert store.scene(scene).title == "Gulls"
        with pytest.raises(ProjectError, match="newer version"):
            store.save(scene, "mine")
    assert path.read_bytes() == content


def test_a_lock_held_by_another_program_costs_nothing(path: Path, scene: int):
    with Store.open(path) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        store._connection.execute("PRAGMA busy_timeout = 20")
        with pytest.raises(ProjectError, match="Another program is using"):
            store.save(scene, "mine")
        other.execute("ROLLBACK")
        other.close()
        assert store.save(scene, "mine").revision == 2


def test_a_full_disk_leaves_nothing_half_written(path: Path, scene: int):
    with Store.open(path) as store:
        before, outline = store.scene(scene), store.nodes()
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(ProjectError, match="disk is full"):
            store.save(scene, "潮" * 100_000)
        with pytest.raises(ProjectError, match="disk is full"):
            store.add("New", text="潮" * 100_000)
        assert store.scene(scene) == before
        assert store.nodes() == outline
        store._connection.execute(f"PRAGMA max_page_count = {pages + 1000}")
        assert store.save(scene, "潮" * 100_000).revision == 2


WRITE_A_LARGE_SCENE = """
import resource, signal, sys
from pathlib import Path
from writer.errors import ProjectError
from writer.store import Store, copies

path, scene, copy = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
with Store.open(path) as store:
    store.save(scene, "潮" * 100_000)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
    for write in (lambda: copies.save_as(store, copy), lambda: store.save(scene, "水" * 100_000)):
        try:
            write()
        except ProjectError as error:
            print(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert store.scene(scene).text == "潮" * 100_000
"""


@posix
def test_a_copy_that_does_not_fit_keeps_the_old_file(path: Path, scene: int, tmp_path: Path):
    copy = tmp_path / "copy.writer"
    copy.write_text("an older file")
    done = subprocess.run(
        [sys.executable, "-c", WRITE_A_LARGE_SCENE, str(path), str(scene), str(copy)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 2
    assert copy.read_text() == "an older file"
    assert sorted(tmp_path.iterdir()) == sorted([path, copy])


def test_damage_that_opening_would_not_meet_keeps_the_file_from_being_written(path: Path, scene: int):
    with Store.open(path) as store:
        for number in range(40):
            store.add(f"{number}", text=f"{number} " * 900)
    content = bytearray(path.read_bytes())
    found = 0
    for page in range(4096, len(content), 4096):
        if content[page] == 13:  # a leaf of a table
            garbled = bytearray(content)
            garbled[page + 1 : page + 9] = b"\xff" * 8
            path.write_bytes(garbled)
            with pytest.raises(DamagedError):
                Store.open(path)
            assert path.read_bytes() == garbled
            assert [file.name for file in path.parent.iterdir()] == [path.name]
            found += 1
    assert found > 5


def test_with_no_room_at_all_it_opens_for_reading(path: Path, scene: int, monkeypatch: pytest.MonkeyPatch):
    def no_room(store: Store) -> None:
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError as error:
            raise ProjectError("full") from error

    monkeypatch.setattr(unclosed, "titles", no_room)
    with Store.open(path) as store:
        assert "The disk is full" in store.why_read_only
        assert store.scene(scene).title == "Gulls"


@pytest.mark.parametrize("state", ["scene', 'x", "unclosed', '" + "[" * 100_000, "caret', '" + "9" * 5000])
def test_whatever_a_hostile_file_remembers_is_no_reason_to_fail(path: Path, scene: int, state: str):
    edit(path, f"INSERT OR REPLACE INTO state VALUES ('{state}');")
    edit(path, f"INSERT INTO revisions VALUES (1, {scene}, 1, '', '', 1, 1, x'', '{'[' * 100_000}', x'');")
    with Store.open(path) as store:
        assert store.revisions.newest_good(scene) is None
        assert store.get("nothing") == ""


def test_a_text_that_is_too_large_is_one_sentence(path: Path, scene: int):
    with Store.open(path) as store:
        store._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 10_000)
        with pytest.raises(ProjectError, match="too large"):
            store.save(scene, "x" * 20_000)
        assert store.scene(scene).revision == 1


@posix
@pytest.mark.parametrize("fate", ["renamed", "deleted", "replaced"])
def test_a_file_that_is_gone_is_noticed_before_saving(path: Path, scene: int, tmp_path: Path, fate: str):
    moved = tmp_path / "moved.writer"
    with Store.open(path) as store:
        if fate == "replaced":
            copies.save_as(store, moved)
            os.replace(moved, path)
        elif fate == "renamed":
            os.rename(path, moved)
        else:
            path.unlink()
        with pytest.raises(ProjectError, match="moved, deleted or replaced"):
            store.save(scene, "mine")
        copies.save_as(store, tmp_path / "kept.writer")
    with Store.open(tmp_path / "kept.writer") as kept:
        assert kept.scene(scene).text.endswith("海鸥飞起来了。")


@posix
def test_what_was_saved_before_a_rename_is_in_the_renamed_file(path: Path, scene: int, tmp_path: Path):
    moved = tmp_path / "moved.writer"
    with Store.open(path) as store:
        store.save(scene, "saved")
        os.rename(path, moved)
    with Store.open(moved) as again:
        assert again.scene(scene).text == "saved"


SAVE_UNTIL_KILLED = """
import sys
from pathlib import Path
from writer.store import Store

with Store.open(Path(sys.argv[1])) as store:
    print("open", flush=True)
    for number in range(1_000_000):
        store.save(int(sys.argv[2]), f"{number} " * 2000)
        print(number, flush=True)
"""


@posix
def test_being_killed_loses_nothing_that_was_saved(path: Path, scene: int):
    generator = random.Random(7)
    for _ in range(8):
        child = subprocess.Popen(
            [sys.executable, "-c", SAVE_UNTIL_KILLED, str(path), str(scene)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        for _ in range(generator.randrange(2, 60)):
            child.stdout.readline()
        child.kill()
        said = child.stdout.read().split()
        child.wait()
        child.stdout.close()
        with Store.open(path) as store:
            text = store.scene(scene).text
            assert store.recovered == ("Gulls",)
            assert text == f"{text.split()[0]} " * 2000
            assert not said or int(text.split()[0]) >= int(said[-1])
        with Store.open(path) as store:
            assert store.recovered is None


@posix
def test_power_loss_leaves_a_prefix_of_what_was_saved(path: Path, scene: int, tmp_path: Path):
    crashed = tmp_path / "crashed.writer"
    log = crashed.with_name("crashed.writer-wal")
    with Store.open(path) as store:
        for number in range(10):
            store.save(scene, f"{number} " * 300)
        whole_log = Path(f"{path}-wal").read_bytes()
        main = path.read_bytes()
    seen = set()
    generator = random.Random(3)
    for _ in range(40):
        crashed.write_bytes(main)
        cut = bytearray(whole_log[: generator.randrange(len(whole_log))])
        if cut and generator.random() < 0.5:
            cut[generator.randrange(len(cut))] ^= 0xFF
        log.write_bytes(cut)
        with Store.open(crashed) as store:
            text = store.scene(scene).text
            assert text.startswith("The gulls") or text == f"{text.split()[0]} " * 300
            seen.add(text.split()[0])
        crashed.unlink()
    assert len(seen) > 3


def test_a_commit_cut_short_without_a_log_is_undone(path: Path, scene: int, tmp_path: Path):
    crashed = tmp_path / "crashed.writer"
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE bodies SET text = ?", ["lost " * 20_000])
        connection.execute("UPDATE nodes SET title = 'lost'")
        shutil.copy(path, crashed)
        shutil.copy(f"{path}-journal", f"{crashed}-journal")
    finally:
        connection.close()
    assert crashed.read_bytes().count(b"lost lost") > 0
    with Store.open(crashed) as store:
        assert store.scene(scene).title == "Gulls"
        assert store.scene(scene).text.endswith("海鸥飞起来了。")


READ_AS_ANOTHER_USER = """
import os, sys
from pathlib import Path
from writer.errors import ProjectError
from writer.store import Store

if os.geteuid() == 0:  # may write everywhere
    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)
with Store.open(Path(sys.argv[1])) as store:
    print(store.read_only, store.scene(int(sys.argv[2])).title)
    try:
        store.save(int(sys.argv[2]), "mine")
    except ProjectError as error:
        print(error)
"""


@posix
@pytest.mark.parametrize("after_a_crash", [False, True])
@pytest.mark.parametrize("what", ["file", "folder"])
def test_where_nothing_can_be_written_it_opens_for_reading(path: Path, scene: int, what: str, after_a_crash: bool):
    folder = Path(tempfile.mkdtemp())
    try:
        if after_a_crash:  # a file that still says it has a log
            connection = sqlite3.connect(path)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.close()
        target = folder / "book.writer"
        shutil.copy(path, target)
        target.chmod(0o444 if what == "file" else 0o666)
        folder.chmod(0o777 if what == "file" else 0o555)
        done = subprocess.run(
            [sys.executable, "-c", READ_AS_ANOTHER_USER, str(target), str(scene)], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        said = done.stdout.splitlines()
        assert said[0] == "True Gulls"
        assert "Save as" in said[1]
    finally:
        folder.chmod(0o700)
        shutil.rmtree(folder)


SAVE_THEN_VANISH = """
import os, shutil, sys
from pathlib import Path
from writer.errors import ProjectError
from writer.store import Store

path = Path(sys.argv[1])
store = Store.open(path)
store.save(int(sys.argv[2]), "An afternoon's work. " * 100)
store.fold()  # as five seconds later
shutil.copy(path, path.with_name("stick.writer"))
store.save(int(sys.argv[2]), "An evening's work. " * 100)
path.rename(path.with_name("renamed.writer"))
try:
    store.save(int(sys.argv[2]), "lost")
except ProjectError:
    os._exit(9)
"""


@posix
def test_a_copy_or_another_name_made_by_hand_has_all_that_was_saved(path: Path, scene: int):
    done = subprocess.run([sys.executable, "-c", SAVE_THEN_VANISH, str(path), str(scene)], capture_output=True)
    assert done.returncode == 9, done.stderr
    for name, text in (("stick", "An afternoon's work. "), ("renamed", "An evening's work. ")):
        with Store.open(path.with_name(f"{name}.writer")) as store:
            assert store.scene(scene).text == text * 100
