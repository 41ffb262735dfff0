from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models.files import LLAMA, gguf
from writer import models
from writer.models import gguf as format_
from writer.models.gguf import GgufError, read_header


def test_a_header_is_read_up_to_the_vocabulary(tmp_path: Path) -> None:
    words = [f"word{number}" for number in range(5000)]
    values = {**LLAMA, "general.tags": ["a", "b"], "tokenizer.ggml.model": "gpt2", "tokenizer.ggml.tokens": words}
    header = read_header(gguf(tmp_path / "a.gguf", values={**values, "behind.it": 1}, size=1 << 17))
    assert header.tensors == 1
    assert header.text("general.name") == "Harbour 1B Instruct"
    assert header.number("context_length") == 4096
    assert "behind.it" not in header.values


def test_a_number_for_each_layer_counts_as_the_greatest(tmp_path: Path) -> None:
    values = {**LLAMA, "llama.attention.head_count_kv": [1, 4, 2]}
    assert read_header(gguf(tmp_path / "a.gguf", values=values)).number("attention.head_count_kv") == 4


@pytest.mark.parametrize(
    "value",
    [
        struct.pack("<I", 99),
        struct.pack("<IQ", 8, 1 << 62),
        struct.pack("<IIQ", 9, 9, 3),
        struct.pack("<IIQ", 9, 4, 1 << 60),
        struct.pack("<IIQ", 9, 8, 1 << 60),
        struct.pack("<IIQ", 9, 77, 1),
    ],
)
def test_what_makes_no_sense_is_refused_at_once(tmp_path: Path, value: bytes) -> None:
    path = gguf(tmp_path / "a.gguf", values={"general.architecture": "llama", "odd": value})
    with pytest.raises(GgufError):
        read_header(path)
    assert models.facts(path) is None


def test_a_long_text_is_passed_over(tmp_path: Path) -> None:
    path = gguf(tmp_path / "a.gguf", values={"tokenizer.chat_template": "x" * 100_000, **LLAMA}, size=1 << 18)
    assert read_header(path).text("general.architecture") == "llama"


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_garbled_headers_never_do_more_than_fail(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = gguf(tmp_path_factory.getbasetemp() / "garbled.gguf", size=1024)
    content = bytearray(path.read_bytes())
    for _number in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    models.facts(path)


def test_random_bytes_are_no_header(tmp_path: Path) -> None:
    path = tmp_path / "random.gguf"
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 1, 50) + random.Random(1).randbytes(5000))
    assert models.facts(path) is None


def test_the_parts_of_a_model_are_one(tmp_path: Path) -> None:
    first = tmp_path / "tale-00001-of-00003.gguf"
    assert [path.name for path in format_.parts(first)] == [f"tale-0000{n}-of-00003.gguf" for n in (1, 2, 3)]
    assert format_.stem(first) == "tale"
    assert not format_.is_later_part(first)
    assert format_.is_later_part(tmp_path / "tale-00002-of-00003.gguf")
    assert format_.parts(tmp_path / "whole.gguf") == [tmp_path / "whole.gguf"]


@pytest.mark.parametrize(
    ("finetune", "names", "kind"),
    [
        ("", ["Qwen3-4B-Base.Q4_K_M"], "base"),
        ("", ["gemma-3-1b-pt"], "base"),
        ("", ["gemma-3-1b-it-Q4_K_M"], "instruct"),
        ("Instruct", ["Llama 3.2 3B"], "instruct"),
        ("", ["mistral-7b-chat"], "instruct"),
        ("", ["italian-tales"], ""),
        ("Roleplay", ["Tale"], "instruct"),
    ],
)
def test_the_kind_is_in_the_names(finetune: str, names: list[str], kind: str) -> None:
    from writer.models.facts import kind_of

    assert kind_of(finetune, *names) == kind


def test_memory_grows_with_what_is_read(tmp_path: Path) -> None:
    facts = models.facts(gguf(tmp_path / "a.gguf"))
    assert facts is not None
    assert facts.kv_bytes == 2 * 2 * 10 * 5 * 64
    more = facts.memory("llamacpp", 2000) - facts.memory("llamacpp", 1000)
    assert more == 1500 * facts.kv_bytes
    assert facts.memory("llamacpp", 10_000) == facts.memory("llamacpp", 4096)


@pytest.mark.model
def test_the_estimate_is_near_what_the_real_models_take(home: Path) -> None:
    facts = models.facts(models.find("smollm2-135m"))
    assert facts is not None
    assert (facts.kind, facts.context, facts.architecture) == ("instruct", 8192, "llama")
    assert 200_000_000 < facts.memory("llamacpp", 2048) < 400_000_000
