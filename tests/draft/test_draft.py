"""A whole book, unattended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from tests.draft.teller import Teller
from tests.faults.test_disk import fill, small_disk  # noqa: F401
from writer.draft import Drafted, Progress, draft
from writer.engines import Piece, Sampling, Usage
from writer.errors import DiedError, EngineError, ProjectError, UsageError
from writer.settings import Settings
from writer.store import Store
from writer.store.plans import BOOK
from writer.story import Plan, Project, Prompt, Task
from writer.text import count_words, ends_sentence

PREMISE = {
    "en": "A keeper of a lighthouse finds a letter that was never sent, and rows out to find who wrote it.",
    "zh": "一个守灯塔的人找到一封从未寄出的信，划船出海去找写信的人。",
}


@pytest.fixture(params=["en", "zh"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "潮.writer", Project("Tide", PREMISE[request.param], request.param)) as store:
        yield store


def outlined(store: Store, scenes: int = 3, words: int = 150) -> None:
    for number in range(scenes):
        store.plans.put(store.add(f"Scene of {number}"), Plan(f"Mara rows to island {number}.", target_words=words))


def followed(work: Iterator[Progress]) -> tuple[list[Progress], Drafted]:
    told = []
    while True:
        try:
            told.append(next(work))
        except StopIteration as end:
            return told, end.value


def drafted(store: Store, engine: Teller | None = None, **asked: object) -> Drafted:
    return followed(draft(store, engine or Teller(), Settings(), lambda change: change(store), **asked))[1]


def texts(store: Store) -> list[str]:
    return [store.scene(node.id).text for node in store.nodes()]


def test_all_scenes_are_written_in_order(store: Store):
    outlined(store)
    told, done = followed(draft(store, Teller(), Settings(), lambda change: change(store)))
    assert (done.scenes, done.problems) == (3, ())
    assert done.words == sum(map(count_words, texts(store)))
    assert all(abs(count_words(text) - 150) <= 12 and ends_sentence(text) for text in texts(store))
    seen = [one.scene for one in told if one.scene]
    assert seen == sorted(seen)
    assert told[-1].total_words == done.words or told[-1].scene == 0
    assert {task.state for task in store.tasks.all()} == {"done"}
    assert drafted(store) == Drafted(0, 0)


def test_a_premise_becomes_a_book(store: Store):
    done = drafted(store, words=2500)
    assert abs(done.words - 2500) <= 100
    assert done.scenes == 2
    assert store.plans.get(BOOK).target_words == 2500
    assert not store.get("growing")


def test_a_premise_becomes_a_short_text(store: Store):
    assert abs(drafted(store, words=300).words - 300) <= 12
    assert len(store.nodes()) == 1


def test_memory_knows_each_scene_before_the_next(store: Store):
    from writer.memory.tree import Shape

    outlined(store)
    for progress in draft(store, Teller(), Settings(), lambda change: change(store)):
        if progress.scene == 2:
            assert 1 not in Shape.of(store).stale
            break
    else:
        pytest.fail("the second scene was never written")


def test_growing_that_was_stopped_goes_on_the_same_way(store: Store, tmp_path: Path):
    work = draft(store, Teller(), Settings(), lambda change: change(store), words=12_000)
    for _progress in work:
        if len(store.nodes()) == 2:
            break
    work.close()
    assert store.get("growing")
    work = draft(store, Teller(), Settings(), lambda change: change(store), words=12_000)
    for progress in work:
        if progress.scene:
            break
    work.close()
    with Store.create(tmp_path / "other.writer", store.project) as other:
        whole = draft(other, Teller(), Settings(), lambda change: change(other), words=12_000)
        for progress in whole:
            if progress.scene:
                break
        whole.close()
        assert [(node.title, node.level) for node in store.nodes()] == [
            (node.title, node.level) for node in other.nodes()
        ]


def test_growing_whose_part_is_gone_by_now_is_forgotten(store: Store):
    part = store.add("The crossing", synopsis="She rows out in the fog.")
    store.plans.put(part, Plan("She rows out in the fog.", target_words=5000))
    work = draft(store, Teller(), Settings(), lambda change: change(store))
    for _progress in work:
        if len(store.nodes()) == 2:
            break
    work.close()
    store.remove(part)
    outlined(store, 1)
    assert drafted(store).scenes == 1


def test_a_book_too_long_to_be_planned_leaves_no_trace(store: Store):
    with pytest.raises(UsageError, match="planned at once"):
        drafted(store, words=4_000_000)
    assert store.plans.get(BOOK) == Plan()
    assert drafted(store, words=300).scenes == 1


def test_only_what_was_asked_for_is_written(store: Store):
    outlined(store)
    assert drafted(store, nodes=[2]).scenes == 1
    assert [bool(text) for text in texts(store)] == [False, True, False]
    assert drafted(store).scenes == 2


def test_gone_on_with_it_still_tells_how_far_all_of_it_is(store: Store):
    outlined(store)
    for progress in draft(store, Teller(), Settings(), lambda change: change(store)):
        if progress.scene == 2:
            break
    told, done = followed(draft(store, Teller(), Settings(), lambda change: change(store)))
    first = next(one for one in told if one.scene)
    assert first.total_words >= count_words(store.scene(1).text)
    assert [task.state for task in store.tasks.all()] == ["done"] * 3
    assert done.scenes == 2


def test_a_scene_the_author_takes_out_is_left(store: Store):
    outlined(store)
    for progress in draft(store, Teller(), Settings(), lambda change: change(store)):
        if progress.scene == 1 and progress.words:
            store.tasks.arrange([task for task in store.tasks.all() if task.node != 2])
    assert [bool(text) for text in texts(store)] == [True, False, True]


def test_a_scene_that_goes_to_the_bin_is_left(store: Store):
    outlined(store)
    for progress in draft(store, Teller(), Settings(), lambda change: change(store)):
        if progress.scene == 1 and progress.words:
            store.remove(2)
    assert store.scene(2).text == ""
    assert store.scene(3).text


def test_a_failing_model_ends_it_with_its_sentence_and_it_goes_on_later(store: Store):
    outlined(store, words=400)
    with pytest.raises(EngineError, match="start it again"):
        drafted(store, Teller(lambda _call: bool(store.scene(1).text)))
    assert [task.state for task in store.tasks.all()] == ["failed", "failed", "waiting"]
    assert store.tasks.all()[0].problem == "The model stopped; start it again."
    begun = store.scene(1).text
    assert begun
    assert drafted(store).scenes == 3
    assert store.scene(1).text.startswith(begun)


class Mortal(Teller):
    """Dies where ``dies`` says so of the number of the call, sometimes with words in its mouth."""

    def __init__(self, dies: Callable[[int], bool]) -> None:
        super().__init__()
        self.dies = dies

    def generate(self, prompt: Prompt, sampling: Sampling) -> Generator[Piece, None, Usage]:
        pieces = super().generate(prompt, sampling)
        if self.dies(self.calls + 1):
            if self.calls % 2:
                yield next(pieces)
            self.calls += 1
            raise DiedError("The model stopped.")
        return (yield from pieces)


def test_a_model_that_dies_now_and_then_is_not_seen_in_the_book(store: Store, tmp_path: Path):
    mortal = Mortal(lambda call: call in (1, 2, 10, 17, 18, 28))
    told = drafted(store, mortal, words=900, seed=4)
    assert told.problems == ()
    assert mortal.calls > 28
    with Store.create(tmp_path / "other.writer", store.project) as other:
        assert drafted(other, Teller(), words=900, seed=4) == told
        assert texts(other) == texts(store)


def test_a_model_that_always_dies_ends_it_with_its_sentence(store: Store):
    outlined(store)
    with pytest.raises(DiedError, match="The model stopped"):
        drafted(store, Mortal(lambda _call: True))
    assert [task.state for task in store.tasks.all()] == ["failed", "failed", "waiting"]


def test_one_scene_that_fails_does_not_stop_the_night(store: Store):
    outlined(store)
    done = drafted(store, Teller(lambda _call: store.tasks.all()[0].state != "failed"))
    assert done.scenes == 2
    assert done.problems == ((1, "The model stopped; start it again."),)
    assert drafted(store).scenes == 1


@pytest.mark.parametrize("words", [0, 10_000_000])
def test_a_senseless_target_is_refused(store: Store, words: int):
    outlined(store)
    with pytest.raises(UsageError, match="can't be met"):
        drafted(store, words=words)
    assert store.tasks.all() == []


def test_a_full_disk_leaves_the_draft_at_its_step(small_disk: Path):  # noqa: F811
    with Store.create(small_disk / "book.writer", Project("Tide", PREMISE["en"], "en")) as store:
        outlined(store, 3, 300)
        work = draft(store, Teller(), Settings(), lambda change: change(store))
        while (progress := next(work)).scene != 2 or not progress.words:
            pass
        filler = fill(small_disk)
        with pytest.raises(ProjectError, match="full"):
            followed(work)
        before = texts(store)
        states = [task.state for task in store.tasks.all()]
        assert states[0] == "done"
        assert "failed" not in states
        filler.unlink()
        drafted(store)
        assert all(now.startswith(then) for now, then in zip(texts(store), before, strict=True))
        assert {task.state for task in store.tasks.all()} == {"done"}


def test_a_long_book_costs_no_more_at_its_end(tmp_path: Path):
    with Store.create(tmp_path / "long.writer", Project("Tide", PREMISE["en"], "en")) as store:
        outlined(store, 60, 120)
        asked: list[str] = []
        connection = store.connection
        counts: dict[int, int] = {}
        connection.set_trace_callback(asked.append)
        last = 0
        for progress in draft(store, Teller(), Settings(), lambda change: change(store)):
            if progress.scene and progress.scene != last:
                counts[progress.scene], last = len(asked), progress.scene
        connection.set_trace_callback(None)
    each = [counts[node + 1] - counts[node] for node in range(1, 59)]
    assert sum(each[-10:]) < 1.5 * sum(each[10:20])


CHILD = """
import sys
from pathlib import Path
from tests.draft.teller import Teller
from writer.draft import draft
from writer.settings import Settings
from writer.store import Store
with Store.open(Path(sys.argv[1])) as store:
    print("open", flush=True)
    for progress in draft(store, Teller(), Settings(), lambda change: change(store), seed=5):
        print(progress.total_words, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is of POSIX")
def test_killed_ten_times_it_loses_nothing_and_says_nothing_twice(tmp_path: Path):
    path, other = tmp_path / "killed.writer", tmp_path / "whole.writer"
    for one in (path, other):
        with Store.create(one, Project("Tide", PREMISE["en"], "en")) as store:
            outlined(store, 4, 700)
    with Store.open(other) as store:
        drafted(store, seed=5)
        whole = texts(store)
    before: list[str] = [""] * 4
    for number in range(10):
        with subprocess.Popen(
            [sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
        ) as child:
            assert child.stdout is not None
            for line in child.stdout:
                if line.strip().isdecimal() and int(line) >= sum(map(count_words, before)) + 40 + 13 * number:
                    break
            time.sleep(0.003 * number)
            os.kill(child.pid, signal.SIGKILL)
        with Store.open(path) as store:
            now = texts(store)
            assert all(after.startswith(then) for after, then in zip(now, before, strict=True))
            assert all(whole_text.startswith(text) for whole_text, text in zip(whole, now, strict=True))
            for task in store.tasks.all():
                assert task.written == count_words(store.scene(task.node).text)
            before = now
    with Store.open(path) as store:
        drafted(store)
        assert texts(store) == whole
        assert isinstance(store.tasks.all()[0], Task)
