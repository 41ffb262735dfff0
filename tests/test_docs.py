"""What the documents tell an author to type is understood by the real parser."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from writer import cli

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^ *```(?:console|sh|bash|shell)?\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
PROGRAM = re.compile(r"^\s*(?:\$ )?(?:(?:python3? -m|uv run(?: --no-sync)?|\.venv/bin/)\s*)?writer( .*)?$")


def commands(text: str) -> Iterator[list[str]]:
    """The arguments of each ``writer`` command in the code blocks of a page, comments left out."""
    for block in BLOCK.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            if found := PROGRAM.match(line):
                words = shlex.split(found[1] or "", comments=True)
                yield words[: next((i for i, word in enumerate(words) if word in ("|", ">", "&&", ";")), None)]


def test_commands_are_found_in_a_page() -> None:
    page = "Text\n\n```console\n$ writer suggest a.txt -n 2 | head  # two\n$ ls\nwriter\n```\n"
    assert list(commands(page)) == [["suggest", "a.txt", "-n", "2"], []]


@pytest.mark.parametrize("page", [page for page in PAGES if page.exists()], ids=lambda page: page.name)
def test_shown_commands_parse(page: Path) -> None:
    for words in commands(page.read_text("utf-8")):
        if words and words[0] in cli.COMMANDS:
            assert cli.parser().parse_args(words).run


def test_the_tests_that_the_table_of_faults_names_are_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / "docs" / "faults.md").read_text("utf-8"))
    assert len(named) > 40
    missing = [f"{file}::{test}" for file, test in named if not _has(ROOT / file, test)]
    assert missing == []


def _has(file: Path, test: str) -> bool:
    return file.exists() and f"\ndef {test}(" in file.read_text("utf-8")
