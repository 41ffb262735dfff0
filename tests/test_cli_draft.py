"""``writer draft`` as scripts and authors see it."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.draft.teller import Teller
from tests.test_cli import Shell
from writer.store import Store
from writer.story import Plan, Project
from writer.text import count_words

PREMISE = "A keeper of a lighthouse finds a letter that was never sent, and rows out to find who wrote it."


@pytest.fixture
def teller(monkeypatch: pytest.MonkeyPatch) -> Teller:
    engine = Teller()
    monkeypatch.setattr("writer.cli.commands.opened_engine", lambda *_: nullcontext(engine))
    return engine


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, teller: Teller) -> Shell:
    monkeypatch.setenv("LANGUAGE", "en")
    return Shell(capsys)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Three scenes, the second of which is written."""
    path = tmp_path / "Tide 潮.writer"
    with Store.create(path, Project("Tide", PREMISE, "en")) as store:
        for number in range(3):
            store.plans.put(store.add(f"Scene of {number}"), Plan(f"Mara rows to {number}.", target_words=250))
        store.save(2, "The gulls rose over the harbour.")
    return path


def text(book: Path) -> str:
    with Store.reader(book) as store:
        return store.scene(1).text


def state(book: Path) -> str:
    with Store.reader(book) as store:
        return store.tasks.all()[0].state


def test_it_tells_every_step_and_the_whole(shell: Shell, book: Path):
    *told, done = shell.lines("draft", book)
    assert all(set(one) == {"scene", "title", "words", "target_words", "total_words", "seconds_left"} for one in told)
    assert [one["scene"] for one in told] == sorted(one["scene"] for one in told)
    assert {one["target_words"] for one in told} == {250}
    with Store.reader(book) as store:
        words = [count_words(store.scene(node).text) for node in (1, 2, 3)]
    assert words[1] == 6
    assert done == {"done": True, "words": words[0] + words[2], "scenes": 2, "tries": 0, "missed": 0}
    assert told[-1]["total_words"] == words[0] + words[2]
    assert told[-1]["seconds_left"] == 0


def test_it_is_told_in_words(shell: Shell, book: Path):
    said = shell.run("draft", book)
    assert said.startswith("Finished 2 scenes, ")
    assert "Scene of 0 (0 / 250)" in shell.errors
    assert shell.run("draft", book) == (
        "Every scene has its text already; name one with “--scene”, and with “--words” how many it is to have.\n"
    )


def test_one_scene_is_written_to_a_length(shell: Shell, book: Path):
    assert shell.lines("draft", book, "--scene", "2", "--words", "120")[-1]["scenes"] == 1
    with Store.reader(book) as store:
        written = store.scene(2).text
    assert text(book) == ""
    assert written.startswith("The gulls rose over the harbour.\n")
    assert abs(count_words(written) - 120) <= 10


def test_it_resumes_by_itself(shell: Shell, book: Path, teller: Teller):
    teller.fails = lambda _call: bool(text(book))
    assert shell.lines("draft", book, code=2)[-1] == {"error": "The model stopped; start it again."}
    begun = text(book)
    assert begun
    assert state(book) == "failed"
    teller.fails = lambda _call: False
    assert shell.lines("draft", book)[-1]["scenes"] == 2
    assert text(book).startswith(begun)


def test_a_scene_that_fails_is_named(shell: Shell, book: Path, teller: Teller):
    teller.fails = lambda _call: state(book) != "failed"
    *_told, error = shell.lines("draft", book, code=2)
    assert error == {"error": "Not every scene could be written; “writer draft” goes on there."}
    assert "“Scene of 0” is not finished: The model stopped; start it again." in shell.errors


def test_what_must_happen_and_does_not_is_told(shell: Shell, book: Path):
    with Store.open(book) as store:
        store.plans.put(1, Plan("Mara rows.", target_words=250, events=("Zarkon eats the purple cathedral.",)))
    said = shell.run("draft", book, "--scene", "1")
    assert ("1 event that must happen does not happen yet" in said) is bool(shell_missed(book))


def shell_missed(book: Path) -> tuple[str, ...]:
    with Store.reader(book) as store:
        return store.tasks.all()[0].missed


@pytest.mark.parametrize("words", ["0", "10000000"])
def test_a_senseless_target_is_refused(shell: Shell, book: Path, words: str):
    assert "can't be met; choose one between 1 and 5,000,000" in shell.refusal("draft", book, "--words", words)


def test_a_book_about_nothing_is_refused(shell: Shell, tmp_path: Path):
    path = tmp_path / "empty.writer"
    Store.create(path, Project("Empty", "", "en")).close()
    assert "no premise yet" in shell.refusal("draft", path)


def test_a_scene_that_is_not_there_is_refused(shell: Shell, book: Path):
    assert "There is no scene 77" in shell.refusal("draft", book, "--scene", "77")


def test_a_premise_becomes_a_text(shell: Shell, tmp_path: Path):
    path = tmp_path / "premise.writer"
    Store.create(path, Project("Tide", PREMISE, "en")).close()
    done = shell.lines("draft", path, "--words", "300", "--seed", "3")[-1]
    assert abs(done["words"] - 300) <= 12
