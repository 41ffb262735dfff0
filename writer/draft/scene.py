"""One scene written beat by beat: each passage is kept together with how far the scene is, before the next is begun."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import Protocol, TypeVar

from writer import outline
from writer.credits import Credits
from writer.draft import length, material
from writer.draft.events import happened, steer, wanting
from writer.draft.namesakes import Names
from writer.draft.passage import Written, paragraph_break, passage
from writer.engines import Engine
from writer.engines.revival import revived
from writer.errors import DiedError, EngineError
from writer.i18n import _
from writer.outline.resort import is_placeholder
from writer.repetition import Said
from writer.settings import Settings
from writer.sources import Source
from writer.store import Store, kind
from writer.story import Credit, Cursor, Origin, Plan, Scene, Task
from writer.text import count_words, is_cjk, sentences

Answer = TypeVar("Answer")

_TRIES = 2
_TRUSTED = 3
"""After so many beats it shows whether a model can tell them in its own way."""
_NEARLY = 0.75
"""A scene whose beats are all told may end with so much of its length, if the model finds nothing more to say."""
_LARGEST_SEED = 2**31 - 1_000_000
_AN_EVENT = 45
"""Words in which something that must happen can be told."""
_AGAIN = 0.9
"""A passage of which so much was said before says nothing."""
_SEAM = 400  # characters in front of a passage, with which its first words make rows
_PLANNED = ("", "idea", "outline")


class Keep(Protocol):
    """Lets a change of the project happen in the thread that writes, waits for it, and gives what it gave."""

    def __call__(self, change: Callable[[Store], Answer], /) -> Answer:
        """What ``change`` gave; what it raised is raised here."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a draft is; given for every piece of text and whenever something was kept."""

    scene: int
    """0 while the outline grows or the book is read."""
    title: str
    words: int
    """Of the scene, as it is kept."""
    target_words: int
    total_words: int
    """Of all scenes in the queue, as they are kept."""
    seconds_left: int | None
    """None until that can be told."""
    sentence: str = ""
    """What is being written just now."""
    passage: str = ""
    """What of the passage at hand is written and not kept yet; it only grows, and its last sentences may be cut off."""


@dataclass(frozen=True, slots=True)
class Addition:
    """A passage for the end of a scene, and how far the task is with it."""

    task: Task
    """As it is to be kept; ``written`` and ``beat`` count this passage."""
    before: Task
    """As it must be in the queue for this to be wanted still."""
    text: str
    origin: Origin | None
    opens: bool
    """Whether it begins a paragraph."""

    def joint(self, text: str) -> str:
        """What stands between the scene's text as it is now and this passage."""
        if not text.strip() or not self.text.strip():
            return ""
        breaks = paragraph_break(text)
        if text.endswith("\n"):
            return breaks[len(text) - len(text.rstrip("\n")) :]
        if self.opens:
            return breaks
        if self.text[:1].isspace() or text[-1].isspace() or is_cjk(self.text[0]):
            return ""
        return " "

    def wanted(self, store: Store) -> bool:
        """Whether the task is in the queue, its scene in the book, and both as far as they were when it was written."""
        now = store.tasks.get(self.task.node)
        return now is not None and self.task.node in store.order() and _is_at(now, self.before)

    def into(self, store: Store) -> Scene | None:
        """Put it behind the scene's text as it is now, whatever the author wrote there meanwhile, in one transaction.

        None, and nothing is changed, if it is not wanted any more. What was there before the draft is a revision.
        """
        with store.transaction():
            if not self.wanted(store):
                return None
            scene = store.scene(self.task.node)
            if not self.before.written and scene.text.strip():
                store.revisions.keep(scene.id, "generated")
            text, credits = self.behind(scene.text, scene.credits)
            return store.tasks.advance(self.task, text, credits)

    def behind(self, text: str, credits: Credits) -> tuple[str, Credits]:
        """A scene's text and credits with this at their end."""
        start = len(text) + len(self.joint(text))
        whole = text + self.joint(text) + self.text
        new = (Credit(start, len(whole), self.origin),) if self.origin is not None else ()
        return whole, (*credits, *new)


def _is_at(task: Task, other: Task) -> bool:
    return replace(task, words=0, state="") == replace(other, words=0, state="")


class Pace:
    """How fast a draft is, counted only while it writes."""

    def __init__(self, left: int) -> None:
        self._started = time.monotonic()
        self._words = 0
        self.left = left
        """Words that are still to be written."""

    def wrote(self, words: int) -> None:
        """So many words were kept."""
        self._words += words
        self.left = max(0, self.left - words)

    def seconds_left(self) -> int | None:
        """At the pace so far; None as long as there is none."""
        if not self._words:
            return None
        return round((time.monotonic() - self._started) / self._words * self.left)


@dataclass(frozen=True)
class Desk:
    """What is at hand for every scene of a draft."""

    store: Store
    engine: Engine
    settings: Settings
    keep: Keep
    put: Callable[[Addition], Scene | None]
    said: Said
    names: Names = field(default_factory=Names)
    pace: Pace = field(default_factory=lambda: Pace(0))


@dataclass(frozen=True, slots=True)
class Step:
    """What comes next in a scene."""

    beat: str
    words: int
    events: tuple[str, ...] = ()
    opening: str = ""
    """With which words it must begin, if any."""
    forced: str = ""
    """What must happen, did not, and is told now."""


def expand(task: Task, desk: Desk, others: int = 0) -> Generator[Progress, None, Task | None]:
    """Write a scene from where its task is to its end; gives the task as it is then, None if nobody wants it any more.

    ``others`` are the words of the other scenes in the queue. EngineError if the model comes to nothing.
    """
    store, node = desk.store, task.node
    scene = store.scene(node)
    plan = store.plans.get(node)
    notes = kind.sources(store, node)
    if not task.beats:
        told = Progress(node, scene.title, count_words(scene.text), task.words, others + count_words(scene.text), None)
        task = yield from _begun(task, plan, scene, desk, told)
    while True:
        scene = store.scene(node)
        there = count_words(scene.text)
        step = following(task, plan, scene.text)
        if step is None:
            break
        progress = Progress(
            node, scene.title, there, task.words, others + there, desk.pace.seconds_left(), step.beat
        )  # fmt: skip
        yield progress
        addition = yield from _addition(task, step, plan, notes, scene, desk, progress)
        if addition is None:
            break
        kept = desk.put(addition)
        if kept is None:
            return None
        new = count_words(addition.text)
        desk.said.add(scene.text[-_SEAM:] + addition.text)
        desk.names.add(addition.text)
        desk.pace.wrote(new)
        task = addition.task
        yield replace(progress, words=there + new, total_words=others + there + new, passage="")
    done = replace(task, state="done", missed=tuple(wanting(plan.events, scene.text)))
    desk.keep(lambda store: _finish(store, done))
    return done


def following(task: Task, plan: Plan, text: str) -> Step | None:
    """What comes next: what should have happened by now, the beat at hand, or words that are missing; None if none."""
    there = count_words(text)
    due = _due(plan.events, task.beats)
    is_last = task.beat == len(task.beats) - 1
    by_now = task.beat + (is_last and task.words - there < _AN_EVENT + length.LEAST)
    for event in wanting([event for event, beat in due.items() if beat < by_now], text):
        tries = steer(event, text)
        number = task.missed.count(event)
        if number < min(_TRIES, len(tries)):
            return Step(tries[number].beat, _AN_EVENT, (event,), tries[number].opening, event)
    if task.beat < len(task.beats):
        pending = wanting([event for event, beat in due.items() if beat == task.beat], text)
        words = length.wanted(task, there)
        if is_last:
            words = max(length.LEAST, min(words, task.words - there - _AN_EVENT * len(pending)))
        return Step(task.beats[task.beat], words, tuple(pending))
    if length.is_enough(task.words, there):
        return None
    return Step(task.beats[-1] if task.beats else "", length.wanted(task, there))


@lru_cache(64)
def _due(events: tuple[str, ...], beats: tuple[str, ...]) -> dict[str, int]:
    """The beat in which each of the events is to happen: the one that tells it, else they are spread evenly."""
    found = {}
    for number, event in enumerate(events):
        told = max(range(len(beats)), key=lambda beat: happened(event, beats[beat]).strength, default=0)
        is_told = beats and happened(event, beats[told])
        found[event] = told if is_told else int((number + 0.5) * len(beats) / len(events))
    return found


def _begun(task: Task, plan: Plan, scene: Scene, desk: Desk, told: Progress) -> Generator[Progress, None, Task]:
    """The task with the beats that its scene is written by, kept."""
    there = count_words(scene.text)
    count = length.beats_for(task.words - there)
    own = () if plan.made_by else plan.beats
    told_of = own or material.due(desk.store, task.node) or plan.beats
    unwritten = [beat for beat in told_of if not scene.text.strip() or not happened(beat, scene.text)]
    if unwritten:
        beats = tuple(unwritten)
    elif scene.text.strip():
        beats = ("",) * count  # nobody knows what is left to tell, so the story just goes on
    else:
        free = min(max(1, count - len(plan.events)), outline.MOST_BEATS)
        work = outline.beats(desk.store, desk.engine, desk.settings, task.node, free, seed=task.seed)
        with closing(work):
            while True:
                try:
                    next(work)
                except StopIteration as end:
                    beats = _mixed(end.value, plan.events)
                    break
                yield told
    beats = tuple(beat if beat in own or not is_placeholder(beat, scene.title) else "" for beat in beats)
    begun = replace(task, state="writing", beats=length.grouped(beats, task.words - there) or ("",))
    desk.keep(lambda store: store.tasks.keep(begun))
    return begun


def _leads(task: Task, text: str) -> bool:
    """Whether the model told no beat of this scene in its own way, so that it need not be tried any more."""
    done = [beat for beat in task.beats[: task.beat] if beat.strip()]
    return len(done) >= _TRUSTED and all(
        any(one.opening.strip(" .。") in text for one in steer(beat, text)[1:]) for beat in done
    )


def _mixed(beats: Sequence[str], events: Sequence[str]) -> tuple[str, ...]:
    """Beats with what must happen between them, evenly spread."""
    places = [(number + 0.5) / max(1, len(beats)) for number in range(len(beats))]
    dues = [(number + 0.6) / max(1, len(events)) for number in range(len(events))]
    return tuple(told for _place, told in sorted([*zip(places, beats, strict=True), *zip(dues, events, strict=True)]))


def _addition(
    task: Task,
    step: Step,
    plan: Plan,
    notes: Sequence[Source],
    scene: Scene,
    desk: Desk,
    progress: Progress,
) -> Generator[Progress, None, Addition | None]:
    """The next passage of a scene, ready to be put; None if the scene is better without it."""
    there = count_words(scene.text)
    is_last = not step.forced and task.beat >= len(task.beats)
    opens = step.words >= length.LEAST and not step.opening
    empty = Addition(task, task, "…", None, opens)
    before = scene.text + empty.joint(scene.text) if opens else scene.text
    before += step.opening
    seed = zlib.crc32(f"{task.seed} {task.beat} {task.written} {len(task.missed)}".encode()) % _LARGEST_SEED + 1
    for attempt in range(_TRIES):
        try:
            work = partial(
                passage,
                Cursor(scene.id, before, len(before), scene.revision),
                step.beat,
                desk.store,
                desk.engine,
                desk.settings,
                words=step.words,
                said=desk.said,
                names=desk.names,
                events=step.events,
                sources=notes,
                seed=seed + 104_729 * attempt,
                leads=_leads(task, scene.text),
            )
            written = yield from revived(partial(_streamed, work, progress))
            if desk.said.share(step.opening + written.text) > _AGAIN:
                raise EngineError(_("The model says the same again and again here; try another model."))
            break
        except DiedError:
            raise
        except EngineError:
            if attempt + 1 == _TRIES:
                if is_last and there >= _NEARLY * task.words:
                    return None
                raise
    whole = step.opening + written.text
    text = length.fitted(whole, task, there) if not step.forced else _finished(whole)
    if is_last and not text.strip():
        return None
    after = replace(task, written=task.written + count_words(text), state="writing")
    if step.forced:
        gave_up = () if not wanting([step.forced], scene.text + text) else (step.forced,)
        after = replace(after, tries=task.tries + 1, missed=task.missed + gave_up)
    elif task.beat < len(task.beats) and length.is_over(after, there + count_words(text)):
        after = replace(after, beat=task.beat + 1)
    return Addition(after, task, text, written.origin, opens)


def _streamed(
    begin: Callable[[], Generator[object, None, Written]], progress: Progress
) -> Generator[Progress, None, Written]:
    """A passage as it is written, told sentence by sentence."""
    text = ""
    with closing(begin()) as work:
        while True:
            try:
                piece = next(work)
            except StopIteration as end:
                written: Written = end.value
                return written
            text += getattr(piece, "text", "")
            last = list(sentences(text))[-1:]
            yield replace(progress, passage=text, sentence=text[slice(*last[0])].strip() if last else progress.sentence)


def _finished(text: str) -> str:
    """What of a text is finished sentences; all of it if there is none."""
    ends = length.endings(text)
    return text[: ends[-1]] if ends else text


def _finish(store: Store, task: Task) -> None:
    """Keep that a scene is done, in its plan, too."""
    with store.transaction():
        store.tasks.keep(task)
        plan = store.plans.get(task.node)
        if plan.status in _PLANNED:
            store.plans.put(task.node, replace(plan, status="draft"))
