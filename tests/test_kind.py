"""What a book is, and what an article has to lean on: the draft, the page and the outline agree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_cli import Shell
from writer import shapes
from writer.outline import ground
from writer.store import Store, kind
from writer.story import Plan, Project


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "古树.writer", Project("古树", "七年间少了四十一棵古树。", "zh")) as store:
        chapter = store.add("导语")
        store.add("数字", chapter)
        store.add("背景")
        store.plans.put(0, Plan(notes="全县有古树1286株。\n比2019年少41株。"))
        store.plans.put(2, Plan(notes="枯死23株。"))
        store.plans.put(3, Plan(notes="护树员周德山67岁。"))
        yield store


def test_a_book_is_a_story_until_somebody_says_otherwise(store: Store) -> None:
    assert not kind.is_article(store)
    assert kind.sources(store, 2) == ()
    assert ground.look(store).kind == "story"


def test_an_article_leans_on_the_notes_of_its_path_the_nearest_first(store: Store) -> None:
    kind.put(store, kind.ARTICLE)
    assert [(source.node, source.text) for source in kind.sources(store, 2)] == [
        (2, "枯死23株。"),
        (0, "全县有古树1286株。"),
        (0, "比2019年少41株。"),
    ]
    assert ground.look(store).kind == "article"


def test_a_shape_says_what_the_book_is(store: Store) -> None:
    kind.put_shape(store, shapes.find("特稿", "zh"))
    assert (kind.shape(store), kind.is_article(store)) == ("feature", True)
    kind.put_shape(store, shapes.find("起承转合", "zh"))
    assert (kind.shape(store), kind.is_article(store)) == ("qi-cheng-zhuan-he", False)


def test_a_shape_at_the_command_line_is_remembered(
    store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "zh_CN")
    shell, path = Shell(capsys), store.path
    store.close()
    shell.run("outline", path, "--levels", 1, "--shape", "倒金字塔", "--engine", "echo")
    with Store.reader(path) as reader:
        assert (kind.shape(reader), kind.is_article(reader)) == ("inverted-pyramid", True)
    shell.run("outline", path, "--scene", 2, "--levels", 1, "--shape", "three-acts", "--engine", "echo")
    with Store.reader(path) as reader:
        assert kind.is_article(reader)  # the shape of a part is not that of the book
