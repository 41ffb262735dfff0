"""Looking for words in the whole book: steps lead through its scenes, and what is replaced can be taken back."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.ui.test_binder import ORIGIN, texts
from writer.store import Store
from writer.story import Credit

BOOK = ["The gulls rose. 😀 Gulls!", "Nothing here.", "Then the gulls fell."]


def press(key, how=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(QApplication.focusWidget(), key, how)


def look_for(desk, words, *, replacing=False):
    """Open the bar at the start of the first scene and type."""
    window = desk.window
    window.binder.go_to(window.nodes[0].id)
    desk.qtbot.waitUntil(lambda: window.scene == window.nodes[0].id)
    desk.page.place_caret(0)
    finding = window.finding
    finding.open(replacing=replacing)
    finding.words.setFocus()
    desk.qtbot.waitUntil(finding.words.hasFocus)
    QTest.keyClicks(finding.words, words)
    return finding


def says(desk, said):
    desk.qtbot.waitUntil(lambda: desk.window.finding.said == said)


@pytest.fixture
def desk(open_desk):
    return open_desk(BOOK, suggestions=False)


def selected(desk):
    return desk.page.textCursor().selectedText(), desk.window.nodes.index(desk.window.binder.node(desk.window.scene))


def test_steps_lead_through_the_book_and_round_while_the_field_keeps_the_keys(desk):
    finding = look_for(desk, "gulls")
    says(desk, "1 of 3")
    assert selected(desk) == ("gulls", 0)
    press(Qt.Key.Key_Return)
    assert (*selected(desk), finding.said) == ("Gulls", 0, "2 of 3")
    press(Qt.Key.Key_Return)
    says(desk, "3 of 3")
    assert selected(desk) == ("gulls", 2)
    assert finding.words.hasFocus()
    press(Qt.Key.Key_Return)
    says(desk, "1 of 3")
    assert selected(desk) == ("gulls", 0)
    press(Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    says(desk, "3 of 3")
    press(Qt.Key.Key_Escape)
    assert finding.isHidden()
    assert desk.page.hasFocus()
    assert selected(desk) == ("gulls", 2)


def test_a_step_asked_for_before_the_book_is_counted_is_made_then(desk):
    look_for(desk, "fell")
    press(Qt.Key.Key_Return)
    desk.qtbot.waitUntil(lambda: selected(desk) == ("fell", 2))


def test_what_is_nowhere_is_said_to_be_nowhere(desk):
    look_for(desk, "terns")
    says(desk, "Not in this book")


def test_what_is_typed_meanwhile_is_found(desk):
    finding = look_for(desk, "terns")
    says(desk, "Not in this book")
    desk.page.setFocus()
    desk.page.place_caret(0)
    desk.write("Terns. ")
    says(desk, "1 in the book")
    finding.step(1)
    assert selected(desk) == ("Terns", 0)


def test_what_is_selected_is_looked_for(desk):
    desk.page.select(0, 4)
    desk.window.finding.open()
    assert desk.window.finding.words.text() == "Then"


def test_one_is_replaced_and_the_next_one_shown(desk):
    finding = look_for(desk, "gulls", replacing=True)
    says(desk, "1 of 3")
    finding.by.setText("terns")
    finding.by.setFocus()
    press(Qt.Key.Key_Return)
    assert desk.text == "The terns rose. 😀 Gulls!"
    assert selected(desk) == ("Gulls", 0)
    desk.page.undo()
    assert desk.text == BOOK[0]


def replace_all(desk, by="terns"):
    finding = desk.window.finding
    finding.by.setText(by)
    finding._all.click()
    desk.qtbot.waitUntil(lambda: desk.window.notice.message.startswith("Replaced"))


def test_all_are_replaced_in_one_go_each_scene_after_a_revision(desk):
    look_for(desk, "gulls", replacing=True)
    replace_all(desk)
    assert desk.window.notice.message == "Replaced 3 times."
    assert desk.text == "The terns rose. 😀 Terns!"
    assert [text for _title, text in texts(desk)] == ["The terns rose. 😀 Terns!", BOOK[1], "Then the terns fell."]
    with Store.reader(desk.path) as store:
        nodes = store.nodes()
        kept = [[store.revisions.read(one.id).text for one in store.revisions.of(node.id)] for node in nodes]
    assert kept == [[BOOK[0]], [], [BOOK[2]]]
    desk.page.undo()
    assert desk.text == BOOK[0]


def test_undo_leaves_the_caret_where_the_author_was(desk):
    look_for(desk, "gulls", replacing=True)
    desk.page.setFocus()
    desk.page.place_caret(12)
    replace_all(desk, "boat")
    assert desk.page.textCursor().position() == 11
    desk.page.undo()
    assert desk.text == BOOK[0]
    assert desk.page.textCursor().position() == 12


def test_what_was_replaced_is_taken_back_but_not_what_was_written_since(desk):
    look_for(desk, "gulls", replacing=True)
    replace_all(desk)
    desk.page.setFocus()
    desk.page.place_caret(0)
    desk.write("Oh. ")
    desk.window.notice.act(0)
    desk.qtbot.waitUntil(lambda: "one scene" in desk.window.notice.message)
    assert [text for _title, text in texts(desk)] == ["Oh. The terns rose. 😀 Terns!", BOOK[1], BOOK[2]]


def test_scenes_in_the_file_alone_are_replaced_and_taken_back_with_the_models_words_in_them(open_desk):
    first = open_desk(BOOK, suggestions=False)
    first.window.close()
    with Store.open(first.path) as store:
        last = store.nodes()[2].id
        store.save(last, BOOK[2], (Credit(0, 14, ORIGIN),))
        store.put("scene", str(store.nodes()[0].id))
    desk = open_desk(path=first.path, suggestions=False)
    look_for(desk, "gulls", replacing=True)
    says(desk, "1 of 3")
    assert [visit.scene for visit in desk.window.session.documents] == [desk.window.scene]
    replace_all(desk, "boats")

    def scene():
        with Store.reader(desk.path) as store:
            return store.scene(last)

    desk.qtbot.waitUntil(lambda: scene().text == "Then the boats fell.")
    assert [(credit.start, credit.end) for credit in scene().credits] == [(0, 9)]
    desk.window.notice.act(0)
    desk.qtbot.waitUntil(lambda: scene().text == BOOK[2])
    assert [(credit.start, credit.end) for credit in scene().credits] == [(0, 14)]
    assert texts(desk)[0][1] == BOOK[0]


def test_nothing_is_replaced_in_a_book_that_is_only_read(desk):
    desk.window.session.why_read_only = "It is read only."
    desk.window.finding.open(replacing=True)
    assert desk.window.finding.by.isHidden()
    desk.window.finding.words.setText("gulls")
    desk.window.finding.replacing.everywhere(desk.window.finding.phrase, "x")
    desk.window.session.why_read_only = ""
    assert [text for _title, text in texts(desk)] == BOOK
