"""The window of the models: what is on this computer, what can be had, and the one that suits it."""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from writer import models
from writer.i18n import _
from writer.ui import theme as themes
from writer.ui import tips
from writer.ui.notice import Notice
from writer.ui.offers import LINES, Offer, OfferDelegate, Survey, said_size
from writer.ui.server import ServerPage
from writer.ui.sheet import Sheet, plain

if TYPE_CHECKING:
    from writer.ui.models import Models
    from writer.ui.window import Window

NAME = Qt.ItemDataRole.UserRole
SERVER, ENGINE = "\0server", "\0engine"
"""What stands in the list below the models."""


class Shelf(QDialog):
    """Models at the left, the chosen one at the right; stays open beside the page for as long as one likes."""

    def __init__(self, window: Window, owner: Models) -> None:
        super().__init__(window)
        self._window, self._owner = window, owner
        self._survey: Survey | None = None
        self.setWindowTitle(_("Models"))
        self.resize(min(880, max(640, window.width() - 40)), min(620, max(420, window.height() - 60)))
        self._build()
        self._lay_out()
        owner.tryout.changed.connect(self._show_attempt)

    def _build(self) -> None:
        self.notice = Notice()
        self.advice = plain()
        self.take_advice = QPushButton(objectName="primary", autoDefault=False)
        self.take_advice.clicked.connect(lambda checked=False: self._take_advice())
        self.list = QListWidget(objectName="versions")
        self.list.setAccessibleName(_("Models"))
        self.list.setItemDelegate(OfferDelegate(lambda: themes.choose(self._window.settings.theme), self.list))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMinimumWidth(240)
        self.list.currentItemChanged.connect(lambda _now, _before: self._show_chosen())
        self.list.itemActivated.connect(lambda _item: self._act())
        self.sheet = Sheet()
        self.sheet.wanted.connect(self._do)
        self.server = ServerPage(self._owner.ask)
        self.server.wanted.connect(self._use_server)
        self.server.left.connect(lambda: self._window.change_settings(engine="auto"))
        self.engines = EnginePage()
        self.engines.chosen.idClicked.connect(
            lambda index: self._window.change_settings(engine=self.engines.names[index])
        )
        self.looking = QLabel(
            _("Looking at this computer…"), alignment=Qt.AlignmentFlag.AlignCenter, objectName="empty"
        )
        self.add = QPushButton(_("&Add a file or folder…"), objectName="secondary", autoDefault=False)
        menu = QMenu(self.add)
        menu.addAction(_("A model file…")).triggered.connect(lambda checked=False: self._owner.add_file())
        menu.addAction(_("A model folder…")).triggered.connect(lambda checked=False: self._owner.add_folder())
        self.add.setMenu(menu)
        self.close_button = QPushButton(_("C&lose"), objectName="secondary", autoDefault=False)
        self.close_button.clicked.connect(self.reject)

    def _lay_out(self) -> None:
        self.pages = QStackedWidget()
        self.pages.setMinimumWidth(320)
        for page in (self.sheet, _scrolling(self.server), _scrolling(self.engines)):
            self.pages.addWidget(page)
        split = QSplitter()
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        split.addWidget(self.list)
        split.addWidget(self.pages)
        split.setStretchFactor(1, 1)
        split.setSizes([320, 560])
        self._whole = QStackedWidget()
        self._whole.addWidget(self.looking)
        self._whole.addWidget(split)
        self.band = QWidget(objectName="advice")
        self.band.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        top = QHBoxLayout(self.band)
        top.setContentsMargins(16, 10, 14, 10)
        top.addWidget(self.advice, 1)
        top.addWidget(self.take_advice)
        bottom = QHBoxLayout()
        bottom.setContentsMargins(14, 10, 14, 10)
        bottom.addWidget(self.add)
        bottom.addStretch()
        bottom.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for widget in (self.band, self.notice):
            layout.addWidget(widget)
        layout.addWidget(self._whole, 1)
        layout.addLayout(bottom)
        self.band.hide()
        ring = [self.take_advice, self.list, self.pages, self.add, self.close_button]
        for one, next_one in pairwise(ring):
            QWidget.setTabOrder(one, next_one)

    # -- the list ----------------------------------------------------------------

    def show_survey(self, survey: Survey) -> None:
        """List what was found; what was chosen stays chosen, at first the model that writes now."""
        self._survey = survey
        name = self._chosen_name or next(
            (offer.name for offer in survey.offers if offer.is_here and offer.is_meant_by(self._owner.used)),
            SERVER if self._window.in_force.engine == "server" else survey.advice.model.name,
        )
        self.list.blockSignals(True)
        self.list.clear()
        for heading, group in groupby(sorted(survey.offers, key=_rank), key=_heading):
            self._add_heading(heading)
            for offer in group:
                self._add_item(offer.name)
        self._add_heading(_("More"))
        self._add_item(SERVER)
        self._add_item(ENGINE)
        self.list.blockSignals(False)
        first = self._whole.currentIndex() == 0
        self._whole.setCurrentIndex(1)
        self._dress()
        self.choose(name)
        if first:
            self.list.setFocus()

    def _add_heading(self, words: str) -> None:
        item = QListWidgetItem()
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setData(LINES, (words,))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, words)
        item.setToolTip(tips.plain(words))
        self.list.addItem(item)

    def _add_item(self, name: str) -> None:
        item = QListWidgetItem()
        item.setData(NAME, name)
        item.setData(LINES, self._lines(name))  # the list asks for its height as soon as it is in
        self.list.addItem(item)

    def _dress(self) -> None:
        """Write the lines of the list anew."""
        for row in range(self.list.count()):
            item = self.list.item(row)
            name = item.data(NAME)
            if name is None:
                continue
            lines = self._lines(name)
            if item.data(LINES) != lines:
                item.setData(LINES, lines)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, self._spoken(name, lines))
        self._show_advice()

    def _lines(self, name: str) -> tuple[str, str, str, str, str]:
        """Title, badge, whether it fits, state and the rest of the second line."""
        if name == SERVER:
            in_use = self._window.in_force.engine == "server"
            place = self._window.settings.server_url
            return _("A server of your own"), "", "", _("In use") if in_use else "", place or _("another computer")
        if name == ENGINE:
            return _("How models run"), "", "", "", _("Advanced")
        offer = self._find(name)
        assert offer is not None
        rest = [said_size(offer.size), offer.writes]
        return offer.title, offer.badge, offer.fit, self._state(offer), " · ".join(filter(None, rest))

    def _state(self, offer: Offer) -> str:
        fetch = self._owner.fetching.of(offer.name)
        if fetch is not None:
            done = f"{fetch.step.done / fetch.step.total:.0%}" if fetch.step.total else "…"
            return {"running": done, "paused": _("Paused"), "failed": _("Failed")}[fetch.state]
        if offer.is_meant_by(self._owner.used):
            return _("In use") if offer.is_here else _("Missing")
        return _("Begun") if offer.part and not offer.is_here else ""

    def _spoken(self, name: str, lines: tuple[str, ...]) -> str:
        """What a screen reader says of a line."""
        offer = self._find(name)
        if offer is None:
            return ", ".join(filter(None, lines))
        need = _("{n} GB of memory").format(n=models.gigabytes(offer.memory))
        title, badge, _fit, state, rest = lines
        return ", ".join(filter(None, (title, state, badge, rest, need, offer.licence, offer.summary)))

    def _show_advice(self) -> None:
        survey = self._survey
        if survey is None:
            return
        offer = survey.find(survey.advice.model.name)
        assert offer is not None
        in_use = offer.is_here and offer.is_meant_by(self._owner.used)
        reason = survey.advice.reason
        self.advice.setText(_("Recommended for this computer: {reason}").format(reason=reason))
        self.band.show()
        self.take_advice.setText(
            _("In use")
            if in_use
            else _("Use it")
            if offer.is_here
            else _("Get it ({size})").format(size=said_size(offer.size))
        )
        self.take_advice.setEnabled(not in_use and not (self._owner.fetching.is_running and not offer.is_here))

    def _take_advice(self) -> None:
        if self._survey is not None:
            name = self._survey.advice.model.name
            self.choose(name)
            offer = self._find(name)
            self._do("use" if offer is not None and offer.is_here else "get")

    # -- the chosen one ----------------------------------------------------------

    @property
    def _chosen_name(self) -> str:
        item = self.list.currentItem()
        return (item.data(NAME) or "") if item is not None else ""

    def _find(self, name: str) -> Offer | None:
        return self._survey.find(name) if self._survey is not None else None

    @property
    def chosen(self) -> Offer | None:
        """The model that is chosen in the list."""
        return self._find(self._chosen_name)

    def choose(self, name: str) -> None:
        """Choose a line of the list, the first model if there is none of that name."""
        rows = [row for row in range(self.list.count()) if self.list.item(row).data(NAME)]
        row = next((row for row in rows if self.list.item(row).data(NAME) == name), rows[0])
        self.list.setCurrentRow(row)
        self._show_chosen()

    def _show_chosen(self) -> None:
        name, offer = self._chosen_name, self.chosen
        self.pages.setCurrentIndex({SERVER: 1, ENGINE: 2}.get(name, 0))
        self.server.show_settings(self._window.settings)
        self.engines.show_engine(self._window.in_force.engine)
        if offer is not None:
            fetching = self._owner.fetching
            fetch = fetching.of(offer.name)
            is_used = offer.is_here and offer.is_meant_by(self._owner.used)
            self.sheet.show_offer(offer, is_used=is_used, fetch=fetch, is_busy=fetching.is_running and fetch is None)
            self._show_attempt()

    def _show_attempt(self) -> None:
        offer = self.chosen
        if offer is not None:
            page = bool(self._owner.page_before.strip())
            self.sheet.show_attempt(self._owner.tryout.of(offer.name), page)

    def show_fetch(self) -> None:
        """Show how far the model is that is on its way, and what was begun when it stopped."""
        fetching, offer = self._owner.fetching, self.chosen
        self._dress()
        if offer is not None and offer.name != getattr(fetching.now, "name", "") and not fetching.is_running:
            self._show_chosen()
        elif offer is not None and (fetch := fetching.of(offer.name)) is not None:
            if self.sheet.get.isVisible() or self.sheet.remove.isVisible():
                self._show_chosen()
            else:
                self.sheet.show_fetch(offer, fetch)

    def follow(self) -> None:
        """Follow changed settings."""
        self._dress()
        self._show_chosen()

    # -- what the author does ------------------------------------------------------

    def _act(self) -> None:
        """Enter on a line does what its first button does."""
        for button in (self.sheet.use, self.sheet.get, self.sheet.go_on):
            if self.chosen is not None and button.isVisible() and button.isEnabled():
                button.click()
                return

    def _do(self, what: str) -> None:
        owner, offer = self._owner, self.chosen
        if offer is None:
            return
        if what == "use":
            owner.use(offer)
        elif what == "get" and offer.model is not None:
            owner.get(offer.model)
        elif what == "try":
            owner.try_out(offer)
        elif what == "remove":
            owner.remove(offer)
        elif what == "stop":
            owner.tryout.stop()
        elif what == "pause":
            owner.fetching.pause()
        elif what == "go_on":
            owner.fetching.go_on()
        elif what == "cancel":
            owner.fetching.cancel()
            owner.look()

    def _use_server(self, url: str, model: str, has_new_key: bool) -> None:
        window = self._window
        was = window.in_force.engine == "server"
        window.change_settings(server_url=url, server_model=model, engine="server")
        if was and has_new_key:
            window.suggestions.close()
            window.suggestions.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self._owner.tryout.stop()
        self.server.stop()
        super().hideEvent(event)


class EnginePage(QWidget):
    """Which of the programs inside Writer runs a model."""

    names = ("auto", "llamacpp", "transformers")

    def __init__(self) -> None:
        super().__init__(objectName="sheetPage")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.chosen = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(26, 20, 26, 20)
        column.setSpacing(10)
        column.addWidget(plain(_("How models run"), "sheetTitle"))
        about = plain(_("Leave this to Writer unless you want to compare. A change holds at once."))
        about.setProperty("soft", True)
        column.addWidget(about)
        for index, (label, more) in enumerate(
            (
                (_("&Writer decides"), _("What suits the model and this computer.")),
                (_("&llama.cpp"), _("Quick on any computer and sparing with memory; reads GGUF files only.")),
                (_("&PyTorch"), _("For graphics cards and model folders; takes much more memory.")),
            )
        ):
            button = QRadioButton(label)
            button.setAccessibleDescription(more)
            self.chosen.addButton(button, index)
            told = plain(more)
            told.setProperty("soft", True)
            told.setContentsMargins(24, 0, 0, 6)
            column.addWidget(button)
            column.addWidget(told)
        column.addStretch()

    def show_engine(self, engine: str) -> None:
        """Tick the one in use; none if it is the author's server."""
        self.chosen.setExclusive(False)
        for index, name in enumerate(self.names):
            self.chosen.button(index).setChecked(name == engine)
        self.chosen.setExclusive(True)


def _scrolling(page: QWidget) -> QScrollArea:
    area = QScrollArea(objectName="sheet")
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(page)
    return area


def _rank(offer: Offer) -> tuple[int, str, int]:
    """Writer's own first, then those of each other program, then what can be fetched, each from small to large."""
    return (0 if offer.is_here and not offer.owner else 1 if offer.owner else 2, offer.owner, offer.size)


def _heading(offer: Offer) -> str:
    if offer.owner:
        return _("Here, from {owner}").format(owner=offer.owner)
    return _("On this computer") if offer.is_here else _("To get")
