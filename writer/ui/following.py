"""The outline that follows the prose, and the outline for a text that has none: offered quietly, done on a yes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QSplitter, QVBoxLayout, QWidget

from writer.errors import WriterError
from writer.i18n import _, ngettext
from writer.store import Store
from writer.ui import theme as themes
from writer.ui.comparison import Comparison, pieces
from writer.ui.proposing import Proposing
from writer.ui.rest import Rest
from writer.ui.versions import Versions

if TYPE_CHECKING:
    from writer.outline.follow import Drift, Seen
    from writer.ui.apart import Apart
    from writer.ui.session import Session
    from writer.ui.window import Window

BEGIN_MS = 20_000
"""After a book was opened."""
REST_MS = 30_000
"""After the last save: a scene that is being rewritten fits no synopsis for a while."""


class Following(QObject):
    """Looks at rest for synopses that no longer fit their prose, and shows them when the author wants to see."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._session: Session | None = None
        self._told: frozenset[tuple[int, str]] = frozenset()
        self._is_asked = False
        self.found: list[Drift] = []
        self.dialog: FollowingDialog | None = None
        self.proposing = Proposing(window)
        self._rest = Rest(self, "following", lambda: REST_MS)
        self._rest.due.connect(self._begin)

    @property
    def is_running(self) -> bool:
        """Whether the book is being looked through."""
        return self._rest.is_running

    def work_on(self, session: Session | None) -> None:
        """Follow the prose of this project from now on, or of none."""
        self._rest.close()
        for dialog in (self.dialog, self.proposing.dialog):
            if dialog is not None:
                dialog.reject()
        self._session, self.found, self._told = session, [], frozenset()
        self.proposing.work_on(session)
        if session is not None and not session.read_only:
            session.saved.connect(self._rest.put_off)
            self._rest.wait(BEGIN_MS)

    # -- looking -----------------------------------------------------------------

    def look(self) -> None:
        """Look now, because the author wants to know, and say so too if everything fits."""
        session = self._session
        if session is None or session.read_only:
            return
        self._is_asked = True
        session.save()
        self._rest.stop()
        # Behind the save, which the storage line does first.
        session.change(lambda _store: None, lambda _: self._begin())

    def _begin(self) -> None:
        session = self._session
        if session is None or self.is_running or (not self._is_asked and not self._window.settings.suggestions):
            return
        from writer.ui.apart import Apart  # the window is there first

        apart = Apart(session.path, "follow")
        self._rest.run(
            apart,
            keep=lambda seen: self._keep(apart, seen),
            done=lambda found: self._on_found(found or []),
            failed=self._on_failed,
        )

    def _keep(self, apart: Apart, seen: Seen) -> None:
        session = self._session
        if session is None:
            return
        apart.go_on()
        if not (seen.marks or seen.texts or seen.wanted is not None):
            return

        def work(store: Store) -> None:
            from writer.outline.follow import keep

            keep(store, seen)

        session.change(work)

    def _on_found(self, found: list[Drift]) -> None:
        is_asked, self._is_asked = self._is_asked, False
        self.found = found
        if is_asked:
            self.show()
        elif found:
            self._tell()
        else:
            self._window.notice.clear("following")

    def _tell(self) -> None:
        """Say once of each that it no longer fits, where no other message would be hidden."""
        known = frozenset((drift.node, drift.proposal) for drift in self.found)
        notice = self._window.notice
        if known <= self._told or notice.topic not in ("", "following"):
            return
        self._told |= known
        n = len(self.found)
        said = ngettext(
            "The text of “{title}” has changed, and its synopsis no longer fits.",
            "The text has changed, and {n} synopses no longer fit, first that of “{title}”.",
            n,
        ).format(n=n, title=self.found[0].title or _("Untitled"))
        notice.say(said, (_("Look…"), self.show), topic="following")

    def _on_failed(self, error: Exception) -> None:
        """It is tried again after the next save; nobody waits for it unless it was asked for."""
        is_asked, self._is_asked = self._is_asked, False
        if is_asked or not isinstance(error, WriterError):
            self._window.show_error(error)

    # -- showing -----------------------------------------------------------------

    def show(self) -> None:
        """Show what no longer fits beside what would."""
        window, session = self._window, self._session
        if session is None:
            return
        window.notice.clear("following")
        if not self.found:
            window.notice.say(_("Every synopsis still fits its prose."), topic="following")
            return
        self.dialog = FollowingDialog(window, self.found, self._accept, self._dismiss)
        self.dialog.finished.connect(self._on_closed)
        self.dialog.open()

    def _on_closed(self, _result: int) -> None:
        self.dialog = None

    def _accept(self, drift: Drift) -> None:
        self._without(drift)

        def work(store: Store) -> object:
            from writer.outline.follow import accept

            return accept(store, drift)

        name = _("Synopsis of “{title}”").format(title=drift.title)
        self._window.arranging.change(work, name, [drift.node], self._show_changed)

    def _show_changed(self, _plan: object) -> None:
        session = self._session
        if session is not None:
            session.refresh()

    def _dismiss(self, drift: Drift) -> None:
        self._without(drift)
        if self._session is None:
            return

        def work(store: Store) -> None:
            from writer.outline.follow import dismiss

            dismiss(store, drift)

        self._session.change(work)

    def _without(self, drift: Drift) -> None:
        self.found = [other for other in self.found if other is not drift]


class FollowingDialog(QDialog):
    """What no longer fits at the left, one synopsis with the change in it at the right."""

    def __init__(
        self,
        window: Window,
        found: Sequence[Drift],
        accept: Callable[[Drift], Any],
        dismiss: Callable[[Drift], Any],
    ) -> None:
        super().__init__(window)
        self._accept, self._dismiss = accept, dismiss
        theme = themes.choose(window.settings.theme)
        self.setWindowTitle(_("Synopses that no longer fit"))
        self.resize(min(960, window.width() - 80), min(560, window.height() - 80))
        self.list = Versions(theme, _("Synopses that no longer fit"))
        for drift in found:
            title = drift.title or _("Untitled")
            self.list.add(drift, (title, "", " ".join(drift.why), ""), "\n".join(drift.why))
        self.list.currentItemChanged.connect(lambda _now, _before: self._show())
        font = QFont(window.page.look.font)
        font.setPixelSize(max(12, round(font.pixelSize() * 0.85)))
        self.comparison = Comparison(theme, font)
        self.comparison.setAccessibleName(_("What would change in the synopsis"))
        self.why = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.why.setContentsMargins(28, 14, 28, 0)
        self.change = QPushButton(_("&Change the synopsis"), objectName="primary")
        self.leave = QPushButton(_("&Leave it as it is"), objectName="secondary")
        close = QPushButton(_("Close"), objectName="secondary")
        self.change.clicked.connect(lambda: self._decide(self._accept))
        self.leave.clicked.connect(lambda: self._decide(self._dismiss))
        close.clicked.connect(self.reject)
        for button in (self.change, self.leave, close):
            button.setAutoDefault(False)
        self._lay_out(close)
        self.list.setCurrentRow(0)

    def _lay_out(self, close: QPushButton) -> None:
        right = QWidget(objectName="versionsPage")
        right.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.why)
        column.addWidget(self.comparison, 1)
        split = QSplitter()
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        split.addWidget(self.list)
        split.addWidget(right)
        split.setStretchFactor(1, 1)
        split.setSizes([300, 660])
        bottom = QHBoxLayout()
        bottom.setContentsMargins(14, 10, 14, 10)
        bottom.addWidget(close)
        bottom.addStretch()
        bottom.addWidget(self.leave)
        bottom.addWidget(self.change)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(split, 1)
        layout.addLayout(bottom)

    def _show(self) -> None:
        drift: Drift | None = self.list.chosen
        if drift is not None:
            self.why.setText("\n".join(drift.why))
            self.comparison.show_pieces(pieces(drift.synopsis, drift.proposal))

    def _decide(self, decision: Callable[[Drift], Any]) -> None:
        """Do it with the chosen one and go to the next; behind the last the dialog closes."""
        drift: Drift | None = self.list.chosen
        if drift is None:
            return
        decision(drift)
        self.list.takeItem(self.list.currentRow())
        if not self.list.count():
            self.accept()
        else:
            self._show()

    def done(self, result: int) -> None:
        super().done(result)
        self.deleteLater()
