"""The model process as Writer sees it: started, told what to do, listened to, ended."""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import subprocess
import sys
import tempfile
import time
import weakref
from dataclasses import asdict
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from typing import IO, Any

from writer import errors, i18n
from writer.engines import EngineSpec
from writer.engines.wire import Message, receive, send
from writer.errors import DiedError, ModelError, WriterError
from writer.i18n import _

log = logging.getLogger(__name__)


class Process:
    """One run of the model process; its replies are sorted by the request they belong to."""

    def __init__(self, spec: EngineSpec) -> None:
        self.context_tokens = 0
        self.bos_tokens = 0
        self.note = ""
        self.failure: WriterError | None = None
        self._model = spec.model
        self._loaded = Event()
        self._numbers = itertools.count(1)
        self._lock = Lock()
        self._writing = Lock()
        self._waiting: dict[int, SimpleQueue[Message]] = {}  # someone listens to these
        self._askers: dict[int, str] = {}  # who asked
        self._working: set[int] = set()  # the child has not ended these
        self._cancelled: dict[int, Event] = {}  # of which it was told to stop these
        self._told: dict[int, Event] = {}  # nobody listens to these
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - the child writes to it as long as it lives
        self._process = _start(self._said)
        self._end = weakref.finalize(self, _end, self._process)
        self._reader = Thread(target=self._read, name="engine-replies", daemon=True)
        self._reader.start()
        self._send({"load": asdict(spec), "language": i18n.spoken()})

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def state(self) -> str:
        """``loading``, ``ready`` or ``failed``."""
        if self.failure:
            return "failed"
        return "ready" if self._loaded.is_set() else "loading"

    def wait(self, timeout: float | None) -> bool:
        """Wait for the model to be loaded; raises what went wrong instead."""
        done = self._loaded.wait(timeout)
        if self.failure:
            raise self.failure
        return done

    def ask(self, asker: str, **request: Any) -> int:
        """Send a request; its number is for :meth:`reply`, and must be forgotten in the end."""
        number = next(self._numbers)
        with self._lock:
            if self.failure:
                raise self.failure
            self._waiting[number] = SimpleQueue()
            self._askers[number] = asker
            self._working.add(number)
        self._send({"id": number, **request})
        return number

    def tell(self, **request: Any) -> Event:
        """Send a request whose answer nobody needs; the event is set when it is done, or never will be."""
        number = next(self._numbers)
        with self._lock:
            if self.failure:
                raise self.failure
            done = self._told[number] = Event()
        self._send({"id": number, **request})
        return done

    def reply(self, number: int) -> Message:
        """The next reply: a piece, or the last one; raises what went wrong instead."""
        reply = self._queue(number).get()
        if "error" in reply:
            raise getattr(errors, reply["kind"])(reply["error"])
        return reply

    def stop(self, number: int, seconds: float) -> Message:
        """Cancel a request and return its last reply, if it comes in time; the next request waits for it anyway."""
        self._cancel(number)
        end = time.monotonic() + seconds
        with contextlib.suppress(Empty):
            while "piece" in (reply := self._queue(number).get(timeout=max(0.0, end - time.monotonic()))):
                pass
            return reply
        return {}

    def forget(self, number: int) -> None:
        """Stop listening to a request; if the child is still at it, it is told to stop."""
        self._cancel(number)
        with self._lock:
            self._waiting.pop(number, None)
            self._askers.pop(number, None)

    def cancel(self, asker: str) -> None:
        """Let go of all that somebody asked for; who waits for it is told that it is over."""
        with self._lock:
            waiting = {number: self._waiting[number] for number, name in self._askers.items() if name == asker}
        for number, replies in waiting.items():
            self._cancel(number)
            replies.put({"done": None})

    def _cancel(self, number: int) -> None:
        with self._lock:
            if number not in self._working or number in self._cancelled:
                return
            self._cancelled[number] = Event()
        self._send({"cancel": number})

    def _queue(self, number: int) -> SimpleQueue[Message]:
        with self._lock:
            return self._waiting[number]

    def idle(self, patience: float) -> bool:
        """Whether every cancelled request has ended, waiting up to ``patience`` seconds for each."""
        with self._lock:
            ends = list(self._cancelled.values())
        return not self._loaded.is_set() or all(end.wait(patience) for end in ends)

    def close(self) -> None:
        """End the process and the thread that listens to it."""
        self._fail(_stopped())
        self._end()
        self._reader.join()
        assert self._process.stdout
        self._process.stdout.close()
        self._said.close()

    def _send(self, message: Message) -> None:
        assert self._process.stdin
        # A dead child is noticed by the reader, which tells everyone who waits.
        with self._writing, contextlib.suppress(OSError, ValueError):
            send(self._process.stdin, message)

    def _read(self) -> None:
        assert self._process.stdout
        with contextlib.suppress(OSError, ValueError):
            while (message := receive(self._process.stdout)) is not None:
                self._take(message)
        self._fail(self._reason())

    def _take(self, message: Message) -> None:
        if "note" in message:
            self.note = message["note"]
        elif "ready" in message:
            self.context_tokens = message["ready"]["context_tokens"]
            self.bos_tokens = message["ready"]["bos_tokens"]
            self.note = ""
            self._loaded.set()
        elif "failed" in message:
            self._fail(ModelError(message["failed"]))
        else:
            self._deliver(message)

    def _deliver(self, message: Message) -> None:
        number = message["id"]
        with self._lock:
            replies = self._waiting.get(number)
            ended = None
            if "piece" not in message:
                self._working.discard(number)
                ended = self._cancelled.pop(number, None) or self._told.pop(number, None)
        if ended:
            ended.set()
        if replies:
            replies.put(message)

    def _fail(self, failure: WriterError) -> None:
        """Remember why it is over and tell everyone who waits; only the first reason counts."""
        with self._lock:
            self.failure = self.failure or failure
            waiting = list(self._waiting.values())
            ends = [*self._cancelled.values(), *self._told.values()]
            self._working.clear()
            self._cancelled.clear()
            self._told.clear()
        self._loaded.set()
        for replies in waiting:
            replies.put({"kind": type(self.failure).__name__, "error": str(self.failure)})
        for end in ends:
            end.set()

    def _reason(self) -> WriterError:
        """Why the child went away, if it did so by itself."""
        if self.failure:
            return self.failure
        with contextlib.suppress(OSError, ValueError):
            size = self._said.seek(0, os.SEEK_END)
            self._said.seek(max(0, size - 2000))
            log.warning("the model process ended: %s", self._said.read().decode("utf-8", "replace"))
        if self._loaded.is_set():
            return _stopped()
        return ModelError(
            _("The model {name} could not be loaded; it may be damaged, fetch it again or choose another.").format(
                name=self._model
            )
        )


def _stopped() -> DiedError:
    return DiedError(_("The model stopped unexpectedly; your text is safe, ask again and it starts anew."))


def _start(said: IO[bytes]) -> subprocess.Popen[bytes]:
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0)
    # -P: a folder called "writer" where the author happens to be is not ours.
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "writer.engines.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=said,
        creationflags=flags,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let the child leave by itself for a moment, then make it: it has nothing to lose."""
    assert process.stdin
    with contextlib.suppress(OSError, ValueError):
        process.stdin.close()
    try:
        process.wait(0.2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
