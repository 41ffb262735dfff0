"""Tool tips, which Qt would read as HTML if they look like it: a title or a file name may."""

from __future__ import annotations

import html

from PySide6.QtGui import Qt


def plain(text: str) -> str:
    """The text of a tool tip that shows these very characters."""
    if not Qt.mightBeRichText(text):
        return text
    return f"<span>{html.escape(text)}</span>".replace("\n", "<br>")
