import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from writer.context import build
from writer.context.memory import Offer, laid_out
from writer.context.window import STEPS
from writer.story import Cursor, Entry, Plan, Project, Scene
from writer.text import clean

ENGLISH = "The gulls rose over the harbour, and nobody saw the boy. “Who threw it?” she asked. He said nothing.\n\n"
CHINESE = "海鸥从港口上飞起，没有人看见那个孩子。“是谁扔的？”她问。他什么也没说。\n"


class Counter:
    """Counts every ``width`` characters as a token, and remembers how many it was asked about."""

    name = model = "counter"
    context_tokens = 100_000

    def __init__(self, width=1, bos_tokens=1):
        self.width, self.bos_tokens = width, bos_tokens
        self.seen = {}
        self.characters = 0

    def count(self, texts):
        for text in texts:
            if text not in self.seen:
                text.encode()
                self.characters += len(text)
                self.seen[text] = -(-len(text) // self.width)
        return [self.seen[text] for text in texts]


class Plans(dict):
    def get(self, node):
        return dict.get(self, node, Plan())


@dataclass
class Book:
    """As much of a store as a prompt is made of."""

    project: Project
    scenes: list[Scene]
    plans: Plans = field(default_factory=Plans)

    def before(self, scene) -> Iterator[Scene]:
        return (s for s in reversed(self.scenes) if s.id < scene)


def book(*texts, title="Salt", premise="A boy throws a stone. It comes back.", language="en"):
    return Book(Project(title, premise, language), [Scene(i, f"Scene {i}", t, 0) for i, t in enumerate(texts, 1)])


def at_end(text, scene=9):
    return Cursor(scene, text, len(text))


def kinds(prompt):
    return [part.kind for part in prompt.parts]


ANY = st.lists(
    st.sampled_from(
        [ENGLISH, CHINESE, "a", " ", "\n", "“", "😀", "\ud800", "x" * 300, "好" * 300, "<|im_end|>", "He. "]
    ),
    max_size=40,
).map("".join)


@settings(deadline=None)
@given(ANY, ANY, ANY, st.integers(0, 3000), st.integers(1, 5), st.integers(0, 2))
def test_a_prompt_is_never_over_budget(page, earlier, premise, budget, width, bos):
    engine = Counter(width, bos)
    prompt = build(at_end(page), book(earlier, page, premise=premise), engine, budget)
    assert sum(engine.count([part.text])[0] for part in prompt.parts) == prompt.tokens
    assert prompt.tokens + bos <= max(budget, bos)
    assert all(part.text.endswith("\n") for part in prompt.parts if part.kind != "page")


@settings(deadline=None)
@given(ANY, ANY, st.integers(50, 3000))
def test_every_part_says_where_it_is_from(page, earlier, budget):
    texts = {1: earlier, 9: page}
    prompt = build(at_end(page), book(earlier), Counter(), budget)
    for part in prompt.parts:
        source = "\n\n".join(texts[s.scene][s.start : s.end] for s in part.sources)
        assert part.text.rstrip("\n") == source.rstrip("\n").replace("\ud800", "\ufffd") or not part.sources


@settings(deadline=None)
@given(st.sampled_from([ENGLISH, CHINESE]), st.integers(1, 30), st.integers(100, 4000), st.integers(0, 200))
def test_typing_on_keeps_the_last_prompt_a_prefix_but_once_a_step(unit, paragraphs, budget, typed):
    text, more = unit * paragraphs, (unit.strip() * 6)[:typed]
    store, engine = book(ENGLISH * 20), Counter()
    prompts = [build(at_end(text + more[:end]), store, engine, budget) for end in range(0, typed + 1, 7)]
    anew = sum(not later.text.startswith(earlier.text) for earlier, later in pairwise(prompts))
    assert anew <= 2 + 2 * typed * STEPS / budget


def test_the_window_slides_in_steps():
    page, engine, budget = CHINESE * 400, Counter(), 1000
    prompts = [build(Cursor(1, page, at), None, engine, budget) for at in range(2000, 10_000, 10)]
    slides = sum(not b.text.startswith(a.text) for a, b in pairwise(prompts))
    assert slides <= 2 * STEPS * 8000 / budget
    assert min(prompt.tokens for prompt in prompts) >= budget * 3 // 4
    assert all(page[: p.parts[0].sources[0].start].endswith("\n") for p in prompts)


def test_parts_run_from_what_changes_least():
    prompt = build(at_end("He left."), book("It rained.", "It poured."), Counter(), 1000)
    assert [(p.kind, p.text) for p in prompt.parts] == [
        ("style", "Salt\n\n"),
        ("premise", "A boy throws a stone. It comes back.\n\n"),
        ("earlier", "It rained.\n\nIt poured.\n\n"),
        ("page", "He left."),
    ]
    assert prompt.dropped == ()


def test_nothing_behind_the_caret_or_later_enters():
    store = book("Before.", "Page and secret.", "Later secret.")
    prompt = build(Cursor(2, "Page and secret.", 4), store, Counter(), 1000)
    assert "secret" not in prompt.text
    assert prompt.text.endswith("Before.\n\nPage")


def test_blanks_at_the_caret_are_not_sent():
    assert build(at_end("He left. \t "), None, Counter(), 100).text == "He left."
    assert build(at_end("He left.\n\n"), None, Counter(), 100).text == "He left.\n\n"


def test_earlier_scenes_give_way_to_a_long_page_and_it_is_said_why():
    store = book(ENGLISH * 5, premise="", title="")
    half = build(at_end("x" * 400), store, Counter(bos_tokens=0), 800)
    assert kinds(half) == ["earlier", "page"]
    assert half.parts[0].tokens <= 400
    assert half.parts[0].text.startswith(("The gulls", "“Who", "she asked", "He said"))
    more = build(at_end("x" * 740), store, Counter(bos_tokens=0), 800)
    assert kinds(more) == ["page"]
    assert [dropped.kind for dropped in more.dropped] == ["earlier"]


@pytest.mark.parametrize("budget", [40, 200, 1000])
def test_the_plan_of_the_scene_stands_behind_the_premise_within_its_share(budget):
    store = book(ENGLISH * 3)
    store.plans[9] = Plan("The boy owns up. " * 20)
    prompt = build(at_end(ENGLISH * 3), store, Counter(4), budget)
    plan = [part for part in prompt.parts if part.kind == "plan"]
    assert prompt.tokens + 1 <= budget
    assert sum(part.tokens for part in plan) <= budget // 12
    if budget == 1000:
        assert kinds(prompt)[:3] == ["style", "premise", "plan"]


@pytest.mark.parametrize(
    ("synopsis", "left"),
    [("The boy owns up. They all  go home.", "The boy owns up."), ("孩子认了错。大家都回家了。", "孩子认了错。")],
)
def test_a_plan_does_not_tell_what_already_stands_behind_the_caret(synopsis, left):
    store = book("")
    store.plans[9] = Plan(synopsis)
    text = ENGLISH + "They all go\n home. 大家都回家了。"
    prompt = build(Cursor(9, text, len(ENGLISH)), store, Counter(), 4000)
    assert [part.text for part in prompt.parts if part.kind == "plan"] == [left + "\n\n"]


@given(page=ANY, budget=st.integers(1, 900), beat=st.text(max_size=200))
def test_a_beat_never_leads_over_the_budget_and_leaves_the_page_as_it_is(page, budget, beat):
    prompt = build(at_end(page), book(page), Counter(), budget, beat=beat)
    assert not prompt.parts or prompt.tokens + 1 <= max(budget, 1)
    read = "".join(part.text for part in prompt.parts if part.kind == "page")
    assert clean(page.rstrip(" \t")).endswith(read)


def test_a_beat_stands_in_front_of_the_last_paragraph():
    page = "He came in.\n\nShe looked up.\n\n"
    prompt = build(at_end(page), book(page), Counter(), 2000, beat="[She leaves.]")
    assert [(part.kind, part.text) for part in prompt.parts[-3:]] == [
        ("page", "He came in.\n\n"),
        ("beat", "[She leaves.]\n\n"),
        ("page", "She looked up.\n\n"),
    ]


def test_a_premise_that_is_too_long_is_cut_at_a_sentence():
    prompt = build(at_end("He left."), book(premise="One is here. " * 100), Counter(), 400)
    premise = next(part for part in prompt.parts if part.kind == "premise")
    assert premise.text.endswith("One is here.\n\n")
    assert prompt.tokens - premise.tokens < 50
    assert "premise" in [dropped.kind for dropped in prompt.dropped]


@pytest.mark.parametrize(("language", "opening"), [("en", "Not very long ago"), ("zh", "很久以前")])
def test_without_a_word_there_is_an_opening(language, opening):
    empty = book("", title="", premise="", language=language)
    assert build(at_end(""), empty, Counter(), 1000).text.startswith(opening)
    assert build(at_end(""), None, Counter(), 1000, language).text.startswith(opening)
    assert kinds(build(at_end("😀"), None, Counter(), 1000, language)) == ["style", "page"]
    assert kinds(build(at_end("He"), None, Counter(), 1000, language)) == ["page"]


@pytest.mark.parametrize(
    "text", ["word " * 200_000, "好" * 1_000_000, " " * 1_000_000, "“" * 1_000_000, ENGLISH * 10_000, "😀" * 500_000]
)
def test_a_megabyte_costs_little(text):
    engine = Counter(4)
    prompt = build(at_end(text), None, engine, 2048)
    assert engine.characters < 150_000
    assert prompt.tokens <= 2047
    counted = engine.characters
    build(at_end(text + " He"), None, engine, 2048)
    assert engine.characters - counted < 20_000


def test_the_same_text_gives_the_same_prompt_whatever_came_before():
    page, engine = ENGLISH * 200, Counter(4)
    for at in random.Random(1).sample(range(len(page)), 50):
        assert build(Cursor(1, page, at), None, engine, 500) == build(Cursor(1, page, at), None, Counter(4), 500)


def test_what_was_decided_earlier_is_gone_on_from_while_there_is_room():
    page, engine, budget = ENGLISH * 60, Counter(), 1000
    for at in range(2000, len(page), 37):
        now, before = (build(Cursor(1, page, at), None, engine, budget, back=back) for back in (0, 1))
        assert before.tokens <= budget
        assert not before.parts or now.text.endswith(before.text[-200:])
    later = [build(Cursor(1, page, at), None, engine, budget, back=1).text for at in range(2000, 3000, 5)]
    assert all(later[::40])
    assert sum(not b.startswith(a) for a, b in pairwise(later)) <= 2 * STEPS


def test_who_is_in_the_story_now_is_named_before_who_was_in_it_often_long_ago():
    cast = ((Entry("Baldwin", count=900), 2.0), (Entry("Mira", count=6), 5.0), (Entry("Tom", count=1), 2.0))
    parts, dropped = laid_out(Offer(cast=cast), "Mira went home.", lambda span: False, 336, Counter())
    assert [part.text for part in parts] == ["Characters and places: Mira, Baldwin.\n\n"]
    assert [one.text for one in dropped] == ["Tom"]
