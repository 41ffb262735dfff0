"""transformers without the halves of torch that compile models and spread them over many computers.

Nothing is compiled or spread here, and importing what could do it takes longer than everything else there is to import.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

_COMPILER = "torch._dynamo"
_WANTED = ("transformers.modeling_utils", "transformers.masking_utils", "transformers.generation.utils")
"""What all models are built on."""


def import_transformers() -> None:
    """Import what all models are built on; what can't be had this way is imported as usual where it is used."""
    if torch.cuda.is_available():  # several cards may share a model
        return
    sys.modules.setdefault(_COMPILER, _Compiler())
    with suppress(Exception), _alone():
        for name in _WANTED:
            importlib.import_module(name)


@contextmanager
def _alone() -> Generator[None, None, None]:
    """Torch says, as it does where it is built without, that it knows of no other computers."""
    usual = torch.distributed.is_available
    torch.distributed.is_available = lambda: False
    try:
        yield
    finally:
        torch.distributed.is_available = usual


class _Compiler(ModuleType):
    """Stands in for torch's compiler until it is asked for anything but how functions are marked for it."""

    def __init__(self) -> None:
        super().__init__(_COMPILER)
        self.__path__ = [str(Path(torch.__file__).parent / "_dynamo")]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(_COMPILER) is self:
            del sys.modules[_COMPILER]
        return getattr(importlib.import_module(_COMPILER), name)

    def _unmarked(self, function: Callable[..., Any] | None = None, *_how: Any, **_more: Any) -> Any:
        """What a mark comes to where nothing is compiled; written with or without parentheses."""
        return self._unmarked if function is None else function

    allow_in_graph = assume_constant_result = disable = _unmarked
