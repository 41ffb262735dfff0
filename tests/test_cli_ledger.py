"""``writer ledger`` as scripts see it."""

import hashlib
import json

import pytest

from writer import cli, library
from writer.store import Store
from writer.story import Credit, Origin, Project

ORIGIN = Origin("SmolLM2-135M", "llamacpp", 7, "ab" * 32, 1_790_000_000)


@pytest.fixture
def project(tmp_path):
    path = tmp_path / "book.writer"
    with Store.create(path, Project("The Lamp", "", "en")) as store:
        store.save(store.add("One"), "The lamp went out.", (Credit(8, 13, ORIGIN),))
        store.add("Two", text="Nothing.")
        library.export(store, tmp_path / "book.txt")
    return path


def test_each_stretch_is_a_line(project, capsys):
    assert cli.main(["ledger", str(project), "--json"]) == 0
    span, done = map(json.loads, capsys.readouterr().out.splitlines())
    assert (span["scene"], span["start"], span["end"], span["text"]) == (1, 8, 13, " went")
    assert (span["model"], span["engine"], span["seed"]) == ("SmolLM2-135M", "llamacpp", 7)
    exported = project.with_name("book.txt").read_bytes()
    assert done == {
        "done": True,
        "words": 5,
        "model_words": 1,
        "share": 0.2,
        "sha256": hashlib.sha256(exported).hexdigest(),
    }


def test_without_a_file_the_statement_is_shown(project, capsys):
    assert cli.main(["ledger", str(project)]) == 0
    assert "Of the 5 words of this book, a model wrote 1 (20%)." in capsys.readouterr().out


def test_it_goes_into_a_file(project, capsys, tmp_path):
    for name in ("page.md", "page.txt", "page.json"):
        assert cli.main(["ledger", str(project), str(tmp_path / name)]) == 0
        assert "SmolLM2-135M" in (tmp_path / name).read_text("utf-8")
    assert cli.main(["ledger", str(project), str(tmp_path / "page.pdf")]) == 2
    assert "must end with .md" in capsys.readouterr().err
    assert not (tmp_path / "page.pdf").exists()
