"""How the window feels: the time until it can be used, until it helps, and what a key costs meanwhile.

Run as ``python3 packaging/dev.py bench typing [--book FILE] [--json]``. Every figure has its control in
the same run, rounds are interleaved, and medians over rounds are reported.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

PROSE = (
    "The ferry had not come for three days, and the village had run out of lamp oil. Marta walked down to the "
    "landing every morning and looked across the grey water, and every morning the far bank was a little less sure.\n"
)
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


def keys(project: Path, count: int) -> dict[str, float]:
    """Milliseconds of a key's handling and repaint: alone, while a suggestion streams, and typed through one."""
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

    def wait(fact: object, limit: float = 60.0) -> bool:
        until = time.monotonic() + limit
        while not fact() and time.monotonic() < until:  # type: ignore[operator]
            turn()
            time.sleep(0.001)
        return bool(fact())  # type: ignore[operator]

    def press(character: str) -> float:
        start = time.perf_counter()
        QTest.keyClick(page, character)
        page.viewport().repaint()
        return (time.perf_counter() - start) * 1000

    assert wait(lambda: page.visit is not None and page.hasFocus())
    assert wait(lambda: page.has_ghost), "no suggestion came"
    alone, streaming, through = [], [], []
    for round_ in range(count):
        window.set_suggestions(False)
        turn()
        for character in " and":
            alone.append(press(character))
            turn()
        window.set_suggestions(True)
        for arm in (streaming, through):
            assert wait(lambda: window.suggestions.state == "ready")
            page.perform("ask")
            assert wait(lambda: page.has_ghost)
            for _ in range(8):
                if not (page.has_ghost and window.suggestions.state == "thinking"):
                    break
                expected = page.ghost.text[0]
                arm.append(press("q" if arm is streaming else expected))
                if arm is streaming:
                    page.perform("ask")
                    wait(lambda: page.has_ghost, 5)
                turn()
        page.perform("dismiss")
        if round_ % 5 == 4:
            page.undo()
    window.close()
    return {
        "keys_alone": len(alone),
        "keys_streaming": len(streaming),
        "keys_through": len(through),
        "alone_p50_ms": statistics.median(alone),
        "alone_p99_ms": _p99(alone),
        "streaming_p50_ms": statistics.median(streaming),
        "streaming_p99_ms": _p99(streaming),
        "through_p50_ms": statistics.median(through),
        "through_p99_ms": _p99(through),
    }


def _p99(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.99))]


def make_project(folder: Path, book: Path | None) -> Path:
    """A scene of about 3,000 words, from the book or from words of our own."""
    from writer.store import Store
    from writer.story import Project

    prose = book.read_text("utf-8")[4000:21000] if book is not None else PROSE * 80
    path = folder / "typing.writer"
    with Store.create(path, Project("Typing", "", "en")) as store:
        store.add("One", text=" ".join(prose.rstrip().split(" ")))
    return path


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench typing", description=__doc__)
    parser.add_argument("--book", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keys", type=int, default=25)
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
        figures = start_up(sample, chosen.rounds) | keys(make_project(Path(name), chosen.book), chosen.keys)
    for figure, value in figures.items():
        print(json.dumps({"figure": figure, "value": round(value, 3)}) if chosen.json else f"{figure:20} {value:10.3f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
