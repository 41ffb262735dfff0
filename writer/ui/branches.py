"""The outline as a model that trees and cards show: nodes with their plans, and what all below them adds up to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from html import escape
from types import MappingProxyType
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QByteArray, QMimeData, QModelIndex, QPersistentModelIndex, Qt, Signal

from writer.i18n import _, ngettext
from writer.story import OutlineNode, Plan
from writer.text import said_words
from writer.ui.status import said_status

Index = QModelIndex | QPersistentModelIndex
BRANCH = Qt.ItemDataRole.UserRole + 1
NODES = "application/x-writer-nodes"
"""What is dragged: the ids of nodes, with spaces between them."""

# Made once: Qt asks for them row by row, and Python takes longer to join flags than Qt to lay out a row.
_READABLE = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
_CHANGEABLE = _READABLE | Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsDragEnabled | Qt.ItemFlag.ItemIsDropEnabled
_READABLE_LEAF = _READABLE | Qt.ItemFlag.ItemNeverHasChildren
_CHANGEABLE_LEAF = _CHANGEABLE | Qt.ItemFlag.ItemNeverHasChildren
MOST_ONE_BY_ONE = 100
"""So many nodes are added and taken away one after the other; with more of them views begin anew."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A node with its plan and everything below it."""

    node: OutlineNode
    plan: Plan
    words: int
    """Words of its own prose and of all below it."""
    target: int
    """Words wanted: the plan's, or else what those below want; 0 if nobody said."""
    leaves: int
    """How many nodes without children there are below it; 0 if it is one itself."""

    @property
    def title(self) -> str:
        """Its title, or what stands for one."""
        return self.node.title or _("Untitled")


def branches(
    nodes: Sequence[OutlineNode], plans: Mapping[int, Plan], known: Mapping[int, Branch] = MappingProxyType({})
) -> dict[int, Branch]:
    """Each node of an outline in story order, added up; those that are just as in ``known`` are taken from there."""
    words: dict[int | None, int] = {}
    wanted: dict[int | None, int] = {}
    leaves: dict[int | None, int] = {}
    found = {}
    nothing = Plan()
    for node in reversed(nodes):  # those below come first
        id, parent = node.id, node.parent
        plan = plans.get(id, nothing)
        below = leaves.pop(id, 0)
        total = node.words + words.pop(id, 0)
        target = wanted.pop(id, 0)
        target = plan.target_words or target
        old = known.get(id)
        if (
            old is not None
            and (old.node is node or old.node == node)
            and (old.plan is plan or old.plan == plan)
            and (old.words, old.target, old.leaves) == (total, target, below)
        ):
            found[id] = old
        else:
            found[id] = Branch(node, plan, total, target, below)
        words[parent] = words.get(parent, 0) + total
        wanted[parent] = wanted.get(parent, 0) + target
        leaves[parent] = leaves.get(parent, 0) + (below or 1)
    return dict(reversed(found.items()))


def branch_of(id: int | None, nodes: Sequence[OutlineNode], plans: Mapping[int, Plan]) -> Branch | None:
    """The branch of one node of an outline in story order; None if it isn't there."""
    start = next((at for at, node in enumerate(nodes) if node.id == id), None)
    if start is None:
        return None
    end = next((at for at in range(start + 1, len(nodes)) if nodes[at].level <= nodes[start].level), len(nodes))
    return branches(nodes[start:end], plans)[nodes[start].id]


def topmost(ids: Collection[int], nodes: Sequence[OutlineNode]) -> list[int]:
    """Those of these nodes that are not below another of them, in story order."""
    covered: set[int] = set()
    top = []
    for node in nodes:
        if node.parent in covered:
            covered.add(node.id)
        elif node.id in ids:
            covered.add(node.id)
            top.append(node.id)
    return top


class Branches(QAbstractItemModel):
    """Shows branches under their parents; what the author does to them is only told."""

    moved = Signal(list, object, object)
    """Nodes, their new parent or None, and the brother behind which they come or None for the first place."""
    renamed = Signal(int, str)

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.nodes: list[OutlineNode] = []
        self.is_writable = False
        self._statuses: frozenset[str] = frozenset()
        self._branches: dict[int, Branch] = {}
        self._children: dict[int | None, list[int]] = {None: []}
        self._parents: dict[int, int | None] = {}
        self._rows: dict[int, int] = {}

    # -- filling -----------------------------------------------------------------

    def show(self, nodes: Sequence[OutlineNode], plans: Mapping[int, Plan], statuses: frozenset[str]) -> list[int]:
        """Show this outline, or of it only nodes of these statuses and what they lie in.

        Gives those under which others are shown now, and were not before.
        """
        self.nodes, self._statuses = list(nodes), statuses
        found = branches(nodes, plans, self._branches)
        kept = found.keys() if not statuses else self._wanted(found)
        children: dict[int | None, list[int]] = {None: []}
        for node in nodes:
            if node.id in kept:
                children.setdefault(node.parent, []).append(node.id)
        if children == self._children:
            self._branches = found
            self.refresh()
            return []
        new, gone = kept - self._rows.keys(), self._rows.keys() - kept
        opened = [id for id in children if id is not None and id not in self._children]
        if len(new) + len(gone) > MOST_ONE_BY_ONE:
            self.beginResetModel()
            self._branches = found
            self._stand(children)
            self.endResetModel()
            return [id for id in children if id is not None]
        self._branches |= found
        self._insert(new, children)
        self._rearrange(gone, children)
        self._take_away(gone)
        self._branches = found
        self.refresh()
        return opened

    def _stand(self, children: dict[int | None, list[int]]) -> None:
        self._children = children
        self._rows = {id: row for ids in children.values() for row, id in enumerate(ids)}
        self._parents = {id: parent for parent, ids in children.items() for id in ids}

    def _insert(self, new: Set[int], children: Mapping[int | None, list[int]]) -> None:
        """Put new nodes, each with the new ones below it, behind those that are there."""
        for top, parent in [(id, parent) for parent, ids in children.items() if parent not in new for id in ids]:
            if top in new:
                row = self.rowCount(self.index_of(parent))
                self.beginInsertRows(self.index_of(parent), row, row)
                below: list[tuple[int, int | None]] = [(top, parent)]
                for id, above in below:
                    brothers = self._children.setdefault(above, [])
                    self._rows[id], self._parents[id] = len(brothers), above
                    brothers.append(id)
                    below += [(child, id) for child in children.get(id, ()) if child in new]
                self.endInsertRows()

    def _rearrange(self, gone: Set[int], children: Mapping[int | None, list[int]]) -> None:
        """Put all nodes where they belong; those that are gone come last below what they lay in."""
        wanted = {parent: list(ids) for parent, ids in children.items()}
        for parent, ids in self._children.items():
            if leaving := [id for id in ids if id in gone]:
                wanted.setdefault(parent, []).extend(leaving)
        if wanted == self._children:
            return
        self.layoutAboutToBeChanged.emit()
        kept = self.persistentIndexList()
        self._stand(wanted)
        self.changePersistentIndexList(kept, [self.index_of(self.id_of(index)) for index in kept])
        self.layoutChanged.emit()

    def _take_away(self, gone: Set[int]) -> None:
        for top in [id for id in gone if self._parents[id] not in gone]:
            parent, row = self._parents[top], self._rows[top]
            self.beginRemoveRows(self.index_of(parent), row, row)
            brothers = self._children[parent]
            brothers.remove(top)
            if not brothers and parent is not None:
                del self._children[parent]
            self._rows |= {id: at for at, id in enumerate(brothers[row:], row)}
            below = [top]
            for id in below:
                below += self._children.pop(id, [])
                del self._rows[id], self._parents[id]
            self.endRemoveRows()

    def refresh(self) -> None:
        """Have what is on the screen drawn anew."""
        if self._children[None]:
            ids = self._children[None]
            self.dataChanged.emit(self.index_of(ids[0]), self.index_of(ids[-1]))

    def _wanted(self, found: Mapping[int, Branch]) -> set[int]:
        kept: set[int] = set()
        for id, branch in reversed(found.items()):
            if id in kept or branch.plan.status in self._statuses:
                kept.add(id)
                if branch.node.parent is not None:
                    kept.add(branch.node.parent)
        return kept

    def put_words(self, id: int, words: int) -> None:
        """A node has this many words of its own now."""
        branch = self._branches.get(id)
        if branch is None or branch.node.words == words:
            return
        more = words - branch.node.words
        self._branches[id] = replace(branch, node=replace(branch.node, words=words))
        above: int | None = id
        while above in self._branches:
            assert above is not None
            branch = self._branches[above]
            self._branches[above] = replace(branch, words=branch.words + more)
            above = branch.node.parent
        self.refresh()

    # -- asking ------------------------------------------------------------------

    def branch(self, id: int | None) -> Branch | None:
        """The branch of a node, if it is in the book."""
        return self._branches.get(id) if id is not None else None

    def index_of(self, id: int | None) -> QModelIndex:
        """Where a node is shown; an invalid index if it isn't."""
        return self.createIndex(self._rows[id], 0, id) if id is not None and id in self._rows else QModelIndex()

    def id_of(self, index: Index) -> int | None:
        """The node that is shown there."""
        return int(index.internalId()) if index.isValid() else None

    def children(self, id: int | None) -> list[int]:  # type: ignore[override]
        """The nodes shown under another one, or at the top."""
        return self._children.get(id, [])

    def with_children(self) -> list[int]:
        """The nodes under which others are shown."""
        return [id for id in self._children if id is not None and self._children[id]]

    @property
    def is_filtered(self) -> bool:
        """Whether only some statuses are shown."""
        return bool(self._statuses)

    # -- Qt's questions ----------------------------------------------------------

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        ids = self._children.get(parent.internalId() or None, ())
        return self.createIndex(row, column, ids[row]) if column == 0 and 0 <= row < len(ids) else QModelIndex()

    def parent(self, index: Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]  # noqa: B008
        return self.index_of(self._parents.get(index.internalId()))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(self._children.get(parent.internalId() or None, ()))

    def columnCount(self, _parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 1

    def hasChildren(self, parent: Index = QModelIndex()) -> bool:  # noqa: B008
        return bool(self._children.get(parent.internalId() or None))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        branch = self.branch(self.id_of(index))
        if branch is None:
            return None
        if role == BRANCH:
            return branch
        if role == Qt.ItemDataRole.DisplayRole:
            return branch.title
        if role == Qt.ItemDataRole.EditRole:
            return branch.node.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return told(branch)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"<qt>{escape(branch.plan.synopsis)}</qt>" if branch.plan.synopsis else None
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        branch = self.branch(self.id_of(index))
        title = " ".join(str(value).split())
        if branch is None or role != Qt.ItemDataRole.EditRole or not title or title == branch.node.title:
            return False
        self.renamed.emit(branch.node.id, title)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled if self.is_writable else Qt.ItemFlag.NoItemFlags
        if self._children.get(index.internalId()):
            return _CHANGEABLE if self.is_writable else _READABLE
        return _CHANGEABLE_LEAF if self.is_writable else _READABLE_LEAF

    # -- dragging ----------------------------------------------------------------

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [NODES]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        data.setData(NODES, QByteArray(" ".join(str(self.id_of(index)) for index in indexes).encode()))
        return data

    def canDropMimeData(self, data: QMimeData, _action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        moving = set(_dragged(data))
        above = self.id_of(parent)
        while above is not None:
            if above in moving:
                return False  # into itself
            branch = self.branch(above)
            above = branch.node.parent if branch is not None else None
        return bool(moving)

    def dropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        """Tell where the nodes are wanted; the views leave their rows to whoever moves them."""
        if not self.canDropMimeData(data, action, row, column, parent):
            return False
        moving = topmost(set(_dragged(data)), self.nodes)
        above = self.id_of(parent)
        others = self.children(above)
        before = [id for id in (others if row < 0 else others[:row]) if id not in moving]
        self.moved.emit(moving, above, before[-1] if before else None)
        return False


def told(branch: Branch) -> str:
    """A branch in one line, for who hears the outline instead of seeing it."""
    words = said_words(branch.words)
    if branch.target:
        words = _("{n} of {target} words").format(n=f"{branch.words:,}", target=f"{branch.target:,}")
    scenes = ngettext("{n} scene", "{n} scenes", branch.leaves).format(n=f"{branch.leaves:,}") if branch.leaves else ""
    parts = (branch.title, scenes, said_status(branch.plan.status), words, branch.plan.synopsis)
    return ". ".join(part for part in parts if part)


def _dragged(data: QMimeData) -> list[int]:
    words = bytes(data.data(NODES).data()).decode("ascii", "ignore").split()
    return [int(word) for word in words if word.isdecimal()]
