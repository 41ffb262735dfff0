"""``writer models`` as scripts see it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.models.conftest import shelf as _shelf
from tests.models.files import gguf
from tests.test_cli import Shell
from writer import models, settings

shelf = _shelf


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("LANGUAGE", "en")
    return Shell(capsys)


def test_the_list_tells_what_there_is_and_what_fits(shelf: Path, shell: Shell) -> None:
    gguf(models.folder() / "mine.gguf")
    gguf(Path(os.environ["HOME"]) / ".lmstudio/models/me/tale/tale.gguf")
    shell.run("models", "use", "tale")
    *listed, done = shell.lines("models")
    by_name = {line["model"]: line for line in listed}
    assert {line["fit"] for line in listed} <= {"fits", "tight", "too large"}
    assert by_name["smollm2-135m"]["source"] == "PyPI"
    assert by_name["qwen3-4b"]["source"] == "Hugging Face: mradermacher/Qwen3-4B-Base-GGUF"
    assert not by_name["qwen3-4b"]["installed"]
    assert by_name["mine"]["context"] == 4096
    assert by_name["tale"]["source"] == "LM Studio"
    assert [line["model"] for line in listed if line["used"]] == ["tale"]
    assert done["recommended"] in by_name
    assert "LM Studio" in shell.run("models")


def test_adding_using_and_removing(shelf: Path, shell: Shell) -> None:
    tale = gguf(shelf / "far" / "海鸥.gguf")
    *_steps, done = shell.lines("models", "add", tale)
    assert done == {"done": True, "model": "海鸥", "path": str(models.folder().resolve() / "海鸥.gguf")}
    shell.run("models", "use", "海鸥")
    assert "--yes" in shell.refusal("models", "remove", "海鸥")
    assert shell.lines("models", "remove", "海鸥", "--yes") == [
        {"done": True, "model": "海鸥", "freed": 0, "linked": True}
    ]
    assert settings.load().model == "", "what is gone is not used any more"
    assert tale.exists()
    assert "Added 海鸥" in shell.run("models", "add", tale, "--copy")
    assert shell.lines("models", "remove", "海鸥", "--yes")[0]["freed"] == 4096


def test_what_can_not_be_done_is_one_sentence(shelf: Path, shell: Shell) -> None:
    assert "no model at" in shell.refusal("models", "add", "none.gguf")
    assert "nothing was removed" in shell.refusal("models", "remove", "nobody", "--yes")
    assert "no model called" in shell.refusal("models", "test", "nobody")
    assert "echo" in shell.refusal("models", "test", "nobody", "--engine", "echo")


@pytest.mark.model
def test_a_model_is_tried(home: Path, shell: Shell) -> None:
    (done,) = shell.lines("models", "test", "smollm2-135m")
    assert done["engine"] == "llamacpp"
    assert done["tokens_per_second"] > 1
    assert 0 < done["first_token_ms"] < 20_000
    assert 100_000_000 < done["memory"] < 1_000_000_000
    assert len(done["text"]) > 40
