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

from writer.store import Store

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

TYPED = " and the gu"
SCENE = 15_000
SAMPLES = 40

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
    """Milliseconds of a key's handling and repaint: with nothing else going on, and while something does.

    ``through`` are keys that the suggestion predicted, ``against`` those that dismiss it. ``reporting`` are keys while
    the Memory panel finds out what to show, ``reading`` while the model reads a new paragraph, and ``building`` while
    the memory of the book is made.
    """
    from PySide6.QtCore import QEventLoop, Qt
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
    window.opening.open(project)
    page, panel = window.page, window.memory

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
    assert wait(lambda: panel.remembered is not None and panel.remembered.prompt is not None), "nothing remembered"
    start = page.visit.text
    window.change_settings(pause_ms=10_000)
    session = window.session
    assert session is not None
    alone, through, against, reporting, reading, building = [], [], [], [], [], []
    for _ in range(rounds):
        page.perform("dismiss")
        panel.hide()
        for character in TYPED:
            alone.append(press(character))
            turn()
        restore(page, start)
        panel.show()
        for character in TYPED:
            panel.look()
            time.sleep(0.02)  # until the thread is at it
            is_under_way = panel._job is not None
            spent = press(character)
            reporting += [spent] if is_under_way else []
            turn()
        restore(page, start)
        QTest.keyClick(page, Qt.Key.Key_Return)
        turn(1)
        for character in TYPED:
            reading.append(press(character))
            turn(1)
        restore(page, start)
        session.change(forget)
        seen: list[object] = []
        hear = seen.append
        panel.remembering.progressed.connect(hear)
        panel.remembering.resume()
        if wait(lambda seen=seen: bool(seen), 20):
            for character in TYPED:
                building += [press(character)] if panel.remembering.is_running else []
                turn()
        panel.remembering.pause()
        panel.remembering.progressed.disconnect(hear)
        restore(page, start)
        page.perform("ask")
        through += [press(page.ghost.text[0]) for _ in range(12) if wait(is_streaming, 2)]
        if wait(is_streaming, 2):
            against.append(press("~"))
        restore(page, start)
    window.close()
    arms = {
        "alone": alone,
        "through": through,
        "against": against,
        "streaming": through + against,
        "reporting": reporting,
        "reading": reading,
        "building": building,
    }
    return {
        f"{name}_{figure}": value
        for name, times in arms.items()
        for figure, value in (
            ("keys", len(times)),
            ("p50_ms", _percentile(times, 50)),
            ("p99_ms", _percentile(times, 99)),
        )
    }


def forget(store: Store) -> None:
    """Let nothing be remembered of the book."""
    for kind in ("digest", "summary"):
        store.index.sweep(kind, ())


def restore(page: Any, text: str) -> None:
    """Undo until the page says this again."""
    while page.visit.text != text and page.document().isUndoAvailable():
        page.undo()


def _percentile(values: list[float], percent: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)] if values else math.nan


def make_project(folder: Path, book: Path | None) -> Path:
    """A long scene behind a long book: 3,000 words from the book behind all of it, or the sample behind forty of it."""
    from writer import files, formats
    from writer.memory.update import update
    from writer.story import Project

    if book is not None:
        text = book.read_text("utf-8")
        prose, earlier = text[4000:21000], [text[at : at + SCENE] for at in range(0, len(text), SCENE)]
    else:
        sections = formats.read(files.assets() / "samples" / "en.md")
        prose = "\n".join(section.text for section in sections if section.text)
        earlier = [prose] * SAMPLES
    path = folder / "typing.writer"
    with Store.create(path, Project("Typing", "", "en")) as store:
        for number, scene in enumerate(earlier, 1):
            store.add(f"Chapter {number}", text=scene)
        store.add("One", text=" ".join(prose.rstrip().split(" ")))
        for _ in update(store):
            pass
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
