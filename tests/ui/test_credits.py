"""What the model wrote, from the keys to the file and back, in the real window."""

import json
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from writer.engines import Piece, Usage
from writer.engines.echo import Echo
from writer.settings import load
from writer.store import Store
from writer.story import Credit, Origin

ORIGIN = Origin("SmolLM2-135M", "llamacpp", 7, "ab" * 32, 1_790_000_000)
ALT, CONTROL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier


def credited(desk):
    return [desk.text[credit.start : credit.end] for credit in desk.page.visit.credits]


def saved(desk, scene=None):
    """What the file says that a model wrote."""
    desk.wait_saved()
    with Store.reader(desk.path) as store:
        found = store.scene(scene or desk.page.visit.scene)
    return [found.text[credit.start : credit.end] for credit in found.credits], found.credits


def test_from_the_suggestion_into_the_file_and_back(open_desk):
    """When I take a suggestion, write into it and undo, the file knows which words are mine, tomorrow too."""
    desk = open_desk(["The gulls rose over the old harbour. The gulls fell."], engine="echo", words=12)
    start = desk.text
    grey = desk.wait_for_suggestion()
    desk.press(Qt.Key.Key_Tab)
    assert credited(desk) == [grey]
    desk.page.place_caret(len(start) + 4)
    desk.write("xyz")
    assert credited(desk) == [grey[:4], grey[4:]]
    words, credits = saved(desk)
    assert words == [grey[:4], grey[4:]]
    origin = credits[0].origin
    assert (origin.engine, origin.seed, len(origin.prompt)) == ("echo", 7, 64)
    desk.page.undo()
    assert credited(desk) == [grey]
    assert saved(desk)[0] == [grey]
    desk.window.close()
    again = open_desk(path=desk.path, suggestions=False)
    assert again.text == start + grey
    assert credited(again) == [grey]
    again.page.place_caret(0)
    again.write("Once, ")
    assert saved(again)[0] == [grey]


def test_each_alternative_keeps_its_own_seed(open_desk):
    desk = open_desk(["The gulls rose over the old harbour. The gulls fell."], engine="echo", words=12)
    first = desk.wait_for_suggestion()
    desk.press(Qt.Key.Key_BracketRight, ALT)
    desk.qtbot.waitUntil(lambda: len(desk.window.suggestions.candidates) == 2)
    desk.wait_for_suggestion()
    assert desk.page.ghost.origin.seed == 8
    desk.press(Qt.Key.Key_BracketLeft, ALT)
    assert (desk.grey, desk.page.ghost.origin.seed) == (first, 7)
    desk.press(Qt.Key.Key_Right, CONTROL)
    assert desk.page.ghost.origin.seed == 7
    desk.press(Qt.Key.Key_Tab)
    assert [credit.origin.seed for credit in desk.page.visit.credits] == [7]
    assert credited(desk) == [first]


def test_a_second_try_is_credited_with_its_own_seed(open_desk):
    class Stubborn(Echo):
        """Says nothing fit to read at first."""

        def generate(self, prompt, sampling):
            yield Piece("velt was" if sampling.may_end else " over the sea and away.")
            return Usage(prompt.tokens, 0, 5, 1.0, 2.0)

    desk = open_desk(["The gulls rose "], engines=lambda _settings: Stubborn())
    desk.wait_for_suggestion()
    assert desk.page.ghost.origin.seed == 7 + 7919
    assert len(desk.page.ghost.origin.prompt) == 64


def test_save_as_keeps_the_credits(open_desk, tmp_path):
    desk = open_desk(["One."], suggestions=False)
    scene = desk.page.visit.scene
    desk.page.expect(desk.page.cursor_now())
    desk.page.grow(" green", ORIGIN)
    desk.page.accept(" green")
    done = []
    desk.window.session.save_as(tmp_path / "copy.writer", lambda: done.append(True))
    desk.qtbot.waitUntil(lambda: bool(done))
    with Store.reader(tmp_path / "copy.writer") as store:
        assert store.scene(scene).credits == (Credit(4, 10, ORIGIN),)


def test_the_view_is_kept_and_counted(open_desk):
    """When I press F7, I see what the model wrote and how much that is, with the grey text left as it is."""
    desk = open_desk(["The gulls rose over the old harbour. The gulls fell."], engine="echo", words=12)
    legend = desk.window.legend
    assert not legend.isVisible()
    desk.wait_for_suggestion()
    desk.press(Qt.Key.Key_Tab)
    grey = desk.wait_for_suggestion()
    QTest.keyClick(desk.window, Qt.Key.Key_F7)
    assert legend.isVisible()
    assert desk.grey == grey
    assert load().show_credits
    desk.qtbot.waitUntil(lambda: "0%" not in legend.text())
    desk.press(Qt.Key.Key_Escape)
    desk.page.selectAll()
    desk.write("Mine")
    desk.qtbot.waitUntil(lambda: legend.text() == "By a model: 0%")
    QTest.keyClick(desk.window, Qt.Key.Key_F7)
    assert not legend.isVisible()
    assert not load().show_credits


@pytest.mark.parametrize("ending", ["md", "json"])
def test_the_record_is_written_from_the_menu(open_desk, monkeypatch, tmp_path, ending):
    desk = open_desk(["One two."], suggestions=False)
    desk.page.expect(desk.page.cursor_now())
    desk.page.grow(" green gulls", ORIGIN)
    desk.page.accept(" green gulls")
    path = tmp_path / f"record.{ending}"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_words: (str(path), ""))
    desk.window.books.record()
    desk.qtbot.waitUntil(lambda: "record" in desk.window.notice.message)
    told = path.read_text("utf-8")
    assert "SmolLM2-135M" in told
    if ending == "json":
        assert json.loads(told)["model_words"] == 2


def test_one_scene_of_a_book_knows_nothing_of_another(open_desk):
    desk = open_desk(["First.", "Second."], suggestions=False)
    desk.page.expect(desk.page.cursor_now())
    desk.page.grow(" green", replace(ORIGIN, seed=9))
    desk.page.accept(" green")
    second = desk.page.visit.scene
    desk.press(Qt.Key.Key_PageUp, CONTROL)
    desk.qtbot.waitUntil(lambda: desk.text == "First.")
    assert credited(desk) == []
    assert saved(desk, second)[0] == [" green"]
