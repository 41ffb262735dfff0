"""What is made where a model has nothing to say is known for what it is."""

import pytest

from tests.outline.says import book
from writer.outline import ground as grounds
from writer.outline import resort


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_beat_of_the_last_resort_is_known_as_a_placeholder(tmp_path, language):
    with book(tmp_path, language) as store:
        node = store.add("The Storm!" if language == "en" else "暴风雨！")
        ground = grounds.look(store, node)
        idea = ground.idea(node)
        for count in (1, 4, 12, 24):
            beats = resort.beats(ground, ground.place_of(node), idea, count)
            assert len(beats) == count
            assert all(resort.is_placeholder(beat, idea.title) for beat in beats)


def test_what_an_author_or_a_model_tells_is_none():
    assert not resort.is_placeholder("Anna meets the storm.", "The Storm")
    assert not resort.is_placeholder("安娜遇上了暴风雨。", "暴风雨")
    assert not resort.is_placeholder("She has one wish: to leave.", "The Storm")
    assert not resort.is_placeholder("Anything at all: .", "")
