"""What a model is asked for a passage: as the conversation it was taught, else as a story that goes on.

A small model that was taught to answer takes a bare page for a text to talk about. It writes prose when somebody asks
it for the story, and finds the story's last paragraph as the beginning of its own answer.
"""

from __future__ import annotations

from dataclasses import replace

from writer.context import Memory, build
from writer.engines import Engine
from writer.errors import DiedError, EngineError
from writer.settings import Settings
from writer.store import Store
from writer.story import Cursor, Part, Prompt, Turn

_STORY = ("earlier", "page")
_ROOM = 128
"""Tokens for what is said around the story."""
_TALK = {
    "en": {
        "who": "You are a novelist. You answer with the story only.",
        "tense": " You tell it in the past tense.",
        "write": "Write this story.\n\n{about}",
        "go_on": "Write the next part of the story.",
        "tell": "Write the next part of the story. In this part: {beat}",
        "raw": "In the next part: {beat}",
    },
    "zh": {
        "who": "你是小说家，只写小说正文。",
        "tense": "",
        "write": "写这个故事。\n\n{about}",
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
    beat: str,
    store: Store | None,
    engine: Engine,
    settings: Settings,
    language: str,
    answer: int,
    *,
    is_told: bool = False,
) -> Prompt:
    """What the model reads before it goes on at the cursor with a beat, with room for so many tokens of an answer.

    It is half of what a suggestion may read, since all of it is read anew for each beat. A model that was taught no
    conversation is told of the beat within the story, which it takes for a part of that: not where it ``is_told``.
    """
    talk = _TALK.get(language, _TALK["en"])
    budget = max(1, min(settings.budget // 2, engine.context_tokens - answer) - _ROOM)
    memory = Memory(store) if store else None
    if not is_taught(engine):
        raw = talk["raw"].format(beat=beat) if beat and not is_told else ""
        laid = build(cursor, store, engine, budget, language, memory, beat=raw)
        return replace(laid, begun="", role="work", wording="")
    laid = build(cursor, store, engine, budget, language, memory)
    story = "".join(part.text for part in laid.parts if part.kind in _STORY).lstrip()
    asked = engine.chat(_turns(laid, beat, talk, is_begun=bool(story)))
    parts = (*asked.parts, *([Part("page", story, 0)] if story else []))
    parts = _counted(parts, engine)
    return Prompt(parts, laid.dropped, role="work")


def _turns(laid: Prompt, beat: str, talk: dict[str, str], *, is_begun: bool) -> list[Turn]:
    about = "".join(part.text for part in laid.parts if part.kind not in _STORY).strip()
    wish = talk["tell"].format(beat=beat) if beat else talk["go_on"]
    who = talk["who"] + ("" if is_begun else talk["tense"])
    return [Turn("system", who), Turn("user", f"{about}\n\n{wish}".strip())]


def _counted(parts: tuple[Part, ...], engine: Engine) -> tuple[Part, ...]:
    tokens = engine.count([part.text for part in parts])
    return tuple(replace(part, tokens=number) for part, number in zip(parts, tokens, strict=True))
