"""What could not be saved yet must outlive everything else that happens in the window."""

from __future__ import annotations

import sqlite3
import threading

import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox, QPushButton

from tests.desk import Desk
from writer.errors import ProjectError
from writer.store import Store, file
from writer.store.check import check
from writer.story import Scene
from writer.ui import session as sessions


class FullDisk:
    """Saves fail while this is ``on``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.on = False
        save = Store.save

        def save_or_fail(store: Store, *scene) -> Scene:
            if self.on:
                raise ProjectError("The disk is full.")
            return save(store, *scene)

        monkeypatch.setattr(Store, "save", save_or_fail)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> FullDisk:
    return FullDisk(monkeypatch)


def texts(path) -> list[str]:
    with Store.reader(path) as store:
        return [store.scene(node.id).text for node in store.nodes()]


def go(desk: Desk, scene: int) -> None:
    desk.window.binder.go_to(scene)
    desk.qtbot.waitUntil(lambda: desk.window.scene == scene)


def wait_saved(desk: Desk) -> None:
    desk.qtbot.waitUntil(lambda: desk.state == "Saved" and not desk.window.has_unsaved, timeout=10_000)


def hold(desk: Desk) -> threading.Event:
    """Make the storage thread wait, as behind a slow disk, until the event is set."""
    event = threading.Event()
    desk.window.session._storage.submit(lambda store: event.wait(20))
    return event


def test_more_scenes_than_are_kept_stay_until_they_are_saved(open_desk, disk):
    desk = open_desk([f"Scene {number}." for number in range(14)], suggestions=False)
    disk.on = True
    ids = [node.id for node in desk.window.nodes]
    for id in ids:
        go(desk, id)
        desk.page.place_caret(0)
        desk.write("New. ")
    assert len(list(desk.window.session.documents)) == 14
    go(desk, ids[-2])  # is kept, so it comes at once, while all are on their way to the file
    disk.on = False
    wait_saved(desk)
    assert all(text.startswith("New. ") for text in texts(desk.path))


def test_save_as_under_its_own_name_saves_or_says_that_it_did_not(open_desk, disk, monkeypatch):
    desk = open_desk(["First."], suggestions=False)
    disk.on = True
    desk.write(" A whole paragraph.")
    desk.qtbot.waitUntil(lambda: desk.state == "Not saved")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(desk.path), ""))
    desk.window.notice.act(0)
    desk.qtbot.waitUntil(lambda: "disk is full" in desk.window.notice.message)
    assert desk.window.has_unsaved
    disk.on = False
    wait_saved(desk)
    assert texts(desk.path) == [desk.text] == ["First. A whole paragraph."]


@pytest.mark.parametrize("refused", [False, True])
def test_a_file_that_is_gone_is_made_anew_in_its_place(open_desk, monkeypatch, refused):
    desk = open_desk(["First."], suggestions=False)
    desk.path.unlink()
    desk.write("!")
    desk.qtbot.waitUntil(lambda: desk.state == "Not saved")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(desk.path), ""))
    ready = file._ready
    if refused:  # the copy is in its place, but can't be opened

        def refuse(path):
            raise ProjectError("The disk reports an error.")

        monkeypatch.setattr(file, "_ready", refuse)
    desk.window.notice.act(0)
    if refused:
        desk.qtbot.waitUntil(lambda: "reports an error" in desk.window.notice.message)
        desk.write("?")
        desk.qtbot.waitUntil(lambda: desk.state == "Not saved")
        monkeypatch.setattr(file, "_ready", ready)
        desk.window.books.save_as()
    wait_saved(desk)
    desk.write(".")
    wait_saved(desk)
    expected = "First.!?." if refused else "First.!."
    assert texts(desk.path) == [desk.text] == [expected]
    desk.window.close()
    assert [file.name for file in desk.path.parent.glob("*book*")] == [desk.path.name]
    assert texts(desk.path) == [expected]


def test_the_text_of_a_disk_that_hangs_goes_into_the_text_file(open_desk, monkeypatch, tmp_path):
    desk = open_desk(["First."], suggestions=False)
    monkeypatch.setattr(sessions, "SETTLE_S", 0.3)
    held = hold(desk)
    desk.write(" A whole paragraph.")
    out = tmp_path / "text.txt"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    monkeypatch.setattr(QMessageBox, "exec", lambda box: None)
    monkeypatch.setattr(QMessageBox, "clickedButton", lambda box: next(b for b in box.buttons() if "text" in b.text()))
    try:
        assert desk.window.closing.put_away()
        assert "A whole paragraph." in out.read_text()
    finally:
        held.set()


def test_what_the_old_file_was_given_while_the_copy_opened_is_in_the_copy(open_desk, monkeypatch):
    desk = open_desk(["First. "], suggestions=False)
    copy, opening = desk.path.with_name("copy.writer"), threading.Event()
    open_store = Store.open.__func__

    def slowly(cls, path, **options):
        if path == copy:
            opening.wait(10)
        return open_store(cls, path, **options)

    monkeypatch.setattr(Store, "open", classmethod(slowly))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(copy), ""))
    old = desk.window.session
    desk.window.books.save_as()
    desk.qtbot.waitUntil(lambda: desk.window.opening.session is not None, timeout=10_000)
    held = hold(desk)
    desk.write("Typed meanwhile.")
    old.save()
    opening.set()
    desk.qtbot.waitUntil(lambda: desk.window.session not in (None, old), timeout=15_000)
    held.set()
    wait_saved(desk)
    assert texts(copy) == ["First. Typed meanwhile."]


def test_a_change_of_look_while_a_save_fails_is_no_save(open_desk, disk):
    desk = open_desk(["One."], suggestions=False)
    session, visit = desk.window.session, desk.page.visit
    disk.on = True
    with desk.page.changing():
        session.documents.rewrite(visit, Scene(visit.scene, "", "One. Mine.", 0), saved=False)  # no undo is left
    held = hold(desk)
    session.save()
    desk.window.painting.zoom(1)
    held.set()
    desk.qtbot.waitUntil(lambda: desk.state == "Not saved")
    assert session.is_dirty
    disk.on = False
    wait_saved(desk)
    assert texts(desk.path) == ["One. Mine."]


def test_a_scene_goes_into_the_bin_with_what_could_not_be_saved_yet(open_desk, disk):
    desk = open_desk(["One.", "Two."], suggestions=False)
    one, two = (node.id for node in desk.window.nodes)
    disk.on = True
    desk.write(" A whole paragraph.")
    go(desk, one)
    desk.window.binder.remove(two)
    desk.qtbot.waitUntil(lambda: len(desk.window.nodes) == 1)
    disk.on = False
    wait_saved(desk)
    with Store.reader(desk.path) as store:
        assert store.scene(two).text == "Two. A whole paragraph."


def test_a_damaged_scene_that_was_looked_at_is_no_better_in_a_copy(open_desk):
    desk = open_desk(["One.", "Two."], suggestions=False)
    desk.window.close()
    connection = sqlite3.connect(desk.path)
    connection.execute("UPDATE bodies SET text = 'Oxe.' WHERE text = 'One.'")
    connection.commit()
    connection.close()
    desk = open_desk(path=desk.path, suggestions=False)
    desk.window.binder.go_to(desk.window.nodes[0].id)
    desk.qtbot.waitUntil(lambda: "damaged" in desk.window.notice.message)
    actions = [button.text() for button in desk.window.notice.findChildren(QPushButton) if button.isVisible()]
    desk.window.notice.act(actions.index("Show it as it is"))
    desk.qtbot.waitUntil(lambda: desk.text == "Oxe.")
    copy, done = desk.path.with_name("copy.writer"), []
    desk.window.session.save_as(copy, lambda: done.append(True))
    desk.qtbot.waitUntil(lambda: bool(done))
    assert [problem.where for problem in check(copy)] == [problem.where for problem in check(desk.path)] != []


def test_a_save_behind_a_slow_one_begins_at_once(open_desk):
    desk = open_desk([""], suggestions=False)
    session, held = desk.window.session, hold(desk)
    desk.write("a")
    session.save()
    desk.write("b")
    desk.qtbot.waitUntil(lambda: session._is_late)
    assert not session._timer.isActive()
    held.set()
    wait_saved(desk)
    assert texts(desk.path) == ["ab"]


def test_what_is_typed_while_a_scene_goes_into_the_bin_goes_along(open_desk):
    desk = open_desk(["One.", "Two."], suggestions=False)
    two = desk.window.nodes[1].id
    held = hold(desk)
    desk.window.binder.remove(two)
    desk.write(" And more.")
    held.set()
    desk.qtbot.waitUntil(lambda: desk.text == "One.")
    wait_saved(desk)
    with Store.reader(desk.path) as store:
        assert store.scene(two).text == "Two. And more."


@pytest.mark.parametrize("change", ["join", "split", "remove"])
def test_leaving_the_scene_while_it_is_changed_is_no_fault(open_desk, change):
    desk = open_desk([f"{number}.\n{number}!" for number in range(16)], suggestions=False)
    session, ids = desk.window.session, [node.id for node in desk.window.nodes]
    go(desk, ids[3])
    desk.page.place_caret(3)
    desk.write("x")
    held = hold(desk)
    getattr(desk.window.binder, change)(*([ids[3]] if change == "remove" else []))
    for id in ids[5:]:  # so many that the changed scene is not kept
        session.visit(id)
    held.set()
    desk.qtbot.waitUntil(lambda: desk.window.scene == ids[-1])
    for id in ids[:5]:
        session.visit(id)
    wait_saved(desk)
    joined = "".join(texts(desk.path))
    with Store.reader(desk.path) as store:
        binned = "".join(store.scene(node.id).text for node in store.binned())
    assert "3.\nx3!" in joined + binned or ("3." in joined and "x3!" in joined)
