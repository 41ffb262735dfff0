"""Writing from another thread: the storage line writes, the work waits, and closing never waits for either."""

import threading

import pytest

from writer.errors import ProjectError
from writer.story import Credit, Origin, Task
from writer.ui.kept import Kept, StoppedError
from writer.ui.worker import Line

ORIGIN = Origin("m", "echo", 1, "0" * 64, 1)


@pytest.fixture
def working(open_desk):
    """A desk with a thread whose work may write: ``run(work)`` gives what came of it, in a list."""
    lines = []

    def begin(scenes=("One.", "Two.")):
        desk = open_desk(list(scenes), suggestions=False)
        desk.kept = Kept(desk.window.session)
        line = Line("work", lambda: None)
        lines.append((desk.kept, line))

        def run(work):
            came = []
            line.submit(lambda _store: work(), returned=came.append, failed=came.append)
            return came

        desk.run = run
        return desk

    yield begin
    for kept, line in lines:
        kept.close()
        assert line.close()


def test_the_work_gets_what_the_store_returned(working):
    desk = working()
    came = desk.run(lambda: desk.kept.write(lambda store: store.add("Three", text="Three.")))
    desk.qtbot.waitUntil(lambda: bool(came))
    read = desk.run(lambda: desk.kept.write(lambda store: store.scene(came[0]).text))
    desk.qtbot.waitUntil(lambda: read == ["Three."])


def test_it_writes_in_the_storage_thread(working):
    desk = working()
    came = desk.run(lambda: desk.kept.write(lambda _store: threading.current_thread().name))
    desk.qtbot.waitUntil(lambda: came == ["storage"])


def test_the_work_hears_of_an_error_and_the_author_does_not(working):
    desk = working()

    def full(_store):
        raise ProjectError("The disk is full.")

    came = desk.run(lambda: desk.kept.write(full))
    desk.qtbot.waitUntil(lambda: bool(came))
    assert str(came[0]) == "The disk is full."
    assert not desk.window.notice.message


def test_a_fault_in_the_question_reaches_the_work(working):
    desk = working()
    came = desk.run(lambda: desk.kept.ask(lambda _answer: 1 / 0))
    desk.qtbot.waitUntil(lambda: bool(came))
    assert isinstance(came[0], ZeroDivisionError)


@pytest.mark.timeout(60)
def test_closing_lets_the_work_go_at_once(working):
    desk = working()
    held = threading.Event()
    came = desk.run(lambda: desk.kept.write(lambda _store: held.wait(600)))
    desk.qtbot.wait(50)
    desk.kept.close()
    desk.qtbot.waitUntil(lambda: bool(came))
    assert isinstance(came[0], StoppedError)
    held.set()
    again = desk.run(lambda: desk.kept.write(lambda _store: 1))
    desk.qtbot.waitUntil(lambda: bool(again))
    assert isinstance(again[0], StoppedError)


def test_a_hundred_writes_one_after_the_other(working):
    desk = working()

    def work():
        return [desk.kept.write(lambda store, n=n: store.add(f"Scene {n}")) for n in range(100)]

    came = desk.run(work)
    desk.qtbot.waitUntil(lambda: bool(came), timeout=20_000)
    assert len(set(came[0])) == 100


def test_a_save_that_fails_takes_the_task_along_when_it_is_tried_again(working, monkeypatch):
    desk = working()
    session, visit = desk.window.session, desk.page.visit
    task = Task(visit.scene, 100, "writing", ("A", "B"))
    came = desk.run(lambda: desk.kept.write(lambda store: store.tasks.arrange([task])))
    desk.qtbot.waitUntil(lambda: came == [None])
    monkeypatch.setattr("writer.ui.session.RETRY_AFTER_MS", 100)
    from writer.store.tasks import Tasks

    advance, tries = Tasks.advance, []

    def failing(self, *given):
        tries.append(given)
        if len(tries) < 3:
            raise ProjectError("The disk is full.")
        return advance(self, *given)

    monkeypatch.setattr(Tasks, "advance", failing)
    done = []
    desk.page.add_at_end(visit, " More.", (Credit(0, 6, ORIGIN),))
    session.advance(visit, Task(visit.scene, 100, "writing", ("A", "B"), beat=1), done.append)
    desk.qtbot.waitUntil(lambda: bool(done), timeout=10_000)
    assert len(tries) == 3
    assert done[0].text == visit.text == "Two. More."
    read = desk.run(lambda: desk.kept.write(lambda store: store.tasks.all()[0].beat))
    desk.qtbot.waitUntil(lambda: read == [1])
