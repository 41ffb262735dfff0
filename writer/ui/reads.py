"""The bar that shows what the next suggestion reads, where that comes from, and what is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from writer.i18n import _, ngettext
from writer.story import Dropped, Prompt
from writer.text import count_words, said_words
from writer.ui.fold import empty, small
from writer.ui.theme import Theme

GROUPS = ("style", "story", "plan", "cast", "recalled", "note", "earlier", "page")
"""What the parts of a prompt are told apart by, in the order of a theme's colours for them."""
MOST_TOLD = 12
"""So many of the texts that were left out are shown where the mouse rests on a line."""
_ALIKE = {"premise": "style", "entries": "cast", "lately": "cast", "beat": "plan"}


@dataclass(frozen=True, slots=True)
class Share:
    """What of a prompt is of one group: its text, and how much of the model's attention it takes."""

    group: str
    text: str
    tokens: int
    words: int


def shares(prompt: Prompt) -> list[Share]:
    """A prompt by groups, each where it comes first."""
    texts: dict[str, list[str]] = {}
    tokens: Counter[str] = Counter()
    for part in prompt.parts:
        group = group_of(part.kind)
        texts.setdefault(group, []).append(part.text)
        tokens[group] += part.tokens
    joined = {group: "".join(pieces) for group, pieces in texts.items()}
    return [Share(group, text, tokens[group], count_words(text)) for group, text in joined.items()]


def group_of(kind: str) -> str:
    """The group that a kind of part or of what was left out belongs to; the page where nobody knows."""
    group = _ALIKE.get(kind, kind)
    return group if group in GROUPS else "page"


def said_group(group: str) -> str:
    """A group in the author's words."""
    return {
        "style": _("Style and premise"),
        "story": _("Story so far"),
        "plan": _("This scene’s plan"),
        "cast": _("Cast and entries"),
        "recalled": _("Recalled sentences"),
        "note": _("Author’s note"),
        "earlier": _("The pages before"),
        "page": _("This page"),
    }[group]


def said_dropped(dropped: Sequence[Dropped]) -> list[tuple[str, str]]:
    """What was left out as sentences, each with its texts; alike reasons are said once."""
    groups: dict[tuple[str, str], list[str]] = {}
    for item in dropped:
        reason = _("“Recalled” says why.") if item.kind == "recalled" else item.reason
        groups.setdefault((item.kind, reason), []).append(item.text)
    return [(_said(kind, reason, len(texts)), "\n".join(texts[:MOST_TOLD])) for (kind, reason), texts in groups.items()]


def _said(kind: str, reason: str, n: int) -> str:
    if kind == "recalled":
        what = ngettext("Left out: {n} sentence. {reason}", "Left out: {n} sentences. {reason}", n)
    elif kind in ("cast", "lately"):
        what = ngettext("Left out: {n} name. {reason}", "Left out: {n} names. {reason}", n)
    elif kind == "entries":
        what = ngettext("Left out: {n} of your entries. {reason}", "Left out: {n} of your entries. {reason}", n)
    else:
        what = _("Left out of “{part}”. {reason}")
    return what.format(n=f"{n:,}", part=said_group(group_of(kind)), reason=reason)


class Reads(QWidget):
    """A bar coloured by part, a line for each part, and what was left out and why."""

    def __init__(self) -> None:
        super().__init__()
        self._prompt: Prompt | None = None
        self._theme: Theme | None = None
        self._open = ""
        self.bar = Bar()
        self.rows: dict[str, Row] = {}
        self.text = QPlainTextEdit(objectName="readText", readOnly=True)
        self.text.setTabChangesFocus(True)
        self.text.hide()
        self._column = QVBoxLayout()
        self._column.setSpacing(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.bar)
        layout.addLayout(self._column)
        layout.addWidget(self.text)
        self._left_out = QVBoxLayout()
        self._left_out.setSpacing(4)
        layout.addLayout(self._left_out)

    def show_prompt(self, prompt: Prompt, theme: Theme) -> None:
        """Show what the model would read."""
        if (prompt, theme) == (self._prompt, self._theme):
            return
        self._prompt, self._theme = prompt, theme
        found = shares(prompt)
        colours = dict(zip(GROUPS, (QColor(colour) for colour in theme.reads), strict=True))
        self.bar.show_shares([(share.tokens, colours[share.group]) for share in found])
        self.bar.setAccessibleName(_("The next suggestion reads"))
        self.bar.setAccessibleDescription(
            _(", ").join(f"{said_group(share.group)} {said_words(share.words)}" for share in found)
        )
        if [share.group for share in found] != list(self.rows):
            empty(self._column)
            self.rows = {share.group: Row(said_group(share.group)) for share in found}
            for group, row in self.rows.items():
                row.toggled.connect(lambda on, group=group: self._unfold(group if on else ""))
                self._column.addWidget(row)
        for share in found:
            self.rows[share.group].show_share(share, colours[share.group], theme)
        self._show_text()
        empty(self._left_out)
        for said, texts in said_dropped(prompt.dropped):
            label = small(said)
            label.setToolTip(texts)
            self._left_out.addWidget(label)

    def _unfold(self, group: str) -> None:
        self._open = group
        for name, row in self.rows.items():
            row.blockSignals(True)
            row.setChecked(name == group)
            row.blockSignals(False)
        self._show_text()

    def _show_text(self) -> None:
        """Show word by word what the model reads of the part that is unfolded."""
        row = self.rows.get(self._open)
        if row is None or row.share is None:
            self.text.hide()
            return
        if self.text.toPlainText() != row.share.text:
            self.text.setPlainText(row.share.text)
        self.text.setAccessibleName(said_group(self._open))
        self.text.setFixedHeight(min(220, max(70, 24 + len(row.share.text) // 2)))
        self.text.show()


class Bar(QWidget):
    """Coloured stretches side by side, as wide as their shares."""

    def __init__(self) -> None:
        super().__init__()
        self.shares: list[tuple[int, QColor]] = []
        self.setFixedHeight(10)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_shares(self, shares: list[tuple[int, QColor]]) -> None:
        """Show these amounts in their colours."""
        self.shares = shares
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()), 5, 5)
        painter.setClipPath(shape)
        total = sum(amount for amount, _colour in self.shares) or 1
        x = 0.0
        for amount, colour in self.shares:
            width = self.width() * amount / total
            painter.fillRect(QRectF(x, 0, width + 1, self.height()), colour)
            x += width


class Row(QAbstractButton):
    """A part's colour, its name and how many words it has; a click shows its text."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self.setText(label)
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(_("Show it word by word"))
        self.setObjectName("readRow")
        self.share: Share | None = None
        self._colour = QColor()
        self._theme: Theme | None = None

    def show_share(self, share: Share, colour: QColor, theme: Theme) -> None:
        """Show this share in this colour."""
        self.share, self._colour, self._theme = share, colour, theme
        self.setAccessibleName(f"{self.text()}: {said_words(share.words)}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, self.fontMetrics().height() + 5)

    def minimumSizeHint(self) -> QSize:
        return QSize(100, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._theme is None or self.share is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colour)
        painter.drawRoundedRect(QRectF(0, (self.height() - 8) / 2, 8, 8), 2, 2)
        lit = self.hasFocus() or self.isChecked() or self.underMouse()
        painter.setPen(QColor(self._theme.ink if lit else self._theme.soft))
        rect = self.rect().adjusted(15, 0, 0, 0)
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        number = f"{self.share.words:,}"
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, number)
