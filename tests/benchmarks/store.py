"""How the project file bears a long book: opening, saving, its index, size, revisions, checking and closing.

Run as ``python3 packaging/dev.py bench store [--book FILE] [--json]``. Each figure is taken of a book and of one
ten times as long in turns, with its control in the same run; medians over rounds are reported, and ``_growth`` is the
long book's figure over the short one's.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

SIZES = {"short": (70_000, 300), "long": (700_000, 3_000)}
"""Words and scenes."""
CHAPTERS = 33
LONG_SCENE = 3_000
REVISIONS = 1_000
GIANT_SCENE = 484_000
GIANT_PARAGRAPH = 2_000_000

CHILD = """
import sys, time
start = float(sys.argv[1])
from pathlib import Path
from PySide6.QtCore import QTimer
from writer.ui.app import Desk, make_application
app = make_application(sys.argv[:1])
desk = Desk(app)
desk.start(Path(sys.argv[2]))
window = desk.window
def look():
    page = window.page
    window.activateWindow()
    if page.visit is not None and page.hasFocus() and not page.isReadOnly():
        print(time.time() - start)
        window.close()
        app.quit()
timer = QTimer(interval=2)
timer.timeout.connect(look)
timer.start()
QTimer.singleShot(60000, app.quit)
app.exec()
"""
CONTROL = """
import sys, time
start = float(sys.argv[1])
from PySide6.QtWidgets import QApplication, QTextEdit
app = QApplication(sys.argv[:1])
page = QTextEdit()
page.show()
app.processEvents()
print(time.time() - start)
"""


@dataclass(frozen=True, slots=True)
class Book:
    """A project on the disk, and what is in it."""

    path: Path
    text_bytes: int
    scene: int
    """The one of ``LONG_SCENE`` words, in the middle."""


# --- books


def prose(seed: int) -> Iterator[str]:
    """Endless paragraphs, each fifth one Chinese, from a vocabulary in which few words are frequent."""
    generator = random.Random(seed)
    letters = "etaoinshrdlucmfwypvbgk"
    words = ["".join(generator.choices(letters, range(22, 0, -1), k=generator.randint(2, 10))) for _ in range(9000)]
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    characters = [chr(generator.randrange(0x4E00, 0x9FA0)) for _ in range(2500)]
    for number in cycle(range(5)):
        sentences = []
        for _ in range(generator.randint(2, 7)):
            if number == 4:
                sentences.append(
                    "".join(generator.choices(characters, weights[:2500], k=generator.randint(6, 30))) + "。"
                )
            else:
                chosen = generator.choices(words, weights, k=generator.randint(5, 24))
                sentences.append(" ".join(chosen).capitalize() + ". ")
        yield "".join(sentences).rstrip()


def scenes_of(paragraphs: Iterator[str], words: int) -> Iterator[str]:
    """Scenes of about this many words each."""
    from writer.text import count_words

    scene: list[str] = []
    counted = 0
    for paragraph in paragraphs:
        scene.append(paragraph)
        counted += count_words(paragraph)
        if counted >= words:
            yield "\n".join(scene)
            scene, counted = [], 0


def make_book(path: Path, words: int, scenes: int, source: Path | None) -> Book:
    """A project of so many words in so many scenes, in ``CHAPTERS`` chapters."""
    from writer.store import Store
    from writer.story import Project

    if source is None:
        paragraphs = prose(seed=words)
    else:
        paragraphs = cycle([line for line in source.read_text("utf-8").splitlines() if line.strip()])
    texts = scenes_of(paragraphs, words // scenes)
    size = 0
    with Store.create(path, Project(f"A Book of {words} Words", "", "en")) as store, store.transaction():
        parent = long_scene = 0
        for number in range(scenes):
            if number % -(-scenes // CHAPTERS) == 0:
                parent = store.add(f"Chapter {number}")
            text = next(texts)
            if number == scenes // 2:
                text = next(scenes_of(paragraphs, LONG_SCENE))
            id = store.add(f"Scene {number} of the book", parent, text=text)
            size += len(text.encode())
            if number == scenes // 2:
                long_scene = id
    with Store.open(path) as store:
        store.put("scene", str(long_scene))
        store.put("caret", "100")
    return Book(path, size, long_scene)


# --- opening


def start_up(books: dict[str, Book], rounds: int) -> dict[str, float]:
    """Seconds from process start to an editable caret; control: a bare QTextEdit."""
    times: dict[str, list[float]] = {name: [] for name in ("bare", *books)}
    for _ in range(rounds):
        times["bare"].append(_run(CONTROL))
        for name, book in books.items():
            times[name].append(_run(CHILD, str(book.path)))
    return {f"start_{name}_ms": 1000 * statistics.median(values) for name, values in times.items()}


def _run(code: str, *arguments: str) -> float:
    command = [sys.executable, "-c", code, repr(time.time()), *arguments]
    return float(subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout.split()[-1])


class Desk:
    """A window, and the turning of its events."""

    def __init__(self) -> None:
        from writer import settings
        from writer.engines.echo import Echo
        from writer.ui.app import make_application
        from writer.ui.window import Window

        self.app = make_application(sys.argv[:1])
        self.window = Window(replace(settings.load(), language="en", suggestions=False), lambda chosen: Echo())
        self.window.resize(1280, 820)
        self.window.show()
        self.window.activateWindow()

    def wait(self, fact: Callable[[], bool], limit: float = 60.0) -> None:
        until = time.monotonic() + limit
        while not fact():
            assert time.monotonic() < until, "it never happened"
            self.app.processEvents()
            time.sleep(0.0005)

    def rest(self, seconds: float = 0.2) -> None:
        """Let everything happen that is still under way."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.app.processEvents()
            time.sleep(0.01)

    def open(self, book: Book) -> float:
        """Milliseconds from asking for a book to an editable caret in it."""
        page = self.window.page

        def is_there() -> bool:
            visit = page.visit
            return (
                self.window.project_path == book.path
                and visit is not None
                and visit.scene == book.scene
                and page.hasFocus()
                and not page.isReadOnly()
            )

        start = time.perf_counter()
        self.window.opening.open(book.path)
        self.wait(is_there)
        page.viewport().repaint()
        taken = (time.perf_counter() - start) * 1000
        self.rest()
        return taken


def opening(desk: Desk, books: dict[str, Book], small: Book, rounds: int) -> dict[str, float]:
    """Milliseconds from choosing a project to an editable, painted caret in it; control: a book of one scene."""
    times: dict[str, list[float]] = {name: [] for name in ("one_scene", *books)}
    for _ in range(rounds):
        for name, book in {"one_scene": small, **books}.items():
            times[name].append(desk.open(book))
    return {f"open_{name}_ms": statistics.median(values) for name, values in times.items()}


# --- saving


def saving(desk: Desk, book: Book, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of saving the long scene after a key, from handing over: until it is committed (``save``), until the
    window knows (``save_heard``), and how long the window itself was busy with it (``save_busy``)."""
    from PySide6.QtTest import QTest

    from writer.store import Store

    desk.open(book)
    desk.rest(4)  # the book before is being backed up
    session, page = desk.window.session, desk.window.page
    assert session is not None
    times: dict[str, list[float]] = {"save": [], "save_heard": [], "save_busy": []}
    committed: list[float] = []
    heard: list[float] = []
    session.counted.connect(lambda scene, words: heard.append(time.perf_counter()))
    store_save = Store.save

    def noting_save(store: Store, *values: Any, **options: Any) -> Any:
        saved = store_save(store, *values, **options)
        committed.append(time.perf_counter())
        return saved

    Store.save = noting_save  # type: ignore[method-assign]
    try:
        for number in range(rounds):
            QTest.keyClick(page, "abcdefgh "[number % 9])
            for _ in range(5):
                desk.app.processEvents()
            committed.clear()
            heard.clear()
            start = time.perf_counter()
            session.save()
            busy = time.perf_counter() - start
            desk.wait(lambda: bool(heard))
            times["save"].append((committed[0] - start) * 1000)
            times["save_heard"].append((heard[0] - start) * 1000)
            times["save_busy"].append(busy * 1000)
    finally:
        Store.save = store_save  # type: ignore[method-assign]
    return times


def storing(book: Book, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of ``store.save`` for the long scene, the same if it is indexed, and a bare UPDATE, in turns."""
    from writer.store import Store

    times: dict[str, list[float]] = {"store_save": [], "store_save_indexed": [], "bare_update": []}
    bare_path = book.path.with_suffix(".sqlite")
    bare = sqlite3.connect(bare_path, isolation_level=None)
    bare.execute("PRAGMA journal_mode = WAL")
    bare.execute("PRAGMA synchronous = FULL")
    bare.execute("CREATE TABLE bodies (node INTEGER PRIMARY KEY, text TEXT)")
    with Store.open(book.path) as store, Store.open(indexed(book)) as other:
        text = store.scene(book.scene).text
        other.save(book.scene, text)
        bare.execute("INSERT INTO bodies VALUES (1, ?)", [text])
        for number in range(rounds):
            text += " abcdefgh"[number % 9]
            start = time.perf_counter()
            bare.execute("UPDATE bodies SET text = ? WHERE node = 1", [text])
            middle = time.perf_counter()
            store.save(book.scene, text)
            end = time.perf_counter()
            other.save(book.scene, text)
            times["bare_update"].append((middle - start) * 1000)
            times["store_save"].append((end - middle) * 1000)
            times["store_save_indexed"].append((time.perf_counter() - end) * 1000)
        assert not other.index.stale()
    bare.close()
    bare_path.unlink()
    return times


# --- the index


def indexed(book: Book) -> Path:
    """A copy of a book that is wholly indexed."""
    from writer.store import Store, copies

    path = book.path.with_stem(book.path.stem + " indexed")
    if not path.exists():
        with Store.open(book.path) as store:
            copies.copy_to(store, path)
        with Store.open(path) as store:
            take_in(store)
    return path


def take_in(store: Any) -> None:
    from writer.chunks import cut

    for scene in store.index.stale():
        saved = store.scene(scene)
        store.index.put(scene, saved.revision, cut(saved.text))


def indexing(book: Book, rounds: int) -> dict[str, float]:
    """Seconds to index a book, its file then, and milliseconds of what is asked of the index and of opening."""
    from writer.store import Store

    start = time.perf_counter()
    path = indexed(book)
    taken = time.perf_counter() - start
    with Store.reader(path) as store:
        word = max(store.scene(book.scene).text.split()[:50], key=len)
        asked = {
            "index_stale_ms": _timed(store.index.stale, rounds),
            "index_keys_ms": _timed(store.index.keys, rounds),
            "index_find_ms": _timed(lambda: store.index.placed(store.index.rows(word)), rounds),
            "order_ms": _timed(store.order, rounds),
        }
    return {
        "index_s": taken,
        "file_indexed_over_text": path.stat().st_size / book.text_bytes,
        **asked,
        "store_open_ms": _timed(lambda: Store.open(book.path).close(), rounds),
        "store_open_indexed_ms": _timed(lambda: Store.open(path).close(), rounds),
    }


def giants(folder: Path, source: Path | None, rounds: int) -> dict[str, float]:
    """Milliseconds of a save in the middle of one scene of ``GIANT_SCENE`` words and of one paragraph of
    ``GIANT_PARAGRAPH`` bytes, and of the same save when it is indexed.
    """
    from writer.store import Store
    from writer.story import Project

    paragraphs = prose(seed=1) if source is None else iter(source.read_text("utf-8").splitlines() * 100)
    scene = next(scenes_of(paragraphs, GIANT_SCENE))
    texts = {"scene": scene, "paragraph": scene.replace("\n", " ").encode()[:GIANT_PARAGRAPH].decode(errors="ignore")}
    figures: dict[str, float] = {}
    for name, text in texts.items():
        with Store.create(folder / f"giant {name}.writer", Project("A Giant", "", "en")) as store:
            id = store.add("All of it", text=text)
            for arm in ("save", "save_indexed"):
                if arm == "save_indexed":
                    take_in(store)
                times = []
                for number in range(rounds + 1):
                    text = f"{text[: len(text) // 2]}{number}{text[len(text) // 2 :]}"
                    start = time.perf_counter()
                    store.save(id, text)
                    times.append((time.perf_counter() - start) * 1000)
                figures[f"giant_{name}_{arm}_ms"] = statistics.median(times[1:])  # the first keeps a revision
            assert not store.index.stale()
    return figures


# --- the rest


def sizes(book: Book) -> dict[str, float]:
    return {"file_over_text": book.path.stat().st_size / book.text_bytes}


def revisions(book: Book) -> dict[str, float]:
    """Milliseconds to list ``REVISIONS`` revisions of the long scene, and to read one."""
    from writer.store import Store

    with Store.open(book.path) as store:
        text = store.scene(book.scene).text
        with store.transaction():
            for number in range(REVISIONS):
                store.save(book.scene, f"{text} {number}")
                store.revisions.keep(book.scene, "snapshot", f"Draft {number}")
        listed = _timed(lambda: store.revisions.of(book.scene), 20)
        kept = store.revisions.of(book.scene)
        assert len(kept) >= REVISIONS
        middle = kept[len(kept) // 2].id
        read = _timed(lambda: store.revisions.read(middle), 20)
    return {
        "revisions_listed_ms": listed,
        "revision_read_ms": read,
        "file_with_revisions_over_text": sizes(book)["file_over_text"],
    }


def whole(book: Book, rounds: int) -> dict[str, float]:
    """Milliseconds of what goes over the whole book, and of closing it after a change."""
    from writer.store import Store
    from writer.store.check import check

    closing = []
    for number in range(rounds):
        store = Store.open(book.path)
        store.put("round", str(number))
        start = time.perf_counter()
        store.close()
        closing.append((time.perf_counter() - start) * 1000)
    with Store.open(book.path) as store:
        digest = _timed(store.digest, rounds)
    found = list(check(book.path))
    assert not found, found
    return {
        "check_ms": _timed(lambda: list(check(book.path)), rounds),
        "digest_ms": digest,
        "close_ms": statistics.median(closing),
    }


def _timed(work: Callable[[], Any], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def _percentile(values: list[float], percent: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)] if values else math.nan


def measure(folder: Path, source: Path | None, rounds: int, saves: int) -> dict[str, float]:
    """All figures by name."""
    books = {name: make_book(folder / f"{name}.writer", *size, source) for name, size in SIZES.items()}
    small = make_book(folder / "small.writer", LONG_SCENE, 1, source)
    figures: dict[str, float] = {}
    for name, book in books.items():
        figures |= {f"{figure}_{name}": value for figure, value in sizes(book).items()}
    for name, book in books.items():
        figures |= {f"{figure}_{name}": value for figure, value in indexing(book, rounds).items()}
    figures |= giants(folder, source, rounds)
    figures |= start_up(books, rounds)
    desk = Desk()
    figures |= opening(desk, books, small, rounds)
    times: dict[str, list[float]] = {}
    for _ in range(4):
        for name, book in books.items():
            for arm, values in saving(desk, book, saves // 4).items():
                times.setdefault(f"{arm}_{name}", []).extend(values)
    desk.window.close()
    for _ in range(4):
        for name, book in books.items():
            for arm, values in storing(book, saves // 4).items():
                times.setdefault(f"{arm}_{name}", []).extend(values)
    for arm, values in times.items():
        figures |= {f"{arm}_p{percent}_ms": _percentile(values, percent) for percent in (50, 99)}
    for name, book in books.items():
        figures |= {f"{figure}_{name}": value for figure, value in whole(book, rounds).items()}
    for name, book in books.items():
        figures |= {f"{figure}_{name}": value for figure, value in revisions(book).items()}
    return figures | growth(figures)


def growth(figures: dict[str, float]) -> dict[str, float]:
    """How many times the short book's figure the long one's is."""
    return {
        figure.replace("_long", "") + "_growth": value / figures[figure.replace("_long", "_short")]
        for figure, value in figures.items()
        if "_long" in figure and figures.get(figure.replace("_long", "_short"))
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench store", description=__doc__)
    parser.add_argument("--book", type=Path, help="a text whose paragraphs fill the scenes, over and over")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--saves", type=int, default=400)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    from writer import settings

    with tempfile.TemporaryDirectory() as name:
        os.environ["WRITER_HOME"] = str(Path(name) / "home")
        settings.save(replace(settings.load(), language="en", suggestions=False))
        figures = measure(Path(name), chosen.book, chosen.rounds, chosen.saves)
    for figure, value in figures.items():
        print(json.dumps({"figure": figure, "value": round(value, 3)}) if chosen.json else f"{figure:38} {value:10.3f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
