"""The first start: one question, the language; for Chinese the terms of the model that writes it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from writer import i18n
from writer.i18n import _
from writer.models import Model
from writer.ui.theme import page_font


class Welcome(QWidget):
    """Asks in both languages at once; ``done`` brings the language and whether to fetch its model."""

    done = Signal(str, bool)

    def __init__(self, model_for: dict[str, Model], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("welcome")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle("Writer")
        self._models = model_for
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._language_page())

    def _language_page(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.addStretch(3)
        title = _heading("Writer", 44)
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(title)
        line = QLabel(
            "Which language do you write in?\n你用哪种语言写作？",  # both at once: nobody has chosen yet
            alignment=Qt.AlignmentFlag.AlignCenter,
        )
        line.setProperty("soft", True)
        layout.addSpacing(14)
        layout.addWidget(line)
        layout.addSpacing(26)
        row = QHBoxLayout()
        row.setSpacing(18)
        row.addStretch()
        for code, name in i18n.LANGUAGES.items():
            button = QPushButton(name, objectName="choice")
            button.clicked.connect(lambda checked=False, code=code: self._choose(code))
            button.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)  # as high as the other
            row.addWidget(button)
        row.addStretch()
        layout.addLayout(row)
        layout.addStretch(4)
        return page

    def _choose(self, language: str) -> None:
        model = self._models[language]
        i18n.use(language)
        if model.installed or not model.terms:
            self.done.emit(language, not model.installed)
        else:
            self._pages.addWidget(self._terms_page(language, model))
            self._pages.setCurrentIndex(1)

    def _terms_page(self, language: str, model: Model) -> QWidget:
        title = _heading(_("A model that writes your language"), 26)
        about = QLabel(
            _("{model} runs on this computer and takes {size} MB. These are its terms:").format(
                model=model.title, size=round(model.size / 1e6)
            ),
            wordWrap=True,
        )
        terms = QLabel(
            f"{model.terms.get(language) or model.terms.get('en', '')}\n\n{model.terms_url}",
            objectName="terms",
            wordWrap=True,
            textFormat=Qt.TextFormat.PlainText,
            textInteractionFlags=Qt.TextInteractionFlag.TextSelectableByMouse,
        )
        terms.setAccessibleName(_("Terms of use"))
        accept = QPushButton(_("Accept and get it"), objectName="primary", default=True)
        later = QPushButton(_("Write without suggestions for now"), objectName="secondary")
        accept.clicked.connect(lambda: self.done.emit(language, True))
        later.clicked.connect(lambda: self.done.emit(language, False))
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(later)
        buttons.addWidget(accept)
        column = QVBoxLayout()
        column.addStretch(2)
        for widget in (title, about, terms):
            column.addWidget(widget)
            column.addSpacing(14)
        column.addLayout(buttons)
        column.addStretch(3)
        page = QWidget()
        sides = QHBoxLayout(page)
        sides.setContentsMargins(40, 0, 40, 0)
        sides.addStretch(1)
        sides.addLayout(column, 8)
        sides.addStretch(1)
        return page


def _heading(words: str, pixels: int) -> QLabel:
    heading = QLabel(words, objectName="big")
    heading.setFont(page_font("", 100))
    heading.setStyleSheet(f"font-size: {pixels}px;")
    return heading
