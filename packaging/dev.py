"""From a fresh clone to a running program: python3 packaging/dev.py run|test|setup|check|bench|translations

Standard library only. Everything goes into ``.venv`` beside this folder, models into Writer's own data folder.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "setup.ok"
LIBRARIES = (
    "libEGL.so.1",
    "libGL.so.1",
    "libgomp.so.1",
    "libxcb-cursor.so.0",
    "libxcb-icccm.so.4",
    "libxkbcommon-x11.so.0",
)
TEST_PROGRAMS = ("Xvfb", "xdotool")
USAGE = __doc__.splitlines()[0]


def main() -> int:
    """Do what the first word says; everything behind it is passed on."""
    command, *rest = sys.argv[1:] or ["run"]
    if command not in COMMANDS:
        print(f"dev.py: there is no command {command!r}. {USAGE}", file=sys.stderr)
        return 2
    if sys.version_info < (3, 11):  # noqa: UP036 - this file may be started by any Python
        print("dev.py: Writer needs Python 3.11 or newer.", file=sys.stderr)
        return 2
    try:
        set_up()
        return COMMANDS[command](rest)
    except subprocess.CalledProcessError as error:
        print(f"dev.py: {' '.join(map(str, error.cmd[:6]))} failed; what it printed is above.", file=sys.stderr)
        return error.returncode or 1
    except KeyboardInterrupt:
        return 130


def set_up() -> None:
    """Make the environment, unless nothing has changed since it was made."""
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + sys.version.encode()).hexdigest()
    if STAMP.is_file() and STAMP.read_text() == wanted:
        return
    make_venv()
    step("Installing what Writer needs (about 2 GB the first time)")
    install("-e", ".[dev]")
    STAMP.write_text(wanted)


def make_venv() -> None:
    """A ``.venv`` with pip in it; one that was cut short, or that uv made without, is completed."""
    if not PYTHON.exists():
        step("Making .venv")
        venv.create(VENV, symlinks=os.name != "nt")
    if subprocess.call([PYTHON, "-c", "import pip"], stderr=subprocess.DEVNULL) == 0:
        return
    if subprocess.call([PYTHON, "-m", "ensurepip"], stdout=subprocess.DEVNULL) != 0:
        print("dev.py: this Python brings no pip. On Debian and Ubuntu: apt install python3-venv", file=sys.stderr)
        raise SystemExit(1)


def name_what_is_missing(programs: tuple[str, ...] = ()) -> None:
    """Name what only the system can install; pip can't, and this script does not."""
    if not sys.platform.startswith("linux"):
        return
    missing = [name for name in programs if shutil.which(name) is None]
    missing += [name for name in LIBRARIES if not is_loadable(name)]
    if missing:
        print(f"Missing on this computer: {', '.join(missing)}. README.md and .ci/run name Debian's packages.")


def is_loadable(library: str) -> bool:
    """Whether the system has this shared library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def install(*what: str) -> None:
    """Install with uv, which is three times faster, or with pip where uv can't."""
    try:
        run(PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", "uv", stderr=subprocess.DEVNULL)
        # Not compiled, torch and transformers take twice as long to import.
        run(PYTHON, "-m", "uv", "pip", "install", "--compile-bytecode", "--python", PYTHON, *wheel_folders(), *what)
    except subprocess.CalledProcessError:
        run(PYTHON, "-m", "pip", "install", *what)


def wheel_folders() -> list[str]:
    """Folders of wheels that pip would look into; a missing one is a hard error for uv."""
    folders = [folder for folder in os.environ.get("PIP_FIND_LINKS", "").split() if Path(folder).is_dir()]
    return [word for folder in folders for word in ("--find-links", folder)]


def get_model(name: str, *options: str) -> None:
    """Fetch a model with its sha256 checked, unless it is here."""
    run(PYTHON, "-m", "writer", "models", "get", name, *options)


def run_writer(rest: list[str]) -> int:
    """Start Writer; on the very first start with the default model fetched."""
    name_what_is_missing()
    get_model("smollm2-135m")
    return subprocess.call([PYTHON, "-m", "writer", *rest])


def only_set_up(rest: list[str]) -> int:
    """Nothing beyond the environment and the default model."""
    get_model("smollm2-135m")
    print("Ready: python3 packaging/dev.py run")
    return 0


def check(rest: list[str]) -> int:
    """Style, types, walls, and that an installed Writer carries its assets: everything but the tests."""
    for title, *command in (
        ("Style", "ruff", "check", "."),
        ("Format", "ruff", "format", "--check", "."),
        ("Types", "mypy"),
    ):
        step(title)
        run(PYTHON, "-m", *command)
    step("Layers")
    run(BIN / "lint-imports")
    step("Wheel")
    check_wheel()
    return 0


def check_wheel() -> None:
    """Build the wheel, install it beside nothing of this checkout, and ask it for what it must carry."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(PYTHON, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, ".")
        wheel = next(folder.glob("writer-*.whl"))
        run(PYTHON, "-m", "pip", "install", "-q", "--no-deps", "--target", folder / "site", wheel)
        # The dependencies come from .venv; -P and -I keep this checkout itself out of sight.
        run(PYTHON, "-I", "-c", ASK_WHEEL, folder / "site")


ASK_WHEEL = """
import sys
sys.path.insert(0, sys.argv[1])
import writer.cli
from writer import files, i18n, models
assert str(files.assets()).startswith(sys.argv[1]), files.assets()
samples = ("samples/en.md", "samples/zh.md")
for name in ("models.toml", "names.toml", "icon.svg", *samples, "locale/zh_CN/LC_MESSAGES/writer.mo"):
    assert (files.assets() / name).is_file(), name
assert models.catalogue()
raise SystemExit(writer.cli.main(["--version"]))
"""


def test(rest: list[str]) -> int:
    """All checks and all tests; words behind it go to pytest, and then only the tests run."""
    name_what_is_missing(TEST_PROGRAMS)
    get_model("smollm2-135m")
    get_model("gemma3-270m", "--accept-terms")
    if not rest:
        check([])
    step("Tests")
    environment = {"QT_QPA_PLATFORM": "offscreen", "HF_HUB_OFFLINE": "1", **os.environ}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # the tests start Writer some hundred times
    return subprocess.call([PYTHON, "-m", "pytest", *rest], cwd=ROOT, env=environment)


def bench(rest: list[str]) -> int:
    """Run a benchmark by name."""
    names = sorted(path.stem for path in (ROOT / "tests" / "benchmarks").glob("[a-z]*.py"))
    if not rest or rest[0] not in names:
        print(f"dev.py: bench takes one of: {', '.join(names)}.", file=sys.stderr)
        return 2
    get_model("smollm2-135m")
    return subprocess.call([PYTHON, "-m", f"tests.benchmarks.{rest[0]}", *rest[1:]], cwd=ROOT)


def translations(rest: list[str]) -> int:
    """Bring the catalogue up to date with the code and compile it."""
    return subprocess.call([PYTHON, ROOT / "packaging" / "translations.py", *rest], cwd=ROOT)


def run(*command: str | Path, **options: object) -> None:
    """Run a command in the project's folder, or raise CalledProcessError."""
    environment = {"UV_SYSTEM_CERTS": "1", **os.environ}
    subprocess.run([str(word) for word in command], check=True, cwd=ROOT, env=environment, **options)  # type: ignore[call-overload]


def step(title: str) -> None:
    """Say what is being done, so that a long step is not a silent one."""
    print(f"[{time.strftime('%H:%M:%S')}] {title} …", flush=True)


COMMANDS = {
    "run": run_writer,
    "setup": only_set_up,
    "check": check,
    "test": test,
    "bench": bench,
    "translations": translations,
}

if __name__ == "__main__":
    sys.exit(main())
