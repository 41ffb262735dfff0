"""What a model is asked for a passage: as the conversation it was taught, else as a story that goes on.

A small model that was taught to answer takes a bare page for a text to talk about. It writes prose when somebody asks
it for the story, and finds the story's last paragraph as the beginning of its own answer.
"""

from __future__ import annotations

from dataclasses import replace

from writer.context import Memory, build
from writer.context.window import anchors, count
from writer.engines import Engine
from writer.errors import DiedError, EngineError
from writer.settings import Settings
from writer.store import Store
from writer.story import Cursor, Part, Prompt, Turn
from writer.text import clean, sentences

_STORY = ("earlier", "page")
_ROOM = 128
"""Tokens for what is said around the story."""
_HELD = 3 / 8
"""What is read is decided anew whenever so much of its room was written."""
_NEAR = 400  # characters of the story that stand behind the beat, as the beginning of the answer
_TALK = {
    "en": {
        "who": "You are a novelist. You answer with the story only.",
        "tense": " You tell it in the past tense.",
        "write": "Write this story.",
        "go_on": "Write the next part of the story.",
        "tell": "Write the next part of the story. In this part: {beat}",
        "raw": "In the next part: {beat}",
    },
    "zh": {
        "who": "你是小说家，只写小说正文。",
        "tense": "",
        "write": "请写这个故事。",
        "go_on": "请写故事的下一段。",
        "tell": "请写故事的下一段。这一段写的是：{beat}",
        "raw": "下一段写的是：{beat}",
    },
}


def is_taught(engine: Engine) -> bool:
    """Whether a model was taught to answer, so that it can be told what to write."""
    try:
        asked = engine.chat([Turn("user", "?")])
    except DiedError:
        raise
    except EngineError:
        return False
    return any(part.kind == "control" for part in asked.parts)


def request(
    cursor: Cursor,
    begin: int,
    beat: str,
    store: Store | None,
    engine: Engine,
    settings: Settings,
    language: str,
    answer: int,
    *,
    is_told: bool = False,
) -> Prompt:
    """What the model reads before it goes on at the cursor with the passage that tells a beat and begins at an offset.

    It is half of what a suggestion may read. A model that was taught to answer reads what it was told of the story and
    most of what it wrote before the beat, so that for the next one it need not read all of that again. One that was
    taught no conversation is told of the beat within the story, which it takes for a part of that: not where it
    ``is_told``. There is room for so many tokens of an ``answer``.
    """
    talk = _TALK.get(language, _TALK["en"])
    budget = max(1, min(settings.budget // 2, engine.context_tokens - answer) - _ROOM)
    memory = Memory(store) if store else None
    if not is_taught(engine):
        raw = talk["raw"].format(beat=beat) if beat and not is_told else ""
        laid = build(cursor, store, engine, budget, language, memory, beat=raw)
        return replace(laid, begun="", role="work", wording="")
    at = _held(cursor.before[:begin], budget, engine)
    laid = build(replace(cursor, offset=at), store, engine, budget // 2, language, memory)
    story = "".join(part.text for part in laid.parts if part.kind in _STORY) + clean(cursor.before[at:begin])
    last = _last(story)
    parts = engine.chat(_turns(laid, story[:last].strip(), beat, talk, is_begun=bool(story.strip()))).parts
    begun = (story[last:] + clean(cursor.before[begin:])).lstrip()
    return Prompt(_counted((*parts, *([Part("page", begun, 0)] if begun else [])), engine), laid.dropped, role="work")


def _held(before: str, budget: int, engine: Engine) -> int:
    """Where what is read is decided, for half of the budget: what was written since has the other."""
    at = next(anchors(before, int(_HELD * budget), engine, 1))
    return at if count(before[at:], engine) <= budget // 2 else len(before)


def _last(story: str) -> int:
    """Where the last paragraph begins, or of a long one the last sentences."""
    start = story.rfind("\n", 0, len(story.rstrip())) + 1
    near = max(start, len(story) - _NEAR)
    return next((near + begin for begin, _end in sentences(story[near:]) if begin), near) if near > start else start


def _turns(laid: Prompt, story: str, beat: str, talk: dict[str, str], *, is_begun: bool) -> list[Turn]:
    about = "".join(part.text for part in laid.parts if part.kind not in _STORY).strip()
    wish = talk["tell"].format(beat=beat) if beat else talk["go_on"]
    who = Turn("system", talk["who"] + ("" if is_begun else talk["tense"]))
    if not story:
        return [who, Turn("user", f"{about}\n\n{wish}".strip())]
    asked = f"{about}\n\n{talk['write']}".strip()
    return [who, Turn("user", asked), Turn("assistant", story), Turn("user", wish)]


def _counted(parts: tuple[Part, ...], engine: Engine) -> tuple[Part, ...]:
    tokens = engine.count([part.text for part in parts])
    return tuple(replace(part, tokens=number) for part, number in zip(parts, tokens, strict=True))
