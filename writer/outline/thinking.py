"""What a model comes to say of one place of an outline."""

from __future__ import annotations

from collections.abc import Generator

from writer.engines import Engine
from writer.outline import resort
from writer.outline.ground import Ground, Idea, Place
from writer.settings import Settings


class Thinking:
    """Ideas for one outline."""

    def __init__(self, engine: Engine, settings: Settings, ground: Ground, seed: int) -> None:
        self._engine = engine
        self._settings = settings
        self._ground = ground
        self._seed = seed

    def idea(self, place: Place, avoid: tuple[Idea, ...] = ()) -> Generator[None, None, Idea]:
        """A new title and synopsis for a place; yields at every step."""
        yield
        return resort.idea(self._ground, place)

    def beats(self, place: Place, idea: Idea, count: int) -> Generator[None, None, tuple[str, ...]]:
        """So many steps of a scene; yields at every step."""
        yield
        return resort.beats(self._ground, place, idea, count)
