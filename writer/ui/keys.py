"""The keys for what is done with a suggestion."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from PySide6.QtGui import QKeyEvent, QKeySequence

USUAL = {
    "accept": "Tab",
    "accept_word": "Ctrl+Right",
    "accept_sentence": "Alt+Right",
    "dismiss": "Esc",
    "next": "Alt+]",
    "previous": "Alt+[",
    "ask": "Alt+\\",
}


class Keys:
    """Which keys do what: those that the author chose, and for all else the usual ones."""

    def __init__(self, chosen: Mapping[str, str]) -> None:
        keys = {**USUAL, **{action: keys for action, keys in chosen.items() if action in USUAL}}
        self._actions = {_portable(QKeySequence(written)): action for action, written in keys.items()}

    def action(self, event: QKeyEvent) -> str:
        """What the keys that were pressed do; empty if nothing."""
        return self._actions.get(_portable(QKeySequence(event.keyCombination())), "")

    def written(self, action: str) -> str:
        """The keys of an action as text that a shortcut can be made of."""
        return next((keys for keys, name in self._actions.items() if name == action), "")

    def shown(self, action: str) -> str:
        """The same as this computer writes them."""
        keys = self.written(action)
        if sys.platform == "darwin":
            return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
        return keys.replace("Right", "→").replace("Left", "←")


def _portable(keys: QKeySequence) -> str:
    return keys.toString(QKeySequence.SequenceFormat.PortableText)
