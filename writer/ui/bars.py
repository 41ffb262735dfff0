"""The quiet lines above and below the page."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QWidget


def soft(widget: Any) -> Any:
    """The widget, in a quieter colour."""
    widget.setProperty("soft", True)
    return widget


def bar(name: str, height: int) -> QWidget:
    """An empty bar across the window, at least so high."""
    bar = QWidget(objectName=name)
    bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    bar.setFixedHeight(max(height, QFontMetrics(bar.font()).height() + 14))
    return bar


def row(bar: QWidget, things: list[QWidget | int | None]) -> None:
    """Lay out widgets from left to right; a number is a gap, None takes what is left."""
    row = QHBoxLayout(bar)
    row.setContentsMargins(6, 0, 8, 0)
    row.setSpacing(2)
    for thing in things:
        if thing is None:
            row.addStretch()
        elif isinstance(thing, int):
            row.addSpacing(thing)
        else:
            row.addWidget(thing, 0, Qt.AlignmentFlag.AlignVCenter)
