"""Who stands beside whom in an outline, and where a node goes that is moved one place on."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from writer.story import OutlineNode


def children(parent: int | None, nodes: Sequence[OutlineNode]) -> list[int]:
    """The nodes right below another, or at the top, in story order."""
    return [node.id for node in nodes if node.parent == parent]


def is_there(ids: Sequence[int], parent: int | None, after: int | None, nodes: Sequence[OutlineNode]) -> bool:
    """Whether nodes stand already where they are wanted."""
    brothers = children(parent, nodes)
    at = brothers.index(after) + 1 if after in brothers else 0
    return brothers[at : at + len(ids)] == list(ids)


def place_beside(ids: Sequence[int], by: int, nodes: Sequence[OutlineNode]) -> tuple[int | None, int | None] | None:
    """Parent and brother behind which nodes come that go one place on; None if there is nowhere to go."""
    parents = {node.id: node.parent for node in nodes}
    edge = ids[0] if by < 0 else ids[-1]
    if edge not in parents:
        return None
    parent = parents[edge]
    brothers = children(parent, nodes)
    at = brothers.index(edge) + by
    if 0 <= at < len(brothers):
        behind = brothers[at] if by > 0 else next((id for id in reversed(brothers[:at]) if id not in ids), None)
        return parent, behind
    if parent is None:
        return None
    uncles = children(parents[parent], nodes)
    at = uncles.index(parent) + by
    if not 0 <= at < len(uncles):
        return None
    cousins = children(uncles[at], nodes)
    return uncles[at], cousins[-1] if by < 0 and cousins else None


def heir(node: int | None, gone: Collection[int], nodes: Sequence[OutlineNode]) -> int | None:
    """The scene that the page shows when its own is gone: the one before, else the first behind; None without any."""
    at = next((index for index, other in enumerate(nodes) if other.id == node), 0)
    left = [(index, other) for index, other in enumerate(nodes) if other.id not in gone]
    parents = {other.parent for _index, other in left}
    scenes = [(index, other.id) for index, other in left if other.words or other.id not in parents]
    before = [id for index, id in scenes if index < at]
    return before[-1] if before else scenes[0][1] if scenes else None


def middle(text: str) -> int | None:
    """Where the paragraph begins that is nearest the middle of a text; None if it has only one."""
    edges = []
    at = text.find("\n")
    while at >= 0:
        if text[:at].strip() and text[at:].strip():
            edges.append(at + 1)
        at = text.find("\n", at + 1)
    return min(edges, key=lambda edge: abs(2 * edge - len(text)), default=None)
