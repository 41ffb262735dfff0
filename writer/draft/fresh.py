"""Prose that says nothing again: written, watched, and taken back to the sentence before a fault."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from writer import sources as notes
from writer.continuation import Continuation
from writer.draft.events import ENOUGH, happened
from writer.draft.namesakes import Names
from writer.draft.request import request
from writer.engines import Engine, Piece, Sampling
from writer.manner import manner
from writer.narrator import Narrator
from writer.repetition import Said
from writer.settings import Settings
from writer.store import Store
from writer.story import Cursor, Prompt
from writer.text import count_words, counted, ends_sentence, sentences

LEAST = 15
"""Fewer words than this are not worth another request."""
TRIES = 14
"""So often the model is asked for one stretch of prose."""
_LENIENT = 2
"""From this try on what can be mended is mended."""
_TOLERANT = TRIES - 1
"""From this try on a sentence may be a formula; half of what a small model begins is one, and soon taken back."""
_SILENT = 5
"""A model that has not said a word in so many tries has none to say."""
_TOKENS_A_WORD = {"en": 2, "zh": 3}
SEEN = 600
"""Characters before a place in which its beat may be told already."""
_NEAR = 4000  # characters
_SCENES = 8
"""In one of so many scenes before this one there is prose, if there is any."""
_NEAR_ROW = {"en": 6, "zh": 7}
"""So many words in a row are a loop when they come again within a few pages."""
_A_REFRAIN = {"en": 8, "zh": 3}
"""A sentence of fewer letters may come as often as it likes: “No.”"""
_PRONOUNS = frozenset("你我他她它")
_STAMMER = 5, 0.45
"""A sentence of so many pronouns, and of such a share of them, tells nothing; no English one has these."""
_SEAM = 7
_BANNED = 4  # words
_WARMTH = {"en": 0.0, "zh": 0.8}
"""At least so high a temperature: below it a small model says in Chinese what it has just said."""
_DRY = 0.8
"""At least so much for a row of tokens that comes again in a story; an article says names and figures again."""
_LARGEST_SEED = 2**31 - 1
_TALK = re.compile(
    r"\b(?:(?:the|this|our|your|short|entire|engaging) (?:story|tale|narrative|plot|text|prompt)|protagonist"
    r"|(?:main|a|your|the) characters?|readers?|chapter|novel|happy ending|(?:main|bullet) points?|grammar|bold text"
    r"|paragraphs?|(?:this|next|single|multiple|each|\d+|two|three) sentences?"
    r"|(?:following|input|original) (?:text|passage)"
    r"|writ\w+ (?:an?|another|my) (?:\w+ )?(?:story|part|version)|stor(?:y|ies) based on|just a (?:\w+ )?story"
    r"|rephras\w*|rewrit\w*|proofread\w*|transcribed|edited|edit (?:the|this|your)|made \w+ (?:\w+ )?changes"
    r"|your (?:response|answer|writing|text|task)|\d+ words|words or (?:less|fewer)|(?:is|are) (?:fe)?male"
    r"|you(?:['’]re| are) a (?:novelist|writer)|please (?:edit|write|provide|rewrite|continue|keep|help me)|the user"
    r"|tasked with|all rights reserved|copyright|by permission|university press|an ai|ai assistant|language model)\b"
    r"|故事|主角|主人公|情节|剧情|结局|读者|作者|小说|本文|这段|一段是|一段话|后面是|段落|句子|改写|以下是"
    r"|下一段|[。？！\n]\d+[.．、]|人物[、与：]|地点：",
    re.IGNORECASE,
)
"""With such words a model speaks of what it writes, unless the book has them already."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a text begins to do what it must not, and the words with which it does."""

    start: int
    words: str


class Fresh:
    """What a model writes behind a place, without what was said there, or anywhere in the book, before."""

    def __init__(
        self,
        place: Cursor,
        beat: str,
        store: Store | None,
        engine: Engine,
        settings: Settings,
        *,
        said: Said,
        names: Names,
        sources: Sequence[notes.Source],
        language: str,
        seed: int,
    ) -> None:
        self._place, self._beat, self._store, self._engine, self._settings = place, beat, store, engine, settings
        self._said, self._names, self._sources, self._language, self._seed = said, names, sources, language, seed
        self._narrator = _narrator(place, beat, store, language)
        self._near = Said([place.before[-_NEAR:]], _NEAR_ROW[language])
        self._known = f"{place.before[-_NEAR:]} {beat}".casefold()
        self._told: tuple[str, Counter[str]] | None = None
        self._refused: tuple[str, str, tuple[int, ...]] | None = None
        self.rewound: list[str] = []
        """What was taken back."""
        self.tries = 0
        self.first: tuple[Prompt, int] | None = None
        """What was asked first, and with which seed."""
        self.is_answered = False
        """Whether the model has said a word yet, even if it was not kept."""

    def write(self, text: str, words: int, tries: int = TRIES) -> Generator[Piece, None, str]:
        """About so many words more behind ``text``, which stands behind the place: finished sentences, or nothing.

        Yields empty pieces while it works.
        """
        new, banned = "", list[str]()
        for number in range(tries):
            left = words - count_words(new)
            if number and left < max(LEAST, words * 2 // 5):
                break
            if number >= _SILENT and not self.is_answered:
                break
            part, fault = yield from self._go_on(text + new, left, banned, number)
            new += part
            if fault:
                if fault.words in self.rewound:  # watching for a phrase costs time, and mostly another seed will do
                    banned.append(fault.words)
                self.rewound.append(fault.words)
        return new

    def _go_on(
        self, text: str, words: int, banned: Sequence[str], number: int
    ) -> Generator[Piece, None, tuple[str, Fault | None]]:
        """One generation, up to its first fault."""
        before = (self._place.before + text).rstrip(" \t")  # a model begins with the space itself
        here = replace(self._place, text=before + self._place.after, offset=len(before))
        is_apart = len(before) < len(self._place.before + text)
        fitting = Continuation(
            here.before,
            here.after,
            words,
            is_chinese=self._language == "zh",
            lenient=number >= _LENIENT,
            separator="\n",
        )
        tokens = fitting.most_words * _TOKENS_A_WORD[self._language] + 24
        prompt = request(
            here,
            min(len(self._place.before), len(before)),
            self._beat,
            self._store,
            self._engine,
            self._settings,
            self._language,
            tokens,
            is_told=bool(text) or happened(self._beat, before[-SEEN:], self._language).strength >= ENOUGH,
        )
        seed = (self._seed + 7919 * self.tries - 1) % _LARGEST_SEED + 1
        self.tries += 1
        self.first = self.first or (prompt, seed)
        sampling = self._sampling(tokens, seed, banned, may_end=number == 0)
        new, fault = "", None
        yield Piece("", 0)
        with closing(self._engine.generate(prompt, sampling)) as pieces:
            for piece in pieces:
                self.is_answered = self.is_answered or any(map(str.isalnum, piece.text))
                came = fitting.feed(piece.text)
                new += came
                new = new.lstrip(" ") if is_apart else new
                fault = self.fault(text, new, number) if came else None
                if fault or fitting.done or fitting.refused:
                    break
                yield Piece("", 0)
            else:
                new += fitting.finish()
                new = new.lstrip(" ") if is_apart else new
                fault = self.fault(text, new, number)
        return finished(new[: fault.start] if fault else new), fault

    def fault(self, text: str, new: str, number: int = 0) -> Fault | None:
        """The first thing in ``new``, behind ``text``, that was said before, no source has, or is about the writing.

        In the first tries also what another narrator would say, a name that is nearly one of the book, and a formula.
        """
        seam = _last_words(self._place.before + text, _SEAM)
        spans = list(sentences(new))
        whole = [span for span in spans if ends_sentence(new[span[0] : span[1]])]
        found: list[tuple[int, int]] = []
        for said, before in ((self._said, seam), (self._near, text or seam)):
            at = len(before)
            found += [(start - at, end - at) for start, end in said.repeats(before + new) if end > at]
        found += self._refrain(text, new, whole)
        found += [span for span in whole if _is_stammer(new[span[0] : span[1]])]
        found += [one.span() for one in _TALK.finditer(new) if one[0].casefold() not in self._known]
        if number < _LENIENT and not self._sources:
            near = self._place.before[-_NEAR:] + text
            found += self._narrator.strays(near, new)
            found += self._names.nearly(new, f"{near} {self._beat}")
        if number < _TOLERANT and not self._sources:
            found += [span for span in whole if self._said.is_formula(new[span[0] : span[1]])]
        if self._sources and whole:
            found += self._unsourced(text, new[: whole[-1][1]], spans)
        if not found:
            return None
        start, end = min(found)
        return Fault(max(0, start), _first_words(new[max(0, start) : end], _BANNED))

    def _refrain(self, text: str, new: str, whole: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """Whole sentences, short ones too, that stand here for the third time within a few pages."""
        if self._told is None or self._told[0] != text:
            near = self._place.before[-_NEAR:] + text
            self._told = text, Counter(_bare(near[start:end]) for start, end in sentences(near))
        times, found = self._told[1].copy(), []
        for start, end in whole:
            bare = _bare(new[start:end])
            if len(bare) >= _A_REFRAIN[self._language]:
                times[bare] += 1
                if times[bare] > 2:
                    found.append((start, end))
        return found

    def _unsourced(self, text: str, whole: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """The sentences with what no source has; they are read against the notes once, when the last of them ends."""
        if self._refused is None or self._refused[:2] != (text, whole):
            read = self._place.before[-SEEN:] + text
            flags = notes.refused(read + whole, self._sources, len(read))
            self._refused = text, whole, tuple(max(0, flag.start - len(read)) for flag in flags)
        return [span for at in self._refused[2] for span in spans if span[0] <= at < span[1]]

    def _sampling(self, tokens: int, seed: int, banned: Sequence[str], *, may_end: bool) -> Sampling:
        chosen = manner(self._settings, self._language, seed)
        warmth = max(chosen.temperature, _WARMTH[self._language])
        dry = chosen.dry_multiplier if self._sources else max(chosen.dry_multiplier, _DRY)
        return replace(
            chosen, temperature=warmth, dry_multiplier=dry, max_tokens=tokens, banned=tuple(banned), may_end=may_end
        )


def _narrator(place: Cursor, beat: str, store: Store | None, language: str) -> Narrator:
    """Who tells the book: as its author put it, and as the prose before this place does."""
    if store is None:
        return Narrator(beat, place.before[-_NEAR:], language)
    prose, order = place.before, list(store.order())
    at = order.index(place.scene) if place.scene in order else 0
    for scene in reversed(order[max(0, at - _SCENES) : at]):
        if prose.strip():
            break
        prose = store.scene(scene, unchecked=True).text
    return Narrator("\n".join([store.project.premise, store.note.text, beat]), prose[-_NEAR:], language)


def _is_stammer(sentence: str) -> bool:
    """Whether a sentence is hardly more than pronouns: “我，我，你的，我的。”"""
    letters = [letter for letter in sentence if letter.isalpha()]
    pronouns = sum(letter in _PRONOUNS for letter in letters)
    return pronouns >= _STAMMER[0] and pronouns >= _STAMMER[1] * len(letters)


def _bare(sentence: str) -> str:
    """A sentence without what may differ when it is said again."""
    return "".join(letter for letter in sentence.casefold() if letter.isalnum())


def finished(text: str) -> str:
    """The text up to the end of its last finished sentence."""
    end = max((end for start, end in sentences(text) if ends_sentence(text[start:end])), default=0)
    return text[:end].rstrip()


def _last_words(text: str, number: int) -> str:
    spans = list(counted(text[-200:]))[-number:]
    return text[-200:][spans[0][0] :] if spans else ""


def _first_words(text: str, number: int) -> str:
    spans = list(counted(text))[:number]
    return text[: spans[-1][1]] if spans else text.strip()
