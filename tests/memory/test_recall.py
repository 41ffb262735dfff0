"""What was written earlier comes back when it matters, and nothing comes before its time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.memory.books import prose
from writer import i18n
from writer.chunks import cut
from writer.memory.ground import Ground
from writer.memory.recall import CANDIDATES, LONGEST_QUERY, WORTH, _best, _candidates, _sought, recall
from writer.memory.sought import Words
from writer.store import Store
from writer.story import Choice, Cursor, Passage, Project

FILLER = [
    "The rain went on all week, and the road to the harbour turned to mud.",
    "Somebody had left a cart in the yard, and the hens slept under it.",
    "At noon the bells rang, and the shops along the quay closed their doors.",
    "They talked about the price of salt and of the boats that had not come home.",
    "A dog barked twice and then lay down again in the shade of the wall.",
]
FILLER_ZH = [
    "雨下了整整一个星期，通往码头的路成了泥浆。",
    "院子里停着一辆车，鸡都睡在车底下。",
    "到了中午，钟声响了，沿街的店铺都关了门。",
]
KEEPER = "Old Tomas, who kept the lighthouse, was afraid of nothing in the world but bees."
LEDGER = "Under the floor of the chapel the sisters had hidden the ledger with the green spine."
KEEPER_ZH = "守灯塔的老人陈默什么都不怕，只怕蜜蜂。"


def filled(seed: int, lines: list[str] | None = None, count: int = 40) -> list[str]:
    lines = lines or FILLER
    return [f"{lines[(seed * 7 + n) % len(lines)]}" for n in range(count)]


def indexed(path: Path, texts: list[str], language: str = "en") -> Store:
    store = Store.create(path, Project("A Book", "", language))
    for number, text in enumerate(texts):
        store.add(f"Scene {number}", text=text)
    for id in store.index.stale():
        scene = store.scene(id)
        assert store.index.put(id, scene.revision, cut(scene.text))
    return store


def story(*middle: str, lines: list[str] | None = None) -> list[str]:
    """A scene with these sentences among others, one without, and one where the caret is."""
    first = filled(1, lines)
    for number, sentence in enumerate(middle):
        first.insert(5 + 9 * number, sentence)
    return ["\n".join(first), "\n".join(filled(2, lines)), "\n".join(filled(3, lines))]


def caret(store: Store, number: int = -1) -> Cursor:
    scene = store.scene(list(store.order())[number])
    return Cursor(scene.id, scene.text, len(scene.text))


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Store]:
    with indexed(tmp_path / "book.writer", story(KEEPER, LEDGER)) as store:
        yield store


def test_a_name_brings_its_sentence_back(book: Store) -> None:
    [first, *_] = recall(book, caret(book), "She saw Tomas at the gate.", 3)
    assert first.text == KEEPER
    assert first.score >= WORTH
    assert "Tomas" in first.why
    assert book.scene(first.span.scene).text[first.span.start : first.span.end] == KEEPER


def test_what_speaks_for_it_is_told_as_the_windows_language_lists_things(book: Store) -> None:
    i18n.use("zh")
    try:
        [first, *_] = recall(book, caret(book), "the lighthouse and the bees", 1)
        assert "、" in first.why
        assert ", " not in first.why
    finally:
        i18n.use("en")


def test_it_is_found_in_other_words(book: Store) -> None:
    [first, *_] = recall(book, caret(book), "What frightened the keepers of the beacon?", 3)
    assert first.text == KEEPER
    [first, *_] = recall(book, caret(book), "Where were the hiding places of ledgers?", 3)
    assert first.text == LEDGER


def test_chinese_is_found_by_words_and_by_their_characters(tmp_path: Path) -> None:
    with indexed(tmp_path / "书.writer", story(KEEPER_ZH, lines=FILLER_ZH), "zh") as store:
        for query in ("她在门口看见了陈默。", "灯塔里的老头害怕什么？"):
            [first, *_] = recall(store, caret(store), query, 3)
            assert first.text == KEEPER_ZH, query


def test_the_sentence_behind_a_name_comes_with_it(tmp_path: Path) -> None:
    named, told = "That was the house of Ottilie.", "She collected swords and hung them over the stairs."
    texts = story(f"{named} {told}")
    with indexed(tmp_path / "book.writer", texts) as store:
        passages = recall(store, caret(store), "What did Ottilie collect?", 3)
        assert passages[0].text == f"{named} {told}"


def test_nothing_to_look_for_is_nothing_to_recall(book: Store) -> None:
    assert recall(book, caret(book), "", 5) == []
    assert recall(book, caret(book), "And then they were.", 5) == []
    assert recall(book, caret(book), "Zanzibar", 5) == []
    assert recall(book, caret(book), KEEPER, 0) == []


def test_chance_scores_lower_than_a_rare_word(book: Store) -> None:
    assert all(one.score < WORTH for one in recall(book, caret(book), "It was a dog.", 5))


def test_what_is_on_the_page_is_not_recalled(book: Store) -> None:
    scene = next(iter(book.order()))
    text = book.scene(scene).text
    cursor = Cursor(scene, text, len(text))
    place = text.index(LEDGER)
    assert recall(book, cursor, "the ledger", 3, within=place + len(LEDGER) + 1)[0].text == LEDGER
    assert not any("ledger" in one.text for one in recall(book, cursor, "the ledger", 3, within=place))


def test_the_query_itself_is_not_recalled(book: Store) -> None:
    assert KEEPER not in [one.text for one in recall(book, caret(book), f"It was late. {KEEPER}", 5)]


def test_what_the_author_excluded_stays_out(book: Store) -> None:
    book.choices.put(Choice("exclude", next(iter(book.order())), KEEPER))
    assert KEEPER not in [one.text for one in recall(book, caret(book), "Tomas", 5)]


def test_a_sentence_comes_once(tmp_path: Path) -> None:
    texts = story(*[KEEPER] * 3)
    with indexed(tmp_path / "book.writer", texts) as store:
        assert [one.text for one in recall(store, caret(store), "Tomas", 5)].count(KEEPER) == 1


def test_without_a_cursor_the_whole_book_is_asked(book: Store) -> None:
    last = list(book.order())[-1]
    book.save(last, book.scene(last).text + "\nIn the end Tomas married the widow Brandt.")
    assert any("Brandt" in one.text for one in recall(book, None, "Brandt", 5))


def test_unsaved_words_before_the_caret_are_found(book: Store) -> None:
    scene = list(book.order())[-1]
    text = "Quentin had lost the emerald in the well.\n" + book.scene(scene).text
    assert recall(book, Cursor(scene, text, len(text)), "the emerald", 3)[0].text.startswith("Quentin")


@pytest.mark.parametrize("query", ["The lighthouse and the chapel in Saltmere", "那年冬天林远山在临江城的码头"])
def test_those_that_are_passed_over_are_no_better(tmp_path: Path, query: str) -> None:
    language = "en" if query.isascii() else "zh"
    with indexed(tmp_path / "book.writer", [prose(n, 4000, language) for n in range(4)], language) as store:
        ground = Ground(store, caret(store), None, language)
        words = Words(_sought(query, ground))
        places = _candidates(words.all, ground, CANDIDATES[language])
        every = sorted((one.score for one in _best(words, ground, places, 10_000)), reverse=True)
        some = sorted((one.score for one in _best(words, ground, places, 16)), reverse=True)
        assert some[:16] == every[:16]
        assert len(some) < len(every)


def test_what_is_remembered_of_words_follows_the_book(tmp_path: Path) -> None:
    path = tmp_path / "book.writer"
    texts = [prose(n, 3000, "zh") for n in range(3)]
    with indexed(path, texts, "zh") as store:
        queries = ("那年冬天林远山在临江城", KEEPER_ZH, "海上起了大雾")

        def assert_fresh() -> None:
            cursor = caret(store)
            told = [recall(store, cursor, query, 5) for query in queries]
            with Store.reader(path) as other:
                assert [recall(other, cursor, query, 5) for query in queries] == told

        assert_fresh()
        first, second, *_ = store.order()
        store.save(first, texts[0][:900] + KEEPER_ZH + texts[0][900:])
        assert_fresh()
        assert recall(store, caret(store), "怕蜜蜂的老人", 1)[0].text.strip().endswith(KEEPER_ZH)
        store.save(second, texts[1][1500:])
        store.remove(first)
        assert_fresh()
        store.restore(first)
        store.index.empty()
        for id in reversed(store.index.stale()):
            scene = store.scene(id)
            assert store.index.put(id, scene.revision, cut(scene.text))
        assert_fresh()


def test_scenes_in_the_bin_are_forgotten(book: Store) -> None:
    cursor = caret(book)
    assert recall(book, cursor, "Tomas", 3)
    book.remove(next(iter(book.order())))
    assert recall(book, cursor, "Tomas", 3) == []


def seen(store: Store, cursor: Cursor, within: int | None = None) -> list[list[Passage]]:
    return [recall(store, cursor, query, 5, within=within) for query in ("Tomas and the ledger", "bees in the chapel")]


@pytest.mark.parametrize("number", [0, 1])
def test_nothing_comes_before_its_time(tmp_path: Path, number: int) -> None:
    plain, later = story(KEEPER, LEDGER), story(KEEPER, LEDGER)
    later[2] += f"\nTomas was dead. {LEDGER} Bees, bees, bees in the chapel."
    with indexed(tmp_path / "a.writer", plain) as a, indexed(tmp_path / "b.writer", later) as b:
        assert seen(a, caret(a, number)) == seen(b, caret(b, number))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([*FILLER, KEEPER, LEDGER, "Tomas!", "The ledger\n\n", " "]), max_size=60), st.data())
def test_what_is_behind_the_caret_moves_no_score(
    tmp_path_factory: pytest.TempPathFactory, behind: list[str], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("books")
    before = "\n".join([*filled(1, count=150), KEEPER, *filled(2, count=20), LEDGER, *filled(4, count=150)])
    offset = data.draw(st.integers(0, len(before)))
    one, other = before, before[:offset] + " ".join(behind)
    with indexed(folder / "a.writer", [one]) as a, indexed(folder / "b.writer", [other]) as b:
        first, second = next(iter(a.order())), next(iter(b.order()))
        assert seen(a, Cursor(first, one, offset)) == seen(b, Cursor(second, other, offset))


@pytest.mark.parametrize(
    "text",
    [
        "word " * 100_000,
        "一" * 200_000,
        "Ivan said to Ivan that Ivan had seen Ivan. " * 5000,
        "Roses are red,\n" * 20_000,
    ],
    ids=["one paragraph", "no sentence", "all called Ivan", "verse"],
)
def test_odd_books_are_no_harder(tmp_path: Path, text: str) -> None:
    with indexed(tmp_path / "book.writer", [text]) as store:
        cursor = caret(store)
        assert len(recall(store, cursor, "Ivan saw a red rose 一二", 5, within=len(text) // 2)) <= 5
        assert len(recall(store, cursor, text[-3 * LONGEST_QUERY :], 5)) <= 5
