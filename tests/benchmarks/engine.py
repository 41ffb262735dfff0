"""What the road from the caret to the model costs, beside the bare libraries on the same prompt.

Run as ``python3 packaging/dev.py bench engine [--book FILE] [--rounds N] [--start-only] [--json]``. Arms are
interleaved within each round, and the medians over the rounds are reported with their ratios:

- decode tokens a second through ``Host``, and through bare ``xllamacpp``;
- first piece for a few typed words behind a context of 1,500 tokens, through ``suggest``, ``context`` and ``Host``,
  and through bare ``xllamacpp`` with its own cache; behind a space, and behind the last letter of a word, which the
  model writes again because the word may not be whole;
- the same when nothing was read before;
- process start to first piece for a prompt of 100 tokens, and memory then, of the model process and of bare llama.cpp
  and transformers;
- decode tokens a second of our loop on torch, and of ``model.generate``.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from writer import models
from writer.engines import EngineSpec, Sampling, default_threads
from writer.engines.host import Host
from writer.settings import Settings
from writer.story import Cursor, Part, Prompt

PROSE = [
    "The ferry had not come for three days, and the village had run out of lamp oil.",
    "Marta walked down to the landing every morning and looked across the grey water.",
    "Nobody spoke of the letter, although everybody in the house had read it twice.",
    "When the rain stopped, the old man took his coat from the nail and went out without a word.",
]
TYPED = " and so she turned back to the"
CONTEXT = 1500
WRITTEN = 64
PAUSE = 0.35
RATIOS = {
    "llamacpp_start_ratio": ("llamacpp_start_ms", "raw_llamacpp_start_ms"),
    "transformers_start_ratio": ("transformers_start_ms", "raw_transformers_start_ms"),
    "memory_ratio": ("llamacpp_memory_mb", "raw_llamacpp_memory_mb"),
    "transformers_memory_ratio": ("transformers_memory_mb", "raw_transformers_memory_mb"),
    "decode_ratio": ("host_decode_tokens_per_second", "raw_decode_tokens_per_second"),
    "first_piece_ratio": ("road_first_piece_ms", "raw_first_piece_ms"),
    "first_piece_in_word_ratio": ("road_first_piece_in_word_ms", "raw_first_piece_ms"),
    "torch_decode_ratio": ("loop_decode_tokens_per_second", "generate_decode_tokens_per_second"),
}
GREEDY = Sampling(max_tokens=WRITTEN, temperature=0, repetition_penalty=1.0)


class Raw:
    """Bare xllamacpp with its defaults, but for the threads, the context and a socket in place of a port."""

    def __init__(self, path: Path, threads: int, folder: Path) -> None:
        import xllamacpp

        params = xllamacpp.CommonParams()
        params.model.path = str(path)
        params.n_ctx = 3072
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
        params.verbosity = -1
        params.hostnames = [str(folder / "raw.sock")]
        self.server = xllamacpp.Server(params)

    def run(self, prompt: list[int] | str, tokens: int) -> tuple[float, float]:
        """Seconds to the first piece, and decoded tokens a second."""
        times: list[float] = []

        def take(_chunk: Any) -> bool:
            times.append(time.perf_counter())
            return False

        started = time.perf_counter()
        body = {"prompt": prompt, "max_tokens": tokens, "stream": True, "temperature": 0, "cache_prompt": True}
        self.server.handle_completions({**body, "ignore_eos": True}, take)
        return times[0] - started, speed(times[:tokens])


def speed(times: list[float]) -> float:
    """Tokens a second between the first and the last of these times."""
    return (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 else 0.0


def book(path: Path | None) -> str:
    """Enough prose for any context: the author's, or ours."""
    if path:
        text = path.read_text("utf-8", "replace").replace("\r\n", "\n")
        return text[len(text) // 2 :][:40_000]
    return "".join(f"{line} That was on day {day}.\n" for day in range(400) for line in PROSE)


@contextmanager
def opened(spec: EngineSpec) -> Iterator[Host]:
    """A model that is loaded and has read something once."""
    with Host(spec) as host:
        host.wait()
        list(host.generate(Prompt((Part("page", "Once upon a time", 0),)), replace(GREEDY, max_tokens=4)))
        yield host


def page_of(text: str, host: Host, tokens: int) -> str:
    """The beginning of the text that has about this many tokens and ends at a word."""
    low, high = 0, len(text)
    while high - low > 20:
        middle = (low + high) // 2
        low, high = (middle, high) if host.count([text[:middle]])[0] <= tokens else (low, middle)
    return text[:low].rsplit(" ", 1)[0]


def through_host(host: Host, page: str) -> float:
    """Decoded tokens a second."""
    times = []
    for piece in host.generate(Prompt((Part("page", page, 0),)), GREEDY):
        times += [time.perf_counter()] * piece.tokens
    return speed(times)


def first_piece(host: Host, text: str, settings: Settings) -> float:
    """Seconds from the author's pause to the first text of a suggestion."""
    from writer.suggest import suggest

    started = time.perf_counter()
    with closing(suggest(Cursor(1, text, len(text)), None, host, settings, seed=1)) as pieces:
        return next(time.perf_counter() for piece in pieces if piece.text) - started


def llama_cpp(text: str, rounds: int, threads: int, folder: Path) -> dict[str, list[float]]:
    """Times of the road and of bare llama.cpp, a figure a round."""
    path = models.find("smollm2-135m")
    settings = Settings(language="en", model=str(path), temperature=0.0, repetition_penalty=1.0, budget=2048)
    got: dict[str, list[float]] = {}
    raw = Raw(path, threads, folder)
    with opened(EngineSpec("llamacpp", str(path), "smollm2-135m", 3072, threads)) as host:
        page = page_of(text, host, CONTEXT)
        for number in range(rounds):
            note(got, "host_decode_tokens_per_second", through_host(host, page))
            note(got, "raw_decode_tokens_per_second", raw.run(page, WRITTEN)[1])
            typed = page + f" On day {number}" + TYPED
            # Each arm reads the page, rests as an author does, and is timed on what was typed behind it.
            for name, more in (("road_first_piece_ms", typed + " "), ("road_first_piece_in_word_ms", typed)):
                first_piece(host, page, settings)
                time.sleep(PAUSE)
                note(got, name, first_piece(host, more, settings) * 1000)
            for other in ("Something else.", "Nothing like that."):  # the page has two caches
                first_piece(host, other, settings)
            note(got, "road_first_piece_unread_ms", first_piece(host, typed + " ", settings) * 1000)
            raw.run(page, 1)
            time.sleep(PAUSE)
            note(got, "raw_first_piece_ms", raw.run(typed, 4)[0] * 1000)
        note(got, "typed_tokens", float(host.count([typed])[0] - host.count([page])[0]))
        note(got, "context_tokens", float(host.count([page])[0]))
    return got


START_LLAMA_CPP = """
import sys, time
started = float(sys.argv[1])
import psutil, xllamacpp
params = xllamacpp.CommonParams()
params.model.path, params.n_ctx, params.verbosity = sys.argv[2], 3072, -1
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = int(sys.argv[3])
params.hostnames = [sys.argv[4]]
server = xllamacpp.Server(params)
def take(chunk):
    if not times:
        times.append(time.time())
    return True
times = []
server.handle_completions({"prompt": sys.argv[5], "max_tokens": 2, "stream": True}, take)
print(times[0] - started, psutil.Process().memory_info().rss)
"""

START_TRANSFORMERS = """
import sys, time
started = float(sys.argv[1])
import psutil, torch
from transformers import AutoModelForCausalLM, AutoTokenizer
torch.set_num_threads(int(sys.argv[3]))
tokenizer = AutoTokenizer.from_pretrained(sys.argv[2])
model = AutoModelForCausalLM.from_pretrained(sys.argv[2], dtype=getattr(torch, sys.argv[4]))
model.generate(**tokenizer(sys.argv[5], return_tensors="pt"), max_new_tokens=1, do_sample=False, pad_token_id=0)
print(time.time() - started, psutil.Process().memory_info().rss)
"""


def starting(text: str, rounds: int, threads: int, folder: Path) -> dict[str, list[float]]:
    """From nothing to the first piece, and the memory that takes, of each engine and of its bare library."""
    import psutil

    from writer.engines.loading import choose_device, folder_of

    path = models.find("smollm2-135m")
    dtype = choose_device()[1]
    unpacked = folder_of(path, dtype, lambda said: None)
    got: dict[str, list[float]] = {}
    prompt = Prompt((Part("page", text[:400], 0),))
    bare = {
        "llamacpp": (START_LLAMA_CPP, path, "raw.sock"),
        "transformers": (START_TRANSFORMERS, unpacked, str(dtype).removeprefix("torch.")),
    }
    for number in range(rounds):
        for engine, (script, model, last) in bare.items():
            more = str(folder / f"{number}.{last}") if engine == "llamacpp" else last
            command = [sys.executable, "-c", script, str(time.time()), str(model), str(threads), more, text[:400]]
            said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
            note(got, f"raw_{engine}_start_ms", float(said[-2]) * 1000)
            note(got, f"raw_{engine}_memory_mb", float(said[-1]) / 1e6)
            started = time.perf_counter()
            with Host(EngineSpec(engine, str(path), "smollm2-135m", 3072, threads)) as host:
                with closing(host.generate(prompt, GREEDY)) as pieces:
                    next(pieces)
                    note(got, f"{engine}_start_ms", (time.perf_counter() - started) * 1000)
                note(got, f"{engine}_memory_mb", psutil.Process(host.pid).memory_info().rss / 1e6)
    return got


def torch_decode(text: str, rounds: int, threads: int) -> dict[str, list[float]]:
    """Speed of our decode loop and of plain generate on the same model and prompt, in this process."""
    from writer.engines.transformers import Transformers

    engine = Transformers(EngineSpec("transformers", str(models.find("smollm2-135m")), "smollm2-135m", 3072, threads))
    got: dict[str, list[float]] = {}
    prompt = Prompt((Part("page", text[:2000], 0),))
    for _round in range(rounds + 1):
        times = [time.perf_counter() for piece in engine.generate(prompt, GREEDY) if piece.tokens]
        note(got, "loop_decode_tokens_per_second", speed(times))
        note(got, "generate_decode_tokens_per_second", plain_generate(engine, prompt))
    engine.close()
    return {name: values[1:] for name, values in got.items()}  # the first round warms both up


def plain_generate(engine: Any, prompt: Prompt) -> float:
    """Decoded tokens a second of ``model.generate``, with a streamer that only looks at the clock."""
    import torch
    from transformers.generation.streamers import BaseStreamer

    times: list[float] = []

    class Clock(BaseStreamer):
        def put(self, value: Any) -> None:
            times.append(time.perf_counter())

        def end(self) -> None:
            pass

    ids = torch.tensor([engine._ids(prompt.parts)])
    engine._model.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        max_new_tokens=WRITTEN,
        min_new_tokens=WRITTEN,
        do_sample=False,
        streamer=Clock(),
        pad_token_id=0,
    )
    return speed(times[1:])  # the first is the prompt


def note(got: dict[str, list[float]], name: str, value: float) -> None:
    """Add a figure of this round."""
    got.setdefault(name, []).append(value)


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print a table or one JSON object."""
    import tempfile

    parser = argparse.ArgumentParser(prog="engine", description=__doc__.split("\n")[0])
    parser.add_argument("--book", type=Path, help="a plain text to use in place of the built-in prose")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=default_threads())
    parser.add_argument("--start-only", action="store_true", help="measure starting alone")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    text = book(options.book)
    if hasattr(os, "nice"):
        os.nice(10)  # as the model process is, so that other work on this computer slows both arms alike
    with tempfile.TemporaryDirectory() as folder:
        got = starting(text, options.rounds, options.threads, Path(folder))
        if not options.start_only:
            got |= llama_cpp(text, options.rounds, options.threads, Path(folder))
            got |= torch_decode(text, options.rounds, options.threads)
    figures = {name: round(statistics.median(values), 2) for name, values in got.items()}
    figures |= {name: ratio(got, *arms) for name, arms in RATIOS.items() if arms[0] in got}
    if options.json:
        print(json.dumps({"benchmark": "engine", "rounds": options.rounds, "threads": options.threads, **figures}))
    else:
        for name, value in figures.items():
            print(f"{name.replace('_', ' '):40} {value:10.2f}")
    return 0


def ratio(got: dict[str, list[float]], ours: str, theirs: str) -> float:
    """Median over the rounds of one arm by the other, each pair measured side by side."""
    return round(statistics.median(a / b for a, b in zip(got[ours], got[theirs], strict=True)), 3)


if __name__ == "__main__":
    sys.exit(main())
