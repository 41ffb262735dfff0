"""Words that stand in quotation marks, and whether a source has them so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from writer.text import counted, is_cjk

_MARKS = re.compile(
    r"^(?P<tail>[^“”\n]*)(?P<t>”)|^(?P<end>[^「」\n]*)(?P<e>」)|^(?P<rest>[^\"\n]*[^\s\"(\[])(?P<r>\")(?=[\s,.;:—]|$)|"
    r"“(?P<curly>[^“”\n]*)(?P<c>”|(?=\n|$))|「(?P<corner>[^「」\n]*)(?P<k>」|(?=\n|$))|『(?P<double>[^『』\n]*)(?P<d>』|(?=\n|$))"
    r"|„(?P<low>[^“”„\n]*)(?P<l>[“”]|(?=\n|$))|«(?P<guillemet>[^«»\n]*)(?P<g>»|(?=\n|$))"
    r'|"(?P<straight>[^"\n]*)(?P<s>"|(?=\n|$))'
    r"|(?<![\w’'])[‘'](?=[^\s‘’'])(?P<single>[^‘\n]*?(?<=[^\s]))(?P<q>['’])(?!\w)",
    re.MULTILINE,
)
_GAP = re.compile(r"…+|\.\s?\.\s?\.|[\[［][^\]］]*[\]］]|[(（](?:略|注|sic)[^)）]*[)）]")
_LABEL = re.compile(r"\s*(?:[^\W\d_][\w.’' -]{0,39}|[\w·]{1,12})\s?[:：]\s*(?=\S)")
_BLOCK = re.compile(r"\s*>")
_FEW = 3
"""So many words, or twice as many Chinese characters, may be a term and nobody's speech."""


@dataclass(frozen=True, slots=True)
class Quotation:
    """What is quoted, without its marks, from ``start`` up to but not including ``end``."""

    start: int
    end: int
    text: str
    is_open: bool
    """Whether the mark at its end is still to come, and so perhaps the end of its last word."""

    @property
    def is_term(self) -> bool:
        """Whether it is so short that it may be a mere name for something."""
        weight = sum(0.5 if is_cjk(self.text[start]) else 1 for start, _end in counted(self.text))
        return weight <= _FEW and not self.text.rstrip().endswith((",", "，", "。", "!", "！", "?", "？"))


def quotations(text: str) -> list[Quotation]:
    """What a text quotes, in order; a quotation within another is a part of it.

    One without an end ends its line, and one without a beginning, as in the last sentence of a speech, begins it.
    """
    found = []
    for match in _MARKS.finditer(text):
        said = next(name for name, value in match.groupdict().items() if value is not None and len(name) > 1)
        start, end = match.span(said)
        is_open = match.end() == end
        if start < end:
            found.append(Quotation(start, end, text[start:end], is_open))
    return found


def bare(text: str) -> str:
    """The words of a text alone, a space round each, so that punctuation and capitals make no difference."""
    text = text.replace("’", "'").translate(_SPLIT)
    return f" {' '.join(text[start:end].casefold() for start, end in counted(text))} "


_SPLIT = dict.fromkeys(map(ord, "-‐‑–—"), " ")


def fragments(quotation: Quotation) -> list[str]:
    """The bare stretches of a quotation between what it leaves out; what may be half a word has no space behind it."""
    parts = [bare(part) for part in _GAP.split(quotation.text)]
    found = [part for part in parts if part.strip()]
    if found and quotation.is_open and quotation.text[-1:].isalnum():
        found[-1] = found[-1].rstrip()
    return found


def spoken(source: str) -> str:
    """What a source quotes, bare: what stands in marks, behind a speaker's name and a colon, or behind a ">"."""
    return "|".join(bare(said) for said in _spoken(source))


def _spoken(source: str) -> Iterator[str]:
    found = quotations(source)
    yield from (quotation.text for quotation in found)
    label = _BLOCK.match(source) or (None if found else _LABEL.match(source))
    if label:
        yield source[label.end() :]


def stand(parts: list[str], ground: str) -> bool:
    """Whether all stretches stand in a text made bare, one behind the other."""
    at = 0
    for part in parts:
        at = ground.find(part, at)
        if at < 0:
            return False
        at += len(part.rstrip())
    return True
