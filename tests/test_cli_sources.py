"""``writer sources`` as scripts and journalists see it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_cli import Shell
from writer.store import Store
from writer.store.plans import BOOK
from writer.story import Credit, Origin, Plan, Project

TEXT = "The bridge was closed on Monday. Some 300 people live on the island. Ole Berg was angry."
NOTES = (
    "- Closed on Monday, says the council.\n- The bridge is the only way to the island; about 300 people live there."
)
ORIGIN = Origin("m", "echo", 1, "0" * 64, 0)


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("LANGUAGE", "en")
    return Shell(capsys)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An article of two sections, the second of which is below a chapter with a note of its own."""
    path = tmp_path / "桥.writer"
    with Store.create(path, Project("The Bridge", "", "en")) as store:
        store.add("Closed", text=TEXT)
        chapter = store.add("What it costs")
        section = store.add("Money", chapter, text="Repairs would cost 4 million euros.")
        store.save(section, "Repairs would cost 4 million euros.", (Credit(0, 10, ORIGIN),))
        store.plans.put(BOOK, Plan(notes=NOTES))
        store.plans.put(chapter, Plan(notes="Engineers put the cost of repairs at €4m."))
    return path


def test_each_sentence_is_told_with_its_source_or_what_is_wrong(shell: Shell, path: Path):
    *lines, done = shell.lines("sources", path, code=2)
    assert [line["text"] for line in lines[:2]] == [
        "The bridge was closed on Monday.",
        "Some 300 people live on the island.",
    ]
    closed, island, berg, money = lines
    assert set(closed) == {"scene", "start", "end", "text", "source", "strength", "model", "flags"}
    assert closed["source"] == {"node": 0, "start": 2, "end": 37, "text": "Closed on Monday, says the council."}
    assert (island["flags"], island["model"]) == ([], False)
    assert TEXT[island["start"] : island["end"]] == island["text"]
    assert berg["source"] is None
    flag = berg["flags"][0]
    assert (flag["kind"], flag["text"], TEXT[flag["start"] : flag["end"]]) == ("name", "Ole Berg", "Ole Berg")
    assert flag["why"].startswith("No source has the name “Ole Berg”")
    assert (money["source"]["node"], money["flags"], money["model"]) == (2, [], True)
    assert done == {
        "done": True,
        "ok": False,
        "error": "1 thing in “桥.writer” has no source.",
        "sentences": 4,
        "sourced": 3,
        "flags": 1,
    }


def test_one_chapter_with_all_below_it(shell: Shell, path: Path):
    line, done = shell.lines("sources", path, "--scene", 2)
    assert line["scene"] == 3
    assert (done["ok"], done["sentences"], done["sourced"], done["flags"]) == (True, 1, 1, 0)


def test_people_read_sentences(shell: Shell, path: Path):
    said = shell.run("sources", path, code=2)
    assert said.startswith("Closed\n\n  The bridge was closed on Monday.\n    Source: Closed on Monday")
    assert "! Ole Berg was angry.\n    No source has the name “Ole Berg”; check it" in said
    assert shell.errors == "1 thing in “桥.writer” has no source.\n"
    assert "1 of 1 sentences lean on a source." in shell.run("sources", path, "--scene", 3)


def test_a_project_without_notes_is_told_what_to_do(shell: Shell, tmp_path: Path):
    path = tmp_path / "x.writer"
    with Store.create(path, Project("X", "", "en")) as store:
        store.add("One", text=TEXT)
    shell.run("sources", path, code=2)
    assert (
        shell.errors == "“x.writer” has no sources yet; write them into the notes of the book, a chapter or a scene.\n"
    )
    with Store.open(path) as store:
        store.plans.put(BOOK, Plan(notes="A note."))
        store.save(1, "")
    assert shell.run("sources", path) == "There is no text to check yet.\n"


def test_a_scene_that_is_not_there(shell: Shell, path: Path):
    shell.run("sources", path, "--scene", 99, code=2)
    assert "There is no scene 99" in shell.errors
