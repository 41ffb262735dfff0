"""Books of the tests: made up, in English and in Chinese, always the same."""

import random

from writer.store import Store
from writer.story import Project

PEOPLE = ["Mara Quill", "Tobias Finch", "Elin Vass", "Captain Orme", "Jonas Reed", "Mrs. Pell", "Ada Thorn", "Silas"]
PLACES = ["Harrowgate", "Saltmere", "Dunmouth", "Port Alder", "Fenwick"]
ENGLISH = [
    "{a} came to {p} with {b} before the first snow and took a room above the harbour.",
    "{a} was the only son of {b}, and everyone in {p} knew it.",
    "At last {a} told {b} that the lighthouse in {p} would be sold.",
    "“I never said that,” said {a}, and shut the window.",
    "The wind turned, and the boats stayed in.",
    "{a} died in {p} that winter, and {b} buried her under the elms.",
    "It was late, and nobody spoke.",
    "{a} married {b} in the chapel at {p} in the spring of that year.",
    "{a} wrote to {b} about the money, and no answer came from {p}.",
]
MEN = ["林远山", "苏婉", "陈默", "周老板", "沈秋月", "赵铁生"]
TOWNS = ["青石镇", "临江城", "白云寺", "杏花村"]
CHINESE = [
    "{a}带着{b}回到{p}，在码头边租下一间屋子。",
    "{a}是{b}的独生儿子，{p}的人都知道。",
    "“我没有说过这话。”{a}说。",
    "风停了，船都没有出海。",
    "那年冬天{a}死在{p}，{b}把他埋在山坡上。",
    "{a}终于告诉{b}，{p}的老宅已经卖掉了。",
    "天黑了，谁也没有说话。",
    "第二年春天，{a}在{p}娶了{b}。",
]


def prose(seed, words, language="en"):
    """So many words, about, of made-up prose; another with each seed."""
    rng = random.Random(seed)
    people, places, forms = (PEOPLE, PLACES, ENGLISH) if language == "en" else (MEN, TOWNS, CHINESE)
    paragraphs = []
    count = 0
    while count < words:
        sentences = []
        for _ in range(rng.randint(2, 5)):
            a, b = rng.sample(people, 2)
            sentences.append(rng.choice(forms).format(a=a, b=b, p=rng.choice(places)))
        paragraphs.append((" " if language == "en" else "").join(sentences))
        count += len(paragraphs[-1].split()) if language == "en" else len(paragraphs[-1])
    return "\n".join(paragraphs)


def book(path, outline, language="en"):
    """A store with nodes given as (level, title, text), and their ids."""
    store = Store.create(path, Project("A book", "", language))
    ids, above = [], []
    with store.transaction():
        for level, title, text in outline:
            while above and above[-1][0] >= level:
                above.pop()
            ids.append(store.add(title, above[-1][1] if above else None, text=text))
            above.append((level, ids[-1]))
    return store, ids


def chapters(count, scenes, words=300, language="en"):
    """An outline of chapters, each with some prose of its own and scenes below."""
    outline = []
    for chapter in range(count):
        outline.append((0, f"Chapter {chapter + 1}", prose(f"c{chapter}", 60, language) if chapter % 2 else ""))
        outline += [
            (1, f"Scene {chapter + 1}.{scene + 1}", prose(f"s{chapter}.{scene}", words, language))
            for scene in range(scenes)
        ]
    return outline


def finished(work):
    """What a generator returns, and how many values it gave."""
    count = 0
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value, count
        count += 1
