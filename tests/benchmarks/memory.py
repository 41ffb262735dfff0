"""Does memory help, and what does it cost?

Run as ``python3 packaging/dev.py bench memory --book FILE [--other FILE] [--positions N] [--arms a,b] [--json]``. At
positions in the last half of a book the author's own next sentences are scored behind every arm, all of one size but
the wider windows (see ``writer/meter``): perplexity overall and on names, and its ratio to the plain window, below 1 if
better, with bootstrap 95 % intervals over positions. The control of style alone is ``another``, the memory of another
book.

With ``--costs`` instead, for books of 70,000 and 700,000 words in scenes of 2,000 made of the same paragraphs, each in
a process of its own, medians unless said otherwise:

- ``build_s`` and ``peak_mb``: reading the whole book, and the memory of the process then; control: ``import_s``, only
  saving it;
- ``edit_ms``: bringing it up to date when a sentence in the middle was changed; control: building all; ``left_ms``:
  when the author then goes to the end, what had waited for that;
- ``before_ms`` and ``recall_ms`` (``p50``, ``p95``): what precedes a caret, and the sentences that matter to what was
  written last there;
- ``file_over_text``: how many times the text's own bytes the project has with its memory.

With ``--planted``, facts that were planted in the first third are asked for in the last (``bench planted``).
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

import psutil

from writer import formats, library, meter, models, text
from writer.engines import EngineSpec
from writer.engines.host import Host
from writer.memory.update import update
from writer.store import Store
from writer.story import Cursor, Project

SIZES = {"short": 70_000, "long": 700_000}
SCENE = 2_000
EDITS = 15
CARETS = 60
QUERY = 300
MODELS = {"en": "smollm2-135m", "zh": "gemma3-270m"}


@contextmanager
def opened(file: Path, folder: Path) -> Iterator[Store]:
    """A book as a project: a text file is imported, a project only read."""
    if file.suffix == ".writer":
        with Store.reader(file) as store:
            yield store
        return
    book = formats.read_book(file)
    language = text.language_of("\n".join(section.text for section in book.sections))
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


# --- what it costs


def costs(source: Path | None, words: int, folder: Path) -> dict[str, float]:
    """All figures for a book of so many words."""
    from tests.benchmarks.planted import paragraphs_of
    from writer.memory.preceding import before
    from writer.memory.recall import recall

    language = text.language_of(formats.read_text(source)) if source else "en"
    scenes = [""]
    for paragraph in paragraphs_of(source, words, language):
        if text.count_words(scenes[-1]) >= SCENE:
            scenes.append("")
        scenes[-1] += paragraph + "\n\n"
    path = folder / "book.writer"
    figures: dict[str, float] = {}
    with Store.create(path, Project("Costs", "", language)) as store:
        with timed(figures, "import_s"), store.transaction():
            ids = [store.add(f"Scene {number}", text=scene) for number, scene in enumerate(scenes, 1)]
        with timed(figures, "build_s"):
            exhaust(update(store))
        figures["peak_mb"] = peak_mb()
        middle = ids[len(ids) // 2]
        edits, leaves = [], []
        for number in range(2 * EDITS):
            prose = store.scene(middle).text
            at = len(prose) // 2
            store.save(middle, prose[:at] + f" {number} " + prose[at:])
            started = time.perf_counter()
            exhaust(update(store, middle))
            edits.append((time.perf_counter() - started) * 1000)
            if number >= EDITS:
                started = time.perf_counter()
                exhaust(update(store, ids[-1]))
                leaves.append((time.perf_counter() - started) * 1000)
        figures["edit_ms"] = statistics.median(edits)
        figures["left_ms"] = statistics.median(leaves)
        figures["edit_share"] = figures["edit_ms"] / 1000 / figures["build_s"]
        looked: dict[str, list[float]] = {"before": [], "recall": []}
        for id in random.Random(3).choices(ids[len(ids) // 2 :], k=CARETS):
            prose = store.scene(id).text
            cursor = Cursor(id, prose, len(prose) // 2)
            started = time.perf_counter()
            known = before(store, cursor)
            known.cast(), known.story()
            between = time.perf_counter()
            recall(store, cursor, cursor.before[-QUERY:], 8)
            looked["before"].append((between - started) * 1000)
            looked["recall"].append((time.perf_counter() - between) * 1000)
        for name, times in looked.items():
            figures[f"{name}_first_ms"] = times[0]
            figures[f"{name}_p50_ms"] = statistics.median(times)
            figures[f"{name}_p95_ms"] = sorted(times)[int(0.95 * len(times))]
    figures["file_over_text"] = path.stat().st_size / sum(len(scene.encode()) for scene in scenes)
    return figures


@contextmanager
def timed(figures: dict[str, float], name: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    figures[name] = time.perf_counter() - started


def exhaust(work: Generator[object, None, object]) -> None:
    for _step in work:
        pass


def peak_mb() -> float:
    """The most memory this process ever had, or has now where that is not told."""
    try:
        import resource
    except ImportError:
        return float(psutil.Process().memory_info().rss / 1e6)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(peak / 1e6 if sys.platform == "darwin" else peak / 1e3)


def all_costs(source: Path | None) -> dict[str, float]:
    """The figures of both sizes, and how many times the short book's the long one's are."""
    figures: dict[str, float] = {}
    for size, words in SIZES.items():
        command = [sys.executable, "-m", "tests.benchmarks.memory", "--costs-of", str(words)]
        command += ["--book", str(source)] if source else []
        said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        figures |= {f"{name}_{size}": value for name, value in json.loads(said).items()}
    names = [figure.removesuffix("_long") for figure in figures if figure.endswith("_long")]
    return figures | {f"{name}_growth": figures[f"{name}_long"] / figures[f"{name}_short"] for name in names}


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench memory", description=__doc__)
    parser.add_argument("--book", type=Path)
    parser.add_argument("--other", type=Path, help="another book, whose memory is the control of the arm another")
    parser.add_argument("--positions", type=int, default=100)
    parser.add_argument("--arms", help="all by default")
    parser.add_argument("--budget", type=int, default=meter.BUDGET)
    parser.add_argument("--model", help="SmolLM2-135M for English, Gemma 3 270M for Chinese by default")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--costs", action="store_true", help="what it costs, instead")
    parser.add_argument("--costs-of", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--planted", action="store_true", help="whether planted facts are found, instead")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    if chosen.planted:
        book = ["--book", str(chosen.book)] if chosen.book else []
        words = [*book, *(["--json"] if chosen.json else [])]
        return subprocess.call([sys.executable, "-m", "tests.benchmarks.planted", *words])
    if chosen.costs_of:
        with tempfile.TemporaryDirectory() as name:
            print(json.dumps(costs(chosen.book, chosen.costs_of, Path(name))))
        return 0
    if chosen.costs:
        for figure, value in all_costs(chosen.book).items():
            line = {"figure": figure, "value": round(value, 3)}
            print(json.dumps(line) if chosen.json else f"{figure:26} {value:10.3f}")
        return 0
    if chosen.book is None:
        parser.error("--book is missing")
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
