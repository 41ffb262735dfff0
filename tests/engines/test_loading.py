from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch  # noqa: TID253

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
