"""Models of other programs, in folders laid out as those programs do."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tests.models.files import LLAMA, gguf, hugging_face
from writer import models, settings
from writer.errors import ModelError
from writer.settings import Settings

links = pytest.mark.skipif(sys.platform == "win32", reason="needs links")


def user() -> Path:
    return Path(os.environ["HOME"])


def names() -> list[tuple[str, str]]:
    return [(model.name, model.source) for model in models.found()]


def hub_snapshot(repo: str, revision: str = "abc") -> Path:
    return user() / ".cache/huggingface/hub" / f"models--{repo.replace('/', '--')}" / "snapshots" / revision


@links
def test_the_hugging_face_cache(shelf: Path) -> None:
    folder = hub_snapshot("me/Harbour-1B-Base")
    hugging_face(folder, num_hidden_layers=2, num_attention_heads=4, hidden_size=64)
    blob = gguf(folder.parent.parent.parent / "models--you--Tale-GGUF" / "blobs" / ("a" * 64))
    tale = hub_snapshot("you/Tale-GGUF") / "Tale-Q4_K_M.gguf"
    tale.parent.mkdir(parents=True)
    tale.symlink_to(blob)
    (tale.parent / "gone.gguf").symlink_to(tale.parent / "nowhere")
    assert names() == [("Tale-Q4_K_M", "Hugging Face"), ("me/Harbour-1B-Base", "Hugging Face")]
    base = models.found()[1]
    assert (base.kind, base.context, base.architecture, base.size) == ("base", 2048, "llama", 77)
    assert models.find("me/Harbour-1B-Base") == folder.resolve()
    assert models.find("Tale-Q4_K_M") == tale.parent.resolve() / tale.name, "under its own name, not the blob's"
    assert models.spec(Settings(model="Tale-Q4_K_M")).model == "Tale-Q4_K_M"


def test_the_newest_of_a_repository_counts(shelf: Path) -> None:
    old, new = hub_snapshot("me/Tale", "old"), hub_snapshot("me/Tale", "new")
    gguf(old / "tale.gguf")
    gguf(new / "tale.gguf")
    os.utime(old, (1, 1))
    assert [model.path.parent.name for model in models.found()] == ["new"]
    refs = old.parent.parent / "refs"
    refs.mkdir()
    (refs / "main").write_text("old")
    assert [model.path.parent.name for model in models.found()] == ["old"]


@pytest.mark.parametrize(
    ("name", "below"), [("HF_HOME", "hub"), ("HF_HUB_CACHE", ""), ("XDG_CACHE_HOME", "huggingface/hub")]
)
def test_the_cache_may_be_elsewhere(shelf: Path, monkeypatch: pytest.MonkeyPatch, name: str, below: str) -> None:
    monkeypatch.setenv(name, str(shelf / "elsewhere"))
    gguf(shelf / "elsewhere" / below / "models--me--Tale" / "snapshots" / "a" / "tale.gguf")
    assert names() == [("tale", "Hugging Face")]


@pytest.mark.parametrize("home", [".lmstudio", ".cache/lm-studio", "pointed"])
def test_lm_studio(shelf: Path, home: str) -> None:
    if home == "pointed":
        user().mkdir()
        (user() / ".lmstudio-home-pointer").write_text(str(user() / home))
    gguf(user() / home / "models" / "me" / "Tale-GGUF" / "Tale-Q4_K_M.gguf")
    gguf(
        user() / home / "models" / "me" / "Tale-GGUF" / "mmproj-Tale-f16.gguf", values={"general.architecture": "clip"}
    )
    assert names() == [("Tale-Q4_K_M", "LM Studio")]


def ollama(root: Path, name: str, path: Path, digest: str = "b" * 64, kind: str = "model") -> Path:
    manifest = root / "manifests" / name
    manifest.parent.mkdir(parents=True, exist_ok=True)
    layers = [
        {"mediaType": "application/vnd.ollama.image.template", "digest": "sha256:" + "c" * 64},
        {"mediaType": f"application/vnd.ollama.image.{kind}", "digest": f"sha256:{digest}"},
    ]
    manifest.write_text(json.dumps({"schemaVersion": 2, "layers": layers}))
    return path


def test_ollama(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = user() / ".ollama/models"
    blob = gguf(root / "blobs" / ("sha256-" + "b" * 64))
    ollama(root, "registry.ollama.ai/library/tale/0.6b", blob)
    ollama(root, "registry.ollama.ai/me/other/latest", gguf(root / "blobs" / ("sha256-" + "d" * 64)), "d" * 64)
    ollama(root, "registry.ollama.ai/library/gone/1b", blob, "e" * 64)
    ollama(root, "registry.ollama.ai/library/adapter/1b", blob, kind="adapter")
    ollama(root, "registry.ollama.ai/library/evil/1b", blob, "../../../../etc/passwd")
    (root / "manifests/registry.ollama.ai/library/tale/odd").write_text("[" * 10_000)
    assert names() == [("me/other:latest", "Ollama"), ("tale:0.6b", "Ollama")]
    assert models.find("tale:0.6b") == blob.resolve()
    monkeypatch.setenv("OLLAMA_MODELS", str(shelf / "none"))
    assert names() == []


def test_folders_that_the_author_names(shelf: Path) -> None:
    for place in ("one", "two"):
        gguf(shelf / place / "deep" / f"{place}.gguf")
    hugging_face(shelf / "two" / "folder")
    chosen = f"{shelf / 'one'}{os.pathsep}{shelf / 'two'}{os.pathsep}{shelf / 'none'}"
    settings.save(settings.change(Settings(), "models_folders", chosen))
    assert names() == [("one", str(shelf / "one")), ("folder", str(shelf / "two")), ("two", str(shelf / "two"))]
    with pytest.raises(settings.UsageError, match="models_folders"):
        settings.change(Settings(), "models_folders", "here")


def test_what_does_not_write_is_not_offered(shelf: Path) -> None:
    here = shelf / "here"
    gguf(here / "writer.gguf")
    gguf(here / "eyes.gguf", values={"general.architecture": "clip", "general.type": "mmproj"})
    gguf(here / "mmproj-writer.gguf")
    gguf(here / "embed.gguf", values={"general.architecture": "nomic-bert"})
    gguf(here / "embed2.gguf", values={"general.architecture": "qwen3", "qwen3.pooling_type": 3})
    gguf(here / "adapter.gguf", values={**LLAMA, "general.type": "adapter"})
    gguf(here / "words.gguf", tensors=0)
    (here / "broken.gguf").write_bytes(b"GGUF")
    (here / "pickle.bin").write_bytes(b"x")
    hugging_face(here / "ears", architectures=["WhisperForConditionalGeneration"], model_type="whisper")
    hugging_face(here / "vectors", architectures=["BertModel"])
    hugging_face(here / "clever", auto_map={"AutoModel": "evil.Model"})
    assert [model.name for model in models.found([here])] == ["writer"]


def test_a_model_in_parts_is_one(shelf: Path) -> None:
    here = shelf / "here"
    for number in (1, 2, 3):
        gguf(here / f"tale-0000{number}-of-00003.gguf")
    gguf(here / "half-00001-of-00002.gguf")
    (model,) = models.found([here])
    assert (model.name, model.size) == ("tale", 3 * 4096)
    assert model.path.name == "tale-00001-of-00003.gguf"
    assert models.find(str(here / "tale-00002-of-00003.gguf")) == model.path.resolve()
    with pytest.raises(ModelError, match="one of 2 parts"):
        models.find(str(here / "half-00001-of-00002.gguf"))


def test_two_of_the_same_name_are_told_apart(shelf: Path) -> None:
    gguf(shelf / "a" / "tale.gguf")
    gguf(shelf / "b" / "tale.gguf")
    second = str(shelf / "b" / "tale.gguf")
    assert [model.name for model in models.found([shelf / "a", shelf / "b"])] == ["tale", second]


@pytest.mark.timeout(60)
@links
def test_circles_and_crowds_are_no_trap(shelf: Path) -> None:
    here = shelf / "here"
    gguf(here / "tale.gguf")
    (here / "round").symlink_to(here, target_is_directory=True)
    for number in range(300):
        (here / f"{number}").mkdir()
        (here / f"{number}" / "notes.txt").write_text("no model")
    assert [model.name for model in models.found([here])] == ["tale"]


def test_nothing_found_is_nothing(shelf: Path) -> None:
    assert models.found() == []
    assert models.describe(shelf) is None
