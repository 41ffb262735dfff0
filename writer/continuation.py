"""Turn what a model writes into what an author wants to see in grey behind the caret.

A model's raw text has leading line ends, headings, quotes of the wrong kind, loops and half sentences.
A ``Continuation`` is fed with it piece by piece and gives out what fits the page: it joins the text at
the caret without a doubled or a missing space, keeps to the quotes of the book, streams the first sentence,
gives out later ones only when they are whole, and is done at a sentence's end.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from writer.text import CLOSERS, OPENERS, count_words, ends_sentence, is_cjk, is_word_end, paragraphs, sentences

_REMEMBERED = 4000  # characters before the caret that style and repetition are judged by
_AHEAD = 60
_LINE_START = 14  # characters that tell a heading from prose
_FEW_WORDS = 10
_LONGEST_GAP = 24

_MARKUP = re.compile(r"[<#]|```|https?:|www\.|\{\{|\[\[")
_MAYBE_MARKUP = "`[{"
_NOT_PROSE = re.compile(
    r"""\s*(?:[#=~|>\[<{]|\*{2,}|\*\s|_{2,}|[-–—]{2,}|[-•]\s|\d|https?:|www\.
    |(?:chapter|part|book|volume|act|scene|section|prologue|epilogue)\b[ ]*
        (?:[\divxlc]+\b|[.:\n]|one|two|three|four|five|six|seven|eight|nine|ten)
    |(?:user|assistant|system|note|title|author|summary|question|answer|prompt|response|editor's[ ]note|p\.?s)\s*:
    |the[ ]end\b|to[ ]be[ ]continued|copyright|project[ ]gutenberg|as[ ]an[ ]ai\b
    |here(?:['’]s|[ ]is)[ ](?:a|the|my)[ ](?:story|continuation|rewritten|revised)
    |第[\d〇零一二三四五六七八九十百千两]+[章回节卷部]|[卷章][一二三四五六七八九十]
    |（?(?:未完待续|全文完|本章完)|(?:标题|作者|提示|问题|答案|注)[:：])""",
    re.IGNORECASE | re.VERBOSE,
)
_LOOP = re.compile(r"(.{3,40}?)\1\1$|(([\u4e00-\u9fff]{2}).{1,38}?)\2\3$", re.DOTALL)
"""The same row for the third time; of Chinese characters, two that begin it are enough."""
_END = re.compile(
    rf"[.!?…]+[{re.escape(CLOSERS)}]*(?=\s*\n|\s+[^\sa-z])|[。！？…]+[{re.escape(CLOSERS)}]*(?=[^{re.escape(CLOSERS)}。！？….!?])"
)
_CLAUSE = re.compile(r"(?:[,;:](?=\s)|[—，；：、])[”\"’」』]?")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Messrs|Dr|St|Prof|Rev|Hon|Capt|Col|Gen|Lt|Sgt|Jr|Sr|vs|etc|e\.g|i\.e|No)|\b[A-Z])\.$"
)
_NO_LETTERS = re.compile(r"[\W_]+")
_QUOTES = re.compile('["“”「」『』（）()《》]')

_FULL_WIDTH = dict(zip(",!?:;.", "，！？：；。", strict=True))
_CLOSING_OF = {"“": "”", "「": "」", "『": "』", "（": "）", "(": ")", "《": "》"}
_CLOSING = frozenset(_CLOSING_OF.values())


@dataclass(frozen=True, slots=True)
class _Style:
    """How this book quotes and parts its paragraphs."""

    quotes: str  # the double quotes: two characters, or "" if the book has none yet
    apostrophe: str
    separator: str

    @classmethod
    def of(cls, text: str, is_chinese: bool, separator: str) -> _Style:
        """The habits that show in a text; of mixed ones the most frequent."""
        pairs = max(("“”", '""', "「」"), key=lambda pair: text.count(pair[0]))
        quotes = pairs if pairs[0] in text else "“”" if is_chinese else ""
        apostrophe = "’" if text.count("’") > text.count("'") else "'" if "'" in text else ""
        return cls(quotes, apostrophe, _separator(text) or separator or ("\n" if is_chinese else "\n\n"))


class Continuation:
    """What of a model's text goes behind the caret; ``done`` when no more is wanted.

    ``refused`` says that nothing came of it and another try might do better; the last try should be
    ``lenient``, which mends what can be mended. ``separator`` stands between paragraphs where the text has only one.
    """

    def __init__(
        self,
        before: str,
        after: str,
        words: int,
        *,
        is_chinese: bool = False,
        lenient: bool = False,
        separator: str = "",
    ) -> None:
        self._before = before[-_REMEMBERED:]
        self._caret_blank = before[-1:].isspace() or not before
        self._after = after[:_AHEAD]
        self._style = _Style.of(self._before + after[:_REMEMBERED], is_chinese, separator)
        self._lenient = lenient
        self._inside = (
            _goes_on(self._after)
            and is_word_end(before[-9:], self._after)
            and not (ends_sentence(before) or not before.strip())
        )
        self._words = min(words, _FEW_WORDS) if self._inside else words
        self._most = self._words + min(max(self._words, 12), 30)
        self._written = 0
        self._gap = ""
        self._text = ""
        self._released = 0
        self._is_first = True
        self._given = False
        self._is_broken = False
        paragraph = self._paragraph()
        self._open = len(_open_quotes(paragraph))
        self._typed = _unfinished(paragraph)
        self._last = ""
        whole = self._before[: len(self._before) - len(self._typed)]
        self._known = {letters for s in _sentences(whole) if _is_memorable(letters := _letters(s))}
        self.done = False
        self.refused = False

    @property
    def most_words(self) -> int:
        """No more words than this are ever given out."""
        return self._most

    def feed(self, piece: str) -> str:
        """Take what the model wrote next and give out what is settled by it."""
        for character in piece:
            if not (self.done or self.refused or self._is_broken):
                self._take(character)
        return "" if self.done or self.refused else self._give(complete=self._is_broken)

    def finish(self) -> str:
        """Give out what is left when the model has no more to say."""
        out = "" if self.done or self.refused else self._give(complete=True)
        self.refused |= not self._given
        return out

    # Taking: one character after the other, white space only when it is known what follows.

    def _take(self, character: str) -> None:
        if character.isspace():
            self._gap += "\n" if character in "\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029" else character
            self._is_broken = len(self._gap) > _LONGEST_GAP
            return
        if _is_junk(character):
            return
        character = self._in_style(character)
        if character in _CLOSING and character != ")" and not _open_quotes(self._paragraph() + self._text):
            return
        if self._is_first and not self._text:
            self._begin(character)
        elif self._gap:
            self._part(character)
        else:
            self._text += character
        self._gap = ""

    def _in_style(self, character: str) -> str:
        """The character as this book would have it."""
        previous = self._gap[-1:] or self._previous()
        opens = not previous or previous.isspace() or previous in OPENERS + "—–-"
        if character in '"“”' and self._style.quotes:
            if character == '"':
                closes = (
                    _open_quotes(self._paragraph() + self._text)
                    if is_cjk(previous) or previous in "：，。"
                    else not opens
                )
            else:
                closes = character == "”"
            return self._style.quotes[1 if closes else 0]
        if character in "'’" and self._style.apostrophe and not opens:
            return self._style.apostrophe
        if character == "‘" and self._style.apostrophe == "'" and '"' in self._style.quotes:
            return "'"
        return _FULL_WIDTH.get(character, character) if is_cjk(previous) else character

    def _begin(self, character: str) -> None:
        """Join the first character to the text before the caret, or refuse it."""
        previous = self._before[-1:]
        at_line_start = not self._before.rstrip(" \t\u3000\xa0") or self._before.rstrip(" \t\u3000\xa0").endswith("\n")
        if not previous.strip():
            starts_badly = not at_line_start and not self._gap and self._glues(character)
            starts_badly |= not at_line_start and self._gap.count("\n") > 1
            if starts_badly and not self._lenient:
                self.refused = True
            elif not (character in ",.;:!?)，。；：！？、" or (starts_badly and character in CLOSERS)):
                self._text = character
            return
        if "\n" in self._gap:
            breaks = self._gap.count("\n") >= self._style.separator.count("\n")
            if (breaks or ends_sentence(self._before)) and not self._lenient:
                self.refused = True
                return
        self._text = self._space(previous, character) + character

    def _glues(self, character: str) -> bool:
        """Whether the model went on with a word (or closed a phrase) where the author had typed a space."""
        word_before = self._before.rstrip()[-1:]
        return not is_cjk(character) and not is_cjk(word_before) and (character.isalnum() or character in ".!?)”’")

    def _space(self, previous: str, character: str) -> str:
        """A space, or nothing, between the last character before the caret and the first behind it."""
        if (
            is_cjk(previous)
            or is_cjk(character)
            or previous in "，。！？；：、“‘「『（《("
            or character in ",.;:!?)”’，。！？；：、」』）》…"
        ):
            return ""
        if character in "“‘" or (character == '"' and not _open_quotes(self._paragraph())):
            return " " if previous not in OPENERS + "—" else ""
        opened = previous in "\"'" and (
            len(self._before) < 2 or self._before[-2].isspace() or self._before[-2] in OPENERS + "—"
        )
        if opened:
            return ""
        if self._gap:
            return " "
        if not character.isalpha():
            return ""
        if previous == ".":
            return " " if character.isupper() else ""
        return " " if previous in '!?,;:…”"' else ""

    def _part(self, character: str) -> None:
        """Put a space or a paragraph's end before the character, or stop at a break in mid-sentence."""
        previous = self._previous()
        is_break = self._gap.count("\n") >= self._style.separator.count("\n")
        if is_break and (ends_sentence(self._text) or previous in ":：—"):
            self._text += self._style.separator + character
        elif is_break:
            self._is_broken = True
        elif is_cjk(previous) or is_cjk(character) or character in "，。！？；：、”」』）":
            self._text += ("\u3000" if "\u3000" in self._gap else "") + character
        elif character in ",.;:!?)" and self._text:
            self._text += character
        else:
            self._text += " " + character

    def _previous(self) -> str:
        return self._text[-1:] or self._before[-1:]

    def _paragraph(self) -> str:
        """The paragraph before what is not yet settled."""
        mark = "\n\n" if self._style.separator.count("\n") > 1 else "\n"
        return self._before[self._before.rfind(mark) + 1 :]

    # Giving: whole sentences are settled, and of the first as much as is safe.

    def _give(self, *, complete: bool) -> str:
        out = self._settled(complete)
        if not self.done:
            out += self._started(complete) if self._is_first else self._left_out(complete)
        self._given |= bool(out)
        if self.done and not self._given:
            self.refused = True
        elif self.done and self._caret_blank and self._after[:1].isalnum() and not is_cjk(self._after[0]):
            out += " "
        return out

    def _settled(self, complete: bool) -> str:
        """Sentences that are whole, until there are enough."""
        out = ""
        while not self.done and not self._inside:
            limit, is_final = self._limit(complete)
            end = self._next_end(limit, complete or is_final)
            if not end:
                break
            sentence = self._text[:end]
            words = self._written + count_words(sentence)
            letters = _letters(self._typed + sentence)
            if (
                letters in self._known
                or (letters and self._last.endswith(letters))
                or (words > self._most and not self._is_first)
            ):
                self.done = True
                break
            if _is_memorable(letters):
                self._known.add(letters)
            self._last = letters
            out += sentence[self._released :]
            self._before = (self._before + sentence)[-_REMEMBERED:]
            self._text = self._text[end:]
            self._typed, self._released, self._is_first, self._written = "", 0, False, words
            self._open = min(self._open, len(_open_quotes(self._paragraph())))
            self.done = words >= self._enough(ends_paragraph=self._text.startswith("\n"))
        return out

    def _enough(self, *, ends_paragraph: bool) -> int:
        """From how many words on a sentence's end will do."""
        slack = min(self._words * 3 // 4, 30) if ends_paragraph else min(self._words * 2 // 5, 12)
        return self._words - slack

    def _started(self, complete: bool) -> str:
        """As much of the first sentence as will stay, or its end where it finds none."""
        limit, is_final = self._limit(complete)
        text = self._text[:limit]
        if self._inside and (stop := re.search(r"\s*[.!?。！？\n]", text)):
            text, is_final = text[: stop.start()], True
        words = count_words(text)
        if is_final or complete or words > self._most:
            self.done = True
            end = max(self._released, self._last_resort(text, too_long=words > self._most))
            return text[self._released : end] + self._closing(text[:end])
        if not self._released and self._may_repeat(text):
            return ""
        end = self._inner_end(text) or (self._clause_end(text) if words >= self._words else len(text))
        out = text[self._released : end]
        self._released = max(self._released, end)
        return out

    def _left_out(self, complete: bool) -> str:
        """Nothing of a later sentence that is not whole; done when it can't become so."""
        limit, is_final = self._limit(complete)
        self.done = complete or is_final or self._written + count_words(self._text[:limit]) > self._most
        return ""

    def _limit(self, complete: bool) -> tuple[int, bool]:
        """How much of the text may be given out, and whether the rest never may."""
        text = self._text if complete else self._text.rstrip(_MAYBE_MARKUP)
        if markup := _MARKUP.search(text):
            return markup.start(), True
        if loop := _LOOP.search(text[-130:]):
            return max(0, len(text) - 130) + loop.start() + len(loop[1] or loop[2]), True
        if self._at_line_start():
            line = text.lstrip()
            is_heading = self._is_broken and not ends_sentence(line)
            if is_heading or _NOT_PROSE.match(line):
                return 0, True
            if len(line) < _LINE_START and not complete:
                return 0, False
        if self._after.strip():
            return self._before_repeating_what_follows(text, complete)
        return len(text), False

    def _before_repeating_what_follows(self, text: str, complete: bool) -> tuple[int, bool]:
        """Where the text begins to say what already stands behind the caret."""
        following = self._after.lstrip().partition("\n")[0]
        key = following[: 8 if is_cjk(following[:1]) else 16]
        found = text.find(key)
        if found >= 0:
            return len(text[:found].rstrip()), True
        tails = range(max(0, len(text) - len(key) + 1), len(text))
        begun = next((i for i in tails if key.startswith(text[i:])), len(text)) if not complete else len(text)
        return begun, False

    def _at_line_start(self) -> bool:
        line_before = self._before.rstrip(" \t\u3000\xa0")
        return self._text.startswith("\n") or not line_before or line_before.endswith("\n")

    def _next_end(self, limit: int, is_last: bool) -> int:
        """The end of the first sentence that leaves no quotation open; 0 if there is none yet."""
        ends = [match.end() for match in _END.finditer(self._text)]
        if is_last and ends_sentence(self._text[:limit]):
            ends.append(len(self._text[:limit].rstrip()))
        for end in ends:
            said = self._text[:end]
            if end <= limit and not _ABBREVIATION.search(said) and len(self._opened(said)) <= self._open:
                return end
        return 0

    def _opened(self, text: str) -> str:
        return _open_quotes(self._paragraph() + text)

    def _may_repeat(self, text: str) -> bool:
        """Whether the sentence has so far only the words of one the author already wrote."""
        letters = _letters(self._typed + text)
        return bool(letters) and any(known.startswith(letters) for known in self._known)

    def _last_resort(self, text: str, *, too_long: bool) -> int:
        """Where to end a sentence that doesn't: behind a sentence in its quotation, else a clause, else a word."""
        if inner := self._inner_end(text):
            return inner
        if not too_long:
            return len(text.rstrip())
        return self._clause_end(text) or max(text.rfind(" "), self._released)

    def _inner_end(self, text: str) -> int:
        """The end of the last whole sentence inside a quotation that is still open; 0 if there is none."""
        ends = [m.end() for m in _END.finditer(text) if not _ABBREVIATION.search(text[: m.end()])]
        return ends[-1] if ends else 0

    def _clause_end(self, text: str) -> int:
        """The end of the last clause; 0 if there is none."""
        return max((m.end() for m in _CLAUSE.finditer(text)), default=0)

    def _closing(self, text: str) -> str:
        """The quotation mark that a whole sentence in a quotation still lacks."""
        opened = self._opened(text)
        if len(opened) <= self._open or not ends_sentence(text) or self._after.startswith(tuple(CLOSERS)):
            return ""
        return _CLOSING_OF.get(opened[-1], opened[-1])


def _separator(text: str) -> str:
    """What most often stands between two paragraphs, line ends and indentation; hard-wrapped lines aside."""
    spans = list(paragraphs(text))
    ends = [text[a:b][len(text[a:b].rstrip()) :] for a, b in spans[:-1]]
    starts = [text[a:b][: len(text[a:b]) - len(text[a:b].lstrip())] for a, b in spans[1:]]
    found = Counter(end + start for end, start in zip(ends, starts, strict=True) if end.startswith("\n"))
    return found.most_common(1)[0][0] if found else ""


def _goes_on(after: str) -> bool:
    """Whether the caret stands inside a sentence that goes on behind it."""
    rest = after.lstrip(" \t")
    return bool(rest) and (rest[0].islower() or is_cjk(rest[0]) or rest[0] in ",;:，；：、")


def _is_junk(character: str) -> bool:
    """Whether no author would type this: control characters, halves of characters, private ones."""
    if character in "\u200c\u200d":
        return False
    return character == "\ufffd" or unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn")


def _open_quotes(text: str) -> str:
    """The quotation marks and brackets that are still open, the outermost first."""
    opened: list[str] = []
    for mark in _QUOTES.findall(text):
        if mark == '"':
            if '"' in opened:
                opened.remove('"')
            else:
                opened.append(mark)
        elif mark in _CLOSING_OF:
            opened.append(mark)
        elif opened and _CLOSING_OF.get(opened[-1]) == mark:
            opened.pop()
    return "".join(opened)


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def _unfinished(paragraph: str) -> str:
    """What the author has of the sentence at the caret."""
    last = (_sentences(paragraph) or [""])[-1]
    return "" if ends_sentence(last) else last


def _letters(sentence: str) -> str:
    """A sentence without what may differ when it is said again."""
    return _NO_LETTERS.sub("", sentence).casefold()


def _is_memorable(letters: str) -> bool:
    """Whether saying this again is a fault; a short exclamation is none."""
    return len(letters) >= (8 if is_cjk(letters[:1]) else 16)
