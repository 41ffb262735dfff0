"""A book for tests of what is kept of one: chapters, English and Chinese, versions, credits, plans and a bin."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from writer.store import Store
from writer.store.plans import BOOK
from writer.story import Credit, Entry, Origin, OutlineNode, Plan, Project, Revision, Scene, Task

PROSE = {
    "en": "The gulls rose over harbour {n}, and nobody on the quay looked up before the {k}th bell.\n",
    "zh": "第{n}只海鸥飞过港口，码头上没有人抬头，直到第{k}声钟响。\n",
}
ORIGIN = Origin("SmolLM2", "llamacpp", 7, "ab" * 32, 1_790_000_000)
PLAN = Plan(
    "She waits. 她等着。", "See the map.", "draft", 900, ("Mara", "陈默"), ("She waits.",), ("storm",), "SmolLM2"
)


@dataclass(frozen=True)
class Book:
    """All that an author would miss of a project."""

    project: Project
    nodes: list[OutlineNode]
    binned: list[OutlineNode]
    scenes: dict[int, Scene]
    revisions: dict[int, list[Revision]]
    old: dict[int, Scene]
    plans: dict[int, Plan]
    tasks: list[Task]
    entries: list[Entry]


def prose(number: int, lines: int, language: str) -> str:
    return "".join(PROSE[language].format(n=number, k=k) for k in range(lines))


def fill(path: Path, scenes: int = 60) -> None:
    """A project of ten scenes a chapter; one is long, every third is Chinese, some have versions and credits."""
    with Store.create(path, Project("The Tide 潮", "A premise.\nTwo lines.", "en")) as store, store.transaction():
        chapter = 0
        for number in range(scenes):
            if number % 10 == 0:
                chapter = store.add(f"Chapter {number // 10}", synopsis="What happens")
            language = "zh" if number % 3 == 2 else "en"
            first = prose(number, 300 if number == 33 else 8, language)
            scene = store.add(f"Scene {number}", chapter, text=first)
            if number % 4 == 0:
                store.save(scene, first + "A model wrote this." + prose(number, 4, language)[::-1], [
                    Credit(len(first), len(first) + 19, ORIGIN)
                ])  # fmt: skip
                store.revisions.keep(scene, "snapshot", "by name")
        for node in store.nodes():
            if node.title in ("Scene 5", "Scene 34"):
                store.remove(node.id)
        leaves = [node for node in store.nodes() if node.level]
        store.plans.put_all({BOOK: PLAN} | {node.id: replace(PLAN, notes=f"{node.title} 笔记") for node in leaves[::7]})
        store.tasks.arrange([Task(node.id, 300, beats=("She waits.",)) for node in leaves[::11]])
        store.entries.put(Entry("Mara", text="She lies. 她说谎。", since=scene))
        store.put("scene", str(scene))
        store.put("caret", "3")


def read(path: Path) -> Book:
    with Store.open(path) as store:
        nodes, binned = store.nodes(), store.binned()
        scenes = {node.id: store.scene(node.id) for node in [*nodes, *binned]}
        revisions = {id: store.revisions.of(id) for id in scenes}
        old = {r.id: store.revisions.read(r.id) for found in revisions.values() for r in found}
        plans, tasks, entries = (
            store.plans.all() | {BOOK: store.plans.get(BOOK)},
            store.tasks.all(),
            store.entries.all(),
        )
        return Book(store.project, nodes, binned, scenes, revisions, old, plans, tasks, entries)
