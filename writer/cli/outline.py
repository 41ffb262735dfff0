"""``writer outline``: from a premise to parts, chapters and scenes."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from writer.cli import following
from writer.cli.commands import existing, node_for, opened_engine, settings_for, speaking
from writer.cli.output import Output
from writer.errors import ProjectError, UsageError
from writer.i18n import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Generator

    from writer.engines import Engine
    from writer.outline import Grown, Node, Progress
    from writer.settings import Settings
    from writer.store import Store


def outline(args: argparse.Namespace, out: Output) -> None:
    if args.follow or args.propose:
        (following.follow if args.follow else following.propose)(args, out)
        return
    if args.apply:
        raise UsageError(_("--apply needs --follow or --propose; say which of the two is to be applied."))
    from writer import outline as growing
    from writer import shapes
    from writer.outline.ground import look
    from writer.store import Store, kind

    path = existing(args.project)
    with Store.open(path) as store:
        if store.read_only:
            raise ProjectError(store.why_read_only)
        node = None if args.scene is None else node_for(store, path, args.scene).id
        language = look(store, node).language  # refuses at once what can't grow, before a model is loaded
        shape = None if args.shape is None else shapes.find(args.shape, language)
        chosen = settings_for(args)
        with opened_engine(speaking(chosen, language), out) as engine:
            if shape is not None and node is None:
                kind.put_shape(store, shape)
            grown = _told(
                growing.grow(
                    store,
                    engine,
                    chosen,
                    growing.directly(store),
                    node=node,
                    levels=args.levels,
                    children=args.children,
                    shape=shape,
                    beats=growing.BEATS if args.beats else 0,
                    seed=chosen.seed or 1,
                ),
                out,
            )
            if args.beats:
                _add_beats(store, engine, chosen, node, {one.id for one in grown.nodes}, out)
    for note in grown.notes:
        out.note(note)
    count = len(grown.nodes)
    if count:
        out.say(ngettext("{n} new node in the outline.", "{n} new nodes in the outline.", count).format(n=count))
    else:
        out.say(_("The outline has all of that already; ask for more levels or children."))
    out.done(nodes=count)


def _told(growing: Generator[Progress, None, Grown], out: Output) -> Grown:
    """Say each node as soon as it is kept; at a terminal also how long it will take."""
    while True:
        try:
            progress = next(growing)
        except StopIteration as end:
            grown: Grown = end.value
            return grown
        if progress.node is not None:
            _say(progress.node, out)
            if sys.stderr.isatty() and progress.seconds_left >= 1:
                message = _("{done} of {total}, about {seconds} seconds left")
                left = message.format(done=progress.done, total=progress.total, seconds=round(progress.seconds_left))
                print(f"\r{left}", end="\r", file=sys.stderr)


def _say(node: Node, out: Output) -> None:
    plan = node.plan
    fields: dict[str, object] = {
        "node": node.id,
        "parent": node.parent,
        "level": node.level,
        "title": node.title,
        "synopsis": plan.synopsis,
        "target_words": plan.target_words,
    }
    if plan.beats:
        fields["beats"] = list(plan.beats)
    indent = "  " * node.level
    steps = "".join(f"\n{indent}    - {beat}" for beat in plan.beats)
    out.record(fields, f"{indent}{node.title}\n{indent}  {plan.synopsis}{steps}")


def _add_beats(store: Store, engine: Engine, chosen: Settings, node: int | None, new: set[int], out: Output) -> None:
    """Give beats to those scenes that were there already and have none."""
    from dataclasses import replace

    from writer import outline as growing

    nodes = store.nodes()
    above: set[int | None] = {one.id for one in nodes} | {None} if node is None else {node}
    parents = {one.parent for one in nodes}
    for one in nodes:
        if one.parent in above:
            above.add(one.id)
        plan = store.plans.get(one.id)
        has_no_need = plan.beats or not (plan.synopsis or one.title)
        if one.id not in above - parents - new or has_no_need:
            continue
        work = growing.beats(store, engine, chosen, one.id, seed=chosen.seed or 1)
        while True:
            try:
                next(work)
            except StopIteration as end:
                plan = replace(plan, beats=end.value, made_by=plan.made_by or engine.model)
                break
        store.plans.put(one.id, plan)
        _say(growing.Node(one.id, one.parent, one.level, one.title, plan), out)
