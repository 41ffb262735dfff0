"""Where the sentences of the Memory panel stand in the book, and the way there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QWidget

from writer.i18n import _
from writer.story import Passage, Span
from writer.text import one_line
from writer.ui import utf16
from writer.ui.documents import Visit
from writer.ui.fold import MOST_QUOTED, Quote

if TYPE_CHECKING:
    from writer.ui.session import Session
    from writer.ui.window import Window

QUOTED_PIXELS = 15


class Places:
    """Says where a sentence stands, sets it in the page's face, and goes there."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._session: Session | None = None
        self._target: Passage | None = None

    def work_on(self, session: Session | None) -> None:
        """Lead into this project from now on, or nowhere."""
        self._session, self._target = session, None
        if session is not None:
            session.scene_ready.connect(self._on_scene)

    @property
    def font(self) -> QFont:
        """The page's face, smaller."""
        font = QFont(self._window.page.look.font)
        font.setPixelSize(QUOTED_PIXELS)
        return font

    def said(self, passage: Passage) -> str:
        """Where a passage stands, by the titles of its chapter and scene."""
        node = self._window.binder.node(passage.span.scene)
        parent = self._window.binder.node(node.parent) if node is not None and node.parent is not None else None
        titles = [other.title or _("Untitled") for other in (parent, node) if other is not None]
        return " · ".join(titles) or _("In the bin")

    def quote(self, passage: Passage, actions: Sequence[QWidget] = (), why: str = "", most: int = MOST_QUOTED) -> Quote:
        """The passage as it is shown in the panel, about so many characters of it; a click goes there."""
        quote = Quote(passage, self.said(passage), self.font, actions, why, most)
        quote.wanted.connect(self.go)
        return quote

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


def found(prose: str, passage: Passage) -> Span:
    """Where a passage is in a text that may have changed since; its old start if it is gone."""
    start, text = passage.span.start, passage.text
    if text in (prose[start : passage.span.end], one_line(prose[start : passage.span.end])):
        return passage.span
    after = prose.find(text, start) if text else -1
    before = prose.rfind(text, 0, start + len(text)) if text else -1
    options = [(at, at + len(text)) for at in (after, before) if at >= 0] or list(_marked(prose, text))
    place = min(start, len(prose))
    nearest = min(options, key=lambda option: abs(option[0] - start), default=(place, place))
    return Span(passage.span.scene, *nearest)


def _marked(prose: str, text: str) -> Iterator[tuple[int, int]]:
    """Where the same stands with marks of emphasis, or on several lines."""
    words = (r"[_*]*".join(map(re.escape, word)) for word in text.split())
    pattern = r"[_*]*\s+[_*]*".join(words)
    return (match.span() for match in re.finditer(pattern, prose)) if pattern else iter(())
