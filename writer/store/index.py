"""Where each chunk of the book stands, which words are in it, and notes on its content.

All of it is derived from the prose and can be made again at any time, so whatever goes wrong here never stops a save:
a scene whose text the index doesn't follow is stale, and one that is broken is emptied.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
import struct
import time
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from writer import migrations
from writer.chunks import Chunk, recut, shared
from writer.errors import ProjectError
from writer.story import Scene
from writer.text import clean, fingerprint, spaced

if TYPE_CHECKING:
    from writer.store import Store

_log = logging.getLogger(__name__)

_KEY_BYTES = 16
_PLACE = struct.Struct(f"<qI{_KEY_BYTES}s")
"""A chunk in the layout of its scene: row, length, key."""
_PACKED_PAGES = 100  # in one transaction
_PASSING = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
}
"""What may have gone by the next time."""
_CURRENT = "indexed JOIN bodies ON bodies.node = indexed.node AND bodies.revision = indexed.revision"


class Placed(NamedTuple):
    """A chunk of a scene's saved text, from ``start`` up to but not including ``end``; thousands are read at once."""

    row: int
    key: bytes
    scene: int
    start: int
    end: int


class Index:
    """What is remembered of one project's prose; a file too old for it remembers nothing."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.took_part = False
        """Whether anything was written here since the store last set this back."""
        self._is_left_out = False
        self._changes = 0

    def moment(self) -> object:
        """Something that stays the same as long as nobody changes what ``keys`` gives; quickly told."""

        def told(now: sqlite3.Connection) -> object:
            if not self._store.is_certain:
                return object()  # what is written may yet be undone
            return now, now.execute("PRAGMA data_version").fetchone()[0], self._changes

        return self._store.ask(told)

    def state(self) -> tuple[dict[int, bytes], list[int]]:
        """Each indexed scene with a digest of its chunks' keys, and the stale ones; neither with those of the bin.

        Stale are the scenes with text that is not as it was indexed. Where none is, no text is read to tell.
        """
        sql = "SELECT node, text <> '' FROM bodies"
        if self._store.has_memory:
            sql = (
                "SELECT bodies.node, CASE WHEN indexed.revision IS bodies.revision THEN digest ELSE text <> '' END"
                " FROM bodies LEFT JOIN indexed ON indexed.node = bodies.node"
            )
        with self._store.at_one_moment():
            order = self._store.order()
            rows = self._store.ask(lambda now: now.execute(sql).fetchall())
        found = {scene: told for scene, told in rows if told and scene in order}
        stale = sorted([scene for scene, told in found.items() if told == 1], key=order.__getitem__)
        for scene in stale:
            del found[scene]
        return found, stale

    def stale(self) -> list[int]:
        """The scenes with text that is not as it was indexed, in story order; none of the bin."""
        return self.state()[1]

    def put(self, scene: int, revision: int, chunks: Sequence[Chunk]) -> bool:
        """Take a scene in as it was cut; False, with nothing done, if it was saved since or the index is broken."""
        self._changes += 1
        try:
            with self._store.transaction() as connection:
                row = connection.execute("SELECT text, revision FROM bodies WHERE node = ?", [scene]).fetchone()
                if row is None or row[1] != revision:
                    return False
                return self._try(connection, lambda: self._put(connection, scene, row[0], revision, chunks))
        except (ProjectError, sqlite3.Error) as error:
            if not _is_broken(error.__cause__ or error):
                raise
            _log.warning("the index takes no scene in: %s", error)
            self.empty()
            return False

    def chunks(self, scene: int) -> list[Placed]:
        """The chunks of a scene in order; none if it is stale."""
        return self.chunks_of([scene]).get(scene, [])

    def chunks_of(self, scenes: Collection[int]) -> dict[int, list[Placed]]:
        """The chunks in order of those of the scenes that are not stale; for many in one go."""
        if not self._store.has_memory:
            return {}
        sql = f"SELECT indexed.node, layout FROM {_CURRENT} WHERE indexed.node IN (SELECT value FROM json_each(?))"
        rows = self._store.ask(lambda now: now.execute(sql, [json.dumps(sorted(scenes))]).fetchall())
        return {scene: _laid_out(scene, layout) for scene, layout in rows}

    def keys(self) -> list[tuple[int, bytes]]:
        """Each indexed scene in story order with a digest of its chunks' keys; none that is stale or in the bin."""
        with self._store.at_one_moment():
            order = self._store.order()
            return sorted(self.state()[0].items(), key=lambda item: order[item[0]])

    def texts(self, scenes: Iterable[int]) -> dict[int, str]:
        """The saved texts of these scenes, whole or damaged; for many in one go."""
        sql = "SELECT node, text FROM bodies WHERE node IN (SELECT value FROM json_each(?))"
        return dict(self._store.ask(lambda now: now.execute(sql, [json.dumps(list(scenes))]).fetchall()))

    def at(self, key: bytes) -> list[Placed]:
        """Where a chunk stands, in story order."""
        if not self._store.has_memory:
            return []
        with self._store.at_one_moment():
            rows = self._store.ask(lambda now: now.execute("SELECT id FROM chunks WHERE key = ?", [key]).fetchall())
            order = self._store.order()
            found = self.placed(row for (row,) in rows).values()
        return sorted(found, key=lambda place: (order[place.scene], place.start))

    def first(self) -> int:
        """The first row that any chunk has; behind all there were once everything was forgotten."""
        if not self._store.has_memory:
            return 0
        return int(self._store.ask(lambda now: now.execute("SELECT ifnull(min(id), 0) FROM chunks").fetchone()[0]))

    def rows(self, phrase: str) -> Iterator[int]:
        """The rows of the chunks with this word or phrase in any case or inflection; what it is made of is no syntax.

        Some may be of scenes that are stale by now or in the bin, which ``placed`` leaves out.
        """
        sql = "SELECT chunks.id FROM search JOIN chunks ON chunks.id = search.rowid WHERE search MATCH ? ORDER BY 1"
        yield from self._matching(phrase, sql, lambda found: [row for (row,) in found])

    def behind(self, last: int, phrase: str, rows: Container[int], most: int) -> list[int]:
        """The rows behind the ``last`` one with the phrase, in order, until so many of the given ones are among them.

        What they were stays true, since a row is never given to another chunk.
        """
        sql = "SELECT rowid FROM search WHERE search MATCH ? AND rowid > ? ORDER BY rowid"

        def take(found: sqlite3.Cursor) -> list[int]:
            read: list[int] = []
            wanted = most
            while wanted and (next := [row for (row,) in found.fetchmany(wanted)]):
                read += next
                wanted -= sum([row in rows for row in next])
            return read

        return self._matching(phrase, sql, take, last)

    def _matching(self, phrase: str, sql: str, take: Callable[[sqlite3.Cursor], list[int]], *more: int) -> list[int]:
        words = spaced(clean(phrase)).replace('"', " ").strip()
        if not words or not self._store.has_memory:
            return []

        def read(now: sqlite3.Connection) -> list[int]:
            with closing(now.execute(sql, [f'"{words}"', *more])) as found:
                return take(found)

        try:
            return self._store.ask(read)
        except (ProjectError, sqlite3.Error) as error:
            _log.warning("the index finds nothing: %s", error)
            if not self._store.read_only and _is_broken(error.__cause__ or error):
                self.empty()
            return []

    def placed(self, rows: Iterable[int]) -> dict[int, Placed]:
        """Where the chunks of these rows stand; without those of scenes that are stale or in the bin."""
        wanted = set(rows)
        if not wanted or not self._store.has_memory:
            return {}
        sql = "SELECT DISTINCT node FROM chunks WHERE id IN (SELECT value FROM json_each(?))"
        scenes = self._store.ask(lambda now: now.execute(sql, [json.dumps(sorted(wanted))]).fetchall())
        order = self._store.order()
        places = self.chunks_of([scene for (scene,) in scenes if scene in order])
        return {place.row: place for place in chain(*places.values()) if place.row in wanted}

    def notes(self, kind: str, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """What was kept under those of the keys that there are."""
        if not self._store.has_memory:
            return {}
        sql = "SELECT value FROM notes WHERE kind = ? AND key = ?"

        def read(now: sqlite3.Connection) -> dict[bytes, bytes]:
            found = ((key, now.execute(sql, [kind, key]).fetchone()) for key in dict.fromkeys(keys))
            return {key: row[0] for key, row in found if row is not None}

        return self._store.ask(read)

    def keep(self, kind: str, notes: Mapping[bytes, bytes]) -> None:
        """Keep these values, each in place of what its key had."""
        now = int(time.time())
        with self._store.transaction() as connection:
            connection.executemany(
                "INSERT INTO notes (kind, key, time, value) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (kind, key) DO UPDATE SET time = excluded.time, value = excluded.value",
                [(kind, key, now, value) for key, value in notes.items()],
            )

    def sweep(self, kind: str, wanted: Collection[bytes]) -> int:
        """Drop the notes of a kind but for the wanted keys, and give their number."""
        wanted = set(wanted)
        with self._store.transaction() as connection:
            rows = connection.execute("SELECT id, key FROM notes WHERE kind = ?", [kind]).fetchall()
            unwanted = [[id] for id, key in rows if key not in wanted]
            connection.executemany("DELETE FROM notes WHERE id = ?", unwanted)
        return len(unwanted)

    def is_packed(self) -> bool:
        """Whether the words are in one piece: many scenes make many pieces, each with much of the same words."""
        if not self._store.has_memory:
            return True
        sql = "SELECT count(DISTINCT segid) FROM search_idx"
        return bool(self._store.ask(lambda now: now.execute(sql).fetchone()[0] <= 1))

    def pack(self) -> None:
        """Go a step towards having the words in one piece, which takes less room."""
        try:
            with self._store.transaction() as connection:
                connection.execute("INSERT INTO search (search, rank) VALUES ('merge', ?)", [-_PACKED_PAGES])
        except (ProjectError, sqlite3.Error) as error:
            if not _is_broken(error.__cause__ or error):
                raise
            _log.warning("the index can't be packed: %s", error)
            self.empty()

    def empty(self) -> None:
        """Make every scene stale and forget every word, whatever is broken; notes stay."""
        try:
            with self._store.transaction() as connection:
                self._empty(connection)
        except (ProjectError, sqlite3.Error) as error:
            _log.warning("the index can't be emptied: %s", error)

    # --- what the store calls

    @contextmanager
    def left_out(self) -> Iterator[None]:
        """What is saved inside makes its scenes stale, and nothing is written here."""
        self._is_left_out = True
        try:
            yield
        finally:
            self._is_left_out = False

    def follow(self, connection: sqlite3.Connection, old: Scene, text: str, revision: int, *, is_whole: bool) -> None:
        """Let the index of a scene that is not stale follow its new text, which was just written.

        If the old text ``is_whole``, that is; what was damaged can't be taken out word by word.
        """
        self._changes += 1
        if self._is_left_out:
            return
        self.took_part = True
        self._try(connection, lambda: self._follow(connection, old, text, revision, is_whole))

    def _try(self, connection: sqlite3.Connection, work: Callable[[], bool]) -> bool:
        """Do it wholly or not at all; sqlite3.Error only if it cost the whole transaction."""
        connection.execute("SAVEPOINT memory")
        try:
            done = work()
            connection.execute("RELEASE memory")
            return done
        except sqlite3.Error as error:
            _log.warning("the index is left behind: %s", error)
            if not connection.in_transaction:
                raise
            connection.execute("ROLLBACK TO memory")
            connection.execute("RELEASE memory")
            if _is_broken(error):
                self._empty(connection)
            return False

    def _follow(self, connection: sqlite3.Connection, old: Scene, text: str, revision: int, is_whole: bool) -> bool:
        before = _indexed(connection, old.id)
        if before is None and not old.text:
            before = old.revision, []
        if before is None or before[0] != old.revision or not is_whole:
            return False
        places = before[1]
        if sum(place.end - place.start for place in places) != len(old.text):
            return False
        chunks = recut(old.text, [Chunk(place.start, place.end) for place in places], text)
        _replace(connection, old.id, places, old.text, chunks, text, revision)
        return True

    def _put(
        self, connection: sqlite3.Connection, scene: int, text: str, revision: int, chunks: Sequence[Chunk]
    ) -> bool:
        if [0, *(chunk.end for chunk in chunks)] != [*(chunk.start for chunk in chunks), len(text)]:
            raise ValueError("chunks must cover the text")
        before = _indexed(connection, scene)
        if before is not None and before[0] == revision:
            _replace(connection, scene, before[1], text, chunks, text, revision)
        else:  # its words of then are found no more, but stay where they are until all is emptied
            connection.execute("DELETE FROM chunks WHERE node = ?", [scene])
            _replace(connection, scene, [], "", chunks, text, revision)
        return True

    def _empty(self, connection: sqlite3.Connection) -> None:
        self._changes += 1
        for way in (_clear, _remake):
            connection.execute("SAVEPOINT emptied")
            try:
                way(connection)
                connection.execute("RELEASE emptied")
                return
            except sqlite3.Error as error:
                _log.warning("the index can't be emptied in this way: %s", error)
                if not connection.in_transaction:
                    raise
                connection.execute("ROLLBACK TO emptied")
                connection.execute("RELEASE emptied")


def _is_broken(error: BaseException) -> bool:
    """Whether what is in the tables is to blame, and neither the disk nor another program nor an author's mistake."""
    return isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) & 0xFF not in _PASSING


def is_fitting(layout: bytes, digest: bytes, text: str) -> bool:
    """Whether a layout is of just this text."""
    places = _laid_out(0, layout)
    return (
        sum(place.end - place.start for place in places) == len(text)
        and all(place.key == key_of(text[place.start : place.end]) for place in places)
        and _digest(place.key for place in places) == digest
    )


def _digest(keys: Iterable[bytes]) -> bytes:
    return hashlib.sha256(b"".join(keys)).digest()[:_KEY_BYTES]


def key_of(text: str) -> bytes:
    """What a chunk with this text is known by, wherever it stands."""
    return fingerprint(text)[:_KEY_BYTES]


def _indexed(connection: sqlite3.Connection, scene: int) -> tuple[int, list[Placed]] | None:
    """The revision of a scene that was indexed, and its chunks."""
    row = connection.execute("SELECT revision, layout FROM indexed WHERE node = ?", [scene]).fetchone()
    return None if row is None else (row[0], _laid_out(scene, row[1]))


def _laid_out(scene: int, layout: bytes) -> list[Placed]:
    places = []
    start = 0
    for row, length, key in _PLACE.iter_unpack(layout[: len(layout) // _PLACE.size * _PLACE.size]):
        places.append(Placed(row, key, scene, start, start + length))
        start += length
    return places


def _replace(
    connection: sqlite3.Connection,
    scene: int,
    old: Sequence[Placed],
    old_text: str,
    new: Sequence[Chunk],
    text: str,
    revision: int,
) -> None:
    """Take out what is no more and in what is new; a chunk that stays, or comes back elsewhere, keeps its row."""
    head, tail = _same_chunks(old, old_text, new, text)
    free: dict[bytes, list[Placed]] = {}
    for place in reversed(old[head : len(old) - tail]):
        free.setdefault(place.key, []).append(place)
    layout = [(place.row, place.end - place.start, place.key) for place in old[:head]]
    for chunk in new[head : len(new) - tail]:
        piece = text[chunk.start : chunk.end]
        key = key_of(piece)
        row = free[key].pop().row if free.get(key) else _add(connection, scene, key, piece)
        layout.append((row, len(piece), key))
    layout += [(place.row, place.end - place.start, place.key) for place in old[len(old) - tail :]]
    for place in chain(*free.values()):
        connection.execute("DELETE FROM chunks WHERE id = ?", [place.row])
        connection.execute(
            "INSERT INTO search (search, rowid, text) VALUES ('delete', ?, ?)",
            [place.row, spaced(old_text[place.start : place.end])],
        )
    connection.execute(
        "INSERT OR REPLACE INTO indexed (node, revision, digest, layout) VALUES (?, ?, ?, ?)",
        [scene, revision, _digest(key for _r, _l, key in layout), b"".join(_PLACE.pack(*place) for place in layout)],
    )


def _same_chunks(old: Sequence[Placed], old_text: str, new: Sequence[Chunk], text: str) -> tuple[int, int]:
    """How many chunks at the beginning and at the end are the same, by place and text."""
    start, end = shared(old_text, text)
    shift = len(text) - len(old_text)
    least = min(len(old), len(new))
    head = 0
    while head < least and old[head].end == new[head].end <= start:
        head += 1
    tail = 0
    while tail < least - head and old[-1 - tail].start + shift == new[-1 - tail].start >= len(text) - end:
        tail += 1
    return head, tail


def _add(connection: sqlite3.Connection, scene: int, key: bytes, text: str) -> int:
    row = connection.execute("INSERT INTO chunks (node, key) VALUES (?, ?)", [scene, key]).lastrowid
    assert row is not None
    connection.execute("INSERT INTO search (rowid, text) VALUES (?, ?)", [row, spaced(text)])
    return row


def _clear(connection: sqlite3.Connection) -> None:
    _forget_places(connection)
    connection.execute("INSERT INTO search (search) VALUES ('delete-all')")


def _remake(connection: sqlite3.Connection) -> None:
    """Make the table of words as it is when new, beneath SQLite's own code for it, which won't have it any more."""
    _forget_places(connection)
    with closing(sqlite3.connect(":memory:")) as fresh:
        fresh.execute(migrations.SEARCH)
        for table in ("search_data", "search_idx", "search_config"):
            connection.execute(f"DELETE FROM {table}")
            for row in fresh.execute(f"SELECT * FROM {table}"):
                connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)


def _forget_places(connection: sqlite3.Connection) -> None:
    for table in ("indexed", "chunks"):
        connection.execute(f"DELETE FROM {table}")
    sane = f"typeof(seq) = 'integer' AND seq BETWEEN 0 AND {2**53}"  # so far on goes no book
    connection.execute(f"DELETE FROM sqlite_sequence WHERE name = 'chunks' AND NOT ({sane})")
