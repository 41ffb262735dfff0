"""How far a sentence says who or what somebody is."""

from __future__ import annotations

import re

from writer.ask.question import Question
from writer.memory.worth import tells_who

_DEFINED_EN = (
    r"@,?\s+(?:who\s+)?(?:is|was|had\s+been)\s+(?!not\b)(?:\w+\s+){{0,2}}?(?:an?|the|his|her|their|my|one)\b",
    r"@,\s+(?:who|whose)\s+[^;]{{5,90}},\s+(?:is|was)\s+(?:an?|the|his|her)\b",
    r"@,\s+(?:an?|the|his|her|their|my|[A-Z]\w+[’']s|eldest|youngest|second|only|\w+\s+(?:son|daughter)\s+of)\b",
    r"(?:{kin}),?\s+@",
)
_KIN_EN = (
    r"son|daughter|wife|husband|widow|brother|sister|mother|father|uncle|aunt|cousin|friend|nephew|niece|servant|housekeeper"
    r"|steward|heir|called|named|governess|maid"
)
_DEFINED_ZH = (
    r"@(?:，)?(?:字|者|乃|本是|原是|是)(?!不)[^？。]{{1,30}}",
    r"[之的](?:子|女|弟|兄|妻|孙|侄|母|父|妹|后|妾|叔|婿|将|臣|歌伎|谋士)@|(?:太守|将军|丞相|先生|校尉|县令|名医|神医|参军|歌伎|军师|大夫|老师|医生)@|@(?:，)?[^。，]{{1,14}}(?:人也|之[子女弟兄妻孙后侄])",
    r"姓\w{{1,2}}，?名\w|[曰名乃]@也?",
)


def definition(question: Question, text: str) -> float:
    """How far a text says who or what the one is who is asked for."""
    [*_, slot] = question.subjects
    assert slot.names is not None
    if not slot.names.search(text):
        return 0.0
    masked = slot.names.sub("@", text)
    whole = slot.names.sub("\x02", text)
    patterns = _DEFINED_EN if question.language == "en" else _DEFINED_ZH
    hits = sum(bool(re.search(pattern.format(kin=_KIN_EN), masked)) for pattern in patterns)
    told = tells_who(whole, "\x02", 0.0, question.language) if len(text) < 400 else 30
    return (0.35 + 0.35 * hits + min(told, 60) / 120) if hits else 0.0 if told < 20 else min(told, 60) / 150
