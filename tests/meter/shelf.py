"""A book with names in it, and an engine that is less surprised by what it has read."""

from __future__ import annotations

from pathlib import Path

from writer.engines.echo import Echo
from writer.store import Store
from writer.story import Project, Prompt

ENGLISH_PEOPLE = (
    "Ada Bram Clara Dorn Edda Finn Greta Hale Iver Jonas Kora Lars Marta Nils Olga Piet Runa Sven Tilda Ulf"
)
CHINESE_PEOPLE = "贾宝玉 林黛玉 薛宝钗 王熙凤 史湘云 贾探春 贾迎春 贾惜春 李纨 秦可卿 袭人 晴雯 紫鹃 平儿 鸳鸯 香菱"
PEOPLE = {"en": ENGLISH_PEOPLE.split(" "), "zh": CHINESE_PEOPLE.split(" ")}
LINES = {
    "en": (
        "The gulls rose when number {n} came in. “Then {one} knows,” said {two}; “he told Mrs. Hale at once.”\n",
        "She waited for Doctor {one}, as I did, and in the evening the rain came down on {two} again.\n",
        "Nobody slept that night. On day {n} they had buried the captain, {two}, and old {one} wept for him.\n",
    ),
    "zh": (
        "{one}在第{n}天来到苏州。她问{two}：“你看见海鸥了吗？”{two}摇头，说没有看见。\n",
        "那天晚上下了很大的雨，{one}没有睡。{two}在门外站了很久，后来回北京去了。\n",
        "第{n}天，船长死了。{one}说，{two}从来没有见过这么大的雨，连苏州的河水也漫了上来。\n",
    ),
}


class Reader(Echo):
    """What stood in the prompt surprises it by 1, what is new by 3."""

    def score(self, prompt: Prompt, text: str) -> list[float]:
        read = {prompt.text[start:end].strip() for start, end in self.spans(prompt.text)}
        return [-1.0 if text[start:end].strip() in read else -3.0 for start, end in self.spans(text)]


def make(path: Path, language: str = "en", scenes: int = 12, paragraphs: int = 40) -> Path:
    """A project of so many scenes; who is met comes again after some pages."""
    with Store.create(path, Project("The Harbour", "", language)) as store:
        for scene in range(scenes):
            first = scene * paragraphs
            store.add(f"Chapter {scene + 1}", text="".join(line(n, language) for n in range(first, first + paragraphs)))
    return path


def line(n: int, language: str) -> str:
    """The paragraph with this number."""
    people = PEOPLE[language]
    one, two = people[n // 3 % len(people)], people[n // 2 % len(people)]
    return LINES[language][n % 3].format(n=n, one=one, two=two)
