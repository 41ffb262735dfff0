"""One scene, beat by beat, whatever the author does to it meanwhile."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.draft.teller import Teller
from writer.draft.scene import Addition, Desk, Progress, expand, following
from writer.errors import EngineError
from writer.repetition import Said
from writer.settings import Settings
from writer.store import Store
from writer.story import Origin, Plan, Project, Scene, Task
from writer.text import count_words, ends_sentence

ORIGIN = Origin("teller", "echo", 1, "", 0)
PLAN = Plan(synopsis="She rows out.", beats=("She finds the boat.", "She rows out.", "The fog comes."))


@pytest.fixture(params=["en", "zh"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "潮.writer", Project("The Tide", "A keeper rows out.", request.param)) as store:
        store.add("The letter")
        store.plans.put(1, PLAN)
        yield store


def desk(store: Store, engine: Teller | None = None) -> Desk:
    return Desk(
        store, engine or Teller(), Settings(), lambda change: change(store), lambda one: one.into(store), Said()
    )


def written(store: Store, task: Task, at: Desk | None = None) -> Task:
    store.tasks.arrange([task])
    done = finished(expand(task, at or desk(store)))
    assert done is not None
    return done


def finished(work: Generator[Progress, None, Task | None]) -> Task | None:
    while True:
        try:
            next(work)
        except StopIteration as end:
            done: Task | None = end.value
            return done


def test_a_scene_has_its_words_its_beats_and_its_credits(store: Store):
    done = written(store, Task(1, 400))
    scene = store.scene(1)
    assert done == replace(store.tasks.all()[0])
    assert (done.state, done.beat, done.beats) == ("done", 3, PLAN.beats)
    assert abs(count_words(scene.text) - 400) <= 16
    assert done.written == count_words(scene.text)
    assert ends_sentence(scene.text)
    assert sum(credit.end - credit.start for credit in scene.credits) >= len(scene.text.replace("\n", "")) - 10
    assert store.plans.get(1).status == "draft"


def test_a_beat_of_the_last_resort_is_not_told_but_the_story_goes_on(store: Store):
    placeholder = "Somebody decides and acts: The letter."
    store.plans.put(1, replace(PLAN, beats=("She finds the boat.", placeholder), made_by="model"))
    done = written(store, Task(1, 300))
    assert done.beats == ("She finds the boat.", "")
    assert "Somebody decides" not in store.scene(1).text


def test_it_tells_how_far_it_is(store: Store):
    store.tasks.arrange([Task(1, 400)])
    told = list(expand(Task(1, 400), desk(store), others=50))
    assert all(isinstance(one, Progress) for one in told)
    assert told[-1].words == count_words(store.scene(1).text) == told[-1].total_words - 50
    assert told[-1].seconds_left is not None
    assert [one.words for one in told] == sorted(one.words for one in told)
    assert any(one.passage and one.sentence in one.passage for one in told)
    assert {one.sentence for one in told} >= set(PLAN.beats)


def test_the_same_seed_gives_the_same_scene_however_often_it_is_stopped(store: Store):
    written(store, Task(1, 500, seed=3))
    whole = store.scene(1).text
    store.save(1, "")
    store.tasks.arrange([Task(1, 500, seed=3)])
    for stop in range(1, 200):
        (task,) = store.tasks.all()
        if task.state == "done":
            break
        work = expand(task, desk(store))
        for _step, _progress in zip(range(3 + stop % 40), work, strict=False):
            pass
        work.close()
    assert store.tasks.all()[0].state == "done"
    assert store.scene(1).text == whole


def test_what_the_author_wrote_before_stays_and_is_kept_as_a_revision(store: Store):
    own = "The gulls rose over the harbour, and nobody looked up."
    store.save(1, own)
    done = written(store, Task(1, 300))
    scene = store.scene(1)
    assert scene.text.startswith(own + "\n")
    assert abs(count_words(scene.text) - 300) <= 12
    assert done.written == count_words(scene.text) - count_words(own)
    assert all(credit.start > len(own) for credit in scene.credits)
    (revision,) = [one for one in store.revisions.of(1) if one.reason == "generated"]
    assert store.revisions.read(revision.id).text == own


def test_an_empty_scene_needs_no_revision(store: Store):
    written(store, Task(1, 300))
    assert not [one for one in store.revisions.of(1) if one.reason == "generated"]


def test_the_author_may_edit_the_very_scene(store: Store):
    store.tasks.arrange([Task(1, 400)])
    at = desk(store)
    typed = 0

    def put(addition: Addition) -> Scene | None:
        nonlocal typed
        now = store.scene(1).text
        store.save(1, f"Typed {typed}. {now}" + (" And more." if now else ""))
        typed += 1
        return addition.into(store)

    for _progress in expand(Task(1, 400), replace(at, put=put)):
        pass
    text = store.scene(1).text
    assert typed >= 3
    assert all(f"Typed {number}." in text for number in range(typed))
    assert text.count("And more.") == typed - 1
    assert store.tasks.all()[0].beat == 3
    assert ends_sentence(text)
    assert not any(
        "Typed" in text[c.start : c.end] or "And more" in text[c.start : c.end] for c in store.scene(1).credits
    )


def test_a_scene_that_was_taken_out_of_the_queue_is_left(store: Store):
    store.tasks.arrange([Task(1, 400)])
    work = expand(Task(1, 400), desk(store))
    for progress in work:
        if progress.words:
            break
    before = store.scene(1).text
    store.tasks.arrange([])
    assert finished(work) is None
    assert store.scene(1).text == before


def test_a_passage_that_is_late_is_not_put_twice(store: Store):
    task = Task(1, 400, "writing", ("a", "b"))
    store.tasks.arrange([task])
    addition = Addition(replace(task, beat=1, written=2), task, "She rowed.", ORIGIN, True)
    assert addition.into(store) is not None
    assert addition.into(store) is None
    assert store.scene(1).text == "She rowed."


def test_a_passage_asks_for_no_more_of_the_queue_than_its_own_scene(store: Store):
    task = Task(1, 400, "writing", ("a", "b"))
    store.tasks.arrange([task])
    addition, asked = Addition(replace(task, beat=1, written=2), task, "She rowed.", ORIGIN, True), list[str]()
    store.ask(lambda connection: connection.set_trace_callback(asked.append))
    assert addition.wanted(store)
    store.ask(lambda connection: connection.set_trace_callback(None))
    assert [one for one in asked if "FROM tasks" in one] == ["SELECT value FROM tasks WHERE node = 1"]


@pytest.mark.parametrize(
    ("text", "opens", "passage", "whole"),
    [
        ("", True, "She rowed.", "She rowed."),
        ("It was late.", True, "She rowed.", "It was late.\nShe rowed."),
        ("One.\nTwo.", True, "Three.", "One.\nTwo.\nThree."),
        ("One.\n\nTwo.", True, "Three.", "One.\n\nTwo.\n\nThree."),
        ("One.\n\nTwo.\n", True, "Three.", "One.\n\nTwo.\n\nThree."),
        ("It was late.", False, "She rowed.", "It was late. She rowed."),
        ("It was late.", False, " She rowed.", "It was late. She rowed."),
        ("天黑了。", True, "她划船。", "天黑了。\n她划船。"),
        ("天黑了。", False, "她划船。", "天黑了。她划船。"),
    ],
)
def test_a_passage_joins_what_is_there(text: str, opens: bool, passage: str, whole: str):
    task = Task(1, 400)
    joined, credits = Addition(task, task, passage, ORIGIN, opens).behind(text, ())
    assert joined == whole
    assert whole[credits[0].start : credits[0].end] == passage


def test_a_model_that_fails_once_is_asked_again(store: Store):
    assert written(store, Task(1, 300), desk(store, Teller({1, 9}.__contains__))).state == "done"


@pytest.mark.parametrize(("words", "state"), [(120, "done"), (400, "writing")])
def test_a_scene_whose_beats_are_told_may_end_a_little_short(store: Store, words: int, state: str):
    text = "The fog came over the old harbour at night. " * 12
    store.save(1, text)
    task = Task(1, words, "writing", PLAN.beats, 3, count_words(text))
    store.tasks.arrange([task])
    at = desk(store, Teller(fails=lambda _call: True))
    if state == "writing":
        with pytest.raises(EngineError):
            finished(expand(task, at))
    else:
        finished(expand(task, at))
    assert (store.tasks.all()[0].state, store.scene(1).text) == (state, text)


def test_a_model_that_fails_leaves_what_was_kept(store: Store):
    with pytest.raises(EngineError):
        written(store, Task(1, 400, seed=3), desk(store, Teller(lambda _call: bool(store.scene(1).text))))
    (task,) = store.tasks.all()
    assert task.written == count_words(store.scene(1).text)
    assert task.beat >= 1
    written(store, task)
    resumed = store.scene(1).text
    store.save(1, "")
    written(store, Task(1, 400, seed=3))
    assert store.scene(1).text == resumed


def test_what_must_happen_is_told_once_its_beat_is_over():
    beats = ("Mara finds the boat.", "Mara rows to the island.", "The fog comes.")
    plan = Plan(beats=beats, events=("Mara burns the letter on the island.",))
    task = Task(1, 300, "writing", beats, 1, 100)
    text = "Mara found the boat. " * 25
    step = following(task, plan, text)
    assert step is not None
    assert (step.beat, step.forced) == (beats[1], "")
    step = following(replace(task, beat=2, written=200), plan, text * 2)
    assert step is not None
    assert step.forced == plan.events[0]
    told = text * 2 + "Mara burned the letter on the island."
    step = following(replace(task, beat=2, written=200), plan, told)
    assert step is not None
    assert step.forced == ""
    step = following(replace(task, beat=2, written=200, missed=plan.events * 2), plan, text * 2)
    assert step is not None
    assert step.forced == ""


def test_events_that_do_not_happen_are_told_at_the_end(store: Store):
    events = ("Zarkon eats the purple cathedral.", "Zarkon swims.")
    store.plans.put(1, replace(PLAN, events=events))
    done = written(store, Task(1, 500))
    assert done.state == "done"
    assert done.tries
    assert set(done.missed) <= set(events)
    assert abs(count_words(store.scene(1).text) - 500) <= 80


def test_a_scene_without_beats_gets_some(store: Store):
    store.plans.put(1, Plan(synopsis="She rows out.", events=("The fog comes.",)))
    done = written(store, Task(1, 500))
    assert len(done.beats) >= 3
    assert "The fog comes." in done.beats
    assert store.plans.get(1).beats == ()


def test_a_scene_that_is_told_already_just_goes_on(store: Store):
    store.plans.put(1, Plan(synopsis="She rows out."))
    store.save(1, "She rowed out, and the fog came.")
    assert set(written(store, Task(1, 300)).beats) == {""}
