"""Articles: which note each sentence of a model leans on, with a line under what no note has."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QColor, QHelpEvent, QTextDocument
from PySide6.QtWidgets import QToolTip

from writer.credits import Credits
from writer.errors import WriterError
from writer.i18n import _
from writer.store import Store, kind
from writer.story import Plan
from writer.ui import utf16
from writer.ui.theme import Theme
from writer.ui.tint import Line
from writer.ui.worker import Job

if TYPE_CHECKING:
    from writer.ui.session import Session
    from writer.ui.window import Window

REST_MS = 800
"""After so long without a change the page is looked at again."""
MOST_QUOTED = 240


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of the text in Qt's units: what is said of it, and whether it has a source."""

    start: int
    end: int
    kind: str
    """Sourced, bare (no note says it) or flag (a number, name or quotation that no note has)."""
    said: str


def marks(store: Store | None, scene: int, text: str, credits: Credits) -> list[Mark] | None:
    """What is to be said of the sentences that a model wrote any of; None if this is no article with notes."""
    from writer import sources  # not before the book is an article: the window comes first

    assert store is not None
    ground = kind.sources(store, scene)
    if not ground:
        return None
    found = []
    for start, end, leaning in sources.read(text, ground):
        if not any(credit.start < end and start < credit.end for credit in credits):
            continue
        if leaning.source is not None:
            said = _("Leans on your note: “{note}”").format(note=_short(leaning.source.text))
            found.append(_mark(text, start, end, "sourced", said))
        else:
            said = _("No note says this; check it, or add where it comes from to the notes.")
            found.append(_mark(text, start, end, "bare", said))
        found += [_mark(text, start + flag.start, start + flag.end, "flag", flag.why) for flag in leaning.flags]
    return found


class Sourced(QObject):
    """Looks at the page when it rests; hovering over a sentence says what it leans on."""

    switched = Signal(bool)
    """Whether the book is an article, whose sentences are checked."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._session: Session | None = None
        self._theme: Theme | None = None
        self._job: Job | None = None
        self._document: QTextDocument | None = None
        self.marks: list[Mark] = []
        self._timer = QTimer(self, singleShot=True, interval=REST_MS)
        self._timer.timeout.connect(self.look)
        page = window.page
        for signal in (page.edited, page.typed_through, page.accepted, page.rested):
            signal.connect(self._wait)
        window.writing.came.connect(self._wait)
        page.viewport().installEventFilter(self)

    def work_on(self, session: Session | None) -> None:
        """Look at this project's pages from now on, or at none."""
        self._session = session
        self._timer.stop()
        self._show([])
        if session is not None:
            session.plans_changed.connect(self._wait)
            session.change(kind.is_article, self.switched.emit)
            self._wait()

    def toggle(self, on: bool) -> None:
        """Check this book's sentences against its notes from now on, in drafts too, or no more."""
        session = self._session
        if session is not None and not session.read_only:
            session.change(lambda store: kind.put(store, kind.ARTICLE if on else kind.STORY), self._wait)
            self.switched.emit(on)
            self._tell(on)

    def _tell(self, on: bool) -> None:
        """Say what is missing where there is nothing to check against."""
        window = self._window
        if not on:
            window.notice.clear("sourced")
        elif not has_notes(window.binder.plans):
            window.notice.say(
                _("There are no notes yet to check against; write them into the plan, a fact or a quotation a line."),
                (_("Write notes…"), self._show_notes),
                topic="sourced",
            )

    def _show_notes(self) -> None:
        """Open the plan of the whole article at its notes."""
        window = self._window
        if not window.is_outlined:
            window.panels.toggle_outline()
        window.outline.choose([])
        if window.plan.isHidden():
            window.panels.toggle_plan()
        window.plan.follow()
        window.plan.notes.setFocus()

    def paint_in(self, theme: Theme) -> None:
        """Use this theme's colours."""
        self._theme = theme
        self._show(self.marks)

    def look(self) -> None:
        """Read the page against the notes, beside everything else."""
        session, visit = self._session, self._window.page.visit
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
        if session is None or visit is None or not self._window.settings.suggestions:
            self._show([])
            return
        scene, text, credits = visit.scene, visit.text, visit.credits
        revision = visit.document.revision()

        def show(found: list[Mark] | None) -> None:
            if self._window.page.visit is visit and visit.document.revision() == revision:
                self._show(found or [])

        def failed(error: Exception) -> None:  # the next look may go well
            if not isinstance(error, WriterError):
                raise error

        self._job = session.recalling.submit(
            lambda store: marks(store, scene, text, credits), returned=show, failed=failed
        )

    def at(self, position: int) -> str:
        """What is to be said of the text at this place."""
        here = [mark for mark in self.marks if mark.start <= position < mark.end]
        return next((mark.said for mark in here if mark.kind == "flag"), "") or next((mark.said for mark in here), "")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self.marks:
            said = self.at(self._window.page.cursorForPosition(event.pos()).position())
            if said:
                QToolTip.showText(event.globalPos(), f"<p>{_escaped(said)}</p>", self._window.page.viewport())
            else:
                QToolTip.hideText()
            return True
        return bool(super().eventFilter(watched, event))

    def _wait(self, *_what: object) -> None:
        visit = self._window.page.visit
        document = visit.document if visit is not None else None
        if document is not self._document:
            if self._document is not None:
                with suppress(RuntimeError):  # its owner may have freed it
                    self._document.contentsChange.disconnect(self._move)
            self._document = document
            self._show([])
            if document is not None:
                document.contentsChange.connect(self._move)
        if self._session is not None:
            self._timer.start()

    def _move(self, position: int, removed: int, added: int) -> None:
        """Let the lines go with their words while the author writes; what was changed is looked at anew."""
        if self.sender() is not self._document or not self.marks:
            return
        by = added - removed
        kept = []
        for mark in self.marks:
            if mark.end <= position:
                kept.append(mark)
            elif mark.start >= position + removed:
                kept.append(replace(mark, start=mark.start + by, end=mark.end + by))
        self._show(kept)

    def _show(self, found: list[Mark]) -> None:
        self.marks = found
        theme, page = self._theme, self._window.page
        if theme is None:
            return
        flags = sorted((mark for mark in found if mark.kind == "flag"), key=lambda mark: mark.start)
        lines = [Line(mark.start, mark.end, QColor(theme.deleted), is_wavy=True) for mark in flags]
        for mark in found:
            start = mark.start
            for flag in flags if mark.kind == "bare" else ():
                if mark.start <= flag.start and flag.end <= mark.end:  # one line at a place
                    lines.append(Line(start, flag.start, QColor(theme.ghost)))
                    start = flag.end
            if mark.kind == "bare":
                lines.append(Line(start, mark.end, QColor(theme.ghost)))
        page.tints.underline(lines)


def has_notes(plans: Mapping[int, Plan]) -> bool:
    """Whether there is anything that an article could be made of."""
    return any(plan.notes.strip() for plan in plans.values())


def _mark(text: str, start: int, end: int, kind: str, said: str) -> Mark:
    first = utf16.to_units(text, start)
    return Mark(first, first + utf16.units(text[start:end]), kind, said)


def _short(note: str) -> str:
    line = " ".join(note.split())
    return line if len(line) <= MOST_QUOTED else line[:MOST_QUOTED].rstrip() + "…"


def _escaped(said: str) -> str:
    return said.replace("&", "&amp;").replace("<", "&lt;")
