"""The cards: one level of the outline on a board, gone into and out of, and put in order."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tests.planned import becomes, choose, id_of, press
from writer.story import Plan
from writer.ui.cards import _wrapped


@pytest.fixture
def open_cards(open_outline):
    def open_cards(*args, **kwargs):
        desk = open_outline(*args, **kwargs)
        desk.window.outline.choose([])
        desk.window.outline.show_cards(True)
        return desk

    return open_cards


def titles(desk):
    shown = desk.window.outline
    return [shown.model.branch(id).title for id in shown.model.children(shown.board.level)]


def double_click(desk, title):
    board = desk.window.outline.board
    place = board.visualRect(desk.window.outline.model.index_of(id_of(desk, title))).center()
    for click in (QTest.mouseClick, QTest.mouseDClick):
        click(board.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)


def test_a_double_click_goes_into_a_chapter_and_to_a_scene(open_cards):
    desk = open_cards()
    assert titles(desk) == ["One", "Two", "Three"]
    double_click(desk, "One")
    assert titles(desk) == ["a", "b", "c"]
    double_click(desk, "b")
    desk.qtbot.waitUntil(lambda: desk.text == "b")
    assert not desk.window.is_outlined


def test_keys_go_into_a_chapter_and_out_again(open_cards):
    desk = open_cards()
    choose(desk, "Two")
    press(desk, Qt.Key.Key_Return)
    assert titles(desk) == ["d"]
    press(desk, Qt.Key.Key_Backspace)
    assert titles(desk) == ["One", "Two", "Three"]
    assert desk.window.outline.chosen == [id_of(desk, "Two")]


def test_cards_are_put_in_order_and_stay_on_their_level(open_cards):
    desk = open_cards()
    double_click(desk, "One")
    choose(desk, "c")
    press(desk, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    becomes(desk, "One(a c b) Two(d) Three")
    desk.qtbot.waitUntil(lambda: titles(desk) == ["a", "c", "b"])
    desk.window.undo()
    becomes(desk, "One(a b c) Two(d) Three")
    desk.qtbot.waitUntil(lambda: titles(desk) == ["a", "b", "c"])


def test_a_dropped_card_comes_between_others(open_cards):
    desk = open_cards()
    double_click(desk, "One")
    shown = desk.window.outline
    data = shown.model.mimeData([shown.model.index_of(id_of(desk, "a"))])
    shown.model.dropMimeData(data, Qt.DropAction.MoveAction, 2, 0, shown.board.rootIndex())
    becomes(desk, "One(b a c) Two(d) Three")


def test_where_a_card_is_dropped_is_between_two_others(open_cards):
    desk = open_cards()
    double_click(desk, "One")
    board = desk.window.outline.board
    rects = [board.visualRect(desk.window.outline.model.index_of(id_of(desk, title))) for title in "abc"]
    for number, rect in enumerate(rects):
        assert board.gap_at(rect.center() - QPoint(9, 0)) == number
        assert board.gap_at(rect.center() + QPoint(9, 0)) == number + 1
    assert board.gap_at(QPoint(5, 5000)) == 3


def test_the_line_above_leads_upwards(open_cards):
    desk = open_cards()
    double_click(desk, "One")
    desk.window.outline.crumbs.wanted.emit(0)
    assert titles(desk) == ["One", "Two", "Three"]


def test_the_tree_and_the_cards_have_one_choice(open_cards):
    desk = open_cards()
    desk.window.outline.show_cards(False)
    choose(desk, "b")
    desk.window.outline.show_cards(True)
    assert titles(desk) == ["a", "b", "c"]
    assert desk.window.outline.chosen == [id_of(desk, "b")]


def test_a_scene_is_added_to_an_empty_level(open_cards):
    desk = open_cards()
    shown = desk.window.outline
    shown.board.show_level(id_of(desk, "Three"))
    shown.add_scene()
    becomes(desk, "One(a b c) Two(d) Three(New scene)")


def test_cards_are_drawn_in_both_languages(open_cards):
    synopsis = "海鸥飞起，潮水落下，灯一盏一盏地灭了，没有人数手。😀" * 9
    desk = open_cards(plans={"One": Plan(synopsis, status="draft", target_words=900, made_by="echo"), "Two": Plan("x")})
    image = desk.window.outline.board.viewport().grab().toImage()
    colours = {image.pixelColor(QPoint(x, y)).name() for x in range(20, 240, 7) for y in range(20, 160, 3)}
    assert len(colours) > 3


@pytest.mark.parametrize("text", ["One two three four five six seven.", "海鸥飞起，潮水落下，灯灭了。😀灯又亮了。"])
def test_lines_of_a_card_are_the_text(qapp, text):
    lines = _wrapped(text, qapp.font(), 60, 50)
    assert "".join(line for line, _rest in lines) == text
    assert all(rest.startswith(line) and text.endswith(rest) for line, rest in lines)
    assert len(_wrapped(text, qapp.font(), 60, 2)) == 2
