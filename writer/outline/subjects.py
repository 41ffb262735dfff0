"""Whom a story is about, in the author's own words: what a sentence of its outline may begin with."""

from __future__ import annotations

import re

from writer import names

_MOST = 3
_ENDS = r"(?:who|whom|whose|that|which|on|in|at|by|from|with|of|for|and|or|is|are|was|were|has|have|must|can|will|to)"
_FIRST = re.compile(
    rf"^(?:(?:After|When|In|On|During|Before)\b(?:[^,]*,\s+|(?:\s+[\w'’-]+){{1,3}}?\s+(?=an?\s)))?(?P<article>An?|The|Two|Three|Four|Some|an?|the|two|three)\s+"
    rf"(?P<noun>[\w'’-]+(?:\s+[\w'’-]+){{0,3}}?)(?=,|\s+{_ENDS}\b|\s+[\w'’-]+(?:s|ed)\b)"
)
_PLACED = re.compile(r"\b(?:on|in|at|from|of|to|near)\s+(?:the\s+)?$", re.IGNORECASE)
_COUNTED = re.compile("^一[个位名对群]")
_PERSON = re.compile(
    r"(?:^|[，。；：、的里上个位名后])((?!的)[\u4e00-\u9fff]{0,4}?(?:看守人|摆渡人|老人|商人|证人|猎人|诗人|工人|军人|盲人|孤儿|孩子|"
    r"姐妹俩?|兄弟俩?|夫妻俩?|夫妇|警察|学生|医生|先生|记者|学者|店主|船长|队长|校长|院长|村长|探长|将军|皇帝|公主|法官|士兵|逃兵|"
    r"司机|护士|翻译|向导|厨子|园丁|[教老律厨裁摄械]师|师傅|木匠|铁匠|工匠|裁缝|画家|作家|专家|演员|店员|职员|队员|船员|邮递员|管理员|"
    r"渔夫|寡妇|少女|少年|男孩|女孩|姑娘|母亲|父亲|女儿|儿子)(?=[^的们]|$))"
)
_PRONOUNS = {
    "en": (re.compile(r"\b(?:he|him|his|himself)\b", re.I), re.compile(r"\b(?:she|hers?|herself)\b", re.I)),
    "zh": (re.compile("(?<![其吉])他(?![们乡])"), re.compile("她(?!们)")),
}
_KEPT_TAGS = ("n", "a", "m", "q", "b", "f", "uj", "s", "j", "l", "i", "k")


def subjects(premise: str, language: str) -> tuple[str, ...]:
    """A few names and persons of a premise, the first the likeliest; none if nothing tells."""
    found: list[str] = []
    for mention in names.find(premise, language):
        is_one = mention.kind == "person" or (language != "zh" and mention.kind == "name")
        if is_one and mention.name not in found and not _PLACED.search(premise[: mention.start]):
            found.append(mention.name)
    first = _chinese(premise) if language == "zh" else _english(premise)
    if first and not any(first.startswith(name) or name in first for name in found):
        found.append(first)
    at = {name: premise.casefold().find(name.removeprefix("the ").casefold()) for name in found}
    return tuple(sorted(found, key=lambda name: at[name])[:_MOST])


def is_mistaken(text: str, premise: str, language: str) -> bool:
    """Whether a text has only the pronoun, he or she, that its premise hasn't: whom it is about has become another."""
    known = [bool(one.search(premise)) for one in _PRONOUNS["zh" if language == "zh" else "en"]]
    said = [bool(one.search(text)) for one in _PRONOUNS["zh" if language == "zh" else "en"]]
    return sum(known) == sum(said) == 1 and known != said


def _english(premise: str) -> str:
    told = _FIRST.match(premise)
    if told is None:
        return ""
    article = told["article"].lower()
    if article in ("a", "an", "the"):
        return f"the {told['noun']}"
    return f"the {article} {told['noun'].split()[0]}"


def _chinese(premise: str) -> str:
    """The words before the first verb, if they name somebody."""
    import rjieba  # loads its dictionary: 0.1 s

    premise = _COUNTED.sub("", premise)
    if told := _PERSON.search(premise):
        return told[1]
    kept, last = "", ""
    premise = re.split(r"[，。；：、]", premise)[0]
    for word, tag in rjieba.tag(premise[:60]):
        if not tag.startswith(_KEPT_TAGS) or tag in ("nt",) or not word.strip():
            break
        kept, last = kept + word, tag
    return kept if 2 <= len(kept) <= 8 and last.startswith(("n", "k", "l", "i")) else ""
