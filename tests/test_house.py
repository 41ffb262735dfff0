"""The walls of the house that no linter sees."""

import subprocess
import sys

import pytest
from PySide6.QtWidgets import QLabel

from writer import __version__, files

HEAVY = ("torch", "transformers", "peft", "xllamacpp", "huggingface_hub", "numpy", "sqlite_utils", "sentencex")
READERS = ("rjieba", "writer.facts", "writer.names", "writer.bible", "writer.memory.recall", "writer.memory.preceding")
"""What reads a book for its memory: the page comes first."""

OPEN_WINDOW = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from writer.ui.app import Desk, make_application
app = make_application(sys.argv[:1])
desk = Desk(app)
desk.start(Path(sys.argv[1]))
heavy, readers = (names.split(",") for names in sys.argv[2:])
shown = []
def loaded(names):
    return [name for name in names if name in sys.modules]
def on_page():
    if not shown:
        shown.append(loaded(readers))
desk.window.page.rested.connect(on_page)
def look():
    if desk.window.page.visit is not None and desk.window.suggestions.state != "":
        desk.window.close()
        app.quit()
timer = QTimer(interval=20)
timer.timeout.connect(look)
timer.start()
QTimer.singleShot(30000, lambda: app.exit(3))
code = app.exec()
print(loaded(heavy), *shown)
sys.exit(code)
"""


def test_qt_does_not_take_references_of_none(qtbot):
    """A PySide that does would abort the program after a few thousand calls."""
    label = QLabel()
    qtbot.addWidget(label)
    before = sys.getrefcount(None)
    for _ in range(500):
        label.update()
    assert abs(sys.getrefcount(None) - before) < 50


def test_the_window_opens_without_the_heavy_libraries(tmp_path, home):
    from writer.settings import Settings, save
    from writer.store import Store
    from writer.story import Project

    path = tmp_path / "book.writer"
    with Store.create(path, Project("A Book", "", "en")) as store:
        store.add("One", text="The gulls rose.")
    save(Settings(language="en"))
    command = [sys.executable, "-c", OPEN_WINDOW, str(path), ",".join(HEAVY), ",".join(READERS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[] []"


@pytest.mark.parametrize("name", ["models.toml", "icon.svg", "samples/en.md", "samples/zh.md"])
def test_the_assets_are_there(name):
    assert (files.assets() / name).is_file()


def test_the_version_is_one():
    assert __version__.count(".") == 2
    done = subprocess.run([sys.executable, "-m", "writer", "--version"], capture_output=True, text=True, check=True)
    assert __version__ in done.stdout
