"""What is to become of each node: the author's own words, kept as safe as the text is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from writer.errors import ProjectError
from writer.i18n import _
from writer.store import record
from writer.story import STATUSES, Plan
from writer.text import clean, fingerprint

if TYPE_CHECKING:
    from writer.store import Store

BOOK = 0
"""The plan of the whole book stands under this."""
MOST_WORDS = 5_000_000
"""No target is larger; the longest novels have some two million."""
_REMEMBERED = 16384
_TEXTS = ("notes", "status", "made_by")
_LISTS = ("cast", "beats", "events")


class Plans:
    """The plans of one project; a node's synopsis is part of its plan."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> dict[int, Plan]:
        """The plan of each node for which anything is planned, the bin included."""
        synopses = self._store.ask(
            lambda now: dict(now.execute("SELECT id, synopsis FROM nodes WHERE synopsis != ''").fetchall())
        )
        rows = (
            self._store.ask(lambda now: now.execute("SELECT node, value FROM plans").fetchall())
            if self._store.has_plans
            else []
        )
        values = dict(rows)
        return {
            node: _whole(values.get(node, "{}"), synopses.get(node, ""))
            for node in sorted(synopses.keys() | values.keys())
        }

    def get(self, node: int) -> Plan:
        """What is planned for a node, or for the whole book under ``BOOK``; an empty plan if nothing."""
        row = None
        if self._store.has_plans:
            row = self._store.ask(lambda now: now.execute("SELECT value FROM plans WHERE node = ?", [node]).fetchone())
        plan = (read(row[0]) or Plan()) if row else Plan()
        if node == BOOK:
            return plan
        found = self._store.ask(lambda now: now.execute("SELECT synopsis FROM nodes WHERE id = ?", [node]).fetchone())
        return replace(plan, synopsis=found[0] if found else "")

    def put(self, node: int, plan: Plan) -> None:
        """Plan this for a node in place of what was planned; ProjectError if that can't be."""
        self.put_all({node: plan})

    def put_all(self, plans: Mapping[int, Plan]) -> None:
        """The same for several nodes, all of them or none."""
        with self._store.transaction() as connection:
            for node, plan in plans.items():
                if plan.status and plan.status not in STATUSES:
                    raise ValueError(f"{plan.status} is no status")
                if not 0 <= plan.target_words <= MOST_WORDS:
                    message = _("A target of {n} words can't be met; choose one between 1 and {most}.")
                    raise ProjectError(message.format(n=f"{plan.target_words:,}", most=f"{MOST_WORDS:,}"))
                if node != BOOK:
                    changed = connection.execute(
                        "UPDATE nodes SET synopsis = ? WHERE id = ?", [clean(plan.synopsis), node]
                    )
                    if not changed.rowcount:
                        raise ProjectError(_("That part of the outline is not there any more; choose another one."))
                    plan = replace(plan, synopsis="")
                value = written(plan)
                if value == written(Plan()):
                    connection.execute("DELETE FROM plans WHERE node = ?", [node])
                else:
                    connection.execute(
                        "INSERT OR REPLACE INTO plans VALUES (?, ?, ?)", [node, fingerprint(value), value]
                    )


def written(plan: Plan) -> str:
    """A plan as JSON."""
    value: dict[str, Any] = {name: clean(getattr(plan, name)) for name in ("synopsis", *_TEXTS)}
    value |= {name: [clean(item) for item in getattr(plan, name)] for name in _LISTS}
    value["target_words"] = plan.target_words
    return json.dumps({name: kept for name, kept in value.items() if kept}, ensure_ascii=False)


@lru_cache(_REMEMBERED)
def _whole(value: str, synopsis: str) -> Plan:
    """The plan that was written so, with a synopsis that is kept elsewhere; the book's own is in it."""
    plan = read(value) or Plan()
    return replace(plan, synopsis=synopsis) if synopsis else plan


def read(value: str) -> Plan | None:
    """The plan that was written so; None if it is none."""
    told = record.read(value, ("synopsis", *_TEXTS, *_LISTS, "target_words"))
    if told is None:
        return None
    is_fitting = (
        all(isinstance(told.get(name, ""), str) for name in ("synopsis", *_TEXTS))
        and all(record.is_words(told.get(name, [])) for name in _LISTS)
        and type(told.get("target_words", 0)) is int
    )
    if not is_fitting:
        return None
    told["status"] = told.get("status", "") if told.get("status") in STATUSES else ""
    told["target_words"] = max(0, min(told.get("target_words", 0), MOST_WORDS))
    return Plan(**told | {name: tuple(told.get(name, ())) for name in _LISTS})
