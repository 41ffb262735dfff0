"""What can be done with text that doesn't get into its file when the book is to be closed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox

from writer import files
from writer.i18n import _
from writer.ui.session import Session

if TYPE_CHECKING:
    from writer.ui.window import Window


def may_go(window: Window, session: Session, error: Exception) -> bool:
    """Ask what is to become of it; True if the book may be closed."""
    box = QMessageBox(window)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(_("The latest changes can't be saved: {reason}").format(reason=error))
    box.setInformativeText(_("The text is still in the window. Save it as a text file, or go back and try again."))
    keep = box.addButton(_("Go back"), QMessageBox.ButtonRole.RejectRole)
    elsewhere = box.addButton(_("Save the text…"), QMessageBox.ButtonRole.AcceptRole)
    lose = box.addButton(_("Close without saving"), QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(keep)
    box.exec()
    if box.clickedButton() is elsewhere:
        return save_text(window, session)
    return box.clickedButton() is lose


def save_text(window: Window, session: Session) -> bool:
    """Write the scenes that aren't saved into a text file where the author says; whether that was done."""
    name, _kind = QFileDialog.getSaveFileName(window, _("Save the text"), "", _("Text (*.txt)"))
    if not name:
        return False
    path = Path(name)
    titles = {node.id: node.title for node in window.nodes}
    parts = [f"{titles.get(v.scene, '')}\n\n{v.text}\n" for v in session.documents if not v.is_saved]
    try:
        files.replace(path, "\n".join(parts).encode())
    except OSError as error:
        said = _("“{name}” can't be written in {folder} ({reason}); choose another place.")
        window.notice.say(said.format(name=path.name, folder=path.parent, reason=error.strerror or error))
        return False
    return True
