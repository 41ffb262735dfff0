"""Two caches for the page, so that the next thing to be read for it is read without losing the last.

A prompt that goes on from one of them is read there; one that does not takes the place of the one less wanted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from writer.engines.kept import Keeping, shared
from writer.story import Prompt

SPARE = "spare"
_ROLES = ("page", SPARE)


class Pages:
    """Which of the page's caches in an engine reads a prompt."""

    def __init__(self, engine: Keeping) -> None:
        self.engine = engine
        self._order = list(_ROLES)

    @property
    def latest(self) -> str:
        """The role of the one that was read to its end last."""
        return self._order[-1]

    def place(self, prompt: Prompt) -> Prompt:
        """The prompt with the role under which least of it is to be read and nothing is lost that is wanted."""
        if prompt.role != "page":
            return prompt
        ids = self.engine.tokens(prompt)
        role = max(reversed(self._order), key=lambda role: self._shared(role, ids))
        same, held = self._shared(role, ids), len(self.engine.held(role))
        if same < held and 2 * same < len(ids):
            role = self._order[0]
        return replace(prompt, role=role)

    def read(self, role: str) -> None:
        """Something was read to its end under this role."""
        if role in self._order:
            self._order.remove(role)
            self._order.append(role)

    def unread(self, prompt: Prompt) -> int:
        """How many tokens of a prompt would have to be read."""
        ids = self.engine.tokens(prompt)
        roles = _ROLES if prompt.role == "page" else (prompt.role,)
        return len(ids) - max(self._shared(role, ids) for role in roles)

    def _shared(self, role: str, ids: Sequence[int]) -> int:
        return shared(self.engine.held(role), ids)
