from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch  # noqa: TID253
from safetensors.torch import load_file, save_file

from writer.engines import loading

CUDA, CPU = torch.device("cuda"), torch.device("cpu")


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A made-up graphics card with 1 MB free, and a folder for weights."""
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (1_000_000, 8_000_000))
    monkeypatch.setattr(loading.importlib.util, "find_spec", lambda name: SimpleNamespace(name=name))
    return tmp_path


@pytest.mark.parametrize(("size", "is_small"), [(700_000, True), (900_000, False)])
def test_a_model_too_large_for_the_card_takes_four_bits(card: Path, size: int, is_small: bool) -> None:
    (card / "model.safetensors").write_bytes(bytes(size))
    how = loading.in_four_bits(card, CUDA, torch.bfloat16)
    assert (how == {}) == is_small
    if not is_small:
        assert how["quantization_config"].load_in_4bit
        assert how["quantization_config"].bnb_4bit_compute_dtype == torch.bfloat16
    assert loading.in_four_bits(card, CPU, torch.bfloat16) == {}


def test_without_the_library_nothing_special_is_tried(card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (card / "model.safetensors").write_bytes(bytes(900_000))
    monkeypatch.setattr(loading.importlib.util, "find_spec", lambda name: None)
    assert loading.in_four_bits(card, CUDA, torch.float16) == {}
    assert "bitsandbytes" not in sys.modules


LIGHT = """
import shutil
import subprocess
import sys
from pathlib import Path
import torch
from writer.engines import EngineSpec
from writer.engines.transformers import Transformers
from tests.engines.reading import page, read
from writer.engines import Sampling
engine = Transformers(EngineSpec("transformers", sys.argv[1], "tiny", threads=1))
read(engine.generate(page("The gulls rose."), Sampling(max_tokens=2)))
print(sorted({"sympy", "torch.distributed.tensor", "torch._dynamo.convert_frame"} & set(sys.modules)))
torch._dynamo.config  # whoever wants the compiler has it
print("torch._dynamo.convert_frame" in sys.modules, torch.distributed.is_available())
"""


@pytest.fixture
def unpacked(small_folder: Path, tmp_path: Path) -> Path:
    """The tiny model as if it had been unpacked here."""
    folder = tmp_path / "unpacked"
    shutil.copytree(small_folder, folder)
    (folder / "mark").write_text("", "utf-8")
    return folder


def test_a_model_that_was_unpacked_here_loads_without_compiler_or_other_computers(unpacked: Path) -> None:
    done = subprocess.run([sys.executable, "-c", LIGHT, str(unpacked)], capture_output=True, check=True, text=True)
    assert done.stdout.splitlines() == ["[]", f"True {torch.distributed.is_available()}"]


def test_both_ways_to_load_give_the_same_model(small_folder: Path, unpacked: Path) -> None:
    tokenizer, template, model = loading.load(unpacked, CPU, torch.float32)
    other = loading.load(small_folder, CPU, torch.float32)
    assert (tokenizer.to_str(), template) == (other[0].to_str(), other[1])
    assert loading.ends_of(tokenizer, model) == loading.ends_of(other[0], other[2])
    for numbers in ("state_dict", "named_buffers"):
        ours, theirs = dict(getattr(model, numbers)()), dict(getattr(other[2], numbers)())
        assert ours.keys() == theirs.keys()
        assert all(torch.equal(ours[name], theirs[name]) for name in ours)
        assert all(ours[name].dtype == theirs[name].dtype for name in ours)


def test_an_unpacked_model_that_lacks_weights_is_refused(unpacked: Path) -> None:
    weights = load_file(unpacked / "model.safetensors")
    del weights[next(name for name in weights if "mlp" in name)]
    save_file(weights, unpacked / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ValueError, match="mlp"):
        loading.load(unpacked, CPU, torch.float32)
