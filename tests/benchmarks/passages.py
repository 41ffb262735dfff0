"""How passages tell their beats and repeat themselves, with the road of ``writer.draft.passage`` and without it.

Run as ``python3 packaging/dev.py bench passages [--language zh] [--words N] [--json]``. Two scenes are written beat by
beat. The control is the same model that simply goes on from the page. Reported for both: ``fit``, by how much a token
the passage makes its beat likelier to the model; ``happened``, the share of beats that are told by their words;
``repeated``, the share of words in a row of eight that came before; ``seconds`` for 1,000 words; ``asked``, requests a
passage. With ``--show`` the texts follow.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path

from tests.prose import repeated
from writer import models, rerank
from writer.draft.events import happened
from writer.draft.passage import passage
from writer.engines import Engine, EngineSpec
from writer.engines.host import Host
from writer.repetition import Said
from writer.settings import Settings
from writer.store import Store
from writer.story import Cursor, Plan, Project
from writer.suggest import suggest
from writer.text import count_words

MODELS = {"en": "smollm2-135m", "zh": "gemma3-270m"}
SCENES = {
    "en": [
        (
            "The Lighthouse Debt",
            "A young clerk inherits a lighthouse and the debts of the man who kept it.",
            "The morning ferry was late, and the sky over the island was the colour of slate.",
            (
                "Nora steps off the ferry and nobody in the village will carry her trunk.",
                "She finds the lighthouse door locked and breaks a window to get in.",
                "Inside she discovers a ledger with the names of everyone the keeper owed money.",
                "Old Mr. Penrose knocks and demands forty pounds for coal.",
                "Nora lights the lamp for the first time, and a boat answers from the sea.",
            ),
        ),
        (
            "Clay",
            "A potter in a drying valley hides the last well from her neighbours.",
            "It had not rained in the valley for two years.",
            (
                "Ines covers the well with broken pots before the inspector arrives.",
                "The inspector drinks a cup of water and asks where it came from.",
                "Ines lies that she bought it from a driver in the north.",
                "Her daughter Luz comes in with wet hair.",
                "The inspector writes in his book and leaves without a word.",
            ),
        ),
    ],
    "zh": [
        (
            "灯塔的债",
            "一个年轻的女职员继承了一座灯塔，也继承了守塔人的债务。",
            "早班的渡船来晚了，岛上的天空是石板一样的颜色。",
            (
                "林霞走下渡船，村里没有人愿意替她搬箱子。",
                "她发现灯塔的门锁着，只好打破窗户爬进去。",
                "她在屋里找到一本账簿，上面写着守塔人欠钱的每一个人。",
                "老彭来敲门，要她还四十块煤钱。",
                "林霞第一次点亮了灯，海上有一条船回应了她。",
            ),
        ),
        (
            "陶土",
            "干旱的山谷里，一个做陶的女人瞒着邻居藏了最后一口井。",
            "山谷里已经两年没有下雨了。",
            (
                "官员来之前，阿英用破陶罐把井口盖住。",
                "官员喝了一碗水，问这水是从哪里来的。",
                "阿英撒谎说，水是向北边的司机买的。",
                "女儿小露湿着头发走进屋来。",
                "官员在本子上写了几个字，一句话没说就走了。",
            ),
        ),
    ],
}


def by_beats(place: Cursor, beat: str, store: Store, engine: Engine, words: int, said: Said) -> tuple[str, int]:
    """A passage, and how often the model was asked."""
    work = passage(place, beat, store, engine, Settings(), words=words, said=said, seed=1 + place.offset)
    with closing(work):
        while True:
            try:
                next(work)
            except StopIteration as end:
                return end.value.text, end.value.candidates


def flat(place: Cursor, beat: str, store: Store, engine: Engine, words: int, said: Said) -> tuple[str, int]:
    """What the model goes on with by itself; it never hears of the beat."""
    pieces = suggest(place, store, engine, Settings(), seed=1 + place.offset, words=words)
    return "".join(piece.text for piece in pieces), 1


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench passages", description=__doc__)
    parser.add_argument("--language", choices=sorted(SCENES), default="en")
    parser.add_argument("--words", type=int, default=120)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    language = options.language
    name = MODELS[language]
    gap = "\n" if language == "zh" else "\n\n"
    figures: dict[str, dict[str, float]] = {}
    with Host(EngineSpec("llamacpp", str(models.find(name)), name, 2048, 1)) as engine:
        for arm in (by_beats, flat):
            fits, told, asked, texts, seconds = [], [], [], [], 0.0
            for title, premise, opening, beats in SCENES[language]:
                with tempfile.TemporaryDirectory() as folder:
                    store = Store.create(Path(folder) / "book.writer", Project(title, premise, language))
                    scene = store.add("1")
                    store.plans.put(scene, Plan(beats=beats))
                    text, said = opening, Said([opening])
                    for beat in beats:
                        text += gap
                        started = time.perf_counter()
                        new, calls = arm(Cursor(scene, text, len(text)), beat, store, engine, options.words, said)
                        seconds += time.perf_counter() - started
                        asked.append(calls)
                        fits.append(rerank.fit(beat, new, engine, language))
                        told.append(bool(happened(beat, new, language)))
                        said.add(new)
                        text += new
                    texts.append(text)
                    store.close()
            figures[arm.__name__] = {
                "fit": round(statistics.fmean(fits), 2),
                "happened": round(statistics.fmean(told), 2),
                "repeated": round(statistics.fmean(repeated([text]) for text in texts), 4),
                "seconds": round(1000 * seconds / sum(map(count_words, texts))),
                "asked": round(statistics.fmean(asked), 1),
                "words": sum(map(count_words, texts)),
            }
            if options.show:
                print("\n\n* * *\n\n".join(texts))
    print(json.dumps(figures) if options.json else "\n".join(f"{arm:10s}{told}" for arm, told in figures.items()))


if __name__ == "__main__":
    main()
