"""An outline as a nested Markdown list, with what is planned for each node, and the way back.

Reads lists that authors type themselves, too: headings, and bullets or numbers with what lies below further in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from writer.story import STATUSES, Plan

_INDENT = "  "
_LONGEST_TITLE = 120
_SAID = {
    "en": ("Cast: ", ", ", "Must happen: ", "{n} words", "by {name}", STATUSES),
    "zh": ("人物：", "、", "必须发生：", "{n}字", "由{name}写", ("构思", "提纲", "草稿", "已修改", "完成")),
}
_CAST = re.compile(r"(?:cast|人物)\s*[:：]\s*(.*)", re.IGNORECASE)
_EVENT = re.compile(r"(?:must happen|必须发生)\s*[:：]\s*(.*)", re.IGNORECASE)
_WORDS = re.compile(r"(\d[\d,']*)\s*(?:words?|字)", re.IGNORECASE)
_MAKER = re.compile(r"(?:by (.+)|由(.+)写)", re.DOTALL)
_HEADING = re.compile(r"(#{1,6})[ \t]+(.*)")
_BULLET = re.compile(r"[-*+•][ \t]+(.*)")
_NUMBER = re.compile(r"\d{1,4}(?:[.)][ \t]+|、[ \t]*)(.*)")
_BOLD = re.compile(r"\*\*(.*)\*\*(?:\s*[—–:：-]\s*(.*))?")
_FACTS = re.compile(r"(.*?)\s*\[([^\[\]]*)\]")
_SPLIT = re.compile(r"(.{1,60}?)(?:\s*[:：]\s*|\s+[—–-]\s+)(.*[.!?…。！？].*)")
_MARKED = re.compile(r"[-*+•>#\\]|\d{1,4}[.)、]")


@dataclass(frozen=True, slots=True)
class Item:
    """A node of an outline that is in no project; ``level`` is 0 at the top."""

    level: int
    title: str
    plan: Plan = field(default_factory=Plan)


@dataclass(frozen=True, slots=True)
class Outline:
    """A whole one, with what is planned for all of it."""

    title: str
    premise: str
    items: tuple[Item, ...]
    plan: Plan = field(default_factory=Plan)


def lay_out(outline: Outline, language: str = "en") -> str:
    """The outline as Markdown; of names with commas in them, and of blank lines in a row, not all comes back."""
    said = _SAID["zh" if language.startswith("zh") else "en"]
    whole = replace(outline.plan, synopsis=outline.premise)
    blocks = [f"# {_line(outline.title)}{_facts(whole, said)}", *_fields(whole, said, "")]
    for item in outline.items:
        pad = _INDENT * item.level
        blocks.append(f"{pad}- **{_line(item.title) or ' '}**{_facts(item.plan, said)}")
        blocks += _fields(item.plan, said, pad + _INDENT)
    return "\n\n".join(blocks) + "\n"


def _facts(plan: Plan, said: tuple[str, str, str, str, str, Sequence[str]]) -> str:
    facts = [said[5][STATUSES.index(plan.status)]] if plan.status else []
    facts += [said[3].format(n=plan.target_words)] if plan.target_words else []
    facts += [said[4].format(name=re.sub(r"[\[\],]", " ", _line(plan.made_by)))] if plan.made_by else []
    return f" [{', '.join(facts)}]" if facts else ""


def _fields(plan: Plan, said: tuple[str, str, str, str, str, Sequence[str]], pad: str) -> Iterator[str]:
    for paragraph in re.split(r"\n\s*\n", plan.synopsis.strip()):
        if paragraph.strip():
            yield "\n".join(pad + _plain(line.strip()) for line in paragraph.strip().split("\n"))
    if plan.notes.strip():
        yield "\n".join(f"{pad}> {line}".rstrip() for line in plan.notes.strip().split("\n"))
    if plan.cast:
        yield pad + said[0] + said[1].join(map(_line, plan.cast))
    if plan.beats:
        yield "\n".join(f"{pad}{number}. {_step(beat)}" for number, beat in enumerate(plan.beats, 1))
    for event in plan.events:
        yield pad + said[2] + _line(event)


def _plain(line: str) -> str:
    """A line that is not taken for anything else."""
    is_marked = _MARKED.match(line) or _CAST.match(line) or _EVENT.match(line)
    return "\\" + line if is_marked else line


def _step(beat: str) -> str:
    return re.sub(r"^(?=\\|\*\*)", r"\\", _line(beat))


def _line(text: str) -> str:
    return " ".join(text.split())


def parse(text: str) -> Outline:
    """The outline in a text, without any items if there is none."""
    reading = _Reading()
    for line in text.split("\n"):
        reading.take(line.expandtabs(4))
    return reading.outline()


@dataclass(slots=True)
class _Draft:
    """A node while it is read: its depth as typed, and what is known of it."""

    depth: tuple[int, int]
    is_numbered: bool
    title: str
    plan: Plan


class _Reading:
    """The nodes so far; the first is the whole book."""

    def __init__(self) -> None:
        self._book = _Draft((-1, -1), False, "", Plan())
        self._found: list[tuple[int, _Draft]] = []
        self._path = [self._book]
        self._last: tuple[_Draft, str] | None = None
        """To which field of which node the line before belongs, if none was empty since."""

    def take(self, line: str) -> None:
        """Another line."""
        text, indent = line.strip(), len(line) - len(line.lstrip())
        if not text:
            self._last = None
        elif heading := _HEADING.match(text):
            self._head(len(heading[1]), heading[2].rstrip("# "))
        elif bullet := _BULLET.match(text):
            self._add((1, indent), bullet[1])
        elif number := _NUMBER.match(text):
            self._number(indent, number[1])
        else:
            self._say(self._holder(indent), text)

    def outline(self) -> Outline:
        """All of it."""
        items = tuple(Item(level, draft.title, _trimmed(draft.plan)) for level, draft in self._found)
        book = _trimmed(self._book.plan)
        return Outline(self._book.title, book.synopsis, items, replace(book, synopsis=""))

    def _head(self, level: int, text: str) -> None:
        if level == 1 and not self._found and not self._book.title:
            title, self._book.plan = _told(text, self._book.plan)
            self._book.title = title.strip("*") or text
            self._path, self._last = [self._book], None
        else:
            self._add((0, level), text)

    def _add(self, depth: tuple[int, int], text: str, *, is_numbered: bool = False) -> None:
        while self._path[-1].depth >= depth:
            self._path.pop()
        draft = _Draft(depth, is_numbered, "", Plan())
        draft.title, draft.plan = _told(text, draft.plan)
        self._found.append((len(self._path) - 1, draft))
        self._path.append(draft)
        self._last = (draft, "synopsis") if draft.plan.synopsis else None

    def _number(self, indent: int, text: str) -> None:
        """A step of the node it stands in, or a node of a list of numbers."""
        holder = self._holder(indent)
        if holder is self._book or holder.is_numbered or holder.depth[0] == 0 or text.startswith("**"):
            self._add((1, indent), text, is_numbered=True)
        else:
            holder.plan = replace(holder.plan, beats=(*holder.plan.beats, text.removeprefix("\\")))
            self._last = None

    def _holder(self, indent: int) -> _Draft:
        return next(draft for draft in reversed(self._path) if draft.depth < (1, indent))

    def _say(self, holder: _Draft, text: str) -> None:
        plan = holder.plan
        if text.startswith(">"):
            self._append(holder, "notes", text[1:].removeprefix(" "))
        elif cast := _CAST.fullmatch(text):
            names = [name.strip() for name in re.split(r"[,;，；、]", cast[1])]
            holder.plan = replace(plan, cast=(*plan.cast, *filter(None, names)))
        elif event := _EVENT.fullmatch(text):
            holder.plan = replace(plan, events=(*plan.events, event[1].strip()))
        else:
            self._append(holder, "synopsis", text.removeprefix("\\"))

    def _append(self, holder: _Draft, name: str, line: str) -> None:
        before: str = getattr(holder.plan, name)
        gap = "\n" if self._last == (holder, name) else "\n\n"
        whole = before + gap + line if before else line
        holder.plan = replace(holder.plan, synopsis=whole) if name == "synopsis" else replace(holder.plan, notes=whole)
        self._last = (holder, name)


def _told(text: str, plan: Plan) -> tuple[str, Plan]:
    """The title in a line, and the plan with what else it says."""
    if (marked := _FACTS.fullmatch(text)) and (known := _known(marked[2], plan)) is not None:
        text, plan = marked[1], known
    if bold := _BOLD.fullmatch(text):
        return bold[1].strip(), replace(plan, synopsis=(bold[2] or "").strip())
    if parts := _SPLIT.fullmatch(text):
        return parts[1].strip(), replace(plan, synopsis=parts[2].strip())
    if len(text) > _LONGEST_TITLE:
        return text[: _LONGEST_TITLE // 2].rsplit(" ", 1)[0] + "…", replace(plan, synopsis=text)
    return text.strip(), plan


def _known(facts: str, plan: Plan) -> Plan | None:
    """The plan with status, words and model as they are told; None if anything else is."""
    for fact in map(str.strip, facts.split(",")):
        status = next(
            (STATUSES[i] for *_none, said in _SAID.values() for i, word in enumerate(said) if word == fact), ""
        )
        if status:
            plan = replace(plan, status=status)
        elif words := _WORDS.fullmatch(fact):
            plan = replace(plan, target_words=int(re.sub(r"\D", "", words[1])[:9]))
        elif maker := _MAKER.fullmatch(fact):
            plan = replace(plan, made_by=maker[1] or maker[2])
        else:
            return None
    return plan


def _trimmed(plan: Plan) -> Plan:
    return replace(plan, synopsis=plan.synopsis.strip(), notes=plan.notes.strip("\n"))
