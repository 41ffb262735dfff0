"""The commands that keep a book safe: backups, and the way back from one."""

from __future__ import annotations

import argparse
from pathlib import Path

from writer.cli.commands import existing, new_path
from writer.cli.output import Output
from writer.i18n import _, ngettext
from writer.text import said_time


def backup(args: argparse.Namespace, out: Output) -> None:
    from writer import backups
    from writer.store import Store

    path = existing(args.project)
    if args.list:
        _list(path, out)
        return
    with Store.reader(path) as store:
        made = backups.make(store)
    out.say(str(made.path))
    out.done(file=str(made.path), words=made.words, bytes=made.size, kept=len(backups.of(path)))


def _list(path: Path, out: Output) -> None:
    from writer import backups

    found = backups.of(path)
    for backup in found:
        fields = {
            "file": str(backup.path),
            "time": backup.time,
            "words": backup.words,
            "bytes": backup.size,
            "title": backup.title,
            "kind": backup.kind,
        }
        words = "" if backup.words is None else ngettext("{n} word", "{n} words", backup.words).format(n=backup.words)
        out.record(fields, "  ".join(filter(None, [said_time(backup.time), words, str(backup.path)])))
    if not found:
        out.say(_("There are no backups of {path} yet; “writer backup” makes one.").format(path=path))
    out.done(kept=len(found))


def restore(args: argparse.Namespace, out: Output) -> None:
    from writer import backups

    if args.salvage:
        _salvage(existing(args.backup), new_path(args.project), out)
        return
    project = new_path(args.project) if not args.project.exists() else args.project
    kept = backups.restore(existing(args.backup), project)
    out.say(_("Restored {path}.").format(path=project))
    if kept is not None:
        out.say(_("What was there is kept as {path}.").format(path=kept))
    out.done(project=str(project), kept=None if kept is None else str(kept))


def _salvage(path: Path, new: Path, out: Output) -> None:
    from writer.store.salvage import salvage

    found = salvage(path, new)
    out.say(found.sentence)
    out.say(_("Made {path}.").format(path=new))
    out.done(
        project=str(new),
        scenes=found.scenes,
        words=found.words,
        from_revisions=list(found.from_revisions),
        damaged=list(found.damaged),
        lost=list(found.lost),
        homeless=list(found.homeless),
    )
