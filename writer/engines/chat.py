"""A conversation laid out as a model was taught to read one; what people say in it stays text.

Templates come with the model and are programs of others (Jinja): they run in a sandbox, bounded in time and size, and
in the model's own process. Marks of the chat become parts of kind ``control``, which alone are read as control tokens.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from typing import Any

from writer.errors import ModelError
from writer.i18n import _
from writer.story import Part, Turn

_LARGEST_TEMPLATE = 64 * 2**10
_LARGEST_LAYOUT = 2**20
_LONGEST_S = 2.0
_LONGEST_FACTOR = 5
_PLACE = re.compile("\ue000(\\d+)\ue001")
"""Where a turn's text goes: characters for private use, which no template writes."""


def lay_out(template: str, turns: Sequence[Turn], *, bos: str = "", eos: str = "") -> tuple[Part, ...]:
    """The parts a model reads before it answers; ModelError if its template is no good.

    A template that knows no ``system`` gets what that says in front of the first ``user``.
    """
    for said in (list(turns), _without_system(turns)):
        try:
            laid_out = _rendered(template, said, bos, eos)
        except ModelError:
            if said == _without_system(turns):
                raise
            continue
        if sorted(int(number) for number in _PLACE.findall(laid_out)) == list(range(len(said))):
            return tuple(_parts(laid_out.removeprefix(bos), said))
    raise _no_good()


def unmarked(turns: Sequence[Turn]) -> tuple[Part, ...]:
    """The same for a model that was taught no conversation: text that goes on."""
    said = "\n\n".join(turn.text.strip() for turn in turns)
    return (Part("turn", said + "\n\n", 0),)


def _parts(laid_out: str, turns: Sequence[Turn]) -> list[Part]:
    parts = []
    for index, piece in enumerate(_PLACE.split(laid_out)):
        text, kind = (turns[int(piece)].text, "turn") if index % 2 else (piece, "control")
        if text:
            parts.append(Part(kind, text, 0))
    return parts


def _without_system(turns: Sequence[Turn]) -> list[Turn]:
    system = [turn.text for turn in turns if turn.role == "system"]
    others = [turn for turn in turns if turn.role != "system"]
    if system and others:
        others[0] = Turn(others[0].role, "\n\n".join([*system, others[0].text]))
    return others


def _rendered(template: str, turns: Sequence[Turn], bos: str, eos: str) -> str:
    from jinja2 import TemplateError
    from jinja2.ext import loopcontrols
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    end, size, pieces = time.monotonic() + _LONGEST_S, 0, []

    def refuse(message: str) -> None:
        raise TemplateError(message)

    def in_time(*bounds: int) -> Iterator[int]:
        for number in range(*bounds):
            if time.monotonic() > end:
                raise _no_good()
            yield number

    class Bounded(ImmutableSandboxedEnvironment):
        intercepted_binops = frozenset(["+", "*", "**"])

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            if operator != "+" and max(len(str(left)), len(str(right))) > _LONGEST_FACTOR:
                raise _no_good()
            made = super().call_binop(context, operator, left, right)
            if isinstance(made, str | list | tuple) and len(made) > _LARGEST_LAYOUT:
                raise _no_good()
            return made

    if len(template) > _LARGEST_TEMPLATE:
        raise _no_good()
    messages = [{"role": turn.role, "content": f"\ue000{number}\ue001"} for number, turn in enumerate(turns)]
    known: dict[str, Any] = {
        "messages": messages,
        "bos_token": bos,
        "eos_token": eos,
        "add_generation_prompt": True,
        "enable_thinking": False,
        "raise_exception": refuse,
        "strftime_now": time.strftime,
    }
    try:
        environment = Bounded(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
        environment.globals["range"] = in_time
        for piece in environment.from_string(template).generate(known):
            size += len(piece)
            if size > _LARGEST_LAYOUT or time.monotonic() > end:
                raise _no_good()
            pieces.append(piece)
    except ModelError:
        raise
    except Exception as error:  # whatever a program of others may raise
        raise _no_good() from error
    return "".join(pieces)


def _no_good() -> ModelError:
    return ModelError(_("The chat template of this model can't be used; choose another model."))
