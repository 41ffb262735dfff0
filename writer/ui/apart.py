"""Reading a whole book for its outline in another process: Writer's end, which loads nothing that reads books."""

from __future__ import annotations

import sys
from collections.abc import Collection
from pathlib import Path

from writer import i18n
from writer.memory import apart


class Apart(apart.Apart):
    """One run of the process: ``slices`` yields and returns what "follow" (``drifts``) or "propose" does."""

    def __init__(self, project: Path, what: str, nodes: Collection[int] | None = None) -> None:
        super().__init__(project, None)
        wanted = "" if nodes is None else ",".join(map(str, nodes))
        python = [sys.executable, "-P", "-m", "writer.outline.apart"]
        self._command = [*python, what, str(project), wanted, i18n.spoken()]
