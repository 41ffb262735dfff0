from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.models.files import gguf, hugging_face
from writer import models
from writer.errors import ModelError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs links")


def test_a_file_is_linked_and_unlinked(shelf: Path) -> None:
    tale = gguf(shelf / "far" / "tale.gguf")
    assert list(models.add(str(tale)))[-1].what == "tale"
    assert models.installed() == [models.folder() / "tale.gguf"]
    assert (models.folder() / "tale.gguf").readlink() == tale.resolve()
    assert models.find("tale") == models.folder().resolve() / "tale.gguf"
    gone = models.remove("tale")
    assert gone.linked
    assert tale.exists()
    assert models.installed() == []
    assert list(models.folder().iterdir()) == []


def test_a_file_is_copied_and_deleted(shelf: Path) -> None:
    tale = gguf(shelf / "far" / "tale.gguf")
    steps = list(models.add(str(tale), copy=True))
    assert steps[0].what == "Copying tale.gguf"
    assert steps[-1].done == steps[-1].total == 4096
    tale.unlink()
    assert models.find("tale").read_bytes()[:4] == b"GGUF"
    gone = models.remove("tale")
    assert (gone.linked, gone.size) == (False, 4096)
    assert list(models.folder().iterdir()) == []


@pytest.mark.parametrize("copy", [False, True])
def test_folders_and_parts_come_whole(shelf: Path, copy: bool) -> None:
    folder = hugging_face(shelf / "far" / "harbour")
    for number in (1, 2):
        gguf(shelf / "far" / f"tale-0000{number}-of-00002.gguf")
    list(models.add(str(folder), copy))
    list(models.add(str(shelf / "far" / "tale-00001-of-00002.gguf"), copy))
    assert [path.name for path in models.installed()] == ["harbour", "tale-00001-of-00002.gguf"]
    assert models.find("harbour").is_dir()
    models.remove("harbour")
    models.remove("tale")
    assert list(models.folder().iterdir()) == []
    assert folder.is_dir()


def test_a_copy_that_is_stopped_leaves_nothing(shelf: Path) -> None:
    adding = models.add(str(gguf(shelf / "far" / "tale.gguf", size=20_000_000)), copy=True)
    next(adding)
    adding.close()  # type: ignore[attr-defined]
    assert list(models.folder().iterdir()) == []


def test_what_is_no_model_is_not_added(shelf: Path) -> None:
    (shelf / "evil.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(ModelError, match="pickle"):
        models.add(str(shelf / "evil.bin"))
    with pytest.raises(ModelError, match="no model at"):
        models.add(str(shelf / "none.gguf"))


def test_a_name_that_is_taken_is_told(shelf: Path) -> None:
    tale = str(gguf(shelf / "far" / "tale.gguf"))
    list(models.add(tale))
    with pytest.raises(ModelError, match="already"):
        models.add(tale)
    with pytest.raises(ModelError, match="in the models folder already"):
        models.add("tale")
    with pytest.raises(ModelError, match="already"):
        models.add(str(gguf(shelf / "far" / models.known("qwen3-4b").file)))


def test_what_the_author_put_there_is_left_alone(shelf: Path) -> None:
    mine = gguf(models.folder() / "mine.gguf")
    with pytest.raises(ModelError, match="delete it yourself"):
        models.remove("mine")
    assert mine.exists()


def test_what_belongs_to_another_program_is_left_alone(shelf: Path) -> None:
    theirs = gguf(Path(os.environ["HOME"]) / ".lmstudio/models/me/tale/tale.gguf")
    with pytest.raises(ModelError, match="LM Studio"):
        models.remove("tale")
    assert theirs.exists()
    with pytest.raises(ModelError, match="nothing was removed"):
        models.remove("nobody")


def test_a_fetched_model_goes_with_what_was_fetched_in_part(shelf: Path) -> None:
    model = models.known("smollm2-135m")
    gguf(model.path)
    models.part_of(model).mkdir()
    (models.part_of(model) / "0.piece").write_bytes(b"x" * 100)
    gone = models.remove(model.name)
    assert gone.size == 4196
    assert [path.suffix for path in models.folder().iterdir()] == [".lock"]
    with pytest.raises(ModelError, match="not on this computer"):
        models.remove(model.name)


def test_a_link_to_what_is_gone_can_be_removed(shelf: Path) -> None:
    tale = gguf(shelf / "far" / "tale.gguf")
    list(models.add(str(tale)))
    shutil.rmtree(tale.parent)
    assert models.installed() == []
    models.remove("tale")
    assert list(models.folder().iterdir()) == []


def test_a_name_in_the_list_can_be_added(shelf: Path) -> None:
    gguf(Path(os.environ["HOME"]) / ".lmstudio/models/me/tale/tale.gguf")
    assert list(models.add("tale"))[-1].what == "tale"
