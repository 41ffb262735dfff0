"""The Memory panel at the right of the page: what is remembered for the caret, and what the next suggestion reads."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from writer.engines import Engine
from writer.errors import WriterError
from writer.i18n import _
from writer.memory.report import Remembered, quoted, reported, settled
from writer.settings import Settings
from writer.store import Store
from writer.story import Choice, Conflict, Cursor, Entry, Fact, Passage, Span
from writer.suggest import prompt_for
from writer.ui import utf16
from writer.ui.ask import Ask, Reply
from writer.ui.cast import Cast
from writer.ui.documents import Visit
from writer.ui.fold import Beside, Fold, Quote, quiet, small
from writer.ui.note import NoteEdit
from writer.ui.reads import Reads
from writer.ui.remembering import Remembering
from writer.ui.said import said_attribute
from writer.ui.summaries import Summaries
from writer.ui.theme import Theme
from writer.ui.trial import Trial, verdict
from writer.ui.worker import Job, Line

if TYPE_CHECKING:
    from writer.memory.update import Progress
    from writer.ui.session import Session
    from writer.ui.window import Window

REST_MS = 1000
"""After the caret rested so long, the panel follows it."""
MOST_FACTS = 40
MOST_ANSWERS = 4
PATIENCE_S = 1.0
"""Reading that takes no longer than this is not worth a word."""
LOOK_S = 4.0
"""While the book is read, what is known by then is shown so often."""
NARROW = 1100
"""Below this width of the window the panel folds away."""


def gathered(
    cursor: Cursor, store: Store | None, engine: Engine | None, settings: Settings
) -> Generator[None, None, Remembered]:
    """What the panel shows for this caret, in steps between which it can be dropped."""
    assert store is not None
    yield
    prompt = None
    if engine is not None:
        try:
            prompt = prompt_for(cursor, store, engine, settings)
        except WriterError:  # the model is wanted for something better, or has just gone
            prompt = None
        yield
    return (yield from reported(cursor, store, prompt))


class Memory(QWidget):
    """Follows the caret when it rests; every sentence in it leads to its place in the book."""

    def __init__(self, window: Window, places: QSettings) -> None:
        super().__init__(objectName="memory")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(_("Memory"))
        self._window = window
        self._places = places
        self._session: Session | None = None
        self._theme: Theme | None = None
        self._job: Job | None = None
        self._question: Job | None = None
        self._target: Passage | None = None
        self._trying: tuple[Line, Job] | None = None
        self._progress: Progress | None = None
        self._began = self._looked = 0.0
        self.remembering = Remembering(window)
        self.gather: Callable[..., Any] = gathered
        self.answer: Callable[..., Any] = answered
        self.remembered: Remembered | None = None
        self.is_wanted = places.value("memory", "true") != "false"
        """Whether the author wants to see it where there is room."""
        self._timer = QTimer(self, singleShot=True, interval=REST_MS)
        self._timer.timeout.connect(self.look)
        self._build()
        page = window.page
        for signal in (page.edited, page.typed_through, page.accepted, page.rested):
            signal.connect(self._wait)
        if not self.is_wanted:
            self.hide()

    # -- building ----------------------------------------------------------------

    def _build(self) -> None:
        self.fold_away = quiet("✕", _("Fold the memory away (Ctrl+M)"))
        self.fold_away.clicked.connect(self.toggle)
        tab = QLabel(_("Memory"), objectName="memoryTab")
        bar = QWidget(objectName="memoryBar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(bar)
        row.setContentsMargins(8, 0, 10, 0)
        row.addWidget(tab)
        row.addStretch()
        row.addWidget(self.fold_away)

        self.progress = QProgressBar(textVisible=False)
        self.progress.setAccessibleName(_("Reading the book"))
        self.said_progress = small("")
        self.pause = quiet(_("Pause"))
        self.reading = QWidget()
        lines = QVBoxLayout(self.reading)
        lines.setContentsMargins(16, 8, 12, 0)
        lines.setSpacing(3)
        words = QHBoxLayout()
        words.addWidget(self.said_progress, 1)
        words.addWidget(self.pause)
        lines.addWidget(self.progress)
        lines.addLayout(words)
        self.reading.hide()

        self.story, self.cast = Summaries(), Cast(lambda: self._window.nodes)
        self.reads, self.ask, self.note = Reads(), Ask(), NoteEdit()
        self.trouble = small("")
        self.trouble.hide()
        self.trial = Trial()
        self.sections: dict[str, Fold] = {}
        self._facts = Fold(_("Facts"), "subfold", is_open=False)
        inside = QWidget(objectName="memoryInside")
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(16, 14, 14, 20)
        self._column.setSpacing(20)
        self._column.addWidget(self.trouble)
        folded = str(self._places.value("memory_folded", "note,meter")).split(",")
        for name, title, things in (
            ("story", _("The story so far"), [self.story]),
            ("cast", _("In this scene"), [self.cast]),
            ("facts", _("Facts"), []),
            ("recalled", _("Recalled"), []),
            ("reads", _("The next suggestion reads"), [self.reads]),
            ("note", _("Author’s note"), [self.note]),
            ("ask", _("Ask the book"), [self.ask]),
            ("meter", _("Does memory help?"), [self.trial]),
        ):
            section = self.sections[name] = Fold(title, is_open=name not in folded)
            section.put(*things)
            section.toggled.connect(self._keep_folded)
            self._column.addWidget(section)
        self._column.addStretch(1)
        self.area = QScrollArea(objectName="memoryArea")
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(inside)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 0, 0)
        column.setSpacing(0)
        for widget in (bar, self.reading, self.area):
            column.addWidget(widget)
        self.setMinimumWidth(260)

        self.story.wanted.connect(self.go)
        self.cast.wanted.connect(self.go)
        self.cast.opened.connect(self._fetch_sources)
        self.cast.changed.connect(self._put_entry)
        self.cast.removed.connect(self._remove_entry)
        self.ask.wanted.connect(self.go)
        self.ask.asked.connect(self._answer)
        self.trial.wanted.connect(self._try)
        self.trial.given_up.connect(self._give_up_trying)
        self.remembering.progressed.connect(self._on_progress)
        self.pause.clicked.connect(self._pause)
        self.note.changed.connect(lambda note: self._change(lambda store: setattr(store, "note", note)))
        self._show()

    def paint_in(self, theme: Theme) -> None:
        """Use this theme's colours."""
        self._theme = theme
        self._show()

    def toggle(self) -> None:
        """Show or fold away the panel, and remember that."""
        self.is_wanted = self.isHidden()
        self.setVisible(self.is_wanted)
        self._places.setValue("memory", "true" if self.is_wanted else "false")
        if self.is_wanted:
            self.look()
        else:
            self._window.page.setFocus()

    def fit(self, width: int) -> None:
        """Fold away in a narrow window, come back in a wide one."""
        self.setVisible(self.is_wanted and width >= NARROW)
        if not self.isHidden():
            self._wait()

    def _keep_folded(self) -> None:
        folded = [name for name, section in self.sections.items() if not section.is_open]
        self._places.setValue("memory_folded", ",".join(folded) or "none")

    # -- following the caret -----------------------------------------------------

    def work_on(self, session: Session | None) -> None:
        """Remember from now on for this project, or for none."""
        self.note.keep()
        self._drop()
        if self._question is not None:
            self._question.cancel()
            self._question = None
        self._give_up_trying()
        self._session, self._target, self.remembered = session, None, None
        self.remembering.work_on(session)
        self._on_progress(None)
        self.cast.close_card()
        self.ask.line.clear()
        if session is not None:
            session.scene_ready.connect(self._on_scene)
            self._timer.start(0)
        self._show()

    def _wait(self, _: object = None) -> None:
        self._drop()
        if self._session is not None and not self.isHidden():
            self._timer.start(REST_MS)

    def _drop(self) -> None:
        self._timer.stop()
        job, self._job = self._job, None
        if job is not None:
            job.cancel()

    def look(self) -> None:
        """Fetch what is remembered for where the author is now; suggestions come first."""
        session, window = self._session, self._window
        self._drop()
        if session is None or window.page.visit is None or self.isHidden():
            return
        if window.suggestions.state == "thinking":
            self._timer.start(REST_MS)
            return
        settings = window.in_force
        engine = window.suggestions.engine if window.suggestions.state == "ready" else None
        cursor, gather = window.page.cursor_now(), self.gather
        job = session.recalling.submit(
            lambda store: gather(cursor, store, engine, settings),
            returned=lambda remembered: self._arrived(job, remembered),
            failed=lambda error: self._failed(job, error),
        )
        self._job = job

    def _arrived(self, job: Job, remembered: Remembered) -> None:
        if job is self._job:
            self._job = None
            self.remembered = remembered
            self.trouble.hide()
            self._show()

    def _failed(self, job: Job, error: Exception) -> None:
        if job is not self._job:
            return
        self._job = None
        if not isinstance(error, WriterError):
            raise error
        self.trouble.setText(str(error))
        self.trouble.show()

    # -- showing -----------------------------------------------------------------

    def _show(self) -> None:
        known, theme = self.remembered or Remembered(), self._theme
        if theme is None:
            return
        is_writable = self._session is not None and not self._session.read_only
        self.story.show_story(known.story, self._window.scene, theme, is_whole=known.complete >= 1)
        self.cast.show_cast(known.here, known.cast, is_writable=is_writable)
        self._show_facts(known)
        self._show_recalled(known)
        self.note.show_note(known.note, is_writable=is_writable)
        on = self._window.settings.suggestions
        self.sections["reads"].setVisible(on and known.prompt is not None)
        self.sections["note"].setVisible(on)
        self.sections["meter"].setVisible(on)
        if known.prompt is not None:
            self.reads.show_prompt(known.prompt, theme)

    def _show_facts(self, known: Remembered) -> None:
        shown = (known.facts, known.conflicts, self._theme, self._quote_font.key())
        if shown == getattr(self, "_shown_facts", None):
            return
        self._shown_facts = shown
        section = self.sections["facts"]
        section.setVisible(bool(known.facts or known.conflicts))
        section.set_title(_("Contradictions and facts") if known.conflicts else _("Facts"))
        things: list[QWidget] = [self._conflict(conflict) for conflict in known.conflicts]
        if not known.conflicts:
            section.put(*map(self._fact, known.facts[-MOST_FACTS:]))
            return
        self.facts = Fold(_("All facts ({n})").format(n=f"{len(known.facts):,}"), "subfold", is_open=False)
        facts, fold = known.facts, self.facts

        def fill(on: bool) -> None:
            if on and not fold.column.count():
                fold.put(*(self._fact(fact) for fact in facts[-MOST_FACTS:]))

        self.facts.toggled.connect(fill)
        section.put(*things, self.facts)

    def _conflict(self, conflict: Conflict) -> QWidget:
        card = QWidget(objectName="card")
        card.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        earlier, later = conflict.earlier, conflict.later
        column = QVBoxLayout(card)
        column.setContentsMargins(12, 10, 12, 8)
        column.setSpacing(6)
        said = _("{subject}, {attribute}: “{earlier}” or “{later}”?").format(
            subject=later.subject, attribute=said_attribute(later.attribute), earlier=earlier.value, later=later.value
        )
        head = QLabel(said, wordWrap=True, textFormat=Qt.TextFormat.PlainText, objectName="conflict")
        column.addWidget(head)
        column.addWidget(Beside(*(self._quote(fact.source) for fact in (earlier, later))))
        done = quiet(_("Not a contradiction"), _("Never say again that these two contradict each other"))
        done.clicked.connect(partial(self._settle, conflict))
        if self._session is not None and not self._session.read_only:
            column.addWidget(done, 0, Qt.AlignmentFlag.AlignLeft)
        return card

    def _fact(self, fact: Fact) -> QWidget:
        said = _("{subject}, {attribute}: {value}").format(
            subject=fact.subject, attribute=said_attribute(fact.attribute), value=fact.value
        )
        button = QPushButton(said.replace("&", "&&"), objectName="fact")
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.setToolTip(f"{fact.source.text}\n{self.said_place(fact.source)}")
        button.clicked.connect(lambda _checked=False: self.go(fact.source))
        return button

    def _show_recalled(self, known: Remembered) -> None:
        shown = (known.recalled, known.choices, self._theme, self._quote_font.key())
        if shown == getattr(self, "_shown_recalled", None):
            return
        self._shown_recalled = shown
        section = self.sections["recalled"]
        section.setVisible(bool(known.recalled))
        chosen = {(choice.scene, choice.text): choice.kind for choice in known.choices}
        section.put(*(self._recalled(p, chosen.get((p.span.scene, p.text), "")) for p in known.recalled))

    def _recalled(self, passage: Passage, chosen: str) -> Quote:
        is_writable = self._session is not None and not self._session.read_only
        pin = quiet(
            _("Unpin") if chosen == "pin" else _("Pin"),
            _("Read this sentence only when it fits") if chosen == "pin" else _("Always read this sentence"),
        )
        out = quiet(
            _("Read again") if chosen == "exclude" else _("Leave out"),
            _("Let suggestions read this sentence again") if chosen == "exclude" else _("Never read this sentence"),
        )
        pin.clicked.connect(partial(self._choose, "pin", passage, chosen))
        out.clicked.connect(partial(self._choose, "exclude", passage, chosen))
        actions = [pin, out] if is_writable else []
        return self._quote(passage, actions, passage.why)

    def _quote(self, passage: Passage, actions: list[Any] | None = None, why: str = "") -> Quote:
        quote = Quote(passage, self.said_place(passage), self._quote_font, actions or [], why)
        quote.wanted.connect(self.go)
        return quote

    @property
    def _quote_font(self) -> QFont:
        """The page's face, smaller."""
        font = QFont(self._window.page.look.font)
        font.setPixelSize(15)
        return font

    def said_place(self, passage: Passage) -> str:
        """Where a passage stands, by the titles of its chapter and scene."""
        node = self._window.binder.node(passage.span.scene)
        parent = self._window.binder.node(node.parent) if node is not None and node.parent is not None else None
        titles = [other.title or _("Untitled") for other in (parent, node) if other is not None]
        return " · ".join(titles) or _("In the bin")

    # -- going to a sentence -----------------------------------------------------

    def go(self, passage: Passage) -> None:
        """Put the scene into the page and select the passage there."""
        session, page = self._session, self._window.page
        if session is None:
            return
        if self._window.binder.node(passage.span.scene) is None:
            self._window.notice.say(_("That scene is in the bin now; bring it back to read it."), topic="memory")
            return
        if page.visit is not None and page.visit.scene == passage.span.scene:
            self._select(page.visit, passage)
            return
        self._target = passage
        session.save()
        session.visit(passage.span.scene)

    def _on_scene(self, visit: Visit) -> None:
        target, self._target = self._target, None
        if target is not None and visit.scene == target.span.scene and self._window.page.visit is visit:
            self._select(visit, target)

    def _select(self, visit: Visit, passage: Passage) -> None:
        prose = visit.text
        span = found(prose, passage)
        page = self._window.page
        page.clear_ghost()
        page.place_caret(span.start)
        cursor = page.textCursor()
        cursor.setPosition(utf16.to_units(prose, span.start))
        cursor.setPosition(utf16.to_units(prose, span.end), cursor.MoveMode.KeepAnchor)
        page.setTextCursor(cursor)
        page.setFocus()

    # -- what the author decides -------------------------------------------------

    def _change(self, work: Callable[[Store], Any]) -> None:
        """Change what the author keeps beside the text, then show what comes of it."""
        if self._session is not None and not self._session.read_only:
            self._session.change(work, lambda _result: self.look())

    def _put_entry(self, entry: Entry) -> None:
        self.cast.close_card()
        self._change(lambda store: store.entries.put(entry))

    def _remove_entry(self, entry: Entry) -> None:
        self.cast.close_card()
        id = entry.id
        if id is not None:
            self._change(lambda store: store.entries.remove(id))

    def _choose(self, kind: str, passage: Passage, chosen: str, _checked: bool = False) -> None:
        scene, said = passage.span.scene, passage.text

        def work(store: Store) -> None:
            if chosen:
                store.choices.remove(Choice(chosen, scene, said))
            if chosen != kind:
                store.choices.put(Choice(kind, scene, said))

        self._change(work)

    def _settle(self, conflict: Conflict, _checked: bool = False) -> None:
        self._change(lambda store: store.choices.put(settled(conflict)))

    def _fetch_sources(self, entry: Entry) -> None:
        session, page, card = self._session, self._window.page, self.cast.card
        spans = [span for span in (entry.first, entry.last, *entry.sources) if span is not None]
        if session is None or page.visit is None or not spans:
            return
        cursor = page.cursor_now()

        def show(passages: list[Passage]) -> None:
            if card is not None and self.cast.card is card:
                card.show_sources(passages, self.said_place, self._quote_font)

        session.recalling.submit(
            lambda store: quoted(spans, store, cursor) if store is not None else [],
            returned=show,
            failed=self._window.show_error,
        )

    def close_down(self) -> None:
        """End what runs for the panel; the window closes."""
        self.work_on(None)
        self.remembering.close()

    # -- while the book is read ----------------------------------------------------

    def _on_progress(self, progress: Progress | None) -> None:
        """Say how far the book is read, if that takes longer than a moment."""
        now = time.monotonic()
        if progress is None:
            had, self._progress = self._progress, None
            self.reading.hide()
            if had is not None:
                self.look()
            return
        if self._progress is None:
            self._began = self._looked = now
        self._progress = progress
        if now - self._began > PATIENCE_S:
            self._say_progress()
        if now - self._looked > LOOK_S and self._job is None and not self._timer.isActive():
            self._looked = now
            self.look()

    def _say_progress(self) -> None:
        progress, paused = self._progress, self.remembering.is_paused
        if progress is None:
            return
        self.progress.setMaximum(max(1, progress.all))
        self.progress.setValue(progress.done)
        said = _("Paused: {percent} % of the book is read.") if paused else _("Reading the book: {percent} %")
        self.said_progress.setText(said.format(percent=100 * progress.done // max(1, progress.all)))
        self.said_progress.setToolTip(progress.what)
        self.pause.setText(_("Go on") if paused else _("Pause"))
        self.pause.setAccessibleName(_("Go on reading the book") if paused else _("Pause reading the book"))
        self.reading.show()

    def _pause(self) -> None:
        if self.remembering.is_paused:
            self.remembering.resume()
        else:
            self.remembering.pause()
        self._say_progress()

    # -- does it help --------------------------------------------------------------

    def _try(self) -> None:
        """Measure on this book, beside everything else, what the memory is worth."""
        session, engine = self._session, self._window.suggestions.engine
        if session is None or self._trying is not None:
            return
        if engine is None or self._window.suggestions.state not in ("ready", "thinking"):
            self.trial.say(_("That needs a model; wait until it is loaded, or choose one in Models."))
            return
        from writer import meter

        path = session.path
        line = Line("trial", lambda: Store.reader(path))

        def work(store: Store | None) -> Generator[meter.Progress, None, meter.Report]:
            assert store is not None
            return meter.measure(meter.Book(store, engine, meter.BUDGET))

        job = line.submit(
            work,
            yielded=lambda progress: self.trial.show_progress(progress) if self._is_trying(job) else None,
            returned=lambda report: self._tried(job, verdict(report)),
            failed=lambda error: self._on_trial_failed(job, error),
            interrupt=engine.cancel,
        )
        self._trying = line, job
        self.trial.begin()

    def _is_trying(self, job: Job) -> bool:
        return self._trying is not None and self._trying[1] is job

    def _tried(self, job: Job, said: str) -> None:
        if self._is_trying(job):
            self._give_up_trying()
            self.trial.say(said)

    def _on_trial_failed(self, job: Job, error: Exception) -> None:
        if not self._is_trying(job):
            return
        self._tried(job, str(error))
        if not isinstance(error, WriterError):
            raise error

    def _give_up_trying(self) -> None:
        trying, self._trying = self._trying, None
        if trying is not None:
            line, job = trying
            job.cancel()
            line.close()
            self.trial.say(_("Stopped."))

    # -- asking ------------------------------------------------------------------

    def _answer(self, question: str) -> None:
        session = self._session
        if session is None:
            return
        if self._question is not None:
            self._question.cancel()

        def hear(job: Job, replies: list[Reply]) -> None:
            if job is self._question:
                self._question = None
                self.ask.show_replies(replies, self.said_place, self._quote_font)

        def refused(job: Job, error: Exception) -> None:
            if job is self._question:
                self._question = None
                self.ask.say(str(error))
                if not isinstance(error, WriterError):
                    raise error

        session.save()
        answer = self.answer
        job = session.recalling.submit(
            lambda store: answer(question, store),
            returned=lambda replies: hear(job, replies),
            failed=lambda error: refused(job, error),
        )
        self._question = job


def answered(question: str, store: Store | None) -> list[Reply]:
    """What the book says to a question."""
    from writer.memory.recall import WORTH, recall  # not before it is asked for: the window comes first

    assert store is not None
    return [Reply("", (passage,)) for passage in recall(store, None, question, MOST_ANSWERS) if passage.score >= WORTH]


def found(prose: str, passage: Passage) -> Span:
    """Where a passage is in a text that may have changed since; its old start if it is gone."""
    start, text = passage.span.start, passage.text
    if prose[start : passage.span.end] == text:
        return passage.span
    after = prose.find(text, start) if text else -1
    before = prose.rfind(text, 0, start + len(text)) if text else -1
    options = [at for at in (after, before) if at >= 0]
    if not options:
        place = min(start, len(prose))
        return Span(passage.span.scene, place, place)
    nearest = min(options, key=lambda at: abs(at - start))
    return Span(passage.span.scene, nearest, nearest + len(text))
