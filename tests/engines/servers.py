"""Servers on loopback that the tests ask: real ones in processes of their own, and one that misbehaves to order."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from typing import Any

LLAMA = """
import sys, time, xllamacpp
params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.n_ctx, params.n_parallel = 2048, 1
params.hostnames, params.port, params.api_keys = ["127.0.0.1"], int(sys.argv[2]), [sys.argv[3]]
params.ui = params.warmup = False
params.verbosity = -1
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
server = xllamacpp.Server(params)
sys.stdin.read()
"""
KEY = "a-key-of-the-test"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def running(command: list[str], port: int, path: str, **options: Any) -> Iterator[str]:
    """A real server, from when it answers at ``path`` until the end; gives its address."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.PIPE}
    process = subprocess.Popen(command, **(quiet | options))
    try:
        end = time.monotonic() + 120
        while not answers(port, path):
            assert process.poll() is None, "the server ended"
            assert time.monotonic() < end
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait()
        if process.stdin:
            process.stdin.close()


def answers(port: int, path: str) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except OSError:
        return False
    finally:
        connection.close()


@contextmanager
def llama_server(model: Path) -> Iterator[str]:
    """llama.cpp's own server, behind a key."""
    port = free_port()
    with running([sys.executable, "-c", LLAMA, str(model), str(port), KEY], port, "/health") as url:
        yield url


@contextmanager
def transformers_serve(model: Path) -> Iterator[str]:
    """``transformers serve`` as it is installed."""
    port = free_port()
    program = Path(sys.executable).with_name("transformers")
    command = [str(program), "serve", str(model), "--host", "127.0.0.1", "--port", str(port)]
    with running(command, port, "/health") as url:
        yield url


@dataclass
class Request:
    """What the server was asked."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class Fake:
    """A server whose every answer is a function that writes bytes to a socket."""

    answer: Callable[[Request, socket.socket], object]
    seen: list[Request] = field(default_factory=list)
    port: int = 0
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"

    def __enter__(self) -> Fake:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._open: list[socket.socket] = []
        self._threads = [Thread(target=self._accept)]
        self._threads[0].start()
        return self

    def __exit__(self, *_error: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._open:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                self.connections += 1
                self._open.append(sock)
                thread = Thread(target=self._serve, args=(sock,))
                self._threads.append(thread)
                thread.start()

    def _serve(self, sock: socket.socket) -> None:
        with sock, sock.makefile("rb") as file, contextlib.suppress(OSError):
            while head := file.readline():
                method, path, _ = head.decode().split(" ")
                headers = {}
                while line := file.readline().strip():
                    name, _, value = line.decode().partition(":")
                    headers[name.lower()] = value.strip()
                body = json.loads(file.read(int(headers.get("content-length", 0))) or b"{}")
                request = Request(method, path, headers, body)
                self.seen.append(request)
                if self.answer(request, sock) is False:
                    return


def reply(sock: socket.socket, value: Any, status: int = 200, kind: str = "application/json", extra: str = "") -> None:
    """A whole answer."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    head = f"HTTP/1.1 {status} Word\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n{extra}\r\n"
    sock.sendall(head.encode() + data)


def begin(sock: socket.socket, kind: str = "text/event-stream") -> None:
    """The head of an answer that comes in chunks."""
    sock.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())


def chunk(sock: socket.socket, data: bytes) -> None:
    """One chunk; an empty one ends the answer."""
    sock.sendall(b"%x\r\n%b\r\n" % (len(data), data))


def event(text: str, **more: Any) -> bytes:
    """A server-sent event with this text in a completion's form."""
    return b"data: " + json.dumps({"choices": [{"text": text}], **more}, ensure_ascii=False).encode() + b"\n\n"


def hang(sock: socket.socket) -> bool:
    """Say nothing until the other side hangs up."""
    sock.recv(1)
    return False


def stream(sock: socket.socket, *pieces: bytes) -> None:
    """A whole answer in chunks."""
    begin(sock)
    for piece in pieces:
        chunk(sock, piece)
    chunk(sock, b"")
