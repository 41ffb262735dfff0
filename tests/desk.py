"""A desk for the window's tests: the real window, a real project, and a way to speak of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from writer import i18n, models, settings
from writer.settings import Settings
from writer.store import Store
from writer.story import Project
from writer.ui import theme
from writer.ui.window import Window


class Desk:
    """The window as an author uses it; ``qtbot`` waits for facts."""

    def __init__(self, window: Window, qtbot, path: Path) -> None:
        self.window, self.page, self.qtbot, self.path = window, window.page, qtbot, path

    def write(self, prose: str) -> None:
        QTest.keyClicks(self.page, prose)

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.page, key, modifiers)

    @property
    def text(self) -> str:
        return self.page.visit.text

    @property
    def state(self) -> str:
        """The word in the header that says whether everything is in the file."""
        return self.window.saved.text()

    @property
    def grey(self) -> str:
        return self.page.ghost.text if self.page.ghost is not None else ""

    def wait_for_suggestion(self, timeout: int = 30_000) -> str:
        """Wait until a suggestion is complete on the page."""
        suggestions = self.window.suggestions
        self.qtbot.waitUntil(lambda: bool(self.grey) and suggestions.state == "ready", timeout=timeout)
        return self.grey

    def wait_for_answer(self, timeout: int = 30_000) -> str:
        """Ask now and wait until the model has said what it has to say, perhaps nothing."""
        self.press(Qt.Key.Key_Backslash, Qt.KeyboardModifier.AltModifier)
        self.qtbot.waitUntil(lambda: self.window.suggestions.state == "ready", timeout=timeout)
        return self.grey

    def wait_saved(self) -> str:
        """Wait until the file holds what the page shows; the saved text."""
        self.qtbot.waitUntil(
            lambda: self.window.project_path is not None and not self.window.has_unsaved, timeout=10_000
        )
        with Store.reader(self.path) as store:
            return store.scene(self.page.visit.scene).text


@pytest.fixture
def open_desk(qtbot, tmp_path):
    """Open a window on a new project: ``open_desk(scenes, language=..., **settings)``."""
    windows: list[Window] = []
    app = QApplication.instance()

    def open_desk(
        scenes: list[str] | None = None, *, language: str = "en", path: Path | None = None, engines=None, **choices
    ) -> Desk:
        i18n.use(language)
        chosen = replace(Settings(language=language, pause_ms=0, seed=7, threads=1), **choices)
        settings.save(chosen)
        theme.apply(app, theme.choose(chosen.theme))
        if path is None:
            path = tmp_path / f"book-{len(windows)}.writer"
            with Store.create(path, Project("A Book", "", language)) as store:
                for number, prose in enumerate(scenes or [""], 1):
                    store.add(f"Scene {number}", text=prose)
        window = Window(chosen, engines or models.open_engine)
        windows.append(window)
        window.show()
        window.activateWindow()
        window.opening.open(path)
        qtbot.waitUntil(
            lambda: window.page.visit is not None and window.page.hasFocus() and window.scenes.current is not None,
            timeout=10_000,
        )
        return Desk(window, qtbot, path)

    yield open_desk
    for window in windows:
        window.close()
        window.deleteLater()
    i18n.use("en")
