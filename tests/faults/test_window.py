"""What may happen to a project while it is open in the window: the text is never lost, and the author hears of it."""

import errno
import os
import sqlite3
import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from writer.store import Store
from writer.story import Project


def read(path, scene):
    with Store.reader(path) as store:
        return store.scene(scene).text


def commits(path, scene):
    with Store.reader(path) as store:
        return store.scene(scene).revision


def save_as(desk, monkeypatch, path):
    """What the author does: the button in the notice, and a name in the dialog."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    old = desk.window.session
    desk.window.notice.act(0)
    goes_on_here = path == desk.path
    desk.qtbot.waitUntil(lambda: goes_on_here or desk.window.session not in (None, old), timeout=15_000)
    desk.qtbot.waitUntil(lambda: desk.state == "Saved", timeout=15_000)


def move(desk):
    desk.path.rename(desk.path.with_name("moved.writer"))


def delete(desk):
    desk.path.unlink()


def replace(desk):
    other = desk.path.with_name("other.writer")
    with Store.create(other, Project("Another", "", "en")) as store:
        store.add("Not this one", text="Not this text.")
    os.replace(other, desk.path)


@pytest.mark.parametrize("happen", [move, delete, replace])
@pytest.mark.parametrize("name", ["copy.writer", "book-0.writer"])
def test_save_as_goes_on_elsewhere_when_the_file_is_gone(open_desk, monkeypatch, happen, name):
    desk = open_desk(["First.", "Second."], suggestions=False)
    first, scene = desk.window.nodes[0].id, desk.page.visit.scene
    desk.page.place_caret(3)
    happen(desk)
    desk.write("XY")
    desk.qtbot.waitUntil(lambda: desk.state == "Not saved")
    assert "safe in this window" in desk.window.notice.message
    copy = desk.path.with_name(name)
    save_as(desk, monkeypatch, copy)
    desk.qtbot.waitUntil(lambda: desk.page.visit is not None and desk.page.visit.scene == scene)
    assert desk.text == "SecXYond."
    assert desk.page.cursor_now().offset == 5
    assert desk.window.notice.message == ""
    desk.write("Z")
    desk.qtbot.waitUntil(lambda: not desk.window.has_unsaved)
    assert desk.window.project_path == copy
    assert (read(copy, first), read(copy, scene)) == ("First.", "SecXYZond.")


def test_a_file_that_comes_back_is_saved_to_again(open_desk):
    desk = open_desk(["Here."], suggestions=False)
    moved = desk.path.with_name("moved.writer")
    desk.path.rename(moved)
    desk.write("!")
    desk.qtbot.waitUntil(lambda: desk.state == "Not saved")
    assert "moved, deleted or replaced" in desk.window.saved.toolTip()
    assert desk.window.saved.accessibleName().startswith("Not saved.")
    desk.write("!")
    assert desk.state == "Not saved"
    moved.rename(desk.path)
    assert desk.wait_saved() == "Here.!!"
    assert desk.window.notice.message == ""
    assert desk.state == "Saved"
    assert "Last saved at" in desk.window.saved.toolTip()


def in_storage(desk, work):
    """Do something with the very connection that saves."""
    done = []
    desk.window.session._submit(lambda store: work(store._connection), lambda _: done.append(True))
    desk.qtbot.waitUntil(lambda: bool(done))


def test_a_full_disk_is_tried_again_until_there_is_room(open_desk):
    desk = open_desk(["Here."], suggestions=False)
    in_storage(desk, lambda now: now.execute("PRAGMA max_page_count = 1").fetchall())
    line = "The ferry had not come. " * 4000
    desk.page.insertPlainText(line)
    desk.qtbot.waitUntil(lambda: desk.state == "Not saved")
    assert "disk is full" in desk.window.notice.message
    assert desk.text == "Here." + line
    in_storage(desk, lambda now: now.execute("PRAGMA max_page_count = 1000000").fetchall())
    desk.window.notice.act(1)
    assert desk.wait_saved() == "Here." + line
    desk.qtbot.waitUntil(lambda: desk.state == "Saved" and not desk.window.notice.message)


def test_a_full_disk_is_left_for_another(open_desk, monkeypatch):
    desk = open_desk(["Here."], suggestions=False)
    in_storage(desk, lambda now: now.execute("PRAGMA max_page_count = 1").fetchall())
    scene, line = desk.page.visit.scene, "The ferry had not come. " * 4000
    desk.page.insertPlainText(line)
    desk.qtbot.waitUntil(lambda: desk.state == "Not saved")
    copy = desk.path.with_name("elsewhere.writer")
    save_as(desk, monkeypatch, copy)
    assert desk.window.project_path == copy
    assert read(copy, scene) == desk.text == "Here." + line
    assert read(desk.path, scene) == "Here."


def test_a_lock_of_another_program_is_waited_for(open_desk):
    desk = open_desk(["Here."], suggestions=False)
    other = sqlite3.connect(desk.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    desk.write("!")
    desk.qtbot.waitUntil(lambda: desk.state == "Not saved", timeout=10_000)
    assert "Another program" in desk.window.notice.message
    desk.write("?")
    other.execute("ROLLBACK")
    other.close()
    assert desk.wait_saved() == "Here.!?"
    desk.qtbot.waitUntil(lambda: desk.state == "Saved" and not desk.window.notice.message)


def test_what_the_author_closed_is_said_again_only_when_asked(open_desk):
    desk = open_desk(["Here."], suggestions=False)
    move(desk)
    desk.write("!")
    desk.qtbot.waitUntil(lambda: desk.state == "Not saved")
    desk.window.notice.clear()
    failed = []
    desk.window.session.save_failed.connect(failed.append)
    desk.window.session.save()
    desk.qtbot.waitUntil(lambda: bool(failed))
    assert desk.window.notice.message == ""
    desk.window.notice.say("Something else.")
    desk.window.session.save()
    desk.qtbot.waitUntil(lambda: "safe in this window" in desk.window.notice.message)
    desk.window.notice.clear()
    desk.qtbot.mouseClick(desk.window.saved, Qt.MouseButton.LeftButton)
    assert "safe in this window" in desk.window.notice.message
    desk.path.with_name("moved.writer").rename(desk.path)


def test_read_only_media_are_read_and_left_for_a_copy(open_desk, monkeypatch, tmp_path):
    path = tmp_path / "shelf" / "book.writer"
    path.parent.mkdir()
    with Store.create(path, Project("A Book", "", "en")) as store:
        scene = store.add("One", text="Here.")
    monkeypatch.setattr(os, "access", lambda place, mode: not (mode == os.W_OK and str(path.parent) in str(place)))
    desk = open_desk(path=path, suggestions=False)
    assert desk.state == "Read-only"
    assert "reading only" in desk.window.notice.message
    desk.write("!")
    assert desk.text == "Here."
    monkeypatch.undo()
    copy = tmp_path / "copy.writer"
    save_as(desk, monkeypatch, copy)
    desk.write("!")
    desk.qtbot.waitUntil(lambda: not desk.window.has_unsaved)
    assert (read(copy, scene), read(path, scene)) == ("Here.!", "Here.")


def test_typing_without_pause_is_committed_all_the_time(open_desk):
    desk = open_desk([""], suggestions=False)
    scene, seen = desk.page.visit.scene, set()

    def type_on():
        desk.write("x")
        seen.add(commits(desk.path, scene))
        return len(seen) > 3

    desk.qtbot.waitUntil(type_on, timeout=30_000)
    assert desk.wait_saved() == desk.text


def test_losing_the_focus_or_leaving_the_scene_saves_at_once(open_desk):
    desk = open_desk(["First.", "Second."], suggestions=False)
    saving = []
    desk.window.session.counted.connect(lambda scene, words: saving.append(scene))
    second = desk.page.visit.scene
    desk.write("!")
    desk.page.clearFocus()
    assert all(visit.is_handed_over for visit in desk.window.session.documents)
    desk.page.setFocus()
    desk.write("?")
    desk.window.binder.step(-1)
    assert all(visit.is_handed_over for visit in desk.window.session.documents)
    desk.qtbot.waitUntil(lambda: desk.text == "First.")
    assert read(desk.path, second) == "Second.!?"


def test_what_was_typed_is_on_its_way_before_grey_text_is_taken(open_desk):
    desk = open_desk(["The gulls rose."], engine="echo")
    scene = desk.page.visit.scene
    grey = desk.wait_for_suggestion()
    before = commits(desk.path, scene)
    desk.write(grey[:1])
    desk.press(Qt.Key.Key_Tab)
    assert desk.wait_saved() == "The gulls rose." + grey
    assert commits(desk.path, scene) == before + 2


@pytest.mark.parametrize("name", ["copy.writer", "book-0.writer"])
def test_what_is_typed_while_the_copy_opens_goes_on_in_it(open_desk, name):
    desk = open_desk(["Here."], suggestions=False)
    move(desk)
    desk.write("!")
    session, copy, scene = desk.window.session, desk.path.with_name(name), desk.page.visit.scene
    begun = []
    session.save_as(copy, lambda: begun.append(desk.window.opening.go_on_in(session, copy)))
    desk.qtbot.waitUntil(lambda: bool(begun))
    desk.write("?")
    desk.qtbot.waitUntil(lambda: (desk.window.session is session) == (copy == desk.path))
    desk.write(".")
    desk.qtbot.waitUntil(lambda: not desk.window.has_unsaved)
    assert read(copy, scene) == desk.text == "Here.!?."


CRASH = """
import os, sys
from pathlib import Path
from writer.store import Store

store = Store.open(Path(sys.argv[1]))
for node in store.nodes()[1:]:
    store.save(node.id, "Saved at the last moment.")
os._exit(1)
"""


@pytest.mark.parametrize(
    ("scenes", "words"),
    [(2, "last in “Scene 2”."), (3, "last in “Scene 2” and “Scene 3”."), (5, "“Scene 3”, “Scene 4” and “Scene 5”.")],
)
def test_what_a_crash_left_is_named_at_the_next_start(open_desk, tmp_path, scenes, words):
    path = tmp_path / "book.writer"
    with Store.create(path, Project("A Book", "", "en")) as store:
        for number in range(scenes):
            store.add(f"Scene {number + 1}", text="Before.")
    assert subprocess.run([sys.executable, "-c", CRASH, path], check=False).returncode == 1
    desk = open_desk(path=path, suggestions=False)
    assert desk.text == "Saved at the last moment."
    assert "did not close properly" in desk.window.notice.message
    assert desk.window.notice.message.endswith(words)
    desk.window.close()
    again = open_desk(path=path, suggestions=False)
    assert again.window.notice.message == ""


@pytest.mark.skipif(sys.platform == "win32", reason="its locks are others")
@pytest.mark.parametrize("why", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_place_without_locks_is_named_in_a_sentence(open_desk, monkeypatch, why):
    import fcntl

    desk = open_desk(["Here."], suggestions=False)
    desk.window.closing.put_away()

    def refuse(*_):
        raise OSError(why, os.strerror(why))

    monkeypatch.setattr(fcntl, "flock", refuse)
    desk.window.opening.open(desk.path)
    desk.qtbot.waitUntil(lambda: os.strerror(why) in desk.window.notice.message)
    assert desk.window.blank.isVisible()


def test_an_export_holds_what_was_just_typed_and_typing_goes_on(open_desk, monkeypatch, tmp_path):
    desk = open_desk(["First.", "Second."], suggestions=False)
    target = tmp_path / "book.md"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    desk.write(" Just now.")
    desk.window.books.export()
    desk.write(" Later.")
    desk.qtbot.waitUntil(lambda: str(target) in desk.window.notice.message)
    assert "Second. Just now." in target.read_text("utf-8")
    assert desk.wait_saved() == "Second. Just now. Later."


def test_no_export_leaves_out_what_could_not_be_saved(open_desk, monkeypatch, tmp_path):
    desk = open_desk(["First."], suggestions=False)
    target = tmp_path / "book.md"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    move(desk)
    desk.write("!")
    desk.window.books.export()
    desk.qtbot.waitUntil(lambda: "moved, deleted or replaced" in desk.window.notice.message)
    assert not target.exists()
    desk.path.with_name("moved.writer").rename(desk.path)


def test_an_import_waits_behind_what_was_typed(open_desk, monkeypatch, tmp_path):
    desk = open_desk(["First."], suggestions=False)
    scene, source = desk.page.visit.scene, tmp_path / "more.md"
    source.write_text("# More\n\nOnce more.\n", "utf-8")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(source), ""))
    desk.write(" Typed.")
    desk.window.books.import_text()
    desk.write(" And on.")
    desk.qtbot.waitUntil(lambda: desk.text == "Once more.")
    desk.qtbot.waitUntil(lambda: not desk.window.has_unsaved)
    assert read(desk.path, scene) == "First. Typed. And on."
