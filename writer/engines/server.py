"""An OpenAI-compatible server that the author runs: llama-server, Ollama, LM Studio, vLLM and their like.

It is asked over HTTP, from Writer's own process: nothing here can crash, and what may take long
is left to threads (:mod:`writer.engines.exchange`). What the server is, it is asked once:

==============  ====================  ===============================================================
it is           the prompt goes as    to
==============  ====================  ===============================================================
llama-server    tokens                ``/v1/completions``, with all of llama.cpp's samplers
vLLM            tokens                ``/v1/completions``, with top-k, min-p and repetition penalty
Ollama          raw text              ``/api/generate``; its ``/v1/completions`` would make a chat of it
LM Studio       text                  ``/v1/completions``, with top-k and repetition penalty
any other       text                  ``/v1/completions``, or a chat where it has nothing else
==============  ====================  ===============================================================
"""

from __future__ import annotations

import contextlib
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from threading import Condition, Lock, Thread
from typing import Any

from writer import address
from writer.engines import EngineSpec, Piece, Sampling, Usage, one_by_one
from writer.engines.chat import unmarked
from writer.engines.dialect import Answer, extensions, is_too_long, messages, plain, raw, sendable, text_of
from writer.engines.exchange import Caller, Patience, Refused, Stopped, message_of
from writer.engines.gate import Gate
from writer.engines.wire import Message, completion
from writer.errors import EngineError, UsageError, WriterError
from writer.i18n import _
from writer.story import Part, Prompt, Turn

log = logging.getLogger(__name__)

UNTOLD_CONTEXT = 4096
"""How many tokens a server is taken to read that doesn't tell."""

_CACHED_TOKENS = 200_000
_CHAT_TOKENS = 200
_NEEDED = ("model", "prompt", "messages", "stream", "max_tokens", "options", "raw")
_CONTEXT_KEYS = ("loaded_context_length", "max_model_len", "context_length", "max_context_length", "context_window")


@dataclass(frozen=True, slots=True)
class _Known:
    """What the server told of itself."""

    kind: str
    """``llamacpp``, ``vllm``, ``ollama``, ``lmstudio`` or nothing."""
    model: str
    reads: int = UNTOLD_CONTEXT
    """How many tokens, by its own count."""
    bos: tuple[int, ...] | None = None
    """What stands in front of every prompt; None where the server doesn't tokenise for others."""
    density: Density | None = None


@dataclass(frozen=True, slots=True)
class Density:
    """Tokens a character, for a server that doesn't count: Latin script, and Chinese with its punctuation."""

    latin: float = 0.4
    chinese: float = 1.6

    def estimate(self, text: str) -> int:
        """Rather too many tokens than too few: a digit is one, and another script one a byte."""
        if not text:
            return 0
        wide = len(_WIDE.findall(text))
        digits = len(_DIGIT.findall(text))
        plain = len(_PLAIN.findall(text))
        other = len(_WIDE.sub("", text).encode("utf-8", "replace")) - plain - digits
        return int(wide * self.chinese + plain * self.latin + digits + other) + 1


_WIDE = re.compile("[\u2010-\u203b\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
_PLAIN = re.compile(r"[A-Za-z\s.,;:!?'\"()-]", re.ASCII)
_DIGIT = re.compile(r"[0-9]")
_MARGIN = 1.15
# Prose with names, dialogue and dashes, so that what is measured on it holds for a novel.
_MEASURES = {
    "latin": (
        "“You can't mean it,” Marguerite whispered; her umbrella dripped on the Ambassador's parquet. Outside, "
        "the quays of Rotterdam lay empty, and somebody was whistling. Grzegorz shrugged, unfolded the yellowed "
        "telegram and read it aloud—slowly, disdainfully, as though each syllable had been overcharged.\n"
    ),
    "chinese": (
        "“你当真要走？”沈月娘低声问道，雨水顺着油纸伞滴在青石板上。码头空荡荡的，不知谁在吹口哨。"
        "老魏耸了耸肩，展开那封泛黄的电报，慢吞吞地念了起来，仿佛每个字都贵得离谱。窗外，暮色渐浓。\n"
    ),
}


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
        self._known: _Known | None = None
        self._failure: WriterError | None = None
        self._wanted = spec.model
        self._way = "completions"
        self._unwanted: set[str] = set()
        self._ids: OrderedDict[str, list[int]] = OrderedDict()
        self._cached = 0
        self._lock = Lock()
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
        if known.bos is not None:
            return known.reads
        return max(1, known.reads - known.reads // 16 - (_CHAT_TOKENS if self._way == "chat" else 0))

    @property
    def bos_tokens(self) -> int:
        """Tokens that stand in front of every prompt."""
        with self._asking():
            return len(self._ready().bos or ())

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
            if known.bos is None:
                return [(known.density or Density()).estimate(text) for text in texts]
            return [len(self._tokens(known, text)) for text in texts]

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
            if known.kind in ("llamacpp", "ollama") or self._way != "completions":
                raise self._cannot_score()
            body: Message = {"model": known.model, "max_tokens": 1, "temperature": 0, "echo": True, "logprobs": 1}
            if known.bos is None:
                body["prompt"] = sendable(prompt.text + text)
            else:
                body["prompt"] = self._prompt_ids(known, prompt) + self._tokens(known, text)
            try:
                reply = self._caller.ask(f"{self._place.path}/completions", body, is_quick=False)
            except Refused as refused:
                if refused.status in (400, 404, 405, 422, 501):
                    raise self._cannot_score() from refused
                raise
            told = ((reply.get("choices") or [{}])[0]).get("logprobs") or {}
            scores, offsets = told.get("token_logprobs") or [], told.get("text_offset") or []
            read = (reply.get("usage") or {}).get("prompt_tokens", 0)
            if known.bos is not None:
                scores = scores[:read][-len(self._tokens(known, text)) :] if 0 < read < len(scores) + 1 else []
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

    def _ready(self) -> _Known:
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
        known: _Known | None = None
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

    def _acquaintance(self) -> _Known:
        """Ask what the server is, what it serves, how much that reads and how it counts."""
        served = self._served()
        model = self._spec.model or next((str(entry.get("id", "")) for entry in served), "")
        self._wanted = model
        entry = next((entry for entry in served if entry.get("id") == model), {})
        kind, told = self._kind()
        if kind == "ollama":
            self._way = "generate"
            loaded = self._optional("/api/ps").get("models") or []
            entry = next((entry for entry in loaded if isinstance(entry, dict) and entry.get("name") == model), {})
        if kind == "lmstudio":
            entry = next((entry for entry in told.get("data") or [] if entry.get("id") == model), entry)
        known = _Known(kind, model, self._reads(entry, told))
        known = replace(known, bos=self._bos(known))
        return known if known.bos is not None else replace(known, density=self._measure(known))

    def _served(self) -> list[Message]:
        """The models that the server lists; none if it doesn't."""
        try:
            reply = self._caller.ask(f"{self._place.path}/models")
        except Refused as refused:
            if refused.status in (401, 403, 429, 503):
                raise
            return []
        models = reply.get("data")
        return [entry for entry in models if isinstance(entry, dict)] if isinstance(models, list) else []

    def _kind(self) -> tuple[str, Message]:
        """Which program the server is, and what that told."""
        for kind, path, sign in (
            ("llamacpp", "/props", "default_generation_settings"),
            ("vllm", "/version", "version"),
            ("ollama", "/api/version", "version"),
            ("lmstudio", "/api/v0/models", "data"),
        ):
            told = self._optional(path)
            if sign in told:
                return kind, told
        return "", {}

    def _optional(self, path: str) -> Message:
        """An answer that only some servers have; empty from the others."""
        try:
            return self._caller.ask(self._place.root + path)
        except (Refused, EngineError):
            return {}

    def _bos(self, known: _Known) -> tuple[int, ...] | None:
        if known.kind not in ("llamacpp", "vllm"):
            return None
        try:
            return tuple(self._ask_tokens(known, "", with_bos=True))
        except (Refused, EngineError):
            return None

    def _reads(self, entry: Message, told: Message) -> int:
        """How many tokens the server reads, as far as it tells, and no more than the author says."""
        meta: Message = entry["meta"] if isinstance(entry.get("meta"), dict) else {}
        props = told.get("default_generation_settings") or {}
        sizes = [props.get("n_ctx"), meta.get("n_ctx"), meta.get("n_ctx_train")]
        sizes.append(next((entry[key] for key in _CONTEXT_KEYS if entry.get(key)), None))
        sizes.append(self._spec.context_tokens)
        return min((size for size in sizes if isinstance(size, int) and size > 0), default=UNTOLD_CONTEXT)

    def _measure(self, known: _Known) -> Density:
        """Let the server count samples; it shows by the way what it can be asked for."""
        start = self._cost(known, ".")
        rates = {}
        for script, text in _MEASURES.items():
            cost = self._cost(known, text)
            if 0 < start < cost:
                rates[script] = (cost - start) / len(text) * _MARGIN
        return Density(**rates)

    def _cost(self, known: _Known, text: str) -> int:
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

    def _asked(self, known: _Known, prompt: Prompt, sampling: Sampling) -> Generator[Message, None, None]:
        """The chunks of one completion, asked for in the way that this server understands."""
        while True:
            path, body = self._request(known, prompt, sampling)
            try:
                with contextlib.closing(self._caller.stream(path, body)) as chunks:
                    for chunk in chunks:
                        if "error" in chunk:
                            raise Refused(_status(chunk["error"]), message_of(chunk))
                        yield chunk
                return
            except Refused as refused:
                if not self._yields_to(refused, body):
                    raise

    def _read(self, answer: Answer, chunk: Message) -> Piece:
        try:
            return answer.read(chunk)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            log.warning("%s sent something of another shape", self._place.origin, exc_info=True)
            raise Refused(0, "") from error

    def _yields_to(self, refused: Refused, body: Message) -> bool:
        """Whether there is another way to ask what the server refused; it is remembered."""
        said = refused.said.lower()
        if refused.status in (404, 405, 501) and self._way == "completions" and ("model" not in said or "chat" in said):
            self._way = "chat"
            return True
        if refused.status not in (400, 422) or is_too_long(said):
            return False
        named = {
            field
            for field in body
            if field not in _NEEDED and re.search(field if "_" in field else f"[\"'`]{field}[\"'`]", said)
        }
        if "max_completion_tokens" in said and "max_tokens" in body:
            named.add("max_tokens")
        named -= self._unwanted
        self._unwanted |= named
        return bool(named)

    def _request(self, known: _Known, prompt: Prompt, sampling: Sampling) -> tuple[str, Message]:
        """The path and the body of a streamed completion."""
        if self._way == "generate":
            return f"{self._place.root}/api/generate", raw(known.model, text_of(prompt), sampling, known.reads)
        if self._way == "chat":
            path, body = "/chat/completions", plain(sampling) | {"messages": messages(text_of(prompt))}
            if sampling.logprobs:
                body |= {"logprobs": True, "top_logprobs": sampling.logprobs}
        else:
            path = "/completions"
            what = text_of(prompt) if known.bos is None else self._prompt_ids(known, prompt)
            body = (
                completion(range(prompt.tokens), sampling)
                if known.kind == "llamacpp"
                else plain(sampling) | extensions(known.kind, sampling)
            )
            body["prompt"] = what
        if known.model:
            body["model"] = known.model
        if "max_tokens" in self._unwanted:
            body["max_completion_tokens"] = body["max_tokens"]
        return self._place.path + path, {key: value for key, value in body.items() if key not in self._unwanted}

    def _prompt_ids(self, known: _Known, prompt: Prompt) -> list[int]:
        """The prompt's tokens, each part by itself, so that what was counted is what is sent."""
        ids = [token for part in prompt.parts for token in self._tokens(known, part.text)]
        return [*(known.bos or ()), *(ids or self._tokens(known, "\n"))]

    def _tokens(self, known: _Known, text: str) -> list[int]:
        """The server's own tokens of a text; those of texts asked for lately are remembered."""
        if not text:
            return []
        with self._lock:
            if text in self._ids:
                self._ids.move_to_end(text)
                return self._ids[text]
        ids = self._ask_tokens(known, text)
        with self._lock:
            if text not in self._ids:
                self._ids[text] = ids
                self._cached += len(ids)
            while self._cached > _CACHED_TOKENS and len(self._ids) > 1:
                self._cached -= len(self._ids.popitem(last=False)[1])
        return ids

    def _ask_tokens(self, known: _Known, text: str, *, with_bos: bool = False) -> list[int]:
        text = sendable(text)
        body: Message = {"content": text, "add_special": with_bos, "parse_special": False}
        if known.kind == "vllm":
            body = {"model": known.model, "prompt": text, "add_special_tokens": with_bos}
        ids = self._caller.ask(f"{self._place.root}/tokenize", body).get("tokens")
        if not isinstance(ids, list) or not all(isinstance(token, int) for token in ids):
            raise Refused(0, "no tokens")
        return ids

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
