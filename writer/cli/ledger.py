"""The command that tells what a model wrote of a book."""

from __future__ import annotations

import argparse

from writer.cli.commands import existing, replacing
from writer.cli.output import Output
from writer.i18n import _


def ledger(args: argparse.Namespace, out: Output) -> None:
    from writer import ledger
    from writer.store import Store

    with Store.reader(existing(args.project)) as store:
        found = ledger.read(store)
    for stretch in found.stretches if out.as_json else ():
        out.record(stretch.fields)
    if args.file is not None:
        with replacing(args.file, out):
            ledger.write(found, args.file)
        out.say(_("Wrote {path}.").format(path=args.file))
    else:
        out.say(ledger.statement(found).removesuffix("\n"))
    told = {"file": str(args.file)} if args.file is not None else {}
    out.done(words=found.words, model_words=found.model_words, share=round(found.share, 6), sha256=found.sha256, **told)
