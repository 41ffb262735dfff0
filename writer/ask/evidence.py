"""Which sentences of a book answer a question, best first."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from writer.ask.definition import definition
from writer.ask.ground import Ground, Piece
from writer.ask.kinship import asks_who, relatives
from writer.ask.mention import FAR, any_place, loose, owned, place_of, split, without_names
from writer.ask.question import Question, Slot
from writer.ask.shape import speaking
from writer.ask.weight import ENOUGH, weighed
from writer.story import Passage, Span
from writer.text import is_cjk

LEAST = 0.42
"""The score from which on a sentence is an answer."""

READ = 40
"""So many chunks are read sentence by sentence."""
_LOOKED_THROUGH = 240
_MEETINGS = 3
_TIMELY = 0.25
_SPEECH = frozenset("\"“'‘「『")
_LOOKS = {"eyes": "eyes", "眼睛": "eyes", "hair": "hair", "头发": "hair"}


def found(question: Question, ground: Ground) -> list[Passage]:
    """The sentences that answer a question, best first."""
    if not question.subjects and not question.slots:
        return []
    if any(not slot.is_known for slot in question.subjects):
        return []
    if not _is_spoken_of(question):
        return []
    scored: dict[Span, tuple[float, int, Passage]] = {}
    for piece in _pieces(question, ground):
        for score, span, text in weighed(question, piece, ground):
            if score >= LEAST:
                score *= _timely(question, piece, ground, span.start - piece.start)
                scored.setdefault(span, (score, piece.rank, Passage(text, span, round(score, 4))))
    for passage, rank in _stated(question, ground):
        scored[passage.span] = (passage.score, rank, passage)
    if "who" in question.kinds and question.slots:
        _vote(scored, question, ground)
    if question.is_who and not scored and len(question.subjects) == 1:
        return _apart(list(_met(question.subjects[0], ground)))
    best = sorted(scored.values(), key=lambda one: (-one[0], one[1], one[2].span.start))
    return _apart([passage for _score, _rank, passage in best])


def _met(slot: Slot, ground: Ground) -> Iterator[Passage]:
    """Where the book first speaks of somebody whom no sentence defines: from there on a reader knows who it is."""
    assert slot.names is not None
    rows = ground.in_order(frozenset().union(*map(ground.rows, slot.forms)))
    for piece in ground.pieces(rows[:_MEETINGS]):
        having = [one for one in split(piece.text) if slot.names.search(one.text)]
        if having:
            sentence = min(having, key=lambda one: one.text.lstrip()[:1] in _SPEECH)
            yield Passage(sentence.text.strip(), place_of(piece, sentence, sentence), LEAST)


def _vote(scored: dict[Span, tuple[float, int, Passage]], question: Question, ground: Ground) -> None:
    """Favour the sentences that name whom most of the others name too."""
    texts = {span: without_names(question, passage.text) for span, (_score, _rank, passage) in scored.items()}
    named = {span: relatives(question, text) for span, text in texts.items()} if asks_who(question) else {}
    if not any(named.values()):
        people = {name: entry.name for name, entry in ground.owners.items() if entry.kind != "place"}
        named = {span: frozenset(people[name] for name in people if name in text) for span, text in texts.items()}
    votes: dict[str, float] = {}
    for span, (score, _rank, _passage) in scored.items():
        for name in named[span]:
            votes[name] = votes.get(name, 0.0) + score
    most = max(votes.values(), default=0.0)
    for span, (score, rank, passage) in list(scored.items()):
        share = max((votes[name] for name in named[span]), default=0.0) / most if most else 0.0
        better = round(score * (1 + _VOTE * share), 4)
        scored[span] = (better, rank, Passage(passage.text, span, better))


_VOTE = 0.4


def _is_spoken_of(question: Question) -> bool:
    """Whether the book may speak of what is asked: a word that it never has counts as missing."""
    whole = sum(slot.weight for slot in question.slots)
    known = sum(
        slot.weight
        for slot in question.slots
        if slot.is_known or any(w > ENOUGH for f, w in slot.forms.items() if w < 1)
    )
    return not question.slots or known >= ENOUGH * whole


def _pieces(question: Question, ground: Ground) -> Iterator[Piece]:
    """The chunks that are worth reading, in order of promise."""
    named = [frozenset().union(*map(ground.rows, slot.forms)) for slot in question.subjects]
    asked = [
        {row: worth for form, worth in sorted(slot.forms.items(), key=lambda one: one[1]) for row in ground.rows(form)}
        for slot in question.slots
    ]
    for having, slot in zip(asked, question.slots, strict=True):
        for place, worth in slot.homes.items():
            for row in ground.rows(place):
                having[row] = max(having.get(row, 0.0), worth)
    scores: dict[int, float] = {}
    for rows, slot in zip(named, question.subjects, strict=True):
        for row in rows:
            scores[row] = scores.get(row, 0.0) + 1.0 + slot.weight
    for having, slot in zip(asked, question.slots, strict=True):
        for row, worth in having.items():
            scores[row] = scores.get(row, 0.0) + 2 * worth * slot.weight
    order = {row: at for at, row in enumerate(ground.in_order(scores))}
    best = sorted(scores, key=lambda row: (-round(scores[row], 3), order[row]))[:_LOOKED_THROUGH]
    pieces = list(ground.pieces(best))
    close = [_promise(question, piece.text) * _timely(question, piece, ground) for piece in pieces]
    chosen = sorted(range(len(pieces)), key=lambda i: (-close[i], pieces[i].rank, pieces[i].start))[:READ]
    yield from (pieces[i] for i in chosen)


def _timely(question: Question, piece: Piece, ground: Ground, offset: int = 0) -> float:
    """What it is worth where in the story a place stands, for a question about the latest or the first of something."""
    return 1 + _TIMELY * question.tends * (2 * ground.progress(piece, offset) - 1)


def _promise(question: Question, text: str) -> float:
    """How near each other names and words of a question stand anywhere in a text."""
    far = FAR[question.language]
    places = [[match.start() for match in slot.names.finditer(text)] for slot in question.subjects if slot.names]
    wanted = [(slot.weight, loose(slot)) for slot in question.slots if not slot.is_owned]
    if question.is_who:
        return max([definition(question, text), 0.0])
    if "said" in question.kinds and places:
        places, wanted = places[1:], [*wanted, (1.0, speaking(question))]
    elif not question.slots:
        wanted = [(1.0, shape) for shape in question.shapes()]
    for slot in question.slots:
        if slot.homes:
            wanted.append((slot.weight, any_place(tuple(slot.homes))))
    value = 2 * sum(slot.weight * owned(slot, question, text).worth for slot in question.slots if slot.is_owned)
    for weight, pattern in wanted:
        at = [match.start() for match in pattern.finditer(text)]
        if not places:
            value += weight * bool(at)
            continue
        for own in places:
            distance = (
                min(
                    (
                        abs(own[min(max(i + d, 0), len(own) - 1)] - one)
                        for one in at
                        for i in [bisect_left(own, one)]
                        for d in (-1, 0)
                    ),
                    default=9999,
                )
                if own
                else 9999
            )
            value += weight / (1 + distance / far) if at else 0.0
    return value


def _stated(question: Question, ground: Ground) -> Iterator[tuple[Passage, int]]:
    """Facts that answer the question, as sentences."""
    if len(question.subjects) != 1:
        return
    wanted = set()
    if "aged" in question.kinds:
        wanted.add("age")
    if "styled" in question.kinds:
        wanted.add("courtesy name")
    wanted |= {form for slot in question.slots for form in slot.forms if slot.is_kin and not is_cjk(form[0])}
    wanted |= {_LOOKS[slot.word] for slot in question.slots if slot.word in _LOOKS}
    for fact in ground.facts:
        if fact.subject in question.subjects[0].forms and fact.attribute in wanted:
            source = fact.source
            yield Passage(source.text, source.span, 1.5), 0


def _apart(passages: Sequence[Passage]) -> list[Passage]:
    """Without those that overlap a better one or say the same."""
    kept: list[Passage] = []
    for one in passages:
        if not any(_is_same(one, other) for other in kept):
            kept.append(one)
        if len(kept) == 12:
            break
    return kept


def _is_same(one: Passage, other: Passage) -> bool:
    a, b = one.span, other.span
    return (a.scene == b.scene and a.start < b.end and b.start < a.end) or one.text == other.text
