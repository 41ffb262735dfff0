"""What can be told of a model on the disk without loading it: is it a writer, of which kind, how much it takes."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from writer.models import gguf

_MAX_CONFIG = 1 << 20
_KV_BYTES = 2
_CACHES = 1.5
"""Most of what is read for the page is kept twice: as it is, and as it was decided anew (`engines.pages`)."""
_PROCESS = {"llamacpp": 150_000_000, "transformers": 500_000_000}
DEQUANTISED = 3.6
"""How much larger 4-bit weights become where torch runs them with 16 bits."""
_NOT_WRITERS = re.compile(
    r"clip|.*bert.*|t5encoder|wavtokenizer.*|whisper|mmproj|flux|sd\d?|sdxl|lumina\d?|wan|hyvid|hidream|cosmos|pig"
)
_INSTRUCT = re.compile(r"(?i)(?<![a-z])(instruct|chat|it|dpo|rlhf|thinking|assistant)(?![a-z])")
_BASE = re.compile(r"(?i)(?<![a-z])(base|pt|pretrain(ed)?)(?![a-z])")


@dataclass(frozen=True, slots=True)
class Facts:
    """``kind`` is ``base``, ``instruct`` or empty if nothing says; ``context`` in tokens, 0 if unknown; bytes else."""

    writes: bool
    kind: str
    context: int
    size: int
    kv_bytes: int
    """What a token takes in the cache of what was read."""
    architecture: str
    title: str

    def memory(self, engine: str, tokens: int, is_gguf: bool = True) -> int:
        """Bytes in use while it runs with room for so many tokens; an estimate, rather too high."""
        weights = self.size * DEQUANTISED if engine == "transformers" and is_gguf else self.size * 1.05
        tokens = min(tokens, self.context) if self.context else tokens
        return int(weights + _CACHES * self.kv_bytes * tokens) + _PROCESS.get(engine, 0)


def facts(path: Path) -> Facts | None:
    """The facts of a GGUF file (with its parts) or a Hugging Face folder; None if it is neither."""
    try:
        return _of_folder(path) if path.is_dir() else _of_gguf(path)
    except (OSError, ValueError, RecursionError):
        return None


def _of_gguf(path: Path) -> Facts:
    header = gguf.read_header(path)
    architecture = header.text("general.architecture")
    title = header.text("general.name")
    heads = header.number("attention.head_count")
    width = header.number("attention.key_length") or (header.number("embedding_length") // heads if heads else 0)
    kv_heads = header.number("attention.head_count_kv") or heads
    return Facts(
        writes=bool(architecture and header.tensors)
        and header.text("general.type") in ("", "model")
        and not _NOT_WRITERS.fullmatch(architecture)
        and f"{architecture}.pooling_type" not in header.values
        and "mmproj" not in path.name.lower(),
        kind=kind_of(header.text("general.finetune"), title, gguf.stem(path)),
        context=header.number("context_length"),
        size=sum(part.stat().st_size for part in gguf.parts(path)),
        kv_bytes=2 * _KV_BYTES * header.number("block_count") * kv_heads * width,
        architecture=architecture,
        title=title,
    )


def _of_folder(path: Path) -> Facts:
    config = _config(path / "config.json")
    weights = list(path.glob("*.safetensors"))
    if not weights:
        raise ValueError("no weights")
    inner = config.get("text_config")
    core: dict[str, Any] = inner if isinstance(inner, dict) else config
    heads = _number(core, "num_attention_heads")
    width = _number(core, "head_dim") or (_number(core, "hidden_size") // heads if heads else 0)
    named = config.get("architectures")
    architectures = [str(name) for name in named] if isinstance(named, list) else []
    return Facts(
        writes=any(name.endswith(("ForCausalLM", "LMHeadModel", "ForConditionalGeneration")) for name in architectures)
        and not {"whisper", "t5", "bart"} & {str(config.get("model_type"))},
        kind=kind_of("", _repo_name(path)),
        context=_number(core, "max_position_embeddings") or _number(core, "n_positions"),
        size=sum(file.stat().st_size for file in weights),
        kv_bytes=2
        * _KV_BYTES
        * _number(core, "num_hidden_layers")
        * (_number(core, "num_key_value_heads") or heads)
        * width,
        architecture=str(config.get("model_type", "")),
        title=_repo_name(path),
    )


def _config(path: Path) -> dict[str, Any]:
    if path.stat().st_size > _MAX_CONFIG:
        raise ValueError("too large")
    value = json.loads(path.read_bytes())
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def _number(config: dict[str, Any], key: str) -> int:
    value = config.get(key)
    return value if isinstance(value, int) and 0 < value < 1 << 40 else 0


def _repo_name(path: Path) -> str:
    """The name of a folder, which in the Hugging Face cache is three folders up."""
    if path.parent.name == "snapshots" and path.parent.parent.name.startswith("models--"):
        return path.parent.parent.name.removeprefix("models--").replace("--", "/")
    return path.name


def kind_of(finetune: str, *names: str) -> str:
    """``base`` or ``instruct`` as the makers' names tell; a fine-tune that is named is made to follow orders."""
    for name in (finetune, *names):
        if _BASE.search(name):
            return "base"
        if _INSTRUCT.search(name):
            return "instruct"
    return "instruct" if finetune else ""
