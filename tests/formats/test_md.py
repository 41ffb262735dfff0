from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from writer import formats
from writer.formats import md
from writer.formats.book import Book
from writer.story import Section

from .strategies import books, lines


def sections(text: str) -> list[tuple[int, str, str]]:
    return [(section.level, section.title, section.text) for section in md.parse(text, "file").sections]


def test_headings_become_the_outline():
    text = "# Part One\n\n## The Tide\n\nOne.\n\n潮\n--\n\nTwo.\n\n# Part *Two* #\n"
    assert sections(text) == [(0, "Part One", ""), (1, "The Tide", "One."), (1, "潮", "Two."), (0, "Part *Two*", "")]


def test_the_levels_that_are_used_are_counted_from_the_top():
    assert sections("before\n\n### a\n\n##### b\n") == [(0, "file", "before"), (0, "a", ""), (1, "b", "")]


def test_a_paragraph_is_a_line_and_emphasis_stays_as_it_is_typed():
    text = "The _gulls_\nrose   over **the\nharbour**.\n\n海鸥\n飞起来了。\n"
    assert sections(text) == [(0, "file", "The _gulls_ rose   over **the harbour**.\n海鸥飞起来了。")]


def test_marked_line_ends_stay():
    assert sections("one  \ntwo\\\nthree\n") == [(0, "file", "one\ntwo\nthree")]


def test_lists_quotes_code_and_breaks_stay_as_they_are_typed():
    text = "- a\n- b\n\n> said\n> she\n\n```\n# no heading\n```\n\n* * *\n\n<b>bold</b>\n\n[ref]: http://x"
    assert sections(text) == [
        (0, "file", "- a\n- b\n> said\n> she\n```\n# no heading\n```\n* * *\n<b>bold</b>\n[ref]: http://x")
    ]


def test_front_matter_tells_the_title():
    assert md.parse('---\ntitle: "The Tide"\ntags:\n  - sea\n---\n\n# a\n', "file") == Book(
        "The Tide", (Section(0, "a", ""),)
    )
    assert md.parse("---\ntitle: 'Die Flut'\n---\n# a\n", "file").title == "Die Flut"


def test_a_rule_at_the_start_is_no_front_matter():
    assert sections("---\n\nThe gulls rose.\n\n---\n") == [(0, "file", "---\nThe gulls rose.\n---")]


@pytest.mark.parametrize("text", ["", "\n\n", "😀"])
def test_a_text_without_headings_is_one_section(text: str):
    assert sections(text) == [(0, "file", text.strip())]


def test_what_is_laid_out_can_be_read_by_people():
    book = Book("The Tide", (Section(0, "Part One", ""), Section(1, "潮", '"One," she _said_.\n- Two.\n1986. Three.')))
    assert md.lay_out(book) == (
        '---\ntitle: "The Tide"\ngenerator: Writer\n---\n\n# Part One\n\n## 潮\n\n'
        '"One," she _said_.\n\n\\- Two.\n\n1986\\. Three.\n'
    )


@settings(max_examples=400, deadline=None)
@given(books)
def test_what_is_laid_out_reads_back(book: Book):
    assert md.parse(md.lay_out(book), "file") == book


@settings(max_examples=200, deadline=None)
@given(st.lists(lines, max_size=30).map("\n".join))
def test_any_text_can_be_read(text: str):
    assert md.parse(text, "file").sections


def test_the_premise_travels_with_the_book(tmp_path):
    path = tmp_path / "book.md"
    formats.write(path, [Section(0, "One", "The gulls rose.")], "Gulls", 'She said: "never".')
    assert formats.read_book(path).premise == 'She said: "never".'
