"""A hub on loopback: redirects to a store, knows ranges, and misbehaves when told to."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

COMMIT = "c0ffee" * 6 + "beef"


@dataclass
class Hub:
    """What is served, and how; ``asked`` collects each request's method, path and range."""

    content: bytes
    ranges: bool = True
    cut_after: list[int] = field(default_factory=list)
    """For each download in turn, how many bytes are sent before the connection is cut."""
    errors: list[int] = field(default_factory=list)
    """A status for each download in turn, before any bytes."""
    stated_hash: str | None = None
    stated_size: int | None = None
    served: bytes | None = None
    """What the store really holds, if not what the hub says."""
    slowness: float = 0
    """Seconds before each 64 KB of a download."""
    status: int = 302
    etag: str = '"v1"'
    address: str = ""
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def ranges_asked(self) -> list[str]:
        return [asked[2] for asked in self.asked if asked[0] == "GET" and asked[1].startswith("/store")]


class _Handler(BaseHTTPRequestHandler):
    hub: Hub

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        hub = self.hub
        hub.asked.append((self.command, self.path, self.headers.get("Range", "")))
        if self.path.startswith("/old/"):
            self._reply(307, {"Location": self.path.replace("/old/", "/new/")})
        elif not self.path.startswith("/store"):
            self._state()
        elif hub.errors and (code := hub.errors.pop(0)):
            self._reply(code, {})
        else:
            self._serve(hub.content if hub.served is None else hub.served)

    def _state(self) -> None:
        hub = self.hub
        if hub.status != 302:
            self._reply(hub.status, {})
            return
        digest = sha256(hub.content).hexdigest() if hub.stated_hash is None else hub.stated_hash
        size = len(hub.content) if hub.stated_size is None else hub.stated_size
        stated = {"X-Linked-Etag": f'"{digest}"', "X-Linked-Size": str(size)} if digest else {}
        self._reply(302, {"Location": "/store/blob?signed=1", "X-Repo-Commit": COMMIT, **stated})

    def _serve(self, content: bytes) -> None:
        hub, start, status = self.hub, 0, 200
        headers = {"ETag": hub.etag}
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if asked and hub.ranges and self.headers.get("If-Range", hub.etag) == hub.etag:
            start, status = int(asked[1]), 206
            if start >= len(content):
                self._reply(416, {"Content-Range": f"bytes */{len(content)}"})
                return
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        body = content[start:]
        self._head(status, {**headers, "Content-Length": str(len(body))})
        if hub.cut_after and (cut := hub.cut_after.pop(0)):
            body = body[:cut]
            self.close_connection = True
        try:
            for start in range(0, len(body), 1 << 16):
                time.sleep(hub.slowness)
                self.wfile.write(body[start : start + (1 << 16)])
        except OSError:  # who asked has hung up
            self.close_connection = True

    def _reply(self, status: int, headers: dict[str, str]) -> None:
        self._head(status, {"Content-Length": "0", **headers})

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    handler = type("Handler", (_Handler,), {"hub": hub})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        hub.address = f"http://127.0.0.1:{server.server_port}"
        try:
            yield hub
        finally:
            server.shutdown()
            thread.join()
