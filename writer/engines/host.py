"""An engine in a process of its own: one that crashes or runs out of memory never takes text with it."""

from __future__ import annotations

import contextlib
import copy
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

    Any thread may ask and any may :meth:`cancel`; the model answers one at a time, in order, but what is asked
    :meth:`beside` the page, or for a prompt whose role is work, is interrupted by the page at its next token.
    ``patience`` is how many seconds a cancelled request may go on before the process is replaced.
    """

    def __init__(self, spec: EngineSpec, *, patience: float = 20.0) -> None:
        self.name = spec.engine
        self.model = spec.model
        self._asker = "page"
        self._run = _Run(spec, patience)

    def beside(self) -> Host:
        """The same model for work beside the page: all that is asked there gives way to what is asked here.

        Cancelling stops only what was asked on the same side; closing either closes both.
        """
        other = copy.copy(self)
        other._asker = "work"
        return other

    @property
    def state(self) -> str:
        """``loading``, ``ready`` or ``failed``; never waits."""
        return self._run.process.state

    @property
    def note(self) -> str:
        """What loading is busy with, for the author; empty when there is nothing to say."""
        return self._run.process.note

    @property
    def failure(self) -> WriterError | None:
        """Why the model process failed, if it did."""
        return self._run.process.failure

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._run.process.pid

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
        return self._run.process.wait(timeout)

    def generate(self, prompt: Prompt, sampling: Sampling) -> Generator[Piece, None, Usage]:
        """Yield the continuation piece by piece; closing the generator or :meth:`cancel` stops the model."""
        started = time.perf_counter()
        first = 0.0
        tokens = 0
        child, number = self._ask(do="generate", prompt=pack_prompt(prompt), sampling=pack_sampling(sampling))
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
        wanted = [pack_sampling(sampling) for sampling in samplings]
        child, number = self._ask(do="alternatives", prompt=pack_prompt(prompt), samplings=wanted)
        try:
            while "piece" in (reply := child.reply(number)):
                yield reply["candidate"], unpack_piece(reply)
        except GeneratorExit:
            child.stop(number, _LAST_WORD_SECONDS)
        finally:
            child.forget(number)

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text by itself; what was counted before costs no trip."""
        known = self._run.counted(texts)
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            known |= dict(zip(missing, self._call(do="count", texts=missing), strict=True))
        self._run.remember({text: known[text] for text in texts})
        return [known[text] for text in texts]

    def score(self, prompt: Prompt, text: str) -> list[float]:
        """Natural log-probability of each token of ``text`` behind ``prompt``."""
        scores: list[float] = self._call(do="score", prompt=pack_prompt(prompt), text=text)
        return scores

    def learn(self, key: str, texts: Sequence[str], opening: Sequence[str]) -> Generator[Piece, None, None]:
        """Let the model learn how a book chooses its words; closing or :meth:`cancel` leaves the rest for later."""
        child, number = self._ask(do="learn", key=key, texts=list(texts), opening=list(opening))
        try:
            while "piece" in (reply := child.reply(number)):
                yield unpack_piece(reply)
        except GeneratorExit:
            child.stop(number, _LAST_WORD_SECONDS)
        finally:
            child.forget(number)

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
        self._run.keep(book, megabytes)

    def take_up(self, book: Path, prompt: Prompt) -> int:
        """Take up what was kept of this book, if it helps; how many tokens of the prompt need not be read any more."""
        tokens: int = self._call(do="take_up", book=str(book), prompt=pack_prompt(prompt))
        return tokens

    def unread(self, prompts: Sequence[Prompt]) -> list[int]:
        """How many tokens of each prompt would have to be read."""
        numbers: list[int] = self._call(do="unread", prompts=[pack_prompt(prompt) for prompt in prompts])
        return numbers

    def cancel(self) -> None:
        """Stop everything that is being generated for this side; whoever waits for it gets what there is."""
        self._run.process.cancel(self._asker)

    def close(self) -> None:
        """End the child process, which may first finish what it keeps, for a moment; safe to call twice."""
        self._run.close()

    def __enter__(self) -> Host:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _ask(self, **request: Any) -> tuple[Process, int]:
        """Send a request to the process that can answer, as the page's or as work that gives way."""
        role = request["prompt"]["role"] if "prompt" in request else self._asker
        process = self._run.living()
        return process, process.ask(self._asker, role="work" if self._asker == "work" else role, **request)

    def _call(self, **request: Any) -> Any:
        process, number = self._ask(**request)
        try:
            answer = process.reply(number)["done"]
        finally:
            process.forget(number)
        if answer is None:  # cancelled
            raise EngineError(_("The model was interrupted; try again."))
        return answer

    def _ready(self) -> Process:
        process = self._run.living()
        process.wait(None)
        return process


class _Run:
    """The process that can answer now, and what outlives it, for all who ask."""

    def __init__(self, spec: EngineSpec, patience: float) -> None:
        self.process = Process(spec)
        self._spec = spec
        self._patience = patience
        self._lock = Lock()
        self._counts: OrderedDict[str, int] = OrderedDict()
        self._counting = Lock()
        self._closed = False
        self._kept = Event()
        self._kept.set()

    def living(self) -> Process:
        """The process that can answer: a new one in place of one that died or does not stop when told to."""
        with self._lock:
            if self._closed:
                raise EngineError(_("The model has been closed; choose one in Models."))
            failure = self.process.failure
            if isinstance(failure, ModelError):
                raise failure
            if failure or not self.process.idle(self._patience):
                log.warning("the model process is replaced")
                self.process.close()
                self.process = Process(self._spec)
            return self.process

    def counted(self, texts: Sequence[str]) -> dict[str, int]:
        """The tokens of those of these texts that were counted before."""
        with self._counting:
            return {text: self._counts[text] for text in texts if text in self._counts}

    def remember(self, counts: dict[str, int]) -> None:
        """Keep counts, the ones used last longest."""
        with self._counting:
            for text, number in counts.items():
                self._counts[text] = number
                self._counts.move_to_end(text)
            while len(self._counts) > _COUNTED:
                self._counts.popitem(last=False)

    def keep(self, book: Path, megabytes: int) -> None:
        """Have kept on disk what was read of this book, if a model is there to do it."""
        if not self._closed and self.process.state == "ready":
            with contextlib.suppress(WriterError):
                self._kept = self.process.tell(do="keep", book=str(book), megabytes=megabytes)

    def close(self) -> None:
        """End the process, which may first finish what it keeps, for a moment."""
        self._closed = True
        self._kept.wait(_KEEP_SECONDS)
        self.process.close()
