"""The Draft panel at the right of the page: the scenes that wait to be written, how far it is, and the ways to stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from writer.errors import WriterError
from writer.i18n import _, ngettext
from writer.store.plans import BOOK
from writer.story import OutlineNode, Plan, Task
from writer.text import said_words
from writer.ui.fold import Flow, quiet, small
from writer.ui.latest import Latest
from writer.ui.length import STEP, goes_to, word_box
from writer.ui.queue import Queue
from writer.ui.said import said_left
from writer.ui.theme import Theme
from writer.ui.underway import Underway
from writer.ui.writing import Wish, Writing

if TYPE_CHECKING:
    from writer.draft import Drafted, Progress
    from writer.ui.session import Session
    from writer.ui.window import Window

BOOK_WORDS, A_SCENE = 8000, 1000
"""What a draft takes where nobody said how long the book, or a scene, is to be."""
NARROWEST = 260
"""In pixels; words that take more room have it."""
ENOUGH_SCENES, SHORTEST = 3, 300
"""From so many written scenes on the others are proposed to be as long as these, but never shorter than that."""


class Drafting(QWidget):
    """Shows the queue and does with it what the author wants; the panel may be closed while the draft goes on."""

    def __init__(self, window: Window, writing: Writing, underway: Underway) -> None:
        super().__init__(objectName="memory")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(_("Draft"))
        self._window, self._writing, self._underway = window, writing, underway
        self._session: Session | None = None
        self._was_told = False
        self._planned = self._proposed = -1
        """Words that the plans ask for in all; 0 if they ask for none."""
        self.is_wanted = False
        """Whether the author wants to see it."""
        self._build()
        writing.progressed.connect(self._on_progress)
        writing.queue_changed.connect(self._on_queue)
        writing.halted.connect(self._on_halted)
        writing.over.connect(self._on_over)
        window.suggestions.state_changed.connect(lambda _state: self._show())
        self.hide()

    # -- building ----------------------------------------------------------------

    def _build(self) -> None:
        self.fold_away = quiet("✕", _("Fold the draft away; it goes on"))
        self.fold_away.clicked.connect(self.toggle)
        bar = QWidget(objectName="memoryBar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        bar.setMinimumWidth(NARROWEST)
        row = QHBoxLayout(bar)
        row.setContentsMargins(8, 0, 10, 0)
        row.addWidget(QLabel(_("Draft"), objectName="memoryTab"))
        row.addStretch()
        row.addWidget(self.fold_away)
        self.head = QLabel(objectName="draftHead", wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName(_("How far the draft is"))
        self.left = small("")
        self.go = QPushButton(objectName="outlined")
        self.go.clicked.connect(self._go)
        self.sentence = Latest()
        self.elsewhere = small("")
        self.words = word_box(BOOK_WORDS)
        self.words.setAccessibleName(_("Words the book is to have"))
        self.book = QPushButton(_("Draft the book"), objectName="outlined")
        self.here = QPushButton(_("Draft this scene…"), objectName="outlined")
        self.book.clicked.connect(self.draft_book)
        self.here.clicked.connect(lambda: self._window.expanding.begin())
        asked = QHBoxLayout()
        for part in (small(_("The book is to have")), self.words, small(_("words"))):
            if isinstance(part, QLabel):
                part.setWordWrap(False)
            asked.addWidget(part)
        asked.addStretch(1)
        buttons = QWidget()
        flow = Flow(buttons)
        flow.addWidget(self.book)
        flow.addWidget(self.here)
        self.begin = QWidget()
        form = QVBoxLayout(self.begin)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(8)
        self.free = small("")
        form.addWidget(self.free)
        form.addLayout(asked)
        form.addWidget(buttons)
        self.queue = Queue()
        self.queue.arranged.connect(self._arrange)
        self.queue.currentItemChanged.connect(lambda _now, _before: self._show_choice())
        self.queue.removal_wanted.connect(self.take_out)
        self.queue.itemActivated.connect(lambda item: self._window.binder.go_to(self.queue.node_of(item)))
        self.choice = QWidget()
        self.up = quiet(_("Earlier"))
        self.down = quiet(_("Later"))
        self.wanted = word_box(BOOK_WORDS)
        self.wanted.setFixedWidth(72)
        self.wanted.setAccessibleName(_("Words this scene is to have"))
        self.wanted.editingFinished.connect(self._on_wanted)
        self.out = quiet(_("Take out of the list"))
        self.back = quiet(_("Undo the draft"), _("Let the scene be as it was before it was drafted"))
        self.up.clicked.connect(lambda: self.queue.shift(-1))
        self.down.clicked.connect(lambda: self.queue.shift(1))
        self.out.clicked.connect(lambda: self.take_out(self.queue.current))
        self.back.clicked.connect(self._take_back)
        self.wanted_said = small(_("words"))
        first = _row(8, self.wanted, self.wanted_said, None, self.up, self.down)
        second = _row(16, self.out, self.back, None)
        chosen = QVBoxLayout(self.choice)
        chosen.setContentsMargins(8, 6, 8, 0)
        chosen.setSpacing(8)
        chosen.addLayout(first)
        chosen.addLayout(second)
        self.trouble = small("")
        inside = QVBoxLayout()
        inside.setContentsMargins(16, 14, 14, 14)
        inside.setSpacing(10)
        top = QHBoxLayout()
        top.addWidget(self.head, 1)
        top.addWidget(self.go, 0, Qt.AlignmentFlag.AlignTop)
        inside.addLayout(top)
        for quiet_one in (self.bar, self.left, self.sentence, self.begin, self.elsewhere):
            inside.addWidget(quiet_one)
        inside.addWidget(self.queue, 100)
        inside.addWidget(self.trouble)
        inside.addWidget(self.choice)
        inside.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(1, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(bar)
        whole.addLayout(inside, 1)

    def paint_in(self, theme: Theme) -> None:
        """Use this theme's colours, and the book's face for what is being written."""
        self.queue.paint_in(theme)
        font = self._window.page.look.font
        self.sentence.setFont(font)
        self.sentence.setStyleSheet("font-size: 13px;")
        self._show()

    # -- the panel ---------------------------------------------------------------

    def work_on(self, session: Session | None) -> None:
        """Show the queue of this project from now on, or of none."""
        self._session, self._was_told = session, False
        self._planned = self._proposed = -1
        if session is None:
            self.is_wanted = False
            self.hide()
        else:
            session.outline_changed.connect(lambda _nodes: self._on_queue())
            session.plans_changed.connect(lambda _plans: self._on_plans())
            self._on_plans()

    def toggle(self) -> None:
        """Show the panel in the place of what is at the right, or fold it away; a draft goes on without it."""
        if not self.is_wanted and not self._window.work.can():
            return
        self.is_wanted = not self.is_wanted
        self._window.panels.fit()
        if self.is_wanted:
            self._on_plans()
            self._writing.refresh()
            self.queue.setFocus()
        else:
            self._window.page.setFocus()

    def show_panel(self) -> None:
        """Show the panel if it isn't."""
        if not self.is_wanted:
            self.toggle()

    # -- what the author wants ---------------------------------------------------

    def draft_book(self) -> None:
        """Draft all scenes that have no text yet."""
        tops = tuple(node.id for node in self._window.nodes if node.parent is None)
        words = self.words.value()
        # What is planned for each scene holds, unless the author asks for another length of all.
        self._begin(Wish(tops if self._writing.has_more else None, None if words == self._planned else words))

    def draft(self, nodes: tuple[int, ...]) -> None:
        """Draft what is below these nodes and has no text yet, and show the queue."""
        self.show_panel()
        if self.is_wanted:
            self._begin(Wish(nodes))

    def _begin(self, wish: Wish) -> None:
        self.trouble.clear()
        session = self._session
        if session is not None:
            session.save()
            self._writing.begin(wish)
        self._show()

    def _go(self) -> None:
        if self._writing.is_running:
            self._writing.pause()
        else:
            self._begin(Wish())

    def take_out(self, node: int | None) -> None:
        """Let a scene wait no more; what was written of it stays."""
        if node is None:
            return
        progress = self._writing.progress
        was_running = self._writing.is_running
        if was_running and progress is not None and progress.scene == node:
            self._writing.pause()
        else:
            was_running = False
        self._writing.arrange(lambda tasks: [task for task in tasks if task.node != node])
        if was_running and any(task.node != node and _waits(task) for task in self._writing.queue):
            self._begin(Wish())

    def _arrange(self, nodes: list[int]) -> None:
        """Write the scenes in this order; the one being written stays the first until it is done."""
        place = {node: number for number, node in enumerate(nodes)}
        self._changing(lambda tasks: sorted(tasks, key=lambda task: place.get(task.node, len(place))))

    def _on_wanted(self) -> None:
        node, words = self.queue.current, self.wanted.value()
        task = self._task(node)
        if task is None or task.words == words or task.state == "done":
            return
        self._changing(lambda tasks: [replace(one, words=words) if one.node == node else one for one in tasks])

    def _changing(self, change: Callable[[list[Task]], list[Task]]) -> None:
        """Change the queue; a draft that is under way takes it up at once."""
        running = self._writing.is_running and self._writing.wish.nodes is None
        if running:
            self._writing.pause()
        self._writing.arrange(change)
        if running:
            self._begin(Wish())

    def _take_back(self) -> None:
        node = self.queue.current
        if node is not None:
            self._writing.take_back(node)

    # -- showing -----------------------------------------------------------------

    def _task(self, node: int | None) -> Task | None:
        return next((task for task in self._writing.queue if task.node == node), None)

    def _on_plans(self) -> None:
        """Propose what is planned for the book, or for its scenes together; a number the author typed stays."""
        nodes = self._window.nodes
        planned = words_planned(nodes, self._window.binder.plans)
        proposed = planned or words_usual(nodes)
        if planned != self._planned or (proposed != self._proposed and self.words.value() == self._proposed):
            self.words.setValue(proposed)
            self._proposed = proposed
        self._planned = planned

    def _on_queue(self) -> None:
        titles = {node.id: node.title or _("Untitled") for node in self._window.nodes}
        words = {node.id: node.words for node in self._window.nodes}
        self.queue.show_tasks(self._writing.queue, titles, words)
        self._on_plans()
        self._show()
        self._offer_to_go_on()

    def _offer_to_go_on(self) -> None:
        """Once after a book was opened: a draft was under way when it was closed, or when Writer ended."""
        if self._was_told or not self._window.nodes or self._session is None or self._session.read_only:
            return
        self._was_told = True
        waiting = [task for task in self._writing.queue if _waits(task)]
        begun = any(task.state == "writing" or task.written for task in waiting)
        if not begun or self._writing.is_running or not self._window.settings.suggestions:
            return
        title = next((node.title for node in self._window.nodes if node.id == waiting[0].node), "") or _("Untitled")
        said = ngettext(
            "A draft stopped at “{title}”; {n} scene waits. Nothing of it is lost.",
            "A draft stopped at “{title}”; {n} scenes wait. Nothing of it is lost.",
            len(waiting),
        )
        self._window.notice.say(
            said.format(title=title, n=len(waiting)),
            (_("Go on"), self._go_on),
            (_("Show the draft"), self.show_panel),
            topic="draft",
        )

    def _go_on(self) -> None:
        self._begin(Wish())

    def _on_halted(self) -> None:
        if self._writing.is_running:
            self._window.notice.clear("draft")  # what it says is being done
        self._show()

    def _on_progress(self, progress: Progress) -> None:
        self.queue.show_progress(progress)
        self._show()

    def _on_over(self, result: Drafted | WriterError | None, wish: Wish) -> None:
        if isinstance(result, WriterError):
            self.trouble.setText(str(result))
            if wish.nodes is None or self.isHidden():
                self._window.notice.say(str(result), (_("Show the draft"), self.show_panel), topic="draft")
        elif result is not None and (wish.nodes is None or len(wish.nodes) != 1):
            said = ngettext(
                "The draft is done: {n} scene, {words}.", "The draft is done: {n} scenes, {words}.", result.scenes
            ).format(n=result.scenes, words=said_words(result.words))
            if result.problems:
                more = ngettext(
                    "{n} scene could not be written; the list says why.",
                    "{n} scenes could not be written; the list says why.",
                    len(result.problems),
                ).format(n=len(result.problems))
                said = _("{first} {second}").format(first=said, second=more)
            self._window.notice.say(said, (_("Show the draft"), self.show_panel), topic="draft")
        self._show()

    def _show(self) -> None:
        writing, progress = self._writing, self._writing.progress
        nodes = self._window.nodes
        there = {node.id for node in nodes}
        queue, running = [task for task in writing.queue if task.node in there], writing.is_running
        done = [task for task in queue if task.state == "done"]
        waits = any(_waits(task) for task in queue)
        fails = any(task.state == "failed" for task in queue)
        self.go.setText(_("Pause") if running else _("Go on") if waits else _("Try again"))
        self.go.setVisible(running or waits or fails)
        whole = sum(task.words for task in queue)
        written = sum(min(task.written, task.words) for task in queue)
        self.bar.setVisible(bool(queue))
        self.bar.setMaximum(max(1, whole))
        self.bar.setValue(written)
        counted = ngettext(
            "{done} of {all} scene · {written} of {words} words",
            "{done} of {all} scenes · {written} of {words} words",
            len(queue),
        ).format(done=len(done), all=len(queue), written=f"{written:,}", words=f"{whole:,}")
        left = said_left(progress.seconds_left) if progress is not None else ""
        self.left.setText(_("{first} · {second}").format(first=counted, second=left) if left else counted)
        self.left.setVisible(bool(queue))
        self.sentence.setVisible(running)
        self.sentence.show_end(progress.sentence if progress is not None else "")
        parents = {node.parent for node in nodes}
        empty = {node.id for node in nodes if node.id not in parents and not node.words}
        free = len(empty)
        self.head.setText(self._said(running, progress, queue, bool(queue) and not free))
        # What waits may be a single scene that was stopped: the rest of the book can be drafted all the same.
        self.begin.setVisible(not running and (not waits or not empty <= {task.node for task in queue}))
        told = ngettext("{n} scene has no text yet.", "{n} scenes have no text yet.", free).format(n=free)
        self.free.setText(told if free else _("Every scene has text. Choose one to write on in it."))
        self.book.setEnabled(bool(free))
        host = self._window.work.elsewhere
        self.elsewhere.setVisible(bool(host))
        self.elsewhere.setText(goes_to(host) if host else "")
        self.trouble.setVisible(bool(self.trouble.text()) and not running)
        self.queue.setVisible(bool(queue))
        self._show_choice()
        self._tell_below(running, progress)

    def _said(self, running: bool, progress: Progress | None, queue: Sequence[Task], is_full: bool) -> str:
        if running and self._window.work.is_waiting:
            return _("The model is being loaded…")
        if running and progress is not None and progress.scene:
            return _("Writing “{title}”").format(title=progress.title or _("Untitled"))
        if running:
            return _("Getting ready…")
        if any(_waits(task) for task in queue):
            return _("Paused")
        failed = sum(1 for task in queue if task.state == "failed")
        if failed:
            return ngettext("{n} scene could not be written", "{n} scenes could not be written", failed).format(
                n=failed
            )
        return _("All written") if is_full else _("Nothing waits")

    def _show_choice(self) -> None:
        task = self._task(self.queue.current)
        self.choice.setVisible(task is not None)
        if task is None:
            return
        is_open = task.state != "done"
        if not self.wanted.hasFocus():
            self.wanted.setValue(task.words)
        for widget in (self.wanted, self.wanted_said, self.up, self.down):
            widget.setVisible(is_open)
        self.trouble.setText(task.problem if task.state == "failed" else "")
        self.trouble.setVisible(bool(self.trouble.text()))
        self.back.setVisible(task.written > 0)

    def _tell_below(self, running: bool, progress: Progress | None) -> None:
        """One line under the page, whatever panel is open."""
        writing = self._writing
        if not running:
            self._underway.end("draft")
            return
        one = writing.wish.nodes is not None and len(writing.wish.nodes) == 1
        stop = (_("Stop"), writing.pause) if one else (_("Pause"), writing.pause)
        actions = [stop] if one or self.is_wanted else [stop, (_("Show the draft"), self.show_panel)]
        if progress is None or not progress.scene:
            self._underway.tell("draft", self._said(running, progress, (), False), "", 0, 0, *actions)
            return
        said = _("Writing “{title}”: {words} of {all} words").format(
            title=progress.title or _("Untitled"), words=f"{progress.words:,}", all=f"{progress.target_words:,}"
        )
        left = said_left(progress.seconds_left)
        self._underway.tell(
            "draft",
            _("{first} · {second}").format(first=said, second=left) if left else said,
            progress.sentence,
            progress.words,
            progress.target_words,
            *actions,
        )


def _row(gap: int, *things: QWidget | None) -> QHBoxLayout:
    """Widgets from left to right; None takes what is left."""
    row = QHBoxLayout()
    row.setSpacing(gap)
    for thing in things:
        if thing is None:
            row.addStretch(1)
        else:
            row.addWidget(thing)
    return row


def words_planned(nodes: Sequence[OutlineNode], plans: Mapping[int, Plan]) -> int:
    """Words that a book is to have by its plan, or by those of its scenes; 0 if none of them says a number."""
    whole = plans.get(BOOK, Plan()).target_words
    if whole or not any(plan.target_words for plan in plans.values()):
        return whole
    parents = {node.parent for node in nodes}
    above: dict[int | None, bool] = {None: False}
    words = 0
    for node in nodes:
        wanted = plans.get(node.id, Plan()).target_words
        known = above.get(node.parent, False)
        above[node.id] = known or wanted > 0
        if not known:
            words += wanted or (A_SCENE if node.id not in parents else 0)
    return words


def words_usual(nodes: Sequence[OutlineNode]) -> int:
    """Words that a book without a plan may have: what is written, and as much in each empty scene as in the others."""
    parents = {node.parent for node in nodes}
    scenes = [node.words for node in nodes if node.id not in parents]
    written = [words for words in scenes if words]
    if not written:
        return BOOK_WORDS
    usual = sum(written) // len(written) if len(written) >= ENOUGH_SCENES else A_SCENE
    words = sum(written) + (len(scenes) - len(written)) * max(SHORTEST, usual)
    return -(-words // STEP) * STEP


def _waits(task: Task) -> bool:
    return task.state in ("waiting", "writing")
