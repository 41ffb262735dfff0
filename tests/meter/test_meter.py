from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from tests.meter.shelf import Reader, make
from writer import meter
from writer.errors import UsageError
from writer.meter import Interval, Progress, Report, Sum, compared
from writer.meter.arms import ARMS
from writer.meter.book import SCORED
from writer.settings import Settings
from writer.store import Store
from writer.story import Project

BUDGET = 600


@pytest.fixture(params=["en", "zh"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with Store.reader(make(tmp_path / "book.writer", request.param)) as store:
        yield store


@pytest.fixture
def book(store: Store) -> meter.Book:
    return meter.Book(store, Reader(), BUDGET, meter.Book(store, Reader(), BUDGET))


def ended(measuring: Generator[Progress, None, Report]) -> tuple[list[Progress], Report]:
    progress = []
    while True:
        try:
            progress.append(next(measuring))
        except StopIteration as end:
            return progress, end.value


# --- places


def test_places_are_paragraphs_of_the_last_half_and_far_apart(book: meter.Book) -> None:
    positions = book.positions(4)
    assert positions
    assert all(position.at >= len(book.text) // 2 for position in positions)
    assert all(later.at - earlier.at >= 1000 for earlier, later in pairwise(positions))
    for position in positions:
        assert book.text[: position.at].endswith("\n")
        assert book.text[position.at :].startswith(position.text)
        assert 0 < book.engine.count([position.text])[0] <= SCORED
        assert position.text[-1] in "。.”"


def test_the_same_seed_gives_the_same_places(book: meter.Book) -> None:
    assert book.positions(4, 1) == book.positions(4, 1)
    assert book.positions(4, 1) != book.positions(4, 2)


def test_a_book_without_paragraphs_is_measured_at_sentences(tmp_path: Path) -> None:
    text = " ".join(f"On day {n} the gulls rose over Port Arlen and nobody wept." for n in range(300))
    with Store.create(tmp_path / "one.writer", Project("One", "", "en")) as store:
        store.add("All", text=text)
        positions = meter.Book(store, Reader(), BUDGET).positions(3)
    assert len(positions) == 3
    assert all(position.text.startswith(" On day") for position in positions)


# --- ways of reading


@pytest.mark.parametrize("arm", ARMS)
def test_no_way_reads_more_than_it_may_nor_what_comes_later(book: meter.Book, arm: str) -> None:
    budget = int(arm) if arm.isdecimal() else BUDGET
    for position in book.positions(3):
        prompt = ARMS[arm](book, position)
        assert 0 < prompt.tokens <= budget
        assert prompt.tokens == sum(book.engine.count([part.text for part in prompt.parts]))
        before = book.text[: position.at]
        assert before.endswith(prompt.parts[-1].text)
        for part in prompt.parts[:-1]:
            assert all(line in before for line in part.text.split("\n") if part.kind == "memory")


def test_a_window_is_filled_to_the_last_token(book: meter.Book) -> None:
    (position,) = book.positions(1)
    assert ARMS["window"](book, position).tokens == BUDGET
    assert ARMS["2048"](book, position).tokens == 2048


@pytest.mark.parametrize("arm", ["summary", "passages"])
def test_rivals_put_a_block_before_the_page(book: meter.Book, arm: str) -> None:
    for position in book.positions(3):
        memory, page = ARMS[arm](book, position).parts
        start = position.at - len(page.text)
        assert all(line in book.text[:start] for line in memory.text.split("\n"))
        assert memory.tokens <= 0.3 * BUDGET


# --- figures


def test_what_was_read_surprises_less(book: meter.Book) -> None:
    progress, report = ended(meter.measure(book, ["2048", "window"], 4))
    assert [one.done for one in progress] == list(range(1, 9))
    assert {one.total for one in progress} == {8}
    assert progress[-1].seconds_left == 0
    plain, wide = report.results
    assert (plain.arm, wide.arm) == ("window", "2048")
    assert plain.against == plain.against_names == Interval(1, 1, 1)
    assert wide.perplexity < plain.perplexity
    assert wide.against.ratio == pytest.approx(wide.perplexity / plain.perplexity)
    assert wide.against.low <= wide.against.ratio <= wide.against.high <= 1
    assert report.positions == 4
    assert 0 < report.names < report.scored


def test_the_same_book_gives_the_same_figures(book: meter.Book) -> None:
    def figures() -> list[tuple[float, float, Interval, Interval, float]]:
        results = ended(meter.measure(book, ["ours", "summary", "passages"], 3))[1].results
        return [(one.perplexity, one.names, one.against, one.against_names, one.tokens) for one in results]

    assert figures() == figures()


def test_it_stops_when_it_is_closed(book: meter.Book) -> None:
    with closing(meter.measure(book, ["window"], 4)) as measuring:
        next(measuring)
    assert list(measuring) == []


def test_an_interval_is_that_of_the_pairs() -> None:
    plain = [Sum(20.0, 10), Sum(60.0, 20), Sum(30.0, 10)]
    same = compared(plain, plain)
    assert same == Interval(1, 1, 1)
    better = compared([Sum(one.surprise - one.tokens * 0.1, one.tokens) for one in plain], plain)
    assert better.ratio == pytest.approx(math.exp(-0.1))
    assert (better.low, better.high) == (pytest.approx(better.ratio), pytest.approx(better.ratio))
    mixed = compared([Sum(10.0, 10), Sum(70.0, 20), Sum(30.0, 10)], plain)
    assert mixed.low < mixed.ratio < mixed.high
    assert math.isnan(compared([Sum()], [Sum()]).ratio)


def test_what_cannot_be_measured_is_one_sentence(book: meter.Book, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="choose from window"):
        next(meter.measure(book, ["widow"]))
    with Store.create(tmp_path / "empty.writer", Project("Empty", "", "en")) as store:
        for text in ("", "Too short."):
            store.add("One", text=text)
            with pytest.raises(UsageError, match="too short"):
                next(meter.measure(meter.Book(store, Reader(), BUDGET)))


def test_a_model_that_scores_in_the_language_of_the_book_is_asked() -> None:
    chosen = meter.scoring(Settings(engine="llamacpp", language="en"), "zh", ["ours", "4096"])
    assert (chosen.engine, chosen.language, chosen.budget) == ("transformers", "zh", 4096)
    chosen = meter.scoring(Settings(engine="server", model="mine"), "en")
    assert (chosen.engine, chosen.model, chosen.budget) == ("transformers", "mine", meter.BUDGET)
    assert meter.scoring(Settings(engine="echo"), "en").engine == "echo"
