"""Sentences from before the caret that matter now, found by their words: exact, rare and related ones.

Chunks are found by the words of the query, rare ones first, and a few dozen of them are read sentence by sentence, so
the cost hardly grows with the book. Every count is taken of what lies before the caret alone: nothing that comes later
in the story moves a score.

A ``score`` says how much a sentence of usual length shares with the query, in units of a word that a single sentence of
the book has: 1 is one such word, or two or three less rare ones, as chance brings them about. So it means the same for
every query and every book: of what a question finds below ``WORTH``, most is chance.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from operator import itemgetter

from writer.memory.ground import FREQUENT, Ground, Place
from writer.memory.sought import LOOKED_AT, Found, Paragraph, Sentence, Sought, Words, chosen
from writer.memory.terms import Term, is_telling, stem, terms
from writer.memory.thesaurus import related
from writer.store import Store
from writer.story import Cursor, Passage
from writer.text import is_cjk, language_of

WORTH = 1.0
"""The score from which on a sentence is worth reading again."""

LONGEST_QUERY = 2000
"""Only so many characters at the end of a query are looked at."""

MOST_TERMS = 32
EXPANDED = 8
RELATED = 12
CANDIDATES = {"en": 48, "zh": 24}
"""So many chunks are looked into; those of Chinese have more sentences."""
PARAGRAPHS = 96
"""So many paragraphs of them are read sentence by sentence."""
LATELY = 100
"""The end of a query, in letters, that counts in full; what is farther off counts less and less."""

_BEFORE, _AFTER = 0.5, 0.3
_LEANING = 0.25
_FLOOR = 0.2
_LEAST = 0.08
_CHARACTER = 0.7
_NAME = 1.3
_LETTERS = 3  # that a Chinese character counts for
_LONG_AGO = 0.1
_SHARP = 2.0
_COMMON = 0.2
_LENGTH = 0.25
_AVERAGE, _SHORTEST = 22, 8
_DIGITS, _ROUNDED = 4, 1e-4
_LONGEST_PASSAGE = 400


def recall(store: Store, cursor: Cursor | None, query: str, most: int, *, within: int | None = None) -> list[Passage]:
    """At most so many sentences that matter to the query, best first; without a cursor from the whole book.

    ``within`` is where the page's window begins in the cursor's scene: nothing at or behind it is recalled.
    """
    query = query[-LONGEST_QUERY:]
    language = language_of(query)
    with store.at_one_moment():
        ground = Ground(store, cursor, within, language)
        words = Words(_sought(query, ground))
        if not words.all or most <= 0:
            return []
        window = "" if cursor is None or within is None else cursor.text[within : cursor.offset]
        places = _candidates(words.all, ground, CANDIDATES[language])
        found = _best(words, ground, places, LOOKED_AT * most)
        return [words.passage(one) for one in chosen(found, f"{window} {query}", ground, most)]


def _sought(query: str, ground: Ground) -> list[Sought]:
    """The telling words of the query, most telling first."""
    letters = _LETTERS if language_of(query) == "zh" else 1
    last: dict[str, Term] = {}
    for term in terms(query):
        known = last.pop(term.key, None)
        last[term.key] = Term(term.key, term.word, term.is_name or (known is not None and known.is_name), term.start)
    sought = []
    having: dict[str, list[tuple[float, list[int]]]] = {}
    for term in list(last.values())[-MOST_TERMS:]:
        ago = (len(query) - term.start) * letters
        weight = (_NAME if term.is_name else 1.0) * max(_LONG_AGO, min(1.0, LATELY / ago))
        one = Sought(term, weight, {}, {})
        having[term.key] = []
        for key, share in _itself(term):
            having[term.key] += _look_up(one, key, key if is_cjk(key[0]) else term.word, share, ground)
        sought.append(one)
    sought.sort(key=lambda one: (-one.weight * max(one.keys.values()), one.term.start))
    for one in [one for one in sought if not one.term.is_name][:EXPANDED]:
        for word, share in related(one.term.key)[:RELATED]:
            having[one.term.key] += _look_up(one, word if is_cjk(word[0]) else stem(word), word, share, ground)
    for one in sought:
        for worth, rows in sorted(having[one.term.key], key=itemgetter(0)):
            one.rows.update(dict.fromkeys(rows, worth))
    return sought


def _look_up(one: Sought, key: str, phrase: str, share: float, ground: Ground) -> Iterator[tuple[float, list[int]]]:
    """Add a key that may stand for a word, and give what it is worth with the chunks that have it."""
    having = ground.rows(phrase)
    worth = share * ground.rarity(len(having))
    if len(having) == FREQUENT:
        having = []
    if worth > one.keys.get(key, _LEAST if one.keys else -1.0):
        one.keys[key] = worth
        yield worth, having


def _itself(term: Term) -> Iterator[tuple[str, float]]:
    """The word and, in Chinese, its characters, of which words that say much the same often share one."""
    yield term.key, 1.0
    if is_cjk(term.key[0]) and len(term.key) > 1:
        for character in dict.fromkeys(term.key):
            if is_telling(character):
                yield character, _CHARACTER


def _candidates(sought: Sequence[Sought], ground: Ground, most: int) -> list[Place]:
    """The chunks that have the most of what is sought, and the last ones before the caret."""
    scores: dict[int, float] = {}
    for one in sought:
        if max(one.keys.values()) < _COMMON and not one.term.is_name:
            continue
        shares = {worth: (one.weight * worth) ** _SHARP for worth in set(one.rows.values())}
        for row, worth in one.rows.items():
            scores[row] = scores.get(row, 0.0) + shares[worth]
    least = min(heapq.nlargest(most, scores.values()), default=0.0)
    rivals = [row for row, score in scores.items() if score >= least]
    best = sorted(rivals, key=lambda row: (-scores[row], *ground.nearness(row)))[:most]
    return [*(ground.place(row) for row in best), *ground.tail]


def _best(words: Words, ground: Ground, places: list[Place], most: int) -> list[Found]:
    """At least the best so many sentences; none that can't be one of these is counted for its length."""
    found: list[Found] = []
    best: list[float] = []
    least = 0.0
    for paragraph in words.paragraphs(ground, places, PARAGRAPHS):
        if paragraph.worth < least:  # no sentence has more than all of them, and the next paragraphs have less
            break
        rank = ground.order.get(paragraph.scene, 0)
        for total, read in _in_paragraph(paragraph, words.weights, least):
            if total < least:
                continue
            score = round(total / _length(read[-1].length), _DIGITS)
            found.append(Found(score, rank, paragraph.begin, paragraph.scene, read))
            (heapq.heappush if len(best) < most else heapq.heappushpop)(best, score)
            if len(best) == most:
                least = (best[0] - _ROUNDED) * _length(_SHORTEST)
    return found


def _length(words: int) -> float:
    """What a sentence of so many words must have to be as good as one of usual length that has 1."""
    return 1 - _LENGTH + _LENGTH * max(words, _SHORTEST) / _AVERAGE


def _in_paragraph(
    paragraph: Paragraph, weights: Sequence[float], least: float
) -> Iterator[tuple[float, tuple[Sentence, ...]]]:
    """The sentences of a paragraph that have something of what is sought, and how much; all that have so much."""
    read = paragraph.sentences
    for at, sentence in enumerate(read):
        own, total = sentence.own, sentence.worth
        around = (_BEFORE * read[at - 1].worth if at else 0.0) + sum(
            _AFTER * one.worth for one in read[at + 1 : at + 2]
        )
        if total < _FLOOR or total + around < least:
            continue
        leans = 0.0
        before = read[at - 1].own if at else own
        if at:
            for i, worth in before.items():
                leans += weights[i] * max(0.0, _BEFORE * worth - own.get(i, 0.0))
        total += leans
        if at + 1 < len(read):
            for i, worth in read[at + 1].own.items():
                has = max(own.get(i, 0.0), _BEFORE * before.get(i, 0.0))
                total += weights[i] * max(0.0, _AFTER * worth - has)
        first = at
        if leans > _LEANING * total and sentence.end - read[at - 1].start <= _LONGEST_PASSAGE:
            first -= 1
        yield total, read[first : at + 1]
