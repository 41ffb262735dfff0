"""Lines of work: values come back in the GUI thread, in order, and nothing outlives a close."""

import threading

import pytest

from writer.errors import FileError
from writer.ui.worker import Line


@pytest.fixture
def line(qapp):
    line = Line("test", lambda: None)
    yield line
    assert line.close()


def test_what_a_job_returns_comes_back_in_this_thread(line, qtbot):
    came = []
    line.submit(lambda _: threading.get_ident(), returned=lambda there: came.append((there, threading.get_ident())))
    qtbot.waitUntil(lambda: bool(came))
    there, here = came[0]
    assert here == threading.get_ident() != there


def test_a_generator_comes_piece_by_piece_and_then_its_value(line, qtbot):
    came = []

    def count(_store):
        yield 1
        yield 2
        return "done"

    line.submit(count, yielded=came.append, returned=came.append)
    qtbot.waitUntil(lambda: came == [1, 2, "done"])


def test_an_error_comes_back_as_a_value(line, qtbot):
    came = []

    def fail(_store):
        raise FileError("No such file.")

    line.submit(fail, failed=came.append)
    qtbot.waitUntil(lambda: bool(came))
    assert str(came[0]) == "No such file."


def test_cancelling_closes_the_generator_and_says_nothing_more(line, qtbot):
    going, closed, came = threading.Event(), threading.Event(), []

    def endless(_store):
        try:
            while True:
                yield 1
                going.set()
        finally:
            closed.set()

    job = line.submit(endless, yielded=lambda _: None, returned=came.append, failed=came.append)
    going.wait(5)
    job.cancel()
    assert closed.wait(5)
    line.submit(lambda _: "next", returned=came.append)
    qtbot.waitUntil(lambda: came == ["next"])


def test_cancelling_interrupts_a_job_that_waits(line, qtbot):
    waiting, wake = threading.Event(), threading.Event()

    def stuck(_store):
        waiting.set()
        wake.wait(5)
        yield 1

    job = line.submit(stuck, interrupt=wake.set)
    waiting.wait(5)
    job.cancel()
    assert line.wait(5)


def test_a_store_that_cannot_be_opened_fails_every_job(qapp, qtbot):
    def refuse():
        raise FileError("Not a project.")

    line, came = Line("test", refuse), []
    for _ in range(2):
        line.submit(lambda _: None, failed=came.append)
    qtbot.waitUntil(lambda: len(came) == 2)
    assert line.close()


def test_close_finishes_what_is_queued(qapp):
    line, done = Line("test", lambda: None), []
    for n in range(5):
        line.submit(lambda _, n=n: done.append(n))
    assert line.close()
    assert done == [0, 1, 2, 3, 4]
