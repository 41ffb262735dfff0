"""Two windows on one project: the second asks the first to come to the front.

The window that writes a project listens at a socket in a folder of its user, named after the project's real path.
Who finds the project locked knocks there. Another user, or another computer, has no such socket: nobody answers.
QtNetwork is imported only here and only when needed, for it would delay the start.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from writer import files
from writer.store import disk

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer

log = logging.getLogger(__name__)

ANSWER_S = 2.0
STEP_MS = 5
_ANSWER = b"here\n"
_LONGEST_ADDRESS = 100
"""Bytes of a socket's path that every system takes."""


def address(path: Path) -> str:
    """Where the window that writes this project listens; empty if this computer has no place for that."""
    name = hashlib.sha256(os.fsencode(disk.real_path(path))).hexdigest()[:24]
    if sys.platform == "win32":
        return f"writer-{os.environ.get('USERNAME', '')}-{name}"
    fitting = (f"{folder}/{name}.socket" for folder in _own_folders())
    return next((place for place in fitting if len(os.fsencode(place)) <= _LONGEST_ADDRESS), "")


def _own_folders() -> Iterator[Path]:
    """Folders in which nobody else can put a socket."""
    yield files.state_folder()
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR", ""))
    if runtime.is_absolute() and runtime.is_dir() and runtime.stat().st_uid == os.getuid():
        yield runtime


def knock(path: Path) -> bool:
    """Ask the window that has this project to come to the front; False if nobody answers. May take seconds."""
    place = address(path)
    if not place or (sys.platform != "win32" and not os.path.exists(place)):
        return False
    from PySide6.QtNetwork import QLocalSocket

    _let_to_the_front()
    socket = QLocalSocket()
    socket.connectToServer(place)
    end = time.monotonic() + ANSWER_S
    # In short steps, for PySide lets no other thread run while it waits.
    while time.monotonic() < end and socket.bytesAvailable() < len(_ANSWER):
        if socket.state() == QLocalSocket.LocalSocketState.ConnectedState:
            socket.waitForReadyRead(STEP_MS)
        elif not socket.waitForConnected(STEP_MS) and not socket.isValid():
            break
    answered = socket.bytesAvailable() > 0 and socket.readAll().data() == _ANSWER
    socket.abort()
    return answered


def _let_to_the_front() -> None:
    """Windows lets a window come forward only if the one in front agrees."""
    if sys.platform == "win32":
        import ctypes

        any_process = -1
        ctypes.windll.user32.AllowSetForegroundWindow(any_process)


class Door(QObject):
    """Listens for another window that wants the same project."""

    knocked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server: QLocalServer | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody who knocks is answered."""
        return self._server is not None

    def open(self, path: Path) -> None:
        """Listen for this project, whose lock is held: a socket that is left there belongs to nobody."""
        from PySide6.QtNetwork import QLocalServer

        self.close()
        place = address(path)
        if not place:
            return
        if sys.platform != "win32":
            try:
                Path(place).parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                log.warning("nobody can knock: %s", error)
                return
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        server.newConnection.connect(self._answer)
        QLocalServer.removeServer(place)
        if server.listen(place):
            self._server = server
        else:
            log.warning("nobody can knock: %s", server.errorString())
            server.deleteLater()

    def close(self) -> None:
        """Listen no more."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
            server.deleteLater()

    def _answer(self) -> None:
        assert self._server is not None
        while self._server.hasPendingConnections():
            socket = self._server.nextPendingConnection()
            socket.disconnected.connect(socket.deleteLater)
            socket.write(_ANSWER)
            socket.disconnectFromServer()
        self.knocked.emit()
