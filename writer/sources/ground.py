"""What all the sources say together: the ground on which sentences stand."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from writer.sources.figures import Figure, figures
from writer.sources.flag import Flag
from writer.sources.named import Known, Name, named
from writer.sources.quotations import Quotation, bare, fragments, quotations, spoken, stand
from writer.sources.reporting import Report, reports
from writer.sources.source import Source
from writer.sources.telling import keys
from writer.text import sentences

ENOUGH = 0.4
"""From this strength on a sentence leans on a source."""
_FIGURE = 2.0
"""A number weighs as much as so many words."""
_SHARED = 1.5
"""A sentence leans on no source that shares less with it than so many words: a name alone is not enough."""
_OTHERS = 0.6
"""What is covered only by other sources than the best counts for so much."""
_LEAST = 0.35
"""So much weighs a word that every source has."""


@dataclass(frozen=True, slots=True)
class Leaning:
    """The source that a sentence leans on, how surely from 0 to 1, and what of the sentence no source has."""

    source: Source | None
    strength: float
    flags: tuple[Flag, ...] = ()


class _Item:
    """A source as sentences are compared with it."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.keys = keys(source.text)
        self.figures = figures(source.text)
        self.known = Known([source.text])
        self.has_names = bool(named(source.text))
        self.bare = bare(source.text)
        self.spoken = spoken(source.text)

    def bears(self, figure: Figure, wanted: frozenset[str]) -> bool:
        """Whether a figure is told here, of something that a sentence with these words may be about."""
        is_near = not wanted or not self.keys.isdisjoint(wanted)
        return is_near and any(own.has(figure) or own.has(self._without_currency(figure)) for own in self.figures)

    def _without_currency(self, figure: Figure) -> Figure:
        """The bare number, where this source tells others in that currency: “2,400 euros, up from 1,600”."""
        kind = figure.amount.kind
        if kind.startswith("money") and any(own.amount.kind == kind for own in self.figures):
            return replace(figure, amount=replace(figure.amount, kind=""))
        return figure


class Ground:
    """The sources, read once."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._items = [_Item(source) for source in sources]
        self._known = Known([source.text for source in sources])
        self._frequent = Counter(key for item in self._items for key in item.keys)

    def leaning(self, sentence: str, flags: tuple[Flag, ...]) -> Leaning:
        """What a sentence leans on, of which no source has what is flagged."""
        wanted = {key: self._weight(key) for key in keys(sentence)}
        told = [figure for figure in figures(sentence) if figure.amount.kind not in ("month", "weekday")]
        whole = sum(wanted.values()) + _FIGURE * len(told)
        if not whole or not self._items:
            return Leaning(None, 0.0, flags)
        shares = []
        for item in self._items:
            own = sum(weight for key, weight in wanted.items() if key in item.keys)
            borne = sum(item.bears(figure, frozenset(wanted)) for figure in told)
            shares.append((own + _FIGURE * borne) / whole)
        best = max(range(len(shares)), key=lambda at: (shares[at], -at))
        together = sum(weight for key, weight in wanted.items() if key in self._frequent) / whole
        strength = min(1.0, shares[best] + _OTHERS * max(0.0, together - shares[best]))
        is_enough = strength >= ENOUGH and shares[best] >= max(ENOUGH / 2, _SHARED / whole)
        return Leaning(self._items[best].source if is_enough else None, round(strength, 3), flags)

    def flags(self, text: str) -> tuple[Flag, ...]:
        """What of a text no source has, in order."""
        quoted = quotations(text)
        names = [name for name in named(text) if not _is_figure(name)]
        outside = [name for name in names if not _is_within(name.start, quoted)]
        found = [
            *self._misquoted(text, quoted, outside),
            *(
                Flag("name", one.start, one.end, text[one.start : one.end])
                for one in outside
                if not self._known.has(one)
            ),
            *self._miscounted(text, [*quoted, *names]),
            *self._unreported(text, quoted),
        ]
        return tuple(sorted(found, key=lambda flag: (flag.start, flag.end)))

    def _misquoted(self, text: str, quoted: Sequence[Quotation], names: Sequence[Name]) -> Iterator[Flag]:
        spans = list(sentences(text)) if quoted else []
        for quotation in quoted:
            parts = fragments(quotation)
            if not parts:
                continue
            speaking = [item for item in self._items if stand(parts, item.spoken)]
            if speaking:
                yield from self._wrongly_spoken(text, quotation, speaking, names, spans)
                continue
            is_told = any(stand(parts, item.bare) for item in self._items)
            if not (is_told and quotation.is_term):
                yield Flag("words" if is_told else "quotation", quotation.start, quotation.end, quotation.text)

    def _wrongly_spoken(
        self,
        text: str,
        quotation: Quotation,
        speaking: Sequence[_Item],
        names: Sequence[Name],
        spans: Sequence[tuple[int, int]],
    ) -> Iterator[Flag]:
        """The one beside a quotation, if the sources that have it name others."""
        if not all(item.has_names for item in speaking):
            return
        start = max((start for start, _end in spans if start <= quotation.start), default=0)
        end = min((end for _start, end in spans if end >= quotation.end), default=len(text))
        beside = [name for name in names if start <= name.start < end and self._known.has(name)]
        if beside and not any(item.known.touches(name) for item in speaking for name in beside):
            first = beside[0]
            yield Flag("speaker", first.start, first.end, text[first.start : first.end])

    def _miscounted(self, text: str, inside: Sequence[Quotation | Name]) -> Iterator[Flag]:
        for start, end in sentences(text):
            sentence = text[start:end]
            wanted = keys(sentence)
            for figure in figures(sentence):
                at = start + figure.start
                if _is_within(at, inside) or any(item.bears(figure, wanted) for item in self._items):
                    continue
                yield Flag("number", at, start + figure.end, sentence[figure.start : figure.end])

    def _unreported(self, text: str, quoted: Sequence[Quotation]) -> Iterator[Flag]:
        """Who is told to have said what no source has."""
        for start, end in sentences(text):
            sentence = text[start:end]
            for told in reports(sentence):
                is_quoted = _is_within(start + told.end - 1, quoted)
                if not is_quoted and not self._has(told, sentence):
                    yield Flag("report", start + told.start, start + told.end, sentence[told.start : told.end])

    def _has(self, told: Report, sentence: str) -> bool:
        """Whether a source has what is reported; one word or two are read with their sentence."""
        said = keys(told.said)
        if len(said) + len(figures(told.said)) >= _SHARED:
            return self.leaning(told.said, ()).source is not None
        source = self.leaning(sentence, ()).source
        return source is not None and (not said or not said.isdisjoint(keys(source.text)))

    def _weight(self, key: str) -> float:
        """How much a word tells: little if many sources have it."""
        items = self._frequent[key]
        return 1.0 if items <= 1 else max(_LEAST, 1.0 - math.log(items) / math.log(len(self._items) + 1))


def _is_figure(name: Name) -> bool:
    """Whether it is only a number that begins a sentence."""
    return any(figure.end - figure.start == len(name.text) for figure in figures(name.text))


def _is_within(at: int, spans: Sequence[Quotation | Name]) -> bool:
    return any(span.start <= at < span.end for span in spans)
