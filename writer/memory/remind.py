"""Sentences from before that a page calls up by itself: about whom or what it mentions anew.

Most pages call up nothing, and that is the aim: what a sentence takes is lost to the page. What counts is new at the
end of the page, absent from the rest of it, and rare in the book before: a name that comes up again, or rare words of
one sentence that an earlier sentence has, too. A question at the end is asked in other words as well, and what answers
it must have much of it. Like in ``recall``, nothing behind the caret moves a score.
"""

from __future__ import annotations

import heapq
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from writer import names
from writer.memory.ground import Ground, Place
from writer.memory.recall import WORTH, recall
from writer.memory.sought import Found, Paragraph, Sought, Words, chosen
from writer.memory.terms import Term, is_telling, stems, terms
from writer.memory.worth import share, spoken, tells_who
from writer.names import chinese
from writer.store import Store
from writer.story import Cursor, Entry, Passage
from writer.text import CLOSERS, is_cjk, language_of, sentences

NEAR = {"en": 600, "zh": 240}
"""So many characters at the end of a page may call something up."""

ENOUGH = 1.9
"""What rare words of one sentence must have in common with another, in words that a single sentence has."""

ASKED = {"en": WORTH, "zh": 1.3}
"""What a sentence must score to be taken for an answer to what the story asks itself."""

SAID = 1.6
"""How many times that to answer what somebody says, who mostly asks for something else."""

LONGEST_QUESTION = {"en": 160, "zh": 40}
"""Longer ones ask for too much at once to be asked at all."""

LONGEST = {"en": 320, "zh": 110}
"""A sentence of more characters is not worth its room."""

_MOST_TERMS = 24
_CANDIDATES = 24
_PARAGRAPHS = 48
_LATELY, _BEFORE = 1.0, 0.7
_RARE, _RARE_SHARE = 4, 40
_NAMED, _NAMED_SHARE = 8, 25
_LEAST = 0.1
_TELLING = 0.25
_WHO = 60
_SELDOM = 3
_FORMULA = 2
_FORMULA_WORDS = 8
_MORE = 4.0
_NAME = 0.2
_DULL = 0.8
_LONG = 0.1
_EACH = 2
_SHARED = 4


@dataclass(frozen=True, slots=True)
class _Line:
    """A sentence of the page, with the numbers of what it has that is sought."""

    start: int
    end: int
    weight: float
    numbers: frozenset[int]
    is_named: bool


def remind(
    store: Store, cursor: Cursor, page: str, cast: Sequence[Entry], most: int, *, within: int | None = None
) -> list[Passage]:
    """At most so many sentences from before the page about what is new at its end, best first; often none.

    ``page`` is what is read of the book before the caret, and ``within`` where it begins in the cursor's scene;
    ``cast`` who is in the book so far.
    """
    language = language_of(page) if page.strip() else "en"
    with store.at_one_moment():
        ground = Ground(store, cursor, within, language)
        near = page[-NEAR[language] :]
        seen = page[: -len(near)] if near else ""
        sought, lines = _new(near, seen, cast, ground, language)
        if most <= 0:
            return []
        words = Words(sought)
        places = _candidates(sought, ground)
        found = [
            one
            for paragraph in words.paragraphs(ground, places, _PARAGRAPHS)
            for one in _in_paragraph(paragraph, words, lines, ground.order.get(paragraph.scene, 0), language)
        ]
        best = [one for one in chosen(found, page, ground, 4 * most) if not _is_formula(one.sentence.text, ground)]
        named = [words.passage(one) for one in _varied(best, words)]
        answers = [
            replace(answer, score=answer.score / enough)
            for question, enough in _questions(near, seen, lines, language)
            for answer in recall(store, cursor, question, most, within=within)
            if answer.score >= enough and len(answer.text) <= LONGEST[language]
        ]
        answers = [answer for answer in answers if not _is_formula(answer.text, ground)]
        spans = {answer.span for answer in answers}
        both = answers + [passage for passage in named if passage.span not in spans]
        return sorted(both, key=lambda passage: -passage.score)[:most]


def _questions(near: str, seen: str, lines: Sequence[_Line], language: str) -> Iterator[tuple[str, float]]:
    """The questions of the last paragraph that name nobody anew, and what an answer must score; else the name will do.

    A Chinese one is blanked but for what is new, since much can be found of every character.
    """
    last = near.rstrip().rfind("\n") + 1
    for start, end in sentences(near[last:]):
        question = near[last + start : last + end].strip()
        if len(question) > LONGEST_QUESTION[language] or question.rstrip(CLOSERS)[-1:] not in ("?", "？"):
            continue
        if any(line.is_named and line.start < last + end and last + start < line.end for line in lines):
            continue
        is_said = share(last + start, last + end, spoken(near)) > 0
        for term in terms(question) if language == "zh" else ():
            if term.key in seen:
                question = question.replace(term.word, " " * len(term.word))
        yield question, ASKED[language] * (SAID if is_said else 1)


def _new(
    near: str, seen: str, cast: Sequence[Entry], ground: Ground, language: str
) -> tuple[list[Sought], list[_Line]]:
    """What comes up anew and was rare before, and which sentence of the page has it."""
    spans = list(sentences(near))
    ends = [end for _start, end in spans]
    last = near.rstrip().rfind("\n") + 1
    found: dict[int, list[Sought]] = {}
    taken: list[tuple[int, int]] = []
    for start, name, forms in _names(near, seen, cast, ground, language):
        one = Sought(Term(forms[0], name, True, start), 1.0, {}, {})
        most = max(_NAMED, ground.size // _NAMED_SHARE)
        for form in forms:
            rows = ground.rows(form, most + 1)
            if len(rows) > most:
                one.rows.clear()
                break
            one.keys[form] = ground.rarity(len(rows))
            one.rows.update(dict.fromkeys(rows, one.keys[form]))
        taken.append((start, start + len(name)))
        if one.rows:
            found.setdefault(bisect_right(ends, start), []).append(one)
    known = stems(seen)
    fresh = {}
    for term in terms(near):
        if term.key in (seen if term.is_chinese else known) or any(a <= term.start < b for a, b in taken):
            continue
        fresh[term.key] = term
    latest = sorted(fresh.values(), key=lambda term: -term.start)[:_MOST_TERMS]
    for term in latest:
        one = Sought(replace(term, is_name=False), 1.0, {}, {})
        _look_up(one, term.key, term.key if term.is_chinese else term.word, 1.0, ground)
        if one.keys:
            found.setdefault(bisect_right(ends, term.start), []).append(one)
    sought: list[Sought] = []
    lines = []
    for at in sorted(found):
        numbers = range(len(sought), len(sought) + len(found[at]))
        sought += found[at]
        weight = _LATELY if spans[at][1] > last else _BEFORE
        lines.append(_Line(*spans[at], weight, frozenset(numbers), any(one.term.is_name for one in found[at])))
    return sought, lines


def _look_up(one: Sought, key: str, phrase: str, share: float, ground: Ground) -> None:
    """Add a key that may stand for a word, if it is rare, with the chunks that have it."""
    most = max(_RARE, ground.size // _RARE_SHARE)
    rows = ground.rows(phrase, most + 1)
    worth = share * ground.rarity(len(rows))
    if 0 < len(rows) <= most and worth > max(_LEAST, one.keys.get(key, 0.0)):
        one.keys[key] = worth
        for row in rows:
            one.rows[row] = max(one.rows.get(row, 0.0), worth)


def _names(
    near: str, seen: str, cast: Sequence[Entry], ground: Ground, language: str
) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """Where each name first stands at the end of a page that the rest of it doesn't have, and its other forms."""
    done: set[str] = set()
    for entry in cast:
        forms = tuple(dict.fromkeys(form for form in (entry.name, *entry.aliases) if len(form) > 1))
        here = [(at, form) for form in forms if (at := _place(form, near)) >= 0]
        if here and not any(_place(form, seen) >= 0 for form in forms):
            start, name = min(here, key=lambda one: (one[0], -len(one[1])))
            done.update(forms)
            yield start, name, forms
        elif here:
            done.update(forms)
    if language == "zh":
        found = list(_spelled(near, ground))
    else:
        found = [(mention.start, mention.name) for mention in names.find(near, language) if " " in mention.name]
    for start, name in sorted(found, key=lambda one: (one[0], -len(one[1]))):
        if not any(name in form or form in name for form in done) and len(name) > 1 and _place(name, seen) < 0:
            done.add(name)
            yield start, name, (name,)


def _place(name: str, text: str) -> int:
    """Where a name stands in a text as a word of its own; -1 if it doesn't."""
    at = text.find(name)
    while at >= 0 and not is_cjk(name[-1]):
        if not text[at + len(name) : at + len(name) + 1].isalpha() and not text[max(0, at - 1) : at].isalpha():
            break
        at = text.find(name, at + 1)
    return at


def _spelled(near: str, ground: Ground) -> Iterator[tuple[int, str]]:
    """Chinese names that stand where nothing tells them: a surname, and two characters seldom seen without it."""
    for at in range(len(near) - 2):
        for length in (1, 2):
            surname, given = near[at : at + length], near[at + length : at + length + 2]
            if not chinese.is_surname(surname) or len(given) < 2 or not all(map(is_cjk, given)):
                continue
            is_sure = length > 1 or chinese.is_likely(surname)
            behind = given[-1] + near[at + length + 2 : at + length + 3]
            if (
                not is_telling(given[-1])
                or chinese.is_word(behind)
                or (chinese.is_word(surname + given[0]) and not is_sure)
            ):
                continue
            full = ground.rows(surname + given, _NAMED)
            if not full or len(ground.rows(given, 4 * _NAMED)) > _SHARED * len(full):
                continue
            if sum(map(is_telling, given if is_sure else surname + given)) < (1 if is_sure else 3):
                continue
            end = at + length + 2
            longer = near[max(0, at - 1) : end], near[at : end + 1]
            if all(len(ground.rows(text, _NAMED)) < len(full) for text in longer if all(map(is_cjk, text))):
                yield at, surname + given


def _candidates(sought: Sequence[Sought], ground: Ground) -> list[Place]:
    """The chunks that have most of what is sought, and the last ones before the page."""
    scores: dict[int, float] = {}
    for one in sought:
        for row, worth in one.rows.items():
            scores[row] = scores.get(row, 0.0) + worth * (_MORE if one.term.is_name else 1.0)
    best = heapq.nsmallest(_CANDIDATES, scores, key=lambda row: (-round(scores[row], 6), *ground.nearness(row)))
    return [*(ground.place(row) for row in best), *ground.tail]


def _in_paragraph(
    paragraph: Paragraph, words: Words, lines: Sequence[_Line], rank: int, language: str
) -> Iterator[Found]:
    """The sentences of a paragraph that have enough of what a sentence of the page has."""
    for sentence in paragraph.sentences:
        own = sentence.own
        text = sentence.text.strip()
        if not own or len(text) > LONGEST[language]:
            continue
        best = 0.0
        for line in lines:
            shared = sorted(own.keys() & line.numbers)
            named = [number for number in shared if words.all[number].term.is_name]
            value = sum(own[number] for number in shared if number not in named)
            if named:
                name = words.all[named[0]]
                forms = [form for form in name.keys if form in text]
                who = max((tells_who(text, form, 0.0, language) for form in forms), default=0)
                if not (who or value >= _TELLING or len(name.rows) <= _SELDOM):
                    continue
                value += (
                    _NAME
                    + max(own[number] for number in named)
                    + (len(named) - 1) / 2
                    + min(1.0, who / _WHO)
                    + _LONG * len(text) / LONGEST[language]
                )
            elif len(shared) < 2 or value < ENOUGH:
                continue
            else:
                value /= ENOUGH
            best = max(best, line.weight * value)
        if best >= _DULL:
            yield Found(round(best, 4), rank, paragraph.begin, paragraph.scene, (sentence,))


def _varied(found: Sequence[Found], words: Words) -> Iterator[Found]:
    """No more than a few of what was found by one name."""
    told: Counter[int] = Counter()
    for one in found:
        own = [number for number in one.sentence.own if words.all[number].term.is_name]
        if not own or min(told[number] for number in own) < (_EACH if one.score > 1 + _LONG else 1):
            yield one
            told.update(own)


def _is_formula(sentence: str, ground: Ground) -> bool:
    """Whether the book says this, or what it begins with, again and again."""
    phrase = " ".join(re.findall(r"[^\W_]+", sentence)[:_FORMULA_WORDS])[: 6 * _FORMULA_WORDS]
    return len(ground.rows(phrase, _FORMULA + 1)) > _FORMULA
