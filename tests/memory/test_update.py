import time

import pytest

from tests.memory.books import book, chapters, finished, prose
from writer.memory import digest, gist
from writer.memory.preceding import before
from writer.memory.tree import Shape, digest_of
from writer.memory.update import Progress, kept, prepared, update
from writer.store import Store
from writer.story import Cursor


@pytest.fixture
def novel(tmp_path):
    store, ids = book(tmp_path / "novel.writer", chapters(3, 5))
    with store:
        yield store, ids


def notes(store):
    return {
        kind: dict(
            store.ask(
                lambda now, kind=kind: now.execute("SELECT key, value FROM notes WHERE kind = ?", [kind]).fetchall()
            )
        )
        for kind in (digest.KIND, gist.KIND)
    }


def test_a_second_update_finds_nothing_to_do(novel):
    store, ids = novel
    first, count = finished(update(store))
    assert count
    assert first.chunks == len({place.key for id in ids for place in store.index.chunks(id)})
    assert first.summaries >= len([id for id in ids if store.scene(id).text])
    again, count = finished(update(store))
    assert (again.chunks, again.summaries, count) == (0, 0, 0)
    assert again.reused == first.chunks + first.summaries


def test_progress_counts_words_and_names_scenes(novel):
    store, _ids = novel
    seen = list(update(store))
    assert all(isinstance(progress, Progress) for progress in seen)
    done = [progress.done for progress in seen]
    assert done == sorted(done)
    assert seen[-1].done == seen[-1].all == sum(node.words for node in store.nodes())
    assert {progress.what for progress in seen} <= {node.title for node in store.nodes()}


def test_the_nearest_come_first(novel):
    store, ids = novel
    near = ids[8]
    order = []
    for _progress in update(store, near):
        order += [scene for scene, _digest in sorted(store.index.keys()) if scene not in order]
    rank = store.order()
    indexed = [id for id in order if rank[id] <= rank[near]]
    assert order[: len(indexed)] == indexed


def test_closing_it_at_any_moment_is_safe_and_what_is_done_stays(novel):
    store, ids = novel
    rounds = 0
    while True:
        work = update(store, ids[7])
        if next(work, None) is None:
            break
        work.close()
        rounds += 1
    assert rounds > 1
    finished(update(store))
    stopped = notes(store)
    other, _ids = book(store.path.with_name("other.writer"), chapters(3, 5))
    with other:
        finished(update(other))
        assert notes(other) == stopped


def test_an_edit_re_makes_one_chunk_and_one_path(novel):
    store, ids = novel
    finished(update(store))
    text = store.scene(ids[9]).text
    store.save(ids[9], text[:100] + "Silas laughed. " + text[100:])
    slices, before = [], notes(store)
    for slice in prepared(store):
        slices.append(slice)
        kept(store, slice)
    assert sum(len(slice.digests) for slice in slices) <= 3
    assert sum(len(slice.summaries) for slice in slices) <= 8
    assert [bool(slice.digests or slice.summaries) for slice in slices] in ([True], [True, False])  # or one that sweeps
    assert notes(store) != before


def test_moving_a_scene_digests_nothing(novel):
    store, ids = novel
    finished(update(store))
    store.move(ids[2], None, ids[0])
    done, _count = finished(update(store))
    assert done.chunks == 0
    assert done.summaries <= 6
    store.remove(ids[2])
    done, _count = finished(update(store))
    assert done.chunks == 0
    store.restore(ids[2])
    done, _count = finished(update(store))
    assert (done.chunks, done.summaries) == (0, 0)


def test_a_reader_prepares_what_a_writer_keeps(novel):
    store, ids = novel
    with Store.reader(store.path) as reader:
        work = prepared(reader, ids[-1])
        while True:
            try:
                slice = next(work)
            except StopIteration as end:
                done = end.value
                break
            kept(store, slice)
    assert done.chunks
    again, count = finished(update(store, ids[-1]))
    assert (again.chunks, again.summaries, count) == (0, 0, 0)


def test_what_is_over_the_scene_at_hand_waits_until_the_author_is_elsewhere(tmp_path):
    store, ids = book(tmp_path / "long.writer", [(0, f"S{i}", prose(f"long{i}", 400)) for i in range(60)])
    here, there = ids[20], ids[50]
    with store:
        finished(update(store))
        for number in range(3):
            store.save(here, f"Silas laughed {number} times. " + store.scene(here).text)
            done, count = finished(update(store, here))
            own = {place.key for place in store.index.chunks(here)}
            assert done.chunks <= 2
            assert done.summaries <= len(own)
            assert count == 1
        shape = Shape.of(store)
        over = shape.over(here) & shape.inner.keys()
        assert over
        assert not over & notes(store)[gist.KIND].keys()
        seen = [look(store, scene) for scene in (here, there)]
        _done, count = finished(update(store, there))
        assert count == 1
        assert over - Shape.of(store).over(there) <= notes(store)[gist.KIND].keys()
        assert [look(store, scene) for scene in (here, there)] == seen
        finished(update(store))
        assert over <= notes(store)[gist.KIND].keys()


def look(store, scene):
    """What is known at the end of a scene."""
    text = store.scene(scene).text
    found = before(store, Cursor(scene, text, len(text)))
    return found.complete, found.names, found.facts(), found.gist.words


def test_what_is_saved_meanwhile_is_taken_as_it_is_in_the_end(novel):
    store, ids = novel
    work = prepared(store)
    for number, slice in enumerate(work):
        if number < 3:
            store.save(ids[1], prose(f"new{number}", 300))
        if number != 1:  # and one is lost
            kept(store, slice)
    done, _count = finished(update(store))
    text = store.scene(ids[-1]).text
    found = before(store, Cursor(ids[-1], text, len(text)))
    assert found.complete == 1
    assert not store.index.stale()
    assert done.reused


def test_unneeded_notes_are_swept_now_and_then(novel):
    store, ids = novel
    finished(update(store))
    wanted = notes(store)
    most = 0
    for number in range(60):
        text = store.scene(ids[1]).text
        store.save(ids[1], f"Number {number}. " + text)
        finished(update(store))
        store.save(ids[1], text)
        finished(update(store))
        most = max(most, len(notes(store)[gist.KIND]))
    assert most < len(wanted[gist.KIND]) + 300
    with store.transaction():
        store.put("unswept", "100000")
    finished(update(store))
    assert notes(store) == wanted


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_kept_is_far_less_than_the_text(tmp_path, language):
    path = tmp_path / "book.writer"
    store, ids = book(path, [(0, f"S{n}", prose(n, 400, language)) for n in range(60)], language)
    with store:
        finished(update(store))
        size = sum(len(store.scene(id).text.encode()) for id in ids)
        assert sum(len(value) for some in notes(store).values() for value in some.values()) < 0.6 * size
        assert store.index.is_packed()
        for number in range(40):
            store.save(ids[number], store.scene(ids[number]).text + f" Silas came back {number}.")
            finished(update(store, ids[number]))
        assert sum(len(value) for some in notes(store).values() for value in some.values()) < 0.9 * size


def test_empty_books_and_scenes_are_no_trouble(tmp_path):
    store, _ids = book(tmp_path / "empty.writer", [])
    with store:
        done, count = finished(update(store))
        assert (done.chunks, done.summaries, done.reused, count) == (0, 0, 0, 0)
    store, ids = book(tmp_path / "blank.writer", [(0, "One", ""), (1, "Two", "***\n\n***"), (2, "Three", "\n")])
    with store:
        finished(update(store))
        assert before(store, Cursor(ids[-1], "\n", 1)).complete == 1
        assert before(store, Cursor(ids[-1], "\n", 1)).story() == []
        assert finished(update(store))[1] == 0


def test_the_digest_of_a_scene_is_that_of_the_index(novel):
    store, _ids = novel
    finished(update(store))
    for scene, chunks in list(store.index.keys()):
        assert chunks == digest_of(place.key for place in store.index.chunks(scene))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_one_scene_that_is_a_whole_book(tmp_path, language):
    words = 60_000
    text = prose("long", words, language)
    store, ids = book(tmp_path / "long.writer", [(0, "All", text)], language)
    with store:
        _first, count = finished(update(store))
        assert count > 3
        cursor = Cursor(ids[0], text, len(text) - 500)
        found = before(store, cursor)
        assert found.complete == 1
        middle = len(text) // 2
        store.save(ids[0], text[:middle] + "Silas. 她走了。" + text[middle:])
        done, _count = finished(update(store))
        assert done.chunks <= 4
        assert done.summaries <= 12


def test_a_single_giant_paragraph(tmp_path):
    text = " ".join(prose("paragraph", 30_000).split("\n"))
    store, ids = book(tmp_path / "paragraph.writer", [(0, "All", text)])
    with store:
        finished(update(store))
        assert before(store, Cursor(ids[0], text, len(text) - 10)).complete == 1


def test_an_edit_costs_as_little_in_a_long_book_as_in_a_short_one(tmp_path):
    seconds = []
    for count in (10, 60):
        store, ids = book(tmp_path / f"{count}.writer", [(0, f"S{i}", prose(i % 20, 400)) for i in range(count)])
        with store:
            finished(update(store))
            store.save(ids[count // 2], store.scene(ids[count // 2]).text + " Silas came back.")
            started = time.process_time()
            done, _ = finished(update(store))
            seconds.append(time.process_time() - started)
            assert done.chunks <= 2
            assert done.summaries <= 6
    assert seconds[1] < 3 * seconds[0] + 0.05
