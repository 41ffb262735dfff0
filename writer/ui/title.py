"""The scene's title above its prose; it scrolls away with the page and can be typed over."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QVBoxLayout, QWidget

from writer.i18n import _
from writer.ui.documents import Look
from writer.ui.editor import Page
from writer.ui.theme import Theme

_LEAVING = (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down)


class Title(QWidget):
    """Title and place of the scene, in the margin that the page leaves at its top."""

    renamed = Signal(int, str)

    def __init__(self, page: Page) -> None:
        super().__init__(page.viewport())
        self._page = page
        self._scene = 0
        self._shown = ""
        self._line = QLineEdit(objectName="title", frame=False)
        # Qt keeps two pixels beside the text: without them it stands flush with the prose.
        self._line.setTextMargins(-2, 0, 0, 0)
        self._line.setPlaceholderText(_("Untitled"))
        self._line.setAccessibleName(_("Title of the scene"))
        self._place = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._place.setProperty("soft", True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._line)
        layout.addWidget(self._place)
        layout.addStretch()
        self._line.editingFinished.connect(self.finish)
        self._line.installEventFilter(self)
        page.viewport().installEventFilter(self)
        page.verticalScrollBar().valueChanged.connect(self._follow)
        self._top = 46

    def show_title(self, scene: int, title: str, place: str, *, editable: bool) -> None:
        """Show a scene's title and where it stands in the book."""
        is_other = scene != self._scene
        if is_other:
            self.finish()
        self._scene, self._shown = scene, title
        if is_other or not self._line.hasFocus():
            self._line.setText(title)
            self._line.setCursorPosition(0)
        self._place.setText(place)
        self._line.setReadOnly(not editable)
        self._follow()

    def edit(self) -> None:
        """Let the author type another title."""
        self._page.verticalScrollBar().setValue(0)
        self._line.setFocus()
        self._line.selectAll()

    def paint_in(self, theme: Theme, look: Look) -> None:
        """Use this theme and the page's face."""
        face = look.font
        face = type(face)(face)
        face.setPixelSize(round(face.pixelSize() * 1.35))
        self._line.setFont(face)
        self._place.setFont(QApplication.font())  # else it has the page's, since it is in the page
        self._top = round(46 * look.font.pixelSize() / 20)
        self._follow()

    def finish(self) -> None:
        """Take what was typed into the title so far."""
        title = " ".join(self._line.text().split())
        if title and title != self._shown and not self._line.isReadOnly():
            self._shown = title
            self.renamed.emit(self._scene, title)
        elif not title:
            self._line.setText(self._shown)

    def _follow(self) -> None:
        page = self._page
        # A scene with undo history keeps its margin when the page is zoomed.
        room = round(page.document().rootFrame().frameFormat().topMargin())
        top = min(self._top, room // 3)
        self.setGeometry(0, top - page.verticalScrollBar().value(), page.viewport().width(), room - top)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._follow()
        return watched == self._line and isinstance(event, QKeyEvent) and self._leave(event)

    def _leave(self, event: QKeyEvent) -> bool:
        """Go back to the prose on Return, and on Escape with the title as it was."""
        key = event.key()
        if event.type() != QEvent.Type.KeyPress or key not in _LEAVING:
            return False
        if key == Qt.Key.Key_Escape:
            self._line.setText(self._shown)
        self._page.setFocus()
        return True
