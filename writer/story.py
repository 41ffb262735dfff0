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
class Mention:
    """A name in a text, from ``start`` up to but not including ``end``."""

    name: str
    start: int
    end: int
    kind: str
    """Person, place, or name if nothing tells which."""
    is_sure: bool
    """Whether this place alone shows that it is a name: inside a sentence, behind a title, or tagged as one."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence, or a few, of the book, with where it stands."""

    text: str
    span: Span
    score: float = 0.0
    why: str = ""
    """What speaks for it, in the author's words."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Someone or something to remember: written by the author if it has an ``id``, else found in the text."""

    name: str
    kind: str = "person"
    """Person, place, thing, or name if nothing tells which."""
    aliases: tuple[str, ...] = ()
    text: str = ""
    """What the author says of it."""
    keys: tuple[str, ...] = ()
    """Words that bring it to mind, besides its names."""
    also: tuple[str, ...] = ()
    """If there are any, one of these must be near as well."""
    never: tuple[str, ...] = ()
    """None of these may be near."""
    always: bool = False
    excluded: bool = False
    """The author doesn't want it to be read by the model."""
    since: int | None = None
    until: int | None = None
    """The scenes from which and up to which it is true."""
    id: int | None = None
    count: int = 0
    first: Span | None = None
    last: Span | None = None
    sources: tuple[Span, ...] = ()
    """The sentences that say who or what it is."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What a sentence of the book says of someone or something."""

    subject: str
    attribute: str
    value: str
    source: Passage


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two sentences that can't both be true, unless something happened between them."""

    earlier: Fact
    later: Fact


@dataclass(frozen=True, slots=True)
class Choice:
    """What the author decided about a sentence: "pin", always read it, or "exclude", never."""

    kind: str
    scene: int
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """What the author tells the model, and how many paragraphs before the caret it stands."""

    text: str
    depth: int = 3


@dataclass(frozen=True, slots=True)
class Summary:
    """What happens in a part, a chapter or a scene, and what made this of it ("extract" or a model's name) and when."""

    node: int
    title: str
    level: int
    sentences: tuple[Passage, ...]
    made_by: str = "extract"
    time: int = 0
    begins: str = ""
    """How the text begins that this tells of, where that is only a piece of a scene."""
    retelling: str = ""
    """The same in a model's own words, if one has retold it: then that is what ``made_by`` and ``time`` tell of."""


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
class Plan:
    """What is to become of a node, in the author's words or a model's."""

    synopsis: str = ""
    notes: str = ""
    """What the author keeps beside the text: reminders and sources, never a part of it."""
    status: str = ""
    """One of ``STATUSES``; empty where nobody said."""
    target_words: int = 0
    """Words wanted below this node in all; 0 if nobody said."""
    cast: tuple[str, ...] = ()
    beats: tuple[str, ...] = ()
    """What happens in a scene, one step after the other, each a sentence."""
    events: tuple[str, ...] = ()
    """What must happen in it, whatever else does."""
    made_by: str = ""
    """The model that wrote synopsis and beats; empty as soon as the author changed them."""


STATUSES = ("idea", "outline", "draft", "revised", "done")
"""How far a node can be, in order."""


@dataclass(frozen=True, slots=True)
class Task:
    """A scene that waits for its draft, or has some of it."""

    node: int
    words: int
    """How many it is to have in all."""
    state: str = "waiting"
    """Waiting, writing, done or failed."""
    beats: tuple[str, ...] = ()
    """What it is written by: the plan's beats, or those made for it."""
    beat: int = 0
    """How many of the beats are written."""
    written: int = 0
    """How many words the draft wrote so far."""
    tries: int = 0
    """How often a passage was written anew because something that must happen did not."""
    missed: tuple[str, ...] = ()
    """What must happen and still doesn't."""
    seed: int = 1
    problem: str = ""
    """Why it failed, in a sentence for the author."""


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
    why: tuple[str, ...] = ()
    """What speaks for each of the sources, where they were chosen."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """What was left out of a prompt, and why in the author's words."""

    kind: str
    text: str
    reason: str
    source: Span | None = None
    """Where it stands, if it is a sentence of the book."""


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
    wording: str = ""
    """The key of the texts to whose choice of words the answer leans, if the engine has learned them."""

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
