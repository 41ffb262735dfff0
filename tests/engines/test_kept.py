from __future__ import annotations

import json
import os
import signal
import stat
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from writer import models
from writer.engines import EngineSpec, Sampling, kept
from writer.engines.echo import Echo
from writer.engines.host import Host
from writer.errors import EngineError
from writer.story import Prompt

from .reading import page, read

BOOK = "".join(f"On day {day} Mara counted the boats, and the boats counted her. " for day in range(30))
OTHER = "".join(f"海鸥从港口飞起，玛拉数着第{day}条船。" for day in range(30))


class Slate:
    """Keeps what it read as a file of numbers."""

    def __init__(self) -> None:
        self.read: dict[str, list[int]] = {}
        self.fails: Exception | None = None

    def tokens(self, prompt: Prompt) -> list[int]:
        return [ord(character) for character in prompt.text]

    def held(self, role: str) -> list[int]:
        return self.read.get(role, [])

    def keep(self, path: Path, role: str) -> None:
        path.write_text(json.dumps(self.read[role]))
        if self.fails:
            raise self.fails

    def take_up(self, path: Path, tokens: list[int], role: str) -> None:
        if self.fails:
            raise self.fails
        self.read[role] = json.loads(path.read_text())


SPEC = EngineSpec("slate", "", "slate", 1000)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The converted models stay where they are; what is kept is the test's own."""
    monkeypatch.setattr(kept, "folder", lambda: tmp_path / "warm")
    return tmp_path / "warm"


@pytest.fixture
def slate() -> Slate:
    slate = Slate()
    slate.read["page"] = slate.tokens(page(BOOK))
    return slate


def names(folder: Path) -> list[str]:
    return sorted(path.suffix for path in folder.iterdir())


def test_what_was_kept_is_taken_up(slate: Slate, folder: Path) -> None:
    assert kept.keep(slate, "a.writer", SPEC, 10)
    assert names(folder) == [".json", ".state"]
    fresh = Slate()
    assert kept.take_up(fresh, "a.writer", SPEC, page(BOOK + "And so")) == len(BOOK)
    assert fresh.held("page") == slate.held("page")
    assert kept.take_up(Slate(), "a.writer", SPEC, page(BOOK)) == len(BOOK), "and it is still there"


@pytest.mark.skipif(os.name != "posix", reason="no permission bits here")
def test_only_the_author_can_read_it(slate: Slate, folder: Path) -> None:
    folder.mkdir(0o755)
    kept.keep(slate, "a.writer", SPEC, 10)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_it_belongs_to_one_book_model_and_context(slate: Slate, tmp_path: Path) -> None:
    model = tmp_path / "model.gguf"
    model.write_bytes(b"x")
    spec = replace(SPEC, path=str(model))
    kept.keep(slate, "a.writer", spec, 10)
    for book, other in (("b.writer", spec), ("a.writer", replace(spec, context_tokens=2000))):
        assert kept.take_up(Slate(), book, other, page(BOOK)) == 0
    os.utime(model, (1, 1))
    assert kept.take_up(Slate(), "a.writer", spec, page(BOOK)) == 0


def test_of_a_changed_text_the_beginning_is_used_and_of_another_nothing(slate: Slate, folder: Path) -> None:
    kept.keep(slate, "a.writer", SPEC, 10)
    assert kept.take_up(Slate(), "a.writer", SPEC, page(BOOK[:500] + "another end")) == 500
    assert kept.take_up(Slate(), "a.writer", SPEC, page(OTHER)) == 0
    assert names(folder) == []


def test_what_is_in_the_cache_anyway_stays(slate: Slate) -> None:
    kept.keep(slate, "a.writer", SPEC, 10)
    slate.read["page"] = slate.tokens(page(BOOK + " more"))
    assert kept.take_up(slate, "a.writer", SPEC, page(BOOK + " more")) == len(BOOK) + 5


def cut(state: Path, _mark: Path) -> None:
    state.write_bytes(state.read_bytes()[:100])


def flip(state: Path, _mark: Path) -> None:
    data = bytearray(state.read_bytes())
    data[len(data) // 2] ^= 1
    state.write_bytes(bytes(data))


def lose(state: Path, _mark: Path) -> None:
    state.unlink()


def other_tokens(_state: Path, mark: Path) -> None:
    mark.write_text(mark.read_text().replace("[79,", "[79, 79,"))


def broken_mark(_state: Path, mark: Path) -> None:
    mark.write_bytes(b'{"tokens": [\xff')


def odd_mark(_state: Path, mark: Path) -> None:
    mark.write_text("[]")


@pytest.mark.parametrize("harm", [cut, flip, lose, other_tokens, broken_mark, odd_mark])
def test_a_damaged_file_is_dropped_and_nothing_is_said(slate: Slate, folder: Path, harm) -> None:
    kept.keep(slate, "a.writer", SPEC, 10)
    here = kept.place("a.writer", SPEC)
    harm(here.state, here.mark)
    assert kept.take_up(Slate(), "a.writer", SPEC, page(BOOK)) == 0
    assert names(folder) == []


@pytest.mark.parametrize("error", [OSError(28, "No space left"), EngineError("no")])
def test_what_can_not_be_written_or_read_leaves_nothing(slate: Slate, folder: Path, error: Exception) -> None:
    slate.fails = error
    assert not kept.keep(slate, "a.writer", SPEC, 10)
    assert names(folder) == []
    slate.fails = None
    kept.keep(slate, "a.writer", SPEC, 10)
    fresh = Slate()
    fresh.fails = error
    assert kept.take_up(fresh, "a.writer", SPEC, page(BOOK)) == 0
    assert names(folder) == []


def test_on_a_nearly_full_disk_nothing_is_kept(slate: Slate, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=1))
    assert not kept.keep(slate, "a.writer", SPEC, 10)
    assert names(folder) == []


def test_the_least_recently_used_go_first(slate: Slate, folder: Path) -> None:
    slate.read["page"] = list(range(120_000))  # about 0.8 MB
    for age, book in enumerate("abc"):
        assert kept.keep(slate, book, SPEC, 3)
        here = kept.place(book, SPEC)
        os.utime(here.mark, (1000 + age, 1000 + age))
    assert kept.keep(slate, "d", SPEC, 2)
    there = [book for book in "abcd" if kept.place(book, SPEC).state.exists()]
    assert there == ["c", "d"]
    assert not kept.keep(slate, "e", SPEC, 0)
    assert names(folder) == []


def test_what_a_killed_process_left_is_removed(slate: Slate, folder: Path) -> None:
    kept.keep(slate, "a.writer", SPEC, 10)
    for name in ("x.1234.part", "y.state"):
        (folder / name).write_bytes(b"half")
    kept.clear(10)
    assert len(names(folder)) == 4, "another window may be at it"
    for name in ("x.1234.part", "y.state"):
        os.utime(folder / name, (1, 1))
    kept.clear(10)
    assert names(folder) == [".json", ".state"]


def test_a_short_page_is_not_worth_it(slate: Slate, folder: Path) -> None:
    slate.read["page"] = [1, 2, 3]
    assert not kept.keep(slate, "a.writer", SPEC, 10)


def test_an_engine_without_a_cache_says_no(tmp_path: Path) -> None:
    with Host(EngineSpec("echo", "", "echo", 1000)) as host:
        host.wait()
        host.keep(tmp_path / "a.writer", 10)
        assert host.take_up(tmp_path / "a.writer", page(BOOK)) == 0
    assert Echo().take_up(tmp_path / "a.writer", page(BOOK)) == 0


# --- real engines


@pytest.fixture(params=["llamacpp", "transformers"])
def spec(request: pytest.FixtureRequest, small_folder: Path) -> EngineSpec:
    if request.param == "transformers":
        return EngineSpec("transformers", str(small_folder), "tiny", threads=1)
    return EngineSpec("llamacpp", str(models.find("smollm2-135m")), "smollm2-135m", 2048, threads=1)


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path) -> Path:
    """A book, and a cache folder that the model process shares with this test."""
    (home / "cache").unlink()
    (home / "cache").mkdir()
    monkeypatch.undo()
    monkeypatch.setenv("WRITER_HOME", str(home))
    return tmp_path / "海.writer"


@pytest.mark.model
def test_a_book_opens_warm_and_writes_the_same(spec: EngineSpec, book: Path) -> None:
    text, greedy = BOOK[:900], Sampling(max_tokens=12, temperature=0)
    with Host(spec) as host:
        cold, usage = read(host.generate(page(text), greedy))
        assert usage.prefilled_tokens > 100
        host.keep(book, 100)
    assert sorted(path.suffix for path in kept.folder().iterdir()) == [".json", ".state"]
    with Host(spec) as host:
        assert host.take_up(book, page(text)) >= usage.prompt_tokens - 1
        warm, usage = read(host.generate(page(text), greedy))
        assert usage.prefilled_tokens == 1
        assert warm == cold
        changed, usage = read(host.generate(page(BOOK[:600] + "Nobody came."), greedy))
        assert usage.prefilled_tokens < 100
    with Host(spec) as host:
        assert read(host.generate(page(BOOK[:600] + "Nobody came."), greedy))[0] == changed


@pytest.mark.model
def test_a_process_killed_while_it_keeps_leaves_no_harm(spec: EngineSpec, book: Path) -> None:
    with Host(spec) as host:
        read(host.generate(page(BOOK[:900]), Sampling(max_tokens=1)))
        host.keep(book, 100)
        os.kill(host.pid, signal.SIGKILL)
    with Host(spec) as host:
        host.take_up(book, page(BOOK[:900]))
        assert read(host.generate(page(BOOK[:900]), Sampling(max_tokens=3)))[1].tokens == 3
