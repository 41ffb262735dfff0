"""The key to the author's server: in the system's keyring or in memory, never in a file."""

from __future__ import annotations

import contextlib
import os
from typing import Any

from writer.errors import UsageError
from writer.i18n import _

VARIABLE = "WRITER_SERVER_KEY"
_SERVICE = "writer"
_session: dict[str, str] = {}
_ANY = ""


def adopt() -> None:
    """Take the key out of the environment, so that no child process inherits it."""
    if key := os.environ.pop(VARIABLE, "").strip():
        _session[_ANY] = _checked(key)


def read(origin: str) -> str:
    """The key for the server at this origin; empty if there is none. May wait for the keyring to be unlocked."""
    adopt()
    return _session.get(_ANY) or _session.get(origin) or _kept(origin)


def keep(origin: str, key: str) -> bool:
    """Use this key for that server from now on; False if there is no keyring and it holds for this session only."""
    key = _checked(key.strip())
    _session[origin] = key
    if (ring := _ring()) is None:
        return False
    try:
        ring.set_password(_SERVICE, origin, key)
    except Exception:  # whatever a keyring raises, locked ones included
        return False
    return True


def forget(origin: str) -> None:
    """Remove the key for that server."""
    _session.pop(origin, None)
    if (ring := _ring()) is not None:
        with contextlib.suppress(Exception):  # there was none
            ring.delete_password(_SERVICE, origin)


def _checked(key: str) -> str:
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError(_("This is no key for a server: it has to be letters, digits and signs without spaces."))
    return key


def _kept(origin: str) -> str:
    if (ring := _ring()) is None:
        return ""
    try:
        return ring.get_password(_SERVICE, origin) or ""
    except Exception:
        return ""


def _ring() -> Any:
    """The system's keyring; None where there is only one that loses the key or writes it to a plain file."""
    import keyring  # slow, and only needed where a server is used

    try:
        ring = keyring.get_keyring()
        backends = getattr(ring, "backends", None) or [ring]
        return next((backend for backend in backends if backend.priority >= 1), None)
    except Exception:
        return None
