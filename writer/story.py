"""The nouns that travel between threads: frozen values, no behaviour beyond reading them.

Offsets count Unicode characters (code points) from the start of a scene's text.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one scene's text, from ``start`` up to but not including ``end``."""

    scene: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the author is: a scene, its live text (saved or not) and the caret in it."""

    scene: int
    text: str
    offset: int
    revision: int = 0

    @property
    def before(self) -> str:
        """The scene's text up to the caret."""
        return self.text[: self.offset]

    @property
    def after(self) -> str:
        """The scene's text from the caret on."""
        return self.text[self.offset :]


@dataclass(frozen=True, slots=True)
class Project:
    """What is true of the whole book."""

    title: str
    premise: str
    language: str


@dataclass(frozen=True, slots=True)
class OutlineNode:
    """A place in the outline; ``level`` is 0 at the top, siblings are in story order."""

    id: int
    parent: int | None
    level: int
    title: str
    synopsis: str
    words: int


@dataclass(frozen=True, slots=True)
class Origin:
    """How a model came to write something, enough to have it written again."""

    model: str
    engine: str
    seed: int
    prompt: str
    """SHA-256 of what the model read, in hex."""
    time: int
    """Seconds since 1970, UTC."""


@dataclass(frozen=True, slots=True)
class Credit:
    """A stretch of a scene's text that a model wrote, from ``start`` up to but not including ``end``."""

    start: int
    end: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class Scene:
    """A node's prose; ``revision`` grows by one with every save that changed the text.

    ``credits`` are in order, none overlaps another, and all lie within the text.
    """

    id: int
    title: str
    text: str
    revision: int
    credits: tuple[Credit, ...] = ()


@dataclass(frozen=True, slots=True)
class Revision:
    """A scene as it once was, without its text; a later one has the higher ``id`` whatever the clock said."""

    id: int
    scene: int
    number: int
    """The scene's ``revision`` then."""
    reason: str
    """Why it was kept: earlier, change, generated, restore, split, join or snapshot."""
    name: str
    time: int
    words: int


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the prose under it, as files hold them; ``level`` is 0 at the top."""

    level: int
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side says in a conversation; ``role`` is system, user or assistant."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of what the model reads, with where it came from."""

    kind: str
    text: str
    tokens: int
    sources: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Dropped:
    """What was left out of a prompt, and why in the author's words."""

    kind: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model reads, from the part that changes least to the part that changes most."""

    parts: tuple[Part, ...]
    dropped: tuple[Dropped, ...] = ()
    begun: str = ""
    """The end of the last part that the model writes again, since it may be half a word, which it would end in other
    tokens; only what follows is given out.
    """
    role: str = "page"
    """Whom it serves, "page" or "work": an engine keeps what it read for each apart."""

    @property
    def text(self) -> str:
        """All parts joined."""
        return "".join(part.text for part in self.parts)

    @property
    def read(self) -> tuple[Part, ...]:
        """The parts as the model reads them before it writes: without what is begun."""
        if not self.begun:
            return self.parts
        *others, last = self.parts
        return (*others, replace(last, text=last.text.removesuffix(self.begun)))

    @property
    def tokens(self) -> int:
        """Tokens of all parts, without those that the engine adds itself."""
        return sum(part.tokens for part in self.parts)
