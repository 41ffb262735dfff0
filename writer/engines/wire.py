"""What goes over a wire: frames between Writer and its model process, and the JSON of OpenAI-compatible completions."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import asdict
from typing import IO, Any

from writer.engines import Piece, Sampling, Usage
from writer.story import Part, Prompt

Message = dict[str, Any]

_LENGTH = struct.Struct("<I")
_MAX_FRAME = 256 << 20
_SAMPLERS = ["penalties", "top_k", "top_p", "min_p", "temperature"]
PENALTY_WINDOW = 64


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


def pack_prompt(prompt: Prompt) -> list[list[Any]]:
    """What an engine needs of a prompt, as JSON."""
    return [[part.kind, part.text, part.tokens] for part in prompt.parts]


def unpack_prompt(parts: list[list[Any]]) -> Prompt:
    """The prompt that was packed, without sources."""
    return Prompt(tuple(Part(kind, text, tokens) for kind, text, tokens in parts))


def pack_sampling(sampling: Sampling) -> Message:
    """A sampling as JSON."""
    return asdict(sampling)


def unpack_sampling(message: Message) -> Sampling:
    """The sampling that was packed."""
    return Sampling(**{**message, "stop": tuple(message["stop"])})


# --- completions


def completion(ids: Sequence[int], sampling: Sampling) -> Message:
    """The body of a streamed completion request; llama.cpp's extensions give every setting one meaning."""
    body: Message = {
        "prompt": list(ids),
        "stream": True,
        "max_tokens": sampling.max_tokens,
        "samplers": _SAMPLERS,
        "temperature": sampling.temperature,
        "top_k": sampling.top_k,
        "top_p": sampling.top_p,
        "min_p": sampling.min_p,
        "repeat_penalty": sampling.repetition_penalty,
        "repeat_last_n": PENALTY_WINDOW,
        "seed": sampling.seed & 0x7FFFFFFF,  # all bits set would mean a random one
        "cache_prompt": True,
        "timings_per_token": True,
        "return_progress": True,
    }
    if not sampling.may_end:
        body["ignore_eos"] = True
    if sampling.stop:
        body["stop"] = list(sampling.stop)
    return body


class Completion:
    """Reads the chunks of one streamed completion and adds up what it cost."""

    def __init__(self, prompt_tokens: int) -> None:
        self.prompt_tokens = prompt_tokens
        self.prefilled_tokens = 0
        self.tokens = 0

    def read(self, chunk: Message) -> Piece:
        """The text in a chunk; empty while the prompt is being read and at the end."""
        timings = chunk.get("timings") or {}
        before = self.tokens
        self.tokens = max(before, timings.get("predicted_n", before))
        self.prefilled_tokens = timings.get("prompt_n", self.prefilled_tokens)
        choices = chunk.get("choices") or [{}]
        # llama.cpp holds a split character back, but lets it out broken when the last token ends inside it.
        return Piece((choices[0].get("text") or "").replace("\ufffd", ""), self.tokens - before)

    def usage(self, first_token_ms: float, total_ms: float) -> Usage:
        """The cost so far."""
        return Usage(self.prompt_tokens, self.prefilled_tokens, self.tokens, first_token_ms, total_ms)
