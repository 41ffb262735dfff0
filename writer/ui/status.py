"""How far a node is and how many words it has of those wanted: in words, and as small marks."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap

from writer.i18n import _
from writer.story import STATUSES
from writer.ui.theme import Theme

PIE = 11
"""Pixels across the mark of a status."""


def said_status(status: str) -> str:
    """A status in the author's words; empty for none."""
    return {
        "idea": _("Idea"),
        "outline": _("Outlined"),
        "draft": _("Draft"),
        "revised": _("Revised"),
        "done": _("Done"),
    }.get(status, "")


def draw_status(painter: QPainter, status: str, centre: QPointF, theme: Theme) -> None:
    """A ring that fills the further a node is; nothing where nobody said."""
    if status not in STATUSES:
        return
    radius = PIE / 2
    ring = QRectF(centre.x() - radius, centre.y() - radius, PIE, PIE)
    colour = QColor(theme.accent)
    share = STATUSES.index(status) / (len(STATUSES) - 1)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(ring)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    if share == 1:
        painter.drawEllipse(ring)
    elif share:
        painter.drawPie(ring.adjusted(2.2, 2.2, -2.2, -2.2), 90 * 16, round(-share * 360 * 16))
    painter.restore()


def draw_share(painter: QPainter, words: int, target: int, place: QRectF, theme: Theme) -> None:
    """A thin line that is full where a node has the words it wants; nothing where nobody said how many."""
    if not target:
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.line))
    round_ = place.height() / 2
    painter.drawRoundedRect(place, round_, round_)
    filled = QRectF(place)
    filled.setWidth(place.width() * min(1.0, words / target))
    if filled.width() >= 1:
        painter.setBrush(QColor(theme.accent))
        painter.drawRoundedRect(filled, round_, round_)
    painter.restore()


def status_icon(status: str, theme: Theme) -> QIcon:
    """The mark of a status for menus and lists."""
    pixmap = QPixmap(32, 32)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    draw_status(painter, status, QPointF(8, 8), theme)
    painter.end()
    return QIcon(pixmap)
