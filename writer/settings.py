"""What the author chose, in a TOML file that may also be edited by hand."""

from __future__ import annotations

import json
import logging
import math
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from writer import address, files
from writer.errors import FileError, UsageError
from writer.i18n import _
from writer.styles import STYLES

if TYPE_CHECKING:
    import tomlkit

_log = logging.getLogger(__name__)
_RECENT_LIMIT = 10
SHORTCUTS = ("accept", "accept_word", "accept_sentence", "dismiss", "next", "previous", "ask")
"""What a key can be chosen for, as ``keys.NAME``."""

Value = bool | int | float | str


@dataclass(frozen=True, slots=True)
class Settings:
    """Every choice with its default; ``""`` and 0 let Writer choose where that makes sense."""

    language: str = ""
    suggestions: bool = True
    model: str = ""
    models_folders: str = ""
    engine: str = "auto"
    server_url: str = ""
    server_model: str = ""
    server_context: int = 0
    pause_ms: int = 350
    words: int = 24
    budget: int = 2048
    temperature: float = 0.7
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    repetition_penalty: float = 1.1
    dry_multiplier: float = 0.0
    xtc_probability: float = 0.0
    seed: int = 0
    threads: int = 0
    ahead: bool = True
    book_words: bool = True
    warm_mb: int = 500
    theme: str = "auto"
    zoom: int = 100
    font: str = ""
    line_width: int = 640
    show_credits: bool = False
    backup_minutes: int = 30
    backups_folder: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def style(self) -> str:
        """The name of this way of choosing words; "custom" if it has none."""
        chosen = (name for name, style in STYLES.items() if all(getattr(self, key) == style[key] for key in style))
        return next(chosen, "custom")


def load(notice: Callable[[str], None] = _log.warning) -> Settings:
    """The author's settings; what can't be used is replaced by its default and told to ``notice`` in one sentence."""
    settings = Settings()
    for key, value in _flat(_read(notice)):
        try:
            settings = change(settings, key, _as_text(key, value))
        except UsageError as error:
            if _is_ours(key):
                notice(str(error))
    return settings


def save(settings: Settings) -> None:
    """Write what differs from the file, which keeps its comments and the keys that Writer doesn't know."""
    import tomlkit  # slow (0.1 s), and only needed where something is changed

    document = _document()
    for key, value in values(settings).items():
        if key != "style" and not key.startswith("keys."):
            _put(document, key, value, values(Settings())[key])
    _put_keys(document, settings.keys)
    path = _file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.replace(path, tomlkit.dumps(document).encode())
    except OSError as error:
        raise FileError(
            _("The settings can't be saved in {path}: {reason}.").format(path=path, reason=error.strerror or error)
        ) from error


def change(settings: Settings, key: str, text: str) -> Settings:
    """The settings with one value read from ``text``; UsageError names what is allowed."""
    if key.startswith("keys."):
        return _change_key(settings, key.removeprefix("keys."), text.strip())
    if key == "style" and text.strip() in STYLES:
        return replace(settings, **STYLES[text.strip()])
    if key not in _RULES:
        raise UsageError(
            _("There is no setting called {key}. Choose one of: {names}.").format(key=key, names=", ".join(_RULES))
        )
    rule = _RULES[key]
    value = rule.read(text.strip())
    if value is None:
        raise UsageError(
            _("{key} can't be “{value}”. Allowed: {allowed}.").format(key=key, value=text, allowed=rule.allowed())
        )
    chosen: dict[str, Any] = {key: value}
    return replace(settings, **chosen)


def values(settings: Settings) -> dict[str, Value]:
    """Every setting by the name that ``change`` takes, shortcuts as ``keys.name``."""
    plain: dict[str, Value] = {
        item.name: getattr(settings, item.name) for item in fields(settings) if item.name != "keys"
    }
    plain["style"] = settings.style
    return plain | {f"keys.{name}": shortcut for name, shortcut in settings.keys.items()}


def backups_folder(project: Path) -> Path:
    """Where a project's backups go: a folder of its own, below the one that the author chose; maybe not there yet."""
    chosen = load().backups_folder
    return files.backups_folder(project, Path(chosen).expanduser() if chosen else files.data_folder() / "backups")


def recent() -> list[Path]:
    """The projects opened last that are still there, newest first."""
    return [path for path in _remembered() if path.is_file()]


def remember(path: Path) -> None:
    """Put a project in front of the recent ones; quietly without effect where the state folder can't be written."""
    path = Path(os.path.abspath(path))
    names = [str(path), *(str(other) for other in _remembered() if other != path)]
    try:
        _recent_file().parent.mkdir(parents=True, exist_ok=True)
        files.replace(_recent_file(), json.dumps(names[:_RECENT_LIMIT], indent=1).encode())
    except OSError as error:
        _log.warning("recent projects not kept: %s", error)


@dataclass(frozen=True, slots=True)
class _Rule:
    """How one setting is read: ``read`` gives None for what isn't allowed."""

    read: Callable[[str], Value | None]
    allowed: Callable[[], str]


def _choice(*names: str) -> _Rule:
    shown = ", ".join(name or '""' for name in names)
    return _Rule(lambda text: text if text in names else None, lambda: shown)


def _switch() -> _Rule:
    states = {"on": True, "true": True, "yes": True, "1": True, "off": False, "false": False, "no": False, "0": False}
    return _Rule(lambda text: states.get(text.lower()), lambda: "on, off")


def _number(kind: type[int] | type[float], low: float, high: float) -> _Rule:
    def read(text: str) -> Value | None:
        try:
            value = kind(text)
        except ValueError:
            return None
        return value if math.isfinite(value) and low <= value <= high else None

    def allowed() -> str:
        if kind is int:
            return _("whole numbers from {low} to {high}").format(low=low, high=high)
        return _("numbers from {low} to {high}").format(low=low, high=high)

    return _Rule(read, allowed)


def _anything() -> _Rule:
    return _Rule(lambda text: text if text.isprintable() else None, lambda: _("one line of text"))


def _server_url(text: str) -> str | None:
    place = address.read(text)
    return place.url if place else None if text else ""


_RULES: dict[str, _Rule] = {
    "language": _choice("", "en", "zh"),
    "suggestions": _switch(),
    "model": _anything(),
    "models_folders": _Rule(
        lambda text: text if text.isprintable() and all(map(_is_full_path, text.split(os.pathsep))) else None,
        lambda: _('the full paths of folders with “{separator}” between them, or ""').format(separator=os.pathsep),
    ),
    "engine": _choice("auto", "llamacpp", "transformers", "server", "echo"),
    "server_url": _Rule(
        _server_url, lambda: _('an address such as http://localhost:8080/v1, without a key in it, or ""')
    ),
    "server_model": _anything(),
    "server_context": _number(int, 0, 10_000_000),
    "pause_ms": _number(int, 0, 10_000),
    "words": _number(int, 1, 500),
    "budget": _number(int, 64, 1_000_000),
    "temperature": _number(float, 0, 2),
    "top_k": _number(int, 0, 1000),
    "top_p": _number(float, 0, 1),
    "min_p": _number(float, 0, 1),
    "repetition_penalty": _number(float, 1, 2),
    "dry_multiplier": _number(float, 0, 5),
    "xtc_probability": _number(float, 0, 1),
    "style": _choice(*STYLES),
    "seed": _number(int, 0, 2**31 - 1),
    "threads": _number(int, 0, 256),
    "ahead": _switch(),
    "book_words": _switch(),
    "warm_mb": _number(int, 0, 1_000_000),
    "theme": _choice("auto", "light", "sepia", "dark"),
    "zoom": _number(int, 50, 300),
    "font": _anything(),
    "line_width": _number(int, 200, 4000),
    "show_credits": _switch(),
    "backup_minutes": _number(int, 0, 10_000),
    "backups_folder": _Rule(
        lambda text: text if text.isprintable() and (not text or Path(text).expanduser().is_absolute()) else None,
        lambda: _('the full path of a folder, or ""'),
    ),
}


def _is_full_path(text: str) -> bool:
    return not text or Path(text).expanduser().is_absolute()


def _change_key(settings: Settings, name: str, shortcut: str) -> Settings:
    if name not in SHORTCUTS or not shortcut.isprintable():
        names = ", ".join(f"keys.{known}" for known in SHORTCUTS)
        message = _("There is no shortcut called {name}. Choose one of: {names}.")
        raise UsageError(message.format(name=name, names=names))
    others = {other: keys for other, keys in settings.keys.items() if other != name}
    return replace(settings, keys=others | {name: shortcut} if shortcut else others)


def _file() -> Path:
    return files.config_folder() / "settings.toml"


def _read(notice: Callable[[str], None]) -> dict[str, Any]:
    """The file as TOML; a broken one is put aside and counts as empty."""
    path = _file()
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        notice(
            _("The settings in {path} can't be read ({reason}), so the defaults are used.").format(
                path=path, reason=error.strerror or error
            )
        )
    except ValueError as error:
        notice(
            _("The settings were damaged ({reason}); they are kept as {path} and the defaults are used.").format(
                reason=str(error).rstrip("."), path=_put_aside(path)
            )
        )
    return {}


def _document() -> tomlkit.TOMLDocument:
    """The file with its comments, empty where there is none or it is broken."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    path = _file()
    try:
        return tomlkit.parse(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        return tomlkit.document()
    except (TOMLKitError, UnicodeDecodeError):
        _put_aside(path)
        return tomlkit.document()
    except OSError as error:
        raise FileError(
            _("The settings in {path} can't be read: {reason}.").format(path=path, reason=error.strerror or error)
        ) from error


def _put_aside(path: Path) -> Path:
    """Rename a broken file to a free name, and give that; where renaming is not allowed, leave it."""
    for number in range(1, 1000):
        aside = path.with_name(f"settings.broken-{number}.toml")
        if not aside.exists():
            try:
                return path.replace(aside)
            except OSError:
                return path
    return path


def _flat(table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if key == "keys" and isinstance(value, Mapping):
            yield from ((f"keys.{name}", shortcut) for name, shortcut in value.items())
        else:
            yield key, value


def _as_text(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int | float | str):
        return str(value)
    raise UsageError(_("The setting {key} must be one value; change it in the settings.").format(key=key))


def _is_ours(key: str) -> bool:
    return key in _RULES or key.startswith("keys")


def _put(document: tomlkit.TOMLDocument, key: str, value: Value, default: Value) -> None:
    """Set a value that differs; a default is only written where another value stands."""
    if key in document:
        if document[key] != value:
            document[key] = value
    elif value != default:
        document[key] = value


def _put_keys(document: tomlkit.TOMLDocument, keys: Mapping[str, str]) -> None:
    import tomlkit

    if "keys" not in document and keys:
        document["keys"] = tomlkit.table()
    table: Any = document.get("keys")
    if not isinstance(table, MutableMapping):
        return
    for name in [name for name in table if name not in keys]:
        del table[name]
    for name, shortcut in keys.items():
        if table.get(name) != shortcut:
            table[name] = shortcut


def _recent_file() -> Path:
    return files.state_folder() / "recent.json"


def _remembered() -> list[Path]:
    try:
        names = json.loads(_recent_file().read_text("utf-8"))
    except (OSError, ValueError):
        return []
    return [Path(name) for name in names if isinstance(name, str)] if isinstance(names, list) else []
