"""What the engine ``server`` adds to a llama.cpp server that is asked directly, in the same run.

Run as ``python3 packaging/dev.py bench server [--rounds N] [--json]``. Each round asks the same server for the
same tokens by the plainest client there is and by the engine, in turn the one or the other first. A page of 800 tokens
has been read before; what both read anew is one token.
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import time
from urllib.parse import urlsplit

from tests.engines.reading import page
from tests.engines.servers import KEY, llama_server
from writer import models
from writer.engines import EngineSpec, Sampling
from writer.engines.server import Server
from writer.engines.wire import completion

PAGE = "".join(f"On day {day} the harbour was quiet and the boats stayed in.\n" for day in range(60))
SAMPLING = Sampling(max_tokens=48, temperature=0, may_end=False)


def directly(url: str, ids: list[int]) -> tuple[float, float, int]:
    """Seconds to the first token and to the end, and tokens, of a bare request on a new connection."""
    place = urlsplit(url)
    started = time.perf_counter()
    connection = http.client.HTTPConnection(place.hostname or "", place.port)
    body = json.dumps(completion(ids, SAMPLING))
    connection.request("POST", "/v1/completions", body, {"Authorization": f"Bearer {KEY}"})
    first, tokens = 0.0, 0
    for line in connection.getresponse():
        if line.startswith(b"data: {") and json.loads(line[6:])["choices"][0].get("text"):
            first = first or time.perf_counter() - started
            tokens += 1
    connection.close()
    return first, time.perf_counter() - started, tokens


def through(server: Server, text: str) -> tuple[float, float, int]:
    """The same by the engine."""
    started = time.perf_counter()
    first, tokens = 0.0, 0
    for piece in server.generate(page(text), SAMPLING):
        if piece.text:
            first = first or time.perf_counter() - started
            tokens += piece.tokens
    return first, time.perf_counter() - started, tokens


def run(rounds: int) -> dict[str, float]:
    """Medians of both, in ms, and of their differences."""
    told: dict[str, list[float]] = {"direct_first": [], "engine_first": [], "direct_token": [], "engine_token": []}
    with llama_server(models.find("smollm2-135m")) as url:
        started = time.perf_counter()
        server = Server(EngineSpec("server", url, ""), lambda origin: KEY)
        _ = server.context_tokens
        meeting = time.perf_counter() - started
        for number in range(rounds + 1):
            text = PAGE + "word " * number
            server.count([text])  # as the context's builder does
            known = server._known
            assert known is not None
            assert known.tokenizer is not None
            ids = known.tokenizer.read(page(text))
            directly(url, ids)  # reads what is new in this round
            for name in ("engine", "direct") if number % 2 else ("direct", "engine"):
                first, total, tokens = directly(url, ids) if name == "direct" else through(server, text)
                if number:
                    told[f"{name}_first"].append(first * 1000)
                    told[f"{name}_token"].append((total - first) * 1000 / (tokens - 1))
        server.close()
    figures = {f"{name}_ms": statistics.median(values) for name, values in told.items()}
    figures["meeting_ms"] = meeting * 1000
    figures["first_ratio"] = figures["engine_first_ms"] / figures["direct_first_ms"]
    figures["token_ratio"] = figures["engine_token_ms"] / figures["direct_token_ms"]
    return {name: round(value, 3) for name, value in figures.items()}


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=20)
    arguments.add_argument("--json", action="store_true")
    options = arguments.parse_args()
    figures = run(options.rounds)
    print(
        json.dumps(figures) if options.json else "\n".join(f"{name:18}{value:10.3f}" for name, value in figures.items())
    )
