"""``writer revisions``: scenes as they once were."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from writer.cli.commands import existing, node_for
from writer.cli.output import Output
from writer.errors import UsageError
from writer.i18n import _
from writer.text import said_time, said_words

if TYPE_CHECKING:
    from writer.story import Revision, Scene


def revisions(args: argparse.Namespace, out: Output) -> None:
    path = existing(args.project)
    if args.show is not None:
        _show(path, args.show, out)
    elif args.restore is not None:
        _restore(path, args.restore, out)
    elif args.keep is not None:
        _keep(path, args.scene, args.keep, out)
    else:
        _list(path, args.scene, out)


def _list(path: Path, scene: int | None, out: Output) -> None:
    from writer.store import Store

    count = 0
    with Store.reader(path) as store:
        for node in store.nodes() if scene is None else [node_for(store, path, scene)]:
            kept = store.revisions.of(node.id)
            if kept:
                out.say(f"{node.title}")
            for revision in kept:
                count += 1
                out.record(_fields(revision), f"  {_line(revision)}")
    if not count:
        out.say(_("No earlier versions are kept yet."))
    out.done(revisions=count)


def _show(path: Path, id: int, out: Output) -> None:
    from writer.store import Store

    with Store.reader(path) as store:
        scene = store.revisions.read(id)
    out.say(scene.text)
    out.done(revision=id, text=scene.text, **_about(scene))


def _restore(path: Path, id: int, out: Output) -> None:
    from writer.store import Store

    with Store.open(path) as store:
        scene = store.revisions.restore(id)
    out.say(
        _("“{title}” is again what it was in version {id}; what it was until now is kept, too.").format(
            title=scene.title, id=id
        )
    )
    out.done(revision=id, **_about(scene))


def _keep(path: Path, scene: int | None, name: str, out: Output) -> None:
    from writer.store import Store

    name = " ".join(name.split())
    if not name:
        raise UsageError(_("--keep needs a name by which you will know this version again."))
    with Store.open(path) as store:
        node = node_for(store, path, scene)
        kept = store.revisions.keep(node.id, "snapshot", name)
    assert kept is not None  # what has a name is always kept
    out.say(_("“{title}” is kept as “{name}”, version {id}.").format(title=node.title, name=name, id=kept.id))
    out.done(**_fields(kept))


def _about(scene: Scene) -> dict[str, int | str]:
    return {"scene": scene.id, "title": scene.title}


def _fields(revision: Revision) -> dict[str, int | str]:
    return {
        "revision": revision.id,
        "scene": revision.scene,
        "number": revision.number,
        "reason": revision.reason,
        "name": revision.name,
        "time": revision.time,
        "words": revision.words,
    }


def _line(revision: Revision) -> str:
    reasons = {
        "earlier": _("earlier"),
        "change": _("before a large change"),
        "generated": _("before a model wrote into it"),
        "restore": _("before an earlier version came back"),
        "split": _("before it was split"),
        "join": _("before it was joined"),
        "snapshot": _("kept by you"),
    }
    why = _("“{title}”").format(title=revision.name) if revision.name else reasons.get(revision.reason, revision.reason)
    return f"{revision.id:>5}  {said_time(revision.time)}  {why}  ({said_words(revision.words)})"
