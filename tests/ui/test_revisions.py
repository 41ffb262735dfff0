"""Earlier versions: listed, compared, brought back, and kept under a name."""

import sqlite3
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog, QLineEdit

from writer.store import Store
from writer.story import Credit, Origin, Project, Revision
from writer.text import count_words
from writer.ui.comparison import MOST_PIECES, Comparison, Piece, pieces
from writer.ui.revisions import said_why
from writer.ui.theme import THEMES

OLD = "The gull rose over the harbour."
NEW = "The gulls rose over the empty harbour."


@pytest.fixture
def desk(open_desk, tmp_path):
    """A page whose scene was ``OLD`` before it became ``NEW``."""
    return open_desk(path=book(tmp_path, [OLD, NEW]), suggestions=False)


def book(folder, texts, credits=()):
    """A project with one scene that was each of these texts in turn, all but the last kept."""
    path = folder / "book.writer"
    with Store.create(path, Project("A Book", "", "en")) as store:
        scene = store.add("The storm", text=texts[0])
        store.save(scene, texts[0], credits)
        for text in texts[1:]:
            store.revisions.keep(scene, "change")
            store.save(scene, text)
    return path


def show(desk):
    desk.window.revisions.show()
    dialog = desk.window.revisions.dialog
    desk.qtbot.waitUntil(lambda: dialog.pages.currentIndex() == 1 or bool(dialog.comparison.toPlainText()))
    return dialog


def press(dialog, button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def name_it(parent, name):
    asked = parent.findChildren(QInputDialog)[-1]
    QTest.keyClicks(asked.findChild(QLineEdit), name)
    QTest.keyClick(asked.findChild(QLineEdit), Qt.Key.Key_Return)


def test_a_version_is_compared_with_the_page(desk):
    dialog = show(desk)
    assert dialog.list.count() == 1
    assert dialog.comparison.toPlainText() == "The gullgulls rose over the empty harbour."
    assert "1 word fewer" in dialog.summary.text()
    dialog.as_text.setChecked(True)
    assert dialog.comparison.toPlainText() == OLD
    dialog.reject()


def test_what_is_typed_but_not_saved_is_compared_too(desk):
    desk.write(" Then they fell.")
    dialog = show(desk)
    assert dialog.comparison.toPlainText().endswith("Then they fell.")
    dialog.reject()
    assert desk.wait_saved() == NEW + " Then they fell."


def test_bringing_back_is_one_step_of_undo_and_is_saved(desk):
    desk.write(" More.")
    dialog = show(desk)
    press(dialog, dialog.restore)
    desk.qtbot.waitUntil(lambda: desk.text == OLD)
    assert desk.wait_saved() == OLD
    assert "The storm" in desk.window.notice.message
    desk.page.undo()
    assert desk.text == NEW + " More."
    assert desk.wait_saved() == NEW + " More."
    desk.page.redo()
    assert desk.text == OLD
    with Store.reader(desk.path) as store:
        newest = store.revisions.of(desk.page.visit.scene)[0]
        assert newest.reason == "restore"
        assert store.revisions.read(newest.id).text == NEW + " More."


def test_what_a_model_wrote_comes_back_as_such(open_desk, tmp_path):
    origin = Origin("smol", "echo", 7, "0" * 64, 1_700_000_000)
    credit = Credit(4, 8, origin)
    desk = open_desk(path=book(tmp_path, [OLD, "Mine.\n\nAll of it."], (credit,)), suggestions=False)
    assert desk.page.visit.credits == ()
    dialog = show(desk)
    press(dialog, dialog.restore)
    desk.qtbot.waitUntil(lambda: desk.text == OLD)
    assert desk.page.visit.credits == (credit,)
    desk.wait_saved()
    with Store.reader(desk.path) as store:
        assert store.scene(desk.page.visit.scene).credits == (credit,)
    desk.page.undo()
    assert (desk.text, desk.page.visit.credits) == ("Mine.\n\nAll of it.", ())


def test_paragraphs_and_emoji_come_back(open_desk, tmp_path):
    old = "海鸥👩‍🚀飞起。\n\n没有人看见。\n那个孩子走了。"
    desk = open_desk(path=book(tmp_path, [old, "海鸥飞起。"]), language="zh", suggestions=False)
    dialog = show(desk)
    press(dialog, dialog.restore)
    desk.qtbot.waitUntil(lambda: desk.text == old)
    assert desk.page.cursor_now().offset == 2


def test_no_versions_yet(open_desk):
    desk = open_desk(["Fresh."], suggestions=False)
    dialog = show(desk)
    desk.qtbot.waitUntil(lambda: dialog.empty.isVisible())
    assert not dialog.restore.isEnabled()
    dialog.reject()


def test_a_version_like_the_page_has_nothing_to_bring_back(open_desk, tmp_path):
    path = book(tmp_path, [OLD, NEW])
    with Store.open(path) as store:
        store.revisions.keep(store.nodes()[0].id, "snapshot", "As it is")
    desk = open_desk(path=path, suggestions=False)
    dialog = show(desk)
    assert "nothing was changed" in dialog.comparison.toPlainText()
    assert not dialog.restore.isEnabled()
    QTest.keyClick(dialog.list, Qt.Key.Key_Down)
    desk.qtbot.waitUntil(lambda: dialog.restore.isEnabled())
    assert "gullgulls" in dialog.comparison.toPlainText()
    dialog.reject()


def test_a_moment_is_kept_under_a_name(open_desk):
    desk = open_desk(["The wedding."], suggestions=False)
    desk.write(" It rained.")
    desk.press(Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    name_it(desk.window, "Before the   wedding")
    desk.qtbot.waitUntil(lambda: "kept" in desk.window.notice.message)
    with Store.reader(desk.path) as store:
        kept = store.revisions.of(desk.page.visit.scene)[0]
        assert (kept.reason, kept.name) == ("snapshot", "Before the wedding")
        assert store.revisions.read(kept.id).text == "The wedding. It rained."


def test_a_moment_is_kept_from_among_the_versions(desk):
    dialog = show(desk)
    press(dialog, dialog.keep)
    name_it(dialog, "Half way")
    desk.qtbot.waitUntil(lambda: dialog.list.count() == 2)
    assert dialog.chosen.name == "Half way"
    dialog.reject()


def test_a_name_is_shown_as_it_was_typed(open_desk, tmp_path):
    path = book(tmp_path, [OLD, NEW])
    with Store.open(path) as store:
        store.revisions.keep(store.nodes()[0].id, "snapshot", "<b>Half way</b>")
    desk = open_desk(path=path, suggestions=False)
    dialog = show(desk)
    assert "&lt;b&gt;Half way" in dialog.list.currentItem().toolTip()
    assert "“<b>Half way</b>”" in dialog.list.currentItem().data(Qt.ItemDataRole.AccessibleTextRole)
    dialog.reject()


def test_a_damaged_version_says_so_in_its_place(desk):
    desk.wait_saved()
    with sqlite3.connect(desk.path) as connection:
        connection.execute("UPDATE revisions SET sha256 = zeroblob(32)")
    connection.close()
    dialog = show(desk)
    desk.qtbot.waitUntil(lambda: "damaged" in dialog.comparison.toPlainText())
    assert not dialog.restore.isEnabled()
    dialog.as_text.setChecked(True)
    assert "damaged" in dialog.comparison.toPlainText()
    dialog.reject()


def test_a_thousand_versions_and_keys_alone(open_desk, tmp_path):
    path = book(tmp_path, [OLD, NEW])
    with Store.open(path) as store:
        scene = store.nodes()[0].id
        for number in range(1000):
            store.revisions.keep(scene, "snapshot", f"Moment {number}")
    desk = open_desk(path=path, suggestions=False)
    desk.press(Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    dialog = desk.window.revisions.dialog
    desk.qtbot.waitUntil(lambda: dialog.list.count() == 1001 and dialog.list.hasFocus())
    QTest.keyClick(dialog.list, Qt.Key.Key_End)
    desk.qtbot.waitUntil(lambda: dialog.restore.isEnabled())
    assert "gullgulls" in dialog.comparison.toPlainText()
    QTest.keyClick(dialog, Qt.Key.Key_B, Qt.KeyboardModifier.AltModifier)
    desk.qtbot.waitUntil(lambda: desk.text == OLD)


def test_only_the_version_that_is_chosen_now_is_shown(open_desk, tmp_path):
    desk = open_desk(path=book(tmp_path, ["One.", "Two.", "Three.", "Four."]), suggestions=False)
    dialog = show(desk)
    dialog.as_text.setChecked(True)
    for row in (1, 2, 0, 2):
        dialog.list.setCurrentRow(row)
    desk.qtbot.waitUntil(lambda: dialog.comparison.toPlainText() == "One.")
    dialog.list.setCurrentRow(0)
    dialog.reject()


def test_a_book_that_is_only_read_shows_its_versions(open_desk, tmp_path):
    path = book(tmp_path, [OLD, NEW])
    with Store.open(path):
        desk = open_desk(path=path, suggestions=False)
        assert desk.window.session.read_only
        dialog = show(desk)
        assert "gullgulls" in dialog.comparison.toPlainText()
        assert not dialog.restore.isEnabled()
        assert not dialog.keep.isEnabled()
        dialog.reject()


def test_where_the_page_can_not_be_kept_nothing_is_replaced(desk):
    desk.wait_saved()
    dialog = show(desk)
    moved = desk.path.rename(desk.path.with_suffix(".moved"))
    press(dialog, dialog.restore)
    desk.qtbot.waitUntil(lambda: bool(desk.window.notice.message))
    assert desk.window.focusWidget() is desk.page
    assert desk.text == NEW
    moved.rename(desk.path)


# -- what is shown -----------------------------------------------------------------


def test_pieces_fold_what_is_far_from_a_change():
    far = "The gulls rose over the harbour. " * 40
    shown = pieces(f"One. {far}Two. {far}Three.", f"One. {far}2. {far}Three.")
    assert [piece.kind for piece in shown] == ["fold", "equal", "delete", "insert", "equal", "fold"]
    assert all(len(piece.text) < 400 for piece in shown if piece.kind == "equal")
    assert "".join(p.text for p in shown if p.kind != "insert") == f"One. {far}Two. {far}Three."
    assert "".join(p.text for p in shown if p.kind != "delete") == f"One. {far}2. {far}Three."


def test_pieces_fold_at_words_and_in_chinese():
    far = "海鸥从港口飞起，没有人看见那个孩子。" * 40
    shown = pieces(f"{far}一。{far}", f"{far}二。{far}")
    assert [piece.kind for piece in shown] == ["fold", "equal", "delete", "insert", "equal", "fold"]
    assert "".join(p.text for p in shown if p.kind != "insert") == f"{far}一。{far}"
    english = pieces("word " * 200 + "a", "word " * 200 + "b")
    assert english[0].text.endswith(" ")


def test_a_fold_says_how_much_it_hides(qtbot):
    font = QFont()
    font.setPixelSize(17)
    view = Comparison(THEMES["light"], font)
    qtbot.addWidget(view)
    far = "word " * 300
    view.show_pieces([Piece("insert", "New.\n"), Piece("equal", "Old. "), Piece("fold", far), Piece("equal", "End.")])
    assert view.toPlainText() == "New.¶\nOld.  …\n… 300 words that stayed …\n… End."
    view.show_pieces([Piece("delete", "x"), Piece("insert", "y ")] * MOST_PIECES)
    assert view.toPlainText().endswith(f"… {count_words('y ' * (MOST_PIECES // 2)):,} words that stayed …\n… ")


def test_why_in_words():
    kept = Revision(1, 1, 1, "snapshot", "Before the wedding", 0, 5)
    assert said_why(kept) == "“Before the wedding”"
    assert said_why(replace(kept, name="")) == "Kept by you"
    assert said_why(replace(kept, reason="something newer")) == "While you wrote"
    reasons = ("earlier", "change", "generated", "restore", "split", "join")
    assert len({said_why(replace(kept, reason=reason)) for reason in reasons}) == len(reasons)
