"""Outlines of articles come from the author's notes, whatever the model is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.outline.says import Says, book, ended, grown
from tests.outline.test_grow import MODELS
from writer import outline, shapes, sources
from writer.draft import material
from writer.engines.echo import Echo
from writer.errors import UsageError
from writer.outline import reported, titles
from writer.outline.resort import MADE_BY
from writer.settings import Settings
from writer.store import Store, kind
from writer.store.plans import BOOK
from writer.story import Plan
from writer.text import ends_sentence

NOTES = {
    "en": """- The harbour fees rose by 12 per cent in two years, to 2,400 euros a boat
- 14 of 31 boats were sold since 2021, says the fishermen's register
- Ines Duarte, who keeps the register: "We lost half of the harbour and nobody wrote it down."
- Background: The council voted for the new fees on 3 May 2022. Two members were against it.
- The mayor did not answer three letters
- A report on the fees is due in October""",
    "zh": """- 两年里港口停泊费涨了12%，每条船要交2400欧元
- 据渔民登记册，2021年以来31条船卖掉了14条
- 登记册管理员伊内斯：“港口少了一半，没有人记下来。”
- 背景：2022年5月3日，市议会投票通过新收费标准。两名议员反对。
- 市长没有回复三封信
- 关于收费的报告将在十月公布""",
}
PREMISES = {"en": "Why the fishing boats leave the harbour of Sele.", "zh": "为什么渔船离开了塞莱港。"}


def article(folder: Path, language: str = "en", notes: str | None = None) -> Store:
    store = book(folder, language, PREMISES[language])
    kind.put(store, kind.ARTICLE)
    store.plans.put(BOOK, Plan(notes=NOTES[language] if notes is None else notes, target_words=600))
    return store


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("levels", [1, 3])
def test_each_section_leans_on_its_notes_with_any_model(tmp_path: Path, language: str, name: str, levels: int) -> None:
    with article(tmp_path, language) as store:
        shape = shapes.find("inverted-pyramid", language)
        made = grown(store, Says(MODELS[name]), levels=levels, shape=shape, beats=2)
        nodes, plans = store.nodes(), store.plans.all()
        ground = sources.cut(NOTES[language])
        tops = [node for node in nodes if node.parent is None]
        assert len(tops) == 5
        assert len({node.title.casefold() for node in nodes}) == len(nodes)
        for node in nodes:
            told = sources.read(node.synopsis, ground)
            assert told, node
            assert all(leaning.source is not None and not leaning.flags for *_span, leaning in told), node
            assert ends_sentence(node.synopsis)
            assert len(node.title) <= titles.LONGEST[language]
            assert all(not sources.refused(beat, ground) for beat in plans[node.id].beats)
        leaves = [node for node in nodes if node.id not in {one.parent for one in nodes}]
        assert all(plans[node.id].beats for node in leaves)
        assert sum(plans[node.id].target_words for node in tops) == 600
        assert made.spare == 0
        assert (
            ended(outline.grow(store, Echo(), Settings(), outline.directly(store), levels=levels, shape=shape))[1].nodes
            == ()
        )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_a_section_says_is_what_its_draft_tells(tmp_path: Path, language: str) -> None:
    with article(tmp_path, language) as store:
        grown(store, Echo(), levels=1, children=4)
        for node in store.nodes():
            due = material.due(store, node.id)
            assert due
            assert reported.steps(due, 1)[0].startswith(node.synopsis[:12])


def test_the_steps_of_a_section_are_its_notes(tmp_path: Path) -> None:
    with article(tmp_path) as store:
        first, second = store.add("Money"), store.add("Voices")
        assert ended(outline.beats(store, Echo(), Settings(), first))[1] == reported.steps(
            material.due(store, first), 4
        )
        assert "Background" not in " ".join(ended(outline.beats(store, Echo(), Settings(), first, 2))[1])
        assert any("October" in one for one in ended(outline.beats(store, Echo(), Settings(), second))[1])


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_other_ideas_for_a_section_are_made_of_its_notes(tmp_path: Path, language: str, name: str) -> None:
    with article(tmp_path, language) as store:
        grown(store, Echo(), levels=1, children=3)
        engine = Says(MODELS[name])
        for node in store.nodes():
            ground = [source for due in material.due(store, node.id) for source in sources.cut(due)]
            _told, ideas = ended(outline.alternatives(store, engine, Settings(), node.id, 3))
            assert 2 <= len(ideas) <= 3
            assert len({idea.synopsis for idea in ideas} | {node.synopsis}) == 1 + len(ideas)
            others = {one.title for one in store.nodes() if one.id != node.id}
            assert len({idea.title for idea in ideas} | others) == len(ideas) + len(others)
            for idea in ideas:
                told = sources.read(idea.synopsis, ground)
                assert all(leaning.source is not None and not leaning.flags for *_span, leaning in told), idea
            again = ended(outline.alternatives(store, engine, Settings(), node.id, 1, seed=2))[1]
            assert again[0] != ended(outline.renew(store, engine, Settings(), node.id, seed=1))[1]
        assert not engine.asked


def test_where_the_notes_say_nothing_else_the_author_hears_it(tmp_path: Path) -> None:
    with article(tmp_path, notes="The fees rose.\nThe boats were sold.") as store:
        grown(store, Echo(), levels=1, children=2)
        with pytest.raises(UsageError, match="write more of them"):
            ended(outline.renew(store, Echo(), Settings(), store.nodes()[0].id))


def test_who_is_in_a_section_is_whom_its_notes_name(tmp_path: Path) -> None:
    with article(tmp_path) as store:
        grown(store, Echo(), levels=1, children=6)
        cast = {node.title: store.plans.get(node.id).cast for node in store.nodes()}
        assert cast["Ines Duarte"] == ("Ines Duarte",)
        assert cast["The harbour fees rose"] == ()


def test_titles_are_plain(tmp_path: Path) -> None:
    titles = {}
    for language in ("en", "zh"):
        (tmp_path / language).mkdir()
        with article(tmp_path / language, language) as store:
            grown(store, Echo(), levels=1, children=6)
            titles[language] = [node.title for node in store.nodes()]
    assert titles["en"] == [
        "The harbour fees rose",
        "14 of 31 boats were sold",
        "Ines Duarte",
        "Background",
        "The mayor did not answer three letters",
        "A report on the fees is due",
    ]
    assert titles["zh"] == [
        "两年里港口停泊费涨了12%",
        "登记册",
        "登记册管理员伊内斯",
        "背景",
        "市长没有回复三封信",
        "关于收费的报告将在十月公布",
    ]


def test_notes_of_a_section_come_before_its_share_of_the_others(tmp_path: Path) -> None:
    with article(tmp_path) as store:
        section = store.add("Voices", synopsis="Those concerned are heard.")
        store.plans.put(
            section, Plan("Those concerned are heard.", notes="A skipper sold his boat.\nA cook moved away.")
        )
        grown(store, Echo(), node=section, levels=1, children=3)
        below = [node for node in store.nodes() if node.parent == section]
        assert below[0].synopsis.startswith("A skipper sold his boat.")
        assert len(below) == 3


@pytest.mark.parametrize(
    "notes", ["One line only", "word " * 3000, "Same.\nSame.\nSame.", "1. 2. 3.\n\n***\n- x", "，，，\n。"]
)
def test_odd_notes_make_a_whole_outline(tmp_path: Path, notes: str) -> None:
    with article(tmp_path, notes=notes) as store:
        grown(store, Says(MODELS["english"]), levels=2)
        nodes = store.nodes()
        assert nodes
        assert len({node.title.casefold() for node in nodes}) == len(nodes)
        assert all(node.title.strip() and node.synopsis.strip() for node in nodes)


def test_without_notes_or_for_a_story_the_model_is_asked(tmp_path: Path) -> None:
    with book(tmp_path) as store:
        store.plans.put(BOOK, Plan(notes=NOTES["en"]))
        engine = Says(MODELS["english"])
        grown(store, engine, levels=1)
        assert engine.asked
        assert {store.plans.get(node.id).made_by for node in store.nodes()} != {MADE_BY}


def test_fewer_sections_than_wanted_are_told_of(tmp_path: Path) -> None:
    with article(tmp_path, notes="The fees rose.\nThe boats were sold.") as store:
        made = grown(store, Echo(), levels=1, children=5)
        assert len(made.nodes) == 2
        assert "your notes" in made.notes[0]
