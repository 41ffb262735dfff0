from __future__ import annotations

from pathlib import Path

import pytest

from writer import models
from writer.errors import ModelError
from writer.models import shelf as kept
from writer.models.shelf import Record


def test_the_catalogue_serves_both_languages() -> None:
    assert models.default("en").name == "smollm2-135m"
    assert models.default("zh").name == "gemma3-270m"
    assert models.default("xx").name == "smollm2-135m"


@pytest.mark.parametrize("model", models.catalogue(), ids=lambda model: model.name)
def test_every_model_says_what_it_is_and_where_it_comes_from(model: models.Model) -> None:
    assert set(model.summary) == {"en", "zh"}
    assert bool(model.terms) == bool(model.terms_url) == (model.licence != "Apache-2.0")
    assert set(model.terms) in (set(), {"en", "zh"})
    assert set(model.languages) <= {"en", "zh"}
    assert model.kind in ("base", "instruct")
    assert model.memory > model.size > 1_000_000
    assert model.context >= 8192
    assert bool(model.repo) != bool(model.packages)
    assert len(model.sha256) == 64 or (model.repo and not model.sha256)
    assert model.file.endswith(".gguf")


def test_no_two_models_share_a_file() -> None:
    files = [model.file for model in models.catalogue()]
    assert len(set(files)) == len(files)


def test_a_model_without_a_known_size_is_there_if_it_is_what_was_fetched(shelf: Path) -> None:
    model = models.known("qwen3-4b")
    assert not model.installed
    model.path.write_bytes(b"GGUF")
    assert model.installed, "the author put it there"
    kept.remember(model.file, Record("fetched", 5))
    assert not model.installed


def test_a_name_that_nothing_has_lists_those_there_are() -> None:
    with pytest.raises(ModelError, match="smollm2-135m, gemma3-270m"):
        models.known("gemma99")
