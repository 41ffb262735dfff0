"""What this computer has for a model, told without importing a model's library."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from writer.models.shelf import folder

_SMI_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Hardware:
    """Bytes of memory and disk, cores, and the graphics card: ``cuda``, ``mps`` (which shares the memory) or none."""

    memory_total: int
    memory_free: int
    """What programs could take now, with what Writer's own model gives back when another takes its place."""
    cores: int
    gpu: str = ""
    gpu_total: int = 0
    gpu_free: int = 0
    disk_free: int = 0


def detect() -> Hardware:
    """Look at this computer; asking a graphics card takes up to some seconds."""
    total, free = memory()
    gpu_total, gpu_free = _cuda_memory() if has_gpu() and sys.platform != "darwin" else (0, 0)
    gpu = ("mps" if sys.platform == "darwin" else "cuda") if has_gpu() else ""
    return Hardware(total, free, _cores(), gpu, gpu_total, gpu_free, disk_free())


def memory() -> tuple[int, int]:
    """Bytes in all, and free for a model, both within what a container allows."""
    import psutil

    now = psutil.virtual_memory()
    total, free = now.total, now.available
    for limit, used in _limits():
        total, free = min(total, limit), min(free, max(0, limit - used))
    with contextlib.suppress(psutil.Error, OSError):
        for child in psutil.Process().children():
            with contextlib.suppress(psutil.Error):
                free += child.memory_info().rss
    return total, min(total, free)


def _limits(group: Path = Path("/sys/fs/cgroup")) -> list[tuple[int, int]]:
    """What the control group of this process may use, and uses beside copies of files that can be dropped (Linux)."""
    try:
        limit, used = (int((group / f"memory.{name}").read_text()) for name in ("max", "current"))
        counted = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
        return [(limit, max(0, used - int(counted["inactive_file"]) - int(counted["active_file"])))]
    except (OSError, ValueError, KeyError):  # not there, or "max"
        return []


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def disk_free(path: Path | None = None) -> int:
    """Bytes free where models are kept, or at ``path``, which need not be there yet."""
    place = path or folder()
    while not place.exists() and place != place.parent:
        place = place.parent
    return shutil.disk_usage(place).free


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


def _cuda_memory() -> tuple[int, int]:
    """Bytes in all and free on the card with the most free, as its driver says; 0 if it doesn't."""
    try:
        said = subprocess.run(
            ["nvidia-smi", "--query-gpu=memory.total,memory.free", "--format=csv,noheader,nounits"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SMI_SECONDS,
            check=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return 0, 0
    return read_smi(said)


def read_smi(said: str) -> tuple[int, int]:
    """Total and free bytes of the card with the most free, from lines of ``total, free`` in MiB."""
    cards = [(int(total) << 20, int(free) << 20) for total, free in re.findall(r"^\s*(\d+)\s*,\s*(\d+)", said, re.M)]
    return max(cards, key=lambda card: card[1], default=(0, 0))
