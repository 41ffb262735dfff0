"""Whole copies of an open project: under another name, or in the place of its own file that is gone."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from writer.store import Store, disk, unclosed


def save_as(store: Store, path: Path, finish: Callable[[Store], None] | None = None) -> None:
    """Write a complete copy, finished by ``finish``, which replaces a file as a whole.

    Works also when this project's own file is gone, and into its place.
    """
    path = disk.real_path(path)
    if disk.place(path) is not None and disk.place(path) == store.place:
        if finish is not None:
            with store.transaction():
                finish(store)
        return
    part = disk.part_beside(path)
    is_own = not store.read_only and path == store.path
    lock = None if is_own else disk.take_lock(path)
    try:
        with disk.explained(path):
            _write(store, part)
            if finish is not None:
                with Store.open(part) as copy:
                    finish(copy)
            if is_own:
                store.go_on_in(part)
            else:
                disk.remove_sidecars(path)
                os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
        if lock is not None:
            disk.release(lock, path, disk.place(path))


def copy_to(store: Store, path: Path) -> None:
    """Write a complete, consistent copy to a new file, as if the project had been closed; a reader can, too."""
    with disk.explained(path):
        _write(store, path)


def _write(store: Store, path: Path) -> None:
    store.connection.execute("VACUUM INTO CAST(? AS TEXT)", [os.fsencode(path)])  # a name may be no UTF-8
    copy = sqlite3.connect(path, isolation_level=None)
    try:
        copy.execute("DELETE FROM state WHERE key = ?", [unclosed.KEY])
    finally:
        copy.close()
    disk.flush(path)
