from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.memory.books import book, chapters, finished, prose
from writer.memory.preceding import LONG_WORDS, before
from writer.memory.tree import MOST
from writer.memory.update import update
from writer.story import Cursor
from writer.text import count_words


def value(found):
    return found.complete, found.names, found.cast(), found.facts(), found.story()


@pytest.fixture(scope="module")
def novel(tmp_path_factory):
    store, ids = book(tmp_path_factory.mktemp("novel") / "novel.writer", chapters(3, 6))
    finished(update(store))
    yield store, ids
    store.close()


@settings(max_examples=14, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from([0, 40, 300])), min_size=1, max_size=14),
    st.sampled_from(["en", "zh"]),
    st.data(),
)
def test_nothing_at_or_behind_the_caret_matters(tmp_path_factory, levels, language, data):
    path = tmp_path_factory.mktemp("book") / "book.writer"
    nodes = [
        (level, f"Title {number}", prose(f"{number}.{words}", words, language) if words else "")
        for number, (level, words) in enumerate(levels)
    ]
    store, ids = book(path, nodes, language)
    with store:
        finished(update(store))
        at = data.draw(st.integers(0, len(ids) - 1))
        offset = data.draw(st.integers(0, len(nodes[at][2])))
        first = value(before(store, Cursor(ids[at], nodes[at][2], offset)))
        assert first[0] == 1
        text = nodes[at][2][:offset] + prose("other", 200, "zh" if data.draw(st.booleans()) else "en")
        store.save(ids[at], text)
        order = store.order()
        for id, (_level, _title, old) in zip(ids[at + 1 :], nodes[at + 1 :], strict=True):
            change = data.draw(st.sampled_from(["keep", "edit", "remove"]))
            if change == "edit":
                store.save(id, prose(f"new{id}", 150, language) + old[::-1])
            elif change == "remove" and order[id] > order[ids[at]]:
                store.remove(id)
        store.add("Later", text=prose("later", 400, language))
        finished(update(store, ids[at]))
        assert value(before(store, Cursor(ids[at], text, offset))) == first


def test_all_that_it_points_at_lies_before_the_caret_and_says_what_it_says(novel):
    store, ids = novel
    order = store.order()
    for at in (0, 5, 8, len(ids) - 1):
        text = store.scene(ids[at]).text
        found = before(store, Cursor(ids[at], text, len(text) // 2))
        spans = [sentence.span for summary in found.story() for sentence in summary.sentences]
        for summary in found.story():
            for sentence in summary.sentences:
                whole = store.scene(sentence.span.scene).text[sentence.span.start : sentence.span.end]
                assert " ".join(whole.split()) == sentence.text
        for entry in found.cast():
            spans += [entry.first, entry.last, *entry.sources]
        spans += [fact.source.span for fact in found.facts()]
        for span in spans:
            assert (order[span.scene], span.end) <= (order[ids[at]], len(text) // 2)


def test_the_cast_is_counted_and_placed(novel):
    store, ids = novel
    text = store.scene(ids[-1]).text
    cast = {entry.name: entry for entry in before(store, Cursor(ids[-1], text, len(text))).cast()}
    everything = "\n".join(store.scene(id).text for id in ids)
    assert cast["Captain Orme"].count == everything.count("Captain Orme")
    assert cast["Captain Orme"].kind == "person"
    first = cast["Captain Orme"].first
    assert "Orme" in store.scene(first.scene).text[first.start : first.end]
    assert first.scene == next(id for id in ids if "Captain Orme" in store.scene(id).text)


def test_another_name_that_the_book_told_once_is_known_ever_after(tmp_path):
    told = "来的人是个游医，开口便道：“某姓韦名澄，字怀瑧，后改听雪，洛阳人也。”"
    scenes = [prose("a", 300, "zh") + "\n" + told] + [f"韦澄笑道：“好。”\n{prose(n, 3000, 'zh')}" for n in range(9)]
    store, ids = book(tmp_path / "told.writer", [(0, str(n), scene) for n, scene in enumerate(scenes)], "zh")
    with store:
        finished(update(store))
        text = store.scene(ids[-1]).text
        cast = before(store, Cursor(ids[-1], text, len(text))).cast()
    entry = next(entry for entry in cast if entry.name == "韦澄")
    assert {"怀瑧", "听雪"} <= set(entry.aliases)


def test_the_story_so_far_runs_from_far_and_coarse_to_near(novel):
    store, ids = novel
    text = store.scene(ids[-1]).text
    story = before(store, Cursor(ids[-1], text, len(text))).story()
    assert story[-1].node == ids[-1]
    assert [summary.level for summary in story] == sorted(summary.level for summary in story)
    order = store.order()
    ranks = [order[summary.node] for summary in story]
    assert ranks == sorted(ranks)
    assert all(0 < len(summary.sentences) <= 6 for summary in story)
    assert len({sentence.span for summary in story for sentence in summary.sentences}) > 8


def test_no_stretch_of_a_long_book_without_parts_is_told_too_coarsely(tmp_path):
    store, ids = book(tmp_path / "flat.writer", [(0, f"Chapter {n}", prose(n, 400)) for n in range(150)])
    with store:
        finished(update(store))
        last = Cursor(ids[-1], "", 0)
        story = before(store, last).story()
        assert before(store, last, tells=False).story() == []
        starts = [ids.index(summary.node) for summary in story] + [len(ids) - 1]
        assert starts[0] == 0
        assert all(0 < after - at <= MOST for at, after in pairwise(starts))
        for summary, (at, after) in zip(story, pairwise(starts), strict=True):
            assert {sentence.span.scene for sentence in summary.sentences} <= set(ids[at:after])
            for sentence in summary.sentences:
                assert sentence.text in store.scene(sentence.span.scene).text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_long_scene_is_told_in_pieces_here_and_from_behind(tmp_path, language):
    text = prose("long", 36_000, language)
    store, ids = book(tmp_path / "one.writer", [(0, "All", text), (0, "Next", prose("next", 300, language))], language)
    with store:
        finished(update(store))
        caret = len(text) * 9 // 10
        here = before(store, Cursor(ids[0], text, caret)).story()
        behind = before(store, Cursor(ids[1], "", 0)).story()
        store.save(ids[0], text[:caret] + prose("other", 500, language))
        finished(update(store, ids[0]))
        assert before(store, Cursor(ids[0], store.scene(ids[0]).text, caret)).story() == here
    one_line = " ".join(text.split(" ")).replace("\n", " ")
    for story, end in ((here, caret), (behind, len(text))):
        assert {summary.node for summary in story} == {ids[0]}
        assert count_words(text[:end]) / LONG_WORDS / 1.5 <= len(story) <= 2 * count_words(text[:end]) / LONG_WORDS
        assert one_line.startswith(story[0].begins)
        last = 0
        for summary in story:
            assert summary.begins in one_line
            assert summary.sentences
            for sentence in summary.sentences:
                assert last <= sentence.span.start < sentence.span.end <= end
                assert sentence.text == " ".join(text[sentence.span.start : sentence.span.end].split())
            last = summary.sentences[-1].span.end


def test_a_scene_of_common_length_is_told_as_one(novel):
    store, ids = novel
    assert {summary.begins for summary in before(store, Cursor(ids[-1], "", 0)).story()} == {""}


def test_text_that_is_not_saved_yet_counts(novel):
    store, ids = novel
    saved = store.scene(ids[4]).text
    live = saved[:700] + "\nOn that day Barnaby Crake returned to Saltmere with a stolen horse.\n" + saved[700:]
    found = before(store, Cursor(ids[4], live, len(live)))
    assert found.complete == 1
    crake = next(entry for entry in found.cast() if entry.name == "Barnaby Crake")
    assert live[crake.first.start : crake.first.end].startswith("On that day Barnaby Crake")
    assert "Barnaby Crake" not in before(store, Cursor(ids[4], live, 700)).names
    assert "Barnaby Crake" not in before(store, Cursor(ids[3], "", 0)).names


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(["en", "zh"]), st.integers(0, 4000), st.integers(0, 4000), st.integers(0, 300))
def test_live_text_says_the_same_as_when_it_is_saved(tmp_path_factory, language, at, offset, cut):
    path = tmp_path_factory.mktemp("live") / "live.writer"
    store, ids = book(
        path, [(0, "One", prose("one", 300, language)), (0, "Two", prose("two", 800, language))], language
    )
    with store:
        finished(update(store))
        saved = store.scene(ids[1]).text
        live = saved[:at] + prose("typed", 30, language) + saved[at + cut :]
        cursor = Cursor(ids[1], live, min(offset, len(live)))
        unsaved = value(before(store, cursor))
        store.save(ids[1], live)
        finished(update(store))
        assert value(before(store, cursor)) == unsaved


def test_a_text_that_stands_twice_is_found_where_it_stands_first(tmp_path):
    text = prose("twice", 300) + "\n" + "Everyone knew that Barnaby Crake kept the light. " * 3
    store, ids = book(tmp_path / "twice.writer", [(0, "One", text), (0, "Two", prose("two", 100)), (0, "Three", text)])
    with store:
        store.add("Four", text=text)
        finished(update(store))
        cast = before(store, Cursor(ids[2], "Now", 3)).cast()
        crake = next(entry for entry in cast if entry.name == "Barnaby Crake")
        assert {crake.first.scene, crake.last.scene} == {ids[0]}
        assert crake.count == 3


def test_what_is_not_made_yet_is_said_to_be_missing(tmp_path):
    store, ids = book(tmp_path / "new.writer", chapters(2, 6))
    with store:
        text = store.scene(ids[-1]).text
        cursor = Cursor(ids[-1], text, len(text))
        shares = [before(store, cursor).complete]
        shares += [before(store, cursor).complete for _progress in update(store, ids[-1])]
        shares.append(before(store, cursor).complete)
        assert shares[0] < 0.3
        assert shares[-1] == 1
        assert shares == sorted(shares)


def test_a_node_in_no_outline_has_only_its_own_text(novel):
    store, _ids = novel
    found = before(store, Cursor(999, "Elin Vass sailed from Dunmouth. Then Elin Vass came back.", 31))
    assert found.complete == 1
    assert found.names.keys() == {"Elin Vass", "Dunmouth"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_known_stands_where_it_says_also_where_not_all_is_known(tmp_path, language):
    scenes = [*(prose(f"earlier {number}", 1500, language) for number in range(25)), prose("long", 25_000, language)]
    store, ids = book(tmp_path / "long.writer", [(0, f"S{n}", text) for n, text in enumerate(scenes)], language)
    text = scenes[-1]
    with store:
        finished(update(store))
        with store.transaction() as connection:
            connection.execute("DELETE FROM notes WHERE kind = 'digest' AND id % 4 OR kind = 'summary' AND id % 3")
        found = before(store, Cursor(ids[-1], text, len(text)))
        assert 0.1 < found.complete < 1
        cast = found.cast()
        assert len(cast) > 5
        texts = dict(zip(ids, scenes, strict=True))
        for entry in cast:
            for span in (entry.first, entry.last):
                sentence = texts[span.scene][span.start : span.end]
                assert any(name in sentence for name in (entry.name, *entry.aliases))
        for fact in found.facts():
            span = fact.source.span
            assert " ".join(texts[span.scene][span.start : span.end].split()) == fact.source.text


def test_a_damaged_note_is_only_missing(tmp_path):
    store, ids = book(tmp_path / "damaged.writer", chapters(2, 6))
    with store:
        finished(update(store))
        with store.transaction() as connection:
            connection.execute("UPDATE notes SET value = x'00'")
        text = store.scene(ids[-1]).text
        cursor = Cursor(ids[-1], text, len(text))
        assert before(store, cursor).complete < 1
        finished(update(store, ids[-1]))
        assert before(store, cursor).complete == 1
