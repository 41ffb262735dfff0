"""``writer outline --follow`` and ``--propose``."""

import json

import pytest

from tests.memory.books import prose
from tests.outline.test_follow import ATTIC, SAID
from writer.cli import main
from writer.store import Store
from writer.story import Project


@pytest.fixture
def project(tmp_path):
    path = tmp_path / "book.writer"
    with Store.create(path, Project("A book", "", "en")) as store:
        store.add("Attic", text=ATTIC["en"], synopsis=SAID["en"])
        store.add("Untold", text="\n***\n".join(prose(f"marked{n}", 400) for n in range(3)))
    return path


def said(capsys, *words):
    """The exit code and the JSON lines of a command."""
    code = main([str(word) for word in (*words, "--json")])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_what_no_longer_fits_is_told_and_with_apply_changed(project, capsys):
    assert said(capsys, "outline", project, "--follow")[1] == [{"done": True, "drifts": 0, "applied": 0}]
    with Store.open(project) as store:
        store.save(1, ATTIC["en"].replace("Paul", "Peter"))
    code, (drift, done) = said(capsys, "outline", project, "--follow")
    assert code == 0
    assert (drift["node"], drift["synopsis"]) == (1, SAID["en"])
    assert drift["proposal"] == SAID["en"].replace("Paul", "Peter")
    assert drift["why"] == ["“Paul” is now “Peter” in the text."]
    assert done == {"done": True, "drifts": 1, "applied": 0}
    assert said(capsys, "outline", project, "--follow", "--apply")[1][-1]["applied"] == 1
    with Store.reader(project) as store:
        assert store.plans.get(1).synopsis == drift["proposal"]
    assert said(capsys, "outline", project, "--follow")[1] == [{"done": True, "drifts": 0, "applied": 0}]


def test_an_outline_is_proposed_and_with_apply_taken(project, capsys):
    code, lines = said(capsys, "outline", project, "--propose")
    assert code == 0
    assert [(line["node"], line["level"]) for line in lines[:-1]] == [(2, 0), (None, 1), (None, 1), (None, 1)]
    assert lines[-1] == {"done": True, "chapters": 0, "scenes": 3, "synopses": 4, "applied": False}
    with Store.reader(project) as store:
        assert len(store.nodes()) == 2
    assert said(capsys, "outline", project, "--propose", "--apply")[1][-1]["applied"] is True
    with Store.reader(project) as store:
        assert [node.level for node in store.nodes()] == [0, 0, 1, 1, 1]
    assert said(capsys, "outline", project, "--propose")[1][-1]["synopses"] == 0


def test_only_a_part_of_the_book_can_be_meant(project, capsys):
    assert said(capsys, "outline", project, "--propose", "--scene", 1)[1][-1]["synopses"] == 0
    assert said(capsys, "outline", project, "--follow", "--scene", 2)[1][-1]["drifts"] == 0


def test_what_makes_no_sense_together_is_refused(project, capsys):
    for words in (["--apply"], ["--follow", "--propose"]):
        code, (error,) = said(capsys, "outline", project, *words)
        assert code == 2
        assert error["error"]
