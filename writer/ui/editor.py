"""The page: plain prose with the pending suggestion drawn in grey at the caret."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import takewhile
from typing import Any

from PySide6.QtCore import QEvent, QMimeData, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDropEvent,
    QFocusEvent,
    QInputMethodEvent,
    QKeyEvent,
    QMouseEvent,
    QPaintEvent,
    QResizeEvent,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QTextEdit, QWidget

from writer import text
from writer.credits import Credits, cut
from writer.ghost import Ghost
from writer.story import Credit, Cursor, Origin
from writer.ui import marks, utf16
from writer.ui.documents import Look, Visit, body_format, insert
from writer.ui.early import Early
from writer.ui.grey import Grey
from writer.ui.keys import Keys
from writer.ui.tint import Tints

LOWEST_CARET = 0.72
"""Where the caret is put at the lowest when a place is opened, as a share of the page's height."""
_MODIFIERS = frozenset(
    {
        Qt.Key.Key_Shift,
        Qt.Key.Key_Control,
        Qt.Key.Key_Alt,
        Qt.Key.Key_AltGr,
        Qt.Key.Key_Meta,
        Qt.Key.Key_CapsLock,
        Qt.Key.Key_NumLock,
    }
)


class Page(QTextEdit):
    """An editor of one scene at a time that can show one suggestion."""

    edited = Signal()
    typed_through = Signal(str)
    accepting = Signal()
    """What a model wrote is about to become text."""
    accepted = Signal(str)
    dismissed = Signal()
    wanted = Signal(str)
    """The author asks: "ask", "next" or "previous"."""
    rested = Signal()
    """The caret moved without an edit."""
    drawn = Signal()
    """The grey text appeared, changed or went."""
    focus_left = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self.setAcceptRichText(False)
        self.setFrameShape(QTextEdit.Shape.NoFrame)
        self.setCursorWidth(2)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabChangesFocus(False)
        self.look = look
        self.line_width = 640
        self.visit: Visit | None = None
        self._blank = QTextDocument(self)
        self.ghost: Ghost | None = None
        self._parked: Ghost | None = None
        self.grey, self.coming = Grey(self), Grey(self)
        self.tints = Tints(self)
        self.is_being_written = False
        """Whether a model writes on at the scene's end, so that a suggestion there would be in its way."""
        self._composing = False
        self._just_accepted = False
        self._own_change = 0
        self.keys = Keys({})
        self.early = Early(self)
        self.cursorPositionChanged.connect(self._on_caret)
        self.selectionChanged.connect(self._on_caret)

    # -- the scene ---------------------------------------------------------------

    def show_visit(self, visit: Visit) -> None:
        """Put this scene into the page, with caret and scroll where they were."""
        self.leave()
        with self.changing():
            self.visit = visit
            self.setDocument(visit.document)
            visit.document.contentsChange.connect(self._on_change)
            cursor = self.textCursor()
            cursor.setPosition(min(visit.position, visit.document.characterCount() - 1))
            self.setTextCursor(cursor)
            self.verticalScrollBar().setValue(visit.scroll)
            self.ensureCursorVisible()
        self.early.type_soon()

    def leave(self) -> None:
        """Take the scene out of the page; the visit remembers where the author was."""
        self.clear_ghost()
        visit, self.visit = self.visit, None
        if visit is not None:
            visit.position = self.textCursor().position()
            visit.scroll = self.verticalScrollBar().value()
            visit.document.contentsChange.disconnect(self._on_change)
            # A page must never hold a document that its owner may free.
            self.setDocument(self._blank)

    def cursor_now(self) -> Cursor:
        """The author's place in the live text, in code points."""
        assert self.visit is not None
        prose = self.visit.text
        offset = utf16.to_points(prose, self.textCursor().position())
        return Cursor(self.visit.scene, prose, offset, self.document().revision())

    def place_caret(self, offset: int) -> None:
        """Move the caret to this code-point offset, or as near as the text allows."""
        assert self.visit is not None
        cursor = self.textCursor()
        cursor.setPosition(utf16.to_units(self.visit.text, max(0, offset)))
        self.setTextCursor(cursor)
        self.ensureCursorVisible()
        self._make_room()

    def select(self, start: int, end: int) -> None:
        """Select from one code-point offset to another, where the author can see it."""
        assert self.visit is not None
        prose, cursor = self.visit.text, self.textCursor()
        cursor.setPosition(utf16.to_units(prose, start))
        cursor.setPosition(utf16.to_units(prose, end), QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)
        self.ensureCursorVisible()
        self._make_room()

    @property
    def selected(self) -> tuple[int, int]:
        """Start and end of what is selected, in code points; both where the caret is if nothing is."""
        assert self.visit is not None
        prose, cursor = self.visit.text, self.textCursor()
        return utf16.to_points(prose, cursor.selectionStart()), utf16.to_points(prose, cursor.selectionEnd())

    # -- the suggestion ----------------------------------------------------------

    @property
    def is_composing(self) -> bool:
        """Whether an input method has words that are not in the text yet."""
        return self._composing

    @property
    def can_suggest(self) -> bool:
        """Whether grey text may be shown at the caret at all."""
        return not (
            self.visit is None
            or self._composing
            or (self.is_being_written and self.textCursor().atEnd())
            or self.isReadOnly()
            or not self.hasFocus()
            or self.textCursor().hasSelection()
        )

    def expect(self, cursor: Cursor) -> None:
        """Prepare for a suggestion at this place; any edit or caret move from now on dismisses it."""
        self.clear_ghost()
        self.ghost = Ghost("", cursor.scene, cursor.revision, cursor.offset)

    def grow(self, piece: str, origin: Origin | None = None) -> None:
        """Add a piece to the suggestion that is expected or shown."""
        if self.ghost is not None:
            self._redraw(self.ghost.grow(piece, origin))

    def show_text(self, suggestion: str, origin: Origin | None = None) -> None:
        """Show another suggestion in the place of the one expected or shown."""
        if self.ghost is not None:
            self._redraw(replace(self.ghost, text=suggestion, origin=origin))

    def show_coming(self, prose: str) -> None:
        """Draw in grey at the scene's end what is being written there, in place of what was drawn before.

        Whatever clears a suggestion clears it too; a suggestion in the same paragraph comes first.
        """
        self.coming.erase()
        last = self.document().lastBlock()
        if not prose or self.visit is None or (self.has_ghost and self.textCursor().block() == last):
            return
        if self._composing and self.textCursor().block() == last:
            return
        self.coming.draw(prose, at_end=True)

    def clear_ghost(self) -> None:
        """Take the suggestion off the page; the text is as if it had never been there."""
        was = self.ghost
        self.ghost = None
        self.grey.erase()
        self.coming.erase()
        if was is not None:
            self.drawn.emit()
            self.dismissed.emit()

    def accept(self, part: str) -> None:
        """Write a beginning of the suggestion into the text, as one step of undo and as the model's words."""
        ghost = self.ghost
        if ghost is None or not part:
            return
        self.accepting.emit()
        rest = ghost.rest_after(part)
        self.grey.erase()
        with self.changing():
            cursor = self.textCursor()
            cursor.beginEditBlock()
            insert(cursor, self.look, part, (Credit(0, len(part), ghost.origin),) if ghost.origin else ())
            cursor.endEditBlock()
            self.setTextCursor(cursor)
            self.ensureCursorVisible()
        self._just_accepted = True
        self.ghost = self._moved(rest)
        self._draw()
        self.drawn.emit()
        self.accepted.emit(part)

    def perform(self, action: str) -> None:
        """Do what the key of this action does."""
        self.setFocus()
        self._act(action)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """While this lasts, changes of the document are not the author's."""
        self._own_change += 1
        try:
            yield
        finally:
            self._own_change -= 1

    def _moved(self, rest: Ghost | None) -> Ghost | None:
        """The rest of a suggestion, tied to where the caret is now."""
        if rest is None or self.visit is None:
            return None
        offset = utf16.to_points(self.visit.text, self.textCursor().position())
        return replace(rest, revision=self.document().revision(), offset=offset)

    def _redraw(self, ghost: Ghost) -> None:
        self.grey.erase()
        self.ghost = ghost
        self._draw()
        self.drawn.emit()

    def _draw(self) -> None:
        ghost = self.ghost
        if ghost is not None and ghost.text and not self._composing:
            self.grey.draw(ghost.text)

    def _make_room(self) -> None:
        """Keep the caret off the lower edge, so that there is room for what comes next."""
        low = self.cursorRect().bottom() - round(LOWEST_CARET * self.viewport().height())
        if low > 0:
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() + low)

    def _on_change(self, position: int, removed: int, added: int) -> None:
        if self._own_change or not (removed or added):
            return
        self.clear_ghost()
        self.edited.emit()

    def _on_caret(self) -> None:
        if self._own_change or self.visit is None:
            return
        ghost = self.ghost
        if ghost is not None:
            here = self.textCursor()
            stays = not here.hasSelection() and ghost.revision == self.document().revision()
            if stays and utf16.to_points(self.visit.text, here.position()) == ghost.offset:
                return
            self.clear_ghost()
        self.rested.emit()

    # -- keys, mouse, input methods ----------------------------------------------

    def event(self, event: QEvent) -> bool:
        # A shortcut of the window must not swallow a key that belongs to the suggestion.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            action = self.keys.action(event)
            if action in ("ask", "next", "previous") or (action and self.has_ghost):
                event.accept()
                return True
        handled = bool(super().event(event))
        if event.type() == QEvent.Type.Polish:  # a style sheet takes the face away when the page comes back
            self.setFont(self.look.font)
        return handled

    @property
    def has_ghost(self) -> bool:
        """Whether grey text is on the page."""
        return self.ghost is not None and bool(self.ghost.text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _MODIFIERS:
            super().keyPressEvent(event)
            return
        if self.early.must_wait:
            self.early.keep(event)
            event.accept()
            return
        if self._act(self.keys.action(event)):
            event.accept()
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not self.isReadOnly():
            self.clear_ghost()
            self._break_paragraph()
            event.accept()
            return
        control = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        if event.text() and not control and self._type_through(event.text(), event):
            return
        # Before Qt handles it: Down and End must go where they would go without grey text.
        self.clear_ghost()
        if event.text() and not control:
            self._write(super().keyPressEvent, event)
        else:
            # Never within an edit block: this may be the key for undo.
            super().keyPressEvent(event)

    def _write(self, handle: Callable[[Any], None], event: QKeyEvent | QInputMethodEvent) -> None:
        """Let Qt handle typing; right behind an accepted suggestion as an undo step of its own, never merged."""
        if not self._just_accepted:
            handle(event)
            return
        self._just_accepted = False
        cursor = self.textCursor()
        cursor.beginEditBlock()
        handle(event)
        cursor.endEditBlock()

    def _act(self, action: str) -> bool:
        if action in ("ask", "next", "previous"):
            self.wanted.emit(action)
            return True
        ghost = self.ghost
        if not action or ghost is None:
            return False
        if not ghost.text:
            # Nothing to take yet: Tab and Ctrl+Right keep their own meaning, Alt+Right has none and waits.
            return action == "accept_sentence"
        if action == "accept":
            self.accept(ghost.text)
        elif action == "accept_word":
            self.accept(ghost.next_word())
        elif action == "accept_sentence":
            self.accept(ghost.next_sentence())
        else:
            self.clear_ghost()
        return True

    def _type_through(self, typed: str, event: QKeyEvent | QInputMethodEvent) -> bool:
        """Let the author type what was predicted, and keep the rest of it in grey."""
        ghost = self.ghost
        rest = ghost.typed(typed) if ghost is not None and ghost.text else None
        if rest is None or self.overwriteMode():
            return False
        self.grey.erase()
        handle = super().keyPressEvent if isinstance(event, QKeyEvent) else super().inputMethodEvent
        with self.changing():
            self._write(handle, event)
        self.ghost = self._moved(rest)
        self._draw()
        self.drawn.emit()
        self.typed_through.emit(typed)
        return True

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        if self.early.must_wait and event.commitString():
            event = self.early.keep_committed(event)
        # Before Qt handles it: clearing afterwards would wipe what the author is composing.
        starting = bool(event.preeditString()) and not self._composing
        if starting:
            self._parked = self.ghost if self.has_ghost else None
        committed = event.commitString()
        if committed and not event.preeditString() and not event.replacementLength():
            parked, self._parked = self._parked, None
            if self.ghost is None and parked is not None and parked.typed(committed) is not None:
                self._composing = False
                self.ghost = parked
            if self._type_through(committed, event):
                self._composing = False
                return
        self.clear_ghost()
        if event.commitString():
            self._write(super().inputMethodEvent, event)
        else:
            super().inputMethodEvent(event)
        self._composing = bool(event.preeditString())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.clear_ghost()
        super().mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.clear_ghost()
        super().contextMenuEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self.clear_ghost()
        super().dropEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        # The menu has the suggestion's actions: opening it must not take the suggestion away.
        if event.reason() != Qt.FocusReason.PopupFocusReason and event.reason() != Qt.FocusReason.MenuBarFocusReason:
            self.clear_ghost()
        super().focusOutEvent(event)
        self.focus_left.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.rested.emit()

    # -- text in and out ---------------------------------------------------------

    def _break_paragraph(self) -> None:
        cursor = self.textCursor()
        cursor.beginEditBlock()
        cursor.removeSelectedText()
        cursor.insertBlock(body_format(self.look, first=False), marks.marked(None))
        cursor.endEditBlock()
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def add_at_end(
        self, visit: Visit, prose: str, credits: Credits, *, joined: bool = False, follows: bool = False
    ) -> None:
        """Write behind a scene's text, in the page or not; ``joined`` to the step of undo before it.

        The caret stays where it is; or, if it is at the end and ``follows``, it goes along.
        """
        is_here = visit is self.visit
        if is_here:
            self.coming.erase()
            if self.textCursor().block() == visit.document.lastBlock():
                self.clear_ghost()
        caret = self.textCursor()
        follows = follows and is_here and caret.atEnd() and not caret.hasSelection()
        anchor, position = caret.anchor(), caret.position()
        with self.changing():
            cursor = QTextCursor(visit.document)
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.joinPreviousEditBlock() if joined else cursor.beginEditBlock()
            insert(cursor, self.look, prose, credits)
            cursor.endEditBlock()
            if follows:
                self.ensureCursorVisible()
            elif is_here:
                caret.setPosition(anchor)
                caret.setPosition(position, QTextCursor.MoveMode.KeepAnchor)
                self.setTextCursor(caret)
        if is_here and self.ghost is not None:  # which belongs to another place, and stays there
            self.ghost = replace(self.ghost, revision=visit.document.revision())
        self._just_accepted = self._just_accepted or is_here

    def replace_text(self, prose: str, credits: Credits) -> None:
        """Put another text in the place of the page's, as one step of undo; the caret goes where the two part."""
        assert self.visit is not None
        self.clear_ghost()
        pairs = zip(self.visit.text, prose, strict=False)
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        cursor = self.textCursor()
        cursor.beginEditBlock()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.removeSelectedText()
        cursor.setBlockFormat(body_format(self.look, first=True))
        insert(cursor, self.look, prose, credits)
        cursor.endEditBlock()
        self._just_accepted = False
        self.place_caret(same)

    def insertFromMimeData(self, source: QMimeData) -> None:
        if not source.hasText() or self.isReadOnly() or self.visit is None:
            return
        self.clear_ghost()
        cursor = self.textCursor()
        cursor.beginEditBlock()
        cursor.removeSelectedText()
        prose = text.clean(source.text())
        insert(cursor, self.look, prose, marks.unpack(source, prose))
        cursor.endEditBlock()
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def createMimeDataFromSelection(self) -> QMimeData:
        data = QMimeData()
        cursor = self.textCursor()
        prose = cursor.selectedText().replace("\u2029", "\n").replace("\u2028", "\n")
        data.setText(prose)
        if self.visit is not None and (credits := self.visit.credits):
            start = utf16.to_points(self.visit.text, cursor.selectionStart())
            marks.pack(data, prose, cut(credits, start, start + len(prose)))
        return data

    # -- what is drawn -----------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        self.tints.paint_behind(event.rect())
        super().paintEvent(event)
        self.tints.paint_over(event.rect())

    def lay_out(self) -> None:
        """Centre the measure; call after a change of zoom or line width."""
        bar = self.verticalScrollBar().sizeHint().width()
        free = self.width() - bar - round(self.line_width * self.look.font.pixelSize() / 20)
        side = max(28, free // 2)
        self.setViewportMargins(side, 0, max(8, side - bar), 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        was_in_view = QRect(QPoint(), event.oldSize()).intersects(self.cursorRect())
        self.lay_out()
        super().resizeEvent(event)
        if was_in_view:
            self.ensureCursorVisible()

    def inputMethodQuery(self, query: Qt.InputMethodQuery, argument: object = None) -> object:
        answer = super().inputMethodQuery(query) if argument is None else super().inputMethodQuery(query, argument)
        if query in (Qt.InputMethodQuery.ImCursorRectangle, Qt.InputMethodQuery.ImAnchorRectangle):
            # Qt answers in the viewport's coordinates and forgets its margins.
            corner = self.viewport().geometry().topLeft() - QPoint(self.frameWidth(), self.frameWidth())
            return QRectF(answer).translated(corner)
        return answer
