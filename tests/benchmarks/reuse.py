"""What it does to the next token when llama.cpp shifts what it read instead of reading it again.

Run as ``python3 packaging/dev.py bench reuse [--book FILE] [--places N] [--json]``. When the page is full its older
half is dropped. With ``n_cache_reuse`` the younger half is then moved to the front, although it was read behind the
older one. At each place the next-token distributions of four arms are compared, as Kullback-Leibler divergence in
nats from the exact one: moved, read again in other batches (what the arithmetic alone changes), and nothing but the
younger half's own last quarter (what forgetting costs).
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from writer import models
from writer.engines import EngineSpec, llamaserver
from writer.engines.llamacpp import LlamaCpp

from .engine import book as prose

FULL = 1984
HEAD = 40
TYPED = 12


class Arm(LlamaCpp):
    """The engine with its parameters open for the experiment."""

    def __init__(self, path: Path, reuse: int, batch: int) -> None:
        def params(*given: Any) -> Any:
            chosen = usual(*given)
            chosen.n_cache_reuse = reuse
            chosen.n_batch = chosen.n_ubatch = batch
            return chosen

        usual, llamaserver._params = llamaserver._params, params
        try:
            super().__init__(EngineSpec("llamacpp", str(path), path.stem, 3072))
        finally:
            llamaserver._params = usual

    def look(self, ids: list[int]) -> tuple[dict[int, float], int, float]:
        """Log-probabilities of the next token by its id, tokens read for that, and seconds."""
        started = time.perf_counter()
        body = {"prompt": ids, "n_predict": 1, "n_probs": 100_000, "temperature": 0, "cache_prompt": True, "id_slot": 0}
        reply = self._server.post("/completion", body)
        took = time.perf_counter() - started
        told = reply["completion_probabilities"][0]["top_logprobs"]
        return {entry["id"]: entry["logprob"] for entry in told}, reply["timings"]["prompt_n"], took


def divergence(exact: dict[int, float], other: dict[int, float]) -> float:
    """Kullback-Leibler divergence of another distribution from the exact one, in nats."""
    return sum(math.exp(p) * (p - other[token]) for token, p in exact.items() if token in other and p > -40)


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print a table or one JSON object."""
    parser = argparse.ArgumentParser(prog="reuse", description=__doc__.split("\n")[0])
    parser.add_argument("--book", type=Path, help="a plain text")
    parser.add_argument("--model", default="smollm2-135m")
    parser.add_argument("--places", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    text = options.book.read_text("utf-8", "replace") if options.book else prose(None) * 4
    path = models.find(options.model)
    exact, again, moved = Arm(path, 0, 256), Arm(path, 0, 64), Arm(path, 64, 256)
    got: dict[str, list[float]] = {"moved": [], "read_again": [], "forgotten": []}
    tokens: dict[str, list[float]] = {"moved": [], "exact": []}
    ids = exact._tokenize(text)
    head = ids[:HEAD]
    stride = max(1, (len(ids) - FULL - TYPED - HEAD) // options.places)
    for place in range(options.places):
        at = HEAD + place * stride
        full, typed = ids[at : at + FULL], ids[at + FULL : at + FULL + TYPED]
        slid = head + full[FULL // 2 :] + typed
        moved.look(head + full)
        distribution, read, _seconds = moved.look(slid)
        truth, all_read, _seconds = exact.look(slid)
        got["moved"].append(divergence(truth, distribution))
        got["read_again"].append(divergence(truth, again.look(slid)[0]))
        got["forgotten"].append(divergence(truth, again.look(head + full[-FULL // 8 :] + typed)[0]))
        tokens["moved"].append(read)
        tokens["exact"].append(all_read)
    figures = {f"{name}_kl_mean": round(statistics.mean(values), 5) for name, values in got.items()}
    figures |= {f"{name}_kl_worst": round(max(values), 5) for name, values in got.items()}
    figures |= {f"{name}_tokens_read": round(statistics.mean(values), 1) for name, values in tokens.items()}
    for arm in (exact, again, moved):
        arm.close()
    if options.json:
        print(json.dumps({"benchmark": "reuse", "model": options.model, "places": options.places, **figures}))
    else:
        for name, value in figures.items():
            print(f"{name.replace('_', ' '):30} {value:10.5f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
