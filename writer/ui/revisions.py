"""Earlier versions of the scene in the page: when and why each was kept, what changed since, and the way back."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from writer.errors import ProjectError
from writer.i18n import _
from writer.store import Store
from writer.story import Revision, Scene
from writer.text import count_words, said_words
from writer.ui import theme as themes
from writer.ui.comparison import Comparison, Piece, pieces
from writer.ui.documents import Visit
from writer.ui.said import more_or_fewer, said_when, than_now
from writer.ui.versions import Versions
from writer.ui.worker import Job

if TYPE_CHECKING:
    from writer.ui.session import Session
    from writer.ui.window import Window

LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Reading:
    """A scene as it was, and what became of it."""

    scene: Scene
    pieces: list[Piece]


class Revisions(QObject):
    """What the author does with the versions of the scene in the page."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self.dialog: RevisionsDialog | None = None

    def show(self) -> None:
        """Show the earlier versions of the scene in the page; the page waits meanwhile."""
        window, visit = self._window, self._window.page.visit
        if window.session is None or visit is None:
            return
        window.page.clear_ghost()
        window.title.finish()
        self.dialog = RevisionsDialog(window, window.session, visit)
        self.dialog.open()

    def keep_moment(self) -> None:
        """Keep the scene as it is now under a name that the author gives."""
        window, session, visit = self._window, self._window.session, self._window.page.visit
        if session is None or visit is None or session.read_only:
            return

        def kept(_revision: Revision | None) -> None:
            window.notice.say(
                _("This moment is kept; you find it in “Earlier versions”."),
                (_("Earlier versions…"), self.show),
                topic="versions",
            )

        ask_for_name(window, lambda name: session.keep(visit.scene, "snapshot", name, kept))


class RevisionsDialog(QDialog):
    """The versions of one scene at the left, what changed since at the right."""

    def __init__(self, window: Window, session: Session, visit: Visit) -> None:
        super().__init__(window)
        self._window, self._session, self._visit = window, session, visit
        self._theme = themes.choose(window.settings.theme)
        self._now = visit.text
        self._words: int | None = None
        self._job: Job | None = None
        self._reading: Reading | None = None
        self._over = False
        node = window.binder.node(visit.scene)
        self._title = (node.title if node else "") or _("Untitled")
        self.setWindowTitle(_("Earlier versions of “{title}”").format(title=self._title))
        self.resize(min(1080, window.width() - 80), min(720, window.height() - 60))
        # What can't be done is said in the window, behind this one.
        session.failed.connect(self.reject)
        self._build()
        self._list()

    def _build(self) -> None:
        self.list = Versions(self._theme, _("Earlier versions"))
        self.list.currentItemChanged.connect(lambda _now, _before: self._read())
        font = QFont(self._window.page.look.font)
        font.setPixelSize(max(12, round(font.pixelSize() * 0.85)))
        self.comparison = Comparison(self._theme, font)
        self.comparison.setAccessibleName(_("What changed"))
        self.summary = QLabel(textFormat=Qt.TextFormat.PlainText)
        self.as_changes = QRadioButton(_("&What changed since"))
        self.as_text = QRadioButton(_("The text as it &was"))
        self.as_changes.setChecked(True)
        choice = QButtonGroup(self)
        for button in (self.as_changes, self.as_text):
            choice.addButton(button)
        choice.buttonToggled.connect(lambda _button, on: self._show() if on else None)
        self.restore = QPushButton(_("&Bring this version back"), objectName="primary")
        self.keep = QPushButton(_("&Keep this moment…"), objectName="secondary")
        close = QPushButton(_("Close"), objectName="secondary")
        self.restore.clicked.connect(self._bring_back)
        self.keep.clicked.connect(self._keep_moment)
        close.clicked.connect(self.reject)
        for button in (self.restore, self.keep, close):
            button.setAutoDefault(False)
        self.keep.setEnabled(not self._session.read_only)
        self.restore.setEnabled(False)

        top = QHBoxLayout()
        top.setContentsMargins(18, 12, 18, 12)
        for thing in (self.summary, self.as_changes, self.as_text):
            top.addWidget(thing, 1 if thing is self.summary else 0)
        right = QWidget(objectName="versionsPage")
        right.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.comparison, 1)
        split = QSplitter()
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        split.addWidget(self.list)
        split.addWidget(right)
        split.setStretchFactor(1, 1)
        split.setSizes([300, 780])
        self.empty = QLabel(
            _(
                "No earlier versions of this scene yet. Writer keeps one by itself every ten minutes while you write, "
                "and before every change longer than a paragraph. “Keep this moment” adds one whenever you like."
            ),
            wordWrap=True,
            alignment=Qt.AlignmentFlag.AlignCenter,
            objectName="empty",
            textFormat=Qt.TextFormat.PlainText,
        )
        self.empty.setContentsMargins(200, 0, 200, 0)
        self.pages = QStackedWidget()
        self.pages.addWidget(split)
        self.pages.addWidget(self.empty)
        bottom = QHBoxLayout()
        bottom.setContentsMargins(14, 10, 14, 10)
        bottom.addWidget(self.keep)
        bottom.addStretch()
        bottom.addWidget(close)
        bottom.addWidget(self.restore)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.pages, 1)
        layout.addLayout(bottom)
        ring = [self.list, self.as_changes, self.as_text, self.comparison, self.keep, close, self.restore]
        for one, next_one in pairwise(ring):
            QWidget.setTabOrder(one, next_one)

    # -- the list ----------------------------------------------------------------

    def _list(self) -> None:
        """Read which versions there are; the newest is chosen."""
        if self._over:
            return
        scene, now = self._visit.scene, self._now

        def read(store: Store | None) -> tuple[list[Revision], int]:
            assert store is not None
            return store.revisions.of(scene), count_words(now)

        self._ask(read, self._fill)

    def _fill(self, found: tuple[list[Revision], int]) -> None:
        revisions, self._words = found
        now = int(time.time())
        self.list.blockSignals(True)
        self.list.clear()
        for revision in revisions:
            why, difference = said_why(revision), more_or_fewer(revision.words - self._words)
            self.list.add(revision, (said_when(revision.time, now), said_words(revision.words), why, difference), why)
        self.list.setCurrentRow(0)
        self.list.blockSignals(False)
        self.pages.setCurrentIndex(0 if revisions else 1)
        self.restore.setVisible(bool(revisions))
        (self.list if revisions else self.keep).setFocus()
        self._read()

    @property
    def chosen(self) -> Revision | None:
        """The version that is chosen in the list."""
        chosen: Revision | None = self.list.chosen
        return chosen

    # -- one version -------------------------------------------------------------

    def _read(self) -> None:
        """Read the chosen version and compare it with the page."""
        revision, now = self.chosen, self._now
        self._reading = None
        self.restore.setEnabled(False)
        if revision is None:
            return
        id = revision.id

        def read(store: Store | None) -> Reading:
            assert store is not None
            scene = store.revisions.read(id)
            return Reading(scene, pieces(scene.text, now))

        self._ask(read, self._arrived)

    def _arrived(self, reading: Reading) -> None:
        self._reading = reading
        self.restore.setEnabled(not self._session.read_only and reading.scene.text != self._now)
        self._show()

    def _show(self) -> None:
        reading, revision = self._reading, self.chosen
        if reading is None or revision is None or self._words is None:
            return
        same = reading.scene.text == self._now
        self.summary.setText(_("The same as now") if same else than_now(revision.words - self._words))
        if self.as_text.isChecked():
            self.comparison.show_text(reading.scene.text)
        elif same:
            self.comparison.say(_("This version is what is in the page now: nothing was changed since."))
        else:
            self.comparison.show_pieces(reading.pieces)

    def _refused(self, error: Exception) -> None:
        """Say in the place of the text why it can't be shown."""
        if not isinstance(error, ProjectError):
            raise error
        self.summary.setText("")
        self.comparison.say(str(error))

    def _ask(self, work: Callable[[Store | None], Any], then: Callable[[Any], None]) -> None:
        """Put a question beside the window; only the answer to the latest one is heard."""
        if self._job is not None:
            self._job.cancel()

        def hear(slot: Callable[[Any], None], answer: Any) -> None:
            if self._job is job:
                self._job = None
                slot(answer)

        job = self._session.jobs.submit(work, returned=partial(hear, then), failed=partial(hear, self._refused))
        self._job = job

    def done(self, result: int) -> None:
        self._over = True
        if self._job is not None:
            self._job.cancel()
            self._job = None
        super().done(result)
        self.deleteLater()

    # -- changing ----------------------------------------------------------------

    def _keep_moment(self) -> None:
        ask_for_name(self, lambda name: self._session.keep(self._visit.scene, "snapshot", name, lambda _: self._list()))

    def _bring_back(self) -> None:
        """Keep what is in the page, then put the chosen version there as one step of undo."""
        reading, revision, window = self._reading, self.chosen, self._window
        if reading is None or revision is None:
            return
        self.restore.setEnabled(False)

        def put(_kept: Revision | None) -> None:
            if not self._over and window.page.visit is self._visit:
                window.page.replace_text(reading.scene.text, reading.scene.credits)
                window.notice.say(
                    _("“{title}” is as it was: {time}. Undo takes that back.").format(
                        title=self._title, time=said_when(revision.time, int(time.time()))
                    ),
                    topic="versions",
                )
                self.accept()

        self._session.keep(self._visit.scene, "restore", "", put)


def ask_for_name(parent: QWidget, then: Callable[[str], object]) -> None:
    """Ask how the author wants to call this moment, and pass on the name; it may be empty."""
    dialog = QInputDialog(parent)
    dialog.setWindowTitle(_("Keep this moment"))
    dialog.setLabelText(_("A name by which you will know it again, such as “Before the wedding”:"))
    dialog.setOkButtonText(_("Keep"))
    dialog.setCancelButtonText(_("Cancel"))
    dialog.setMinimumWidth(460)
    line = dialog.findChild(QLineEdit)
    if line is not None:
        line.setMaxLength(LONGEST_NAME)
    dialog.textValueSelected.connect(lambda name: then(" ".join(name.split())))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def said_why(revision: Revision) -> str:
    """Why a version was kept, in the author's words."""
    if revision.reason == "snapshot":
        return _("“{title}”").format(title=revision.name) if revision.name else _("Kept by you")
    return {
        "change": _("Before a longer change"),
        "generated": _("Before the model wrote"),
        "restore": _("Before going back"),
        "split": _("Before it was split"),
        "join": _("Before it was joined"),
    }.get(revision.reason, _("While you wrote"))
