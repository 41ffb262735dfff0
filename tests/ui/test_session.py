"""An open project: what is typed is in the file soon after, and closing loses nothing."""

import threading

import pytest
from PySide6.QtGui import QTextCursor

from tests.ui.test_editor import make_look
from writer.errors import ProjectError
from writer.store import Store
from writer.story import Project
from writer.ui import session as sessions
from writer.ui.session import Session


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "book.writer"
    with Store.create(path, Project("A Book", "", "en")) as store:
        chapter = store.add("One")
        store.add("First", chapter, text="The gulls rose.")
        store.add("Second", chapter, text="海鸥飞起。")
    return path


@pytest.fixture
def session(path, qtbot):
    session = Session(path, make_look())
    with qtbot.waitSignal(session.opened) as opened:
        pass
    session.first = opened.args[0]
    session.page = session.documents.open(session.first.scene)
    yield session
    session.close()


def type_in(visit, text):
    cursor = QTextCursor(visit.document)
    cursor.movePosition(QTextCursor.MoveOperation.End)
    cursor.insertText(text)


def read(path, scene):
    with Store.reader(path) as store:
        return store.scene(scene).text


def test_it_opens_where_the_story_ends(session):
    assert session.first.scene.title == "Second"
    assert session.first.caret == len("海鸥飞起。")
    assert [node.title for node in session.first.nodes] == ["One", "First", "Second"]


def test_typing_is_saved_without_being_asked(session, path, qtbot):
    type_in(session.page, "雾散了。")
    with qtbot.waitSignals([session.saved, session.counted]):
        session.touch()
    assert read(path, session.page.scene) == "海鸥飞起。雾散了。"
    assert not session.is_dirty


def test_a_save_is_due_half_a_second_after_the_first_key_whatever_follows(session, monkeypatch, qtbot):
    assert sessions.SAVE_AFTER_MS <= 500
    minute = 60_000
    monkeypatch.setattr(sessions, "SAVE_AFTER_MS", minute)
    type_in(session.page, "雾")
    session.touch()
    timer = session._timer
    assert timer.isSingleShot()
    assert timer.interval() == minute
    qtbot.waitUntil(lambda: timer.remainingTime() < minute - 10)
    left = timer.remainingTime()
    type_in(session.page, "散")
    session.touch()
    assert timer.remainingTime() <= left


def test_a_save_that_is_due_behind_another_is_made_as_soon_as_that_is_done(session, path, monkeypatch, qtbot):
    monkeypatch.setattr(sessions, "SAVE_AFTER_MS", 60_000)
    disk = threading.Event()
    session._storage.submit(lambda store: disk.wait(30))
    type_in(session.page, "雾")
    session.save()
    type_in(session.page, "散")
    session.touch()
    session._timer.timeout.emit()
    disk.set()
    with qtbot.waitSignal(session.saved):
        pass
    assert read(path, session.page.scene) == "海鸥飞起。雾散"


def test_settle_saves_at_once(session, path):
    type_in(session.page, "!")
    assert session.settle() is None
    assert read(path, session.page.scene).endswith("!")


def test_what_cannot_be_saved_stays_and_is_named(session, path, qtbot):
    path.rename(path.with_name("elsewhere.writer"))
    type_in(session.page, "!")
    error = session.settle()
    assert isinstance(error, ProjectError)
    assert session.is_dirty
    assert session.page.text.endswith("!")
    path.with_name("elsewhere.writer").rename(path)
    assert session.settle() is None
    assert read(path, session.page.scene).endswith("!")


def test_the_place_is_kept_for_the_next_time(session, path, qtbot):
    session.keep_place(session.page, 2)
    assert session.settle() is None
    session.close()
    again = Session(path, make_look())
    with qtbot.waitSignal(again.opened) as opened:
        pass
    assert (opened.args[0].scene.title, opened.args[0].caret) == ("Second", 2)
    again.close()


def test_the_outline_follows_every_change(session, qtbot):
    added = []
    with qtbot.waitSignal(session.outline_changed) as changed:
        session.add("Third", session.first.nodes[0].id, session.page.scene, added.append)
    assert [node.title for node in changed.args[0]] == ["One", "First", "Second", "Third"]
    with qtbot.waitSignal(session.outline_changed) as changed:
        session.rename(added[0], "Last")
    assert changed.args[0][-1].title == "Last"
    with qtbot.waitSignal(session.outline_changed) as changed:
        session.remove(added[0], lambda _: None)
    assert [node.title for node in changed.args[0]] == ["One", "First", "Second"]


def test_a_copy_holds_what_was_just_typed(session, tmp_path, qtbot):
    type_in(session.page, "!")
    copy, done = tmp_path / "copy.writer", []
    session.save_as(copy, lambda: done.append(True))
    qtbot.waitUntil(lambda: bool(done))
    assert read(copy, session.page.scene).endswith("!")


@pytest.mark.parametrize("content", [None, b"not a project at all", b""])
def test_what_is_no_project_is_refused_in_a_sentence(tmp_path, content, qtbot):
    path = tmp_path / "x.writer"
    if content is not None:
        path.write_bytes(content)
    session = Session(path, make_look())
    with qtbot.waitSignal(session.refused) as refused:
        pass
    assert isinstance(refused.args[0], ProjectError)
    session.close()


def test_a_second_window_may_only_read(session, path, qtbot):
    other = Session(path, make_look())
    with qtbot.waitSignal(other.refused, timeout=8000) as refused:
        pass
    assert isinstance(refused.args[0], ProjectError)
    other.close()
