"""A list of versions, as it is seen and as a screen reader says it."""

import gettext

import pytest
from PySide6.QtCore import Qt

from writer import i18n
from writer.ui.saved import Saved
from writer.ui.theme import THEMES
from writer.ui.versions import Versions


class Marked(gettext.NullTranslations):
    """A language in which every message is seen to have come through the translation."""

    def gettext(self, message):
        return f"⟦{message}⟧"


@pytest.fixture
def marked(monkeypatch):
    monkeypatch.setattr(i18n, "_current", Marked())


def spoken(versions, row):
    return versions.item(row).data(Qt.ItemDataRole.AccessibleTextRole)


def test_a_screen_reader_says_what_both_lines_say(qtbot):
    versions = Versions(THEMES["light"], "Backups")
    qtbot.addWidget(versions)
    versions.add("first", ("Today, 12:05", "3 words", "28 KB", ""), "<b>a file</b>")
    versions.add("second", ("Yesterday, 9:00", "3 words", "28 KB", "1 more"), "a file")
    assert spoken(versions, 0) == "Today, 12:05, 3 words, 28 KB"
    assert spoken(versions, 1).endswith("28 KB, 1 more")
    assert "&lt;b&gt;" in versions.item(0).toolTip()
    assert versions.chosen is None
    versions.setCurrentRow(1)
    assert versions.chosen == "second"


def test_what_a_screen_reader_says_is_put_together_in_the_authors_language(qtbot, marked):
    versions = Versions(THEMES["light"], "Backups")
    qtbot.addWidget(versions)
    versions.add(None, ("a", "b", "", ""), "")
    assert spoken(versions, 0) == "a⟦, ⟧b"
    saved = Saved(None)
    qtbot.addWidget(saved)
    saved.begin("")
    assert saved.accessibleName() == "⟦⟦Saved⟧. ⟦Nothing has changed yet⟧⟧"
