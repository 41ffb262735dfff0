"""What a model wrote of a book and the author kept: counted, as data, and as a statement to be published."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from writer import __version__, files
from writer.errors import FileError
from writer.formats import txt
from writer.formats.book import Book
from writer.i18n import _, ngettext
from writer.store import Store
from writer.story import Credit, Origin, OutlineNode, Section
from writer.text import clean, count_words, counted, said_words

_MARKUP = re.compile(r"([\\`*_\[\]<>#|])")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a scene's text that a model wrote."""

    scene: int
    title: str
    text: str
    credit: Credit

    @property
    def fields(self) -> dict[str, Any]:
        """All that is known of it, as JSON; offsets count characters from the scene's start."""
        origin = self.credit.origin
        return {
            "scene": self.scene,
            "title": self.title,
            "start": self.credit.start,
            "end": self.credit.end,
            "text": self.text,
            "model": origin.model,
            "engine": origin.engine,
            "seed": origin.seed,
            "prompt_sha256": origin.prompt,
            "time": _iso(origin.time),
        }


@dataclass(frozen=True, slots=True)
class Chapter:
    """A node at the top of the outline with all below it."""

    title: str
    words: int
    model_words: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """The record of one book as it is now."""

    title: str
    words: int
    by_model: dict[str, int]
    """Words by model and engine, the most first."""
    chapters: tuple[Chapter, ...]
    """Empty for a book without chapters."""
    stretches: tuple[Stretch, ...]
    """In story order."""
    sha256: str
    """Of the book as it is exported to a .txt file."""

    @property
    def model_words(self) -> int:
        """How many of the words a model wrote."""
        return sum(self.by_model.values())

    @property
    def share(self) -> float:
        """The part of the words that a model wrote, from 0 to 1."""
        return self.model_words / self.words if self.words else 0.0


def words_by_origin(text: str, credits: Iterable[Credit]) -> Counter[Origin]:
    """How many words of a text each origin wrote; a word that several wrote counts for who wrote most of it."""
    found: Counter[Origin] = Counter()
    waiting = list(reversed(list(credits)))
    if not waiting:
        return found
    for start, end in counted(text):
        while waiting and waiting[-1].end <= start:
            waiting.pop()
        letters: Counter[Origin] = Counter()
        for credit in reversed(waiting):
            if credit.start >= end:
                break
            letters[credit.origin] += min(end, credit.end) - max(start, credit.start)
        if 2 * letters.total() >= end - start:
            found[letters.most_common(1)[0][0]] += 1
        if not waiting:
            break
    return found


def read(store: Store) -> Ledger:
    """The record of the project's book, without what is in the bin."""
    with store.at_one_moment():
        project, nodes = store.project, store.nodes()
        scenes = [store.scene(node.id) for node in nodes]
    stretches: list[Stretch] = []
    sections: list[Section] = []
    by_model: Counter[str] = Counter()
    by_node: dict[int, tuple[int, int]] = {}
    for node, scene in zip(nodes, scenes, strict=True):
        sections.append(Section(node.level, scene.title, scene.text))
        stretches += [Stretch(node.id, scene.title, scene.text[c.start : c.end], c) for c in scene.credits]
        words = words_by_origin(scene.text, scene.credits)
        by_node[node.id] = count_words(scene.text), words.total()
        for origin, count in words.items():
            by_model[f"{origin.model} ({origin.engine})"] += count
    exported = clean(txt.lay_out(Book(project.title, tuple(sections), project.premise)))
    return Ledger(
        project.title,
        sum(words for words, _model_words in by_node.values()),
        dict(by_model.most_common()),
        tuple(_chapters(nodes, by_node)),
        tuple(stretches),
        hashlib.sha256(exported.encode()).hexdigest(),
    )


def statement(ledger: Ledger) -> str:
    """One page in Markdown that an author or a newsroom can publish, in the author's language."""
    blocks = [
        "# " + _("What a model wrote in “{title}”").format(title=_escaped(ledger.title or _("Untitled"))),
        _date(),
        _summary(ledger),
    ]
    if ledger.model_words:
        models = [f"- {_escaped(name)}: {said_words(count)}" for name, count in ledger.by_model.items()]
        blocks += ["## " + _("By model"), "\n".join(models)]
        if ledger.chapters:
            blocks += ["## " + _("By chapter"), "\n".join(_list_of_chapters(ledger.chapters))]
    blocks += [
        "## " + _("What counts"),
        _(
            "A model's words are those that the author took over from a suggestion and left as they were. A word that "
            "both worked on counts for whoever wrote more of it. Everything else counts as the author's: what was "
            "typed, over a suggestion or inside one too, and even where it is the very words that were suggested; and "
            "what was pasted or imported from outside, of which Writer can't know who wrote it. Suggestions that were "
            "not taken, or deleted later, are not in the book and not counted. In Chinese, each character counts as a "
            "word."
        ),
        "## " + _("How it was recorded"),
        _(
            "Writer {version} noted, on the author's own computer and while the book was written, which passages came "
            "from a model: the model's name, the number that its choices began with, the SHA-256 of what it had read, "
            "and the time. Writer works offline. The record is kept in the book's project file, which is in the "
            "author's hands: this page is the author's statement, not a proof."
        ).format(version=__version__),
        _("SHA-256 of this book, exported as a .txt file: {sha256}").format(sha256=ledger.sha256),
    ]
    return "\n\n".join(blocks) + "\n"


def write(ledger: Ledger, path: Path) -> None:
    """Put the record in a file: the statement in .md or .txt, all data in .json; FileError if that can't be done."""
    ending = path.suffix.lower()
    if ending not in (".md", ".txt", ".json"):
        said = _("“{name}” must end with .md or .txt for the statement, or .json for all data; choose such a name.")
        raise FileError(said.format(name=path.name))
    content = _data(ledger) if ending == ".json" else statement(ledger)
    try:
        files.replace(path, clean(content).encode())
    except OSError as error:
        raise FileError(
            _("“{name}” can't be written in {folder} ({reason}); choose another place.").format(
                name=path.name, folder=path.parent, reason=error.strerror or error
            )
        ) from error


def percent(share: float) -> str:
    """A share for people; one that is hardly any, or nearly all, never becomes none or all."""
    if 0 < share < 0.001:
        return _("less than 0.1%")
    if 0.999 < share < 1:
        return _("more than 99.9%")
    return _("{n}%").format(n=f"{100 * share:.1f}".removesuffix(".0"))


def _chapters(nodes: list[OutlineNode], by_node: dict[int, tuple[int, int]]) -> Iterable[Chapter]:
    if all(node.level == 0 for node in nodes):
        return
    tops = [index for index, node in enumerate(nodes) if node.level == 0]
    for start, end in zip(tops, [*tops[1:], len(nodes)], strict=True):
        words, model_words = zip(*(by_node[node.id] for node in nodes[start:end]), strict=True)
        yield Chapter(nodes[start].title, sum(words), sum(model_words))


def _summary(ledger: Ledger) -> str:
    if not ledger.stretches:
        return _("No words of this book were written by a model in Writer.")
    said = ngettext(
        "Of the {n} word of this book, a model wrote {model} ({percent}).",
        "Of the {n} words of this book, a model wrote {model} ({percent}).",
        ledger.words,
    )
    return said.format(n=f"{ledger.words:,}", model=f"{ledger.model_words:,}", percent=percent(ledger.share))


def _list_of_chapters(chapters: tuple[Chapter, ...]) -> Iterable[str]:
    for chapter in chapters:
        if chapter.model_words:
            line = _("{title}: {model} of {words} ({percent})").format(
                title=_escaped(chapter.title or _("Untitled")),
                model=f"{chapter.model_words:,}",
                words=said_words(chapter.words),
                percent=percent(chapter.model_words / chapter.words),
            )
            yield f"- {line}"
    if others := sum(not chapter.model_words for chapter in chapters):
        yield "- " + ngettext("{n} other chapter: none", "{n} other chapters: none", others).format(n=others)


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\1", text)


def _date() -> str:
    return date.today().isoformat()


def _iso(seconds: int) -> str:
    """A time as ISO 8601 in UTC; empty for one that no calendar has."""
    with suppress(ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return ""


def _data(ledger: Ledger) -> str:
    whole = {
        "title": ledger.title,
        "date": _date(),
        "writer": __version__,
        "sha256": ledger.sha256,
        "words": ledger.words,
        "model_words": ledger.model_words,
        "share": round(ledger.share, 6),
        "by_model": ledger.by_model,
        "chapters": [
            {"title": chapter.title, "words": chapter.words, "model_words": chapter.model_words}
            for chapter in ledger.chapters
        ],
        "spans": [stretch.fields for stretch in ledger.stretches],
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"
