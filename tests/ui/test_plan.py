"""The plan beside the outline and the page: what is typed there is in the file, whatever happens next."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.planned import choose, id_of, press
from writer.errors import ProjectError
from writer.store import Store
from writer.store.plans import Plans
from writer.story import Plan
from writer.ui.lines import Lines, items
from writer.ui.target import number


@pytest.fixture
def open_plan(open_outline):
    def open_plan(*args, **kwargs):
        desk = open_outline(*args, **kwargs)
        if desk.window.plan.isHidden():
            desk.window.panels.toggle_plan()
        choose(desk, "b")
        return desk

    return open_plan


def planned(desk, title="b"):
    desk.window.plan.keep()
    assert desk.window.session.settle() is None
    with Store.reader(desk.path) as store:
        return store.plans.get(id_of(desk, title) if title else 0)


def write(field, prose):
    field.setFocus()
    QTest.keyClicks(field, prose)


@pytest.mark.parametrize("synopsis", ["The gulls rise.", "海鸥飞起，潮水落下。😀"])
def test_what_is_typed_is_kept_when_the_author_rests(open_plan, synopsis):
    desk = open_plan()
    desk.window.plan.synopsis.insertPlainText(synopsis)
    desk.qtbot.waitUntil(lambda: desk.window.binder.plans.get(id_of(desk, "b"), Plan()).synopsis == synopsis)
    assert planned(desk).synopsis == synopsis
    shown = desk.window.outline.model.branch(id_of(desk, "b"))
    assert shown.plan.synopsis == synopsis


def test_each_field_is_kept(open_plan):
    desk = open_plan()
    plan = desk.window.plan
    write(plan.synopsis, "It rises.")
    plan.beats.insertPlainText("1. She counts\n- She sees")
    write(plan.events, "The lamp goes out")
    write(plan.cast, "Ines, Tomas,")
    write(plan.notes, "Ask the museum")
    write(plan.target, "2k")
    plan.status.setCurrentIndex(plan.status.findData("revised"))
    assert planned(desk) == Plan(
        "It rises.",
        "Ask the museum",
        "revised",
        2000,
        ("Ines", "Tomas"),
        ("She counts", "She sees"),
        ("The lamp goes out",),
    )
    write(plan.title, "!")
    plan.keep()
    desk.qtbot.waitUntil(lambda: any(node.title == "b!" for node in desk.window.nodes))


def test_going_on_to_another_node_keeps_what_was_typed(open_plan):
    desk = open_plan()
    write(desk.window.plan.synopsis, "Quick")
    choose(desk, "c")
    assert desk.window.plan.synopsis.toPlainText() == ""
    assert planned(desk).synopsis == "Quick"
    assert planned(desk, "c") == Plan()
    choose(desk, "b")
    desk.qtbot.waitUntil(lambda: desk.window.plan.synopsis.toPlainText() == "Quick")


def test_closing_at_once_keeps_what_was_typed(open_plan):
    desk = open_plan()
    node = id_of(desk, "b")
    write(desk.window.plan.notes, "Last words")
    desk.window.close()
    with Store.reader(desk.path) as store:
        assert store.plans.get(node).notes == "Last words"


def test_what_a_model_wrote_is_the_authors_once_it_is_changed(open_plan):
    desk = open_plan(plans={"b": Plan("It rises.", beats=("up",), made_by="SmolLM2")})
    plan = desk.window.plan
    assert not plan.made_by.isHidden()
    assert "SmolLM2" in plan.made_by.text()
    write(plan.notes, "n")
    assert planned(desk).made_by == "SmolLM2"
    write(plan.synopsis, "x")
    assert plan.made_by.isHidden()
    assert planned(desk).made_by == ""


def test_the_book_has_a_plan_of_its_own(open_plan):
    desk = open_plan()
    desk.window.outline.choose([])
    plan = desk.window.plan
    desk.qtbot.waitUntil(lambda: plan.node == 0)
    assert plan.premise.toPlainText() == "Two ledgers."
    write(plan.target, "90,000")
    write(plan.title, "!")
    plan.premise.setPlainText("Three ledgers.")
    assert planned(desk, "").target_words == 90_000
    with Store.reader(desk.path) as store:
        assert (store.project.title, store.project.premise) == ("A Book!", "Three ledgers.")
    desk.qtbot.waitUntil(lambda: desk.window.windowTitle().startswith("A Book!"))
    desk.qtbot.waitUntil(lambda: "90,000" in desk.window.outline.crumbs.share.text())


def test_undo_in_the_outline_takes_back_a_plan_as_a_whole(open_plan):
    desk = open_plan(plans={"b": Plan("Old.")})
    plan = desk.window.plan
    plan.synopsis.setPlainText("New")
    plan.keep()
    plan.synopsis.setPlainText("New one.")
    assert planned(desk).synopsis == "New one."
    press(desk, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    desk.qtbot.waitUntil(lambda: plan.synopsis.toPlainText() == "Old.")
    assert planned(desk).synopsis == "Old."


def test_what_can_not_be_kept_is_said_and_tried_again(open_plan, monkeypatch):
    desk = open_plan()
    plan = desk.window.plan
    real = Plans.put

    def refuse(*_args):
        raise ProjectError("The disk is full; make room.")

    monkeypatch.setattr(Plans, "put", refuse)
    plan._again.setInterval(0)
    write(plan.synopsis, "Kept in the end")
    plan.keep()
    desk.qtbot.waitUntil(lambda: "disk is full" in desk.window.notice.message)
    assert plan.problem is not None
    choose(desk, "c")
    monkeypatch.setattr(Plans, "put", real)
    desk.qtbot.waitUntil(lambda: plan.problem is None)
    assert planned(desk).synopsis == "Kept in the end"


def test_beside_the_page_it_follows_the_scene(open_plan):
    desk = open_plan(plans={"a": Plan("First."), "d": Plan("Last.", target_words=50)})
    window = desk.window
    window.binder.go_to(id_of(desk, "a"))
    desk.qtbot.waitUntil(lambda: desk.text == "a")
    if window.plan.isHidden():
        window.panels.toggle_plan()
    assert window.plan.synopsis.toPlainText() == "First."
    assert window.memory.isHidden()
    window.binder.go_to(id_of(desk, "d"))
    desk.qtbot.waitUntil(lambda: window.plan.synopsis.toPlainText() == "Last.")
    assert window._footer.words.text() == "1 of 50 words"
    window.panels.toggle_memory()
    assert window.plan.isHidden()


@pytest.mark.parametrize(
    ("said", "words"),
    [("", 0), ("2000", 2000), ("2,000", 2000), ("2 000 words", 2000), ("1.5k", 1500), ("3万", 30_000), ("8千字", -1),
     ("many", -1), ("-5", -1), ("10000000", -1), ("nan", -1), ("1e9", -1), ("８００", 800)],
)  # fmt: skip
def test_targets_are_read_as_authors_write_them(said, words):
    assert number(said) == words


def test_a_target_that_is_no_number_is_put_back(open_plan):
    desk = open_plan(plans={"b": Plan(target_words=800)})
    plan = desk.window.plan
    plan.target.selectAll()
    write(plan.target, "lots")
    plan.keep()
    assert plan.target.text() == "800"
    assert planned(desk).target_words == 800
    assert "“lots” is no number of words" in desk.window.notice.message
    plan.target.selectAll()
    write(plan.target, "900")
    plan.keep()
    assert not desk.window.notice.message


@pytest.mark.parametrize("line", ["It rained all night, and nobody slept. ", "雨下了一整夜，谁也没有睡着。"])
def test_a_field_is_as_high_as_what_is_in_it(qtbot, line):
    lines = Lines()
    qtbot.addWidget(lines)
    lines.resize(220, 40)
    lines.show()
    low = lines.height()
    lines.show_text(line * 4)
    qtbot.waitUntil(lambda: lines.height() > low)
    assert not lines.verticalScrollBar().maximum()
    lines.show_text(line * 400)
    qtbot.waitUntil(lambda: lines.verticalScrollBar().maximum() > 0)


def test_items_lose_their_numbers():
    assert items("1. One\n\n  - two\n3) three\n（四）\n• 五") == ("One", "two", "three", "（四）", "五")


@pytest.mark.qt_log_ignore("plugin does not support", extend=True)
def test_names_are_completed_from_the_books_cast(open_plan):
    desk = open_plan()
    other = id_of(desk, "a")
    desk.window.session.change_outline(lambda store: store.plans.put(other, Plan(cast=("Ines", "Tomas", "林远"))))
    desk.qtbot.waitUntil(lambda: other in desk.window.binder.plans)
    cast = desk.window.plan.cast
    write(cast, "To")
    assert cast.names.popup().isVisible()
    QTest.keyClick(cast.names.popup(), Qt.Key.Key_Down)
    QTest.keyClick(cast.names.popup(), Qt.Key.Key_Return)
    assert cast.text() == "Tomas"
    QTest.keyClicks(cast, ",tomas")
    assert not cast.names.popup().isVisible()  # who is there already is not offered
    cast.setText("Tomas，林")
    cast.setCursorPosition(8)
    cast.textEdited.emit(cast.text())
    cast.names.activated.emit("林远")
    assert cast.text() == "Tomas，林远"
    assert planned(desk).cast == ("Tomas", "林远")
