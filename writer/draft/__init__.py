"""A draft of the whole book, or of some of it, scene after scene: unattended, resumable, each step kept as it is made.

    queue    which scenes wait, in story order, and how many words each is to have
    length   how many words a passage may have so that its scene ends where it should
    scene    one scene, beat by beat
    passage  one passage

What is to be written is in ``store.tasks``, so whoever stops a draft, in whatever way, goes on with it by asking for
another one.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

from writer.draft.scene import Addition, Keep, Progress
from writer.engines import Engine
from writer.settings import Settings
from writer.store import Store
from writer.story import Scene

__all__ = ["Addition", "Drafted", "Keep", "Progress", "draft"]


@dataclass(frozen=True, slots=True)
class Drafted:
    """What a draft came to."""

    words: int
    """Written this time."""
    scenes: int
    """Finished this time."""
    tries: int = 0
    """How often something was written anew because what must happen did not."""
    missed: int = 0
    """Of what must happen, how much doesn't."""
    problems: tuple[tuple[int, str], ...] = ()
    """The scenes that could not be written, each with a sentence for the author."""


def draft(
    store: Store,
    engine: Engine,
    settings: Settings,
    keep: Keep,
    *,
    nodes: Sequence[int] | None = None,
    words: int | None = None,
    seed: int = 1,
    put: Callable[[Addition], Scene | None] | None = None,
) -> Generator[Progress, None, Drafted]:
    """Write the scenes that wait: those below ``nodes``, or all of the book that have no text yet.

    ``words`` is how many all of these are to have together. What waits already is gone on with. ``store`` is only read;
    each change goes through ``keep``, and each passage through ``put``, by default ``keep(addition.into)``: another one
    may put it into the page instead. Closing it stops at once; what was kept stays, and the next draft goes on there.
    WriterError if nothing can be written or kept.
    """
    yield Progress(0, "", 0, 0, 0, None)
    raise NotImplementedError
