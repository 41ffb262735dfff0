"""How many tokens a text has for a server: as it counts itself, or by a careful estimate."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from writer.engines.exchange import Caller, Refused
from writer.engines.wire import Message, sendable
from writer.story import Prompt

_REMEMBERED = 200_000
_WIDE = re.compile("[\u2010-\u203b\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
_PLAIN = re.compile(r"[A-Za-z\s.,;:!?'\"()-]", re.ASCII)
_DIGIT = re.compile(r"[0-9]")
_MARGIN = 1.15
# Prose with names, dialogue and dashes, so that what is measured on it holds for a novel.
_MEASURES = {
    "latin": (
        "“You can't mean it,” Marguerite whispered; her umbrella dripped on the Ambassador's parquet. Outside, "
        "the quays of Rotterdam lay empty, and somebody was whistling. Grzegorz shrugged, unfolded the yellowed "
        "telegram and read it aloud—slowly, disdainfully, as though each syllable had been overcharged.\n"
    ),
    "chinese": (
        "“你当真要走？”沈月娘低声问道，雨水顺着油纸伞滴在青石板上。码头空荡荡的，不知谁在吹口哨。"
        "老魏耸了耸肩，展开那封泛黄的电报，慢吞吞地念了起来，仿佛每个字都贵得离谱。窗外，暮色渐浓。\n"
    ),
}


class Tokenizer:
    """A server's own tokens; those of texts asked for lately are remembered."""

    def __init__(self, caller: Caller, kind: str, model: str) -> None:
        self._caller = caller
        self._path = f"{caller.address.root}/tokenize"
        self._kind = kind
        self._model = model
        self._ids: OrderedDict[str, list[int]] = OrderedDict()
        self._kept = 0
        self._lock = Lock()
        self.bos = tuple(self._ask("", with_bos=True))
        """What stands in front of every prompt."""

    def read(self, prompt: Prompt) -> list[int]:
        """The prompt's tokens, each part by itself, so that what was counted is what is sent."""
        ids = [token for part in prompt.parts for token in self.ids(part.text)]
        return [*self.bos, *(ids or self.ids("\n"))]

    def ids(self, text: str) -> list[int]:
        """The tokens of a text by itself."""
        if not text:
            return []
        with self._lock:
            if text in self._ids:
                self._ids.move_to_end(text)
                return self._ids[text]
        ids = self._ask(text)
        with self._lock:
            if text not in self._ids:
                self._ids[text] = ids
                self._kept += len(ids)
            while self._kept > _REMEMBERED and len(self._ids) > 1:
                self._kept -= len(self._ids.popitem(last=False)[1])
        return ids

    def _ask(self, text: str, *, with_bos: bool = False) -> list[int]:
        text = sendable(text)
        body: Message = {"content": text, "add_special": with_bos, "parse_special": False}
        if self._kind == "vllm":
            body = {"model": self._model, "prompt": text, "add_special_tokens": with_bos}
        ids = self._caller.ask(self._path, body).get("tokens")
        if not isinstance(ids, list) or not all(isinstance(token, int) for token in ids):
            raise Refused(0, "no tokens")
        return ids


@dataclass(frozen=True, slots=True)
class Density:
    """Tokens a character, for a server that doesn't count: Latin script, and Chinese with its punctuation."""

    latin: float = 0.4
    chinese: float = 1.6

    @classmethod
    def measured(cls, cost: Callable[[str], int]) -> Density:
        """What it is where samples cost so many tokens; 0 where that isn't told."""
        start = cost(".")
        rates = {}
        for script, text in _MEASURES.items():
            tokens = cost(text)
            if 0 < start < tokens:
                rates[script] = (tokens - start) / len(text) * _MARGIN
        return cls(**rates)

    def estimate(self, text: str) -> int:
        """Rather too many tokens than too few: a digit is one, and another script one a byte."""
        if not text:
            return 0
        wide = len(_WIDE.findall(text))
        digits = len(_DIGIT.findall(text))
        plain = len(_PLAIN.findall(text))
        other = len(_WIDE.sub("", text).encode("utf-8", "replace")) - plain - digits
        return int(wide * self.chinese + plain * self.latin + digits + other) + 1
