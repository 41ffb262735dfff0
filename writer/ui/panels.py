"""What stands side by side in the window: scenes, page or outline, and one thing at the right; and which of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QSplitter, QStackedWidget

from writer.ui.memory import NARROW as MEMORY_NARROW
from writer.ui.plan import NARROW as PLAN_NARROW

if TYPE_CHECKING:
    from writer.ui.window import Window

NARROW = 900
"""Below this width of the window the scenes fold away."""


class Panels(QSplitter):
    """Shows what the author asked for, as far as it finds room."""

    def __init__(self, window: Window) -> None:
        super().__init__()
        self._window = window
        self._has_scenes = True
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        self._desk = QStackedWidget()
        self._desk.addWidget(window.page)
        self._desk.addWidget(window.outline)
        for panel in (window.scenes, self._desk, window.memory, window.plan, window.drafting):
            self.addWidget(panel)
        self.setStretchFactor(1, 1)
        self.setSizes([264, 1000, 316, 316, 316])
        window.scenes.setMinimumWidth(180)
        window.page.setMinimumWidth(360)
        self.setMinimumWidth(540)  # without the memory, which folds away before it is as narrow as that

    @property
    def is_outlined(self) -> bool:
        """Whether the outline is in the page's place."""
        return self._desk.currentWidget() is self._window.outline

    def toggle_scenes(self) -> None:
        """Show or fold the scenes."""
        window = self._window
        if window.focus.leave() and not window.scenes.isHidden():
            return
        window.scenes.setVisible(not window.scenes.isVisible())

    def show_page(self) -> None:
        """Put the page where it belongs, if the outline is there."""
        window = self._window
        if self.is_outlined:
            self._desk.setCurrentWidget(window.page)
            window.binder.catch_up()
            window.scenes.setVisible(self._has_scenes and window.width() >= NARROW)
            self.fit()
            window.page.setFocus()

    def toggle_outline(self) -> None:
        """Show the outline in the page's place, or the page again."""
        window = self._window
        if self.is_outlined:
            self.show_page()
            return
        window.focus.leave()
        window.title.finish()
        window.page.clear_ghost()
        window.plan.keep()
        self._has_scenes = not window.scenes.isHidden()
        window.scenes.hide()  # it is the same tree
        self._desk.setCurrentWidget(window.outline)
        self.fit()
        if window.scene is not None:
            window.outline.choose([window.scene])
        window.outline.view.setFocus()

    def toggle_plan(self) -> None:
        """Show the plan at the right, or fold it away; beside the page it takes the memory's place."""
        window = self._window
        if window.focus.leave() and not window.plan.isHidden():
            return
        window.drafting.is_wanted = False
        window.plan.want(window.plan.isHidden(), outlined=self.is_outlined)
        self.fit(asked=True)
        if window.plan.isHidden():
            (window.outline.view if self.is_outlined else window.page).setFocus()

    def toggle_memory(self) -> None:
        """Show or fold away the memory, which takes the plan's place beside the page."""
        window = self._window
        self.show_page()
        if window.focus.leave() and not window.memory.isHidden():
            return
        window.drafting.is_wanted = False
        window.drafting.hide()
        if not window.plan.isHidden():
            window.plan.want(False, outlined=False)
            window.plan.hide()
        window.memory.toggle()

    def put_aside(self) -> None:
        """Leave the page alone, until ``bring_back``."""
        window = self._window
        self.show_page()
        self._has_scenes = not window.scenes.isHidden()
        for panel in (window.scenes, window.memory, window.plan, window.drafting):
            panel.hide()

    def bring_back(self) -> None:
        """Show beside the page what was put aside, as far as it finds room."""
        self._window.scenes.setVisible(self._has_scenes and self._window.width() >= NARROW)
        self.fit()

    def fit(self, *, asked: bool = False) -> None:
        """Show at the right what is wanted there and finds room."""
        window = self._window
        if window.focus.leave():  # somebody wants something there
            return
        has_room = asked or window.width() >= PLAN_NARROW
        has_draft = window.drafting.is_wanted
        has_plan = not has_draft and has_room and window.plan.wants(outlined=self.is_outlined)
        window.drafting.setVisible(has_draft)
        window.plan.setVisible(has_plan)
        window.memory.fit(0 if has_draft or has_plan or self.is_outlined else window.width())
        window.plan.follow()

    def fit_width(self, old: int, new: int) -> None:
        """Fold away what is too much for a window that becomes narrow, and show it again when it becomes wide."""
        if self._window.focus.is_on:
            return
        if old > 0 and (old < NARROW) != (new < NARROW):
            self._has_scenes = new >= NARROW
            self._window.scenes.setVisible(self._has_scenes and not self.is_outlined)
        if old <= 0 or any((old < edge) != (new < edge) for edge in (PLAN_NARROW, MEMORY_NARROW)):
            self.fit()
