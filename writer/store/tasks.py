"""The scenes that wait for a draft, in the order in which they will be written."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from writer.credits import Credits
from writer.store import record
from writer.story import Scene, Task

if TYPE_CHECKING:
    from writer.store import Store

_REMEMBERED = 1024
STATES = ("waiting", "writing", "done", "failed")


class Tasks:
    """The queue of one project."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> list[Task]:
        """The queue in order, done ones included until they are taken out; what can't be read isn't there."""
        if not self._store.has_plans:
            return []
        rows = self._store.ask(
            lambda now: now.execute("SELECT node, value FROM tasks ORDER BY position, node").fetchall()
        )
        return [task for node, value in rows if (task := read(node, value)) is not None]

    def get(self, node: int) -> Task | None:
        """The task of a scene, if it is in the queue."""
        if not self._store.has_plans:
            return None
        row = self._store.ask(lambda now: now.execute("SELECT value FROM tasks WHERE node = ?", [node]).fetchone())
        return read(node, row[0]) if row else None

    def arrange(self, tasks: Sequence[Task]) -> None:
        """Let the queue be just these, in this order."""
        with self._store.transaction() as connection:
            connection.execute("DELETE FROM tasks")
            for position, task in enumerate(tasks):
                _put(connection, task, position)

    def bring(self, wanted: Sequence[Task], instead_of: Sequence[Task], back: Collection[int] = ()) -> None:
        """Let what differs between the two be in the queue as it is ``wanted``; what others did meanwhile stays.

        Scenes that are ``back`` in the book wait again even if they were taken out while they were not there.
        """
        new, old = ({task.node: task for task in tasks} for tasks in (wanted, instead_of))
        queue = {task.node: task for task in self.all()}
        changed = {node for node in new.keys() | old.keys() if new.get(node) != old.get(node)}
        changed |= new.keys() & set(back) - queue.keys()
        if not changed:
            return
        order = [node for node in queue if node in new or node not in changed]
        before: int | None = None
        for node in new:  # each behind the one that it was behind
            if node in changed and node not in queue:
                order.insert(order.index(before) + 1 if before is not None else 0, node)
            before = node if node in order else before
        self.arrange([new[node] if node in changed else queue[node] for node in order])

    def keep(self, task: Task) -> None:
        """Keep how far a task is, if it is still in the queue."""
        with self._store.transaction() as connection:
            self._keep(connection, task)

    def advance(self, task: Task, text: str, credits: Credits | None = None) -> Scene:
        """Keep a scene's prose together with how far its task is, both or neither."""

        def work() -> Scene:
            with self._store.transaction() as connection:
                scene = self._store.save(task.node, text, credits, is_draft=True)
                self._keep(connection, task)
            return scene

        return self._store.sparing_index(work)

    def divide(self, node: int, new: int, share: float) -> None:
        """Two scenes wait where one did, the first with this share of its words; one that is begun waits no more."""
        if (task := self._of(node)) is not None:
            words = round(task.words * share)
            self._replace(
                {node: [replace(task, words=words, beats=()), Task(new, task.words - words, seed=task.seed)]}
                if _is_untouched(task)
                else {node: []}
            )

    def join(self, node: int, other: int) -> None:
        """One scene waits where two did; it waits no more if either is begun."""
        tasks = [task for task in (self._of(node), self._of(other)) if task is not None]
        if tasks:
            first, *rest = tasks
            one = replace(first, node=node, words=sum(task.words for task in tasks), beats=())
            is_kept = all(map(_is_untouched, tasks))
            self._replace({first.node: [one] if is_kept else []} | {task.node: [] for task in rest})

    def _of(self, node: int) -> Task | None:
        task = self.get(node)
        return task if task is not None and task.state != "done" else None

    def _replace(self, by: Mapping[int, list[Task]]) -> None:
        self.arrange([new for task in self.all() for new in by.get(task.node, [task])])

    @staticmethod
    def _keep(connection: sqlite3.Connection, task: Task) -> None:
        connection.execute("UPDATE tasks SET value = ? WHERE node = ?", [written(task), task.node])


def written(task: Task) -> str:
    """A task as JSON, without its node."""
    value = asdict(task)
    del value["node"]
    return json.dumps(value, ensure_ascii=False)


@lru_cache(_REMEMBERED)
def read(node: int, value: str) -> Task | None:
    """The task that was written so; None if it is none."""
    told = record.read(value, [field.name for field in fields(Task) if field.name != "node"])
    if told is None:
        return None
    whole = ("words", "beat", "written", "tries", "seed")
    is_fitting = (
        type(told.get("words")) is int
        and all(type(told.get(name, 0)) is int for name in whole)
        and all(isinstance(told.get(name, ""), str) for name in ("state", "problem"))
        and all(record.is_words(told.get(name, [])) for name in ("beats", "missed"))
        and told.get("state", "waiting") in STATES
    )
    if not is_fitting:
        return None
    return Task(node, **told | {name: tuple(told.get(name, ())) for name in ("beats", "missed")})


def _put(connection: sqlite3.Connection, task: Task, position: int) -> None:
    connection.execute("INSERT OR REPLACE INTO tasks VALUES (?, ?, ?)", [task.node, position, written(task)])


def _is_untouched(task: Task) -> bool:
    return not (task.beat or task.written or task.state == "writing")
