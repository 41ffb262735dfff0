"""The models that other programs keep on this computer."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from writer import settings
from writer.errors import ModelError
from writer.models import gguf
from writer.models.check import check
from writer.models.facts import Facts, facts

_DEPTH = 4
_LOOKED_AT = 5000
_OFFERED = 200
_MAX_MANIFEST = 1 << 16
ROOM_TOKENS = 3072
"""What the memory in a list has room for."""


@dataclass(frozen=True, slots=True)
class Found:
    """A model on this computer that Writer did not fetch; ``source`` says whose it is, sizes are bytes."""

    name: str
    title: str
    path: Path
    source: str
    size: int
    memory: int
    kind: str
    context: int
    architecture: str

    @property
    def installed(self) -> bool:
        """It is here, as its name says."""
        return True


def found(folders: Iterable[Path] | None = None) -> list[Found]:
    """Whole models that write, in the folders of other programs and those the author named; quick, nothing is hashed.

    Names are unique: of two models with the same name the later one is called by its path.
    """
    named = own_folders() if folders is None else folders
    everywhere = (
        *_hugging_face(),
        *(entry for root in _lm_studio() for entry in _below(root, "LM Studio")),
        *(entry for root in _ollama_folders() for entry in _ollama(root)),
        *(entry for root in named for entry in _below(root, str(root))),
    )
    models: dict[str, Found] = {}
    seen: set[str] = set()
    for name, path, source in everywhere:
        real = os.path.realpath(path)
        if real in seen or len(models) >= _OFFERED:
            continue
        seen.add(real)
        if model := _look(name, path, source):
            key = name if name not in models else str(path)
            models[key] = model if key == name else _named(model, key)
    return sorted(models.values(), key=lambda model: (model.source, model.name))


def own_folders() -> list[Path]:
    """The folders the author named in the settings."""
    listed = settings.load(notice=lambda sentence: None).models_folders
    return [Path(name).expanduser() for name in listed.split(os.pathsep) if name]


def describe(path: Path) -> Found | None:
    """What is known of a model at a path; None if that is no whole model that writes."""
    return _look(gguf.stem(path) if path.is_file() else path.name, path, str(path.parent))


def _named(model: Found, name: str) -> Found:
    return Found(name, *(getattr(model, slot) for slot in Found.__slots__[1:]))


def _look(name: str, path: Path, source: str) -> Found | None:
    """The model if it is whole, writes, and is not refused for what it brings."""
    known = facts(path)
    if known is None or not known.writes:
        return None
    try:
        check(path)
    except ModelError:
        return None
    return Found(
        name=name,
        title=known.title or name,
        path=path,
        source=source,
        size=known.size,
        memory=_memory(known, path),
        kind=known.kind,
        context=known.context,
        architecture=known.architecture,
    )


def _memory(known: Facts, path: Path) -> int:
    return known.memory("llamacpp" if path.is_file() else "transformers", ROOM_TOKENS, path.is_file())


_Entry = tuple[str, Path, str]


def _below(root: Path, source: str) -> Iterator[_Entry]:
    """GGUF files and Hugging Face folders below a folder."""
    for path in _walk(root):
        if path.suffix.lower() == ".gguf":
            if not gguf.is_later_part(path):
                yield gguf.stem(path), path, source
        elif path.name == "config.json":
            yield path.parent.name, path.parent, source


def _walk(root: Path) -> Iterator[Path]:
    return islice(_files(root, _DEPTH), _LOOKED_AT)


def _files(folder: Path, depth: int) -> Iterator[Path]:
    """Files below a folder, nearest first; folders that can't be read and broken links are passed over."""
    below = []
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in islice(entries, _LOOKED_AT):
            with contextlib.suppress(OSError):
                if entry.is_dir():
                    below.append(Path(entry.path))
                elif entry.is_file():
                    yield Path(entry.path)
    if depth > 1:
        for path in sorted(below):
            yield from _files(path, depth - 1)


def _hugging_face() -> Iterator[_Entry]:
    """Each repository's newest snapshot in the Hugging Face cache."""
    for repo in _children(_hub_cache()):
        if not repo.name.startswith("models--"):
            continue
        name = repo.name.removeprefix("models--").replace("--", "/")
        snapshot = _snapshot(repo)
        if snapshot is None:
            continue
        if (snapshot / "config.json").is_file():
            yield name, snapshot, "Hugging Face"
        for path in islice(_files(snapshot, 2), 200):
            if path.suffix.lower() == ".gguf" and not gguf.is_later_part(path):
                yield gguf.stem(path), path, "Hugging Face"


def _hub_cache() -> Path:
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if chosen := os.environ.get(variable):
            return Path(chosen).expanduser()
    if home := os.environ.get("HF_HOME"):
        return Path(home).expanduser() / "hub"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "huggingface" / "hub"


def _snapshot(repo: Path) -> Path | None:
    with contextlib.suppress(OSError):
        main = repo / "snapshots" / (repo / "refs" / "main").read_text("utf-8").strip()[:64]
        if main.is_dir():
            return main
    with contextlib.suppress(OSError):
        return max(_children(repo / "snapshots"), key=lambda path: path.stat().st_mtime, default=None)
    return None


def _children(folder: Path) -> list[Path]:
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        return sorted(Path(entry.path) for entry in islice(entries, _LOOKED_AT))
    return []


def _lm_studio() -> list[Path]:
    """The folders of LM Studio, of which the newer one may be elsewhere by a pointer in the home folder."""
    homes = [Path.home() / ".lmstudio", Path.home() / ".cache" / "lm-studio"]
    with contextlib.suppress(OSError, ValueError):
        homes.insert(0, Path((Path.home() / ".lmstudio-home-pointer").read_text("utf-8").strip()[:4096]))
    return [home / "models" for home in dict.fromkeys(homes)]


def _ollama_folders() -> list[Path]:
    if chosen := os.environ.get("OLLAMA_MODELS"):
        return [Path(chosen).expanduser()]
    return [Path.home() / ".ollama" / "models", Path("/usr/share/ollama/.ollama/models")]


def _ollama(root: Path) -> Iterator[_Entry]:
    """Each tag's weights: a manifest (host/owner/model/tag) names the blob with the layer that is the model."""
    manifests = root / "manifests"
    for path in _walk(manifests):
        parts = path.relative_to(manifests).parts
        if len(parts) == 4 and (digest := _model_layer(path)):
            host, owner, model, tag = parts
            name = f"{model}:{tag}"
            if owner != "library":
                name = f"{owner}/{name}"
            if host != "registry.ollama.ai":
                name = f"{host}/{name}"
            yield name, root / "blobs" / digest.replace(":", "-"), "Ollama"


def _model_layer(manifest: Path) -> str:
    """The digest of a manifest's model layer; empty if there is none or the manifest is odd."""
    try:
        if manifest.stat().st_size > _MAX_MANIFEST:
            return ""
        layers = json.loads(manifest.read_bytes())["layers"]
        digests = [layer["digest"] for layer in layers if layer["mediaType"] == "application/vnd.ollama.image.model"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""
    first = digests[0] if digests else ""
    return first if isinstance(first, str) and first.startswith("sha256:") and first[7:].isalnum() else ""
