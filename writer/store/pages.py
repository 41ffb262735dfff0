"""A damaged or foreign database read as bytes, after https://sqlite.org/fileformat2.html, so that nothing in it runs.

Nothing in the file is believed: what makes no sense is skipped without an exception, and no page is visited more than
a few times, so that every file ends in time that grows with its size and no faster.

The file must not be open in this process: closing it here would drop the locks that SQLite holds on it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

Value = int | float | str | bytes | None
Row = tuple[int, tuple[Value, ...]]
"""A row's id and its values as they are stored: an INTEGER PRIMARY KEY is the id and stored as None."""

USUAL_PAGE = 4096
LARGEST_ROW_BYTES = 64 * 2**20
MOST_COLUMNS = 64

_MAGIC = b"SQLite format 3\0"
_FIXED = bytes([64, 32, 32])  # payload fractions that every file has
_HEADER_BYTES = 100
_INTERIOR, _LEAF = 5, 13
_ENCODINGS = {1: "utf-8", 2: "utf-16-le", 3: "utf-16-be"}
_MOST_READS = 3
_MOST_PAYLOAD = 4  # times a page's size, for what its cells claim to hold in it
_INTEGER_BYTES = {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 7: 8, 8: 0, 9: 0}
_LOG_HEADER, _FRAME_HEADER = 32, 24
_LOG_MAGIC = {0x377F0682: "<", 0x377F0683: ">"}


@contextmanager
def opened(path: Path) -> Iterator[Pages]:
    """The pages of a database, with the newest commits of the log beside it; OSError if there is no such file."""
    with ExitStack() as stack:
        file = stack.enter_context(path.open("rb", buffering=0))
        log = path.with_name(path.name + "-wal")
        try:
            frames = stack.enter_context(log.open("rb")) if log.is_file() else None  # a pipe would wait for ever
        except OSError:
            frames = None
        yield Pages(file, frames)


class Pages:
    """The pages of one file, numbered from 1; each page of a table is visited once in the life of this object."""

    def __init__(self, file: BinaryIO, log: BinaryIO | None = None) -> None:
        self._file = file
        self._log = log
        header = _read(file, 0, _HEADER_BYTES)
        frames = _Frames(log) if log is not None else None
        if frames is not None and 1 in frames.offsets and log is not None:
            header = _read(log, frames.offsets[1], _HEADER_BYTES)
        self._header = header if _is_header(header) else b""
        self.size = _page_size(self._header[16:18]) or (frames.size if frames else 0) or USUAL_PAGE
        self._usable = self.size - (self._header[20] if self._header else 0)
        if self._usable < 480:  # the least that the format allows
            self._usable = self.size
        self._encoding = _ENCODINGS.get(self._header[59] if self._header else 1, "utf-8")
        file_pages = -(-file.seek(0, 2) // self.size)
        self._frames = frames.offsets if frames is not None and frames.size == self.size else {}
        self._file_pages = file_pages
        self.count = frames.pages if frames is not None and self._frames else file_pages
        self._seen: set[int] = set()
        self._reads: dict[int, int] = {}

    def tables(self) -> list[tuple[str, int]]:
        """Name and root page of each table that the schema names, as far as it can be read."""
        found = []
        for _id, values in self.rows(1):
            match values:
                case ("table", str(name), str(), int(root), *_) if 1 < root <= self.count:
                    found.append((name, root))
        return found

    def rows(self, root: int) -> Iterator[Row]:
        """The rows of a table in order, from its root page; of damaged pages what makes sense."""
        waiting = self._unseen([root])
        while waiting:
            number = waiting.pop()
            page = self._page(number)
            start = _HEADER_BYTES if number == 1 else 0
            if page[start] == _LEAF:
                yield from self._cells(page, start)
            elif page[start] == _INTERIOR:
                waiting += reversed(self._unseen(self._children(page, start)))

    def strays(self, most: int | None = None) -> Iterator[Row]:
        """The rows on the pages, or on the first so many, that no walk came to: all there are if the schema is lost."""
        free = self._free_pages()
        last = min(self.count, self._file_pages, self.count if most is None else most)
        for number in (*range(1, last + 1), *sorted(number for number in self._frames if number > last)):
            if number not in free and self._unseen([number]):
                page = self._page(number)
                start = _HEADER_BYTES if number == 1 else 0
                if page[start] == _LEAF:
                    yield from self._cells(page, start)

    def _unseen(self, numbers: list[int]) -> list[int]:
        """Those that are pages and come for the first time, in their order."""
        new = [number for number in dict.fromkeys(numbers) if 0 < number <= self.count and number not in self._seen]
        self._seen.update(new)
        return new

    def _page(self, number: int) -> bytes:
        """The newest bytes of a page; zeros where the file ends or the disk fails."""
        if self._log is not None and number in self._frames:
            page = _read(self._log, self._frames[number], self.size)
        else:
            page = _read(self._file, (number - 1) * self.size, self.size)
        return page.ljust(self.size, b"\0")

    def _children(self, page: bytes, start: int) -> list[int]:
        cells = int.from_bytes(page[start + 3 : start + 5])
        pointers = page[start + 12 : start + 12 + 2 * cells]
        children = [
            int.from_bytes(page[at : at + 4])
            for (at,) in struct.iter_unpack(">H", pointers[: len(pointers) // 2 * 2])
            if start + 12 <= at <= self._usable - 4
        ]
        return [*children, int.from_bytes(page[start + 8 : start + 12])]

    def _cells(self, page: bytes, start: int) -> Iterator[Row]:
        cells = int.from_bytes(page[start + 3 : start + 5])
        pointers = page[start + 8 : start + 8 + 2 * cells]
        left = _MOST_PAYLOAD * self.size
        for at in dict.fromkeys(at for (at,) in struct.iter_unpack(">H", pointers[: len(pointers) // 2 * 2])):
            if not start + 8 <= at < self._usable:
                continue
            length, at = _varint(page, at)
            id, at = _varint(page, at)
            local = self._local_bytes(length)
            left -= local
            if left < 0:
                return
            if length > LARGEST_ROW_BYTES or at + local > self._usable:
                continue
            payload = page[at : at + local]
            if local < length:
                payload += self._overflow(int.from_bytes(page[at + local : at + local + 4]), length - local)
            values = _record(payload, self._encoding)
            if values:
                yield id - 2**64 if id >= 2**63 else id, values

    def _local_bytes(self, length: int) -> int:
        """How much of a payload is in the leaf itself."""
        most = self._usable - 35
        if length <= most:
            return length
        least = (self._usable - 12) * 32 // 255 - 23
        local = least + (length - least) % (self._usable - 4)
        return local if local <= most else least

    def _overflow(self, number: int, length: int) -> bytes:
        """The rest of a payload from its chain of pages, or as much of it as there is."""
        pieces: list[bytes] = []
        chain: set[int] = set()
        while length > 0 and 0 < number <= self.count and number not in chain:
            chain.add(number)
            reads = self._reads[number] = self._reads.get(number, 0) + 1
            if reads > _MOST_READS:
                break
            page = self._page(number)
            pieces.append(page[4 : min(self._usable, 4 + length)])
            length -= len(pieces[-1])
            number = int.from_bytes(page[:4])
        return b"".join(pieces)

    def _free_pages(self) -> set[int]:
        """The pages of the freelist, whose rows are deleted ones; none if the list contradicts itself."""
        if not self._header:
            return set()
        number, total = struct.unpack(">II", self._header[32:40])
        free: set[int] = set()
        while number:
            if not 1 < number <= self.count or number in free:
                return set()
            page = self._page(number)
            following, count = struct.unpack(">II", page[:8])
            leaves = {leaf for (leaf,) in struct.iter_unpack(">I", page[8 : 8 + 4 * min(count, self._usable // 4 - 2)])}
            if len(leaves) != count or free & leaves or any(not 1 < leaf <= self.count for leaf in leaves):
                return set()
            free |= leaves | {number}
            number = following
        return free if len(free) == total else set()


class _Frames:
    """Where in a write-ahead log the newest committed copy of each page is."""

    def __init__(self, log: BinaryIO) -> None:
        self.size = 0
        self.pages = 0
        """Pages of the database after the last commit."""
        self.offsets: dict[int, int] = {}
        header = _read(log, 0, _LOG_HEADER)
        order = _LOG_MAGIC.get(int.from_bytes(header[:4])) if len(header) == _LOG_HEADER else None
        size = int.from_bytes(header[8:12])
        if order is None or not _is_page_size(size):
            return
        sums = _checksum(header[:24], (0, 0), order)
        if sums != struct.unpack(">II", header[24:]):
            return
        self.size = size
        self._read_frames(log, header[16:24], sums, order)

    def _read_frames(self, log: BinaryIO, salt: bytes, sums: tuple[int, int], order: str) -> None:
        uncommitted: dict[int, int] = {}
        offset = _LOG_HEADER
        while True:
            frame = _read(log, offset, _FRAME_HEADER + self.size)
            if len(frame) < _FRAME_HEADER + self.size or frame[8:16] != salt:
                return
            sums = _checksum(frame[_FRAME_HEADER:], _checksum(frame[:8], sums, order), order)
            if sums != struct.unpack(">II", frame[16:24]):
                return
            number, pages = struct.unpack(">II", frame[:8])
            uncommitted[number] = offset + _FRAME_HEADER
            if pages:
                self.pages = pages
                self.offsets.update(uncommitted)
                uncommitted.clear()
            offset += len(frame)


def _checksum(data: bytes, sums: tuple[int, int], order: str) -> tuple[int, int]:
    first, second = sums
    for one, two in struct.iter_unpack(order + "II", data):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + two + first) & 0xFFFFFFFF
    return first, second


def _read(file: BinaryIO, offset: int, length: int) -> bytes:
    """Bytes of a file; fewer at its end, and none where the disk reports an error."""
    try:
        file.seek(offset)
        return file.read(length)
    except OSError:
        return b""


def _is_header(header: bytes) -> bool:
    return header.startswith(_MAGIC) and header[21:24] == _FIXED and _page_size(header[16:18]) > 0


def _page_size(stored: bytes) -> int:
    """From its two bytes, of which 1 means 65,536; 0 if there is no such size."""
    size = int.from_bytes(stored)
    size = 65536 if size == 1 else size
    return size if _is_page_size(size) else 0


def _is_page_size(size: int) -> bool:
    return 512 <= size <= 65536 and size & (size - 1) == 0


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of one to nine bytes, and where it ends; past the end of the data there are zeros."""
    value = 0
    for byte in data[at : at + 8]:
        at += 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at
    return value << 8 | (data[at] if at < len(data) else 0), at + 1


def _record(payload: bytes, encoding: str) -> tuple[Value, ...]:
    """The values of a record; of one that is cut off those before the cut, with the beginning of a cut text."""
    length, at = _varint(payload, 0)
    if not at <= length <= len(payload):
        return ()
    values: list[Value] = []
    data = length
    while at < length and len(values) < MOST_COLUMNS:
        kind, at = _varint(payload, at)
        if kind in (10, 11):
            return ()
        size = _INTEGER_BYTES[kind] if kind < 10 else (kind - 12) // 2
        value = payload[data : data + size]
        data += size
        if len(value) < size and (kind < 12 or kind % 2 == 0):
            break
        values.append(_value(kind, value, encoding))
        if len(value) < size:
            break
    return tuple(values)


def _value(kind: int, data: bytes, encoding: str) -> Value:
    if kind == 0:
        return None
    if kind == 7:
        return float(struct.unpack(">d", data)[0])
    if kind in (8, 9):
        return kind - 8
    if kind < 7:
        return int.from_bytes(data, signed=True)
    return data if kind % 2 == 0 else data.decode(encoding, "replace")
