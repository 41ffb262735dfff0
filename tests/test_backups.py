"""Backups: whole, checked, outside the project's folder, and the way back."""

from __future__ import annotations

import dataclasses
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from writer import backups, files, migrations, settings
from writer.errors import DamagedError, FileError, LockedError, ProjectError, WriterError
from writer.settings import Settings
from writer.store import Store, copies
from writer.story import Plan, Project

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "books").mkdir()
    return tmp_path / "books" / "潮.writer"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.create(path, Project("The Tide: 潮", "A lighthouse goes dark.", "en")) as store:
        chapter = store.add("One")
        store.add("Gulls", chapter, text="The gulls rose.\n海鸥飞起来了。")
        yield store


def folder(path: Path) -> Path:
    return settings.backups_folder(path)


def text_of(path: Path) -> str:
    with Store.reader(path) as store:
        return "".join(store.scene(node.id).text for node in store.nodes())


def add_mood(db) -> None:
    db.execute("CREATE TABLE moods (name TEXT NOT NULL) STRICT")


def write(store: Store, text: str) -> None:
    store.save(store.nodes()[-1].id, text)


def test_a_backup_is_a_zip_that_any_computer_opens(store: Store, path: Path, tmp_path: Path):
    store.save(store.nodes()[1].id, store.scene(store.nodes()[1].id).text)
    backup = backups.make(store)
    assert backup.path.parent == folder(path)
    assert backup.path.name.endswith(" The Tide 潮.zip")
    assert (backup.title, backup.words, backup.kind) == ("The Tide: 潮", 9, "backup")
    assert backup.size == backup.path.stat().st_size
    with zipfile.ZipFile(backup.path) as archive:
        assert archive.namelist() == ["book.writer", "book.md", "backup.json"]
        archive.extractall(tmp_path / "out")
    about = json.loads((tmp_path / "out" / "backup.json").read_text("utf-8"))
    assert about["title"] == "The Tide: 潮"
    assert (about["words"], about["scenes"], about["project"]) == (9, 2, str(path))
    assert about["digest"] == store.digest()
    assert "The gulls rose.\n\n海鸥飞起来了。" in (tmp_path / "out" / "book.md").read_text("utf-8")
    assert text_of(tmp_path / "out" / "book.writer") == "The gulls rose.\n海鸥飞起来了。"
    assert [file.name for file in folder(path).iterdir() if file.name != ".lock"] == [backup.path.name]


def test_plans_are_in_it_for_any_computer_too(store: Store, path: Path, tmp_path: Path):
    scene = store.nodes()[0]
    plan = Plan("She waits.", "See the map.", "draft", 900, ("Mara",), ("She waits.",), ("storm",))
    store.plans.put(scene.id, plan)
    backup = backups.make(store)
    with zipfile.ZipFile(backup.path) as archive:
        assert sorted(archive.namelist()) == ["backup.json", "book.md", "book.writer", "outline.md"]
        assert "> See the map." in archive.read("outline.md").decode()
    backups.check(backup)
    target = tmp_path / "restored.writer"
    backups.restore(backup.path, target)
    with Store.open(target) as again:
        assert again.plans.all() == {scene.id: plan}
    store.plans.put(scene.id, Plan())
    with zipfile.ZipFile(backups.make(store).path) as archive:
        assert sorted(archive.namelist()) == ["backup.json", "book.md", "book.writer"]


def test_a_reader_backs_up_beside_the_writer_what_is_saved(store: Store, path: Path):
    with Store.reader(path) as reader:
        write(store, "Saved meanwhile.")
        backup = backups.make(reader)
        assert not backups.is_changed(reader)
    with zipfile.ZipFile(backup.path) as archive:
        assert b"Saved meanwhile." in archive.read("book.md")


def test_the_newest_is_the_last_made_whatever_the_clock_says(store: Store, path: Path, monkeypatch):
    now = time.time()
    for number, when in enumerate([now, now + 9_000_000, now - 9_000_000, now]):
        monkeypatch.setattr(time, "time", lambda when=when: when)
        write(store, f"{number}")
        last = backups.make(store)
        assert backups.of(path)[0] == last == backups.newest_good(path)
    assert len(backups.of(path)) == 4


def test_two_backups_of_one_second_have_two_names(store: Store, path: Path, monkeypatch):
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    assert len({backups.make(store).path for _number in range(3)}) == 3
    assert len(backups.of(path)) == 3


def test_copies_from_before_an_update_are_in_the_list(store: Store, path: Path):
    first = backups.make(store)
    store.close()
    connection = sqlite3.connect(path, isolation_level=None)
    (copy,) = migrations.upgrade(connection, path, (*migrations.STEPS, add_mood))
    connection.close()
    assert [(found.path, found.kind) for found in backups.of(path)] == [(copy, "migration"), (first.path, "backup")]
    assert backups.of(path)[0].title == "潮"
    backups.check(backups.of(path)[0])
    assert backups.newest_good(path).path == copy


def test_it_is_due_when_something_changed_and_the_newest_is_old(store: Store):
    now = time.time()
    assert backups.is_due(store, now, 30)
    backups.make(store)
    assert not backups.is_due(store, now + 3600, 30)
    write(store, "Changed.")
    assert backups.is_changed(store)
    assert not backups.is_due(store, now + 1000, 30)
    assert backups.is_due(store, now + 3600, 30)
    assert backups.is_due(store, now - 3600, 30)


def test_a_place_on_the_page_is_no_change(store: Store):
    backups.make(store)
    store.put("caret", "3")
    assert not backups.is_changed(store)


def test_many_are_thinned_but_the_first_and_the_newest_stay(store: Store, path: Path, monkeypatch):
    now = int(time.time())
    made = []
    for day in range(60, -1, -5):
        for hour in (2, 1):
            monkeypatch.setattr(time, "time", lambda when=now - day * 86400 - hour * 3600: when)
            made.append(backups.make(store))
    left = {backup.path for backup in backups.of(path)}
    assert made[-1].path in left
    assert made[0].path in left
    assert len(left) < len(made)


def test_two_hundred_are_listed_from_their_ends_alone(store: Store, path: Path):
    whole = backups.make(store)
    for number in range(200):
        shutil.copy(whole.path, folder(path) / f"{number}.zip")
    (folder(path) / "notes.txt").write_text("mine")
    (folder(path) / "holiday.zip").write_bytes(b"PK not a zip")
    assert len(backups.of(path)) == 201


ABOUT = {"time": 1, "words": 1, "title": "", "number": 1, "digest": ""}


@pytest.mark.parametrize(
    "comment",
    [
        json.dumps(ABOUT | {"time": float("inf")}),
        json.dumps(ABOUT | {"time": 9e18}),
        json.dumps(ABOUT | {"time": -1}),
        json.dumps(ABOUT | {"number": 10**4000}),
        json.dumps(ABOUT | {"words": -1}),
        json.dumps(ABOUT | {"words": None}),
        "[" * 60_000,
        "[1]",
    ],
)
def test_a_zip_that_says_nonsense_stops_no_other(store: Store, path: Path, tmp_path: Path, comment: str):
    made = backups.make(store)
    odd = made.path.with_name("odd.zip")
    with zipfile.ZipFile(odd, "w") as archive:
        for name in ("book.writer", "book.md", "backup.json"):
            archive.writestr(name, "x")
        archive.comment = comment.encode()
    assert backups.of(path) == [made]
    assert not backups.is_due(store, time.time(), 30)
    assert len({made, backups.make(store)} & set(backups.of(path))) == 2
    with pytest.raises(DamagedError, match=r"“odd\.zip” is not a whole backup"):
        backups.restore(odd, tmp_path / "new.writer")


def test_a_name_that_says_nonsense_stops_no_other(store: Store, path: Path):
    made = backups.make(store)
    for when in ("99999999-999999", "00000000-000000", "00010101-000000"):
        made.path.with_name(f"x.v1.{when}.ab.writer").write_text("")
    os.symlink(made.path.with_name("gone"), made.path.with_name("x.v1.20260102-030405.ab.writer"))
    assert backups.of(path) == [made]
    assert backups.newest_good(path) == made
    newest = backups.make(store)
    assert backups.of(path) == [newest, made]


def test_the_number_that_no_backup_can_follow_is_followed(store: Store, path: Path):
    made = backups.make(store)
    with zipfile.ZipFile(made.path, "a") as archive:
        archive.comment = json.dumps(json.loads(archive.comment) | {"number": 2**53 - 1, "time": 1}).encode()
    newest = backups.make(store)
    assert backups.of(path)[0] == newest


def test_a_damaged_scene_is_marked_and_leaves_the_others_their_backup(store: Store, path: Path):
    old = backups.make(store)
    other = store.add("Fog", text="雾散了。")
    store.close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE bodies SET text = replace(text, 'gulls', 'bulls')")
    connection.commit()
    connection.close()
    with Store.open(path) as damaged:
        marked = backups.make(damaged)
    assert [backup.kind for backup in backups.of(path)] == ["damaged", "backup"]
    assert backups.newest_good(path) == old
    backups.restore(marked.path, path)
    with Store.open(path) as again:
        assert again.scene(other).text == "雾散了。"
        with pytest.raises(ProjectError, match="was damaged on the disk"):
            again.scene(other - 1)


def test_a_folder_inside_the_books_own_is_refused(store: Store, path: Path):
    settings.save(dataclasses.replace(Settings(), backups_folder=str(path.parent / "backups")))
    with pytest.raises(FileError, match="in the folder of the book itself"):
        backups.make(store)
    assert list(path.parent.glob("backups*")) == []


def test_a_folder_that_is_not_there_or_full_of_something_else_is_one_sentence(store: Store, path: Path, tmp_path: Path):
    (tmp_path / "stick").write_text("a file")
    settings.save(dataclasses.replace(Settings(), backups_folder=str(tmp_path / "stick")))
    with pytest.raises(FileError, match="choose another folder in the settings"):
        backups.make(store)
    assert backups.of(path) == []


def test_a_full_disk_keeps_the_old_backups_and_leaves_no_parts(store: Store, path: Path):
    resource = pytest.importorskip("resource")
    words = random.Random(1)
    write(store, " ".join(f"{words.randrange(10**9)}" for _word in range(30_000)))
    old = backups.make(store)
    _soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    for limit in (1000, 60_000, old.size - 100_000, old.size + 50_000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        try:
            with pytest.raises(FileError, match=r"could be made in .* the earlier ones are kept"):
                backups.make(store)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        assert [file.name for file in folder(path).iterdir() if file.name != ".lock"] == [old.path.name]
    backups.check(old)


def test_a_book_too_large_for_a_zip_is_told_as_such(store: Store, path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(backups, "_LARGEST_BYTES", 10_000)
    with pytest.raises(FileError, match="larger than a backup can be"):
        backups.make(store)
    assert backups.of(path) == []


def test_a_copy_that_the_disk_garbles_is_no_backup(store: Store, path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(backups.filecmp, "cmp", lambda *_files, **_how: False)
    with pytest.raises(DamagedError, match="can't be read back whole; the earlier ones are kept"):
        backups.make(store)
    assert backups.of(path) == []


def test_what_is_wrong_with_a_backup_is_told_under_its_own_name(store: Store, path: Path, tmp_path: Path):
    bad = tmp_path / "old copy.writer"
    copies.copy_to(store, bad)
    connection = sqlite3.connect(bad)
    connection.execute("CREATE VIEW evil AS SELECT 1")
    connection.commit()
    connection.close()
    with zipfile.ZipFile(tmp_path / "a book.writer.zip", "w") as archive:
        for name in ("book.writer", "book.md", "backup.json"):
            archive.writestr(name, bad.read_bytes())
    for file in (bad, tmp_path / "a book.writer.zip"):
        with pytest.raises(WriterError) as caught:
            backups.restore(file, tmp_path / "new.writer")
        assert f"“{file.name}” is refused because" in str(caught.value)


def test_parts_of_a_killed_process_go_away_later(store: Store, path: Path):
    backups.make(store)
    left = folder(path) / ".writer-old.part"
    left.mkdir()
    (left / "book.writer").write_text("half")
    backups.make(store)
    assert left.exists()
    os.utime(left, (1, 1))
    backups.make(store)
    assert not left.exists()


# -- restoring -----------------------------------------------------------------------


def test_restoring_keeps_what_is_there_as_a_backup(store: Store, path: Path):
    old = backups.make(store)
    write(store, "Newer.")
    store.close()
    kept = backups.restore(old.path, path)
    assert text_of(path) == "The gulls rose.\n海鸥飞起来了。"
    assert kept == backups.of(path)[0].path
    assert backups.restore(kept, path)
    assert text_of(path) == "Newer."
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_backup_can_become_a_new_file(store: Store, path: Path, tmp_path: Path):
    assert backups.restore(backups.make(store).path, tmp_path / "new.writer") is None
    with Store.open(tmp_path / "new.writer") as again:
        assert again.recovered is None
        assert again.digest() == store.digest()


def test_a_plain_copy_can_be_restored_even_one_that_is_open(store: Store, path: Path, tmp_path: Path):
    write(store, "In the log only.")
    backups.restore(path, tmp_path / "new.writer")
    assert text_of(tmp_path / "new.writer") == "In the log only."
    write(store, "Still the writer.")


def test_a_full_disk_while_restoring_changes_nothing(store: Store, path: Path):
    resource = pytest.importorskip("resource")
    write(store, "Long. " * 50_000)
    backup = backups.make(store)
    write(store, "Mine.")
    store.close()
    _soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(FileError, match=r"“潮\.writer”"):
            backups.restore(backup.path, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert text_of(path) == "Mine."
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_book_that_is_open_is_not_replaced(store: Store, path: Path):
    backup = backups.make(store)
    write(store, "Newer.")
    with pytest.raises(LockedError, match="already open"):
        backups.restore(backup.path, path)
    assert text_of(path) == "Newer."
    with pytest.raises(FileError, match="from itself"):
        backups.restore(path, path)


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0", b"nonsense" * 1000])
def test_what_cannot_be_read_is_put_aside_with_what_is_beside_it(store: Store, path: Path, content: bytes):
    backup = backups.make(store)
    store.close()
    for _number in range(2):
        path.write_bytes(content)
        path.with_name(path.name + "-wal").write_bytes(b"log of the old file")
        kept = backups.restore(backup.path, path)
        assert kept.read_bytes() == content
        assert kept.name.startswith("潮 (")
        assert kept.with_name(kept.name + "-wal").read_bytes() == b"log of the old file"
        assert text_of(path) == "The gulls rose.\n海鸥飞起来了。"
    assert len(list(path.parent.glob("*.writer"))) == 3


def test_a_log_of_a_killed_writer_is_kept_and_never_applied_to_what_is_restored(path: Path, store: Store):
    backup = backups.make(store)
    store.close()
    script = (
        "import os, sys\nfrom pathlib import Path\nfrom writer.store import Store\n"
        "store = Store.open(Path(sys.argv[1]))\nstore.save(2, 'Only in the log.')\nos._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", script, str(path)], check=False).returncode == 9
    assert path.with_name(path.name + "-wal").stat().st_size > 0
    kept = backups.restore(backup.path, path)
    assert text_of(path) == "The gulls rose.\n海鸥飞起来了。"
    with zipfile.ZipFile(kept) as archive:
        assert b"Only in the log." in archive.read("book.md")


def test_what_is_there_stays_if_the_backup_is_not_whole(store: Store, path: Path, tmp_path: Path):
    whole = backups.make(store).path.read_bytes()
    write(store, "Mine.")
    store.close()
    generator = random.Random(2)
    broken = tmp_path / "broken.zip"
    for number in range(150):
        content = bytearray(whole)
        if number % 2:
            del content[generator.randrange(len(whole)) :]
        else:
            at = generator.randrange(len(whole))
            content[at : at + 8] = generator.randbytes(8)
        broken.write_bytes(content)
        with suppress(WriterError):
            backups.restore(broken, tmp_path / "new.writer")
        if (tmp_path / "new.writer").exists():  # what was hit is not the book
            assert text_of(tmp_path / "new.writer") == "The gulls rose.\n海鸥飞起来了。"
            (tmp_path / "new.writer").unlink()
        assert sorted(file.name for file in tmp_path.iterdir()) == ["books", "broken.zip"]
    broken.write_bytes(whole[:-1])
    with pytest.raises(DamagedError, match=r"“broken.zip” is not a whole backup"):
        backups.restore(broken, path)
    assert text_of(path) == "Mine."
    with pytest.raises(FileError, match="can't be read"):
        backups.restore(tmp_path / "gone.zip", path)


def test_a_damaged_scene_in_a_backup_is_found(store: Store, path: Path, tmp_path: Path):
    good = backups.make(store)
    copies.copy_to(store, tmp_path / "bad.writer")
    connection = sqlite3.connect(tmp_path / "bad.writer")
    connection.execute("UPDATE bodies SET text = replace(text, 'gulls', 'bulls')")
    connection.commit()
    connection.close()
    newer = folder(path) / "newer.zip"
    with zipfile.ZipFile(good.path) as archive, zipfile.ZipFile(newer, "w") as bad:
        bad.write(tmp_path / "bad.writer", "book.writer")
        for name in ("book.md", "backup.json"):
            bad.writestr(name, archive.read(name))
        bad.comment = json.dumps(json.loads(archive.comment) | {"number": 99}).encode()
    assert backups.of(path)[0].path == newer
    with pytest.raises(DamagedError):
        backups.check(backups.of(path)[0])
    assert backups.newest_good(path) == good


def hostile(path: Path, entries: list[tuple[str, bytes]]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def test_hostile_zips_are_one_sentence_and_write_nothing(store: Store, path: Path, tmp_path: Path):
    with zipfile.ZipFile(backups.make(store).path) as archive:
        book = archive.read("book.writer")
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("book.writer", "w") as inside:
            for _megabyte in range(400):
                inside.write(b"\0" * 2**20)
        archive.writestr("book.md", "")
        archive.writestr("backup.json", "{}")
    rest = [("book.md", b""), ("backup.json", b"{}")]
    files_ = [
        bomb,
        hostile(tmp_path / "escape.zip", [("../../book.writer", book), *rest]),
        hostile(tmp_path / "absolute.zip", [("/tmp/book.writer", book), *rest]),
        hostile(tmp_path / "fourth.zip", [("book.writer", book), *rest, ("evil.py", b"")]),
        hostile(tmp_path / "two.zip", [("book.writer", book), ("book.md", b"")]),
        hostile(tmp_path / "many.zip", [(f"{number}", b"") for number in range(5000)]),
        hostile(tmp_path / "long.zip", [("book.writer", book), ("book.md", b""), ("x" * 60_000, b"")]),
        hostile(tmp_path / "other.zip", [("book.writer", b"SQLite format 3\0" + b"\0" * 5000), *rest]),
    ]
    lying = bytearray(hostile(tmp_path / "lying.zip", [("book.writer", book), *rest]).read_bytes())
    at = lying.index(b"PK\1\2")
    lying[at + 24 : at + 28] = (100).to_bytes(4, "little")
    (tmp_path / "lying.zip").write_bytes(lying)
    locked = bytearray(hostile(tmp_path / "locked.zip", [("book.writer", book), *rest]).read_bytes())
    locked[locked.index(b"PK\1\2") + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(locked)
    before = sorted(tmp_path.rglob("*"))
    for file in [*files_, tmp_path / "lying.zip", tmp_path / "locked.zip"]:
        with pytest.raises(FileError, match=f"“{file.name}” is not a whole backup") as caught:
            backups.restore(file, tmp_path / "books" / "new.writer")
        assert "\n" not in str(caught.value)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_trigger_in_a_backup_never_runs(store: Store, path: Path, tmp_path: Path):
    copies.copy_to(store, tmp_path / "evil.writer")
    connection = sqlite3.connect(tmp_path / "evil.writer")
    connection.execute("CREATE TRIGGER evil AFTER DELETE ON state BEGIN DELETE FROM bodies; END")
    connection.commit()
    connection.close()
    evil = hostile(
        tmp_path / "evil.zip",
        [("book.writer", (tmp_path / "evil.writer").read_bytes()), ("book.md", b""), ("backup.json", b"{}")],
    )
    for file in (evil, tmp_path / "evil.writer"):
        with pytest.raises(WriterError, match=r"evil.*trigger"):
            backups.restore(file, tmp_path / "new.writer")
        assert not (tmp_path / "new.writer").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take no such names")
def test_a_folder_whose_name_is_not_utf_8(tmp_path: Path):
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    with Store.create(folder / "book.writer", Project("The Tide", "", "en")) as store:
        store.add("Gulls", text="The gulls rose.")
        backup = backups.make(store)
        copies.save_as(store, folder / "copy.writer")
    assert backups.of(folder / "book.writer") == [backup]
    backups.restore(backup.path, folder / "book.writer")
    backups.restore(folder / "book.writer", folder / "again.writer")
    for name in ("book", "copy", "again"):
        assert text_of(folder / f"{name}.writer") == "The gulls rose."


def test_names_of_titles_are_safe(path: Path):
    for title in ("../../etc/passwd", "con", "a" * 400, "潮" * 200, "  ", "Who?\tMe: “yes” | no*"):
        path.unlink(missing_ok=True)
        with Store.create(path, Project(title, "", "zh")) as store:
            backup = backups.make(store)
        assert backup.path.parent == folder(path)
        assert len(backup.path.name.encode()) < 255
        assert backups.of(path)[0] == backup
    assert files.data_folder() in folder(path).parents
