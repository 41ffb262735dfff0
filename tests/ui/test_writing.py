"""Drafts in the window: through the page where the scene is open, beside it where not, stopped and taken back."""

import threading
import time
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QLabel

from tests.faults.test_window import in_storage
from writer.draft import Drafted, Progress
from writer.draft.scene import Addition
from writer.engines.echo import Echo
from writer.errors import EngineError, WriterError
from writer.store import Store
from writer.story import Origin, OutlineNode, Plan, Task
from writer.ui.drafting import BOOK_WORDS, words_planned, words_usual
from writer.ui.kept import StoppedError
from writer.ui.writing import Wish

ORIGIN = Origin("m", "echo", 1, "0" * 64, 1)
STEPS = ("She came in.", "She sat down.", "She left.")


class Draft:
    """A draft of one step a sentence, which waits before each until it is let go on."""

    def __init__(self):
        self.free = threading.Semaphore(0)
        self.wishes, self.closed, self.problem = [], 0, ""

    def go(self, steps=1):
        for _step in range(steps):
            self.free.release()

    def __call__(self, store, engine, settings, kept, wish, put):
        self.wishes.append(wish)
        words = 0
        nodes = wish.nodes or [task.node for task in store.tasks.all()] or [node.id for node in store.nodes()]

        def arrange(store):
            known = {task.node: task for task in store.tasks.all()}
            store.tasks.arrange([known.get(node, Task(node, 9, beats=STEPS)) for node in nodes])

        kept.write(arrange)
        try:
            for node in nodes:
                while True:
                    task = next((task for task in store.tasks.all() if task.node == node), None)
                    if task is None or task.beat == len(STEPS):
                        break
                    step = STEPS[task.beat]
                    progress = Progress(node, "A title", task.written, 9, words, 130, step, step)
                    yield progress
                    while not self.free.acquire(timeout=0.02):
                        yield progress
                    if self.problem:
                        raise EngineError(self.problem)
                    beat = task.beat + 1
                    state = "done" if beat == len(STEPS) else "writing"
                    after = replace(task, state=state, beat=beat, written=task.written + len(step.split()))
                    put(Addition(after, task, step, ORIGIN, opens=False))
                    words += len(step.split())
            return Drafted(words, len(nodes))
        except (GeneratorExit, StoppedError):
            self.closed += 1
            raise


@pytest.fixture
def drafting(open_desk):
    """A desk on which drafts are made step by step: ``drafting(scenes)``."""

    def begin(scenes=("", ""), *, suggestions=True, **choices):
        choices = {"engine": "echo", "pause_ms": 10_000, "suggestions": suggestions, **choices}
        desk = open_desk(list(scenes), engines=lambda _settings: Echo(), **choices)
        desk.writing = desk.window.writing
        desk.draft = desk.writing.draft = Draft()
        return desk

    return begin


def start(desk, *nodes):
    assert desk.writing.begin(Wish(nodes or None))
    desk.qtbot.waitUntil(lambda: desk.writing.progress is not None)


def told(desk, text):
    desk.qtbot.waitUntil(lambda: desk.text == text)


def in_file(desk, scene):
    with Store.reader(desk.path) as store:
        return store.scene(scene)


def tasks(desk):
    with Store.reader(desk.path) as store:
        return {task.node: task for task in store.tasks.all()}


def test_passages_come_into_the_page_as_the_models_words(drafting):
    desk = drafting()
    scene = desk.window.scene
    start(desk, scene)
    desk.draft.go()
    told(desk, "She came in.")
    desk.draft.go(2)
    told(desk, "She came in. She sat down. She left.")
    desk.qtbot.waitUntil(lambda: not desk.writing.is_running)
    desk.wait_saved()
    kept = in_file(desk, scene)
    assert kept.text == desk.text
    assert [kept.text[credit.start : credit.end] for credit in kept.credits] == list(STEPS)
    assert tasks(desk)[scene].state == "done"


def test_one_undo_takes_all_of_it_back_and_stops(drafting):
    desk = drafting(["", "It was late."])
    start(desk, desk.window.scene)
    desk.draft.go(2)
    told(desk, "It was late. She came in. She sat down.")
    desk.page.undo()
    assert desk.text == "It was late."
    assert not desk.writing.is_running
    desk.page.redo()
    assert desk.text == "It was late. She came in. She sat down."


def test_a_message_that_tells_of_what_was_written_goes_with_it(drafting):
    desk = drafting(["", "It was late."])
    desk.window.expanding._write(desk.window.scene, 9)
    desk.draft.go(3)
    desk.qtbot.waitUntil(lambda: "were written here" in desk.window.notice.message)
    assert desk.window.drafting.head.text() == "Nothing waits"  # another scene is still empty
    desk.write(" And cold.")
    assert desk.window.notice.message
    desk.page.undo()
    assert desk.window.notice.message
    desk.page.undo()
    assert desk.text == "It was late."
    assert not desk.window.notice.message


def test_beside_one_scene_that_was_stopped_the_rest_of_the_book_can_be_drafted(drafting):
    desk = drafting(["", "", "It was late."])
    panel, first = desk.window.drafting, desk.window.nodes[0].id
    start(desk, first)
    desk.writing.pause()
    panel.show_panel()
    desk.qtbot.waitUntil(lambda: "0 of 1 scene ·" in panel.left.text())
    assert panel.head.text() == "Paused"
    assert not panel.begin.isHidden()
    panel.book.click()
    desk.qtbot.waitUntil(lambda: len(desk.draft.wishes) == 2)
    assert panel.begin.isHidden()
    desk.qtbot.waitUntil(lambda: "of 3 scenes" in panel.left.text())
    desk.writing.pause()
    assert panel.begin.isHidden()


def test_a_narrow_panel_cuts_no_word_and_hides_no_button(drafting):
    desk = drafting()
    desk.window.resize(900, 640)
    panel = desk.window.drafting
    panel.show_panel()
    desk.qtbot.waitUntil(lambda: panel.isVisible() and panel.here.isVisible())
    QApplication.processEvents()
    whole = [label for label in panel.begin.findChildren(QLabel) if not label.wordWrap()]
    assert len(whole) == 2
    assert all(label.width() >= label.sizeHint().width() for label in whole)
    assert panel.here.geometry().bottom() <= panel.here.parentWidget().height()


def test_what_is_in_the_bin_does_not_count_in_the_queue(drafting):
    desk = drafting(["", "", "It was late."])
    panel, first = desk.window.drafting, desk.window.nodes[0].id
    start(desk)
    panel.show_panel()
    desk.qtbot.waitUntil(lambda: "of 3 scenes" in panel.left.text())
    desk.writing.pause()
    desk.writing.arrange(
        lambda tasks: [replace(task, state="failed" if task.node == first else "done") for task in tasks]
    )
    desk.qtbot.waitUntil(lambda: panel.head.text() == "1 scene could not be written")
    desk.window.binder.remove(first)
    desk.qtbot.waitUntil(lambda: "of 2 scenes" in panel.left.text())
    assert panel.head.text() == "Nothing waits"


def test_what_the_author_writes_between_is_a_step_of_its_own(drafting):
    desk = drafting()
    start(desk, desk.window.scene)
    desk.draft.go()
    told(desk, "She came in.")
    desk.write(" Hello.")
    desk.draft.go()
    told(desk, "She came in. Hello. She sat down.")
    desk.page.undo()
    assert desk.text == "She came in. Hello."


def test_what_comes_is_grey_and_no_text(drafting):
    desk = drafting(["", "It was late."])
    desk.window.expanding._write(desk.window.scene, 9)
    desk.qtbot.waitUntil(lambda: desk.page.coming.words.strip() == "She came in.")
    assert desk.text == "It was late."
    assert desk.page.coming.words == "\nShe came in."


def test_escape_stops_and_keeps_what_is_in_the_page(drafting):
    desk = drafting()
    desk.window.expanding._write(desk.window.scene, 9)
    desk.qtbot.waitUntil(lambda: bool(desk.page.coming.words))
    desk.draft.go()
    told(desk, "She came in.")
    desk.press(Qt.Key.Key_Escape)
    assert not desk.writing.is_running
    assert not desk.page.coming.words
    desk.qtbot.waitUntil(lambda: desk.draft.closed == 1)
    assert desk.text == "She came in."
    assert desk.window.underway.isHidden()


def test_a_scene_that_is_not_open_is_drafted_in_the_file(drafting):
    desk = drafting()
    other = desk.window.nodes[0].id
    start(desk, other)
    desk.draft.go(3)
    desk.qtbot.waitUntil(lambda: not desk.writing.is_running)
    assert in_file(desk, other).text == "She came in. She sat down. She left."
    desk.qtbot.waitUntil(lambda: desk.window.binder.node(other).words == 8)
    assert desk.text == ""


def test_a_scene_opened_meanwhile_has_it_all(drafting):
    desk = drafting()
    other = desk.window.nodes[0].id
    start(desk, other)
    desk.draft.go()
    desk.window.binder.go_to(other)
    desk.qtbot.waitUntil(lambda: desk.window.scene == other)
    desk.draft.go()
    told(desk, "She came in. She sat down.")
    desk.draft.go()
    told(desk, "She came in. She sat down. She left.")
    desk.wait_saved()
    assert in_file(desk, other).text == desk.text


def test_typing_goes_on_beside_it(drafting):
    desk = drafting(["", "It was late."])
    start(desk, desk.window.nodes[0].id)
    desk.write(" And cold.")
    desk.draft.go(3)
    desk.qtbot.waitUntil(lambda: not desk.writing.is_running)
    assert desk.wait_saved() == "It was late. And cold."


def test_a_scene_with_text_keeps_a_revision_first(drafting):
    desk = drafting(["", "It was late."])
    scene = desk.window.scene
    start(desk, scene)
    desk.draft.go(3)
    desk.qtbot.waitUntil(lambda: not desk.writing.is_running)
    with Store.reader(desk.path) as store:
        kept = [(one.reason, store.revisions.read(one.id).text) for one in store.revisions.of(scene)]
    assert ("generated", "It was late.") in kept


@pytest.mark.parametrize("before", ["", "It was late."])
@pytest.mark.parametrize("is_open", [True, False])
def test_a_draft_is_taken_back(drafting, before, is_open):
    desk = drafting([before, before])
    node = desk.window.scene if is_open else desk.window.nodes[0].id
    start(desk, node)
    desk.draft.go(3)
    desk.qtbot.waitUntil(lambda: not desk.writing.is_running)
    desk.writing.take_back(node)
    desk.qtbot.waitUntil(lambda: node not in tasks(desk) and in_file(desk, node).text == before)
    with Store.reader(desk.path) as store:
        texts = [store.revisions.read(one.id).text for one in store.revisions.of(node)]
    assert any(text.endswith("She left.") for text in texts)


def test_without_suggestions_nothing_begins_and_the_menu_is_gone(drafting):
    desk = drafting(suggestions=False)
    assert not desk.writing.begin(Wish())
    assert "switched off" in desk.window.notice.message
    assert not desk.window._menus._write.isVisible()


def test_switching_off_stops_it(drafting):
    desk = drafting()
    start(desk, desk.window.scene)
    desk.window.set_suggestions(False)
    assert not desk.writing.is_running
    assert desk.window.underway.isHidden()


def test_closing_the_book_stops_it_at_once(drafting):
    desk = drafting()
    start(desk, desk.window.scene)
    desk.draft.go()
    told(desk, "She came in.")
    desk.window.close()
    assert desk.draft.closed == 1
    assert tasks(desk)[desk.window.nodes[1].id].beat == 1


def test_a_draft_that_was_stopped_is_offered_once(drafting):
    desk = drafting()
    start(desk)
    desk.draft.go()
    desk.qtbot.waitUntil(lambda: any(task.beat for task in desk.writing.queue))
    path = desk.path
    desk.window.closing.put_away()
    desk.window.opening.open(path)
    desk.qtbot.waitUntil(lambda: "A draft stopped at" in desk.window.notice.message)
    desk.window.notice.act(0)
    desk.qtbot.waitUntil(lambda: desk.writing.progress is not None)
    assert desk.draft.wishes[-1] == Wish()
    desk.draft.go(5)
    desk.qtbot.waitUntil(lambda: not desk.writing.is_running)
    assert all(in_file(desk, node.id).text == " ".join(STEPS) for node in desk.window.nodes)


def test_a_failing_model_is_said_and_nothing_is_lost(drafting):
    desk = drafting()
    start(desk, desk.window.scene)
    desk.draft.go()
    told(desk, "She came in.")
    desk.draft.problem = "The model stopped."
    desk.draft.go()
    desk.qtbot.waitUntil(lambda: not desk.writing.is_running)
    assert desk.text == "She came in."
    assert desk.window.work.order is None


def test_an_input_method_is_not_disturbed(drafting):
    desk = drafting()
    start(desk, desk.window.scene)
    QApplication.sendEvent(desk.page, QInputMethodEvent("ni", []))
    desk.draft.go()
    desk.qtbot.wait(300)
    assert desk.text == ""
    done = QInputMethodEvent()
    done.setCommitString("你")
    QApplication.sendEvent(desk.page, done)
    told(desk, "你 She came in.")


def test_the_book_is_to_have_what_its_scenes_are_planned_for(drafting):
    desk = drafting(["", "", "It was late."])
    first, second, _third = (node.id for node in desk.window.nodes)
    session, panel = desk.window.session, desk.window.drafting
    plans = {first: Plan(target_words=300), second: Plan(target_words=250)}
    session.change_outline(lambda store: store.plans.put_all(plans))
    panel.show_panel()
    desk.qtbot.waitUntil(lambda: panel.words.value() == 1550)  # and a thousand for the one of which nobody said it
    panel.draft_book()
    desk.qtbot.waitUntil(lambda: bool(desk.draft.wishes))
    assert desk.draft.wishes[-1].words is None  # what each is planned for holds
    desk.writing.pause()
    panel.words.setValue(900)
    panel.draft_book()
    desk.qtbot.waitUntil(lambda: len(desk.draft.wishes) == 2)
    assert desk.draft.wishes[-1].words == 900


@pytest.mark.parametrize("is_book", [True, False])
def test_what_was_planned_just_before_is_known_to_the_draft(drafting, is_book):
    desk = drafting(["", ""])
    read = []

    def draft(store, *args):
        read.append((store.project.premise, store.plans.all()))
        return desk.draft(store, *args)

    desk.writing.draft = draft
    node, window = desk.window.scene, desk.window
    window.panels.toggle_plan()
    desk.qtbot.waitUntil(lambda: window.plan.node == node)
    window.session.change(lambda store: time.sleep(0.4))  # another program's lock, say
    window.plan.synopsis.setPlainText("Mara rows to the island.")
    if is_book:
        window.drafting.show_panel()
        window.drafting.draft_book()
    else:
        assert desk.writing.begin(Wish((node,)))
    desk.qtbot.waitUntil(lambda: bool(read))
    assert read[0][1][node].synopsis == "Mara rows to the island."


def test_what_could_not_be_saved_is_said_before_anything_is_drafted(drafting):
    desk = drafting(["", ""])
    said = []
    desk.writing.over.connect(lambda result, _wish: said.append(result))
    in_storage(desk, lambda now: now.execute("PRAGMA max_page_count = 1").fetchall())
    desk.page.insertPlainText("The ferry had not come. " * 4000)
    desk.writing.begin(Wish())
    desk.qtbot.waitUntil(lambda: bool(said), timeout=10_000)
    assert isinstance(said[0], WriterError)
    assert desk.draft.wishes == []
    in_storage(desk, lambda now: now.execute("PRAGMA max_page_count = 1000000").fetchall())
    desk.window.saved.save_now()
    desk.qtbot.waitUntil(lambda: not desk.window.session.is_dirty, timeout=10_000)


def test_a_book_without_a_plan_is_to_have_the_usual_words():
    nodes = [OutlineNode(1, None, 0, "a", "", 0), OutlineNode(2, 1, 1, "b", "", 0), OutlineNode(3, 1, 1, "c", "", 0)]
    assert words_planned(nodes, {}) == words_planned(nodes, {2: Plan(synopsis="b")}) == 0
    assert words_planned(nodes, {1: Plan(target_words=500), 2: Plan(target_words=900)}) == 500
    assert words_planned(nodes, {0: Plan(target_words=700), 2: Plan(target_words=900)}) == 700
    assert words_planned(nodes, {2: Plan(target_words=900)}) == 1900


def test_an_empty_scene_is_proposed_to_be_as_long_as_the_others():
    def book(*words):
        scenes = [OutlineNode(number, 9, 1, "", "", count) for number, count in enumerate(words)]
        return [OutlineNode(9, None, 0, "Chapter", "", 0), *scenes]

    assert words_usual(book(0)) == BOOK_WORDS
    assert words_usual(book(400, 500, 600, 0)) == 2000
    assert words_usual(book(40, 50, 60, 0)) == 500
    assert words_usual(book(40, 0)) == 1100


def test_what_was_taken_back_does_not_count_and_is_written_again(drafting):
    desk = drafting()
    scene = desk.window.scene
    start(desk, scene)
    desk.draft.go(2)
    told(desk, "She came in. She sat down.")
    desk.page.undo()
    desk.qtbot.waitUntil(lambda: [(task.beat, task.written) for task in desk.writing.queue] == [(0, 0)])
    notice = desk.window.notice
    assert notice.isVisible()
    start(desk, scene)
    assert not notice.isVisible()  # what it said is over
    desk.draft.go(3)
    told(desk, "She came in. She sat down. She left.")


def test_a_word_changed_in_what_came_stops_nothing(drafting):
    desk = drafting()
    start(desk, desk.window.scene)
    desk.draft.go()
    told(desk, "She came in.")
    cursor = desk.page.textCursor()
    cursor.setPosition(1)
    desk.page.setTextCursor(cursor)
    desk.press(Qt.Key.Key_X)
    assert desk.text == "Sxhe came in."
    assert desk.writing.is_running
