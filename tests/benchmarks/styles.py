"""How close to an author's own manner each way of choosing words comes, on a book the model has not written.

Run as ``python3 packaging/dev.py bench styles [--book FILE] [--model NAME] [--places N] [--json]``. At places all over
the book the model goes on for some words, twice with different seeds, in every candidate setting; the control is what
the author wrote there. Reported, for the author and each candidate:

- ``surprise``: bits a token, by the model itself before any sampling. What an author writes surprises a model by
  so much; a text far below it is bland, one far above it wild;
- ``alike``: the share of words that two continuations of one place have in common, in order. Bold ones differ;
- ``worn``: the share of three-word rows that came before, in the page or in the continuation. Loops show here;
- ``refused``: the share of continuations of which nothing fit the page.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import statistics
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from rapidfuzz.distance import LCSseq

from tests.benchmarks.engine import book
from writer import models, text
from writer.continuation import Continuation
from writer.engines import Engine, EngineSpec, Sampling
from writer.engines.host import Host
from writer.story import Part, Prompt
from writer.styles import STYLES

TOKENS = 40
CONTEXT = 2400
PLAIN = {"top_k": 0, "top_p": 1.0, "min_p": 0.05, "repetition_penalty": 1.0}
CANDIDATES = {
    **{f"style {name}": style for name, style in STYLES.items()},
    "until now": {},
    "plain 0.5": {**PLAIN, "temperature": 0.5},
    "plain 0.8": {**PLAIN, "temperature": 0.8},
    "plain 1.1": {**PLAIN, "temperature": 1.1},
    "mirostat 5": {**PLAIN, "temperature": 1.0, "mirostat": 2},
}


def words_of(prose: str) -> list[str]:
    return [prose[start:end].casefold() for start, end in text.words(prose)]


def worn(before: str, after: str) -> float:
    """The share of three-word rows in ``after`` that came before."""
    seen = words_of(before)
    rows = {tuple(seen[at : at + 3]) for at in range(len(seen) - 2)}
    written, again = words_of(after), 0
    for at in range(len(written) - 2):
        row = tuple(written[at : at + 3])
        again += row in rows
        rows.add(row)
    return again / max(1, len(written) - 2)


def go_on(engine: Engine, page: str, sampling: Sampling) -> tuple[str, float]:
    """A continuation, and how many bits a token it surprised the model."""
    written, surprises = "", []
    with closing(engine.generate(Prompt((Part("page", page, 0),)), sampling)) as pieces:
        for piece in pieces:
            written += piece.text
            if piece.alternatives:
                surprises.append(-piece.logprob / math.log(2))
    return written, statistics.fmean(surprises) if surprises else 0.0


def places(prose: str, count: int) -> list[int]:
    """Ends of sentences all over the book, chosen by a fixed seed."""
    ends = [end for _start, end in text.paragraphs(prose) if end > CONTEXT and end < len(prose) - 1000]
    return sorted(random.Random(7).sample(ends, min(count, len(ends))))


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench styles", description=__doc__)
    parser.add_argument("--book", type=Path)
    parser.add_argument("--model", default="smollm2-135m")
    parser.add_argument("--places", type=int, default=24)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    prose = book(options.book)
    is_chinese = text.language_of(prose) == "zh"
    found: dict[str, dict[str, list[float]]] = {}

    def note(name: str, **figures: float) -> None:
        for key, value in figures.items():
            found.setdefault(name, {}).setdefault(key, []).append(value)

    spec = EngineSpec("llamacpp", str(models.find(options.model)), options.model, 2048, 1)
    scorer = EngineSpec("transformers", str(models.find(options.model)), options.model, 2048, 1)
    with Host(spec) as engine, Host(scorer) as judge:
        for place in places(prose, options.places):
            page = prose[place - CONTEXT // (2 if is_chinese else 1) : place]
            own = prose[place : place + 4 * TOKENS]
            own = own[: own.rfind(" ")] if " " in own else own[:TOKENS]
            scores = judge.score(Prompt((Part("page", page, 0),)), own)
            note("the author", surprise=-statistics.fmean(scores) / math.log(2), worn=worn(page, own))
            for name, style in CANDIDATES.items():
                both = []
                for seed in (1, 2):
                    plain = Sampling(max_tokens=TOKENS, seed=seed + place, logprobs=1, may_end=False)
                    sampling = replace(plain, **style)
                    written, surprise = go_on(engine, page, sampling)
                    both.append(words_of(written))
                    fits = Continuation(page, "", 24, is_chinese=is_chinese)
                    fits.feed(written)
                    fits.finish()
                    note(name, surprise=surprise, worn=worn(page, written), refused=float(fits.refused))
                alike = [
                    LCSseq.normalized_similarity(one, other) if one and other else 1.0 for one, other in pairwise(both)
                ]
                note(name, alike=statistics.fmean(alike))
    result = {
        name: {key: round(statistics.fmean(values), 3) for key, values in figures.items()}
        for name, figures in found.items()
    }
    if options.json:
        print(json.dumps(result))
        return
    for name, figures in result.items():
        print(f"{name:24}", "  ".join(f"{key} {value:7.3f}" for key, value in figures.items()))


if __name__ == "__main__":
    main()
