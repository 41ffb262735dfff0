"""The outline in the page's place: what an author moves, cuts, joins and throws away there can all be taken back."""

from dataclasses import replace
from random import Random

import pytest
from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu

from tests.planned import becomes, choose, id_of, outline, press, said
from writer.store import Store
from writer.story import OutlineNode, Plan, Task
from writer.ui.branches import Branches, branches, topmost
from writer.ui.neighbours import is_there, place_beside

ALT = Qt.KeyboardModifier.AltModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


def test_the_outline_takes_the_place_of_the_page_and_gives_it_back(open_outline):
    desk = open_outline()
    window = desk.window
    assert window.is_outlined
    assert window.scenes.isHidden()
    assert window.memory.isHidden()
    assert window.outline.chosen == [window.scene]
    press(desk, Qt.Key.Key_Escape)
    assert not window.is_outlined
    assert not window.scenes.isHidden()
    desk.qtbot.waitUntil(window.page.hasFocus)


@pytest.mark.parametrize(
    ("title", "key", "line"),
    [
        ("b", Qt.Key.Key_Up, "One(b a c) Two(d) Three"),
        ("b", Qt.Key.Key_Down, "One(a c b) Two(d) Three"),
        ("c", Qt.Key.Key_Down, "One(a b) Two(c d) Three"),
        ("d", Qt.Key.Key_Up, "One(a b c d) Two Three"),
        ("d", Qt.Key.Key_Down, "One(a b c) Two Three(d)"),
        ("Two", Qt.Key.Key_Up, "Two(d) One(a b c) Three"),
        ("b", Qt.Key.Key_Left, "One(a) b(c) Two(d) Three"),
        ("b", Qt.Key.Key_Right, "One(a(b) c) Two(d) Three"),
        ("Two", Qt.Key.Key_Right, "One(a b c Two(d)) Three"),
    ],
)
def test_keys_move_a_node_and_undo_brings_it_back(open_outline, title, key, line):
    desk = open_outline()
    before = outline(desk)
    choose(desk, title)
    press(desk, key, ALT)
    becomes(desk, line)
    desk.qtbot.waitUntil(lambda: desk.window.outline.chosen == [id_of(desk, title)])
    press(desk, Qt.Key.Key_Z, CONTROL)
    becomes(desk, before)
    press(desk, Qt.Key.Key_Z, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    becomes(desk, line)


def test_where_there_is_nowhere_to_go_nothing_happens(open_outline):
    desk = open_outline()
    for title, key in (("One", Qt.Key.Key_Up), ("Three", Qt.Key.Key_Down), ("a", Qt.Key.Key_Up)):
        choose(desk, title)
        press(desk, key, ALT)
    desk.window.session.settle()
    assert outline(desk) == "One(a b c) Two(d) Three"
    choose(desk, "One")
    press(desk, Qt.Key.Key_Left, ALT)
    desk.qtbot.waitUntil(lambda: "can't go higher" in desk.window.notice.message)
    assert not desk.window.arranging.steps.done


def test_several_are_moved_together(open_outline):
    desk = open_outline()
    choose(desk, "a", "b")
    press(desk, Qt.Key.Key_Down, ALT)
    becomes(desk, "One(c a b) Two(d) Three")
    desk.qtbot.waitUntil(lambda: len(desk.window.outline.chosen) == 2)
    press(desk, Qt.Key.Key_Left, ALT)
    becomes(desk, "One(c) a b Two(d) Three")


def drop(desk, titles, parent, row):
    model = desk.window.outline.model
    data = model.mimeData([model.index_of(id_of(desk, title)) for title in titles])
    above = model.index_of(id_of(desk, parent) if parent else None)
    model.dropMimeData(data, Qt.DropAction.MoveAction, row, 0 if row >= 0 else -1, above)


@pytest.mark.parametrize(
    ("titles", "parent", "row", "line"),
    [
        (["c"], "One", 0, "One(c a b) Two(d) Three"),
        (["a"], "One", 2, "One(b a c) Two(d) Three"),
        (["a"], "Two", -1, "One(b c) Two(d a) Three"),
        (["Two"], None, 0, "Two(d) One(a b c) Three"),
        (["a", "d"], "Three", -1, "One(b c) Two Three(a d)"),
        (["One", "a"], "Three", -1, "Two(d) Three(One(a b c))"),
        (["One"], "a", -1, "One(a b c) Two(d) Three"),
        (["a"], "One", 0, "One(a b c) Two(d) Three"),
    ],
)
def test_what_is_dropped_goes_there(open_outline, titles, parent, row, line):
    desk = open_outline()
    drop(desk, titles, parent, row)
    becomes(desk, line)
    desk.window.session.settle()
    with Store.reader(desk.path) as store:
        assert said(store.nodes()) == line


def test_a_scene_is_dragged_in_the_list_beside_the_page_too(open_outline):
    desk = open_outline()
    desk.window.panels.show_page()
    scenes = desk.window.scenes
    rows = [scenes.model.index_of(id_of(desk, title)) for title in ("a", "Two")]
    scenes.model.dropMimeData(scenes.model.mimeData(rows[:1]), Qt.DropAction.MoveAction, 1, 0, rows[1])
    becomes(desk, "One(b c) Two(d a) Three")


def test_keys_move_a_scene_in_the_list_beside_the_page_and_stay_with_it(open_outline):
    desk = open_outline()
    desk.window.panels.show_page()
    tree = desk.window.scenes.tree
    tree.setFocus()
    desk.window.scenes.mark(id_of(desk, "c"))
    for line in ("One(a b) Two(c d) Three", "One(a b) Two(d c) Three", "One(a b) Two(d) Three(c)"):
        QTest.keyClick(tree, Qt.Key.Key_Down, ALT)
        becomes(desk, line)
    QTest.keyClick(tree, Qt.Key.Key_Left, ALT)
    becomes(desk, "One(a b) Two(d) Three c")
    assert desk.window.scenes.current == id_of(desk, "c")


def test_an_index_held_while_the_scenes_are_shown_anew_is_harmless(open_outline):
    desk = open_outline()
    desk.window.panels.show_page()
    scenes = desk.window.scenes
    held = [QPersistentModelIndex(scenes.model.index_of(node.id)) for node in desk.window.nodes]
    scenes.show_nodes([], {})
    assert not any(index.isValid() or index.data() for index in held)
    scenes.show_nodes(desk.window.nodes, {})
    assert scenes.tree.isExpanded(scenes.model.index_of(id_of(desk, "One")))


def test_a_new_scene_asks_for_its_title_there(open_outline):
    desk = open_outline()
    choose(desk, "a")
    desk.window.binder.new_scene()
    becomes(desk, "One(a New scene b c) Two(d) Three")
    desk.qtbot.waitUntil(lambda: desk.window.outline.tree.findChild(QLineEdit) is not None)
    line = desk.window.outline.tree.findChild(QLineEdit)
    QTest.keyClicks(line, "Storm")
    QTest.keyClick(line, Qt.Key.Key_Return)
    becomes(desk, "One(a Storm b c) Two(d) Three")
    assert desk.window.is_outlined
    desk.window.undo()
    desk.window.undo()
    becomes(desk, "One(a b c) Two(d) Three")


def test_a_new_chapter_has_a_first_scene(open_outline):
    desk = open_outline()
    choose(desk, "a")
    desk.window.binder.new_chapter()
    becomes(desk, "One(a b c) New chapter(New scene) Two(d) Three")


def test_what_is_thrown_away_comes_back_with_its_text(open_outline):
    desk = open_outline()
    choose(desk, "Two")
    press(desk, Qt.Key.Key_Delete)
    becomes(desk, "One(a b c) Three")
    desk.qtbot.waitUntil(lambda: desk.window.outline.chosen == [id_of(desk, "c")])
    press(desk, Qt.Key.Key_Z, CONTROL)
    becomes(desk, "One(a b c) Two(d) Three")
    with Store.reader(desk.path) as store:
        assert store.scene(id_of(desk, "d")).text == "d"


def test_the_page_shows_another_scene_when_its_own_is_thrown_away(open_outline):
    desk = open_outline()
    window = desk.window
    window.binder.go_to(id_of(desk, "b"))
    desk.qtbot.waitUntil(lambda: desk.text == "b")
    window.panels.toggle_outline()
    choose(desk, "b")
    press(desk, Qt.Key.Key_Delete)
    desk.qtbot.waitUntil(lambda: desk.text == "a")
    assert window.is_outlined


def test_a_book_keeps_one_scene(open_outline):
    desk = open_outline()
    choose(desk, "One", "Two", "Three")
    press(desk, Qt.Key.Key_Delete)
    assert "at least one scene" in desk.window.notice.message
    assert outline(desk) == "One(a b c) Two(d) Three"


@pytest.mark.parametrize("prose", ["One two.\nThree four.\nFive.", "海鸥飞起。\n潮水落下。😀\n灯灭了。"])
def test_a_scene_is_split_between_paragraphs_and_made_whole_again(open_outline, prose):
    desk = open_outline(texts={"b": prose}, plans={"b": Plan("It rises. It falls.", beats=("up", "down"))})
    choose(desk, "b")
    desk.window.outline.verbs.do("split")
    becomes(desk, "One(a b b c) Two(d) Three")
    with Store.reader(desk.path) as store:
        halves = [store.scene(node.id).text for node in store.nodes() if node.title == "b"]
        assert "\n".join(halves) == prose
        assert all(halves)
        beats = [store.plans.get(node.id).beats for node in store.nodes() if node.title == "b"]
        assert beats[0] + beats[1] == ("up", "down")
    desk.window.undo()
    becomes(desk, "One(a b c) Two(d) Three")
    desk.window.session.settle()
    with Store.reader(desk.path) as store:
        assert store.scene(id_of(desk, "b")).text == prose
        assert store.plans.get(id_of(desk, "b")).beats == ("up", "down")


def test_what_is_too_short_is_not_split(open_outline):
    desk = open_outline()
    choose(desk, "b")
    desk.window.outline.verbs.do("split")
    desk.qtbot.waitUntil(lambda: "too short" in desk.window.notice.message)
    assert outline(desk) == "One(a b c) Two(d) Three"


def test_two_scenes_become_one_and_two_again(open_outline):
    desk = open_outline()
    desk.window.binder.go_to(id_of(desk, "a"))
    desk.qtbot.waitUntil(lambda: desk.text == "a")
    desk.window.panels.toggle_outline()
    choose(desk, "a")
    desk.window.outline.verbs.do("merge")
    becomes(desk, "One(a c) Two(d) Three")
    assert desk.text == "a\nb"
    desk.window.undo()
    becomes(desk, "One(a b c) Two(d) Three")
    assert desk.text == "a"
    desk.window.redo()
    becomes(desk, "One(a c) Two(d) Three")
    assert desk.text == "a\nb"


def test_a_merge_that_was_written_on_is_not_undone(open_outline):
    desk = open_outline()
    desk.window.binder.go_to(id_of(desk, "a"))
    desk.qtbot.waitUntil(lambda: desk.text == "a")
    desk.window.panels.toggle_outline()
    choose(desk, "a")
    desk.window.outline.verbs.do("merge")
    becomes(desk, "One(a c) Two(d) Three")
    desk.window.panels.show_page()
    desk.write("New ")
    desk.wait_saved()
    text = desk.text
    desk.window.panels.toggle_outline()
    desk.window.undo()
    desk.qtbot.waitUntil(lambda: "written on since" in desk.window.notice.message)
    assert desk.text == text
    assert outline(desk) == "One(a c) Two(d) Three"


@pytest.mark.parametrize(
    ("verb", "changed", "waits"),
    [("merge", "One(a c) Two(d) Three", "d c"), ("split", "One(a a b c) Two(d) Three", "d b a a c")],
)
def test_what_waits_for_a_draft_is_as_it_was_when_a_step_is_taken_back(open_outline, verb, changed, waits):
    desk = open_outline(texts={"a": "One two.\nThree four."})
    tasks = [Task(id_of(desk, "d"), 70), Task(id_of(desk, "b"), 80, "writing", ("up",), 1, 12, seed=5)]
    tasks += [Task(id_of(desk, "a"), 90, beats=("up", "down")), Task(id_of(desk, "c"), 100, "done")]
    writing = desk.window.writing
    writing.arrange(lambda _queue: tasks)
    desk.qtbot.waitUntil(lambda: writing.queue == tasks)
    choose(desk, "a")
    desk.window.outline.verbs.do(verb)
    becomes(desk, changed)
    titles = {node.id: node.title for node in desk.window.nodes}
    desk.qtbot.waitUntil(lambda: " ".join(titles.get(task.node, "gone") for task in writing.queue) == waits)
    queue = writing.queue
    desk.window.undo()
    becomes(desk, "One(a b c) Two(d) Three")
    desk.qtbot.waitUntil(lambda: writing.queue == tasks)
    desk.window.redo()
    becomes(desk, changed)
    desk.qtbot.waitUntil(lambda: writing.queue == queue)


def test_a_scene_that_comes_out_of_the_bin_waits_again(open_outline):
    desk = open_outline()
    tasks = [Task(id_of(desk, title), 100, beats=("up",)) for title in "dba"]
    writing = desk.window.writing
    writing.arrange(lambda _queue: tasks)
    choose(desk, "b")
    press(desk, Qt.Key.Key_Delete)
    becomes(desk, "One(a c) Two(d) Three")
    kept = [tasks[2], replace(tasks[0], beat=1)]
    writing.arrange(lambda _queue: kept)  # as a draft does that meanwhile began
    desk.window.undo()
    becomes(desk, "One(a b c) Two(d) Three")
    desk.qtbot.waitUntil(lambda: writing.queue == [kept[0], kept[1], tasks[1]])


def test_a_chapter_begins_where_the_author_says(open_outline):
    desk = open_outline()
    choose(desk, "b")
    desk.window.outline.verbs.do("chapter")
    becomes(desk, "One(a) New chapter(b c) Two(d) Three")
    desk.window.undo()
    becomes(desk, "One(a b c) Two(d) Three")


def test_undo_leaves_alone_what_was_changed_elsewhere_since(open_outline):
    desk = open_outline()
    choose(desk, "b")
    press(desk, Qt.Key.Key_Up, ALT)
    becomes(desk, "One(b a c) Two(d) Three")
    desk.window.session.rename(id_of(desk, "d"), "dd")
    becomes(desk, "One(b a c) Two(dd) Three")
    desk.window.undo()
    becomes(desk, "One(a b c) Two(dd) Three")


def test_only_some_statuses_are_shown_with_what_they_lie_in(open_outline):
    desk = open_outline(plans={"b": Plan(status="draft"), "d": Plan(status="done")})
    shown = desk.window.outline
    shown.filter(frozenset({"draft"}))
    assert [shown.model.branch(id).title for id in shown.model.children(None)] == ["One"]
    assert [shown.model.branch(id).title for id in shown.model.children(id_of(desk, "One"))] == ["b"]
    shown.filter(frozenset({"idea"}))
    assert not shown.empty.isHidden()
    shown.filter(frozenset())
    assert len(shown.model.children(None)) == 3
    assert shown.empty.isHidden()


def test_what_is_new_is_shown_whatever_statuses_were(open_outline):
    desk = open_outline(plans={"b": Plan(status="draft")})
    shown = desk.window.outline
    shown.filter(frozenset({"draft"}))
    choose(desk, "b")
    shown.add_scene()
    becomes(desk, "One(a b New scene c) Two(d) Three")
    desk.qtbot.waitUntil(lambda: shown.tree.findChild(QLineEdit) is not None)
    assert shown.model.branch(shown.current).title == "New scene"
    assert not shown.model.is_filtered
    assert shown.statuses.text() == "Any status"


def test_rows_have_a_second_line_once_there_is_a_synopsis(open_outline):
    desk = open_outline()
    tree = desk.window.outline.tree
    low = tree.rowHeight(tree.model().index(0, 0))
    desk.window.arranging.put_plan(
        id_of(desk, "a"), lambda plan: Plan(synopsis="It rains."), "synopsis", lambda: None, lambda _error: None
    )
    desk.qtbot.waitUntil(lambda: tree.rowHeight(tree.model().index(0, 0)) > low)
    desk.window.outline.synopses.click()
    desk.qtbot.waitUntil(lambda: tree.rowHeight(tree.model().index(0, 0)) == low)


def test_what_is_folded_stays_folded(open_outline):
    desk = open_outline()
    shown = desk.window.outline
    shown.tree.setExpanded(shown.model.index_of(id_of(desk, "One")), False)
    choose(desk, "Two")
    press(desk, Qt.Key.Key_Down, ALT)
    becomes(desk, "One(a b c) Three Two(d)")
    assert not shown.tree.isExpanded(shown.model.index_of(id_of(desk, "One")))
    assert shown.tree.isExpanded(shown.model.index_of(id_of(desk, "Two")))


def test_return_goes_to_the_scene_in_the_page(open_outline):
    desk = open_outline()
    choose(desk, "b")
    press(desk, Qt.Key.Key_Return)
    desk.qtbot.waitUntil(lambda: desk.text == "b")
    assert not desk.window.is_outlined


def test_status_is_said_for_several_and_taken_back(open_outline):
    desk = open_outline()
    ids = [id_of(desk, "a"), id_of(desk, "b")]
    desk.window.arranging.set_status(ids, "draft")
    desk.qtbot.waitUntil(lambda: desk.window.binder.plans.get(ids[1], Plan()).status == "draft")
    desk.window.undo()
    desk.qtbot.waitUntil(lambda: desk.window.binder.plans.get(ids[1], Plan()).status == "")


def test_the_menu_offers_what_can_be_done_and_lets_others_add(open_outline):
    desk = open_outline()
    choose(desk, "b")
    desk.window.outline.menu_wanted.connect(lambda menu, ids: menu.addAction(f"Ask {len(ids)}"))
    menu = desk.window.outline.verbs.make_menu()
    labels = [action.text() for action in menu.actions()]
    assert {"New scene", "Rename", "Promote", "Split in two", "Merge with the next", "Ask 1"} <= set(labels)
    assert "Status" in [child.title() for child in menu.findChildren(QMenu)]


def test_a_book_that_is_only_read_can_be_looked_at(open_outline, open_desk, monkeypatch):
    desk = open_outline()
    desk.window.close()
    before = desk.path.read_bytes()
    monkeypatch.setattr("os.access", lambda *_: False)
    desk = open_desk(path=desk.path, suggestions=False)
    desk.window.panels.toggle_outline()
    choose(desk, "b")
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Left):
        press(desk, key, ALT)
    press(desk, Qt.Key.Key_Delete)
    desk.window.outline.rename()
    desk.window.binder.new_scene()
    desk.window.panels.toggle_plan()
    assert desk.window.plan.title.isReadOnly()
    assert outline(desk) == "One(a b c) Two(d) Three"
    desk.window.close()
    assert desk.path.read_bytes() == before


def node(id, parent, words=0):
    return OutlineNode(id, parent, 0 if parent is None else 1, str(id), "", words)


def test_words_and_targets_add_up():
    nodes = [node(1, None, 5), node(2, 1, 10), node(3, 1, 20), node(4, None)]
    found = branches(nodes, {2: Plan(target_words=100), 3: Plan(target_words=50), 4: Plan(target_words=7)})
    assert [(found[id].words, found[id].target, found[id].leaves) for id in (1, 2, 4)] == [
        (35, 150, 2),
        (10, 100, 0),
        (0, 7, 0),
    ]
    found = branches(nodes, {1: Plan(target_words=90), 2: Plan(target_words=100)})
    assert found[1].target == 90


def test_a_node_moved_one_place_on_goes_into_the_next_chapter():
    nodes = [node(1, None), node(2, 1), node(3, 1), node(4, None), node(5, 4)]
    assert place_beside([2], 1, nodes) == (1, 3)
    assert place_beside([2], -1, nodes) is None
    assert place_beside([3], 1, nodes) == (4, None)
    assert place_beside([5], -1, nodes) == (1, 3)
    assert place_beside([9], 1, nodes) is None
    assert is_there([2, 3], 1, None, nodes)
    assert not is_there([2, 3], 1, 3, nodes)


def test_only_the_topmost_are_moved():
    nodes = [node(1, None), node(2, 1), node(3, None), node(4, 3)]
    assert topmost({2, 1, 4}, nodes) == [1, 4]


def test_the_model_holds_what_qt_asks_of_one(qtmodeltester):
    model = Branches()
    model.is_writable = True
    model.show([node(1, None), node(2, 1), node(3, 1), node(4, None)], {}, frozenset())
    qtmodeltester.check(model)


def a_forest(random: Random, known: list[int]) -> list[OutlineNode]:
    """An outline of some of these nodes, any of them below any other."""
    parents: dict[int, int | None] = {}
    for id in random.sample(known, random.randint(0, len(known))):
        parents[id] = random.choice([None, *parents])
    story, waiting = [], [id for id, parent in parents.items() if parent is None]
    while waiting:
        story.append(waiting.pop())
        waiting += [id for id, parent in parents.items() if parent == story[-1]]
    return [node(id, parents[id]) for id in story]


@pytest.mark.parametrize("most", [0, 100])
def test_rows_that_stay_are_the_same_rows_wherever_they_go(monkeypatch, most, qtbot):
    """Views keep what is chosen and unfolded by the model's telling them how each of its rows moved."""
    monkeypatch.setattr("writer.ui.branches.MOST_ONE_BY_ONE", most)
    model, random = Branches(), Random(7)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for _ in range(150):
        before = model.nodes
        kept = [QPersistentModelIndex(model.index_of(one.id)) for one in before]
        nodes = a_forest(random, list(range(1, 12)))
        now = {one.id for one in nodes}
        model.show(nodes, {}, frozenset())
        assert [id for id, _level in walk(model)] == [one.id for one in nodes]
        fresh = Branches()
        fresh.show(nodes, {}, frozenset())
        assert walk(model) == walk(fresh)
        if most:
            assert [model.id_of(index) for index in kept] == [one.id if one.id in now else None for one in before]
    tester.deleteLater()


def walk(model: Branches, parent: QModelIndex | None = None, level: int = 0) -> list[tuple[int, int]]:
    """What Qt finds by asking for one row after the other."""
    parent = parent or QModelIndex()
    found = []
    for row in range(model.rowCount(parent)):
        index = model.index(row, 0, parent)
        assert model.parent(index) == parent
        found += [(model.id_of(index), level), *walk(model, index, level + 1)]
    return found


def test_a_move_leaves_the_rest_of_the_tree_as_it_is(open_outline):
    desk = open_outline()
    outline = desk.window.outline
    outline.tree.collapse(outline.model.index_of(id_of(desk, "Two")))
    choose(desk, "b", "c")
    resets = []
    outline.model.modelReset.connect(lambda: resets.append(1))
    desk.window.arranging.demote([id_of(desk, "b")])
    becomes(desk, "One(a(b) c) Two(d) Three")
    assert outline.tree.isExpanded(outline.model.index_of(id_of(desk, "a")))
    desk.window.arranging.undo()
    becomes(desk, "One(a b c) Two(d) Three")
    desk.window.arranging.remove([id_of(desk, "c")])
    becomes(desk, "One(a b) Two(d) Three")
    desk.window.arranging.undo()
    becomes(desk, "One(a b c) Two(d) Three")
    assert not outline.tree.isExpanded(outline.model.index_of(id_of(desk, "Two")))
    assert not resets


def test_a_long_outline_stays_quick(qtbot):
    model = Branches()
    nodes = []
    for chapter in range(150):
        nodes.append(node(chapter * 100 + 1, None))
        nodes += [node(chapter * 100 + 2 + scene, chapter * 100 + 1, 900) for scene in range(20)]
    assert model.show(nodes, {}, frozenset())
    assert not model.show(nodes, {3: Plan(status="done")}, frozenset())  # nothing to lay out anew
    assert model.branch(3).plan.status == "done"
    assert model.branch(1).words == 18_000
    QApplication.sendPostedEvents(None, QEvent.Type.MetaCall.value)
