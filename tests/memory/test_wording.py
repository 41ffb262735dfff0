from pathlib import Path

from writer.memory import wording
from writer.store import Store
from writer.story import Cursor, Project

PAGE = "Mara counted the boats in the harbour while the gulls rose over the wall and cried. " * 60 + "\n"
SEITE = "玛拉在港口数着船，海鸥从墙上飞起，叫个不停。" * 60 + "\n"


def book(tmp_path: Path, *texts: str, language: str = "en") -> tuple[Store, list[int]]:
    store = Store.create(tmp_path / f"book-{language}-{len(texts)}.writer", Project("Salt", "", language))
    return store, [store.add(f"Scene {n}", text=text) for n, text in enumerate(texts)]


def test_too_little_teaches_nothing(tmp_path):
    store, ids = book(tmp_path, PAGE, "He left.")
    with store:
        assert wording.source(store, Cursor(ids[1], "He left.", 8)) is None


def test_it_learns_from_what_is_before_and_from_nothing_else(tmp_path):
    store, ids = book(tmp_path, *[PAGE] * 7, "Here.", "Later secret. " * 500)
    with store:
        here = Cursor(ids[7], "Here. And a secret behind.", 5)
        source = wording.source(store, here)
        assert source is not None
        assert "secret" not in "".join(wording.texts(store, source))
        store.save(ids[8], "Quite another secret.")
        assert wording.source(store, Cursor(ids[7], "Here. Something else.", 5)) == source
        store.save(ids[0], PAGE.upper())
        changed = wording.source(store, here)
        assert changed is not None
        assert changed.key != source.key or not store.index.chunks(ids[0])


def test_one_long_scene_teaches_in_steps(tmp_path):
    text = PAGE * 20
    store, ids = book(tmp_path, text)
    with store:
        near = [wording.source(store, Cursor(ids[0], text, at)) for at in (60_500, 61_000, 62_900, 63_100)]
        assert near[0] == near[1] == near[2] != near[3]
        assert near[0] is not None
        assert wording.texts(store, near[0]) == [text[:30_000], text[30_000:60_000]]


def test_of_a_scene_as_long_as_a_book_the_end_is_taken_in_blocks_that_stay(tmp_path):
    text = "".join(f"{n:07} is here now. " for n in range(30_000))
    store, ids = book(tmp_path, text)
    with store:
        taken = []
        for at in (500_000, 505_000):
            source = wording.source(store, Cursor(ids[0], text, at))
            assert source is not None
            taken.append(wording.texts(store, source))
        assert taken[0][:-1] == taken[1][:-1]
        assert "".join(taken[1]) == text[:30_000] + text[90_000:504_000]
        assert wording.passages(taken[0], "en") == wording.passages([text], "en")


def test_the_latest_scenes_are_all_taken_and_of_the_others_a_part(tmp_path):
    store, ids = book(tmp_path, *[PAGE * 8] * 40, "He left.")
    with store:
        source = wording.source(store, Cursor(ids[-1], "He left.", 8))
        assert source is not None
        assert source.scenes[-4:] == (37, 38, 39, 40)
        assert 10 < len(source.scenes) < 40


def test_the_beginning_is_the_same_wherever_in_the_book(tmp_path):
    scenes = [f"{n}. " + PAGE * 2 for n in range(200)]
    store, ids = book(tmp_path, *scenes)
    with store:
        seen = set()
        for number in (20, 90, 120, 199):
            source = wording.source(store, Cursor(ids[number], scenes[number], 10))
            assert source is not None
            seen.add(tuple(wording.passages(wording.texts(store, source), "en")))
        assert len(seen) == 1


def test_a_key_names_the_book(tmp_path):
    books = [book(tmp_path, PAGE * 8, "He left."), book(tmp_path, PAGE * 8, PAGE, "He left.")]
    keys = []
    for store, ids in books:
        with store:
            for id in ids[1:]:
                source = wording.source(store, Cursor(id, "He left.", 8))
                assert source is not None
                keys.append(source.key)
    named = [key.partition("-")[0] for key in keys]
    assert len(set(keys)) == 3
    assert named[0] != named[1] == named[2]


def test_of_a_long_book_a_part_is_taken(tmp_path):
    store, ids = book(tmp_path, *[PAGE * 40] * 8, "He left.")
    with store:
        source = wording.source(store, Cursor(ids[-1], "He left.", 8))
        assert source is not None
        assert 1 < len(source.scenes) < 8


def test_passages_are_spread_over_the_beginning():
    for text, language in ((PAGE * 10, "en"), (SEITE * 20, "zh")):
        passages = wording.passages([text[:4000], text], language)
        assert len(passages) == 12
        assert len({len(passage) for passage in passages}) == 1
    assert wording.passages([], "en") == []
