"""A model that never says the same twice: sentences of words drawn by the seed, English or Chinese."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator

from writer.engines import Piece, Sampling, Usage
from writer.engines.echo import Echo
from writer.errors import EngineError
from writer.story import Prompt
from writer.text import language_of

SYLLABLES = [consonant + vowel for consonant in "bdgklmnr" for vowel in "aeio"]
CHARACTERS = "山水风云花月人心天地江海船灯夜雨雪路门窗声影火石木叶鸟鱼马城桥酒茶书信梦光春秋冬夏"


class Teller(Echo):
    """Tells on in short sentences; fails where ``fails`` says so of the number of the call, counted from 1."""

    def __init__(self, fails: Callable[[int], bool] = lambda _call: False) -> None:
        super().__init__()
        self.model = "teller"
        self.fails = fails
        self.calls = 0
        self.prompts: list[Prompt] = []

    def generate(self, prompt: Prompt, sampling: Sampling) -> Generator[Piece, None, Usage]:
        self.calls += 1
        self.prompts.append(prompt)
        if self.fails(self.calls):
            raise EngineError("The model stopped; start it again.")
        chance = random.Random(f"{sampling.seed} {prompt.text[-200:]}")
        is_chinese = language_of(prompt.text[-2000:]) == "zh"
        tokens = 0
        while tokens < sampling.max_tokens:
            sentence = chinese(chance) if is_chinese else english(chance)
            tokens += len(sentence) // 3
            yield Piece(sentence, tokens)
        return Usage(0, 0, tokens, 0.0, 0.0)


def english(chance: random.Random) -> str:
    words = ["".join(chance.choices(SYLLABLES, k=chance.randint(2, 3))) for _ in range(chance.randint(5, 14))]
    return " " + " ".join(words).capitalize() + "."


def chinese(chance: random.Random) -> str:
    return "".join(chance.choices(CHARACTERS, k=chance.randint(8, 20))) + "。"
