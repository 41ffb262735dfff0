"""What a typing session costs in tokens that are read between a pause and the first grey text.

Run as ``python3 packaging/dev.py bench session [--book FILE] [--suggestions N] [--json]``. The author types on at the
end of a scene in a long book, a few words at a time, pauses for a suggestion, takes every other one, and rests; at rest
the model reads ahead. Counted are the tokens that the engine read anew for each suggestion, and beside them those read
while the author rested. Control: the same without reading at rest.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.benchmarks.engine import book
from writer import models
from writer.engines import EngineSpec, Piece, Sampling, Usage, default_threads
from writer.engines.host import Host
from writer.settings import Settings
from writer.store import Store
from writer.story import Cursor, Project
from writer.suggest import prompt_for, suggest

WORDS_A_PAUSE = 7
SCENES, SCENE_WORDS = 3_000, 233


def drained(pieces: Generator[Piece, None, Usage]) -> tuple[str, Usage]:
    text = ""
    with closing(pieces):
        while True:
            try:
                text += next(pieces).text
            except StopIteration as end:
                return text, end.value


def session(store: Store, scene: int, host: Host, words: list[str], count: int, *, rests: bool) -> dict[str, float]:
    """Mean, median and most tokens read for a suggestion, and the mean read at rest."""
    settings = Settings(language="en", seed=1, words=6)
    page = store.scene(scene).text
    asked: list[int] = []
    idle: list[int] = []
    for number in range(count):
        typed = words[number * WORDS_A_PAUSE : (number + 1) * WORDS_A_PAUSE]
        page += " " + " ".join(typed)
        cursor = Cursor(scene, page + " ", len(page) + 1)
        said, usage = drained(suggest(cursor, store, host, settings))
        asked.append(usage.prefilled_tokens)
        page += said if number % 2 else ""
        if rests:
            prompt = prompt_for(Cursor(scene, page, len(page)), store, host, settings)
            idle.append(drained(host.generate(prompt, Sampling(max_tokens=1)))[1].prefilled_tokens)
    return {
        "mean": statistics.fmean(asked[1:]),
        "median": statistics.median(asked[1:]),
        "most": max(asked[1:]),
        "at_rest_mean": statistics.fmean(idle) if idle else 0.0,
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench session", description=__doc__)
    parser.add_argument("--book", type=Path)
    parser.add_argument("--suggestions", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    words = book(options.book).split()
    found: dict[str, Any] = {"suggestions": options.suggestions}
    spec = EngineSpec("llamacpp", str(models.find("smollm2-135m")), "smollm2-135m", 4096, default_threads())
    with (
        tempfile.TemporaryDirectory() as folder,
        Store.create(Path(folder, "b.writer"), Project("B", "", "en")) as store,
    ):
        with store.transaction():
            for number in range(SCENES):
                at = number * 31 % max(1, len(words) - SCENE_WORDS)
                scene = store.add(f"Scene {number}", text=" ".join(words[at : at + SCENE_WORDS]))
        with Host(spec) as host:
            host.wait()
            for rests in (True, False):
                name = "resting" if rests else "never resting"
                figures = session(store, scene, host, words, options.suggestions, rests=rests)
                found |= {f"{name}: {key}": round(value, 1) for key, value in figures.items()}
    if options.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:32} {value}")


if __name__ == "__main__":
    main()
