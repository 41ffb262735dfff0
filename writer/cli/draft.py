"""``writer draft``: the scenes that wait become prose, unattended; stopped in any way, it goes on where it was."""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, TypeVar

from writer.cli import commands
from writer.cli.output import Output
from writer.errors import ProjectError, UsageError
from writer.i18n import _, ngettext

if TYPE_CHECKING:
    from writer.draft import Drafted, Progress
    from writer.store import Store

Answer = TypeVar("Answer")

_LARGEST_SEED = 2**31 - 1
_EVERY_S = 0.1


def draft(args: argparse.Namespace, out: Output) -> None:
    from writer import draft as drafting
    from writer.draft.queue import Outline, refuse, refuse_blank
    from writer.store import Store
    from writer.text import said_words

    path = commands.existing(args.project)
    refuse(args.words)
    with Store.open(path) as store:
        if store.read_only:
            raise ProjectError(store.why_read_only)
        refuse_blank(Outline.of(store))  # before a model is loaded
        nodes = None if args.scene is None else [commands.node_for(store, path, args.scene).id]
        chosen = commands.speaking(commands.settings_for(args), store.project.language)

        def keep(change: Callable[[Store], Answer]) -> Answer:
            return change(store)

        with commands.opened_engine(chosen, out) as engine, _told(out) as tell:
            seed = chosen.seed or random.randint(1, _LARGEST_SEED)
            work = drafting.draft(store, engine, chosen, keep, nodes=nodes, words=args.words, seed=seed)
            done = _followed(work, tell)
        titles = {node.id: node.title for node in store.nodes()}
    for scene, problem in done.problems:
        out.note(_("“{title}” is not finished: {problem}").format(title=titles.get(scene, ""), problem=problem))
    if done.missed:
        told = ngettext(
            "{n} event that must happen does not happen yet; read those scenes and write it in.",
            "{n} events that must happen do not happen yet; read those scenes and write them in.",
            done.missed,
        )
        out.say(told.format(n=done.missed))
    if not done.words and not done.problems:
        out.say(
            _("Every scene has its text already; name one with “--scene”, and with “--words” how many it is to have.")
        )
    else:
        wrote = ngettext("Finished {n} scene, {words} written.", "Finished {n} scenes, {words} written.", done.scenes)
        out.say(wrote.format(n=done.scenes, words=said_words(done.words)))
    if done.problems:
        raise UsageError(_("Not every scene could be written; “writer draft” goes on there."))
    out.done(words=done.words, scenes=done.scenes, tries=done.tries, missed=done.missed)


def _followed(work: Iterator[Progress], tell: Callable[[Progress], None]) -> Drafted:
    with closing(work):  # type: ignore[type-var]
        while True:
            try:
                tell(next(work))
            except StopIteration as end:
                done: Drafted = end.value
                return done


@contextmanager
def _told(out: Output) -> Iterator[Callable[[Progress], None]]:
    """What says how far a draft is: in place at a terminal, else whenever something was kept."""
    is_terminal = sys.stderr.isatty() and not out.as_json
    last: tuple[int, int] | None = None
    shown = 0.0

    def tell(now: Progress) -> None:
        nonlocal last, shown
        if is_terminal and time.monotonic() - shown > _EVERY_S:
            print(f"\r\033[K{_line(now)}", end="", file=sys.stderr, flush=True)
            shown = time.monotonic()
        if not now.scene or now.passage or (now.scene, now.words) == last:
            return
        is_kept = last is not None and last[0] == now.scene
        last = now.scene, now.words
        if out.as_json and (is_kept or not now.words):
            names = ("scene", "title", "words", "target_words", "total_words", "seconds_left")
            out.record({name: getattr(now, name) for name in names})
        elif not is_terminal and not is_kept:
            out.note(_line(now))

    try:
        yield tell
    finally:
        if is_terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def _line(now: Progress) -> str:
    if not now.scene:
        return " · ".join(part for part in (now.title, now.sentence) if part)
    told = f"{now.title} ({now.words:,} / {now.target_words:,})"
    if now.seconds_left is None:
        return told
    minutes = max(1, round(now.seconds_left / 60))
    return f"{told} · " + ngettext("about {n} minute left", "about {n} minutes left", minutes).format(n=minutes)
