"""Reading a whole book for its outline in a process of its own: the child of ``ui.apart``."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Collection, Generator
from pathlib import Path
from typing import Any

from writer import i18n
from writer.errors import WriterError
from writer.memory import apart
from writer.store import Store


def main() -> None:
    """Do in the child what the command line says, and send each step of it."""
    out = apart.begin()
    what, path, wanted, language = sys.argv[1:]
    i18n.use(language)
    with contextlib.suppress(BrokenPipeError):
        try:
            with Store.reader(Path(path)) as store:
                apart.serve(_work(store, what, {int(node) for node in wanted.split(",")} if wanted else None), out)
        except WriterError as error:
            apart.send(out, (type(error).__name__, str(error)))


def _work(store: Store, what: str, nodes: Collection[int] | None) -> Generator[Any, None, Any]:
    from writer.outline import follow, proposal

    return follow.drifts(store, nodes) if what == "follow" else proposal.propose(store, nodes)


if __name__ == "__main__":
    main()
