"""Sentences, words and counts of prose in English and Chinese, and times; offsets count characters."""

from __future__ import annotations

import hashlib
import re
import time
import unicodedata
from collections.abc import Iterator

from writer.i18n import ngettext

TERMINATORS = ".!?…。！？"
"""What ends a sentence."""

CLOSERS = "\"'”’」』）)】》〉]"
"""What may stand between the end of a sentence and the space behind it."""

OPENERS = "“‘「『（(【《〈["
"""What opens a quotation or a bracket; straight quotes are told by the space before them."""

LONGEST_SENTENCE = 2000
"""Characters after which a text without sentence ends is cut all the same (sentencex is quadratic in open quotes)."""

_CJK = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CJK_CHARACTER = re.compile(f"[{_CJK}]")
_CJK_APART = re.compile(f"[{_CJK}]|[^{_CJK}]+")
_WORD = re.compile(rf"(?P<cjk>[{_CJK}]+)|[^\W_{_CJK}]+(?:['’\-‐‑][^\W_{_CJK}]+)*")
_COUNTED = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+(?:['’\-‐‑][^\W_{_CJK}]+)*")
_LINE_END = re.compile(r"\n(?:\s*\n)?")
_LETTER = rf"[^\W_{_CJK}]"
_UNDERLINED = re.compile(rf"(?<![^\W{_CJK}])(_{{1,2}})(?=[^\s_])([^\s_]+)\1(?!_)")
_UNDERSCORE = re.compile(rf"(?<!{_LETTER})(?<!_)_{{1,2}}(?=[^\s_])|(?<=[^\s_])_{{1,2}}(?!_)(?!{_LETTER})")
_STARRED = re.compile(r"(?<![\d*])(\*{1,3})(?=[^\s*])([^*]*[^\s*])\1(?![\d*])")
_STARS = re.compile(r"\A\*{1,3}(?=[^\s*])|(?<=[^\s*])\*{1,3}\Z")  # what a longer emphasis begins or ends with
_SURROGATE = re.compile("[\ud800-\udfff]")
_JOINERS = "'’-‐‑"
_WRAPPED_LINE = range(45, 86)
_SAMPLE = 4000
_FEW_LETTERS, _FEW_CHARACTERS = 32, 10
_COMMAS = " ,;:，、；："

# One for one: sentencex panics on wide white space behind an initial, and takes no surrogates.
_WIDE_SPACES = "\t\x0b\x0c\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000"
_TAMED = dict.fromkeys([*map(ord, _WIDE_SPACES), *range(0x2000, 0x200B)], " ") | dict.fromkeys(
    range(0xD800, 0xE000), "\ufffd"
)


def clean(text: str) -> str:
    """The text with "\\n" for every line end, no NUL, and U+FFFD for what is not a character."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def is_cjk(character: str) -> bool:
    """Whether this is a Chinese character (or kana), which needs no spaces around it."""
    return _CJK_CHARACTER.fullmatch(character) is not None


def spaced(text: str) -> str:
    """The text with a space round each Chinese character, so that each is a word to a search by words."""
    return " ".join(_CJK_APART.findall(text))


def language_of(text: str) -> str:
    """``"zh"`` if there are more Chinese characters than other words, else ``"en"``; samples a long text."""
    sample = text if len(text) <= 2 * _SAMPLE else text[:_SAMPLE] + "\n" + text[-_SAMPLE:]
    chinese = other = 0
    for match in _WORD.finditer(sample):
        if match["cjk"]:
            chinese += len(match["cjk"])
        else:
            other += 1
    return "zh" if chinese > other else "en"


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Spans that cover the text without gaps, each with the line ends behind it; hard-wrapped lines stay together."""
    start = line = 0
    for match in _LINE_END.finditer(text):
        if not _is_soft(text, line, match):
            yield start, match.end()
            start = match.end()
        line = match.end()
    if start < len(text):
        yield start, len(text)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Spans that cover the text without gaps, each with the space behind it and none over ``LONGEST_SENTENCE``."""
    for start, end in paragraphs(text):
        yield from _sentences_of_paragraph(text, start, end)


def words(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the words, without spaces and punctuation; Chinese is cut by a dictionary."""
    for match in _WORD.finditer(text):
        if match["cjk"] is None:
            yield match.span()
            continue
        import rjieba  # loads its dictionary: 0.1 s

        start = match.start()
        for word in rjieba.cut(match["cjk"]):
            yield start, start + len(word)
            start += len(word)


def one_line(text: str) -> str:
    """A stretch of prose as it is told elsewhere: on one line, without marks of emphasis: ``_him_``, ``*him*``."""
    if "_" in text:
        text = _UNDERLINED.sub(r"\2", text)
        text = _UNDERSCORE.sub("", text)
    if "*" in text:
        text = _STARRED.sub(r"\2", text)
        text = _STARS.sub("", text)
    return " ".join(text.split())


def fingerprint(text: str) -> bytes:
    """What proves that a text is as it was."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()


def said_time(seconds: float, form: str = "%Y-%m-%d %H:%M") -> str:
    """A moment by the clock and calendar of this computer; a number that is none as it is."""
    try:
        return time.strftime(form, time.localtime(seconds))
    except (OverflowError, OSError, ValueError):
        return str(seconds)


def first_words(text: str) -> str:
    """A few of the words that a text begins with, by which an author knows it again; with … if there are more."""
    most = _FEW_CHARACTERS if any(map(is_cjk, text[:4])) else _FEW_LETTERS
    if len(text) <= most:
        return text
    whole = text[: most + 1].rpartition(" ")[0]
    return f"{(whole or text[:most]).rstrip(_COMMAS)}…"


def said_words(n: int) -> str:
    """So many words, in words."""
    return ngettext("{n} word", "{n} words", n).format(n=f"{n:,}")


def count_words(text: str) -> int:
    """English words plus Chinese characters, without punctuation, as authors count."""
    return len(_COUNTED.findall(text))


def counted(text: str) -> Iterator[tuple[int, int]]:
    """Spans of what ``count_words`` counts."""
    return (match.span() for match in _COUNTED.finditer(text))


def is_word_end(before: str, after: str) -> bool:
    """Whether a caret between these splits neither a word nor a character made of several."""
    if not before or not after:
        return True
    left, right = before[-1], after[0]
    if unicodedata.category(right).startswith("M") or "\u200d" in (left, right):
        return False
    if _is_letter(left):
        return not (_is_letter(right) or (right in _JOINERS and _is_letter(after[1:2])))
    return not (left in _JOINERS and _is_letter(before[-2:-1]) and _is_letter(right))


def ends_sentence(text: str) -> bool:
    """Whether the text stops at the end of a sentence, closing quotes and white space aside."""
    tail = text[-50:].rstrip().rstrip(CLOSERS)
    return bool(tail) and tail[-1] in TERMINATORS


def _is_letter(character: str) -> bool:
    return bool(character) and character.isalnum() and not is_cjk(character)


def _is_soft(text: str, line: int, end: re.Match[str]) -> bool:
    """Whether a line end only wraps: one newline behind a full line of English, and the next begins at once."""
    if end.end() - end.start() > 1 or end.start() - line not in _WRAPPED_LINE:
        return False
    following = text[end.end() : end.end() + 1]
    return bool(following) and not following.isspace() and text[end.start() - 1].isascii()


def _sentences_of_paragraph(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end:
        block = text[start : min(end, start + LONGEST_SENTENCE)]
        spans = _sentences_of_block(block)
        last_may_go_on = start + len(block) < end and len(spans) > 1
        for a, b in spans[:-1] if last_may_go_on else spans:
            yield start + a, start + b
        start += spans[-1][0] if last_may_go_on else len(block)


def _sentences_of_block(block: str) -> list[tuple[int, int]]:
    """Like ``sentences`` for at most ``LONGEST_SENTENCE`` characters of one paragraph."""
    from sentencex import segment  # type: ignore[import-untyped]

    spans: list[tuple[int, int]] = []
    at = 0
    for piece in segment(language_of(block), block.translate(_TAMED)):
        end = at + len(piece)
        if spans and (piece.isspace() or block[spans[-1][0] : at].isspace()):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((at, end))
        at = end
    return spans if at == len(block) else [(0, len(block))]
