"""What a command says and where: stdout, stderr and the log."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from writer import __version__, files
from writer.i18n import _

_log = logging.getLogger(__name__)


class Output:
    """What a command says: sentences for people or, with ``--json``, an object a line."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json

    def record(self, fields: dict[str, Any], text: str = "", end: str = "\n") -> None:
        """Say one thing: ``fields`` as JSON or ``text`` to people, at once."""
        line = json.dumps(fields, ensure_ascii=False) + "\n" if self.as_json else text + end
        print(line, end="", flush=True)

    def say(self, text: str) -> None:
        """Say something that only people need."""
        if not self.as_json:
            print(text, flush=True)

    def done(self, **fields: Any) -> None:
        """End a command's JSON lines; people see that it is done."""
        if self.as_json:
            self.record({"done": True, **fields})

    def note(self, text: str) -> None:
        """Tell the author something beside the result."""
        print(text, file=sys.stderr, flush=True)

    def fail(self, text: str) -> None:
        """Say in one line why there is no result."""
        sentence = " ".join(text.split())
        self.note(sentence)
        if self.as_json:
            self.record({"error": sentence})


def speak_utf8() -> None:
    """Write UTF-8 whatever the locale; what no encoding holds is written as an escape."""
    if reconfigure := getattr(sys.stdout, "reconfigure", None):
        reconfigure(encoding="utf-8", errors="backslashreplace")


def forget_stdout() -> None:
    """Keep Python from flushing into the closed pipe once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class LogFile(logging.FileHandler):
    """Writer's log, made with its folder when there is something to say; stderr where it can't be written."""

    def __init__(self) -> None:
        super().__init__(files.state_folder() / "writer.log", encoding="utf-8", delay=True, errors="backslashreplace")
        self.setLevel(logging.WARNING)
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        return super()._open()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            super().emit(record)
        except OSError:
            if logging.lastResort:
                logging.lastResort.handle(record)


@contextmanager
def logging_to_file() -> Iterator[None]:
    log = LogFile()
    logging.getLogger().addHandler(log)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(log)
        log.close()


def log_fault() -> str:
    """Keep the traceback of the exception at hand, and give the sentence that says where."""
    with logging_to_file():
        _log.critical("Writer %s, Python %s, %s", __version__, sys.version.split()[0], sys.platform, exc_info=True)
    path = files.state_folder() / "writer.log"
    return _("Writer made a mistake of its own; the details are in {path}.").format(path=path)
