"""Where scenes are cut in two and made one: their texts, what lies below them, and what is planned for them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from writer.credits import cut, shifted
from writer.errors import ProjectError
from writer.i18n import _
from writer.store import arrangement, revisions, tree
from writer.story import STATUSES, Plan
from writer.text import count_words, is_cjk, sentences, words

if TYPE_CHECKING:
    from writer.store import Store


def split(store: Store, id: int, offset: int, title: str) -> int:
    """Make the text from ``offset`` on a new scene right behind, and give its id."""
    with store.transaction() as connection:
        scene = store.scene(id)
        revisions.keep(connection, scene, "split")
        kept = len(scene.text[:offset].rstrip("\n"))
        rest = len(scene.text) - len(scene.text[offset:].lstrip("\n"))
        is_chapter = bool(tree.first_children(connection, id, 1))
        if is_chapter:
            new = store.add(title, id)
            store.move(new, id, None)
        else:
            new = store.add(title, after=id)
        head, tail = scene.text[:kept], scene.text[rest:]
        store.save(new, tail, cut(scene.credits, rest, len(scene.text)))
        store.save(id, head, cut(scene.credits, 0, kept))
        plan = store.plans.get(id)
        one, other = divided(plan, head, tail)
        if is_chapter:  # what holds for all below it stays with it
            one = replace(one, synopsis=plan.synopsis, target_words=plan.target_words, cast=plan.cast)
            other = replace(other, synopsis="", target_words=0, notes="")
        store.plans.put_all({id: one, new: other})
        store.tasks.divide(id, new, _share(head, tail))
    return new


def join(store: Store, id: int) -> int:
    """Append the text of the scene that follows, which goes to the bin as it is; gives its id."""
    with store.transaction() as connection:
        scene = store.scene(id)
        next = tree.following(connection, id)
        if next is None or tree.first_children(connection, next, 1):
            raise ProjectError(
                _("There is no scene right behind “{title}” in its chapter; move one there first.").format(
                    title=scene.title
                )
            )
        is_below = next in tree.first_children(connection, id, 1)
        _append_text(store, connection, id, next)
        plan, other = store.plans.get(id), store.plans.get(next)
        if is_below:  # what is said of all below it covers this one
            other = replace(
                other,
                synopsis="" if plan.synopsis else other.synopsis,
                target_words=0 if plan.target_words else other.target_words,
            )
        store.plans.put(id, joined(plan, other))
        store.remove(next)
    return next


def merge(store: Store, id: int) -> int:
    """Make a node and its next brother one, and give the brother's id.

    The brother's text goes behind this one's, and the brother to the bin as it is; what lies below it comes below this
    one. Where this one has scenes below it already, a brother with prose becomes the scene behind them instead.
    """
    with store.transaction() as connection:
        next = tree.next_brother(connection, id)
        if next is None:
            message = _("Nothing stands behind “{title}” that it could be merged with; move something there first.")
            raise ProjectError(message.format(title=store.scene(id, unchecked=True).title or _("Untitled")))
        below = [child for (child,) in connection.execute(
            "SELECT id FROM nodes WHERE parent = ? ORDER BY position, id", [next]
        )]  # fmt: skip
        plan, other = store.plans.get(id), store.plans.get(next)
        if tree.first_children(connection, id, 1) and store.scene(next).text:
            is_scene = not tree.first_children(connection, next, 1)
            arrangement.append(connection, id, [next, *below])
            if is_scene:  # and keeps its plan
                other = Plan(target_words=other.target_words if plan.target_words else 0)
            else:
                store.plans.put(next, Plan(status=other.status))
        else:
            _append_text(store, connection, id, next)
            arrangement.append(connection, id, below)
            store.remove(next)
        store.plans.put(id, joined(plan, other))
        store.outline_changed(connection)
    return next


def _append_text(store: Store, connection: sqlite3.Connection, id: int, other: int) -> None:
    scene, behind = store.scene(id), store.scene(other)
    revisions.keep(connection, scene, "join")
    head = scene.text + ("\n" if scene.text and behind.text else "")
    store.save(id, head + behind.text, scene.credits + shifted(behind.credits, len(head)))
    store.tasks.join(id, other)


def joined(one: Plan, other: Plan) -> Plan:
    """What is planned for two nodes that become one."""
    statuses = [plan.status for plan in (one, other) if plan.status]
    told = {plan.made_by for plan in (one, other) if plan.synopsis or plan.beats}
    return Plan(
        synopsis=_together(one.synopsis, other.synopsis),
        notes="\n\n".join(dict.fromkeys(notes for notes in (one.notes, other.notes) if notes.strip())),
        status=min(statuses, key=STATUSES.index, default=""),
        target_words=one.target_words + other.target_words,
        cast=tuple(dict.fromkeys(one.cast + other.cast)),
        beats=one.beats + other.beats,
        events=tuple(dict.fromkeys(one.events + other.events)),
        made_by=told.pop() if len(told) == 1 else "",
    )


def _together(one: str, other: str) -> str:
    """Two synopses as one, each said once."""
    one, other = one.strip(), other.strip()
    if not one or not other or one == other:
        return one or other
    return one + ("\n" if "\n" in one + other else "" if is_cjk(other[0]) and one[-1] in "。！？…”" else " ") + other


def divided(plan: Plan, head: str, tail: str) -> tuple[Plan, Plan]:
    """What is planned for a scene that becomes two with these texts: each gets what its text tells of.

    Steps keep their order, and what nothing tells apart is divided by the length of the texts.
    """
    said = _words(head), _words(tail)
    share = _share(head, tail)
    told = list(sentences(plan.synopsis))
    first = _edge([plan.synopsis[start:end] for start, end in told], said, share, least=1)
    seam = told[first - 1][1] if told else 0
    step = _edge(plan.beats, said, share)
    event = _edge(plan.events, said, share)
    words = round(plan.target_words * share)
    one = replace(
        plan,
        synopsis=plan.synopsis[:seam].rstrip(),
        target_words=words,
        cast=_present(plan.cast, head, tail),
        beats=plan.beats[:step],
        events=plan.events[:event],
    )
    other = replace(
        plan,
        synopsis=plan.synopsis[seam:].strip(),
        target_words=plan.target_words - words,
        cast=_present(plan.cast, tail, head),
        beats=plan.beats[step:],
        events=plan.events[event:],
    )
    return one, other


def _share(head: str, tail: str) -> float:
    """The first text's part of both; half if there is only one, since then nobody knows."""
    lengths = count_words(head), count_words(tail)
    return lengths[0] / sum(lengths) if all(lengths) else 0.5


def _edge(items: Sequence[str], said: tuple[set[str], set[str]], share: float, least: int = 0) -> int:
    """How many of the items belong to the first text."""
    fits = [[len(own & text) / max(1, len(own)) for text in said] for own in map(_words, items)]

    def fit(edge: int) -> tuple[float, float]:
        here = sum(fit[0] for fit in fits[:edge]) + sum(fit[1] for fit in fits[edge:])
        return round(here, 6), -abs(edge - len(items) * share)

    return max(range(min(least, len(items)), len(items) + 1), key=fit)


def _present(cast: tuple[str, ...], text: str, other: str) -> tuple[str, ...]:
    """Those whom a text names, or neither does; all of them if that is nobody."""
    return tuple(name for name in cast if _is_named(name, text) or not _is_named(name, other)) or cast


def _is_named(name: str, text: str) -> bool:
    return any(word in text for word in (name, *name.split()))


def _words(text: str) -> set[str]:
    """The words of a text that may tell it from another."""
    return {word for start, end in words(text.lower()) if len(word := text.lower()[start:end]) > 3 or is_cjk(word[0])}
