"""The menus: every action has a place here, and its keys beside it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QSizePolicy

from writer import i18n
from writer.i18n import _
from writer.settings import Settings
from writer.styles import STYLES
from writer.ui import about

if TYPE_CHECKING:
    from writer.ui.window import Window

Keys = QKeySequence.StandardKey | str | None


class Menus(QMenuBar):
    """The menu bar of a window; ``look`` is also behind the button "Aa"."""

    def __init__(self, window: Window) -> None:
        super().__init__()
        self._window = window
        self.setNativeMenuBar(False)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
        self.look = QMenu(window)
        self._themes: dict[str, QAction] = {}
        self._styles: dict[str, QAction] = {}
        self._of_book: list[QAction] = []
        self._of_writing: list[QAction] = []
        self._fill_look()
        self._add_file()
        self._add_edit()
        self._add_scene()
        self._add_write()
        self._add_suggestions()
        self._add_view()
        self._action(self.addMenu(_("&Help")), _("About Writer"), partial(about.show, window))

    def show_settings(self, settings: Settings) -> None:
        """Tick what is chosen."""
        self._themes[settings.theme].setChecked(True)
        self._suggest.setChecked(settings.suggestions)
        self._write.setVisible(settings.suggestions)
        self._credits.setChecked(settings.show_credits)
        for name, action in self._styles.items():
            action.setChecked(settings.style == name)

    def show_book(self, *, is_open: bool, is_writable: bool) -> None:
        """Offer only what can be done with the book that is open, if one is."""
        for action in self._of_book:
            action.setEnabled(is_open)
        for action in self._of_writing:
            action.setEnabled(is_writable)

    def _add_file(self) -> None:
        books, standard = self._window.books, QKeySequence.StandardKey
        menu = self.addMenu(_("&File"))
        self._action(menu, _("New book…"), books.new, standard.New)
        self._action(menu, _("Open…"), books.open, standard.Open)
        menu.addMenu(books.recent)
        menu.addSeparator()
        save = self._action(menu, _("Save now"), self._window.saved.save_now, standard.Save)
        save_as = self._action(menu, _("Save as…"), books.save_as, "Ctrl+Shift+S")
        menu.addSeparator()
        take_in = self._action(menu, _("Import…"), books.import_text)
        export = self._action(menu, _("Export…"), books.export)
        record = self._action(menu, _("What the model wrote…"), books.record)
        self._of_writing += [save, take_in]
        self._of_book += [save_as, export, record]
        self._action(menu, _("Backups…"), self._window.backups.show)
        menu.addSeparator()
        self._action(menu, _("Quit"), self._window.close, "Ctrl+Q")

    def _add_edit(self) -> None:
        page, standard = self._window.page, QKeySequence.StandardKey
        menu = self.addMenu(_("&Edit"))
        for label, slot, keys in (
            (_("Undo"), self._window.undo, standard.Undo),
            (_("Redo"), self._window.redo, standard.Redo),
            (_("Cut"), page.cut, standard.Cut),
            (_("Copy"), page.copy, standard.Copy),
            (_("Paste"), page.paste, standard.Paste),
            (_("Select all"), page.selectAll, standard.SelectAll),
        ):
            # The page and the title handle these keys themselves.
            self._action(menu, label, slot, keys).setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            if keys is standard.Redo:
                menu.addSeparator()
        menu.addSeparator()
        finding = self._window.finding
        self._of_book += [
            self._action(menu, _("Find…"), finding.open, standard.Find),
            self._action(menu, _("Find the next one"), lambda: finding.step(1), "F3"),
            self._action(menu, _("Find the one before"), lambda: finding.step(-1), "Shift+F3"),
        ]
        self._of_writing.append(self._action(menu, _("Replace…"), lambda: finding.open(replacing=True), "Ctrl+H"))

    def _add_scene(self) -> None:
        window = self._window
        menu = self.addMenu(_("&Scene"))
        self._action(menu, _("New scene"), window.binder.new_scene, "Ctrl+Return")
        self._action(menu, _("New chapter"), window.binder.new_chapter, "Ctrl+Shift+Return")
        self._action(menu, _("Rename"), window.binder.rename, "F2")
        self._action(menu, _("Split here"), window.binder.split)
        self._action(menu, _("Join with the next scene"), window.binder.join)
        menu.addSeparator()
        self._action(menu, _("Move to bin"), lambda: window.binder.remove(window.scene))
        menu.addMenu(window.binder.bin)
        menu.addSeparator()
        self._action(menu, _("Keep this moment…"), window.revisions.keep_moment, "Ctrl+Shift+D")
        self._of_writing += menu.actions()
        self._of_book.append(self._action(menu, _("Earlier versions…"), window.revisions.show, "Ctrl+Shift+H"))
        menu.addSeparator()
        self._action(menu, _("Previous scene"), lambda: window.binder.step(-1), "Ctrl+PgUp")
        self._action(menu, _("Next scene"), lambda: window.binder.step(1), "Ctrl+PgDown")
        self._of_book += menu.actions()[-2:]
        menu.addSeparator()
        self._of_writing += [
            self._action(menu, _("Do the synopses still fit?"), window.following.look),
            self._action(menu, _("Propose an outline…"), window.following.proposing.propose),
        ]

    def _add_write(self) -> None:
        """What the model does beside the page; gone with the switch for suggestions."""
        window = self._window
        menu = self.addMenu(_("&Write"))
        self._write = menu.menuAction()
        self._action(menu, _("Grow an outline…"), window.growing.ask, "Ctrl+Shift+G")
        self._action(menu, _("Grow what lies in this…"), lambda: window.growing.ask(window.here))
        menu.addSeparator()
        self._action(
            menu, _("Other ideas for this…"), lambda: window.growing.thinking.ideas(window.here), "Ctrl+Shift+I"
        )
        self._action(menu, _("Think of this anew"), lambda: window.growing.thinking.renew(window.here))
        self._action(menu, _("Say step by step what happens"), lambda: window.growing.thinking.beats(window.here))
        menu.addSeparator()
        self._action(menu, _("Write this scene…"), window.expanding.begin, "Ctrl+Shift+E")
        self._action(menu, _("Draft the book…"), window.drafting.show_panel, "Ctrl+Shift+B")
        menu.addSeparator()
        check = self._action(
            menu, _("Check sentences against the notes"), lambda: window.sourced.toggle(check.isChecked())
        )
        check.setCheckable(True)
        window.sourced.switched.connect(check.setChecked)
        self._of_writing += [action for action in menu.actions() if not action.isSeparator()]

    def _add_suggestions(self) -> None:
        page = self._window.page
        menu = self.addMenu(_("S&uggestions"))
        self._suggest = self._action(menu, _("Suggest while I write"), self._window.toggle_suggestions)
        self._suggest.setCheckable(True)
        self._action(menu, _("Models…"), self._window.models.show, "Ctrl+Shift+M")
        manner = menu.addMenu(_("Manner"))
        group = QActionGroup(self)
        for name, label in (
            ("faithful", _("Faithful: what comes most naturally")),
            ("balanced", _("Balanced: between the two")),
            ("bold", _("Bold: off the beaten track")),
        ):
            action = self._action(manner, label, partial(self._window.change_settings, **STYLES[name]))
            action.setCheckable(True)
            group.addAction(action)
            self._styles[name] = action
        group.setExclusionPolicy(QActionGroup.ExclusionPolicy.ExclusiveOptional)
        menu.addSeparator()
        for name, label in (
            ("ask", _("Suggest now")),
            ("accept", _("Take it")),
            ("accept_word", _("Take a word")),
            ("accept_sentence", _("Take a sentence")),
            ("next", _("Another one")),
            ("previous", _("The one before")),
            ("dismiss", _("Dismiss")),
        ):
            # Shown beside the label, not bound: the page decides what these keys do.
            self._action(menu, f"{label}\t{page.keys.shown(name)}", partial(page.perform, name))

    def _add_view(self) -> None:
        window = self._window
        menu = self.addMenu(_("&View"))
        self._action(menu, _("Scenes"), window.panels.toggle_scenes, "F9")
        self._of_book.append(self._action(menu, _("Outline"), window.panels.toggle_outline, "Ctrl+Shift+O"))
        self._of_book.append(self._action(menu, _("Plan"), window.panels.toggle_plan, "Ctrl+Shift+L"))
        self._of_book.append(self._action(menu, _("Memory"), window.panels.toggle_memory, "Ctrl+M"))
        focus = self._action(menu, _("Focus"), window.focus.toggle, "F8")
        focus.setCheckable(True)
        window.focus.switched.connect(focus.setChecked)
        self._of_book.append(focus)
        self._action(menu, _("Full screen"), window.toggle_full_screen, "F11")
        self._credits = self._action(menu, _("Show what the model wrote"), window.toggle_credits, "F7")
        self._credits.setCheckable(True)
        menu.addSeparator()
        menu.addActions(self.look.actions())
        menu.addSeparator()
        languages = menu.addMenu("Language · 语言")
        for code, name in i18n.LANGUAGES.items():
            self._action(languages, name, partial(window.language_chosen.emit, code))

    def _fill_look(self) -> None:
        window = self._window
        self._action(self.look, _("Larger"), lambda: window.painting.zoom(1), "Ctrl++")
        self._action(self.look, _("Smaller"), lambda: window.painting.zoom(-1), "Ctrl+-")
        self._action(self.look, _("Normal size"), lambda: window.painting.zoom(0), "Ctrl+0")
        self.look.addSeparator()
        group = QActionGroup(self)
        for name, label in (
            ("auto", _("Like the desktop")),
            ("light", _("Light")),
            ("sepia", _("Sepia")),
            ("dark", _("Dark")),
        ):
            action = self._action(self.look, label, partial(window.change_settings, theme=name))
            action.setCheckable(True)
            group.addAction(action)
            self._themes[name] = action

    def _action(self, menu: QMenu, label: str, slot: Callable[[], Any], keys: Keys = None) -> QAction:
        action = QAction(label, self._window)
        if isinstance(keys, str):
            action.setShortcut(QKeySequence(keys))
        elif keys is not None:
            action.setShortcuts(QKeySequence.keyBindings(keys))
        action.triggered.connect(lambda checked=False: slot())
        menu.addAction(action)
        return action
