"""``writer outline --follow`` and ``--propose``: what the outline could say of prose that is written."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from writer.cli.commands import existing, node_for, opened_engine, settings_for, speaking
from writer.cli.output import Output
from writer.errors import ProjectError, WriterError
from writer.i18n import _, ngettext

if TYPE_CHECKING:
    from pathlib import Path

    from writer.engines import Engine
    from writer.outline.proposal import Offer, Piece
    from writer.store import Store


def follow(args: argparse.Namespace, out: Output) -> None:
    from writer.outline import follow as following

    path = existing(args.project)
    with _open(path) as store, _teller(args, store, out) as engine:
        work = following.drifts(store, _below(store, path, args.scene), engine)
        while True:
            try:
                following.keep(store, next(work))
            except StopIteration as end:
                found: list[following.Drift] = end.value
                break
        for drift in found:
            fields = {
                "node": drift.node,
                "title": drift.title,
                "synopsis": drift.synopsis,
                "proposal": drift.proposal,
                "why": list(drift.why),
            }
            lines = [f"{drift.node}  {drift.title}", f"  - {drift.synopsis}", f"  + {drift.proposal}"]
            out.record(fields, "\n".join([*lines, *(f"    {why}" for why in drift.why)]))
            if args.apply:
                following.accept(store, drift)
    n = len(found)
    if not found:
        out.say(_("Every synopsis still fits its prose."))
    elif args.apply:
        out.say(ngettext("{n} synopsis changed.", "{n} synopses changed.", n).format(n=n))
    else:
        said = ngettext(
            "{n} synopsis no longer fits; with --apply it is changed as proposed.",
            "{n} synopses no longer fit; with --apply they are changed as proposed.",
            n,
        )
        out.say(said.format(n=n))
    out.done(drifts=n, applied=n if args.apply else 0)


def propose(args: argparse.Namespace, out: Output) -> None:
    from writer.outline import proposal

    path = existing(args.project)
    with _open(path) as store, _teller(args, store, out) as engine:
        work = proposal.propose(store, _below(store, path, args.scene), engine)
        while True:
            try:
                progress = next(work)
            except StopIteration as end:
                found: proposal.Proposal = end.value
                break
            if sys.stderr.isatty() and progress.all:
                print(f"\r{100 * progress.done // progress.all} %", end="\r", file=sys.stderr)
        for offer in found.offers:
            _say(offer, out)
        if args.apply and found.offers:
            proposal.take(store, found)
    if not found.offers:
        out.say(_("There is nothing to propose: what is written is short, or has its scenes and synopses already."))
    elif args.apply:
        out.say(_("In the outline now: {what}.").format(what=found.said))
    else:
        out.say(_("Proposed: {what}; with --apply it is taken.").format(what=found.said))
    is_applied = bool(args.apply and found.offers)
    out.done(chapters=found.chapters, scenes=found.scenes, synopses=found.synopses, applied=is_applied)


def _say(offer: Offer, out: Output) -> None:
    fields = {
        "node": offer.node,
        "level": offer.level,
        "title": offer.title,
        "synopsis": offer.synopsis,
        "pieces": len(offer.pieces),
    }
    out.record(fields, _line(offer, offer.level))
    for piece in offer.pieces:
        level = offer.level + 1 + piece.level
        fields = {
            "node": None,
            "in": offer.node,
            "level": level,
            "title": piece.title,
            "synopsis": piece.synopsis,
            "words": piece.words,
        }
        out.record(fields, _line(piece, level))


def _line(some: Offer | Piece, level: int) -> str:
    indent = "  " * level
    return f"{indent}{some.title}" + (f"\n{indent}    {some.synopsis}" if some.synopsis else "")


def _open(path: Path) -> Store:
    from writer.store import Store

    store = Store.open(path)
    if store.read_only:
        store.close()
        raise ProjectError(store.why_read_only)
    return store


def _below(store: Store, path: Path, scene: int | None) -> set[int] | None:
    """A node with all below it; None for the whole book."""
    if scene is None:
        return None
    found = {node_for(store, path, scene).id}
    for node in store.nodes():
        if node.parent in found:
            found.add(node.id)
    return found


@contextmanager
def _teller(args: argparse.Namespace, store: Store, out: Output) -> Iterator[Engine | None]:
    """The model in use, if it is large enough to tell what happens in its own words; no other is loaded."""
    from writer import models
    from writer.memory import abstract

    chosen = speaking(settings_for(args), store.project.language)
    known = None
    if chosen.engine != "server":
        with suppress(WriterError):
            known = models.facts(models.find(chosen.model or models.default(chosen.language).name))
    is_able = chosen.suggestions and abstract.worth(known, chosen.server_model if chosen.engine == "server" else "")
    if not is_able:
        yield None
        return
    with opened_engine(chosen, out) as engine:
        yield engine
