from __future__ import annotations

import io
import json

import keyring
import pytest
from keyring.backends import fail
from keyrings import Memory, fresh  # noqa: F401 - a fixture

from writer import cli, models, secret, settings
from writer.errors import UsageError

pytestmark = pytest.mark.usefixtures("fresh")


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = cli.main(list(words))
    told = capsys.readouterr()
    return code, told.out, told.err


def test_a_server_elsewhere_is_told_once_in_plain_words(capsys: pytest.CaptureFixture[str]) -> None:
    keyring.set_keyring(fail.Keyring())
    code, out, _ = said(capsys, "settings", "set", "server_url", "http://gpu-box:8000")
    assert (code, settings.load().server_url) == (0, "http://gpu-box:8000/v1")
    assert "will be sent to gpu-box" in out
    assert "unencrypted" in out
    _, out, _ = said(capsys, "settings", "set", "server_url", "http://gpu-box:8000", "--json")
    assert [*json.loads(out.splitlines()[0])] == ["notice"]
    assert "sent" not in said(capsys, "settings", "set", "server_url", "localhost:8080")[1]


def test_a_key_is_asked_for_kept_and_forgotten(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring.set_keyring(Memory())
    assert said(capsys, "settings", "key")[0] == 2
    said(capsys, "settings", "set", "server_url", "http://gpu-box:8000")
    monkeypatch.setattr("sys.stdin", io.StringIO("sk-1\n"))
    code, out, err = said(capsys, "settings", "key")
    assert (code, secret.read("http://gpu-box:8000")) == (0, "sk-1")
    assert "keyring" in out
    assert "key and your text will travel unencrypted" in out
    assert "sk-1" not in out + err
    assert said(capsys, "settings", "key", "--forget")[0] == 0
    assert secret.read("http://gpu-box:8000") == ""


def test_where_there_is_no_keyring_that_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring.set_keyring(fail.Keyring())
    said(capsys, "settings", "set", "server_url", "localhost:8080")
    monkeypatch.setattr("sys.stdin", io.StringIO("sk-1\n"))
    code, _, err = said(capsys, "settings", "key")
    assert (code, err.count("\n")) == (0, 1)
    assert "WRITER_SERVER_KEY" in err
    assert not [path for path in settings._file().parent.rglob("*") if "sk-1" in path.read_text("utf-8")]


def test_nothing_is_asked_before_the_author_says_where() -> None:
    with pytest.raises(UsageError, match="server_url"):
        models.open_engine(settings.Settings(engine="server"))


def test_the_model_of_a_command_is_the_servers(capsys: pytest.CaptureFixture[str], tmp_path) -> None:
    (tmp_path / "page.txt").write_text("The gulls rose.")
    said(capsys, "settings", "set", "server_url", "127.0.0.1:1")
    code, _, err = said(capsys, "suggest", str(tmp_path / "page.txt"), "--engine", "server", "--model", "llama")
    assert (code, err.count("\n")) == (2, 1)
    assert "start the server" in err
