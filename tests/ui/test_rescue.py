"""Damage in the window: one line says what happened and offers the way on; the damaged file stays as it is."""

import random
import sqlite3
import subprocess
import sys
import time

import pytest

from tests import shelf
from writer import backups
from writer.store import Store
from writer.story import Project

PAGE = 4096


def garble(path, page=1):
    """Ruin a page of a closed file; what is in it then."""
    content = bytearray(path.read_bytes())
    content[(page - 1) * PAGE : page * PAGE] = random.Random(page).randbytes(PAGE)
    path.write_bytes(content)
    return bytes(content)


def flip(path, text):
    content = bytearray(path.read_bytes())
    assert content.count(text.encode()) == 1
    content[content.index(text.encode())] ^= 1
    path.write_bytes(content)


def back_up(path):
    with Store.reader(path) as store:
        return backups.make(store)


def buttons(desk):
    return [button.text() for button in desk.window.notice._buttons if not button.isHidden()]


def wait_for(desk, words):
    desk.qtbot.waitUntil(lambda: words in desk.window.notice.message, timeout=15_000)


def test_what_can_be_read_of_a_damaged_book_is_saved_and_opened(open_desk, path):
    shelf.fill(path, 30)
    content = garble(path)
    desk = open_desk(["Here."], suggestions=False)
    desk.window.opening.open(path)
    wait_for(desk, "is damaged")
    assert buttons(desk) == ["Save what can be read", "Open another…"]
    assert desk.text == "Here."
    desk.window.notice.act(0)
    wait_for(desk, "could read 29 scenes")
    new = path.with_name("潮 (recovered).writer")
    desk.qtbot.waitUntil(lambda: desk.window.project_path == new, timeout=15_000)
    assert "The new file is “潮 (recovered).writer”" in desk.window.notice.message
    assert path.read_bytes() == content
    desk.window.opening.open(path)
    wait_for(desk, "is damaged")
    desk.window.notice.act(0)
    desk.qtbot.waitUntil(lambda: desk.window.project_path == path.with_name("潮 (recovered) 2.writer"), timeout=15_000)


def test_the_newest_backup_of_a_damaged_book_is_opened(open_desk, path):
    shelf.fill(path, 5)
    before = shelf.read(path)
    back_up(path)
    content = garble(path)
    desk = open_desk(["Here."], suggestions=False)
    desk.window.opening.open(path)
    wait_for(desk, "is damaged")
    assert buttons(desk) == ["Open the newest backup", "Save what can be read"]
    desk.window.notice.act(0)
    wait_for(desk, "as it was: Today")
    copy = path.with_name(f"潮 (backup of {time.strftime('%Y-%m-%d')}).writer")
    desk.qtbot.waitUntil(lambda: desk.window.project_path == copy, timeout=15_000)
    assert copy.name in desk.window.notice.message
    assert path.read_bytes() == content
    desk.window.close()
    assert shelf.read(copy).scenes == before.scenes


def test_where_no_backup_is_whole_that_is_said(open_desk, path):
    shelf.fill(path, 5)
    made = back_up(path)
    data = bytearray(made.path.read_bytes())
    data[200:300] = bytes(100)
    made.path.write_bytes(data)
    garble(path)
    desk = open_desk(["Here."], suggestions=False)
    desk.window.opening.open(path)
    wait_for(desk, "is damaged")
    desk.window.notice.act(0)
    wait_for(desk, "None of the backups")
    desk.window.notice.act(0)
    wait_for(desk, "could read 5 scenes")


def test_a_foreign_book_gets_a_clean_copy(open_desk, path):
    shelf.fill(path, 5)
    before = shelf.read(path)
    connection = sqlite3.connect(path)
    connection.executescript("CREATE TRIGGER evil AFTER UPDATE ON bodies BEGIN DELETE FROM bodies; END;")
    connection.close()
    desk = open_desk(["Here."], suggestions=False)
    desk.window.opening.open(path)
    wait_for(desk, "trigger “evil”")
    assert buttons(desk) == ["Make a clean copy", "Open another…"]
    desk.window.notice.act(0)
    clean = path.with_name("潮 (clean copy).writer")
    desk.qtbot.waitUntil(lambda: desk.window.project_path == clean, timeout=15_000)
    desk.window.close()
    assert shelf.read(clean).scenes == before.scenes


def test_a_book_that_is_gone_comes_back_from_its_backup(open_desk, path):
    shelf.fill(path, 5)
    back_up(path)
    path.unlink()
    desk = open_desk(["Here."], suggestions=False)
    desk.window.opening.open(path)
    wait_for(desk, "There is no file")
    assert buttons(desk) == ["Open the newest backup", "Open another…"]
    desk.window.notice.act(0)
    desk.qtbot.waitUntil(lambda: "backup of" in str(desk.window.project_path), timeout=15_000)


def test_a_page_that_is_damaged_inside_an_open_book_is_told(open_desk, path):
    with Store.create(path, Project("Tide", "", "en")) as store:
        for number in range(100):  # more than SQLite keeps in memory
            store.add(f"Scene {number}", text=f"{number} gulls rose. " * 2000)
    content = path.read_bytes()
    start = next(
        at for at in range(0, len(content), PAGE) if content[at] == 0 and b"0 gulls" in content[at + 4 : at + 40]
    )
    desk = open_desk(path=path, suggestions=False)
    # The text goes on where there is nothing. By another process: one that closes the file frees its own locks.
    harm = "import sys; f = open(sys.argv[1], 'r+b'); f.seek(int(sys.argv[2])); f.write(bytes([255] * 4))"
    subprocess.run([sys.executable, "-c", harm, path, str(start)], check=True)
    desk.window.binder.go_to(desk.window.nodes[0].id)
    wait_for(desk, "is damaged")
    assert desk.text.startswith("99 gulls")
    desk.write("!")
    desk.qtbot.waitUntil(lambda: "Save what can be read" in buttons(desk))
    desk.window.notice.act(0)
    desk.qtbot.waitUntil(lambda: "recovered" in str(desk.window.project_path), timeout=15_000)
    wait_for(desk, "could read 100 scenes")
    assert "missing in “Scene 0 (damaged)”" in desk.window.notice.message
    with Store.reader(desk.window.project_path) as store:
        last = store.scene(desk.window.nodes[-1].id)
        assert "!" in last.text


# -- one scene -------------------------------------------------------------------


@pytest.fixture
def harmed(path):
    """A book whose second of three scenes has a flipped bit; it has an earlier version."""
    with Store.create(path, Project("Tide", "", "en")) as store:
        store.add("First", text="First text.")
        scene = store.add("Gulls", text="The gulls rose.")
        store.revisions.keep(scene, "snapshot")
        store.save(scene, "The fulmars rose, and more.")
        store.add("Last", text="Last text.")
    flip(path, "The fulmars")
    return scene


def test_the_last_good_version_of_a_damaged_scene_is_taken(open_desk, path, harmed):
    desk = open_desk(path=path, suggestions=False)
    desk.window.binder.go_to(harmed)
    wait_for(desk, "“Gulls” was damaged on the disk. Its last good version: Today")
    assert buttons(desk) == ["Take the last good version", "Show it as it is"]
    assert desk.text == "Last text."
    assert desk.window.scenes.current == desk.page.visit.scene
    desk.window.notice.act(0)
    desk.qtbot.waitUntil(lambda: desk.text == "The gulls rose.")
    wait_for(desk, "The good text is back.")
    desk.write("!")
    assert "gulls" in desk.wait_saved()
    with Store.reader(path) as store:
        kept = [store.revisions.read(revision.id).text for revision in store.revisions.of(harmed)]
    assert "Uhe fulmars rose, and more." in kept


def test_a_damaged_scene_can_be_shown_and_written_on(open_desk, path, harmed):
    desk = open_desk(path=path, suggestions=False)
    desk.window.binder.go_to(harmed)
    wait_for(desk, "was damaged")
    desk.window.notice.act(1)
    desk.qtbot.waitUntil(lambda: desk.text == "Uhe fulmars rose, and more.")
    desk.write("!")
    assert "!" in desk.wait_saved()


def test_without_a_version_the_newest_backup_has_the_text(open_desk, path):
    with Store.create(path, Project("Tide", "", "en")) as store:
        scene = store.add("Gulls", text="The gulls rose.")
        store.add("Last", text="Last text.")
    back_up(path)
    flip(path, "The gulls")
    desk = open_desk(path=path, suggestions=False)
    desk.window.binder.go_to(scene)
    wait_for(desk, "The newest backup has it as it was: Today")
    assert buttons(desk) == ["Take it from the backup", "Show it as it is"]
    desk.window.notice.act(0)
    desk.qtbot.waitUntil(lambda: desk.text == "The gulls rose.")
    with Store.reader(path) as store:
        assert store.scene(scene).text == "The gulls rose."


def test_without_anything_good_it_can_only_be_shown(open_desk, path):
    with Store.create(path, Project("Tide", "", "en")) as store:
        scene = store.add("", text="The gulls rose.")
        store.add("Last", text="Last text.")
    flip(path, "The gulls")
    desk = open_desk(path=path, suggestions=False)
    desk.window.binder.go_to(scene)
    wait_for(desk, "“Untitled” was damaged on the disk, and there is no good version")
    assert buttons(desk) == ["Show it as it is"]
    desk.window.notice.act(0)
    desk.qtbot.waitUntil(lambda: desk.text == "Uhe gulls rose.")


def test_a_book_opens_at_another_scene_when_its_own_is_damaged(open_desk, path, harmed):
    with Store.open(path) as store:
        store.put("scene", str(harmed))
        store.put("caret", "3")
    desk = open_desk(path=path, suggestions=False)
    assert desk.text == "Last text."
    assert desk.page.cursor_now().offset == len("Last text.")
    wait_for(desk, "“Gulls” was damaged")
    desk.window.notice.act(0)
    desk.qtbot.waitUntil(lambda: desk.text == "The gulls rose.")


def test_a_book_whose_only_scene_is_damaged_opens_with_it(open_desk, path):
    with Store.create(path, Project("Tide", "", "en")) as store:
        store.add("Gulls", text="The gulls rose.")
    flip(path, "The gulls")
    desk = open_desk(path=path, suggestions=False)
    assert desk.text == "Uhe gulls rose."
    wait_for(desk, "“Gulls” was damaged")


def test_suggestions_come_behind_a_damaged_scene(open_desk, path, harmed):
    desk = open_desk(path=path, engine="echo")
    assert desk.text == "Last text."
    assert desk.wait_for_suggestion()
    assert desk.window.notice.message == ""


def test_a_book_that_is_only_read_shows_the_damaged_scene(open_desk, path, harmed):
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    desk = open_desk(path=path, suggestions=False)
    desk.window.binder.go_to(harmed)
    wait_for(desk, "open the book for writing")
    assert buttons(desk) == ["Show it as it is"]
    desk.window.notice.act(0)
    desk.qtbot.waitUntil(lambda: desk.text.startswith("Uhe"))
