"""What may be wrong with a model; the window lives, and the author is told in one sentence."""

from __future__ import annotations

import json
import os
import pickle
import random
import signal
import sys
from pathlib import Path

import psutil
import pytest

from writer import models
from writer.engines import EngineSpec, Sampling
from writer.engines.host import Host
from writer.errors import EngineError, ModelError
from writer.settings import Settings
from writer.story import Part, Prompt

HARBOUR = Prompt((Part("page", "The gulls rose over the harbour as the boat came in, and", 0),))
RIVER = Prompt((Part("page", "黄昏时分，老人独自坐在江边，", 0),))


def text_of(host: Host, prompt: Prompt, tokens: int = 4) -> str:
    return "".join(piece.text for piece in host.generate(prompt, Sampling(max_tokens=tokens, seed=1)))


def load(engine: str, path: Path) -> None:
    models.check(path)
    with Host(EngineSpec(engine, str(path), path.stem, 512, 1)) as host:
        host.wait()


def refusal(engine: str, path: Path) -> str:
    """What the author reads when this model is opened, from the check or from the model process."""
    with pytest.raises(ModelError) as told:
        load(engine, path)
    assert "\n" not in str(told.value)
    return str(told.value)


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (os.environ["EVIL"],)


def test_a_pickle_is_refused_and_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVIL", str(tmp_path / "was-here"))
    folder = tmp_path / "evil"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"model_type": "llama", "architectures": ["LlamaForCausalLM"]}))
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Evil()))
    with pytest.raises(ModelError, match="pickle"):
        models.open_engine(Settings(model=str(folder)))
    # Not even if the check were passed by.
    with Host(EngineSpec("transformers", str(folder), "evil")) as host, pytest.raises(ModelError):
        host.wait()
    assert not (tmp_path / "was-here").exists()


def test_a_folder_with_code_is_refused_and_its_code_not_run(tmp_path: Path) -> None:
    folder = tmp_path / "clever"
    folder.mkdir()
    marker = tmp_path / "was-here"
    (folder / "evil.py").write_text(f"import os; os.mkdir({str(marker)!r})")
    names = {"AutoConfig": "evil.Config", "AutoModelForCausalLM": "evil.Model"}
    (folder / "config.json").write_text(json.dumps({"model_type": "evil", "auto_map": names}))
    (folder / "model.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    with pytest.raises(ModelError, match="code of its own"):
        models.open_engine(Settings(model=str(folder)))
    with Host(EngineSpec("transformers", str(folder), "clever")) as host, pytest.raises(ModelError):
        host.wait()
    assert not marker.exists()


@pytest.mark.model
@pytest.mark.parametrize("kept", [100, 50_000, 3_000_000, 60_000_000])
def test_a_truncated_gguf_is_refused(tmp_path: Path, kept: int) -> None:
    file = tmp_path / "cut.gguf"
    with models.find("smollm2-135m").open("rb") as whole:
        file.write_bytes(whole.read(kept))
    assert "cut" in refusal("llamacpp", file)


@pytest.mark.parametrize("seed", range(4))
def test_random_bytes_in_a_gguf_are_refused(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    file = tmp_path / "random.gguf"
    counts = chance.randint(1, 50).to_bytes(8, "little") + chance.randint(0, 50).to_bytes(8, "little")
    file.write_bytes(b"GGUF" + (3).to_bytes(4, "little") + counts + chance.randbytes(100_000))
    assert "random" in refusal("llamacpp", file)


def test_a_gguf_whose_text_is_garbled_is_refused_by_torch_too(tmp_path: Path) -> None:
    file = tmp_path / "random.gguf"
    file.write_bytes(b"GGUF" + (3).to_bytes(4, "little") + (5).to_bytes(8, "little") * 2 + b"\x07" * 100_000)
    assert "random" in refusal("transformers", file)


def test_safetensors_without_the_model_s_weights_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    config = {"model_type": "llama", "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}
    (folder / "config.json").write_text(json.dumps({**config, "architectures": ["LlamaForCausalLM"]}))
    header = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    (folder / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + b"\0" * 4)
    assert "empty" in refusal("transformers", folder)


@pytest.mark.model
@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_a_model_killed_in_mid_suggestion_comes_back(home: Path) -> None:
    with Host(models.spec(Settings(language="en", threads=1))) as host:
        pieces = host.generate(HARBOUR, Sampling(max_tokens=400, seed=1))
        before = next(pieces).text
        os.kill(host.pid, signal.SIGKILL)
        with pytest.raises(EngineError, match="ask again"):
            list(pieces)
        assert text_of(host, HARBOUR).startswith(before)


@pytest.mark.model
@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_a_model_killed_while_it_loads_is_told(home: Path) -> None:
    with Host(models.spec(Settings(language="en", threads=1))) as host:
        os.kill(host.pid, signal.SIGKILL)
        with pytest.raises(ModelError, match="smollm2-135m"):
            host.wait()


@pytest.mark.model
@pytest.mark.parametrize(("language", "prompt"), [("en", HARBOUR), ("zh", RIVER)])
@pytest.mark.parametrize("engine", ["llamacpp", "transformers"])
def test_both_engines_write_and_no_network_is_used(home: Path, language: str, prompt: Prompt, engine: str) -> None:
    with Host(models.spec(Settings(language=language, engine=engine, threads=1))) as host:
        text = text_of(host, prompt, 12)
        assert psutil.Process(host.pid).net_connections("inet") == []
    assert text.strip()
    assert "\ufffd" not in text
    if language == "zh":
        assert any("\u4e00" <= character <= "\u9fff" for character in text)
