"""What Writer says of itself: its version, and where the author's text goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from writer import __version__, address
from writer.i18n import _

if TYPE_CHECKING:
    from writer.ui.window import Window


def show(window: Window) -> None:
    """Say which Writer this is, and whether anything leaves this computer."""
    chosen = window.in_force
    place = address.read(chosen.server_url) if chosen.engine == "server" else None
    if place is None or place.is_here:
        said = _("Writer {version}. Everything you write stays on this computer.")
    else:
        said = _("Writer {version}. The text around the caret goes to {host}; all else stays on this computer.")
    window.notice.say(said.format(version=__version__, host=place.host if place else ""))
