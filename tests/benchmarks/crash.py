"""What kill -9 takes from an author: characters typed into the real window, and texts stored in a loop.

Run as ``python3 packaging/dev.py bench crash [--rounds 200] [--json]``. Each round ends a child process at a random
moment, opens what it left, and counts. Nothing that was told to be saved may be gone, and nothing that was typed longer
than a second ago; if either happens, the command fails.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

LIMIT_MS = 1000
PACES = {"human": (40, 260), "fast": (0, 4)}
"""Milliseconds between two keys."""

TYPE = """
import os, random, sys, time
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from dataclasses import replace
from pathlib import Path
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from tests.benchmarks.crash import prose
from writer import settings
from writer.engines.echo import Echo
from writer.ui.app import make_application
from writer.ui.window import Window

path, seed, low, high = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
app = make_application(sys.argv[:1])
window = Window(replace(settings.load(), language="en", suggestions=False), lambda chosen: Echo())
window.show()
window.activateWindow()
window.opening.open(path)
page = window.page
while page.visit is None or not page.hasFocus():
    app.processEvents()
def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())
window.session.saved.connect(lambda: say("saved", len(page.visit.text)))
pause = random.Random(seed)
say("typing", time.monotonic(), len(page.visit.text))
for character in prose(seed):
    if ord(character) < 128:
        QTest.keyClick(page, "\\r" if character == "\\n" else character)
    else:
        done = QInputMethodEvent()
        done.setCommitString(character)
        QApplication.sendEvent(page, done)
    say("typed", time.monotonic(), len(page.visit.text))
    until = time.monotonic() + pause.uniform(low, high) / 1000
    while True:
        app.processEvents()
        if time.monotonic() >= until:
            break
        time.sleep(0.002)
"""

STORE = """
import os, sys
from pathlib import Path
from tests.benchmarks.crash import numbered
from writer.store import Store

with Store.open(Path(sys.argv[1])) as store:
    scene = store.nodes()[0].id
    os.write(1, b"typing 0 0\\n")
    for number in range(1_000_000):
        store.save(scene, numbered(number))
        os.write(1, f"saved {number}\\n".encode())
"""


@dataclass(frozen=True, slots=True)
class Loss:
    """What was gone after one kill: of what was typed, and of what was told to be saved."""

    kind: str
    typed: int
    characters: int
    milliseconds: float
    """Since the first of the lost characters was typed."""
    committed: int
    was_named: bool
    """Whether the next start said that it recovered this scene, if anything in it had been saved."""

    @property
    def is_too_much(self) -> bool:
        return bool(self.committed) or self.milliseconds > LIMIT_MS or not self.was_named


def prose(seed: int, length: int = 20_000) -> str:
    """What is typed: words, paragraphs and Chinese, without spaces at a paragraph's end."""
    generator = random.Random(seed)
    words = ["gulls", "harbour", "the", "rose", "and", "rain", "海鸥", "飞起来了。", "a", "Nobody", "spoke.", "雾"]
    return "".join(
        generator.choice(words) + generator.choice([" ", " ", " ", " ", " ", "\n"]) for _ in range(length // 5)
    )


def numbered(number: int) -> str:
    """A text of a few pages that says which it is, in every word."""
    return f"{number} " * 2000


def kill_typing(folder: Path, seed: int, pace: str, after: tuple[float, float] = (0.1, 2.5)) -> Loss:
    """Kill a window into which somebody types, and count what is gone."""
    path = _project(folder)
    said, killed = _kill(TYPE, [str(path), str(seed), *map(str, PACES[pace])], random.Random(seed).uniform(*after))
    times = [float(line[1]) for line in said if line[0] == "typed"]
    saved = max([0, *(int(line[1]) for line in said if line[0] == "saved")])
    text, recovered = _reopened(path)
    assert prose(seed).startswith(text), "the file holds what nobody typed"
    lost = max(0, len(times) - len(text))
    since = (killed - times[len(text)]) * 1000 if lost else 0.0
    was_named = recovered == ("One",) if text else True
    return Loss(pace, len(times), lost, since, max(0, saved - len(text)), was_named)


def kill_storing(folder: Path, seed: int, after: tuple[float, float] = (0.02, 0.6)) -> Loss:
    """Kill a process that stores one text after the other, and count what is gone."""
    path = _project(folder)
    said, _killed = _kill(STORE, [str(path)], random.Random(seed).uniform(*after))
    saved = max([-1, *(int(line[1]) for line in said if line[0] == "saved")])
    text, recovered = _reopened(path)
    number = int(text.split()[0]) if text else -1
    assert text == (numbered(number) if text else ""), "half of one text and half of another"
    was_named = recovered == ("One",) if text else True
    return Loss("storing", saved + 1, 0, 0.0, max(0, saved - number), was_named)


def _project(folder: Path) -> Path:
    from writer.store import Store
    from writer.story import Project

    path = folder / "book.writer"
    with Store.create(path, Project("A Book", "", "en")) as store:
        store.add("One")
    return path


def _kill(code: str, arguments: list[str], after: float) -> tuple[list[list[str]], float]:
    """What the child said, by words, and when it was killed."""
    root = Path(__file__).resolve().parents[2]
    child = subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True, cwd=root)
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline().startswith("typing"), "the child did not start"
        time.sleep(after)
        killed = time.monotonic()
        child.kill()
        lines = child.stdout.read().splitlines()
    child.wait()
    return [line.split() for line in lines], killed


def _reopened(path: Path) -> tuple[str, tuple[str, ...] | None]:
    """The text that is there after the kill, in a file that is whole, and what the next start says of it."""
    from writer.store import Store
    from writer.store.check import check

    with Store.open(path) as store:
        text = store.scene(store.nodes()[0].id).text
        recovered = store.recovered
    assert list(check(path)) == []
    assert sorted(path.parent.iterdir()) == [path]
    path.unlink()
    return text, recovered


def rounds(count: int) -> list[Loss]:
    losses = []
    for seed in range(count):
        with tempfile.TemporaryDirectory() as name:
            losses.append(kill_typing(Path(name), seed, list(PACES)[seed % 2]))
            losses.append(kill_storing(Path(name), seed))
    return losses


def figures(losses: list[Loss]) -> dict[str, float]:
    found: dict[str, float] = {}
    for kind in (*PACES, "storing"):
        some = [loss for loss in losses if loss.kind == kind]
        if not some:
            continue
        found[f"{kind}_rounds"] = len(some)
        found[f"{kind}_typed"] = sum(loss.typed for loss in some)
        found[f"{kind}_committed_lost"] = sum(loss.committed for loss in some)
        if kind != "storing":
            for what in ("characters", "milliseconds"):
                values = [getattr(loss, what) for loss in some]
                found |= {f"{kind}_{what}_lost": statistics.median(values), f"{kind}_{what}_lost_max": max(values)}
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench crash", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.environ["WRITER_HOME"] = name
        losses = rounds(chosen.rounds)
    for figure, value in figures(losses).items():
        print(json.dumps({"figure": figure, "value": round(value, 3)}) if chosen.json else f"{figure:28} {value:10.3f}")
    too_much = [loss for loss in losses if loss.is_too_much]
    for loss in too_much:
        print(loss, file=sys.stderr)
    return 1 if too_much else 0


if __name__ == "__main__":
    raise SystemExit(main())
