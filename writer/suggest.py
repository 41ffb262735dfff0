"""From the caret to its continuation: build the prompt, yield from the engine."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Protocol, runtime_checkable

from writer.context import Memory, build
from writer.continuation import Continuation
from writer.engines import BackgroundEngine, Engine, Piece, Sampling, Usage
from writer.errors import UsageError
from writer.i18n import _
from writer.manner import manner
from writer.settings import Settings
from writer.store import Store
from writer.story import Cursor, Origin, Prompt
from writer.text import count_words, language_of

ANSWER_TOKENS = 256
"""What is kept free of the model's context for its answer."""

FEW = 64
"""So few tokens are read while somebody waits, if what was decided anew needs no more."""
LITTLE = 320
"""So many even a slow computer reads while somebody waits, if none of what it would read is read yet."""
_BACK = 2
_TRIES = 3
_LARGEST_SEED = 2**31 - 1
_TOKENS_A_WORD = {"en": 2, "zh": 3}


def prompt_for(cursor: Cursor, store: Store | None, engine: Engine, settings: Settings, *, back: int = 0) -> Prompt:
    """What the model reads for a suggestion here: ``settings.budget`` tokens, or fewer if it can't read as many.

    With ``back``, as it was decided so many places before; without parts if that does not fit any more.
    """
    budget = min(settings.budget, max(1, engine.context_tokens - ANSWER_TOKENS))
    memory = Memory(store) if store else None
    prompt = build(cursor, store, engine, budget, settings.language or "en", memory, back)
    return prompt if settings.book_words else replace(prompt, wording="")


@runtime_checkable
class Reader(Protocol):
    """An engine that tells what it has read."""

    def unread(self, prompts: Sequence[Prompt]) -> list[int]:
        """How many tokens of each prompt would have to be read."""
        ...


def tells(engine: Engine) -> bool:
    """Whether an engine tells what it has read, so that it is worth while to read what is decided anew beside it."""
    return isinstance(engine, Reader)


def prompt_now(cursor: Cursor, store: Store | None, engine: Engine, settings: Settings) -> Prompt:
    """What the model reads for a suggestion that somebody waits for.

    If what was decided last is not read yet, that is what was decided a little before, or less, which is read sooner.
    """
    prompt, least = _read_most(prompt_for(cursor, store, engine, settings), cursor, store, engine, settings)
    if least > FEW and (fewer := _within(settings.budget // 2, settings)):
        half, unread = _read_most(prompt_for(cursor, store, engine, fewer), cursor, store, engine, fewer)
        if half.parts and 2 * unread < least:
            prompt, least = half, unread
    if least > LITTLE and (fewer := _within(LITTLE, settings)):
        little, _unread = _read_most(prompt_for(cursor, store, engine, fewer), cursor, store, engine, fewer)
        prompt = little if little.parts else prompt
    return prompt


def readings(
    prompt: Prompt, cursor: Cursor, store: Store | None, engine: Engine, settings: Settings
) -> Generator[Prompt, None, None]:
    """What of a prompt is read at rest, in this order: half as much first, where nothing of it is read yet."""
    _best, unread = _read_most(prompt, cursor, store, engine, settings)
    if unread > settings.budget // 2 and (fewer := _within(settings.budget // 2, settings)):
        half = prompt_for(cursor, store, engine, fewer)
        if half.parts and half.tokens < unread:
            yield half
    if not isinstance(engine, Reader) or engine.unread([prompt])[0] > FEW:
        yield prompt


def _read_most(
    prompt: Prompt, cursor: Cursor, store: Store | None, engine: Engine, settings: Settings
) -> tuple[Prompt, int]:
    """A prompt or, where that is not read yet, what was decided a little before; and how many tokens are unread."""
    if not isinstance(engine, Reader) or not prompt.parts:
        return prompt, 0
    (least,) = engine.unread([prompt])
    for back in range(1, _BACK + 1):
        if least <= FEW:
            break
        earlier = prompt_for(cursor, store, engine, settings, back=back)
        if earlier.parts and (unread := engine.unread([earlier])[0]) < least:
            prompt, least = earlier, unread
    return prompt, least


def _within(budget: int, settings: Settings) -> Settings | None:
    """The same with a smaller budget; None if it is none, or too small to be of use."""
    return replace(settings, budget=budget) if LITTLE <= budget < settings.budget else None


def suggest(
    cursor: Cursor,
    store: Store | None,
    engine: Engine,
    settings: Settings,
    *,
    seed: int | None = None,
    words: int | None = None,
) -> Generator[Piece, None, Usage]:
    """Continue at the caret with one or two sentences, about ``words`` words (in Chinese, characters).

    The pieces joined are what is drawn and accepted; no text is yielded if the model has nothing fit to read.
    Every try begins with an empty piece that carries the origin of the text behind it.
    The same seed gives the same text; without one, and with none in the settings, each call differs.
    """
    prompt = prompt_now(cursor, store, engine, settings)
    if not prompt.parts:
        message = _("A budget of {n} tokens is too small to continue from. Choose a larger one in the settings.")
        raise UsageError(message.format(n=settings.budget))
    language = _language(cursor, store, settings)
    seed = seed or settings.seed or random.randint(1, _LARGEST_SEED)
    total = None
    for attempt in range(_TRIES):
        continuation = Continuation(
            cursor.before,
            cursor.after,
            words or settings.words,
            is_chinese=language == "zh",
            lenient=attempt == _TRIES - 1,
            separator="\n" if store else "",
        )
        room = engine.context_tokens - prompt.tokens - engine.bos_tokens
        sampling = manner(settings, language, (seed + attempt * 7919 - 1) % _LARGEST_SEED + 1)
        tokens = min(room, continuation.most_words * _TOKENS_A_WORD[language] + 24)
        # Behind the last word of a book a model has nothing to add: the second time it must.
        sampling = replace(sampling, max_tokens=tokens, may_end=attempt == 0)
        # Empty, so that whoever cancelled can close before the model begins.
        yield Piece("", 0, origin=_origin(engine, prompt, sampling.seed))
        usage = yield from _fitting(engine, prompt, sampling, continuation)
        total = usage if total is None else _add(total, usage)
        if not continuation.refused:
            break
    assert total is not None
    return total


def begin(
    cursor: Cursor,
    store: Store | None,
    engine: BackgroundEngine,
    settings: Settings,
    book: Path,
    *,
    seed: int | None = None,
) -> Generator[Piece, None, Usage]:
    """The first suggestion in a book: it takes up what was kept of that, and otherwise reads only a little."""
    prompt = prompt_for(cursor, store, engine, settings)
    yield Piece("", 0)
    held = engine.take_up(book, prompt)
    if not isinstance(engine, Reader) and prompt.tokens - held > LITTLE:  # any other is asked what it has read
        settings = replace(settings, budget=min(settings.budget, LITTLE))
    return (yield from suggest(cursor, store, engine, settings, seed=seed))


def ahead(
    cursor: Cursor, taken: str, store: Store | None, engine: Engine, settings: Settings, *, seed: int | None = None
) -> Generator[Piece, None, Usage]:
    """The suggestion behind one that is only shown yet, as if that had been taken.

    Nothing where the page would be full by then: the model would lose what it read for the author who writes on here.
    """
    yield Piece("", 0)
    before, then = cursor.before + taken, cursor.before + taken + cursor.after
    there = replace(cursor, text=then, offset=len(before))
    now = prompt_now(cursor, store, engine, settings).text
    if not prompt_now(there, store, engine, settings).text.startswith(now):
        return Usage(0, 0, 0, 0.0, 0.0)
    return (yield from suggest(there, store, engine, settings, seed=seed))


def learn(
    cursor: Cursor, store: Store | None, engine: BackgroundEngine, settings: Settings
) -> Generator[Piece, None, None]:
    """Let the model learn how the book chooses its words; what was learned stays when this is closed."""
    yield Piece("", 0)
    if store is None or not settings.book_words:
        return
    from writer.memory import wording  # only now: the window is there first

    source = wording.source(store, cursor)
    if source is not None:
        texts = wording.texts(store, source)
        yield from engine.learn(source.key, texts, wording.passages(texts, store.project.language))


def warm(
    cursor: Cursor, store: Store | None, engine: BackgroundEngine, settings: Settings, book: Path
) -> Generator[Piece, None, Usage]:
    """Let the engine read now what a suggestion here would read, so that the next one comes at once."""
    yield Piece("", 0)  # here a warming that is not wanted any more ends before it begins
    prompt = prompt_for(cursor, store, engine, settings)
    yield Piece("", 0)
    engine.take_up(book, prompt)
    yield Piece("", 0)
    usage = Usage(prompt.tokens, 0, 0, 0.0, 0.0)
    for reading in readings(prompt, cursor, store, engine, settings):
        usage = yield from engine.generate(reading, Sampling(max_tokens=1))
    return usage


def _language(cursor: Cursor, store: Store | None, settings: Settings) -> str:
    """The language at the caret; the project's, else the author's, where there is hardly any text."""
    near = cursor.before[-2000:]
    if count_words(near) >= 4:
        return language_of(near)
    language = store.project.language if store else settings.language
    return language if language in _TOKENS_A_WORD else "en"


def _origin(engine: Engine, prompt: Prompt, seed: int) -> Origin:
    read = hashlib.sha256(prompt.text.encode("utf-8", "surrogatepass")).hexdigest()
    return Origin(engine.model, engine.name, seed, read, int(time.time()))


def _fitting(
    engine: Engine, prompt: Prompt, sampling: Sampling, continuation: Continuation
) -> Generator[Piece, None, Usage]:
    """Yield what fits of one generation, stopping it when no more is wanted."""
    started = time.perf_counter()
    first = 0.0
    tokens = unseen = 0
    with closing(engine.generate(prompt, sampling)) as stream:
        while not (continuation.done or continuation.refused):
            try:
                piece = next(stream)
            except StopIteration as end:
                if text := continuation.finish():
                    yield Piece(text, unseen)
                cost: Usage = end.value
                return cost
            first = first or time.perf_counter()
            tokens += piece.tokens
            unseen += piece.tokens
            if text := continuation.feed(piece.text):
                yield Piece(text, unseen)
                unseen = 0
        prompt_tokens = prompt.tokens + engine.bos_tokens
        elapsed = (time.perf_counter() - started) * 1000
        return _stop(stream) or Usage(prompt_tokens, prompt_tokens, tokens, (first - started) * 1000, elapsed)


def _stop(stream: Generator[Piece, None, Usage]) -> Usage | None:
    """Cancel a generation; what it cost if the engine tells."""
    try:
        stream.throw(GeneratorExit())
    except StopIteration as end:
        cost: Usage | None = end.value
        return cost
    except GeneratorExit:
        return None
    return None


def _add(earlier: Usage, last: Usage) -> Usage:
    """The cost of a try together with those before it that came to nothing."""
    return replace(
        last,
        prefilled_tokens=earlier.prefilled_tokens + last.prefilled_tokens,
        first_token_ms=earlier.total_ms + last.first_token_ms,
        total_ms=earlier.total_ms + last.total_ms,
    )
