"""Requests to the author's server over HTTP, each of which any thread may end at any moment.

A thread of its own carries each request, because looking up a name, connecting and waiting
for a model can take minutes: who waits lets go of the thread, whose socket is shut. Nothing
is ever sent to another address than the one given: no redirect is followed, no proxy used.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import logging
import socket
import ssl
from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from threading import Condition, Lock, Thread
from typing import Any

from writer import __version__
from writer.address import Address
from writer.engines.wire import Message
from writer.errors import EngineError
from writer.i18n import _

log = logging.getLogger(__name__)

_BLOCK = 1 << 16
_BLOCKS_AHEAD = 16
_LONGEST_EVENT = 1 << 20
_LONGEST_REPLY = 32 << 20
_LONGEST_REFUSAL = 1 << 16
_LAST_BYTES_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds to wait for a connection, for an answer to begin, and for more of it."""

    connect: float = 5.0
    short: float = 15.0
    """For the first byte of an answer that needs no model."""
    first: float = 300.0
    """For the first byte of one that does: it may have to be loaded, and to read a long prompt."""
    between: float = 60.0


class Stopped(Exception):  # noqa: N818 - nothing went wrong
    """Another thread wanted no more of this."""


class Refused(Exception):  # noqa: N818 - what it means, the caller knows
    """The server answered with an error."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(status, said)
        self.status = status
        self.said = said
        """One line; may be empty."""


class Caller:
    """Asks one server, and keeps a connection that it may use again."""

    def __init__(self, address: Address, key: Callable[[], str], patience: Patience) -> None:
        self.address = address
        self._read_key = key
        self._known_key: str | None = None
        self._patience = patience
        self._lock = Lock()
        self._idle: http.client.HTTPConnection | None = None
        self._under_way: set[_Exchange] = set()

    def ask(self, path: str, body: Message | None = None, *, is_quick: bool = True) -> Message:
        """The JSON object that the server answers; raises Refused, Stopped or EngineError."""
        with self._exchange(path, body, self._patience.short if is_quick else self._patience.first) as exchange:
            self._head(exchange)
            return self._object(b"".join(_limited(exchange.blocks(), _LONGEST_REPLY)))

    def stream(self, path: str, body: Message) -> Generator[Message, None, None]:
        """The JSON objects of an answer as they come; closing it tells the server to stop."""
        with self._exchange(path, body, self._patience.first) as exchange:
            head = self._head(exchange)
            if head.kind == "application/json":
                yield self._object(b"".join(_limited(exchange.blocks(), _LONGEST_EVENT)))
                return
            is_empty = True
            for data in events(exchange.blocks()):
                if data.strip() == "[DONE]":
                    exchange.finish()
                    return
                yield self._object(data)
                is_empty = False
            if is_empty:
                raise http.client.IncompleteRead(b"")

    def cancel(self) -> None:
        """End whatever is being asked; who waits for it gets Stopped."""
        with self._lock:
            under_way = list(self._under_way)
        for exchange in under_way:
            exchange.end()

    def close(self) -> None:
        """End everything and hang up."""
        self.cancel()
        with self._lock:
            idle, self._idle = self._idle, None
        if idle is not None:
            idle.close()

    @contextlib.contextmanager
    def _exchange(self, path: str, body: Message | None, first: float) -> Iterator[_Exchange]:
        exchange = _Exchange()
        with self._lock:
            self._under_way.add(exchange)
        thread = Thread(target=self._carry, args=(exchange, path, body, first), name="server", daemon=True)
        thread.start()
        try:
            yield exchange
        except _TooLong as error:
            raise self._nonsense() from error
        except (OSError, http.client.HTTPException, ValueError, AttributeError) as error:
            # ValueError and AttributeError: what http.client raises on a socket that was shut under it.
            raise self._broken(error, exchange) from error
        finally:
            exchange.end()
            with self._lock:
                self._under_way.discard(exchange)

    def _carry(self, exchange: _Exchange, path: str, body: Message | None, first: float) -> None:
        """What the thread does: ask, and hand over the head of the answer and then its blocks."""
        connection = None
        try:
            connection, response = self._open(exchange, path, body, first)
            kind = response.headers.get_content_type()
            exchange.put(_Head(response.status, response.reason, kind, response.headers.get("Location", "")))
            exchange.set_timeout(self._patience.between)
            while block := response.read1(_BLOCK):
                if not exchange.put(block):
                    return
            if response.length:
                raise http.client.IncompleteRead(b"", response.length)
            response.close()
            if exchange.release() and not response.will_close:
                connection = self._put_back(connection)
            exchange.put(b"")
        except Exception as error:
            exchange.put(error)
        finally:
            if connection is not None:
                connection.close()

    def _open(
        self, exchange: _Exchange, path: str, body: Message | None, first: float
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        """Send the request, once more if the server had closed the connection that was kept."""
        headers = {"User-Agent": f"Writer/{__version__}", "Accept": "application/json, text/event-stream"}
        if key := self._key():
            headers["Authorization"] = f"Bearer {key}"
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode("ascii")
        with self._lock:
            kept, self._idle = self._idle, None
        for connection in [kept, self._connection()] if kept else [self._connection()]:
            try:
                if connection is not kept:
                    connection.connect()
                exchange.take(connection.sock)
                exchange.set_timeout(first)
                connection.request("POST" if data else "GET", path, data, headers)
                return connection, connection.getresponse()
            except ConnectionError:
                connection.close()
                if connection is not kept:
                    raise
            except BaseException:
                connection.close()
                raise
        raise AssertionError

    def _connection(self) -> http.client.HTTPConnection:
        address, seconds = self.address, self._patience.connect
        if address.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(address.host, address.port, timeout=seconds, context=context)
        return http.client.HTTPConnection(address.host, address.port, timeout=seconds)

    def _put_back(self, connection: http.client.HTTPConnection) -> http.client.HTTPConnection | None:
        """Keep a connection for the next request; the one that is too many."""
        with self._lock:
            surplus, self._idle = self._idle, connection
        return surplus

    def _head(self, exchange: _Exchange) -> _Head:
        head: _Head = exchange.get()
        if 300 <= head.status < 400:
            message = _("The server at {address} sends Writer on to “{place}”; set server_url to where it really is.")
            raise EngineError(message.format(address=self.address.origin, place=_line(head.location)))
        if head.status != 200:
            said = b""
            with contextlib.suppress(OSError, http.client.HTTPException, _TooLong):
                for block in _limited(exchange.blocks(), _LONGEST_REFUSAL):
                    said += block
            said_in_words = self._without_key(reason(said) or _line(head.reason))
            if head.status in (401, 403):
                self._known_key = None  # the author may give another
            raise Refused(head.status, said_in_words)
        return head

    def _key(self) -> str:
        if self._known_key is None:
            self._known_key = self._read_key()
        return self._known_key

    def _object(self, data: bytes | str) -> Message:
        try:
            value = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise self._nonsense() from error
        if not isinstance(value, dict):
            raise self._nonsense()
        return value

    def _without_key(self, said: str) -> str:
        return said.replace(self._known_key, "…") if self._known_key else said

    def _nonsense(self) -> EngineError:
        return EngineError(
            _("What is at {address} doesn't answer like a server of models; set server_url to one that does.").format(
                address=self.address.url
            )
        )

    def _broken(self, error: Exception, exchange: _Exchange) -> EngineError:
        """One sentence for what went wrong with the connection."""
        place = self.address.origin
        log.info("%s: %r", place, error)
        if isinstance(error, ssl.SSLError):
            said = _("The server at {address} can't prove who it is ({reason}); put its certificate or address right.")
            return EngineError(said.format(address=place, reason=_line(getattr(error, "verify_message", "") or "TLS")))
        if isinstance(error, TimeoutError) and exchange.is_connected:
            return EngineError(
                _(
                    "The server at {address} has fallen silent; try again, or see what it says on its own screen."
                ).format(address=place)
            )
        if isinstance(error, OSError) and not exchange.is_connected:
            return EngineError(
                _("Nothing answers at {address} ({reason}); start the server there or change server_url.").format(
                    address=place, reason=_line(error.strerror or str(error)) or _("no answer")
                )
            )
        if isinstance(error, OSError | http.client.IncompleteRead):
            return EngineError(_("The connection to {address} broke off; try again.").format(address=place))
        return self._nonsense()


@dataclass(frozen=True, slots=True)
class _Head:
    """How an answer begins."""

    status: int
    reason: str
    kind: str
    location: str


class _TooLong(Exception):  # noqa: N818
    """More than any server has reason to send."""


class _Exchange:
    """One request and its answer between the thread that carries it and the one that waits for it."""

    def __init__(self) -> None:
        self.is_connected = False
        self._items: deque[Any] = deque()
        self._changed = Condition()
        self._ended = False
        self._is_finishing = False
        self._socket: socket.socket | None = None

    def take(self, sock: socket.socket) -> None:
        """Note the socket, to be shut when nobody waits any more."""
        with self._changed:
            self._socket = sock
            self.is_connected = True
            if self._ended and not self._is_finishing:
                raise Stopped

    def set_timeout(self, seconds: float) -> None:
        """Wait no longer than this for the next byte."""
        with self._changed, contextlib.suppress(OSError):  # it may have been shut
            if self._socket is not None:
                self._socket.settimeout(seconds)

    def put(self, item: Any) -> bool:
        """Hand something over, waiting while there is much; False if nobody wants it."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self._is_finishing or len(self._items) < _BLOCKS_AHEAD)
            if self._is_finishing:
                return True
            if not self._ended:
                self._items.append(item)
                self._changed.notify_all()
            return not self._ended

    def get(self) -> Any:
        """Wait for the next thing; raises what went wrong, or Stopped."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or bool(self._items))
            if self._ended:
                raise Stopped
            item = self._items.popleft()
            self._changed.notify_all()
        if isinstance(item, Exception):
            raise item
        return item

    def blocks(self) -> Iterator[bytes]:
        """The bytes of the answer as they come."""
        while block := self.get():
            yield block

    def finish(self) -> None:
        """All that matters has come: let the thread read the end alone, so that the connection can be kept."""
        with self._changed:
            self._is_finishing = True
            self._items.clear()
            self._changed.notify_all()
        self.set_timeout(_LAST_BYTES_SECONDS)

    def release(self) -> bool:
        """Take the socket back; False if it has been shut."""
        with self._changed:
            self._socket = None
            return self._is_finishing or not self._ended

    def end(self) -> None:
        """Let go of it from any thread."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
            if self._socket is not None and not self._is_finishing:
                with contextlib.suppress(OSError):
                    # Below TLS, which would say goodbye first.
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def events(blocks: Iterator[bytes]) -> Iterator[str]:
    """The data of each server-sent event, or each line of JSON, however the bytes are cut."""
    data: list[str] = []
    size = 0
    for line in _lines(blocks):
        if line.startswith("{"):  # one object a line, as Ollama's own answers
            yield line
        elif line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
            size += len(line)
            if size > _LONGEST_EVENT:
                raise _TooLong
        elif not line and data:
            yield "\n".join(data)
            data, size = [], 0
    if data:
        yield "\n".join(data)


def _lines(blocks: Iterator[bytes]) -> Iterator[str]:
    rest = b""
    for block in blocks:
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            yield line.decode("utf-8", "replace").rstrip("\r").removeprefix("\ufeff")
        if len(rest) > _LONGEST_EVENT:
            raise _TooLong
    if rest:
        yield rest.decode("utf-8", "replace").rstrip("\r")


def _limited(blocks: Iterator[bytes], most: int) -> Iterator[bytes]:
    for block in blocks:
        most -= len(block)
        if most < 0:
            raise _TooLong
        yield block


def reason(said: bytes) -> str:
    """What an error's body says, on one line; nothing if it is no JSON that says something."""
    try:
        value = json.loads(said)
    except (ValueError, RecursionError):
        return ""
    return message_of(value)


def message_of(value: Any) -> str:
    """The sentence in an error object, whichever of the usual shapes it has."""
    for key in ("error", "detail", "message", "msg"):
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, dict) and key in value:
            value = value[key]
    return _line(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _line(text: str) -> str:
    """Something foreign on one line that can be shown."""
    return "".join(c if c.isprintable() else " " for c in text[:300]).strip().rstrip(".")
