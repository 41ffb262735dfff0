"""kill -9 at any moment: what was saved is there, and of what was typed at most the last second is gone."""

import sys

import pytest

from tests.benchmarks.crash import LIMIT_MS, kill_storing, kill_typing

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is of POSIX")


@pytest.mark.parametrize("pace", ["human", "fast"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_killed_while_typing_at_most_the_last_second_is_gone(tmp_path, pace, seed):
    loss = kill_typing(tmp_path, seed, pace, after=(0.3, 1.8))
    assert loss.typed
    assert loss.committed == 0
    assert loss.milliseconds <= LIMIT_MS
    assert loss.was_named


@pytest.mark.parametrize("seed", range(6))
def test_killed_while_storing_nothing_is_gone(tmp_path, seed):
    loss = kill_storing(tmp_path, seed)
    assert loss.committed == 0
    assert loss.was_named
