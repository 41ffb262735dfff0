"""``writer outline`` as scripts and authors see it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_cli import Shell
from writer.store import Store
from writer.story import Project

PREMISE = "A lighthouse keeper finds letters to his dead wife, and somebody answers them."


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("LANGUAGE", "en")
    return Shell(capsys)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "Lamp 灯.writer"
    Store.create(path, Project("Lamp", PREMISE, "en")).close()
    return path


def test_each_node_is_a_line(shell: Shell, book: Path) -> None:
    *nodes, done = shell.lines("outline", book, "--levels", 2, "--children", 2, "--engine", "echo")
    assert done == {"done": True, "nodes": 6}
    assert all(set(node) == {"node", "parent", "level", "title", "synopsis", "target_words"} for node in nodes)
    known = {None: -1}
    for node in nodes:
        assert node["level"] == known[node["parent"]] + 1
        known[node["node"]] = node["level"]
    kept = [(line["node"], line["title"]) for line in shell.lines("scenes", book)[:-1]]
    assert sorted(kept) == sorted((node["node"], node["title"]) for node in nodes)


def test_an_outline_is_told_in_words(shell: Shell, book: Path) -> None:
    said = shell.run("outline", book, "--levels", 1, "--engine", "echo", "--beats")
    assert said.count("\n    - ") == 12
    assert said.endswith("3 new nodes in the outline.\n")
    assert "has all of that already" in shell.run("outline", book, "--levels", 1, "--engine", "echo")


def test_a_part_grows_by_a_shape(shell: Shell, book: Path) -> None:
    with Store.open(book) as store:
        part = store.add("The storm", synopsis="A storm cuts the island off.")
    *nodes, _done = shell.lines(
        "outline", book, "--scene", part, "--levels", 1, "--shape", "report", "--engine", "echo"
    )
    assert len(nodes) == 6
    assert {node["parent"] for node in nodes} == {part}


def test_scenes_that_are_there_get_beats(shell: Shell, book: Path) -> None:
    with Store.open(book) as store:
        part = store.add("The storm", synopsis="A storm cuts the island off.")
        scene = store.add("The mast", part, synopsis="The mast breaks.")
    lines = shell.lines("outline", book, "--levels", 1, "--children", 1, "--beats", "--engine", "echo")
    assert [(line["node"], len(line["beats"])) for line in lines[:-1]] == [(scene, 4)]
    with Store.reader(book) as store:
        assert len(store.plans.get(scene).beats) == 4
        assert store.plans.get(part).beats == ()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--shape", "nothing"], "There is no shape called “nothing”"),
        (["--levels", "9"], "9 levels can't be made"),
        (["--children", "0"], "it must be at least 1"),
        (["--scene", "7"], "no scenes yet"),
    ],
)
def test_what_can_not_grow_is_refused_in_one_sentence(shell: Shell, book: Path, words: list[str], message: str) -> None:
    assert message in shell.refusal("outline", book, *words, "--engine", "echo")


def test_without_a_premise_nothing_grows(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "empty.writer"
    Store.create(path, Project("Empty", "", "en")).close()
    assert "There is no premise yet" in shell.refusal("outline", path, "--engine", "echo")
