"""Whether a synopsis still fits prose that was changed, and what would fit: names and things by what took their place,
happenings by what the text says there now.

Only what the synopsis says, the old prose bore out and the new prose doesn't is ever touched, so that a plan that runs
ahead of the prose, and prose that is only polished, are left alone.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial

from writer import names
from writer.chunks import shared
from writer.compare import Change, changes
from writer.i18n import _
from writer.memory import worth
from writer.memory.terms import Term, stem, terms
from writer.memory.thesaurus import related
from writer.names import kept
from writer.names.chinese import is_surname
from writer.outline.told import joined, told
from writer.text import count_words, is_cjk, sentences, words

Teller = Callable[[Sequence[str]], Generator[None, None, str]]
"""Says in few words what sentences tell."""

_SHORT_SWAP = 4  # words on either side of a change that may be a name or a thing for another
_MOST_SWAPPED = 0.6  # of all the places where a word stood
_LEFT = 0.2  # as many of a name's places may have been forgotten
_FEW = 4
_LONGEST_NAME = 6  # characters of Chinese
_AROUND = 2  # sentences
_LOST_SHARE = 0.34
_POLISHED = 0.75  # of a sentence's telling words stayed: it is only worded anew
_OTHER = 0.3  # of its telling words are in what took a sentence's place, if that says something else
_SAME_PLACE = 2  # telling words that a sentence of the synopsis shares with the passage it is about
_NEW_WORDS = 60  # of a passage that tells something new
_GROWN = 3  # times as long as what it replaces
_LONGEST_SAID = 45  # words of a sentence that goes into a synopsis, if there is a shorter one
_NUMBERS_SAID = """
one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million first second third fourth fifth
half
"""
_PRONOUNS_SAID = """
i me my he him his she her hers it its they them their we us our you your who whom one nobody somebody everyone
他 她 它 他们 她们 它们 我 我们 你 你们 自己 其 之 那人 此人
"""
_NUMBERS, _PRONOUNS = frozenset(_NUMBERS_SAID.split()), frozenset(_PRONOUNS_SAID.split())
# Forms by which a stemmer knows no verb: a synopsis is in the present, prose most often in the past.
_FORMS = """
found:find stole:steal stolen:steal told:tell left:leave bought:buy sold:sell brought:bring caught:catch fought:fight
sought:seek taught:teach thought:think fled:flee led:lead met:meet sent:send spent:spend built:build burnt:burn
lost:lose won:win shot:shoot struck:strike stuck:stick hid:hide hidden:hide broke:break broken:break chose:choose
chosen:choose drove:drive driven:drive drew:draw drawn:draw fell:fall fallen:fall flew:fly flown:fly froze:freeze
frozen:freeze forgot:forget forgotten:forget forgave:forgive forgiven:forgive hung:hang held:hold kept:keep
knelt:kneel laid:lay lay:lie lit:light rode:ride ridden:ride ran:run rose:rise risen:rise sang:sing sung:sing
sank:sink sunk:sink slept:sleep spoke:speak spoken:speak swore:swear sworn:swear swam:swim swum:swim threw:throw
thrown:throw tore:tear torn:tear woke:wake woken:wake wore:wear worn:wear wept:weep wrote:write written:write died:die
dying:die dead:die death:die lied:lie tied:tie betrayal:betray married:marry marriage:marry wedding:marry
arrival:arrive refusal:refuse paid:pay drowned:drown drank:drink drunk:drink ate:eat eaten:eat gave:give given:give
took:take taken:take went:go gone:go saw:see seen:see came:come became:become began:begin begun:begin shook:shake
shaken:shake bit:bite bitten:bite bled:bleed dug:dig fed:feed felt:feel heard:hear hurt:hurt dealt:deal bent:bend
bound:bind lent:lend meant:mean proof:prove theft:steal thief:steal escape:escape discovery:discover
confession:confess murderer:murder killer:kill
"""


@dataclass(frozen=True, slots=True)
class Fit:
    """What a synopsis could say instead, and why, a sentence for each thing."""

    proposal: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hunk:
    """Whole sentences that were changed, as they were and as they are."""

    old: str
    new: str
    around: str
    """The old ones with some before and behind them."""
    is_end: bool
    """Whether nothing that stayed follows."""


class _Prose:
    """The prose below a node as it was and as it is."""

    def __init__(self, changed: Sequence[tuple[str, str]], same: Sequence[str]) -> None:
        self.changed, self.same = changed, same
        self._changes = [changes(old, new) for old, new in changed]
        self.hunks = [
            hunk for (old, new), found in zip(changed, self._changes, strict=True) for hunk in _hunks(old, new, found)
        ]

    def count(self, word: str) -> tuple[int, int]:
        """How often a word stands in all of it, before and now; a name just as it is spelled."""
        pattern = _whole(word)
        same = sum(len(pattern.findall(text)) for text in self.same)
        old, new = (sum(len(pattern.findall(pair[side])) for pair in self.changed) for side in (0, 1))
        return same + old, same + new

    @cached_property
    def names(self) -> set[str]:
        """The Chinese names in what was changed, as it was."""
        mentions = [mention for old, _new in self.changed for mention in names.find(old, "zh")]
        often = kept.chinese(names.counted(mentions)).keys()
        once = {m.name for m in mentions if m.is_sure and is_surname(m.name[0]) and m.name[:-1] not in often}
        return {name for name in often | once if len(name) > 1 and all(map(is_cjk, name))}

    def instead(self, word: str) -> Counter[str]:
        """What stands where a word stood, "" where nothing or too much does."""
        counted: Counter[str] = Counter()
        for (old, new), found in zip(self.changed, self._changes, strict=True):
            edges = [change.old[1] for change in found]
            for match in _whole(word).finditer(old):
                first, last = found[bisect_right(edges, match.start())], found[bisect_left(edges, match.end())]
                if first is last and first.kind == "equal":
                    continue
                counted[_across(old, new, first, last, match.span())] += 1
        return counted


def _across(old: str, new: str, first: Change, last: Change, span: tuple[int, int]) -> str:
    """What stands where a word from one change to another stood."""
    start = first.new[0] + (span[0] - first.old[0] if first.kind == "equal" else 0)
    end = last.new[1] - (last.old[1] - span[1] if last.kind == "equal" else 0)
    low = span[0] if first.kind == "equal" else first.old[0]
    high = span[1] if last.kind == "equal" else last.old[1]
    ones = [low + a for a, _b in words(old[low:high])]
    others = [new[start + a : start + b] for a, b in words(new[start:end])]
    if is_cjk(old[span[0]]):
        return _between(old, (low, high), new[start:end], span)
    if len(ones) == len(others) <= _SHORT_SWAP and span[0] in ones:
        return others[ones.index(span[0])]
    return new[start:end].strip() if (low, high) == span and len(others) < _SHORT_SWAP else ""


def _between(old: str, gone: tuple[int, int], come: str, span: tuple[int, int]) -> str:
    """The same in Chinese, where what is cut as a word may be more or less than one."""
    (low, high), was = gone, old[slice(*gone)]
    head, _tail = shared(was, come)
    tail, _head = shared(was[head:][::-1], come[head:][::-1])
    low, high = low + head, high - tail
    if not span[0] <= low <= high <= span[1]:
        return ""
    made = old[span[0] : low] + come[head : len(come) - tail] + old[high : span[1]]
    return made if 0 < len(made) <= _LONGEST_NAME and all(map(is_cjk, made)) else ""


def fitting(
    synopsis: str,
    changed: Sequence[tuple[str, str]],
    same: Sequence[str],
    language: str,
    tell: Teller | None = None,
    *,
    is_finished: bool = False,
) -> Generator[None, None, Fit | None]:
    """What a synopsis could say now that prose below it was changed, None if it still fits.

    ``same`` is the prose that wasn't. What is added at the end is only of interest where the scene ``is_finished``.
    """
    prose = _Prose(changed, same)
    if not prose.hunks:
        return None
    why: list[str] = []
    proposal = synopsis
    lost = _lost(synopsis, prose)
    yield
    for term in sorted(lost.values(), key=lambda term: (not term.is_name, -len(term.word), term.start)):
        swap = _swap(synopsis, term, prose)
        if swap is None:
            continue
        old, new = swap
        lost.pop(term.key)
        if new and _whole(old).search(proposal):
            proposal = _whole(old).sub(partial(_cased, new), proposal)
            why.append(_("“{old}” is now “{new}” in the text.").format(old=old, new=new))
    yield
    told_still: list[str] = []
    for start, end in sentences(proposal):
        said = proposal[start:end].strip()
        gone = _gone(said, lost, prose)
        if gone is None:
            told_still.append(said)
            continue
        rest, hunk = gone
        instead = yield from _told(hunk, said, language, tell)
        told_still += [piece for piece in (rest, instead) if piece and piece not in told_still]
        why.append(_("The text no longer says: “{sentence}”").format(sentence=_nearest(hunk.old, said)))
    if not why:
        added = _added(synopsis, prose, language, is_finished=is_finished)
        if added:
            told_still.append((yield from _spoken(added, language, tell)) or added[0])
            why.append(_("The text now also tells: “{sentence}”").format(sentence=added[0]))
    proposal = joined(told_still, language) or told("\n".join(new for _old, new in changed), language).synopsis
    return Fit(proposal, tuple(why)) if why and proposal != synopsis else None


# --- what became of the words of a synopsis


def _lost(synopsis: str, prose: _Prose) -> dict[str, Term]:
    """Its telling words that the prose had and hasn't any more, or hardly."""
    asked = {_key(term): term for term in _telling(synopsis)}
    for word in prose.names:  # which a dictionary of Chinese doesn't have
        if word in synopsis:
            asked[word] = Term(word, word, True, synopsis.index(word))
    chinese = {key for key, term in asked.items() if term.is_chinese}
    before, now = (set(_keys(prose, side, chinese)) for side in (0, 1))
    lost = {}
    for key, term in asked.items():
        if key not in before:
            continue
        if key not in now:
            if not any(_form(other) in now and other not in before for other, _share in related(term.key)):
                lost[term.key] = term
        elif term.is_name or term.is_chinese:
            was, left = prose.count(synopsis[term.start : term.start + len(term.word)])
            if was > _FEW and left <= _LEFT * was:
                lost[term.key] = term
    return lost


def _telling(text: str) -> Iterator[Term]:
    """The telling words of a text, and its numbers."""
    found = list(terms(text))
    yield from found
    taken = {term.start for term in found}
    for start, end in words(text):
        word = text[start:end].lower()
        if start not in taken and word in _NUMBERS:
            yield Term(stem(word), word, False, start)


def _keys(prose: _Prose, side: int, chinese: set[str]) -> Iterator[str]:
    texts = [*prose.same, *(pair[side] for pair in prose.changed)]
    for text in texts:
        yield from _known(text)
        yield from (key for key in chinese if key in text)


@cache
def _forms() -> dict[str, str]:
    pairs = (pair.split(":") for pair in _FORMS.split())
    return {stem(form): stem(base) for form, base in pairs}


def _form(key: str) -> str:
    return _forms().get(key, key)


def _key(term: Term) -> str:
    return term.key if term.is_chinese else _form(term.key)


def _known(text: str) -> set[str]:
    """All English words of a text by what they have in common with their other forms."""
    return {_form(stem(word)) for word in re.findall(r"[^\W_]+", text.casefold())}


def _swap(synopsis: str, term: Term, prose: _Prose) -> tuple[str, str] | None:
    """The word of a synopsis and what took its place wherever it stood; "" if that is no matter."""
    word = synopsis[term.start : term.start + len(term.word)]
    if term.is_chinese and not term.is_name and not _is_thing(word):
        return None
    instead = Counter[str]()
    for form in _spellings(term, prose) | {word}:
        instead += prose.instead(form)
    if not instead:
        return None
    come, times = instead.most_common(1)[0]
    if not come or times < _MOST_SWAPPED * instead.total():
        return None
    is_longer = term.is_chinese and set(word) <= set(come)  # and says the same
    if come.lower() in _PRONOUNS or is_longer or _is_same(term, come):
        return word, ""
    # In another form it would not fit the sentence.
    return (word, come) if come in prose.instead(word) else None


def _is_thing(word: str) -> bool:
    """Whether a Chinese word is a noun or a number."""
    import rjieba

    return all(tag[0] in "nmst" for _word, tag in rjieba.tag(word))


def _spellings(term: Term, prose: _Prose) -> set[str]:
    """The forms of an English word that the old prose has, except for names, which have one."""
    if term.is_chinese or term.is_name:
        return set()
    found = (word for old, _new in prose.changed for word in re.findall(r"[^\W_]+", old))
    return {word.lower() for word in found if _form(stem(word.lower())) == _key(term)}


def _is_same(term: Term, word: str) -> bool:
    """Whether another word only says the same."""
    key = _form(stem(word.casefold()))
    return key == _form(term.key) or key in {_form(other) for other, _share in related(term.key)}


@cache
def _whole(word: str) -> re.Pattern[str]:
    if word and is_cjk(word[0]):
        return re.compile(re.escape(word))
    name = word[:1].isupper()
    return re.compile(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", 0 if name else re.IGNORECASE)


def _cased(new: str, found: re.Match[str]) -> str:
    return new[:1].upper() + new[1:] if found[0][:1].isupper() and not is_cjk(new[0]) else new


# --- what happened and doesn't any more


def _gone(said: str, lost: Mapping[str, Term], prose: _Prose) -> tuple[str, Hunk] | None:
    """What is left of a sentence of a synopsis, and the passage that it was about; None if it still holds."""
    own = {_key(term): term for term in _telling(said)}
    for hunk in prose.hunks:
        if said in " ".join(hunk.old.split()) and _share(own, hunk.new) <= _OTHER:
            return "", hunk
    missing = {key for key, term in own.items() if term.key in lost}
    if not missing:
        return None
    best: tuple[int, Hunk] | None = None
    for hunk in prose.hunks:
        if not hunk.old:
            continue
        old = _known(hunk.old) | {key for key in own if key in hunk.old and is_cjk(key[0])}
        if not missing & old:
            continue
        shared = len(own.keys() & (_known(hunk.around) | {key for key in own if key in hunk.around}))
        if (shared >= _SAME_PLACE or 2 * shared >= len(own)) and (best is None or shared > best[0]):
            best = shared, hunk
    if best is None:
        return None
    is_named = any(own[key].is_name for key in missing)
    was = {_key(term): term for term in _telling(_nearest(best[1].old, said))}
    if not is_named and _share(was, best[1].new) >= _POLISHED:
        return None
    if not (is_named or any(_happens(own[key].word) for key in missing) or len(missing) >= _LOST_SHARE * len(own)):
        return None
    return _rest(said, {own[key].start for key in missing}), best[1]


def _share(own: Mapping[str, Term], text: str) -> float:
    known = _known(text)
    return sum(key in (text if term.is_chinese else known) for key, term in own.items()) / max(1, len(own))


def _happens(word: str) -> bool:
    tells = worth.of_language("zh" if is_cjk(word[0]) else "en")
    base = word if is_cjk(word[0]) else _form(stem(word))
    return any(pattern.search(form) for pattern in (tells.turns, tells.happens) for form in (word, base, f"{base}ed"))


_JOINT = re.compile(r"(?:,|;)? (?:and then|and|but|then|before|until|while) |[,;] |[，；]")


def _rest(said: str, missing: set[int]) -> str:
    """The clauses before the first with a word that is gone, as a sentence of its own; "" if there are none."""
    first = min(missing)
    cut = 0
    for joint in _JOINT.finditer(said):
        if joint.end() <= first:
            cut = joint.start()
    rest = said[:cut].rstrip(" ,;，；")
    fewest = 4 if is_cjk(said[0]) else 3
    return rest + ("。" if is_cjk(rest[-1]) else ".") if count_words(rest) >= fewest else ""


def _told(hunk: Hunk, said: str, language: str, tell: Teller | None) -> Generator[None, None, str]:
    """What the text says now where it said something else."""
    if not hunk.new.strip():
        return ""
    now = [hunk.new[a:b].strip() for a, b in sentences(hunk.new)]
    return (yield from _spoken(now, language, tell)) or _nearest(hunk.new, said)


def _spoken(said: Sequence[str], language: str, tell: Teller | None) -> Generator[None, None, str]:
    return (yield from tell(said)) if tell is not None else ""


def _nearest(passage: str, said: str) -> str:
    """The sentence of a passage that is most likely about the same, of several the one that tells more."""
    own = {_key(term) for term in _telling(said)}

    def value(sentence: str) -> tuple[int, bool, int]:
        shared = len(own & {_key(term) for term in _telling(sentence)})
        return shared, count_words(sentence) <= _LONGEST_SAID, _turns(sentence)

    every = [" ".join(passage[a:b].split()) for a, b in sentences(passage)]
    return max(every, key=value, default="")


def _turns(sentence: str) -> int:
    tells = worth.of_language("zh" if sentence and any(map(is_cjk, sentence)) else "en")
    return 2 * len(set(tells.turns.findall(sentence))) + len(set(tells.happens.findall(sentence)))


# --- what happens that didn't


def _added(synopsis: str, prose: _Prose, language: str, *, is_finished: bool) -> list[str]:
    """The sentence of a longer passage that is new and after which nothing is as before, if there is one."""
    known = {_key(term) for term in _telling(synopsis)}
    for hunk in prose.hunks:
        words = count_words(hunk.new)
        if words < max(_NEW_WORDS, _GROWN * count_words(hunk.old)) or (hunk.is_end and not is_finished):
            continue
        tells = told(hunk.new, language)
        for line in sorted(tells.gist.lines, key=lambda line: -line.weight):
            sentence = " ".join(tells.text[slice(*line.place)].split())
            turns = {_form(stem(word.lower())) for word in worth.of_language(language).turns.findall(sentence)}
            if turns and line.names and not turns & known:
                return [sentence]
    return []


# --- whole sentences


def _hunks(old: str, new: str, found: Sequence[Change]) -> Iterator[Hunk]:
    """The changes grown to whole sentences on both sides, those that touch as one."""
    ones, others = _Sentences(old), _Sentences(new)
    spans: list[list[tuple[int, int]]] = []
    for change in found:
        if change.kind == "equal":
            continue
        grown = [ones.over(*change.old), others.over(*change.new)]
        if spans and (grown[0][0] < spans[-1][0][1] or grown[1][0] < spans[-1][1][1]):
            spans[-1] = [(a[0], max(a[1], b[1])) for a, b in zip(spans[-1], grown, strict=True)]
        else:
            spans.append(grown)
    for was, now in spans:
        if old[slice(*was)].split() != new[slice(*now)].split():
            is_end = not old[was[1] :].strip() and not new[now[1] :].strip()
            around = old[slice(*ones.wider(*was, _AROUND))]
            yield Hunk(old[slice(*was)].strip(), new[slice(*now)].strip(), around, is_end)


class _Sentences:
    """The sentences of a text, to find those around a place."""

    def __init__(self, text: str) -> None:
        spans = [(a, a + len(text[a:b].rstrip())) for a, b in sentences(text)]
        self._starts, self._ends = [a for a, _b in spans], [b for _a, b in spans]

    def over(self, start: int, end: int) -> tuple[int, int]:
        """From the beginning of the first sentence that a stretch touches to the end of the last."""
        first = bisect_right(self._ends, start)
        last = bisect_left(self._starts, end) - 1
        if first > last:
            return start, end
        return min(start, self._starts[first]), max(end, self._ends[last])

    def wider(self, start: int, end: int, by: int) -> tuple[int, int]:
        """The same with so many sentences more on either side."""
        first = max(0, bisect_right(self._ends, start) - by)
        last = min(len(self._ends) - 1, bisect_left(self._starts, end) - 1 + by)
        return (self._starts[first], max(end, self._ends[last])) if first <= last else (start, end)
