"""Outlines that grow beside the page: node by node, stopped at any time, taken back as a whole."""

import os
import signal
import sys
import threading

import pytest
from PySide6.QtWidgets import QLabel

from writer import outline
from writer.engines import EngineSpec
from writer.engines.echo import Echo
from writer.engines.host import Host
from writer.errors import EngineError
from writer.outline import Grown, Idea, Node, Progress
from writer.store import Store
from writer.story import Plan
from writer.ui.growing import Growing
from writer.ui.writing import Wish

TITLES = ("The island", "The letters", "The storm")


class Garden:
    """Grows three nodes, each when it is let."""

    def __init__(self):
        self.free = threading.Semaphore(0)
        self.wanted, self.problem = None, ""
        self.is_deep = False
        """Whether the first is a chapter, and the others its scenes."""

    def go(self, count=1):
        for _one in range(count):
            self.free.release()

    def __call__(self, store, engine, settings, kept, node, wanted):
        self.wanted = wanted
        made, after = [], None
        for number, title in enumerate(TITLES):
            while not self.free.acquire(timeout=0.02):
                yield Progress(number, 3, title, 60.0 * (3 - number) * bool(number))
            if self.problem:
                raise EngineError(self.problem)
            plan = Plan(synopsis=f"{title} is seen.", made_by="m")
            above = made[0].id if self.is_deep and made else node
            given = above, title, plan, after if after != above else None
            after = kept.write(lambda store, given=given: outline.directly(store)(*given))
            made.append(Node(after, above, 0, title, plan))
            yield Progress(number + 1, 3, title, node=made[-1])
        return Grown(tuple(made))


@pytest.fixture
def garden(open_desk):
    """A desk with an outline that may grow."""

    def begin(premise="A keeper finds letters in bottles.", scenes=("", "It was late."), **choices):
        choices = {"engine": "echo", "pause_ms": 10_000, **choices}
        desk = open_desk(scenes, engines=lambda _settings: Echo(), **choices)
        desk.growing = desk.window.growing
        desk.garden = desk.growing.grow = Garden()
        desk.premise = premise
        return desk

    return begin


def ask(desk, node=None):
    desk.growing.ask(node)
    desk.qtbot.waitUntil(lambda: desk.growing.dialog is not None)
    dialog = desk.growing.dialog
    if node is None:
        dialog.premise.setPlainText(desk.premise)
    return dialog


def start(desk, node=None):
    dialog = ask(desk, node)
    dialog.grow.click()
    desk.qtbot.waitUntil(lambda: desk.growing.is_running)


def titles(desk):
    return [node.title for node in desk.window.nodes]


def test_it_grows_node_by_node_and_is_taken_back(garden):
    desk = garden()
    start(desk)
    desk.garden.go()
    desk.qtbot.waitUntil(lambda: "The island" in titles(desk))
    underway = desk.window.underway
    assert not underway.isHidden()
    desk.qtbot.waitUntil(lambda: underway.what.text() == "Growing the outline: 1 of 3 · about 2 minutes left")
    assert underway.bar.maximum() == 3
    desk.garden.go(2)
    desk.qtbot.waitUntil(lambda: not desk.growing.is_running)
    desk.qtbot.waitUntil(lambda: titles(desk)[-3:] == list(TITLES))
    assert "3 parts of the outline are new" in desk.window.notice.message
    assert desk.window.underway.isHidden()
    desk.window.notice.act(0)
    desk.qtbot.waitUntil(lambda: titles(desk) == ["Scene 1", "Scene 2"])
    with Store.reader(desk.path) as store:
        assert store.project.premise == desk.premise


def test_what_has_grown_is_one_step_of_the_outline_and_so_is_taking_it_back(garden):
    desk = garden(scenes=[""])
    start(desk)
    desk.garden.go(3)
    desk.qtbot.waitUntil(lambda: titles(desk) == list(TITLES))
    window, arranging = desk.window, desk.window.arranging
    window.panels.toggle_outline()
    arranging.undo()
    desk.qtbot.waitUntil(lambda: titles(desk) == ["Scene 1"])
    desk.qtbot.waitUntil(lambda: window.scene == window.nodes[0].id)
    assert window.is_outlined
    arranging.redo()
    desk.qtbot.waitUntil(lambda: titles(desk) == list(TITLES))
    desk.qtbot.waitUntil(lambda: window.scene == window.nodes[0].id)
    desk.growing.take_back()
    desk.qtbot.waitUntil(lambda: titles(desk) == ["Scene 1"])
    desk.qtbot.waitUntil(lambda: window.scene == window.nodes[0].id)
    assert window.is_outlined
    arranging.undo()
    desk.qtbot.waitUntil(lambda: titles(desk) == list(TITLES))


def test_redo_shows_the_first_scene_of_what_grew_not_the_chapter_above_it(garden):
    desk = garden(scenes=[""])
    desk.garden.is_deep = True
    start(desk)
    desk.garden.go(3)
    desk.qtbot.waitUntil(lambda: titles(desk) == list(TITLES))
    window, arranging = desk.window, desk.window.arranging
    desk.qtbot.waitUntil(lambda: window.scene == window.nodes[1].id)
    arranging.undo()
    desk.qtbot.waitUntil(lambda: titles(desk) == ["Scene 1"])
    desk.qtbot.waitUntil(lambda: window.scene == window.nodes[0].id)
    arranging.redo()
    desk.qtbot.waitUntil(lambda: titles(desk) == list(TITLES))
    desk.qtbot.waitUntil(lambda: window.scene == window.nodes[1].id)


def test_the_empty_scene_stays_when_the_author_throws_away_what_has_grown(garden):
    desk = garden(scenes=[""])
    start(desk)
    desk.garden.go()
    desk.qtbot.waitUntil(lambda: "The island" in titles(desk))
    desk.window.arranging.remove([desk.window.nodes[1].id])
    desk.qtbot.waitUntil(lambda: titles(desk) == ["Scene 1"])
    desk.growing.stop()
    desk.window.rename(desk.window.nodes[0].id, "My beginning")
    desk.qtbot.waitUntil(lambda: titles(desk) == ["My beginning"])


def test_what_grew_before_is_not_offered_to_be_taken_back_while_more_grows(garden):
    desk = garden()
    start(desk)
    desk.garden.go(3)
    desk.qtbot.waitUntil(lambda: "new" in desk.window.notice.message)
    start(desk)
    assert not desk.window.notice.message


def test_undo_of_what_grew_leaves_what_the_author_did_meanwhile(garden):
    desk = garden()
    start(desk)
    desk.garden.go()
    desk.qtbot.waitUntil(lambda: "The island" in titles(desk))
    desk.window.rename(desk.window.nodes[0].id, "My beginning")
    desk.garden.go(2)
    desk.qtbot.waitUntil(lambda: not desk.growing.is_running)
    desk.qtbot.waitUntil(lambda: len(desk.window.arranging.steps.done) == 2)
    desk.window.arranging.undo()
    desk.qtbot.waitUntil(lambda: titles(desk) == ["My beginning", "Scene 2"])


def test_the_plan_of_the_book_shows_the_premise_it_grew_from(garden):
    desk = garden()
    window = desk.window
    window.panels.toggle_outline()
    window.outline.choose([])
    start(desk)
    desk.qtbot.waitUntil(lambda: window.plan.premise.toPlainText() == desk.premise)


def test_the_empty_scene_of_a_new_book_gives_way_and_comes_back(garden):
    desk = garden(scenes=[""])
    start(desk)
    desk.garden.go(3)
    desk.qtbot.waitUntil(lambda: titles(desk) == list(TITLES))
    desk.qtbot.waitUntil(lambda: desk.window.scene == desk.window.nodes[0].id)
    desk.window.notice.act(1)
    assert desk.window.is_outlined
    desk.growing.take_back()
    desk.qtbot.waitUntil(lambda: titles(desk) == ["Scene 1"])
    desk.qtbot.waitUntil(lambda: desk.window.scene == desk.window.nodes[0].id)


def test_the_first_scene_of_a_new_book_stays_once_something_is_in_it(garden):
    desk = garden(scenes=[""])
    start(desk)
    desk.write("The sea.")
    desk.garden.go(3)
    desk.qtbot.waitUntil(lambda: not desk.growing.is_running)
    desk.qtbot.waitUntil(lambda: titles(desk) == ["Scene 1", *TITLES])
    assert desk.text == "The sea."


def test_only_what_is_there_below_a_node_is_told(garden):
    desk = garden()
    assert "1 part of the outline" in said(ask(desk))
    desk.growing.dialog.reject()
    assert "there already" not in said(ask(desk, desk.window.nodes[1].id))


def said(dialog):
    return " ".join(label.text() for label in dialog.findChildren(QLabel))


def test_what_the_author_wrote_in_is_not_taken_back(garden):
    desk = garden()
    start(desk)
    desk.garden.go(3)
    desk.qtbot.waitUntil(lambda: not desk.growing.is_running)
    desk.qtbot.waitUntil(lambda: len(titles(desk)) == 5)
    desk.window.binder.go_to(desk.window.nodes[-1].id)
    desk.qtbot.waitUntil(lambda: desk.window.scene == desk.window.nodes[-1].id)
    desk.write("The wind rose.")
    desk.wait_saved()
    desk.growing.take_back()
    desk.qtbot.waitUntil(lambda: titles(desk) == ["Scene 1", "Scene 2", "The storm"])


def test_stopping_keeps_what_has_grown(garden):
    desk = garden()
    start(desk)
    desk.garden.go()
    desk.qtbot.waitUntil(lambda: "The island" in titles(desk))
    desk.window.underway.buttons[0].click()
    assert not desk.growing.is_running
    desk.qtbot.waitUntil(lambda: "1 part of the outline is new" in desk.window.notice.message)
    assert titles(desk)[-1] == "The island"


def test_without_a_premise_nothing_grows(garden):
    desk = garden(premise="  ")
    assert not ask(desk).grow.isEnabled()


def test_a_long_premise_and_one_in_another_language_are_told(garden):
    desk = garden(premise="She looked at the sea. " * 4000)
    assert "first sentences" in ask(desk).told.text()
    desk.growing.dialog.premise.setPlainText("灯塔看守人在海边发现了写给她的信。")
    assert "Chinese" in desk.growing.dialog.told.text()


def test_a_failing_model_is_told(garden):
    desk = garden()
    start(desk)
    desk.garden.problem = "The model stopped."
    desk.garden.go()
    desk.qtbot.waitUntil(lambda: "The model stopped." in desk.window.notice.message)
    assert not desk.growing.is_running


def test_articles_are_remembered_as_such(garden):
    desk = garden()
    dialog = ask(desk)
    dialog.shape.setCurrentIndex(dialog.shape.findData("report"))
    assert dialog.levels.count() == 2
    dialog.grow.click()
    desk.qtbot.waitUntil(lambda: desk.growing.is_running)
    with Store.reader(desk.path) as store:
        assert store.get("kind") == "article"
    desk.qtbot.waitUntil(lambda: desk.garden.wanted is not None)
    assert desk.garden.wanted.shape.name == "report"


def test_an_article_is_shorter_and_flatter_unless_the_author_said_otherwise(garden):
    desk = garden()
    dialog = ask(desk)

    def choose(shape):
        dialog.shape.setCurrentIndex(dialog.shape.findData(shape))
        return dialog.levels.currentData(), dialog.words.value()

    assert [choose(shape) for shape in ("report", "three-acts", "feature")] == [(1, 1500), (2, 20_000), (1, 1500)]
    dialog.levels.setCurrentIndex(1)
    dialog.words.setValue(800)
    assert choose("report") == choose("three-acts") == (2, 800)
    assert "no notes yet" not in dialog.told.text()
    choose("report")
    assert "no notes yet" in dialog.told.text()


def test_an_idea_is_taken_and_undone(garden):
    desk = garden()
    thoughts = []

    def think(store, engine, settings, node, count):
        yield Progress(0, count)
        thoughts.append(node)
        return [Idea(f"Idea {number}", "Something else happens.", "m") for number in range(count)]

    desk.growing.thinking.think = think
    desk.growing.thinking.ideas()
    desk.qtbot.waitUntil(
        lambda: desk.growing.thinking.thoughts is not None and len(desk.growing.thinking.thoughts.buttons) == 3
    )
    desk.growing.thinking.thoughts.buttons[1].click()
    desk.qtbot.waitUntil(lambda: titles(desk) == ["Scene 1", "Idea 1"])
    assert desk.growing.thinking.thoughts is None
    desk.qtbot.waitUntil(lambda: "Idea 1" in desk.window.notice.message)
    desk.window.notice.act(0)
    desk.qtbot.waitUntil(lambda: titles(desk) == ["Scene 1", "Scene 2"])
    desk.window.arranging.redo()
    desk.qtbot.waitUntil(lambda: titles(desk) == ["Scene 1", "Idea 1"])
    desk.window.arranging.undo()
    desk.qtbot.waitUntil(lambda: titles(desk) == ["Scene 1", "Scene 2"])


def test_one_node_is_thought_of_anew(garden):
    desk = garden()

    def think(store, engine, settings, node, count):
        yield Progress(0, count)
        return [Idea("Another", "It ends well.", "m")]

    desk.growing.thinking.think = think
    desk.growing.thinking.renew(desk.window.nodes[0].id)
    desk.qtbot.waitUntil(lambda: titles(desk) == ["Another", "Scene 2"])


def test_steps_are_thought_of(garden):
    desk = garden()

    def step(store, engine, settings, node):
        yield Progress(0, 2)
        return ("She comes.", "She goes.")

    desk.growing.thinking.step = step
    node = desk.window.scene
    desk.growing.thinking.beats(node)
    desk.qtbot.waitUntil(lambda: desk.window.binder.plans.get(node, Plan()).beats == ("She comes.", "She goes."))


def test_a_draft_gives_way_to_a_short_question_and_goes_on(garden):
    desk = garden()
    begun = []

    def draft(store, engine, settings, kept, wish, put):
        begun.append(wish)
        while True:
            yield None

    def think(store, engine, settings, node, count):
        yield Progress(0, count)
        return [Idea("Another", "It ends well.", "m")]

    desk.window.writing.draft, desk.growing.thinking.think = draft, think
    assert desk.window.writing.begin(Wish())
    desk.qtbot.waitUntil(lambda: len(begun) == 1)
    desk.growing.thinking.renew(desk.window.nodes[0].id)
    desk.qtbot.waitUntil(lambda: len(begun) == 2)
    assert desk.window.writing.is_running
    assert "Another" in titles(desk) or desk.qtbot.waitUntil(lambda: "Another" in titles(desk)) is None


def test_without_suggestions_nothing_grows(garden):
    desk = garden(suggestions=False)
    desk.growing.ask()
    desk.qtbot.wait(50)
    assert desk.growing.dialog is None
    assert isinstance(desk.growing, Growing)
    assert "switched off" in desk.window.notice.message


def test_the_real_thing_grows_with_an_echo(garden):
    from writer.ui.growing import grown

    desk = garden()
    desk.growing.grow = grown
    dialog = ask(desk)
    dialog.levels.setCurrentIndex(0)
    dialog.grow.click()
    desk.qtbot.waitUntil(lambda: bool(desk.window.notice.message) and not desk.growing.is_running, timeout=30_000)
    desk.qtbot.waitUntil(lambda: len(titles(desk)) == 4, timeout=10_000)  # with the scene that is there


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_a_model_that_is_killed_is_there_again_and_the_outline_is_whole(open_desk):
    host = Host(EngineSpec("echo", "", "echo", 1000))
    desk = open_desk(["", "It was late."], engines=lambda _settings: host, engine="echo", pause_ms=10_000)
    desk.growing, desk.premise = desk.window.growing, "A keeper finds letters in bottles."
    assert host.wait(20)
    killed = host.pid
    os.kill(killed, signal.SIGKILL)  # before it is asked; the page may have another in its place before one looks
    desk.qtbot.waitUntil(lambda: host.state == "failed" or host.pid != killed, timeout=30_000)
    start(desk)
    desk.qtbot.waitUntil(lambda: len(desk.window.nodes) > 4, timeout=30_000)
    os.kill(host.pid, signal.SIGKILL)  # and while it works
    desk.qtbot.waitUntil(lambda: not desk.growing.is_running, timeout=60_000)
    message = desk.window.notice.message
    assert "of the outline are new" in message
    assert "unexpectedly" not in message
    assert len([node for node in desk.window.nodes if node.level == 0]) == 1 + 3  # beside the empty scene


def test_the_sheet_is_as_high_as_what_is_in_it(garden):
    dialog = ask(garden(premise="词" * 60 + " keeps the light. " + "A keeper finds letters in bottles. " * 20))
    fields = (dialog.premise, dialog.shape, dialog.levels, dialog.words, dialog.beats, dialog.told, dialog.grow)
    tops = [field.mapTo(dialog, field.rect().topLeft()).y() for field in fields]
    ends = [field.mapTo(dialog, field.rect().bottomLeft()).y() for field in fields]
    assert all(end < top for end, top in zip(ends, tops[1:], strict=False))
    assert ends[-1] < dialog.height()
    assert dialog.told.height() >= dialog.told.heightForWidth(dialog.told.width())
