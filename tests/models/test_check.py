from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from tests.models.files import gguf, hugging_face
from writer import models
from writer.errors import ModelError


@pytest.mark.parametrize("suffix", models.PICKLES)
def test_pickles_are_refused_by_name(shelf: Path, suffix: str) -> None:
    file = shelf / f"weights{suffix}"
    file.write_bytes(pickle.dumps({}))
    with pytest.raises(ModelError, match="pickle"):
        models.find(str(file))


def test_a_folder_of_pickles_is_refused(shelf: Path) -> None:
    folder = hugging_face(shelf / "old")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"pytorch_model\.bin is a pickle"):
        models.check(folder)


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json"])
def test_a_folder_with_code_of_its_own_is_refused(shelf: Path, name: str) -> None:
    folder = hugging_face(shelf / "clever")
    (folder / name).write_text(json.dumps({"auto_map": {"AutoModel": "evil.Model"}}), "utf-8")
    with pytest.raises(ModelError, match="code of its own"):
        models.check(folder)


@pytest.mark.parametrize("content", [b"", b"GGUF", b"GGUF" + b"\xff" * 100, b"Once upon a time there was no model."])
def test_what_is_no_whole_gguf_is_refused(shelf: Path, content: bytes) -> None:
    file = shelf / "broken.gguf"
    file.write_bytes(content)
    with pytest.raises(ModelError, match=r"not a model|damaged"):
        models.check(file)


@pytest.mark.parametrize(
    "content",
    [b"", b"\x02\0\0\0\0\0\0\0{}", b"\xff" * 64, b"\x04\0\0\0\0\0\0\0null", b"\x09\0\0\0\0\0\0\0" + b'{"w": {}}'],
)
def test_damaged_safetensors_are_refused(shelf: Path, content: bytes) -> None:
    folder = hugging_face(shelf / "broken")
    (folder / "model.safetensors").write_bytes(content)
    with pytest.raises(ModelError, match="damaged"):
        models.check(folder)


def test_truncated_safetensors_are_refused(shelf: Path) -> None:
    folder = hugging_face(shelf / "cut")
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(whole[:-1])
    with pytest.raises(ModelError, match="damaged"):
        models.check(folder)


@pytest.mark.parametrize("config", ["", "[]", "[" * 100_000])
def test_a_broken_config_is_refused(shelf: Path, config: str) -> None:
    folder = hugging_face(shelf / "odd")
    (folder / "config.json").write_text(config, "utf-8")
    with pytest.raises(ModelError, match="damaged"):
        models.check(folder)


def test_a_folder_without_a_model_is_refused(shelf: Path) -> None:
    with pytest.raises(ModelError, match="is not a model"):
        models.check(shelf)


def test_all_parts_of_a_model_must_be_there(shelf: Path) -> None:
    first = gguf(shelf / "tale-00001-of-00002.gguf")
    with pytest.raises(ModelError, match=r"tale-00002-of-00002\.gguf is not there"):
        models.check(first)
    gguf(shelf / "tale-00002-of-00002.gguf")
    models.check(first)
