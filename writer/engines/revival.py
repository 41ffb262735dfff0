"""A step of long work that goes on by itself when the model's process dies under it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from contextlib import closing
from typing import TypeVar

from writer.errors import DiedError

log = logging.getLogger(__name__)

Told = TypeVar("Told")
Answer = TypeVar("Answer")

TRIES = 3
"""So often a step is begun at most; what it dies of every time is no accident."""


def revived(begin: Callable[[], Generator[Told, None, Answer]]) -> Generator[Told, None, Answer]:
    """What the step gives that ``begin`` starts, begun anew whenever the model's process dies; DiedError in the end."""
    for left in reversed(range(TRIES)):
        try:
            with closing(begin()) as step:
                return (yield from step)
        except DiedError as died:
            if not left:
                raise
            log.warning("a step of work is begun anew: %s", died)
    raise AssertionError
