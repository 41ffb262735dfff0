"""Building the memory in a process of its own: reading a whole book in a thread would hold up every key.

:class:`Apart` is the end in Writer; :func:`main` is the other end of the pipe. The child only reads the project. It
waits until each slice is kept before it makes the next one, and leaves by itself when its standard input ends.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import struct
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from threading import Lock
from typing import IO, TYPE_CHECKING, Any

from writer import errors, i18n
from writer.errors import WriterError
from writer.store import Store

if TYPE_CHECKING:
    from writer.memory.update import Done, Slice

_LENGTH = struct.Struct("<Q")
_NICENESS = 15


# --- in Writer


class Apart:
    """One run of the process that reads the book; any thread may close it."""

    def __init__(self, project: Path, near: int | None) -> None:
        # -P: a folder called "writer" where the author happens to be is not ours.
        python = [sys.executable, "-P", "-m", "writer.memory.apart"]
        self._command = [*python, str(project), str(near or 0), i18n.spoken()]
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = Lock()
        self._closed = False

    def slices(self) -> Generator[Slice, None, Done | None]:
        """What is to be kept, one after another; ``go_on`` asks for the next. None if the process was ended."""
        flags = getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0)
        pipe = subprocess.PIPE
        with self._lock:
            if self._closed:
                return None
            self._process = child = subprocess.Popen(
                self._command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, creationflags=flags
            )
        assert child.stdout
        try:
            while (said := _receive(child.stdout)) is not None:
                what, value = said
                if what == "slice":
                    yield value
                elif what == "done":
                    done: Done = value
                    return done
                else:
                    raise getattr(errors, what, WriterError)(value)
            return None
        finally:
            self.close()
            child.stdout.close()

    def go_on(self) -> None:
        """The last slice is kept: make the next one."""
        child = self._process
        with contextlib.suppress(OSError, ValueError):
            if child is not None and child.stdin is not None:
                child.stdin.write(b"\n")
                child.stdin.flush()

    def close(self) -> None:
        """End the process at once: it has nothing to lose."""
        with self._lock:
            self._closed = True
            child = self._process
        if child is not None:
            child.kill()
            child.wait()
            with contextlib.suppress(OSError, ValueError):
                assert child.stdin
                child.stdin.close()


# --- in the child


def main() -> None:
    """Read the project named on the command line and send what is to be kept, a slice at a time."""
    out = begin()
    from writer.memory.update import prepared

    path, near, language = sys.argv[1:]
    i18n.use(language)
    with contextlib.suppress(BrokenPipeError):
        try:
            with Store.reader(Path(path)) as store:
                serve(prepared(store, int(near) or None), out)
        except WriterError as error:
            send(out, (type(error).__name__, str(error)))


def begin() -> IO[bytes]:
    """Make this process one that only answers, and give the pipe for that."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is not for the pipe
    with contextlib.suppress(OSError, ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is for Writer alone
    if hasattr(os, "nice"):
        os.nice(max(0, _NICENESS - os.nice(0)))
    return out


def serve(work: Generator[Any, None, Any], out: IO[bytes]) -> None:
    """Send what some work yields, each when it is asked for, and what it returns."""
    while True:
        try:
            slice = next(work)
        except StopIteration as end:
            send(out, ("done", end.value))
            return
        send(out, ("slice", slice))
        if not sys.stdin.buffer.readline():
            return


def send(pipe: IO[bytes], value: Any) -> None:
    """Put a value into a pipe."""
    data = pickle.dumps(value)
    pipe.write(_LENGTH.pack(len(data)) + data)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> Any:
    """The next value; None at the end of the pipe, also in the middle of a value."""
    with contextlib.suppress(OSError, ValueError):
        head = pipe.read(_LENGTH.size)
        if len(head) == _LENGTH.size:
            data = pipe.read(size := _LENGTH.unpack(head)[0])
            if len(data) == size:
                return pickle.loads(data)
    return None


if __name__ == "__main__":
    main()
