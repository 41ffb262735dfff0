"""The model begins to load before anything of the window does: on most computers that takes longest."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from writer import models
from writer import settings as settings_file
from writer.engines import BackgroundEngine
from writer.errors import WriterError
from writer.settings import Settings


class Early:
    """A model that loads before the window asks for one; ``open`` hands it over if it is the one that is wanted."""

    def __init__(self, settings: Settings) -> None:
        self._engine: BackgroundEngine | None = None
        if settings.suggestions and settings.language and settings.engine != "server":
            try:
                self._spec = models.spec(settings)
                self._engine = models.open_engine(settings)
            except WriterError:
                pass  # the window asks again, and says what is wrong

    def open(self, settings: Settings) -> BackgroundEngine:
        """The engine for these settings."""
        if self._engine is not None and models.spec(settings) == self._spec:
            engine, self._engine = self._engine, None
            return engine
        self.close()
        return models.open_engine(settings)

    def close(self) -> None:
        """End the model if nobody asked for it."""
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()


def run(path: Path | None = None, overrides: Mapping[str, str] | None = None) -> int:
    """Open the window and stay until it is closed, as :func:`writer.ui.app.run`; the exit code."""
    settings = settings_file.load()
    for name, value in (overrides or {}).items():
        settings = settings_file.change(settings, name, value)
    with closing(Early(settings)) as early:
        from writer.ui import app  # takes as long as a small model

        return app.run(path, overrides, engines=early.open)
