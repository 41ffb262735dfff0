"""The keys of a suggestion: the author's, or else the usual ones."""

from writer.settings import Settings
from writer.ui.keys import USUAL, Keys


def test_the_author_chooses_some_and_the_others_stay():
    keys = Keys({"accept": "ctrl+j", "unknown": "Ctrl+K"})
    assert keys.written("accept") == "Ctrl+J"
    assert keys.written("dismiss") == "Esc"
    assert keys.written("unknown") == ""


def test_keys_are_shown_as_they_are_drawn_on_a_keyboard(monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    assert Keys(Settings().keys).shown("accept_sentence") == "Alt+→"


def test_every_action_has_keys_of_its_own():
    keys = Keys({})
    assert len({keys.written(action) for action in USUAL}) == len(USUAL)
