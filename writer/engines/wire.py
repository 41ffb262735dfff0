"""What goes over a wire: frames between Writer and its model process, and the JSON of OpenAI-compatible completions."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Sequence
from dataclasses import asdict
from typing import IO, Any

from writer.engines import Piece, Sampling, Usage
from writer.story import Part, Prompt, Turn

Message = dict[str, Any]

_LENGTH = struct.Struct("<I")
_MAX_FRAME = 256 << 20
_SAMPLERS = ["penalties", "dry", "top_k", "typ_p", "top_p", "min_p", "xtc", "temperature"]
_TUPLES = ("stop", "banned", "dry_breakers")


# --- frames


def send(pipe: IO[bytes], message: Message) -> None:
    """Write one message and flush it."""
    body = json.dumps(message).encode("ascii")
    pipe.write(_LENGTH.pack(len(body)) + body)
    pipe.flush()


def receive(pipe: IO[bytes]) -> Message | None:
    """Read one message; None when the other side is gone, ValueError when it talks nonsense."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > _MAX_FRAME:
        raise ValueError(f"a frame of {length} bytes")
    body = pipe.read(length)
    if len(body) < length:
        return None
    message = json.loads(body)
    if not isinstance(message, dict):
        raise ValueError("a frame that is no object")
    return message


def pack_prompt(prompt: Prompt) -> Message:
    """What an engine needs of a prompt, as JSON."""
    parts = [[part.kind, part.text, part.tokens] for part in prompt.parts]
    return {"parts": parts, "begun": prompt.begun, "role": prompt.role, "wording": prompt.wording}


def unpack_prompt(message: Message) -> Prompt:
    """The prompt that was packed, without sources."""
    parts = tuple(Part(kind, text, tokens) for kind, text, tokens in message["parts"])
    return Prompt(parts, begun=message["begun"], role=message["role"], wording=message["wording"])


def pack_turns(turns: Sequence[Turn]) -> list[list[str]]:
    """A conversation as JSON."""
    return [[turn.role, turn.text] for turn in turns]


def unpack_turns(turns: list[list[str]]) -> list[Turn]:
    """The conversation that was packed."""
    return [Turn(role, text) for role, text in turns]


def pack_sampling(sampling: Sampling) -> Message:
    """A sampling as JSON."""
    return asdict(sampling)


def unpack_sampling(message: Message) -> Sampling:
    """The sampling that was packed."""
    return Sampling(**message | {name: tuple(message[name]) for name in _TUPLES})


def pack_piece(piece: Piece) -> Message:
    """A piece as JSON; what nobody asked for is left out."""
    message: Message = {"piece": piece.text, "tokens": piece.tokens}
    if piece.alternatives:
        message |= {"logprob": piece.logprob, "alternatives": piece.alternatives}
    return message


def unpack_piece(message: Message) -> Piece:
    """The piece that was packed."""
    likely = tuple((text, logprob) for text, logprob in message.get("alternatives", ()))
    return Piece(message["piece"], message["tokens"], message.get("logprob", 0.0), likely)


# --- completions


def sendable(text: str) -> str:
    """The text without halves of characters, which no JSON may hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def completion(
    ids: Sequence[int],
    sampling: Sampling,
    refused: Sequence[int] = (),
    begun: str = "",
    leaning: Sequence[tuple[int, float]] = (),
) -> Message:
    """The body of a streamed completion request; llama.cpp's extensions give every setting one meaning.

    ``refused`` tokens are not written at all; ``begun`` is what the text must begin with; ``leaning`` makes tokens
    likelier or less likely by so many natural logarithms.
    """
    body: Message = {
        "prompt": list(ids),
        "stream": True,
        "max_tokens": sampling.max_tokens,
        "samplers": _SAMPLERS,
        "temperature": sampling.temperature,
        "top_k": sampling.top_k,
        "top_p": sampling.top_p,
        "min_p": sampling.min_p,
        "typical_p": sampling.typical_p,
        "mirostat": sampling.mirostat,
        "mirostat_tau": sampling.mirostat_tau,
        "mirostat_eta": sampling.mirostat_eta,
        "dry_multiplier": sampling.dry_multiplier,
        "dry_base": sampling.dry_base,
        "dry_allowed_length": sampling.dry_allowed_length,
        "dry_penalty_last_n": sampling.dry_range or len(ids) + sampling.max_tokens,
        "dry_sequence_breakers": list(sampling.dry_breakers),
        "xtc_probability": sampling.xtc_probability,
        "xtc_threshold": sampling.xtc_threshold,
        "repeat_penalty": sampling.repetition_penalty,
        "frequency_penalty": sampling.frequency_penalty,
        "presence_penalty": sampling.presence_penalty,
        "repeat_last_n": sampling.penalty_window,
        "seed": sampling.seed & 0x7FFFFFFF,  # all bits set would mean a random one
        "cache_prompt": True,
        "timings_per_token": True,
        "return_progress": True,
    }
    if not sampling.may_end:
        body["ignore_eos"] = True
    if sampling.stop:
        body["stop"] = list(sampling.stop)
    if sampling.logprobs:
        body["logprobs"] = sampling.logprobs
    if sampling.grammar:
        body["grammar"] = sampling.grammar
    elif begun:
        body["grammar"] = f"root ::= {_literal(begun)} .*"
    if refused or leaning:
        body["logit_bias"] = [*leaning, *([token, False] for token in refused)]
    return body


def likeliest(chunks: Sequence[Message]) -> dict[int, float]:
    """The likeliest tokens and their probabilities at the first token of an answer; none where it was let go of."""
    for chunk in chunks:
        for choice in chunk.get("choices") or ():
            for told in (choice.get("logprobs") or {}).get("content") or ():
                return {one["id"]: math.exp(one["logprob"]) for one in told["top_logprobs"]}
    return {}


def _literal(text: str) -> str:
    """A text in llama.cpp's grammar language."""
    return '"' + "".join(f"\\U{ord(character):08X}" for character in text) + '"'


class Completion:
    """Reads the chunks of one streamed completion and adds up what it cost."""

    def __init__(self, prompt_tokens: int) -> None:
        self.prompt_tokens = prompt_tokens
        self.prefilled_tokens = 0
        self.tokens = 0
        self.ids: list[int] = []
        """The tokens of the chunk read last, where log-probabilities were asked for."""
        self._written = 0

    def read(self, chunk: Message) -> Piece:
        """The text in a chunk; empty while the prompt is being read and at the end."""
        timings = chunk.get("timings") or {}
        written = timings.get("predicted_n", self._written)
        new = written - self._written if written >= self._written else written  # less: another completion began
        self._written = written
        self.tokens += new
        self.prefilled_tokens = max(self.prefilled_tokens, timings.get("prompt_n", 0))
        choice = (chunk.get("choices") or [{}])[0]
        told = (choice.get("logprobs") or {}).get("content") or []
        self.ids = [entry["id"] for entry in told]
        # llama.cpp holds a split character back, but lets it out broken when the last token ends inside it.
        text = (choice.get("text") or "").replace("\ufffd", "")
        if not told:
            return Piece(text, new)
        likely = tuple((entry["token"], entry["logprob"]) for entry in told[-1]["top_logprobs"])
        return Piece(text, new, sum(entry["logprob"] for entry in told), likely)

    def begin_anew(self) -> None:
        """Another completion begins, which goes on where the last was stopped."""
        self._written = 0

    def usage(self, first_token_ms: float, total_ms: float) -> Usage:
        """The cost so far."""
        return Usage(self.prompt_tokens, self.prefilled_tokens, self.tokens, first_token_ms, total_ms)
