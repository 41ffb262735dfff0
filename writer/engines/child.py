"""The model process itself: serves one engine to Writer over the pipes that it was started with.

It leaves by itself when its standard input ends, so it never outlives Writer.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import time
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import asdict
from threading import Condition, Event, Thread
from typing import IO, Any

from writer import i18n
from writer.engines import Engine, EngineSpec, Piece, Usage
from writer.engines.kept import Keeping, keep, take_up
from writer.engines.pages import Pages
from writer.engines.wire import (
    Message,
    pack_piece,
    pack_prompt,
    receive,
    send,
    unpack_prompt,
    unpack_sampling,
    unpack_turns,
)
from writer.errors import ModelError, WriterError
from writer.i18n import _
from writer.story import Prompt

_NICENESS = 10


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


class _Inbox:
    """What is asked for: the page's requests before those of work, and each in the order in which they came."""

    def __init__(self) -> None:
        self._page: deque[Message] = deque()
        self._work: deque[Message] = deque()
        self._changed = Condition()
        self._is_closed = False

    def put(self, request: Message) -> None:
        """Take a request."""
        with self._changed:
            (self._work if _is_work(request) else self._page).append(request)
            self._changed.notify()

    def get(self) -> Message | None:
        """Wait for a request; None when all are answered and no more will come."""
        with self._changed:
            self._changed.wait_for(lambda: self._page or self._work or self._is_closed)
            waiting = self._page or self._work
            return waiting.popleft() if waiting else None

    def get_urgent(self) -> Message | None:
        """A request that work gives way to, if one waits."""
        with self._changed:
            return self._page.popleft() if self._page else None

    @property
    def is_urgent(self) -> bool:
        """Whether a request waits that work gives way to."""
        return bool(self._page)

    def close(self) -> None:
        """No more will come."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()


def _is_work(request: Message) -> bool:
    return request.get("role") == "work"


class _Server:
    """Answers requests one after another; a thread reads on so that a cancel is heard at once.

    Work that writes is interrupted by the page at its next token, and goes on where it was.
    """

    def __init__(self, requests: IO[bytes], replies: IO[bytes]) -> None:
        self._requests = requests
        self._replies = replies
        self._inbox = _Inbox()
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
        gc.disable()  # nothing of what is imported goes away again
        try:
            engine = _load(self._spec, lambda note: self._reply({"note": note}))
        except WriterError as error:
            self._reply({"failed": str(error)})
            return
        gc.freeze()
        gc.enable()
        self._pages = Pages(engine) if isinstance(engine, Keeping) else None
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
        self._inbox.close()
        time.sleep(2)
        os._exit(0)

    def _reply(self, message: Message) -> None:
        send(self._replies, message)

    def _answer(self, engine: Engine, request: Message) -> None:
        number = request["id"]
        before = getattr(engine, "unwanted", None), getattr(engine, "outranked", None)
        if hasattr(engine, "unwanted"):
            engine.unwanted = lambda: number in self._cancelled or self._gone.is_set()
        if hasattr(engine, "outranked"):
            engine.outranked = lambda: _is_work(request) and self._inbox.is_urgent
        try:
            for reply in self._work(engine, request):
                self._reply({"id": number, **reply})
        except WriterError as error:
            self._reply({"id": number, "kind": type(error).__name__, "error": str(error)})
        except MemoryError:
            text = _("The model ran out of memory; choose a smaller one in Models or lower the budget.")
            self._reply({"id": number, "kind": "EngineError", "error": text})
        finally:
            self._cancelled.discard(number)
            for name, usual in zip(("unwanted", "outranked"), before, strict=True):
                if usual is not None:
                    setattr(engine, name, usual)

    def _give_way(self, engine: Engine, request: Message) -> None:
        """Answer first what outranks this request."""
        while _is_work(request) and not self._gone.is_set() and (urgent := self._inbox.get_urgent()):
            self._answer(engine, urgent)

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
            case "learn":
                yield from self._learn(engine, request)
            case "keep":
                pages, book = self._pages, request["book"]
                yield {"done": pages and keep(pages.engine, book, self._spec, request["megabytes"], pages.latest)}
            case "unread":
                prompts = [unpack_prompt(prompt) for prompt in request["prompts"]]
                yield {"done": [self._pages.unread(prompt) if self._pages else 0 for prompt in prompts]}
            case "take_up":
                prompt = self._placed(request)
                held = take_up(self._pages.engine, request["book"], self._spec, prompt) if self._pages else 0
                yield {"done": held}

    def _placed(self, request: Message) -> Prompt:
        """The prompt of a request, under the role for which most of it was read."""
        prompt = unpack_prompt(request["prompt"])
        return self._pages.place(prompt) if self._pages else prompt

    def _alternatives(self, engine: Engine, request: Message) -> Iterator[Message]:
        samplings = [unpack_sampling(sampling) for sampling in request["samplings"]]
        with contextlib.closing(engine.alternatives(self._placed(request), samplings)) as pieces:
            for candidate, piece in pieces:
                if request["id"] in self._cancelled or self._gone.is_set():
                    break
                if piece.text:
                    yield pack_piece(piece) | {"candidate": candidate}
                self._give_way(engine, request)
        yield {"done": {}}

    def _learn(self, engine: Engine, request: Message) -> Iterator[Message]:
        steps = engine.learn(request["key"], request["texts"], request["opening"])
        with contextlib.closing(steps):
            for piece in steps:
                if request["id"] in self._cancelled or self._gone.is_set():
                    break
                yield pack_piece(piece)
                self._give_way(engine, request)
        yield {"done": {}}

    def _generate(self, engine: Engine, request: Message) -> Iterator[Message]:
        prompt = self._placed(request)
        pieces = engine.generate(prompt, unpack_sampling(request["sampling"]))
        usage = None
        try:
            while request["id"] not in self._cancelled and not self._gone.is_set():
                try:
                    piece = next(pieces)
                except StopIteration as end:
                    usage = end.value
                    break
                if piece.tokens and self._pages:
                    self._pages.read(prompt.role)
                if piece.text:
                    yield pack_piece(piece)
                self._give_way(engine, request)
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
