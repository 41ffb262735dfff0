"""Who is planned for a scene is told to the model before the page names anybody."""

import pytest

from tests.memory.books import book, finished, prose
from tests.test_context import Counter
from writer.context import Memory, build
from writer.memory.update import update
from writer.story import Cursor, Entry, Plan


def parts(store, scene, kind):
    cursor = Cursor(scene, "It rained.\n", len("It rained.\n"))
    prompt = build(cursor, store, Counter(4), 2000, memory=Memory(store))
    return [part.text for part in prompt.parts if part.kind == kind]


@pytest.fixture
def store(tmp_path):
    store, ids = book(tmp_path / "plan.writer", [(0, "One", prose(1, 300)), (0, "Two", "")])
    with store:
        finished(update(store))
        yield store, ids[1]


def test_the_cast_of_the_plan_comes_first(store):
    store, scene = store
    before = parts(store, scene, "cast")
    store.plans.put(scene, Plan(cast=("Zora Pell", "Mara Quill")))
    (told,) = parts(store, scene, "cast")
    assert told.startswith("Characters and places: Mara Quill, Zora Pell, ")
    assert told.count("Mara Quill") == 1
    assert "Zora" not in "".join(before)
    store.plans.put(scene, Plan())
    assert parts(store, scene, "cast") == before


def test_what_the_author_wrote_of_them_is_read(store):
    store, scene = store
    store.entries.put(Entry("Zora Pell", text="The harbour master's aunt."))
    assert parts(store, scene, "entries") == []
    store.plans.put(scene, Plan(cast=("Zora Pell",)))
    assert parts(store, scene, "entries") == ["Zora Pell: The harbour master's aunt.\n\n"]


def test_whom_the_author_keeps_from_the_model_stays_unread(store):
    store, scene = store
    store.entries.put(Entry("Zora Pell", text="A secret.", excluded=True))
    store.plans.put(scene, Plan(cast=("Zora Pell",)))
    assert parts(store, scene, "entries") == []
    assert all("Zora" not in told for told in parts(store, scene, "cast"))
