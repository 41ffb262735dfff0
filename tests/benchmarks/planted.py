"""Whether what was said once is found again, when it is asked for in other words.

Run as ``python3 packaging/dev.py bench planted [--book FILE] [--language en|zh] [--seeds N] [--model NAME] [--json]``.
In the first third of a book of 700,000 words, 40 sentences are planted: somebody of a trade, and one thing about them.
All of them come up twice more, without the thing. In the last third each thing is asked for in other words: half of
the questions have the name, a quarter the trade, and a quarter only tells of the trade in other words, too. Figures,
with bootstrap 95 % intervals over facts and seeds:

- ``found``: the planted sentence is among the 8 recalled ones; ``first``: it is the first of them;
- ``from the page``: the same where nobody asks, but the page ends with the question, among the 3 that it calls up;
- with ``--model``, behind the prompt that a suggestion reads, 1,024 tokens in all, where the caret is behind what the
  answer begins with: ``right``, of 16 answers the model finds the true one likeliest (log-probability of all of it),
  with the window alone, with memory, and with memory but for the recalled sentences; ``gained``: the same where what
  counts is by how much these make an answer likelier; ``read``: the planted sentence is in the prompt;
- ``ms``: p95 of recall.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from writer import context, models, text
from writer.engines import Engine, EngineSpec
from writer.engines.host import Host
from writer.memory.preceding import before
from writer.memory.recall import recall
from writer.memory.remind import remind
from writer.memory.update import update
from writer.store import Store
from writer.story import Cursor, Project, Prompt

WORDS = 700_000
FACTS = 40
RECALLED = 8
READ = 3
TOKENS = 1024
SEEDS = 3
SCENE = 3000
WINDOW = 4000
PAGE = {"en": 3000, "zh": 1100}

# What they are as it is planted, and in other words.
ROLES = {
    "en": """
the lighthouse keeper at Marrow Point = the man who tended the lamp above the rocks
a cartographer from the capital = the one who drew maps for a living
the village blacksmith = the man at the forge
a retired executioner = the man who had once hanged people for the crown
the youngest of the three bakers in Fenn Street = the baker's lad who rose before dawn to knead the dough
a widowed seamstress = the woman who sewed for others since her husband died
the ferryman at the lower crossing = the fellow who rowed travellers over the river
an apothecary with a wooden leg = the one-legged man who sold remedies
the governess of the Harrow children = the woman who taught the little Harrows
a deaf bell-ringer = the man who tolled the bells and could not hear them
the gravedigger of Saint Osyth = the man who buried the dead at Saint Osyth's
a clockmaker with a stammer = the stuttering man who repaired watches
the innkeeper of the Blue Heron = the landlord of the Blue Heron
a runaway drummer boy = the child who had deserted the regiment with his drum
the beekeeper beyond the mill = the neighbour with the hives
an old sea captain without a ship = the aged mariner who no longer commanded any vessel
the librarian of the abbey = the person in charge of the monks' books
a travelling puppeteer = the showman with the marionettes
the midwife of the upper valley = the woman who helped the babies into the world up there
a disgraced surgeon = the doctor who had lost his good name
the glassblower's apprentice = the young fellow learning to make bottles and panes
a falconer in the duke's service = the man who trained hawks for the duke
the stationmaster at Dunmere = the official who ran the railway platform at Dunmere
an exiled poet = the writer of verses who was banished from home
the toll collector on the stone bridge = the man who took the coins from those who crossed the bridge
a blind organist = the sightless musician in the church
the shepherdess on Carrow Hill = the girl who minded the flock on the hill
a pearl diver from the south = the swimmer who fetched pearls from the sea bed
the chimney sweep with red hair = the sooty ginger fellow who cleaned flues
a bankrupt banker = the financier who lost all his money
the gamekeeper at Thornley = the man who watched over the pheasants at Thornley
an interpreter of nine languages = the person who translated nine tongues
the wheelwright's twin sister = the twin of the man who built carts
a lace merchant = the trader in lace
the tutor with the scarred cheek = the teacher whose face bore a scar
a locksmith turned thief = the burglar who used to make keys
the miller's second wife = the woman the miller married after his first wife died
a circus acrobat = the tumbler from the big top
the notary in Quince Lane = the lawyer who witnessed deeds in Quince Lane
an astronomer in the north tower = the person who watched the stars from the tower
""",
    "zh": """
守灯塔的老人 = 那个夜夜给海上船只照路的人
镇上的铁匠 = 那个整天打铁的人
京城来的画师 = 那个靠画画谋生的外乡人
药铺的瘸腿掌柜 = 那个腿脚不便的卖药人
摆渡的船夫 = 那个撑船送人过河的人
寡居的绣娘 = 那个死了丈夫、靠刺绣过活的女人
退役的刽子手 = 那个从前替官府砍头的人
村里的接生婆 = 那个帮人生孩子的妇人
耍猴的艺人 = 那个牵着猴子卖艺的人
失明的琴师 = 那个眼睛看不见的弹琴人
破产的盐商 = 那个做盐生意赔光了家产的人
寺里的敲钟僧人 = 那个每天撞钟的和尚
流亡的诗人 = 那个被赶出故乡的写诗的人
守墓的哑巴 = 那个看管坟地、不会说话的人
养蜂的农妇 = 那个家里有许多蜂箱的女人
酿酒的师傅 = 那个会做酒的匠人
戏班的武生 = 那个在戏台上翻跟头的演员
县衙的仵作 = 那个替官府验尸的人
卖豆腐的寡妇 = 那个做豆腐买卖的女人
采珠的渔女 = 那个下海捞珍珠的姑娘
修钟表的学徒 = 那个学修表的小伙子
镖局的老镖师 = 那个一辈子替人押送货物的老头
教书的落第秀才 = 那个没考中功名的先生
放羊的孤儿 = 那个没爹没娘、赶着羊群的孩子
驯鹰的猎户 = 那个会养鹰打猎的人
磨坊主的续弦 = 那个嫁给磨坊主的第二个妻子
通九国话的译官 = 那个懂得许多外国语言的官员
茶馆的说书先生 = 那个在茶馆里讲故事的人
扎纸人的匠人 = 那个用纸糊人马的手艺人
观星台的博士 = 那个夜里看星象的学者
收过桥钱的差役 = 那个在桥头向行人要钱的人
卖字画的老翁 = 那个靠字和画换钱的老头
逃出军营的鼓手 = 那个当了逃兵的打鼓少年
做锁出身的小偷 = 那个原先会造锁的贼
客栈的老板娘 = 那个开店让旅人住宿的女人
烧瓷的窑工 = 那个在窑里做瓷器的工人
山里的樵夫 = 那个砍柴为生的汉子
府里的奶娘 = 那个给小少爷喂奶的妇人
管书库的老僧 = 那个看守经书的和尚
走江湖的算命先生 = 那个替人占卜前程的人
""",
}

# One thing about somebody: as it is planted, as it is asked (with {who}), how the answer begins, and what it may be.
THINGS = {
    "en": [
        (
            "{name}, {role}, had been terrified of {x} ever since childhood.",
            "What was it that frightened {who} so badly? The thing that frightened {who} was",
            "bees|thunder|mirrors|horses|deep water|owls|candles|crowds|snow|dogs|heights|moths|bridges|spiders|"
            "darkness|clowns",
        ),
        (
            "It was in {x} that {name}, {role}, had been born.",
            "Where did {who} first see the light of day? The birthplace of {who} was",
            "Lisbon|Cairo|Antwerp|Riga|Naples|Dublin|Smyrna|Bergen|Havana|Prague|Tunis|Geneva|Malta|Danzig|Cadiz|York",
        ),
        (
            "{name}, {role}, had hidden the stolen deed inside {x}.",
            "In what place was the missing document that {who} had concealed? {who} had put it into",
            "a violin|a teapot|a hollow oak|a loaf of bread|a boot|a clock|a bird cage|a mattress|a globe|a bible|"
            "a barrel|a chimney|a saddle|a lantern|a flower pot|a well",
        ),
        (
            "In the evenings {name}, {role}, used to play {x} behind closed shutters.",
            "Which instrument did {who} make music on at nightfall? {who} performed on",
            "the flute|the harp|the cello|the trumpet|the zither|the organ|the lute|the oboe|the banjo|the viola|"
            "the accordion|the bagpipes|the clarinet|the piano|the mandolin|the drums",
        ),
        (
            "{name}, {role}, could not bear the taste of {x}.",
            "What food did {who} detest? The dish that {who} refused to eat was",
            "onions|cheese|cabbage|honey|eel|garlic|mutton|beans|oysters|rice|pepper|apples|mushrooms|turnips|liver|"
            "almonds",
        ),
        (
            "{name}, {role}, owned nothing of value but {x}.",
            "What was the only precious possession of {who}? The single treasure that belonged to {who} was",
            "a silver spoon|a ruby ring|a Persian rug|a telescope|a gold tooth|a painted fan|an ivory comb|a sword|"
            "a fur coat|a music box|a pearl necklace|a chess set|a crystal vase|a stallion|a prayer book|a compass",
        ),
        (
            "On the left hand {name}, {role}, bore the tattoo of {x}.",
            "What picture was inked into the skin of {who}? On the hand of {who} one saw",
            "a swallow|an anchor|a rose|a snake|a crown|a dagger|a fish|a moon|a wolf|a key|a spider|a star|a skull|"
            "a heart|a ship|a feather",
        ),
        (
            "{name}, {role}, dreamed of leaving everything behind to become {x}.",
            "Which profession did {who} secretly long for? {who} wished to be",
            "a painter|a pirate|a monk|a gardener|a soldier|a dancer|a judge|a fisherman|a singer|a pilot|a cook|"
            "a priest|a jockey|a sculptor|a spy|a carpenter",
        ),
    ],
    "zh": [
        (
            "{name}是{role}，从小最怕{x}。",
            "让{who}感到恐惧的东西是什么？{who}害怕的是",
            "蜜蜂|打雷|镜子|马|深水|猫头鹰|蜡烛|人群|下雪|狗|高处|飞蛾|蛇|蜘蛛|黑暗|火",
        ),
        (
            "{name}是{role}，原来生在{x}。",
            "{who}的故乡是什么地方？{who}出生的地方是",
            "杭州|西安|成都|大同|泉州|洛阳|广州|苏州|昆明|太原|兰州|扬州|济南|长沙|桂林|福州",
        ),
        (
            "{name}是{role}，把偷来的地契藏在了{x}里。",
            "{who}把那份失窃的文书放在什么地方？{who}把文书塞进了",
            "琵琶|茶壶|枯井|馒头|靴子|鸟笼|床垫|佛像|酒坛|烟囱|马鞍|灯笼|花盆|枕头|棺材|米缸",
        ),
        (
            "每到傍晚，{role}{name}总要关上门吹拉弹唱，奏的是{x}。",
            "天黑以后，{who}用什么乐器消遣？{who}的乐器是",
            "笛子|古琴|二胡|唢呐|琵琶|箫|月琴|扬琴|笙|柳琴|三弦|腰鼓|铜锣|木鱼|竖琴|胡笳",
        ),
        (
            "{name}是{role}，一辈子吃不得{x}。",
            "{who}讨厌哪一种食物？{who}不肯碰的食物是",
            "洋葱|豆腐|白菜|蜂蜜|鳝鱼|大蒜|羊肉|豆角|牡蛎|米饭|辣椒|苹果|蘑菇|萝卜|猪肝|杏仁",
        ),
        (
            "{name}是{role}，家中值钱的只有{x}。",
            "{who}唯一的宝贝是什么？{who}最贵重的财产是",
            "一把银勺|一枚玉戒|一张地毯|一架望远镜|一颗金牙|一把画扇|一把象牙梳|一把宝剑|一件皮袄|一只八音盒|"
            "一串珍珠|一副棋|一只花瓶|一匹骏马|一部经书|一个罗盘",
        ),
        (
            "{name}是{role}，左手背上刺着{x}。",
            "{who}身上的花纹是什么图样？{who}皮肤上画的是",
            "燕子|船锚|玫瑰|毒蛇|王冠|匕首|鲤鱼|月亮|野狼|钥匙|蜘蛛|星星|骷髅|桃心|帆船|羽毛",
        ),
        (
            "{name}是{role}，心里一直盼着有朝一日能去当{x}。",
            "{who}暗地里向往哪种行当？{who}的志向是做",
            "画家|海盗|和尚|花匠|士兵|舞女|法官|渔夫|歌女|船长|厨子|道士|骑师|石匠|密探|木匠",
        ),
    ],
}

NAMES = {
    "en": (
        "Tobias Aldous Marian Osric Petra Lucan Isolde Bram Verity Casper Odile Jonas Thea Ansel Wilma Rufus Greta "
        "Silas Nerys Edgar Hester Magnus Ottilie Piers Ludo Beata Corin Dorcas Emeric Flora",
        "Quill Venn Thackaby Morrow Stroud Pellham Orchard Lasker Wyndle Tarrant Hobday Crake Sallow Pruett Vane "
        "Bexley Ockham Dravot Melling Skerry Garrow Nashe Ferrars Coldwell Ruddock Isham Tolliver Brandt Yarrow "
        "Penrose",
    ),
    "zh": (
        "欧阳 司徒 慕容 闻人 尉迟 段 沈 顾 宁 温 苏 柳 白 秦 阮 莫 燕 骆 简 卓 符 祁 荀 裴 俞 岑 滕 乔 桑 芮",
        "子衿 砚秋 青禾 望舒 怀瑾 霁月 孤鸿 听雪 扶摇 归晚 知远 若水 长庚 问渠 南枝 折柳 拾遗 疏影 半夏 云起 无咎 "
        "采薇 逐浪 寒声 小满 景行 守拙 惊蛰 忘言 含章",
    ),
}

MENTIONS = {
    "en": [
        "{name} had been there too, and had left without a word.",
        "Nobody had asked {name}, who was standing by the door.",
        "There was a letter from {name}, but it was about the weather.",
        "Later {name} came in and sat down with the others.",
    ],
    "zh": [
        "那天{name}也在，一句话没说就走了。",
        "{name}站在门边，没有人问起。",
        "后来{name}进来，同众人一起坐下。",
        "席间有人提起{name}，大家都笑了。",
    ],
}


@dataclass(frozen=True, slots=True)
class Planted:
    """A fact, as it stands in the book and as it is asked for."""

    name: str
    sentence: str
    question: str
    answer: str
    answers: tuple[str, ...]
    asked_by: str
    """How its person is told: by name, trade, or description."""


def plants(language: str, seed: int) -> list[Planted]:
    """The facts of a seed; every other one is asked for by name."""
    dice = random.Random(f"{language} {seed}")
    roles = [line.split(" = ") for line in ROLES[language].strip().splitlines()]
    dice.shuffle(roles)
    first, last = (pool.split() for pool in NAMES[language])
    dice.shuffle(last)
    joint = "" if language == "zh" else " "
    people = [dice.choice(first) + joint + last[number % len(last)] for number in range(FACTS * 2)]
    people = list(dict.fromkeys(people))[:FACTS]
    facts = []
    for number, (name, (role, described)) in enumerate(zip(people, roles, strict=True)):
        sentence, question, pool = THINGS[language][number % len(THINGS[language])]
        answers = tuple(pool.split("|"))
        answer = dice.choice(answers)
        asked_by = ("name", "trade", "name", "description")[(number + number // len(THINGS[language])) % 4]
        trade = f"那个{role}" if language == "zh" else re.sub("^an? ", "the ", role)
        who = {"name": name, "trade": trade, "description": described}[asked_by]
        asked = question.format(who=who)
        asked = asked[0].upper() + asked[1:]
        asked = re.sub(r"([?？] ?)(\w)", lambda match: match[1] + match[2].upper(), asked)
        facts.append(Planted(name, sentence.format(name=name, role=role, x=answer), asked, answer, answers, asked_by))
    return facts


def paragraphs_of(source: Path | None, words: int, language: str) -> list[str]:
    """Paragraphs of so many words: a text again and again, each time in another order so that it isn't the same."""
    if source is None:
        from tests.benchmarks.store import prose

        endless = prose(seed=5)
        given = [next(endless) for _ in range(2000)]
    else:
        whole = text.clean(source.read_text("utf-8"))
        given = [" ".join(whole[a:b].split()) for a, b in text.paragraphs(whole)]
    counts = [text.count_words(paragraph) for paragraph in given]
    turn, total, found = 0, 0, []
    while total < words:
        numbers = list(range(len(given)))
        if turn:
            random.Random(turn).shuffle(numbers)
        for number in numbers:
            if total >= words:
                break
            if counts[number]:
                found.append(given[number])
                total += counts[number]
        turn += 1
    return found


def planted_in(paragraphs: Sequence[str], facts: Sequence[Planted], language: str, seed: int) -> list[str]:
    """The paragraphs with each fact at the end of one of the first third, and its people at two more places."""
    dice = random.Random(f"places {seed}")
    grown = list(paragraphs)
    joint = "" if language == "zh" else " "
    third = len(grown) // 3
    for fact, at in zip(facts, dice.sample(range(third), len(facts)), strict=True):
        grown[at] += joint + fact.sentence
        for elsewhere in dice.sample(range(2 * third), 2):
            grown[elsewhere] += joint + dice.choice(MENTIONS[language]).format(name=fact.name)
    return grown


def book(path: Path, paragraphs: Sequence[str], facts: Sequence[Planted], language: str, seed: int) -> Store:
    """A project of these paragraphs with the facts in it, indexed."""
    store = Store.create(path, Project("Planted", "", language))
    joint, lines, words = "\n", [], 0
    with store.transaction():
        for paragraph in planted_in(paragraphs, facts, language, seed):
            lines.append(paragraph)
            words += text.count_words(paragraph)
            if words >= SCENE:
                store.add(f"Scene {len(store.order()) + 1}", text=joint.join(lines))
                lines, words = [], 0
        store.add("The end", text=joint.join(lines))
    for _progress in update(store):
        pass
    return store


def asker(store: Store) -> Cursor:
    """The caret in the last third, at the end of a scene."""
    order = store.order()
    scene = store.scene(sorted(order, key=order.__getitem__)[len(order) * 85 // 100])
    return Cursor(scene.id, scene.text, len(scene.text))


def ranks(store: Store, facts: Sequence[Planted]) -> Iterator[tuple[Planted, bool, int, float]]:
    """Each fact, asked by itself and called up by the page: at which place it was found, and the seconds that took."""
    cursor = asker(store)
    window = max(0, cursor.offset - WINDOW)
    cast = before(store, cursor).cast()
    for fact in facts:
        page = behind(cursor, lead_in(fact)[0], "")
        shown = page.before[-PAGE[store.project.language] :]
        for from_page in (False, True):
            start = time.perf_counter()
            if from_page:
                passages = remind(store, page, shown, cast, READ, within=window)
            else:
                passages = recall(store, cursor, fact.question, RECALLED, within=window)
            taken = time.perf_counter() - start
            place = next((at for at, one in enumerate(passages) if fact.sentence in one.text), RECALLED)
            yield fact, from_page, place, taken


def interval(values: Sequence[float], samples: int = 2000) -> tuple[float, float, float]:
    """The mean and its bootstrap 95 % interval."""
    dice = random.Random(0)
    means = sorted(statistics.fmean(dice.choices(values, k=len(values))) for _ in range(samples))
    return statistics.fmean(values), means[samples // 40], means[-samples // 40 - 1]


# --- what a model makes of it


def lead_in(fact: Planted) -> tuple[str, str]:
    """The question, and what its answer begins with."""
    question, mark, begun = re.split(r"([?？]) ?", fact.question, maxsplit=1)
    return question + mark, begun


def behind(cursor: Cursor, *lines: str) -> Cursor:
    """The caret behind these lines at the end of its page."""
    text = "\n".join([cursor.before.rstrip(), *lines])
    return Cursor(cursor.scene, text, len(text))


def right(engine: Engine, store: Store, fact: Planted) -> dict[str, float]:
    """Whether the true answer is the likeliest behind the product's own prompt, and whether memory adds most to it."""
    language = store.project.language
    joint = "" if language == "zh" else " "
    question, begun = lead_in(fact)
    cursor = behind(asker(store), question, begun)

    def scored(prompt: Prompt) -> dict[str, float]:
        return {answer: sum(engine.score(prompt, joint + answer)) for answer in fact.answers}

    def is_best(scores: dict[str, float]) -> float:
        return float(max(scores, key=lambda answer: scores[answer]) == fact.answer)

    with_memory = context.build(cursor, store, engine, TOKENS, language, context.Memory(store))
    kept = tuple(part for part in with_memory.parts if part.kind != "recalled")
    recalled = "".join(part.text for part in with_memory.parts if part.kind == "recalled")
    alone = scored(context.build(cursor, store, engine, TOKENS, language))
    ours = scored(with_memory)
    without = scored(replace(with_memory, parts=kept)) if recalled else ours
    return {
        "right, window": is_best(alone),
        "right, ours": is_best(ours),
        "right, ours without recall": is_best(without),
        "gained, ours": is_best({answer: ours[answer] - without[answer] for answer in ours}) if recalled else 0.0,
        "read": float(" ".join(fact.sentence.split()) in recalled),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench planted", description=__doc__)
    parser.add_argument("--book", type=Path)
    parser.add_argument("--language", choices=("en", "zh"))
    parser.add_argument("--words", type=int, default=WORDS)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--model")
    parser.add_argument("--every", type=int, default=1, help="ask the model only about each so-manieth fact")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    language = options.language or (text.language_of(options.book.read_text("utf-8")) if options.book else "en")
    paragraphs = paragraphs_of(options.book, options.words, language)
    figures: dict[str, list[float]] = {}
    times = []

    def note(figure: str, fact: Planted, value: float) -> None:
        figures.setdefault(f"{figure}, by {fact.asked_by}", []).append(value)
        if fact.asked_by != "name":
            figures.setdefault(f"{figure}, without the name", []).append(value)

    engine = None
    if options.model:
        engine = Host(EngineSpec("transformers", str(models.find(options.model)), options.model, 2 * TOKENS, 1))
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(options.seeds):
            facts = plants(language, seed)
            with book(Path(folder) / f"{seed}.writer", paragraphs, facts, language, seed) as store:
                for fact, from_page, place, taken in ranks(store, facts):
                    where = "from the page" if from_page else "asked"
                    note(f"found, {where}", fact, float(place < RECALLED))
                    note(f"first, {where}", fact, float(place == 0))
                    times.append(taken)
                for fact in facts[:: options.every] if engine else ():
                    for figure, value in right(engine, store, fact).items():
                        note(figure, fact, value)
    if engine:
        engine.close()
    times.sort()
    result: dict[str, object] = {
        name: [round(one, 3) for one in interval(values)] for name, values in sorted(figures.items())
    }
    result["ms"] = round(1000 * times[len(times) * 95 // 100], 1)
    if options.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:48}", *(value if isinstance(value, list) else [value]))


if __name__ == "__main__":
    main()
