"""What each sentence of a chunk is worth as an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from writer.ask.definition import definition
from writer.ask.ground import Ground, Piece
from writer.ask.kinship import leans_back
from writer.ask.mention import FAR, Has, Sentence, context, named, place_of, split, worded
from writer.ask.question import Question
from writer.ask.shape import likeness, plainness
from writer.story import Span

ENOUGH = 0.6
"""The share of what is asked that a sentence must have to answer it."""
_ELSEWHERE = 0.6
_TOGETHER = 0.5
_LIGHTEST = 0.2
_THERE = 0.55
_MISSED = 0.75
"""What is left of a sentence's worth for each word that it has not itself."""
_NOT_HERE = 0.5
_POSSESSIVE = re.compile(r"(?:(?:Mr|Mrs|Dr)\.\s+)?\w+[’']s\b")
_LONGEST = 420
_WHO_DID = re.compile(r"\s*(?:who\s+(?!is\b|was\b|are\b|were\b|did\b|does\b)|是?谁(?![是的]))", re.I)
_BY_WHOM = re.compile(r"\bby whom\b|\bwho (?:is|was|were|are) [^?]*\bby\b|是被?谁[^的]{1,4}的|[被让]谁", re.I)
_PASSIVE = re.compile(r"\b(?:is|was|were|be|been|being|by)\b|[被为遭受于]")
_BEHIND = 20
_DOES_IT = 0.5
"""What it is worth that somebody does what the question says is done to them."""


def weighed(question: Question, piece: Piece, ground: Ground) -> Iterator[tuple[float, Span, str]]:
    """The sentences of a chunk with what each is worth as an answer."""
    read = split(piece.text)
    names = [[named(slot, one) for slot in question.subjects] for one in read]
    words = [[worded(slot, one, question) for slot in question.slots] for one in read]
    for at, sentence in enumerate(read):
        first = at
        here = []
        for i, slot in enumerate(question.subjects):
            own = names[at][i].worth
            if not own:
                own, back = context(read, [row[i] for row in names], at, question, slot)
                if (
                    not own
                    and at + 1 < len(read)
                    and read[at + 1].paragraph == read[at].paragraph
                    and names[at + 1][i].places
                ):
                    own = _ELSEWHERE
                if slot.is_place and not own and (len(question.subjects) > 1 or any(row[i].places for row in names)):
                    own, back = 0.6, 0
                if not own and len(question.subjects) > 1 and any(row[i].places for row in names):
                    own = _NOT_HERE
                first = min(first, at - back)
            here.append(own)
        if here and min(here) == 0:
            continue
        if question.is_who:
            worth = definition(question, sentence.text) if first == at else 0.0
            if worth:
                yield worth * plainness(sentence.text), place_of(piece, sentence, sentence), sentence.text.strip()
            continue
        share = _share(question, words, at)
        if question.slots and share < ENOUGH - 1e-9:
            continue
        score = share if question.slots else 0.8
        score *= _MISSED ** sum(
            slot.weight > _LIGHTEST and not words[at][i].worth for i, slot in enumerate(question.slots)
        )
        for own in here:
            score *= own
        score *= _nearness(question, names[at], words[at], sentence, first == at)
        shaped, last = likeness(question, read, at, ground, names[at], words[at])
        score *= shaped * plainness(sentence.text)
        if first == at and at and leans_back(question, sentence.text) and read[at - 1].paragraph == sentence.paragraph:
            first = at - 1
        start, end = read[first], read[last]
        text = piece.text[start.start : end.end]
        if len(text) > _LONGEST:
            start, end = sentence, sentence
            text = sentence.text
        yield score, place_of(piece, start, end), text.strip()


def _share(question: Question, words: Sequence[Sequence[Has]], at: int) -> float:
    """How much of what is asked a sentence has, or those beside it."""
    whole = got = _TOGETHER if len(question.subjects) > 1 else 0.0
    most = max((slot.weight for slot in question.slots), default=0.0)
    has_heaviest = False
    for i, slot in enumerate(question.slots):
        own = words[at][i].worth
        if not slot.is_owned:
            beside = max((words[at + d][i].worth for d in (-1, 1) if 0 <= at + d < len(words)), default=0.0)
            own = max(own, _ELSEWHERE * beside if len(question.slots) > 1 else 0.0)
        whole += slot.weight
        got += slot.weight * own
        has_heaviest |= slot.weight == most and own >= _THERE
    return 0.0 if most > _LIGHTEST and not has_heaviest else got / whole if whole else 1.0


def _nearness(
    question: Question, names: Sequence[Has], words: Sequence[Has], sentence: Sentence, is_own: bool
) -> float:
    """How near each other the names and words stand, and whether in the order of the question."""
    far = FAR[question.language]
    value = 1.0
    by_whom = _BY_WHOM.search(question.text) is not None
    asks_agent = by_whom or _WHO_DID.match(question.text) is not None
    for name, subject in zip(names, question.subjects, strict=True):
        is_owner = _POSSESSIVE.match(question.text, subject.start) is not None
        for word, slot in zip(words, question.slots, strict=True):
            if slot.is_owned:
                continue
            if not name.places or not word.places:
                continue
            distance, a, b = min((abs(a - b), a, b) for a, _ in name.places for b, _w in word.places)
            value *= 0.25 + 0.95 / (1 + distance / far)
            if (a < b) == (subject.start < slot.start and not by_whom):
                value *= 1.15
            if (
                asks_agent
                and slot.start < subject.start
                and a < b
                and not _PASSIVE.search(sentence.text, a, b + _BEHIND)
            ):
                value *= _DOES_IT
            if (_POSSESSIVE.match(sentence.text, a) and not is_owner) or sentence.text[a - 1 : a] == "被":
                value *= 0.6
    return value
