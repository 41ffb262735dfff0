"""Markdown: headings are the outline, a paragraph is a line of the scene, and emphasis marks stay as they are typed.

What Writer lays out itself says so in its front matter and reads back exactly.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from writer.formats.book import Book, levelled, paragraphs, trimmed
from writer.story import Section

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_DEEPEST = 6
_OWN_MARK = "generator: Writer"
_FRONT_MATTER = re.compile(r"---[ \t]*\n((?:(?:[\w-]+:|[ \t]|-[ \t]|#).*\n|[ \t]*\n)*?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_FIELD = r"^{name}:[ \t]*(.*?)[ \t]*$"
_PLAIN = re.compile(r"[^\s\d!-/:-@\[-`{-~](?:.*\S)?|[\"'(][^\s\d!-/:-@\[-`{-~](?:.*\S)?", re.DOTALL)
_PUNCTUATION = r"[!-/:-@\[-`{-~]"
_HARD_BREAK = re.compile(r"(?: {2,}|\\)$")


def lay_out(book: Book) -> str:
    """The book with ``#`` headings, at most six levels, and an empty line between paragraphs."""
    fields = {"title": book.title} | ({"premise": book.premise} if book.premise else {})
    front = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items()]
    blocks = ["\n".join(["---", *front, _OWN_MARK, "---"])]
    for section in book.sections:
        marks = "#" * min(section.level + 1, _DEEPEST)
        blocks.append(f"{marks} {_escaped(section.title, heading=True)}".rstrip())
        blocks += [_escaped(paragraph) for paragraph in paragraphs(section.text)]
    return "\n\n".join(blocks) + "\n"


def parse(text: str, name: str) -> Book:
    """The book in a text; what comes before the first heading, often everything, is called ``name``."""
    front = _FRONT_MATTER.match(text)
    own = front is not None and _OWN_MARK in front[1].split("\n")
    found: list[tuple[int, str, list[str]]] = [(0, name, [])]
    for level, content in _blocks(text[front.end() :] if front else text):
        if level is None:
            found[-1][2].append(content)
        else:
            found.append((level, content, []))
    if not own:
        found[0] = (min((level for level, _title, _prose in found[1:]), default=0), name, found[0][2])
        found = [(level, title, trimmed(prose)) for level, title, prose in found]
    if not found[0][2] and (own or len(found) > 1):
        found.pop(0)
    sections = tuple(Section(level, title, "\n".join(prose)) for level, title, prose in found)
    fields = front[1] if front else ""
    return Book(_field("title", fields), sections if own else levelled(sections), _field("premise", fields))


def _field(name: str, front_matter: str) -> str:
    match = re.search(_FIELD.format(name=name), front_matter, re.MULTILINE)
    value = match[1] if match else ""
    try:
        loaded = json.loads(value)
    except ValueError:
        loaded = value.strip("'\"")
    return loaded if isinstance(loaded, str) else value


@cache
def _parser() -> MarkdownIt:
    """CommonMark without HTML, and without what looks inside paragraphs."""
    from markdown_it import MarkdownIt  # slow, and only needed here

    return MarkdownIt("commonmark", {"html": False}).disable(["inline", "reference"])


def _blocks(text: str) -> Iterator[tuple[int | None, str]]:
    """Headings with their level and paragraphs with None, as typed; two more blank lines are an empty paragraph."""
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    end = 0
    for token in _outermost(_parser().parse(text)):
        assert token.map is not None
        start = token.map[0]
        yield from ((None, "") for _number in range((start - end - 1) // 2 if end else start // 2))
        end = start + len(_without_blank_end(lines[start : token.map[1]]))
        if token.type == "heading_open":
            yield int(token.tag[1]) - 1, _unescaped(_heading(lines[start:end], token.markup))
        elif token.type == "paragraph_open":
            yield from ((None, _unescaped(paragraph)) for paragraph in _joined(lines[start:end]))
        else:
            yield from ((None, line) for line in lines[start:end])
    yield from ((None, "") for _number in range((len(lines) - end) // 2))


def _outermost(tokens: list[Token]) -> Iterator[Token]:
    return (token for token in tokens if token.level == 0 and token.nesting >= 0 and token.map)


def _without_blank_end(lines: list[str]) -> list[str]:
    while lines and not lines[-1].strip(" \t"):
        lines.pop()
    return lines


def _heading(lines: list[str], markup: str) -> str:
    if not markup.startswith("#"):
        return " ".join(line.strip(" \t") for line in lines[:-1])
    title = lines[0].strip(" \t")[len(markup) :].strip(" \t")
    return re.sub(r"(?:^|[ \t]+)#+$", "", title)


def _joined(lines: list[str]) -> list[str]:
    """The lines of a paragraph as one, but for the line ends that are marked to stay."""
    found = [""]
    for number, line in enumerate(lines):
        last = number == len(lines) - 1
        kept = not last and _HARD_BREAK.search(line)
        line = (_HARD_BREAK.sub("", line) if kept else line).strip(" \t")
        before = found[-1]
        touch = not before or (before[-1] >= "\u2e80" and line[:1] >= "\u2e80")
        found[-1] = before + line if touch else f"{before} {line}"
        if kept:
            found.append("")
    return found


def _escaped(text: str, heading: bool = False) -> str:
    """The text such that Markdown reads it as it is, with as little change as will do."""
    if not text or (_PLAIN.fullmatch(text) and not text.endswith(";") and not heading):
        return text
    first, last = f"&#{ord(text[0])};{text[1:]}", f"{text[:-1]}&#{ord(text[-1])};"
    both = f"&#{ord(text[0])};{text[1:-1]}&#{ord(text[-1])};"
    mark, wanted = ("# ", (0, text)) if heading else ("", (None, text))
    for candidate in (text, "\\" + text, re.sub(r"^(\d+)([.)])", r"\1\\\2", text), first, last, both):
        if list(_blocks(mark + candidate)) == [wanted] and _stands_alone(mark + candidate):
            return candidate
    raise AssertionError(f"no Markdown for {text!r}")


def _stands_alone(text: str) -> bool:
    """Whether it would not grow together with a block of its kind before it, as lists and code do."""
    return all(token.type in ("paragraph_open", "heading_open", "hr") for token in _outermost(_parser().parse(text)))


_START = re.compile(rf"\\(?={_PUNCTUATION})|&#(?P<code>\d{{1,7}});|(?P<number>\d+)\\(?=[.)])")
_END = re.compile(r"&#(?P<code>\d{1,7});\Z")


def _unescaped(text: str) -> str:
    """Without the escape at the start and the character reference at the end; all between is as it was typed."""
    start = _START.match(text)
    first = "" if start is None else (start["number"] or _character(start["code"]))
    rest = text if start is None else text[start.end() :]
    end = _END.search(rest)
    return first + (rest if end is None else rest[: end.start()] + _character(end["code"]))


def _character(code: str | None) -> str:
    return chr(int(code)) if code is not None and int(code) <= sys.maxunicode else ""
