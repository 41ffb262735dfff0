"""The composition root: settings, one window, one engine, and what happens when Writer itself is at fault."""

from __future__ import annotations

import logging
import logging.handlers
import platform
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QLibraryInfo, QLocale, QObject, Qt, QTimer, QTranslator
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QMessageBox

from writer import __version__, files, i18n, library, models
from writer import settings as settings_file
from writer.engines import BackgroundEngine
from writer.errors import WriterError
from writer.i18n import _
from writer.settings import Settings
from writer.ui import instance, theme
from writer.ui.welcome import Welcome
from writer.ui.window import Window

log = logging.getLogger(__name__)


class Desk(QObject):
    """What is on the screen: the question of the first start, then the window."""

    def __init__(
        self,
        app: QApplication,
        *,
        engines: Callable[[Settings], BackgroundEngine] = models.open_engine,
        overrides: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(app)
        self._app = app
        self._engines = engines
        self._overrides = dict(overrides or {})
        self._notices: list[str] = []
        self._settings = settings_file.load(self._notices.append)
        self._translator = QTranslator(self)
        self.window: Window | None = None
        self.welcome: Welcome | None = None

    def start(self, path: Path | None) -> None:
        """Show the window with this project, the last one, or the sample; the language is asked for first."""
        theme.apply(self._app, theme.choose(self._settings.theme))
        if self._settings.language:
            self._speak(self._settings.language)
            self._show_window(path)
            return
        self.welcome = Welcome({code: models.default(code) for code in i18n.LANGUAGES})
        self.welcome.done.connect(lambda language, fetch: self._on_language(language, fetch, path))
        self.welcome.resize(900, 640)
        self.welcome.show()

    def _on_language(self, language: str, fetch: bool, path: Path | None) -> None:
        self._settings = replace(self._settings, language=language)
        self._keep_settings()
        self._speak(language)
        welcome, self.welcome = self.welcome, None
        if welcome is not None:
            welcome.hide()
        window = self._show_window(path)
        if fetch:
            window.models.fetch(models.default(language))
        if welcome is not None:
            welcome.close()
            welcome.deleteLater()

    def _show_window(self, path: Path | None) -> Window:
        window = Window(self._settings, self._engines, self._overrides)
        window.language_chosen.connect(self._on_other_language)
        self.window = window
        window.show()
        window.raise_()
        window.activateWindow()
        for notice in self._notices:
            window.notice.say(notice)
        self._notices.clear()
        try:
            window.opening.open(path or self._last_project())
        except WriterError as error:
            window.show_error(error)
        return window

    def _last_project(self) -> Path:
        recent = settings_file.recent()
        return recent[0] if recent else library.sample(self._settings.language, library.books_folder())

    def _on_other_language(self, language: str) -> None:
        window = self.window
        if window is None or language == self._settings.language:
            return
        path = window.project_path
        if window.close():
            self._settings = replace(settings_file.load(), language=language)
            self._keep_settings()
            self._speak(language)
            self._show_window(path)
            window.deleteLater()

    def _keep_settings(self) -> None:
        try:
            settings_file.save(self._settings)
        except WriterError as error:
            self._notices.append(str(error))

    def _speak(self, language: str) -> None:
        i18n.use(language)
        self._app.removeTranslator(self._translator)
        locale = QLocale(QLocale.Language.Chinese if language == "zh" else QLocale.Language.English)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if self._translator.load(locale, "qtbase", "_", folder):
            self._app.installTranslator(self._translator)


def make_application(arguments: list[str]) -> QApplication:
    """The one QApplication, with Writer's name, icon and style."""
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    app = QApplication(arguments)
    app.setApplicationName("Writer")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("writer")
    app.setStyle("Fusion")
    app.setWindowIcon(QIcon(str(files.assets() / "icon.svg")))
    return app


def run(
    path: Path | None = None,
    overrides: Mapping[str, str] | None = None,
    *,
    engines: Callable[[Settings], BackgroundEngine] = models.open_engine,
) -> int:
    """Open the window and stay until it is closed; the exit code.

    ``overrides`` are settings by name, as text, that hold for this run and are not kept.
    """
    app = make_application(sys.argv[:1])
    wanted = path or next(iter(settings_file.recent()), None)
    if wanted is not None and instance.knock(wanted):
        return 0  # its window is in front now
    _keep_log()
    sys.excepthook = _on_fault
    signal.signal(signal.SIGINT, lambda *_: app.closeAllWindows())
    signal.signal(signal.SIGTERM, lambda *_: app.closeAllWindows())
    # Python handles signals only between its own instructions: let some run now and then.
    beat = QTimer(app, interval=300)
    beat.timeout.connect(lambda: None)
    beat.start()
    desk = Desk(app, engines=engines, overrides=overrides)
    desk.start(path)
    return app.exec()


def _keep_log() -> None:
    folder = files.state_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(
            folder / "writer.log", maxBytes=1_000_000, backupCount=2, encoding="utf-8"
        )
    except OSError:
        return
    logging.basicConfig(level=logging.INFO, handlers=[handler], format="%(asctime)s %(name)s %(levelname)s %(message)s")


def _on_fault(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """One dialog for what is Writer's own fault, with what a report needs."""
    if issubclass(kind, KeyboardInterrupt):
        QApplication.closeAllWindows()
        return
    log.error("unexpected", exc_info=(kind, error, trace))
    details = "".join(traceback.format_exception(kind, error, trace))
    box = QMessageBox()
    box.setIcon(QMessageBox.Icon.Critical)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(_("Something went wrong inside Writer. Your text is kept; you can go on writing."))
    box.setInformativeText(_("If it happens again, send us the details below."))
    box.setDetailedText(f"Writer {__version__}, Python {platform.python_version()}, {platform.platform()}\n\n{details}")
    box.exec()
