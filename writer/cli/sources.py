"""``writer sources``: which note each sentence leans on, and what no note has."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from writer.cli.commands import existing, node_for
from writer.cli.output import Output
from writer.errors import ProjectError
from writer.i18n import _, ngettext

if TYPE_CHECKING:
    from writer.sources import Flag, Leaning, Source
    from writer.store import Store
    from writer.story import OutlineNode, Scene

FOUND_SOMETHING = 2
_SHOWN = 60


def sources(args: argparse.Namespace, out: Output) -> int:
    from writer import sources
    from writer.store import Store

    path = existing(args.project)
    count = sourced = flags = 0
    with Store.reader(path) as store:
        notes = {node: plan.notes for node, plan in store.plans.all().items()}
        if not any(sources.cut(text) for text in notes.values()):
            said = _("“{name}” has no sources yet; write them into the notes of the book, a chapter or a scene.")
            raise ProjectError(said.format(name=path.name))
        chosen = None if args.scene is None else node_for(store, path, args.scene).id
        for node, ground in _grounds(store, notes, chosen):
            scene = store.scene(node.id)
            found = sources.read(scene.text, ground)
            if found:
                out.say(f"{node.title}\n" if not count else f"\n{node.title}\n")
            for start, end, leaning in found:
                out.record(*_told(scene, start, end, leaning))
                count += 1
                sourced += leaning.source is not None
                flags += len(leaning.flags)
    out.say("" if count else _("There is no text to check yet."))
    if flags:
        sentence = ngettext(
            "{n} thing in “{name}” has no source.", "{n} things in “{name}” have no source.", flags
        ).format(n=flags, name=path.name)
        out.note(sentence)
        out.done(ok=False, error=sentence, sentences=count, sourced=sourced, flags=flags)
        return FOUND_SOMETHING
    if count:
        out.say(_("{sourced} of {count} sentences lean on a source.").format(sourced=sourced, count=count))
    out.done(ok=True, sentences=count, sourced=sourced, flags=0)
    return 0


def _grounds(
    store: Store, notes: dict[int, str], chosen: int | None
) -> Iterator[tuple[OutlineNode, tuple[Source, ...]]]:
    """Each node in story order, or the chosen one and all below it, with the sources on its path."""
    from writer import sources
    from writer.store.plans import BOOK

    path: list[OutlineNode] = []
    for node in store.nodes():
        path = [*path[: node.level], node]
        if chosen is None or any(one.id == chosen for one in path):
            ids = [*(one.id for one in reversed(path)), BOOK]
            yield node, sources.gather([(id, notes.get(id, "")) for id in ids])


def _told(scene: Scene, start: int, end: int, leaning: Leaning) -> tuple[dict[str, Any], str]:
    """What is said of a sentence: to scripts, and to people."""
    text, source = scene.text[start:end], leaning.source
    fields = {
        "scene": scene.id,
        "start": start,
        "end": end,
        "text": text,
        "source": source and {"node": source.node, "start": source.start, "end": source.end, "text": source.text},
        "strength": leaning.strength,
        "model": any(credit.start < end and start < credit.end for credit in scene.credits),
        "flags": [
            {
                "kind": flag.kind,
                "start": start + flag.start,
                "end": start + flag.end,
                "text": flag.text,
                "why": flag.why,
            }
            for flag in leaning.flags
        ],
    }
    return fields, "\n".join(_lines(" ".join(text.split()), source, leaning.flags))


def _lines(sentence: str, source: Source | None, flags: Sequence[Flag]) -> Iterator[str]:
    yield f"{'!' if flags else ' ' if source else '?'} {sentence}"
    if source:
        note = source.text if len(source.text) <= _SHOWN else source.text[:_SHOWN].rstrip() + "…"
        yield "    " + _("Source: {note}").format(note=note)
    elif not flags:
        yield "    " + _("No source.")
    for flag in flags:
        yield "    " + flag.why
