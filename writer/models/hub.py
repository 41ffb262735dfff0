"""One file of the Hugging Face hub or a mirror of it, resumed where it broke off and checked by its SHA-256.

This is urllib and not ``huggingface_hub``, whose download neither compares the SHA-256 nor stops between two blocks,
and which can't be used at all once an engine in the same process has set ``HF_HUB_OFFLINE``. urllib knows the
computer's proxies, truststore its certificates.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urljoin, urlsplit

from writer import __version__, files
from writer.errors import ModelError
from writer.i18n import _

_SECONDS = 30
_BLOCK = 1 << 18
_NOT_SO_LONG = 416
_REDIRECTED = (301, 302, 303, 307, 308)
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Stated:
    """What the hub says a file is: its address at one revision, its bytes and their SHA-256."""

    url: str
    size: int
    sha256: str


class BrokenOffError(Exception):
    """The connection or the server failed (``code`` is its HTTP status); the next try may go on from there."""

    def __init__(self, reason: str, code: int = 0) -> None:
        super().__init__(reason)
        self.code = code


def endpoint() -> str:
    """The hub, or the mirror that ``HF_ENDPOINT`` names."""
    return (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


def ask(repo: str, revision: str, file: str, pauses: Sequence[float]) -> Stated:
    """Ask the hub for a file's size and checksum; a ModelError if it does not say or can't be reached.

    ``pauses`` are the seconds to wait before each new try.
    """

    def place(revision: str) -> str:
        return f"{endpoint()}/{quote(repo)}/resolve/{quote(revision, safe='')}/{quote(file)}"

    for pause in (*pauses[:2], None):
        try:
            told = _head(place(revision))
            break
        except BrokenOffError as error:
            if pause is None:
                raise _unreachable() from error
            time.sleep(pause)
    sha256 = (told.get("X-Linked-Etag") or told.get("ETag") or "").removeprefix("W/").strip('"').lower()
    size = told.get("X-Linked-Size") or told.get("Content-Length") or ""
    if not _SHA256.fullmatch(sha256) or not size.isdecimal() or not int(size):
        raise ModelError(
            _("{host} does not say what {file} must be, so it can't be checked; try again without HF_ENDPOINT.").format(
                host=_host(), file=file
            )
        )
    commit = told.get("X-Repo-Commit") or ""
    return Stated(place(commit) if re.fullmatch(r"[0-9a-f]{40}", commit) else place(revision), int(size), sha256)


def fetch(stated: Stated, target: Path, pauses: Sequence[float]) -> Iterator[int]:
    """Bring ``target`` to the stated size, yielding the bytes that are there; what was there of the same file stays."""
    state = _state_of(target)
    known = _read_state(state)
    if known.get("sha256") != stated.sha256 or known.get("size") != stated.size:
        target.unlink(missing_ok=True)
        known = {}
    if target.is_file() and target.stat().st_size > stated.size:
        target.unlink()
    _write_state(state, stated, known.get("etag", ""))
    tries = list(pauses)
    while (before := _size(target)) < stated.size:
        try:
            yield from _go_on(stated, target, state)
        except BrokenOffError as error:
            if error.code == _NOT_SO_LONG:
                target.unlink(missing_ok=True)
            if _size(target) > before:
                tries = list(pauses)
            if not tries:
                raise _unreachable() from error
            time.sleep(tries.pop(0))
        else:
            if _size(target) < stated.size and _size(target) <= before:
                raise _unreachable()
    yield _size(target)


def _go_on(stated: Stated, target: Path, state: Path) -> Iterator[int]:
    """One connection: from where the file ends, or from the start where the server has another idea."""
    have = _size(target)
    headers = {}
    if have:
        headers["Range"] = f"bytes={have}-"
        if etag := _read_state(state).get("etag"):
            headers["If-Range"] = etag
    with _open("GET", stated.url, headers) as reply:
        etag = reply.headers.get("ETag", "")
        if reply.status != 206 or not _continues(reply.headers.get("Content-Range", ""), have, stated.size):
            if reply.status == 206:
                target.unlink(missing_ok=True)
                raise BrokenOffError("another range than was asked for")
            have = 0
        _write_state(state, stated, "" if etag.startswith("W/") else etag)
        with target.open("r+b" if have else "wb") as out:
            out.seek(have)
            for block in _blocks(reply):
                if out.tell() + len(block) > stated.size:
                    out.truncate(0)
                    raise ModelError(_("The file is larger than {host} said; fetch it again.").format(host=_host()))
                out.write(block)
                yield out.tell()


def discard(target: Path) -> None:
    """Forget a file that was fetched in part or came wrong."""
    target.unlink(missing_ok=True)
    _state_of(target).unlink(missing_ok=True)


def _blocks(reply: IO[bytes]) -> Iterator[bytes]:
    while True:
        try:
            block = reply.read(_BLOCK)
        except http.client.IncompleteRead as error:
            if error.partial:
                yield error.partial
            raise BrokenOffError(str(error)) from error
        except (OSError, http.client.HTTPException) as error:
            raise BrokenOffError(str(error)) from error
        if not block:
            return
        yield block


def _continues(content_range: str, have: int, size: int) -> bool:
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", content_range)
    return found is not None and int(found[1]) == have and found[2] in (str(size), "*")


# --- asking over HTTP


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but not off the hub once it has said what the file is, nor from https to http."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        if req.get_method() == "HEAD" and headers.get("X-Linked-Etag"):
            return None
        to = urlsplit(urljoin(req.full_url, newurl)).scheme
        if to not in ("http", "https") or (to == "http" and urlsplit(req.full_url).scheme == "https"):
            return None
        after = super().redirect_request(req, fp, code, msg, headers, newurl)
        if after is not None and req.get_method() == "HEAD":
            after.method = "HEAD"
        return after


def _opener() -> urllib.request.OpenerDirector:
    import truststore  # 10 ms, and only needed here

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return urllib.request.build_opener(_Redirects(), urllib.request.HTTPSHandler(context=context))


def _open(method: str, url: str, headers: dict[str, str]) -> Any:
    """A reply with status 2xx; BrokenOffError where another try may help, ModelError where not."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise ModelError(_("HF_ENDPOINT must begin with https://, not {url}; correct it.").format(url=endpoint()))
    request = urllib.request.Request(
        url, method=method, headers={"User-Agent": f"Writer/{__version__}", "Accept-Encoding": "identity", **headers}
    )
    try:
        return _opener().open(request, timeout=_SECONDS)
    except urllib.error.HTTPError as error:
        if error.code in _REDIRECTED and error.headers.get("X-Linked-Etag"):
            return error  # which is the reply that says what the file is
        with error:
            raise _refusal(error.code) from error
    except urllib.error.URLError as error:
        if isinstance(error.reason, ssl.SSLCertVerificationError):
            raise ModelError(
                _("{host} could not prove who it is; check this computer's date, or ask who runs your network.").format(
                    host=_host()
                )
            ) from error
        raise BrokenOffError(str(error.reason)) from error
    except (OSError, http.client.HTTPException) as error:
        raise BrokenOffError(str(error)) from error


def _refusal(code: int) -> Exception:
    if code in (401, 403):
        return ModelError(
            _("{host} gives this file only to those who log in; fetch it there with a browser and add it.").format(
                host=_host()
            )
        )
    if code in (404, 410):
        return ModelError(_("{host} has this file no longer; choose another model.").format(host=_host()))
    return BrokenOffError(f"HTTP {code}", code)


def _head(url: str) -> Any:
    """The headers of a file's address: the hub's own, not those of the store it redirects to."""
    with _open("HEAD", url, {}) as reply:
        return reply.headers


def _unreachable() -> ModelError:
    return ModelError(
        _("{host} can't be reached; check the network connection and try again, it goes on where it stopped.").format(
            host=_host()
        )
    )


def _host() -> str:
    return urlsplit(endpoint()).hostname or endpoint()


# --- what is remembered of a file that is under way


def _state_of(target: Path) -> Path:
    return target.with_name(target.name + ".state")


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _read_state(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _write_state(path: Path, stated: Stated, etag: str) -> None:
    files.replace(path, json.dumps({**asdict(stated), "etag": etag}).encode())
