"""The same core without a window, for scripts, tests and authors who like a terminal."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable

from writer import i18n, secret
from writer.cli.arguments import COMMANDS, parse, parser
from writer.cli.commands import open_window
from writer.cli.output import Output, forget_stdout, log_fault, logging_to_file, speak_utf8
from writer.errors import WriterError

__all__ = ["COMMANDS", "INTERRUPTED", "PIPE_CLOSED", "Output", "guard", "main", "parser"]

DONE, OURS, THEIRS = 0, 1, 2
INTERRUPTED = 128 + signal.SIGINT
PIPE_CLOSED = 128 + 13


def main(argv: list[str] | None = None) -> int:
    """Run one command and give its exit code: 0 done, 2 the author can put it right, 1 our fault."""
    words = sys.argv[1:] if argv is None else argv
    out = Output(as_json="--json" in words)
    speak_utf8()
    try:
        code = guard(lambda: _run(words, out), out)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        forget_stdout()
        return PIPE_CLOSED
    return code


def guard(work: Callable[[], int], out: Output) -> int:
    """The exit code of ``work``; what it raises becomes one sentence."""
    try:
        return work()
    except SystemExit as asked:  # --help and --version
        return int(asked.code or DONE)
    except WriterError as error:
        out.fail(str(error))
        return THEIRS
    except BrokenPipeError:
        raise
    except Exception:
        out.fail(log_fault())
        return OURS


def _run(words: list[str], out: Output) -> int:
    _choose_language(out)
    secret.adopt()
    args = parse(words)
    if args.run is open_window:  # which keeps a log of its own
        return args.run(args, out) or DONE
    with logging_to_file():
        return args.run(args, out) or DONE


def _choose_language(out: Output) -> None:
    from writer import settings

    i18n.use(i18n.of_system())
    chosen = settings.load(notice=out.note).language
    if chosen:
        i18n.use(chosen)
