"""An OpenAI-compatible server that the author runs: llama-server, Ollama, LM Studio, vLLM and their like.

It is asked over HTTP, from Writer's own process: nothing here can crash, and what may take long
is left to threads (:mod:`writer.engines.exchange`). What the server is, it is asked once
(:mod:`writer.engines.acquaintance`); that decides how it is asked (:mod:`writer.engines.dialect`).
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from threading import Condition, Thread
from typing import Any

from writer import address
from writer.engines import EngineSpec, Piece, Sampling, Usage, acquaintance, one_by_one
from writer.engines.acquaintance import Acquaintance
from writer.engines.chat import unmarked
from writer.engines.dialect import Answer, Dialect, is_too_long
from writer.engines.exchange import Caller, Patience, Refused, Stopped, message_of
from writer.engines.gate import Gate
from writer.engines.tokens import Density
from writer.engines.wire import Message, sendable
from writer.errors import EngineError, UsageError, WriterError
from writer.i18n import _
from writer.story import Part, Prompt, Turn

log = logging.getLogger(__name__)

_CHAT_TOKENS = 200


class _TakenBack(EngineError):  # noqa: N818 - nothing went wrong
    """Another thread cancelled what was asked."""


class Server:
    """The author's server; asked who it is from construction on, and again at each use until it tells.

    ``key`` gives the key for an origin, in whichever thread asks.
    """

    name = "server"

    def __init__(
        self,
        spec: EngineSpec,
        key: Callable[[str], str] = lambda origin: "",
        patience: Patience = Patience(),  # noqa: B008
    ) -> None:
        place = address.read(spec.path)
        if place is None:
            raise UsageError(_("“{text}” is no address of a server; set server_url.").format(text=spec.path))
        self.model = _title(spec.model) or place.host
        self._place = place
        self._spec = spec
        self._another: Callable[[], Server] = lambda: Server(spec, key, patience)
        self._beside: list[Server] = []
        self._caller = Caller(place, lambda: key(place.origin), patience)
        self._dialect = Dialect(place)
        self._known: Acquaintance | None = None
        self._failure: WriterError | None = None
        self._wanted = spec.model
        self._changed = Condition()
        self._is_meeting = False
        self._cancels = 0
        self._is_closed = False
        self._start_meeting()

    @property
    def state(self) -> str:
        """``loading``, ``ready`` or ``failed``; never waits."""
        with self._changed:
            if self._known:
                return "ready"
            return "loading" if self._is_meeting else "failed"

    @property
    def failure(self) -> WriterError | None:
        """Why the server could not be asked who it is."""
        return self._failure

    @property
    def context_tokens(self) -> int:
        """How much the server reads, less a margin where its tokens can only be estimated."""
        with self._asking():
            known = self._ready()
        if known.tokenizer is not None:
            return known.reads
        return max(1, known.reads - known.reads // 16 - (_CHAT_TOKENS if self._dialect.is_chat else 0))

    @property
    def bos_tokens(self) -> int:
        """Tokens that stand in front of every prompt."""
        with self._asking():
            tokenizer = self._ready().tokenizer
            return 0 if tokenizer is None else len(tokenizer.bos)

    def generate(self, prompt: Prompt, sampling: Sampling) -> Generator[Piece, None, Usage]:
        """Yield the continuation piece by piece; closing it or :meth:`cancel` tells the server to stop.

        Banned phrases end the text in front of them; ``no_repeat_ngram`` is not possible here.
        """
        started = time.perf_counter()
        first = 0.0
        answer = Answer(prompt.tokens)
        gate = Gate(sampling.stop, sampling.banned)
        with contextlib.suppress(GeneratorExit, _TakenBack), self._asking():
            known = self._ready()
            with contextlib.closing(self._asked(known, prompt, sampling)) as chunks:
                for chunk in chunks:
                    piece = self._read(answer, chunk)
                    if piece.tokens and not first:
                        first = time.perf_counter() - started
                    rewind = gate.add(0, piece.text) if piece.text else None
                    if rewind:
                        gate.refuse(rewind)
                    yield replace(piece, text=gate.release())
                    if rewind or gate.stopped or answer.tokens > sampling.max_tokens:
                        break
            rest = gate.finish()
            if isinstance(rest, str) and rest:
                yield Piece(rest, 0)
        return answer.usage(first * 1000, (time.perf_counter() - started) * 1000)

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text by itself; estimated, rather too many, where the server doesn't count."""
        with self._asking():
            known = self._ready()
            return [known.count(text) for text in texts]

    def chat(self, turns: Sequence[Turn]) -> Prompt:
        """What was said, as plain text: only the server knows how its model was taught to read a conversation."""
        return Prompt(unmarked(turns), role="work")

    def alternatives(self, prompt: Prompt, samplings: Sequence[Sampling]) -> Generator[tuple[int, Piece], None, None]:
        """Yield pieces of several continuations, one behind the other."""
        return one_by_one(self, prompt, samplings)

    def attention(self, prompt: Prompt, text: str) -> list[float]:
        """Not possible: no server tells."""
        raise EngineError(_("A server doesn't tell what its model looks at; choose the engine transformers."))

    def score(self, prompt: Prompt, text: str) -> list[float]:
        """Natural log-probability of each token of ``text``, where the server repeats a prompt with them (vLLM)."""
        with self._asking():
            known = self._ready()
            if known.kind in ("llamacpp", "ollama") or self._dialect.is_chat:
                raise self._cannot_score()
            body: Message = {"model": known.model, "max_tokens": 1, "temperature": 0, "echo": True, "logprobs": 1}
            if known.tokenizer is None:
                body["prompt"] = sendable(prompt.text + text)
            else:
                body["prompt"] = known.tokenizer.read(prompt) + known.tokenizer.ids(text)
            try:
                reply = self._caller.ask(f"{self._place.path}/completions", body, is_quick=False)
            except Refused as refused:
                if refused.status in (400, 404, 405, 422, 501):
                    raise self._cannot_score() from refused
                raise
            told = ((reply.get("choices") or [{}])[0]).get("logprobs") or {}
            scores, offsets = told.get("token_logprobs") or [], told.get("text_offset") or []
            read = (reply.get("usage") or {}).get("prompt_tokens", 0)
            if known.tokenizer is not None:
                scores = scores[:read][-len(known.tokenizer.ids(text)) :] if 0 < read < len(scores) + 1 else []
            else:
                start, end = len(prompt.text), len(prompt.text) + len(text)
                pairs = zip(scores, offsets, strict=False)
                scores = [score for score, at in pairs if start <= at < end]
            if text and (not scores or any(not isinstance(score, float | int) for score in scores)):
                raise self._cannot_score()
            return [float(score) for score in scores]

    def learn(self, key: str, texts: Sequence[str], opening: Sequence[str]) -> Generator[Piece, None, None]:
        """Nothing: it would cost the server hundreds of requests."""
        yield from ()

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Not possible: a server tells how many tokens a text has, not where they begin."""
        raise self._cannot_score()

    def beside(self) -> Server:
        """The same server, asked by somebody else at the same time; it says itself whom it answers first."""
        other = self._another()
        self._beside.append(other)
        return other

    def cancel(self) -> None:
        """Stop everything that is being asked; whoever waits for it gets what there is."""
        with self._changed:
            self._cancels += 1
            self._changed.notify_all()
        self._caller.cancel()

    def keep(self, book: Path, megabytes: int) -> None:
        """Nothing is kept."""

    def take_up(self, book: Path, prompt: Prompt) -> int:
        """Nothing was kept."""
        return 0

    def close(self) -> None:
        """Hang up; safe to call twice."""
        with self._changed:
            self._is_closed = True
        for other in self._beside:
            other.close()
        self.cancel()
        self._caller.close()

    # -- who the server is

    def _ready(self) -> Acquaintance:
        """What the server is; asks it again if it could not be reached before."""
        with self._changed:
            if self._known is None and not self._is_meeting:
                self._start_meeting()
            cancels = self._cancels
            self._changed.wait_for(lambda: not self._is_meeting or self._cancels != cancels)
            if self._is_closed:
                raise EngineError(_("The model has been closed; choose one in Models."))
            if self._known is not None:
                return self._known
            if self._failure is None or self._cancels != cancels:
                raise Stopped
            raise self._failure

    def _start_meeting(self) -> None:
        with self._changed:
            if not self._is_closed:
                self._is_meeting = True
                Thread(target=self._meet, name="server-meeting", daemon=True).start()

    def _meet(self) -> None:
        known: Acquaintance | None = None
        failure: WriterError | None = None
        try:
            known = self._acquaintance()
        except Stopped:
            pass
        except Refused as refused:
            failure = self._sentence(refused)
        except WriterError as error:
            failure = error
        except Exception:
            log.exception("the server at %s", self._place.origin)
            failure = self._sentence(Refused(0, ""))
        with self._changed:
            if known is not None:
                self.model = _title(known.model) or self._place.host
            self._known, self._failure, self._is_meeting = known, failure, False
            self._changed.notify_all()

    def _acquaintance(self) -> Acquaintance:
        """Ask what the server is, what it serves, how much that reads and how it counts."""
        known = acquaintance.make(self._caller, self._spec)
        self._wanted = known.model
        if known.tokenizer is not None:
            return known
        return replace(known, density=Density.measured(lambda text: self._cost(known, text)))

    def _cost(self, known: Acquaintance, text: str) -> int:
        """The tokens that the server reads for this text; 0 if it doesn't tell."""
        answer = Answer(0)
        prompt = Prompt((Part("page", text, 0),))
        for chunk in self._asked(known, prompt, Sampling(max_tokens=1, temperature=0)):
            self._read(answer, chunk)
        return answer.prompt_tokens

    # -- asking

    @contextlib.contextmanager
    def _asking(self) -> Iterator[None]:
        """Errors of the server as sentences."""
        try:
            yield
        except Refused as refused:
            raise self._sentence(refused) from refused
        except Stopped as stopped:
            raise _TakenBack(_("This was taken back; ask again.")) from stopped

    def _asked(self, known: Acquaintance, prompt: Prompt, sampling: Sampling) -> Generator[Message, None, None]:
        """The chunks of one completion, asked for in the way that this server understands."""
        while True:
            path, body = self._dialect.request(known, prompt, sampling)
            try:
                with contextlib.closing(self._caller.stream(path, body)) as chunks:
                    for chunk in chunks:
                        if "error" in chunk:
                            raise Refused(_status(chunk["error"]), message_of(chunk))
                        yield chunk
                return
            except Refused as refused:
                if not self._dialect.yields_to(refused, known, body):
                    raise

    def _read(self, answer: Answer, chunk: Message) -> Piece:
        try:
            return answer.read(chunk)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            log.warning("%s sent something of another shape", self._place.origin, exc_info=True)
            raise Refused(0, "") from error

    # -- what to tell the author

    def _cannot_score(self) -> EngineError:
        return EngineError(_("The server at {address} can't score a text.").format(address=self._place.origin))

    def _sentence(self, refused: Refused) -> EngineError:
        """What a server's error means, with the next step."""
        said = refused.said.lower()
        if refused.status in (401, 403):
            message = _(
                "The server at {address} wants a key, or another one; give it in Models or with “writer settings key”."
            )
        elif is_too_long(said):
            message = _("The text is longer than the server at {address} reads; lower the budget in the settings.")
        elif refused.status == 404 and "model" in said:
            message = _("The server at {address} has no model “{model}”; set server_model to one that it has.")
        elif refused.status in (404, 405, 501):
            message = _("There are no completions at {url}; set server_url right, it usually ends in /v1.")
        elif "loading" in said and refused.status == 503:
            message = _("The server at {address} is still loading its model; try again in a moment.")
        elif refused.status in (429, 503):
            message = _("The server at {address} is busy; try again in a moment.")
        elif refused.said:
            message = _("The server at {address} could not answer ({reason}); try again, or see what it says itself.")
        else:
            message = _("The server at {address} could not answer; try again, or see what it says on its own screen.")
        place = self._place
        return EngineError(message.format(address=place.origin, url=place.url, model=self._wanted, reason=refused.said))


def _status(error: Any) -> int:
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) else 500


def _title(model: str) -> str:
    """A model's name for people: without folders, and without the ending of a file."""
    return PurePosixPath(model.replace("\\", "/")).name.removesuffix(".gguf")
