"""Plain text: chapters are told by their headings, and hard-wrapped lines become paragraphs again.

What Writer lays out itself begins with the title between two rules, underlines each heading, and reads back exactly.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from writer.formats.book import Book, levelled, paragraphs, trimmed
from writer.i18n import _
from writer.story import Section

_RULES = "=-~^\"'."
_RULE = re.compile(rf"([{re.escape(_RULES)}])\1\1+")
_OWN_TITLE = re.compile(r"(====*)\n([^\n]+)\n\1(?:\n\n|\n?\Z)")
_LONGEST_HEADING = 80


def lay_out(book: Book) -> str:
    """The book with underlined headings, a paragraph a line and an empty line between them."""
    title = book.title or _("Untitled")
    rule = "=" * _rule_length(title)
    blocks = [f"{rule}\n{title}\n{rule}"]
    for section in book.sections:
        rule = _RULES[min(section.level, len(_RULES) - 1)] * _rule_length(section.title)
        blocks.append(f"{section.title}\n{rule}" if section.title else rule)
        blocks += [_guarded(paragraph) for paragraph in paragraphs(section.text)]
    return "\n\n".join(blocks) + "\n"


def parse(text: str, name: str) -> Book:
    """The book in a text; what comes before the first heading, often everything, is called ``name``."""
    own = _OWN_TITLE.match(text)
    if own:
        return Book(own[2], _parse_own(text[own.end() :], name))
    lines = text.split("\n")
    headings = _underlined(lines) or _recognised(lines)
    paragraph_gap, width = _usual_gap(lines), _wrap_width(lines)
    preamble = _Heading(0, 0, min((heading.level for heading in headings), default=0), name)
    sections = []
    for heading, following in pairwise([preamble, *headings, _Heading(len(lines), len(lines), 0, "")]):
        prose = _prose(lines[heading.end : following.start], paragraph_gap, width)
        if prose or heading is not preamble or not headings:
            sections.append(Section(heading.level, heading.title, prose))
    return Book("", levelled(sections))


def headings(paragraphs: Sequence[str]) -> list[tuple[int, int, str]]:
    """Which of these paragraphs are headings by their wording: the number of each, its level and the heading."""
    lines = [line for paragraph in paragraphs for line in (" ".join(paragraph.split()), "")]
    return [(heading.start // 2, heading.level, heading.title) for heading in _recognised(lines)]


def _rule_length(title: str) -> int:
    return max(3, min(_width(title), _LONGEST_HEADING))


def _guarded(paragraph: str) -> str:
    """A rule that the author typed gets a space in front, which reading takes away."""
    return " " + paragraph if _RULE.fullmatch(paragraph.lstrip(" ")) else paragraph


def _unguarded(paragraph: str) -> str:
    return paragraph[1:] if paragraph.startswith(" ") and _RULE.fullmatch(paragraph.lstrip(" ")) else paragraph


def _parse_own(text: str, name: str) -> tuple[Section, ...]:
    found: list[tuple[int, str, list[str]]] = [(0, name, [])]
    for block in text.removesuffix("\n").split("\n\n") if text else []:
        heading, _newline, rule = block.rpartition("\n")
        if _RULE.fullmatch(rule) and "\n" not in heading:
            found.append((_RULES.index(rule[0]), heading, []))
        else:
            found[-1][2].append(_unguarded(block))
    if not found[0][2]:
        found.pop(0)
    return tuple(Section(level, title, "\n".join(prose)) for level, title, prose in found)


@dataclass(frozen=True, slots=True)
class _Heading:
    """Lines ``start`` up to but not including ``end`` are a heading."""

    start: int
    end: int
    level: int
    title: str


def _underlined(lines: list[str]) -> list[_Heading]:
    """Headings with a rule below; these are clear, so no others are looked for."""
    return [
        _Heading(index, index + 2, _RULES.index(rule[0]), line.strip())
        for index, (line, rule) in enumerate(pairwise(lines))
        if line.strip()
        and _RULE.fullmatch(rule)
        and not _RULE.fullmatch(line)
        and _is_blank(lines, index - 1)
        and _is_blank(lines, index + 2)
    ]


_NUMBER_WORDS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred first second third fourth fifth "
    "sixth seventh eighth ninth tenth last"
).replace(" ", "|")
_ENGLISH = re.compile(
    rf"(?:the\s+)?(?P<kind>part|book|volume|act|chapter|canto|stave|letter|scene|section)\s+(?:the\s+)?"
    rf"(?:\d+|[ivxlcdm]+|(?:{_NUMBER_WORDS})(?:[- ](?:{_NUMBER_WORDS}))*)"
    r"(?:[.:]|\s*[-–—:.]\s*(?P<title>\S.*)|\s+(?P<bare>\S.*))?",
    re.IGNORECASE,
)
_ENGLISH_ALONE = re.compile(r"(?i:prologue|epilogue|preface|foreword|afterword|introduction|interlude)[.:]?")
_CHINESE_NUMBER = "[〇零一二三四五六七八九十百千两0-9０-９]{1,9}"
_CHINESE = re.compile(
    rf"(?:第{_CHINESE_NUMBER}(?P<kind>[卷部集篇幕章回节節])|(?P<volume>卷){_CHINESE_NUMBER}|[上中下]卷)"
    r"(?:[\s:：、．.·—-]+(?P<title>\S.*)|(?P<bare>\S.*))?"
)
_CHINESE_ALONE = re.compile(r"(?:楔子|引子|序|序言|序章|序幕|前言|自序|尾声|终章|后记|後記|跋|番外)(?:[\s:：]+\S.*)?")
_LEVELS = dict.fromkeys(["part", "book", "volume", "act", *"卷部集篇幕"], 0) | dict.fromkeys(["section", *"节節"], 2)
_CHAPTER = 1
_LONGEST_BARE = 30
_MOST_LINES = 3
"""Of a heading in a text whose lines were broken by a program."""


def _recognised(lines: list[str]) -> list[_Heading]:
    """Headings by their wording; several of a kind with nothing between are a table of contents."""
    found = []
    width = _wrap_width(lines)
    for index, line in enumerate(lines):
        is_chinese = line.strip()[:1] >= "\u2e80"
        heading = _chinese_heading(lines, index) if is_chinese else _english_heading(lines, index, width)
        if heading is not None:
            found.append(heading)
    empty = [
        first.level == second.level and not any(line.strip() for line in lines[first.end : second.start])
        for first, second in pairwise(found)
    ]
    listed = [is_empty and any(empty[max(0, n - 1) : n] + empty[n + 1 : n + 2]) for n, is_empty in enumerate(empty)]
    return [heading for heading, is_listed in zip(found, [*listed, False], strict=False) if not is_listed]


def _english_heading(lines: list[str], index: int, width: int) -> _Heading | None:
    line = lines[index].strip()
    if not line[:1].isupper() or len(line) > _LONGEST_HEADING or not _is_blank(lines, index - 1):
        return None
    match = _ENGLISH.fullmatch(line)
    if match is None and not _ENGLISH_ALONE.fullmatch(line):
        return None
    if match is not None and (title := match["title"] or match["bare"]) and title[0].islower():
        return None
    level = _LEVELS.get(match["kind"].lower(), _CHAPTER) if match else _CHAPTER
    if _is_blank(lines, index + 1):
        return _Heading(index, index + 1, level, line)
    named = match is not None and not (match["title"] or match["bare"])
    if named and _is_blank(lines, index + 2) and len(lines[index + 1].strip()) <= _LONGEST_HEADING // 2:
        return _Heading(index, index + 2, level, f"{line} {lines[index + 1].strip()}")
    if match is not None and match["title"] and width:
        block = [one.strip() for one in takewhile(str.strip, lines[index : index + _MOST_LINES + 1])]
        if len(block) <= _MOST_LINES and all(_is_full(one, other, width) for one, other in pairwise(block)):
            return _Heading(index, index + len(block), level, " ".join(block))
    return None


def _chinese_heading(lines: list[str], index: int) -> _Heading | None:
    line = lines[index].strip()
    if len(line) > _LONGEST_HEADING // 2:
        return None
    match = _CHINESE.fullmatch(line)
    if match is None:
        return _Heading(index, index + 1, _CHAPTER, line) if _CHINESE_ALONE.fullmatch(line) else None
    title, bare = match["title"] or "", match["bare"] or ""
    if title.endswith(("。", "！", "？", "；", "…", "”")) or len(bare) > _LONGEST_BARE:
        return None
    if bare and (
        match["kind"] is None or bare[0] in "合次个的里中以之" or any(mark in bare for mark in "，。！？；：、“”")
    ):
        return None
    return _Heading(index, index + 1, _LEVELS.get(match["kind"] or "卷", _CHAPTER), line)


def _is_blank(lines: list[str], index: int) -> bool:
    return not 0 <= index < len(lines) or not lines[index].strip()


def _blocks(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Runs of lines that are not blank, each with the number of blank lines before it."""
    gap, block = 0, list[str]()
    for line in lines:
        if line.strip():
            block.append(line)
            continue
        if block:
            yield gap, block
            gap, block = 0, []
        gap += 1
    if block:
        yield gap, block


def _usual_gap(lines: list[str]) -> int:
    """How many blank lines are most often between paragraphs; 0 if each line is one."""
    gaps = Counter(gap for gap, _block in _blocks(lines) if gap)
    inside = sum(len(block) - 1 for _gap, block in _blocks(lines))
    if not _wrap_width(lines):
        gaps[0] = inside
    return gaps.most_common(1)[0][0] if gaps else 0


_WRAP_WIDTHS = range(40, 101)
_SLACK = 3
_DELIBERATE = 12


def _wrap_width(lines: list[str]) -> int:
    """The column at which a program broke the lines, or 0 if they end where the author wanted."""
    breaks = [pair for _gap, block in _blocks(lines) for pair in pairwise(block)]
    if not breaks:
        return 0
    widths = sorted(_width(line.rstrip()) for line, _next in breaks)
    width = widths[int(len(widths) * 0.98)] if len(widths) > 50 else widths[-1]
    filled = sum(_is_full(*pair, width) for pair in breaks)
    return width if width in _WRAP_WIDTHS and 5 * filled >= 3 * len(breaks) else 0


def _is_full(line: str, following: str, width: int) -> bool:
    """Whether a program broke a line here, at this column."""
    return _width_with_next_word(line, following) > width - _SLACK


def _width(line: str) -> int:
    """Columns that a line takes: two for each Chinese character."""
    return len(line) if line.isascii() else sum(2 if character >= "\u2e80" else 1 for character in line)


def _width_with_next_word(line: str, following: str) -> int:
    following = following.strip()
    word = following[:1] if following[:1] >= "\u2e80" else following.split(None, 1)[0]
    return _width(line.rstrip()) + _width(word) + (0 if word[0] >= "\u2e80" else 1)


def _prose(lines: list[str], usual_gap: int, width: int) -> str:
    """The paragraphs of a section, with an empty one where a larger gap marks a break."""
    found = list[str]()
    for gap, block in _blocks(lines):
        if gap > usual_gap:
            found.append("")
        found += _unwrapped(block, width) if width else [line.rstrip() for line in block]
    return "\n".join(trimmed(found))


def _unwrapped(block: list[str], width: int) -> Iterator[str]:
    """The paragraphs of a block: an indented line begins one, and verse keeps its lines."""
    indented = [line[0] in " \t\u3000" for line in block]
    starts = [0] if all(indented) else [0, *(index for index in range(1, len(block)) if indented[index])]
    for start, end in pairwise([*starts, len(block)]):
        part = block[start:end]
        breaks = [_width_with_next_word(*pair) > width - _DELIBERATE for pair in pairwise(part)]
        if 2 * sum(breaks) < len(breaks):
            yield from (line.rstrip() for line in part)
        else:
            yield _joined(part)


def _joined(lines: list[str]) -> str:
    joined = lines[0].strip(" \t\r")
    for line in lines[1:]:
        line = line.strip()
        joined += line if _touch(joined, line) else " " + line
    return joined


def _touch(before: str, after: str) -> bool:
    """Whether no space was lost at the line end: between Chinese characters, and behind a hyphen or a dash."""
    if before[-1:] >= "\u2e80" or after[:1] >= "\u2e80":
        return True
    return before.endswith(("-", "—")) and len(before) > 1 and not before[-2].isspace()
