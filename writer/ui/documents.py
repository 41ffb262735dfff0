"""One Qt document for each scene, the latest few kept, so that undo and caret outlive a visit elsewhere."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QFont, QFontMetricsF, QTextBlockFormat, QTextCursor, QTextDocument, QTextFrameFormat

from writer.credits import Credits
from writer.story import Scene
from writer.ui import marks, utf16

LINE_HEIGHT = 1.62
"""Distance of lines, in sizes of the face."""
KEPT = 12


@dataclass(slots=True)
class Look:
    """How prose is set: the face, the first-line indent in ems, and whether a scene's first line has it."""

    font: QFont
    indent_ems: float
    indent_first: bool
    top: int
    bottom: int


@dataclass(slots=True)
class Visit:
    """A scene in the page: its document, and where the author was in it."""

    scene: int
    document: QTextDocument
    position: int = 0
    scroll: int = 0
    saved: int = 0
    """The document's revision that the file holds."""
    handed_over: int = 0
    """The one that was given to the file last, which may not have it yet."""
    handings: int = 0
    """How often that happened: an answer to an earlier one says nothing of the last."""

    @property
    def text(self) -> str:
        """The prose as the author sees it, with ``\\n`` between paragraphs."""
        # toPlainText() would turn no-break spaces into plain ones.
        return self.document.toRawText().replace("\u2029", "\n").replace("\u2028", "\n")

    @property
    def credits(self) -> Credits:
        """What of the prose a model wrote."""
        return marks.credits_of(self.document)

    @property
    def is_saved(self) -> bool:
        """Whether the file holds it as it is."""
        return self.document.revision() == self.saved

    @property
    def is_handed_over(self) -> bool:
        """Whether it is unchanged since it was last given to the file."""
        return self.document.revision() == self.handed_over

    def hand_over(self) -> int:
        """Note that it is being given to the file as it is now; ``keep`` and ``lose`` take what this gives."""
        self.handed_over = self.document.revision()
        self.handings += 1
        return self.handings

    def keep(self, handing: int) -> None:
        """What was handed over is in the file."""
        if handing == self.handings:
            self.saved = self.handed_over

    def lose(self, handing: int) -> None:
        """What was handed over did not come into the file, and has to be handed over again."""
        if handing == self.handings:
            self.handed_over = -1

    def settle(self, *, saved: bool) -> None:
        """The document was put in order from outside: ``saved`` if the file holds it so."""
        self.keep(self.hand_over()) if saved else self.lose(self.hand_over())
        if not saved:
            self.saved = -1


def body_format(look: Look, *, first: bool) -> QTextBlockFormat:
    """The paragraph format of a scene's first paragraph, or of any other."""
    block = QTextBlockFormat()
    percent = 100 * LINE_HEIGHT * look.font.pixelSize() / QFontMetricsF(look.font).height()
    block.setLineHeight(percent, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    if look.indent_first or not first:
        block.setTextIndent(round(look.indent_ems * look.font.pixelSize()))
    return block


def insert(cursor: QTextCursor, look: Look, prose: str, credits: Credits = ()) -> None:
    """Write prose at a cursor, in this look, with the marks of what a model wrote of it."""
    start = cursor.block().blockNumber()
    done = 0
    for credit in credits:
        cursor.insertText(prose[done : credit.start], marks.marked(None))
        cursor.insertText(prose[credit.start : credit.end], marks.marked(credit.origin))
        done = credit.end
    cursor.insertText(prose[done:], marks.marked(None))
    if "\n" in prose:
        paragraphs = QTextCursor(cursor)
        paragraphs.setPosition(cursor.document().findBlockByNumber(start + 1).position())
        paragraphs.setPosition(cursor.position(), QTextCursor.MoveMode.KeepAnchor)
        paragraphs.setBlockFormat(body_format(look, first=False))


def dress(document: QTextDocument, look: Look) -> None:
    """Set the whole document in this look; what could be undone before can't be afterwards."""
    document.setUndoRedoEnabled(False)
    document.setDefaultFont(look.font)
    document.setDocumentMargin(0)
    frame = QTextFrameFormat()
    frame.setTopMargin(look.top)
    frame.setBottomMargin(look.bottom)
    document.rootFrame().setFrameFormat(frame)
    cursor = QTextCursor(document)
    cursor.beginEditBlock()
    cursor.select(QTextCursor.SelectionType.Document)
    cursor.setBlockFormat(body_format(look, first=False))
    cursor.setPosition(0)
    cursor.setBlockFormat(body_format(look, first=True))
    cursor.endEditBlock()
    document.setUndoRedoEnabled(True)
    document.setModified(False)


class Documents:
    """The visits of the last few scenes."""

    def __init__(self, parent: QObject, look: Look) -> None:
        self._parent = parent
        self._visits: OrderedDict[int, Visit] = OrderedDict()
        self.look = look

    def __iter__(self) -> Iterator[Visit]:
        return iter(self._visits.values())

    def get(self, scene: int) -> Visit | None:
        """The visit of this scene, if it is still kept."""
        if scene in self._visits:
            self._visits.move_to_end(scene)
        return self._visits.get(scene)

    def open(self, scene: Scene) -> Visit:
        """The visit of this scene, from its saved text if it isn't kept."""
        visit = self.get(scene.id)
        if visit is None:
            document = QTextDocument(self._parent)
            document.setUndoRedoEnabled(False)
            document.setPlainText(scene.text)
            marks.put(document, scene.text, scene.credits)
            dress(document, self.look)
            visit = Visit(scene.id, document)
            visit.settle(saved=True)
            self._visits[scene.id] = visit
        return visit

    def rewrite(self, visit: Visit, scene: Scene, *, saved: bool) -> None:
        """Give a visit the text of a scene, which is ``saved`` or not; what could be undone can't be afterwards."""
        old, new = visit.text, scene.text
        same = next((i for i, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), None)
        start = min(len(old), len(new)) if same is None else same
        cursor = QTextCursor(visit.document)
        cursor.beginEditBlock()
        cursor.setPosition(utf16.units(old[:start]))
        cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(new[start:], marks.marked(None))
        cursor.endEditBlock()
        marks.put(visit.document, new, scene.credits)
        dress(visit.document, self.look)
        visit.settle(saved=saved)

    def drop(self, scene: int) -> None:
        """Forget a scene, unless there is something in it that the file hasn't."""
        visit = self._visits.get(scene)
        if visit is not None and visit.is_saved:
            del self._visits[scene]
            visit.document.deleteLater()

    def shrink(self, current: int) -> None:
        """Forget the oldest visits that are saved and not in the page."""
        for scene in [visit.scene for visit in self if visit.scene != current]:
            if len(self._visits) <= KEPT:
                return
            self.drop(scene)

    def redress(self, look: Look) -> None:
        """Set everything in a new look, except that what can be undone stays undoable."""
        self.look = look
        for visit in self._visits.values():
            document = visit.document
            if document.isUndoAvailable() or document.isRedoAvailable():
                document.setDefaultFont(look.font)
            else:
                before = document.revision()
                dress(document, look)
                if visit.saved == before:
                    visit.saved = document.revision()
                if visit.handed_over == before:
                    visit.handed_over = document.revision()
