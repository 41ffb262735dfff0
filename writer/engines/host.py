"""An engine in a process of its own: one that crashes or runs out of memory never takes text with it."""

from __future__ import annotations

import contextlib
import logging
import time
from collections import OrderedDict
from collections.abc import Generator, Sequence
from pathlib import Path
from threading import Event, Lock
from typing import Any

from writer.engines import EngineSpec, Piece, Sampling, Usage
from writer.engines.process import Process
from writer.engines.wire import (
    pack_prompt,
    pack_sampling,
    pack_turns,
    unpack_piece,
    unpack_prompt,
)
from writer.errors import EngineError, ModelError, WriterError
from writer.i18n import _
from writer.story import Prompt, Turn

log = logging.getLogger(__name__)

_COUNTED = 8192
_LAST_WORD_SECONDS = 0.25
_KEEP_SECONDS = 3.0


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
        self._child = Process(spec)

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

    def _ready(self) -> Process:
        child = self._living()
        child.wait(None)
        return child

    def _living(self) -> Process:
        """The child that can answer: a new one in place of one that died or does not stop when told to."""
        with self._lock:
            if self._closed:
                raise EngineError(_("The model has been closed; choose one in Models."))
            if self._child.state == "failed" and isinstance(self._child.failure, ModelError):
                raise self._child.failure
            if self._child.state == "failed" or not self._child.idle(self._patience):
                log.warning("the model process is replaced")
                self._child.close()
                self._child = Process(self._spec)
            return self._child
