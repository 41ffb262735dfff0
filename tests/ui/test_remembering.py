"""Keeping the memory up to date: beside the page, paused and gone on with, stopped at once."""

import pytest

from writer.store import Store
from writer.ui import progress

SCENES = [
    "\n".join(
        f"Mara Quill went to the harbour on day {day} and met Tom Velho there." for day in range(first, first + 30)
    )
    for first in (1, 31, 61)
]
CHINESE = ["\n".join(f"第{day}天，林黛玉来到港口，见到了贾宝玉。" for day in range(30))]


def stale(desk):
    with Store.reader(desk.path) as store:
        return store.index.stale()


@pytest.fixture
def remembering(open_desk):
    """Open a desk and let the reading begin: ``remembering(scenes)``."""

    def begin(scenes, **choices):
        desk = open_desk(scenes, **{"suggestions": False, **choices})
        desk.remembering = desk.window.memory.remembering
        return desk

    return begin


@pytest.mark.parametrize(("scenes", "language"), [(SCENES, "en"), (CHINESE, "zh")])
def test_the_book_is_read_at_idle(remembering, scenes, language):
    desk = remembering(scenes, language=language)
    seen = []
    desk.remembering.progressed.connect(seen.append)
    desk.remembering.resume()
    desk.qtbot.waitUntil(lambda: None in seen, timeout=30_000)
    assert stale(desk) == []
    assert seen[-2].done == seen[-2].all > 0


def test_typing_goes_on_and_is_saved_meanwhile(remembering):
    desk = remembering(SCENES)
    desk.remembering.resume()
    desk.write("And then she left.")
    assert desk.wait_saved().endswith("And then she left.")
    desk.qtbot.waitUntil(lambda: not desk.remembering.is_running, timeout=30_000)


def test_it_is_paused_and_gone_on_with(remembering, monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE_S", -1.0)
    desk = remembering(SCENES)
    panel = desk.window.memory
    desk.window.resize(1300, 800)
    desk.qtbot.waitUntil(lambda: not panel.isHidden())
    said = []

    def pause(_progress):  # at its first word, since the whole of it may take less than a look
        desk.remembering.progressed.disconnect(pause)
        said.append(panel.reading.said.text())
        panel.reading.pause.click()

    desk.remembering.progressed.connect(pause)
    desk.remembering.resume()
    desk.qtbot.waitUntil(lambda: bool(said), timeout=30_000)
    assert "%" in said[0]
    assert not desk.remembering.is_running
    assert "Paused" in panel.reading.said.text()
    panel.reading.pause.click()
    assert desk.remembering.is_running
    desk.qtbot.waitUntil(lambda: panel.reading.isHidden(), timeout=30_000)
    assert stale(desk) == []


def test_closing_the_window_stops_it_at_once(remembering):
    desk = remembering(SCENES * 20)
    desk.remembering.resume()
    desk.qtbot.wait(50)
    desk.window.close()
    assert not desk.remembering.is_running


def test_a_project_that_is_only_read_is_left_alone(remembering):
    desk = remembering(SCENES)
    desk.window.session.why_read_only = "For this test."
    desk.remembering.resume()
    assert not desk.remembering.is_running


def test_a_slice_that_is_kept_when_its_process_has_died_shows_no_progress(remembering, monkeypatch):
    desk = remembering(SCENES)
    seen, held = [], []
    desk.remembering.progressed.connect(seen.append)
    monkeypatch.setattr(desk.window.session, "change", lambda work, written: held.append(written))
    desk.remembering.resume()
    desk.qtbot.waitUntil(lambda: bool(held))
    desk.remembering._rest.process.close()
    desk.qtbot.waitUntil(lambda: not desk.remembering.is_running)
    monkeypatch.undo()
    held[0](None)
    assert seen[-1] is None


def test_a_process_that_dies_is_nothing_to_speak_of(remembering):
    desk = remembering(SCENES)
    desk.remembering.resume()
    desk.remembering._rest.process.close()
    desk.qtbot.waitUntil(lambda: not desk.remembering.is_running, timeout=30_000)
    assert desk.window.notice.message == ""
    desk.remembering.resume()
    desk.qtbot.waitUntil(lambda: stale(desk) == [] and not desk.remembering.is_running, timeout=30_000)
