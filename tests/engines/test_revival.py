from __future__ import annotations

import os
import signal
import sys
from collections.abc import Generator

import pytest

from writer.engines import EngineSpec, Sampling
from writer.engines.host import Host
from writer.engines.revival import TRIES, revived
from writer.errors import DiedError, EngineError

from .reading import page


def step(number: int, deaths: int, error: type[EngineError] = DiedError) -> Generator[str, None, int]:
    yield f"try {number}"
    if number <= deaths:
        raise error("It stopped.")
    return number


def done(deaths: int, error: type[EngineError] = DiedError) -> tuple[list[str], int]:
    tries = iter(range(1, 100))
    told = []
    work = revived(lambda: step(next(tries), deaths, error))
    while True:
        try:
            told.append(next(work))
        except StopIteration as end:
            return told, end.value


def test_a_step_in_which_the_model_dies_is_begun_anew() -> None:
    assert done(0) == (["try 1"], 1)
    assert done(TRIES - 1) == ([f"try {number}" for number in range(1, TRIES + 1)], TRIES)


def test_a_step_in_which_it_always_dies_ends() -> None:
    with pytest.raises(DiedError, match="It stopped"):
        done(TRIES)


def test_other_failures_are_not_repaired_so() -> None:
    with pytest.raises(EngineError, match="It stopped"):
        done(1, EngineError)


def test_whoever_closes_it_closes_the_step() -> None:
    closed = []

    def begin() -> Generator[int, None, None]:
        try:
            yield 1
        finally:
            closed.append(True)

    work = revived(begin)
    next(work)
    work.close()
    assert closed == [True]


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_a_process_that_is_killed_is_another_one_in_the_next_try() -> None:
    with Host(EngineSpec("echo", "", "echo", 1000)) as host:
        pids = []

        def begin() -> Generator[None, None, list[int]]:
            for _piece in host.generate(page("gulls"), Sampling(max_tokens=3)):
                yield
            pids.append(host.pid)
            if len(pids) < TRIES:
                os.kill(host.pid, signal.SIGKILL)
            return host.count(["a word or two of which nobody counted the tokens, " + "and more " * len(pids)])

        for _tick in revived(begin):
            pass
        assert len(set(pids)) == TRIES
