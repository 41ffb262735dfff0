"""Fetching from a hub that does what hubs do: redirect, break off, change, lie."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.models.files import gguf
from tests.models.hub import COMMIT, Hub, serving
from writer import models
from writer.errors import ModelError
from writer.models import Model, fetch
from writer.models.shelf import record

NOW = (0.0, 0.0, 0.0, 0.0)


@pytest.fixture
def hub(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    whole = gguf(shelf / "whole.gguf", size=3_000_000).read_bytes()
    with serving(Hub(whole)) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")  # as an engine in this process sets it
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        yield hub


@pytest.fixture
def tale() -> Model:
    return replace(models.known("qwen3-4b"), name="tale", title="Tale", repo="me/Tale-GGUF", file="tale.gguf")


def bring(model: Model, pauses: tuple[float, ...] = NOW) -> list[models.Progress]:
    return list(fetch.fetch(model, pauses))


def part(model: Model) -> Path:
    return models.part_of(model) / model.file


def test_a_model_comes_whole_from_the_revision_that_was_asked_about(hub: Hub, tale: Model) -> None:
    steps = bring(tale)
    assert tale.path.read_bytes() == hub.content
    assert tale.installed
    assert steps[-1].what == "Tale is there"
    assert hub.asked[0][:2] == ("HEAD", "/me/Tale-GGUF/resolve/main/tale.gguf")
    assert hub.asked[1][:2] == ("GET", f"/me/Tale-GGUF/resolve/{COMMIT}/tale.gguf")
    kept = record(tale.file)
    assert kept is not None
    assert (kept.how, kept.size) == ("fetched", len(hub.content))
    assert not models.part_of(tale).exists()
    asked = len(hub.asked)
    assert [step.what for step in bring(tale)] == ["Tale is there"]
    assert len(hub.asked) == asked


def test_a_connection_that_is_cut_goes_on_where_it_stopped(hub: Hub, tale: Model) -> None:
    hub.cut_after = [1_000_000, 500_000]
    bring(tale)
    assert tale.path.read_bytes() == hub.content
    assert hub.ranges_asked == ["", "bytes=1000000-", "bytes=1500000-"]


def test_a_server_that_fails_for_a_moment_is_asked_again(hub: Hub, tale: Model) -> None:
    hub.errors = [503, 429, 500]
    bring(tale)
    assert tale.installed


def test_what_was_fetched_survives_the_process(hub: Hub, tale: Model) -> None:
    hub.cut_after, hub.errors = [1_000_000], [0, 500]
    with pytest.raises(ModelError, match="goes on where it stopped"):
        bring(tale, ())
    assert part(tale).stat().st_size == 1_000_000
    hub.errors = hub.cut_after = []
    bring(tale)
    assert tale.path.read_bytes() == hub.content
    assert hub.ranges_asked[-1] == "bytes=1000000-"


def test_closing_keeps_what_is_there(hub: Hub, tale: Model) -> None:
    fetching = fetch.fetch(tale, NOW)
    while next(fetching).done < 1_000_000:
        pass
    fetching.close()  # type: ignore[attr-defined]
    have = part(tale).stat().st_size
    assert have >= 1_000_000
    bring(tale)
    assert hub.ranges_asked[-1] == f"bytes={have}-"


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_a_kill_keeps_what_is_there_and_frees_the_lock(hub: Hub, tale: Model) -> None:
    code = (
        "import sys, time; from dataclasses import replace\n"
        "from writer import models; from writer.models import fetch\n"
        "tale = replace(models.known('qwen3-4b'), name='tale', title='Tale', repo='me/Tale', file='tale.gguf')\n"
        "for step in fetch.fetch(tale):\n"
        "    print(step.done, flush=True)\n"
        "    step.done > 1_000_000 and time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        while int(child.stdout.readline()) <= 1_000_000:
            pass
        with pytest.raises(ModelError, match="another window"):
            bring(tale)
        os.kill(child.pid, signal.SIGKILL)
    have = part(tale).stat().st_size
    assert have > 500_000
    bring(tale)
    assert tale.path.read_bytes() == hub.content
    assert hub.ranges_asked[-1] == f"bytes={have}-"


def test_a_file_that_changed_meanwhile_is_fetched_anew(hub: Hub, tale: Model) -> None:
    hub.cut_after, hub.errors = [1_000_000], [0, 500]
    with pytest.raises(ModelError):
        bring(tale, ())
    hub.content = hub.content[:-4] + b"anew"
    bring(tale)
    assert tale.path.read_bytes() == hub.content
    assert hub.ranges_asked[-1] == ""


def test_a_store_that_changed_meanwhile_sends_all(hub: Hub, tale: Model) -> None:
    hub.cut_after, hub.errors = [1_000_000], [0, 500]
    with pytest.raises(ModelError):
        bring(tale, ())
    hub.etag = '"v2"'
    bring(tale)
    assert tale.path.read_bytes() == hub.content


def test_a_server_without_ranges_sends_all(hub: Hub, tale: Model) -> None:
    hub.ranges = False
    hub.cut_after = [1_000_000]
    bring(tale)
    assert tale.path.read_bytes() == hub.content


@pytest.mark.parametrize("wrong", [b"GGUF" + b"x" * 2_999_996, b"x" * 3_000_000])
def test_wrong_bytes_are_thrown_away(hub: Hub, tale: Model, wrong: bytes) -> None:
    hub.served = wrong
    with pytest.raises(ModelError, match="checksum"):
        bring(tale)
    assert not tale.path.exists()
    assert not part(tale).exists()
    hub.served = None
    bring(tale)
    assert tale.installed


def test_more_bytes_than_promised_are_thrown_away(hub: Hub, tale: Model) -> None:
    hub.served = hub.content + b"and a rabbit"
    with pytest.raises(ModelError, match="larger"):
        bring(tale)
    assert not tale.path.exists()
    hub.served = None
    bring(tale)
    assert tale.installed


def test_fewer_bytes_than_promised_are_told(hub: Hub, tale: Model) -> None:
    hub.served = hub.content[:1_000_000]
    with pytest.raises(ModelError, match="can't be reached"):
        bring(tale)
    assert not tale.path.exists()


def test_a_page_instead_of_a_model_is_not_installed(hub: Hub, tale: Model) -> None:
    hub.content = b"<html>Please log in to this hotel's network</html>" * 100
    with pytest.raises(ModelError, match="not a model"):
        bring(tale)
    assert not tale.path.exists()


@pytest.mark.parametrize(("digest", "size"), [("", None), ("abc", None), ("c0ffee" * 8, None), (None, 0), (None, -5)])
def test_without_a_checksum_nothing_is_fetched(hub: Hub, tale: Model, digest: str | None, size: int | None) -> None:
    hub.stated_hash, hub.stated_size = digest, size
    with pytest.raises(ModelError, match="HF_ENDPOINT"):
        bring(tale)
    assert not tale.path.exists()


@pytest.mark.parametrize(
    ("status", "said"), [(401, "log in"), (403, "log in"), (404, "no longer"), (500, "can't be reached")]
)
def test_a_refusal_is_one_sentence(hub: Hub, tale: Model, status: int, said: str) -> None:
    hub.status = status
    with pytest.raises(ModelError, match=said):
        bring(tale)


def test_a_hub_that_is_not_there_is_one_sentence(hub: Hub, tale: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ModelError, match=r"127\.0\.0\.1 can't be reached"):
        bring(tale)


def test_files_are_no_hub(hub: Hub, tale: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "file:///etc")
    with pytest.raises(ModelError, match="https://"):
        bring(tale)


def test_a_repository_that_moved_is_followed(hub: Hub, tale: Model) -> None:
    bring(replace(tale, repo="old/Tale"))
    assert tale.installed
    assert hub.asked[1][:2] == ("HEAD", "/new/Tale/resolve/main/tale.gguf")


def test_the_catalogues_own_checksum_counts(hub: Hub, tale: Model) -> None:
    with pytest.raises(ModelError, match="another file"):
        bring(replace(tale, sha256="0" * 64))


def test_a_disk_too_small_is_told_first(hub: Hub, tale: Model) -> None:
    hub.stated_size = 1 << 60
    with pytest.raises(ModelError, match="make room"):
        bring(tale)
    assert hub.ranges_asked == []


def test_the_libraries_of_models_are_not_needed(hub: Hub, tale: Model) -> None:
    code = "import sys; from writer import models; from writer.models import hub; hub._opener(); "
    code += "print([name for name in ('huggingface_hub', 'torch', 'requests') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
