"""What a part of an outline can be called: a short whole phrase that says what only this part tells."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise

from writer.outline import steps
from writer.outline.judgement import ODD, TALK, content
from writer.text import count_words, language_of

LONGEST = {"en": 48, "zh": 14}
_COMMA = re.compile(r"[,，]\s*| [-–—] |——")
_FEWEST_OF_PHRASE = {"en": 2, "zh": 4}
"""With fewer words before its comma a title is a list, such as “Salt, Sand and Smoke”."""
_LEADS_ON = re.compile(
    r"\s+(?:the|an?|of|and|or|but|to|in|on|at|for|with|from|by|into|his|her|their|its|my|that|who|whose|which|as|because)$",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^(?:title|标题)\s*[:：]\s*|^一[个种张位名只条件些块把本封场](?=..)", re.IGNORECASE)
_AROUND = " .,;:!?。，；：！？、*#\"“”'‘’「」『』《》()（）-–—…"
_SENTENCE = re.compile(
    r"^(?:he|she|they|it|i|we|you|there|when|if|because|while|as|in (?:this|that))\b"
    r"|\b(?:is|are|was|were|am|has|had|does|did|will|would|can|could|should|must|\w+n['’]t)\b",
    re.IGNORECASE,
)
"""With these it is what somebody says, or how a sentence begins, and no title."""
_NOT_ALONE = re.compile(r"^[了的着过们是把从对]|[的和与及在把被向对从给而但将要]$|^.?[里上中下内]$|的.*的")
_PRONOUN = re.compile(r"^(?:(?:有人|自己|[他她它我你您咱])(?!们?的.)|[这那](?!一?[年月天夜晚]))")
"""Whose letter it is can be a title, and so can that summer; what he does is a sentence."""
_OBJECTS = frozenset(
    ("the", "a", "an", "his", "her", "him", "them", "it", "that", "me", "us", "you", "their", "my", "its")
)
"""Before these stands a verb, and no noun."""
_STATES = frozenset(("was", "were", "is", "are", "had", "has", "have", "would", "will", "could", "can"))
_VERB = re.compile(r"(?:[^siu]s|ed)$")
_ARTICLES = "the|a|an|his|her|their|my|its"


def fitting(
    text: str, language: str, taken: Collection[str], examples: Collection[str], synopsis: str, premise: str = ""
) -> str:
    """A title as it can stand, "" if it can't: short, whole, new, and with a word of what it is about."""
    key = _key(language)
    line = " ".join(text.split("\n", 1)[0].split()).strip(_AROUND)
    line = phrase(_LABEL.sub("", line), language)
    if not line or len(line) > LONGEST[key] or language_of(line) != language:
        return ""
    if ODD.search(line) or TALK.search(line) or re.search(r"[.。!?！？:：;；\d\"“”]", line):
        return ""
    if _is_torn(line, language, synopsis):
        return ""
    low = line.casefold()
    if low in {one.casefold() for one in (*taken, *examples)}:
        return ""
    return line[:1].upper() + line[1:] if content(line, language) & content(f"{synopsis} {premise}", language) else ""


def phrase(line: str, language: str) -> str:
    """What stands before a title's first comma, if that is a phrase, else all of it; no word that leads on ends it."""
    comma = _COMMA.search(line)
    if comma is not None and count_words(line[: comma.start()]) >= _FEWEST_OF_PHRASE[_key(language)]:
        line = line[: comma.start()]
    while language != "zh" and (last := _LEADS_ON.search(line)):
        line = line[: last.start()]
    return line.strip(_AROUND)


def made(
    synopsis: str, language: str, taken: Collection[str], subjects: Sequence[str] = (), most: int = 5
) -> list[str]:
    """Titles made of the words of a synopsis, the likeliest first; none if they don't serve."""
    found = _chinese(synopsis, subjects) if language == "zh" else _english(synopsis, subjects)
    low = {one.casefold() for one in taken}
    whole = (one for one in dict.fromkeys(found) if not _is_torn(one, language, synopsis))
    return [one for one in whole if one.casefold() not in low][:most]


def tells(title: str, language: str, synopsis: str, known: str, subjects: Sequence[str] = ()) -> bool:
    """Whether a title has a word of its own: of its synopsis, not of what is ``known``, and no mere somebody."""
    own = content(title, language) & content(synopsis, language)
    names = content(" ".join(subjects), language) | content(steps.somebody(language), language)
    return bool(own - content(known, language) - names) and not _is_clause(title, language, subjects)


def _is_torn(line: str, language: str, synopsis: str) -> bool:
    """Whether it is a piece of a sentence, or says one word twice."""
    for opening in filter(None, steps.all_openings(language)):
        synopsis = synopsis.removeprefix(opening).lstrip(" ，,")
        if line.casefold().startswith(opening.strip(" ，,").casefold()):
            return True
    if language == "zh":
        is_odd = (
            len(line) < 2 or re.search(r"(.{2,})\1|[A-Za-z]", line) or _NOT_ALONE.search(line) or _PRONOUN.search(line)
        )
        return bool(is_odd) or (len(line) > 6 and synopsis.startswith(line))
    words = line.split()
    stems = [word[:5].casefold() for word in re.findall(r"[^\W\d_]{4,}", line)]
    return (
        len(words) > 6
        or len(set(stems)) < len(stems)
        or _SENTENCE.search(line) is not None
        or (len(words) > 1 and synopsis.casefold().startswith(f"{line.casefold()} "))
    )


def _is_clause(title: str, language: str, subjects: Sequence[str]) -> bool:
    """Whether it says what somebody does, and perhaps not to the end."""
    low = title.casefold().removeprefix("the ")
    for subject in subjects:
        own = subject.casefold().removeprefix("the ")
        if low.startswith(own) and not re.match(
            r"(?:['’]s?|\s+(?:and|of|in|on|at|with|without)\b|[的与和])", low[len(own) :]
        ):
            return True
    return False


def _english(synopsis: str, subjects: Sequence[str]) -> Iterator[str]:
    ends = "|".join(sorted(steps.stop("en")))
    found = re.finditer(
        rf"\b(?:{_ARTICLES})\s+((?:[a-z][\w'’-]+\s+){{0,2}}[a-z][\w'’-]+)(?=[,.;:!?]|\s+(?P<next>{ends})\b)",
        synopsis,
        re.IGNORECASE,
    )
    heads = []
    for match in found:
        kept, after = [], (match["next"] or "").casefold()
        for word in match[1].split():
            if word.casefold() in steps.stop("en") or word.endswith(("ing", "ly")):
                after = word.casefold()
                break
            kept.append(word)
        is_first = not match.start() or synopsis[: match.start()].rstrip()[-1:] in ".!?,"
        if len(kept) > 1 and (after in _OBJECTS or (is_first and after not in _STATES)) and _VERB.search(kept[-1]):
            kept.pop()
        if kept and len(kept[-1]) > 2 and not kept[-1].endswith("ed"):
            heads.append(" ".join(kept))
    heads = [head for head in dict.fromkeys(reversed(heads)) if not _is_clause(head, "en", subjects)]
    for head in heads:
        yield f"The {head}"
    for one, other in pairwise(heads):
        yield f"The {other} and the {one}"


def _chinese(synopsis: str, subjects: Sequence[str]) -> Iterable[str]:
    import rjieba  # loads its dictionary: 0.1 s

    for subject in subjects:
        synopsis = synopsis.replace(subject, "，")
    nouns, before = list[str](), ("", "")
    for word, tag in rjieba.tag(synopsis):
        if tag.startswith("n") and len(word) > 1:
            nouns.append(before[0] + word if before[1] in ("a", "b", "j") and len(before[0] + word) > 2 else word)
        before = word, tag
    nouns = list(dict.fromkeys(nouns))
    yield from (noun for noun in nouns if len(noun) > 2)
    for one, other in pairwise(nouns):
        yield f"{one}与{other}"
    for one, other in pairwise(nouns[::-1]):
        yield f"{one}和{other}"
    yield from (noun for noun in nouns if len(noun) == 2)


def _key(language: str) -> str:
    return "zh" if language == "zh" else "en"
