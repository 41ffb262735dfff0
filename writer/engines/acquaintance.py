"""What a server tells of itself: which program it is, which model it serves, and how much that reads."""

from __future__ import annotations

from dataclasses import dataclass, field

from writer.engines import EngineSpec
from writer.engines.exchange import Caller, Refused
from writer.engines.tokens import Density, Tokenizer
from writer.engines.wire import Message
from writer.errors import EngineError

_UNTOLD = 4096
"""How many tokens a server is taken to read that doesn't tell."""

_CONTEXT_KEYS = ("loaded_context_length", "max_model_len", "context_length", "max_context_length", "context_window")


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """What a server told of itself."""

    kind: str
    """``llamacpp``, ``vllm``, ``ollama``, ``lmstudio`` or nothing."""
    model: str
    reads: int
    """How many tokens, by its own count."""
    tokenizer: Tokenizer | None
    """None where the server doesn't tokenise for others."""
    density: Density = field(default_factory=Density)
    """For such a server; whoever may ask it for completions can measure it."""

    def count(self, text: str) -> int:
        """Tokens of a text by itself; estimated, rather too many, where the server doesn't count."""
        return self.density.estimate(text) if self.tokenizer is None else len(self.tokenizer.ids(text))


def make(caller: Caller, spec: EngineSpec) -> Acquaintance:
    """Ask a server who it is; raises Refused, Stopped or EngineError."""
    served = _served(caller)
    model = spec.model or next((str(entry.get("id", "")) for entry in served), "")
    entry = next((entry for entry in served if entry.get("id") == model), {})
    kind, told = _kind(caller)
    if kind == "ollama":
        loaded = _optional(caller, "/api/ps").get("models") or []
        entry = next((entry for entry in loaded if isinstance(entry, dict) and entry.get("name") == model), {})
    if kind == "lmstudio":
        entry = next((entry for entry in told.get("data") or [] if entry.get("id") == model), entry)
    return Acquaintance(kind, model, _reads(entry, told, spec.context_tokens), _tokenizer(caller, kind, model))


def _served(caller: Caller) -> list[Message]:
    """The models that the server lists; none if it doesn't."""
    try:
        reply = caller.ask(f"{caller.address.path}/models")
    except Refused as refused:
        if refused.status in (401, 403, 429, 503):
            raise
        return []
    models = reply.get("data")
    return [entry for entry in models if isinstance(entry, dict)] if isinstance(models, list) else []


def _kind(caller: Caller) -> tuple[str, Message]:
    """Which program the server is, and what that told."""
    for kind, path, sign in (
        ("llamacpp", "/props", "default_generation_settings"),
        ("vllm", "/version", "version"),
        ("ollama", "/api/version", "version"),
        ("lmstudio", "/api/v0/models", "data"),
    ):
        told = _optional(caller, path)
        if sign in told:
            return kind, told
    return "", {}


def _optional(caller: Caller, path: str) -> Message:
    """An answer that only some servers have; empty from the others."""
    try:
        return caller.ask(caller.address.root + path)
    except (Refused, EngineError):
        return {}


def _tokenizer(caller: Caller, kind: str, model: str) -> Tokenizer | None:
    if kind not in ("llamacpp", "vllm"):
        return None
    try:
        return Tokenizer(caller, kind, model)
    except (Refused, EngineError):
        return None


def _reads(entry: Message, told: Message, allowed: int) -> int:
    """How many tokens the server reads, as far as it tells, and no more than the author says."""
    meta: Message = entry["meta"] if isinstance(entry.get("meta"), dict) else {}
    props = told.get("default_generation_settings") or {}
    sizes = [props.get("n_ctx"), meta.get("n_ctx"), meta.get("n_ctx_train")]
    sizes.append(next((entry[key] for key in _CONTEXT_KEYS if entry.get(key)), None))
    sizes.append(allowed)
    return min((size for size in sizes if isinstance(size, int) and size > 0), default=_UNTOLD)
