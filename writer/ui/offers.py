"""The models there are, as the author sees them: what each needs, whether it fits, and how it is listed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from writer import i18n, models
from writer.errors import ModelError
from writer.i18n import _
from writer.models import Fit, Found, Hardware, Model, Recommendation
from writer.models.facts import DEQUANTISED
from writer.models.hardware import memory
from writer.models.shelf import record
from writer.ui.theme import Theme

LINES = Qt.ItemDataRole.UserRole + 1
"""An item's title, badge and second line; of a heading only the title."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One model: here or to be fetched, Writer's own, the author's or another program's; sizes are bytes."""

    name: str
    """What the setting ``model`` calls it."""
    title: str
    path: Path
    is_here: bool
    size: int
    memory: int
    fit: Fit
    free: int
    """The memory that was free when it was asked whether it fits."""
    kind: str = ""
    languages: tuple[str, ...] = ()
    licence: str = ""
    summary: str = ""
    owner: str = ""
    """The other program, or the folder, that it belongs to."""
    linked_to: str = ""
    model: Model | None = None
    """Its entry in the catalogue."""
    part: int = 0
    """What has come of it so far."""
    is_harmed: bool = False

    def is_meant_by(self, setting: str) -> bool:
        """Whether the setting ``model`` names this one, in whichever way."""
        if self.model is not None:
            return setting == self.name
        own = () if self.owner else (self.path.name, self.title)
        return bool(setting) and setting in (self.name, self.title if self.owner else "", *own)

    @property
    def badge(self) -> str:
        """Whether it fits, in a word or two."""
        return {"fits": _("fits"), "tight": _("tight"), "too large": _("too large")}[self.fit]

    @property
    def verdict(self) -> str:
        """Whether it fits, with the numbers."""
        said = {
            "fits": _("Fits this computer: it needs {need} GB of memory, {free} GB are free."),
            "tight": _("Tight: it needs {need} GB of memory and {free} GB are free; other programs must make room."),
            "too large": _("Too large: it needs {need} GB of memory and {free} GB are free."),
        }[self.fit]
        return said.format(need=models.gigabytes(self.memory), free=models.gigabytes(self.free))

    @property
    def writes(self) -> str:
        """The languages it writes, the one it writes best first."""
        names = {"en": _("English"), "zh": _("Chinese")}
        return _(", ").join(names.get(language, language) for language in self.languages)


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found when this computer was looked at."""

    offers: tuple[Offer, ...]
    advice: Recommendation

    def find(self, name: str) -> Offer | None:
        """The offer of that name."""
        return next((offer for offer in self.offers if offer.name == name), None)

    def with_here(self, name: str) -> Survey:
        """The same with the model of that name on this computer."""
        offers = (replace(o, is_here=True, part=0, is_harmed=False) if o.name == name else o for o in self.offers)
        return Survey(tuple(offers), self.advice)


def survey(language: str, engine: str, detect: Callable[[], Hardware] = models.detect) -> Survey:
    """Look at this computer and all models on it; takes up to some seconds."""
    hardware = detect()
    catalogue = models.catalogue()
    listed = {model.path for model in catalogue}
    own = [path for path in models.installed() if path not in listed]
    found = [_of_found(model, hardware, engine) for model in models.found()]
    mine = [offer for offer in (_of_own(path, hardware, engine) for path in own) if offer is not None]
    offers = (*(_of_known(model, hardware, engine) for model in catalogue), *mine, *found)
    return Survey(offers, models.recommend(language, hardware))


def weigh(setting: str, engine: str, detect: Callable[[], Hardware] = models.detect) -> Offer:
    """One model that is on this computer; asks the graphics card only about one that memory can't hold."""
    path = models.find(setting)
    here = Hardware(*memory(), 1)
    offer = _weigh(setting, path, here, engine)
    return offer if offer.fit == "fits" else _weigh(setting, path, detect(), engine)


def _weigh(setting: str, path: Path, hardware: Hardware, engine: str) -> Offer:
    for model in models.catalogue():
        if model.name == setting:
            return _of_known(model, hardware, engine)
    described = models.describe(path)
    if described is None:
        raise ModelError(_("{name} does not write; choose another model.").format(name=path.name))
    return _of_found(described, hardware, engine, setting)


def _of_known(model: Model, hardware: Hardware, engine: str) -> Offer:
    need = model.memory + (int(model.size * (DEQUANTISED - 1)) if engine == "transformers" else 0)
    return Offer(
        name=model.name,
        title=model.title,
        path=model.path,
        is_here=model.installed,
        size=model.size,
        memory=need,
        fit=models.fit(need, hardware),
        free=_free(need, hardware),
        kind=model.kind,
        languages=model.languages,
        licence=model.licence,
        summary=model.summary.get(i18n.spoken()) or model.summary.get("en", ""),
        linked_to=str(model.path.resolve()) if model.path.is_symlink() else "",
        model=model,
        part=_bytes_in(models.part_of(model)),
        is_harmed=model.path.is_file() and not model.installed,
    )


def _of_own(path: Path, hardware: Hardware, engine: str) -> Offer | None:
    described = models.describe(path)
    if described is None:
        return None
    kept = record(path.name)
    offer = _of_found(described, hardware, engine)
    linked = kept.source if kept is not None and kept.how == "linked" else ""
    return Offer(
        name=str(path),
        title=models.label(path),
        path=path,
        is_here=True,
        size=offer.size,
        memory=offer.memory,
        fit=offer.fit,
        free=offer.free,
        kind=offer.kind,
        linked_to=linked or (str(path.resolve()) if path.is_symlink() else ""),
    )


def _of_found(found: Found, hardware: Hardware, engine: str, name: str = "") -> Offer:
    need = found.memory
    if engine == "transformers" and found.path.is_file():
        need += int(found.size * (DEQUANTISED - 1))
    return Offer(
        name=name or str(found.path),
        title=found.name,
        path=found.path,
        is_here=True,
        size=found.size,
        memory=need,
        fit=models.fit(need, hardware),
        free=_free(need, hardware),
        kind=found.kind,
        owner=found.source,
    )


def _free(need: int, hardware: Hardware) -> int:
    """The memory to tell of: the graphics card's where that is what holds the model."""
    return hardware.gpu_free if need > hardware.memory_free and need <= hardware.gpu_free else hardware.memory_free


def _bytes_in(folder: Path) -> int:
    try:
        return sum(file.stat().st_size for file in folder.iterdir() if file.is_file() and file.suffix != ".state")
    except OSError:
        return 0


def said_size(count: int) -> str:
    """Bytes as MB or GB."""
    return _("{n} MB").format(n=round(count / 1e6)) if count < 1e9 else _("{n} GB").format(n=models.gigabytes(count))


class OfferDelegate(QStyledItemDelegate):
    """Draws a model in two lines, its badge at the right; and the headings between groups of them."""

    def __init__(self, theme: Callable[[], Theme], parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        height = QFontMetrics(option.font).height()
        return QSize(200, height + 24 if len(index.data(LINES)) == 1 else 2 * height + 20)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme = self._theme()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lines = index.data(LINES)
        if len(lines) == 1:
            self._heading(painter, option, lines[0], theme)
        else:
            self._offer(painter, option, lines, theme)
        painter.restore()

    def _heading(self, painter: QPainter, option: QStyleOptionViewItem, words: str, theme: Theme) -> None:
        painter.fillRect(option.rect, QColor(theme.chrome))
        font = QFont(option.font)
        font.setPixelSize(max(9, round(QFontMetrics(option.font).height() * 0.7)))
        font.setWeight(QFont.Weight.DemiBold)
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 1)
        painter.setFont(font)
        painter.setPen(QColor(theme.soft))
        room = option.rect.adjusted(16, 0, -14, -5)
        fitting = QFontMetrics(font).elidedText(words.upper(), Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, fitting)

    def _offer(self, painter: QPainter, option: QStyleOptionViewItem, lines: list[str], theme: Theme) -> None:
        title, badge, fit, state, rest = lines
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.fillRect(option.rect, QColor(theme.tint if chosen else theme.chrome))
        if chosen and option.state & QStyle.StateFlag.State_HasFocus:
            painter.fillRect(QRect(option.rect.topLeft(), QSize(3, option.rect.height())), QColor(theme.accent))
        room = option.rect.adjusted(16, 8, -14, -8)
        height = QFontMetrics(option.font).height()
        upper = QRect(room.left(), room.top(), room.width(), height)
        lower = QRect(room.left(), room.bottom() - height + 1, room.width(), height)
        if badge:
            upper.setRight(_draw_badge(painter, option.font, upper, badge, *badge_colours(theme, fit)))
        bold = QFont(option.font)
        bold.setWeight(QFont.Weight.DemiBold)
        _draw(painter, upper, title, bold, theme.ink)
        if state:
            lower.setLeft(_draw(painter, lower, state, option.font, theme.accent) + 8)
        _draw(painter, lower, rest, option.font, theme.soft)


def badge_colours(theme: Theme, fit: str) -> tuple[str, str]:
    """Ink and ground of a badge."""
    return {
        "fits": (theme.inserted, theme.inserted_tint),
        "too large": (theme.deleted, theme.deleted_tint),
    }.get(fit, (theme.ink, theme.line))


def _draw_badge(painter: QPainter, font: QFont, room: QRect, words: str, ink: str, ground: str) -> int:
    """Write a badge at the right of ``room``; gives where the room to its left ends."""
    small = QFont(font)
    small.setPixelSize(max(9, round(QFontMetrics(font).height() * 0.72)))
    width = QFontMetrics(small).horizontalAdvance(words) + 14
    box = QRect(room.right() - width + 1, room.top(), width, room.height())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ground))
    painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
    painter.setFont(small)
    painter.setPen(QColor(ink))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
    return box.left() - 8


def _draw(painter: QPainter, room: QRect, words: str, font: QFont, ink: str) -> int:
    """Write at the left of ``room``, cut to fit; gives where the words end."""
    metrics = QFontMetrics(font)
    fitting = metrics.elidedText(words, Qt.TextElideMode.ElideRight, room.width())
    painter.setFont(font)
    painter.setPen(QColor(ink))
    painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, fitting)
    return room.left() + metrics.horizontalAdvance(fitting)
