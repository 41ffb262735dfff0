"""``writer memory`` as scripts and authors see it."""

from __future__ import annotations

import math
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.memory.test_abstract import Says
from tests.meter.shelf import make
from tests.test_cli import Shell
from writer.cli.memory import said_change
from writer.meter import Interval
from writer.store import Store
from writer.story import Project

TEXT = (
    "Marta Hale was the keeper of the lighthouse at Arlen Point, and her eyes were grey.\n\n"
    "In the evening Jonas came over from Arlen with a lamp. He told Marta Hale that the ferry had sunk.\n\n"
    "Years later the eyes of Marta Hale were brown, and Jonas never spoke of the ferry.\n"
)
CHINESE = "林黛玉住在苏州。她的眼睛是黑色的。\n\n贾宝玉从北京来到苏州，把灯交给林黛玉。\n\n后来林黛玉在苏州等了三年。\n"


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("LANGUAGE", "en")
    return Shell(capsys)


@pytest.fixture(params=["en", "zh"])
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A book of two scenes, with names that come again."""
    path = tmp_path / "Arlen 潮.writer"
    with Store.create(path, Project("Arlen", "", request.param)) as store:
        store.add("One", text=TEXT if request.param == "en" else CHINESE)
        store.add("Two", text="Nothing happened." if request.param == "en" else "什么也没有发生。")
    return path


def test_a_book_is_read_once(shell: Shell, book: Path) -> None:
    *progress, done = shell.lines("memory", book, "update")
    assert progress
    assert all(set(one) == {"progress", "done_words", "total_words"} for one in progress)
    assert progress[-1]["done_words"] == progress[-1]["total_words"]
    assert set(done) == {"done", "chunks", "summaries", "reused", "seconds"}
    assert done["chunks"] >= 2
    assert shell.lines("memory", book, "update")[-1]["chunks"] == 0
    assert shell.run("memory", book, "update") == "The whole book was remembered already; nothing had changed.\n"


def test_reading_is_told_in_words(shell: Shell, book: Path) -> None:
    assert shell.run("memory", book, "update").startswith("The whole book is remembered: ")
    assert shell.errors.startswith("Two (")


def test_what_is_remembered_before_a_place(shell: Shell, book: Path) -> None:
    shell.run("memory", book, "update")
    *lines, done = shell.lines("memory", book, "show")
    summaries = [line for line in lines if "summary" in line]
    names = {line["name"] for line in lines if "name" in line}
    assert done == {
        "done": True,
        "story": len(summaries),
        "cast": len(names),
        "facts": sum("fact" in line for line in lines),
        "conflicts": sum("conflict" in line for line in lines),
        "complete": 1.0,
    }
    assert names & {"Marta Hale", "林黛玉"}
    with Store.reader(book) as store:
        for sentence in (sentence for summary in summaries for sentence in summary["sentences"]):
            text = store.scene(sentence["scene"]).text
            assert text[sentence["start"] : sentence["end"]] == sentence["text"]
    said = shell.run("memory", book, "show")
    assert "── The story so far ──\nOne: " in said
    assert "── Cast and places ──\n" in said
    assert shell.run("memory", book, "show", "--scene", 1, "--at", 0) == "Nothing is remembered before this place.\n"


def test_sentences_are_found_with_their_place(shell: Shell, book: Path) -> None:
    shell.run("memory", book, "update")
    query = "lamp" if "Marta" in shell.run("memory", book, "show") else "灯"
    *found, done = shell.lines("memory", book, "recall", query)
    assert done == {"done": True, "found": len(found)}
    assert set(found[0]) == {"text", "scene", "start", "end", "score"}
    assert query in found[0]["text"]
    with Store.reader(book) as store:
        assert store.scene(found[0]["scene"]).text[found[0]["start"] : found[0]["end"]] == found[0]["text"]
    first = shell.run("memory", book, "recall", query).splitlines()[:2]
    assert query in first[0]
    assert first[1].startswith(f"    [One, {found[0]['start']}]")
    assert len(shell.lines("memory", book, "recall", query, "--most", 1)) == 2


def test_a_question_is_answered_with_sentences_of_the_book(shell: Shell, book: Path) -> None:
    shell.run("memory", book, "update")
    is_english = "Marta" in shell.run("memory", book, "show")
    question = "Who brought the lamp to Marta Hale?" if is_english else "贾宝玉把灯交给了谁？"
    *answers, done = shell.lines("memory", book, "ask", question)
    assert done["found"] == len(answers) > 0
    assert ("lamp" if is_english else "灯") in answers[0]["answer"]
    with Store.reader(book) as store:
        for source in (source for answer in answers for source in answer["sources"]):
            assert store.scene(source["scene"]).text[source["start"] : source["end"]] == source["text"]
    assert "    [One, " in shell.run("memory", book, "ask", question)
    said = shell.run("memory", book, "ask", question, "--scene", 1, "--at", 10)
    assert said == "The book says nothing about that before this place; ask in other words.\n"


def test_nothing_is_found_of_what_comes_later(shell: Shell, book: Path) -> None:
    shell.run("memory", book, "update")
    said = shell.run("memory", book, "recall", "lamp 灯", "--scene", 1, "--at", 20)
    assert said == "Nothing before this place speaks of “lamp 灯”; try other words.\n"


def test_who_asks_before_reading_is_answered_all_the_same(shell: Shell, book: Path) -> None:
    unread = shell.run("memory", book, "recall", "lamp 灯")
    assert "not remembered" not in shell.errors
    shell.run("memory", book, "update")
    assert shell.run("memory", book, "recall", "lamp 灯") == unread
    assert "speaks of" not in unread


def test_who_asks_while_another_has_the_book_is_told_what_is_not_read(shell: Shell, book: Path) -> None:
    with Store.open(book):
        shell.run("memory", book, "recall", "lamp")
    assert shell.errors == (f"2 scenes are not remembered as they are now; “writer memory {book} update” reads them.\n")


def test_the_meter_tells_what_memory_is_worth(shell: Shell, tmp_path: Path) -> None:
    path = make(tmp_path / "book.writer")
    shell.run("memory", path, "update")
    *lines, done = shell.lines("memory", path, "meter", "--engine", "echo", "--positions", 3, "--arms", "ours,2048")
    arms = [line for line in lines if "arm" in line]
    assert [arm["arm"] for arm in arms] == ["window", "ours", "2048"]
    assert all({"perplexity", "names", "ratio", "low", "high", "names_ratio", "tokens"} <= set(arm) for arm in arms)
    assert (done["positions"], done["budget"], done["engine"]) == (3, 1024, "echo")
    assert {"progress", "done_steps", "total_steps", "seconds_left"} == set(lines[0])
    said = shell.run("memory", path, "meter", "--engine", "echo", "--positions", 1)
    assert "at 1 place in" in said
    assert "Only the last pages: 2.7, at names 2.7\nWith Writer's memory: 2.7, at names 2.7\n" in said
    assert said.endswith("names: no difference that is more than chance.\n")
    assert "100 %" in shell.errors


def test_what_makes_no_sense_is_one_sentence(shell: Shell, book: Path, tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text("Some text.", "utf-8")
    assert "ACTION" in shell.refusal("memory", book)
    assert "invalid choice" in shell.refusal("memory", book, "forget")
    assert "There is no file" in shell.refusal("memory", tmp_path / "none.writer", "show")
    assert "is not a Writer project" in shell.refusal("memory", tmp_path / "page.txt", "update")
    assert "There is no scene 9" in shell.refusal("memory", book, "show", "--scene", 9)
    assert "so --at can't be" in shell.refusal("memory", book, "recall", "lamp", "--at", 9999)
    assert "Say what to look for" in shell.refusal("memory", book, "ask", "")
    assert "Say what to look for" in shell.refusal("memory", book, "recall", " \n")
    assert "choose from window" in shell.refusal("memory", book, "meter", "--arms", "widow")


def test_a_book_that_is_too_short_for_the_meter_is_one_sentence(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "short.writer"
    Store.create(path, Project("Short", "", "en")).close()
    assert "too short" in shell.refusal("memory", path, "meter", "--engine", "echo")


@pytest.mark.model
def test_an_engine_that_can_not_score_says_which_can(shell: Shell, tmp_path: Path) -> None:
    path = make(tmp_path / "book.writer", scenes=2)
    shell.run("memory", path, "update")
    assert "choose the engine transformers" in shell.refusal("memory", path, "meter", "--engine", "llamacpp")


def test_a_book_that_is_open_elsewhere_is_not_read(shell: Shell, book: Path) -> None:
    with Store.open(book):
        assert "open" in shell.refusal("memory", book, "update")
        assert shell.lines("memory", book, "show")[-1]["done"]


@pytest.mark.skipif(not hasattr(signal, "SIGINT") or sys.platform == "win32", reason="no signals there")
def test_an_interrupted_reading_goes_on_where_it_was(shell: Shell, tmp_path: Path) -> None:
    path = make(tmp_path / "book.writer", scenes=60)
    command = [sys.executable, "-m", "writer", "memory", str(path), "update", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdout
        child.stdout.readline()
        child.send_signal(signal.SIGINT)
        assert child.wait(60) == 130
    done = shell.lines("memory", path, "update")[-1]
    assert done["chunks"] > 0
    assert shell.lines("check", path)[-1]["ok"]
    assert shell.lines("memory", path, "update")[-1]["chunks"] == 0


@pytest.mark.parametrize(
    ("interval", "said"),
    [
        (Interval(0.79, 0.71, 0.9), "21 % less surprise (10 to 29)"),
        (Interval(1.1, 1.02, 1.25), "10 % more surprise (2 to 25)"),
        (Interval(0.8, 0.6, 1.01), "no difference that is more than chance"),
        (Interval(1.002, 1.001, 1.004), "less than 1 % of difference"),
        (Interval(math.nan, math.nan, math.nan), "there were none"),
    ],
)
def test_a_difference_is_said_in_words(interval: Interval, said: str) -> None:
    assert said_change(interval) == said


@pytest.fixture
def retold(shell: Shell, book: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Shell]:
    """Let a model of this name be the chosen one: it retells what happens faithfully."""
    with Store.reader(book) as store:
        language = store.project.language
    answers = {
        "en": "Marta Hale kept the lighthouse, and Jonas came with a lamp. Jonas told Marta Hale that the ferry sank.",
        "zh": "林黛玉住在苏州，贾宝玉来到苏州，把灯交给林黛玉。后来林黛玉等了三年。",
    }

    def use(model: str) -> Shell:
        engine = Says(answers[language])
        engine.model = model
        monkeypatch.setattr("writer.cli.commands.opened_engine", lambda *_: nullcontext(engine))
        return shell

    return use


def test_a_large_model_retells_the_story(retold: Callable[[str], Shell], book: Path) -> None:
    shell = retold("Some 7B")
    done = shell.lines("memory", book, "update", "--retell", "--engine", "echo")[-1]
    assert done["retold"] == 1
    assert "retold by Some 7B, 20" in shell.run("memory", book, "show")
    told = next(line for line in shell.lines("memory", book, "show") if line.get("retelling"))
    assert told["made_by"] == "Some 7B"
    assert told["sentences"]
    assert shell.run("memory", book, "update", "--retell", "--engine", "echo").endswith("nothing more to retell.\n")
    shell = retold("Other 8B")
    assert shell.lines("memory", book, "update", "--retell", "--engine", "echo")[-1]["retold"] == 0
    assert shell.lines("memory", book, "update", "--retell", "--again", "--engine", "echo")[-1]["retold"] == 1


def test_a_small_model_is_told_to_be_too_small(retold: Callable[[str], Shell], book: Path) -> None:
    shell = retold("Some 135M")
    shell.run("memory", book, "update", "--retell", "--engine", "echo", code=2)
    assert shell.errors.splitlines()[-1].startswith("“Some 135M” is too small")
    assert "3B" in shell.errors
