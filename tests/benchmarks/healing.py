"""Does half a word at the caret continue as well as a whole one?

Run as ``python3 packaging/dev.py bench healing [--book FILE] [--model NAME] [--places N] [--json]``. All over a
book (before a word of five letters and more that came nowhere in the page before) the model is given

- ``whole``: the text up to the word, nothing typed of it: how often the likeliest word is the author's (control);
- ``plain``: the word's first half as text, as every other program does;
- ``healed``: the same half as something begun, which the model writes again in its own tokens.

Reported for the last two: how often the model ends the word as the author did, and how often it makes any word of the
book of it.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
from pathlib import Path

from tests.benchmarks.engine import book
from tests.engines.reading import read
from writer import models
from writer.engines import EngineSpec, Sampling
from writer.engines.host import Host
from writer.story import Part, Prompt

CONTEXT = 1200
GREEDY = Sampling(max_tokens=8, temperature=0, repetition_penalty=1.0)
LETTERS = re.compile(r"[^\W\d_]+")


def places(prose: str, count: int) -> list[re.Match[str]]:
    """Words of five letters and more behind a space, not in the page before, chosen by a fixed seed."""
    found = [
        word
        for word in LETTERS.finditer(prose, CONTEXT, len(prose) - 200)
        if len(word[0]) >= 5 and word[0].islower() and prose[word.start() - 1] == " "
    ]
    random.Random(11).shuffle(found)
    fresh = (word for word in found if word[0] not in prose[word.start() - CONTEXT : word.start()])
    return [word for word, _number in zip(fresh, range(count), strict=False)]


def first_word(text: str) -> str:
    found = LETTERS.match(text)
    return found[0] if found else ""


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench healing", description=__doc__)
    parser.add_argument("--book", type=Path)
    parser.add_argument("--model", default="smollm2-135m")
    parser.add_argument("--places", type=int, default=60)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    prose = book(options.book)
    known = {word[0].lower() for word in LETTERS.finditer(prose)}
    hits: dict[str, list[bool]] = {}
    with Host(EngineSpec("llamacpp", str(models.find(options.model)), options.model, 2048, 1)) as engine:

        def go_on(text: str, begun: str) -> str:
            return read(engine.generate(Prompt((Part("page", text, 0),), begun=begun), GREEDY))[0]

        for place in places(prose, options.places):
            page, word = prose[place.start() - CONTEXT : place.start()], place[0]
            half = word[: (len(word) + 1) // 2]
            said = first_word(go_on(page.rstrip(" "), "").lstrip(" "))
            hits.setdefault("whole: the author's word", []).append(said == word)
            for name, begun in (("plain", ""), ("healed", " " + half)):
                whole = half + first_word(go_on(page + half, begun))
                hits.setdefault(f"{name}: the author's word", []).append(whole == word)
                hits.setdefault(f"{name}: a word of the book", []).append(whole.lower() in known)
    result = {name: round(statistics.fmean(found), 3) for name, found in hits.items()} | {"places": options.places}
    if options.json:
        print(json.dumps(result))
    else:
        for name, value in result.items():
            print(f"{name:28} {value}")


if __name__ == "__main__":
    main()
