"""The author's own server on a page: where it is, its key, whether it answers, and where the text will go."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from writer import address, secret
from writer.address import Address
from writer.engines import EngineSpec
from writer.i18n import _
from writer.settings import Settings
from writer.ui.sheet import plain

if TYPE_CHECKING:
    from writer.engines.server import Server

POLL_MS = 60

Ask = Callable[[Callable[[], Any], Callable[[Any], None]], None]


class ServerPage(QWidget):
    """Address, model and key of an OpenAI-compatible server; ``ask`` does what may take long beside the window."""

    wanted = Signal(str, str, bool)
    """Write with the server at this address, with this model; whether its key is another than before."""
    left = Signal()
    """Write with this computer again."""

    def __init__(self, ask: Ask) -> None:
        super().__init__(objectName="sheetPage")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._ask = ask
        self._server: Server | None = None
        self._settings = Settings()
        self._has_key = False
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._look)
        self.place = QLineEdit(placeholderText="http://localhost:8080")
        self.model = QLineEdit(placeholderText=_("the first that it has"))
        self.key = QLineEdit(echoMode=QLineEdit.EchoMode.Password)
        self.privacy = plain()
        self.result = plain()
        self.test = QPushButton(_("&Test the connection"), objectName="secondary", autoDefault=False)
        self.use = QPushButton(_("&Write with this server"), objectName="primary", autoDefault=False)
        self.leave = QPushButton(_("Write with this &computer again"), objectName="secondary", autoDefault=False)
        self.forget = QPushButton(_("&Forget the key"), objectName="secondary", autoDefault=False)
        self.place.textChanged.connect(lambda _text: self._on_edited())
        self.place.editingFinished.connect(self._look_for_key)
        self.key.textChanged.connect(lambda _text: self._say_where())
        self.test.clicked.connect(self._test_or_stop)
        self.use.clicked.connect(self._use)
        self.leave.clicked.connect(self.left)
        self.forget.clicked.connect(self._forget)
        self._lay_out()

    def _lay_out(self) -> None:
        about = plain(
            _(
                "A model that is too large for this computer can run on another one of yours, under llama-server, "
                "Ollama, LM Studio, vLLM or anything else that speaks OpenAI's API."
            )
        )
        about.setProperty("soft", True)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.setHorizontalSpacing(18)
        for name, field in ((_("&Address"), self.place), (_("&Model"), self.model), (_("&Key"), self.key)):
            label = QLabel(name)
            label.setBuddy(field)
            field.setAccessibleName(name.replace("&", ""))
            form.addRow(label, field)
        buttons = QHBoxLayout()
        for button in (self.use, self.test):
            buttons.addWidget(button)
        buttons.addStretch()
        others = QHBoxLayout()
        for button in (self.leave, self.forget):
            others.addWidget(button)
        others.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(26, 20, 26, 20)
        column.setSpacing(12)
        column.addWidget(plain(_("A server of your own"), "sheetTitle"))
        column.addWidget(about)
        column.addLayout(form)
        column.addWidget(self.privacy)
        column.addLayout(buttons)
        column.addWidget(self.result)
        column.addLayout(others)
        column.addStretch()

    def show_settings(self, settings: Settings) -> None:
        """Show what is set; what the author is typing stays."""
        before, self._settings = self._settings, settings
        if settings.server_url != before.server_url:
            self.place.setText(settings.server_url)
        if settings.server_model != before.server_model:
            self.model.setText(settings.server_model)
        self.leave.setVisible(settings.engine == "server")
        self._on_edited()
        self._look_for_key()

    @property
    def _address(self) -> Address | None:
        return address.read(self.place.text()) if self.place.text().strip() else None

    def _on_edited(self) -> None:
        here = self._address
        in_use = (
            here is not None
            and self._settings.engine == "server"
            and (here.url, self.model.text().strip()) == (self._settings.server_url, self._settings.server_model)
            and not self.key.text()
        )
        self.use.setEnabled(here is not None and not in_use)
        self.use.setText(_("In use") if in_use else _("&Write with this server"))
        self.test.setEnabled(here is not None)
        self._say_where()

    def _say_where(self) -> None:
        """Where the text goes, in a plain sentence."""
        here = self._address
        if not self.place.text().strip():
            said = _("Nothing is asked or sent before you write with it.")
        elif here is None:
            said = _("This is no address of a server; one looks like http://localhost:8080, without a key in it.")
        elif here.is_here:
            said = _("This server is on this computer: your text stays here.")
        else:
            said = " ".join(address.notices(here, has_key=self._has_key or bool(self.key.text())))
        self.privacy.setText(said)

    # -- the key -----------------------------------------------------------------

    def _look_for_key(self) -> None:
        here = self._address
        if here is None:
            self._show_key(False)
            return
        origin = here.origin
        self._ask(lambda: bool(secret.read(origin)), lambda has: self._show_key(has) if self._is(origin) else None)

    def _show_key(self, has_key: bool) -> None:
        self._has_key = has_key
        self.forget.setVisible(has_key)
        self.key.setPlaceholderText(_("there is one for this server") if has_key else _("only if the server wants one"))
        self._say_where()

    def _is(self, origin: str) -> bool:
        return self._address is not None and self._address.origin == origin

    def _forget(self) -> None:
        here = self._address
        if here is not None:
            origin = here.origin
            self._ask(lambda: secret.forget(origin), lambda _: self._look_for_key())
            self.result.setText(_("The key for {address} is forgotten.").format(address=origin))

    # -- using it ----------------------------------------------------------------

    def _use(self) -> None:
        here, key = self._address, self.key.text().strip()
        if here is None:
            return
        url, model, origin = here.url, self.model.text().strip(), here.origin
        self.stop()
        if not key:
            self.wanted.emit(url, model, False)
            return

        def kept(in_ring: bool) -> None:
            self.key.clear()
            self._show_key(True)
            self.result.setText(
                _("The key for {address} is in the system's keyring.").format(address=origin)
                if in_ring
                else _("There is no keyring on this computer, so the key is kept only until you close Writer.")
            )
            self.wanted.emit(url, model, True)

        self._ask(lambda: secret.keep(origin, key), kept)

    def _test_or_stop(self) -> None:
        if self._server is not None:
            self.stop()
            self.result.setText("")
            return
        from writer.engines.server import Server  # Python's HTTP takes 20 ms

        here, key = self._address, self.key.text().strip()
        if here is None:
            return
        spec = EngineSpec("server", here.url, self.model.text().strip(), self._settings.server_context)
        self._server = Server(spec, lambda origin: key or secret.read(origin))
        self.test.setText(_("&Stop"))
        self.result.setText(_("Asking {host}…").format(host=here.host))
        self._poll.start()

    def _look(self) -> None:
        """See whether the server that is tested has answered."""
        server = self._server
        if server is None or server.state == "loading":
            return
        if server.state == "ready":
            self.result.setText(_("It answers. The model is {model}.").format(model=server.model))
        else:
            self.result.setText(str(server.failure or ""))
        self.stop()

    def stop(self) -> None:
        """Ask no more; harmless if nothing is asked."""
        self._poll.stop()
        self.test.setText(_("&Test the connection"))
        server, self._server = self._server, None
        if server is not None:
            server.close()
