"""What turns a prompt into text: one protocol, interchangeable implementations."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from writer.story import Origin, Prompt, Turn


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is chosen; the same names mean the same in every engine, and what that is llama.cpp says.

    Everything is off at its neutral value: ``temperature`` 0 is greedy; ``top_k`` 0, ``top_p`` and ``typical_p`` 1,
    ``repetition_penalty`` 1, and 0 for all others. ``mirostat`` is 0 or 2; 2 takes the place of all but temperature.
    The same ``seed`` gives the same text.
    """

    max_tokens: int = 64
    temperature: float = 0.7
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    typical_p: float = 1.0
    mirostat: int = 0
    mirostat_tau: float = 5.0
    """The surprise that mirostat aims at, in bits."""
    mirostat_eta: float = 0.1
    dry_multiplier: float = 0.0
    dry_base: float = 1.75
    dry_allowed_length: int = 2
    dry_range: int = 0
    """How many tokens back DRY looks; 0 is all of them."""
    dry_breakers: tuple[str, ...] = ("\n",)
    """Characters that no repetition reaches over; llama.cpp looks through its vocabulary for each at every request."""
    xtc_probability: float = 0.0
    xtc_threshold: float = 0.1
    repetition_penalty: float = 1.1
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    penalty_window: int = 64
    """How many tokens back the three penalties look."""
    no_repeat_ngram: int = 0
    """No row of this many tokens comes twice, counted over prompt and answer."""
    seed: int = 0
    stop: tuple[str, ...] = ()
    banned: tuple[str, ...] = ()
    """Phrases that are never written: when one comes, the model goes back and writes something else."""
    may_end: bool = True
    """Whether the model may end the text by itself before ``max_tokens``."""
    grammar: str = ""
    """What the whole text must be, in llama.cpp's grammar language (GBNF); only on llamacpp."""
    beams: int = 1
    """More than 1: the likeliest text that so many beams find, instead of a drawn one; only on transformers."""
    logprobs: int = 0
    """How many of the likeliest tokens are told with each token."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some generated text, always whole characters; an empty one only says that the work goes on."""

    text: str
    tokens: int = 1
    logprob: float = 0.0
    """Natural log-probability of the token before any sampling; told only if ``Sampling.logprobs`` asks."""
    alternatives: tuple[tuple[str, float], ...] = ()
    """The likeliest tokens there with their log-probabilities."""
    origin: Origin | None = None
    """On an empty piece of a suggestion: where the text of the pieces behind it comes from."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a generation cost: tokens in the prompt, of these newly computed, and written; times in ms."""

    prompt_tokens: int
    prefilled_tokens: int
    tokens: int
    first_token_ms: float
    total_ms: float

    @property
    def tokens_per_second(self) -> float:
        """Speed of decoding alone, without the time to the first token; 0 if unknown."""
        decode = (self.total_ms - self.first_token_ms) / 1000
        return (self.tokens - 1) / decode if self.tokens > 1 and decode > 0 else 0.0


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """Which engine to start on which model; plain data, so that it travels to a child process."""

    engine: str
    path: str
    model: str
    context_tokens: int = 0
    threads: int = 0


class Engine(Protocol):
    """A model that is ready to write.

    Prompt parts are tokenised one by one without special tokens and joined;
    ``bos_tokens`` more are put in front where the model wants them.
    """

    @property
    def name(self) -> str:
        """The engine that does the work, also when it lives in another process."""
        ...

    @property
    def model(self) -> str:
        """The model's name, for people."""
        ...

    @property
    def context_tokens(self) -> int:
        """How many tokens the model reads and writes at most."""
        ...

    @property
    def bos_tokens(self) -> int:
        """Tokens that are put in front of every prompt."""
        ...

    def generate(self, prompt: Prompt, sampling: Sampling) -> Generator[Piece, None, Usage]:
        """Yield the continuation piece by piece and return its cost; closing it cancels."""
        ...

    def chat(self, turns: Sequence[Turn]) -> Prompt:
        """What the model reads before it answers in a conversation, laid out as it was taught to read one."""
        ...

    def alternatives(self, prompt: Prompt, samplings: Sequence[Sampling]) -> Generator[tuple[int, Piece], None, None]:
        """Yield pieces of several continuations with the number of each; the prompt is read once."""
        ...

    def attention(self, prompt: Prompt, text: str) -> list[float]:
        """How much the model looks at each part of the prompt while it reads ``text``; EngineError if it can't tell."""
        ...

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text by itself, without any that the engine adds."""
        ...

    def score(self, prompt: Prompt, text: str) -> list[float]:
        """Natural log-probability of each token of ``text`` behind ``prompt``."""
        ...

    def learn(self, key: str, texts: Sequence[str], opening: Sequence[str]) -> Generator[Piece, None, None]:
        """Learn under a key how a book chooses its words, from its texts and some passages of its beginning.

        Prompts whose ``wording`` is the key lean to it from then on. Yields empty pieces; what was learned stays when
        it is closed, and is gone on with. An engine that can't learns nothing.
        """
        ...

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Which characters each token of ``text`` stands for, in an engine that scores; tokens may share one."""
        ...

    def close(self) -> None:
        """Free the model; safe to call twice."""
        ...


def one_by_one(
    engine: Engine, prompt: Prompt, samplings: Sequence[Sampling]
) -> Generator[tuple[int, Piece], None, None]:
    """Alternatives of an engine that keeps what it read, one behind the other."""
    for number, sampling in enumerate(samplings):
        with closing(engine.generate(prompt, sampling)) as pieces:
            for piece in pieces:
                yield number, piece


def default_threads() -> int:
    """All cores but one: using all of them slows the model thirtyfold as soon as anything else runs."""
    return max(1, (os.cpu_count() or 1) - 1)


class BackgroundEngine(Engine, Protocol):
    """An engine that loads while its user does other things, and that any thread may stop."""

    @property
    def state(self) -> str:
        """``loading``, ``ready`` or ``failed``; never waits."""
        ...

    def beside(self) -> BackgroundEngine:
        """The same model for work beside the page, which gives way to what is asked here; closed with this one.

        What is asked there is cancelled there, and what is asked here, here.
        """
        ...

    def cancel(self) -> None:
        """Stop what is being generated for whoever asked here; who waits for it gets what there is."""
        ...

    def keep(self, book: Path, megabytes: int) -> None:
        """Keep on disk what was read of this book for the page, in so much room for all books; waits for nothing."""
        ...

    def take_up(self, book: Path, prompt: Prompt) -> int:
        """Take up what was kept of this book, if it helps; how many tokens of the prompt need not be read any more."""
        ...
