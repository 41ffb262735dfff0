"""A model tried on this computer: how soon it writes, how fast, and what it takes."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from writer.engines import Sampling
from writer.errors import ModelError
from writer.i18n import _
from writer.models.choice import spec
from writer.story import Part, Prompt
from writer.text import count_words

if TYPE_CHECKING:
    from writer.settings import Settings

_TEXTS = {
    "en": "The gulls rose over the harbour as the boat came in, and",
    "zh": "黄昏时分，老人独自坐在江边，",
}
_TOKENS = 64


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


def try_out(settings: Settings) -> Generator[str, None, Trial]:
    """Load the model of these settings and let it write; yields what it is busy with or what it has written."""
    import psutil

    from writer.engines.host import Host

    wanted = spec(settings)
    if wanted.engine not in ("llamacpp", "transformers"):
        raise ModelError(
            _("The engine {name} runs no model on this computer; choose another engine.").format(name=wanted.engine)
        )
    started = time.perf_counter()
    with closing(Host(wanted)) as engine:
        while not engine.wait(0.1):
            yield engine.note
        loaded = time.perf_counter() - started
        prompt = Prompt((Part("page", _TEXTS.get(settings.language, _TEXTS["en"]), 0),))
        pieces = engine.generate(prompt, Sampling(max_tokens=_TOKENS, seed=1, may_end=False))
        text = ""
        while True:
            try:
                piece = next(pieces)
            except StopIteration as end:
                usage = end.value
                break
            text += piece.text
            yield text
        most = psutil.Process(engine.pid).memory_info().rss
    speed = usage.tokens_per_second
    return Trial(
        engine=wanted.engine,
        text=text,
        load_seconds=loaded,
        first_token_seconds=usage.first_token_ms / 1000,
        tokens_per_second=speed,
        words_per_second=count_words(text) * speed / max(1, usage.tokens),
        memory=most,
    )
