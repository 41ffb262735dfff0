"""``writer check``: whether a project file is whole."""

from __future__ import annotations

import argparse
from contextlib import suppress
from pathlib import Path

from writer.cli.output import Output
from writer.errors import ProjectError
from writer.i18n import _, ngettext
from writer.text import said_words

FOUND_SOMETHING = 2


def check(args: argparse.Namespace, out: Output) -> int:
    from writer.store import disk
    from writer.store.check import check

    path: Path = args.project
    if disk.size(disk.sidecar(disk.real_path(path), "-wal")):
        out.note(_("“{name}” is open, or was not closed; what is in its log is checked, too.").format(name=path.name))
    found = 0
    for problem in check(path):
        found += 1
        out.record({"problem": problem.what, "where": problem.where}, f"{problem.where}: {problem.what}")
    counts = _counts(path)
    if found:
        sentence = ngettext("{n} problem was found in “{name}”.", "{n} problems were found in “{name}”.", found).format(
            n=found, name=path.name
        )
        out.note(sentence)
        out.done(ok=False, error=sentence, **counts)
        return FOUND_SOMETHING
    scenes, revisions = counts["scenes"], counts["revisions"]
    out.say(
        _("All is well with “{name}”: {scenes}, {words}, {versions}.").format(
            name=path.name,
            scenes=ngettext("{n} scene", "{n} scenes", scenes).format(n=f"{scenes:,}"),
            words=said_words(counts["words"]),
            versions=ngettext("{n} earlier version", "{n} earlier versions", revisions).format(n=f"{revisions:,}"),
        )
    )
    out.done(ok=True, **counts)
    return 0


def _counts(path: Path) -> dict[str, int]:
    """What the project holds, as far as it can be read."""
    from writer.store import Store

    counts = {"scenes": 0, "words": 0, "revisions": 0}
    with suppress(ProjectError), Store.reader(path) as store:
        nodes = store.nodes()
        counts |= {"scenes": len(nodes), "words": sum(node.words for node in nodes)}
        counts["revisions"] = store.revisions.count()
    return counts
