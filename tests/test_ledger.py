"""What a model wrote: counted fairly, and told so that it can be checked."""

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from writer import i18n, ledger, library
from writer.credits import ordered
from writer.errors import FileError
from writer.store import Store
from writer.story import Credit, Origin, Project
from writer.text import count_words

ORIGIN = Origin("SmolLM2-135M", "llamacpp", 7, "ab" * 32, 1_790_000_000)
OTHER = replace(ORIGIN, model="Gemma 3 270M", seed=8)


@pytest.fixture
def book(tmp_path):
    with Store.create(tmp_path / "book.writer", Project("The *Lamp*", "A boy.", "en")) as store:
        yield store


def put(store, id, text, *stretches):
    """Save a text in which these stretches, named by their words, are a model's."""
    credits = [Credit(text.index(words), text.index(words) + len(words), origin) for words, origin in stretches]
    store.save(id, text, tuple(credits))


def test_a_book_without_any(book):
    book.add("One", text="The lamp went out.")
    found = ledger.read(book)
    assert (found.words, found.model_words, found.share, found.stretches) == (4, 0, 0, ())
    page = ledger.statement(found)
    assert "No words of this book were written by a model in Writer." in page
    assert "By model" not in page
    assert "What counts" in page
    assert ledger.read(book).sha256 in page


def test_an_empty_book(book):
    assert "No words of this book" in ledger.statement(ledger.read(book))


def test_words_are_counted_by_model_and_by_chapter(book):
    first = book.add("Chapter | one")
    scene = book.add("The stairs", first)
    second = book.add("Chapter two")
    put(book, scene, "The lamp went out. He climbed the stairs.", (" He climbed", ORIGIN), (" stairs", OTHER))
    put(book, second, "雨停了。老人走了。", ("老人走了", ORIGIN))
    book.add("Chapter three", text="Nothing here.")
    found = ledger.read(book)
    assert (found.words, found.model_words) == (17, 7)
    assert found.by_model == {"SmolLM2-135M (llamacpp)": 6, "Gemma 3 270M (llamacpp)": 1}
    assert [(c.title, c.words, c.model_words) for c in found.chapters] == [
        ("Chapter | one", 8, 3),
        ("Chapter two", 7, 4),
        ("Chapter three", 2, 0),
    ]
    page = ledger.statement(found)
    assert page.startswith("# What a model wrote in “The \\*Lamp\\*”\n")
    assert "Of the 17 words of this book, a model wrote 7 (41.2%)." in page
    assert "- Chapter \\| one: 3 of 8 words (37.5%)" in page
    assert "- 1 other chapter: none" in page
    assert "- Gemma 3 270M (llamacpp): 1 word\n" in page


def test_a_flat_book_has_no_chapters(book):
    put(book, book.add("One"), "The lamp went out.", (" went out.", ORIGIN))
    assert "By chapter" not in ledger.statement(ledger.read(book))


def test_what_is_in_the_bin_is_not_in_the_book(book):
    scene = book.add("One")
    put(book, scene, "The lamp went out.", (" went out.", ORIGIN))
    book.add("Two", text="More.")
    book.remove(scene)
    assert ledger.read(book).stretches == ()


def test_the_digest_is_that_of_the_exported_text(book, tmp_path):
    chapter = book.add("One", text="The lamp  went out.\n\n“Go,” she said.")
    book.add("Two", chapter, text="雨停了。")
    library.export(book, tmp_path / "book.txt")
    assert ledger.read(book).sha256 == hashlib.sha256((tmp_path / "book.txt").read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("text", "start", "end", "words"),
    [
        ("the lamp went", 3, 8, 1),
        ("the lamp went", 3, 6, 1),
        ("the lamp went", 3, 5, 0),
        ("the lamp went", 3, 4, 0),
        ("wandered off", 0, 1, 0),
        ("the lamp went", 0, 13, 3),
        ("雨停了。", 0, 2, 2),
        ("…, — !", 0, 5, 0),
    ],
)
def test_a_word_counts_for_who_wrote_more_of_it(text, start, end, words):
    assert ledger.words_by_origin(text, [Credit(start, end, ORIGIN)]).total() == words


def test_two_models_in_a_word():
    credits = [Credit(0, 4, OTHER), Credit(4, 6, ORIGIN), Credit(7, 10, ORIGIN)]
    assert ledger.words_by_origin("abcdef ghi", credits) == {OTHER: 1, ORIGIN: 1}


TEXT = st.text("ab 雨。'-\n", max_size=40)
PLACES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.sampled_from([ORIGIN, OTHER])))


@given(TEXT, PLACES)
def test_never_more_words_than_there_are(text, places):
    credits = ordered([Credit(*sorted(place[:2]), place[2]) for place in places], len(text))
    assert ledger.words_by_origin(text, credits).total() <= count_words(text)
    assert ledger.words_by_origin(text, [Credit(0, len(text), ORIGIN)]).total() == count_words(text)


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0, "0%"),
        (0.0001, "less than 0.1%"),
        (0.5, "50%"),
        (0.123, "12.3%"),
        (0.9999, "more than 99.9%"),
        (1, "100%"),
    ],
)
def test_percent(share, said):
    assert ledger.percent(share) == said


def test_the_data_tell_all(book, tmp_path):
    scene = book.add("One")
    put(book, scene, "The 😀 lamp went out.", (" went out.", ORIGIN))
    ledger.write(ledger.read(book), tmp_path / "book.json")
    data = json.loads((tmp_path / "book.json").read_text("utf-8"))
    assert data["spans"] == [
        {
            "scene": scene,
            "title": "One",
            "start": 10,
            "end": 20,
            "text": " went out.",
            "model": "SmolLM2-135M",
            "engine": "llamacpp",
            "seed": 7,
            "prompt_sha256": "ab" * 32,
            "time": "2026-09-21T14:13:20Z",
        }
    ]
    assert (data["words"], data["model_words"], data["share"]) == (4, 2, 0.5)
    assert data["title"] == "The *Lamp*"


@pytest.mark.parametrize("name", ["book.md", "book.TXT"])
def test_the_statement_is_written(book, tmp_path, name):
    found = ledger.read(book)
    ledger.write(found, tmp_path / name)
    assert (tmp_path / name).read_text("utf-8") == ledger.statement(found)


def test_another_ending_is_refused(book, tmp_path):
    with pytest.raises(FileError, match="must end with"):
        ledger.write(ledger.read(book), tmp_path / "book.docx")
    with pytest.raises(FileError, match="another place"):
        ledger.write(ledger.read(book), tmp_path / "nowhere" / "book.md")


def test_a_time_that_no_calendar_has(book):
    put(book, book.add("One"), "The lamp", ("lamp", replace(ORIGIN, time=2**62)))
    assert ledger.read(book).stretches[0].fields["time"] == ""


def test_it_speaks_the_authors_language(book):
    put(book, book.add("One"), "The lamp", ("lamp", ORIGIN))
    i18n.use("zh")
    page = ledger.statement(ledger.read(book))
    i18n.use("en")
    assert "SmolLM2-135M" in page
