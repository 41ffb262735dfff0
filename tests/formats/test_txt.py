from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from writer import formats
from writer.errors import FileError
from writer.formats import txt
from writer.formats.book import Book
from writer.formats.encoding import decode
from writer.story import Section

from .strategies import books, lines

WRAPPED = """THE LAMP

By Nobody



Chapter 1


The harbour lay flat and grey that morning, and nobody in the village
had yet noticed that the lamp in the old lighthouse was no longer lit,
though it had burned for as long as anyone could remember. Old Marta
said it was the wind.

"The wind," said her sister, who believed in nothing but salt and well-
kept nets, "has never put out anything but a match."

They looked at the sea until it was quite dark and then they went inside
to wait for whatever would come; and on the door somebody had written:

    Gulls at night,
    Nobody's delight;
    Gulls at noon,
    Somebody soon.

Chapter II. The Stair


He climbed the stair slowly, counting the steps as he had done when he
was a boy, and he found that there was one more of them than there had
been.
"""


def titles(text: str) -> list[tuple[int, str]]:
    return [(section.level, section.title) for section in txt.parse(text, "file").sections]


def texts(text: str) -> list[str]:
    return [section.text for section in txt.parse(text, "file").sections]


def test_a_wrapped_book_becomes_paragraphs_under_its_chapters():
    assert titles(WRAPPED) == [(0, "file"), (0, "Chapter 1"), (0, "Chapter II. The Stair")]
    front, first, second = texts(WRAPPED)
    assert front == "THE LAMP\nBy Nobody"
    paragraphs = first.split("\n")
    assert paragraphs[0].startswith("The harbour lay flat and grey that morning, and nobody in the village had yet")
    assert paragraphs[0].endswith("Old Marta said it was the wind.")
    assert "salt and well-kept nets" in paragraphs[1]
    assert [line.strip() for line in paragraphs[3:]] == [
        "Gulls at night,",
        "Nobody's delight;",
        "Gulls at noon,",
        "Somebody soon.",
    ]
    assert "\n" not in second


def test_indented_lines_begin_paragraphs():
    block = WRAPPED.split("\n")[9:13]
    paragraphs = texts("\n".join(["   " + block[0], *block[1:]] * 2))[0].split("\n")
    assert len(paragraphs) == 2
    assert all(paragraph.startswith("The harbour") for paragraph in paragraphs)


def test_wrapped_chinese_is_joined_without_spaces():
    line = "海鸥飞过灰色的港口，没有人注意到灯塔的灯已经熄灭了，只有老玛"
    text = f"{line}\n{line}\n{line}\n完了。\n\n{line}\n{line}\n又完了。\n"
    assert texts(text) == [f"{line * 3}完了。\n{line * 2}又完了。"]


def test_a_paragraph_a_line_stays_so():
    text = "　　话说天下大势，分久必合，合久必分。\n　　海鸥飞起来了。\n——调寄《临江仙》\n"
    assert texts(text) == [text.rstrip("\n")]
    text = "A long line. " * 30 + "\n\n" + "Another one. " * 20 + "\nwith a short line below"
    assert texts(text) == ["\n".join(line.rstrip() for line in text.split("\n") if line)]


def test_a_poem_keeps_its_lines():
    poem = "The sea is calm tonight.\nThe tide is full,\nthe moon lies fair\nUpon the straits; on the French coast"
    assert texts(poem) == [poem]


def test_a_larger_gap_is_an_empty_paragraph():
    assert texts("one\n\ntwo\n\n\n\nthree\n\nfour\n\n\n") == ["one\ntwo\n\nthree\nfour"]
    assert texts("一。\n二。\n三。\n\n四。") == ["一。\n二。\n三。\n\n四。"]


@pytest.mark.parametrize(
    "heading",
    [
        "CHAPTER 1",
        "Chapter I.",
        "Chapter One",
        "Chapter Twenty-One",
        "CHAPTER 1. Loomings.",
        "Chapter 12: The Lamp",
        "Chapter the First",
        "Part One",
        "BOOK IV",
        "Prologue",
        "第一回 宴桃园豪杰三结义 斩黄巾英雄首立功",
        "第一回　甄士隐梦幻识通灵，贾雨村风尘怀闺秀",
        "第十章",
        "第120章：灯塔",
        "第三章灯塔",
        "卷一",
        "第二卷 风起",
        "楔子",
        "后记",
    ],
)
def test_headings_are_recognised(heading: str):
    text = f"{heading}\n\nThe gulls rose. 海鸥飞起来了。\n"
    assert titles(text) == [(0, heading)]
    assert texts(text) == ["The gulls rose. 海鸥飞起来了。"]


@pytest.mark.parametrize(
    "line",
    [
        "Chapter 1 was a long one.",
        "Chapter I had read before.",
        "Part of the crew stayed behind.",
        "Book in hand, he went out.",
        "第一回合他就输了。",
        "第一次见面是在海边。",
        "第一章写完了，他睡了。",
        "卷一支烟的工夫",
        "序曲响起来了。",
        "Chapter 1 " + "x" * 100,
    ],
)
def test_prose_is_no_heading(line: str):
    assert titles(f"{line}\n\nThe gulls rose.\n") == [(0, "file")]


def test_parts_are_above_chapters():
    text = "Part One\n\nChapter 1\n\na\n\nChapter 2\n\nb\n\nPart Two\n\nChapter 3\n\nc\n"
    assert titles(text) == [(0, "Part One"), (1, "Chapter 1"), (1, "Chapter 2"), (0, "Part Two"), (1, "Chapter 3")]
    text = "卷一\n第一章 潮\n一。\n第二章 灯\n二。\n第一节 夜\n三。\n"
    assert titles(text) == [(0, "卷一"), (1, "第一章 潮"), (1, "第二章 灯"), (2, "第一节 夜")]


def test_a_heading_may_have_its_name_on_the_next_line():
    assert titles("CHAPTER I.\nThe Lamp\n\nThe gulls rose.\n") == [(0, "CHAPTER I. The Lamp")]


def test_a_heading_that_a_program_broke_is_whole_again():
    prose = "\n".join(["The gulls rose over the harbour of the town, and nobody there saw"] * 12)
    text = f"""CHAPTER 1. Of the Lamp, and of Those Who Lit It When There Was No Oil
Left in the House.

{prose}

CHAPTER 2. The Night.
The gulls rose.

Chapter 3. It was the shortest of all, and he had read it to her before
supper, and again at night, while the boats came in, and then he put it
away for good, as if it had been written by somebody whom he knew, and
of whom nothing good could be said.
"""
    assert titles(text) == [
        (0, "CHAPTER 1. Of the Lamp, and of Those Who Lit It When There Was No Oil Left in the House.")
    ]
    assert len(texts(text)) == 1


def test_a_table_of_contents_makes_no_chapters():
    contents = "第一章 潮\n第二章 灯\n第三章 夜\n"
    text = contents + "\n第一章 潮\n一。\n第二章 灯\n二。\n第三章 夜\n三。\n"
    assert titles(text) == [(0, "file"), (0, "第一章 潮"), (0, "第二章 灯"), (0, "第三章 夜")]


def test_underlined_headings_are_recognised():
    text = "The Lamp\n========\n\nNight\n-----\n\nThe gulls rose.\n"
    assert titles(text) == [(0, "The Lamp"), (1, "Night")]


@pytest.mark.parametrize("text", ["", "\n\n \n", "😀"])
def test_a_text_without_headings_is_one_section(text: str):
    assert txt.parse(text, "file") == Book("", (Section(0, "file", text.strip()),))


def test_what_is_laid_out_can_be_read_by_people():
    sections = (Section(0, "Part One", ""), Section(1, "潮", "One.\nTwo."))
    assert txt.lay_out(Book("The Tide", sections)) == (
        "========\nThe Tide\n========\n\nPart One\n========\n\n潮\n---\n\nOne.\n\nTwo.\n"
    )


@settings(max_examples=300, deadline=None)
@given(books)
def test_what_is_laid_out_reads_back(book: Book):
    assert txt.parse(txt.lay_out(book), "file") == book


@settings(max_examples=200, deadline=None)
@given(st.lists(lines, max_size=30).map("\n".join))
def test_no_character_but_white_space_is_lost(text: str):
    found = "".join(section.title.removeprefix("file") + section.text for section in txt.parse(text, "file").sections)
    assert sorted("".join(found.split())) == sorted("".join(char for char in text if not char.isspace()))


TEXT = "“The gulls rose,” she said — naïvely. 海鸥飞过灰色的港口，没有人注意。\n"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (TEXT.encode(), TEXT),
        (codecs.BOM_UTF8 + TEXT.encode(), TEXT),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), TEXT),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), TEXT),
        (TEXT.encode("utf-16-le"), TEXT),
        (TEXT.encode("utf-16-be"), TEXT),
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), TEXT),
        ("海鸥飞过灰色的港口，没有人注意。Yes.".encode("gb18030"), "海鸥飞过灰色的港口，没有人注意。Yes."),
        ("“海鸥”——𠀀。".encode("gb18030"), "“海鸥”——𠀀。"),
        ("“The gulls rose,” she said — naïvely, été.".encode("cp1252"), "“The gulls rose,” she said — naïvely, été."),
        (b"plain", "plain"),
        (b"", ""),
    ],
)
def test_encodings_are_recognised(data: bytes, text: str):
    assert decode(data) == text


def test_what_is_read_has_plain_line_ends_and_whole_characters(tmp_path: Path):
    path = tmp_path / "潮.TXT"
    path.write_bytes(codecs.BOM_UTF16_LE + "one\r\ntwo\rthree\ud800".encode("utf-16-le", "surrogatepass"))
    assert formats.read_text(path) == "one\ntwo\nthree\ufffd"


def test_a_broken_character_does_not_cost_the_rest():
    data = TEXT.encode() * 10
    assert decode(data[:3] + b"\xff" + data[3:]) == "“\ufffd" + (TEXT * 10)[1:]


@pytest.mark.parametrize("data", [b"\0\1\2\3" * 10, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\x81\x8d\x8f\x90 \x9d"])
def test_what_is_no_text_is_one_sentence(tmp_path: Path, data: bytes):
    path = tmp_path / "picture.txt"
    path.write_bytes(data)
    with pytest.raises(FileError, match="save it as UTF-8"):
        formats.read(path)


def test_files_that_cannot_be_read_or_written_are_one_sentence(tmp_path: Path):
    with pytest.raises(FileError, match="There is no file"):
        formats.read(tmp_path / "gone.txt")
    with pytest.raises(FileError, match="not a text file"):
        formats.read_text(tmp_path)
    with pytest.raises(FileError, match=r"\.txt.*\.md"):
        formats.read(tmp_path / "book.xyz")
    with pytest.raises(FileError, match=r"\.txt.*\.md"):
        formats.write(tmp_path / "book", [], "")
    with pytest.raises(FileError, match="choose another place"):
        formats.write(tmp_path / "gone" / "book.txt", [], "")
