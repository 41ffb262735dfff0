"""What a model reads before it says one thing of an outline.

Asked, it reads two examples, the story and the place. Retelling, it reads the story as if somebody told it, and tells
on: that a small model does better, as there is nothing to understand but prose. What changes least comes first, so
that most of it is read once for a whole outline.
"""

from __future__ import annotations

from collections.abc import Sequence

from writer.engines import Engine
from writer.outline import steps
from writer.outline.ground import Ground, Idea, Place, shortened
from writer.story import Part, Prompt, Turn

_ROOM = 128
"""Tokens that stay free for the answer."""
_SHOWN = 2
_LABELS = {
    "en": {
        "system": "You help an author to plan. You say in one plain sentence who does what, and what comes of it.",
        "premise": "Story: ",
        "above": "This part: ",
        "before": "So far: ",
        "purpose": "Now: ",
        "synopsis": "What happens: ",
        "title": "Title: ",
        "scene": "Scene: ",
        "done": "Before: ",
        "beat": "Next: ",
        "plot": "Summary of the plot:",
        "report": "Summary of the report:",
    },
    "zh": {
        "system": "你帮作者拟提纲，用一句平实的话说出谁做了什么，结果怎样。",
        "premise": "故事：",
        "above": "这一部分：",
        "before": "前面：",
        "purpose": "现在：",
        "synopsis": "情节：",
        "title": "标题：",
        "scene": "场景：",
        "done": "之前：",
        "beat": "接着：",
        "plot": "内容简介：",
        "report": "报道提要：",
    },
}


class Wording:
    """The requests of one outline, with the same two examples in all of them."""

    def __init__(self, engine: Engine, ground: Ground, seed: int) -> None:
        self._engine = engine
        self._ground = ground
        self._labels = _LABELS["zh" if ground.language == "zh" else "en"]
        known = steps.examples(ground.language, ground.kind)
        self.shown = [known[(seed + number) % len(known)] for number in range(_SHOWN)]
        probe = engine.chat([Turn("user", "A")])
        self._converses = any(part.kind == "control" for part in probe.parts)

    def synopsis(self, place: Place, beginning: str) -> Prompt:
        """Before the model says what happens at a place."""
        shown = [(self._where(one.premise, one.above, one.before, one.purpose), one.synopsis) for one in self.shown]
        above = place.above[-1].synopsis if place.above else ""
        before = place.before[-1].synopsis if place.before else ""
        asked = self._where(self._ground.premise, shortened(above, 45), shortened(before, 45), place.stage.purpose)
        return self._prompt(shown, asked, "synopsis", beginning)

    def retelling(self, place: Place, beginning: str) -> Prompt:
        """Before the model tells on at a place, of which it reads only what comes before it."""
        above = [shortened(one.synopsis, 45) for one in place.above[-2:]]
        return self._told([*above, *(shortened(one.synopsis, 45) for one in place.before[-2:])], beginning)

    def retelling_scene(self, idea: Idea, told: Sequence[str], beginning: str) -> Prompt:
        """Before the model tells on in a scene."""
        return self._told([idea.synopsis or idea.title, *told[-3:]], beginning)

    def title(self, synopsis: str) -> Prompt:
        """Before the model gives what happens a title."""
        label = self._labels["synopsis"]
        known = steps.examples(self._ground.language, self._ground.kind)[:4]
        return self._prompt([(label + one.synopsis, one.title) for one in known], label + synopsis, "title", "")

    def beat(self, idea: Idea, told: Sequence[str], beginning: str) -> Prompt:
        """Before the model says the next step of a scene."""
        shown = [(self._scene(one.synopsis, one.beats[:2]), one.beats[2]) for one in self.shown if len(one.beats) > 2]
        return self._prompt(shown, self._scene(idea.synopsis or idea.title, told[-2:]), "beat", beginning)

    def premise(self, synopsis: str) -> Prompt:
        """Before the premise, to see how much likelier something makes it."""
        before = self._labels["synopsis"] + synopsis + "\n" if synopsis else ""
        return Prompt((Part("turn", before + self._labels["premise"], 0),), role="work")

    def _told(self, told: Sequence[str], beginning: str) -> Prompt:
        gap = "" if self._ground.language == "zh" else " "
        text = gap.join(filter(None, [self._ground.premise, *told, beginning]))
        head = self._labels["plot" if self._ground.kind == "story" else "report"]
        return Prompt((Part("turn", f"{head}\n\n", 0), Part("turn", text, 0)), role="work")

    def _where(self, premise: str, above: str, before: str, purpose: str) -> str:
        told = {"premise": premise, "above": above, "before": before, "purpose": purpose}
        return "\n".join(self._labels[name] + text for name, text in told.items() if text)

    def _scene(self, synopsis: str, told: Sequence[str]) -> str:
        gap = "" if self._ground.language == "zh" else " "
        before = f"\n{self._labels['done']}{gap.join(told)}" if told else ""
        return self._labels["scene"] + synopsis + before

    def _prompt(self, shown: Sequence[tuple[str, str]], asked: str, label: str, beginning: str) -> Prompt:
        for examples in (shown, shown[:1], ()):
            prompt = self._laid_out(examples, asked, self._labels[label], beginning)
            tokens = sum(self._engine.count([part.text for part in prompt.parts])) + self._engine.bos_tokens
            if tokens + _ROOM <= self._engine.context_tokens:
                break
        return prompt

    def _laid_out(self, shown: Sequence[tuple[str, str]], asked: str, label: str, beginning: str) -> Prompt:
        begun = (Part("turn", beginning, 0),) if beginning else ()
        if self._converses:
            turns = [Turn("system", self._labels["system"])]
            for question, answer in shown:
                turns += [Turn("user", f"{question}\n{label.rstrip()}"), Turn("assistant", answer)]
            turns.append(Turn("user", f"{asked}\n{label.rstrip()}"))
            return Prompt((*self._engine.chat(turns).parts, *begun), role="work")
        told = "".join(f"{question}\n{label}{answer}\n\n" for question, answer in shown)
        before = (Part("turn", told, 0),) if told else ()
        return Prompt((*before, Part("turn", f"{asked}\n{label}{beginning}".rstrip(), 0)), role="work")
