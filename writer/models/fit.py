"""Which models this computer can run, and which one suits it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from writer.errors import ModelError
from writer.i18n import _
from writer.models.catalogue import Model, catalogue, default
from writer.models.facts import DEQUANTISED
from writer.models.hardware import Hardware

Fit = Literal["fits", "tight", "too large"]

# What a core reads of a model while an author is content to wait: measured, about 15 GB a second are read by one
# core at best; the first words need several hundred times that work, so it is far below a second's.
_BYTES_PER_CORE = 400_000_000
_CPU_BYTES = 6_000_000_000
# Beside the model the author also writes, reads and browses.
_SHARE = 0.6
_VRAM_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A model of the catalogue, and in one sentence why it suits this computer."""

    model: Model
    reason: str


def fit(need: int, hardware: Hardware) -> Fit:
    """Whether so many bytes go into memory; tight is what fits only if other programs make room."""
    if need <= hardware.memory_free or (hardware.gpu == "cuda" and need <= hardware.gpu_free * _VRAM_SHARE):
        return "fits"
    # The system can move about half of what other programs hold out of the way.
    room = hardware.memory_free + (hardware.memory_total - hardware.memory_free) // 2
    return "tight" if need <= room else "too large"


def require(need: int, hardware: Hardware) -> None:
    """Raise a ModelError with the numbers if a model that needs so much can't be loaded here."""
    if fit(need, hardware) == "too large":
        raise ModelError(
            _("This model needs {need} GB and {free} GB are free. Choose a smaller one in Models.").format(
                need=gigabytes(need), free=gigabytes(hardware.memory_free)
            )
        )


def gigabytes(count: int) -> str:
    """Bytes as gigabytes for people: one decimal where it matters."""
    amount = count / 1e9
    return f"{amount:.0f}" if amount >= 9.95 or abs(amount - round(amount)) < 0.05 else f"{amount:.1f}"


def recommend(language: str, hardware: Hardware, offers: Sequence[Model] | None = None) -> Recommendation:
    """The largest model that writes the language, leaves room for other programs and answers without delay here."""
    usual = default(language)
    speakers = [model for model in (catalogue() if offers is None else offers) if language in model.languages]
    suited = [model for model in speakers if _suits(model, hardware)]
    if not suited:
        return Recommendation(usual, _("{title} is the smallest model for your language.").format(title=usual.title))
    # Among equals a base model continues a page more faithfully than one made to follow orders.
    best = max(suited, key=lambda model: (_weight(model), model.kind == "base"))
    if hardware.gpu == "cuda" and _suits_gpu(best, hardware):
        why = _("{title} is the best model that fits the {memory} GB free on your graphics card.").format(
            title=best.title, memory=gigabytes(hardware.gpu_free)
        )
    else:
        why = _(
            "{title} is the best model that answers without delay on {cores} cores and {memory} GB of memory."
        ).format(title=best.title, cores=hardware.cores, memory=gigabytes(hardware.memory_total))
    return Recommendation(best, why)


def _weight(model: Model) -> int:
    """Size in steps of a tenth, so that two of about the same size count as equals."""
    return round(model.size / 3e8)


def _suits(model: Model, hardware: Hardware) -> bool:
    if model.size > hardware.disk_free and not model.installed:
        return False
    if _suits_gpu(model, hardware):
        return True
    threads = max(1, hardware.cores - 1)
    return model.memory <= hardware.memory_free * _SHARE and (model.reads or model.size) <= min(
        _BYTES_PER_CORE * threads, _CPU_BYTES
    )


def _suits_gpu(model: Model, hardware: Hardware) -> bool:
    """Whether the graphics card can hold it as torch does, with 16 bits a weight."""
    need = int(model.size * DEQUANTISED) + model.memory - model.size
    if hardware.gpu == "mps":
        return need <= hardware.memory_free * _SHARE
    return hardware.gpu == "cuda" and need <= hardware.gpu_free * _VRAM_SHARE
