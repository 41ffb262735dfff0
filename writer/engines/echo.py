"""An engine without a model: it continues with the words it has read, for tests and for a first look."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from itertools import cycle, islice
from pathlib import Path

from writer.engines import EngineSpec, Piece, Sampling, Usage, one_by_one
from writer.engines.chat import unmarked
from writer.story import Prompt, Turn

_TOKEN = re.compile(r"\s*(?:[^\W\u3400-\u9fff]+|[^\w\s]|[\u3400-\u9fff])|\s+")


class Echo:
    """Says the last words of the prompt again, a word or a Chinese character at a time."""

    name = "echo"
    bos_tokens = 0

    def __init__(self, spec: EngineSpec | None = None) -> None:
        self.model = spec.model if spec else "echo"
        self.context_tokens = (spec.context_tokens if spec else 0) or 4096

    def generate(self, prompt: Prompt, sampling: Sampling) -> Generator[Piece, None, Usage]:
        """Yield the last sixteen tokens of the prompt, over and over, up to a stop string or the limit."""
        read = _TOKEN.findall(prompt.text)
        words = read[-16:] if prompt.text.strip() else ["…"]
        said = ""
        tokens = 0
        for token in islice(cycle(words), sampling.max_tokens):
            word = token if said or token.strip() else token.strip()
            cut = min((at for stop in sampling.stop if (at := (said + word).find(stop)) >= 0), default=None)
            if cut is not None:
                if rest := (said + word)[len(said) : cut]:
                    yield Piece(rest)
                break
            said += word
            tokens += 1
            yield Piece(word)
        return Usage(len(read), len(read), tokens, 0.0, 0.0)

    def chat(self, turns: Sequence[Turn]) -> Prompt:
        """What was said, as text."""
        return Prompt(unmarked(turns), role="work")

    def alternatives(self, prompt: Prompt, samplings: Sequence[Sampling]) -> Generator[tuple[int, Piece], None, None]:
        """Every one is the same."""
        return one_by_one(self, prompt, samplings)

    def attention(self, prompt: Prompt, text: str) -> list[float]:
        """The same share for every part."""
        return [1 / len(prompt.parts)] * len(prompt.parts)

    def count(self, texts: Sequence[str]) -> list[int]:
        """Words, punctuation marks and Chinese characters of each text."""
        return [len(_TOKEN.findall(text)) for text in texts]

    def score(self, prompt: Prompt, text: str) -> list[float]:
        """The same probability for everything."""
        return [-1.0] * len(_TOKEN.findall(text))

    def learn(self, key: str, texts: Sequence[str], opening: Sequence[str]) -> Generator[Piece, None, None]:
        """Nothing: it has no choice of words."""
        yield from ()

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where each word, mark or Chinese character stands."""
        return [found.span() for found in _TOKEN.finditer(text)]

    @property
    def state(self) -> str:
        """There is nothing to load."""
        return "ready"

    def beside(self) -> Echo:
        """It is never busy."""
        return self

    def cancel(self) -> None:
        """It never takes long."""

    def keep(self, book: Path, megabytes: int) -> None:
        """Nothing is kept."""

    def take_up(self, book: Path, prompt: Prompt) -> int:
        """Nothing was kept."""
        return 0

    def close(self) -> None:
        """Nothing to free."""
