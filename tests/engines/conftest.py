from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from writer import models
from writer.engines import EngineSpec

if TYPE_CHECKING:
    from writer.engines.llamacpp import LlamaCpp
    from writer.engines.transformers import Transformers


@pytest.fixture(scope="session")
def small_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from . import tiny

    return tiny.make(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def small(small_folder: Path) -> Iterator[Transformers]:
    from writer.engines.transformers import Transformers

    engine = Transformers(EngineSpec("transformers", str(small_folder), "tiny", threads=1))
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def english() -> Iterator[LlamaCpp]:
    from writer.engines.llamacpp import LlamaCpp

    engine = LlamaCpp(EngineSpec("llamacpp", str(models.find("smollm2-135m")), "smollm2-135m", 2048, threads=1))
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def chinese() -> Iterator[LlamaCpp]:
    from writer.engines.llamacpp import LlamaCpp

    engine = LlamaCpp(EngineSpec("llamacpp", str(models.find("gemma3-270m")), "gemma3-270m", 2048, threads=1))
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def english_torch() -> Iterator[Transformers]:
    from writer.engines.transformers import Transformers

    engine = Transformers(EngineSpec("transformers", str(models.find("smollm2-135m")), "smollm2-135m", 2048, threads=1))
    yield engine
    engine.close()
