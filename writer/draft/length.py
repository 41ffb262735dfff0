"""How long a scene becomes: how many beats it needs, how many words each may have, and where it may stop.

All of it follows from the task and from how many words are there, so a draft that is taken up again counts the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from writer.story import Task
from writer.text import count_words, ends_sentence, sentences

A_SCENE = 1000
"""Words of a scene for which nobody said how many."""
MOST_A_SCENE = 2000
"""A part of the outline that is to have more is divided into scenes first."""
LEAST = 35
"""No beat has fewer: a sentence or two."""
A_BEAT = 110
"""Words that a beat has where there may be as many beats as it takes."""
MOST_A_PASSAGE = 160
"""A model strays from a beat after more; the rest of the beat's words is another passage."""

_FEW = 0.02
"""So much of its length a scene may miss."""
_FEWEST = 8
_QUOTES = (("“", "”"), ("「", "」"), ("『", "』"), ("《", "》"), ("（", "）"), ("(", ")"))


def beats_for(words: int) -> int:
    """How many beats a scene of so many words needs."""
    return max(1, round(words / A_BEAT))


def grouped(beats: Sequence[str], words: int) -> tuple[str, ...]:
    """The beats, neighbours joined where there are more than so many words can hold."""
    most = max(1, words // LEAST)
    if len(beats) <= most:
        return tuple(beats)
    ends = [round(len(beats) * (number + 1) / most) for number in range(most)]
    starts = [0, *ends]
    return tuple(_joined(beats[start:end]) for start, end in zip(starts, ends, strict=False))


def _joined(beats: Sequence[str]) -> str:
    text = ""
    for beat in beats:
        text += (" " if text and text[-1].isascii() else "") + beat
    return text


def is_enough(words: int, there: int) -> bool:
    """Whether a scene of so many words is as long as it should be."""
    return words - there < max(_FEWEST, _FEW * words)


def goal(task: Task, there: int) -> float:
    """How many words the scene should have at the end of the beat at hand; ``there`` are there now."""
    if task.beat >= len(task.beats):
        return task.words
    others = max(0, there - task.written)
    return others + max(0, task.words - others) * (task.beat + 1) / len(task.beats)


def wanted(task: Task, there: int) -> int:
    """How many words the next passage should have."""
    room = max(LEAST, goal(task, there) - there)
    behind = max(0, len(task.beats) - task.beat - 1)
    room = max(min(room, task.words - there - LEAST * behind), LEAST if task.beat < len(task.beats) else 1)
    return round(room / math.ceil(room / MOST_A_PASSAGE))


def is_over(task: Task, there: int) -> bool:
    """Whether the beat at hand has its words, so that the next is due."""
    share = max(LEAST, task.words / max(1, len(task.beats)))
    return goal(task, there) - there < min(share, MOST_A_PASSAGE) / 3


def fitted(text: str, task: Task, there: int) -> str:
    """What of a passage is kept, up to the end of a sentence, so that the scene does not become too long.

    At the scene's last beat it ends as near to the wanted length as it can. Something is left unless all beats are
    written and the scene is nearer to its length without it.
    """
    is_last = task.beat >= len(task.beats) - 1
    behind = max(0, len(task.beats) - task.beat - 1)
    most = min(goal(task, there) + A_BEAT / 2, task.words - LEAST * behind) - there
    if task.beat >= len(task.beats):
        best, least = "", float(abs(task.words - there))
    else:
        best, least = text, math.inf
    for end in endings(text):
        words = count_words(text[:end])
        miss = abs(task.words - there - words) if is_last else (most - words if words <= most else words + most)
        if miss < least:
            best, least = text[:end], miss
    return best


def endings(text: str) -> list[int]:
    """Where a text may stop: behind a sentence, and where that can be with no quotation left open."""
    ends = [start + len(text[start:end].rstrip()) for start, end in sentences(text) if text[start:end].strip()]
    ends = [end for end in ends if ends_sentence(text[:end])]
    return [end for end in ends if not _is_open(text[:end])] or ends


def _is_open(text: str) -> bool:
    """Whether a quotation in the last paragraph has not ended."""
    last = text.rpartition("\n")[2]
    return last.count('"') % 2 == 1 or any(last.count(left) > last.count(right) for left, right in _QUOTES)
