"""The commands that keep a book safe: backups, and the way back from one."""

from __future__ import annotations

import argparse
from pathlib import Path

from writer.cli.commands import existing, new_path
from writer.cli.output import Output
from writer.i18n import _
from writer.text import said_time, said_words


def backup(args: argparse.Namespace, out: Output) -> None:
    from writer import backups
    from writer.store import Store

    path = existing(args.project)
    if args.list:
        _list(path, out)
        return
    with Store.reader(path) as store:
        made = backups.make(store)
    is_damaged = made.kind == "damaged"
    out.say(str(made.path))
    if is_damaged:
        said = _("Texts in “{name}” are damaged, and so they are in this backup; “writer check” names them.")
        out.note(said.format(name=path.name))
    out.done(file=str(made.path), words=made.words, bytes=made.size, kept=len(backups.of(path)), damaged=is_damaged)


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
        words = "" if backup.words is None else said_words(backup.words)
        mark = _("with damaged texts") if backup.kind == "damaged" else ""
        out.record(fields, "  ".join(filter(None, [said_time(backup.time), words, mark, str(backup.path)])))
    if not found:
        out.say(_("There are no backups of {path} yet; “writer backup” makes one.").format(path=path))
    out.done(kept=len(found))


def restore(args: argparse.Namespace, out: Output) -> None:
    from writer import backups

    if args.salvage:
        _salvage(existing(args.backup), new_path(args.project), out)
        return
    project = args.project
    if not project.exists() or project.suffix.lower() != ".writer":
        project = new_path(project)
    backup = _found(args.backup, project)
    kept = backups.restore(backup, project)
    out.say(_("Restored {path}.").format(path=project))
    if backups.is_damaged(backup):
        out.note(_("Texts in this backup were damaged when it was made; “writer check” names them."))
    if kept is not None:
        out.say(_("What was there is kept as {path}.").format(path=kept))
    out.done(project=str(project), kept=None if kept is None else str(kept))


def _found(backup: Path, project: Path) -> Path:
    """The backup of this name: here, or in the folder of the project's backups."""
    from writer.settings import backups_folder

    kept = backups_folder(project) / backup
    return kept if not backup.exists() and kept.exists() else existing(backup)


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
