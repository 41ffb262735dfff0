"""What of a model's text may be let out: stop strings end it, and a banned phrase is taken back token by token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rewind:
    """Go back to before ``token``, the one at this index of what was written, and write anything else there."""

    index: int
    token: int


class Gate:
    """Holds text back as long as it may become a stop string or a banned phrase.

    ``begun`` is what the text begins with on the page already: it is written again and not let out.
    Stop strings are matched as they are. Phrases are matched without regard to case and, in scripts that put spaces
    between words, as whole words.
    """

    def __init__(self, stop: Sequence[str] = (), banned: Sequence[str] = (), begun: str = "") -> None:
        self.stopped = False
        """Whether a stop string came; it and what follows is never let out."""
        self.tokens: list[int] = []
        """The tokens written so far and not taken back."""
        self._stop = tuple(text for text in stop if text)
        self._banned = tuple(phrase.casefold() for phrase in banned if phrase.strip())
        self._begun = begun
        self._text = ""
        self._out = len(begun)
        self._starts: list[int] = []
        self._refused: dict[int, set[int]] = {}

    @property
    def missing(self) -> str:
        """What is left to be written of what the text begins with."""
        return self._begun[len(self._text) :]

    @property
    def refused(self) -> Sequence[int]:
        """Tokens that must not be the next one, since a banned phrase came of them here."""
        return tuple(self._refused.get(len(self.tokens), ()))

    def refuse(self, rewind: Rewind) -> None:
        """Take tokens back."""
        self._refused = {index: tokens for index, tokens in self._refused.items() if index <= rewind.index}
        self._refused.setdefault(rewind.index, set()).add(rewind.token)
        self._text = self._text[: self._starts[rewind.index]]
        del self.tokens[rewind.index :], self._starts[rewind.index :]

    def add(self, token: int, text: str) -> Rewind | None:
        """Take a token with the text that became certain by it; where to go back to if that completes a phrase."""
        self._starts.append(len(self._text))
        self.tokens.append(token)
        self._text += text
        if cuts := [at for stop in self._stop if (at := self._text.find(stop, self._out)) >= 0]:
            self._text = self._text[: min(cuts)]
            self.stopped = True
            return None
        return self._banned_at(is_over=False)

    def release(self) -> str:
        """The text that is certain by now and wasn't given before."""
        sure = len(self._text) if self.stopped else len(self._text) - self._maybe()
        if sure < len(self._text):  # a token is taken back as a whole
            sure = max((start for start in self._starts if start <= sure), default=0)
        text = self._text[self._out : sure]
        self._out = max(sure, self._out)
        return text

    def finish(self) -> Rewind | str:
        """What was held back and is neither stop string nor phrase after all."""
        if rewind := self._banned_at(is_over=True):
            return rewind
        text = self._text[self._out :]
        self._out = max(len(self._text), self._out)
        return text

    def _banned_at(self, is_over: bool) -> Rewind | None:
        """The token in which a banned phrase begins; a phrase of words is one only when its last word is over."""
        text = self._text.casefold()
        if not self._banned or len(text) != len(self._text):  # "ß" and the like: match the letters as they are
            text = self._text
        for phrase in self._banned:
            at = text.find(phrase, max(0, self._out - len(phrase)))
            while at >= 0:
                end = at + len(phrase)
                if _is_whole(text, at, end) and (is_over or end < len(text) or not _is_spaced(phrase[-1])):
                    index = next(i for i in reversed(range(len(self._starts))) if self._starts[i] <= at)
                    return Rewind(index, self.tokens[index])
                at = text.find(phrase, at + 1)
        return None

    def _maybe(self) -> int:
        """Length of the longest end of the text that may begin a stop string or a phrase."""
        held = 0
        for wanted, text in [(self._stop, self._text), (self._banned, self._text.casefold())]:
            for string in wanted:
                # A phrase stays held until the character behind it tells whether its last word is over.
                longest = min(len(string) - (wanted is self._stop), len(text) - self._out)
                held = max(held, next((n for n in range(longest, 0, -1) if string.startswith(text[-n:])), 0))
        return held


class Ngrams:
    """The rows of ``length`` tokens that came so far; with length 0 nothing is watched."""

    def __init__(self, ids: Sequence[int], length: int) -> None:
        self._length = length
        self._last: list[int] = []
        self._followed: dict[tuple[int, ...], set[int]] = {}
        for token in ids if length else ():
            self.add(token)

    @property
    def repeating(self) -> Sequence[int]:
        """Tokens that would complete a row that came before."""
        if not self._length or len(self._last) < self._length - 1:
            return ()
        return tuple(self._followed.get(tuple(self._last), ()))

    def add(self, token: int) -> None:
        """Take the next token."""
        if not self._length:
            return
        if len(self._last) == self._length - 1:
            self._followed.setdefault(tuple(self._last), set()).add(token)
        self._last = [*self._last, token][1 - self._length :] if self._length > 1 else []


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether a stretch begins and ends where words do."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (_is_spaced(text[start]) and before and _is_spaced(before)) and not (
        _is_spaced(text[end - 1]) and after and _is_spaced(after)
    )


def _is_spaced(character: str) -> bool:
    """Whether this is a letter of a script that puts spaces between words."""
    return character.isalnum() and ord(character) < 0x2E80
