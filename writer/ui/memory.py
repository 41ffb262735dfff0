"""The Memory panel at the right of the page: what is remembered for the caret, and what the next suggestion reads."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from writer.engines import BackgroundEngine, Engine
from writer.errors import EngineError, WriterError
from writer.i18n import _
from writer.memory.report import Remembered, quoted, recalled, reported, settled, with_prompt
from writer.settings import Settings
from writer.store import Store
from writer.story import Choice, Conflict, Cursor, Entry, Passage
from writer.suggest import prompt_for
from writer.ui.ask import Ask
from writer.ui.cast import Cast
from writer.ui.facts import Contradictions, Facts
from writer.ui.fold import Fold, quiet, small
from writer.ui.note import NoteEdit
from writer.ui.places import Places
from writer.ui.progress import Progress
from writer.ui.reads import Reads
from writer.ui.recalled import Recalled
from writer.ui.remembering import Remembering
from writer.ui.summaries import Summaries
from writer.ui.theme import Theme
from writer.ui.trial import Trial
from writer.ui.worker import Job

if TYPE_CHECKING:
    from writer.ui.session import Session
    from writer.ui.window import Window

REST_MS = 1000
"""After the caret rested so long, the panel follows it."""
NARROW = 1100
"""Below this width of the window the panel folds away."""


def gathered(
    cursor: Cursor, store: Store | None, engine: Engine | None, settings: Settings
) -> Generator[Remembered | None, None, Remembered]:
    """What the panel shows for this caret, in steps between which it can be dropped.

    What needs no model comes before that is asked, which may be busy for long.
    """
    assert store is not None
    yield None
    known = yield from reported(cursor, store)
    if engine is None:
        return replace(known, recalled=recalled(cursor, store, known.cast))
    yield known
    prompt = prompt_for(cursor, store, engine, settings)
    yield None
    return with_prompt(known, prompt, store, cursor)


class Memory(QWidget):
    """Follows the caret when it rests; every sentence in it leads to its place in the book."""

    def __init__(self, window: Window, settings: QSettings) -> None:
        super().__init__(objectName="memory")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(_("Memory"))
        self._window = window
        self._settings = settings
        self._session: Session | None = None
        self._theme: Theme | None = None
        self._job: Job | None = None
        self.places = Places(window)
        self.remembering = Remembering(window)
        self.gather: Callable[..., Any] = gathered
        self.remembered: Remembered | None = None
        self.is_wanted = settings.value("memory", "true") != "false"
        """Whether the author wants to see it where there is room."""
        self._timer = QTimer(self, singleShot=True, interval=REST_MS)
        self._timer.timeout.connect(self.look)
        self._showing: Iterator[None] = iter(())
        self._coming: Remembered | None = None
        self._has_looked = False
        self._step = QTimer(self, singleShot=True, interval=0)
        self._step.timeout.connect(self._show_on)
        self._build()
        self._connect()
        if not self.is_wanted:
            self.hide()

    # -- building ----------------------------------------------------------------

    def _build(self) -> None:
        self.fold_away = quiet("✕", _("Fold the memory away (Ctrl+M)"))
        bar = QWidget(objectName="memoryBar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(bar)
        row.setContentsMargins(8, 0, 10, 0)
        row.addWidget(QLabel(_("Memory"), objectName="memoryTab"))
        row.addStretch()
        row.addWidget(self.fold_away)

        window, places = self._window, self.places
        self.reading = Progress(self.remembering)
        self.trouble = small("")
        self.trouble.hide()
        self.story, self.cast = Summaries(), Cast(lambda: window.nodes)
        self.conflicts, self.recalled, self.facts = Contradictions(places), Recalled(places), Facts(places)
        self.reads, self.note = Reads(), NoteEdit()
        self.ask = Ask(places, self._writer)
        self.trial = Trial(self.remembering, window.open_engine, lambda: window.in_force)
        self.sections: dict[str, Fold] = {}
        inside = QWidget(objectName="memoryInside")
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 14, 14, 20)
        column.setSpacing(20)
        column.addWidget(self.trouble)
        folded = str(self._settings.value("memory_folded", "note,meter")).split(",")
        sections: list[tuple[str, str, QWidget]] = [
            ("story", _("The story so far"), self.story),
            ("cast", _("In this scene"), self.cast),
            ("conflicts", _("Contradictions"), self.conflicts),
            ("recalled", _("Recalled"), self.recalled),
            ("reads", _("The next suggestion reads"), self.reads),
            ("note", _("Author’s note"), self.note),
            ("ask", _("Ask the book"), self.ask),
            ("facts", _("Facts"), self.facts),
            ("meter", _("Does memory help?"), self.trial),
        ]
        for name, title, content in sections:
            section = self.sections[name] = Fold(title, is_open=name not in folded)
            section.put(content)
            section.toggled.connect(self._keep_folded)
            column.addWidget(section)
        column.addStretch(1)
        self.area = QScrollArea(objectName="memoryArea")
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(1, 0, 0, 0)
        whole.setSpacing(0)
        for widget in (bar, self.reading, self.area):
            whole.addWidget(widget)
        self.setMinimumWidth(260)

    def _connect(self) -> None:
        page = self._window.page
        for signal in (page.edited, page.typed_through, page.accepted, page.rested):
            signal.connect(self._wait)
        self._window.suggestions.state_changed.connect(self._on_model)
        self.fold_away.clicked.connect(self.toggle)
        self.reading.learned.connect(self._look_unless_busy)
        self.remembering.retelling.retold.connect(self._wait)
        self.story.wanted.connect(self.places.go)
        self.cast.wanted.connect(self.places.go)
        self.ask.asked.connect(self._wait)
        self.ask.asked.connect(self.remembering.retelling.give_way)
        self.cast.opened.connect(self._fetch_sources)
        self.cast.changed.connect(self._put_entry)
        self.cast.removed.connect(self._remove_entry)
        self.conflicts.settled.connect(self._settle)
        self.recalled.chosen.connect(self._choose)
        self.note.changed.connect(lambda note: self._change(lambda store: setattr(store, "note", note)))

    def paint_in(self, theme: Theme) -> None:
        """Use this theme's colours."""
        self._theme = theme
        self._show()

    def toggle(self) -> None:
        """Show or fold away the panel, and remember that."""
        self.is_wanted = self.isHidden()
        self.setVisible(self.is_wanted)
        self._settings.setValue("memory", "true" if self.is_wanted else "false")
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
        self._settings.setValue("memory_folded", ",".join(folded) or "none")

    # -- following the caret -----------------------------------------------------

    def work_on(self, session: Session | None) -> None:
        """Remember from now on for this project, or for none."""
        self.note.keep()
        self._drop()
        self._session, self.remembered, self._has_looked = session, None, False
        for thing in (self.places, self.ask, self.trial, self.remembering):
            thing.work_on(session)
        self.reading.show_progress(None)
        self.cast.close_card()
        if session is not None:
            self._timer.start(0)
        self._show()

    def close_down(self) -> None:
        """End what runs for the panel; the window closes."""
        self.work_on(None)
        self.remembering.close()

    def _wait(self, _: object = None) -> None:
        self._drop()
        if self._session is not None and not self.isHidden():
            self._timer.start(REST_MS)

    def _drop(self) -> None:
        self._timer.stop()
        self._step.stop()
        job, self._job = self._job, None
        if job is not None:
            job.cancel()

    def _on_model(self, state: str) -> None:
        """A model is there now: show what it reads."""
        if state == "ready" and self.remembered is not None and self.remembered.prompt is None:
            self._look_unless_busy()

    def _look_unless_busy(self) -> None:
        if self._job is None and not self._timer.isActive() and not self._step.isActive():
            self.look()

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
        beside = engine.beside() if engine is not None else None
        cursor, gather = window.page.cursor_now(), self.gather
        job = session.recalling.submit(
            lambda store: gather(cursor, store, beside, settings),
            yielded=lambda remembered: self._arrived(job, remembered, is_all=False) if remembered else None,
            returned=lambda remembered: self._arrived(job, remembered),
            failed=lambda error: self._failed(job, error),
            interrupt=beside.cancel if beside is not None else None,
        )
        self._job = job

    def _arrived(self, job: Job, remembered: Remembered, *, is_all: bool = True) -> None:
        if job is not self._job:
            return
        if is_all:
            self._job = None
        self._has_looked = True
        self.trouble.hide()
        self._showing = self._shown(remembered, is_all=is_all)
        self._coming = remembered if is_all else None
        self._step.start()

    def _failed(self, job: Job, error: Exception) -> None:
        if job is not self._job:
            return
        self._job = None
        if isinstance(error, EngineError):  # the model is wanted for something better, or has just gone
            self._timer.start(REST_MS)
            return
        if not isinstance(error, WriterError):
            raise error
        self.trouble.setText(str(error))
        self.trouble.show()

    # -- showing -----------------------------------------------------------------

    def _show(self) -> None:
        self._step.stop()
        for _section in self._shown(self.remembered or Remembered()):
            pass

    def _show_on(self) -> None:
        """Show one section more; in between, a key is never far away."""
        if next(self._showing, self) is not self:
            self._step.start()
        elif self._coming is not None:
            self.remembered = self._coming

    def _shown(self, known: Remembered, *, is_all: bool = True) -> Iterator[None]:
        """Show this, section by section; what is recalled and read only if that is known."""
        theme = self._theme
        if theme is None:
            return
        is_writable = self._session is not None and not self._session.read_only
        on = self._window.settings.suggestions
        sections = self.sections
        nodes = self._window.nodes
        is_empty = bool(nodes) and not any(node.words for node in nodes)
        is_whole = is_empty or (known.complete >= 1 and self._has_looked)
        self.story.show_story(known.story, self._window.scene, theme, is_whole=is_whole)
        yield
        self.cast.show_cast(known.here, known.cast, is_writable=is_writable)
        yield
        self.conflicts.show_conflicts(known.conflicts, is_writable=is_writable)
        sections["conflicts"].setVisible(bool(known.conflicts))
        yield
        self.facts.show_facts(known.facts, known.here)
        sections["facts"].setVisible(bool(known.facts))
        self.note.show_note(known.note, is_writable=is_writable)
        for name in ("note", "meter"):
            sections[name].setVisible(on)
        if not is_all:
            return
        yield
        has_prompt = known.prompt is not None
        self.recalled.show_recalled(
            known.read, known.recalled, known.choices, has_prompt=has_prompt, is_writable=is_writable
        )
        sections["recalled"].setVisible(bool(known.read or known.recalled))
        yield
        if known.prompt is not None:
            self.reads.show_prompt(known.prompt, theme)
        sections["reads"].setVisible(on and has_prompt)

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

    def _choose(self, choice: Choice | None, before: Choice | None) -> None:
        def work(store: Store) -> None:
            if before is not None:
                store.choices.remove(before)
            if choice is not None:
                store.choices.put(choice)

        self._change(work)

    def _settle(self, conflict: Conflict) -> None:
        self._change(lambda store: store.choices.put(settled(conflict)))

    def _fetch_sources(self, entry: Entry) -> None:
        session, page, card = self._session, self._window.page, self.cast.card
        spans = [span for span in (entry.first, entry.last, *entry.sources) if span is not None]
        if session is None or page.visit is None or not spans:
            return
        cursor = page.cursor_now()

        def show(passages: list[Passage]) -> None:
            if card is not None and self.cast.card is card:
                card.show_sources(passages, self.places.said, self.places.font)

        session.recalling.submit(
            lambda store: quoted(spans, store, cursor) if store is not None else [],
            returned=show,
            failed=self._window.show_error,
        )

    def _writer(self) -> BackgroundEngine | None:
        """The model that may put into words what the book says, if the one in use is large enough for that."""
        from writer.memory import abstract  # not before the book is asked: the window comes first

        suggestions = self._window.suggestions
        engine = suggestions.engine
        if engine is None or suggestions.state not in ("ready", "thinking") or not abstract.worth(None, engine.model):
            return None
        return engine.beside()
