"""GGUF models on llama.cpp, through its own server inside this process."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from writer.engines import EngineSpec, Piece, Sampling, Usage, one_by_one
from writer.engines.chat import lay_out, unmarked
from writer.engines.gate import Gate, Ngrams, Rewind
from writer.engines.kept import shared
from writer.engines.llamaserver import LlamaServer
from writer.engines.pages import SPARE
from writer.engines.wire import Completion, completion, likeliest
from writer.engines.wording import LEAD, LIKELIEST, Leaning, Wordings
from writer.errors import EngineError
from writer.i18n import _
from writer.story import Prompt, Turn

_REST = 8
"""So few tokens more are read in one go with what follows."""
_ANSWER = 64
"""About so much of what was written is in a slot behind what was read."""
_STEP_SECONDS = 0.12
_STEPS = (8, 256)
_SLOTS = {"page": 0, "work": 1, SPARE: 2}
"""Where what was read for each role is kept; the slots share one pool of tokens."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """Where and how one answer is written."""

    slot: int
    leaning: Leaning = ()


class LlamaCpp:
    """A GGUF model whose cache keeps the last prompt of each role: only what changed is read again."""

    name = "llamacpp"

    def __init__(self, spec: EngineSpec) -> None:
        self.model = spec.model
        self.unwanted: Callable[[], bool] = lambda: False
        """Asked at each token and batch whether what is being generated may stop there; from another thread."""
        self.outranked: Callable[[], bool] = lambda: False
        """Asked behind each token whether to let go of the model while what was written is dealt with."""
        self._held: dict[str, list[int]] = {}
        """By role, the one read for last at the end."""
        self._step = 32
        self._server = LlamaServer(spec, len(_SLOTS), batch=_STEPS[1])
        trained: int = self._server.get("/v1/models")["data"][0]["meta"]["n_ctx_train"]
        given: int = self._server.get("/props")["default_generation_settings"]["n_ctx"]
        self.context_tokens = min(trained, given, spec.context_tokens or given)
        self._pool = given
        self._wordings = Wordings(spec)
        self._bos = self._tokenize("", special=True)
        self.bos_tokens = len(self._bos)

    def generate(self, prompt: Prompt, sampling: Sampling) -> Generator[Piece, None, Usage]:
        """Yield the continuation; an empty piece means that a batch of the prompt has been read.

        Stopped early, it still returns what it cost.
        """
        if sampling.beams > 1:
            raise EngineError(_("The engine llamacpp can't search with beams; choose the engine transformers."))
        started = time.perf_counter()
        ids = self._ids(prompt)
        sampling = replace(sampling, max_tokens=min(sampling.max_tokens, self._room(ids)))
        self._held[prompt.role] = ids[: shared(self._held.pop(prompt.role, []), ids)]
        self._make_room(len(ids) + sampling.max_tokens)
        reader = Completion(len(ids))
        asked = _Asked(_SLOTS[prompt.role], self._wordings.leaning(prompt.wording))
        is_plain = not (sampling.banned or sampling.no_repeat_ngram or prompt.begun)
        writing = (
            self._write_on(ids, sampling, asked, reader)
            if is_plain
            else self._write_watched(ids, sampling, asked, reader, Gate(sampling.stop, sampling.banned, prompt.begun))
        )
        first, read = 0.0, 0
        with contextlib.closing(writing) as pieces, contextlib.suppress(GeneratorExit):
            for number in self._read(ids, prompt.role):
                read += number
                yield Piece("", 0)
            for piece in pieces:
                if piece.tokens and not first:
                    first = time.perf_counter() - started
                    self._held[prompt.role] = ids
                yield piece
        usage = reader.usage(first * 1000, (time.perf_counter() - started) * 1000)
        return replace(usage, prefilled_tokens=usage.prefilled_tokens + read)

    def _make_room(self, tokens: int) -> None:
        """Forget what is wanted least if all does not fit; the server would do so unasked, and not say which."""
        *others, _now = self._held
        others.sort(key=lambda role: role != "work")
        while others and tokens + sum(len(self._held[role]) + _ANSWER for role in others) > self._pool:
            oldest = others.pop(0)
            del self._held[oldest]
            self._server.post(f"/slots/{_SLOTS[oldest]}?action=erase", {})

    def _read(self, ids: list[int], role: str) -> Generator[int, None, None]:
        """Read the prompt but for its end, in steps of an eighth of a second; yields the tokens newly read in each.

        Inside a step nothing stops llama.cpp. A request for each costs little, and larger ones hardly read faster.
        """
        while len(ids) - len(self._held[role]) > self._step + _REST:
            at = len(self._held[role])
            upto = ids[: at + self._step]
            started = time.perf_counter()
            body = completion(upto, Sampling(max_tokens=0)) | {"id_slot": _SLOTS[role]}
            chunks = list(self._server.stream(body, self.unwanted))
            self._held[role] = upto
            took = time.perf_counter() - started
            new = max(chunk.get("timings", {}).get("prompt_n", 0) for chunk in chunks)
            if new == self._step:  # neither the beginning nor what was in the cache already
                self._step = next_step(self._step, took)
            yield new

    def _write(
        self,
        ids: list[int],
        sampling: Sampling,
        asked: _Asked,
        reader: Completion,
        refused: Sequence[int] = (),
        begun: str = "",
    ) -> Generator[Piece, None, None]:
        """One completion, as the server writes it."""
        body = completion(ids, sampling, refused, begun, asked.leaning) | {"id_slot": asked.slot}
        with contextlib.closing(self._server.stream(body, self.unwanted)) as chunks:
            for chunk in chunks:
                yield reader.read(chunk)

    def _write_on(
        self, ids: list[int], sampling: Sampling, asked: _Asked, reader: Completion
    ) -> Generator[Piece, None, None]:
        """One completion, or several: one that lets go of the model is followed by one that goes on from its text.

        A grammar would begin anew: what keeps to one goes on beside what outranks it, more slowly.
        """
        text, left = "", sampling.max_tokens
        while True:
            more = replace(sampling, max_tokens=left, seed=sampling.seed + sampling.max_tokens - left)
            is_let_go = False
            with contextlib.closing(self._write(ids + self._tokenize(text), more, asked, reader)) as pieces:
                for piece in pieces:
                    text += piece.text
                    left -= piece.tokens
                    is_let_go = piece.tokens > 0 and left > 0 and not sampling.grammar and self.outranked()
                    if is_let_go:
                        break
                    yield piece
            if not is_let_go:
                return
            reader.begin_anew()
            yield piece

    def _write_watched(
        self, ids: list[int], sampling: Sampling, asked: _Asked, reader: Completion, gate: Gate
    ) -> Generator[Piece, None, None]:
        """Completions one behind another: each goes back to before what must not be written, and on from there.

        The server can refuse a token only for a whole completion, so what follows a refusal is one token long.
        """
        ngrams = Ngrams(ids, sampling.no_repeat_ngram)
        plain = replace(sampling, stop=(), banned=(), no_repeat_ngram=0, logprobs=max(1, sampling.logprobs))
        while True:
            refused = gate.refused
            left = 1 if refused else sampling.max_tokens - len(gate.tokens)
            seed = sampling.seed + len(gate.tokens) + 7919 * len(refused)  # the same numbers would come to the same end
            came, rewind, is_let_go = 0, None, False
            wanted = replace(plain, max_tokens=left, seed=seed)
            pieces = self._write(ids + gate.tokens, wanted, asked, reader, refused, gate.missing)
            with contextlib.closing(pieces):
                for piece in pieces:
                    for token in reader.ids:
                        came += 1
                        rewind = Rewind(len(gate.tokens), token) if token in ngrams.repeating else rewind
                        ngrams.add(token)
                        found = gate.add(token, piece.text if token == reader.ids[-1] else "")
                        rewind = rewind or found
                    if rewind or gate.stopped:
                        break
                    piece = replace(piece, text=gate.release())
                    is_let_go = 0 < came < left and not sampling.grammar and self.outranked()
                    if is_let_go:
                        break
                    yield piece
            if is_let_go:
                reader.begin_anew()
                yield piece
                continue
            if rewind is None and (gate.stopped or came < left or len(gate.tokens) >= sampling.max_tokens):
                rest = gate.finish()
                if isinstance(rest, str):
                    yield Piece(rest, 0)
                    return
                rewind = rest
            if rewind is not None:
                gate.refuse(rewind)
                ngrams = Ngrams(ids + gate.tokens, sampling.no_repeat_ngram)

    def chat(self, turns: Sequence[Turn]) -> Prompt:
        """What the model reads before it answers; a base model, which has no marks of a chat, gets plain text."""
        about = self._server.get("/props")
        parts = lay_out(about["chat_template"], turns, bos=about["bos_token"] * bool(self._bos), eos=about["eos_token"])
        marks = "".join(part.text for part in parts if part.kind == "control")
        if len(self._tokenize(marks, control=True)) == len(self._tokenize(marks)):
            parts = unmarked(turns)
        return Prompt(parts, role="work")

    def alternatives(self, prompt: Prompt, samplings: Sequence[Sampling]) -> Generator[tuple[int, Piece], None, None]:
        """Yield pieces of several continuations, one behind the other; the prompt is read once."""
        return one_by_one(self, prompt, samplings)

    def attention(self, prompt: Prompt, text: str) -> list[float]:
        """Not possible here."""
        raise EngineError(_("The engine llamacpp can't tell what the model looks at; choose the engine transformers."))

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text by itself."""
        return [len(self._tokenize(text)) for text in texts]

    def score(self, prompt: Prompt, text: str) -> list[float]:
        """Natural log-probability of each token of ``text``, some 30 ms a token.

        The server tells it only of what it writes, so a grammar of these very tokens makes it write the text.
        """
        ids, read = self._tokenize(text), self._ids(prompt)
        self._held[prompt.role] = read[: shared(self._held.pop(prompt.role, []), read)]
        self._make_room(len(read) + len(ids))
        told = Sampling(max_tokens=len(ids), temperature=0, top_k=1, repetition_penalty=1, logprobs=1)
        told = replace(told, grammar="root ::= " + " ".join(f"<[{token}]>" for token in ids))
        asked = _Asked(_SLOTS[prompt.role], self._wordings.leaning(prompt.wording))
        scores: list[float] = []
        if ids and self._room(read) >= len(ids):
            reader = Completion(len(read))
            with contextlib.closing(self._write(read, told, asked, reader)) as pieces:
                scores = [piece.logprob for piece in pieces for _token in reader.ids]
        if len(scores) != len(ids):
            raise EngineError(_("The engine llamacpp can't score a text; choose the engine transformers."))
        self._held[prompt.role] = read
        return scores

    def ids(self, text: str) -> list[int]:
        """The tokens of a text by itself."""
        return self._tokenize(text)

    def expected(self, ids: Sequence[int]) -> Generator[dict[int, float], None, None]:
        """The likeliest tokens and their probabilities at each place of a passage behind its lead.

        The server tells them only of what it writes, so it is asked for one token at each place.
        """
        told = Sampling(max_tokens=1, temperature=0, repetition_penalty=1, logprobs=LIKELIEST)
        for end in range(LEAD, len(ids)):
            self._held["work"] = []
            body = completion([*self._bos, *ids[:end]], told) | {"id_slot": _SLOTS["work"]}
            chunks = list(self._server.stream(body, self.unwanted))
            yield likeliest(chunks)

    def learn(self, key: str, texts: Sequence[str], opening: Sequence[str]) -> Generator[Piece, None, None]:
        """Learn under a key how a book chooses its words; yields an empty piece at each step."""
        for _step in self._wordings.learn(self, key, texts, opening):
            yield Piece("", 0)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Not needed here, where nothing is scored."""
        raise EngineError(_("The engine llamacpp can't score a text; choose the engine transformers."))

    def tokens(self, prompt: Prompt) -> list[int]:
        """What is read for a prompt before it is continued."""
        return self._ids(prompt)

    def held(self, role: str) -> list[int]:
        """The beginning of what is in the cache for a role: all of the last prompt that was read to its end."""
        return self._held.get(role, [])

    def keep(self, path: Path, role: str) -> None:
        """Write a role's cache to a file in the folder that the server was given."""
        self._server.post(f"/slots/{_SLOTS[role]}?action=save", {"filename": path.name})

    def take_up(self, path: Path, tokens: Sequence[int], role: str) -> None:
        """Put a file in the place of a role's cache; the server itself compares its tokens with those of a prompt."""
        slot = f"/slots/{_SLOTS[role]}"
        self._held[role] = []
        if self._server.post(f"{slot}?action=restore", {"filename": path.name})["n_restored"] < len(tokens):
            self._server.post(f"{slot}?action=erase", {})
            raise EngineError(_("The model could not continue ({reason}); try again.").format(reason=path.name))
        self._held[role] = list(tokens)

    def close(self) -> None:
        """Free the model and its socket."""
        self._server.close()

    def _ids(self, prompt: Prompt) -> list[int]:
        """The prompt's tokens: each part by itself, so that an edit in one leaves the others as they are cached."""
        ids = [token for part in prompt.read for token in self._tokenize(part.text, control=part.kind == "control")]
        return self._bos + (ids or self._tokenize("\n"))

    def _room(self, ids: list[int]) -> int:
        room = self.context_tokens - len(ids)
        if room < 1:
            raise EngineError(
                _("The text is longer than the {limit} tokens that this model reads; lower the budget.").format(
                    limit=self.context_tokens
                )
            )
        return room

    def _tokenize(self, text: str, special: bool = False, control: bool = False) -> list[int]:
        """Token ids of a text in which nothing is a control token, unless it is laid out by the model's template."""
        if not text and not special:
            return []
        reply = self._server.post("/tokenize", {"content": text, "add_special": special, "parse_special": control})
        return list(reply["tokens"])


def next_step(step: int, took: float) -> int:
    """How many tokens to read at once after so many took so many seconds."""
    fitting = int(step * min(2.0, max(0.5, _STEP_SECONDS / took)))
    return min(max(fitting - fitting % 4, _STEPS[0]), _STEPS[1])  # coarser, the smallest would never grow again
