"""What may happen while a book is drafted: nothing of it is lost or comes twice, and one sentence says what to do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from tests.draft.teller import Teller
from writer.draft import Drafted, Progress, draft
from writer.engines import Piece, Sampling, Usage
from writer.errors import EngineError, ProjectError, UsageError
from writer.outline import Grown, directly, grow
from writer.settings import Settings
from writer.store import Store
from writer.store.check import check
from writer.story import Plan, Project, Prompt

PREMISE = "A keeper of a lighthouse finds a letter that was never sent, and rows out to find who wrote it."
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs signals")


class Says(Teller):
    """Says one thing without end."""

    def __init__(self, said: str) -> None:
        super().__init__()
        self.said = said

    def generate(self, prompt: Prompt, sampling: Sampling) -> Generator[Piece, None, Usage]:
        for _token in range(sampling.max_tokens if self.said else 0):
            yield Piece(self.said)
        return Usage(0, 0, 0, 0.0, 0.0)


def book(path: Path, premise: str = PREMISE, scenes: int = 3, words: int = 150) -> Path:
    with Store.create(path, Project("Tide", premise, "en")) as store:
        for number in range(scenes):
            store.plans.put(store.add(f"Scene of {number}"), Plan(f"Mara rows to {number}.", target_words=words))
    return path


def drafted(store: Store, engine: Teller, each: Callable[[Progress], object] = lambda _now: None) -> Drafted:
    work = draft(store, engine, Settings(), lambda change: change(store), seed=5)
    while True:
        try:
            each(next(work))
        except StopIteration as end:
            done: Drafted = end.value
            return done


def texts(store: Store) -> list[str]:
    return [store.scene(node.id).text for node in store.nodes()]


@pytest.mark.parametrize("said", ["", "\n", " \u200b", "...", "🙂"])
def test_a_model_that_says_no_word_writes_nothing_and_is_told_of(tmp_path: Path, said: str) -> None:
    with Store.open(book(tmp_path / "b.writer")) as store:
        with pytest.raises(EngineError, match="found nothing to write"):
            drafted(store, Says(said))
        assert texts(store) == ["", "", ""]
        assert [task.state for task in store.tasks.all()] == ["failed", "failed", "waiting"]
        assert drafted(store, Teller()).scenes == 3


@pytest.mark.parametrize("said", [" The sea.", "abcdefg", "海。"])
def test_a_model_that_only_says_the_same_does_not_fill_a_book_with_it(tmp_path: Path, said: str) -> None:
    with Store.open(book(tmp_path / "b.writer")) as store:
        with pytest.raises(EngineError, match="try another model"):
            drafted(store, Says(said))
        assert all(len(text) < 400 for text in texts(store))


@pytest.mark.parametrize("premise", ["", " \n\t", "???", "🙂🙂", "……"])
def test_a_premise_without_a_word_is_refused(tmp_path: Path, premise: str) -> None:
    with Store.open(book(tmp_path / "b.writer", premise, scenes=0)) as store:
        with pytest.raises(UsageError, match="no premise yet"):
            drafted(store, Teller())
        with pytest.raises(ProjectError, match="no premise yet"):
            next(grow(store, Teller(), Settings(), directly(store)))
        assert store.nodes() == []


@pytest.mark.parametrize("premise", ["Mara rows out. " * 7000, "a" * 100_000, "海" * 20_000, "word " * 20_000])
def test_of_a_premise_without_end_only_the_beginning_is_read(tmp_path: Path, premise: str) -> None:
    with Store.open(book(tmp_path / "b.writer", premise, scenes=0)) as store:
        work = grow(store, Teller(), Settings(), directly(store), levels=1)
        while True:
            try:
                next(work)
            except StopIteration as end:
                grown: Grown = end.value
                break
        assert grown.nodes
        assert all(len(node.plan.synopsis) < 1500 and len(node.title) < 120 for node in grown.nodes)


def test_a_scene_put_into_the_bin_while_it_is_drafted_gets_nothing_more(tmp_path: Path) -> None:
    with Store.open(book(tmp_path / "b.writer", words=500)) as store:
        binned: list[str] = []

        def bin_it(now: Progress) -> None:
            if now.scene == 2 and now.words and not binned:
                binned.append(store.scene(2).text)
                store.remove(2)

        done = drafted(store, Teller(), bin_it)
        assert binned[0]
        assert store.scene(2).text == binned[0]
        assert (done.scenes, done.problems) == (2, ())
        store.restore(2)
        assert drafted(store, Teller()).scenes == 1
        assert store.scene(2).text.startswith(binned[0])


def test_what_the_author_does_to_the_scene_being_drafted_stays(tmp_path: Path) -> None:
    """Edited, emptied, renamed, moved: the draft goes on behind what is there then."""
    with Store.open(book(tmp_path / "b.writer", words=600)) as store:
        turns = iter(["The author's own beginning. ", "", "Rewritten as a whole."])

        def edit(now: Progress) -> None:
            if now.scene == 2 and now.words and not now.passage:
                new = next(turns, None)
                if new is not None:
                    store.save(2, new)
                    store.rename(2, "Another name")
                    store.move(2, None, None)

        drafted(store, Teller(), edit)
        assert store.scene(2).text.startswith("Rewritten as a whole.")
        assert {task.state for task in store.tasks.all()} == {"done"}
    assert list(check(tmp_path / "b.writer")) == []


CHILD = """
import sys, time
from contextlib import nullcontext
from tests.draft.teller import Teller
from writer.cli import commands, main

class Slow(Teller):
    def generate(self, prompt, sampling):
        for piece in super().generate(prompt, sampling):
            time.sleep(0.01)
            yield piece
        return None

commands.opened_engine = lambda *_: nullcontext(Slow())
sys.exit(main(sys.argv[1:]))
"""


def started(path: Path) -> subprocess.Popen[str]:
    """``writer draft`` in a process of its own, with something written already."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, "draft", str(path), "--json"],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "LANGUAGE": "en"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout
    while (line := child.stdout.readline()) and '"words": 0' in line:
        pass
    assert line
    return child


def test_two_drafts_of_a_book_do_not_mix(tmp_path: Path) -> None:
    child = started(book(tmp_path / "b.writer", words=300))
    try:
        other = subprocess.run(
            [sys.executable, "-c", CHILD, "draft", str(tmp_path / "b.writer")],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "LANGUAGE": "en"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (other.returncode, other.stdout) == (2, "")
        assert "already open" in other.stderr
        assert other.stderr.count("\n") == 1
        assert child.communicate(timeout=60)[1] == ""
    finally:
        child.kill()
    assert child.returncode == 0


@posix
def test_a_draft_that_slept_goes_on(tmp_path: Path) -> None:
    """As when the lid of a laptop is closed."""
    child = started(book(tmp_path / "b.writer", words=300))
    try:
        os.kill(child.pid, signal.SIGSTOP)
        time.sleep(0.5)
        os.kill(child.pid, signal.SIGCONT)
        assert child.communicate(timeout=60)[1] == ""
    finally:
        child.kill()
    assert child.returncode == 0
    with Store.reader(tmp_path / "b.writer") as store:
        assert {task.state for task in store.tasks.all()} == {"done"}
        paragraphs = [line for text in texts(store) for line in text.split("\n") if line]
        assert len(set(paragraphs)) == len(paragraphs)


@posix
def test_interrupted_it_keeps_what_is_written(tmp_path: Path) -> None:
    child = started(book(tmp_path / "b.writer", words=300))
    os.kill(child.pid, signal.SIGINT)
    assert child.communicate(timeout=60)[1] == ""
    assert child.returncode == 130
    with Store.open(tmp_path / "b.writer") as store:
        begun = texts(store)
        assert any(begun)
        assert not {"failed"} & {task.state for task in store.tasks.all()}
        drafted(store, Teller())
        assert all(now.startswith(then) for now, then in zip(texts(store), begun, strict=True))
