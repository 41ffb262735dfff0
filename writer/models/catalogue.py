"""The models that Writer offers by name."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from writer import files
from writer.errors import ModelError
from writer.i18n import _
from writer.models.shelf import folder, record


@dataclass(frozen=True, slots=True)
class Model:
    """An entry of the catalogue: what it is, what it needs, and where it comes from.

    ``size`` and ``memory`` are bytes, the latter with room for 3,000 tokens; ``reads`` are those that each token passes
    through, less than all in a mixture of experts. ``summary`` and ``terms`` are a text per language. Without a
    ``sha256`` the size is rounded, and the hub says what the bytes must be.
    """

    name: str
    title: str
    summary: Mapping[str, str]
    languages: tuple[str, ...]
    licence: str
    kind: str
    context: int
    file: str
    size: int
    memory: int
    reads: int = 0
    sha256: str = ""
    packages: tuple[str, ...] = ()
    member: str = ""
    repo: str = ""
    revision: str = "main"
    terms_url: str = ""
    terms: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """Where its file is or will be."""
        return folder() / self.file

    @property
    def installed(self) -> bool:
        """Whether its whole file is on this computer."""
        if not self.path.is_file():
            return False
        if self.sha256:
            return self.path.stat().st_size == self.size
        kept = record(self.file)
        return kept is None or self.path.stat().st_size == kept.size

    @property
    def source(self) -> str:
        """Where it is fetched from, for people."""
        return f"Hugging Face: {self.repo}" if self.repo else "PyPI"


@cache
def catalogue() -> list[Model]:
    """The models that Writer offers by name, in the order of the file."""
    with (files.assets() / "models.toml").open("rb") as file:
        return [_entry(name, values) for name, values in tomllib.load(file).items()]


def _entry(name: str, values: dict[str, Any]) -> Model:
    terms = dict(values.get("terms", {}))
    lists = {key: tuple(values.get(key, ())) for key in ("languages", "packages")}
    return Model(**{"name": name, **values, **lists, "terms_url": terms.pop("url", ""), "terms": terms})


def default(language: str) -> Model:
    """The catalogue's choice for this language; English for a language that nothing speaks."""
    speakers = [model for model in catalogue() if language in model.languages]
    return (speakers or catalogue())[0]


def known(name: str) -> Model:
    """The catalogue's entry of that name, or a ModelError that lists the names."""
    for model in catalogue():
        if model.name == name:
            return model
    names = ", ".join(model.name for model in catalogue())
    raise ModelError(_("There is no model called “{name}”; choose one of {names}.").format(name=name, names=names))
