"""Two versions of a text in one: what is gone is struck through, what is new underlined, what stayed folded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit, QWidget

from writer.compare import changes, readable
from writer.i18n import ngettext
from writer.text import count_words, is_cjk
from writer.ui.theme import Theme

CONTEXT = 160
"""Characters that are shown around a change, more or less."""
MOST_PIECES = 4000
"""Pieces that are drawn at once; more of them take longer than a reader waits, and longer than any reads."""

_LINE_ENDS = re.compile(r"\n+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a comparison: text that stayed, is gone or is new; of a fold, the text it hides."""

    kind: Literal["equal", "delete", "insert", "fold"]
    text: str


def pieces(old: str, new: str) -> list[Piece]:
    """What became of the old text, in reading order; a long stretch without a change is a fold."""
    found = readable(changes(old, new))
    shown: list[Piece] = []
    for index, change in enumerate(found):
        gone, come = old[slice(*change.old)], new[slice(*change.new)]
        if change.kind == "equal":
            shown += _folded(gone, opens=index > 0, closes=index + 1 < len(found))
        else:
            shown += [Piece("delete", gone)] * bool(gone) + [Piece("insert", come)] * bool(come)
    return shown


def _folded(same: str, *, opens: bool, closes: bool) -> Iterator[Piece]:
    """What stayed between two changes, with its middle folded, or its beginning or end where no change is near."""
    start = _cut(same, CONTEXT) if opens else 0
    end = _cut(same, len(same) - CONTEXT) if closes else len(same)
    if end - start <= CONTEXT or not (opens or closes):
        yield Piece("equal", same)
        return
    if start:
        yield Piece("equal", same[:start])
    yield Piece("fold", same[start:end])
    if end < len(same):
        yield Piece("equal", same[end:])


def _cut(text: str, near: int) -> int:
    """A place near this one where a paragraph begins, or at least a word."""
    low, high = max(0, near - CONTEXT // 2), near + CONTEXT // 2
    line = text.rfind("\n", low, high) + 1
    if line:
        return line
    for at in range(max(0, near), min(high, len(text))):
        if text[at - 1 : at].isspace() or is_cjk(text[at]):
            return at
    return min(max(0, near), len(text))


class Comparison(QTextEdit):
    """Shows a comparison, a plain text or one sentence."""

    def __init__(self, theme: Theme, font: QFont, parent: QWidget | None = None) -> None:
        super().__init__(parent, objectName="comparison")
        self.setReadOnly(True)
        # With the keys too: it scrolls and copies without a mouse.
        flags = Qt.TextInteractionFlag
        self.setTextInteractionFlags(flags.TextSelectableByMouse | flags.TextSelectableByKeyboard)
        self.setTabChangesFocus(True)
        self.setFrameShape(QTextEdit.Shape.NoFrame)
        self.document().setUndoRedoEnabled(False)
        self.document().setDefaultFont(font)
        self.document().setDocumentMargin(28)
        self._formats = {kind: QTextCharFormat() for kind in ("equal", "delete", "insert", "fold")}
        gone, come, fold = (self._formats[kind] for kind in ("delete", "insert", "fold"))
        gone.setForeground(QColor(theme.deleted))
        gone.setBackground(QColor(theme.deleted_tint))
        gone.setFontStrikeOut(True)
        come.setForeground(QColor(theme.inserted))
        come.setBackground(QColor(theme.inserted_tint))
        come.setFontUnderline(True)
        fold.setForeground(QColor(theme.soft))
        self._soft = fold
        self._line = QTextBlockFormat()
        self._line.setLineHeight(135, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        self._dense = QTextBlockFormat(self._line)
        self._line.setBottomMargin(font.pixelSize() * 0.5)
        self._centred = QTextBlockFormat(self._line)
        self._centred.setAlignment(Qt.AlignmentFlag.AlignHCenter)

    def show_pieces(self, shown: list[Piece]) -> None:
        """Show a comparison, from its first change on."""
        cursor = self._begin(self._line)
        for index, piece in enumerate(shown[:MOST_PIECES]):
            if piece.kind == "fold":
                self._add_fold(cursor, piece.text, opens=index > 0)
            elif piece.kind == "equal":
                cursor.insertText(_LINE_ENDS.sub("\n", piece.text), self._formats["equal"])
            else:
                # A line end that is gone or new would not be seen.
                cursor.insertText(_LINE_ENDS.sub("¶\n", piece.text), self._formats[piece.kind])
        if len(shown) > MOST_PIECES:
            self._add_fold(cursor, "".join(p.text for p in shown[MOST_PIECES:] if p.kind != "delete"), opens=True)
        self._end(cursor)

    def show_text(self, text: str) -> None:
        """Show a text as it is."""
        cursor = self._begin(self._dense if "\n\n" in text else self._line)
        cursor.insertText(text, self._formats["equal"])
        self._end(cursor)

    def say(self, sentence: str) -> None:
        """Show one sentence instead."""
        cursor = self._begin(self._line)
        cursor.insertText(sentence, self._soft)
        self._end(cursor)

    def _begin(self, line: QTextBlockFormat) -> QTextCursor:
        self.clear()
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        cursor.setBlockFormat(line)
        return cursor

    def _end(self, cursor: QTextCursor) -> None:
        cursor.endEditBlock()
        cursor.setPosition(0)
        self.setTextCursor(cursor)

    def _add_fold(self, cursor: QTextCursor, hidden: str, *, opens: bool) -> None:
        """A line of its own that says how much stayed; "…" where it stands inside a paragraph."""
        n = count_words(hidden)
        if opens and not cursor.atBlockStart():
            cursor.insertText(" …", self._soft)
        if cursor.atBlockStart():
            cursor.setBlockFormat(self._centred)
        else:
            cursor.insertBlock(self._centred)
        label = ngettext("… {n} word that stayed …", "… {n} words that stayed …", n).format(n=f"{n:,}")
        cursor.insertText(label, self._soft)
        cursor.insertBlock(self._line)
        if not hidden.endswith("\n"):
            cursor.insertText("… ", self._soft)
