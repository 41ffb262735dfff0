"""What the Memory panel is made of: headings that fold, rows that wrap, places that lead into the book."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLayoutItem,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from writer.i18n import _
from writer.story import Passage
from writer.text import language_of, one_line
from writer.ui.theme import Theme

SIDE_BY_SIDE = 380
"""Pixels from which on two sentences stand beside each other."""
MOST_TOLD = 160
MOST_QUOTED = 140
"""Characters of a sentence that are shown in the panel; a click shows it whole, in its place."""
LEADING = 125


class Fold(QWidget):
    """A heading with a body under it, which the heading shows and folds away."""

    toggled = Signal(bool)

    def __init__(self, title: str, name: str = "fold", *, is_open: bool = True) -> None:
        super().__init__()
        self._name, self._title = name, title
        self.head = QPushButton(objectName=name)
        self.head.setCheckable(True)
        self.head.setChecked(is_open)
        self.head.setCursor(Qt.CursorShape.PointingHandCursor)
        self.head.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.head.toggled.connect(self._on_toggled)
        self.body = QWidget()
        self.column = QVBoxLayout(self.body)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(6)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.head)
        layout.addWidget(self.body)
        self.body.setVisible(is_open)
        self._dress()

    @property
    def is_open(self) -> bool:
        """Whether the body is shown."""
        return self.head.isChecked()

    def set_title(self, title: str) -> None:
        """Say something else in the heading."""
        self._title = title
        self._dress()

    def put(self, *things: QWidget | QLayout) -> None:
        """Fill the body anew."""
        empty(self.column)
        for thing in things:
            if isinstance(thing, QLayout):
                self.column.addLayout(thing)
            else:
                self.column.addWidget(thing)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._dress()

    def _on_toggled(self, on: bool) -> None:
        self.body.setVisible(on)
        self._dress()
        self.toggled.emit(on)

    def _dress(self) -> None:
        title = self._title.upper() if self._name == "fold" else self._title
        mark = "▾" if self.is_open else "▸"
        head = title if self.is_open else f"{title}  {mark}"
        room = self.head.width() - 24
        shown = self.head.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, room) if room > 40 else title
        self.head.setText(head if self._name == "fold" else f"{mark}  {shown}")
        self.head.setAccessibleName(self._title)
        self.head.setAccessibleDescription(_("Shown") if self.is_open else _("Folded away"))
        self.head.setToolTip(self._title if shown != title else "")


class Flow(QLayout):
    """Puts widgets side by side and goes on in the next line where they don't fit."""

    def __init__(self, parent: QWidget | None = None, gap: int = 6) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap = gap
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize(0, 0)
        for item in self._items:
            size = size.expandedTo(QSize(min(item.minimumSize().width(), 120), item.minimumSize().height()))
        return size

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        x, y, line = rect.x(), rect.y(), 0
        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint()
            width = min(size.width(), rect.width())
            if x > rect.x() and x + width > rect.right() + 1:
                x, y, line = rect.x(), y + line + self._gap, 0
            if move:
                item.setGeometry(QRect(QPoint(x, y), QSize(width, size.height())))
            x += width + self._gap
            line = max(line, size.height())
        return y + line - rect.y()


class Kept:
    """The widgets in a layout by what they show: those that still show it stay, which costs nothing."""

    def __init__(self, layout: QLayout) -> None:
        self._layout = layout
        self.widgets: dict[Any, QWidget] = {}

    def show(self, wanted: Mapping[Any, Callable[[], QWidget]]) -> None:
        """Show these in order, making only those that aren't there yet."""
        if list(wanted) == list(self.widgets):
            return
        known, self.widgets = self.widgets, {}
        for key, make in wanted.items():
            self.widgets[key] = known.pop(key) if key in known else make()
        for widget in known.values():
            self._layout.removeWidget(widget)
            widget.hide()
            widget.setParent(None)
            widget.deleteLater()
        for widget in self.widgets.values():
            self._layout.removeWidget(widget)
            self._layout.addWidget(widget)


class Place(QPushButton):
    """Where something stands in the book; a click goes there."""

    def __init__(self, said: str, passage: Passage) -> None:
        super().__init__(objectName="place")
        self.passage = passage
        self._said = f"{said} ↗"
        self.setText(self._said)
        self.setToolTip(_line(passage.text))
        self.setAccessibleName(_("Go to {place}").format(place=said))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        return QSize(40, super().sizeHint().height())

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self._said) + 4, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setText(self.fontMetrics().elidedText(self._said, Qt.TextElideMode.ElideMiddle, self.width() - 2))


class Told(QLabel):
    """Sentences one behind the other, each of which leads to its place."""

    wanted = Signal(object)

    def __init__(self, passages: Sequence[Passage], theme: Theme) -> None:
        super().__init__(wordWrap=True, textFormat=Qt.TextFormat.RichText, objectName="told")
        self._passages, self._theme = passages, theme
        links = Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        self.setTextInteractionFlags(links)
        self.setAccessibleName(_gap(passages).join(_line(passage.text) for passage in passages))
        self.linkActivated.connect(lambda link: self.wanted.emit(self._passages[int(link)]))
        self.linkHovered.connect(self._show)
        self._show("")

    def _show(self, hovered: str) -> None:
        pieces = []
        for number, passage in enumerate(self._passages):
            colour = self._theme.accent if hovered == str(number) else self._theme.ink
            style = f"color: {colour}; text-decoration: none"
            pieces.append(f'<a href="{number}" style="{style}">{escape(_line(passage.text, MOST_TOLD))}</a>')
        self.setText(f'<p style="line-height: {LEADING}%">{_gap(self._passages).join(pieces)}</p>')
        self.setToolTip(_line(self._passages[int(hovered)].text) if hovered else "")


class Quote(QWidget):
    """A sentence of the book in the book's face, with its place and what can be done with it."""

    wanted = Signal(object)

    def __init__(
        self,
        passage: Passage,
        said: str,
        font: QFont,
        actions: Sequence[QWidget] = (),
        why: str = "",
        most: int = MOST_QUOTED,
    ) -> None:
        super().__init__()
        self.passage = passage
        self.label = _Sentence(_line(passage.text, most), font)
        self.label.setToolTip(_line(passage.text))
        self.label.pressed.connect(lambda: self.wanted.emit(passage))
        self.place = Place(said, passage)
        self.place.clicked.connect(lambda: self.wanted.emit(passage))
        line = QHBoxLayout()
        line.setContentsMargins(11, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self.place)
        line.addStretch(1)
        for action in actions:
            line.addWidget(action)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 4)
        layout.setSpacing(1)
        layout.addWidget(self.label)
        layout.addLayout(line)
        if why:
            reason = small(why)
            reason.setContentsMargins(11, 0, 0, 0)
            layout.addWidget(reason)

    def mark_as_read(self) -> None:
        """Show that the next suggestion reads it, in the colour that the bar has for that."""
        self.label.setProperty("read", True)
        self.label.setAccessibleDescription(_("The next suggestion reads this sentence"))


class Beside(QWidget):
    """Widgets side by side where there is room, else one below the other."""

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__()
        self.box = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self.box.setContentsMargins(0, 0, 0, 0)
        self.box.setSpacing(8)
        for widget in widgets:
            self.box.addWidget(widget, 1, Qt.AlignmentFlag.AlignTop)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= SIDE_BY_SIDE
        self.box.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)


class _Sentence(QLabel):
    pressed = Signal()

    def __init__(self, said: str, font: QFont) -> None:
        super().__init__(said, wordWrap=True, textFormat=Qt.TextFormat.PlainText, objectName="quote")
        self.setIndent(0)  # else Qt adds half a letter to what the style says
        self.setFont(font)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.pressed.emit()


def small(said: str) -> QLabel:
    """A quiet line of words."""
    label = QLabel(said, wordWrap=True, textFormat=Qt.TextFormat.PlainText, objectName="small")
    label.setProperty("soft", True)
    return label


def quiet(said: str, told: str = "") -> QPushButton:
    """A quiet button; ``told`` says what it does where the word on it is too short for that."""
    button = QPushButton(said, objectName="quiet")
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    button.setToolTip(told)
    button.setAccessibleName(told or said)
    return button


def empty(layout: QLayout) -> None:
    """Take everything out of a layout, widgets and what holds them."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.setParent(None)
            widget.deleteLater()
        elif inner is not None:
            empty(inner)
            inner.deleteLater()


def _line(text: str, most: int = 100_000) -> str:
    """A text on one line without marks of emphasis; a long one only as far as a word near ``most`` characters."""
    line = one_line(text[: 2 * most])
    if len(line) <= most:
        return line
    end = line.rfind(" ", most - 24, most)
    return line[: end if end > 0 else most].rstrip(" .,;:。，；：、…") + "…"


def _gap(passages: Sequence[Passage]) -> str:
    """What stands between two sentences in the book's language."""
    return "" if passages and language_of(passages[0].text) == "zh" else " "
