"""Colours and fonts: three papers, one accent, and the style of everything around the page."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from writer import files

PAGE_FONTS = (
    "EB Garamond",
    "Source Serif 4",
    "Iowan Old Style",
    "Palatino",
    "Palatino Linotype",
    "Charter",
    "Georgia",
    "Noto Serif",
    "DejaVu Serif",
)
CHINESE_FONTS = ("Songti SC", "Source Han Serif SC", "Noto Serif CJK SC", "Noto Serif SC", "SimSun")
PAGE_PIXELS = 20


@dataclass(frozen=True, slots=True)
class Theme:
    """One paper and the inks that are readable on it."""

    paper: str
    chrome: str
    line: str
    ink: str
    soft: str
    ghost: str
    accent: str
    tint: str
    on_accent: str
    credit: str
    """Behind what the model wrote."""
    deleted: str
    deleted_tint: str
    inserted: str
    inserted_tint: str
    reads: tuple[str, ...]
    """Style, story, plan, cast, recalled, note, the pages before, the page: what a suggestion reads."""


THEMES = {
    "light": Theme(
        paper="#fbfaf7",
        chrome="#f3f1ec",
        line="#e3dfd6",
        ink="#24211c",
        soft="#6f6a60",
        ghost="#8a8479",
        accent="#2f6f6a",
        tint="#e6efec",
        on_accent="#ffffff",
        credit="#d2e9e2",
        deleted="#a03a30",
        deleted_tint="#f8e6e1",
        inserted="#2a6638",
        inserted_tint="#e1efdf",
        reads=("#b9a77c", "#8fa58a", "#a58aa0", "#2f6f6a", "#5e9bb0", "#c08a6a", "#b5aea0", "#cfc9bd"),
    ),
    "sepia": Theme(
        paper="#f6eddc",
        chrome="#efe4cf",
        line="#ddcfb4",
        ink="#3b2f20",
        soft="#75654e",
        ghost="#857557",
        accent="#7a4f22",
        tint="#ecdcbd",
        on_accent="#ffffff",
        credit="#e9d2a6",
        deleted="#983222",
        deleted_tint="#f1d9c4",
        inserted="#43611f",
        inserted_tint="#e2e3bd",
        reads=("#b39a5e", "#8e9a68", "#a07f86", "#7a4f22", "#6a93a0", "#b9703f", "#b8a57f", "#d3c19a"),
    ),
    "dark": Theme(
        paper="#1d1f21",
        chrome="#17191b",
        line="#2b2e31",
        ink="#d9d6cf",
        soft="#98958f",
        ghost="#7d7b76",
        accent="#79b8b0",
        tint="#24312f",
        on_accent="#17191b",
        credit="#2a4541",
        deleted="#e58f84",
        deleted_tint="#3b2626",
        inserted="#93c99f",
        inserted_tint="#22352a",
        reads=("#b9a77c", "#8fa58a", "#a58aa0", "#3f8a83", "#5e9bb0", "#c08a6a", "#6a6e72", "#4a4e52"),
    ),
}


def choose(name: str) -> Theme:
    """The theme of this name; "auto" follows the desktop."""
    if name in THEMES:
        return THEMES[name]
    dark = QGuiApplication.palette().color(QPalette.ColorRole.Window).lightness() < 128
    return THEMES["dark" if dark else "light"]


def page_font(family: str, zoom: int, language: str = "en") -> QFont:
    """The book face of the page at this zoom in percent; ``family`` is the author's own choice or empty."""
    font = QFont()
    # The quotation marks of both languages are the same characters: the first face decides how wide they are.
    faces = [*CHINESE_FONTS, *PAGE_FONTS] if language == "zh" else [*PAGE_FONTS, *CHINESE_FONTS]
    font.setFamilies([family, *faces] if family else faces)
    font.setPixelSize(max(8, round(PAGE_PIXELS * zoom / 100)))
    font.setStyleHint(QFont.StyleHint.Serif)
    return font


def apply(app: QApplication, theme: Theme) -> None:
    """Paint the whole application in this theme."""
    tick = files.assets() / ("tick-light.svg" if QColor(theme.on_accent).lightness() > 128 else "tick-dark.svg")
    sheet = _STYLE.format(**{name: getattr(theme, name) for name in Theme.__dataclass_fields__}, tick=tick.as_posix())
    if app.styleSheet() == sheet:  # to polish every row of a long book again takes a tenth of a second
        return
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: theme.chrome,
        QPalette.ColorRole.WindowText: theme.ink,
        QPalette.ColorRole.Base: theme.paper,
        QPalette.ColorRole.AlternateBase: theme.chrome,
        QPalette.ColorRole.Text: theme.ink,
        QPalette.ColorRole.PlaceholderText: theme.ghost,
        QPalette.ColorRole.Button: theme.chrome,
        QPalette.ColorRole.ButtonText: theme.ink,
        QPalette.ColorRole.Highlight: theme.accent,
        QPalette.ColorRole.HighlightedText: theme.on_accent,
        QPalette.ColorRole.ToolTipBase: theme.paper,
        QPalette.ColorRole.ToolTipText: theme.ink,
        QPalette.ColorRole.Link: theme.accent,
        QPalette.ColorRole.Light: theme.paper,
        QPalette.ColorRole.Midlight: theme.line,
        QPalette.ColorRole.Mid: theme.line,
        QPalette.ColorRole.Dark: theme.soft,
        QPalette.ColorRole.Accent: theme.accent,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.ghost))
    app.setPalette(palette)
    app.setStyleSheet(sheet)


_STYLE = """
#header, #footer, #scenes, #sidebar {{ background: {chrome}; }}
#header {{ border-bottom: 1px solid {line}; }}
#footer {{ border-top: 1px solid {line}; }}
#sidebar {{ border-right: 1px solid {line}; }}
QLabel[soft="true"], QToolButton[soft="true"], QPushButton[soft="true"] {{ color: {soft}; }}
QToolButton[soft="true"], QPushButton[soft="true"] {{ border: 0; padding: 3px 6px; background: transparent; }}
QToolButton[soft="true"]:hover, QPushButton[soft="true"]:hover {{ color: {ink}; }}
QToolButton::menu-indicator {{ image: none; width: 0; }}
QMenuBar {{ background: {chrome}; color: {soft}; border: 0; }}
QMenuBar::item {{ padding: 6px 10px; background: transparent; border-radius: 4px; }}
QMenuBar::item:selected {{ color: {ink}; background: {line}; }}
QMenu {{ background: {paper}; color: {ink}; border: 1px solid {line}; padding: 5px 0; }}
QMenu::item {{ padding: 5px 28px 5px 24px; }}
QMenu::item:selected {{ background: {tint}; color: {ink}; }}
QMenu::item:disabled {{ color: {ghost}; }}
QMenu::separator {{ height: 1px; background: {line}; margin: 5px 0; }}
#heading {{ color: {soft}; font-size: 11px; font-weight: 600; letter-spacing: 1px; }}
#scenes {{ border: 0; outline: 0; }}
#page {{ background: {paper}; border: 0; selection-background-color: {accent}; selection-color: {on_accent}; }}
#title {{ background: transparent; border: 0; color: {ink}; padding: 0; }}
#hint {{
    background: {chrome}; color: {soft}; border: 1px solid {line}; border-radius: 6px;
    padding: 3px 9px; font-size: 11px;
}}
#notice {{ background: {tint}; border-bottom: 1px solid {line}; }}
#notice QLabel {{ color: {ink}; }}
#finding {{ background: {chrome}; border-bottom: 1px solid {line}; }}
#finding QLineEdit {{
    background: {paper}; color: {ink}; border: 1px solid {line}; border-radius: 4px; padding: 4px 7px;
}}
#finding QLineEdit:focus {{ border-color: {accent}; }}
QPushButton#findButton {{
    background: transparent; color: {soft}; border: 0; border-radius: 4px; padding: 4px 8px;
}}
QPushButton#findButton:hover, QPushButton#findButton:focus {{ color: {ink}; text-decoration: underline; }}
QPushButton#findButton:checked {{ background: {tint}; color: {accent}; }}
QPushButton#findButton:disabled {{ color: {ghost}; text-decoration: none; }}
#blank {{ background: {paper}; }}
#blank QLabel {{ color: {soft}; font-size: 17px; }}
#welcome {{ background: {paper}; }}
#welcome QLabel {{ font-size: 15px; }}
#terms {{ background: {chrome}; color: {ink}; border-radius: 8px; padding: 14px 18px; }}
#welcome QLabel#big {{ color: {ink}; }}
QPushButton#choice {{
    background: {chrome}; color: {ink}; border: 1px solid {line}; border-radius: 8px;
    padding: 14px 26px; font-size: 17px;
}}
QPushButton#choice:hover, QPushButton#choice:focus {{ border-color: {accent}; background: {tint}; }}
QPushButton#primary {{
    background: {accent}; color: {on_accent}; border: 0; border-radius: 5px; padding: 5px 14px;
}}
QPushButton#secondary {{ background: transparent; color: {ink}; border: 0; border-radius: 5px; padding: 5px 10px; }}
QPushButton#secondary:hover, QPushButton#primary:hover {{ text-decoration: underline; }}
QPushButton#primary:focus, QPushButton#secondary:focus {{ text-decoration: underline; }}
#advice {{ background: {chrome}; border-bottom: 1px solid {line}; }}
#sheet, #sheetPage {{ background: {paper}; border: 0; }}
#sheetTitle {{ font-size: 20px; font-weight: 600; }}
#verdict[fit="fits"] {{ color: {inserted}; }}
#verdict[fit="too large"] {{ color: {deleted}; }}
#sheetPage QRadioButton::indicator {{
    width: 10px; height: 10px; border: 1px solid {soft}; border-radius: 6px; background: {paper};
}}
#sheetPage QRadioButton::indicator:checked {{ border-color: {accent}; background: {accent}; }}
#sheetPage QRadioButton:focus {{ background: {tint}; }}
#sheetPage QLineEdit {{
    background: {paper}; color: {ink}; border: 1px solid {line}; border-radius: 4px; padding: 4px 6px;
}}
#sheetPage QLineEdit:focus {{ border-color: {accent}; }}
#trialText {{ background: {chrome}; border-left: 3px solid {accent}; padding: 8px 12px; }}
#versions {{ background: {chrome}; border: 0; border-right: 1px solid {line}; outline: 0; }}
#versionsPage, #comparison {{ background: {paper}; border: 0; }}
#versionsPage QLabel, #empty {{ color: {soft}; }}
#empty {{ background: {paper}; font-size: 15px; }}
#versionsPage QRadioButton {{ color: {soft}; padding: 4px 2px; border-bottom: 2px solid transparent; }}
#versionsPage QRadioButton:checked {{ color: {ink}; border-bottom-color: {accent}; }}
#versionsPage QRadioButton:focus {{ background: {tint}; }}
#versionsPage QRadioButton::indicator {{ width: 0; height: 0; border: 0; image: none; background: transparent; }}
#memory {{ background: {chrome}; border-left: 1px solid {line}; }}
#memoryArea, #memoryInside {{ background: {chrome}; border: 0; }}
#memoryBar {{ border-bottom: 1px solid {line}; }}
#memoryTab {{
    background: transparent; color: {ink}; font-weight: 600; border: 0;
    padding: 9px 9px 7px 9px; border-bottom: 2px solid {accent};
}}
QPushButton#fold {{
    color: {soft}; font-size: 11px; font-weight: 600; letter-spacing: 1px; text-align: left;
    border: 0; padding: 2px 0; background: transparent;
}}
QPushButton#fold:hover, QPushButton#fold:focus {{ color: {ink}; }}
QPushButton#subfold {{
    color: {soft}; text-align: left; border: 0; padding: 2px 0; background: transparent; font-size: 12px;
}}
QPushButton#subfold:checked, QPushButton#subfold:hover, QPushButton#subfold:focus {{ color: {ink}; }}
QLabel#told {{ color: {ink}; font-size: 13px; }}
QLabel#told:focus {{ background: {tint}; }}
QLabel#small {{ color: {soft}; font-size: 12px; }}
QLabel#quote {{
    background: transparent; border: 0; border-left: 2px solid {line}; padding-left: 9px; color: {ink};
}}
QLabel#quote[read="true"] {{ border-left-color: {reads[4]}; }}
QLabel#quote:hover {{ border-left-color: {accent}; }}
QLabel#quote[empty="true"] {{ border-left-color: transparent; }}
QPushButton#place {{
    color: {accent}; font-size: 11px; text-align: left; border: 0; padding: 1px 0; background: transparent;
}}
QPushButton#place:hover, QPushButton#place:focus {{ text-decoration: underline; }}
QPushButton#quiet {{ color: {soft}; font-size: 11px; border: 0; padding: 1px 0; background: transparent; }}
QPushButton#quiet:hover, QPushButton#quiet:focus {{ color: {ink}; text-decoration: underline; }}
QPushButton#chip {{
    background: {paper}; color: {ink}; border: 1px solid {line}; border-radius: 9px;
    padding: 2px 9px; font-size: 12px; min-height: 17px;
}}
QPushButton#chip:hover, QPushButton#chip:focus {{ border-color: {accent}; }}
QPushButton#chip:checked {{ background: {tint}; border-color: {accent}; }}
QPushButton#chip[out="true"] {{ color: {ghost}; text-decoration: line-through; }}
QPushButton#chip[quiet="true"] {{ background: transparent; color: {soft}; }}
#card {{ background: {paper}; border: 1px solid {line}; border-radius: 8px; }}
#cardName {{ font-size: 15px; font-weight: 600; }}
#conflict {{ font-weight: 600; font-size: 12px; }}
QPushButton#fact {{
    color: {ink}; font-size: 12px; text-align: left; border: 0; padding: 1px 0; background: transparent;
}}
QPushButton#fact:hover, QPushButton#fact:focus {{ color: {accent}; }}
QPushButton#outlined {{
    color: {ink}; border: 1px solid {line}; border-radius: 5px; padding: 4px 12px; background: {paper};
}}
QPushButton#outlined:hover, QPushButton#outlined:focus {{ border-color: {accent}; }}
#memory QLineEdit, #memory QPlainTextEdit, #memory QSpinBox, #memory QComboBox {{
    background: {paper}; color: {ink}; border: 1px solid {line}; border-radius: 4px; padding: 3px 6px; font-size: 12px;
}}
#memory QSpinBox::up-button, #memory QSpinBox::down-button {{ width: 0; border: 0; }}
#memory QSpinBox QLineEdit {{ border: 0; padding: 0; background: transparent; }}
#memory QLineEdit:focus, #memory QPlainTextEdit:focus, #memory QSpinBox:focus, #memory QComboBox:focus {{
    border-color: {accent};
}}
#memory QComboBox::drop-down {{ border: 0; width: 16px; }}
#memory QComboBox QAbstractItemView {{ background: {paper}; border: 1px solid {line}; }}
#memory #card QLabel {{ font-size: 12px; }}
#memory #card QLabel#cardName {{ font-size: 15px; }}
#readRow {{ font-size: 12px; }}
#outline, #outlineTree, #board, #crumbs {{ background: {paper}; border: 0; outline: 0; }}
#outlineBar {{ background: {paper}; border-bottom: 1px solid {line}; }}
#outlineTree {{ selection-background-color: {tint}; selection-color: {ink}; }}
#outlineTree QLineEdit, #board QLineEdit {{
    background: {paper}; color: {ink}; border: 1px solid {accent}; border-radius: 3px; padding: 0 2px;
}}
QPushButton#tab {{
    background: transparent; color: {soft}; border: 0; padding: 9px 9px 7px 9px; border-bottom: 2px solid transparent;
}}
QPushButton#tab:hover, QPushButton#tab:focus {{ color: {ink}; }}
QPushButton#tab:checked {{ color: {ink}; font-weight: 600; border-bottom-color: {accent}; }}
#outlineBar QToolButton:checked, #outlineBar QToolButton[on="true"] {{ color: {accent}; }}
#outlineBar QToolButton:focus {{ color: {ink}; text-decoration: underline; }}
QPushButton#crumb {{ color: {soft}; border: 0; padding: 1px 2px; background: transparent; text-align: left; }}
QPushButton#crumb:hover, QPushButton#crumb:focus {{ color: {ink}; text-decoration: underline; }}
QPushButton#crumb[on="true"] {{ color: {ink}; font-weight: 600; }}
#memory QLineEdit#planTitle {{
    font-size: 15px; font-weight: 600; border: 1px solid transparent; background: transparent; padding: 2px 0;
}}
#memory QLineEdit#planTitle:focus {{ border-color: {line}; background: {paper}; padding: 2px 5px; }}
#memory QPlainTextEdit[made="true"] {{ background: {credit}; }}
#underway {{ background: {tint}; border-top: 1px solid {line}; }}
#underwayWhat {{ color: {ink}; font-size: 12px; }}
#underway QPushButton#quiet {{ color: {accent}; font-size: 12px; font-weight: 600; padding: 1px 4px; }}
#draftHead {{ color: {ink}; font-size: 14px; font-weight: 600; }}
#sheet QPlainTextEdit, #sheet QSpinBox, #sheet QComboBox {{
    background: {paper}; color: {ink}; border: 1px solid {line}; border-radius: 4px; padding: 4px 6px;
}}
#sheet QSpinBox::up-button, #sheet QSpinBox::down-button {{ width: 0; border: 0; }}
#sheet QSpinBox QLineEdit {{ border: 0; padding: 0; background: transparent; }}
#sheet QPlainTextEdit:focus, #sheet QSpinBox:focus, #sheet QComboBox:focus {{ border-color: {accent}; }}
#sheet QPlainTextEdit:read-only {{ background: {chrome}; color: {soft}; }}
#sheet QCheckBox::indicator {{
    width: 11px; height: 11px; border: 1px solid {soft}; border-radius: 3px; background: {paper};
}}
#sheet QCheckBox::indicator:checked {{ border-color: {accent}; background: {accent}; image: url("{tick}"); }}
#sheet QCheckBox:focus {{ color: {accent}; }}
#sheet QComboBox::drop-down {{ border: 0; width: 16px; }}
#sheet QComboBox QAbstractItemView {{ background: {paper}; border: 1px solid {line}; }}
QPushButton#primary:disabled {{ background: {line}; color: {ghost}; }}
QPushButton#secondary:disabled {{ color: {ghost}; }}
QProgressBar {{ background: {line}; border: 0; border-radius: 2px; max-height: 4px; }}
QProgressBar::chunk {{ background: {accent}; border-radius: 2px; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar::handle:vertical {{ background: {line}; border-radius: 5px; min-height: 30px; }}
QScrollBar::handle:vertical:hover {{ background: {ghost}; }}
QScrollBar::add-line:vertical, QScrollBar::sub-line:vertical {{ height: 0; }}
QScrollBar::add-page:vertical, QScrollBar::sub-page:vertical {{ background: transparent; }}
QScrollBar:horizontal {{ height: 0; }}
QSplitter::handle {{ background: {chrome}; }}
QToolTip {{ background: {paper}; color: {ink}; border: 1px solid {line}; padding: 3px 6px; }}
QLineEdit {{ selection-background-color: {accent}; selection-color: {on_accent}; }}
"""
