"""The window: the page, the scenes at its left, a quiet line above and below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QFontMetrics, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QMenuBar,
    QMessageBox,
    QSizePolicy,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from writer import files, library, models
from writer import settings as settings_file
from writer.engines import Usage
from writer.errors import ModelError, WriterError
from writer.i18n import _, ngettext
from writer.settings import Settings
from writer.store import Store
from writer.story import OutlineNode, Project
from writer.ui import theme as themes
from writer.ui.documents import Look, Visit
from writer.ui.editor import Page
from writer.ui.hint import Hint
from writer.ui.notice import Notice
from writer.ui.scenes import Scenes
from writer.ui.session import Opened, Session
from writer.ui.suggestions import LocalEngine, Suggestions
from writer.ui.switch import Switch
from writer.ui.title import Title
from writer.ui.worker import Job, Line

ZOOMS = (75, 90, 100, 110, 125, 150, 175, 200)
EXTENSION = ".writer"
NARROW = 900
"""Below this width the scenes fold away."""


class Window(QMainWindow):
    """One project on the screen."""

    language_chosen = Signal(str)

    def __init__(self, settings: Settings, open_engine: Callable[[Settings], LocalEngine]) -> None:
        super().__init__()
        self.setWindowTitle("Writer")
        self._settings = settings
        self._open_engine = open_engine
        self._session: Session | None = None
        self._opening: Session | None = None
        self._project: Project | None = None
        self._nodes: list[OutlineNode] = []
        self._caret: int | None = None
        self._places = QSettings(str(files.state_folder() / "window.ini"), QSettings.Format.IniFormat)
        self._fetch: Job | None = None
        self._fetching: Line | None = None
        self._theme = themes.choose(settings.theme)
        self._build()
        self._build_menus()
        self.suggestions = Suggestions(self.page, settings, self._start_engine)
        self._connect()
        self._paint()
        self._restore_place()

    # -- building ----------------------------------------------------------------

    def _build(self) -> None:
        self.page = Page(self._look())
        self.page.setAccessibleName(_("Page"))
        self.page.bind(dict(self._settings.keys))
        self.title = Title(self.page)
        self.hint = Hint(self.page, self._places)
        self.scenes = Scenes()
        self.notice = Notice()
        self._project_name = QLabel(textFormat=Qt.TextFormat.PlainText, objectName="project")
        self._saved = _soft(QLabel())
        self._words, self._book = _soft(QLabel()), _soft(QLabel())
        self._language = _soft(QLabel())
        self._model = QToolButton(popupMode=QToolButton.ToolButtonPopupMode.InstantPopup)
        _soft(self._model)
        self._model_menu = QMenu(self)
        self._model_menu.aboutToShow.connect(self._fill_model_menu)
        self._model.setMenu(self._model_menu)
        self._switch = Switch(_("Suggestions"))
        self._menus = QMenuBar()
        self._menus.setNativeMenuBar(False)
        self._menus.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
        self._look_button = QToolButton(text="Aa", popupMode=QToolButton.ToolButtonPopupMode.InstantPopup)
        self._look_button.setAccessibleName(_("Look of the page"))
        _soft(self._look_button)

        header = _bar("header", 44)
        _row(header, [self._menus, 8, self._project_name, 6, self._saved, None, self._look_button, 10, self._switch, 4])
        footer = _bar("footer", 30)
        _row(footer, [16, self._words, 14, self._book, None, self._language, 14, self._model, 10])
        self._splitter = QSplitter()
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(self.scenes)
        self._splitter.addWidget(self.page)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setSizes([264, 1000])
        self.scenes.setMinimumWidth(180)
        self.page.setMinimumWidth(360)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (header, self.notice, self._splitter, footer):
            column.addWidget(widget, 1 if widget is self._splitter else 0)
        self.setCentralWidget(centre)
        self.page.setReadOnly(True)

    def _build_menus(self) -> None:
        self._recent = QMenu(_("Open recent"), self)
        self._recent.aboutToShow.connect(self._fill_recent)
        book = self._menus.addMenu(_("&File"))
        self._add_action(book, _("New book…"), self._on_new, QKeySequence.StandardKey.New)
        self._add_action(book, _("Open…"), self._on_open, QKeySequence.StandardKey.Open)
        book.addMenu(self._recent)
        book.addSeparator()
        self._add_action(book, _("Save now"), self._on_save, QKeySequence.StandardKey.Save)
        self._add_action(book, _("Save as…"), self._on_save_as, "Ctrl+Shift+S")
        book.addSeparator()
        self._add_action(book, _("Import…"), self._on_import)
        self._add_action(book, _("Export…"), self._on_export)
        book.addSeparator()
        self._add_action(book, _("Quit"), self.close, "Ctrl+Q")

        edit = self._menus.addMenu(_("&Edit"))
        standard = QKeySequence.StandardKey
        self._add_action(edit, _("Undo"), self.page.undo, standard.Undo, local=True)
        self._add_action(edit, _("Redo"), self.page.redo, standard.Redo, local=True)
        edit.addSeparator()
        self._add_action(edit, _("Cut"), self.page.cut, standard.Cut, local=True)
        self._add_action(edit, _("Copy"), self.page.copy, standard.Copy, local=True)
        self._add_action(edit, _("Paste"), self.page.paste, standard.Paste, local=True)
        self._add_action(edit, _("Select all"), self.page.selectAll, standard.SelectAll, local=True)

        scene = self._menus.addMenu(_("&Scene"))
        self._add_action(scene, _("New scene"), self._on_new_scene, "Ctrl+Return")
        self._add_action(scene, _("New chapter"), self._on_new_chapter, "Ctrl+Shift+Return")
        self._add_action(scene, _("Rename"), self._on_rename, "F2")
        self._add_action(scene, _("Move to bin"), lambda: self.remove_scene(self.page.visit and self.page.visit.scene))
        scene.addSeparator()
        self._add_action(scene, _("Previous scene"), lambda: self._step(-1), "Ctrl+PgUp")
        self._add_action(scene, _("Next scene"), lambda: self._step(1), "Ctrl+PgDown")

        ask = self._menus.addMenu(_("S&uggestions"))
        self._ai = self._add_action(ask, _("Suggest while I write"), self._switch.click)
        self._ai.setCheckable(True)
        ask.addSeparator()
        for name, label in (
            ("ask", _("Suggest now")),
            ("accept", _("Take it")),
            ("accept_word", _("Take a word")),
            ("accept_sentence", _("Take a sentence")),
            ("next", _("Another one")),
            ("previous", _("The one before")),
            ("dismiss", _("Dismiss")),
        ):
            shown = f"{label}\t{self.page.shortcut(name)}"
            action = QAction(shown, self)
            action.triggered.connect(lambda checked=False, name=name: self.page.perform(name))
            ask.addAction(action)

        view = self._menus.addMenu(_("&View"))
        self._add_action(view, _("Scenes"), self._toggle_scenes, "F9")
        self._add_action(view, _("Full screen"), self._toggle_full_screen, "F11")
        view.addSeparator()
        self._look_menu = QMenu(self)
        self._fill_look(self._look_menu)
        self._fill_look(view)
        self._look_button.setMenu(self._look_menu)

        language = view.addMenu("Language · 语言")
        for code, name in (("en", "English"), ("zh", "中文")):
            self._add_action(language, name, lambda code=code: self.language_chosen.emit(code))

        about = self._menus.addMenu(_("&Help"))
        self._add_action(about, _("About Writer"), self._on_about)

    def _fill_look(self, menu: QMenu) -> None:
        self._add_action(menu, _("Larger"), lambda: self._zoom(1), "Ctrl++" if menu is not self._look_menu else None)
        self._add_action(menu, _("Smaller"), lambda: self._zoom(-1), "Ctrl+-" if menu is not self._look_menu else None)
        self._add_action(
            menu, _("Normal size"), lambda: self._zoom(0), "Ctrl+0" if menu is not self._look_menu else None
        )
        menu.addSeparator()
        group = QActionGroup(menu)
        for name, label in (
            ("auto", _("Like the desktop")),
            ("light", _("Light")),
            ("sepia", _("Sepia")),
            ("dark", _("Dark")),
        ):
            action = self._add_action(menu, label, lambda name=name: self.change_settings(theme=name))
            action.setCheckable(True)
            action.setChecked(self._settings.theme == name)
            action.setData(name)
            group.addAction(action)

    def _add_action(
        self,
        menu: QMenu,
        label: str,
        slot: Callable[[], Any],
        keys: QKeySequence.StandardKey | str | None = None,
        *,
        local: bool = False,
    ) -> QAction:
        action = QAction(label, self)
        if keys is not None:
            action.setShortcuts(QKeySequence.keyBindings(keys)) if isinstance(
                keys, QKeySequence.StandardKey
            ) else action.setShortcut(QKeySequence(keys))
        if local:
            # The page and the title handle these keys themselves.
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda checked=False: slot())
        menu.addAction(action)
        return action

    def _connect(self) -> None:
        page, suggestions = self.page, self.suggestions
        page.edited.connect(self._on_edited)
        page.typed_through.connect(lambda _: self._on_edited())
        page.accepted.connect(lambda _: self._on_edited())
        page.focus_left.connect(self._save_now)
        self.title.renamed.connect(self._on_title)
        self.scenes.chosen.connect(self._on_chosen)
        self.scenes.renamed.connect(lambda node, title: self._session and self._session.rename(node, title))
        self.scenes.scene_wanted.connect(self._on_new_scene)
        self.scenes.chapter_wanted.connect(self._on_new_chapter)
        self.scenes.removal_wanted.connect(self.remove_scene)
        self._switch.toggled.connect(self.set_suggestions)
        suggestions.state_changed.connect(self._show_model_state)
        suggestions.failed.connect(self._on_model_failed)
        suggestions.finished.connect(self._on_finished)
        suggestions.shown.connect(self.hint.count)
        QShortcut(QKeySequence("Ctrl+="), self, lambda: self._zoom(1))

    @property
    def nodes(self) -> list[OutlineNode]:
        """The outline as it is shown."""
        return self._nodes

    @property
    def has_unsaved(self) -> bool:
        """Whether something on the page is not in the file yet."""
        return self._session is not None and self._session.is_dirty

    def set_suggestions(self, on: bool) -> None:
        """Turn all that a model does on or off."""
        self.change_settings(suggestions=on)

    # -- look --------------------------------------------------------------------

    def _look(self) -> Look:
        language = self._project.language if self._project is not None else self._settings.language
        font = themes.page_font(self._settings.font, self._settings.zoom, language)
        chinese = language == "zh"
        scale = font.pixelSize() / themes.PAGE_PIXELS
        return Look(font, 2.0 if chinese else 1.4, chinese, round(126 * scale), round(220 * scale))

    def _paint(self) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self._theme = themes.choose(self._settings.theme)
        themes.apply(app, self._theme)
        self.page.clear_ghost()
        look = self._look()
        self.page.look = look
        self.page.line_width = self._settings.line_width
        self.page.setFont(look.font)
        if self._session is not None:
            self._session.documents.redress(look)
        self.page.lay_out()
        self.title.paint_in(self._theme, look)
        self.scenes.paint(self._theme)
        self._switch.paint_in(self._theme)
        self._switch.setChecked(self._settings.suggestions)
        self._ai.setChecked(self._settings.suggestions)
        self._project_name.setStyleSheet(f"font-weight: 600; color: {self._theme.ink};")

    def _zoom(self, step: int) -> None:
        zoom = self._settings.zoom
        if step > 0:
            zoom = next((z for z in ZOOMS if z > zoom), zoom)
        elif step < 0:
            zoom = next((z for z in reversed(ZOOMS) if z < zoom), zoom)
        else:
            zoom = 100
        self.change_settings(zoom=zoom)

    def change_settings(self, **changes: Any) -> None:
        """Change settings, keep them, and follow them at once."""
        changed = replace(self._settings, **changes)
        if changed == self._settings:
            return
        self._settings = changed
        try:
            settings_file.save(changed)
        except WriterError as error:
            self.notice.say(str(error))
        if {"theme", "zoom", "line_width", "font"} & set(changes):
            self._paint()
        self._switch.setChecked(changed.suggestions)
        self._ai.setChecked(changed.suggestions)
        self.suggestions.use(changed)
        if not changed.suggestions:
            self.notice.clear("model")

    def _toggle_scenes(self) -> None:
        self.scenes.setVisible(not self.scenes.isVisible())

    def _toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _restore_place(self) -> None:
        geometry = self._places.value("geometry")
        if geometry is None or not self.restoreGeometry(geometry):
            self.resize(1280, 820)
        sizes = self._places.value("splitter")
        if sizes is not None:
            self._splitter.restoreState(sizes)

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        old = event.oldSize().width()
        if old > 0 and (old < NARROW) != (self.width() < NARROW):
            self.scenes.setVisible(self.width() >= NARROW)

    # -- opening and closing -----------------------------------------------------

    @property
    def project_path(self) -> Path | None:
        """The project on the desk."""
        return self._session.path if self._session is not None else None

    def open_project(self, path: Path) -> None:
        """Open a project in place of the one on the desk, which stays if this can't be opened."""
        if self._session is not None and _same(self._session.path, path):
            return
        if self._session is not None and not self._settle():
            return
        if self._opening is not None:
            self._opening.close()
        session = Session(path, self._look(), self)
        self._opening = session
        session.opened.connect(self._on_opened)
        session.refused.connect(lambda error: self._on_refused(session, error))

    def _on_opened(self, opened: Opened) -> None:
        session, self._opening = self._opening, None
        assert session is not None
        self._put_away()
        self._session, self._project = session, opened.project
        self._caret = opened.caret
        session.documents.look = self._look()
        session.outline_changed.connect(self._show_outline)
        session.scene_ready.connect(self._show_scene)
        session.counted.connect(self._on_counted)
        session.saving.connect(lambda: self._saved.setText(_("Saving…")))
        session.saved.connect(self._on_saved)
        session.save_failed.connect(self._on_save_failed)
        session.failed.connect(self.show_error)
        self.page.setReadOnly(opened.read_only)
        self._saved.setText(_("Read-only") if opened.read_only else _("Saved"))
        self._project_name.setText(opened.project.title)
        self._language.setText({"zh": "中文"}.get(opened.project.language, "English"))
        self.setWindowTitle(f"{opened.project.title} — Writer")
        self._show_outline(opened.nodes)
        self._paint()
        self.suggestions.work_on(session.jobs)
        self._show_scene(session.documents.open(opened.scene))
        settings_file.remember(session.path)
        if opened.read_only:
            self.notice.say(
                _("This project can only be read here. Use “Save as” to work on a copy."),
                (_("Save as…"), self._on_save_as),
            )
        else:
            self.notice.clear("open")
        self.suggestions.use(self._settings)

    def _on_refused(self, session: Session, error: Exception) -> None:
        if self._opening is session:
            self._opening = None
        session.close()
        self.show_error(
            error, topic="open", actions=[(_("Open another…"), self._on_open), (_("New book…"), self._on_new)]
        )

    def _put_away(self) -> None:
        """Take the current project off the desk; it is already saved."""
        session, self._session = self._session, None
        self.suggestions.work_on(None)
        if session is not None:
            session.close()
            session.deleteLater()

    def _settle(self) -> bool:
        """Save everything; ask what to do if that is impossible. True if the project may be put away."""
        session = self._session
        if session is None:
            return True
        self.page.clear_ghost()
        if self.page.visit is not None:
            session.keep_place(self.page.visit, self.page.textCursor().position())
        error = session.settle()
        if error is None:
            return True
        box = QMessageBox(self)
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
            return self._save_text(session)
        return box.clickedButton() is lose

    def _save_text(self, session: Session) -> bool:
        name, _kind = QFileDialog.getSaveFileName(self, _("Save the text"), "", _("Text (*.txt)"))
        if not name:
            return False
        titles = {node.id: node.title for node in self._nodes}
        parts = [f"{titles.get(v.scene, '')}\n\n{v.text}\n" for v in session.documents if v.is_dirty]
        try:
            files.replace(Path(name), "\n".join(parts).encode())
        except OSError as error:
            self.notice.say(_("{path} can't be written: {reason}.").format(path=name, reason=error.strerror or error))
            return False
        return True

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._settle():
            event.ignore()
            return
        self._places.setValue("geometry", self.saveGeometry())
        self._places.setValue("splitter", self._splitter.saveState())
        if self._fetch is not None:
            self._fetch.cancel()
        self.suggestions.close()
        self._put_away()
        if self._opening is not None:
            self._opening.close()
        if self._fetching is not None:
            self._fetching.close()
        super().closeEvent(event)

    # -- scenes ------------------------------------------------------------------

    def _show_outline(self, nodes: list[OutlineNode]) -> None:
        self._nodes = nodes
        self.scenes.show_nodes(nodes)
        if self.page.visit is not None:
            self.scenes.mark(self.page.visit.scene)
            self._show_title(self.page.visit.scene)
        self._show_words()

    def _show_scene(self, visit: Visit) -> None:
        self.page.show_visit(visit)
        if self._caret is not None:
            self.page.place_caret(self._caret)
            self._caret = None
        self.scenes.mark(visit.scene)
        self._show_title(visit.scene)
        self._show_words()
        if self._session is not None:
            self._session.documents.shrink(visit.scene)
        self.page.setFocus()
        self.page.rested.emit()

    def _on_chosen(self, node: int) -> None:
        session = self._session
        if session is None:
            return
        visit = self.page.visit
        target = self._prose_of(node)
        if visit is not None and visit.scene == target:
            self.page.setFocus()
            return
        session.save()
        session.visit(target)

    def _prose_of(self, node: int) -> int:
        """The scene to show for a node: its own prose, or the first one below a chapter without any."""
        at = next((i for i, n in enumerate(self._nodes) if n.id == node), None)
        if at is None:
            return node
        while (
            not self._nodes[at].words and at + 1 < len(self._nodes) and self._nodes[at + 1].parent == self._nodes[at].id
        ):
            at += 1
        return self._nodes[at].id

    def _step(self, by: int) -> None:
        visit = self.page.visit
        parents = {node.parent for node in self._nodes}
        prose = [node.id for node in self._nodes if node.id not in parents or node.words]
        if visit is not None and visit.scene in prose:
            at = prose.index(visit.scene) + by
            if 0 <= at < len(prose):
                self._on_chosen(prose[at])

    def _node(self, node: int | None) -> OutlineNode | None:
        return next((n for n in self._nodes if n.id == node), None)

    def _on_new_scene(self) -> None:
        here = self._node(self.page.visit.scene if self.page.visit is not None else None)
        self._add_node(_("New scene"), here.parent if here else None, here.id if here else None)

    def _on_new_chapter(self) -> None:
        here = self._node(self.page.visit.scene if self.page.visit is not None else None)
        while here is not None and here.parent is not None:
            here = self._node(here.parent)
        self._add_node(_("New chapter"), None, here.id if here else None)

    def _add_node(self, title: str, parent: int | None, after: int | None) -> None:
        session = self._session
        if session is None or session.read_only:
            return
        session.save()

        def show(node: int) -> None:
            session.visit(node)
            QTimer.singleShot(0, self.title.edit)

        session.add(title, parent, after, show)

    def _on_rename(self) -> None:
        self.title.edit()

    def _on_title(self, title: str) -> None:
        if self._session is not None and self.page.visit is not None:
            self._session.rename(self.page.visit.scene, title)

    def remove_scene(self, node: int | None) -> None:
        """Put a scene, or a chapter with its scenes, into the bin."""
        session, doomed = self._session, self._node(node)
        if session is None or doomed is None or session.read_only:
            return
        gone = {doomed.id}
        for other in self._nodes:
            if other.parent in gone:
                gone.add(other.id)
        left = [other for other in self._nodes if other.id not in gone]
        if not left:
            self.notice.say(_("A book keeps at least one scene."))
            return
        before = [n for n in self._nodes[: self._nodes.index(doomed)] if n.id not in gone]

        def after(_result: Any) -> None:
            if self.page.visit is not None and self.page.visit.scene in gone:
                session.visit(self._prose_of((before or left)[-1 if before else 0].id))
            for scene in gone:
                if self.page.visit is None or self.page.visit.scene != scene:
                    session.documents.drop(scene)
            self.notice.say(
                _("“{title}” is in the bin.").format(title=doomed.title),
                (_("Bring it back"), lambda: self.bring_back(doomed.id)),
                topic="bin",
            )

        session.remove(doomed.id, after)

    def bring_back(self, node: int) -> None:
        """Take a scene out of the bin again."""
        session = self._session
        if session is not None:
            session.change_outline(lambda store: store.restore(node), lambda _result: session.visit(node))

    def _show_title(self, scene: int) -> None:
        node = self._node(scene)
        if node is None:
            return
        parent = self._node(node.parent)
        place = parent.title if parent is not None else ""
        self.title.show_title(node.title, place, editable=self._session is not None and not self._session.read_only)

    # -- saving ------------------------------------------------------------------

    def _on_edited(self) -> None:
        if self._session is not None:
            self._session.touch()

    def _save_now(self) -> None:
        if self._session is not None and self.page.visit is not None and self.page.visit.is_dirty:
            self._session.save()

    def _on_saved(self) -> None:
        self._saved.setText(_("Saved"))
        self.notice.clear("save")

    def _on_save_failed(self, error: Exception) -> None:
        self._saved.setText(_("Not saved"))
        self.notice.say(
            _("{reason} Your text is safe in this window; saving is tried again every few seconds.").format(
                reason=_sentence(error)
            ),
            (_("Save as…"), self._on_save_as),
            topic="save",
        )

    def _on_counted(self, scene: int, words: int) -> None:
        self._nodes = [replace(node, words=words) if node.id == scene else node for node in self._nodes]
        self.scenes.show_words(scene, words)
        self._show_words()

    def _show_words(self) -> None:
        here = self._node(self.page.visit.scene if self.page.visit is not None else None)
        words, book = (here.words if here else 0), sum(node.words for node in self._nodes)
        self._words.setText(ngettext("{n} word", "{n} words", words).format(n=f"{words:,}"))
        self._book.setText(_("Book {n}").format(n=f"{book:,}"))

    # -- the model ---------------------------------------------------------------

    def _start_engine(self) -> LocalEngine:
        """Start the model the author chose, or the one that writes the project's language."""
        language = self._project.language if self._project is not None else self._settings.language
        return self._open_engine(replace(self._settings, language=language))

    def _show_model_state(self, state: str) -> None:
        engine = self.suggestions.engine
        name = _model_title(engine.model) if engine is not None else ""
        said = {
            "off": _("Suggestions off"),
            "missing": _("No model"),
            "loading": _("{model} · loading…"),
            "ready": _("{model} · ready"),
            "thinking": _("{model} · thinking…"),
            "failed": _("{model} · stopped"),
        }[state]
        self._model.setText(said.format(model=name))

    def _on_finished(self, usage: Usage) -> None:
        self._model.setToolTip(_("First words after {seconds:.2f} s").format(seconds=usage.first_token_ms / 1000))

    def _on_model_failed(self, error: Exception) -> None:
        missing = self._missing_model()
        if isinstance(error, ModelError) and missing is not None:
            self._offer(missing)
        else:
            self.show_error(error, topic="model")

    def _missing_model(self) -> models.Model | None:
        """The model the settings name if it is one that Writer can fetch and hasn't."""
        language = self._project.language if self._project is not None else self._settings.language
        if self._settings.model:
            model = next((m for m in models.catalogue() if m.name == self._settings.model), None)
        else:
            model = models.default(language)
        return model if model is not None and not model.installed else None

    def _offer(self, model: models.Model) -> None:
        if self._fetch is not None:
            return
        size = round(model.size / 1e6)
        if model.terms:
            said = _("Suggestions here need {model} ({size} MB); it comes under terms of use.")
            label = _("Read the terms…")
        else:
            said = _("Suggestions need a model: {model} ({size} MB).")
            label = _("Get it")
        self.notice.say(
            said.format(model=model.title, size=size),
            (label, lambda: self._ask_terms(model) if model.terms else self.fetch(model)),
            (_("Work without"), lambda: self.change_settings(suggestions=False)),
            topic="model",
        )

    def _ask_terms(self, model: models.Model) -> None:
        box = QMessageBox(self)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(_("Terms of use of {model}").format(model=model.title))
        terms = model.terms.get(self._settings.language) or model.terms.get("en", "")
        box.setInformativeText(f"{terms}\n\n{model.terms_url}")
        accept = box.addButton(_("Accept and get it"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(_("Not now"), QMessageBox.ButtonRole.RejectRole)
        box.exec()
        if box.clickedButton() is accept:
            self.fetch(model)

    def fetch(self, model: models.Model) -> None:
        """Get a model in the background; its terms have been accepted."""
        if self._fetch is not None:
            return
        if self._fetching is None:
            self._fetching = Line("fetching", lambda: None)

        def done(_result: object) -> None:
            self._fetch = None
            self.notice.clear("fetch")
            self.suggestions.start()

        def failed(error: Exception) -> None:
            self._fetch = None
            self.show_error(error, topic="model", actions=[(_("Try again"), lambda: self.fetch(model))])

        self._fetch = self._fetching.submit(
            lambda _store: models.get(model.name, accept_terms=True),
            yielded=lambda step: self.notice.progress(step.what, step.done, step.total, "fetch"),
            returned=done,
            failed=failed,
        )
        self.notice.progress(_("Getting {model}…").format(model=model.title), 0, 0, "fetch")

    def _fill_model_menu(self) -> None:
        menu = self._model_menu
        menu.clear()
        current = self.suggestions.engine.model if self.suggestions.engine is not None else ""
        listed = set()
        for model in models.catalogue():
            listed.add(model.path)
            action = menu.addAction(model.title if model.installed else _("Get {model}…").format(model=model.title))
            action.setCheckable(model.installed)
            action.setChecked(model.title == current or model.name == current)
            action.triggered.connect(lambda checked=False, model=model: self._use_model(model))
        for path in models.installed():
            if path not in listed:
                action = menu.addAction(path.name)
                action.triggered.connect(lambda checked=False, path=path: self.change_settings(model=str(path)))
        menu.addSeparator()
        menu.addAction(_("A model file…"), self._on_model_file)
        switch = menu.addAction(_("Turn suggestions off") if self._settings.suggestions else _("Turn suggestions on"))
        switch.triggered.connect(self._switch.click)

    def _use_model(self, model: models.Model) -> None:
        self.change_settings(model=model.name)
        if not model.installed:
            self._offer(model)

    def _on_model_file(self) -> None:
        name, _kind = QFileDialog.getOpenFileName(self, _("A model on this computer"), "", _("Models (*.gguf)"))
        if not name:
            return
        try:
            models.find(name)
        except WriterError as error:
            self.show_error(error, topic="model")
        else:
            self.change_settings(model=name)

    # -- menu --------------------------------------------------------------------

    def _on_new(self) -> None:
        name, _kind = QFileDialog.getSaveFileName(
            self, _("New book"), str(library.books_folder()), _("Writer projects (*.writer)")
        )
        if not name:
            return
        path = _with_extension(Path(name))
        if path.exists():
            self.notice.say(_("{path} is already there; choose another name.").format(path=path.name))
            return
        project = Project(path.stem, "", self._settings.language or "en")

        def make(_store: Any) -> None:
            with Store.create(path, project) as store:
                store.add(_("Scene 1"))

        self._in_background(make, lambda _result: self.open_project(path))

    def _on_open(self) -> None:
        name, _kind = QFileDialog.getOpenFileName(
            self, _("Open a book"), str(library.books_folder()), _("Writer projects (*.writer);;All files (*)")
        )
        if name:
            self.open_project(Path(name))

    def _fill_recent(self) -> None:
        self._recent.clear()
        for path in settings_file.recent():
            action = self._recent.addAction(path.stem)
            action.setToolTip(str(path))
            action.triggered.connect(lambda checked=False, path=path: self.open_project(path))
        if self._recent.isEmpty():
            self._recent.addAction(_("No recent books")).setEnabled(False)

    def _on_save(self) -> None:
        if self._session is not None:
            self._session.save()
            if not self._session.is_dirty and not self._session.read_only:
                self._on_saved()

    def _on_save_as(self) -> None:
        session = self._session
        if session is None:
            return
        name, _kind = QFileDialog.getSaveFileName(
            self, _("Save as"), str(session.path.parent), _("Writer projects (*.writer)")
        )
        if name:
            path = _with_extension(Path(name))
            session.save_as(path, lambda: self.open_project(path))

    def _on_import(self) -> None:
        session = self._session
        if session is None or session.read_only:
            return
        name, _kind = QFileDialog.getOpenFileName(self, _("Import"), "", _("Texts (*.txt *.md *.markdown)"))
        if name:
            session.save()
            session.change_outline(
                lambda store: library.import_file(Path(name), store),
                lambda nodes: session.visit(nodes[0]) if nodes else None,
            )

    def _on_export(self) -> None:
        session = self._session
        if session is None:
            return
        name, kind = QFileDialog.getSaveFileName(
            self, _("Export"), f"{session.path.stem}.md", _("Markdown (*.md)") + ";;" + _("Text (*.txt)")
        )
        if not name:
            return
        path = Path(name)
        if not path.suffix:
            path = path.with_suffix(".txt" if "txt" in kind else ".md")
        session.save()
        session.change_outline(
            lambda store: library.export(store, path),
            lambda _result: self.notice.say(_("The book is now also in {path}.").format(path=path)),
        )

    def _in_background(self, work: Callable[[Any], Any], then: Callable[[Any], None]) -> None:
        if self._fetching is None:
            self._fetching = Line("fetching", lambda: None)
        self._fetching.submit(work, returned=then, failed=self.show_error)

    def _on_about(self) -> None:
        from writer import __version__

        self.notice.say(_("Writer {version}. Everything you write stays on this computer.").format(version=__version__))

    # -- errors ------------------------------------------------------------------

    def show_error(
        self, error: Exception, *, topic: str = "error", actions: list[tuple[str, Callable[[], None]]] | None = None
    ) -> None:
        """Say in one line what went wrong; a fault of Writer's own goes to the one dialog for that."""
        if isinstance(error, WriterError):
            self.notice.say(str(error), *(actions or []), topic=topic)
        else:
            raise error

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WindowDeactivate:
            self._save_now()
        return bool(super().event(event))


def _soft(widget: Any) -> Any:
    widget.setProperty("soft", True)
    return widget


def _bar(name: str, height: int) -> QWidget:
    bar = QWidget(objectName=name)
    bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    bar.setFixedHeight(max(height, QFontMetrics(bar.font()).height() + 14))
    return bar


def _row(bar: QWidget, things: list[QWidget | int | None]) -> None:
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


def _model_title(name: str) -> str:
    return next((model.title for model in models.catalogue() if model.name == name), name)


def _with_extension(path: Path) -> Path:
    return path if path.suffix == EXTENSION else path.with_name(path.name + EXTENSION)


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _sentence(error: Exception) -> str:
    said = str(error).rstrip()
    return said if said.endswith((".", "。", "!", "?", "！", "？")) else said + "."
