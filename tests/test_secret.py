from __future__ import annotations

import os
from typing import Any

import keyring
import pytest
from keyring.backends import fail, null
from keyrings import Memory, fresh  # noqa: F401 - a fixture

from writer import secret
from writer.errors import UsageError

HERE = "http://localhost:8080"
THERE = "https://gpu-box:8000"


class Locked(Memory):
    """One that its owner doesn't open."""

    def get_password(self, service: str, username: str) -> str | None:
        raise keyring.errors.KeyringLocked

    def set_password(self, service: str, username: str, password: str) -> None:
        raise keyring.errors.KeyringLocked


class PlainFile(Memory):
    """What keyrings.alt offers where there is nothing better."""

    priority = 0.5  # type: ignore[assignment]


pytestmark = pytest.mark.usefixtures("fresh")


def test_a_key_is_kept_in_the_keyring_for_one_server_only() -> None:
    ring = Memory()
    keyring.set_keyring(ring)
    assert secret.keep(HERE, " sk-1\n")
    secret._session.clear()  # the next start
    assert (secret.read(HERE), secret.read(THERE)) == ("sk-1", "")
    secret.forget(HERE)
    secret.forget(HERE)
    assert (secret.read(HERE), ring.kept) == ("", {})


@pytest.mark.parametrize(
    "ring", [fail.Keyring(), null.Keyring(), Locked(), PlainFile()], ids=lambda ring: type(ring).__module__
)
def test_without_a_safe_keyring_it_holds_for_this_session(ring: Any) -> None:
    keyring.set_keyring(ring)
    assert not secret.keep(HERE, "sk-1")
    assert secret.read(HERE) == "sk-1"
    assert not getattr(ring, "kept", {})
    secret._session.clear()
    assert secret.read(HERE) == ""
    secret.forget(HERE)


def test_the_environments_key_is_taken_out_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring.set_keyring(fail.Keyring())
    monkeypatch.setenv(secret.VARIABLE, "sk-2")
    assert secret.read(THERE) == "sk-2"
    assert secret.VARIABLE not in os.environ
    assert secret.read(THERE) == "sk-2"


@pytest.mark.parametrize("key", ["", "a b", "ключ", "a\r\nHost: evil"])
def test_what_can_be_no_key_is_refused(key: str) -> None:
    with pytest.raises(UsageError):
        secret.keep(HERE, key)
