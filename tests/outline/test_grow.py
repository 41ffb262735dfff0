"""Outlines are whole with any model, and what is there is kept."""

from __future__ import annotations

import random
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.outline.says import PREMISES, Says, book, ended, grown
from writer import outline, shapes
from writer.engines import Piece, Sampling, Usage
from writer.engines.echo import Echo
from writer.errors import DiedError, EngineError, ProjectError, UsageError
from writer.outline import Grown, judgement, titles
from writer.settings import Settings
from writer.store import Store
from writer.store.plans import BOOK
from writer.story import Plan, Prompt
from writer.text import ends_sentence, language_of

MODELS = {
    "nothing": lambda prompt, number: "",
    "newlines": lambda prompt, number: "\n\n\n\n",
    "space": lambda prompt, number: "   ",
    "endless": lambda prompt, number: "and then " * 30,
    "list": lambda prompt, number: "1. First\n2. Second\n3. Third",
    "the same": lambda prompt, number: " He opened the red door and met a stranger with a lantern.",
    "talk": lambda prompt, number: " This story explores themes of loss and redemption in a small world.",
    "prompt": lambda prompt, number: prompt[-300:],
    "marks": lambda prompt, number: "<|im_end|> {{{ ### *** \x00 \ufffd",
    "noise": lambda prompt, number: "".join(random.Random(number).choices('abc 我你他，。.!?\n"“”<{1é\u3000', k=80)),
    "chinese": lambda prompt, number: (
        f"在码头上遇见了第{'一二三四五六七八九十'[number % 10]}个陌生的渔夫，决定跟他走。"
    ),
    "english": lambda prompt, number: (
        f" carries the {['lamp', 'rope', 'boat', 'coat', 'bell', 'net', 'oar', 'map', 'key'][number % 9]} home."
    ),
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_outline_is_whole_with_any_model(tmp_path: Path, language: str, name: str) -> None:
    with book(tmp_path, language) as store:
        done = grown(store, Says(MODELS[name]), levels=3, children=2, beats=3)
        assert len(done.nodes) == 14
        assert_whole(store, language)
        for node in done.nodes:
            assert len(node.plan.beats) == (3 if node.level == 2 else 0)
            assert len(set(node.plan.beats)) == len(node.plan.beats)
            assert all(ends_sentence(beat) and "\n" not in beat for beat in node.plan.beats)


def test_a_silent_model_is_told_of_once(tmp_path: Path) -> None:
    with book(tmp_path) as store:
        done = grown(store, Says(MODELS["nothing"]), levels=1)
    assert done.spare == 3
    assert [note for note in done.notes if "wrote nothing" in note]
    assert len(done.notes) == 1


def test_the_same_seed_gives_the_same_outline(tmp_path: Path) -> None:
    outlines = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        with book(tmp_path / folder) as store:
            grown(store, Says(MODELS["english"]), levels=2, children=2, seed=5)
            outlines.append([(node.title, node.synopsis) for node in store.nodes()])
    assert outlines[0] == outlines[1]


def test_a_good_answer_is_taken_with_who_wrote_it(tmp_path: Path) -> None:
    told = [
        "rows out to a wreck at dawn",
        "burns a stranger's map in the stove",
        "hides a brass key under a floorboard",
    ]

    def answer(prompt: str, number: int) -> str:
        return f" {told[number % 3]} and tells nobody." if "Title:" not in prompt else "\n"

    with book(tmp_path) as store:
        done = grown(store, Says(answer), levels=1)
    assert done.spare == 0
    assert [node.plan.made_by for node in done.nodes] == ["says"] * 3
    assert all("tells nobody." in node.plan.synopsis for node in done.nodes)
    assert {node.plan.status for node in done.nodes} == {"outline"}


def test_nobody_speaks_of_i_or_to_you_where_another_idea_does_not(tmp_path: Path) -> None:
    def answer(prompt: str, _number: int) -> str:
        if "Title:" in prompt:
            return "\n"
        is_begun = prompt.endswith("keeper")
        return (
            " shows you the brass key and sleeps.\n"
            if is_begun
            else " The keeper hides a wet lamp under some stairs.\n"
        )

    with book(tmp_path) as store:
        done = grown(store, Says(answer), levels=1, children=1)
    assert "hides a wet lamp" in done.nodes[0].plan.synopsis


def test_a_shape_gives_the_first_level_and_its_shares(tmp_path: Path) -> None:
    with book(tmp_path) as store:
        store.plans.put(BOOK, Plan(target_words=10_001))
        shape = shapes.find("seven-points", "en")
        done = grown(store, Echo(), levels=2, children=2, shape=shape)
        words = {node.id: node.plan.target_words for node in done.nodes}
        top = [node.id for node in done.nodes if node.level == 0]
        assert len(top) == 7
        assert sum(words[id] for id in top) == 10_001
        for id in top:
            assert sum(words[node.id] for node in done.nodes if node.parent == id) == words[id]
        assert max(top, key=words.__getitem__) == top[3]


def test_what_is_there_is_kept_and_continued(tmp_path: Path) -> None:
    with book(tmp_path) as store:
        first = store.add("The storm", synopsis="A storm cuts the island off.")
        inside = store.add("The broken mast", first, synopsis="The mast of the supply boat breaks.")
        written = store.add("Already written", first, text="He sat down and wrote.")
        before = {node.id: node for node in store.nodes()}
        done = grown(store, Echo(), levels=3, children=2)
        after = {node.id: node for node in store.nodes()}
        assert {id: after[id] for id in before} == before
        assert next(node.id for node in store.nodes() if node.level == 0) == first
        assert [node for node in done.nodes if node.parent == first] == []
        assert len([node for node in done.nodes if node.parent == inside]) == 2
        assert [node for node in done.nodes if node.parent == written] == []
        assert_whole(store, "en", but=written)
        assert grown(store, Echo(), levels=3, children=2).nodes == ()


def test_an_empty_first_scene_is_no_brother(tmp_path: Path) -> None:
    with book(tmp_path) as store:
        store.add("Scene 1")
        assert len(grown(store, Echo(), levels=1).nodes) == 3


def test_a_part_grows_by_its_synopsis(tmp_path: Path) -> None:
    with book(tmp_path, premise="") as store:
        part = store.add("The storm", synopsis="A storm cuts the island off from the mainland.")
        done = grown(store, Echo(), node=part, levels=1, children=4)
        assert {node.parent for node in done.nodes} == {part}
        assert {node.level for node in done.nodes} == {1}
        assert len(done.nodes) == 4


def test_stopping_keeps_what_was_kept(tmp_path: Path) -> None:
    with book(tmp_path) as store:
        growing = outline.grow(store, Echo(), Settings(), outline.directly(store), levels=3)
        while next(growing).node is None:
            pass
        growing.close()
        assert len(store.nodes()) == 1
        grown(store, Echo(), levels=1)
        assert len(store.nodes()) == 3


def test_a_brother_that_the_author_moves_meanwhile_holds_nothing_up(tmp_path: Path) -> None:
    with book(tmp_path) as store:
        other = store.add("The storm", synopsis="A storm cuts the island off.")
        part = store.add("The letters", synopsis="Letters come to the lighthouse.")
        growing = outline.grow(store, Echo(), Settings(), outline.directly(store), node=part, levels=1, children=3)
        first = next(progress.node for progress in growing if progress.node is not None)
        store.move(first.id, other, None)
        _told, done = ended(growing)
        assert [node.parent for node in store.nodes() if node.id in {one.id for one in done.nodes}] == [
            other,
            part,
            part,
        ]


def test_a_good_synopsis_without_a_title_is_kept(tmp_path: Path) -> None:
    def answers(prompt: str, _number: int) -> str:
        is_title = prompt.rstrip().endswith("Title:")
        return "" if is_title else " climbs down at night, rows out alone and finds nobody at home."

    with book(tmp_path, premise="Mara waits for somebody who writes to her.") as store:
        (node,) = grown(store, Says(answers), levels=1, children=1).nodes
        assert node.title
        assert "rows out" in node.plan.synopsis
        assert node.plan.made_by == "says"


def test_progress_counts_up_to_the_total(tmp_path: Path) -> None:
    with book(tmp_path) as store:
        store.add("The storm", synopsis="A storm cuts the island off.")
        told, done = ended(outline.grow(store, Echo(), Settings(), outline.directly(store), levels=2))
    assert isinstance(done, Grown)
    assert [one.node for one in told if one.node] == list(done.nodes)
    assert {one.total for one in told} == {len(done.nodes)}
    assert told[-1].done == told[-1].total


def test_an_empty_premise_is_refused(tmp_path: Path) -> None:
    with book(tmp_path, premise=" \n") as store, pytest.raises(ProjectError, match="There is no premise yet"):
        grown(store, Echo())


def test_an_endless_premise_is_read_in_part_and_says_so(tmp_path: Path) -> None:
    with book(tmp_path, premise=PREMISES["en"] + " The sea rises and falls." * 5000) as store:
        done = grown(store, Echo(), levels=1)
        assert_whole(store, "en")
    assert "25,017 words; only its first" in done.notes[0]


@pytest.mark.parametrize("premise", ["word " * 20_000, "灯" * 20_000, "a" * 100_000])
def test_a_premise_without_sentences(tmp_path: Path, premise: str) -> None:
    with book(tmp_path, premise=premise) as store:
        grown(store, Echo(), levels=2, children=2)
        assert all(len(node.title) < 300 and len(node.synopsis) < 1000 for node in store.nodes())


def test_the_outline_speaks_the_language_of_the_premise(tmp_path: Path) -> None:
    with book(tmp_path, "en", PREMISES["zh"]) as store:
        done = grown(store, Echo(), levels=2, children=2)
        assert_whole(store, "zh")
    assert done.notes[0] == "The premise is in Chinese, so the outline is, too."


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"levels": 0}, "0 levels"),
        ({"levels": 7}, "7 levels"),
        ({"children": 25}, "25 children"),
        ({"beats": -1}, "-1 beats"),
        ({"levels": 6, "children": 20}, "choose fewer levels"),
        ({"node": 99}, "no scene 99"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, options: dict[str, int], message: str) -> None:
    with book(tmp_path) as store, pytest.raises(UsageError, match=message):
        grown(store, Echo(), **options)


def test_an_engine_that_fails_leaves_what_was_kept(tmp_path: Path) -> None:
    def answer(prompt: str, number: int) -> str:
        if number > 6:
            raise EngineError("It stopped.")
        return ""

    with book(tmp_path) as store:
        with pytest.raises(EngineError):
            grown(store, Says(answer), levels=1)
        assert 1 <= len(store.nodes()) < 3


@pytest.mark.parametrize("where", ["generate", "score"])
def test_a_model_that_dies_is_asked_again_and_says_the_same(tmp_path: Path, where: str) -> None:
    deaths = iter([True, True, *[False] * 30, True, *[False] * 10_000])

    class Mortal(Says):
        def generate(self, prompt: Prompt, sampling: Sampling) -> Generator[Piece, None, Usage]:
            if where == "generate" and next(deaths):
                raise DiedError("It stopped.")
            return (yield from super().generate(prompt, sampling))

        def score(self, prompt: Prompt, text: str) -> list[float]:
            if where == "score" and next(deaths):
                raise DiedError("It stopped.")
            return super().score(prompt, text)

    said = []
    for name, kind in (("whole", Says), ("mortal", Mortal)):
        (tmp_path / name).mkdir()
        with book(tmp_path / name) as store:
            grown(store, kind(lambda prompt, _number: MODELS["english"](prompt, len(prompt))), levels=1, beats=2)
            said.append([(node.title, store.plans.get(node.id)) for node in store.nodes()])
            first = store.nodes()[0].id
            ended(outline.beats(store, kind(MODELS["english"]), Settings(), first))
    assert said[0] == said[1]


def test_a_model_that_always_dies_is_told_of(tmp_path: Path) -> None:
    def answer(prompt: str, number: int) -> str:
        raise DiedError("It stopped.")

    with book(tmp_path) as store, pytest.raises(DiedError):
        grown(store, Says(answer), levels=1)


def test_an_engine_that_does_not_score_grows_all_the_same(tmp_path: Path) -> None:
    class Silent(Says):
        def score(self, prompt: object, text: str) -> list[float]:
            raise EngineError("No scores here.")

    with book(tmp_path) as store:
        assert grown(store, Silent(MODELS["english"]), levels=1).spare < 3


@pytest.mark.parametrize(
    ("language", "text", "why"),
    [
        ("en", "The boxer tells the keeper what he knows about the letters.", "example"),
        ("en", "The keeper rows to the mainland in 1987 to ask at the post office.", "figure"),
        ("en", "This story explores what grief does to a keeper.", "talk"),
        ("en", "The keeper reads the letter and the keeper reads the letter.", "loop"),
        ("en", "The keeper rows to the mainland and asks at the post office.", ""),
        ("zh", "看守人划船去找镇长，问起那封信。", "example"),
        ("zh", "看守人划船去了对岸，向邮局打听那些信。", ""),
    ],
)
def test_what_is_refused(language: str, text: str, why: str) -> None:
    assert judgement.refuses(text, language, PREMISES[language], [], []) == why


@pytest.mark.parametrize(
    ("language", "said", "title"),
    [
        ("zh", "老人从树里捡出，看这个树长了", "老人从树里捡出"),
        ("zh", "药少了，早晨长了", "药少了，早晨长了"),
        ("zh", "老人从树里捡出一个很长很长的故事给孩子们", ""),
        ("en", "The old man finds a tree, and looks at how", "The old man finds a tree"),
        ("en", "Salt, Sand, and Tree", "Salt, Sand, and Tree"),
        ("en", "The old man and the tree of the", "The old man and the tree"),
        ("en", "The Tree", "The Tree"),
        ("en", "Title: the tree that grew, grew and grew on", "The tree that grew"),
    ],
)
def test_a_title_is_a_whole_phrase(language: str, said: str, title: str) -> None:
    about = {"en": "An old man finds salt below a tree.", "zh": "老人早晨在树下吃药，捡出一封信。"}[language]
    assert titles.fitting(said, language, (), (), about) == title


def test_alternatives_are_new_and_change_nothing(tmp_path: Path) -> None:
    with book(tmp_path) as store:
        grown(store, Echo(), levels=2, children=2)
        before = store.nodes()
        node = before[1].id
        for model in MODELS.values():
            _told, ideas = ended(outline.alternatives(store, Says(model), Settings(), node, 4))
            assert isinstance(ideas, list)
            assert len({idea.title.casefold() for idea in ideas} | {one.title.casefold() for one in before}) == 4 + len(
                before
            )
            assert len({idea.synopsis for idea in ideas} | {one.synopsis for one in before}) == 4 + len(before)
        assert store.nodes() == before


def test_renewing_gives_one_idea(tmp_path: Path) -> None:
    with book(tmp_path) as store:
        grown(store, Echo(), levels=1)
        node = store.nodes()[1]
        _told, idea = ended(outline.renew(store, Echo(), Settings(), node.id, seed=3))
        assert isinstance(idea, outline.Idea)
        assert idea.synopsis != node.synopsis


def test_beats_of_a_scene(tmp_path: Path) -> None:
    with book(tmp_path) as store:
        scene = store.add("The storm", synopsis="A storm cuts the island off.")
        _told, steps = ended(outline.beats(store, Says(MODELS["english"]), Settings(), scene, 5))
    assert isinstance(steps, tuple)
    assert len(set(steps)) == 5
    assert all(ends_sentence(step) for step in steps)


def assert_whole(store: Store, language: str, but: int = 0) -> None:
    """Each node has a short title and a finished synopsis of its own, in this language."""
    nodes = [node for node in store.nodes() if node.id != but]
    assert len({node.title.casefold() for node in nodes}) == len(nodes)
    assert len({node.synopsis for node in nodes}) == len(nodes)
    for node in nodes:
        assert 0 < len(node.title) <= 100
        assert ends_sentence(node.synopsis)
        assert "\n" not in node.title + node.synopsis
        assert language_of(node.synopsis) == language
        assert language_of(node.title) == language
