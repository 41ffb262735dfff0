"""Does memory help? Perplexity overall and on names behind prompts of one size, each against the plain window.

Run as ``python3 packaging/dev.py bench memory --book FILE [--positions N] [--arms a,b] [--json]``. At positions in
the last half of a book the author's own next sentences are scored behind every arm (see ``writer/meter.py``); ratios
below 1 are better than the plain window, with 95 % intervals over positions.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

from writer import formats, library, meter, models
from writer.engines import EngineSpec
from writer.engines.host import Host
from writer.memory.update import update
from writer.store import Store
from writer.story import Project
from writer.text import language_of

MODELS = {"en": "smollm2-135m", "zh": "gemma3-270m"}


@contextmanager
def opened(file: Path, folder: Path) -> Iterator[Store]:
    """A book as a project: a text file is imported, a project only read."""
    if file.suffix == ".writer":
        with Store.reader(file) as store:
            yield store
        return
    book = formats.read_book(file)
    language = language_of("\n".join(section.text for section in book.sections))
    folder.mkdir(exist_ok=True)
    path = folder / f"{file.stem}.writer"
    with Store.create(path, Project(book.title or file.stem, book.premise, language)) as store:
        library.import_file(file, store)
        for _progress in update(store):
            pass
        yield store


def row(result: meter.Result) -> str:
    whole, names = result.against, result.against_names
    return (
        f"{result.arm:12} {result.perplexity:8.2f}  {whole.ratio:.3f} [{whole.low:.3f} {whole.high:.3f}]"
        f"  {result.names:9.2f}  {names.ratio:.3f} [{names.low:.3f} {names.high:.3f}]"
        f"  {result.tokens:6.0f}  {result.seconds:5.2f}"
    )


def ended(measuring: Generator[meter.Progress, None, meter.Report]) -> meter.Report:
    """The report; at a terminal it says how far it is."""
    while True:
        try:
            progress = next(measuring)
        except StopIteration as end:
            report: meter.Report = end.value
            return report
        if sys.stderr.isatty():
            print(f"\r{progress.done}/{progress.total}, {progress.seconds_left:.0f} s left ", end="", file=sys.stderr)


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench memory", description=__doc__)
    parser.add_argument("--book", type=Path, required=True)
    parser.add_argument("--other", type=Path, help="another book, whose memory is the control of the arm another")
    parser.add_argument("--positions", type=int, default=100)
    parser.add_argument("--arms", help="all by default")
    parser.add_argument("--budget", type=int, default=meter.BUDGET)
    parser.add_argument("--model", help="SmolLM2-135M for English, Gemma 3 270M for Chinese by default")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    arms = chosen.arms.split(",") if chosen.arms else [arm for arm in meter.ARMS if chosen.other or arm != "another"]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        store = stack.enter_context(opened(chosen.book, folder))
        model = chosen.model or MODELS[store.project.language]
        room = meter.longest(arms, chosen.budget) + meter.ROOM
        spec = EngineSpec("transformers", str(models.find(model)), model, room, chosen.threads)
        engine = stack.enter_context(Host(spec))
        other = None
        if chosen.other:
            other = meter.Book(stack.enter_context(opened(chosen.other, folder / "other")), engine, chosen.budget)
        book = meter.Book(store, engine, chosen.budget, other)
        report = ended(meter.measure(book, arms, chosen.positions, chosen.seed))
    if chosen.json:
        for result in report.results:
            print(json.dumps(asdict(result)))
        return 0
    print(f"{report.positions} positions, {report.scored} tokens, of these {report.names} in names, {model}")
    print("arm            perpl.  ratio [95 %]              names  ratio [95 %]             read  s each")
    for result in report.results:
        print(row(result))
    print(f"{report.seconds:.0f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
