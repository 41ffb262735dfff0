"""How well one can tell by machine whether what must happen in a scene does, against labels set by hand.

Run as ``python3 packaging/dev.py bench happened [--score] [--json]``. ``happened.jsonl`` has 74 passages that the
default models wrote, and for each what a person, reading it, noted: whether the event happens in it. Some passages were
written freely, some asked for the event, some begun with its words, some begun with the same told in other words, some
with its denial. Compared with that person, by the share of passages judged alike and by Cohen's kappa:

- ``loop``: ``draft.events.happened``, by which a draft decides on another try;
- ``judge``: ``happens`` below, which shares nothing with it and by which the benchmark of drafts counts events;
- ``control``: whether most of the event's words stand anywhere in the passage;
- ``score``, if asked for: how much likelier the passage makes the event to the model itself, with the best threshold
  that leaves the passage in question out; takes minutes.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from writer import models, text
from writer.draft import events
from writer.engines import Engine, EngineSpec
from writer.engines.host import Host
from writer.story import Part, Prompt

ENOUGH = 0.6
"""Set once for both languages, on these very labels."""
MODELS = {"en": "smollm2-135m", "zh": "gemma3-270m"}
_SMALL = """
a an the of in on at to for with that his her their my is was by from into and who it he she they under over down up out
off during about
"""
_EMPTY = frozenset(_SMALL.split())
_CLOSE = {"en": "\n\nIn short: ", "zh": "\n\n总之，"}


@dataclass(frozen=True)
class Label:
    """A passage and what a person says of it."""

    language: str
    made: str
    event: str
    happened: bool
    text: str


def labels() -> list[Label]:
    """All labelled passages."""
    lines = Path(__file__).with_suffix(".jsonl").read_text("utf-8").splitlines()
    return [Label(**json.loads(line)) for line in lines]


def happens(event: str, passage: str, language: str = "") -> bool:
    """Whether most of an event's words stand in two sentences beside each other, told by how words begin.

    It knows no other words for the same, so what is well retold escapes it: it rather counts too few events.
    """
    is_chinese = (language or text.language_of(event)) == "zh"
    parts = _pairs(event) if is_chinese else _words(event)
    spans = [passage[start:end] for start, end in text.sentences(passage)]
    shares = [_share(parts, " ".join(spans[max(0, at - 1) : at + 1]), is_chinese) for at in range(len(spans))]
    return max(shares, default=0.0) >= ENOUGH


def _share(parts: list[str], window: str, is_chinese: bool) -> float:
    words = _words(window)
    found = [part in window if is_chinese else any(_is_akin(part, word) for word in words) for part in parts]
    return sum(found) / len(found) if found else 0.0


def _words(passage: str) -> list[str]:
    return [word for word in re.findall("[a-z]+", passage.lower()) if word not in _EMPTY]


def _pairs(event: str) -> list[str]:
    runs = re.sub("[了的在把被着里向给和]|[^\u4e00-\u9fff]", " ", event).split()
    return [run[at : at + 2] for run in runs for at in range(max(1, len(run) - 1))]


def _is_akin(one: str, other: str) -> bool:
    """Whether two words begin alike for so long that they may be forms of one."""
    same = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return same >= max(3, min(len(one), len(other), 4), 0.6 * max(len(one), len(other)))


def stands_anywhere(label: Label) -> bool:
    """The control."""
    is_chinese = label.language == "zh"
    parts = _pairs(label.event) if is_chinese else _words(label.event)
    words = set(_words(label.text))
    return statistics.fmean(part in (label.text if is_chinese else words) for part in parts) >= ENOUGH


def scored(known: list[Label], engine: Engine) -> Iterator[float]:
    """How much likelier each passage makes its event than its first sentence does."""
    for label in known:
        first = label.text[: next(text.sentences(label.text))[1]].rstrip()
        whole, begun = (
            statistics.fmean(engine.score(Prompt((Part("page", read + _CLOSE[label.language], 0),)), label.event))
            for read in (label.text, first)
        )
        yield whole - begun


def leave_one_out(values: list[float], truths: list[bool]) -> list[bool]:
    """What each value says with the threshold that is best for all the others."""
    found = []
    for out, value in enumerate(values):
        others = [(v, t) for at, (v, t) in enumerate(zip(values, truths, strict=True)) if at != out]
        best = max((threshold for threshold, _ in others), key=lambda th: sum((v >= th) == t for v, t in others))
        found.append(value >= best)
    return found


def agreement(said: list[bool], truths: list[bool]) -> dict[str, float]:
    """How far a measure and a person agree."""
    pairs = list(zip(said, truths, strict=True))
    alike = statistics.fmean(one == other for one, other in pairs)
    yes, true = statistics.fmean(said), statistics.fmean(truths)
    chance = yes * true + (1 - yes) * (1 - true)
    return {
        "agreement": alike,
        "kappa": (alike - chance) / (1 - chance) if chance < 1 else 1.0,
        "found of those told": statistics.fmean(one for one, other in pairs if other),
        "found of those not told": statistics.fmean(one for one, other in pairs if not other),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench happened", description=__doc__)
    parser.add_argument("--score", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    known = labels()
    arms: dict[str, Callable[[Label], bool]] = {
        "loop": lambda label: bool(events.happened(label.event, label.text, label.language)),
        "judge": lambda label: happens(label.event, label.text, label.language),
        "control": stands_anywhere,
    }
    said = {name: [arm(label) for label in known] for name, arm in arms.items()}
    if options.score:
        likelier: dict[Label, bool] = {}
        for language, name in MODELS.items():
            mine = [label for label in known if label.language == language]
            with Host(EngineSpec("transformers", str(models.find(name)), name, 2048, 1)) as engine:
                answers = leave_one_out(list(scored(mine, engine)), [label.happened for label in mine])
            likelier |= dict(zip(mine, answers, strict=True))
        said["score"] = [likelier[label] for label in known]
    groups = {"all": known} | {
        f"{field} {value}": [label for label in known if getattr(label, field) == value]
        for field in ("language", "made")
        for value in dict.fromkeys(getattr(label, field) for label in known)
    }
    result = {}
    for name, answers in said.items():
        by_label = dict(zip(known, answers, strict=True))
        for group, members in groups.items():
            truths = [label.happened for label in members]
            if group == "all" or (group.startswith("language") and len(set(truths)) > 1):
                result[f"{name}, {group}"] = agreement([by_label[label] for label in members], truths)
            else:
                alike = statistics.fmean(by_label[label] == label.happened for label in members)
                result[f"{name}, {group}"] = {"agreement": alike}
    if options.json:
        print(json.dumps(result))
        return
    print(f"{len(known)} passages, {sum(label.happened for label in known)} of which tell their event")
    for name, figures in result.items():
        print(f"{name:26}", "  ".join(f"{key} {value:.2f}" for key, value in figures.items()))


if __name__ == "__main__":
    main()
