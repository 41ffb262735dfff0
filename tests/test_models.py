from __future__ import annotations

import json
import pickle
import struct
import zipfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from writer import models
from writer.errors import ModelError, UsageError
from writer.models import Model, Progress
from writer.settings import Settings


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, with no model in it."""
    monkeypatch.setenv("WRITER_HOME", str(tmp_path / "home"))
    models.folder().mkdir(parents=True)
    return tmp_path


def gguf(path: Path, tensors: int = 1, size: int = 4096) -> Path:
    path.write_bytes((b"GGUF" + struct.pack("<IQQ", 3, tensors, 1)).ljust(size, b"\0"))
    return path


def hugging_face(folder: Path, **config: object) -> Path:
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"model_type": "llama", **config}), "utf-8")
    header = json.dumps({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + b"\0" * 8)
    return folder


def test_the_catalogue_serves_both_languages() -> None:
    assert models.default("en").name == "smollm2-135m"
    assert models.default("zh").name == "gemma3-270m"
    assert models.default("xx").name == "smollm2-135m"
    for model in models.catalogue():
        assert len(model.sha256) == 64
        assert set(model.summary) == {"en", "zh"}
        assert bool(model.terms) == bool(model.terms_url)
        assert set(model.terms) in (set(), {"en", "zh"})


def test_a_model_that_is_not_there_names_the_next_step(shelf: Path) -> None:
    with pytest.raises(ModelError, match="writer models get smollm2-135m"):
        models.find("smollm2-135m")
    with pytest.raises(ModelError, match="smollm2-135m, gemma3-270m"):
        models.find("smolm")
    with pytest.raises(ModelError, match="no model at"):
        models.find(str(shelf / "none.gguf"))


def test_models_are_found_by_name_and_by_path(shelf: Path) -> None:
    inside = gguf(models.folder() / "mine.gguf")
    folder = hugging_face(models.folder() / "theirs")
    outside = gguf(shelf / "海鸥.gguf")
    assert models.find("mine") == models.find("mine.gguf") == inside.resolve()
    assert models.find("theirs") == folder.resolve()
    assert models.find(str(outside)) == outside.resolve()
    assert models.installed() == [inside, folder]


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


def test_an_incomplete_file_of_the_catalogue_is_told(shelf: Path) -> None:
    gguf(models.default("en").path)
    with pytest.raises(ModelError, match="damaged"):
        models.find("smollm2-135m")


def test_auto_chooses_by_format_here(shelf: Path) -> None:
    assert not models.has_gpu(), "this test is for a computer without a GPU"
    file, folder = gguf(shelf / "a.gguf"), hugging_face(shelf / "b")
    assert models.spec(Settings(model=str(file))).engine == "llamacpp"
    assert models.spec(Settings(model=str(folder))).engine == "transformers"
    assert models.spec(Settings(model=str(file), engine="transformers")).engine == "transformers"
    assert models.spec(Settings(engine="echo")).engine == "echo"
    spec = models.spec(Settings(model=str(file), budget=500, threads=3))
    assert (spec.model, spec.path, spec.threads) == ("a", str(file), 3)
    assert spec.context_tokens > 500


def test_engines_that_make_no_sense_are_refused(shelf: Path) -> None:
    folder = hugging_face(shelf / "b")
    with pytest.raises(UsageError, match="transformers"):
        models.spec(Settings(model=str(folder), engine="llamacpp"))
    with pytest.raises(UsageError, match="abacus"):
        models.spec(Settings(engine="abacus"))


def test_without_a_choice_the_language_decides(shelf: Path) -> None:
    with pytest.raises(ModelError, match="Gemma 3 270M is not on this computer"):
        models.open_engine(Settings(language="zh"))


def test_the_echo_engine_needs_no_model(shelf: Path) -> None:
    engine = models.open_engine(Settings(engine="echo"))
    assert engine.name == "echo"
    engine.close()


# --- getting one: pip itself, with a folder in place of the index


def wheel(shelf: Path, number: int, content: bytes) -> None:
    name = f"tale_part{number}"
    with zipfile.ZipFile(shelf / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}/data/tale.gguf.part{number:02}", content)
        archive.writestr(f"{name}/__init__.py", "raise SystemExit('this code must not run')")
        archive.writestr(f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(
            f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{name}-1.0.dist-info/RECORD", "")


@pytest.fixture
def tale(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> Model:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    halves = (b"GGUF" * 1000, b"tale" * 500)
    for number, half in enumerate(halves):
        wheel(shelf, number, half)
    whole = b"".join(halves)
    return replace(
        models.default("en"),
        name="tale",
        title="Tale",
        file="tale.gguf",
        size=len(whole),
        sha256=sha256(whole).hexdigest(),
        packages=("tale-part0==1.0", "tale-part1==1.0"),
        member="data/tale.gguf.part",
    )


def leftovers() -> list[str]:
    return sorted(path.name for path in models.folder().iterdir() if not path.name.endswith(".lock"))


def test_parts_are_fetched_joined_and_checked(tale: Model) -> None:
    progress = list(models._get(tale))
    assert tale.path.read_bytes() == b"GGUF" * 1000 + b"tale" * 500
    assert progress[-1] == Progress(tale.size, tale.size, "Tale is there")
    assert [step.done for step in progress] == sorted(step.done for step in progress)
    assert list(models._get(tale)) == progress[-1:]
    assert leftovers() == ["tale.gguf"]


def test_a_wrong_checksum_leaves_nothing(tale: Model) -> None:
    with pytest.raises(ModelError, match="checksum"):
        list(models._get(replace(tale, sha256="0" * 64)))
    assert leftovers() == []


def test_a_file_larger_than_promised_is_refused(tale: Model) -> None:
    with pytest.raises(ModelError, match="damaged"):
        list(models._get(replace(tale, size=100)))
    assert leftovers() == []


def test_a_package_that_can_not_be_had_is_one_sentence(tale: Model) -> None:
    with pytest.raises(ModelError, match="network"):
        list(models._get(replace(tale, packages=("tale-part9==1.0",))))
    assert leftovers() == []


def test_stopping_half_way_leaves_nothing_and_lets_the_next_begin(tale: Model) -> None:
    fetching = models._get(tale)
    next(fetching)
    with pytest.raises(ModelError, match="another window"):
        list(models._get(tale))
    fetching.close()  # type: ignore[attr-defined]
    assert leftovers() == []
    assert list(models._get(tale))[-1].done == tale.size


def test_a_model_that_does_not_fit_on_the_disk_is_told_first(tale: Model) -> None:
    with pytest.raises(ModelError, match="make room"):
        list(models._get(replace(tale, size=1 << 60)))


def test_terms_are_accepted_before_anything_is_fetched(shelf: Path) -> None:
    with pytest.raises(ModelError, match=r"ai\.google\.dev/gemma/terms"):
        models.get("gemma3-270m")
    with pytest.raises(ModelError, match="no model called"):
        models.get("gemma99")
