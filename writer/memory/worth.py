"""How much a sentence is worth to a reader who forgot the chapter, told by its words and its place alone."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from writer.text import ends_sentence, paragraphs


@dataclass(frozen=True, slots=True)
class _Language:
    """What tells of a sentence's worth in one language."""

    shortest: int
    best: range
    longest: int
    turns: re.Pattern[str]
    """After it nothing is as before: someone marries, dies, betrays, finds out."""
    happens: re.Pattern[str]
    """Someone comes, goes, gives, tells."""
    lacks: re.Pattern[str]
    """It begins with what only the sentence before it explains."""
    hollow: re.Pattern[str]
    """A formula, a thought, a wish: nothing that happens."""
    teller: re.Pattern[str]
    """The teller of a story in the first person."""
    who: re.Pattern[str]
    """Kin, office, age, looks."""
    defined: re.Pattern[str]
    """What makes a definition around the name, which is ``@`` here."""
    reach: int
    """How far from the name such words may stand."""
    terms: re.Pattern[str] = field(default=re.compile(r"[^\W\d_]{4,}"))


_ENGLISH = _Language(
    reach=60,
    shortest=30,
    best=range(60, 210),
    longest=330,
    turns=re.compile(
        r"\b(?:marri(?:ed|age)|wedding|engage(?:d|ment)|elope|refus|reject|died|dies\b|dying|dead|death|kill|murder|wound|"
        r"attack|escap|fled|flee|captur|arrest|prison|rescu|burn|wreck|drown|sank|sunk|discover|reveal|confess|swor[en]|"
        r"vow|secret|inherit|bequeath|disinherit|born\b|birth|pregnan|betray|quarrel|forg[ai]v|vanish|disappear|crowned|"
        r"war\b|battle|surrender|victor|defeat|kiss|in love|trial|sentenced|guilty|stole|stolen|lost\b|buried|parted|"
        r"separat|dismiss|promis|accept|determin|resolv|decided|agreed|poison|fortune|truth|accident|danger)",
        re.IGNORECASE,
    ),
    happens=re.compile(
        r"\b(?:arriv|depart|return|left\b|came\b|went\b|took\b|brought|carried|led\b|entered|reached|set out|sailed|"
        r"rode|ran\b|opened|shot|saved|joined|moved|settled|persuad|inform|announc|told\b|heard|saw\b|met\b|introduc|invit|"
        r"visit|journey|travel|bought|sold|hired|recover|fell|fallen|broke|struck|fought|letter|wrote|sent|gave|found|"
        r"learn(?:ed|t)|receiv|recogni[sz]|appeared|sick|ill(?:ness)?\b|hid(?:den)?\b|began|called|engag|propos)",
        re.IGNORECASE,
    ),
    lacks=re.compile(
        r"(?:[\"'“‘(\[-]|(?:he|she|it|they|this|that|these|those|such|his|her|their|its|but|and|or|nor|yet|so|then|"
        r"here|there|what|which|how|why|yes|no|oh|ah|well|indeed|however|him|the former|the latter|the other)\b)",
        re.IGNORECASE,
    ),
    hollow=re.compile(
        r"\b(?:perhaps|must|should|would|could|might|may|cannot|if|seem(?:s|ed)?|suppose|wonder|ought|think|thought|"
        r"certainly|always|never|every|nothing|nobody|any)\b",
        re.IGNORECASE,
    ),
    teller=re.compile(r"\b(?:I|we)\b"),
    who=re.compile(
        r"\b(?:son|daughter|wife|husband|widow(?:er)?|brother|sister|mother|father|uncle|aunt|cousin|nephew|niece|"
        r"grand\w+|child|heir|friend|servant|maid|master|mistress|captain|colonel|doctor|lawyer|teacher|keeper|"
        r"sailor|priest|king|queen|prince(?:ss)?|lord|lady|owner|neighbou?r|years old|aged?|eyes|hair|tall|handsome|"
        r"pretty|beautiful|young|old|man|woman|girl|boy|gentleman|born|lived|married|village|town|city|house|estate|"
        r"island|river|street)\b",
        re.IGNORECASE,
    ),
    defined=re.compile(
        r"@(?:,? (?:who|which)\b[^;:?!]{0,80}?)?,? (?:was|is|had been|were|became) (?:now |then |only |still |not )?"
        r"(?!the (?:first|last|next|same|more|less)\b)"
        r"(?:an?|the|his|her|their|my|our|one|about|\w+teen|twenty|thirty|forty|fifty|sixty)\b"
        r"|@, (?:(?:now|then) )?(?!the (?:first|last|next|same|more|less)\b)(?:an?|the|aged)\b"
        r"|@, (?:his|her|their) (?:\w+ ){0,2}(?:son|daughter|wife|husband|widow|brother|sister|mother|father|uncle|"
        r"aunt|cousin|nephew|niece|child|friend|partner|servant|maid|master|mistress|neighbou?r|captain|doctor)\b"
        r"|(?:son|daughter|wife|husband|brother|sister|mother|father|uncle|aunt|cousin|friend|called|named),? @"
    ),
)

_CHINESE = _Language(
    reach=20,
    shortest=10,
    best=range(16, 64),
    longest=130,
    turns=re.compile(
        "死|身亡|卒|驾崩|薨|杀|斩|诛|刺|大败|大破|战败|得胜|投降|擒|捉|围|攻|娶|嫁|成亲|婚|生下|出生|怀孕|病|伤|原来|承认|坦白|"
        "拒绝|发誓|秘密|失踪|消失|结拜|结义|登基|即位|封为|封.{1,4}为|立.{1,4}为|拜.{1,4}为|投奔|归顺|起兵|背叛|造反|谋反|出卖|"
        "原谅|争吵|吵架|分手|爱上|吻|打死|自缢|自刎|投井|毒|烧|偷|丢了|埋|救|逃|走脱|认出|决定|答应|约定|遗|破城|取了|大怒"
    ),
    happens=re.compile(
        "离开|回到|回来|来到|到了|赶到|抵达|出发|动身|起程|发现|得知|知道了|明白了|告诉|许诺|写信|来信|的信|收到|送给|交给|藏|"
        "出现|遇见|遇到|相见|引兵|领兵|引军|率|兴兵|大喜|大惊|辞别|辞|被|遣|奏|入京|回京|赶走|流泪|开门|点亮|搬|上岸|出海|攻|"
        "破|获|胜|败|降|请|召|命|令|引|迎|追|议"
    ),
    lacks=re.compile("[“‘「『（—]|[他她它这那其此之]|但|可是|然而|于是|而且|所以|因此|不过|却|也|又|便|就|乃|遂"),
    hollow=re.compile(
        "且看|且听|下回|下文|分解|有诗|诗曰|诗云|正是[：:]|未知|不知|毕竟|看官|话分两头|如何|也许|或许|大概|恐怕|应该|似乎|好像|仿佛|岂"
    ),
    teller=re.compile("我"),
    who=re.compile(
        "姓|名|字|人也|之子|之女|之弟|之兄|之妻|之孙|儿子|女儿|妻|丈夫|太太|父|母|兄|弟|姐|妹|叔|伯|舅|姑|师|徒|朋友|同学|"
        "老板|医生|老师|太守|将军|丞相|刺史|身长|面如|年方|岁|为人|官|原是|本是|生得|眼睛|头发|住在|村|镇|城|寨|府"
    ),
    defined=re.compile(
        "@(?:，|,)?(?:本|原|乃|便|就|正|)是(?!不)|@(?:，)?(?:乃|者|字|姓)|(?:姓.{1,2}，?名|姓.名|名叫|叫做|叫|名曰|名为|唤作|名)@"
        "|@.{0,6}(?:人也|之[子女弟兄妻孙])"
    ),
    terms=re.compile("(?=([\u3400-\u9fff]{2}))"),
)

_COMMON = frozenset(
    re.findall(
        r"\w+",
        "that this with have from they were been what when which there their would could should about them "
        "then than your will into some more very only upon such much must said does made make every being "
        "himself herself never before after again other most many where while though without these those "
        "shall might nothing ",
    )
)
_HALF = "(?:[\u3400-\u9fff]{5}|[\u3400-\u9fff]{7})"
_VERSE = re.compile(f"(?:^|[：“。，；]){_HALF}[，、；]{_HALF}(?:[。！？；，”]|$)")
_QUOTES = re.compile('[“”「」『』"]')
_SPOKEN = re.compile(r"(?:曰|道|说|云|问|叫|喝|答)[：:，]?\s*$")


def of_language(language: str) -> _Language:
    """What tells of worth in this language."""
    return _CHINESE if language == "zh" else _ENGLISH


def terms(text: str, language: str) -> list[str]:
    """The words, or in Chinese the pairs of characters, that a text is about, in order."""
    found = of_language(language).terms.findall(text)
    return found if language == "zh" else [word for word in map(str.lower, found) if word not in _COMMON]


def spoken(text: str) -> list[tuple[int, int]]:
    """The stretches between quotation marks; one that isn't closed ends with its paragraph."""
    stretches: list[tuple[int, int]] = []
    for first, last in paragraphs(text):
        opened: list[int] = []
        is_first = True
        for match in _QUOTES.finditer(text, first, last):
            mark, at = match[0], match.start()
            if mark in "“「『" or (mark == '"' and not opened):
                opened.append(at)
            elif opened:
                start = opened.pop()
                if not opened:
                    stretches.append((start, at + 1))
            elif is_first:  # opened before the chunk began
                stretches.append((first, at + 1))
            is_first = False
        if opened:
            stretches.append((opened[0], last))
    return stretches


def share(start: int, end: int, stretches: Sequence[tuple[int, int]]) -> float:
    """How much of a span lies within these rising stretches."""
    first = max(0, bisect_right(stretches, (start, start)) - 1)
    last = bisect_left(stretches, (end, end))
    inside = sum(max(0, min(end, b) - max(start, a)) for a, b in stretches[first:last])
    return inside / max(1, end - start)


def worth(sentence: str, said: float, named: int, common: Counter[str], language: str) -> int:
    """How much a trimmed sentence tells, 0 if nothing.

    ``said`` is how much of it someone in the story says, ``named`` how many names it has, ``common`` how often each
    of the terms stands in the text around.
    """
    tells = of_language(language)
    length = len(sentence)
    if not tells.shortest <= length <= tells.longest:
        return 0
    value = 40.0 + (0, 60, 95, 110)[min(3, named)]
    if not named and tells.teller.search(sentence):
        value += 35
    turns = _different(tells.turns, sentence)
    value += (0, 45, 70)[min(2, turns)]
    value += (0, 20, 32)[min(2, _different(tells.happens, sentence))]
    own = set(terms(sentence, language))
    if own:
        value += 12 * min(3.0, sum(min(4, common[term] - 1) for term in own) / len(own) * 2)
    value -= 12 * min(3, len(tells.hollow.findall(sentence)))
    if tells.lacks.match(sentence):
        value -= 30
    if sentence[-1] in "?？" or "？”" in sentence:
        value -= 50
    elif sentence[-1] in "!！":
        value -= 15
    if not ends_sentence(sentence) or _SPOKEN.search(sentence):  # a heading, what is said next, the line at the caret
        value -= 50
    if language == "zh" and _VERSE.search(sentence):
        value -= 70
    value *= 1 - (0.5 if turns and named else 0.9) * said
    if length < tells.best.start:
        value *= 0.4 + 0.6 * length / tells.best.start
    elif length > tells.best.stop:
        value *= max(0.4, 1 - (length - tells.best.stop) / (2 * (tells.longest - tells.best.stop)))
    return max(0, round(value))


def tells_who(sentence: str, name: str, said: float, language: str) -> int:
    """How well a sentence says who or what a name is, 0 if not at all."""
    tells = of_language(language)
    if not len(name) < len(sentence) <= 2 * tells.longest:
        return 0
    masked = sentence.replace("@", " ").replace(name, "@")
    at = masked.find("@")
    value = 30 if tells.defined.search(masked) else 0
    value += 10 * min(2, len(set(tells.who.findall(masked, max(0, at - tells.reach), at + tells.reach))))
    if sentence[-1] in "?？":
        value -= 20
    return max(0, round(value * (1 - 0.6 * said)))


def _different(pattern: re.Pattern[str], sentence: str) -> int:
    return len({found.lower() for found in pattern.findall(sentence)})
