"""Is every outline whole, and how long does it take?

Run as ``python3 packaging/dev.py bench outline [--language en|zh] [--premises N] [--children N] [--json]``. Each
premise grows an outline with the default model, or Gemma 3 270M in Chinese, and the same with a model that says nothing
as the control. A finished outline is kept in ``--work FOLDER`` and not grown again. Figures of each language:

- ``whole``: outlines with all nodes, each with a short title and one or two finished sentences in the right language;
- ``new``: outlines in which no title and no synopsis comes twice;
- ``own``: the share of nodes that the model wrote (the control: 0); ``named``: the share whose synopsis shares a word
  with the premise; ``seconds``: a node, in the middle.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from writer import models, outline
from writer.engines import Engine
from writer.engines.echo import Echo
from writer.engines.host import Host
from writer.outline import judgement
from writer.settings import Settings
from writer.store import Store
from writer.story import OutlineNode, Project
from writer.text import ends_sentence, language_of

PREMISES = {
    "en": [
        "A lighthouse keeper on a remote island finds letters to his dead wife, and somebody answers them.",
        "Mara, a young violinist, discovers that her teacher sells the conservatory's instruments and leaves copies.",
        "Two brothers who have not spoken for ten years inherit one fishing boat.",
        "A retired judge receives a confession to the murder for which she sent another man to prison.",
        "On the first colony on Mars, a mechanic hears knocking from inside a sealed tunnel.",
        "A village decides by lot who has to leave before the winter.",
        "The ghost of a piano teacher can't rest until her worst pupil learns one piece by heart.",
        "In 1916, a nurse hides a deserter in the attic of a hospital full of officers.",
        "A forger of stamps is asked to forge the letter that would have prevented a war.",
        "Every morning Tom Okafor wakes up one year older, and nobody else notices.",
        "A cook in a royal kitchen learns that the young king can't taste anything.",
        "Three widows rob the bank that ruined their husbands.",
        "An interpreter for the deaf sees a crime discussed in sign language on a train.",
        "A mountain guide takes the man who let her sister die up the same mountain.",
        "The last speaker of a language falls in love with the linguist who records it.",
        "A boy sells the dreams of his sleeping grandfather at the market.",
        "Inspector Leon Brandt investigates a theft in the museum where his daughter works.",
        "After a storm, an old ferryman finds a child on the wrong side of the border.",
        "A company offers people one hour with their younger selves, and Ines books two.",
        "The dragon that guarded the town for centuries asks for a pension.",
    ],
    "zh": [
        "灯塔看守人发现有人给他死去的妻子写信，而且有人回信。",
        "林小禾回到老家开茶馆，发现镇上的人都在隐瞒二十年前的一场大火。",
        "十年没有说过话的兄弟俩继承了同一条渔船。",
        "退休的法官收到一封自首信，而她当年为这桩命案把另一个人送进了监狱。",
        "火星上的第一个定居点里，机械师听见封死的隧道中传来敲击声。",
        "村里每年抽签，决定谁必须在入冬前离开。",
        "钢琴老师的鬼魂不得安息，直到她最差的学生背下一支曲子。",
        "一九三八年，护士在满是军官的医院阁楼里藏了一个逃兵。",
        "伪造邮票的人受托伪造一封本可以阻止战争的信。",
        "陈默每天早上醒来都老了一岁，别人却毫无察觉。",
        "御膳房的厨子发现年轻的皇帝尝不出任何味道。",
        "三个寡妇去抢那家毁了她们丈夫的银行。",
        "手语翻译在火车上看见两个人用手语商量一桩罪案。",
        "登山向导要带那个害死她妹妹的人登上同一座山。",
        "最后一个会说这种语言的老人爱上了来录音的语言学家。",
        "男孩在集市上出售熟睡的祖父的梦。",
        "周探长调查博物馆失窃案，他的女儿正在那里上班。",
        "暴风雨过后，老摆渡人在边界的另一侧发现一个孩子。",
        "一家公司让人与年轻时的自己见面一小时，苏晴订了两小时。",
        "守了县城几百年的龙向县衙要一份养老金。",
    ],
}
MODELS = {"en": "smollm2-135m", "zh": "gemma3-270m"}


class Silent(Echo):
    """A model that says nothing: the control."""

    def generate(self, prompt: Any, sampling: Any) -> Any:
        yield from ()
        return None


def grown(
    engine: Engine, settings: Settings, premise: str, language: str, levels: int, children: int
) -> dict[str, Any]:
    """One outline, judged."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        store = stack.enter_context(Store.create(Path(folder) / "b.writer", Project("", premise, language)))
        started = time.monotonic()
        growing = outline.grow(
            store, engine, settings, outline.directly(store), levels=levels, children=children, seed=1
        )
        while True:
            try:
                next(growing)
            except StopIteration as end:
                done = end.value
                break
        seconds = time.monotonic() - started
        nodes = store.nodes()
    wanted = sum(children**level for level in range(1, levels + 1))
    about = judgement.content(premise, language)
    return {
        "premise": premise,
        "whole": len(nodes) == wanted and all(is_whole(node, language) for node in nodes),
        "new": len({node.title.casefold() for node in nodes}) == len({node.synopsis for node in nodes}) == len(nodes),
        "own": 1 - done.spare / len(nodes),
        "named": statistics.mean(bool(about & judgement.content(node.synopsis, language)) for node in nodes),
        "seconds": seconds / len(nodes),
        "nodes": [(node.level, node.title, node.synopsis) for node in nodes],
    }


def is_whole(node: OutlineNode, language: str) -> bool:
    return (
        0 < len(node.title) <= 100
        and ends_sentence(node.synopsis)
        and len(node.synopsis) <= 500
        and "\n" not in node.title + node.synopsis
        and language_of(node.synopsis) == language_of(node.title) == language
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench outline", description=__doc__)
    parser.add_argument("--language", choices=tuple(PREMISES), action="append")
    parser.add_argument("--premises", type=int, default=20)
    parser.add_argument("--levels", type=int, default=3)
    parser.add_argument("--children", type=int, default=2)
    parser.add_argument("--model")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    for language in chosen.language or list(PREMISES):
        settings = Settings(language=language, model=chosen.model or MODELS[language], threads=chosen.threads)
        rows: dict[str, list[dict[str, Any]]] = {"model": [], "silent": []}
        with closing(models.open_engine(settings)) as engine:
            while isinstance(engine, Host) and not engine.wait(0.1):
                pass
            arms: dict[str, Engine] = {"model": engine, "silent": Silent()}
            for number, premise in enumerate(PREMISES[language][: chosen.premises]):
                for arm, used in arms.items():
                    kept = chosen.work and chosen.work / f"{language}-{number}-{arm}.json"
                    if kept and kept.exists():
                        row = json.loads(kept.read_text("utf-8"))
                    else:
                        row = grown(used, settings, premise, language, chosen.levels, chosen.children)
                        if kept:
                            kept.parent.mkdir(parents=True, exist_ok=True)
                            kept.write_text(json.dumps(row, ensure_ascii=False), "utf-8")
                    rows[arm].append(row)
        for arm, all_ in rows.items():
            figures = {
                "language": language,
                "arm": arm,
                "premises": len(all_),
                "whole": sum(row["whole"] for row in all_),
                "new": sum(row["new"] for row in all_),
                "own": round(statistics.mean(row["own"] for row in all_), 3),
                "named": round(statistics.mean(row["named"] for row in all_), 3),
                "seconds": round(statistics.median(row["seconds"] for row in all_), 2),
            }
            print(json.dumps(figures, ensure_ascii=False) if chosen.json else figures, flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
