"""Small files that look like models."""

from __future__ import annotations

import json
import struct
from pathlib import Path

LLAMA: dict[str, object] = {
    "general.architecture": "llama",
    "general.type": "model",
    "general.name": "Harbour 1B Instruct",
    "llama.context_length": 4096,
    "llama.block_count": 10,
    "llama.embedding_length": 640,
    "llama.attention.head_count": 10,
    "llama.attention.head_count_kv": 5,
}


def text(words: str) -> bytes:
    data = words.encode()
    return struct.pack("<Q", len(data)) + data


def entry(key: str, value: object) -> bytes:
    if isinstance(value, str):
        return text(key) + struct.pack("<I", 8) + text(value)
    if isinstance(value, bytes):  # as it is
        return text(key) + value
    if isinstance(value, list) and value and isinstance(value[0], str):
        return text(key) + struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(text, value))
    if isinstance(value, list):
        return text(key) + struct.pack(f"<IIQ{len(value)}I", 9, 4, len(value), *value)
    assert isinstance(value, int)
    return text(key) + struct.pack("<II", 4, value)


def gguf(path: Path, tensors: int = 1, size: int = 4096, values: dict[str, object] | None = None) -> Path:
    """A GGUF header with these values, filled up with zeros."""
    entries = [entry(key, value) for key, value in (LLAMA if values is None else values).items()]
    path.parent.mkdir(parents=True, exist_ok=True)
    data = b"GGUF" + struct.pack("<IQQ", 3, tensors, len(entries)) + b"".join(entries)
    path.write_bytes(data.ljust(size, b"\0"))
    return path


def hugging_face(folder: Path, **config: object) -> Path:
    folder.mkdir(parents=True)
    core = {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "max_position_embeddings": 2048}
    (folder / "config.json").write_text(json.dumps({**core, **config}), "utf-8")
    header = json.dumps({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + b"\0" * 8)
    return folder
