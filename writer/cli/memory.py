"""``writer memory``: what is remembered of a book, what of it is found again, and whether that helps."""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from writer.cli import commands
from writer.cli.output import Output
from writer.errors import LockedError, ModelError, ProjectError, UsageError
from writer.i18n import _, ngettext

if TYPE_CHECKING:
    from writer.memory.update import Done
    from writer.meter import Interval, Progress, Report, Result
    from writer.store import Store
    from writer.story import Cursor, Entry, Fact, Passage, Span

Step = TypeVar("Step")
Answer = TypeVar("Answer")

_PASSAGES = 8
_ARMS = ("window", "ours", "summary", "passages")


def update(args: argparse.Namespace, out: Output) -> None:
    from writer.store import Store
    from writer.text import said_words

    path = commands.existing(args.project)
    with Store.open(path) as store:
        if store.read_only:
            raise ProjectError(store.why_read_only)
        done, words = _read_new(store, out)
        if words:
            said = _("The whole book is remembered: {words} read in {seconds:.1f} s.")
            out.say(said.format(words=said_words(words), seconds=done.seconds))
        else:
            out.say(_("The whole book was remembered already; nothing had changed."))
        retold = {"retold": _retell(args, store, out)} if args.retell else {}
    out.done(chunks=done.chunks, summaries=done.summaries, reused=done.reused, seconds=round(done.seconds, 3), **retold)


def _retell(args: argparse.Namespace, store: Store, out: Output) -> int:
    """Let the chosen model retell the story up to the book's end; gives how much of it is new."""
    from writer.memory import retell
    from writer.memory.preceding import before

    scene = store.scene(commands.node_for(store, args.project, None).id)
    cursor = commands.cursor_at(scene.id, scene.text, scene.revision, None)
    chosen = commands.speaking(commands.settings_for(args), store.project.language)
    with commands.opened_engine(chosen, out) as engine:
        if not retell.is_able(chosen, engine):
            raise ModelError(
                _(
                    "“{model}” is too small, or not made, to retell a book faithfully; "
                    "choose with “--model” an instruct model whose name says “3B” or more."
                ).format(model=engine.model)
            )

        def tell(slice: retell.Slice) -> None:
            retell.keep(store, slice)
            step = slice.progress
            fields = {"progress": step.what, "done_summaries": step.done, "total_summaries": step.all}
            counter.show(step.done, step.all, fields, f"{step.what} ({step.done:,} / {step.all:,})")

        with _Counter(out) as counter:
            story = before(store, cursor).story()
            made = _followed(retell.retell(store, engine, store.project.language, story, again=args.again), tell)
        told = ngettext("“{model}” retold {n} part of the story.", "“{model}” retold {n} parts of the story.", made)
        out.say(told.format(model=engine.model, n=made) if made else _("There was nothing more to retell."))
    return made


def show(args: argparse.Namespace, out: Output) -> None:
    from writer.memory.report import report
    from writer.text import first_words, said_time

    with _caret(args, out) as (store, cursor):
        known = report(cursor, store)
        titles = {node.id: node.title for node in store.nodes()}
    _headline(_("The story so far"), bool(known.story), out)
    for summary in known.story:
        sentences = [_passage(passage) for passage in summary.sentences]
        fields = {"summary": summary.title, "node": summary.node, "level": summary.level, "sentences": sentences}
        title = summary.title
        if summary.begins:
            fields["begins"] = summary.begins
            title = _("{title}, from “{words}”").format(title=title, words=first_words(summary.begins))
        told = " ".join(_line(passage.text) for passage in summary.sentences)
        if summary.retelling:
            fields |= {"retelling": summary.retelling, "made_by": summary.made_by, "time": summary.time}
            by = _("retold by {model}, {date}").format(model=summary.made_by, date=said_time(summary.time))
            told = f"{summary.retelling}  ({by})\n    {told}"
        out.record(fields, f"{title}: {told}" if title else told)
    _headline(_("Cast and places"), bool(known.cast), out)
    for entry in known.cast:
        out.record(_entry(entry), _entry_line(entry))
    _headline(_("Facts"), bool(known.facts), out)
    for fact in known.facts:
        fields = {"fact": fact.subject, "attribute": fact.attribute, "value": fact.value, "source": _source(fact)}
        out.record(fields, f"{fact.subject} · {fact.attribute}: {fact.value}  ({_quoted(fact.source, titles)})")
    _headline(_("Contradictions, perhaps"), bool(known.conflicts), out)
    for conflict in known.conflicts:
        earlier, later = conflict.earlier, conflict.later
        fields = {"conflict": earlier.subject, "attribute": earlier.attribute}
        line = f"{earlier.subject} · {earlier.attribute}: {earlier.value} ≠ {later.value}"
        quotes = "".join(f"\n    {_quoted(fact.source, titles)}" for fact in (earlier, later))
        out.record(fields | {"earlier": _source(earlier), "later": _source(later)}, line + quotes)
    if not (known.story or known.cast or known.facts):
        out.say(_("Nothing is remembered before this place."))
    out.done(
        story=len(known.story),
        cast=len(known.cast),
        facts=len(known.facts),
        conflicts=len(known.conflicts),
        complete=round(known.complete, 3),
    )


def recall(args: argparse.Namespace, out: Output) -> None:
    from writer.memory.recall import recall

    query = _spoken(args.query)
    with _caret(args, out) as (store, cursor):
        found = recall(store, cursor, query, args.most)
        titles = {node.id: node.title for node in store.nodes()}
    for passage in found:
        out.record(
            _passage(passage) | {"score": round(passage.score, 4)},
            f"{_line(passage.text)}\n    {_place(passage.span, titles)}" + (f" · {passage.why}" if passage.why else ""),
        )
    if not found:
        out.say(_("Nothing before this place speaks of “{query}”; try other words.").format(query=query))
    out.done(found=len(found))


def ask(args: argparse.Namespace, out: Output) -> None:
    from writer.ask import ask

    question = _spoken(args.question)
    with _caret(args, out) as (store, cursor):
        answers = list(ask(question, store, cursor))
        titles = {node.id: node.title for node in store.nodes()}
    for answer in answers:
        said = _line(answer.text)
        fields = {"answer": said, "sources": [_passage(source) for source in answer.sources]}
        out.record(fields, "\n    ".join([said, *(_place(source.span, titles) for source in answer.sources)]))
    if not answers:
        out.say(_("The book says nothing about that before this place; ask in other words."))
    out.done(found=len(answers))


def meter(args: argparse.Namespace, out: Output) -> None:
    from writer import meter
    from writer.store import Store

    path = commands.existing(args.project)
    arms = meter.known(args.arms.split(",") if args.arms else _ARMS)

    def tell(step: meter.Progress) -> None:
        fields = {"progress": "meter", "done_steps": step.done, "total_steps": step.total}
        fields["seconds_left"] = round(step.seconds_left)
        counter.show(step.done, step.total, fields, _said_left(step))

    with Store.reader(path) as store:
        _tell_of_stale(store, path, out)
        chosen = meter.scoring(commands.settings_for(args), store.project.language, arms)
        if args.engine is not None:
            chosen = replace(chosen, engine=args.engine)
        with commands.opened_engine(chosen, out) as engine, _Counter(out) as counter:
            book = meter.Book(store, engine, meter.BUDGET)
            report = _followed(meter.measure(book, arms, args.positions, chosen.seed), tell)
            names = {"engine": engine.name, "model": engine.model}
    _tell(report, out)
    out.done(
        positions=report.positions,
        scored=report.scored,
        names=report.names,
        budget=report.budget,
        seconds=round(report.seconds, 1),
        **names,
    )


# --- what the meter found, in words


def _tell(report: Report, out: Output) -> None:
    places = ngettext("{n} place", "{n} places", report.positions).format(n=report.positions)
    out.say(_("How much your next sentences surprise the model, at {places} in the last half.").format(places=places))
    out.say(_("Each number says among how many equally likely words it seems to choose; fewer is better."))
    for result in report.results:
        fields = {
            "arm": result.arm,
            "perplexity": _number(result.perplexity),
            "names": _number(result.names),
            **_interval("", result.against),
            **_interval("names_", result.against_names),
            "tokens": round(result.tokens, 1),
            "seconds": round(result.seconds, 3),
        }
        line = _("{what}: {words:.1f}, at names {names:.1f}").format(
            what=_said_arm(result.arm), words=result.perplexity, names=result.names
        )
        out.record(fields, line if result.names == result.names else line.rsplit(",", 1)[0])
    ours = next((result for result in report.results if result.arm == "ours"), None)
    if ours is not None:
        out.say(_verdict(ours))


def _said_arm(arm: str) -> str:
    said = {
        "window": _("Only the last pages"),
        "ours": _("With Writer's memory"),
        "told": _("With Writer's memory, without the book's own words"),
        "words": _("Only the last pages, with the book's own words"),
        "summary": _("With one summary of everything"),
        "passages": _("With similar passages"),
        "another": _("With the memory of another book"),
    }
    return said.get(arm) or _("More of the last pages ({n})").format(n=arm)


def _verdict(ours: Result) -> str:
    whole = said_change(ours.against)
    names = said_change(ours.against_names)
    return _("With memory instead of only the last pages, all words: {whole}; names: {names}.").format(
        whole=whole, names=names
    )


def said_change(interval: Interval) -> str:
    """A ratio in words; one whose interval has 1 in it may be chance."""
    if math.isnan(interval.ratio):
        return _("there were none")
    if interval.low <= 1 <= interval.high:
        return _("no difference that is more than chance")
    change, *ends = (abs(round(100 * (1 - ratio))) for ratio in (interval.ratio, interval.low, interval.high))
    if change == 0:
        return _("less than 1 % of difference")
    said = (
        _("{n} % less surprise ({low} to {high})") if interval.ratio < 1 else _("{n} % more surprise ({low} to {high})")
    )
    return said.format(n=change, low=min(ends), high=max(ends))


def _interval(prefix: str, interval: Interval) -> dict[str, float | None]:
    values = {"ratio": interval.ratio, "low": interval.low, "high": interval.high}
    return {prefix + name: _number(value) for name, value in values.items()}


def _number(value: float) -> float | None:
    """A figure as JSON has it, which knows no NaN."""
    return round(value, 4) if math.isfinite(value) else None


def _said_left(step: Progress) -> str:
    minutes = math.ceil(step.seconds_left / 60)
    left = ngettext("about {n} minute left", "about {n} minutes left", minutes).format(n=minutes)
    return f"{100 * step.done // step.total} %" + (f" · {left}" if minutes else "")


# --- what these commands share


def _followed(work: Generator[Step, None, Answer], show: Callable[[Step], None]) -> Answer:
    """Let a generator work to its end, showing each step; gives its answer."""
    with closing(work):
        while True:
            try:
                show(next(work))
            except StopIteration as end:
                answer: Answer = end.value
                return answer


class _Counter:
    """Says how far long work is: in place at a terminal, else each tenth, beside the result."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._is_terminal = sys.stderr.isatty() and not out.as_json
        self._shown = -1
        self._is_begun = False
        self._last = 0.0

    def __enter__(self) -> _Counter:
        return self

    def __exit__(self, *_error: object) -> None:
        self.end()

    def show(self, done: int, total: int, fields: dict[str, Any], line: str) -> None:
        tenth = 10 * done // max(1, total)
        if self._is_terminal:
            if time.monotonic() - self._last > 0.1:
                print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)
                self._is_begun, self._last = True, time.monotonic()
        elif tenth != self._shown:
            if self._out.as_json:
                self._out.record(fields)
            else:
                self._out.note(line)
        self._shown = tenth

    def end(self) -> None:
        """Leave the terminal's line empty for what follows."""
        if self._is_begun:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
            self._is_begun = False


def _read_new(store: Store, out: Output) -> tuple[Done, int]:
    """Read what is new or has changed, showing how far it is; gives what was done, and how many words there were."""
    from writer.memory import update as reading
    from writer.text import said_words

    words = 0

    def tell(step: reading.Progress) -> None:
        nonlocal words
        words = step.all
        fields = {"progress": step.what, "done_words": step.done, "total_words": step.all}
        counter.show(step.done, step.all, fields, f"{step.what} ({step.done:,} / {said_words(step.all)})")

    with _Counter(out) as counter:
        return _followed(reading.update(store), tell), words


@contextmanager
def _caret(args: argparse.Namespace, out: Output) -> Iterator[tuple[Store, Cursor]]:
    """The project with the caret that the arguments mean, read anew where it changed; says so where that can't be."""
    from writer.store import Store

    path = commands.existing(args.project)
    with suppress(LockedError), Store.reader(path) as seen:
        if seen.index.stale():
            with Store.open(path) as store:
                if not store.read_only:
                    _read_new(store, out)
    with Store.reader(path) as store:
        scene = store.scene(commands.node_for(store, path, args.scene).id)
        cursor = commands.cursor_at(scene.id, scene.text, scene.revision, args.at)
        _tell_of_stale(store, path, out)
        yield store, cursor


def _tell_of_stale(store: Store, path: Path, out: Output) -> None:
    stale = len(store.index.stale())
    if stale:
        out.note(
            ngettext(
                "{n} scene is not remembered as it is now; “writer memory {path} update” reads it.",
                "{n} scenes are not remembered as they are now; “writer memory {path} update” reads them.",
                stale,
            ).format(n=stale, path=path)
        )


def _spoken(words: str) -> str:
    """What was asked, or why that is no question."""
    from writer.text import clean

    said = " ".join(clean(words).split())
    if not said:
        raise UsageError(_("Say what to look for, in a word or a sentence."))
    return said


def _headline(title: str, has_more: bool, out: Output) -> None:
    if has_more:
        out.say(f"── {title} ──")


def _passage(passage: Passage) -> dict[str, Any]:
    return {"text": passage.text, **_span(passage.span)}


def _span(span: Span) -> dict[str, int]:
    return {"scene": span.scene, "start": span.start, "end": span.end}


def _source(fact: Fact) -> dict[str, Any]:
    return {"value": fact.value, **_passage(fact.source)}


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "kind": entry.kind,
        "aliases": list(entry.aliases),
        "count": entry.count,
        "text": entry.text,
        "id": entry.id,
        "first": _span(entry.first) if entry.first else None,
        "last": _span(entry.last) if entry.last else None,
        "sources": [_span(span) for span in entry.sources],
    }


def _entry_line(entry: Entry) -> str:
    names = f"{entry.name} ({', '.join(entry.aliases)})" if entry.aliases else entry.name
    times = ngettext("{n} time", "{n} times", entry.count).format(n=f"{entry.count:,}")
    return " · ".join(filter(None, (names, times, _line(entry.text))))


def _quoted(passage: Passage, titles: dict[int, str]) -> str:
    return f"“{_line(passage.text)}” {_place(passage.span, titles)}"


def _place(span: Span, titles: dict[int, str]) -> str:
    title = titles.get(span.scene) or str(span.scene)
    return f"[{title}, {span.start}]"


def _line(text: str) -> str:
    return " ".join(text.split())
