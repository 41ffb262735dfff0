"""The window: the page, the scenes at its left, a quiet line above and below."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QMainWindow, QVBoxLayout, QWidget

from writer import files
from writer import settings as settings_file
from writer.engines import BackgroundEngine
from writer.errors import DamagedError, WriterError
from writer.i18n import _
from writer.settings import Settings
from writer.store import Store
from writer.story import OutlineNode, Plan, Project
from writer.ui import instance
from writer.ui.arranging import Arranging
from writer.ui.backups import Backups
from writer.ui.bars import bar
from writer.ui.binder import Binder
from writer.ui.blank import Blank
from writer.ui.books import Books
from writer.ui.closing import Closing
from writer.ui.documents import Visit
from writer.ui.drafting import Drafting
from writer.ui.editor import Page
from writer.ui.expanding import Expanding
from writer.ui.finding import Finding
from writer.ui.focus import Focus
from writer.ui.following import Following
from writer.ui.footer import Footer
from writer.ui.growing import Growing
from writer.ui.header import Header
from writer.ui.hint import Hint
from writer.ui.keys import Keys
from writer.ui.legend import Legend
from writer.ui.memory import Memory
from writer.ui.menus import Menus
from writer.ui.model import ModelButton
from writer.ui.models import Models
from writer.ui.notice import Notice
from writer.ui.opening import Opening
from writer.ui.outline import Outline
from writer.ui.painting import Painting
from writer.ui.panels import Panels
from writer.ui.plan import Inspector
from writer.ui.rescue import Rescue
from writer.ui.revisions import Revisions
from writer.ui.saved import Saved
from writer.ui.scenes import Scenes
from writer.ui.session import Opened, Session
from writer.ui.sourced import Sourced
from writer.ui.suggestions import Suggestions
from writer.ui.title import Title
from writer.ui.underway import Underway
from writer.ui.work import Work
from writer.ui.worker import Job, Line
from writer.ui.writing import Writing

DOOR_AFTER_MS = 200


class Window(QMainWindow):
    """One project on the screen."""

    language_chosen = Signal(str)

    def __init__(
        self,
        settings: Settings,
        open_engine: Callable[[Settings], BackgroundEngine],
        overrides: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__()
        self.setWindowTitle("Writer")
        self.settings = settings
        self.open_engine = open_engine
        self._overrides = dict(overrides or {})
        self.session: Session | None = None
        self._project: Project | None = None
        self._caret: int | None = None
        self._places = QSettings(str(files.state_folder() / "window.ini"), QSettings.Format.IniFormat)
        self._background: Line | None = None
        self._build()
        self._connect()
        self.painting.paint()
        self._show_settings()
        self._restore_place()

    # -- building ----------------------------------------------------------------

    def _build(self) -> None:
        self.painting = Painting(self)
        self.page = Page(self.painting.look)
        self.page.setAccessibleName(_("Page"))
        self.page.keys = Keys(self.settings.keys)
        self.title = Title(self.page)
        self.hint = Hint(self.page, self._places)
        self.scenes = Scenes()
        self.notice = Notice()
        self.saved = Saved(self)
        self.legend = Legend(self.page)
        self.suggestions = Suggestions(self.page, self.in_force, self._start_engine)
        self.models = Models(self)
        self.model = ModelButton(self, self.suggestions)
        self._footer = Footer(self, self.legend, self.model)
        self.books = Books(self)
        self.binder = Binder(self)
        self.backups = Backups(self, self._places)
        self.revisions = Revisions(self)
        self.rescue = Rescue(self)
        self.memory = Memory(self, self._places)
        self.arranging = Arranging(self)
        self.outline = Outline(self, self._places)
        self.plan = Inspector(self, self._places)
        self.work, self.underway = Work(self), Underway()
        self.writing = Writing(self, self.work)
        self.expanding = Expanding(self, self.writing)
        self.growing = Growing(self, self.work, self.writing, self.underway)
        self.drafting = Drafting(self, self.writing, self.underway)
        self.sourced = Sourced(self)
        self.following = Following(self)
        self.finding = Finding(self)
        self.blank = Blank()
        self.opening, self.closing = Opening(self), Closing(self)
        self.door = instance.Door(self)
        above, below = bar("header", 44), self._footer.bar
        self.focus = Focus(self, [above, below])
        self.panels = Panels(self)
        self._menus = Menus(self)
        self.header = Header(self, above, self._menus)

        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (above, self.notice, self.finding, self.panels, self.blank, self.underway, below):
            column.addWidget(widget, 1 if widget in (self.panels, self.blank) else 0)
        self.setCentralWidget(centre)
        self.blank.hide()
        self._menus.show_book(is_open=False, is_writable=False)

    def _connect(self) -> None:
        page, suggestions = self.page, self.suggestions
        page.edited.connect(self._on_edited)
        page.typed_through.connect(lambda _: self._on_edited())
        page.accepting.connect(self._save)
        page.accepted.connect(lambda _: self._on_edited())
        page.focus_left.connect(self._save)
        self.scenes.outline_wanted.connect(self.panels.toggle_outline)
        self.outline.opened.connect(self.binder.go_to)
        self.outline.back.clicked.connect(self.panels.show_page)
        self.outline.plan.clicked.connect(self.panels.toggle_plan)
        self.outline.chosen_changed.connect(self.plan.follow)
        self.plan.closed.connect(self.panels.toggle_plan)
        self.opening.opened.connect(self._on_opened)
        self.blank.open_wanted.connect(self.books.open)
        self.blank.new_wanted.connect(self.books.new)
        self.door.knocked.connect(self.come_to_front)
        self.header.switch.toggled.connect(self.set_suggestions)
        suggestions.shown.connect(self.hint.count)
        QShortcut(QKeySequence("Ctrl+="), self, lambda: self.painting.zoom(1))

    @property
    def scene(self) -> int | None:
        """The scene in the page."""
        return self.page.visit.scene if self.page.visit is not None else None

    @property
    def here(self) -> int | None:
        """The node the author is at: the one chosen in the outline, or the scene in the page."""
        return self.outline.current if self.is_outlined else self.scene

    @property
    def nodes(self) -> list[OutlineNode]:
        """The outline as it is shown."""
        return self.binder.nodes

    @property
    def is_outlined(self) -> bool:
        """Whether the outline is in the page's place."""
        return self.panels.is_outlined

    @property
    def project(self) -> Project | None:
        """What is true of the book on the desk."""
        return self._project if self.session is not None else None

    @property
    def book_title(self) -> str:
        """The book's title, or what stands for one."""
        return (self._project.title if self._project is not None else "") or _("Untitled")

    @property
    def has_unsaved(self) -> bool:
        """Whether something on the page is not in the file yet."""
        return self.session is not None and self.session.is_dirty

    # -- settings ----------------------------------------------------------------

    def change_settings(self, **changes: Any) -> None:
        """Change settings, keep them, and follow them at once."""
        changed = replace(self.settings, **changes)
        overrides = {key: value for key, value in self._overrides.items() if key not in changes}
        if (changed, overrides) == (self.settings, self._overrides):
            return
        self.settings, self._overrides = changed, overrides
        try:
            # Only this change: another window or the command line may have made others meanwhile.
            settings_file.save(replace(settings_file.load(), **changes))
        except WriterError as error:
            self.notice.say(str(error))
        if {"theme", "zoom", "line_width", "font"} & set(changes):
            self.painting.paint()
        self._show_settings()
        if "show_credits" in changes:
            self.painting.paint_credits()
        if set(changes) != {"show_credits"}:  # which leaves the grey text where it is
            self.suggestions.use(self.in_force)
            self.memory.look()
        if not changed.suggestions:
            self.notice.clear("model")
        self.models.follow()

    def _show_settings(self) -> None:
        self.header.switch.setChecked(self.settings.suggestions)
        self._menus.show_settings(self.settings)

    def toggle_credits(self) -> None:
        """Tint what the model wrote, or no more."""
        self.change_settings(show_credits=not self.settings.show_credits)

    # -- the place on the screen -------------------------------------------------

    def come_to_front(self) -> None:
        """Show the window before all others, or at least make it known."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()
        QApplication.alert(self)

    def toggle_full_screen(self) -> None:
        """Fill the screen, or give it back."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _restore_place(self) -> None:
        geometry = self._places.value("geometry")
        if geometry is None or not self.restoreGeometry(geometry):
            self.resize(1280, 820)
        sizes = self._places.value("panels")
        if sizes is not None:
            self.panels.restoreState(sizes)

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self.panels.fit_width(event.oldSize().width(), self.width())

    # -- opening and closing -----------------------------------------------------

    @property
    def project_path(self) -> Path | None:
        """The project on the desk."""
        return self.session.path if self.session is not None else None

    def _on_opened(self, session: Session, opened: Opened) -> None:
        self.closing.clear()
        self.session, self._project = session, opened.project
        self._caret = opened.caret
        session.documents.look = self.painting.look
        session.plans_changed.connect(self._on_plans)
        session.outline_changed.connect(self._show_outline)
        session.bin_changed.connect(self.binder.show_bin)
        session.scene_ready.connect(self._show_scene)
        session.counted.connect(self._on_counted)
        session.saving.connect(self.saved.show_saving)
        session.saved.connect(self.saved.show_saved)
        session.save_failed.connect(self.saved.show_failed)
        session.failed.connect(lambda error: self._on_failed(session, error))
        session.harmed.connect(lambda harm: self.rescue.offer_scene(session, harm))
        self.page.setReadOnly(session.read_only)
        self.saved.begin(opened.why_read_only)
        self._footer.name_language(opened.project.language)
        self.binder.begin(opened.nodes, list(opened.binned))
        self.binder.plans = opened.plans
        self.arranging.begin()
        self.outline.begin()
        self.painting.paint()
        # The page first: filling the tree of a long book takes as long as all of this.
        QTimer.singleShot(0, session, lambda: self._show_outline(self.nodes))
        self.suggestions.work_on(session.jobs, session.path)
        self.show_book()
        self._show_scene(session.documents.open(opened.scene))
        settings_file.remember(session.path)
        for topic in ("open", "save"):
            self.notice.clear(topic)
        self.opening.say_how(session, opened)
        if not session.read_only:
            # Not now: it imports QtNetwork, and the page should be there first.
            QTimer.singleShot(DOOR_AFTER_MS, session, lambda: self.door.open(session.path))
        self.suggestions.use(self.in_force)
        self.backups.watch(session)
        self.memory.work_on(session)
        self.work_on(session)

    def work_on(self, session: Session | None) -> None:
        """Let all that the model does beside the page be about this book, or about none."""
        for thing in (self.growing, self.work, self.writing, self.drafting, self.sourced, self.following, self.finding):
            thing.work_on(session)

    def show_book(self) -> None:
        """Show the page, or without a book what can be done about that, and only controls that do something."""
        session, project = self.session, self.project
        self.header.show_book(project.title if project is not None else None)
        for widget in (self.panels, self._footer.bar):
            widget.setVisible(session is not None)
        self.blank.setVisible(session is None)
        self._menus.show_book(is_open=session is not None, is_writable=session is not None and not session.read_only)

    def _on_failed(self, session: Session, error: Exception) -> None:
        if isinstance(error, DamagedError):
            self.rescue.offer(session.path, error)
        else:
            self.show_error(error, topic="change")

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.closing.settle():
            event.ignore()
            return
        self._places.setValue("geometry", self.saveGeometry())
        self._places.setValue("panels", self.panels.saveState())
        self.hide()  # the author need not wait for the last backup
        QGuiApplication.sync()
        self.models.close()
        self.memory.close_down()
        self.suggestions.close()
        self.opening.give_up()
        self.closing.clear()
        self.backups.close()
        if self._background is not None:
            self._background.close()
        super().closeEvent(event)

    # -- scenes ------------------------------------------------------------------

    def _show_outline(self, nodes: list[OutlineNode]) -> None:
        self.binder.show_outline(nodes)
        self.outline.show_nodes(nodes, self.binder.plans)
        self.plan.follow()
        self._footer.count()

    def _on_plans(self, plans: dict[int, Plan]) -> None:
        self.binder.plans = plans

    def show_plans(self, plans: dict[int, Plan]) -> None:
        """Show what is planned, for the same nodes as before."""
        self.binder.plans = plans
        self._show_outline_only()

    def _show_outline_only(self) -> None:
        self.outline.show_nodes(self.nodes, self.binder.plans)
        self.plan.follow()
        self._footer.count()

    def undo(self) -> None:
        """Take back the last thing: in the outline a step of it, else in the page."""
        (self.arranging if self.is_outlined else self.page).undo()

    def redo(self) -> None:
        """Do again what was taken back."""
        (self.arranging if self.is_outlined else self.page).redo()

    def rename(self, node: int, title: str) -> None:
        """Give a node another title, or the book under 0."""
        if node:
            self.arranging.rename(node, title)
        else:
            self.change_project(title=title)

    def change_project(self, **changes: str) -> None:
        """Change what is true of the whole book."""

        def show(project: Project) -> None:
            self._project = project
            self.header.show_book(project.title)
            self._show_outline_only()

        if self.session is not None and not self.session.read_only:
            self.session.change(lambda store: store.change_project(**changes), show)

    def _show_scene(self, visit: Visit) -> None:
        if self.outline.stays_at != visit.scene:
            self.panels.show_page()
        self.outline.stays_at = None
        self.page.show_visit(visit)
        if self._caret is not None:
            self.page.place_caret(self._caret)
            self._caret = None
        if self.session is not None:
            self.session.documents.shrink(visit.scene)
        if not self.is_outlined:
            self.page.setFocus()
        self.plan.follow()
        self.binder.show_scene(visit)
        self._footer.count()
        self.finding.show_scene()
        self.page.rested.emit()

    # -- saving ------------------------------------------------------------------

    def _on_edited(self) -> None:
        self.notice.clear("versions")  # it says what undo would take back
        self.notice.clear("focus")
        if self.session is not None:
            self.session.touch()

    def _save(self) -> None:
        if self.session is not None:
            self.session.save()

    def _on_counted(self, scene: int, words: int) -> None:
        self.binder.count(scene, words)
        self._show_outline_only()

    # -- the model and what else takes time --------------------------------------

    @property
    def language(self) -> str:
        """The language of the book on the desk; without one, the author's."""
        return self._project.language if self._project is not None else self.settings.language

    def set_suggestions(self, on: bool) -> None:
        """Turn all that a model does on or off."""
        self.change_settings(suggestions=on)

    def toggle_suggestions(self) -> None:
        """Turn all that a model does off if it is on, and on if it is off."""
        self.set_suggestions(not self.settings.suggestions)

    def in_background(
        self,
        work: Callable[[Store | None], Any],
        returned: Callable[[Any], None],
        *,
        yielded: Callable[[Any], None] = lambda _: None,
        failed: Callable[[Exception], None] | None = None,
    ) -> Job:
        """Run something that needs no project beside everything else."""
        if self._background is None:
            self._background = Line("background", lambda: None)
        return self._background.submit(work, yielded=yielded, returned=returned, failed=failed or self.show_error)

    def _start_engine(self) -> BackgroundEngine:
        """Start the model the author chose, or the one that writes the book's language."""
        return self.open_engine(self.in_force)

    @property
    def in_force(self) -> Settings:
        """The settings with what was said for this run only, for a book in this language."""
        settings = replace(self.settings, language=self.language)
        for key, value in self._overrides.items():
            settings = settings_file.change(settings, key, value)
        return settings

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
            self._save()
        return bool(super().event(event))
