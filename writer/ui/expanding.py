"""The scene in the page as the model writes on in it: what comes is grey, what is finished is text, Esc stops it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut, QTextCursor

from writer.errors import WriterError
from writer.i18n import _, ngettext
from writer.text import said_words
from writer.ui.length import ask_for_length
from writer.ui.writing import Wish, Writing

if TYPE_CHECKING:
    from writer.draft import Drafted, Progress
    from writer.ui.window import Window


class Expanding(QObject):
    """Shows in the page what is being written there, begun from here or from the queue, and lets the author stop it."""

    def __init__(self, window: Window, writing: Writing) -> None:
        super().__init__(window)
        self._window, self._writing = window, writing
        self._scene: int | None = None
        """The one that was asked for here."""
        self._told: int | None = None
        """The one of which the author was told that it is written."""
        self._coming = ""
        page = window.page
        self._escape = QShortcut(page)
        self._escape.setContext(Qt.ShortcutContext.WidgetShortcut)
        self._escape.activated.connect(self.stop)
        self._redraw = QTimer(self, singleShot=True, interval=0)
        self._redraw.timeout.connect(self._draw)
        writing.progressed.connect(self._on_progress)
        writing.came.connect(self._on_came)
        writing.halted.connect(self._on_halted)
        writing.over.connect(self._on_over)
        page.drawn.connect(self._redraw.start)
        page.edited.connect(self._on_edited)
        page.rested.connect(self._redraw.start)

    @property
    def is_here(self) -> bool:
        """Whether the scene in the page is being written."""
        progress = self._writing.progress
        return progress is not None and progress.scene != 0 and progress.scene == self._window.scene

    def begin(self) -> None:
        """Write the scene in the page, or write on in it, after asking how long it is to become."""
        window, scene = self._window, self._window.scene
        if scene is None or not window.work.can():
            return
        if self._writing.is_running and self.is_here:
            window.notice.say(_("This scene is being written already; Esc stops it."))
            return
        node = window.binder.node(scene)
        there = node.words if node is not None else 0
        session = window.session
        if session is None:
            return
        session.save()

        def ask(wanted: int) -> None:
            if window.scene == scene:
                title = (node.title if node is not None else "") or _("Untitled")
                ask_for_length(window, title, there, wanted, lambda words: self._write(scene, words))

        session.change(lambda store: store.plans.get(scene).target_words, ask)

    def _write(self, scene: int, words: int) -> None:
        window = self._window
        if window.scene != scene:
            return
        self._scene = scene
        window.page.clear_ghost()
        cursor = window.page.textCursor()
        cursor.movePosition(QTextCursor.MoveOperation.End)
        window.page.setTextCursor(cursor)
        window.page.setFocus()
        if not self._writing.begin(Wish((scene,), words)):
            self._scene = None

    def stop(self) -> None:
        """Stop writing; what is in the page stays, what is grey goes."""
        self._writing.pause()

    # -- what is on its way ------------------------------------------------------

    def _on_progress(self, progress: Progress) -> None:
        self._coming = progress.passage if self.is_here else ""
        self._attend()
        self._draw()

    def _on_came(self, scene: int, _text: str) -> None:
        if scene == self._window.scene:
            self._coming = ""
            self._draw()

    def _on_edited(self) -> None:
        """The author takes back what came: then nothing more is wanted."""
        visit = self._window.page.visit
        if visit is not None and self.is_here and self._writing.was_taken_back(visit):
            self.stop()
            self._writing.go_back(visit)
            self._window.notice.say(_("Writing stopped, since you took back what came."), topic="expand")
        elif visit is not None and self._told == visit.scene and self._writing.was_taken_back(visit):
            self._told = None
            self._window.notice.clear("expand")  # it says how much was written
        self._redraw.start()

    def _on_halted(self) -> None:
        self._attend()
        if self._writing.is_running:
            self._window.notice.clear("expand")  # what it says of the last time is over
        else:
            self._coming = ""
            self._draw()

    def _attend(self) -> None:
        """While the model writes here, Esc is to stop it and no suggestion comes between."""
        page = self._window.page
        here = self._writing.is_running and (self.is_here or self._scene == self._window.scene)
        self._escape.setKey(QKeySequence(page.keys.written("dismiss")) if here else QKeySequence())
        page.is_being_written = here

    def _draw(self) -> None:
        page = self._window.page
        here = self.is_here and self._writing.is_running
        if not here or not self._coming or page.visit is None:
            page.show_coming("")
            return
        from writer.draft.passage import paragraph_break  # not before it is wanted: the window comes first

        before = page.visit.text
        joint = paragraph_break(before) if before.strip() and not before.endswith("\n") else ""
        page.show_coming(joint + self._coming.lstrip())

    # -- the end -----------------------------------------------------------------

    def _on_over(self, result: Drafted | WriterError | None, wish: Wish) -> None:
        scene, self._scene = self._scene, None
        self._attend()
        if scene is None or wish.nodes != (scene,):
            return
        notice = self._window.notice
        if isinstance(result, WriterError):
            notice.say(str(result), topic="expand")
            return
        problem = next((said for node, said in result.problems if node == scene), "") if result is not None else ""
        written = result.words if result is not None else 0
        if problem:
            notice.say(problem, (_("Try again"), self.begin), topic="expand")
        elif written:
            said = _("{words} were written here; they are marked as the model’s.").format(words=said_words(written))
            if result is not None and result.missed:
                more = ngettext(
                    "{n} thing that must happen does not yet.",
                    "{n} things that must happen do not yet.",
                    result.missed,
                )
                said = _("{first} {second}").format(first=said, second=more.format(n=result.missed))
            self._told = scene
            notice.say(said, (_("Take it back"), lambda: self._writing.take_back(scene)), topic="expand")
