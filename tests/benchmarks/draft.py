"""How a draft holds: its length, what it says again, whether its later chapters are as good, and what must happen.

Run as ``python3 packaging/dev.py bench draft [--language en|zh] [--parts length,chapters,events,long] [--seeds N]
[--folder FOLDER] [--json]``. It takes hours, so each text is kept in the folder, and a run that was stopped goes on.

Arms: ``ours``, a draft through outline, memory and passages; ``flat``, the same model writing on from the premise with
as much of the text before as it reads, until there are enough words; ``truncated``, the same with the whole outline in
front; ``asked``, the same model asked in one sentence for a story of so many words, until it ends by itself.

- ``length``: texts of 300 and 1,000 words (three seeds), 4,000 and 20,000 (one). ``S_l`` is LongWriter's score of the
  length, ``whole`` the share of texts that end with a finished sentence, ``beats`` of beats that were reached,
  ``repeated`` of words that stand in a row of 8 that came before, ``s/1000`` seconds for 1,000 words.
- ``chapters``: the longest of them in 8 parts of the same length, the last against the first: ``distinct`` rows of 4
  words, ``new`` ones against all before, and ``fit``, by how much a chapter makes the plan of its own scenes likelier
  than it is by itself, in nats a token (of ours alone; the others have no plan to keep to).
- ``events``: 16,000 tokens in scenes in which something must happen, as LongGenBench asks for it: in one scene, in each
  of a row of scenes, in every third (Wu et al. 2024). ``done`` is judged by ``happened``, which the draft doesn't use.
- ``long``: 50,000 words, killed 10 times on the way. ``lost`` and ``twice`` are passages that are gone or there again,
  ``growth`` seconds a word in the last tenth of the scenes against the first.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests import prose
from tests.benchmarks.happened import happens
from writer import models
from writer.draft import draft
from writer.engines import Engine, EngineSpec, Sampling, default_threads
from writer.engines.host import Host
from writer.outline import directly, grow
from writer.settings import Settings
from writer.store import Store
from writer.store.check import check
from writer.story import Part, Project, Prompt, Turn
from writer.text import count_words, ends_sentence

MODELS = {"en": "smollm2-135m", "zh": "gemma3-270m"}
TARGETS = {300: 3, 1_000: 3, 4_000: 1, 20_000: 1}
"""How long, and of how many seeds."""
CHAPTERS = 8
LONG, KILLS = 50_000, 10
EVENT_WORDS, EVENT_SCENES = 11_000, 20
WINDOW, STEP = 2048, 256
MOST_READ, MOST_TOLD = {"en": 10_000, "zh": 3_000}, 2_000
"""Characters of a scene and of its plan that are scored: all of most."""

PREMISES = {
    "en": (
        "The keeper of a lighthouse that is to be torn down finds a message in the logbook, in her own hand, dated "
        "next winter.",
        "Two brothers inherit a bakery and a debt; the elder wants to sell, the younger has promised their mother not "
        "to.",
        "After the flood a surveyor maps a town that its people refuse to leave, and falls in love with the woman who "
        "leads them.",
    ),
    "zh": (
        "灯塔即将被拆除，守塔人却在航海日志里发现一段话：笔迹是她自己的，日期是明年冬天。",
        "兄弟俩继承了一家面包店和一笔债；哥哥想卖掉它，弟弟却答应过母亲绝不卖。",
        "洪水过后，一位测绘员来到一座居民不肯离开的小镇，爱上了带领他们的女人。",
    ),
}
EVENTS = {
    "en": {
        "single": (
            "Ruth burns the letter in the stove.",
            "The bridge over the Arle collapses.",
            "Tomas sells his father's violin.",
            "A stranger brings a blue suitcase.",
            "Ruth learns that the doctor lied.",
        ),
        "range": ("Snow falls on the harbour.", "Tomas limps on his left leg."),
        "periodic": ("The church bell rings.", "Ruth writes a line in her diary."),
    },
    "zh": {
        "single": (
            "如兰把信扔进炉子烧掉了。",
            "河上的石桥塌了。",
            "大山卖掉了父亲的二胡。",
            "一个陌生人送来一只蓝箱子。",
            "如兰得知医生撒了谎。",
        ),
        "range": ("港口下起了雪。", "大山一瘸一拐地走路。"),
        "periodic": ("庙里的钟响了。", "如兰在日记里写下一行字。"),
    },
}


@dataclass(frozen=True)
class Bench:
    """Where texts are kept, and what writes them."""

    folder: Path
    language: str
    engine: Engine

    @property
    def settings(self) -> Settings:
        return Settings(language=self.language)

    def kept(self, name: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What was found under a name, found now if it was not before."""
        path = self.folder / f"{self.language}-{name}.json"
        if not path.exists():
            found = make()
            path.write_text(json.dumps(found, ensure_ascii=False, indent=1), "utf-8")
        known: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return known

    def project(self, name: str, premise: str) -> Path:
        """The project of this name, made if it is not there."""
        path = self.folder / f"{self.language}-{name}.writer"
        if not path.exists():
            Store.create(path, Project(name, premise, self.language)).close()
        return path


# -- writing -----------------------------------------------------------------------


def ours(bench: Bench, name: str, premise: str, words: int, seed: int) -> dict[str, Any]:
    """A draft; the seconds are those of all its runs, kept beside it."""
    path, clock = bench.project(name, premise), bench.folder / f"{bench.language}-{name}.seconds"
    spent = float(clock.read_text()) if clock.exists() else 0.0
    with Store.open(path) as store:
        started = time.monotonic()
        is_begun = bool(store.tasks.all())
        steps = draft(
            store,
            bench.engine,
            bench.settings,
            lambda work: work(store),
            words=None if is_begun else words,
            seed=seed,
        )
        with closing(steps):
            for step in steps:
                clock.write_text(str(spent + time.monotonic() - started))
                tell(f"{name}: {step.total_words:,} words, {step.title}")
        return result(store, float(clock.read_text()))


def result(store: Store, seconds: float) -> dict[str, Any]:
    """What there is of a draft."""
    tasks = store.tasks.all()
    plans = store.plans.all()
    scenes = [store.scene(task.node).text for task in tasks]
    return {
        "scenes": scenes,
        "plans": [[plans[task.node].synopsis if task.node in plans else "", *task.beats] for task in tasks],
        "beats": sum(len(task.beats) for task in tasks),
        "reached": sum(task.beat for task in tasks),
        "tries": sum(task.tries for task in tasks),
        "seconds": seconds,
    }


def continued(bench: Bench, head: str, words: int, seed: int) -> dict[str, Any]:
    """The same model writing on, with a head and as much of its text as it reads, until there are enough words."""
    started, text, part = time.monotonic(), "", 0
    head = head[: WINDOW * (1 if bench.language == "zh" else 3) // 2]
    while count_words(text) < words and part < 4 * words // STEP + 4:
        room = WINDOW - STEP - bench.engine.count([head])[0]
        end = text[-room * (2 if bench.language == "zh" else 5) :]
        while end and bench.engine.count([end])[0] > room:
            end = end[len(end) // 8 + 1 :]
        prompt = Prompt((Part("style", head, 0), Part("page", end, 0)), role="work")
        sampling = Sampling(max_tokens=STEP, seed=seed + part, may_end=False)
        text += "".join(piece.text for piece in bench.engine.generate(prompt, sampling))
        tell(f"flat: {count_words(text):,} words")
        part += 1
    return {"scenes": [text], "seconds": time.monotonic() - started}


def asked(bench: Bench, premise: str, words: int, seed: int) -> dict[str, Any]:
    """The same model asked for a story of so many words."""
    started = time.monotonic()
    order = {
        "en": f"Write a story of {words:,} words. What it is about: {premise}",
        "zh": f"请写一篇{words}字的小说。内容：{premise}",
    }
    prompt = bench.engine.chat([Turn("user", order[bench.language])])
    room = bench.engine.context_tokens - sum(bench.engine.count([part.text for part in prompt.parts])) - 16
    sampling = Sampling(max_tokens=min(room, 3 * words), seed=seed)
    text = "".join(piece.text for piece in bench.engine.generate(replace(prompt, role="work"), sampling))
    return {"scenes": [text], "seconds": time.monotonic() - started}


def outlined(bench: Bench, name: str) -> str:
    """The premise and all of the outline that a draft of this name grew."""
    with Store.open(bench.project(name, ""), read_only=True) as store:
        plans = store.plans.all()
        lines = [f"{node.title}: {plans[node.id].synopsis}" for node in store.nodes() if node.id in plans]
        return "\n".join([store.project.premise, "", *lines, "", ""])


# -- measuring ---------------------------------------------------------------------


def length(bench: Bench, most: int, seeds: int) -> dict[str, float]:
    found: dict[str, float] = {}
    for target, count in TARGETS.items():
        if target > most:
            continue
        texts: dict[str, list[dict[str, Any]]] = {}
        for seed in range(min(count, seeds)):
            for arm, text in arms(bench, target, seed):
                texts.setdefault(arm, []).append(text)
        for arm, made in texts.items():
            found |= {f"{arm} {target}: {figure}": value for figure, value in of_texts(made, target).items()}
    return found


def arms(bench: Bench, target: int, seed: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """A text of each arm."""
    premise, name = PREMISES[bench.language][seed], f"{target}-{seed}"
    yield "ours", bench.kept(f"ours-{name}", lambda: ours(bench, f"ours-{name}", premise, target, seed + 1))
    yield "flat", bench.kept(f"flat-{name}", lambda: continued(bench, premise + "\n\n", target, seed + 1))
    if target <= 4_000:
        yield "asked", bench.kept(f"asked-{name}", lambda: asked(bench, premise, target, seed + 1))
    if target >= 4_000:
        head = outlined(bench, f"ours-{name}")
        yield "truncated", bench.kept(f"truncated-{name}", lambda: continued(bench, head, target, seed + 1))


def of_texts(made: Sequence[dict[str, Any]], target: int) -> dict[str, float]:
    """The figures of texts that were to have the same length."""
    words = [sum(map(count_words, text["scenes"])) for text in made]
    figures = {
        "S_l": statistics.fmean(prose.length_score(target, written) for written in words),
        "S_l_least": min(prose.length_score(target, written) for written in words),
        "whole": statistics.fmean(all(map(ends_sentence, text["scenes"])) for text in made),
        "repeated": statistics.fmean(prose.repeated(text["scenes"]) for text in made),
        "s/1000": statistics.fmean(1000 * text["seconds"] / max(1, n) for text, n in zip(made, words, strict=True)),
    }
    if all("beats" in text for text in made):
        figures["beats"] = sum(text["reached"] for text in made) / max(1, sum(text["beats"] for text in made))
    return figures


def chapters(bench: Bench, most: int) -> dict[str, float]:
    """The last eighth of the longest text against the first."""
    found: dict[str, float] = {}
    target = max(target for target in TARGETS if target <= most)
    for arm, text in arms(bench, target, 0):
        parts = eighths(text["scenes"])
        first, last = parts[0], parts[-1]
        values = {
            "distinct": (prose.distinct(first), prose.distinct(last)),
            "new": (prose.new(first, []), prose.new(last, parts[:-1])),
        }
        if "plans" in text:
            fits = [fit(bench, scene, plan) for scene, plan in zip(text["scenes"], text["plans"], strict=True)]
            share = max(1, len(fits) // CHAPTERS)
            values["fit"] = statistics.fmean(fits[:share]), statistics.fmean(fits[-share:])
        for figure, (begin, end) in values.items():
            found[f"{arm} chapter 1: {figure}"], found[f"{arm} chapter {CHAPTERS}: {figure}"] = begin, end
            found[f"{arm} {CHAPTERS}/1: {figure}"] = end / begin if begin else 0.0
    return found


def eighths(scenes: Sequence[str]) -> list[str]:
    """A text in so many parts of about the same length."""
    lines = "\n\n".join(scenes).splitlines(keepends=True)
    all_words = sum(map(count_words, lines))
    parts, words = [""] * CHAPTERS, 0
    for line in lines:
        parts[min(CHAPTERS - 1, words * CHAPTERS // max(1, all_words))] += line
        words += count_words(line)
    return parts


def fit(bench: Bench, scene: str, plan: Sequence[str]) -> float:
    """By how much a whole scene makes its whole plan likelier, in nats a token."""
    told = " ".join(line for line in plan if line)[:MOST_TOLD]
    if not told:
        return 0.0
    close = {"en": "\n\nWhat happens here: ", "zh": "\n\n这里发生的事："}[bench.language]
    with_scene = bench.engine.score(
        Prompt((Part("page", scene[-MOST_READ[bench.language] :] + close, 0),), role="work"), told
    )
    alone = bench.engine.score(Prompt((Part("page", close.lstrip(), 0),), role="work"), told)
    return statistics.fmean(with_scene) - statistics.fmean(alone)


def events(bench: Bench) -> dict[str, float]:
    """What must happen, as a share of what does."""
    kinds = EVENTS[bench.language]
    wanted: list[list[tuple[str, str]]] = [[] for _scene in range(EVENT_SCENES)]
    for number, event in enumerate(kinds["single"]):
        wanted[(3 + 7 * number) % EVENT_SCENES].append(("single", event))
    for number, event in enumerate(kinds["range"]):
        for scene in range(2 + 9 * number, 6 + 9 * number):
            wanted[scene].append(("range", event))
    for number, event in enumerate(kinds["periodic"]):
        for scene in range(number, EVENT_SCENES, 3 + number):
            wanted[scene].append(("periodic", event))

    def make() -> dict[str, Any]:
        name = "ours-events"
        path = bench.project(name, PREMISES[bench.language][1])
        with Store.open(path) as store:
            if not any(plan.events for plan in store.plans.all().values()):
                for node in store.nodes():  # of an outline that was stopped on its way
                    store.remove(node.id)
                steps = grow(
                    store, bench.engine, bench.settings, directly(store), levels=1, children=EVENT_SCENES, seed=1
                )
                for _step in steps:
                    pass
                plans = store.plans.all()
                for node, todo in zip(store.nodes(), wanted, strict=True):
                    store.plans.put(node.id, replace(plans[node.id], events=tuple(event for _kind, event in todo)))
        return ours(bench, name, "", EVENT_WORDS, 1)

    def without() -> dict[str, Any]:
        orders = [f"{number}. " + " ".join(event for _kind, event in todo) for number, todo in enumerate(wanted, 1)]
        head = "\n".join([PREMISES[bench.language][1], "", *orders, "", "1.", ""])
        text = continued(bench, head, EVENT_WORDS, 1)["scenes"][0]
        share = len(text) // EVENT_SCENES
        return {"scenes": [text[at * share : (at + 1) * share] for at in range(EVENT_SCENES)], "seconds": 0.0}

    found: dict[str, float] = {}
    for arm, text in (("ours", bench.kept("ours-events", make)), ("truncated", bench.kept("flat-events", without))):
        done: dict[str, list[bool]] = {"all": []}
        for scene, todo in zip(text["scenes"], wanted, strict=False):
            for kind, event in todo:
                is_done = happens(event, scene, bench.language)
                done.setdefault(kind, []).append(is_done)
                done["all"].append(is_done)
        found |= {f"{arm} events: {kind} done": statistics.fmean(values) for kind, values in done.items()}
        found[f"{arm} events: scenes"] = sum(bool(scene.strip()) for scene in text["scenes"])
        found[f"{arm} events: tries"] = text.get("tries", 0)
    return found


def long(bench: Bench) -> dict[str, float]:
    """A long draft that is killed on the way."""

    def make() -> dict[str, Any]:
        path = bench.project("ours-long", PREMISES[bench.language][2])
        chance, killed, lost, seconds, times = random.Random(1), 0, 0, 0.0, []
        state = path.with_suffix(".kills")
        if state.exists():
            killed, lost, seconds, times = json.loads(state.read_text())
        while True:
            started = time.monotonic()
            command = [sys.executable, "-m", "writer", "draft", str(path), "--json", "--model", MODELS[bench.language]]
            if not is_queued(path):
                command += ["--words", str(LONG)]
            child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            limit = (killed + chance.uniform(0.2, 0.9)) * LONG / KILLS if killed < KILLS else float("inf")
            assert child.stdout is not None
            said: dict[str, Any] = {}
            for line in child.stdout:
                said = json.loads(line)
                if "total_words" in said:
                    times.append((said["total_words"], time.monotonic() - started + seconds))
                    tell(f"long: {said['total_words']:,} words, killed {killed}")
                    if said["total_words"] >= limit:
                        child.send_signal(signal.SIGKILL)
                        break
            child.wait()
            seconds += time.monotonic() - started
            if child.returncode != -signal.SIGKILL:
                break
            killed += 1
            before = texts_of(path)
            with tempfile.TemporaryDirectory():
                lost += sum(1 for _problem in check(path))
            state.write_text(json.dumps([killed, lost, seconds, times]))
            (bench.folder / f"{bench.language}-long-{killed}.json").write_text(json.dumps(before), "utf-8")
        assert said.get("done"), said
        final = texts_of(path)
        for number in range(1, killed + 1):
            before = json.loads((bench.folder / f"{bench.language}-long-{number}.json").read_text("utf-8"))
            lost += sum(not final.get(node, "").startswith(text) for node, text in before.items())
        with Store.open(path, read_only=True) as store:
            return {**result(store, seconds), "killed": killed, "lost": lost, "times": times}

    text = bench.kept("ours-long", make)
    lines = [line for scene in text["scenes"] for line in scene.splitlines() if len(line) >= 60]
    tenth = len(text["times"]) // 10
    return {
        "long: words": sum(map(count_words, text["scenes"])),
        "long: killed": text["killed"],
        "long: lost": text["lost"],
        "long: twice": len(lines) - len(set(lines)),
        "long: repeated": prose.repeated(text["scenes"]),
        "long: reached": text["reached"] / text["beats"],
        "long: s/1000": 1000 * text["seconds"] / sum(map(count_words, text["scenes"])),
        "long: growth": pace(text["times"][-tenth:]) / pace(text["times"][tenth : 2 * tenth]),
    }


def is_queued(path: Path) -> bool:
    """Whether a draft of a project was begun: asked for its words once more, it would count those left alone."""
    with Store.open(path) as store:
        return bool(store.tasks.all())


def texts_of(path: Path) -> dict[str, str]:
    """Each scene's text as the file has it."""
    with Store.open(path) as store:
        return {str(node.id): store.scene(node.id).text for node in store.nodes()}


def pace(times: Sequence[Sequence[float]]) -> float:
    """Seconds a word between the first and the last of these moments; restarts are few in any tenth of them."""
    (words, seconds), (more, later) = times[0], times[-1]
    return (later - seconds) / max(1, more - words)


def tell(what: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{what[:100]:100}", end="", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench draft", description=__doc__.split("\n")[0])
    parser.add_argument("--language", choices=tuple(MODELS), default="en")
    parser.add_argument("--parts", default="length,chapters,events,long")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--most", type=int, default=max(TARGETS), help="no text longer than this, but for long")
    parser.add_argument("--folder", type=Path, help="where texts are kept for the next run")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    name = MODELS[options.language]
    spec = EngineSpec("llamacpp", str(models.find(name)), name, 4096, default_threads())
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as temporary, Host(spec) as host:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        bench = Bench(folder, options.language, host)
        host.wait()
        if "length" in options.parts:
            found |= length(bench, options.most, options.seeds)
        if "chapters" in options.parts:
            found |= chapters(bench, options.most)
        if "events" in options.parts:
            found |= events(bench)
        if "long" in options.parts:
            found |= long(bench)
    if options.json:
        print(json.dumps(found))
    else:
        for figure, value in found.items():
            print(f"{figure:36} {value:12.3f}")


if __name__ == "__main__":
    main()
