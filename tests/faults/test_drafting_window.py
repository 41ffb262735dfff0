"""What may happen to the window while it drafts: every passage is in the file or in the page, once."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.draft.teller import Teller
from tests.faults.test_window import in_storage
from writer.draft import draft
from writer.settings import Settings
from writer.store import Store
from writer.store.check import check
from writer.story import Plan, Project
from writer.ui.writing import Wish

FULL = "PRAGMA max_page_count = 1"
ROOM = "PRAGMA max_page_count = 1000000"


class Slow(Teller):
    """Takes its time, so that something can happen meanwhile."""

    def generate(self, prompt, sampling):
        for piece in super().generate(prompt, sampling):
            time.sleep(0.01)
            yield piece


@pytest.fixture
def drafting(open_desk):
    """A desk with a plan for each scene and a model that writes: ``drafting(scenes, words)``."""

    def begin(scenes=("", ""), words=800):
        engine = Slow()
        desk = open_desk(list(scenes), engines=lambda _settings: engine, engine="echo", pause_ms=10_000)
        desk.engine = engine
        plans = {node.id: Plan(f"Mara rows to {node.id}.", target_words=words) for node in desk.window.nodes}
        desk.window.session.change_outline(lambda store: store.plans.put_all(plans))
        desk.qtbot.waitUntil(lambda: planned(desk.path) == plans)
        desk.writing = desk.window.writing
        return desk

    return begin


def tasks(path):
    with Store.reader(path) as store:
        return {task.node: task for task in store.tasks.all()}


def planned(path):
    with Store.reader(path) as store:
        return store.plans.all()


def texts(path):
    with Store.reader(path) as store:
        return {node.id: store.scene(node.id).text for node in store.nodes()}


def is_said_once(text):
    paragraphs = [line for line in text.split("\n") if line.strip()]
    return len(set(paragraphs)) == len(paragraphs)


def written(desk, node):
    task = tasks(desk.path).get(node)
    return task is not None and task.written and task.state == "writing"


def wait(desk, fact):
    desk.qtbot.waitUntil(lambda: bool(fact()), timeout=30_000)


def test_a_full_disk_lets_the_page_wait_with_its_passage(drafting):
    desk = drafting()
    scene = desk.window.scene
    assert desk.writing.begin(Wish((scene,)))
    wait(desk, lambda: written(desk, scene))
    in_storage(desk, lambda now: now.execute(FULL).fetchall())
    desk.page.insertPlainText("The ferry had not come. " * 4000)
    wait(desk, lambda: desk.state == "Not saved")
    assert "disk is full" in desk.window.notice.message
    in_storage(desk, lambda now: now.execute(ROOM).fetchall())
    wait(desk, lambda: not desk.window.has_unsaved)
    desk.writing.begin(Wish())
    wait(desk, lambda: not desk.writing.is_running)
    assert desk.wait_saved() == desk.text
    assert desk.text.count("The ferry had not come.") == 4000
    assert is_said_once(desk.text)


def test_a_full_disk_stops_the_draft_of_a_scene_that_is_not_open(drafting):
    desk = drafting()
    other = desk.window.nodes[0].id
    assert desk.writing.begin(Wish((other, desk.window.scene)))
    wait(desk, lambda: written(desk, other))
    in_storage(desk, lambda now: now.execute(FULL).fetchall())
    wait(desk, lambda: not desk.writing.is_running)
    assert "disk is full" in desk.window.notice.message
    before = texts(desk.path)
    assert "failed" not in {task.state for task in tasks(desk.path).values()}
    in_storage(desk, lambda now: now.execute(ROOM).fetchall())
    assert desk.writing.begin(Wish())
    wait(desk, lambda: not desk.writing.is_running)
    desk.wait_saved()
    after = texts(desk.path)
    assert {task.state for task in tasks(desk.path).values()} == {"done"}
    assert all(after[node].startswith(before[node]) and is_said_once(after[node]) for node in after)


@pytest.mark.parametrize("is_open", [True, False])
def test_a_scene_put_into_the_bin_while_it_is_drafted_gets_nothing_more(drafting, is_open):
    desk = drafting()
    node = desk.window.scene if is_open else desk.window.nodes[0].id
    assert desk.writing.begin(Wish(tuple(one.id for one in desk.window.nodes)))
    wait(desk, lambda: written(desk, node))
    desk.window.session.change_outline(lambda store: store.remove(node))
    wait(desk, lambda: not desk.writing.is_running)
    desk.qtbot.wait(300)
    with Store.reader(desk.path) as store:
        text = store.scene(node).text
    assert tasks(desk.path)[node].state != "done"
    assert is_said_once(text)
    assert desk.writing.progress is None


def test_a_model_that_stops_is_one_sentence_and_it_goes_on(drafting):
    desk = drafting()
    scene = desk.window.scene
    desk.engine.fails = lambda _call: bool(texts(desk.path)[scene])
    assert desk.writing.begin(Wish((scene,)))
    wait(desk, lambda: not desk.writing.is_running)
    begun = desk.wait_saved()
    assert begun
    assert tasks(desk.path)[scene].problem == "The model stopped; start it again."
    desk.engine.fails = lambda _call: False
    assert desk.writing.begin(Wish())
    wait(desk, lambda: not desk.writing.is_running)
    assert desk.wait_saved().startswith(begun)
    assert is_said_once(desk.text)


WINDOW = """
import os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from dataclasses import replace
from pathlib import Path
from tests.faults.test_drafting_window import Slow
from writer import settings
from writer.ui.app import make_application
from writer.ui.window import Window
from writer.ui.writing import Wish

app = make_application(sys.argv[:1])
engine = Slow()
chosen = replace(settings.load(), language="en", engine="echo", suggestions=True, pause_ms=10_000)
window = Window(chosen, lambda _settings: engine)
window.show()
window.opening.open(Path(sys.argv[1]))
while window.page.visit is None:
    app.processEvents()
window.writing.came.connect(lambda node, text: os.write(1, f"{node} {len(text)}\\n".encode()))
window.writing.over.connect(lambda _result, _wish: os.write(1, b"over\\n"))
window.writing.begin(Wish())
app.exec()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is of POSIX")
def test_a_window_killed_while_it_drafts_loses_nothing_and_offers_to_go_on(open_desk, tmp_path):
    path = tmp_path / "killed.writer"
    with Store.create(path, Project("Tide", "A keeper finds a letter.", "en")) as store:
        for number in range(3):
            store.plans.put(store.add(f"Scene of {number}"), Plan(f"Mara rows to {number}.", target_words=900))
    before = dict.fromkeys((1, 2, 3), "")
    for round in range(3):
        child = subprocess.Popen(
            [sys.executable, "-c", WINDOW, str(path)],
            cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert child.stdout.readline() != "over\n"
        time.sleep(0.05 * round)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        now = texts(path)
        assert all(now[node].startswith(before[node]) for node in now)
        assert sum(map(len, now.values())) > sum(map(len, before.values()))
        before = now
    assert list(check(path)) == []
    desk = open_desk(path=path, engines=lambda _settings: Slow(), engine="echo", pause_ms=10_000)
    wait(desk, lambda: "A draft stopped at" in desk.window.notice.message)
    desk.window.close()
    with Store.open(path) as store:
        for _progress in draft(store, Teller(), Settings(), lambda change: change(store)):
            pass
        assert {task.state for task in store.tasks.all()} == {"done"}
    assert all(text.startswith(before[node]) and is_said_once(text) for node, text in texts(path).items())
