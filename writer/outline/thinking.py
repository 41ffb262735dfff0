"""What a model comes to say of one place of an outline: several candidates, of which the best that can stand is taken.

Half of them begin with a person of the premise, as a small model otherwise wanders; what is best, the model's own
probabilities say, so that a large model takes its own beginnings.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass

from writer import names
from writer.engines import Engine, Sampling
from writer.errors import DiedError, EngineError
from writer.narrator import Narrator
from writer.outline import judgement, resort, steps, titles
from writer.outline.ground import Ground, Idea, Place, shortened
from writer.outline.subjects import is_mistaken, subjects
from writer.outline.wording import Wording
from writer.settings import Settings
from writer.story import Prompt
from writer.text import count_words

_WANTED = 3
"""Candidates that can stand, among which one is chosen."""
_TRIES = 9
"""Candidates at most; then the best of what there is, or the last resort."""
_TITLES = 3
_LONGEST = 56
"""Tokens of a synopsis; of a Chinese one about as many characters."""
_LONGEST_TITLE = 16
"""Tokens: more than what a title can have, so that one that goes on is not taken for one that ends there."""
_READ_BACK = 40
"""Words of the premise that are scored behind a candidate."""
_STRANGE = 0.6
"""What a name costs that nobody has mentioned, in nats a token."""
_LONG = {"en": 28, "zh": 45}
_RAMBLING = 0.02
"""What each word over these costs."""
_UNNAMED = 0.15
"""What it costs to begin with a person whom nobody has named."""
_MISTAKEN = 0.3
"""What it costs to call him she whom the premise calls he; it may be another."""
_STRAYED = 0.6
"""What it costs to speak of an I or to a you, if the premise doesn't."""
_VAGUE = re.compile(r"(?:He|She|It|They|His|Her|Their|This|That)\b|[他她它这那]")
_WORDY = 0.5
"""What each word of a title over four costs, as it begins to be a sentence."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    text: str
    likely: float
    """Mean log-probability of its tokens where it stands; 0 if the engine doesn't tell."""


class Thinking:
    """Ideas for one outline; it remembers what it said, so that nothing comes twice."""

    def __init__(self, engine: Engine, settings: Settings, ground: Ground, seed: int) -> None:
        self._engine = engine
        self._ground = ground
        self._narrator = Narrator(ground.premise, "", "zh" if ground.language == "zh" else "en")
        self._seed = seed
        self._temperature = min(max(settings.temperature, 0.6), 1.0)
        self._said = [idea for idea in ground.ideas() if idea.title or idea.synopsis]
        self._subjects = subjects(ground.premise, ground.language)
        self._wording: Wording | None = None
        self._scores = True
        self._plain: list[float] | None = None

    def idea(self, place: Place, turn: int = 0) -> Generator[None, None, Idea]:
        """A new title and synopsis for a place, each ``turn`` another; yields at every step."""
        others = [self._ground.premise, *(one.synopsis for one in self._said)]
        asked = self._prepared()
        begin = self._beginnings(place.number, place.count)
        found = yield from self._candidates(
            [lambda beginning: asked.retelling(place, beginning), lambda beginning: asked.synopsis(place, beginning)],
            begin,
            others,
            self._seed_of(place, turn),
        )
        best = yield from self._best(found)
        if not best:
            idea = self._spare(place)
        else:
            title = yield from self._title(best, self._seed_of(place, turn))
            idea = Idea(title or self._spare(place).title, best, self._engine.model)
        self._said.append(idea)
        return idea

    def beats(self, place: Place, idea: Idea, count: int) -> Generator[None, None, tuple[str, ...]]:
        """So many steps of a scene; yields at every step."""
        asked = self._prepared()
        told: list[str] = []
        spare = resort.beats(self._ground, place, idea, count)
        for number in range(count):
            begin = self._beginnings(number, count)
            others = [idea.synopsis, *told]
            found = yield from self._candidates(
                [
                    lambda beginning: asked.retelling_scene(idea, told, beginning),
                    lambda beginning: asked.beat(idea, told, beginning),
                ],
                begin,
                others,
                self._seed_of(place, 100 + number),
                wanted=2,
                tries=5,
                most_sentences=1,
            )
            told.append(max(found, key=self._worth).text if found else spare[number])
        return tuple(told)

    def _spare(self, place: Place) -> Idea:
        return resort.idea(self._ground, place, self._said)

    def _prepared(self) -> Wording:
        if self._wording is None:
            self._wording = Wording(self._engine, self._ground, self._seed)
        return self._wording

    def _beginnings(self, number: int, count: int) -> list[str]:
        """What candidates begin with, in turn; "" lets the model choose."""
        if self._ground.kind != "story":
            return [""]
        openings = steps.openings(self._ground.language, number, count)
        if not self._subjects:
            return ["", *filter(None, openings)]
        said: list[str] = []
        for at, opening in enumerate(openings):
            subject = self._subjects[(number + at) % len(self._subjects)] if at else self._subjects[0]
            if self._ground.language == "zh":
                said.append(opening + subject)
            else:
                whole = f"{opening} {subject}".strip()
                said.append(whole[:1].upper() + whole[1:])
            if at % 2:
                said.append("")
        return said

    def _candidates(
        self,
        prompts: Sequence[Callable[[str], Prompt]],
        beginnings: Sequence[str],
        others: Sequence[str],
        seed: int,
        wanted: int = _WANTED,
        tries: int = _TRIES,
        most_sentences: int = 2,
    ) -> Generator[None, None, list[_Candidate]]:
        language = self._ground.language
        known = self._known()
        shown = [text for one in self._prepared().shown for text in (one.premise, one.synopsis, *one.beats)]
        found: list[_Candidate] = []
        silent = 0
        for number in range(tries):
            beginning = beginnings[(seed + number) % len(beginnings)]
            prompt_for = prompts[number % 3 // 2]  # two retold, one asked for
            text, likely = yield from self._written(prompt_for(beginning), beginning, seed * 31 + number, _LONGEST)
            silent += not text[len(beginning) :].strip()
            text = judgement.tidied(text, language, most_sentences)
            is_invented = self._ground.kind == "article" and self._strangers(text)  # a report needs a source for a name
            there = [*others, *(one.text for one in found)]
            if text and not is_invented and not judgement.refuses(text, language, known, there, shown):
                found.append(_Candidate(text, likely))
            if len(found) >= wanted or silent >= 3:
                break
        return found

    def _written(
        self, prompt: Prompt, beginning: str, seed: int, most: int
    ) -> Generator[None, None, tuple[str, float]]:
        """What the model writes on from a beginning up to the end of a sentence or line, and how likely it was."""
        sampling = Sampling(
            most, temperature=self._temperature, top_p=0.92, repetition_penalty=1.1, seed=seed, stop=("\n",), logprobs=1
        )
        text, tokens, total = beginning, 0, 0.0
        with closing(self._engine.generate(prompt, sampling)) as pieces:
            for piece in pieces:
                text += piece.text
                tokens += piece.tokens
                total += piece.logprob
                yield
                if judgement.is_whole(text, self._ground.language):
                    break
        return text, total / tokens if tokens else 0.0

    def _best(self, found: Sequence[_Candidate]) -> Generator[None, None, str]:
        """The candidate that makes the premise likeliest and is itself likely, "" if there is none."""
        if not found:
            return ""
        if len(found) == 1:
            return found[0].text
        gains = []
        for one in found:
            yield
            gains.append(self._gain(one.text) + self._worth(one))
        return found[gains.index(max(gains))].text

    def _gain(self, synopsis: str) -> float:
        """How much likelier a synopsis makes the premise, in nats a token; 0 where the engine doesn't score."""
        if not self._scores:
            return 0.0
        premise, asked = shortened(self._ground.premise, _READ_BACK), self._prepared()
        try:
            if self._plain is None:
                self._plain = self._engine.score(asked.premise(""), premise)
            scores = self._engine.score(asked.premise(synopsis), premise)
        except DiedError:
            raise
        except EngineError:
            self._scores = False
            return 0.0
        return (sum(scores) - sum(self._plain)) / max(1, len(scores))

    def _worth(self, one: _Candidate) -> float:
        """How likely a candidate is where it stands, less what strangers in it cost."""
        over = max(0, count_words(one.text) - _LONG["zh" if self._ground.language == "zh" else "en"])
        is_vague = _VAGUE.match(one.text) is not None
        is_wrong = is_mistaken(one.text, self._ground.premise, self._ground.language)
        has_strayed = bool(self._narrator.strays("", one.text + "\n"))
        odd = _STRANGE * len(self._strangers(one.text)) + _RAMBLING * over
        return 0.3 * one.likely - odd - _UNNAMED * is_vague - _MISTAKEN * is_wrong - _STRAYED * has_strayed

    def _strangers(self, text: str) -> set[str]:
        """The names in a text that nobody has mentioned."""
        known = self._known()
        return {found.name for found in names.find(text, self._ground.language) if found.name not in known}

    def _known(self) -> str:
        """All that the author and the outline said so far."""
        said = (f"{one.title} {one.synopsis}" for one in self._said)
        return " ".join([self._ground.title, self._ground.premise, *said])

    def _title(self, synopsis: str, seed: int) -> Generator[None, None, str]:
        """The likeliest title with a word of its own, the model's before those made of the synopsis; else any other."""
        language, premise = self._ground.language, self._ground.premise
        taken = [one.title for one in self._said]
        shown = [one.title for one in steps.examples(language, self._ground.kind)]
        prompt = self._prepared().title(synopsis)
        known = " ".join([premise, *taken])

        def has_own(title: str) -> bool:
            return titles.tells(title, language, synopsis, known, self._subjects)

        def says_more_than_who(title: str) -> bool:
            return titles.tells(title, language, f"{synopsis} {premise}", "", self._subjects)

        found: list[tuple[float, str]] = []
        for number in range(_TITLES):
            text, likely = yield from self._written(prompt, "", seed * 17 + number, _LONGEST_TITLE)
            title = titles.fitting(text, language, taken, shown, synopsis, premise)
            if title:
                found.append((likely - _WORDY * max(0, len(title.split()) - 4), title))
        if own := [one for one in found if has_own(one[1])]:
            return max(own)[1]
        made = titles.made(synopsis, language, taken, self._subjects)
        if own_made := list(filter(has_own, made)):
            likely_of = []
            for one in own_made:
                yield
                likely_of.append(self._likely(prompt, one))
            return own_made[likely_of.index(max(likely_of))]
        return max((one for one in found if says_more_than_who(one[1])), default=(0.0, next(iter(made), "")))[1]

    def _likely(self, prompt: Prompt, text: str) -> float:
        """How likely a text is behind a prompt, in nats a token; 0 where the engine doesn't score."""
        if not self._scores:
            return 0.0
        try:
            scores = self._engine.score(prompt, text)
        except DiedError:
            raise
        except EngineError:
            self._scores = False
            return 0.0
        return sum(scores) / max(1, len(scores))

    def _seed_of(self, place: Place, turn: int) -> int:
        """A number of its own for each place, the same on every run."""
        way = f"{self._seed}/{place.level}/{place.number}/{turn}/" + "/".join(one.title for one in place.above)
        return zlib.crc32(way.encode()) % 2**24
