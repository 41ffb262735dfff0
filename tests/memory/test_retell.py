"""The story so far in a model's own words: kept by its sentences, tried once, stopped at any token."""

from dataclasses import replace

import pytest

from tests.memory.books import prose
from tests.memory.test_abstract import GESAGT, SAID, Says, run
from writer.engines.echo import Echo
from writer.memory import abstract, retell
from writer.memory.abstract import Abstract
from writer.memory.preceding import before
from writer.memory.retell import keep, retold
from writer.memory.update import update
from writer.settings import Settings
from writer.store import Store
from writer.story import Cursor, Passage, Project, Span, Summary
from writer.suggest import prompt_for

FAITHFUL = {
    "en": "Nora came home, and Silas carried her bag. When the harbour burned, Silas saved the boats.",
    "zh": "林晚坐渡船回到岛上，许知远替她搬行李。夜里港口起火，他救下了渔船。",
}


class Model(Says):
    """A model with a name that counts how often it is asked."""

    def __init__(self, answer, model="Some 7B"):
        super().__init__(answer)
        self.model, self.asked = model, []

    def generate(self, prompt, sampling):
        self.asked.append(prompt.text)
        return super().generate(prompt, sampling)


def summary(node, said):
    return Summary(node, f"Chapter {node}", 0, tuple(Passage(text, Span(node, 0, len(text))) for text in said))


@pytest.fixture
def store(tmp_path):
    with Store.create(tmp_path / "book.writer", Project("Book", "", "en")) as store:
        yield store


def told(store, engine, summaries, *, language="en", again=False):
    """Let it retell all, keep what comes, and give how many there are."""
    work = retell.retell(store, engine, language, summaries, again=again)

    def kept():
        while True:
            try:
                slice = next(work)
            except StopIteration as end:
                return end.value
            keep(store, slice)
            yield slice

    return run(kept())


@pytest.mark.parametrize(("language", "said"), [("en", SAID), ("zh", GESAGT)])
def test_what_is_retold_is_there_for_just_these_sentences(store, language, said):
    engine = Model(FAITHFUL[language])
    story = [summary(1, said), summary(2, said[:2])]
    assert retold(store, story) == story
    assert told(store, engine, story[:1], language=language) == 1
    first, second = retold(store, story)
    assert (first.retelling, first.made_by) == (FAITHFUL[language], "Some 7B")
    assert first.time > 0
    assert replace(first, retelling="", made_by="extract", time=0) == story[0]
    assert second == story[1]
    assert retold(store, [summary(9, said)])[0].retelling == FAITHFUL[language]


def test_the_nearest_is_retold_first_and_nothing_twice(store):
    engine = Model(FAITHFUL["en"])
    story = [summary(1, [*SAID, "The bells rang."]), summary(2, SAID), summary(3, SAID[:1]), summary(4, [])]
    assert told(store, engine, story) == 2
    assert ["bells" in asked for asked in engine.asked] == [False, True]
    assert told(store, engine, story) == 0
    assert len(engine.asked) == 2


def test_progress_is_told_to_the_end(store):
    work = retell.retell(store, Model(FAITHFUL["en"]), "en", [summary(1, SAID), summary(2, SAID[:2])])
    steps = [slice.progress for slice in work]
    assert steps == sorted(steps, key=lambda step: step.done)
    assert (steps[0].what, steps[0].done, steps[0].all) == ("Chapter 2", 0, 2)
    assert (steps[-1].what, steps[-1].done, steps[-1].all) == ("Chapter 1", 2, 2)


def test_what_a_model_failed_at_is_not_tried_again_by_it(store):
    stranger = Model("Nora came home with Tobias, and Silas saved the boats.")
    story = [summary(1, SAID)]
    assert told(store, stranger, story) == 0
    assert retold(store, story) == story
    assert told(store, stranger, story) == 0
    assert len(stranger.asked) == 1
    assert told(store, Model(FAITHFUL["en"], "Another 8B"), story) == 1


def test_what_was_cut_short_is_tried_again(store):
    story = [summary(1, SAID)]
    assert told(store, Model("Nora came home, and Sil"), story) == 0
    assert told(store, Model(FAITHFUL["en"]), story) == 1


def test_anothers_words_are_replaced_only_when_asked(store):
    story = [summary(1, SAID)]
    told(store, Model(FAITHFUL["en"]), story)
    other = Model("Nora came home on the ferry. Silas saved the boats when the harbour burned.", "Another 8B")
    assert told(store, other, story) == 0
    assert retold(store, story)[0].made_by == "Some 7B"
    assert told(store, Model("I'm sorry, I can't help with that.", "Third 9B"), story, again=True) == 0
    assert retold(store, story)[0].made_by == "Some 7B"
    assert told(store, other, story, again=True) == 1
    assert retold(store, story)[0].made_by == "Another 8B"
    assert told(store, other, story, again=True) == 0


@pytest.mark.parametrize("count", [1, 2, 40])
def test_it_can_be_closed_at_any_token(store, count):
    engine = Model(FAITHFUL["en"])
    work = retell.retell(store, engine, "en", [summary(1, SAID)])
    for _ in range(count):
        keep(store, next(work))
    work.close()
    assert engine.closed
    assert store.index.notes(abstract.KIND, [abstract.key_of(SAID)]) == {}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_precedes_a_scene_is_told_alike_from_its_beginning_and_from_within(store, language):
    scene = [store.add(f"{n}", text=prose(n, 500, language)) for n in range(4)][-1]
    assert run(update(store)).chunks
    text = store.scene(scene).text
    within = before(store, Cursor(scene, text, len(text))).story()
    assert within[-1].node == scene
    assert before(store, Cursor(scene, "", 0)).story() == within[:-1]


def test_no_suggestion_reads_it(store):
    scene = [store.add(f"{n}", text=prose(n, 500)) for n in range(4)][-1]
    assert run(update(store)).chunks
    text = store.scene(scene).text
    cursor = Cursor(scene, text, len(text))
    first = before(store, cursor).story()[0]
    prompt = prompt_for(cursor, store, Echo(), Settings())
    said = [passage.text for passage in first.sentences]
    store.index.keep(abstract.KIND, {abstract.key_of(said): abstract.to_bytes(Abstract("Retold.", "Some 7B", 1))})
    assert retold(store, [first])[0].retelling == "Retold."
    assert before(store, cursor).story()[0] == first
    with Store.reader(store.path) as fresh:
        assert prompt_for(cursor, fresh, Echo(), Settings()) == prompt
