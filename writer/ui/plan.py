"""The plan at the right: what is to become of the node that is chosen, or of the whole book, saved as it is typed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from writer.i18n import _
from writer.store.plans import BOOK, MOST_WORDS
from writer.story import STATUSES, Plan, Project
from writer.ui.branches import Branch, branch_of
from writer.ui.cited import Cited
from writer.ui.entry import listed
from writer.ui.fold import quiet, small
from writer.ui.lines import Lines, items, numbered
from writer.ui.status import said_status, status_icon
from writer.ui.target import Share, number
from writer.ui.theme import Theme

if TYPE_CHECKING:
    from writer.ui.window import Window

SAVE_AFTER_MS = 400
RETRY_AFTER_MS = 3000
NARROW = 900
"""Below this width of the window the plan folds away."""
_FIELDS = ("title", "premise", "synopsis", "status", "target_words", "beats", "events", "cast", "notes")


class Inspector(QWidget):
    """Title, synopsis and all that is planned; a change is kept as soon as the author rests."""

    closed = Signal()

    def __init__(self, window: Window, settings: QSettings) -> None:
        super().__init__(objectName="memory")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(_("Plan"))
        self._window = window
        self._settings = settings
        self._theme: Theme | None = None
        self.node: int | None = None
        """Whose plan it is; 0 for the book, None for nobody's."""
        self._plan = Plan()
        self._title = ""
        self._premise = ""
        self._dirty: set[str] = set()
        self._under_way = 0
        self._showing = False
        self.problem: Exception | None = None
        """Why what was typed last is not in the file."""
        self._unkept: dict[int, dict[str, Any]] = {}
        """What could not be kept, by node and field."""
        self._timer = QTimer(self, singleShot=True, interval=SAVE_AFTER_MS)
        self._timer.timeout.connect(self.keep)
        self._again = QTimer(self, singleShot=True, interval=RETRY_AFTER_MS)
        self._again.timeout.connect(self._try_again)
        self._build()
        self.setMinimumWidth(260)
        self.hide()

    # -- building ----------------------------------------------------------------

    def _build(self) -> None:
        self.fold_away = quiet("✕", _("Fold the plan away (Ctrl+Shift+L)"))
        self.fold_away.clicked.connect(self.closed)
        bar = QWidget(objectName="memoryBar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(bar)
        row.setContentsMargins(8, 0, 10, 0)
        row.addWidget(QLabel(_("Plan"), objectName="memoryTab"))
        row.addStretch()
        row.addWidget(self.fold_away)

        self.title = QLineEdit(objectName="planTitle")
        self.title.setPlaceholderText(_("Untitled"))
        self.title.setAccessibleName(_("Title"))
        self.title.setTextMargins(-2, 0, 0, 0)  # flush with what is below it
        self.premise = Lines(_("What the book is about, in a few sentences"), least=3)
        self.synopsis = Lines(_("What happens here, in a sentence or two"), least=3)
        self.made_by = small("")
        self.status = QComboBox()
        self.status.setAccessibleName(_("Status"))
        self.target = QLineEdit()
        self.target.setAccessibleName(_("Words wanted"))
        self.target.setPlaceholderText(_("such as 2,000"))
        self.share = Share()
        self.beats = Lines(_("One step a line: what happens, one after the other"), least=2)
        self.events = Lines(_("One a line: what happens here whatever else does"), least=2)
        self.cast = Cited(self._known_names)
        self.cast.setPlaceholderText(_("Names, with commas between them"))
        self.cast.setAccessibleName(_("Who is in it"))
        self.notes = Lines(_("Reminders and sources; never part of the text"), least=4)
        halves = QHBoxLayout()
        halves.setSpacing(10)
        self._status_part = _part(_("Status"), self.status)
        self._target_part = _part(_("Words wanted"), self.target)
        for field in (self.status, self.target):
            field.setMinimumHeight(field.fontMetrics().height() + 12)
        for half in (self._status_part, self._target_part):
            halves.addWidget(half, 1, Qt.AlignmentFlag.AlignTop)
        self._parts = {
            "premise": _part(_("Premise"), self.premise),
            "synopsis": _part(_("Synopsis"), self.synopsis, self.made_by),
            "beats": _part(_("Beats"), self.beats),
            "events": _part(_("Must happen"), self.events),
            "cast": _part(_("Who is in it"), self.cast),
            "notes": _part(_("Notes"), self.notes),
        }
        inside = QWidget(objectName="memoryInside")
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 12, 14, 20)
        column.setSpacing(16)
        column.addWidget(self.title)
        column.addWidget(self._parts["premise"])
        column.addWidget(self._parts["synopsis"])
        column.addLayout(halves)
        column.addWidget(self.share)
        for name in ("beats", "events", "cast", "notes"):
            column.addWidget(self._parts[name])
        column.addStretch(1)
        self.area = QScrollArea(objectName="memoryArea")
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(1, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(bar)
        whole.addWidget(self.area)
        self._connect()

    def _connect(self) -> None:
        for name in _FIELDS:
            touched = partial(self._touch, name)
            field = self._field(name)
            if isinstance(field, QComboBox):
                field.currentIndexChanged.connect(touched)
            elif isinstance(field, QLineEdit):
                field.textEdited.connect(touched)
                field.editingFinished.connect(self.keep)
            else:
                field.textChanged.connect(touched)
                field.left.connect(self.keep)

    def _known_names(self) -> Iterator[str]:
        """The names of the book: those in its memory, then those in its plans."""
        window = self._window
        remembered = window.memory.remembered
        if remembered is not None:
            yield from (entry.name for entry in remembered.cast if not entry.excluded)
        for plan in window.binder.plans.values():
            yield from plan.cast

    def _field(self, name: str) -> Any:
        return self.target if name == "target_words" else getattr(self, name)

    def paint_in(self, theme: Theme) -> None:
        """Use this theme's colours."""
        if theme == self._theme:
            return
        self._theme = theme
        self.share.theme = theme
        chosen = self.status.currentData()
        self.status.blockSignals(True)
        self.status.clear()
        self.status.addItem(_("Not said"), "")
        for status in STATUSES:
            self.status.addItem(status_icon(status, theme), said_status(status), status)
        self.status.setCurrentIndex(max(0, self.status.findData(chosen or "")))
        self.status.blockSignals(False)

    # -- showing -----------------------------------------------------------------

    def follow(self) -> None:
        """Show the plan of what is chosen: in the outline that, else the scene in the page."""
        window = self._window
        session, project = window.session, window.project
        if session is None or project is None:
            self.begin()
            return
        if self.isHidden():
            return
        outline, is_writable = window.outline, not session.read_only
        if window.is_outlined:
            branch = outline.model.branch(outline.current)
        else:
            branch = branch_of(window.scene, window.nodes, window.binder.plans)
        if branch is not None:
            self.show_branch(branch, is_writable=is_writable)
        elif window.is_outlined:
            self.show_book(project, window.binder.plans.get(BOOK, Plan()), *outline.total, is_writable=is_writable)
        else:
            self.show_nothing()

    def show_nothing(self) -> None:
        """Show no plan; what was typed last is kept first."""
        self.keep()
        self.node = None
        self.setEnabled(False)

    def show_branch(self, branch: Branch, *, is_writable: bool) -> None:
        """Show what is planned for a node; fields that the author is changing stay as they are."""
        self._turn_to(branch.node.id, branch.plan, branch.node.title, "", is_writable=is_writable)
        below = branch.leaves > 0
        for name in ("synopsis", "events", "cast"):
            self._parts[name].show()
        self._parts["premise"].hide()
        self._parts["beats"].setVisible(not below or bool(branch.plan.beats))
        self._status_part.show()
        self.share.show_share(branch.words, branch.target)

    def show_book(self, project: Project, plan: Plan, words: int, target: int, *, is_writable: bool) -> None:
        """Show what is planned for the whole book."""
        self._turn_to(BOOK, plan, project.title, project.premise, is_writable=is_writable)
        for name, part in self._parts.items():
            part.setVisible(name in ("premise", "notes"))
        self._status_part.hide()
        self.share.show_share(words, plan.target_words or target)

    def _turn_to(self, node: int, plan: Plan, title: str, premise: str, *, is_writable: bool) -> None:
        is_other = node != self.node
        if is_other:
            self.keep()
            self._dirty = set()
        self.setEnabled(True)
        self.node = node
        self._showing = True
        if "title" not in self._dirty:
            self._title = title
        if "premise" not in self._dirty:
            self._premise = premise
        if is_other or not self._under_way:  # else what is shown here is newer
            self._plan = replace(plan, **self._unkept.get(node, {}))
        for name in _FIELDS:
            field = self._field(name)
            if isinstance(field, QComboBox):
                field.setEnabled(is_writable)
            else:
                field.setReadOnly(not is_writable)
            if name not in self._dirty and (is_other or not self._under_way):
                self._fill(name)
        if is_other:
            self.area.verticalScrollBar().setValue(0)
        self._show_author()
        self._showing = False

    def _fill(self, name: str) -> None:
        value = {"title": self._title, "premise": self._premise}.get(name)
        if value is None:
            value = getattr(self._plan, name)
        if name == "status":
            self.status.setCurrentIndex(max(0, self.status.findData(value)))
        elif name == "target_words":
            self.target.setText(f"{value:,}" if value else "")
        elif name == "cast":
            self.cast.setText(_(", ").join(value))
        elif name in ("beats", "events"):
            if items(self._field(name).toPlainText()) != value:
                self._field(name).show_text(numbered(value))
        elif isinstance(self._field(name), QLineEdit):
            self._field(name).setText(value)
        else:
            self._field(name).show_text(value)

    def _show_author(self) -> None:
        self.made_by.setVisible(bool(self._plan.made_by))
        self.made_by.setText(_("Written by {model}. Change it, and it is yours.").format(model=self._plan.made_by))
        self.synopsis.mark(self._plan.made_by)

    # -- keeping -----------------------------------------------------------------

    def _touch(self, name: str, *_args: object) -> None:
        if self._showing or self.node is None:
            return
        self._dirty.add(name)
        if name in ("synopsis", "beats") and self._plan.made_by:
            self._plan = replace(self._plan, made_by="")
            self._dirty.add("made_by")
            self._show_author()
        self._timer.start(0 if name == "status" else SAVE_AFTER_MS)

    def keep(self) -> None:
        """Hand what was typed to the file now."""
        self._timer.stop()
        node = self.node
        dirty, self._dirty = self._dirty, set()
        session = self._window.session
        if node is None or not dirty or session is None or session.read_only:
            return
        title, premise = " ".join(self.title.text().split()), self.premise.toPlainText().strip()
        if "title" in dirty and title and title != self._title:
            self._title = title
            self._window.rename(node, title)
        if "premise" in dirty and premise != self._premise:
            self._premise = premise
            self._window.change_project(premise=premise)
        planned = {name: self._value(name) for name in dirty - {"title", "premise"}}
        if planned.get("target_words") == -1:
            del planned["target_words"]
            self._refuse_target()
        elif "target_words" in planned:
            self._window.notice.clear("target")
        if not planned or (replace(self._plan, **planned) == self._plan and "made_by" not in planned):
            return
        self._plan = replace(self._plan, **planned)
        self._put(node, planned)

    def _refuse_target(self) -> None:
        said = _("“{typed}” is no number of words; type one such as 2,000, at most {most}.")
        self._window.notice.say(said.format(typed=self.target.text(), most=f"{MOST_WORDS:,}"), topic="target")
        self._fill("target_words")

    def _put(self, node: int, planned: dict[str, Any]) -> None:
        self._under_way += 1
        self._window.arranging.put_plan(
            node,
            lambda plan: replace(plan, **planned),
            " ".join(sorted(planned)),
            self._kept,
            partial(self._failed, node, planned),
        )

    def _value(self, name: str) -> Any:
        if name == "made_by":
            return ""
        if name == "status":
            return self.status.currentData() or ""
        if name == "target_words":
            return number(self.target.text())
        if name == "cast":
            return listed(self.cast.text())
        text = self._field(name).toPlainText().strip()
        return items(text) if name in ("beats", "events") else text

    def _kept(self) -> None:
        self._under_way -= 1
        self.problem = None

    def _failed(self, node: int, planned: dict[str, Any], error: Exception) -> None:
        self._under_way -= 1
        self._unkept[node] = planned | self._unkept.get(node, {})
        if self.problem is None or str(self.problem) != str(error):
            self._window.show_error(error, topic="change")
        self.problem = error
        self._again.start()

    def _try_again(self) -> None:
        unkept, self._unkept = self._unkept, {}
        for node, planned in unkept.items():
            self._put(node, planned)

    def begin(self) -> None:
        """Show nothing: another book is on the desk."""
        self._timer.stop()
        self._again.stop()
        self.node, self.problem, self._under_way = None, None, 0
        self._dirty, self._unkept = set(), {}

    # -- wanted or not -----------------------------------------------------------

    def wants(self, *, outlined: bool) -> bool:
        """Whether the author wants to see it beside the outline, or beside the page."""
        return self._settings.value(*(("outline_plan", "true") if outlined else ("plan", "false"))) == "true"

    def want(self, on: bool, *, outlined: bool) -> None:
        """Remember whether it is to be seen there."""
        self._settings.setValue("outline_plan" if outlined else "plan", "true" if on else "false")

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.keep()


def _part(label: str, *fields: QWidget) -> QWidget:
    """Fields under their name."""
    part = QWidget()
    column = QVBoxLayout(part)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(5)
    column.addWidget(QLabel(label.upper(), objectName="heading"))
    for field in fields:
        column.addWidget(field)
        if not field.accessibleName():
            field.setAccessibleName(label)
    return part
