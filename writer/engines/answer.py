"""One answer on its way: its tokens, the text they make, and what of it may be let out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import torch
from tokenizers.decoders import DecodeStream

from writer.engines import Piece, Sampling
from writer.engines.gate import Gate, Ngrams, Rewind
from writer.engines.sampler import Sampler
from writer.engines.vocabulary import Vocabulary

_NOTHING = Piece("", 0)


class Answer:
    """Takes logits, gives pieces of text; ``ids`` are the prompt and what is written behind it so far."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        ends: Iterable[int],
        ids: Sequence[int],
        sampling: Sampling,
        begun: str = "",
        device: torch.device | str = "cpu",
        leaning: torch.Tensor | None = None,
    ) -> None:
        self.ids = list(ids)
        self._leaning = leaning
        self.done = sampling.max_tokens <= 0
        self._vocabulary = vocabulary
        self._ends = frozenset(ends)
        self._sampling = sampling
        self._begun = begun.encode()
        self._prompted = len(self.ids)
        self._gate = Gate(sampling.stop, sampling.banned, begun)
        breakers = vocabulary.having_any(sampling.dry_breakers) if sampling.dry_multiplier > 0 else ()
        self._sampler = Sampler(sampling, breakers, device)
        self._begin()

    def take(self, logits: torch.Tensor) -> Piece:
        """Draw a token from logits of shape (vocabulary,) and give what text is certain by it.

        An empty piece may mean that tokens were taken back: ``ids`` are fewer then.
        """
        choice = self._sampler.draw(self._leant(logits), self.ids, self._barred(), self._fitting(self._gate.tokens))
        if choice.token in self._ends:
            return self._close()
        self.ids.append(choice.token)
        self._ngrams.add(choice.token)
        rewind = self._gate.add(choice.token, self._text.add(choice.token))
        if rewind is not None:
            return self._go_back(rewind)
        likely = tuple((self._vocabulary.text([token]), logprob) for token, logprob in choice.alternatives)
        piece = Piece("", 1, choice.logprob, likely)
        if self._gate.stopped or len(self._gate.tokens) >= self._sampling.max_tokens:
            return self._close(piece)
        return replace(piece, text=self._gate.release())

    def _leant(self, logits: torch.Tensor) -> torch.Tensor:
        return logits if self._leaning is None else logits + self._leaning

    def _barred(self) -> list[int]:
        ends = () if self._sampling.may_end else self._ends
        return sorted({*self._gate.refused, *self._ngrams.repeating, *self._vocabulary.control - self._ends, *ends})

    def _fitting(self, written: Sequence[int]) -> Sequence[int]:
        """The tokens that may come while what is begun is not written again yet."""
        missing = self._begun[self._vocabulary.length(written) :] if self._begun else b""
        return self._vocabulary.leading_to(missing) if missing else ()

    def restricted(self, logits: torch.Tensor, written: Sequence[int]) -> torch.Tensor:
        """Logits, shape (vocabulary,), without what must not come behind these tokens of a search for the answer."""
        logits = self._leant(logits)
        if fitting := self._fitting(written):
            places = torch.tensor(list(fitting), device=logits.device)
            logits = torch.full_like(logits, -torch.inf).index_put((places,), logits[places])
        return logits.index_fill(0, torch.tensor(self._barred(), device=logits.device, dtype=torch.long), -torch.inf)

    def written(self, tokens: Sequence[int]) -> str:
        """The text of a whole answer that was found in a search."""
        gate, text = Gate(self._sampling.stop, (), self._begun.decode()), Text(self._vocabulary.tokenizer, self.ids)
        for token in tokens:
            gate.add(token, text.add(token))
            if gate.stopped:
                break
        return gate.release() + str(gate.finish())

    def _close(self, last: Piece = _NOTHING) -> Piece:
        rest = self._gate.finish()
        if isinstance(rest, Rewind):
            return self._go_back(rest)
        self.done = True
        return replace(last, text=rest)

    def _go_back(self, rewind: Rewind) -> Piece:
        self._gate.refuse(rewind)
        del self.ids[self._prompted + rewind.index :]
        self._begin()
        return Piece("", 1)

    def _begin(self) -> None:
        self._ngrams = Ngrams(self.ids, self._sampling.no_repeat_ngram)
        self._text = Text(self._vocabulary.tokenizer, self.ids)


class Text:
    """Turns tokens into whole characters, joined to what stands before."""

    def __init__(self, tokenizer: Any, before: Sequence[int]) -> None:
        self._tokenizer = tokenizer
        self._stream = DecodeStream(ids=list(before[-8:]), skip_special_tokens=True)

    def add(self, token: int) -> str:
        """The text that is certain after this token."""
        # Half a character that nothing completes comes out as U+FFFD: no one wants to read that.
        return (self._stream.step(self._tokenizer, token) or "").replace("\ufffd", "")
