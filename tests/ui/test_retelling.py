"""The story retold while the author rests: shown above the sentences, stopped by anything else."""

from dataclasses import replace

import pytest

from tests.memory.books import prose
from writer.engines import Piece, Usage
from writer.engines.echo import Echo
from writer.memory import abstract
from writer.store import Store
from writer.ui.fold import Told


class Model(Echo):
    """A model that retells what it reads, and can be let wait in the middle of it."""

    def __init__(self, spec, model, waits):
        super().__init__(spec)
        self.model, self.waits, self.asked, self.stopped = model, waits, 0, 0

    def beside(self):
        return self

    def generate(self, prompt, sampling):
        if prompt.role != "work":
            return (yield from super().generate(prompt, sampling))
        self.asked += 1
        told = prompt.text.split("<<<\n")[1].split("\n>>>")[0].split("\n")
        joiner = "" if "复述" in prompt.text else " "
        try:
            for sentence in reversed(told[:2]):
                yield Piece(sentence + joiner)
                while self.waits:
                    yield Piece("")
        except GeneratorExit:
            self.stopped += 1
            raise
        return Usage(0, 0, 2, 0.0, 0.0)


def kept(desk):
    with Store.reader(desk.path) as store:
        return store.ask(
            lambda now: [
                abstract.from_bytes(value)
                for (value,) in now.execute("SELECT value FROM notes WHERE kind = ?", [abstract.KIND])
            ]
        )


@pytest.fixture
def resting(open_desk):
    """A desk whose book is being read, with a model of this name: ``resting(model)``."""

    def begin(model="Some 7B", *, waits=False, language="en", **choices):
        engines = []

        def open_engine(_settings):
            engines.append(Model(None, model, waits))
            return engines[-1]

        scenes = [prose(seed, 400, language) for seed in range(3)]
        choices = {"engine": "echo", "pause_ms": 10_000, **choices}
        desk = open_desk(scenes, language=language, engines=open_engine, **choices)
        desk.window.resize(1400, 900)
        desk.window.memory.show()
        desk.engines = engines
        desk.retelling = desk.window.memory.remembering.retelling
        desk.retelling._timer.setInterval(0)
        desk.window.memory.remembering.resume()
        return desk

    return begin


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_story_is_retold_above_its_sentences(resting, language):
    desk = resting(language=language)
    panel = desk.window.memory
    desk.qtbot.waitUntil(lambda: any(one and one.text for one in kept(desk)), timeout=30_000)
    desk.qtbot.waitUntil(
        lambda: any(summary.retelling for summary in panel.remembered.story) if panel.remembered else False,
        timeout=30_000,
    )
    summary = next(summary for summary in panel.remembered.story if summary.retelling)
    fold = panel.story.folds[summary.node]
    fold.head.setChecked(True)
    said, by, sentences = (fold.column.itemAt(n).widget() for n in range(3))
    assert said.text() == summary.retelling
    assert "Some 7B" in by.text()
    assert isinstance(sentences, Told)
    assert not desk.retelling.is_running


def test_typing_stops_it_at_once_and_a_rest_goes_on(resting):
    desk = resting(waits=True)
    desk.qtbot.waitUntil(lambda: desk.retelling.is_running and desk.engines[0].asked > 0, timeout=30_000)
    desk.retelling._timer.setInterval(60_000)
    desk.write("x")
    assert not desk.retelling.is_running
    desk.qtbot.waitUntil(lambda: desk.engines[0].stopped == desk.engines[0].asked)
    assert kept(desk) == []
    desk.engines[0].waits = False
    desk.retelling._timer.start(0)
    desk.qtbot.waitUntil(lambda: bool(kept(desk)), timeout=30_000)


def test_a_small_model_is_never_asked(resting):
    desk = resting("Some 135M")
    over = []
    desk.retelling._on_over = over.append
    desk.qtbot.waitUntil(lambda: bool(over), timeout=30_000)
    assert desk.engines[0].asked == 0


def test_without_suggestions_no_model_is_asked(resting):
    desk = resting(suggestions=False)
    desk.qtbot.waitUntil(lambda: desk.retelling._is_wanted and not desk.retelling._timer.isActive(), timeout=30_000)
    assert not desk.retelling.is_running
    assert desk.engines == []


def test_a_server_elsewhere_is_not_asked_unbidden(resting):
    desk = resting()
    change = {"engine": "server", "server_url": "http://gpu-box:8000/v1"}
    desk.window.settings = replace(desk.window.settings, **change)
    desk.qtbot.waitUntil(lambda: desk.retelling._is_wanted and not desk.retelling._timer.isActive(), timeout=30_000)
    assert not desk.retelling.is_running
    assert desk.engines[0].asked == 0


def test_closing_the_window_ends_it(resting):
    desk = resting(waits=True)
    desk.qtbot.waitUntil(lambda: desk.retelling.is_running and desk.engines[0].asked > 0, timeout=30_000)
    desk.window.close()
    assert not desk.retelling.is_running
    assert desk.engines[0].stopped == 1
