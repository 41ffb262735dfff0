"""Two windows on one project: the first comes to the front; where nobody answers, the second only reads."""

import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time

import pytest
from PySide6.QtWidgets import QApplication

from writer import settings
from writer.settings import Settings
from writer.store import Store
from writer.story import Project
from writer.ui import instance

FIRST = """
import sys
from pathlib import Path
from writer.ui import app, window

come_to_front = window.Window.come_to_front

def tell(self):
    come_to_front(self)
    print("front", self.isMinimized(), flush=True)

window.Window.come_to_front = tell
shown = window.Window.show
window.Window.show = lambda self: (shown(self), self.showMinimized() if not self.session else None)
sys.exit(app.run(Path(sys.argv[1])))
"""

KNOCK = """
import sys
from pathlib import Path
from writer.ui import instance

print(instance.knock(Path(sys.argv[1])))
"""


@pytest.fixture
def book(tmp_path):
    settings.save(Settings(language="en", suggestions=False))
    path = tmp_path / "book.writer"
    with Store.create(path, Project("A Book", "", "en")) as store:
        store.add("One", text="Here.")
    return path


def wait_for(fact, seconds=20):
    end = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def first(book):
    """Another process with the project in its window."""
    process = subprocess.Popen([sys.executable, "-c", FIRST, book], stdout=subprocess.PIPE, text=True)
    try:
        wait_for(lambda: os.path.exists(instance.address(book)))
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_second_start_brings_the_first_window_to_the_front(book, first):
    second = subprocess.run([sys.executable, "-m", "writer", book], capture_output=True, text=True, timeout=60)
    assert (second.returncode, second.stdout, second.stderr.replace("propagateSizeHints", "")) == (0, "", "")
    assert first.stdout.readline() == "front False\n"
    settings.remember(book)
    again = subprocess.run([sys.executable, "-m", "writer"], capture_output=True, text=True, timeout=60)
    assert again.returncode == 0
    assert first.stdout.readline() == "front False\n"
    first.send_signal(signal.SIGTERM)
    assert first.wait(30) == 0
    assert not os.path.exists(instance.address(book))
    with Store.open(book) as store:
        assert store.recovered is None


def test_a_window_with_another_book_says_where_this_one_is(open_desk, book, first):
    desk = open_desk(["Mine."], suggestions=False)
    desk.window.opening.open(book)
    desk.qtbot.waitUntil(lambda: "now in front" in desk.window.notice.message)
    assert first.stdout.readline() == "front False\n"
    assert desk.text == "Mine."
    desk.write("!")
    assert desk.wait_saved() == "Mine.!"


def test_a_socket_that_a_killed_window_left_belongs_to_nobody(qtbot, book, first):
    first.send_signal(signal.SIGKILL)
    first.wait()
    place = instance.address(book)
    assert os.path.exists(place)
    assert not instance.knock(book)
    with Store.open(book):
        door = instance.Door()
        door.open(book)
        with qtbot.waitSignal(door.knocked):
            other = subprocess.Popen([sys.executable, "-c", KNOCK, book], stdout=subprocess.PIPE, text=True)
        qtbot.waitUntil(lambda: other.poll() is not None)
        assert other.communicate() == ("True\n", None)
        door.close()


def test_a_window_that_hangs_freezes_no_other(book):
    place = instance.address(book)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(place)
        deaf.listen()
        answers, ticks = [], 0
        knocking = threading.Thread(target=lambda: answers.append(instance.knock(book)))
        knocking.start()
        while knocking.is_alive():
            time.sleep(0.01)
            ticks += 1
    assert answers == [False]
    assert ticks > 10


def test_only_this_user_may_knock(open_desk, book):
    desk = open_desk(path=book, suggestions=False)
    desk.qtbot.waitUntil(lambda: desk.window.door.is_open)
    assert not stat.S_IMODE(os.stat(instance.address(book)).st_mode) & 0o077
    desk.window.close()
    assert not os.path.exists(instance.address(book))


def test_every_way_to_a_project_is_one_door_and_every_project_another(tmp_path, monkeypatch):
    path, other, link = (tmp_path / name for name in ("a.writer", "b.writer", "link.writer"))
    path.touch()
    link.symlink_to(path)
    assert instance.address(path) == instance.address(link) != instance.address(other)
    monkeypatch.setenv("WRITER_HOME", str(tmp_path / ("deep" * 40)))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    assert instance.address(path) == ""
    assert not instance.knock(path)


def test_where_nobody_answers_the_project_is_read_until_it_is_free(open_desk, book):
    with Store.open(book):
        desk = open_desk(path=book, suggestions=False)
        assert desk.state == "Read-only"
        assert "being written elsewhere" in desk.window.notice.message
        desk.write("!")
        assert desk.text == "Here."
    desk.window.notice.act(1)
    desk.qtbot.waitUntil(lambda: desk.state == "Saved" and desk.page.visit is not None)
    assert desk.window.notice.message == ""
    desk.write("!")
    assert desk.wait_saved() == "Here.!"


def test_a_refused_project_leaves_two_ways_on_and_no_dead_controls(open_desk, book, tmp_path):
    desk = open_desk(path=book, suggestions=False)
    window = desk.window
    assert not window.blank.isVisible()
    desk.window.closing.put_away()
    bad = tmp_path / "bad.writer"
    bad.write_bytes(b"no project" * 100)
    window.opening.open(bad)
    desk.qtbot.waitUntil(lambda: "not a Writer project" in window.notice.message)
    assert window.blank.isVisible()
    assert window.blank.open.isVisible()
    assert not window.page.isVisible()
    assert not window.saved.isVisible()
    offered = {action.text() for menu in window._menus.actions() for action in menu.menu().actions()}
    assert "New scene" in offered
    for menu in window._menus.actions():
        for action in menu.menu().actions():
            if action.text() in ("New scene", "Split here", "Bin", "Save as…", "Export…", "Next scene"):
                assert not action.isEnabled(), action.text()
    window.opening.open(book)
    desk.qtbot.waitUntil(lambda: window.page.isVisible() and window.page.visit is not None)
    assert not window.blank.isVisible()
    desk.write("!")
    assert desk.wait_saved() == "Here.!"
    QApplication.processEvents()
