"""An engine in a process of its own: one that crashes or runs out of memory never takes text with it.

:class:`Host` speaks the engine protocol in Writer; :func:`main` is the other end of
the pipe. The child leaves by itself when its standard input ends, so it never
outlives Writer.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
import weakref
from collections import OrderedDict
from collections.abc import Generator, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from typing import IO, Any

from writer import errors, i18n
from writer.engines import Engine, EngineSpec, Piece, Sampling, Usage
from writer.engines.kept import Keeping, keep, take_up
from writer.engines.wire import (
    Message,
    pack_piece,
    pack_prompt,
    pack_sampling,
    pack_turns,
    receive,
    send,
    unpack_piece,
    unpack_prompt,
    unpack_sampling,
    unpack_turns,
)
from writer.errors import EngineError, ModelError, WriterError
from writer.i18n import _
from writer.story import Prompt, Turn

log = logging.getLogger(__name__)

_COUNTED = 8192
_NICENESS = 10
_LAST_WORD_SECONDS = 0.25
_KEEP_SECONDS = 3.0


# --- in Writer


class Host:
    """A model in a child process, loading from construction on; restarted at the next use if it dies.

    Any thread may ask and any may :meth:`cancel`; the model answers one at a time, in order.
    ``patience`` is how many seconds a cancelled request may go on before the process is replaced.
    """

    def __init__(self, spec: EngineSpec, *, patience: float = 20.0) -> None:
        self.name = spec.engine
        self.model = spec.model
        self._spec = spec
        self._patience = patience
        self._lock = Lock()
        self._counts: OrderedDict[str, int] = OrderedDict()
        self._closed = False
        self._kept = Event()
        self._kept.set()
        self._child = _Child(spec)

    @property
    def state(self) -> str:
        """``loading``, ``ready`` or ``failed``; never waits."""
        return self._child.state

    @property
    def note(self) -> str:
        """What loading is busy with, for the author; empty when there is nothing to say."""
        return self._child.note

    @property
    def failure(self) -> WriterError | None:
        """Why the model process failed, if it did."""
        return self._child.failure

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._child.process.pid

    @property
    def context_tokens(self) -> int:
        """How much the model reads; waits for it to load."""
        return self._ready().context_tokens

    @property
    def bos_tokens(self) -> int:
        """Tokens that the model wants in front; waits for it to load."""
        return self._ready().bos_tokens

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the model is ready; False after ``timeout`` seconds, ModelError if it can't be loaded."""
        return self._child.wait(timeout)

    def generate(self, prompt: Prompt, sampling: Sampling) -> Generator[Piece, None, Usage]:
        """Yield the continuation piece by piece; closing the generator or :meth:`cancel` stops the model."""
        started = time.perf_counter()
        first = 0.0
        tokens = 0
        child = self._living()
        number = child.ask(do="generate", prompt=pack_prompt(prompt), sampling=pack_sampling(sampling))
        try:
            while "piece" in (reply := child.reply(number)):
                first = first or time.perf_counter() - started
                tokens += reply["tokens"]
                yield unpack_piece(reply)
        except GeneratorExit:
            reply = child.stop(number, _LAST_WORD_SECONDS)
        finally:
            child.forget(number)
        if cost := reply.get("done"):
            return Usage(**cost)
        return Usage(prompt.tokens, 0, tokens, first * 1000, (time.perf_counter() - started) * 1000)

    def alternatives(self, prompt: Prompt, samplings: Sequence[Sampling]) -> Generator[tuple[int, Piece], None, None]:
        """Yield pieces of several continuations with the number of each; closing or :meth:`cancel` stops the model."""
        child = self._living()
        request = {"prompt": pack_prompt(prompt), "samplings": [pack_sampling(sampling) for sampling in samplings]}
        number = child.ask(do="alternatives", **request)
        try:
            while "piece" in (reply := child.reply(number)):
                yield reply["candidate"], unpack_piece(reply)
        except GeneratorExit:
            child.stop(number, _LAST_WORD_SECONDS)
        finally:
            child.forget(number)

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text by itself; what was counted before costs no trip."""
        with self._lock:
            missing = list(dict.fromkeys(text for text in texts if text not in self._counts))
        counted = dict(zip(missing, self._call(do="count", texts=missing), strict=True)) if missing else {}
        with self._lock:
            found = [counted[text] if text in counted else self._counts[text] for text in texts]
            for text, number in zip(texts, found, strict=True):
                self._counts[text] = number
                self._counts.move_to_end(text)
            while len(self._counts) > _COUNTED:
                self._counts.popitem(last=False)
        return found

    def score(self, prompt: Prompt, text: str) -> list[float]:
        """Natural log-probability of each token of ``text`` behind ``prompt``."""
        scores: list[float] = self._call(do="score", prompt=pack_prompt(prompt), text=text)
        return scores

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Which characters each token of ``text`` stands for."""
        return [(start, end) for start, end in self._call(do="spans", text=text)]

    def chat(self, turns: Sequence[Turn]) -> Prompt:
        """What the model reads before it answers in a conversation."""
        return unpack_prompt(self._call(do="chat", turns=pack_turns(turns)))

    def attention(self, prompt: Prompt, text: str) -> list[float]:
        """How much the model looks at each part of the prompt while it reads ``text`` behind it."""
        shares: list[float] = self._call(do="attention", prompt=pack_prompt(prompt), text=text)
        return shares

    def keep(self, book: Path, megabytes: int) -> None:
        """Let what was read of this book be kept on disk, in so much room for all books; waits for nothing."""
        if not self._closed and self.state == "ready":
            with contextlib.suppress(WriterError):
                self._kept = self._child.tell(do="keep", book=str(book), megabytes=megabytes)

    def take_up(self, book: Path, prompt: Prompt) -> int:
        """Take up what was kept of this book, if it helps; how many tokens of the prompt need not be read any more."""
        tokens: int = self._call(do="take_up", book=str(book), prompt=pack_prompt(prompt))
        return tokens

    def cancel(self) -> None:
        """Stop everything that is being generated; whoever waits for it gets what there is."""
        self._child.cancel()

    def close(self) -> None:
        """End the child process, which may first finish what it keeps, for a moment; safe to call twice."""
        self._closed = True
        self._kept.wait(_KEEP_SECONDS)
        self._child.close()

    def __enter__(self) -> Host:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _call(self, **request: Any) -> Any:
        child = self._living()
        number = child.ask(**request)
        try:
            answer = child.reply(number)["done"]
        finally:
            child.forget(number)
        if answer is None:  # cancelled
            raise EngineError(_("The model was interrupted; try again."))
        return answer

    def _ready(self) -> _Child:
        child = self._living()
        child.wait(None)
        return child

    def _living(self) -> _Child:
        """The child that can answer: a new one in place of one that died or does not stop when told to."""
        with self._lock:
            if self._closed:
                raise EngineError(_("The model has been closed; choose one in Models."))
            if self._child.state == "failed" and isinstance(self._child.failure, ModelError):
                raise self._child.failure
            if self._child.state == "failed" or not self._child.idle(self._patience):
                log.warning("the model process is replaced")
                self._child.close()
                self._child = _Child(self._spec)
            return self._child


class _Child:
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
        self._working: set[int] = set()  # the child has not ended these
        self._cancelled: dict[int, Event] = {}  # of which it was told to stop these
        self._told: dict[int, Event] = {}  # nobody listens to these
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - the child writes to it as long as it lives
        self.process = _start(self._said)
        self._end = weakref.finalize(self, _end, self.process)
        self._reader = Thread(target=self._read, name="engine-replies", daemon=True)
        self._reader.start()
        self._send({"load": asdict(spec), "language": i18n.spoken()})

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

    def ask(self, **request: Any) -> int:
        """Send a request; its number is for :meth:`reply`, and must be forgotten in the end."""
        number = next(self._numbers)
        with self._lock:
            if self.failure:
                raise self.failure
            self._waiting[number] = SimpleQueue()
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

    def cancel(self) -> None:
        """Let go of all requests; who waits for one is told that it is over."""
        with self._lock:
            waiting = dict(self._waiting)
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
        assert self.process.stdout
        self.process.stdout.close()
        self._said.close()

    def _send(self, message: Message) -> None:
        assert self.process.stdin
        # A dead child is noticed by the reader, which tells everyone who waits.
        with self._writing, contextlib.suppress(OSError, ValueError):
            send(self.process.stdin, message)

    def _read(self) -> None:
        assert self.process.stdout
        with contextlib.suppress(OSError, ValueError):
            while (message := receive(self.process.stdout)) is not None:
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


def _stopped() -> EngineError:
    return EngineError(_("The model stopped unexpectedly; your text is safe, ask again and it starts anew."))


def _start(said: IO[bytes]) -> subprocess.Popen[bytes]:
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0)
    # -P: a folder called "writer" where the author happens to be is not ours.
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "writer.engines.host"],
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


# --- in the child


def main() -> None:
    """Serve one engine over the pipes that this process was started with."""
    requests, replies = _take_pipes()
    with contextlib.suppress(OSError, ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is for Writer alone
    if hasattr(os, "nice"):
        os.nice(max(0, _NICENESS - os.nice(0)))
    with contextlib.suppress(BrokenPipeError):
        _Server(requests, replies).run()
    os._exit(0)  # libraries' own threads have no say in this


def _take_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Keep the pipes for ourselves: what a library prints goes to standard error."""
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, replies


class _Server:
    """Answers requests one after another; a thread reads on so that a cancel is heard at once."""

    def __init__(self, requests: IO[bytes], replies: IO[bytes]) -> None:
        self._requests = requests
        self._replies = replies
        self._inbox: SimpleQueue[Message | None] = SimpleQueue()
        self._cancelled: set[int] = set()
        self._gone = Event()

    def run(self) -> None:
        """Load, then answer until Writer is gone."""
        Thread(target=self._listen, daemon=True).start()
        first = self._inbox.get()
        if first is None:
            return
        i18n.use(first["language"])  # what the child says is shown to the author
        self._spec = EngineSpec(**first["load"])
        try:
            engine = _load(self._spec, lambda note: self._reply({"note": note}))
        except WriterError as error:
            self._reply({"failed": str(error)})
            return
        try:
            self._reply({"ready": {"context_tokens": engine.context_tokens, "bos_tokens": engine.bos_tokens}})
            for request in iter(self._inbox.get, None):
                self._answer(engine, request)
        finally:
            engine.close()

    def _listen(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while (message := receive(self._requests)) is not None:
                if "cancel" in message:
                    self._cancelled.add(message["cancel"])
                else:
                    self._inbox.put(message)
        self._gone.set()
        self._inbox.put(None)
        time.sleep(2)
        os._exit(0)

    def _reply(self, message: Message) -> None:
        send(self._replies, message)

    def _answer(self, engine: Engine, request: Message) -> None:
        number = request["id"]
        if hasattr(engine, "unwanted"):
            engine.unwanted = lambda: number in self._cancelled or self._gone.is_set()
        try:
            for reply in self._work(engine, request):
                self._reply({"id": number, **reply})
        except WriterError as error:
            self._reply({"id": number, "kind": type(error).__name__, "error": str(error)})
        except MemoryError:
            text = _("The model ran out of memory; choose a smaller one in Models or lower the budget.")
            self._reply({"id": number, "kind": "EngineError", "error": text})
        self._cancelled.discard(number)

    def _work(self, engine: Engine, request: Message) -> Iterator[Message]:
        match request["do"]:
            case "generate":
                yield from self._generate(engine, request)
            case "alternatives":
                yield from self._alternatives(engine, request)
            case "chat":
                yield {"done": pack_prompt(engine.chat(unpack_turns(request["turns"])))}
            case "attention":
                yield {"done": engine.attention(unpack_prompt(request["prompt"]), request["text"])}
            case "count":
                yield {"done": engine.count(request["texts"])}
            case "score":
                yield {"done": engine.score(unpack_prompt(request["prompt"]), request["text"])}
            case "spans":
                yield {"done": engine.spans(request["text"])}
            case "keep":
                done = isinstance(engine, Keeping) and keep(engine, request["book"], self._spec, request["megabytes"])
                yield {"done": done}
            case "take_up":
                prompt = unpack_prompt(request["prompt"])
                held = take_up(engine, request["book"], self._spec, prompt) if isinstance(engine, Keeping) else 0
                yield {"done": held}

    def _alternatives(self, engine: Engine, request: Message) -> Iterator[Message]:
        samplings = [unpack_sampling(sampling) for sampling in request["samplings"]]
        with contextlib.closing(engine.alternatives(unpack_prompt(request["prompt"]), samplings)) as pieces:
            for candidate, piece in pieces:
                if request["id"] in self._cancelled or self._gone.is_set():
                    break
                if piece.text:
                    yield pack_piece(piece) | {"candidate": candidate}
        yield {"done": {}}

    def _generate(self, engine: Engine, request: Message) -> Iterator[Message]:
        pieces = engine.generate(unpack_prompt(request["prompt"]), unpack_sampling(request["sampling"]))
        usage = None
        try:
            while request["id"] not in self._cancelled and not self._gone.is_set():
                try:
                    piece = next(pieces)
                except StopIteration as end:
                    usage = end.value
                    break
                if piece.text:
                    yield pack_piece(piece)
            else:
                usage = _stop(pieces)
        finally:
            pieces.close()
        yield {"done": usage and asdict(usage)}


def _stop(pieces: Generator[Piece, None, Usage]) -> Usage | None:
    """Cancel a generation; what it cost, if the engine tells."""
    try:
        pieces.throw(GeneratorExit())
    except StopIteration as end:
        cost: Usage | None = end.value
        return cost
    except GeneratorExit:
        pass
    return None


def _load(spec: EngineSpec, tell: Any) -> Engine:
    if spec.engine == "llamacpp":
        from writer.engines.llamacpp import LlamaCpp

        return LlamaCpp(spec)
    if spec.engine == "transformers":
        from writer.engines.transformers import Transformers

        return Transformers(spec, tell)
    if spec.engine == "echo":
        from writer.engines.echo import Echo

        return Echo(spec)
    raise ModelError(_("There is no engine called “{name}”; choose one in Models.").format(name=spec.engine))


if __name__ == "__main__":
    main()
