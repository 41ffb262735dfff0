"""How the window feels: the time until it can be used, until it helps, and what a key costs meanwhile.

Run as ``python3 packaging/dev.py bench typing [--book FILE] [--json]``. Every figure has its control in
the same run, rounds are interleaved, and medians over rounds are reported.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

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
seen = {}
def look():
    page = window.page
    page.activateWindow()
    if "usable" not in seen and page.visit is not None and page.hasFocus():
        seen["usable"] = time.time() - start
    if page.has_ghost:
        seen["suggestion"] = time.time() - start
        window.close()
        app.quit()
timer = QTimer(interval=5)
timer.timeout.connect(look)
timer.start()
QTimer.singleShot(60000, app.quit)
app.exec()
print(seen.get("usable", -1), seen.get("suggestion", -1))
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


def start_up(project: Path, rounds: int) -> dict[str, float]:
    """Seconds from process start to an editable caret and to the first grey text; control: a bare QTextEdit."""
    usable, suggestion, bare = [], [], []
    for _ in range(rounds):
        bare.append(float(_run(CONTROL, [])[0]))
        first, second = _run(CHILD, [str(project)])
        usable.append(float(first))
        suggestion.append(float(second))
    return {
        "bare_window_s": statistics.median(bare),
        "window_usable_s": statistics.median(usable),
        "first_suggestion_s": statistics.median(suggestion),
    }


def _run(code: str, arguments: list[str]) -> list[str]:
    command = [sys.executable, "-c", code, repr(time.time()), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout.split()[-2:] if arguments else done.stdout.split()[-1:]


def keys(project: Path, rounds: int) -> dict[str, float]:
    """Milliseconds of a key's handling and repaint: with nothing else going on, and while a suggestion streams.

    ``through`` are keys that the suggestion predicted, ``against`` those that dismiss it.
    """
    from PySide6.QtCore import QEventLoop
    from PySide6.QtTest import QTest

    from writer import models, settings
    from writer.ui.app import make_application
    from writer.ui.window import Window

    app = make_application(sys.argv[:1])
    chosen = replace(settings.load(), language="en", engine="llamacpp", pause_ms=0, words=300, seed=3)
    window = Window(chosen, models.open_engine)
    window.resize(1280, 820)
    window.show()
    window.activateWindow()
    window.open_project(project)
    page = window.page

    def turn(ms: int = 10) -> None:
        app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, ms)

    def wait(fact: Callable[[], bool], limit: float = 60.0) -> bool:
        until = time.monotonic() + limit
        while not fact() and time.monotonic() < until:
            turn()
            time.sleep(0.001)
        return fact()

    def press(character: str) -> float:
        start = time.perf_counter()
        QTest.keyClick(page, character)
        page.viewport().repaint()
        return (time.perf_counter() - start) * 1000

    def is_streaming() -> bool:
        return page.has_ghost and window.suggestions.state == "thinking"

    assert wait(lambda: page.visit is not None and page.hasFocus())
    assert wait(lambda: page.has_ghost), "no suggestion came"
    start = page.visit.text
    alone, through, against = [], [], []
    for _ in range(rounds):
        page.perform("dismiss")
        for character in " and the gu":
            alone.append(press(character))
            turn()
        restore(page, start)
        page.perform("ask")
        through += [press(page.ghost.text[0]) for _ in range(12) if wait(is_streaming, 2)]
        if wait(is_streaming, 2):
            against.append(press("~"))
        restore(page, start)
    window.close()
    arms = {"alone": alone, "through": through, "against": against, "streaming": through + against}
    return {
        f"{name}_{figure}": value
        for name, times in arms.items()
        for figure, value in (
            ("keys", len(times)),
            ("p50_ms", _percentile(times, 50)),
            ("p99_ms", _percentile(times, 99)),
        )
    }


def restore(page: Any, text: str) -> None:
    """Undo until the page says this again."""
    while page.visit.text != text and page.document().isUndoAvailable():
        page.undo()


def _percentile(values: list[float], percent: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)] if values else math.nan


def make_project(folder: Path, book: Path | None) -> Path:
    """One long scene: 3,000 words from the book, or all of the sample's."""
    from writer import files, formats
    from writer.store import Store
    from writer.story import Project

    if book is not None:
        prose = book.read_text("utf-8")[4000:21000]
    else:
        sections = formats.read(files.assets() / "samples" / "en.md")
        prose = "\n".join(section.text for section in sections if section.text)
    path = folder / "typing.writer"
    with Store.create(path, Project("Typing", "", "en")) as store:
        store.add("One", text=" ".join(prose.rstrip().split(" ")))
    return path


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench typing", description=__doc__)
    parser.add_argument("--book", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--suggestions", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    from writer import files, library, models, settings

    whole = models.folder()
    with tempfile.TemporaryDirectory() as name:
        os.environ["WRITER_HOME"] = name
        files.data_folder().mkdir(parents=True)
        models.folder().symlink_to(whole, target_is_directory=True)
        settings.save(replace(settings.load(), language="en", engine="llamacpp"))
        sample = library.sample("en", Path(name))
        figures = start_up(sample, chosen.rounds) | keys(make_project(Path(name), chosen.book), chosen.suggestions)
    for figure, value in figures.items():
        print(json.dumps({"figure": figure, "value": round(value, 3)}) if chosen.json else f"{figure:20} {value:10.3f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
