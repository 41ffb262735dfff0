"""Which model is meant by a name or path, and which engine serves it."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import TYPE_CHECKING

from writer.engines import BackgroundEngine, EngineSpec
from writer.errors import ModelError, UsageError
from writer.i18n import _
from writer.models import gguf
from writer.models.catalogue import Model, catalogue, default, known
from writer.models.check import check
from writer.models.facts import facts
from writer.models.fit import fit, require
from writer.models.found import found
from writer.models.hardware import Hardware, detect, has_gpu, memory
from writer.models.shelf import folder

if TYPE_CHECKING:
    from writer.settings import Settings

ENGINES = ("auto", "llamacpp", "transformers", "server", "echo")
ROOM_TO_WRITE = 1024
_LARGE = 1_500_000_000
_VRAM_SHARE = 0.9


def find(name_or_path: str) -> Path:
    """The checked file or folder of a model; of one in several parts the first.

    It is looked for by its name in the catalogue, as a path, in the models folder, and in other programs' folders.
    """
    for model in catalogue():
        if model.name == name_or_path:
            return _find_known(model)
    for path in (Path(os.path.expanduser(name_or_path)), folder() / name_or_path, folder() / f"{name_or_path}.gguf"):
        if name_or_path and _exists(path):
            return _checked(path)
    if name_or_path:
        for other in found():
            if other.name == name_or_path:
                return _checked(other.path)
    if Path(name_or_path).suffix or len(Path(name_or_path).parts) > 1:
        raise ModelError(_("There is no model at {path}; choose another in Models.").format(path=name_or_path))
    return _find_known(known(name_or_path))


def _find_known(model: Model) -> Path:
    if not model.path.is_file():
        raise ModelError(
            _("{title} is not on this computer yet; fetch it in Models or with “writer models get {name}”.").format(
                title=model.title, name=model.name
            )
        )
    if not model.installed:
        raise ModelError(
            _("The file of {title} is damaged; fetch it again with “writer models get {name}”.").format(
                title=model.title, name=model.name
            )
        )
    return real_path(model.path)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # such as a name too long
        return False


def _checked(path: Path) -> Path:
    first = gguf.parts(path)[0]
    check(first)
    return real_path(first)


def real_path(path: Path) -> Path:
    """The absolute path without links, but under the file's own name: in some caches what it links to has none."""
    return path.resolve() if path.is_dir() else path.parent.resolve() / path.name


def spec(settings: Settings) -> EngineSpec:
    """The engine and model that these settings mean, checked; raises ModelError or UsageError."""
    if settings.engine not in ENGINES:
        raise UsageError(
            _("There is no engine called “{name}”; choose one of {names}.").format(
                name=settings.engine, names=", ".join(ENGINES)
            )
        )
    context = settings.budget + ROOM_TO_WRITE
    if settings.engine == "echo":
        return EngineSpec("echo", "", "echo", context)
    if settings.engine == "server":
        if not settings.server_url:
            raise UsageError(_("Say first where your server is: “writer settings set server_url ADDRESS”."))
        return EngineSpec("server", settings.server_url, settings.server_model, settings.server_context)
    name = settings.model or default(settings.language).name
    path = find(name)
    engine = serving(path, settings.engine, context)
    return EngineSpec(engine, str(path), label(path), context, settings.threads)


def serving(path: Path, wanted: str, context_tokens: int, here: Hardware | None = None) -> str:
    """The engine for this model as ``engine_for``, but one that fits: if none does, a ModelError with the numbers."""
    engine = engine_for(path, wanted)
    known_facts = facts(path)
    if known_facts is None:
        return engine
    need = known_facts.memory(engine, context_tokens, path.is_file())
    if here is None:  # asking a graphics card takes a while, which is only worth it for a large model
        here = detect() if has_gpu() and need > _LARGE else Hardware(*memory(), 1)
    if wanted == "auto" and engine == "transformers" and not _torch_holds(need, here) and _llamacpp_reads(path):
        engine = "llamacpp"
        need = known_facts.memory(engine, context_tokens)
    require(need, here)
    return engine


def _torch_holds(need: int, here: Hardware) -> bool:
    """Whether a model goes into the graphics card, if there is one whose memory is known, or else into memory."""
    if here.gpu == "cuda" and here.gpu_total:
        return need <= here.gpu_total * _VRAM_SHARE  # what is free now may be taken by the model this one replaces
    return fit(need, here) == "fits"


def _llamacpp_reads(path: Path) -> bool:
    return path.is_file() and importlib.util.find_spec("xllamacpp") is not None


def label(path: Path) -> str:
    """What people call a model: its name in the catalogue, else that of its file or folder."""
    names = {real_path(model.path): model.name for model in catalogue()}
    if path in names:
        return names[path]
    known_facts = None if path.suffix.lower() == ".gguf" or path.is_dir() else facts(path)
    return (known_facts.title if known_facts else "") or gguf.stem(path)


def engine_for(path: Path, wanted: str = "auto") -> str:
    """The engine for this model: the GPU's if there is one, else what its format asks for."""
    is_gguf = path.is_file()
    if wanted == "llamacpp" and not is_gguf:
        raise UsageError(
            _("The engine llamacpp reads GGUF files only; choose the engine transformers for {name}.").format(
                name=path.name
            )
        )
    if wanted != "auto":
        return wanted
    return "llamacpp" if _llamacpp_reads(path) and not has_gpu() else "transformers"


def open_engine(settings: Settings) -> BackgroundEngine:
    """The engine for these settings, loading beside this thread; only wrong settings and models are told at once."""
    wanted = spec(settings)
    if wanted.engine == "echo":
        from writer.engines.echo import Echo

        return Echo(wanted)
    if wanted.engine == "server":
        from writer.engines.server import Server

        return Server(wanted, _key)
    from writer.engines.host import Host

    return Host(wanted)


def _key(origin: str) -> str:
    from writer import secret

    return secret.read(origin)
