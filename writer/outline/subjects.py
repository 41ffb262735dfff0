"""Whom a story is about, in the author's own words: what a sentence of its outline may begin with."""

from __future__ import annotations

import re

from writer import names

_MOST = 3
_ENDS = r"(?:who|whom|whose|that|which|on|in|at|by|from|with|of|for|and|or|is|are|was|were|has|have|must|can|will|to)"
_FIRST = re.compile(
    rf"^(?:(?:After|When|In|On|During|Before)\b[^,]*,\s+)?(?P<article>An?|The|Two|Three|Four|Some|an?|the|two|three)\s+"
    rf"(?P<noun>[\w'’-]+(?:\s+[\w'’-]+){{0,3}}?)(?=,|\s+{_ENDS}\b|\s+[\w'’-]+(?:s|ed)\b)"
)
_COUNTED = re.compile("^一[个位名对群]")
_PERSON = re.compile(
    r"[\u4e00-\u9fff]{1,6}?(?:看守人|老人|商人|证人|猎人|诗人|工人|军人|盲人|孤儿|孩子|姐妹|兄弟|夫妻|夫妇|警察|学生|医生|"
    r"先生|记者|学者|作者|店主|船长|队长|校长|院长|村长|士兵|司机|[教老律厨裁摄]师|师傅|木匠|铁匠|工匠|裁缝|画家|作家|专家|"
    r"演员|店员|职员|队员|船员|邮递员|管理员|渔夫|寡妇|少女|少年|男孩|女孩|姑娘|母亲|父亲|女儿|儿子)(?=[^的们])"
)
_KEPT_TAGS = ("n", "a", "m", "q", "b", "f", "uj", "s", "j", "l", "i", "k")


def subjects(premise: str, language: str) -> tuple[str, ...]:
    """A few names and persons of a premise, the first the likeliest; none if nothing tells."""
    found: list[str] = []
    for mention in names.find(premise, language):
        if mention.kind != "place" and mention.name not in found:
            found.append(mention.name)
    first = _chinese(premise) if language == "zh" else _english(premise)
    if first and not any(first.startswith(name) or name in first for name in found):
        found.append(first)
    at = {name: premise.casefold().find(name.removeprefix("the ").casefold()) for name in found}
    return tuple(sorted(found, key=lambda name: at[name])[:_MOST])


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
    if told := _PERSON.match(premise):
        return told[0]
    kept, last = "", ""
    premise = re.split(r"[，。；：、]", premise)[0]
    for word, tag in rjieba.tag(premise[:60]):
        if not tag.startswith(_KEPT_TAGS) or tag in ("nt",) or not word.strip():
            break
        kept, last = kept + word, tag
    return kept if 2 <= len(kept) <= 8 and last.startswith(("n", "k", "l", "i")) else ""
