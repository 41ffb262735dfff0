"""One scene written beat by beat: each passage is kept together with how far the scene is, before the next is begun."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from writer.credits import Credits
from writer.store import Store
from writer.story import Credit, Origin, Scene, Task
from writer.text import is_cjk

Answer = TypeVar("Answer")


class Keep(Protocol):
    """Lets a change of the project happen in the thread that writes, waits for it, and gives what it gave."""

    def __call__(self, change: Callable[[Store], Answer], /) -> Answer:
        """What ``change`` gave; what it raised is raised here."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a draft is; given for every piece of text and whenever something was kept."""

    scene: int
    """0 while the outline grows or the book is read."""
    title: str
    words: int
    """Of the scene, as it is kept."""
    target_words: int
    total_words: int
    """Of all scenes in the queue, as they are kept."""
    seconds_left: int | None
    """None until that can be told."""
    sentence: str = ""
    """What is being written just now."""
    passage: str = ""
    """All of the passage at hand so far, which is not kept yet; the model may take some of it back."""


@dataclass(frozen=True, slots=True)
class Addition:
    """A passage for the end of a scene, and how far the task is with it."""

    task: Task
    """As it is to be kept; ``written`` and ``beat`` count this passage."""
    before: Task
    """As it must be in the queue for this to be wanted still."""
    text: str
    origin: Origin | None
    opens: bool
    """Whether it begins a paragraph."""

    def joint(self, text: str) -> str:
        """What stands between the scene's text as it is now and this passage."""
        if not text.strip() or not self.text.strip():
            return ""
        breaks = paragraph_break(text)
        if text.endswith("\n"):
            return breaks[len(text) - len(text.rstrip("\n")) :]
        if self.opens:
            return breaks
        if self.text[:1].isspace() or text[-1].isspace() or is_cjk(self.text[0]):
            return ""
        return " "

    def wanted(self, store: Store) -> bool:
        """Whether the task is in the queue and as far as it was; else the passage is not wanted any more."""
        return any(task.node == self.task.node and _is_at(task, self.before) for task in store.tasks.all())

    def into(self, store: Store) -> Scene | None:
        """Put it behind the scene's text as it is now, whatever the author wrote there meanwhile, in one transaction.

        None, and nothing is changed, if it is not wanted any more. What was there before the draft is a revision.
        """
        with store.transaction():
            if not self.wanted(store):
                return None
            scene = store.scene(self.task.node)
            if not self.before.written and scene.text.strip():
                store.revisions.keep(scene.id, "generated")
            text, credits = self.behind(scene.text, scene.credits)
            return store.tasks.advance(self.task, text, credits)

    def behind(self, text: str, credits: Credits) -> tuple[str, Credits]:
        """A scene's text and credits with this at their end."""
        start = len(text) + len(self.joint(text))
        whole = text + self.joint(text) + self.text
        new = (Credit(start, len(whole), self.origin),) if self.origin is not None else ()
        return whole, (*credits, *new)


def paragraph_break(text: str) -> str:
    """What this text has between two paragraphs."""
    if "\n" in text.strip():
        return "\n\n" if "\n\n" in text else "\n"
    return "\n" if any(is_cjk(character) for character in text[-200:]) else "\n\n"


def _is_at(task: Task, other: Task) -> bool:
    return replace(task, words=0, state="") == replace(other, words=0, state="")
