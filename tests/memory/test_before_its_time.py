"""What the model reads at a caret is made of what lies before it, and of what the author says; of nothing else."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.memory.books import book, finished, prose
from tests.test_context import Counter
from writer.context import Memory, build
from writer.memory.update import update
from writer.store import Store
from writer.story import Choice, Cursor, Entry, Note

TWISTS = {
    "en": "At last Captain Orme confessed that Silas had burnt the lighthouse at Saltmere. ",
    "zh": "林远山终于承认，是赵铁生烧了青石镇的老宅。",
}
OUTLINES = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from([0, 30, 150, 900]), st.sampled_from(["en", "zh"])),
    min_size=2,
    max_size=9,
)
LATER = st.sampled_from(["keep", "other", "twist", "translate", "empty", "remove", "rename", "move", "split"])
CHANGES = st.lists(st.tuples(LATER, st.sampled_from(["en", "zh"])), max_size=8)


def written(number, words, language):
    """A scene with a sentence of its own, which may be pinned, and one that comes back."""
    if not words:
        return ""
    text = prose(f"{number}.{words}", words, language)
    own = f"Key {number} lay under the elms of Fenwick. " if language == "en" else f"第{number}把钥匙埋在杏花村的树下。"
    return own + text + "\n" + TWISTS[language]


def own(store, ids, at):
    """What the author says of the book: of who is in it, what is to be read, and what is to be written."""
    store.entries.put(Entry("Silas", text="He fears the sea. 他怕水。", aliases=("赵铁生",)))
    store.entries.put(Entry("Mara Quill", text="She lies. 她说谎。", keys=("苏婉",), since=ids[0], until=ids[at]))
    store.entries.put(Entry("Elin Vass", text="Dead by now. 已经死了。", keys=("陈默",), since=ids[-1]))
    store.entries.put(Entry("The storm", kind="thing", text="It never ends. 风没有停。", always=True))
    store.entries.put(Entry("Jonas Reed", excluded=True))
    for number, id in enumerate(ids):
        sentence = store.scene(id).text[:30]
        if sentence:
            store.choices.put(Choice("pin" if number % 3 else "exclude", id, sentence))
    store.note = Note("Slowly, and with rain. 下雨。", 2)


def changed(store, ids, at, changes):
    """Make another book of all that is behind a node."""
    order = store.order()
    for id, (what, language) in zip(ids[at + 1 :], changes, strict=False):
        if order[id] <= order[ids[at]]:
            continue
        match what:
            case "other":
                store.save(id, prose(f"other {id}", 200, language))
            case "twist":
                store.save(id, TWISTS[language] * 40 + store.scene(id).text)
            case "translate":
                store.save(id, prose(f"translated {id}", 500, "zh" if language == "en" else "en"))
            case "empty":
                store.save(id, "")
            case "remove":
                store.remove(id)
            case "rename":
                store.rename(id, f"Silas burns it all {id} 真相大白")
            case "move":
                last = [node.id for node in store.nodes() if node.parent is None][-1]
                if last != id:
                    store.move(id, None, last)
            case "split" if len(store.scene(id).text) > 40:
                store.split(id, 20, "Torn")
    if store.order().keys() & {ids[-1]} and changes:
        store.add("The end 结局", text=TWISTS["en"] * 9 + TWISTS["zh"] * 9, synopsis="All is told. 真相大白。")


def read(path, cursor, budget, width):
    with Store.reader(path) as reader:
        return build(cursor, reader, Counter(width), budget, memory=Memory(reader))


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(OUTLINES, st.data())
def test_what_the_model_reads_is_the_same_whatever_comes_later(tmp_path_factory, outline, data):
    path = tmp_path_factory.mktemp("book") / "book.writer"
    nodes = [(level, f"Title {n}", written(n, words, language)) for n, (level, words, language) in enumerate(outline)]
    at = data.draw(st.integers(0, len(nodes) - 1))
    text = nodes[at][2]
    offset = data.draw(st.integers(0, len(text)))
    budget, width = data.draw(st.sampled_from([(400, 1), (900, 2), (2000, 1), (1500, 4)]))
    store, ids = book(path, nodes, outline[at][2])
    with store:
        own(store, ids, at)
        finished(update(store, ids[at]))
        before = read(path, Cursor(ids[at], text, offset), budget, width)
        rest = data.draw(st.sampled_from(["", text[offset:][::-1], TWISTS["en"] * 30, "\n\n" + TWISTS["zh"] * 30]))
        store.save(ids[at], text[:offset] + rest)
        changed(store, ids, at, data.draw(CHANGES))
        finished(update(store, data.draw(st.sampled_from([None, ids[at]]))))
        assert read(path, Cursor(ids[at], text[:offset] + rest, offset), budget, width) == before


def test_what_is_true_only_from_a_scene_on_stays_so_when_that_scene_goes_to_the_bin(tmp_path):
    path = tmp_path / "book.writer"
    nodes = [
        (0, "Part", ""),
        (1, "One", "Elin came. "),
        (1, "Two", "Elin went. "),
        (0, "Part", ""),
        (1, "Three", "End."),
    ]
    store, ids = book(path, nodes)
    with store:
        store.entries.put(Entry("Elin", text="Dead by now.", since=ids[4]))
        store.entries.put(Entry("Elin's ring", text="Lost in the sea.", keys=("Elin",), since=ids[1], until=ids[1]))

        def told(scene):
            text = "Elin came in.\n" * 200
            prompt = read(path, Cursor(scene, text, len(text)), 2000, 1)
            return [what for what in ("Dead by now.", "Lost in the sea.") if what in prompt.text]

        def all_told():
            return [told(ids[1]), told(ids[2]), told(ids[4])]

        before = [["Lost in the sea."], [], ["Dead by now."]]
        assert all_told() == before
        store.remove(ids[3])  # with the scene in it
        assert all_told()[:2] == before[:2]
        store.remove(ids[1])
        assert told(ids[2]) == []
        store.restore(ids[3])
        assert all_told()[1:] == before[1:]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_and_it_reads_of_all_that_came_before(tmp_path, language):
    """Else the same might be nothing."""
    path = tmp_path / "book.writer"
    nodes = [(number % 3, f"Title {number}", written(number, 600, language)) for number in range(8)]
    store, ids = book(path, nodes, language)
    with store:
        own(store, ids, 6)
        finished(update(store))
        text = nodes[6][2]
        prompt = read(path, Cursor(ids[6], text, len(text)), 3000, 1)
        kinds = {part.kind for part in prompt.parts}
        assert {"entries", "cast", "recalled", "note", "page"} <= kinds
        assert ("Key 1 lay" if language == "en" else "第1把钥匙") in prompt.text
        assert ("Key 7 lay" if language == "en" else "第7把钥匙") not in prompt.text
        bare = replace(prompt, parts=tuple(part for part in prompt.parts if part.kind == "page"))
        assert bare.tokens < prompt.tokens
