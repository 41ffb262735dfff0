"""A tokenizer's tokens by the bytes they stand for."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Any

_MARK = re.compile(r"<[^<>\s]+>")
_BYTE = re.compile(r"<0x([0-9A-F]{2})>")


class Vocabulary:
    """All tokens that stand for text, without control tokens; built when it is first asked."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer

    def beginning_with(self, prefix: bytes) -> list[int]:
        """The tokens that begin with these bytes."""
        spellings, tokens = self._sorted
        start = bisect_left(spellings, prefix)
        end = start
        while end < len(spellings) and spellings[end].startswith(prefix):
            end += 1
        return tokens[start:end]

    def leading_to(self, text: bytes) -> list[int]:
        """The tokens that are a beginning of this text, or have it as theirs."""
        spellings, tokens = self._sorted
        found = self.beginning_with(text)
        for length in range(1, len(text)):
            at = bisect_left(spellings, text[:length])
            while at < len(spellings) and spellings[at] == text[:length]:
                found.append(tokens[at])
                at += 1
        return found

    @lru_cache(maxsize=4)  # noqa: B019 - a vocabulary lives as long as its model
    def having_any(self, strings: tuple[str, ...]) -> frozenset[int]:
        """The tokens with one of these strings in them."""
        wanted = [string.encode() for string in strings]
        spellings, tokens = self._sorted
        return frozenset(
            token
            for spelling, token in zip(spellings, tokens, strict=True)
            if any(string in spelling for string in wanted)
        )

    def text(self, tokens: Sequence[int]) -> str:
        """The text of these tokens by themselves."""
        return str(self.tokenizer.decode(list(tokens), skip_special_tokens=True))

    @cached_property
    def control(self) -> frozenset[int]:
        """Tokens that stand for no text, such as the marks of a chat."""
        added: dict[int, Any] = self.tokenizer.get_added_tokens_decoder()
        return frozenset(id for id, token in added.items() if token.special or _MARK.fullmatch(token.content))

    def length(self, tokens: Sequence[int]) -> int:
        """How many bytes these tokens make."""
        return sum(len(self._spelling.get(token, b"")) for token in tokens)

    @cached_property
    def _spelling(self) -> dict[int, bytes]:
        spellings, tokens = self._sorted
        return dict(zip(tokens, spellings, strict=True))

    @cached_property
    def _sorted(self) -> tuple[list[bytes], list[int]]:
        """Spellings in order, and the token of each."""
        vocabulary: dict[str, int] = self.tokenizer.get_vocab(with_added_tokens=True)
        spell = _spell_bytes if "Ġ" in vocabulary else _spell_pieces
        pairs = sorted((spell(name), token) for name, token in vocabulary.items() if token not in self.control)
        return [spelling for spelling, _token in pairs], [token for _spelling, token in pairs]


def _spell_bytes(name: str) -> bytes:
    """The bytes of a byte-level token, which has a printable character for each (GPT-2)."""
    try:
        return bytes(_BYTE_OF[character] for character in name)
    except KeyError:
        return name.encode()


def _spell_pieces(name: str) -> bytes:
    """The bytes of a SentencePiece token, with "▁" for a space and single bytes as <0xNN>."""
    if match := _BYTE.fullmatch(name):
        return bytes([int(match[1], 16)])
    return name.replace("▁", " ").encode()


def _byte_of() -> dict[str, int]:
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + at): byte for at, byte in enumerate(others)}


_BYTE_OF = _byte_of()
