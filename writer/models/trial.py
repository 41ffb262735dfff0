"""A model tried on this computer: how soon it writes, how fast, and what it takes."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

from writer import text as prose
from writer.engines import Piece, Sampling
from writer.errors import ModelError
from writer.i18n import _
from writer.models.choice import spec
from writer.story import Part, Prompt

if TYPE_CHECKING:
    from writer.engines.host import Host
    from writer.settings import Settings

_TEXTS = {
    "en": "The gulls rose over the harbour as the boat came in, and",
    "zh": "黄昏时分，老人独自坐在江边，",
}
_TOKENS = 96
_READS = 1200
_SENTENCES = 2
_BEAT = 0.1


@dataclass(frozen=True, slots=True)
class Trying:
    """How far a trial is: what loading is busy with, or what is written so far."""

    note: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """What was measured: seconds to load, to the first token, words and tokens a second behind it, bytes of memory."""

    engine: str
    text: str
    load_seconds: float
    first_token_seconds: float
    tokens_per_second: float
    words_per_second: float
    memory: int


def try_out(settings: Settings, before: str = "") -> Generator[Trying, None, Trial]:
    """Load the model of these settings and let it write two sentences, behind ``before`` or a text of Writer's own.

    Yields at least every tenth of a second, so that closing it soon ends the model's process whatever that is at.
    """
    import psutil

    from writer.engines.host import Host

    wanted = spec(settings)
    if wanted.engine not in ("llamacpp", "transformers"):
        raise ModelError(
            _("The engine {name} runs no model on this computer; choose another engine.").format(name=wanted.engine)
        )
    page = before[-_READS:].strip() and before[-_READS:]
    started = time.perf_counter()
    with closing(Host(wanted)) as engine:
        while not engine.wait(_BEAT):
            yield Trying(note=engine.note)
        loaded = time.perf_counter() - started
        written, tokens = "", 0
        asked = first = last = time.perf_counter()
        yield Trying()
        for piece in _pieces(engine, page or _TEXTS.get(settings.language, _TEXTS["en"])):
            if piece is not None:
                last = time.perf_counter()
                first = first if tokens else last
                tokens += piece.tokens
                written += piece.text
            shown = _sentences(written)
            yield Trying(text=shown)
            if len(shown) < len(written):
                break
        most = psutil.Process(engine.pid).memory_info().rss
    speed = (tokens - 1) / (last - first) if tokens > 1 and last > first else 0.0
    return Trial(
        engine=wanted.engine,
        text=_sentences(written),
        load_seconds=loaded,
        first_token_seconds=first - asked,
        tokens_per_second=speed,
        words_per_second=prose.count_words(written) * speed / max(1, tokens),
        memory=most,
    )


def _pieces(engine: Host, page: str) -> Iterator[Piece | None]:
    """What the model writes behind a page, and None in every tenth of a second without a piece."""
    arrived: SimpleQueue[Piece | Exception | None] = SimpleQueue()

    def listen() -> None:
        try:
            prompt = Prompt((Part("page", page, 0),))
            for piece in engine.generate(prompt, Sampling(max_tokens=_TOKENS, seed=1, may_end=False)):
                arrived.put(piece)
            arrived.put(None)
        except Exception as error:
            arrived.put(error)

    Thread(target=listen, name="trial", daemon=True).start()
    while True:
        try:
            piece = arrived.get(timeout=_BEAT)
        except Empty:
            yield None
            continue
        if piece is None:
            return
        if isinstance(piece, Exception):
            raise piece
        yield piece


def _sentences(written: str) -> str:
    """The first two sentences: with the first words of the next it shows where they end."""
    spans = list(prose.sentences(written))
    return written[: spans[_SENTENCES - 1][1]] if len(spans) > _SENTENCES else written
