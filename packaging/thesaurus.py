"""Make ``assets/thesaurus/en.tsv`` of WordNet: which words may stand for which, for search in other words.

Run as ``python packaging/thesaurus.py FOLDER``, with WordNet 3.0's files (Debian: ``wordnet-base``). A line is a stem
and, behind tabs, the words related to it, best first, each with what share of the word it is worth in hundredths:
synonyms, words derived from it, what it is a kind of and what is a kind of it, and the telling words that explain it.
Words that WordNet itself hardly ever uses are left out, and so are names.
"""

from __future__ import annotations

import math
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

from Stemmer import Stemmer

stem = Stemmer("porter").stemWord

KEPT = 16
"""How many relations a word has at most."""

LEAST = 20
SYNONYM, DERIVED, SIMILAR, WIDER, NARROWER, PART, SIBLING, EXPLAINED = 0.7, 0.7, 0.5, 0.4, 0.35, 0.25, 0.22, 0.5
POINTERS = {
    "+": DERIVED, "&": SIMILAR, "@": WIDER, "~": NARROWER, "$": SIMILAR, "*": SIMILAR, ">": SIMILAR, "=": SIMILAR,
    "#p": PART, "%p": PART, "#m": PART, "%m": PART, "#s": PART, "%s": PART, "\\": DERIVED, "<": DERIVED,
}  # fmt: skip
SENSES = (1.0, 0.8, 0.6, 0.5, 0.4)
"""What the first, second ... meaning of a word counts."""

_FILES = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}
_PLAIN = re.compile(r"[a-z]{3,20}")
_WORD = re.compile(r"[a-z]+")
_COMMON = frozenset(
    """
    a an the or and of to in on at by for with from as is are was be been being that which who whose whom it its
    his her their one ones someone somebody something anything used usually especially often having has have had
    make made making not no any other than very such some more most can may into this these those act make become
    cause person people thing things quality state way kind form part certain relating small large two first whole
    characterized manner place time where when how what all each genus family member group several about up out
    over etc e g i also between through under without within either only another same so but do does done doing
    plant animal man woman long good great little old new your you them they he she him american north south
    European united states century british french german english native various different particular
    """.split()  # noqa: SIM905 - words, not code
)


def main(folder: Path) -> None:
    """Read WordNet and write the thesaurus beside this script's project."""
    synsets: dict[tuple[str, int], tuple[list[str], list[tuple[str, tuple[str, int]]], list[str]]] = {}
    senses: dict[str, list[tuple[float, tuple[str, int]]]] = defaultdict(list)
    for kind, name in _FILES.items():
        for line in (folder / f"data.{name}").read_text("latin-1").splitlines():
            if line.startswith("  "):
                continue
            fields, gloss = line.split(" | ", 1)
            part = fields.split()
            count = int(part[3], 16)
            words = [part[4 + 2 * n].split("(")[0] for n in range(count)]
            at = 4 + 2 * count
            pointers = []
            for n in range(int(part[at])):
                mark, offset, target, _ends = part[at + 1 + 4 * n : at + 5 + 4 * n]
                pointers.append((mark, ("a" if target == "s" else target, int(offset))))
            explained = [w for w in _WORD.findall(gloss.split('"')[0].lower()) if len(w) > 2 and w not in _COMMON]
            synsets[kind, int(part[0])] = words, pointers, explained
        for line in (folder / f"index.{name}").read_text("latin-1").splitlines():
            if line.startswith("  "):
                continue
            part = line.split()
            offsets = [int(offset) for offset in part[-int(part[2]) :]]
            for number, offset in enumerate(offsets[: len(SENSES)]):
                senses[part[0]].append((SENSES[number], (kind, offset)))
    lower = {w for words, _, _ in synsets.values() for w in words if w.islower()}
    known = {word for word in senses if _PLAIN.fullmatch(word) and word in lower}
    forms = _irregular(folder, known)
    lemma = _Lemmas(known, forms)
    uses = Counter(word for _, _, explained in synsets.values() for word in {lemma(w) for w in explained} if word)
    tagged = {line.split("%")[0] for line in (folder / "cntlist.rev").read_text("latin-1").splitlines()}
    familiar = {word for word in known if word in tagged or uses[word] > 1}
    links: dict[str, dict[str, float]] = defaultdict(dict)

    def link(one: str, other: str, share: float) -> None:
        if other in familiar and stem(one) != stem(other) and share > links[one].get(other, 0.0):
            links[one][other] = share

    for word in sorted(known):
        for weight, id in senses[word]:
            words, pointers, explained = synsets[id]
            for other in words:
                if other in known:
                    link(word, other, weight * SYNONYM)
            for mark, target in pointers:
                share = weight * POINTERS.get(mark, 0.0)
                if not share or target not in synsets:
                    continue
                for other in synsets[target][0][:4]:
                    if other in known:
                        link(word, other, share)
                if mark == "@":
                    nieces = [t for m, t in synsets[target][1] if m == "~"]
                    if len(nieces) <= 30:
                        for niece in nieces:
                            for other in synsets[niece][0][:2]:
                                if other in known:
                                    link(word, other, weight * SIBLING)
            for told in {lemma(w) for w in explained}:
                if told and told not in _COMMON:
                    rare = min(1.0, math.log(20000 / (1 + uses[told])) / math.log(2000))
                    share = weight * EXPLAINED * max(0.0, rare)
                    link(word, told, share)
                    link(told, word, share * 0.9)
    lines = []
    stemmed: dict[str, dict[str, tuple[float, str]]] = defaultdict(dict)
    for word in sorted(links):
        if word in familiar or any(share > WIDER for share in links[word].values()):
            for other, share in links[word].items():
                _best(stemmed[stem(word)], other, share)
    for form, plains in sorted(forms.items()):
        for plain in plains:
            for other, share in links.get(plain, {}).items():
                _best(stemmed[stem(form)], other, 0.9 * share)
            _best(stemmed[stem(form)], plain, 1.0)
    for key, relations in sorted(stemmed.items()):
        relations.pop(key, None)
        best = sorted((-round(100 * share), other) for share, other in relations.values())[:KEPT]
        told = [f"{other} {-share}" for share, other in best if -share >= LEAST]
        if told:
            lines.append("\t".join([key, *told]))
    target = Path(__file__).parent.parent / "assets" / "thesaurus" / "en.tsv"
    target.parent.mkdir(exist_ok=True)
    target.write_text("\n".join(sorted(lines)) + "\n", "ascii")
    print(f"{len(lines)} words, {target.stat().st_size:,} bytes")


def _best(relations: dict[str, tuple[float, str]], other: str, share: float) -> None:
    """Of several words with one stem the best."""
    key = stem(other)
    relations[key] = max(relations.get(key, (0.0, "")), (share, other))


def _irregular(folder: Path, known: set[str]) -> dict[str, list[str]]:
    forms: dict[str, list[str]] = defaultdict(list)
    for name in _FILES.values():
        for line in (folder / f"{name}.exc").read_text("latin-1").splitlines():
            form, *lemmas = line.split()
            forms[form] += [w for w in lemmas if w in known and w != form and w not in forms[form]]
    return {form: lemmas for form, lemmas in forms.items() if _PLAIN.fullmatch(form) and lemmas}


class _Lemmas:
    """The plain form of an inflected word, "" if it is none."""

    ENDINGS = (
        *(("ies", "y"), ("es", "e"), ("es", ""), ("s", ""), ("ied", "y")),
        *(("ed", "e"), ("ed", ""), ("ing", "e"), ("ing", "")),
    )

    def __init__(self, known: set[str], forms: dict[str, list[str]]) -> None:
        self.known, self.forms = known, forms

    def __call__(self, word: str) -> str:
        if word in self.forms:
            return self.forms[word][0]
        if word in self.known:
            return word
        for ending, instead in self.ENDINGS:
            if word.endswith(ending) and (plain := word[: -len(ending)] + instead) in self.known:
                return plain
        return ""


if __name__ == "__main__":
    main(Path(sys.argv[1]))
