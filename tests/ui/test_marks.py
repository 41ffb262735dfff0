"""What the model wrote stays marked through every edit, and nothing the author writes ever is."""

import json
from dataclasses import astuple, replace
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import (
    QAccessible,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QInputMethodEvent,
    QTextCursor,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.ui.test_editor import make_page
from writer.story import Credit, Origin, Scene
from writer.ui import marks, theme
from writer.ui.documents import Look
from writer.ui.editor import Page

FIRST = Origin("SmolLM2-135M", "llamacpp", 7, "ab" * 32, 1_790_000_000)
OTHER = replace(FIRST, seed=8, prompt="cd" * 32)
PROSE = "One two three.\n第二段话。\nEnd."
BACK, ENTER, DELETE = Qt.Key.Key_Backspace, Qt.Key.Key_Return, Qt.Key.Key_Delete
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def page(open_page):
    return open_page(PROSE)


@pytest.fixture(scope="module")
def shared_page(qapp):
    page = make_page()
    page.show()
    yield page
    page.leave()
    page.close()
    page.deleteLater()


def take(page, at, grey, origin=FIRST):
    page.place_caret(at)
    page.expect(page.cursor_now())
    page.grow(grey, origin)
    page.accept(grey)


def select(page, start, end):
    page.place_caret(start)
    cursor = page.textCursor()
    position = QTextCursor(cursor)
    page.place_caret(end)
    cursor.setPosition(position.position())
    cursor.setPosition(page.textCursor().position(), QTextCursor.MoveMode.KeepAnchor)
    page.setTextCursor(cursor)


def compose(page, commit, preedit="", start=0, length=0):
    event = QInputMethodEvent(preedit, [])
    event.setCommitString(commit, start, length)
    QApplication.sendEvent(page, event)


def credited(page):
    """The stretches that a model wrote, as text."""
    prose = page.visit.text
    return [prose[credit.start : credit.end] for credit in page.visit.credits]


def test_what_is_taken_is_the_models(page):
    take(page, 3, " green 😀\nand 绿 ")
    assert page.visit.credits == (Credit(3, 3 + len(" green 😀\nand 绿 "), FIRST),)
    page.undo()
    assert page.visit.credits == ()
    page.redo()
    assert credited(page) == [" green 😀\nand 绿 "]


def test_neighbours_of_one_origin_are_one_and_of_two_are_two(page):
    page.place_caret(3)
    page.expect(page.cursor_now())
    page.grow(" green and", FIRST)
    page.accept(" green")
    page.accept(page.ghost.text)
    assert credited(page) == [" green and"]
    take(page, 3 + len(" green and"), " blue", OTHER)
    assert credited(page) == [" green and", " blue"]
    assert [credit.origin for credit in page.visit.credits] == [FIRST, OTHER]


def test_a_suggestion_without_an_origin_is_not_credited(page):
    take(page, 3, " green", None)
    assert page.visit.credits == ()


@pytest.mark.parametrize(
    ("at", "left"),
    [(3, [" gr"[:0] + " green"]), (5, [" g", "reen"]), (9, [" green"])],
    ids=["before", "inside", "behind"],
)
def test_what_is_typed_is_the_authors(page, at, left):
    take(page, 3, " green")
    page.place_caret(at)
    QTest.keyClicks(page, "xyz")
    assert credited(page) == left
    page.undo()
    assert "xyz" not in page.visit.text
    assert credited(page) == [" green"]


def test_typing_inside_is_undone_as_one(page):
    take(page, 3, " green")
    page.place_caret(5)
    steps = page.document().availableUndoSteps()
    QTest.keyClicks(page, "xyz")
    assert page.document().availableUndoSteps() == steps + 1


def test_at_the_start_of_a_paragraph(page):
    take(page, 0, "A gull. ")
    page.place_caret(0)
    QTest.keyClicks(page, "x")
    assert credited(page) == ["A gull. "]
    take(page, len(page.visit.text), "\n")
    QTest.keyClicks(page, "y")
    assert credited(page) == ["A gull. ", "\n"]
    assert page.visit.text.endswith("\ny")


def test_writing_over_a_word_makes_it_the_authors(page):
    take(page, 3, " green and blue")
    select(page, 4, 9)
    QTest.keyClicks(page, "green")
    assert credited(page) == [" ", " and blue"]
    page.undo()
    assert credited(page) == [" green and blue"]


def test_backspace_takes_a_selection_and_no_more(page):
    take(page, 3, " green and blue")
    select(page, 4, 9)
    QTest.keyClick(page, BACK)
    assert credited(page) == ["  and blue"]
    page.undo()
    assert credited(page) == [" green and blue"]


def test_backspace_right_behind_what_was_taken(page):
    take(page, len(PROSE), " Then night fell.")
    QTest.keyClick(page, BACK)
    assert credited(page) == [" Then night fell"]
    page.undo()
    assert credited(page) == [" Then night fell."]


def test_overwriting(page):
    take(page, 0, "green")
    page.setOverwriteMode(True)
    page.place_caret(0)
    QTest.keyClicks(page, "xy")
    assert page.visit.text.startswith("xyeenOne")
    assert credited(page) == ["een"]
    page.place_caret(5)
    QTest.keyClicks(page, "z")
    assert page.visit.text.startswith("xyeenzne")
    assert credited(page) == ["een"]
    take(page, len(page.visit.text), "ab")
    page.place_caret(len(page.visit.text) - 3)
    QTest.keyClicks(page, "!")
    assert credited(page) == ["een", "ab"]


@pytest.mark.parametrize("at", [3, 5, 9])
def test_what_an_input_method_writes_is_the_authors(page, at):
    take(page, 3, " green")
    page.place_caret(at)
    compose(page, "", "yu'chuan")
    compose(page, "渔船")
    assert "渔船" in page.visit.text
    assert "".join(credited(page)) == " green"


def dictate(page, start, end, words):
    """What programs for dictation and screen readers do, past all keys."""
    QAccessible.queryAccessibleInterface(page).editableTextInterface().replaceText(start, end, words)


def insert(page, start, _end, words):
    QAccessible.queryAccessibleInterface(page).editableTextInterface().insertText(start, words)


def insert_at_the_caret(page, start, _end, words):
    page.place_caret(start)
    page.insertPlainText(words)


@pytest.mark.parametrize("way", [insert, insert_at_the_caret])
@pytest.mark.parametrize("words", ["xyz", "two\nlines"])
@pytest.mark.parametrize(("at", "left"), [(3, [" green"]), (5, [" g", "reen"]), (9, [" green"])])
def test_what_assistive_programs_insert_is_the_authors(page, way, words, at, left):
    take(page, 3, " green")
    way(page, at, at, words)
    assert words in page.visit.text
    assert credited(page) == left
    page.undo()
    assert words not in page.visit.text
    assert credited(page) == [" green"]


def test_what_is_dictated_over_a_word_is_the_authors(page):
    take(page, 3, " green and blue")
    dictate(page, 4, 9, "red")
    assert credited(page) == [" ", " and blue"]
    while page.visit.text != "One green and blue two three.\n第二段话。\nEnd.":
        page.undo()
    assert credited(page) == [" green and blue"]


def test_an_input_method_over_a_selection_and_in_place_of_a_word(page):
    take(page, 3, " green and blue")
    select(page, 4, 9)
    compose(page, "绿")
    assert credited(page) == [" ", " and blue"]
    page.place_caret(page.visit.text.index("and") + 3)
    compose(page, "und", start=-3, length=3)
    assert "und blue" in page.visit.text
    assert credited(page) == [" ", " ", " blue"]


def test_typing_what_was_predicted_is_typing(page):
    page.place_caret(3)
    page.expect(page.cursor_now())
    page.grow(" green and blue", FIRST)
    QTest.keyClicks(page, " gre")
    compose(page, "en")
    assert page.visit.credits == ()
    page.accept(" and")
    assert credited(page) == [" and"]
    QTest.keyClicks(page, " bl")
    page.accept("ue")
    assert credited(page) == [" and", "ue"]


def test_enter_splits_and_backspace_joins(page):
    take(page, 3, " green and blue")
    page.place_caret(9)
    QTest.keyClick(page, ENTER)
    assert credited(page) == [" green", " and blue"]
    QTest.keyClicks(page, "x")
    assert credited(page) == [" green", " and blue"]
    QTest.keyClick(page, BACK)
    QTest.keyClick(page, BACK)
    assert credited(page) == [" green and blue"]


def test_the_models_line_end_is_the_models_until_it_is_taken_out(page):
    take(page, 3, " green\n\nblue")
    assert credited(page) == [" green\n\nblue"]
    page.place_caret(9)
    QTest.keyClick(page, DELETE)
    assert credited(page) == [" green\nblue"]
    QTest.keyClick(page, ENTER)
    assert credited(page) == [" green", "\nblue"]


def test_deleting_and_bringing_back(page):
    take(page, 3, " green and blue")
    select(page, 0, 9)
    page.cut()
    assert credited(page) == [" and blue"]
    page.undo()
    assert page.visit.credits == (Credit(3, 18, FIRST),)


def test_moving_inside_the_book_carries_the_mark(page):
    take(page, 3, " green 😀")
    select(page, 0, 9)
    page.cut()
    page.place_caret(len(page.visit.text))
    page.paste()
    assert page.visit.text.endswith("One green")
    assert credited(page) == [" 😀", " green"]
    QTest.keyClicks(page, "!")
    assert credited(page) == [" 😀", " green"]
    page.show_visit(page.documents.open(Scene(2, "", "Another.", 0)))
    page.paste()
    assert credited(page) == [" green"]
    page.undo()
    assert page.visit.credits == ()


def drop(page, data, at):
    page.place_caret(at)
    where = QPointF(page.cursorRect().center())
    for kind in (QDragEnterEvent, QDragMoveEvent, QDropEvent):
        point = where.toPoint() if kind is not QDropEvent else where
        action, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(page.viewport(), kind(point, action, data, Qt.MouseButton.LeftButton, none))


def test_dragging_from_writer_carries_the_mark_and_from_elsewhere_brings_none(page):
    take(page, 3, " green")
    select(page, 0, 9)
    data = page.createMimeDataFromSelection()
    drop(page, data, 5)
    assert page.visit.text.startswith("One gOne greenreen two")
    assert credited(page) == [" g", " greenreen"]
    plain = QMimeData()
    plain.setText("x")
    drop(page, plain, 4)
    assert credited(page) == [" ", "g", " greenreen"]


def test_other_programs_get_plain_text(page):
    take(page, 3, " green")
    page.selectAll()
    data = page.createMimeDataFromSelection()
    assert data.text() == page.visit.text
    assert data.formats() == ["text/plain", marks.MIME]
    page.place_caret(0)
    select(page, 0, 2)
    assert page.createMimeDataFromSelection().formats() == ["text/plain"]


def test_what_comes_from_elsewhere_is_the_authors(page):
    take(page, 3, " green")
    page.place_caret(5)
    data = QMimeData()
    data.setText("pasted\nlines")
    page.insertFromMimeData(data)
    assert credited(page) == [" g", "reen"]
    select(page, 0, len("One gpasted\nlinesr"))
    page.insertFromMimeData(data)
    assert credited(page) == ["een"]


ROW = [0, 3, list(astuple(FIRST))]
TEXT = "abcdef"
HASH = "bef57ec7f53a6d40beb640a780a639c83bc29ac8a9816f1fc6c5c6dcd93c4721"


def parcel(value, text=TEXT):
    data = QMimeData()
    data.setText(text)
    data.setData(marks.MIME, value if isinstance(value, bytes) else json.dumps(value).encode())
    return data


def test_a_parcel_is_understood():
    assert marks.unpack(parcel({"sha256": HASH, "credits": [ROW]}), TEXT) == (Credit(0, 3, FIRST),)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b"1" * 5000,
        b"9" * (5 << 20),
        None,
        [],
        "text",
        {},
        {"sha256": HASH},
        {"sha256": "0" * 64, "credits": [ROW]},
        {"sha256": HASH, "credits": None},
        {"sha256": HASH, "credits": 7},
        {"sha256": HASH, "credits": {"a": 1}},
        {"sha256": HASH, "credits": ["abc", "de"]},
        {"sha256": HASH, "credits": [[0, 3]]},
        {"sha256": HASH, "credits": [[0, 3, None]]},
        {"sha256": HASH, "credits": [[0, 3, [1, 2, 3, 4, 5]]]},
        {"sha256": HASH, "credits": [[0, 3, ["m", "e", 1, "zz" * 32, 5]]]},
        {"sha256": HASH, "credits": [[0, 3, ["m" * 5000, "e", 1, "ab" * 32, 5]]]},
        {"sha256": HASH, "credits": [[0, 3, ["m\n", "e", 1, "ab" * 32, 5]]]},
        {"sha256": HASH, "credits": [[0, 3, ["m", "e", 1e300, "ab" * 32, 5]]]},
        {"sha256": HASH, "credits": [[0, 3, ["m", "e", 2**70, "ab" * 32, 5]]]},
        {"sha256": HASH, "credits": [[-1, 3, ROW[2]]]},
        {"sha256": HASH, "credits": [[0, 7, ROW[2]]]},
        {"sha256": HASH, "credits": [[3, 3, ROW[2]]]},
        {"sha256": HASH, "credits": [[True, 3, ROW[2]]]},
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_parcel_that_is_not_well_formed_is_only_text(page, value):
    page.place_caret(0)
    page.insertFromMimeData(parcel(value))
    assert page.visit.text == TEXT + PROSE
    assert page.visit.credits == ()


@given(st.binary(max_size=300) | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_any_parcel_is_survived(value):
    data = parcel(value if isinstance(value, bytes) else value.encode())
    assert marks.unpack(data, TEXT) == ()


def test_a_saved_scene_opens_with_its_credits(page):
    prose = "A😀b\n雨\n\nc"
    credits = (Credit(1, 4, FIRST), Credit(4, 6, OTHER), Credit(7, 8, FIRST))
    visit = page.documents.open(Scene(3, "", prose, 0, credits))
    assert visit.text == prose
    assert visit.credits == credits
    assert visit.is_saved
    assert not visit.document.isUndoAvailable()
    page.show_visit(visit)
    page.place_caret(0)
    page.documents.redress(Look(theme.page_font("", 150), 1.4, False, 100, 100))
    assert visit.credits == credits


def test_marks_that_are_put_anew_replace_the_old(page):
    visit = page.documents.open(Scene(6, "", "ab\ncd", 0, (Credit(0, 4, FIRST),)))
    marks.put(visit.document, "ab\ncd", (Credit(1, 2, OTHER), Credit(4, 5, FIRST)))
    assert visit.credits == (Credit(1, 2, OTHER), Credit(4, 5, FIRST))
    marks.put(visit.document, "ab\ncd", ())
    assert visit.credits == ()


def test_credits_reach_to_the_end_of_a_scene(page):
    visit = page.documents.open(Scene(4, "", "ab", 0, (Credit(0, 2, FIRST),)))
    page.show_visit(visit)
    page.place_caret(2)
    QTest.keyClick(page, ENTER)
    QTest.keyClicks(page, "c")
    assert credited(page) == ["ab"]
    page.selectAll()
    QTest.keyClick(page, BACK)
    QTest.keyClicks(page, "c")
    assert credited(page) == []


MODEL = "αβγ😀\n"  # only the model writes these; a line end may be anybody's
OURS = "ab 雨🌊"
GREY = st.text(MODEL, min_size=1, max_size=6)
TYPED = st.text("ab", min_size=1, max_size=4)
PLACE = st.integers(0, 40)
STEPS = st.lists(
    st.tuples(st.just("take"), PLACE, GREY, st.sampled_from([FIRST, OTHER]))
    | st.tuples(st.sampled_from(["type", "compose"]), PLACE, TYPED)
    | st.tuples(st.sampled_from(["overwrite", "through", "dictate"]), PLACE, TYPED)
    | st.tuples(st.sampled_from(["type over", "compose over", "delete", "cut", "copy"]), PLACE, PLACE)
    | st.tuples(st.sampled_from(["paste", "enter", "back", "forward", "foreign"]), PLACE)
    | st.tuples(st.sampled_from(["undo", "redo", "reopen"])),
    max_size=14,
)


class Author:
    """Does one thing after another on a page."""

    def __init__(self, page: Page, credits: tuple[Credit, ...]) -> None:
        self.page = page
        page.leave()
        page.documents.drop(1)
        page.show_visit(page.documents.open(Scene(1, "", "ab αβ\n雨 ba", 0, credits)))
        self.clipboard = QMimeData()

    def at(self, place: int) -> int:
        return place % (len(self.page.visit.text) + 1)

    def do(self, what, place=0, *more) -> None:
        page, at = self.page, self.at(place)
        if what == "take":
            take(page, at, *more)
            return
        page.place_caret(at)
        if what in ("type", "compose", "overwrite", "through", "dictate"):
            self.write(what, more[0])
        elif what in ("type over", "compose over", "delete", "cut", "copy"):
            select(page, *sorted((at, self.at(more[0]))))
            self.replace(what)
        elif what in ("undo", "redo"):
            getattr(page, what)()
        elif what == "reopen":
            self.reopen()
        elif what in ("paste", "foreign"):
            foreign = SimpleNamespace(foreign=QMimeData(), paste=self.clipboard)
            foreign.foreign.setText("b\na")
            page.insertFromMimeData(getattr(foreign, what))
        else:
            QTest.keyClick(page, {"enter": ENTER, "back": BACK, "forward": DELETE}[what])

    def write(self, what, text) -> None:
        page = self.page
        if what == "compose":
            compose(page, text)
        elif what == "dictate":
            insert(page, page.textCursor().position(), None, text)
        elif what == "through":
            page.expect(page.cursor_now())
            page.grow(text + "α", OTHER)
            QTest.keyClicks(page, text)
            page.clear_ghost()
        else:
            page.setOverwriteMode(what == "overwrite")
            QTest.keyClicks(page, text)
            page.setOverwriteMode(False)

    def replace(self, what) -> None:
        page = self.page
        if what in ("cut", "copy"):
            self.clipboard = page.createMimeDataFromSelection()
        if what in ("cut", "delete"):
            QTest.keyClick(page, BACK)
        elif what == "type over":
            QTest.keyClicks(page, "ab")
        elif what == "compose over":
            compose(page, "雨")

    def reopen(self) -> None:
        """Close the scene and open it again from what would be saved."""
        page, visit = self.page, self.page.visit
        saved = Scene(1, "", visit.text, 0, visit.credits)
        page.leave()
        page.documents.drop(1)
        page.show_visit(page.documents.open(saved))
        assert page.visit.credits == saved.credits


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_whatever_the_author_does(shared_page, steps):
    author = Author(shared_page, (Credit(3, 5, FIRST),))
    for step in steps:
        author.do(*step)
        prose, credits = shared_page.visit.text, shared_page.visit.credits
        ends = [number for credit in credits for number in (credit.start, credit.end)]
        assert ends == sorted(ends)
        assert all(0 <= credit.start < credit.end <= len(prose) for credit in credits)
        models = {index for credit in credits for index in range(credit.start, credit.end)}
        for index, character in enumerate(prose):
            if character != "\n":
                assert (index in models) == (character in MODEL), (step, prose, credits)
