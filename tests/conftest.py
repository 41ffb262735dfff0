"""What every test starts from: folders of its own, the developer's models, and no network."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from pytestqt.qtbot import QtBot

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from writer import files, i18n, models
from writer.store import Store
from writer.story import Project

settings.register_profile("patient", deadline=None)  # a busy machine is no fault
settings.load_profile("patient")

# Before any test moves Writer's folders: where the developer's models really are.
_MODELS = models.folder().resolve()
# Converted models, which take a minute to make.
_CACHE = files.cache_folder().resolve()


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of Writer's own for each test, with the real models in it and English spoken."""
    home = tmp_path_factory.mktemp("home")
    (home / "data").mkdir()
    if _MODELS.is_dir():
        (home / "data" / "models").symlink_to(_MODELS, target_is_directory=True)
    _CACHE.mkdir(parents=True, exist_ok=True)
    (home / "cache").symlink_to(_CACHE, target_is_directory=True)
    monkeypatch.setenv("WRITER_HOME", str(home))
    i18n.use("en")
    return home


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a project can be."""
    return tmp_path / "潮.writer"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """A new project without a scene, open there."""
    with Store.create(path, Project("The Tide", "A lighthouse goes dark.", "en")) as store:
        yield store


class PatientBot(QtBot):
    """Waits for facts as long as a busy machine may take, a minute at the least."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = 60_000) -> None:
        super().waitUntil(callback, timeout=max(timeout, 60_000))


@pytest.fixture
def qtbot(qapp, request: pytest.FixtureRequest) -> PatientBot:
    """The same as pytest-qt's, with patience."""
    return PatientBot(request)
