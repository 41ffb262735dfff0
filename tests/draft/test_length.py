"""How long a scene becomes."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.draft.teller import chinese, english
from writer.draft import length
from writer.story import Task
from writer.text import count_words, ends_sentence


def draft(words: int, beats: int, chance: random.Random, language: str = "en", there: int = 0) -> tuple[int, Task]:
    """A scene as the loop writes it, by a model that gives between half and twice of what it is asked for."""
    task = Task(1, words, beats=length.grouped([f"Beat {number}." for number in range(beats)], words))
    tell = chinese if language == "zh" else english
    while task.beat < len(task.beats) or not length.is_enough(task.words, there):
        wanted = length.wanted(task, there) * chance.uniform(0.5, 2)
        passage = ""
        while count_words(passage) < wanted:
            passage += tell(chance)
        text = length.fitted(passage, task, there)
        if not text:
            break
        assert passage.startswith(text)
        assert ends_sentence(text)
        there += count_words(text)
        task = Task(1, words, beats=task.beats, beat=task.beat, written=task.written + count_words(text))
        if task.beat < len(task.beats) and length.is_over(task, there):
            task = Task(1, words, beats=task.beats, beat=task.beat + 1, written=task.written)
    return there, task


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("words", [120, 300, 1000, 4000, 20_000])
def test_a_scene_ends_within_a_few_per_cent_of_its_target(language: str, words: int):
    for seed in range(20):
        there, task = draft(words, length.beats_for(words), random.Random(seed), language)
        assert abs(there - words) <= max(12, 0.04 * words)
        assert task.beat == len(task.beats)


@given(words=st.integers(1, 3000), beats=st.integers(1, 30), seed=st.integers(0, 999), there=st.integers(0, 3000))
def test_every_beat_is_reached_whatever_is_asked(words: int, beats: int, seed: int, there: int):
    _there, task = draft(words, beats, random.Random(seed), there=there)
    assert task.beat == len(task.beats)


@given(st.lists(st.text("ab.", min_size=1), max_size=20), st.integers(0, 2000))
def test_joining_beats_loses_none(beats: list[str], words: int):
    joined = length.grouped(beats, words)
    assert len(joined) <= max(1, words // length.LEAST)
    assert "".join(joined).replace(" ", "") == "".join(beats)


def test_chinese_beats_are_joined_without_a_space():
    assert length.grouped(["她上船。", "船沉了。"], 40) == ("她上船。船沉了。",)
    assert length.grouped(["She boards.", "It sinks."], 40) == ("She boards. It sinks.",)


def test_a_quotation_is_not_left_open():
    text = "“The boat is gone. It left at noon,” she said. Nobody answered."
    assert [text[:end] for end in length.endings(text)] == [text[:46], text]
    assert text[:46].endswith("she said.")


def test_where_every_end_is_in_a_quotation_one_of_them_must_do():
    assert length.endings("“The boat is gone. It left at noon.") == [18, 35]


def test_a_text_without_a_sentence_stays_as_it_is_while_beats_are_left():
    assert length.fitted("no end at all", Task(1, 300, beats=("One.",)), 0) == "no end at all"


def test_at_the_end_nothing_is_better_than_far_too_much():
    task = Task(1, 100, beats=("One.",), beat=1, written=90)
    assert length.fitted(" " + "word " * 40 + "end.", task, 90) == ""
    assert length.fitted(" He left at noon. She stayed there all day long, alone.", task, 90) == (
        " He left at noon. She stayed there all day long, alone."
    )
