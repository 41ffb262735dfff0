"""What a question may ask for, and what an answer to that looks like."""

from __future__ import annotations

import re

KINDS = {
    "aged": r"\bhow old\b|\bwhat age\b|\bage of\b|几岁|多大年纪|多大岁数|多大年龄|年纪多大|年龄|多大[了？?]|年纪",
    "from": r"\bwhere\b[^?]*\bfrom\b|\bnative of\b|[哪何]里?(?:方|地|处|儿)?人(?!物)|什么地方(?:的|人)|来自哪|出身哪",
    "where": r"\bwhere\b|\b(?:what|which) (?:place|town|city|village|street|country)\b|哪里|哪儿|何处|什么地方|在哪"
    r"|[去到从]哪|哪个?(?:城|县|地方|山|州|郡)",
    "when": r"\bwhen\b|\b(?:what|which) (?:year|day|month|time)\b|何时|什么时候|哪一?[年天月日]|几时",
    "lasted": r"\bhow long\b|多久|多长时间|几[年天日]",
    "rich": r"\bhow (?:much|rich)\b|\bwhat\b[^?]*\b(?:income|fortune|salary)\b|多少[钱两银]|多有钱",
    "heavy": r"\bhow heavy\b|\bhow much\b[^?]*\bweighs?\b|多重",
    "long": r"\bhow (?:tall|high|long|wide|broad|deep|thick|large|big|far)\b(?! ago)|多[高长宽深厚远]",
    "many": r"\bhow (?:many|much)\b|多少|几(?![乎何曾度番许])[\u4e00-\u9fff]",
    "why": r"\bwhy\b|\bwhat (?:made|makes)\b|为什么|为何|为甚么|因何|何故",
    "named": r"\bname of\b|\b(?:is|was|are|were) \w+ (?:called|named)\b|\bcalled\?|\bnamed\?"
    r"|[’']s [\w ]*name\b|叫什么|什么名字|名叫|名字",
    "styled": r"字什么|的字是|表字|courtesy name",
    "coloured": r"\bwhat colou?r\b|什么颜色|何种颜色|何色",
    "made": r"\bmade (?:out )?of\b|\bwhat material\b|什么(?:东西)?[做制造]成?的|什么材料|何物所[制造]",
    "said": r"\bwhat (?:did|does|do|has|had) [\w’'. -]+? (?:say|said|tell|told)\b|怎么说|说了?什么"
    r"|说[^，。？]{1,9}(?:是|怎)|如何评价|怎么评价|评价",
    "how": r"\bhow (?:did|does|was|is)\b|怎么|怎样|如何",
    "who": r"\bwho(?:m|se)?\b|谁|何人|什么人|哪位|哪个人",
}
"""What a question may ask for; the first that fit count, in this order."""

_NUMBER = (
    r"(?:\d+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
    r"|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundred|thousand)"
)
SHAPES = {
    "aged": re.compile(
        rf"\b(?:aged|age\s+(?:of|is|was)|years\s+old|years\s+of\s+age|(?:not|only|was|is|of|at|past|about|under|nearly"
        r"|almost|now|girl of|and)"
        rf"\s+(?:\w+ty[\s-](?:one|{_NUMBER})|\w+[\s-]and[\s-]\w+ty|{_NUMBER})\b(?!-|\s+(?:or|years?\b(?!\s+(?:old|of\s+age))|miles|pounds|thousand|minutes|hours|days|weeks|months|times|of|o.clock)))"
        r"|(?:年|岁)?[一二三四五六七八九十百两\d]{1,5}[余有馀]?[一二三四五六七八九十]{0,2}岁|年[方已及]?[一二三四五六七八九十]{1,4}|[六七八九]旬|年近|年过|年逾|年幼",
        re.I,
    ),
    "where": re.compile(
        r"\b(?:in|at|on|under|behind|inside|beneath|near|from|into|to|beside|within|over|above|of|upon|among|amid|amidst|between|against)\s+(?:the|a|an|his|her|their|[A-Z])"
        r"|[在于至到入往][\u4e00-\u9fff]{1,10}|[里内处上下旁边城县山村坡冈宫寺院庄]",
    ),
    "from": re.compile(
        r"\bnatives?\s+of\b|\b(?:born|bred|raised)\b|\bby\s+birth\b|\b(?:is|was|were|comes?|came|hail(?:s|ed)|originally)\s+from\s+(?:the\s+)?[A-Z]"
        r"|[\u4e00-\u9fff]人[也氏]|[州郡县国乡村][\u4e00-\u9fff]{0,4}人(?=[，。也氏])|[生来][于自][\u4e00-\u9fff]|家在",
    ),
    "when": re.compile(
        r"\b(?:\d+|day|morning|evening|night|week|month|year|spring|summer|autumn|winter|(?:mon|tues|wednes|thurs|fri"
        r"|satur|sun)day|january|february|march|april|may|june|july|august|september|october|november|december"
        r"|o.?clock|after|before|since|ago|yesterday|christmas|easter|michaelmas)\b"
        r"|[一二三四五六七八九十元\d]年|[一二三四五六七八九十正腊\d]月|[一二三四五六七八九十\d]日|春|夏|秋|冬|更|夜|晨|早|晚|次日|时年|天前|天后|那天",
        re.I,
    ),
    "lasted": re.compile(
        rf"\b{_NUMBER}\s+(?:\w+\s+)?(?:years?|months?|weeks?|days?|hours?)\b|[一二三四五六七八九十百数\d]+[余多]?[年月日天载]",
        re.I,
    ),
    "rich": re.compile(r"\b(?:pounds|thousand|hundred|guineas|shillings|a\s+year)\b|£|[千万百两钱贯金]", re.I),
    "heavy": re.compile(
        rf"\b(?:{_NUMBER}|an?|half)(?:[\s-]+\w+)?[\s-]+(?:pounds?|ounces?|stone|tons?|kilos?|grams?)\b"
        r"|[一二三四五六七八九十百千万两半数\d][余多]?(?:公?斤|石|钧|吨|克)",
        re.I,
    ),
    "long": re.compile(
        rf"\b(?:{_NUMBER}|an?|half)(?:[\s-]+\w+)?[\s-]+(?:foot|feet|inch(?:es)?|miles?|leagues?|yards?|fathoms?|paces|cubits"
        r"|(?:kilo|centi)?met(?:er|re)s?)\b|[一二三四五六七八九十百千万两半数\d][余多]?(?:公?[尺寸丈里]|步|厘?米)",
        re.I,
    ),
    "many": re.compile(
        rf"\b(?:one|{_NUMBER}|hundreds?|thousands?|dozens?|half|pounds|both|couple|no)\b|[一二三四五六七八九十百千万两半\d]",
        re.I,
    ),
    "named": re.compile(
        r"\b(?:called|named|name|christened|known\s+as)\b|名[曰唤为叫]|[号唤][曰作为]|[又本]名|(?<![大喊人高齐相])叫[做作]?(?![苦道曰骂：])|称[为作]"
    ),
    "coloured": re.compile(
        r"\b(?:black|white|red|blue|green|brown|gr[ea]y|yellow|gold(?:en)?|purple|scarlet|crimson|pink|violet|orange|silver"
        r"|hazel|auburn|dark|fair|pale)\b|[红黑白青绿蓝黄紫碧赤金朱皂灰]|重枣",
        re.I,
    ),
    "made": re.compile(
        r"\b(?:wood(?:en)?|oak(?:en)?|pine|ebony|mahogany|bamboo|straw|reeds?|bone|ivory|horn|shell|pearls?|gold(?:en)?|silver"
        r"|iron|steel|brass|bronze|copper|tin|lead|pewter|stone|marble|granite|bricks?|clay|porcelain|glass|crystal|leather"
        r"|fur|skins?|wool(?:len)?|silk|velvet|cotton|linen|canvas|cloth|lace|paper|wax|rubber|plastic)\b"
        r"|[金银铜铁钢锡木竹石玉骨皮布绸绢丝锦纸瓷陶蜡]",
        re.I,
    ),
    "styled": re.compile(r"字[\u4e00-\u9fff]{2}(?=[，。；、！？”])|也字|表字"),
    "why": re.compile(
        r"\b(?:because|for|since|as|therefore|thus|hence|reasons?|causes?|caused|account|owing|explanation|explain(?:s|ed)?"
        r"|motives?|purpose|order|lest|so\s+that|due|to)\b"
        r"|因|故|为|恐|以|由是|所以|欲|怕|失|免得|省得|否则|不然|[若倘][^。？]{2,24}必|原来",
        re.I,
    ),
}
"""What an answer to such a question has."""


def asked_for(text: str) -> tuple[str, ...]:
    """What it asks for by its first word that asks; and whether for a name."""
    found = [(match.start(), kind) for kind, pattern in KINDS.items() if (match := re.search(pattern, text, re.I))]
    if not found:
        return ()
    first = min(at for at, kind in found if kind not in ("named", "styled") or len(found) == 1)
    kinds = [kind for at, kind in found if at == first or kind in ("named", "styled")]
    for kind, others in (
        ("from", ("where",)),
        ("rich", ("many", "how")),
        ("lasted", ("long",)),
        ("heavy", ("rich", "many", "how")),
        ("long", ("many", "how")),
        ("aged", ("many", "how")),
        ("lasted", ("many", "how")),
        ("many", ("how",)),
    ):
        if kind in kinds:
            kinds = [one for one in kinds if one not in others]
    return tuple(kinds)
