"""Backups in the window: made beside the author, told when they fail, and put back without losing a word."""

import dataclasses
import sqlite3
import threading

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox

from writer import backups, i18n, settings
from writer.settings import Settings
from writer.store import Store
from writer.story import Project

NO_MODEL = {"suggestions": False}


def texts(path):
    with Store.reader(path) as store:
        return [store.scene(node.id).text for node in store.nodes()]


def restored(backup, tmp_path):
    target = tmp_path / f"{backup.number}-{backup.path.stem}.writer"
    backups.restore(backup.path, target)
    return texts(target)


def open_dialog(desk):
    desk.window.backups.show()
    dialog = desk.window.backups.dialog
    desk.qtbot.waitUntil(lambda: dialog.list.count() == len(backups.of(desk.path)))
    return dialog


def answer(label):
    """Press this button of the question that is about to be asked."""

    def press():
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        next(button for button in box.buttons() if button.text() == label).click()

    QTimer.singleShot(0, press)


# -- by itself ---------------------------------------------------------------------


def test_closing_backs_up_what_changed(open_desk, tmp_path):
    desk = open_desk(["The gulls rose."], **NO_MODEL)
    desk.write(" Then they fell.")
    desk.window.close()
    (backup,) = backups.of(desk.path)
    assert restored(backup, tmp_path) == ["The gulls rose. Then they fell."]
    assert [file.name for file in desk.path.parent.iterdir() if "book-0" in file.name] == [desk.path.name]


def test_closing_what_did_not_change_makes_no_other(open_desk):
    desk = open_desk(["The gulls rose."], **NO_MODEL)
    desk.window.close()
    again = open_desk(path=desk.path, **NO_MODEL)
    again.press(Qt.Key.Key_Home)
    again.window.close()
    assert len(backups.of(desk.path)) == 1


def test_another_book_in_its_place_backs_it_up(open_desk, tmp_path):
    desk = open_desk(["The gulls rose."], **NO_MODEL)
    desk.write("!")
    with Store.create(tmp_path / "other.writer", Project("Other", "", "en")) as store:
        store.add("One", text="Another one.")
    desk.window.opening.open(tmp_path / "other.writer")
    desk.qtbot.waitUntil(lambda: len(backups.of(desk.path)) == 1)
    assert desk.window.notice.message == ""


def test_it_is_made_while_the_author_writes_when_it_is_due(open_desk, tmp_path):
    desk = open_desk(["The gulls rose."], backup_minutes=1, **NO_MODEL)
    desk.write(" More.")
    desk.wait_saved()
    desk.window.backups.look()
    desk.qtbot.waitUntil(lambda: len(backups.of(desk.path)) == 1)
    desk.write(" And more.")
    desk.wait_saved()
    desk.window.backups.look()
    desk.window.backups.finish(desk.path)
    assert len(backups.of(desk.path)) == 1
    assert restored(backups.of(desk.path)[0], tmp_path) == ["The gulls rose. More."]


def test_a_book_is_opened_while_another_one_is_backed_up(open_desk, tmp_path, monkeypatch):
    desk = open_desk(["The gulls rose."], **NO_MODEL)
    others = [tmp_path / "other.writer", tmp_path / "third.writer"]
    for path in others:
        Store.create(path, Project("Other", "", "en")).close()
    going_on, may_end = threading.Event(), threading.Event()
    make = backups.make

    def slowly(store):
        going_on.set()
        assert may_end.wait(4)
        return make(store)

    monkeypatch.setattr(backups, "make", slowly)
    desk.write("!")
    for path in others:
        desk.window.opening.open(path)
        desk.qtbot.waitUntil(lambda path=path: desk.window.project_path == path)
        desk.qtbot.waitUntil(going_on.is_set)
    assert backups.of(desk.path) == []
    may_end.set()
    desk.qtbot.waitUntil(lambda: len(backups.of(desk.path)) == 1)


def test_zero_minutes_means_at_closing_only(open_desk):
    desk = open_desk(["The gulls rose."], backup_minutes=0, **NO_MODEL)
    assert not desk.window.backups._clock.isActive()
    other = open_desk(["The gulls rose."], **NO_MODEL)
    assert other.window.backups._clock.isActive()


def test_what_is_only_read_is_not_backed_up(open_desk):
    desk = open_desk(["The gulls rose."], **NO_MODEL)
    desk.window.close()
    (old,) = backups.of(desk.path)
    connection = sqlite3.connect(desk.path)
    connection.execute("PRAGMA user_version = 99")
    connection.execute("UPDATE nodes SET title = 'Other'")
    connection.commit()
    connection.close()
    again = open_desk(path=desk.path, **NO_MODEL)
    assert again.window.session.read_only
    again.window.backups.look()
    again.window.close()
    assert backups.of(desk.path) == [old]


def test_a_backup_that_fails_is_told_once_with_the_reason(open_desk, home):
    desk = open_desk(["The gulls rose."], **NO_MODEL)
    settings.save(dataclasses.replace(settings.load(), backups_folder=str(home / "stick")))
    (home / "stick").write_text("not a folder")
    desk.window.backups.look()
    desk.qtbot.waitUntil(lambda: "No backup of" in desk.window.notice.message)
    desk.window.notice.clear()
    desk.window.backups.look()
    desk.window.backups.finish(desk.path)
    QApplication.processEvents()
    assert desk.window.notice.message == ""
    desk.write(" More.")
    desk.window.close()
    assert texts(desk.path) == ["The gulls rose. More."]
    again = open_desk(path=desk.path, **NO_MODEL)
    assert "No backup of" in again.window.notice.message
    settings.save(dataclasses.replace(settings.load(), backups_folder=""))
    again.window.close()
    assert len(backups.of(desk.path)) == 1
    assert open_desk(path=desk.path, **NO_MODEL).window.notice.message == ""


# -- by hand -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (30, "makes one every 30 minutes while you write, and one when you close the book"),
        (1, "makes one every minute while"),
        (0, "makes one when you close the book"),
    ],
)
def test_an_empty_list_says_what_backups_are(open_desk, minutes, said):
    desk = open_desk(["The gulls rose."], **NO_MODEL, backup_minutes=minutes)
    dialog = open_dialog(desk)
    desk.qtbot.waitUntil(lambda: dialog.pages.currentIndex() == 1)
    assert said in dialog.empty.text()
    assert not dialog.place.isEnabled()
    assert not dialog.folder.isEnabled()
    dialog.reject()


def test_back_up_now_holds_what_was_typed_a_moment_ago(open_desk, tmp_path):
    desk = open_desk(["The gulls rose."], **NO_MODEL)
    desk.write(" Now.")
    dialog = open_dialog(desk)
    dialog.make.click()
    desk.qtbot.waitUntil(lambda: dialog.list.count() == 1)
    assert dialog.notice.message == "The backup is made and checked."
    assert dialog.chosen.words == 4
    assert restored(dialog.chosen, tmp_path) == ["The gulls rose. Now."]
    dialog.reject()


def test_the_list_says_when_how_much_and_what_changed_since(open_desk):
    desk = open_desk(["The gulls rose."], **NO_MODEL)
    with Store.reader(desk.path) as store:
        backups.make(store)
    desk.write(" More and more.")
    desk.wait_saved()
    dialog = open_dialog(desk)
    said = dialog.list.item(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said.startswith("Today, ")
    assert "3 words" in said
    assert said.endswith("3 fewer")
    dialog.reject()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_backup_is_put_in_the_place_of_the_book_and_that_is_taken_back(open_desk, language):
    first, typed = {"en": ("The gulls rose.", " Newer."), "zh": ("海鸥飞起。", "雾散了。")}[language]
    desk = open_desk([first], language=language, **NO_MODEL)
    i18n.use("en")
    with Store.reader(desk.path) as store:
        backups.make(store)
    desk.page.textCursor().insertText(typed)
    dialog = open_dialog(desk)
    answer("Put in the place of the book")
    dialog.place.click()
    desk.qtbot.waitUntil(lambda: desk.page.visit is not None and desk.text == first, timeout=10_000)
    desk.qtbot.waitUntil(lambda: "is kept as" in desk.window.notice.message)
    assert desk.window.notice.message.startswith("The book is as it was: Today")
    desk.window.notice.act(0)
    desk.qtbot.waitUntil(lambda: desk.page.visit is not None and desk.text == first + typed, timeout=10_000)
    desk.write("!")
    assert desk.wait_saved() == first + typed + "!"


def test_asking_and_saying_no_changes_nothing(open_desk):
    desk = open_desk(["The gulls rose."], **NO_MODEL)
    with Store.reader(desk.path) as store:
        backups.make(store)
    desk.write(" Newer.")
    dialog = open_dialog(desk)
    answer("Cancel")
    dialog.place.click()
    assert desk.text == "The gulls rose. Newer."
    assert len(backups.of(desk.path)) == 1
    dialog.reject()


def test_a_damaged_backup_leaves_the_book_as_it_is(open_desk):
    desk = open_desk(["The gulls rose."], **NO_MODEL)
    with Store.reader(desk.path) as store:
        backup = backups.make(store)
    content = bytearray(backup.path.read_bytes())
    content[100:110] = b"0123456789"
    backup.path.write_bytes(content)
    desk.write(" Newer.")
    dialog = open_dialog(desk)
    answer("Put in the place of the book")
    dialog.place.click()
    desk.qtbot.waitUntil(lambda: "is not a whole backup" in desk.window.notice.message, timeout=10_000)
    desk.qtbot.waitUntil(lambda: desk.page.visit is not None and desk.text == "The gulls rose. Newer.")


def test_a_backup_is_opened_as_a_copy(open_desk, tmp_path, monkeypatch):
    desk = open_desk(["The gulls rose."], **NO_MODEL)
    with Store.reader(desk.path) as store:
        backups.make(store)
    desk.write(" Newer.")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *words: (str(tmp_path / "copy"), ""))
    open_dialog(desk).copy.click()
    desk.qtbot.waitUntil(lambda: desk.window.project_path == tmp_path / "copy.writer", timeout=10_000)
    assert desk.text == "The gulls rose."
    assert texts(desk.path) == ["The gulls rose. Newer."]


def test_a_backup_from_another_computer_becomes_a_book(open_desk, tmp_path, monkeypatch):
    desk = open_desk(["The gulls rose."], **NO_MODEL)
    with Store.create(tmp_path / "lost.writer", Project("Lost", "", "en")) as store:
        store.add("One", text="Not lost.")
        file = backups.make(store).path.rename(tmp_path / "lost.zip")
    (tmp_path / "lost.writer").unlink()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *words: (str(file), ""))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *words: (str(tmp_path / "found.writer"), ""))
    open_dialog(desk).from_file.click()
    desk.qtbot.waitUntil(lambda: desk.window.project_path == tmp_path / "found.writer", timeout=10_000)
    assert desk.text == "Not lost."


def test_a_book_that_is_damaged_is_replaced_by_its_backup(open_desk, tmp_path):
    desk = open_desk(["The gulls rose."], **NO_MODEL)
    desk.window.close()
    content = bytearray(desk.path.read_bytes())
    del content[len(content) // 2 :]
    desk.path.write_bytes(content)
    other = open_desk(["Another book."], **NO_MODEL)
    other.window.opening.open(desk.path)
    desk.qtbot.waitUntil(lambda: "is damaged" in other.window.notice.message)
    other.window.backups.show(desk.path)
    dialog = other.window.backups.dialog
    desk.qtbot.waitUntil(lambda: dialog.list.count() == 1)
    assert not dialog.make.isEnabled()
    answer("Put in the place of the book")
    dialog.place.click()
    desk.qtbot.waitUntil(lambda: other.window.project_path == desk.path, timeout=10_000)
    assert other.text == "The gulls rose."
    assert [file.read_bytes() for file in tmp_path.glob("book-0 (damaged *")] == [bytes(content)]


def test_without_a_book_a_file_can_be_chosen(qtbot):
    from writer import models
    from writer.ui.window import Window

    window = Window(Settings(language="en", suggestions=False), models.open_engine)
    qtbot.addWidget(window)
    window.show()
    window.backups.show()
    dialog = window.backups.dialog
    assert dialog.pages.currentIndex() == 1
    assert dialog.from_file.isEnabled()
    assert not dialog.make.isEnabled()
    dialog.reject()
