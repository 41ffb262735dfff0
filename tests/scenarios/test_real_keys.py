"""The program as it is installed, on a real X server, driven by real key events from outside."""

import os
import shutil
import subprocess
import sys
import time

import pytest

from writer.store import Store
from writer.story import Project

pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(sys.platform != "linux", reason="X server"),
]
NEEDED = ("Xvfb", "xdotool")
PROSE = "The ferry had not come for three days, and the village had run out of lamp oil."


@pytest.fixture
def display():
    """A screen of its own; its number comes back through a pipe once it answers."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    assert not missing, f"install {', '.join(missing)}: .ci/run does"
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1366x860x24", "-nolisten", "tcp"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as pipe:
        number = pipe.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(10)


def wait_for(fact, limit=90.0):
    until = time.monotonic() + limit
    while time.monotonic() < until:
        if value := fact():
            return value
        time.sleep(0.1)
    raise AssertionError("it never happened")


def test_type_wait_accept_and_undo(display, tmp_path, home):
    path = tmp_path / "keys.writer"
    with Store.create(path, Project("Keys", "", "en")) as store:
        scene = store.add("One", text=PROSE)
    (home / "config").mkdir(parents=True, exist_ok=True)
    (home / "config" / "settings.toml").write_text('language = "en"\npause_ms = 100\nengine = "llamacpp"\n')
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    program = subprocess.Popen([sys.executable, "-m", "writer", str(path)], env=environment)

    def x(*words: str) -> str:
        return subprocess.run(["xdotool", *words], env=environment, capture_output=True, text=True, check=False).stdout

    def saved() -> str:
        with Store.reader(path) as store:
            return store.scene(scene).text

    try:
        window = wait_for(lambda: x("search", "--onlyvisible", "--name", "Keys").split())[0]
        x("windowfocus", "--sync", window)
        x("type", "--delay", "20", " Marta walked down to")
        typed = PROSE + " Marta walked down to"
        wait_for(lambda: saved() == typed)

        def taken() -> str:
            # Without grey text this key does nothing; what it took is saved before it is pressed again.
            x("key", "alt+Right")
            until = time.monotonic() + 2
            while time.monotonic() < until and saved() == typed:
                time.sleep(0.1)
            return saved().removeprefix(typed)

        suggestion = wait_for(taken)
        assert saved() == typed + suggestion
        assert len(suggestion) > 3
        x("key", "Escape")
        x("key", "ctrl+z")
        wait_for(lambda: saved() == typed)
        x("key", "ctrl+q")
        assert program.wait(20) == 0
    finally:
        if program.poll() is None:
            program.kill()
            program.wait()
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith("keys")) == ["keys.writer"]
