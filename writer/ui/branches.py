"""The outline as a model that trees and cards show: nodes with their plans, and what all below them adds up to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
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


def branches(nodes: Sequence[OutlineNode], plans: Mapping[int, Plan]) -> dict[int, Branch]:
    """Each node of an outline in story order, added up."""
    words: dict[int | None, int] = {}
    wanted: dict[int | None, int] = {}
    leaves: dict[int | None, int] = {}
    found = {}
    for node in reversed(nodes):  # those below come first
        plan = plans.get(node.id, Plan())
        below = leaves.pop(node.id, 0)
        total = node.words + words.pop(node.id, 0)
        target = wanted.pop(node.id, 0)
        target = plan.target_words or target
        found[node.id] = Branch(node, plan, total, target, below)
        words[node.parent] = words.get(node.parent, 0) + total
        wanted[node.parent] = wanted.get(node.parent, 0) + target
        leaves[node.parent] = leaves.get(node.parent, 0) + max(1, below)
    return dict(reversed(found.items()))


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
        self.plans: dict[int, Plan] = {}
        self.is_writable = False
        self._statuses: frozenset[str] = frozenset()
        self._branches: dict[int, Branch] = {}
        self._children: dict[int | None, list[int]] = {None: []}
        self._rows: dict[int, int] = {}

    # -- filling -----------------------------------------------------------------

    def show(self, nodes: Sequence[OutlineNode], plans: Mapping[int, Plan], statuses: frozenset[str]) -> bool:
        """Show this outline, or of it only nodes of these statuses and what they lie in.

        False if the same nodes stand where they stood: then views keep what is chosen and folded.
        """
        self.nodes, self.plans, self._statuses = list(nodes), dict(plans), statuses
        found = branches(nodes, plans)
        kept = set(found) if not statuses else self._wanted(found)
        children: dict[int | None, list[int]] = {None: []}
        for node in nodes:
            if node.id in kept:
                children.setdefault(node.parent, []).append(node.id)
        if children == self._children:
            self._branches = found
            self.refresh()
            return False
        self.beginResetModel()
        self._branches, self._children = found, children
        self._rows = {id: row for ids in children.values() for row, id in enumerate(ids)}
        self.endResetModel()
        return True

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
        if id in self._branches and self._branches[id].node.words != words:
            self.nodes = [replace(node, words=words) if node.id == id else node for node in self.nodes]
            self._branches = branches(self.nodes, self.plans)
            self.refresh()

    def put_plan(self, id: int, plan: Plan) -> None:
        """A node has this plan now."""
        if id in self._branches:
            self.plans[id] = plan
            self._branches = branches(self.nodes, self.plans)
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
        ids = self.children(self.id_of(parent))
        return self.createIndex(row, column, ids[row]) if column == 0 and 0 <= row < len(ids) else QModelIndex()

    def parent(self, index: Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]  # noqa: B008
        branch = self.branch(self.id_of(index))
        return self.index_of(branch.node.parent) if branch is not None else QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(self.children(self.id_of(parent)))

    def columnCount(self, _parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 1

    def hasChildren(self, parent: Index = QModelIndex()) -> bool:  # noqa: B008
        return bool(self.children(self.id_of(parent)))

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
            return branch.plan.synopsis or None
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
        return _CHANGEABLE if self.is_writable else _READABLE

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
