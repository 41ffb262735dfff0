"""Where the author's server is, and what it means for the text that goes there."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from writer.i18n import _

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """The address of an OpenAI-compatible server."""

    scheme: str
    host: str
    port: int
    path: str
    """What the API's paths begin with, without a slash at the end; usually ``/v1``."""

    @property
    def origin(self) -> str:
        """Scheme, host and port: what a key belongs to."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole address."""
        return self.origin + self.path

    @property
    def root(self) -> str:
        """The path that the server's own, not OpenAI's, questions begin with."""
        return self.path.removesuffix("/v1")

    @property
    def is_here(self) -> bool:
        """Whether the server runs on this computer."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def read(text: str) -> Address | None:
    """The address that an author means by this; None for what is none, or has a name or a key in it."""
    text = text.strip()
    if not text.isprintable():
        return None
    if not re.match(r"[a-z]+://", text, re.IGNORECASE):
        text = f"http://{text}"
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").encode("idna").decode("ascii"), parts.port
    except ValueError:  # UnicodeError is one
        return None
    if parts.scheme not in _PORTS or not re.fullmatch(r"[a-z0-9._:-]+", host) or port == 0:
        return None
    if "@" in parts.netloc or parts.query or parts.fragment or not re.fullmatch(r"[\w./~%-]*", parts.path, re.ASCII):
        return None
    path = re.sub(r"/((chat/)?completions|models)?/*$", "", parts.path)
    return Address(parts.scheme, host, port or _PORTS[parts.scheme], path or "/v1")


def notices(address: Address, has_key: bool = False) -> list[str]:
    """What the author is to know before text goes to this address; nothing for this computer."""
    if address.is_here:
        return []
    told = [
        _("Your text will be sent to {host}, which is not this computer, whenever Writer suggests.").format(
            host=address.host
        )
    ]
    if address.scheme == "http":
        told.append(
            _("The key and your text will travel unencrypted; use https:// or an ssh tunnel.")
            if has_key
            else _("Your text will travel unencrypted; use https:// or an ssh tunnel.")
        )
    return told
