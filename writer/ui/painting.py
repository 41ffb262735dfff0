"""How the window looks: all of it in the theme, and the page in the type, that the author chose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from writer.ui import theme as themes
from writer.ui.documents import Look

if TYPE_CHECKING:
    from writer.ui.window import Window

ZOOMS = (75, 90, 100, 110, 125, 150, 175, 200)


class Painting:
    """Follows the settings for colours, face, size and measure, and the language of the book."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._theme = themes.choose(window.settings.theme)

    @property
    def look(self) -> Look:
        """How the page's prose is to be set."""
        window = self._window
        font = themes.page_font(window.settings.font, window.settings.zoom, window.language)
        chinese = window.language == "zh"
        scale = font.pixelSize() / themes.PAGE_PIXELS
        return Look(font, 2.0 if chinese else 1.4, chinese, round(126 * scale), round(220 * scale))

    def paint(self) -> None:
        """Let everything look as is chosen now."""
        window, look = self._window, self.look
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self._theme = themes.choose(window.settings.theme)
        themes.apply(app, self._theme)
        page = window.page
        page.clear_ghost()
        page.look = look
        page.line_width = window.settings.line_width
        page.setFont(look.font)
        if window.session is not None:
            with page.changing():
                window.session.documents.redress(look)
        page.lay_out()
        window.title.paint_in(self._theme, look)
        window.scenes.paint(self._theme)
        self.paint_credits()
        for thing in (window.memory, window.plan, window.drafting, window.sourced, window.finding, window.focus):
            thing.paint_in(self._theme)
        window.header.paint_in(self._theme)

    def paint_credits(self) -> None:
        """Tint what the model wrote, or don't."""
        window, shown = self._window, self._window.settings.show_credits
        window.legend.paint_in(self._theme, shown=shown)
        window.outline.paint_in(self._theme, shows_credits=shown)

    def zoom(self, step: int) -> None:
        """Make the page larger (1), smaller (-1) or normal (0)."""
        zoom = self._window.settings.zoom
        if step > 0:
            zoom = next((z for z in ZOOMS if z > zoom), zoom)
        elif step < 0:
            zoom = next((z for z in reversed(ZOOMS) if z < zoom), zoom)
        else:
            zoom = 100
        self._window.change_settings(zoom=zoom)
