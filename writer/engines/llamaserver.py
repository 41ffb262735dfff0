"""llama.cpp's own server with one model, inside this process and closed to everybody else.

It listens on a Unix socket in a private folder (elsewhere on a random loopback port
behind a key): it would open an unguarded port otherwise.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Callable, Generator
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any

import xllamacpp  # type: ignore[import-untyped]

from writer.engines import EngineSpec, default_threads, kept
from writer.engines.wire import Message
from writer.errors import EngineError, ModelError
from writer.i18n import _


class LlamaServer:
    """A server with so many slots for what it reads, in batches of so many tokens; ModelError if it can't load."""

    def __init__(self, spec: EngineSpec, slots: int, batch: int) -> None:
        self._address = _Address()
        try:
            self._server = xllamacpp.Server(_params(spec, self._address, slots, batch))
        except Exception as error:
            self._address.remove()
            raise ModelError(
                _("The model {name} could not be loaded; it may be damaged, fetch it again or choose another.").format(
                    name=spec.model
                )
            ) from error
        self._address.found(self._server.listening_address)

    def get(self, path: str) -> Message:
        """What it answers about itself."""
        return self._request("GET", path, None)

    def post(self, path: str, body: Message) -> Message:
        """What it answers to this; EngineError if it can't."""
        return self._request("POST", path, json.dumps(body))

    def _request(self, method: str, path: str, body: str | None) -> Message:
        connection = self._address.connect()
        try:
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._address.key}"}
            connection.request(method, path, body, headers)
            reply = json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise EngineError(_("The model process stopped answering; try again.")) from error
        finally:
            connection.close()
        if not isinstance(reply, dict) or "error" in reply:
            raise _could_not(reply)
        return reply

    def stream(self, body: Message, is_unwanted: Callable[[], bool]) -> Generator[Message, None, None]:
        """The chunks of a completion as they come; closing stops the model at its next token or batch.

        ``is_unwanted`` is asked at each of these, from another thread, and stops it, too.
        """
        chunks: SimpleQueue[Message | None] = SimpleQueue()
        stopped = Event()

        def receive(chunk: Message) -> bool:
            chunks.put(chunk)
            return stopped.is_set() or is_unwanted()

        def run() -> None:
            try:
                self._server.handle_completions(body, receive)
            except Exception as error:
                chunks.put({"error": str(error)})
            chunks.put(None)

        thread = Thread(target=run, name="llamacpp", daemon=True)
        thread.start()
        try:
            while (chunk := chunks.get()) is not None:
                if "error" in chunk:
                    raise _could_not(chunk["error"])
                yield chunk
        finally:
            stopped.set()
            thread.join()

    def close(self) -> None:
        """Free the model and its socket; safe to call twice."""
        self._address.remove()
        if hasattr(self, "_server"):
            del self._server


def _params(spec: EngineSpec, address: _Address, slots: int, batch: int) -> xllamacpp.CommonParams:
    params = xllamacpp.CommonParams()
    params.model.path = spec.path
    params.n_ctx = spec.context_tokens * 3 // 2  # for most of the page twice
    params.n_parallel = slots
    params.kv_unified = True
    params.n_batch = params.n_ubatch = batch
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = spec.threads or default_threads()
    params.swa_full = True  # a sliding-window model could not go back to an earlier place otherwise
    params.n_ctx_checkpoints = 0
    params.cache_ram_mib = 0
    params.warmup = False
    params.fit_params = _has_card()  # it opens the model twice to see what fits, and memory of the computer is given
    params.ui = False
    params.endpoint_slots = True
    params.slot_save_path = os.path.join(kept.folder(), "")
    params.use_jinja = False
    params.verbosity = -1
    params.hostnames = [address.host]
    params.port = 0
    params.api_keys = [address.key]
    return params


def _has_card() -> bool:
    """Whether llama.cpp computes on anything but processors."""
    cpu = xllamacpp.ggml_backend_dev_type.GGML_BACKEND_DEVICE_TYPE_CPU
    return any(device["type"] != cpu for device in xllamacpp.get_device_info())


class _Address:
    """Where the server listens: a Unix socket that only this user can reach, or a guarded loopback port."""

    def __init__(self) -> None:
        self.key = secrets.token_urlsafe(32)
        self.folder: Path | None = None
        self.host = "127.0.0.1"
        self.port = 0
        if hasattr(socket, "AF_UNIX") and os.name == "posix":
            _sweep()
            self.folder = Path(tempfile.mkdtemp(prefix=f"writer-{os.getpid()}-"))
            self.host = str(self.folder / "engine.sock")

    def found(self, listening: str) -> None:
        """Take note of the port that the server was given."""
        if self.folder is None:
            self.port = int(listening.rstrip("/").rsplit(":", 1)[1])

    def connect(self) -> http.client.HTTPConnection:
        """A connection for one request."""
        if self.folder is None:
            return http.client.HTTPConnection(self.host, self.port, timeout=60)
        return _UnixConnection(self.host)

    def remove(self) -> None:
        """Remove the socket."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


def _sweep() -> None:
    """Remove the socket folders of processes that were killed."""
    for folder in Path(tempfile.gettempdir()).glob("writer-*-*"):
        try:
            if folder.stat().st_uid == os.getuid():
                os.kill(int(folder.name.split("-")[1]), 0)
        except ProcessLookupError:
            shutil.rmtree(folder, ignore_errors=True)
        except (OSError, ValueError):
            continue


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=60)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX)
        with contextlib.suppress(AttributeError):
            self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _could_not(error: Any) -> EngineError:
    return EngineError(_("The model could not continue ({reason}); try again.").format(reason=_reason(error)))


def _reason(error: Any) -> str:
    if isinstance(error, dict):
        error = error.get("error", error)
    if isinstance(error, dict):
        error = error.get("message", error)
    return str(error).splitlines()[0][:200] if str(error) else "?"
