"""What a typing session costs in tokens that are read between a pause and the first grey text.

Run as ``python3 packaging/dev.py bench session [--book FILE] [--suggestions N] [--folder FOLDER] [--json]``. In a book
of 700,000 words with its memory built, in scenes of 233 to 3,000 words, the author writes on where the book ends: the
book's own next paragraphs, which are nowhere else in it. A few words at a time are typed, now and then without the
space behind the last; every other suggestion is taken whole. What the window does beside that is done here: it saves,
brings the memory up to date, lets the model go ahead behind a suggestion that is shown, and read what is decided anew
while the author types: at 40 words a minute, and not more than the engine reads in that time, at the speed that was
measured before (or ``--speed``); the rest is left for the next time.

Figures, in tokens: ``mean``, ``median``, ``p95`` and ``most`` read for a suggestion between the pause and its first
piece, and ``rest``, those read at rest, by suggestions; ``slid`` and ``memory`` are the shares of prompts at a pause
that did not begin with the one before since the window slid or memory changed, ``scene`` of those that are first in a
scene, and ``back`` of those that were decided earlier since what was decided last was not read yet; ``..._mean`` is
what was read for them. Control: the same with nothing read at rest. ``build_ms`` is what one prompt takes to be laid
out, ``counting``, ``memory`` (all that is offered) and ``recall`` are parts of it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from itertools import cycle
from pathlib import Path
from typing import Any

from tests.benchmarks.planted import paragraphs_of
from writer import context, models, text
from writer.engines import EngineSpec, Piece, Sampling, Usage, default_threads
from writer.engines import host as hosts
from writer.engines.host import Host
from writer.memory import recall
from writer.memory.update import update
from writer.settings import Settings
from writer.store import Store
from writer.story import Cursor, Part, Project, Prompt
from writer.suggest import ahead, prompt_for, prompt_now, readings, suggest

WORDS, TYPED = 700_000, 20_000
SCENES = (233, 3_000, 800, 1_600)
WORDS_A_PAUSE = 7
SECONDS_A_WORD = 60 / 40


def drained(pieces: Generator[Piece, None, Usage]) -> tuple[str, Usage]:
    said = ""
    with closing(pieces):
        while True:
            try:
                said += next(pieces).text
            except StopIteration as end:
                return said, end.value


def book(source: Path | None, path: Path) -> list[str]:
    """Make the project, unless it is there, and return the paragraphs that its author writes next."""
    own = paragraphs_of(source, WORDS // 100, "en")
    everything = paragraphs_of(source, WORDS + WORDS // 4, "en")
    first = list(dict.fromkeys(everything))
    held: list[str] = []
    while sum(map(text.count_words, held)) < min(TYPED, text.count_words(" ".join(own))):
        held.insert(0, first.pop())
    if path.exists():
        return held
    # The text as it is comes last, so that what is typed goes on from it.
    later = [paragraph for paragraph in everything[len(first) + len(held) :] if paragraph not in set(held)]
    lines, words, number, lengths = [], 0, 0, cycle(SCENES)
    wanted = next(lengths)
    total = sum(map(text.count_words, first))
    while total < WORDS and later:
        first.insert(0, later.pop())
        total += text.count_words(first[0])
    with Store.create(path, Project("The Long Book", "", "en")) as store:
        with store.transaction():
            for paragraph in first:
                lines.append(paragraph)
                words += text.count_words(paragraph)
                if words >= wanted:
                    number += 1
                    store.add(f"Scene {number}", text="\n".join(lines))
                    lines, words, wanted = [], 0, next(lengths)
            store.add(f"Scene {number + 1}", text="\n".join(lines))
        for _progress in update(store):
            pass
    return held


@dataclass
class Costs:
    """What was read at each pause, and why so much; what was read at rest; what building took."""

    asked: list[int] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    backs: int = 0
    rest: int = 0
    built: dict[str, list[float]] = field(default_factory=dict)


class Author:
    """Who writes the book's next paragraphs, and the window beside, as far as it makes the model read."""

    def __init__(self, store: Store, host: Host, speed: float, *, rests: bool) -> None:
        self.settings = Settings(language="en", seed=1)
        self.store, self.host, self.speed, self.rests = store, host, speed, rests
        self.scene = max(store.order(), key=store.order().__getitem__)
        self.page = store.scene(self.scene).text + "\n"
        self.costs = Costs()
        self._lengths = cycle(SCENES[1:] + SCENES[:1])
        self._wanted = next(self._lengths)
        self._last: Prompt | None = None
        self._is_first = False

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.scene, self.page, len(self.page))

    def write(self, paragraphs: Sequence[str], count: int) -> None:
        """Type until so many suggestions came."""
        strokes = [stroke for paragraph in paragraphs for stroke in [*paragraph.split(), "\n"]]
        words = 0
        for number, stroke in enumerate(strokes):
            if stroke == "\n":
                if text.count_words(self.page) >= self._wanted:
                    self.turn()
                else:
                    self.page += "\n"
            else:
                self.page += ("" if self.page[-1:].isspace() or not self.page else " ") + stroke
                words += 1
            if words == WORDS_A_PAUSE:
                words = 0
                if len(self.costs.asked) % 3:
                    self.page += " "
                self.pause()
                if len(self.costs.asked) == count:
                    return
            elif stroke != "\n":
                continue
            ahead = strokes[number + 1 : number + 1 + WORDS_A_PAUSE - words]
            self.rest(ahead.index("\n") if "\n" in ahead else len(ahead))

    def rest(self, words: int) -> None:
        """The model reads what was decided last, for as long as the author types so many words."""
        if not self.rests:
            return
        fitting = int((words * SECONDS_A_WORD + self.settings.pause_ms / 1000) * self.speed)
        decided = prompt_for(self.cursor, self.store, self.host, self.settings)
        for prompt in readings(decided, self.cursor, self.store, self.host, self.settings):
            (unread,) = self.host.unread([prompt])
            if unread > fitting:
                prompt = shortened(prompt, unread - fitting)
            _said, usage = drained(self.host.generate(prompt, Sampling(max_tokens=int(unread <= fitting))))
            self.costs.rest += usage.prefilled_tokens
            fitting -= unread
            if fitting <= 0:
                return

    def turn(self) -> None:
        """The scene is as long as it is meant to be: another begins."""
        self.store.save(self.scene, self.page.rstrip())
        self.scene = self.store.add("Another")
        self.page, self._wanted, self._is_first = "", next(self._lengths), True

    def pause(self) -> None:
        """A suggestion comes; every other one is taken."""
        costs, store, host, settings, cursor = self.costs, self.store, self.host, self.settings, self.cursor
        prompt = self._built(cursor)
        costs.reasons.append(self._reason(prompt))
        costs.backs += prompt != prompt_for(cursor, store, host, settings)
        said, usage = drained(suggest(cursor, store, host, settings))
        assert usage.prefilled_tokens, "the engine did not say what it read"
        costs.asked.append(usage.prefilled_tokens)
        self._last, self._is_first = prompt, False
        if self.rests and said:
            costs.rest += drained(ahead(cursor, said, store, host, settings))[1].prefilled_tokens
        if len(costs.asked) % 2:
            self.page += said
        store.save(self.scene, self.page)
        for _progress in update(store, self.scene):
            pass

    def _built(self, cursor: Cursor) -> Prompt:
        took = dict.fromkeys(("counting", "memory", "recall"), 0.0)
        with (
            clocked(self.host, "count", took, "counting"),
            clocked(context.Memory, "offer", took, "memory"),
            clocked(recall, "recall", took, "recall"),
        ):
            started = time.perf_counter()
            prompt = prompt_now(cursor, self.store, self.host, self.settings)
            took["build"] = time.perf_counter() - started
        for name, seconds in took.items():
            self.costs.built.setdefault(name, []).append(seconds * 1000)
        return prompt

    def _reason(self, prompt: Prompt) -> str:
        """Why a prompt does not begin with the one before, if it doesn't."""
        if self._is_first:
            return "scene"
        if self._last is None or prompt.text.startswith("".join(part.text for part in self._last.read)):
            return ""
        before, now = shape(self._last), shape(prompt)
        changed = [kind for kind in {**before, **now} if kind != "page" and before.get(kind) != now.get(kind)]
        return "slid" if not changed or changed == ["earlier"] else "memory"


def shortened(prompt: Prompt, tokens: int) -> Prompt:
    """The prompt without so many tokens at its end."""
    parts = list(prompt.read)
    while parts and parts[-1].tokens <= tokens:
        tokens -= parts.pop().tokens
    if parts and tokens:
        last = parts[-1]
        parts[-1] = replace(last, text=last.text[: len(last.text) * (last.tokens - tokens) // last.tokens])
    return Prompt(tuple(parts))


def shape(prompt: Prompt) -> dict[str, str]:
    """The text of each kind of part."""
    found: dict[str, str] = {}
    for part in prompt.parts:
        found[part.kind] = found.get(part.kind, "") + part.text
    return found


@contextmanager
def clocked(owner: Any, name: str, took: dict[str, float], key: str) -> Iterator[None]:
    """Add up the seconds that a function takes."""
    function: Callable[..., Any] = getattr(owner, name)
    own = name in vars(owner)

    def run(*args: Any, **options: Any) -> Any:
        started = time.perf_counter()
        try:
            return function(*args, **options)
        finally:
            took[key] += time.perf_counter() - started

    setattr(owner, name, run)
    try:
        yield
    finally:
        if own:
            setattr(owner, name, function)
        else:
            delattr(owner, name)


def speed_of(host: Host, paragraphs: Sequence[str]) -> float:
    """Tokens a second that the engine reads."""
    page = "\n".join(paragraphs)[:6000]
    started = time.perf_counter()
    _said, usage = drained(host.generate(Prompt((Part("page", page, 0),)), Sampling(max_tokens=1)))
    return usage.prefilled_tokens / (time.perf_counter() - started)


def figures(costs: Costs) -> dict[str, float]:
    asked, reasons = costs.asked[1:], costs.reasons[1:]
    found = {
        "mean": statistics.fmean(asked),
        "median": statistics.median(asked),
        "p95": percentile(asked, 95),
        "most": max(asked),
        "rest": costs.rest / len(asked),
        "back": costs.backs / len(asked),
    }
    for reason in ("", "slid", "memory", "scene"):
        read = [tokens for tokens, why in zip(asked, reasons, strict=True) if why == reason]
        found[reason or "going on"] = len(read) / len(asked)
        found[f"{reason or 'going on'}_mean"] = statistics.fmean(read) if read else 0.0
    for name, times in costs.built.items():
        found |= {f"{name}_ms_p50": statistics.median(times), f"{name}_ms_p95": percentile(times, 95)}
    return found


def percentile(values: Sequence[float], percent: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench session", description=__doc__.split("\n")[0])
    parser.add_argument("--book", type=Path, help="a plain text to make the long book of")
    parser.add_argument("--suggestions", type=int, default=400)
    parser.add_argument("--folder", type=Path, help="where the long book is kept for the next run")
    parser.add_argument("--speed", type=float, help="tokens a second that the engine is taken to read")
    parser.add_argument("--resting-only", action="store_true", help="leave out the control")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    spec = EngineSpec("llamacpp", str(models.find("smollm2-135m")), "smollm2-135m", 4096, default_threads())
    hosts._LAST_WORD_SECONDS = 60.0  # a busy engine, too, says what it read
    found: dict[str, float] = {"suggestions": options.suggestions}
    with tempfile.TemporaryDirectory() as temporary, Host(spec) as host:
        path = Path(options.folder or temporary, "long.writer")
        paragraphs = book(options.book, path)
        host.wait()
        found["speed"] = speed = options.speed or speed_of(host, paragraphs)
        for rests in (True,) if options.resting_only else (True, False):
            copy = Path(temporary, f"{rests}.writer")
            copy.write_bytes(path.read_bytes())
            with Store.open(copy) as store:
                author = Author(store, host, speed, rests=rests)
                author.write(paragraphs, options.suggestions)
            arm = "resting" if rests else "never resting"
            found |= {f"{arm}: {name}": round(value, 3) for name, value in figures(author.costs).items()}
    if options.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:32} {value:10.2f}")


if __name__ == "__main__":
    main()
