"""An outline for a text that is written already: read at the author's wish, shown as a tree, taken on a yes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
)

from writer.i18n import _
from writer.store import Store
from writer.ui import tips
from writer.ui.worker import Job, Line

if TYPE_CHECKING:
    from writer.memory.update import Progress
    from writer.outline.proposal import Offer, Piece, Proposal, Taken
    from writer.ui.apart import Apart
    from writer.ui.session import Session
    from writer.ui.window import Window

_OFFER = Qt.ItemDataRole.UserRole
_TOPIC = "proposal"


class Proposing(QObject):
    """Has an outline proposed for the book or for some of it, and does what the author takes of it."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._session: Session | None = None
        self._line: Line | None = None
        self._job: Job | None = None
        self.dialog: ProposalDialog | None = None

    @property
    def is_running(self) -> bool:
        """Whether a text is being read for an outline."""
        return self._job is not None

    def work_on(self, session: Session | None) -> None:
        """Propose for this project from now on, or for none."""
        self.stop()
        line, self._line = self._line, None
        if line is not None:
            line.close()
        self._session = session

    def stop(self) -> None:
        """Read no further."""
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
            self._window.notice.clear(_TOPIC)

    def offer(self, nodes: Sequence[int]) -> None:
        """Say of a text that was just imported that an outline can be proposed for it."""
        if self._session is not None and nodes:
            self._window.notice.say(
                _("The text is in the book. Writer can look for its chapters and scenes, and say what each tells."),
                (_("Propose an outline…"), lambda: self.propose(nodes)),
                topic=_TOPIC,
            )

    def propose(self, nodes: Collection[int] | None = None) -> None:
        """Read the book, or these nodes with all below them, and show what its outline could be."""
        session = self._session
        if session is None or session.read_only:
            return
        self.stop()
        session.save()
        window = self._window

        def begin(_: Any) -> None:
            if session is not self._session:
                return
            if self._line is None:
                self._line = Line("proposing", lambda: None)
            from writer.ui.apart import Apart  # the window is there first

            apart = Apart(session.path, "propose", nodes)
            self._job = job = self._line.submit(
                lambda _store: apart.slices(),
                yielded=lambda progress: self._on_progress(job, apart, progress),
                returned=lambda found: self._on_proposed(job, found),
                failed=lambda error: self._on_failed(job, error),
                interrupt=apart.close,
            )

        session.change(lambda _store: None, begin)
        window.notice.progress(_("Reading for an outline…"), 0, 0, _TOPIC, (_("Stop"), self.stop))

    def _on_progress(self, job: Job, apart: Apart, progress: Progress) -> None:
        if job is self._job:
            apart.go_on()
            notice, said = self._window.notice, _("Reading for an outline…")
            notice.progress(said, progress.done, progress.all, _TOPIC, (_("Stop"), self.stop))

    def _on_proposed(self, job: Job, found: Proposal | None) -> None:
        if job is not self._job:
            return
        self._job = None
        window = self._window
        window.notice.clear(_TOPIC)
        if found is None or not found.offers:
            said = _("There is nothing to propose: what is written is short, or has its scenes and synopses already.")
            window.notice.say(said, topic=_TOPIC)
            return
        self.dialog = ProposalDialog(window, found)
        self.dialog.accepted.connect(lambda: self._take(found))
        self.dialog.finished.connect(self._on_closed)
        self.dialog.open()

    def _on_closed(self, _result: int) -> None:
        self.dialog = None

    def _on_failed(self, job: Job, error: Exception) -> None:
        if job is self._job:
            self._job = None
            self._window.notice.clear(_TOPIC)
            self._window.show_error(error)

    # -- taking ------------------------------------------------------------------

    def _take(self, found: Proposal) -> None:
        dialog = self.dialog
        if dialog is None or self._session is None:
            return
        chosen = dialog.chosen
        cut = [offer.node for offer in found.offers if offer.pieces and offer.node in chosen]

        def work(store: Store) -> Taken:
            from writer.outline.proposal import take

            return take(store, found, chosen)

        name = _("Take the proposed outline")
        self._window.arranging.change(work, name, sorted(chosen), self._on_taken, cut)

    def _on_taken(self, taken: Taken) -> None:
        window, session = self._window, self._session
        if session is None:
            return
        session.refresh()
        for cutting in taken.cuttings:
            if window.scene == cutting.node and cutting.pieces:
                session.visit(cutting.pieces[0])
        window.notice.say(
            _("The outline is as proposed; your text is word for word what it was."),
            (_("Undo"), lambda: self._undo(taken)),
            topic="proposed",
        )

    def _undo(self, taken: Taken) -> None:
        session = self._session
        if session is None:
            return
        whole = [cutting.node for cutting in taken.cuttings]

        def work(store: Store) -> None:
            from writer.outline.proposal import undo

            undo(store, taken)

        def show(_: Any) -> None:
            session.refresh()
            for cutting in taken.cuttings:
                if self._window.scene in cutting.pieces:
                    session.visit(cutting.node)
                for piece in cutting.pieces:
                    if self._window.scene != piece:
                        session.documents.drop(piece)

        self._window.arranging.change(work, _("Give the proposed outline back"), whole, show, whole)


class ProposalDialog(QDialog):
    """The proposed outline as a tree; what is ticked is taken."""

    def __init__(self, window: Window, proposal: Proposal) -> None:
        super().__init__(window)
        self.setWindowTitle(_("A proposed outline"))
        self.resize(min(1080, window.width() - 80), min(720, window.height() - 60))
        told = _("{what}. Nothing is changed before you take it.").format(what=proposal.said)
        label = QLabel(told, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        label.setContentsMargins(18, 12, 18, 12)
        self.synopsis = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.synopsis.setContentsMargins(18, 12, 18, 6)
        self.synopsis.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.synopsis.setMinimumHeight(4 * self.fontMetrics().lineSpacing())
        self.tree = QTreeWidget()
        self.tree.setAccessibleName(_("A proposed outline"))
        self.tree.setHeaderLabels([_("Title"), _("Number of words"), _("Synopsis")])
        self.tree.setUniformRowHeights(True)
        self.tree.setFrameShape(QTreeWidget.Shape.NoFrame)
        self.tree.setStyleSheet("QTreeView::item { padding: 5px 4px; } QHeaderView::section { padding: 5px; }")
        self._fill(proposal, {node.id: node.words for node in window.nodes})
        self.tree.currentItemChanged.connect(lambda now, _before: self.synopsis.setText(now.text(2) if now else ""))
        first = self.tree.topLevelItem(0)
        if first is not None:
            self.tree.setCurrentItem(first)
        header = self.tree.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.resizeSection(0, round(self.width() * 0.36))
        self.take = QPushButton(_("&Take this outline"), objectName="primary")
        leave = QPushButton(_("Cancel"), objectName="secondary")
        self.take.clicked.connect(self.accept)
        leave.clicked.connect(self.reject)
        self.tree.itemChanged.connect(lambda _item, _column: self.take.setEnabled(bool(self.chosen)))
        bottom = QHBoxLayout()
        bottom.setContentsMargins(14, 10, 14, 10)
        bottom.addStretch()
        bottom.addWidget(leave)
        bottom.addWidget(self.take)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(label)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self.synopsis)
        layout.addLayout(bottom)
        self.take.setDefault(True)

    @property
    def chosen(self) -> set[int]:
        """The nodes whose offers are ticked."""
        items = [self.tree.topLevelItem(index) for index in range(self.tree.topLevelItemCount())]
        return {item.data(0, _OFFER) for item in items if item and item.checkState(0) == Qt.CheckState.Checked}

    def _fill(self, proposal: Proposal, words: Mapping[int, int]) -> None:
        for offer in proposal.offers:
            top = _item(offer, sum(piece.words for piece in offer.pieces) or words.get(offer.node, 0))
            top.setData(0, _OFFER, offer.node)
            top.setCheckState(0, Qt.CheckState.Checked)
            above: list[tuple[int, QTreeWidgetItem]] = []
            for piece in offer.pieces:
                while above and above[-1][0] >= piece.level:
                    above.pop()
                item = _item(piece, piece.words)
                (above[-1][1] if above else top).addChild(item)
                above.append((piece.level, item))
            self.tree.addTopLevelItem(top)
        self.tree.expandToDepth(0)


def _item(some: Offer | Piece, words: int) -> QTreeWidgetItem:
    item = QTreeWidgetItem([some.title or _("Untitled"), f"{words:,}" if words else "", some.synopsis])
    item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    if some.synopsis:
        item.setToolTip(2, tips.plain(some.synopsis))
    return item
