"""A page calls up what it mentions anew, and nothing else; nothing comes before its time."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.memory.test_recall import FILLER, FILLER_ZH, filled, indexed
from writer.chunks import cut
from writer.memory.remind import remind
from writer.store import Store
from writer.story import Choice, Cursor, Entry, Passage

KEEPER = "Tomas Quill, the keeper of the lighthouse, was afraid of nothing in the world but bees."
SEEN = "Later Tomas Quill came in and sat down with the others."
LEDGER = "The sisters had hidden the emerald ledger under the chapel floor."
KEEPER_ZH = "陈砚秋是守灯塔的老人，什么都不怕，只怕蜜蜂。"
CAST = [Entry("Tomas Quill", aliases=("Quill",)), Entry("Anna")]


def story(*middle: str, lines: list[str] | None = None, number: int = 4) -> list[str]:
    """A scene with these sentences far from each other, some without, and one where the caret is."""
    scenes = ["\n".join(filled(seed, lines)) for seed in range(number)]
    paragraphs = scenes[0].split("\n")
    for place, sentence in enumerate(middle):
        paragraphs.insert(5 + 9 * place, sentence)
    return ["\n".join(paragraphs), *scenes[1:]]


def called(store: Store, end: str, cast: list[Entry] | None = None, number: int = -1) -> list[Passage]:
    """What is called up where the page ends with this."""
    scene = store.scene(list(store.order())[number])
    text = f"{scene.text}\n{end}\n"
    page = text[-2500:]
    cursor = Cursor(scene.id, text, len(text))
    return remind(store, cursor, page, CAST if cast is None else cast, 3, within=len(text) - len(page))


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Store]:
    with indexed(tmp_path / "book.writer", story(KEEPER, LEDGER, SEEN)) as store:
        yield store


def test_a_name_that_comes_up_again_brings_who_it_is(book: Store) -> None:
    [first, *_] = called(book, "At the door stood Tomas Quill, wet to the skin.")
    assert first.text == KEEPER
    assert "Tomas Quill" in first.why


def test_another_of_the_names_will_do(book: Store) -> None:
    assert called(book, "At the door stood Quill, wet to the skin.")[0].text == KEEPER


def test_a_name_that_the_cast_lacks_will_do_if_it_is_whole(book: Store) -> None:
    assert called(book, "At the door stood Tomas Quill, wet to the skin.", [])[0].text == KEEPER


@pytest.mark.parametrize("end", [*FILLER, "It was late, and she settled down by the fire.", "“What is it?” he said."])
def test_an_ordinary_page_calls_nothing_up(book: Store, end: str) -> None:
    assert called(book, end) == []


def test_who_is_on_the_page_already_calls_nothing_up(book: Store) -> None:
    scene = list(book.order())[-1]
    book.save(scene, f"Quill was there.\n{book.scene(scene).text[-1500:]}")
    assert called(book, "At the door stood Tomas Quill, wet to the skin.") == []


def test_one_rare_word_is_chance_and_several_are_not(book: Store) -> None:
    assert called(book, "She wore an emerald that evening.") == []
    assert called(book, "She dreamed of an emerald ledger and of her sisters.")[0].text == LEDGER


def test_what_the_story_asks_itself_is_answered_in_other_words(book: Store) -> None:
    question = "What had frightened the old keeper of the beacon?"
    assert KEEPER in [one.text for one in called(book, question)]


def test_a_chinese_name_is_known_again_without_a_cast(tmp_path: Path) -> None:
    with indexed(tmp_path / "书.writer", story(KEEPER_ZH, lines=FILLER_ZH), "zh") as store:
        assert called(store, "门外站着的正是陈砚秋。", [])[0].text == KEEPER_ZH
        assert called(store, "门外站着的正是陈砚秋。", [Entry("陈砚秋")])[0].text == KEEPER_ZH
        assert called(store, FILLER_ZH[0], []) == []


def test_formulas_stay_out(tmp_path: Path) -> None:
    formula = "Tomas Quill, as the song goes, was a friend of the whole wide world."
    scenes = ["\n".join([*filled(seed), formula]) for seed in range(6)]
    with indexed(tmp_path / "book.writer", [*scenes, *story(KEEPER)]) as store:
        found = [one.text for one in called(store, "At the door stood Tomas Quill, wet to the skin.")]
        assert found
        assert formula not in found


def test_what_the_author_excluded_stays_out(book: Store) -> None:
    book.choices.put(Choice("exclude", next(iter(book.order())), KEEPER))
    assert KEEPER not in [one.text for one in called(book, "At the door stood Tomas Quill.")]


def test_nothing_comes_before_its_time(tmp_path: Path) -> None:
    plain, later = story(KEEPER, LEDGER), story(KEEPER, LEDGER)
    later[3] += f"\nTomas Quill, the murderer of Anna, was dead. {LEDGER} {KEEPER}"
    with indexed(tmp_path / "a.writer", plain) as a, indexed(tmp_path / "b.writer", later) as b:
        for end in ("At the door stood Tomas Quill.", "She dreamed of an emerald ledger and of her sisters."):
            assert called(a, end, number=1)
            assert called(a, end, number=1) == called(b, end, number=1)


@pytest.mark.parametrize(
    "text", ["word " * 50_000, "一" * 100_000, "Ivan saw Ivan. " * 5000, "Roses are red,\n" * 9000]
)
def test_odd_books_are_no_harder(tmp_path: Path, text: str) -> None:
    with indexed(tmp_path / "book.writer", [text, text]) as store:
        assert len(called(store, "Ivan Ivanov saw a red rose. 一二三，张三丰来了？", [Entry("Ivan")])) <= 3
        assert remind(store, Cursor(1, "", 0), "", [], 3) == []


def test_a_scene_that_is_saved_meanwhile_is_no_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "book.writer"
    end = "At the door stood Tomas Quill, wet to the skin."
    with indexed(path, story(KEEPER, LEDGER, SEEN)) as writer, Store.reader(path) as reader:
        unread = writer.add("Unread", text="Nobody came.", after=1)
        before = [one.text for one in called(reader, end)]
        order = reader.order

        def ordered() -> dict[int, int]:
            found = order()
            new = writer.add("Meanwhile", text="Tomas Quill came in.", after=1)
            writer.index.put(new, 1, cut("Tomas Quill came in."))
            return found

        monkeypatch.setattr(reader, "order", ordered)
        assert [one.text for one in called(reader, end)] == before
        assert reader.index.stale() == [unread]
        monkeypatch.undo()
        assert len(reader.index.keys()) > 4


AGAIN = """
import sys
from pathlib import Path
from tests.memory.test_remind import called
from writer.store import Store
from writer.story import Entry
with Store.reader(Path(sys.argv[1])) as store:
    cast = [Entry("Tomas Quill"), Entry("Mary Orchard")]
    print(called(store, "Tomas Quill came with Mary Orchard.", cast))
"""


def test_the_same_is_called_up_each_time(tmp_path: Path) -> None:
    both = "Tomas Quill, the keeper of the lighthouse, saw Mary Orchard by the sea."
    others = [f"{name} came in." for name in ("Tomas Quill", "Mary Orchard") for _ in range(5)]
    path = tmp_path / "book.writer"
    with indexed(path, story(both, *others, number=12)):
        pass
    said = {
        subprocess.run(
            [sys.executable, "-c", AGAIN, str(path)],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout
        for seed in range(5)
    }
    assert len(said) == 1
    assert both in said.pop()
