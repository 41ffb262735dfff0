from __future__ import annotations

from pathlib import Path

import pytest

from tests.models.files import gguf, hugging_face
from writer import models
from writer.errors import ModelError, UsageError
from writer.settings import Settings


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


@pytest.mark.parametrize("name", ["a" * 5000, "a\0b", "..", "/", "tale-00001-of-00000.gguf", "~no-such-user/tale.gguf"])
def test_odd_names_are_one_sentence(shelf: Path, name: str) -> None:
    with pytest.raises(ModelError):
        models.find(name)


def test_a_model_whose_file_has_no_name_is_called_by_its_title(shelf: Path) -> None:
    blob = gguf(shelf / "blobs" / "sha256-abc")
    assert models.spec(Settings(model=str(blob))).model == "Harbour 1B Instruct"
    odd = gguf(shelf / "tale-00003-of-00002.gguf")
    assert models.spec(Settings(model=str(odd))).path == str(odd)
