from __future__ import annotations

from pathlib import Path

import pytest

from tests.models.files import gguf
from writer import models
from writer.errors import ModelError
from writer.models import Hardware, hardware
from writer.models.choice import serving
from writer.models.fit import gigabytes, require

GB = 1_000_000_000


def computer(total: int, free: int, cores: int = 8, gpu: str = "", gpu_free: int = 0, disk: int = 500) -> Hardware:
    return Hardware(total * GB, free * GB, cores, gpu, gpu_free * GB, gpu_free * GB, disk * GB)


@pytest.mark.parametrize(
    ("need", "here", "fits"),
    [
        (2, computer(8, 3), "fits"),
        (4, computer(8, 3), "tight"),
        (6, computer(8, 3), "too large"),
        (6, computer(8, 3, gpu="cuda", gpu_free=8), "fits"),
        (8, computer(8, 3, gpu="cuda", gpu_free=8), "too large"),
        (20, computer(24, 23), "fits"),
        (70, computer(64, 60), "too large"),
    ],
)
def test_what_fits(need: int, here: Hardware, fits: str) -> None:
    assert models.fit(need * GB, here) == fits


def test_what_can_not_fit_is_refused_with_the_numbers() -> None:
    with pytest.raises(ModelError) as told:
        require(6 * GB, computer(8, 3))
    assert str(told.value) == "This model needs 6 GB and 3 GB are free. Choose a smaller one in Models."
    require(4 * GB, computer(8, 3))


@pytest.mark.parametrize(("count", "said"), [(6 * GB, "6"), (1_540_000_000, "1.5"), (42_520_000_000, "43"), (0, "0")])
def test_bytes_for_people(count: int, said: str) -> None:
    assert gigabytes(count) == said


@pytest.mark.parametrize(
    ("language", "here", "name"),
    [
        ("zh", computer(4, 1, cores=2), "gemma3-270m"),
        ("zh", computer(8, 4, cores=4), "qwen3-1.7b"),
        ("en", computer(8, 4, cores=4), "qwen3-1.7b"),
        ("zh", computer(16, 10, cores=8), "qwen3-4b"),
        ("en", computer(16, 10, cores=8), "qwen3-4b"),
        ("zh", computer(16, 11, cores=8, gpu="mps"), "qwen3-4b"),
        ("zh", computer(36, 33, cores=8, gpu="mps"), "qwen3-8b"),
        ("en", computer(32, 24, cores=8, gpu="cuda", gpu_free=12), "qwen3-4b"),
        ("zh", computer(32, 24, cores=8, gpu="cuda", gpu_free=24), "qwen3-8b"),
        ("en", computer(64, 50, cores=12), "qwen3-30b-a3b"),
        ("en", computer(1, 0, cores=1), "smollm2-135m"),
    ],
)
def test_the_recommendation(shelf: Path, language: str, here: Hardware, name: str) -> None:
    advice = models.recommend(language, here)
    assert advice.model.name == name
    assert advice.model.title in advice.reason
    assert advice.reason.endswith(".")
    assert language in advice.model.languages


def test_a_full_disk_leaves_what_is_there(shelf: Path) -> None:
    assert models.recommend("zh", computer(16, 10, disk=0)).model.name == "gemma3-270m"
    models.known("qwen3-0.6b").path.write_bytes(b"GGUF")
    assert models.recommend("zh", computer(16, 10, disk=0)).model.name == "qwen3-0.6b"


def test_this_computer_is_looked_at() -> None:
    here = models.detect()
    assert here.memory_total >= here.memory_free > 0
    assert here.cores >= 1
    assert here.disk_free > 0


def test_what_a_container_allows_counts_without_copies_of_files(tmp_path: Path) -> None:
    assert hardware._limits(tmp_path) == []
    (tmp_path / "memory.max").write_text("8000\n")
    (tmp_path / "memory.current").write_text("7000\n")
    (tmp_path / "memory.stat").write_text("anon 2000\nactive_file 1500\ninactive_file 3000\n")
    assert hardware._limits(tmp_path) == [(8000, 2500)]
    (tmp_path / "memory.max").write_text("max\n")
    assert hardware._limits(tmp_path) == []


def test_the_disk_of_a_folder_to_come_is_its_parents(tmp_path: Path) -> None:
    assert hardware.disk_free(tmp_path / "not" / "yet") > 0


@pytest.mark.parametrize(
    ("said", "card"),
    [
        ("8192, 4096\n24576, 20480\n", (24576 << 20, 20480 << 20)),
        ("", (0, 0)),
        ("[N/A], [N/A]\n", (0, 0)),
        ("No devices were found", (0, 0)),
    ],
)
def test_the_card_with_the_most_room_counts(said: str, card: tuple[int, int]) -> None:
    assert hardware.read_smi(said) == card


def test_a_model_too_large_for_this_computer_is_refused_before_it_loads(shelf: Path) -> None:
    path = gguf(shelf / "whale.gguf")
    with path.open("r+b") as file:
        file.truncate(1 << 42)  # a sparse file: 4 TB by its size
    with pytest.raises(ModelError, match=r"This model needs \d{4} GB and \d+ GB are free"):
        serving(path, "auto", 2048)


def test_a_model_too_large_for_the_graphics_card_is_left_to_llamacpp(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("writer.models.choice.has_gpu", lambda: True)
    path = gguf(shelf / "tale.gguf")
    with path.open("r+b") as file:
        file.truncate(5 * GB)
    assert serving(path, "auto", 2048, computer(32, 20, gpu="cuda", gpu_free=24)) == "transformers"
    assert serving(path, "auto", 2048, computer(16, 10, gpu="cuda", gpu_free=8)) == "llamacpp"
    assert serving(path, "auto", 2048, computer(64, 50, gpu="cuda", gpu_free=8)) == "llamacpp"
    assert serving(path, "auto", 2048, computer(16, 10, gpu="mps")) == "llamacpp"
    for wanted, here in (("transformers", computer(16, 10, gpu="cuda", gpu_free=8)), ("auto", computer(4, 2))):
        with pytest.raises(ModelError, match="Choose a smaller one"):
            serving(path, wanted, 2048, here)
